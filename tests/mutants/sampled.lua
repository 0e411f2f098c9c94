-- sampled.lua: random faults of one token each in the Lua and C files of the tables below, with the specs that concern each
-- file. MUTATE_COUNT faults (300) drawn by MUTATE_SEED (1); a fault is killed when one of its catchers notices it. The
-- same numbers give the same faults as long as the sources are the same.

local native = require "limn.native"
local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local tree = dofile(here .. "/tree.lua")
local root = here .. "/../.."

-- Folder or file -> what notices a fault in it, the quickest first; the first entry that fits a path counts.
local CONCERNS = {
  { "lua/limn/theory.lua", "theory_spec", "equations_toy_spec", "laws_spec", "misuse_spec" },
  { "lua/limn/contrib.lua", "scales_spec", "features_spec", "equations_toy_spec", "misuse_spec" },
  { "lua/limn/features.lua", "features_spec", "misuse_spec" },
  { "lua/limn/regress.lua", "scales_spec", "regress_spec", "ridge_spec", "norms_spec", "rules_spec", "misuse_spec" },
  { "lua/limn/kernel.lua", "kernel_spec", "kernel_nets_spec", "precision_spec", "equations_nets_spec" },
  { "lua/limn/maps.lua", "maps_spec" },
  { "lua/limn/programs.lua", "programs_spec" },
  { "lua/limn/rng.lua", "rng_spec", "rng_distributions_spec", "seeds_spec" },
  { "lua/limn/stats.lua", "stats_spec", "equations_stats_spec" },
  { "lua/limn/data", "data_spec", "csv_spec", "sampling_spec" },
  { "lua/limn/base/csv.lua", "csv_spec", "data_spec" },
  { "lua/limn/base/separators.lua", "csv_spec" },
  { "lua/limn/base", "misuse_spec", "surplus_spec", "files_spec", "results_spec", "paths_spec", "habits_spec" },
  { "lua/limn/table", "results_spec", "results_files_spec", "rules_spec" },
  { "lua/limn/claims", "claims_spec", "verdicts_spec", "ledger_by_hand_spec" },
  { "lua/limn/mlp/posterior.lua", "mlp_functions_spec", "mlp_rules_spec" },
  { "lua/limn/mlp", "mlp_spec", "mlp_training_spec", "mlp_rules_spec", "mlp_misuse_spec", "mlp_general_spec", "mlp_state_spec" },
  { "lua/limn/plot", "plot_spec", "plot_drawn_spec", "plot_extremes_spec", "plot_hostile_spec", "plot_latex_spec" },
  { "lua/limn/experiment/contents.lua", "store_spec", "hostile_store_spec", "experiment_spec" },
  { "lua/limn/experiment/merge.lua", "merge_spec" },
  { "lua/limn/experiment/key.lua", "key_spec", "inputs_spec" },
  { "lua/limn/experiment/failures.lua", "failures_spec" },
  { "lua/limn/experiment", "sweep_spec", "experiment_spec", "store_spec", "parameters_spec", "progress_spec", "several_spec",
    "failures_spec", "key_spec" },
  { "src/num/theory", "theory_spec", "equations_toy_spec", "laws_spec" },
  { "src/num/features", "features_spec", "scales_spec", "digest_spec" },
  { "src/num/regress", "scales_spec", "regress_spec", "ridge_spec", "norms_spec", "rules_spec", "test_regress", "test_rules" },
  { "src/num/random", "rng_spec", "rng_distributions_spec" },
  { "src/num/stats", "stats_spec", "equations_stats_spec" },
  { "src/num/io", "files_spec", "hostile_files_spec" },
  { "src/sys", "files_spec", "store_spec", "sweep_spec" },
}

-- Token -> what replaces it.
local SWAPS = { ["<"] = "<=", ["<="] = "<", [">"] = ">=", [">="] = ">", ["=="] = "~=", ["~="] = "==", ["!="] = "==", ["+"] = "-",
  ["-"] = "+", ["*"] = "/", ["/"] = "*", ["//"] = "/", ["&&"] = "||", ["||"] = "&&", ["and"] = "or", ["or"] = "and",
  ["true"] = "false", ["false"] = "true", ["min"] = "max", ["max"] = "min", ["fmin"] = "fmax", ["fmax"] = "fmin",
  ["floor"] = "ceil", ["ceil"] = "floor", ["not"] = "", ["sqrt"] = "fabs", ["break"] = "do end", ["exp"] = "log" }

