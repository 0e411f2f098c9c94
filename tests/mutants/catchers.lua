-- catchers.lua: runs what must notice a fault. A catcher is one of
--   { script = "votes", args = "--reps 6 ...", rows = { "key", ... }, becomes = "disagrees" }  rows of a ledger
--   { spec = "regress_spec", case = "TestL1.test_certificate" }    a Lua spec, whole without `case`
--   { test = "test_regress", case = "minnorm/*" }                   a C test, whole without `case`
-- A row notices a fault if one of its verdicts (essay, theory) is "agrees" without the fault and `becomes` with it.
-- A test notices it if it fails. Without a fault every row agrees and every test passes; otherwise nothing is shown.

local json = require("limn.native").json
local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local tree = dofile(here .. "/tree.lua")

local catchers = {}

local CPU_LIMIT, WALL_LIMIT = 60, 400 -- seconds for one catcher; an idle machine needs at most 20

-- The command line of a catcher: what two catchers with the same rows, or other rows of the same run, share.
function catchers.label(c)
  if c.script then return ("scripts/%s.lua %s"):format(c.script, c.args or "") end
  return (c.spec or c.test) .. (c.case and " " .. c.case or "")
end

-- What make builds for it, relative to the build folder.
function catchers.target(c) return c.test and "tests/" .. c.test or nil end

-- Its source, as a pattern of the shell.
function catchers.source(c)
  return c.script and "scripts/" .. c.script .. ".lua" or c.spec and "tests/lua/*/" .. c.spec .. ".lua" or "tests/c/*/" .. c.test .. ".c"
end

local function command(t, where, c)
  local build = where .. "/" .. t.build
  if c.script then
    -- --row: the whole ledger is written, one row is printed and no figure is drawn
    return ("rm -rf out; exec %s/limn scripts/%s.lua %s --row %s --out out --fresh --quiet --yes"):format(build, c.script, c.args or "",
      tree.quote(c.rows[1]))
  elseif c.spec then
    return ("exec %s/limn $(ls %s) %s"):format(build, catchers.source(c), c.case or "")
  end
  return ("exec %s/tests/%s -j1 --color=never %s"):format(build, c.test, c.case and "--filter " .. tree.quote(c.case) or "")
end

-- key -> { essay = verdict, theory = verdict, note = }, of the ledger that the script wrote; nil if it wrote none.
local function verdicts(path)
  local text = tree.read(path)
  if not text then return nil end
  local out = {}
  for _, row in ipairs(json.decode(text).rows) do
    out[row.key] = { essay = row.essay_verdict, theory = row.theory_verdict, note = row.note }
  end
  return out
end

-- Names of the failed cases in what a test printed.
local function failed_cases(text)
  local names = {}
  for name in text:gmatch "%[FAIL%] ([%w_]+::[%w_]+)" do names[#names + 1] = name end
  for name in text:gmatch "\n%d+%) (Test[%w_.]+)\n" do names[#names + 1] = name end
  return names
end

-- Runs it in base or work -> { code =, seconds =, rows = | failed =, log = } .
function catchers.run(t, where, c, log)
  local line = ("cd %s && export LIMN_TEST_BUILD=%s && ulimit -S -t %d && (exec timeout -k 10 %d sh -c %s)"):format(tree.quote(where),
    tree.quote(where .. "/" .. t.build), CPU_LIMIT, WALL_LIMIT, tree.quote(command(t, where, c)))
  local start = os.time()
  local code = tree.run(line, log)
  local result = { code = code, seconds = os.time() - start, log = log, label = catchers.label(c) }
  if c.script then result.rows = verdicts(("%s/out/%s.ledger.json"):format(where, c.script))
  else result.failed = failed_cases(tree.read(log)) end
  return result
end

local SIDES = { "theory", "essay" }

-- Whether a row's verdict turned: nil, or "theory" or "essay".
local function turned(clean, now, becomes)
  for _, side in ipairs(SIDES) do
    if clean[side] == "agrees" and now[side] == becomes then return side end
  end
end

-- What is wrong without a fault, or nil: then the catcher says nothing about one.
function catchers.not_green(c, clean)
  if not c.script then
    if clean.code == 0 then return nil end
    return ("fails without a fault (exit %d, %s)"):format(clean.code, table.concat(clean.failed, ", "))
  end
  if not clean.rows then return ("no ledger without a fault (exit %d)"):format(clean.code) end
  for _, key in ipairs(c.rows) do
    local row = clean.rows[key]
    if not row then return ("no row %q"):format(key) end
    if row.theory ~= "agrees" and row.essay ~= "agrees" then
      return ("row %q does not agree without a fault (%s, %s)"):format(key, tostring(row.essay), tostring(row.theory))
    end
  end
end

local function judge_rows(c, clean, now)
  local becomes = c.becomes or "disagrees"
  if not now.rows then return { by = {}, missed = { ("no ledger (exit %d)"):format(now.code) }, also = {} } end
  local by, missed, also, wanted = {}, {}, {}, {}
  for _, key in ipairs(c.rows) do
    wanted[key] = true
    local row = now.rows[key]
    if row and turned(clean.rows[key], row, becomes) then by[#by + 1] = key
    else missed[#missed + 1] = ("%s: %s"):format(key, row and tostring(row.theory or row.essay) or "no row") end
  end
  for key, row in pairs(now.rows) do
    if not wanted[key] and clean.rows[key] and turned(clean.rows[key], row, "disagrees") then also[#also + 1] = key end
  end
  table.sort(also)
  return { by = by, missed = missed, also = also }
end

-- Who noticed -> { by = names, missed = texts, also = other rows that turned }. A test that is stopped at its time
-- limit, or by a signal, has noticed; a script that ends without a ledger has not, since no row says what is wrong.
function catchers.judge(c, clean, now)
  if c.script then return judge_rows(c, clean, now) end
  if now.code == 0 then return { by = {}, missed = { "passes" }, also = {} } end
  local by = now.failed
  if #by == 0 then by = { now.code == 124 and "time limit" or ("exit %d"):format(now.code) } end
  return { by = by, missed = {}, also = {} }
end

return catchers
