-- hostile_store_spec.lua: stores that somebody else has made: names of array files that lead elsewhere, definitions that are
-- not those of a store, facts of other types, texts that a terminal would obey.
-- slow: 5 s
-- luacheck: allow defined top

local lu = require "luaunit"
local native = require "limn.native"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local toy = dofile(here .. "/../support/sweep_toy.lua")

local message = native.message

TestHostileStore = {}

toy.write("ev.lua", [[local limn = require "limn"
  return limn.experiment { name = "ev", params = { n = 1 }, grid = { n = "1:2" }, measure = function(p, rng)
    if p.n == 2 then error "no \27]0;title\7 luck\u{9B}31m" end
    return { big = rng:normal(100, 100) }
  end }]])

-- A store of two cells, of which one has failed, in a folder of its own; changed by lines of SQL.
local function store(folder, ...)
  toy.sh("cd %s && rm -rf %s && %s ev.lua --quiet --no-check --out %s", toy.dir, folder, toy.program, folder)
  local db = assert(native.sqlite.open(("%s/%s/ev.db"):format(toy.dir, folder), "write"))
  for _, text in ipairs { ... } do
    local _, why = db:rows(text)
    assert(not why, why)
  end
  return db, folder .. "/ev.db"
end

local function command(words) return toy.sh("cd %s && timeout 20 %s store %s </dev/null", toy.dir, toy.program, words) end

local COMMANDS = { "ls %s", "show %s", "failed %s", "export %s --csv",
  "rerun %s n=1 --yes", "watch %s", "merge into.db %s", "recover %s new.db" }

-- No command is a crash, an internal error or a hang.
local function each_command(path, check)
  for _, words in ipairs(COMMANDS) do
    toy.sh("cd %s && rm -rf into.db* new.db*", toy.dir)
    local status, said = command(words:format(path))
    lu.assertTrue(status < 100, words .. ": " .. said)
    lu.assertNil(said:find "attempt to", words .. ": " .. said)
    lu.assertNil(said:find "bad argument", words .. ": " .. said)
    if check then check(words, status, said) end
  end
end

function TestHostileStore.testNamesOfArrays()
  for _, name in ipairs { "../../steal/x.npy", "a/b.npy", "", "12-1-1-a.txt" } do
    local db, path = store "names"
    local row = db:rows "SELECT id, value FROM cell WHERE value IS NOT NULL"[1]
    local values = message.decode(row[2])
    toy.sh("cd %s && mkdir -p steal names/steal && cp names/ev.db.arrays/*.npy steal/x.npy && cp steal/x.npy names/steal/", toy.dir)
    values.big = "npy:" .. name
    db:rows("UPDATE cell SET value = ? WHERE id = ?", { message.encode(values) }, row[1])
    db:close()
    local before = select(2, toy.sh("cd %s && find . -type f -newer names/ev.db -name '*.npy'", toy.dir))
    each_command(path, function(words, _, said)
      if words:find "export" then lu.assertStrContains(said, "name a file that is no array of a store") end
      if words:find "merge" then lu.assertStrContains(said, "it names a file that is no array of a store") end
    end)
    lu.assertEquals(select(2, toy.sh("cd %s && find . -type f -newer names/ev.db -name '*.npy'", toy.dir)), before, name)
  end
end

function TestHostileStore.testDefinitionsOfOthers()
  local endless = "CREATE VIEW cell AS WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT 'x' AS id, n AS rep, "
    .. "1 AS seed, 1 AS run, '{}' AS params, NULL AS result, NULL AS value, 'f' AS failure, 1.0 AS seconds FROM r"
  for what, lines in pairs {
    ["cell is not a table"] = { "ALTER TABLE cell RENAME TO old", endless },
    ["it has a trigger, t"] = { "CREATE TRIGGER t AFTER INSERT ON run BEGIN DELETE FROM cell; END" },
    ["the column more of the table run is computed"] = { "ALTER TABLE run ADD COLUMN more AS (id + 1)" },
    ["it has an index on an expression, i"] = { "CREATE INDEX i ON cell (abs(rep))" },
  } do
    local db, path = store("definitions", "DROP VIEW IF EXISTS results", "DROP VIEW IF EXISTS failures", table.unpack(lines))
    db:close()
    each_command(path, function(words, status, said)
      if words:find "recover" then return end
      lu.assertTrue(status > 0, words)
      lu.assertStrContains(said, words:find "merge" and "none of the 1 stores can be read" or "is damaged: " .. what, false, words)
    end)
  end
  local db, path = store("own", "CREATE VIEW mine AS SELECT count(*) FROM cell", "CREATE TABLE notes (text)")
  db:close()
  lu.assertEquals((command("ls " .. path)), 0) -- what another tool has added is left alone
end