-- The text with comments and strings as blanks of the same length, so that places are kept.
local function bare(text, lua)
  local out, at = {}, 1
  local openers = lua and "[\"'%[-]" or "[\"'/#]"
  while true do
    local from = text:find(openers, at)
    if not from then break end
    local rest, stop = text:sub(from, from + 1), nil
    local c = rest:sub(1, 1)
    if c == '"' or c == "'" then
      stop = from
      repeat stop = text:find("[\\" .. c .. "\n]", stop + 1) or #text
        local escape = text:sub(stop, stop) == "\\"
        if escape then stop = stop + 1 end
      until not escape
    elseif lua and (rest == "[[" or rest == "[=") then stop = select(2, text:find("^%[(=*)%[.-%]%1%]", from))
    elseif lua and rest == "--" then
      stop = select(2, text:find("^%-%-%[(=*)%[.-%]%1%]", from)) or (text:find("\n", from, true) or #text + 1) - 1
    elseif rest == "/*" then stop = select(2, text:find("*/", from + 2, true)) or #text
    elseif rest == "//" or c == "#" then stop = (text:find("[^\\]\n", from) or #text) end
    out[#out + 1] = text:sub(at, from - 1)
    out[#out + 1] = stop and text:sub(from, stop):gsub("[^\n]", " ") or c
    at = (stop or from) + 1
  end
  out[#out + 1] = text:sub(at)
  return table.concat(out)
end

-- The places of tokens that can be replaced: { first, last, replacement }.
local function places(text, lua)
  local clean, out, at = bare(text, lua), {}, 1
  while true do
    local first, last = clean:find("[%a_][%w_]*", at)
    local sign, to = clean:find("[<>=~!+*/&|-]+", at)
    local number, upto = clean:find("%f[%w_.]%d+%f[^%w_.]", at)
    local least = math.min(first or math.huge, sign or math.huge, number or math.huge)
    if least == math.huge then return out end
    local stop = least == first and last or least == sign and to or upto
    local word = clean:sub(least, stop)
    local swap = SWAPS[word] or least == number and tostring(math.tointeger(word) + 1) or nil
    local pointer = not lua and (word == "*" and not clean:find("^ ", stop + 1) or clean:sub(stop + 1, stop + 1) == ">")
    if word == "-" and not clean:find("^ ", stop + 1) then swap = "" end -- a sign
    if swap and not pointer then out[#out + 1] = { least, stop, swap } end
    at = stop + 1
  end
end

-- The least piece of whole lines around a place that occurs once in the text: first, last.
local function unique(text, first, last)
  local from, to = first, last
  repeat
    local before = text:sub(1, from - 1):match "()[^\n]*$"
    local after = text:find("\n", to + 1, true)
    from, to = math.max(1, before == from and before - 1 or before), after and after - 1 or #text
    local piece = text:sub(from, to)
    local one = text:find(piece, 1, true)
    if one == from and not text:find(piece, one + 1, true) then return from, to end
    from = math.max(1, from - 1)
  until from == 1
end

local function catchers_of(path)
  for _, row in ipairs(CONCERNS) do
    if path:sub(1, #row[1]) == row[1] then
      local out = {}
      for i = 2, #row do out[i - 1] = row[i]:find "^test_" and { test = row[i] } or { spec = row[i] } end
      return out
    end
  end
end

return function()
  local seed, drawn = os.getenv "MUTATE_SEED" or "1", 0
  local function draw(most)
    drawn = drawn + 1
    return math.tointeger(tonumber(native.posix.hash(seed .. " " .. drawn):sub(1, 12), 16)) % most + 1
  end
  local count, all, out, seen = math.tointeger(os.getenv "MUTATE_COUNT" or 300), {}, {}, {}
  for path in tree.output(("cd %s && ls -d lua/limn/*.lua lua/limn/*/*.lua src/num/*/*.c src/num/*/*/*.c src/sys/*.c"):format(
    tree.quote(root))):gmatch "[^\n]+" do
    local catchers = catchers_of(path)
    if catchers then
      local text = tree.read(root .. "/" .. path)
      for _, place in ipairs(places(text, path:find "%.lua$" ~= nil)) do
        all[#all + 1] = { path = path, text = text, place = place, catchers = catchers }
      end
    end
  end
  while #out < count and #out < #all do
    local k = draw(#all)
    local one = all[k]
    local first, last, swap = table.unpack(one.place)
    local from, to = unique(one.text, first, last)
    if not seen[k] and from then
      seen[k] = true
      local line = select(2, one.text:sub(1, first):gsub("\n", "\n")) + 1
      local piece = one.text:sub(from, to)
      out[#out + 1] = { name = "sampled_" .. native.posix.hash(one.path .. first .. swap):sub(1, 8), file = one.path, any = true,
        what = ("line %d: %s -> %s"):format(line, one.text:sub(first, last), swap == "" and "nothing" or swap),
        from = piece, to = one.text:sub(from, first - 1) .. swap .. one.text:sub(last + 1, to), caught_by = one.catchers }
    end
  end
  return out
end
