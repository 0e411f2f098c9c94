-- paths_spec.lua: paths must be non-empty strings without zero bytes. Numbers are errors: Lua would convert them to
-- text, and -5 would become a file "-5".

local lu = require "luaunit"
local limn = require "limn"
local native = require "limn.native"

local testing = dofile(debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$" .. "/../support/testing.lua")

TestPaths = {}

local scratch = testing.temp_dir()
local here = os.getenv "PWD"

local net = limn.mlp.new { sizes = { 1, 2, 1 } }
local sweep = limn.experiment { name = "paths", run = false, params = { n = 1 }, measure = function() return { v = 1 } end }
local results = sweep:run { workers = 0 }
local figure = limn.plot.figure { quiet = true }:line { y = { 1, 2 } }
local vector = limn.array { 1, 2 }
local there = "tests/data/npy/le_f8.npy"

-- Every public function that takes a path, under the name and the argument that its message gives.
local public = {
  ["load: path"] = limn.load,
  ["save: path"] = function(p) return limn.save(p, vector) end,
  ["csv: path"] = limn.data.csv,
  ["npy: x_path"] = function(p) return limn.data.npy(p, there) end,
  ["npy: y_path"] = function(p) return limn.data.npy(there, p) end,
  ["idx: images"] = function(p) return limn.data.idx(p, there) end,
  ["idx: labels"] = function(p) return limn.data.idx(there, p) end,
  ["mlp.load: path"] = limn.mlp.load,
  ["net:save: path"] = function(p) return net:save(p) end,
  ["results:save: path"] = function(p) return results:save(p) end,
  ["figure:save: path"] = function(p) return figure:save(p) end,
}

-- Likewise of the functions in C, which Lua code calls.
local private = {
  ["load: path"] = native.files.npy_load,
  ["files.put: path"] = function(p) return native.files.put(p, "text") end,
  ["mlp.load: path"] = native.mlp.load,
  ["net:save: path"] = function(p) return native.mlp.save(net.handle, p) end,
  ["folder.list: path"] = native.folder.list,
  ["posix.hash_file: path"] = native.posix.hash_file,
  ["posix.mkdir: path"] = native.posix.mkdir,
  ["posix.real: path"] = native.posix.real,
  ["sqlite.open: path"] = native.sqlite.open,
  ["sqlite.lock: path"] = native.sqlite.lock,
  ["sqlite.sync: path"] = native.sqlite.sync,
  ["sqlite.shared: folder"] = native.sqlite.shared,
}

local function refuses(functions)
  for name, f in pairs(functions) do
    testing.fails_here(name .. " must be a string, got -5", f, -5)
    testing.fails_here(name .. " must be a string, got 1.5", f, 1.5)
    testing.fails_here(name .. " must be a string, got true", f, true)
    testing.fails_here(name .. " must be a string, got table", f, {})
    testing.fails_here(name .. " must be a string, got limn.array", f, vector)
    testing.fails_here(name .. " must not be empty", f, "")
    testing.fails_here(name .. " must not contain a zero byte", f, "a\0b.npy")
    testing.fails(name .. " must be a string, got n", f, nil) -- nil, or no value
  end
end

function TestPaths.testPublicFunctions() refuses(public) end
function TestPaths.testFunctionsInC() refuses(private) end

function TestPaths.testStores()
  testing.fails_here("experiment:run: store must be a string, got -5", sweep.run, sweep, { workers = 0, store = -5 })
  testing.fails_here("experiment:run: store must not be empty", sweep.run, sweep, { workers = 0, store = "" })
  testing.fails_here("experiment:run: store must not contain a zero byte", sweep.run, sweep, { workers = 0, store = "a\0b" })
end

function TestPaths.testLiveFigures()
  for _, bad in ipairs { -5, true } do
    testing.fails_here("plot.live: path must be a string, got " .. tostring(bad), limn.plot.live, { path = bad })
  end
  testing.fails_here("plot.live: path must not be empty", limn.plot.live, { path = "" })
  testing.fails_here("plot.live: path must not contain a zero byte", limn.plot.live, { path = "a\0b" })
end

function TestPaths.testProgramsAreStartedInAFolder()
  for _, bad in ipairs { -5, "", "a\0b", true } do
    testing.fails_here("process.run: folder must ", native.process.run, { "true" }, {}, 10, bad)
  end
  lu.assertEquals((native.process.run({ "true" }, {}, 10, scratch)), 0)
end

function TestPaths.testTheCommandLineSaysSo()
  local script = testing.write(scratch .. "/e.lua", [[return require "limn".experiment { name = "e", params = { n = 1 },
    measure = function() return { v = 1 } end }]])
  for _, option in ipairs { "store", "out" } do
    local text, code = testing.run(("cd %s && %s %s --quiet --%s= 2>&1"):format(scratch, testing.program, script, option))
    lu.assertStrContains(text, ("--%s must name a "):format(option))
    lu.assertEquals(code, 2)
  end
end

function TestPaths.testNoFileIsNamedByANumber()
  for _, name in ipairs { "-5", "1.5", "true" } do lu.assertFalse(testing.exists(here .. "/" .. name), name) end
end

local code = lu.LuaUnit.run()
os.execute("rm -rf " .. scratch)
os.exit(code)
