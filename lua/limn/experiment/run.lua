-- limn/experiment/run.lua: runs cells in worker processes. Workers are forked, so they have the closures of measure. A
-- worker that is killed loses one cell. Workers claim cells one by one from a shared table, expensive ones first; the
-- parent sleeps until there is a result to write.

local check = require "limn.base.check"
local native = require "limn.native"
local checkpoint = require "limn.experiment.checkpoint"
local failures = require "limn.experiment.failures"
local grid = require "limn.experiment.grid"
local independence = require "limn.experiment.independence"
local limits = require "limn.experiment.limits"
local plan = require "limn.experiment.plan"
local Progress = require "limn.experiment.progress"
local reading = require "limn.experiment.reading"
local rehearsal = require "limn.experiment.rehearsal"
local rng = require "limn.rng"
local script = require "limn.experiment.script"
local visible = require "limn.base.visible"

local posix, message, interrupts = native.posix, native.message, native.interrupts
local run = {}

local GRACE = 1 -- seconds that running cells get after Ctrl-C
local NAP = 0.1 -- seconds that the parent sleeps when nothing happens, and between two looks at the host's cancel flag
local LEAD = 8  -- cells that a worker may be ahead of its parent, which may be waiting for the disk
local MOST_UNMET = 20 -- workers in a row that end before they take a cell
local HEAD = "<I6dB" -- place, seconds, how it went
local FAILED, DONE, INTERRUPTED = 0, 1, 2
local NOTE, INPUTS = 3, 4 -- sentences, of no cell; the files that a cell has read, before its values
local SAVED, PARKED, SKIPPED = 5, 6, 7 -- what a cell saves; a cell that goes on at the next start; one that cannot finish
local EARLY, EARLY_BYTES = 1000, 1 << 24 -- finished cells, and bytes of their values, that report and plot are tried on
local MOST_VAIN = 3 -- starts in a row that were cut short and did nothing
local MOST_NAMES = 10000 -- values of a cell: columns of the table
local WATCHED = 2 -- cells of a worker after which state outside of the measurement is compared

-- The kind of an error; an interpreter other than limn's program raises a text after Ctrl-C.
local function kind_of(e) return check.kind(e) or interrupts.came() and "interrupted" or nil end

-- true and the bytes of the cell's values, or false, the message with its traceback, and the kind of the error; then the
-- files that the cell has read, as reading.lua gives them, or nil. keep: see checkpoint.lua.
local function evaluate(measure, cell, seed, keep)
  local outer, kind = native.measuring, nil
  native.measuring = independence.state(cell, seed) -- what answers Ctrl-C by what it has so far must raise here
  local ok, bytes = xpcall(function()
    reading.watch(measure)
    local stream = rng.stream { seed = seed, point = cell.key, rep = cell.rep }
    local point = {} -- a measurement may change what it is given; what the cell is called must not
    for k, v in next, cell.point do point[k] = v end
    local values = measure(point, stream, checkpoint.cell(cell, seed, keep))
    if type(values) == "table" then
      local count = 0
      for name in next, values do
        count = count + 1
        if cell.point[name] ~= nil or name == "rep" or type(name) == "string" and name:find "^npy:" then
          error(("measure: a result cannot be called %s: %s"):format(name, cell.point[name] ~= nil
            and "the table has a parameter of that name" or "the name is taken"), 0)
        end
      end
      if count > MOST_NAMES then
        error(("measure: %d values; a cell has at most %d: return many numbers as one array"):format(count, MOST_NAMES), 0)
      end
    end
    return message.encode(values)
  end, function(e)
    kind = kind_of(e)
    local meta = getmetatable(e)
    if type(e) == "number" or type(meta) == "table" and meta.__tostring then e = tostring(e) end
    if type(e) ~= "string" then e = ("(the error is a %s)"):format(type(e)) end
    local frames = debug.traceback("", 2):gsub("\n[^\n]*limn/experiment/run%.lua.*", "") -- what called the measurement is no news
    return e .. script.advice(e) .. frames
  end)
  if not outer then reading.unwatch(measure) end
  local inputs = native.measuring.reading:text()
  native.measuring = outer
  return ok, bytes, kind, inputs
