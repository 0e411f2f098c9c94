-- limn/frontend/repl/pager.lua: text that is longer than the terminal goes through a pager: $PAGER, else less.

local native = require "limn.native"
local quoted = require("limn.base.system").quoted

local pager = {}

-- The lines that a text takes on a terminal of so many columns.
local function lines(text, columns)
  local n = 0
  for line in (text .. "\n"):gmatch "(.-)\n" do
    n = n + math.max(1, math.ceil((utf8.len(line) or #line) / math.max(1, columns)))
  end
  return n
end

local function program()
  local own = os.getenv "PAGER"
  if own and own ~= "" then return own end
  return os.execute "command -v less >/dev/null 2>&1" and "less" or nil
end

-- Prints a text; where it does not fit the terminal, through a pager.
function pager.print(text)
  local columns, rows = native.terminal.size()
  local term = os.getenv "TERM"
  if not columns or rows == 0 or not term or term == "dumb" or lines(text, columns) < rows then return print(text) end
  local command = program()
  if not command then return print(text) end
  -- a file, since a pipe whose reader ends early would end this program too
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write(text, "\n")
  file:close()
  io.stdout:flush()
  -- less leaves its last page on the screen (X), ends by itself on one page (F), and passes colours (R)
  os.execute(("LESS=${LESS-FRX} sh -c %s <%s"):format(quoted(command), quoted(path)))
  os.remove(path)
end

return pager
