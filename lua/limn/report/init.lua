-- limn/report/init.lua: the ledger of all scripts, by one command: runs each experiment of a folder that declares claims, and
-- writes OUT/ledger.json, OUT/report.html and OUT/report.pdf. A run that was stopped goes on where it stopped.

local native = require "limn.native"
local check = require "limn.base.check"
local faults = require "limn.report.faults"
local findings = require "limn.report.findings"
local gather = require "limn.report.gather"
local page = require "limn.report.page"
local pdf = require "limn.report.pdf"
local readme = require "limn.report.readme"
local run = require "limn.report.run"
local scripts = require "limn.report.scripts"

local posix = native.posix
local report = {}

local HELP = [[
usage: limn %s [options]

Runs every experiment of scripts/ that declares claims, each in a process and a store of its own, and writes one report:
OUT/report.html, OUT/report.pdf and OUT/ledger.json. Scripts that have finished are not run again; the same command goes
on after an interruption.

options:
  --size NAME    quick (default), paper, or another size that scripts declare (sizes = {...}). Where a script does not
                 declare it: its declared grid, with 8 times the replicates for paper. Sizes other than quick print
                 the expected time and need --yes
  --only LIST    names of scripts and ids of claims, separated by commas: only these scripts run
  --out DIR      where stores, figures and the report go (default out)
  --scripts DIR  the folder of the scripts (default: that of this script)
  --faults FILE  deliberate faults and who noticed them, a section of the report (`make reproduce` gives it)
  --workers N    processes of each script (default: all processors)
  --report-only  runs nothing; writes the report from what OUT holds
  --no-pdf       writes no PDF
  --quiet        no progress on stderr
  --yes          starts a long run without asking
  --help         this text
]]

local FLAGS = { ["report-only"] = true, ["no-pdf"] = true, quiet = true, yes = true, help = true }
local VALUED = { size = true, only = true, out = true, scripts = true, workers = true, faults = true }

-- The options of the command line, or nil, what is wrong with them.
local function parse(args)
  local o, i = { size = "quick", out = "out" }, 1
  while args[i] do
    local name, value = args[i]:match "^%-%-([%w-]+)=?(.*)$"
    if args[i] == "-h" then name, value = "help", "" end
    local given = args[i]:find("=", 1, true)
    if not name or not (FLAGS[name] or VALUED[name]) then
      local near = name and (check.nearest(name, FLAGS) or check.nearest(name, VALUED))
      return nil, ("unknown option %s%s"):format(args[i], near and ("; did you mean --%s?"):format(near) or "")
    end
    if FLAGS[name] then
      if given then return nil, ("--%s takes no value, got %q"):format(name, value) end
      o[name] = true
    else
      if not given then
        i = i + 1
        value = args[i]
      end
      if not value or value == "" then return nil, ("--%s needs a value"):format(name) end
      o[name] = value
    end
    i = i + 1
  end
  if o.workers then
    local n = math.tointeger(tonumber(o.workers))
    if not n or n < 0 or n > 1000 then return nil, ("--workers: expected a whole number from 0 to 1000, got %q"):format(o.workers) end
    o.workers = n
  end
  return o
end

-- The entries that --only selects, as a set of names; nil, message for a word that selects none.
local function selected(entries, only)
  local chosen = {}
  for word in (only .. ","):gmatch "%s*([^,]+)%s*," do
    local found = false
    for _, entry in ipairs(entries) do
      local hit = entry.name == word
      for _, row in ipairs(entry.declared and entry.declared.rows or {}) do
        for _, id in ipairs(readme.ids(row.id)) do hit = hit or id == word end
      end
      if hit then chosen[entry.name], found = true, true end
    end
    if not found then
      local names = {}
      for _, entry in ipairs(entries) do names[entry.name] = true end
      local near = check.nearest(word, names)
      return nil, ("--only: no script and no declared row has %q%s"):format(word, near and ("; did you mean %q?"):format(near) or "")
    end
  end
  return chosen
end

