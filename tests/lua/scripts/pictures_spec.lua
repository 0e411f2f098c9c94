-- slow: 5 s
-- pictures_spec.lua: the figures of the scripts that are no experiments, the gallery and the tutorial, as a reader sees
-- them. The figures of the experiments are checked where those run; see run.well_drawn in support/script_run.lua.
local lu = require "luaunit"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local run = dofile(here .. "/../support/script_run.lua")
local picture = dofile(here .. "/../support/picture.lua")
local testing = dofile(here .. "/../support/testing.lua")
local limn = require "limn"

local dir = testing.temp_dir()

-- The figures of a script that draws by itself.
local function figures_of(name, ...)
  local arguments, given = arg, { [0] = arg[0], "--out", dir, ... }
  local made = run.figures_of(function()
    run.with(_G, "arg", given, function() assert(loadfile(here .. "/../../../scripts/" .. name .. ".lua"))(table.unpack(given)) end)
  end)
  lu.assertEquals(arg, arguments)
  return made
end

TestPictures = {} -- luacheck: ignore

function TestPictures:test_gallery_as_one_page()
  local made = figures_of("gallery", "svg")
  lu.assertEquals(#made, 1)
  run.well_drawn(made[1])
end

function TestPictures:test_every_plot_of_the_gallery()
  local made = figures_of("gallery", "--each")
  lu.assertTrue(#made > 20)
  for i = 2, #made do run.well_drawn(made[i]) end -- the first is the page, which is empty
end

function TestPictures:test_tutorial()
  local made = figures_of "tutorial"
  lu.assertEquals(#made, 2)
  for _, fig in ipairs(made) do run.well_drawn(fig) end
end

-- ---- the check itself ----------------------------------------------------------------------------------

local function faults(fig)
  local path = dir .. "/f.svg"
  fig.quiet = true
  assert(fig:save(path))
  return table.concat(picture.faults(fig, testing.read(path)), "; ")
end

function TestPictures:test_faults_are_found()
  local function figure(options)
    return limn.plot.figure(options):line { y = { 1, 2, 3 }, label = "a" }
  end
  lu.assertEquals(faults(figure {}), "")
  lu.assertStrContains(faults(figure():text { x = 2, y = 2, text = "one" }:text { x = 2, y = 2, text = "two" }), "'one' overlaps 'two'")
  lu.assertStrContains(faults(figure { width = 12, fontsize = 7 }), "pt in print")
  lu.assertStrContains(faults(figure():line { y = { 2, 2, 2 } }), "a line has no key")
  local two = limn.plot.figure { cols = 2 }
  for i = 1, 2 do
    local panel = two:panel(1, i, { legend = i == 2 and "none" or nil })
    panel:points { y = { 1, 1, 2 }, label = "a", mark = "circle" }
    panel:points { y = { 2, 2, 3 }, label = "b", mark = "square" }
  end
  lu.assertStrContains(faults(two), "panel 2: a points has no key") -- the key of another panel does not count
  lu.assertStrContains(faults(figure():line { y = { 2, 2, 2 }, label = "b", mark = "circle" }),
    "differs from another series in colour only")
  lu.assertStrContains(faults(figure():line { y = { 2, 2, 2 }, label = "b", color = "#f5f5f5" }), "is too faint")
  local bars = limn.plot.figure():bars { y = { 1, 2 }, label = "a" }:bars { y = { 2, 1 }, label = "b" }
  lu.assertEquals(faults(bars), "")
  run.with(require "limn.plot.style", "hatches", {}, function()
    lu.assertStrContains(faults(bars), "'b' differs from another series in colour only")
  end)
end

local code = lu.LuaUnit.run()
os.execute("rm -rf " .. dir)
os.exit(code)
