-- limn/frontend/jupyter/output.lua: sends the printed output of the cells from the pipes to the client: in pieces of
-- whole characters, several prints per message, up to a limit per cell.

local native = require "limn.native"
local wire = require "limn.frontend.jupyter.wire"

local posix, session = native.posix, native.session

local output = {}

local SHOWN = 8 << 20 -- maximum output of one cell in bytes
local PIECE = 1 << 16 -- bytes from which a piece is sent without delay
local DELAY = 0.05 -- seconds after which a smaller piece is sent; joins many prints in one message
local NAP = 0.01 -- seconds between two reads of a pipe, whose buffer exceeds the output of that time
local LOOKS = 32 -- reads of a pipe in a row; enough to empty its buffer

local Output = {}
Output.__index = Output

-- The output of pipes {name = descriptor}; publish(name, text) sends a piece.
function output.new(pipes, publish)
  local self = setmetatable({ publish = publish, shown = 0, streams = {} }, Output)
  for name, fd in pairs(pipes) do
    self.streams[#self.streams + 1] = { name = name, fd = fd, held = "", looked = 0 }
  end
  return self
end

-- Resets the limit for a new cell.
function Output:restart() self.shown = 0 end

function Output:send(stream, all)
  local text, rest = stream.held, ""
  if not all then text, rest = wire.whole(text) end
  stream.held, stream.since = rest, nil
  if text ~= "" then self.publish(stream.name, wire.utf8(text)) end
end

-- Reads a piece from a pipe -> whether there was any. Output beyond SHOWN is read and discarded, so that the printing
-- process is not blocked.
function Output:read(stream)
  local text = session.read(stream.fd)
  stream.ended = not text
  if not text or text == "" then return false end
  for _, other in ipairs(self.streams) do -- what was read before is shown before
    if other ~= stream and other.held ~= "" then self:send(other, true) end
  end
  local room = SHOWN - self.shown
  self.shown = self.shown + #text
  if room < 0 then return true end
  if #text > room then
    text = wire.whole(text:sub(1, room)) .. ("\nlimn: the cell has printed more than %d MiB; the rest is not shown\n")
      :format(SHOWN >> 20)
  end
  stream.held = stream.held .. text
  stream.since = stream.since or posix.now()
  if #stream.held >= PIECE then self:send(stream) end
  return true
end

function Output:empty(stream)
  for _ = 1, LOOKS do
    if stream.ended or not self:read(stream) then break end
  end
  stream.looked = posix.now()
end

-- Reads the pipes that are ready, {[descriptor] = true}.
function Output:take(ready)
  for _, stream in ipairs(self.streams) do
    if ready[stream.fd] then self:empty(stream) end
  end
end

-- Sends all output so far.
function Output:drain()
  for _, stream in ipairs(self.streams) do
    self:empty(stream)
    self:send(stream, true)
  end
end

-- Sends pieces that are old enough and adds the pipes to read to `items` -> seconds until the next call
function Output:send_due(items)
  local wait, now = 10, posix.now()
  for _, stream in ipairs(self.streams) do
    if stream.since and now - stream.since >= DELAY then self:send(stream) end
    if stream.since then wait = math.min(wait, stream.since + DELAY - now) end
    if now - stream.looked < NAP then
      wait = math.min(wait, stream.looked + NAP - now)
    elseif not stream.ended then
      items[#items + 1] = stream.fd
    end
  end
  return wait
end

return output