end

-- measurer(measure)(cell, seed): one cell alone, in this process: true and the bytes of its values, or false and the
-- message.
function run.measurer(measure)
  local watch = independence.watch(measure)
  return function(cell, seed)
    watch:reset()
    return evaluate(measure, cell, seed)
  end
end

-- evaluate, for many cells of one process: streams outside of the measurement are in one state at each cell's start, and
-- what the first cells change is told to note(sentences).
local function repeatedly(o, note)
  local watch, measured = o.watch, 0
  if o.check then watch:remember() end
  return function(cell)
    watch:reset()
    local ok, bytes, kind, inputs = evaluate(o.measure, cell, o.seed, o.keep)
    if measured < WATCHED then
      measured = measured + 1
      local changes = o.check and watch:changes() or {}
      for i, change in ipairs(changes) do changes[i] = independence.sentence(change) end
      if changes[1] then note(table.concat(changes, "\n")) end
      if o.check and not changes[1] and measured < WATCHED then watch:remember() end
    end
    return ok, bytes, kind, inputs
  end
end

-- Calls each(row, failure) for a finished cell: its parameters, replicate and values, or nil values and the message. A
-- result of false ends the sweep.
local function report_to(each, cell)
  local row = {}
  row.rep = cell.rep
  for k, v in next, cell.point do row[k] = v end
  local values = cell.values
  if type(values) == "table" then
    for k, v in next, values do row[k] = v end
  else
    row.value = values
  end
  if each(row, cell.failure) == false then error(native.error("stopped", "stopped by each"), 0) end
end

local function record(cell, ok, bytes)
  if ok then cell.values, cell.bytes = message.decode(bytes), bytes
  else cell.failure = bytes end
end

-- Lets the cells of this process save: save(bytes).
local function keeper(o, save)
  if not o.tried then return end
  o.keep = { save = save, stop = function() return o.limits:late() end }
end

-- The life of a worker: it takes a cell off the board, measures it, sends its place, its seconds, how it went and the bytes,
-- and takes the next. It waits only if its parent is LEAD cells behind: so many are lost with a parent that is killed.
local function serve(fd, board, number, cells, o)
  native.machine.threads(1)
  local limited, sent, place = false, 0, nil
  keeper(o, function(bytes) posix.put(fd, HEAD:pack(place, 0, SAVED) .. bytes) end)
  local measured = repeatedly(o, function(sentences) posix.put(fd, HEAD:pack(0, 0, NOTE) .. sentences) end)
  -- An answer of LEAD cells ago.
  local function send(how, seconds, bytes)
    if not posix.put(fd, HEAD:pack(place, seconds, how) .. bytes) then return false end
    sent = sent + 1
    return sent < LEAD or posix.get(fd)
  end
  while not o.limits:late() do
    place = board:take(number)
    if not place then break end
    local cell = cells[place]
    while not o.limits:fits(cell) do
      board:rest(number)
      if not send(SKIPPED, 0, "") or not o.cost then posix.quit(0) end -- of equal cells none can finish
      place = board:take(number)
      if not place then posix.quit(0) end
      cell = cells[place]
    end
    cell.checkpoint = o.tried and o.tried.saved[cell.index]
    if o.cell_memory and not limited then
      limited = true
      posix.limit { memory = math.floor(o.cell_memory) + native.machine.warm() }
    end
    local since = posix.now()
    local ok, bytes, kind, inputs = measured(cell)
    if inputs then posix.put(fd, HEAD:pack(place, 0, INPUTS) .. inputs) end
    local how = ok and DONE or kind == "interrupted" and INTERRUPTED or kind == "parked" and PARKED or FAILED
    board:rest(number)
    local seconds = posix.now() - since
    if ok then o.limits:learn(cell, seconds) end
    if not send(how, seconds, bytes) then break end
  end
  posix.quit(0)
end

