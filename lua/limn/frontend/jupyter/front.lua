-- limn/frontend/jupyter/front.lua: the front process, which Jupyter starts. It runs no user code, so it is always
-- responsive: it serves the sockets and the heartbeat, passes requests to the evaluator (evaluator.lua) and its output
-- to the client, forwards interrupts, and reports the end of the evaluator.

local native = require "limn.native"
local evaluator = require "limn.frontend.jupyter.evaluator"
local output = require "limn.frontend.jupyter.output"
local wire = require "limn.frontend.jupyter.wire"

local json, posix, session, zmq = native.json, native.posix, native.session, native.zmq

local MOST = 256 << 20 -- bytes of one message; libzmq disconnects a peer that sends more
local HISTORY = 1000

local Front = {}
Front.__index = Front

local function say(...)
  io.stderr:write("limn jupyter: ", ..., "\n")
end

-- ---- sending --------------------------------------------------------------------------------------------

function Front:publish(kind, content, parent, metadata)
  self.iopub:send(self.wire:pack({ kind }, kind, content, parent, metadata))
end

function Front:status(state, parent)
  self:publish("status", json.encode { execution_state = state }, parent)
end

function Front:reply(socket, request, content)
  local kind = request.header.msg_type:gsub("_request$", "_reply")
  socket:send(self.wire:pack(request.from, kind, content, request.parent))
end

-- ---- the evaluator --------------------------------------------------------------------------------------

-- Forks before any socket is open, so that the child shares none.
function Front:start()
  local ours, its = posix.channel()
  local out, out_end = session.pipe()
  local err, err_end = session.pipe()
  session.ignore_sigint()
  local pid = posix.fork()
  if pid == 0 then
    session.lead()
    session.redirect(out_end, 1)
    session.redirect(err_end, 2)
    for _, fd in ipairs { ours, out, err, out_end, err_end } do posix.close(fd) end
    evaluator(its)
  end
  for _, fd in ipairs { its, out_end, err_end } do posix.close(fd) end
  self.pid, self.channel = pid, ours
  self.output = output.new({ stdout = out, stderr = err }, function(name, text)
    self:publish("stream", json.encode { name = name, text = text }, self.parent)
  end)
end

-- Sends a request to the evaluator; from_evaluator gets the reply.
function Front:ask(request, kind, content)
  self.busy, self.running, self.interrupted = request, false, false
  posix.put(self.channel, kind .. "\n" .. json.encode(content))
end

function Front:interrupt()
  if not self.busy then return end
  if self.running then session.signal(self.pid, "INT") else self.interrupted = true end
end

function Front:from_evaluator()
  local text = posix.get(self.channel)
  if not text then return self:evaluator_died() end
  if text == "running" then
    self.running = true
    if self.interrupted then session.signal(self.pid, "INT") end
    return
  end
  self.output:drain()
  if text == "drain" then return end
  if text == "ask" then return self:ask_user() end
  local verb, word, content = text:match "^(%a+) (%S+)\n(.*)$"
  if verb == "line" then return self:line(word == "now" and content) end
  if verb == "publish" then
    local body, metadata = content:match "^(.*)\n(.-)$"
    return self:publish(word, body, self.parent, metadata)
  end
  self:finish(content, word == "error")
end

-- Shows one line, in place of the last one; false: the next line is another one. An empty line ends a bar: it stays empty,
-- since a display cannot be taken back.
function Front:line(text)
  if not text then
    self.lined = nil
    return
  end
  local kind = self.lined and "update_display_data" or "display_data"
  self.lined = self.lined or ("limn-%.9f"):format(posix.now())
  self:publish(kind, json.encode { data = { ["text/plain"] = wire.utf8(text) }, metadata = {},
    transient = { display_id = self.lined } }, self.parent)
end

-- Asks the client that sent the running cell for a line.
function Front:ask_user()
  self.asked = true
  self.stdin:send(self.wire:pack(self.busy.from, "input_request", '{"prompt":"","password":false}', self.busy.parent))
end

