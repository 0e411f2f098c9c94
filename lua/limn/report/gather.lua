-- limn/report/gather.lua: the ledgers of all scripts as one table, and its file OUT/ledger.json, from which finished
-- scripts are recognised.

local native = require "limn.native"
local system = require "limn.base.system"
local provenance = require "limn.experiment.provenance"
local stores = require "limn.experiment.store"
local tables = require "limn.claims.table"

local json, posix = native.json, native.posix
local gather = {}

gather.verdicts = { "agrees", "refines", "undecided", "disagrees" }

local TAIL = 12 -- lines of the output of a script that failed

local function ledger_path(out, name) return ("%s/%s.ledger.json"):format(out, name) end

-- What an earlier run left: { [name] = script as in ledger.json }.
function gather.previous(out)
  local text = system.text_of(out .. "/ledger.json")
  local fine, whole = pcall(json.decode, text or "")
  local known = {}
  for _, s in ipairs(text and fine and type(whole) == "table" and whole.scripts or {}) do known[s.name] = s end
  return known
end

-- The hash of the code that computes a script's cells and judges them.
function gather.code(entry)
  local e = entry.experiment
  return e and provenance.code(e.script, e.measure).hash
end

-- Whether a planned script need not run: the same command with the same code has finished, and its ledger is there.
function gather.finished(entry, known, out)
  return known ~= nil and known.state == "done" and known.command == entry.command and known.code == gather.code(entry)
    and known.ledger_hash == (posix.hash_file(ledger_path(out, entry.name)))
end