function TestHostileStore.testFactsOfOtherTypes()
  for _, facts in ipairs { "7", "[1", '{"script":7,"modules":3}', '{"key":{"parts":{},"functions":[7]}}' } do
    local db, path = store "facts"
    db:rows("UPDATE run SET facts = ?", facts)
    db:close()
    each_command(path, function(words, _, said)
      if not words:find "^watch" and not words:find "^export" and not words:find "^merge" and not words:find "^recover" then
        lu.assertStrContains(said, "is damaged: the facts of run 1 are malformed", false, words .. " " .. facts)
      end
    end)
  end
end

-- A store names the script that filled it, and a store may come from anywhere: the script runs with consent.
-- A row whose columns are of other types, or hold texts of another form.
function TestHostileStore.testColumnsOfOtherTypes()
  for line, watched in pairs {
    ["cell SET params = '7'"] = "the parameters of a cell are malformed",
    ["cell SET params = NULL"] = "the parameters of a cell are malformed",
    ["cell SET result = '7'"] = "the values of a cell are malformed", ["cell SET result = '{'"] = "the values of a cell are malformed",
    ["cell SET seed = 'x', rep = 'y', run = 'z', seconds = 'w'"] = "the numbers of a cell are malformed",
    ["run SET facts = NULL"] = false, ["run SET facts = x'00FF', started = 7, ended = 8"] = false, ["cell SET value = 7"] = false,
  } do
    local db, path = store("columns", "UPDATE " .. line)
    db:close()
    each_command(path, function(words, _, said)
      if watched and words:find "^watch" then lu.assertStrContains(said, "is damaged: " .. watched, false, line) end
      if words:find "^merge" and line == "run SET facts = NULL" then lu.assertStrContains(said, "the facts of run 1 are malformed") end
    end)
  end
end

function TestHostileStore.testScriptsRunWithConsent()
  local db, path = store "consent"
  local facts = native.json.decode(db:rows "SELECT facts FROM run"[1][1])
  toy.write("payload.lua", "io.open('ran', 'w'):close() " .. toy.read(toy.dir .. "/ev.lua"))
  local function ran()
    local found = io.open(toy.dir .. "/ran")
    return found and found:close() and os.remove(toy.dir .. "/ran") or false
  end
  facts.script, facts.key, facts.script_text = toy.dir .. "/payload.lua", nil, toy.read(toy.dir .. "/payload.lua")
  db:rows("UPDATE run SET facts = ?", native.json.encode(facts))
  db:close()
  local status, said = command("rerun " .. path .. " n=1")
  lu.assertEquals({ status, ran() }, { 1, false })
  lu.assertStrContains(said, ("names the script %s, and a store may come from anywhere: give --script"):format(facts.script))
  lu.assertEquals({ command("rerun " .. path .. " n=1 --script"), ran() }, { 1, false })
  lu.assertEquals({ (command("rerun " .. path .. " n=1 --yes")), ran() }, { 0, true })
  lu.assertEquals({ (command("rerun " .. path .. " n=1 --script payload.lua")), ran() }, { 0, true })
  status, said = command("rerun " .. path .. " n=1 --script ev.lua")
  lu.assertEquals({ status, ran() }, { 1, false })
  lu.assertStrContains(said, "ev.lua has changed since (its text)")
  status, said = command("rerun " .. path .. " n=1 --script ev.lua --changed")
  lu.assertEquals({ status, ran() }, { 0, false }, said)
end

-- A store names files that it has not; neither is read without end.
function TestHostileStore.testDevicesAndPipes()
  toy.sh("mkfifo %s/pipe", toy.dir)
  for _, name in ipairs { "/dev/zero", toy.dir .. "/pipe" } do
    local db, path = store "devices"
    db:rows("UPDATE run SET facts = ?", native.json.encode { script = name, script_text = "x", modules = { [name] = "x" },
      key = { parts = { [name] = "x" }, functions = { { file = name, name = "f", hash = "x" } }, body = "x" } })
    db:close()
    each_command(path)
  end
end

-- What a terminal obeys is shown, not sent.
function TestHostileStore.testEscapes()
  local db, path = store("escapes", "UPDATE run SET code = 'c' || char(27) || '[2J'",
    "UPDATE run SET facts = json_set(facts, '$.host', 'h' || char(27) || '[2J' || char(155) || '0m')",
    "UPDATE meta SET value = 'ev' || char(27) || '[31m' WHERE key = 'experiment'")
  db:close()
  each_command(path, function(words, _, said)
    if words:find "export" then return end -- is data
    lu.assertNil(said:find "[\1-\8\11-\31\127]", words)
    lu.assertNil(said:find "\xC2[\x80-\x9F]", words)
  end)
  lu.assertStrContains(select(2, command("failed " .. path)), "no \\x1B]0;title\\x07 luck\\x9B31m")
end

toy.finish(lu.LuaUnit.run())
