-- kinds_spec.lua: the handling of an error depends on its kind, not on its text. An error of user code with the text of
-- an interrupt, or a table, makes its cell fail, is printed unchanged, and passes unchanged through callbacks.

local lu = require "luaunit"
local limn = require "limn"
local native = require "limn.native"
local check = require "limn.base.check"

local testing = dofile(debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$" .. "/../support/testing.lua")

TestKinds = {}

local scratch = testing.temp_dir()
local WORDS = "download interrupted by peer"

-- Runs three cells, of which the second raises `value`.
local function sweep(workers, value, interrupt)
  local e = limn.experiment { name = "kinds", run = false, params = { n = 1 }, grid = { n = { 1, 2, 3 } },
    measure = function(point)
      if point.n == 2 then error(value, 0) end
      return { v = point.n }
    end }
  return e:run { workers = workers, interrupt = interrupt }
end

local function fails_one_cell(value)
  for _, workers in ipairs { 0, 2 } do
    local results, failed, stopped, kind = sweep(workers, value)
    lu.assertEquals({ #results, failed, stopped, kind }, { 2, 1 })
  end
end

function TestKinds.testWordsOfAUserFailOneCell()
  for _, text in ipairs { WORDS, "interrupted!", "stopped at its time limit", "malformed", "I/O error", "usage" } do
    fails_one_cell(text)
  end
end

function TestKinds.testValuesOfAUserFailOneCell()
  fails_one_cell { kind = "interrupted", text = "interrupted!" }
  fails_one_cell(setmetatable({ kind = "interrupted" }, { __tostring = function() return WORDS end }))
  fails_one_cell(setmetatable({ kind = "interrupted" }, { __name = "interrupted" }))
  fails_one_cell(7)
end

-- An interrupt inside a measurement stops the sweep, in a worker as in the process itself; its cell has not failed.
function TestKinds.testInterruptsStop()
  for _, workers in ipairs { 0, 2 } do
    local _, failed, stopped, kind = sweep(workers, native.error("interrupted", "interrupted!"), "return")
    lu.assertEquals({ failed, stopped, kind }, { 0, "interrupted", "interrupted" })
    local fine, e = pcall(sweep, workers, native.error("interrupted", "interrupted!"))
    lu.assertFalse(fine)
    lu.assertEquals(check.kind(e), "interrupted")
    if workers == 0 then lu.assertEquals(e.results:column("n"):totable(), { 1 }) end
  end
end

function TestKinds.testScriptsEndByKind()
  local script = testing.write(scratch .. "/words.lua", ([[
    return require "limn".experiment { name = "words", params = { n = 1 }, grid = { n = { 1, 2 } },
      measure = function(p) if p.n == 2 then error(%q) end return { v = 1 } end }]]):format(WORDS))
  for _, workers in ipairs { 0, 2 } do
    local text, code = testing.run(("cd %s && %s %s --fresh --workers %d 2>&1"):format(scratch, testing.program, script, workers))
    lu.assertEquals(code, 1, text)
    lu.assertStrContains(text, "failed  n=2, rep=1: " .. script)
    lu.assertStrContains(text, WORDS)
    lu.assertStrContains(text, "1 of 2 cells failed")
  end
end

function TestKinds.testThePromptPrintsAUsersError()
  local function prompt(line)
    return (testing.run(("printf '%%s\\n' %s | %s -i 2>&1"):format("'" .. line .. "'", testing.program)))
  end
  lu.assertStrContains(prompt(("error(%q)"):format(WORDS)), WORDS)
  lu.assertNotStrContains(prompt(("error(%q)"):format(WORDS)), "interrupted!")
  lu.assertStrContains(prompt [[error(setmetatable({}, {__tostring = function() return "my own interrupted" end}))]],
    "my own interrupted")
  lu.assertStrContains(prompt [[error({kind = "interrupted"})]], "(error object is a table value)")
end

function TestKinds.testCallbacksOfTrainingRaise()
  local X, y = limn.data.xor()
  for _, value in ipairs { WORDS, "interrupted!", { kind = "interrupted", text = "interrupted!" } } do
    local net = limn.mlp.new { sizes = { 2, 4, 1 } }
    local ok, raised = pcall(net.train, net, X, y, { steps = 10, every = 2, rate = 0.1, on = function() error(value, 0) end })
    lu.assertFalse(ok)
    lu.assertTrue(rawequal(raised, value))
  end
end

-- ---- stores ----------------------------------------------------------------------------------------------

local function toy(store, more)
  local e = limn.experiment { name = "kinds", run = false, params = { n = 1 }, grid = { n = { 1, 2, 3 } },
    measure = function(point) return { v = ("x"):rep(100), n2 = point.n } end }
  local o = { workers = 0, store = store }
  for k, v in pairs(more or {}) do o[k] = v end
  return e:run(o)
end

function TestKinds.testADamagedStoreSaysSo()
  local path = scratch .. "/damaged.db"
  lu.assertEquals(#toy(path), 3)
  local bytes = testing.read(path)
  testing.write(path, bytes:sub(1, 100) .. ("\xff"):rep(#bytes - 100))
  local rows, _, why, kind = toy(path)
  lu.assertNil(rows)
  lu.assertEquals(kind, "damaged", why)
  testing.write(path, "this is no database, and long enough to be one: " .. ("x"):rep(2000))
  rows, _, why, kind = toy(path)
  lu.assertNil(rows)
  lu.assertEquals(kind, "damaged", why)
end

-- The name of a file has the words of SQLite's messages: it is no damage.
function TestKinds.testNamesOfFilesMeanNothing()
  local path = scratch .. "/malformed, not a database, I_O error.db"
  os.execute(("mkdir -p '%s/malformed'"):format(scratch))
  local rows, _, why, kind = toy(scratch .. "/malformed") -- a folder
  lu.assertNil(rows)
  lu.assertNil(kind, why)
  lu.assertNotStrContains(why, "is damaged")
  lu.assertEquals(#toy(path), 3)
end

function TestKinds.testABusyStoreSaysSo()
  local path = scratch .. "/busy.db"
  local said
  local e = limn.experiment { name = "kinds", run = false, params = { n = 1 },
    measure = function()
      said = table.pack(toy(path))
      return { v = 1 }
    end }
  lu.assertEquals(#e:run { workers = 0, store = path }, 1)
  lu.assertEquals(said[4], "busy", said[3])
end

function TestKinds.testKindsOfTheDatabase()
  local db = native.sqlite.open(testing.write(scratch .. "/x.db", ("no database"):rep(100)), "read")
  local rows, why, kind = db:rows "SELECT 1 FROM sqlite_schema"
  lu.assertNil(rows)
  lu.assertEquals({ why, kind }, { "file is not a database", "damaged" })
  local ok, raised = pcall(db.each, db, "SELECT 1 FROM sqlite_schema")
  lu.assertFalse(ok)
  lu.assertEquals(check.kind(raised), "damaged")
  rows, why, kind = db:rows "SELEKT"
  lu.assertNil(rows)
  lu.assertStrContains(why, "syntax error")
  lu.assertNil(kind)
  db:close()
  local done
  done, why, kind = native.sqlite.sync(scratch .. "/not there")
  lu.assertNil(done)
  lu.assertStrContains(why, "disk I/O error")
  lu.assertEquals(kind, "io")
end

local code = lu.LuaUnit.run()
os.execute("rm -rf " .. scratch)
os.exit(code)
