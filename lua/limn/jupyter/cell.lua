-- limn/jupyter/cell.lua: compiles a cell so that its last expression, if it ends in one, is its value. Lua has no
-- such thing: where the last statement begins is found by reading the tokens.

local repl = require "limn.repl"

local cell = {}

local opens = { ["function"] = true, ["do"] = true, ["if"] = true, ["repeat"] = true, ["("] = true, ["{"] = true,
  ["["] = true }
local closes = { ["end"] = true, ["until"] = true, [")"] = true, ["}"] = true, ["]"] = true }

-- Where a token may begin a statement: outside of all blocks and brackets, first in its line or after a `;`.
local function starts(code)
  local found, at, depth, fresh = {}, 1, 0, true
  while true do
    local from = code:match("^[ \t\r]*()", at)
    local c = code:sub(from, from)
    local level = code:match("^%[(=*)%[", from) or code:match("^%-%-%[(=*)%[", from)
    if c == "" then return found end
    local comment, stop = code:sub(from, from + 1) == "--", nil
    if level then
      stop = select(2, code:find("]" .. level .. "]", from, true)) or #code
    elseif comment then
      stop = (code:find("\n", from, true) or #code + 1) - 1
    elseif c == '"' or c == "'" then
      stop = from
      repeat
        stop = code:find("[\\\n" .. c .. "]", stop + 1) or #code
        local escape = code:sub(stop, stop) == "\\"
        if escape then stop = stop + 1 end
      until not escape
    else
      stop = #(code:match("^[%a_][%w_]*", from) or code:match("^%d[%w.]*", from) or c) + from - 1
    end
    local token = code:sub(from, stop)
    if token == "\n" or token == ";" then
      fresh = true
    elseif not comment then
      if fresh and depth == 0 then found[#found + 1] = from end
      fresh = false
      if not level then
        if opens[token] then depth = depth + 1 elseif closes[token] then depth = depth - 1 end
      end
    end
    at = stop + 1
  end
end

-- Compiles `code` -> function, or nil and the message. A cell that is not valid Lua may still end in an expression:
-- the longest one wins, as in Lua, which does not see line ends. A valid one may end in a call, which has values too.
function cell.compile(code, name)
  local f, message = repl.compile(code, name)
  local valid = f ~= nil
  for _, at in ipairs(starts(code)) do
    local last = code:sub(at)
    if not valid or (at > 1 and last:byte() ~= 40 and load(last, name, "t")) then
      local with_value = load(code:sub(1, at - 1) .. "return " .. last, name, "t")
      if with_value then return with_value end
    end
  end
  return f, message
end

-- "complete" | "incomplete" | "invalid": what Enter should do.
function cell.state(code)
  local f, message = cell.compile(code, "=cell")
  if f then return "complete" end
  return message:find "<eof>$" and "incomplete" or "invalid"
end

return cell