-- Sets state and why of every entry; returns those that have to run.
local function sort_out(entries, known, o, chosen)
  local pending = {}
  for _, entry in ipairs(entries) do
    local before = known[entry.name]
    if entry.broken then entry.state, entry.why = "failed", entry.broken
    elseif entry.silent then entry.state, entry.why = "silent", "declares no claims before its cells are computed"
    elseif gather.finished(entry, before, o.out) then entry.state, entry.seconds = "done", before.seconds
    elseif o["report-only"] then entry.state, entry.why = "not run", "--report-only"
    elseif chosen and not chosen[entry.name] then entry.state, entry.why = "not run", "not selected by --only"
    else
      entry.state = "not run"
      pending[#pending + 1] = entry
    end
  end
  return pending
end

-- The expected times of the pending scripts -> their sum; as a table on stdout if `show`.
local function estimate(pending, o, list, show)
  local workers, sum = o.workers or native.machine.threads(), 0
  for _, entry in ipairs(pending) do
    local source
    entry.expected, source = scripts.estimate(entry, o.out, workers, list.minutes[entry.name])
    sum = sum + entry.expected
    if show then
      print(("%-24s %8d cells  %10s  (%s)"):format(entry.name, entry.cells, scripts.duration(entry.expected), source))
    end
  end
  if show then print(("%-24s %14s  %10s  with %d workers"):format("all", "", scripts.duration(sum), workers)) end
  return sum
end

-- Runs what is pending -> how many failed. Each end is written down at once.
local function work(entries, pending, o, ahead, save)
  local progress = run.progress(#pending, ahead, o.quiet)
  for _, entry in ipairs(pending) do
    progress:start(entry.name, entry.expected)
    local since = posix.now()
    local good, why = run.script(entry, o.out, o.workers, progress)
    entry.state, entry.why, entry.seconds = good and "done" or "failed", why, posix.now() - since
    progress:finish(good and "done" or "failed")
    save(entries)
  end
end

local function write(whole, list, o, heads)
  local html = o.out .. "/report.html"
  local made, why = native.files.put(html, page.html(whole, list, o.out, heads))
  if not made then return nil, why end
  print("wrote " .. html)
  if o["no-pdf"] then return true end
  local _, source = posix.real(html) -- absolute, for the browser
  local _, target = posix.real(o.out .. "/report.pdf")
  local paged, reason = pdf.write(source, target)
  if paged then print(("wrote %s/report.pdf (%s)"):format(o.out, reason))
  else io.stderr:write(("ledger: no report.pdf: %s; %s prints well from a browser\n"):format(reason, html)) end
  return true
end

local function say_counts(whole)
  local c = whole.counts
  for _, side in ipairs { "essay", "theory" } do
    local parts = {}
    for _, v in ipairs(gather.verdicts) do if c[side][v] > 0 then parts[#parts + 1] = ("%d %s"):format(c[side][v], v) end end
    print(("on the %s: %s"):format(side, #parts > 0 and table.concat(parts, ", ") or "no verdict"))
  end
  print(("%d rows; at most %.2f wrong verdicts are expected"):format(c.rows, c.wrong))
end

-- All of it -> exit code: 0; 1 if a script failed; 2 for a wrong command line or a run that needs --yes.
local function perform(args, script)
  local o, why = parse(args)
  local function refuse(text)
    io.stderr:write(("%s: %s\ntry: limn %s --help\n"):format(script, text, script))
    return 2
  end
  if not o then return refuse(why) end
  if o.help then
    io.stdout:write(HELP:format(script))
    return 0
  end
  local folder = o.scripts or script:match "^(.*)/[^/]*$" or "."
  local entries
  entries, why = scripts.find(folder)
  if not entries then return refuse(why) end
  local noticed
  if o.faults then
    noticed, why = faults.read(o.faults)
    if not noticed then return refuse(("--faults: %s: %s"):format(o.faults, why)) end
  end
  local made
  made, why = posix.mkdir(o.out)
  if not made then return refuse(why) end
  local lock, holder = native.sqlite.lock(o.out .. "/ledger.lock")
  if not lock then
    io.stderr:write(("%s: %s is being written by process %s; wait for it, or give another --out\n"):format(script, o.out, holder))
    return 1
  end
  local heads, known, list = {}, gather.previous(o.out), readme.read(folder)
  for _, entry in ipairs(entries) do
    scripts.plan(entry, o.size, o.out)
    heads[entry.name] = entry.head
  end
  local chosen
  if o.only then
    chosen, why = selected(entries, o.only)
    if not chosen then return refuse(why) end
  end
  local pending = sort_out(entries, known, o, chosen)
  local long = o.size ~= "quick" and #pending > 0
  local ahead = estimate(pending, o, list, long)
  if long and not o.yes then
    io.stderr:write(("%s: size %s: add --yes to run that long\n"):format(script, o.size))
    return 2
  end
  local facts = gather.facts(folder)
  facts.size, facts.faults, facts.command = o.size, noticed, "limn " .. scripts.line { script, table.unpack(args) }
  local function save() return assert(gather.save(gather.all(entries, o.out, facts), o.out)) end
  work(entries, pending, o, ahead, save)
  local whole = gather.all(entries, o.out, facts)
  made, why = gather.save(whole, o.out)
  if made then made, why = write(whole, list, o, heads) end
  if not made then
    io.stderr:write(("%s: %s\n"):format(script, why))
    return 1
  end
  say_counts(whole)
  for _, remark in ipairs(findings.remarks(list, whole.rows)) do
    io.stderr:write(("%s: %s: %s\n"):format(script, findings.section, remark))
  end
  local failed = {}
  for _, s in ipairs(whole.scripts) do if s.state == "failed" then failed[#failed + 1] = ("%s (%s)"):format(s.name, s.why) end end
  if #failed > 0 then io.stderr:write(("%s: failed: %s\n"):format(script, table.concat(failed, ", "))) end
  return #failed > 0 and 1 or 0
end

-- The program: args and script as in `arg`. Returns the exit code; 130 after Ctrl-C.
function report.main(args, script)
  local fine, code = pcall(perform, args, script)
  if fine then return code end
  if check.kind(code) ~= "interrupted" then error(code, 0) end
  io.stderr:write(("\n%s: interrupted; the same command goes on\n"):format(script))
  return 130
end

return report
