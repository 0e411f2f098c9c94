-- limn/experiment/run.lua: cells over worker processes. Workers are forked, so measure's closures come along;
-- a worker that dies takes one cell with it. Cells are handed out one by one, the dear ones first.

local native = require "limn.native"
local grid = require "limn.experiment.grid"
local Progress = require "limn.experiment.progress"
local rng = require "limn.rng"

local posix, message = native.posix, native.message
local run = {}

local GRACE = 1 -- seconds that running cells get after Ctrl-C

local function evaluate(measure, cell, seed)
  local outer = native.measuring
  native.measuring = true -- what answers Ctrl-C by what it has so far must raise here: half a cell is no cell
  local ok, bytes = xpcall(function()
    local stream = rng.stream { seed = seed, point = cell.key, rep = cell.rep }
    local point = {} -- a measurement may change what it is given; what the cell is called must not
    for k, v in next, cell.point do point[k] = v end
    local values = measure(point, stream)
    if type(values) == "table" then
      for name in next, values do
        if cell.point[name] ~= nil or name == "rep" or type(name) == "string" and name:find "^npy:" then
          error(("measure: a result cannot be called %s: %s"):format(name, cell.point[name] ~= nil
            and "the table has a parameter of that name" or "the name is taken"), 0)
        end
      end
    end
    return message.encode(values)
  end, function(e)
    local meta = getmetatable(e)
    if type(e) == "number" or type(meta) == "table" and meta.__tostring then e = tostring(e) end
    if type(e) ~= "string" then e = ("(the error is a %s)"):format(type(e)) end
    return (debug.traceback(e, 2):gsub("\n[^\n]*limn/experiment/run%.lua.*", "")) -- what called the measurement is no news
  end)
  native.measuring = outer
  return ok, bytes
end

-- One cell alone, here: true and the bytes of its values, or false and the message.
run.one = evaluate

local function record(cell, ok, bytes)
  if ok then cell.values, cell.bytes = message.decode(bytes), bytes
  else cell.failure = bytes end
end

-- The life of a worker: a cell's index comes in, "1"/"0" and the bytes go out.
local function serve(fd, cells, measure, seed, memory)
  native.machine.threads(1)
  if memory then posix.limit { memory = memory } end
  while true do
    local text = posix.get(fd)
    if not text then posix.quit(0) end
    local ok, bytes = evaluate(measure, cells[tonumber(text)], seed)
    if not posix.put(fd, (ok and "1" or "0") .. bytes) then posix.quit(0) end
  end
end

local function start(pool, cells, o)
  local mine, theirs = posix.channel()
  local pid = posix.fork()
  if pid == 0 then
    posix.close(mine)
    for fd in pairs(pool) do posix.close(fd) end
    local ok, e = pcall(serve, theirs, cells, o.measure, o.seed, o.cell_memory)
    if not ok then io.stderr:write(tostring(e), "\n") end
    posix.quit(1)
  end
  posix.close(theirs)
  pool[mine] = { pid = pid, fd = mine }
  return pool[mine]
end

local function retire(pool, worker, how)
  posix.close(worker.fd)
  if how then posix.kill(worker.pid, how) end
  pool[worker.fd] = nil
  return posix.wait(worker.pid)
end

-- Whether the sweep's time is up: no cell starts any more.
local function late(o) return o.deadline ~= nil and posix.now() > o.deadline end