-- cells: in the order in which they are to start. begin: what may be done once the first are under way.
local function by_workers(cells, o, begin, finished)
  local pool, unmet = {}, 0
  local board = native.board.new(#cells, o.workers)
  local guard = posix.guard() -- ends the programs that cells started if this process is killed

  local function start(number)
    board:clear(number)
    local mine, theirs = posix.channel()
    local pid = posix.fork(true)
    if pid == 0 then
      posix.close(mine)
      posix.close(guard)
      for fd in pairs(pool) do posix.close(fd) end
      local ok, e = pcall(serve, theirs, board, number, cells, o)
      if not ok then io.stderr:write(tostring(e), "\n") end
      posix.quit(1)
    end
    posix.close(theirs)
    posix.note(guard, pid, true)
    pool[mine] = { pid = pid, fd = mine, number = number }
  end

  -- Waits for a worker that has ended or was killed. The programs that it started end with it.
  local function retire(worker)
    pool[worker.fd] = nil
    posix.close(worker.fd)
    local how, what = posix.wait(worker.pid, true)
    posix.note(guard, worker.pid, false)
    return how, what
  end

  -- A worker is gone: the cell that it had, if it had one, has failed, unless it was killed for another that was done
  -- after all; and another worker takes its place, if cells are left.
  local function gone(worker)
    local how, what = retire(worker)
    local place = board:held(worker.number)
    unmet = place and 0 or unmet + 1
    if place and worker.last ~= place then
      if worker.blamed and worker.blamed ~= place then board:release(place)
      else
        local cell = cells[place]
        record(cell, false, worker.why or ("the worker process ended: %s %s%s"):format(how, what,
          what == "Killed" and " (was the memory used up?)" or ""))
        cell.killed = how == "signal" and not worker.why
        finished(cell)
      end
    end
    if not o.stopping and not o.full and not o.limits:late() and board:left() then
      if unmet > MOST_UNMET then error(("workers end before they start: %s %s"):format(how, what), 0) end
      start(worker.number)
    end
  end

  local function collect(seconds)
    local fds = {}
    for fd in pairs(pool) do fds[#fds + 1] = fd end
    for _, fd in ipairs(posix.ready(fds, seconds)) do
      local worker, bytes = pool[fd], posix.get(fd)
      if bytes then
        local place, took, how, at = HEAD:unpack(bytes)
        if how == NOTE then o.note(bytes:sub(at))
        elseif how == INPUTS then worker.inputs = bytes:sub(at)
        elseif how == SAVED then o.saved(cells[place], bytes:sub(at))
        elseif how == SKIPPED or how == PARKED then
          worker.last, worker.inputs = place, nil
          if how == SKIPPED then
            o.limits:skip(cells[place])
            o.full = not o.cost
          end
          posix.put(fd, "")
        else
          local cell = cells[place]
          worker.last, cell.seconds = place, took
          cell.inputs, worker.inputs = worker.inputs, nil
          if how ~= INTERRUPTED then
            record(cell, how == DONE, bytes:sub(at))
            finished(cell)
          elseif not o.stopping then
            error(native.error("interrupted", bytes:sub(at)), 0)
          end
          posix.put(fd, "")
        end
      else
        gone(worker)
      end
    end
    if o.cell_time then
      local now = posix.now()
      for _, worker in pairs(pool) do
        local place, since = board:held(worker.number)
        if since and now - since > o.cell_time and not worker.why then
          worker.blamed = place
          worker.why = ("took longer than the %g s that a cell may take (--cell-time)"):format(o.cell_time)
          posix.finish { worker.pid }
        end
      end
    end
    finished(nil)
  end

  local begun, at_once = false, false -- at_once: the host that limn is embedded in asks for an end
  local ok, e = pcall(function()
    for number = 1, math.min(o.workers, #cells) do start(number) end
    posix.hold(true) -- Ctrl-C has its effect while this process waits, and never between a cell and its record
    begin()
    begun = true
    while next(pool) do
      collect(NAP)
      if interrupts.asked() then
        at_once = true
        error(native.error("interrupted", "interrupted!"), 0)
      end
      if o.limits:noticed() then
        board:stop()
        for _, worker in pairs(pool) do posix.kill(worker.pid, "USR1") end
      end
      if o.limits:over() then break end
    end
    for _, worker in pairs(pool) do
      local place, since = board:held(worker.number)
      if since and worker.last ~= place then o.lost(cells[place], posix.now() - since) end
    end
  end)
  if not ok and begun and not at_once and kind_of(e) == "interrupted" then -- a moment for what runs; a second Ctrl-C ends it
    o.stopping = true
    board:stop()
    local deadline = posix.now() + GRACE
    pcall(function()
      while next(pool) and posix.now() < deadline do collect(math.max(0, math.min(NAP, deadline - posix.now()))) end
    end)
  end
  local left = {}
  for _, worker in pairs(pool) do left[#left + 1] = worker.pid end
  posix.finish(left)
  for _, worker in pairs(pool) do retire(worker) end
  posix.close(guard)
  posix.hold(false)
  board:close()
  if not ok then error(e, 0) end
end

-- The order in which cells start: those that have saved something; then by cost; then those that are likely to take more
-- time than there is; those that have failed before.
local function ordered(cells, o)
  if not o.cost then return cells end
  return plan.by_cost(cells, function(cell)
    local w = o.cost(cell.point)
    if type(w) ~= "number" or w < 0 or w - w ~= 0 then
      error(("cost: expected a finite number >= 0 for %s, got %s"):format(grid.name(cell.point), check.show(w)), 0)
    end
    if o.tried and o.tried.saved[cell.index] then return math.huge end
    if o.tried and o.tried.again[cell.index] then return -math.huge end
    return o.limits:hopeless(cell) and -1 or w
  end)
end

-- The error of a sweep that ends with cells left; moved: whether it finished or saved any, so that another start will.
-- A start that a signal cut short may do what this one did not, but MOST_VAIN in a row will not.
local function out_of_time(o, moved, vain)
  local cut_short = o.limits:cut_short()
  if moved or not o.limits.span or cut_short and vain < MOST_VAIN then
    return native.error("time_limit", o.limits.told and "stopped by a signal" or "stopped at its time limit")
  end
  local it = o.limits.unfit or o.overdue
  local named = it and (": %s needs more than %.3g s"):format(o.tried and o.tried.name(it.cell) or grid.name(it.cell.point),
    it.seconds) or ""
  return native.error("too_long", ("stopped: no cell finishes %s%s; give a longer time limit, or let the cells save where they "
    .. "are (cell:checkpoint)"):format(cut_short and ("before a signal ends the start, %d times in a row"):format(vain)
    or "within the time limit", named))
end

-- Runs every cell of a plan (plan.lua); finished(cell) gets each with .values and .bytes, or .failure. o = {name=, measure=,
-- seed=, workers=, cost=, quiet=, fail_fast=, keep_going=, check=, begin=, finished=, rehearse=, limits=, tried=}; begin():
-- opens the run in the store; workers are under way by then. limits: see limits.lua; tried: see tried.lua, or nil.
-- rehearse(cells) -> messages, a line each, or nil: called once, when some cells are finished.
-- Returns the number of failed cells and the message that stopped the sweep, if one did.
function run.cells(cells, o)
  o.limits = o.limits or limits.new {}
  local order, moved = ordered(cells, o), false
  function o.saved(cell, bytes)
    moved = true
    o.tried:save(cell, bytes)
  end
  function o.lost(cell, seconds)
    seconds = o.limits:had(seconds)
    if not o.overdue or seconds > o.overdue.seconds then o.overdue = { cell = cell, seconds = seconds } end
    if o.tried then o.tried:lost(cell, seconds) end
  end
  local progress, told = Progress.new { cells = order, workers = o.workers, cost = o.cost, quiet = o.quiet }, {}
  local alike = not o.keep_going and failures.watch()
  local function reported(cell)
    progress:add(cell)
    if cell.failure then
      local kind = failures.kind(cell.failure)
      if not told[kind] then -- the others of this kind are only counted
        told[kind] = true
        progress:say(visible.text(("failed  %s, rep=%d: %s"):format(grid.name(cell.point), cell.rep,
          check.first_line(cell.failure))))
      end
    end
  end
  local rehearse, early, size = o.rehearse, o.rehearse and {}, 0
  local function finished(cell)
    if cell then
      moved = true
      if o.store then o.store:put(cell, o.seed, cell.seconds, reported, cell.bytes) else reported(cell) end
      if o.tried then o.tried:ended(cell) end
      o.finished(cell)
      if o.each then report_to(o.each, cell) end
      if early and cell.values and #early < EARLY and size < EARLY_BYTES then
        early[#early + 1], size = cell, size + #cell.bytes
      end
      cell.bytes = nil
      if cell.failure and o.fail_fast then error("stopped at the first failed cell (--fail-fast)", 0) end
      local why = alike and alike(cell)
      if why then error(native.error("alike", why), 0) end
    end
    if o.store then o.store:flush() end
    if rehearse and progress.done >= rehearsal.least and posix.now() - progress.started >= rehearsal.after then
      table.sort(early, function(a, b) return a.index < b.index end)
      local text = progress.done < #cells and rehearse(early)
      rehearse, early = nil, nil
      for line in (text or ""):gmatch "[^\n]+" do progress:warn(("%s: %s"):format(o.name, line)) end
    end
    progress:update()
  end
  local noted = {}
  o.watch = independence.watch(o.measure)
  function o.note(sentences)
    for sentence in sentences:gmatch "[^\n]+" do
      if not noted[sentence] then progress:warn(("%s: %s"):format(o.name, sentence)) end
      noted[sentence] = true
    end
  end
  local guard
  local function inline()
    if o.begin then o.begin() end
    local measured, current = repeatedly(o, o.note), nil
    keeper(o, function(bytes) o.saved(current, bytes) end)
    if o.store then -- a sweep that lasts: the programs of its cells end with it
      guard = posix.guard()
      posix.mark(guard)
    end
    for _, cell in ipairs(order) do
      if o.limits:late() then break end
      if not o.limits:fits(cell) then
        o.limits:skip(cell)
        goto skipped
      end
      if interrupts.asked() then error(native.error("interrupted", "interrupted!"), 0) end
      current, cell.checkpoint = cell, o.tried and o.tried.saved[cell.index]
      local since = posix.now()
      local good, bytes, kind, inputs = measured(cell)
      cell.inputs = inputs
      if kind == "interrupted" then error(native.error(kind, bytes), 0) end
      if kind == "parked" then break end
      record(cell, good, bytes)
      cell.seconds = posix.now() - since
      if good then o.limits:learn(cell, cell.seconds) end
      posix.hold(true)
      finished(cell)
      posix.hold(false)
      ::skipped::
    end
  end
  if o.limits.heed then posix.heed(true) end
  o.limits:begin()
  interrupts.watch(true)
  native.machine.hold_blas(true) -- workers inherit limn's thread count and need not start BLAS's threads to set it
  local ok, e = independence.keeping_random(pcall, function()
    if o.workers == 0 then inline() else by_workers(order, o, o.begin or function() end, finished) end
  end)
  posix.hold(false)
  if not ok and not check.kind(e) and interrupts.came() then e = native.error("interrupted", tostring(e)) end
  interrupts.watch(false)
  posix.heed(false)
  if guard then
    posix.mark(nil)
    posix.close(guard)
  end
  o.watch:reset()
  native.machine.hold_blas(false)
  if o.store then
    local safe, why = pcall(function()
      o.store:flush(true)
      if o.store.run then failures.remember(o.store, progress.done - progress.failed, progress.failed) end
    end)
    if not safe and ok then ok, e = false, why end
  end
  progress:finish()
  if ok then
    local vain = o.tried and o.tried:in_vain(moved) or 0
    if progress.done < #cells then
      o.limits:noticed()
      ok, e = false, out_of_time(o, moved, vain)
    end
  end
  if ok then return progress.failed end
  local kind = check.kind(e)
  return progress.failed, kind == "interrupted" and "interrupted" or check.first_line(tostring(e)), kind
end

return run
