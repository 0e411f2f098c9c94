-- limn/frontend/jupyter/evaluator.lua: the process that runs the cells. It has the variables of the session, accepts
-- SIGINT only while it handles a request, and exchanges framed texts with the front process (front.lua): requests are
-- "kind\nJSON"; answers are "running", "publish TYPE\nJSON\nmetadata" and "reply STATUS\nJSON". Printed output goes
-- through pipes.

local check = require "limn.base.check"
local native = require "limn.native"
local cell = require "limn.frontend.jupyter.cell"
local picture = require "limn.frontend.jupyter.picture"
local Progress = require "limn.experiment.progress"
local repl = require "limn.frontend.repl"
local wire = require "limn.frontend.jupyter.wire"

local json, posix, session = native.json, native.posix, native.session
local list = json.list

-- ---- errors ---------------------------------------------------------------------------------------------

-- The message of an error value, as at the prompt.
local function message_of(value)
  if type(value) == "string" then return value end
  local mt = debug.getmetatable(value)
  if type(mt) == "table" and mt.__tostring then return tostring(value) end
  return type(value) == "number" and tostring(value) or ("(error object is a %s value)"):format(type(value))
end

-- The user's frames, down to that of the cell; those below belong to this file. A message of the compiler has none.
local function frames_of(trace)
  local frames, last = {}, 0
  for line in trace:gmatch "\n\t([^\n]+)" do
    local ours = line:find("limn/frontend/jupyter/evaluator.lua:", 1, true)
    if ours and #frames > 0 then break end
    frames[#frames + (ours and 0 or 1)] = "    " .. line:gsub("^(In%[%d+%]:%d+): in local 'f'$", "%1: in the cell")
    if line:find "^In%[" then last = #frames end
  end
  return table.move(frames, 1, last, 1, {})
end

-- The contents of an error reply; the handler of xpcall.
local function describe(value)
  local interrupted = check.kind(value) == "interrupted"
  local message = interrupted and "interrupted!" or message_of(value) -- the position of an interrupt is not in the cell
  local lines = { message }
  for _, frame in ipairs(frames_of(debug.traceback("", 2))) do lines[#lines + 1] = frame end
  return { ename = interrupted and "Interrupted" or "Error", evalue = message, traceback = lines }
end

-- ---- requests -------------------------------------------------------------------------------------------

local Evaluator = {}
Evaluator.__index = Evaluator

function Evaluator:put(head, ...)
  posix.put(self.fd, table.concat({ head, ... }, "\n"))
end

-- Flushes all output to the pipes before the front process gets the next message.
function Evaluator:publish(kind, content, metadata)
  io.stdout:flush()
  io.stderr:flush()
  self:put("publish " .. kind, content, metadata or "{}")
end

-- Shows a figure in the output of the running cell -> the figure; or nil, message
function Evaluator:display(figure)
  local data, metadata = picture.bundle(figure)
  if not data then return nil, metadata end
  self:publish("display_data", ('{"data":%s,"metadata":%s,"transient":{}}'):format(data, metadata))
  self.displayed = figure
  return figure
end

-- Shows one line in place of the last one; nil: the next line is another one.
function Evaluator:line(text)
  if not text then
    self.lined = nil
    return
  end
  local kind = self.lined and "update_display_data" or "display_data"
  self.lined = self.lined or ("limn-%.9f"):format(posix.now())
  self:publish(kind, json.encode { data = { ["text/plain"] = text }, metadata = {}, transient = { display_id = self.lined } })
end

local answers = {}

function answers.execute(self, request)
  local code = request.code
  local command = not code:find "\n" and repl.command(code)
  if command == true then return { status = "ok" } end
  if type(command) == "string" then code = command end
  local f, message = cell.compile(code, ("=In[%d]"):format(request.count))
  if not f then error(message, 0) end
  self.displayed = nil
  local values = table.pack(f())
  if request.silent then return { status = "ok" } end
  local text = repl.shown(code, table.unpack(values, 1, values.n))
  if not text or (values[1] ~= nil and rawequal(values[1], self.displayed)) then return { status = "ok" } end
  local table_ = values.n == 1 and check.typename(values[1]) == "limn.results" and wire.utf8(values[1]:html()) or nil
  local data, metadata = json.encode { ["text/plain"] = wire.utf8(text), ["text/html"] = table_ }, "{}"
  if picture.is_figure(values[1]) then
    local drawn, why = picture.bundle(values[1])
    if drawn then data, metadata = drawn, why else io.stderr:write("limn: the figure cannot be drawn: ", why, "\n") end
  end
  self:publish("execute_result", ('{"execution_count":%d,"data":%s,"metadata":%s}'):format(request.count, data, metadata))
  return { status = "ok" }
end

-- The text before and after the cursor, and the cursor in bytes. The protocol counts characters.
local function split(request)
  local code = request.code
  local cursor = math.max(0, math.min(request.cursor_pos, utf8.len(code) or #code))
  local at = utf8.offset(code, cursor + 1) or #code + 1
  return code:sub(1, at - 1), code:sub(at), cursor
end

function answers.complete(_, request)
  local head, _, cursor = split(request)
  local word, choices = repl.choices(head, #head)
  return { status = "ok", matches = list(choices or {}), metadata = {}, cursor_end = cursor,
    cursor_start = cursor - (word and utf8.len(word) or 0) }
end

function answers.inspect(_, request)
  local head, rest = split(request)
  local name = (head:match "[%a_][%w_%.:]*$" or "") .. rest:match "^[%w_]*"
  local text = name ~= "" and repl.about(name)
  if not text then -- the name has no entry; the function in whose call it is may have one
    local called = head:match "([%a_][%w_%.:]*)%s*[%({\"'][^%(%){}]*$"
    text = called and repl.about(called)
  end
  return { status = "ok", found = text and true or false, metadata = {},
    data = text and { ["text/plain"] = wire.utf8(text) } or {} }
end

function answers.is_complete(_, request)
  local state = cell.state(request.code)
  return { status = state, indent = state == "incomplete" and "" or nil }
end

-- ---- the loop -------------------------------------------------------------------------------------------

-- Publishes an error; its text is converted to UTF-8.
function Evaluator:fail(what, silent)
  for i, line in ipairs(what.traceback) do what.traceback[i] = wire.utf8(line) end
  what.evalue = wire.utf8(what.evalue)
  list(what.traceback)
  if not silent then self:publish("error", json.encode(what)) end
  what.status = "error"
  return what
end

-- Answers one request. The outer call catches an interrupt before or after the request itself.
function Evaluator:answer(kind, request)
  local ok, answer, what = pcall(function()
    session.restore_sigint()
    self:put "running"
    local fine, result = xpcall(answers[kind], describe, self, request)
    session.ignore_sigint()
    return fine and result, result
  end)
  session.ignore_sigint()
  if not ok then what = describe(answer) end
  if not ok or not answer then answer = self:fail(what, kind ~= "execute" or request.silent) end
  if kind == "execute" then
    answer.execution_count, answer.user_expressions, answer.payload = request.count, {}, list {}
  end
  io.stdout:flush()
  io.stderr:flush()
  self:put("reply " .. answer.status, json.encode(answer))
end

-- Serves the front process until that ends. Never returns.
return function(fd)
  local self = setmetatable({ fd = fd }, Evaluator)
  debug.getregistry()["limn.progress"] = nil -- the bar is for terminals
  io.stdout:setvbuf "line"
  Progress.display = function(text) self:line(text) end
  rawset(_G, "limn", require "limn")
  local Figure = require("limn.plot.figure").Figure
  local on_terminal = Figure.show
  function Figure.show(figure, options)
    if type(options) == "table" and options.as ~= nil and options.as ~= "auto" then
      return on_terminal(figure, options)
    end
    return self:display(figure)
  end
  while true do
    local request = posix.get(fd)
    if not request then posix.quit(0) end
    local kind, content = request:match "^(%S+)\n(.*)$"
    self:answer(kind, json.decode(content))
  end
end
