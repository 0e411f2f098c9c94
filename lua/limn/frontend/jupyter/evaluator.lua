-- limn/frontend/jupyter/evaluator.lua: the process that runs the cells. It has the variables of the session, accepts
-- SIGINT only while it handles a request, and exchanges framed texts with the front process (front.lua): requests are
-- "kind\nJSON"; answers are "running", "drain", "ask", "line now|next\ntext", "publish TYPE\nJSON\nmetadata" and "reply
-- STATUS\nJSON". Printed output goes through pipes.

local check = require "limn.base.check"
local native = require "limn.native"
local cell = require "limn.frontend.repl.cell"
local commands = require "limn.frontend.repl.commands"
local errors = require "limn.frontend.repl.errors"
local html = require "limn.frontend.jupyter.html"
local input = require "limn.frontend.jupyter.input"
local picture = require "limn.frontend.jupyter.picture"
local Progress = require "limn.experiment.progress"
local repl = require "limn.frontend.repl"
local wire = require "limn.frontend.jupyter.wire"

local json, posix, session = native.json, native.posix, native.session
local list = json.list

-- ---- errors ---------------------------------------------------------------------------------------------

-- The contents of an error reply; the handler of xpcall. The text is that of the prompt: message, line with a caret, the
-- user's functions.
local function describe(value)
  local lines = {}
  for line in (errors.handler(value) .. "\n"):gmatch "(.-)\n" do lines[#lines + 1] = line end
  return { ename = check.kind(value) == "interrupted" and "Interrupted" or "Error",
    evalue = lines[1]:gsub("\27%[[%d;]*m", ""), traceback = lines }
end

-- An error of the compiler: without functions.
local SyntaxError = { __tostring = function(e) return e.text end }

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
  io.stdout:flush()
  self:put(text and "line now" or "line next", text or "")
end

local answers = {}

-- The values of expressions that a client asks for beside those of the cell: { name = source }.
local function expressions(asked)
  local out = {}
  for name, source in pairs(asked) do
    local ok, result = xpcall(function()
      local f, message = cell.compile(tostring(source), "=expression")
      if not f then error(message, 0) end
      return { status = "ok", data = { ["text/plain"] = wire.utf8(repl.text((f()))) }, metadata = {} }
    end, describe)
    if not ok then
      result.status = "error"
      list(result.traceback)
    end
    out[name] = result
  end
  return out
end

function answers.execute(self, request)
  local code = repl.after_commands(request.code)
  if not code then return { status = "ok" } end
  local name = ("In[%d]"):format(request.count)
  local f, message = cell.compile(code, "=" .. name)
  if not f then error(setmetatable({ text = errors.syntax(message, code) }, SyntaxError)) end
  errors.begin(code, name)
  self.displayed, repl.number = nil, request.count
  local values = table.pack(f())
  if request.silent then return { status = "ok" } end
  local text = repl.shown(code, table.unpack(values, 1, values.n))
  if not text or (values[1] ~= nil and rawequal(values[1], self.displayed)) then return { status = "ok" } end
  local as_html = values.n == 1 and html.of(values[1])
  local data, metadata = json.encode { ["text/plain"] = wire.utf8(text), ["text/html"] = as_html and wire.utf8(as_html) or nil }, "{}"
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

-- Shift-Tab and `?` in notebooks: the text of the prompt about a name, its signature first; with detail 1 (Shift-Tab twice,
-- `??`) also its source.
function answers.inspect(_, request)
  local head, rest = split(request)
  local function about(name)
    local text = repl.about(name, request.detail == 1)
    local code = text and request.detail == 1 and repl.source(name)
    return code and not text:find(code, 1, true) and text .. "\n\n" .. code or text
  end
  local name = (head:match "[%a_][%w_%.:]*$" or "") .. rest:match "^[%w_]*"
  local text = name ~= "" and about(name)
  if not text then -- the name has no entry; the function in whose call it is may have one
    local called = head:match "([%a_][%w_%.:]*)%s*[%({\"'][^%(%){}]*$"
    text = called and about(called)
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
    answer.execution_count, answer.payload = request.count, list {}
    answer.user_expressions = answer.status == "ok" and expressions(request.user_expressions or {}) or {}
  end
  io.stdout:flush()
  io.stderr:flush()
  self:put("reply " .. answer.status, json.encode(answer))
end

local PATIENCE = 1 -- seconds that a write waits for the front process, which may be busy

-- Returns when the front process has read all output.
function Evaluator:settle()
  io.stdout:flush()
  local start = posix.now()
  if session.unread(1) + session.unread(2) == 0 then return end
  self:put "drain"
  while session.unread(1) + session.unread(2) > 0 and posix.now() - start < PATIENCE do posix.ready({}, 0.0005) end
end

-- Standard output and standard error are two pipes: what is written to the latter is read before and after anything
-- else, so that a client shows both in their order. The workers of a sweep send it nothing.
function Evaluator:keep_order()
  local methods = getmetatable(io.stderr).__index
  local write = methods.write
  function methods.write(file, ...)
    if file ~= io.stderr or native.measuring then return write(file, ...) end
    self:settle()
    local result, why, code = write(file, ...)
    self:settle()
    return result, why, code
  end
end

-- Asks the user for a line; nil where the client does not allow it.
function Evaluator:ask()
  if not self.asks or native.measuring then return nil end
  self:settle()
  self:put "ask"
  local waiting = {}
  while #waiting == 0 do waiting = posix.ready({ self.fd }, 1) end -- a signal ends it, and raises here
  return posix.get(self.fd)
end

-- Serves the front process until that ends. Never returns.
return function(fd)
  local self = setmetatable({ fd = fd }, Evaluator)
  session.progress(fd)
  debug.getregistry()["limn.prompt"], commands.prompt, errors.colored = nil, nil, true
  repl.start()
  self:keep_order()
  input.install(function() return self:ask() end)
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
    local content_of = json.decode(content)
    self.asks = content_of.allow_stdin
    self:answer(kind, content_of)
  end
end
