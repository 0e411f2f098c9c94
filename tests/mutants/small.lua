-- small.lua: sizes at which a script takes some seconds and the rows of its ledger that faults name agree. A script whose
-- ledger is a large family is restricted to the part that has the row: each row is then tested at a lower level.

local SIZES = {
  complexity_vs_data = "--random 16384 --grid D=2:32:log2/2 --reps 16",
  ladder = "--grid rule=1,2,6 --grid C=3,5 --reps 8 --entries 65536",
  weights = "--grid random=1024,4096 --grid D=4,32 --reps 20",
  votes = "--grid D=16,64 --grid power=0,0.5 --grid imbalance=0.75 --random 2048 --perfect 8 --reps 16 --new 16",
  random_start = "--grid D=16 --grid random=2048 --new 256 --reps 24",
  optimisers = "--grid rule=1,2,3 --grid loss=1 --grid D=32 --steps 300 --reps 12",
  ["init_scales/he"] = "--grid init=1 --grid activation=1 --grid width=64 --reps 16 --entries 524288",
  ["init_scales/uniform"] = "--grid init=4 --grid activation=1 --grid width=64 --reps 32 --entries 65536",
  ["kernel_shares/standard"] = "--grid law=1 --grid depth=2 --grid width=16,64 --reps 24 --entries 65536 --widest 16",
  ["kernel_shares/ntk"] = "--grid law=3 --grid depth=3 --grid width=64 --reps 24 --entries 65536 --widest 16",
  ["which_limit/one"] = "--grid scheme=1 --grid depth=1 --grid width=64:1024:log2 --reps 40",
  ["feature_movement/standard"] = "--grid param=1 --grid depth=2 --grid width=64,128,256 --reps 48 --widest 32",
  ["feature_movement/mup"] = "--grid param=4 --grid depth=1 --grid width=64,128,256 --reps 48 --widest 256",
  ["feature_movement/meanfield"] = "--grid param=3 --grid depth=1 --grid width=64,128,256 --reps 48 --widest 32",
  ["generalisation_maps/none"] = "--grid width=64:1024:log2 --grid set=4 --grid start=none --reps 24 --seeds 24 --n 8",
  ["generalisation_maps/random"] = "--grid width=256 --grid set=4 --grid start=random --reps 64 --seeds 24 --n 8 --steps 4000",
  sharp_tasks = "--grid task=1 --grid D=64 --reps 12 --width 64 --neurons 256 --steps 3000",
  sharpness = "",
  solomonoff = "--grid target=5,9,13,18 --grid D=16,32 --reps 12 --bits 26",
  ["neuron_complexity/one"] = "--grid inputs=3 --grid layer=1 --grid width=0 --reps 12 --samples 65536",
  ["neuron_complexity/two"] = "--grid inputs=3 --grid layer=2 --grid width=0 --reps 12 --samples 65536",
  simplicity_bias = "--grid inputs=3 --grid layer=2 --grid width=32 --reps 12 --samples 65536 --bits 30",
  comparison = "--grid task=5 --reps 12 --width 64 --steps 2000 --bits 26",
}

-- The catcher of rows (by key) of a script at one of its sizes: rows("votes", "exact", "sum").
local function rows(size, ...)
  local args = SIZES[size]
  if not args then error(("small.lua has no size %q"):format(size), 2) end
  return { script = size:match "^[^/]+", args = args, rows = { ... } }
end

-- The same where the fault takes the row's verdict away: all replicates are equal.
local function undecided(...)
  local c = rows(...)
  c.becomes = "undecided"
  return c
end

return { sizes = SIZES, rows = rows, undecided = undecided }
