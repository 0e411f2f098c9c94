-- limn/frontend/jupyter/wire.lua: the outer layer of the Jupyter protocol (5.3): the connection file, and messages as
-- signed lists of frames. Contents are JSON texts; callers encode and decode them.

local check = require "limn.base.check"
local native = require "limn.native"

local json, zmq = native.json, native.zmq

local wire = { version = "5.3" }

local SEPARATOR = "<IDS|MSG>"
local REMEMBERED = 4096 -- signatures

-- ---- the connection file --------------------------------------------------------------------------------

local PORTS = { "shell_port", "iopub_port", "stdin_port", "control_port", "hb_port" }

-- Reads the connection file -> {transport=, ip=, key=, shell_port=, ...}; or nil, message
function wire.connection(path)
  local file, why = io.open(path, "rb")
  if not file then return nil, "cannot read the connection file " .. why end
  local text = file:read(65536)
  file:close()
  if not text then return nil, path .. ": the connection file is empty or not a file" end
  local ok, c, broken = pcall(json.decode, text)
  if not ok or broken then return nil, ("%s: the connection file is broken (%s)"):format(path, broken or c) end
  local function bad(name, wanted, got)
    return nil, ("%s: %s must be %s, got %s"):format(path, name, wanted, check.show(got))
  end
  if type(c) ~= "table" then return bad("the connection file", "an object", c) end
  c.transport, c.ip, c.key = c.transport or "tcp", c.ip or "127.0.0.1", c.key or ""
  local scheme = c.signature_scheme or "hmac-sha256"
  for _, name in ipairs { "transport", "ip", "key" } do
    if type(c[name]) ~= "string" then return bad(name, "a string", c[name]) end
  end
  if c.transport ~= "tcp" and c.transport ~= "ipc" then return bad("transport", '"tcp" or "ipc"', c.transport) end
  if scheme ~= "hmac-sha256" then return bad("signature_scheme", '"hmac-sha256"', scheme) end
  for _, name in ipairs(PORTS) do
    local port = c[name]
    if math.type(port) ~= "integer" or port < 1 or port > 65535 then return bad(name, "a port in 1 .. 65535", port) end
  end
  return c
end

-- The address of one of its ports.
function wire.address(c, port)
  return ("%s://%s%s%d"):format(c.transport, c.ip, c.transport == "tcp" and ":" or "-", c[port])
end

-- ---- messages -------------------------------------------------------------------------------------------

local Wire = {}
Wire.__index = Wire

local function random_name()
  local source <close> = assert(io.open("/dev/urandom", "rb"))
  return (source:read(16):gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end

-- Sends and receives messages of one connection, signed with its key; an empty key means no signature.
function wire.new(key)
  return setmetatable({ key = key, session = random_name(), sent = 0, seen = {}, before = {}, count = 0 }, Wire)
end

function Wire:sign(...)
  return self.key == "" and "" or zmq.sign(self.key, ...)
end

-- Frames of a message, from its recipients (a list of identities, or a topic), its type, its content, and the header of
-- the request that it answers.
function Wire:pack(to, kind, content, parent, metadata)
  self.sent = self.sent + 1
  local header = json.encode {
    msg_id = ("%s_%d"):format(self.session, self.sent), session = self.session, username = "limn",
    date = os.date "!%Y-%m-%dT%H:%M:%S.000000Z", msg_type = kind, version = wire.version,
  }
  local frames = table.move(to, 1, #to, 1, {})
  parent, metadata = parent or "{}", metadata or "{}"
  for _, frame in ipairs { SEPARATOR, self:sign(header, parent, metadata, content), header, parent, metadata, content } do
    frames[#frames + 1] = frame
  end
  return frames
end

-- Whether a signature came before: whoever records a message could send it again. The last 4096 at least are known.
function Wire:repeated(signature)
  if self.key == "" then return false end
  if self.seen[signature] or self.before[signature] then return true end
  if self.count >= REMEMBERED then self.before, self.seen, self.count = self.seen, {}, 0 end
  self.seen[signature], self.count = true, self.count + 1
  return false
end

local function differ(a, b) -- in constant time
  local bits = #a ~ #b
  for i = 1, math.min(#a, #b) do bits = bits | (a:byte(i) ~ b:byte(i)) end
  return bits ~= 0
end

-- A message of frames -> {from=, header = (decoded), parent = (its header as text), content = (text)}; or nil, message
function Wire:unpack(frames)
  local at
  for i, frame in ipairs(frames) do
    if frame == SEPARATOR then at = i break end
  end
  if not at or #frames < at + 5 then return nil, "a message with missing parts" end
  local signature, header, parent, metadata, content = table.unpack(frames, at + 1, at + 5)
  if differ(signature, self:sign(header, parent, metadata, content)) then return nil, "a message with a wrong signature" end
  if self:repeated(signature) then return nil, "a message that came before" end
  local ok, head = pcall(json.decode, header)
  if not ok or type(head) ~= "table" or type(head.msg_type) ~= "string" then return nil, "a message with an invalid header" end
  return { from = table.move(frames, 1, at - 1, 1, {}), header = head, parent = header, content = content }
end

-- ---- texts ----------------------------------------------------------------------------------------------

-- Text as UTF-8; invalid bytes become U+FFFD.
function wire.utf8(text)
  if utf8.len(text) then return text end
  local parts, from = {}, 1
  while from <= #text do
    local _, bad = utf8.len(text, from)
    if not bad then break end
    parts[#parts + 1] = text:sub(from, bad - 1) .. "\u{FFFD}"
    from = bad + 1
  end
  return table.concat(parts) .. text:sub(from)
end

-- Splits off an incomplete character at the end -> complete part, rest
function wire.whole(text)
  for back = 1, math.min(3, #text) do
    local byte = text:byte(-back)
    if byte >= 0xC0 then
      local need = byte >= 0xF0 and 4 or byte >= 0xE0 and 3 or 2
      if need > back then return text:sub(1, -back - 1), text:sub(-back) end
      break
    elseif byte < 0x80 then
      break
    end
  end
  return text, ""
end

return wire
