-- limn/report/run.lua: runs one script as a process of its own, its output in OUT/NAME.log, and shows how far all are.

local native = require "limn.native"
local check = require "limn.base.check"
local system = require "limn.base.system"
local scripts = require "limn.report.scripts"

local posix = native.posix
local run = {}

-- ---- the progress line -------------------------------------------------------------------------------------------

local Progress = {}
Progress.__index = Progress

-- total: number of scripts; ahead: seconds that they are expected to take together.
function run.progress(total, ahead, quiet)
  local columns = not quiet and posix.terminal(2) or nil
  return setmetatable({ total = total, ahead = ahead, place = 0, quiet = quiet, columns = columns }, Progress)
end

local function clock(seconds)
  local whole = math.floor(seconds)
  return ("%d:%02d"):format(whole // 60, whole % 60)
end

function Progress:text(note)
  local elapsed = posix.now() - self.since
  local left = math.max(0, self.expected - elapsed) + self.ahead
  return ("[%d/%d] %s  %s of about %s%s; about %s left"):format(self.place, self.total, self.name, clock(elapsed),
    clock(self.expected), note and ", " .. note or "", scripts.duration(left))
end

-- On a terminal the line is drawn anew; elsewhere it is written once, when a script starts.
function Progress:update(note)
  if self.quiet or not self.columns then return end
  io.stderr:write("\r", self:text(note):sub(1, self.columns - 1), "\27[K")
  io.stderr:flush()
end

function Progress:start(name, expected)
  self.place, self.name, self.expected, self.since = self.place + 1, name, expected, posix.now()
  self.ahead = math.max(0, self.ahead - expected)
  if not self.quiet and not self.columns then io.stderr:write(self:text(), "\n") end
  self:update()
end

function Progress:finish(word)
  if self.quiet then return end
  local said = ("[%d/%d] %s  %s after %s"):format(self.place, self.total, self.name, word, clock(posix.now() - self.since))
  io.stderr:write(self.columns and "\r" or "", said, self.columns and "\27[K" or "", "\n")
end

-- ---- one script --------------------------------------------------------------------------------------------------

-- The process id that a started shell has left in a file; nil before it has.
local function started(path)
  local text = system.text_of(path)
  return text and math.tointeger(tonumber(text))
end

-- Sends SIGINT to the script, which keeps its finished cells.
local function interrupt(path)
  local pid = started(path)
  if pid then os.execute(("kill -INT %d 2>/dev/null"):format(pid)) end
end

-- Runs the command and waits; during() is called twice a second. Returns "exit", code or "signal", number. An
-- interrupt is passed on to the script and raised again when the script has ended.
local function supervise(line, pid_file, during)
  local mine, theirs = posix.channel()
  local pid = posix.fork()
  if pid == 0 then
    posix.close(mine)
    local _, how, code = os.execute(line)
    posix.put(theirs, ("%s %d"):format(how, code))
    posix.quit(0)
  end
  posix.close(theirs)
  local answer, stopped
  repeat
    local fine, why = pcall(function()
      for _, fd in ipairs(posix.ready({ mine }, 0.5)) do answer = posix.get(fd) or "signal 9" end
      during()
    end)
    if not fine then
      if stopped or check.kind(why) ~= "interrupted" then
        posix.kill(pid, "KILL")
        interrupt(pid_file)
        error(why, 0)
      end
      stopped = why
      interrupt(pid_file)
    end
  until answer
  posix.close(mine)
  posix.wait(pid)
  if stopped then error(stopped, 0) end
  local how, code = answer:match "^(%a+) (%d+)$"
  return how, math.tointeger(code)
end

-- Runs a planned script -> true, or false and why it failed. Raises an error of kind "interrupted".
function run.script(entry, out, workers, progress)
  local log, pid_file = ("%s/%s.log"):format(out, entry.name), ("%s/.%s.pid"):format(out, entry.name)
  local words = { native.session.program(), entry.path, table.unpack(entry.args) }
  if workers then table.move({ "--workers", tostring(workers) }, 1, 2, #words + 1, words) end
  os.remove(("%s/%s.ledger.json"):format(out, entry.name))
  os.remove(pid_file)
  local line = ("echo $$ >%s; exec %s >%s 2>&1 </dev/null"):format(system.quoted(pid_file), scripts.line(words),
    system.quoted(log))
  local fine, how, code = pcall(function()
    scripts.wait_for_store(("%s/%s.db"):format(out, entry.name), function(pid)
      progress:update(("waiting for process %d"):format(pid))
    end)
    return supervise(line, pid_file, function() progress:update() end)
  end)
  os.remove(pid_file)
  if not fine then error(how, 0) end
  if how == "exit" and code == 130 then error(native.error("interrupted", "interrupted"), 0) end
  if how == "exit" and code == 0 then return true end
  return false, how == "exit" and ("exit code %d"):format(code) or ("ended by signal %d"):format(code)
end

return run