-- The names of the figures that a script has left; other: the names of all scripts.
function gather.figures(out, name, other)
  local list = {}
  for _, file in ipairs(native.folder.list(out) or {}) do
    local base = file:match "^(.*)%.svg$"
    local mine = base and (base == name or base:sub(1, #name) == name and base:sub(#name + 1, #name + 1):find "[_%-]")
    for _, rival in ipairs(mine and other or {}) do
      if #rival > #name and base:sub(1, #rival) == rival then mine = false end
    end
    if mine then list[#list + 1] = file end
  end
  table.sort(list)
  return list
end

local function distinct(list)
  local out, seen = {}, {}
  for _, v in ipairs(list) do
    if not seen[v] then out[#out + 1], seen[v] = v, true end
  end
  return out
end

-- Who computed the cells of a store, when and on what, and their processor seconds; nil without a store.
local function origin(path)
  local store = stores.open(path)
  if not store then return nil end
  local fine, answer = pcall(function()
    local commits, versions, machines, runs = {}, {}, {}, store:runs()
    for i, run in ipairs(runs) do
      local f = run.facts
      commits[i] = f.git_commit and f.git_commit:sub(1, 12) .. (f.git_dirty and " with changes" or "") or "no commit"
      versions[i] = tostring(f.version)
      machines[i] = ("%s, %s threads, %s, %s"):format(f.cpu, f.threads, f.isa, f.blas)
    end
    local n, seconds = table.unpack(store:sql("SELECT count(*), total(seconds) FROM cell")[1])
    return { commits = distinct(commits), versions = distinct(versions), machines = distinct(machines), stored_cells = n,
      cell_seconds = seconds, started = runs[1] and runs[1].started, ended = runs[#runs] and runs[#runs].ended }
  end)
  store:close()
  return fine and answer or nil
end

local function tail(path)
  local lines = {}
  for line in ((system.text_of(path) or "") .. "\n"):gmatch "([^\n]*)\n" do
    if line:find "%S" then lines[#lines + 1] = line end
  end
  return table.concat(lines, "\n", math.max(1, #lines - TAIL + 1))
end

local function read_ledger(path)
  local text = system.text_of(path)
  local fine, whole = pcall(json.decode, text or "")
  if text and fine and type(whole) == "table" and type(whole.rows) == "table" then return whole end
  return nil, text and "its ledger cannot be read" or "it wrote no ledger"
end

-- The rows of a script that has no result: as declared, not measured.
local function unmeasured(entry, why)
  local rows = {}
  for i, row in ipairs(entry.declared and entry.declared.rows or {}) do
    rows[i] = tables.plain(row)
    if row.test ~= "definition" then rows[i].note = "not measured: " .. why end
  end
  return rows
end

local function row_command(entry, row)
  return type(row.key) == "string" and ("%s --row %s"):format(entry.command, system.quoted(row.key)) or entry.command
end

-- One script and its rows. An entry has state = "done" | "failed" | "not run" | "silent", and why.
local function one(entry, out, names)
  local s = { name = entry.name, path = entry.path, question = entry.question, command = entry.command, state = entry.state,
    why = entry.why, seconds = entry.seconds, cells = entry.cells, seed = entry.seed, reps = entry.reps,
    code = gather.code(entry), figures = json.list {} }
  local rows
  if s.state == "done" then
    local path = ledger_path(out, entry.name)
    local ledger, why = read_ledger(path)
    if ledger then
      rows = ledger.rows
      s.level, s.family, s.cells, s.store = ledger.level, ledger.family, ledger.cells, ledger.store
      s.ledger_hash, s.origin = posix.hash_file(path), origin(("%s/%s.db"):format(out, entry.name))
      s.figures = json.list(gather.figures(out, entry.name, names))
    else s.state, s.why = "failed", why end
  end
  if s.state == "failed" then s.output = tail(("%s/%s.log"):format(out, entry.name)) end
  rows = rows or unmeasured(entry, s.why or s.state)
  for _, row in ipairs(rows) do row.script, row.command = entry.name, row_command(entry, row) end
  return s, rows
end

-- How many rows have each verdict on each side, and the expected number of wrong ones: a verdict can be wrong only if the
-- interval misses the true value, which happens with probability 1 - level at most.
function gather.count(rows)
  local c = { rows = #rows, essay = {}, theory = {}, wrong = 0, described = 0, unmeasured = 0 }
  for _, v in ipairs(gather.verdicts) do c.essay[v], c.theory[v] = 0, 0 end
  for _, row in ipairs(rows) do
    for _, side in ipairs { "essay", "theory" } do
      local v = row[side .. "_verdict"]
      if c[side][v] then c[side][v] = c[side][v] + 1 end
    end
    if row.measured == nil and row.test ~= "definition" then c.unmeasured = c.unmeasured + 1 end
    if row.essay_verdict == "described" then c.described = c.described + 1
    elseif type(row.level) == "number" then c.wrong = c.wrong + 1 - row.level end
  end
  return c
end

-- The whole ledger. facts: size, folder of the scripts.
function gather.all(entries, out, facts)
  local names, whole = {}, { format = 1, scripts = {}, rows = {} }
  for k, v in pairs(facts) do whole[k] = v end
  for i, entry in ipairs(entries) do names[i] = entry.name end
  for _, entry in ipairs(entries) do
    local s, rows = one(entry, out, names)
    s.counts = gather.count(rows)
    whole.scripts[#whole.scripts + 1] = s
    table.move(rows, 1, #rows, #whole.rows + 1, whole.rows)
  end
  whole.counts = gather.count(whole.rows)
  return whole
end

-- Writes OUT/ledger.json, a script and a row a line -> true, or nil, message.
function gather.save(whole, out)
  local head, lines = {}, { {}, {} }
  for k, v in pairs(whole) do if k ~= "scripts" and k ~= "rows" then head[k] = v end end
  for i, s in ipairs(whole.scripts) do lines[1][i] = json.encode(s) end
  for i, row in ipairs(whole.rows) do lines[2][i] = json.encode(row) end
  return native.files.put(out .. "/ledger.json", ('%s,"scripts":[\n%s],\n"rows":[\n%s]}\n'):format(
    json.encode(head):sub(1, -2), table.concat(lines[1], ",\n"), table.concat(lines[2], ",\n")))
end

-- Version, commit, machine and date of this report.
function gather.facts(folder)
  local info = native.machine.info()
  local function git(...)
    local status, text = native.process.run({ "git", ... }, {}, 10, folder)
    return status == 0 and text:gsub("%s+$", "") or nil
  end
  local commit = git("rev-parse", "HEAD")
  return { date = os.date "!%Y-%m-%dT%H:%M:%SZ", version = info.version, commit = commit,
    dirty = commit and git("status", "--porcelain", "--untracked-files=no") ~= "" or nil,
    machine = { cpu = info.cpu, threads = info.threads, isa = info.isa, blas = info.blas, compiler = info.compiler } }
end

return gather