-- The line of the user; one that nobody waits for any more is dropped.
function Front:from_user(frames)
  local request = frames and self:read(frames)
  if not request or request.header.msg_type ~= "input_reply" or not self.asked then return end
  local ok, content = pcall(json.decode, request.content)
  self.asked = false
  posix.put(self.channel, ok and type(content) == "table" and tostring(content.value or "") or "")
end

-- The requests that are pending now.
function Front:queued()
  local requests, frames = self.waiting, self.shell:receive()
  while frames do
    requests[#requests + 1] = self:read(frames)
    frames = self.shell:receive()
  end
  return requests
end

-- After an error the cells that are already queued are not run. The queue is read before the reply is sent, so that
-- cells which the client sends after the reply are not among them.
function Front:finish(content, failed)
  local request = self.busy
  self.asked = false
  local queued = failed and request.stop_on_error and self:queued() or {}
  self.busy = nil
  self:reply(self.shell, request, content)
  self:status("idle", request.parent)
  self.waiting = #queued > 0 and {} or self.waiting
  for _, other in ipairs(queued) do
    if other.header.msg_type == "execute_request" then
      self:status("busy", other.parent)
      self:reply(self.shell, other, json.encode { status = "aborted", execution_count = self.count })
      self:status("idle", other.parent)
    else
      self.waiting[#self.waiting + 1] = other
    end
  end
end

-- The evaluator has ended: reports why, answers the cell, and exits; Jupyter restarts the kernel.
function Front:evaluator_died()
  self.output:drain()
  local how, what = posix.wait(self.pid)
  local text = how == "exit" and ("the cell ended the session (exit code %d)"):format(what)
    or ("the session was killed (%s)"):format(what)
  text = text .. ": its variables are lost"
  say(text)
  self.stopped = 1
  local request = self.busy
  if not request then return end
  self.busy = nil
  local what_json = { ename = "SessionLost", evalue = text, traceback = { text } }
  self:publish("error", json.encode(what_json), request.parent)
  what_json.status, what_json.execution_count = "error", self.count
  self:reply(self.shell, request, json.encode(what_json))
  self:status("idle", request.parent)
end

-- ---- requests -------------------------------------------------------------------------------------------

local INFO = json.encode {
  status = "ok", protocol_version = wire.version, implementation = "limn", implementation_version = require("limn").version,
  banner = ("limn %s, %s"):format(require("limn").version, _VERSION),
  language_info = { name = "lua", version = _VERSION:match "[%d.]+", mimetype = "text/x-lua", file_extension = ".lua",
    pygments_lexer = "lua", codemirror_mode = "lua" },
  help_links = json.list {},
}

local answers = {} -- requests that this process answers: (self, content) -> JSON of the reply

function answers.kernel_info_request() return INFO end
function answers.comm_info_request() return '{"status":"ok","comms":{}}' end

function answers.history_request(self, content)
  local entries, n = json.list {}, math.tointeger(content.n) or HISTORY
  for i = math.max(1, self.count - n + 1), self.count do
    if self.inputs[i] then entries[#entries + 1] = { 0, i, self.inputs[i] } end
  end
  return json.encode { status = "ok", history = entries }
end

function answers.interrupt_request(self)
  self:interrupt()
  return '{"status":"ok"}'
end

function answers.shutdown_request(self, content)
  self.stopped = 0
  local text = json.encode { status = "ok", restart = content.restart == true }
  self:publish("shutdown_reply", text, self.parent)
  return text
end

local TEXT_WANTED = { execute_request = true, complete_request = true, inspect_request = true, is_complete_request = true }

local asked = {} -- requests that the evaluator answers: (self, request, content)

function asked.execute_request(self, request, content)
  local silent, number = content.silent == true, self.count + 1
  if silent then number = self.count end
  if not silent and content.store_history ~= false then
    self.count = number
    self.inputs[number], self.inputs[number - HISTORY] = content.code, nil
  end
  if not silent then
    self:publish("execute_input", json.encode { code = content.code, execution_count = number }, request.parent)
  end
  self.output:restart()
  self.lined = nil
  request.stop_on_error = content.stop_on_error ~= false
  self:ask(request, "execute", { code = content.code, silent = silent, count = number,
    allow_stdin = content.allow_stdin ~= false, user_expressions = content.user_expressions or {} })
end

local function with_cursor(kind)
  return function(self, request, content)
    local cursor = math.tointeger(content.cursor_pos) or utf8.len(content.code) or #content.code
    self:ask(request, kind, { code = content.code, cursor_pos = cursor, detail = content.detail_level })
  end
end

asked.complete_request = with_cursor "complete"
asked.inspect_request = with_cursor "inspect"
asked.is_complete_request = with_cursor "is_complete"

-- Frames -> a request; for invalid ones nil, and a line on stderr.
function Front:read(frames)
  local request, why = self.wire:unpack(frames)
  if request then return request end
  self.refused = self.refused + 1
  if self.refused <= 10 then say(why, " was dropped") end -- limits the size of a log
end

function Front:serve(socket, request)
  local kind = request.header.msg_type
  self.parent = request.parent
  self:status("busy", request.parent)
  local ok, content = pcall(json.decode, request.content)
  if not ok or type(content) ~= "table" or (TEXT_WANTED[kind] and type(content.code) ~= "string") then
    local what = ("a %s with invalid content"):format(kind)
    say(what)
    self:reply(socket, request, json.encode { status = "error", ename = "BadRequest", evalue = what,
      traceback = json.list {}, execution_count = self.count })
  elseif answers[kind] then
    self:reply(socket, request, answers[kind](self, content))
  elseif asked[kind] and socket == self.shell then
    return asked[kind](self, request, content) -- the status is idle after the answer
  end
  self:status("idle", request.parent)
end

-- ---- the loop -------------------------------------------------------------------------------------------

function Front:handle(ready)
  if ready[self.signals] then
    local signal = session.next_signal(self.signals)
    if signal == "INT" then self:interrupt() elseif signal == "TERM" then self.stopped = 0 end
  end
  if ready[self.hb] then
    local frames = self.hb:receive()
    if frames then self.hb:send(frames) end
  end
  self.output:take(ready)
  if ready[self.channel] then self:from_evaluator() end
  if ready[self.stdin] then self:from_user(self.stdin:receive()) end
  if ready[self.control] then
    local frames = self.control:receive()
    local request, parent = frames and self:read(frames), self.parent
    if request then self:serve(self.control, request) end
    if self.busy then self.parent = parent end -- output belongs to the running cell
  end
  if not self.busy and not self.stopped then
    local request = table.remove(self.waiting, 1)
    if not request and ready[self.shell] then
      local frames = self.shell:receive()
      request = frames and self:read(frames)
    end
    if request then self:serve(self.shell, request) end
  end
end

function Front:loop()
  while not self.stopped do
    local items = { self.signals, self.hb, self.control, self.stdin, self.channel }
    local wait = self.output:send_due(items)
    if not self.busy then items[#items + 1] = self.shell end
    self:handle(zmq.wait(items, #self.waiting > 0 and not self.busy and 0 or wait))
  end
end

-- Runs the kernel of a connection -> exit code; or nil, message
return function(connection)
  local self = setmetatable({ wire = wire.new(connection.key), count = 0, refused = 0, inputs = {},
    waiting = {} }, Front)
  self:start()
  local guard <close> = setmetatable({}, { __close = function() session.signal(self.pid, "KILL") end })
  self.signals = session.signals()
  session.restore_sigint()
  local context, why = zmq.open()
  if not context then return nil, why end
  for name, type in pairs { shell = "router", iopub = "pub", stdin = "router", control = "router", hb = "rep" } do
    local address = wire.address(connection, name .. "_port")
    self[name] = assert(context:socket(type, MOST))
    local bound
    bound, why = self[name]:bind(address)
    if not bound then return nil, ("cannot listen at %s (%s_port): %s"):format(address, name, why) end
  end
  self:status "starting"
  self:loop()
  return self.stopped, guard and nil
end
