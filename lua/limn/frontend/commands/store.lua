-- limn/frontend/commands/store.lua: limn store ls|show|watch|failed|export|rerun|merge|recover: operations on results stores.

local check = require "limn.base.check"
local failures = require "limn.experiment.failures"
local grid = require "limn.experiment.grid"
local native = require "limn.native"
local keys = require "limn.experiment.key"
local provenance = require "limn.experiment.provenance"
local results = require "limn.experiment.results"
local stores = require "limn.experiment.store"
local transfer = require "limn.experiment.transfer"
local numeric = require "limn.table.numeric"
local visible = require "limn.base.visible"

local json = native.json
local print = visible.print -- a store may come from anywhere

local MOST_HOSTS = 8 -- that show names
local MOST_RUNS = 12 -- that show lists each; of more, equal ones are counted

local usage = [=[
usage: limn store ls FILE... [--json]     one line a store: experiment, cells, failures, code
       limn store show FILE [--json]      its runs: when, where, with which command, code and machine
       limn store watch FILE [COLUMN [BY]] [--every SECONDS]
                                          a running sweep: cells, rate, failures, newest rows; COLUMN is drawn against BY
       limn store failed FILE [--json]    the failed cells and why; which are stale, and which keep the values of before
       limn store export FILE --csv|--json|--npz OUT.npz
                                          --json: a byte of a text that is not UTF-8 is written as \xHH
       limn store rerun FILE [CELL|k=v...] [--script SCRIPT.lua|--yes] [--changed] [--json]
                                          computes a cell (its id, or the start of it), or the cells with these values,
                                          again: equal to the bit? A failed cell: why, with the traceback. The script that
                                          the store names runs after a yes (--yes: unasked), since a store may come from
                                          anywhere; SCRIPT.lua runs unasked. --changed: also a script that has changed since
       limn store status DIR [--every SECONDS] [--json]
                                          the shards whose stores are in DIR: done, running, stopped, damaged, missing
       limn store merge FILE FROM... [--shards N] [--json]
                                          cells of other stores into FILE (made if absent). FROM: a store, a folder of
                                          stores, @LIST (a file of names); --shards N: FILE's own shards 1 .. N. What cannot
                                          be merged is listed, the rest is merged; the exit code is then 3
       limn store recover FILE NEW        what is readable of a damaged FILE, into NEW]=]

local function complain(text)
  io.stderr:write("limn store: ", visible.text(text), "\n")
  return 1
end

local function open(path)
  local s, why = stores.open(path)
  if not s then error(why, 0) end
  return s
end

local actions = {}

