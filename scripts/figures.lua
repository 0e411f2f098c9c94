-- figures.lua: the small figures of scripts/README.md: each script at a small size, drawn as a PNG of at most 256 colours.
--   limn scripts/figures.lua [--out DIRECTORY] [SCRIPT...]      default: all scripts, into scripts/figures
-- gnuplot draws with many colours, reads the image again and writes it with a palette; the file is a third as large.
-- Cost: five minutes on an idle machine, up to one per script.
local limn = require "limn"

local HERE = arg[0]:match "^(.*)/[^/]*$" or "."
local DPI = 80 -- a figure of 7.2 inches is 576 pixels wide

-- SCRIPT, what its run gets in place of the declared size; figure: which of the script's figures; dpi; levels: of reduce.
local SCRIPTS = {
  { "complexity_vs_data", reps = 3, params = { random = 16384 }, grid = { D = "2:256:log2" } },
  { "ladder", reps = 2, params = { entries = 1 << 16 }, grid = { C = { 2, 3, 4 }, rule = { 1, 2, 5, 7, 8 } } },
  { "solomonoff", reps = 12, params = { bits = 24 }, grid = { target = { 1, 5, 9, 13, 18 }, D = { 2, 4, 8, 16, 32, 63 } } },
  { "weights", reps = 4, grid = { D = { 8, 32, 128 }, random = { 1024, 4096 } } },
  { "optimisers", reps = 3, params = { random = 1024, steps = 300 }, grid = { D = { 16, 32, 64 } } },
  { "votes", reps = 8, params = { random = 1024, perfect = 8, new = 16 }, grid = { D = { 8, 32, 128 }, power = { 0, 0.5, 1 } } },
  { "random_start", reps = 4, params = { new = 64 }, grid = { D = { 16, 32, 64, 128 }, random = { 512, 2048 } } },
  { "neuron_complexity", reps = 4, params = { samples = 16384 } },
  { "simplicity_bias", reps = 4, params = { samples = 16384 }, grid = { inputs = { 3 } } },
  { "neurons_vote", reps = 6, params = { neurons = 32768, width = 128 } },
  { "neurons_trained", reps = 4, grid = { width = { 64, 128, 256 } } },
  { "occam", reps = 4, params = { samples = 200000, nets = 256 } },
  { "init_scales", reps = 2, params = { entries = 1 << 15 }, grid = { width = { 16, 64, 128 } } },
  { "kernel_shares", reps = 4, params = { widest = 256, entries = 1 << 14 }, grid = { depth = "1:2", width = { 16, 64, 128, 256 } } },
  { "feature_movement", reps = 3, params = { widest = 256 }, grid = { depth = "1:2", width = { 16, 32, 64, 128, 256, 512 } } },
  { "which_limit", reps = 3, params = { widest = 256 }, grid = { depth = "1:3", width = { 64, 128, 256 } } },
  { "generalisation_maps", reps = 1, params = { seeds = 4, n = 8, steps = 1000 },
    grid = { set = { 4 }, start = { "none" }, width = { 4, 32, 256 } }, figure = 2, levels = 8 },
  { "sharpness" },
  { "sharp_tasks", reps = 4, params = { wide_width = 128, width = 64, neurons = 256, steps = 1500 },
    grid = { task = "1:6", D = { 64, 128, 256 } } },
  { "comparison", reps = 6, params = { width = 256, steps = 4000 }, grid = { task = "1:6" } },
  { "rate_transfer", reps = 6, grid = { width = { 32, 64, 128, 256 } } },
  { "lazy_to_rich", reps = 6 },
  { "parities", reps = 6, grid = { d = { 16, 32, 64 } } },
  { "grokking", reps = 2 },
  { "learning_curves", reps = 4, params = { width = 256 }, grid = { place = "1:3", depth = { 1, 2 }, D = { 16, 32, 64, 128, 256 } } },
  { "splines", reps = 3, params = { width = 256 } },
  { "learning_coefficient", reps = 2, params = { samples = 300 }, grid = { case = "1:6" } },
  { "sequences", reps = 1, params = { bits = 24 } },
  { "gallery", dpi = 44, levels = 7 },
  { "tutorial", dpi = 130 },
}

local function quoted(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

-- Writes a PNG again, with a palette. levels: of each of red, green and blue; fewer where
-- many of their combinations occur, since a palette has 256 colours.
local function reduce(from, to, levels)
  local file = assert(io.open(from, "rb"))
  local width, height = string.unpack(">I4I4", file:read(24), 17)
  file:close()
  local commands = ("set terminal png size %d,%d; unset border; unset tics; set lmargin at screen 0; set rmargin at screen 1; "
    .. "set bmargin at screen 0; set tmargin at screen 1; set xrange [-0.5:%.1f]; set yrange [-0.5:%.1f]; "
    .. "k = 255.0/%d; f(v) = floor(v/k + 0.5)*k; plot '%s' binary filetype=png using (f($1)):(f($2)):(f($3)) with rgbimage notitle")
    :format(width, height, width - 0.5, height - 0.5, (levels or 12) - 1, from)
  assert(os.execute(("gnuplot -d -e %s >%s"):format(quoted(commands), quoted(to))), "gnuplot failed")
end

-- The figures that f() creates, at a resolution; what f prints is dropped.
local function figures_of(f, dpi)
  local new, said, made = limn.plot.figure, print, {}
  limn.plot.figure = function(options)
    local copy = { dpi = dpi }
    for key, value in pairs(options) do copy[key] = value end
    made[#made + 1] = new(copy)
    return made[#made]
  end
  print = function() end -- luacheck: ignore
  local ok, why = pcall(f)
  limn.plot.figure, print = new, said -- luacheck: ignore
  return assert(ok and made, why)
end

-- Runs a script: an experiment is run and drawn, a document or the gallery draws by itself. folder: of other files.
local function run(s, folder)
  local arguments = arg
  arg = { [0] = arg[0], "--out", folder, "gp" } -- luacheck: ignore
  local e = assert(loadfile(("%s/%s.lua"):format(HERE, s[1])))()
  arg = arguments -- luacheck: ignore
  if not e then return end
  local results, failed = e:run { workers = 0, reps = s.reps, params = s.params, grid = s.grid, check = false }
  assert(failed == 0, "cells failed")
  e.plot(results, folder)
end

local out, names, i = HERE .. "/figures", {}, 1
while arg[i] do
  if arg[i] == "--out" then
    out, i = assert(arg[i + 1], "--out: no directory"), i + 1
  elseif arg[i]:find "^%-" then
    print "limn scripts/figures.lua [--out DIRECTORY] [SCRIPT...]: draws the small figures of scripts/README.md"
    os.exit(arg[i] == "--help")
  else names[arg[i]] = true end
  i = i + 1
end
local all, folder = not next(names), os.tmpname()
os.remove(folder)
assert(os.execute(("mkdir -p %s %s"):format(quoted(out), folder)))
for _, s in ipairs(SCRIPTS) do
  local name = s[1]
  if all or names[name] then
    local made = figures_of(function() run(s, folder) end, s.dpi or DPI)
    local large, small = ("%s/%s.png"):format(folder, name), ("%s/%s.png"):format(out, name)
    assert(made[s.figure or 1]:save(large))
    reduce(large, small, s.levels)
    print("wrote " .. small)
    names[name] = nil
  end
end
os.execute("rm -r " .. folder)
if next(names) then error("no figure of the script " .. next(names), 0) end