local function by_workers(cells, order, o, finished)
  local pool, next_one, running, stopping = {}, 1, 0, false
  local function feed(worker)
    local cell = cells[order[next_one]]
    if not cell or late(o) then return retire(pool, worker) end
    next_one, running = next_one + 1, running + 1
    worker.cell, worker.since = cell, posix.now()
    posix.put(worker.fd, tostring(cell.index))
  end
  local function collect(seconds)
    local fds = {}
    for fd in pairs(pool) do fds[#fds + 1] = fd end
    for _, fd in ipairs(posix.ready(fds, seconds)) do
      local worker = pool[fd]
      local bytes, cell = posix.get(fd), worker.cell
      running = running - 1
      cell.seconds = posix.now() - worker.since
      if bytes then
        record(cell, bytes:sub(1, 1) == "1", bytes:sub(2))
        if stopping then retire(pool, worker) else feed(worker) end -- it works while this process writes
        finished(cell)
      else -- it died: one failed cell, and another worker in its place
        local how, what = retire(pool, worker)
        record(cell, false, worker.why or ("the worker process ended: %s %s%s"):format(how, what,
          what == "Killed" and " (was the memory used up?)" or ""))
        if not stopping and next_one <= #order and not late(o) then feed(start(pool, cells, o)) end
        finished(cell)
      end
    end
    for _, worker in pairs(pool) do
      if o.cell_time and posix.now() - worker.since > o.cell_time and not worker.why then
        worker.why = ("took longer than the %g s that a cell may take (--cell-time)"):format(o.cell_time)
        posix.kill(worker.pid, "KILL")
      end
    end
    finished(nil)
  end
  local function loop()
    for _ = 1, math.min(o.workers, #order) do feed(start(pool, cells, o)) end
    while running > 0 do collect(0.1) end
  end
  local ok, e = pcall(loop)
  if not ok and tostring(e):find("interrupted", 1,
    true) then -- a moment for what is nearly done; a second Ctrl-C ends it
    stopping = true
    local deadline = posix.now() + GRACE
    pcall(function()
      while running > 0 and posix.now() < deadline do collect(0.05) end
    end)
  end
  for _, worker in pairs(pool) do retire(pool, worker, "KILL") end
  if not ok then error(e, 0) end
end

-- Runs every cell; fills cell.values or cell.failure. o = {measure=, seed=, workers=, cost=, quiet=, fail_fast=}.
-- Returns the number of failed cells and the message that stopped the sweep, if one did.
function run.cells(cells, o)
  local order, weight, total = {}, {}, 0
  for i, cell in ipairs(cells) do
    order[i] = cell.index
    weight[cell.index] = o.cost and o.cost(cell.point) or 1
    total = total + weight[cell.index]
  end
  table.sort(order, function(a, b)
    if weight[a] ~= weight[b] then return weight[a] > weight[b] end
    return a < b
  end)
  local progress, done = Progress.new(#cells, o.quiet), 0
  local by_index = {}
  for _, cell in ipairs(cells) do by_index[cell.index] = cell end
  local function reported(cell)
    done = done + weight[cell.index]
    progress.done = progress.done + 1
    if cell.failure then
      progress.failed = progress.failed + 1
      progress:say(("failed  %s, rep=%d: %s"):format(grid.name(cell.point), cell.rep, cell.failure:match "[^\n]*"))
    end
  end
  local function finished(cell)
    if cell then
      if o.store then o.store:put(cell, o.seed, cell.seconds, reported, cell.bytes) else reported(cell) end
      cell.bytes = nil
      if cell.failure and o.fail_fast then error("stopped at the first failed cell (--fail-fast)", 0) end
    end
    if o.store then o.store:flush() end
    progress:update(done / total)
  end
  local ok, e = pcall(function()
    if o.workers == 0 then
      for _, index in ipairs(order) do
        local cell = by_index[index]
        if late(o) then break end
        local since = posix.now()
        record(cell, evaluate(o.measure, cell, o.seed))
        cell.seconds = posix.now() - since
        if cell.failure and cell.failure:find("interrupted", 1, true) then
          local message_ = cell.failure
          cell.failure = nil
          error(message_, 0)
        end
        finished(cell)
      end
    else
      by_workers(by_index, order, o, finished)
    end
  end)
  if o.store then
    local safe, why = pcall(o.store.flush, o.store, true)
    if not safe and ok then ok, e = false, why end
  end
  progress:finish(done / total)
  if ok and progress.done < #cells then ok, e = false, "stopped at its time limit" end
  local why = not ok and tostring(e):match "[^\n]*" or nil
  if why and why:find("interrupted", 1, true) then why = "interrupted" end
  return progress.failed, why
end

return run