-- What the files say about the cells of a store, without running their script -> how many are stale, what has changed (a list),
-- whether the script has changed, though not its functions that they follow from; nil where that is not known.
local function stale_in(s)
  local runs = s:runs()
  local last = runs[#runs]
  local changed, moved = keys.now(last and last.facts or {})
  if not changed then return nil end
  local _, files, read = s:input_files(nil, last.facts.folder)
  local older = s:sql("SELECT count(value), sum(code <> ?) FROM cell JOIN run ON run.id = cell.run "
    .. "WHERE value IS NOT NULL", last.code)[1]
  local n = #changed > 0 and older[1] or math.max(older[2] or 0, read)
  table.move(files, 1, #files, #changed + 1, changed)
  return n, changed, moved and true or false
end

-- ", 5 stale (changed: my.csv)", or "".
local function stale_text(n, changed, moved)
  if not n then return "" end
  if n > 0 then return (", %d stale%s"):format(n, changed[1] and (" (changed: %s)"):format(table.concat(changed, ", ")) or "") end
  return moved and ", perhaps stale (the script has changed, though not its functions that they follow from)" or ""
end

-- The words of an action: those that are not --json, and whether --json is among them.
local function words_of(...)
  local words, as_json = {}, false
  for _, word in ipairs { ... } do
    if word == "--json" then as_json = true else words[#words + 1] = word end
  end
  return words, as_json
end

function actions.ls(...)
  local paths, as_json = words_of(...)
  if #paths == 0 then return complain "usage: ls FILE... [--json]" end
  for _, path in ipairs(paths) do
    local s = open(path)
    local counts = s:sql("SELECT count(value), count(failure), count(DISTINCT CASE WHEN value IS NOT NULL "
      .. "THEN code END) FROM cell JOIN run ON run.id = cell.run")[1]
    local n, changed, moved = stale_in(s)
    if as_json then
      print(json.encode { path = path, name = s.name, cells = counts[1], failed = counts[2], versions = counts[3],
        stale = n, changed = n and json.list(changed), script_changed = moved })
    else
      print(("%s: %s, %d cells, %d failed%s%s"):format(path, s.name, counts[1], counts[2],
        counts[3] > 1 and (", of %d versions of the script"):format(counts[3]) or "", stale_text(n, changed, moved)))
    end
    s:close()
  end
end

local SHOWN = { "command", "host", "cpu", "isa", "threads", "blas", "version", "lua", "sqlite", "git_commit", "git_dirty", "seed" }

-- The runs of a store as JSON: all of them, each with its cells.
local function runs_as_json(path, s)
  local out = {}
  for i, run in ipairs(s:runs()) do
    local told, done, failed = provenance.common { run }, failures.of_runs(s, { run })
    out[i] = { id = run.id, started = told.started, ended = told.ended, cells = done, failed = failed, code = told.code }
    for _, name in ipairs(SHOWN) do out[i][name] = told[name] end
  end
  return json.encode { path = path, name = s.name, runs = json.list(out) }
end

function actions.show(...)
  local words, as_json = words_of(...)
  local path = words[1]
  if not path or words[2] then return complain "usage: show FILE [--json]" end
  local s = open(path)
  if as_json then
    print(runs_as_json(path, s))
    return s:close()
  end
  print(tostring(s))
  local runs, groups = s:runs(), {}
  for i, run in ipairs(runs) do groups[i] = { run } end
  if #runs > MOST_RUNS then groups = provenance.groups(runs) end
  for _, group in ipairs(groups) do
    local told, done, failed = provenance.common(group), failures.of_runs(s, group)
    print(("%s: %s to %s, %d cells, %d failed, code %s"):format(#group == 1 and "run " .. group[1].id
      or ("%d runs, the first is %d"):format(#group, group[1].id), told.started, told.ended or "(not ended)", done, failed, told.code))
    if told.hosts then told.host = table.concat(told.hosts, ", ", 1, math.min(#told.hosts, MOST_HOSTS))
      .. (#told.hosts > MOST_HOSTS and (" and %d more"):format(#told.hosts - MOST_HOSTS) or "") end
    for _, name in ipairs(SHOWN) do
      if told[name] ~= nil then print(("  %-10s %s"):format(name, told[name])) end
    end
  end
  s:close()
end

function actions.watch(...) return require "limn.frontend.commands.watch"(...) end

function actions.failed(...)
  local words, as_json = words_of(...)
  if #words ~= 1 then return complain "usage: failed FILE [--json]" end
  return require "limn.frontend.commands.failed"(words[1], as_json)
end

local EXPORT = "usage: export FILE --csv|--json|--npz OUT.npz"

function actions.export(path, format, target)
  if format ~= "--csv" and format ~= "--json" and not (format == "--npz" and target and target:find "%.npz$") then
    return complain(EXPORT)
  end
  local s = open(path)
  local as_csv = format == "--csv"
  local rows, _, notes = results.from_store(s, format ~= "--json" and grid.written or function(v) return v end)
  local seed = s:sql("SELECT seed FROM cell WHERE value IS NOT NULL LIMIT 1")[1]
  s:close()
  for _, note in ipairs(notes) do complain(("%s has %s"):format(path, note)) end
  if as_csv then
    for text in results.parts(rows) do io.write(text) end
    return
  elseif format == "--npz" then
    local saved, why = numeric(rows, function(name, reason)
      complain(("%s is left out: %s; --csv has it"):format(name, reason))
    end):save(target)
    if not saved then return complain(why) end
    return
  end
  for _, row in ipairs(rows) do
    local all = row
    if getmetatable(row) then -- values that are read when they are asked for
      all = {}
      for k, v in pairs(row) do all[k] = v end
    end
    if all.seed == nil then all.seed = seed[1] end
    io.write(json.encode(all), "\n")
  end
end

function actions.rerun(...) return require "limn.frontend.commands.recompute"(...) end

function actions.status(...) return require "limn.frontend.commands.status"(...) end

function actions.merge(...) return require "limn.frontend.commands.merge"(...) end

function actions.recover(path, new)
  local file = new and io.open(new, "rb")
  if file then
    file:close()
    return complain(new .. " exists; choose a new file")
  end
  if not new then return complain "usage: recover FILE NEW" end
  local rows, why = transfer.salvage(path)
  if not rows or #rows == 0 then return complain(("%s: no cell is readable: %s; move the file away, or "
    .. "sweep with --fresh, which sets it aside as %s.damaged"):format(path, why or "no cells", path)) end
  local name = "recovered"
  local damaged = stores.open(path)
  if damaged then
    name = damaged.name
    damaged:close()
  end
  local s, problem = stores.open(new, name)
  if not s then return complain(problem) end
  local saved, lost = transfer.restore(s, rows, path)
  print(("%s: %d cells saved%s%s"):format(new, saved, lost > 0 and (", %d without their arrays lost"):format(lost) or "",
    why and (" (%s: %s)"):format(path, why) or ""))
  s:close()
end

return {
  summary = "inspect, export, merge and recover results stores",
  run = function(action, ...)
    if not actions[action] or (...) == nil then
      io.stderr:write(usage, "\n")
      return action == "--help" and 0 or 2
    end
    local ok, code = pcall(actions[action], ...)
    if not ok and check.kind(code) == "interrupted" then return 130 end
    local whole, why = native.posix.printed()
    if ok and not whole then return complain(why) end
    if ok then return code or 0 end
    return complain(tostring(code))
  end,
}
