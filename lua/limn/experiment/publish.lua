-- limn/experiment/publish.lua: what a script makes of its table: report, ledger and figure, with the provenance beside
-- table and figure. Cells may be missing; then it is said wherever the table is shown.

local check = require "limn.base.check"
local declared = require "limn.experiment.declared"
local files = require "limn.table.files"
local native = require "limn.native"
local neighbour = require "limn.base.beside"
local provenance = require "limn.experiment.provenance"
local system = require "limn.base.system"
local stores = require "limn.experiment.store"

local publish = {}

-- "3 of 40 cells failed", "3 of 40 cells are missing (2 failed)", or nil. gap: { cells =, missing =, failed =, stale = };
-- stale: of stale.taken, or nil.
function publish.missing(gap)
  if gap.missing == 0 then return nil end
  if gap.missing == gap.failed then return ("%d of %d cells failed"):format(gap.failed, gap.cells) end
  return ("%d of %d cells are missing (%d failed)"):format(gap.missing, gap.cells, gap.failed)
end

-- Likewise, also on cells that other code computed.
local function doubt(gap)
  local missing, old = publish.missing(gap), gap.stale
  if not old then return missing end
  local text = ("%d of %d cells are stale (computed %s)"):format(old.cells, gap.cells,
    #old.codes > 0 and "by other code" or "with other input files")
  return missing and ("%s; %s"):format(missing, text) or text
end

-- Saves a figure in each kind of o.format -> the figure, or nil, message.
local function save_all(figure, base, o)
  for _, kind in ipairs(o.format or { "pdf", "svg", "png" }) do
    local path, message = figure:save(base .. "." .. kind)
    if not path then return nil, message end
    if not o.quiet then print("wrote " .. path) end
  end
  return figure
end

-- The function of provenance.beside, made once for a table and all its figures; lost: Figure.lost.
local function origin(self, results, o)
  if o.origin then return o.origin end
  local code, kept = self.code or provenance.code(self.script, self.measure), stores.open(o.store)
  local facts, runs, inputs = provenance.facts(self.script, arg, o.seed, code), kept and kept:runs() or {},
    kept and kept:input_files(o.seed)
  if kept then kept:close() end
  o.origin = provenance.beside(self, code, facts, { cells = #results, table_hash = files.hash(results), gap = o.gap,
    inputs = inputs }, runs)
  return o.origin
end

-- Writes NAME.json: what a table or a figure follows from, and how it was made. A file that says the same of the same runs is left
-- as it is, so that a command that computes nothing changes nothing -> path; or nil, message.
local function put_origin(path, text)
  local old = system.text_of(path)
  local function facts(s) return s:match "^[^\n]*", s:match "\n\"runs\":.*" end
  if old then
    local from, runs = facts(text)
    local old_from, old_runs = facts(old)
    if from == old_from and runs == old_runs then return path end
  end
  return neighbour.put(path, text, '{"from":')
end

-- Draws, with the provenance of every figure that is saved meanwhile beside it: NAME.json beside NAME.pdf.
local function draw(self, results, o, written)
  local module = require "limn.plot.figure"
  local figures = module.Figure
  local save, lacking = figures.save, doubt(o.gap)
  figures.save = function(figure, file, ...)
    if lacking then module.remark(figure, lacking, true) end
    local answer = table.pack(save(figure, file, ...))
    local beside = answer[1] and file:gsub("%.%w+$", "") .. ".json"
    if beside and not written[beside] then
      local ok, why = put_origin(beside, origin(self, results, o)(figure.lost))
      if not ok then return nil, ("%s is written, but not its provenance: %s"):format(file, why) end
      written[beside] = true
    end
    return table.unpack(answer, 1, answer.n)
  end
  local answer = table.pack(pcall(function()
    local drawn, why = self.plot(results, o.out)
    if check.typename(drawn) == "limn.plot.figure" then return save_all(drawn, ("%s/%s"):format(o.out, self.name), o) end
    return drawn, why
  end))
  figures.save = save
  if not answer[1] then error(answer[2], 0) end
  return answer[2], answer[3]
end

-- Prints the ledger, or the one row that was asked for, and writes it to a file -> true, or nil, message.
local function publish_ledger(self, ledger, o, cells)
  if o.row then print(ledger:text(o.row)) else ledger:print() end
  return native.files.put(("%s/%s.ledger.json"):format(o.out, o.label), declared.text(self, ledger, { cells = cells,
    missing = o.gap.missing > 0 and o.gap.missing or nil, stale = o.gap.stale, seed = o.seed, reps = o.reps,
    code = (self.code or provenance.code(self.script, self.measure)).hash, store = o.store }))
end

-- Keeps in the store which rows were judged. The ledger is written by then: a store that cannot be written is only reported.
local function keep_looks(ledger, o)
  local kept, e = pcall(declared.keep_looks, o.kept, ledger)
  if kept then return end
  if check.kind(e) == "interrupted" then error(e, 0) end
  io.stderr:write(("%s: it is not recorded that the claims were judged: %s\n"):format(o.label, tostring(e)))
end

-- Calls f; with cells missing an error in it is a message: it may well need one of them.
local function tolerant(o, what, f, ...)
  if o.gap.missing == 0 then return true, f(...) end
  local answer = table.pack(xpcall(f, function(e)
    if check.kind(e) == "interrupted" then return e end
    return tostring(e) .. debug.traceback("", 2):gsub("\n[^\n]*in function 'xpcall'.*", "")
  end, ...))
  if answer[1] then return table.unpack(answer, 1, answer.n) end
  if check.kind(answer[2]) == "interrupted" then error(answer[2], 0) end
  io.stderr:write(("%s: the %s failed, perhaps for lack of cells (%s): %s\n"):format(o.label, what, publish.missing(o.gap),
    answer[2]))
  return false
end

-- Report, ledger and figure -> true, or nil, message. o = {out=, label=, row=, store=, seed=, reps=, gap=, kept=, format=, quiet=};
-- kept: the store, open to be written, or nil; format: kinds of files of the figure, or nil.
function publish.all(self, results, ledger, o)
  results.partial = o.gap.missing > 0
  if ledger then ledger.doubt = doubt(o.gap) end
  local reported = not self.report or tolerant(o, "report", self.report, results, ledger)
  if ledger then
    for _, row in ipairs(ledger.rows) do
      if not reported and row.reason == "not measured" then row.reason = "not measured: " .. publish.missing(o.gap) end
    end
    local kept, why = publish_ledger(self, ledger, o, #results)
    if not kept then return nil, why end
    if o.kept then keep_looks(ledger, o) end
  end
  if o.row then return true end
  local written = {}
  if self.plot then
    local fine, drawn, why = tolerant(o, "figure", draw, self, results, o, written)
    if fine and drawn == nil and why then return nil, why end
  end
  local beside = ("%s/%s.json"):format(o.out, o.label)
  if written[beside] then return true end
  local ok, why = put_origin(beside, origin(self, results, o)())
  if not ok then return nil, ("%s/%s.csv is written, but not its provenance: %s"):format(o.out, o.label, why) end
  return true
end

return publish
