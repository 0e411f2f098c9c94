-- limn/frontend/repl/cell.lua: compiles a block of the prompt or a cell of a notebook so that a final expression is its
-- value. Lua does not return the value of an expression, so the tokens are scanned for the begin of the last statement.

local scope = require "limn.frontend.repl.scope"
local unfinished = require("limn.frontend.repl.lua_messages").unfinished

local cell = {}

local opens = { ["function"] = true, ["do"] = true, ["if"] = true, ["repeat"] = true, ["("] = true, ["{"] = true,
  ["["] = true }
local closes = { ["end"] = true, ["until"] = true, [")"] = true, ["}"] = true, ["]"] = true }

-- The positions where a statement may begin: outside of all blocks and brackets, first in a line or after `;` or `end`.
function cell.starts(code)
  local found, at, depth, fresh = {}, 1, 0, true
  while true do
    local from = code:match("^[ \t\r]*()", at)
    local c = code:sub(from, from)
    local level = code:match("^%[(=*)%[", from) or code:match("^%-%-%[(=*)%[", from)
    if c == "" then return found end
    local comment, stop = code:sub(from, from + 1) == "--"
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
      fresh = token == "end" and depth == 1
      if not level then
        if opens[token] then depth = depth + 1 elseif closes[token] then depth = depth - 1 end
      end
    end
    at = stop + 1
  end
end

local TRIED = 50 -- statements from the end; bounds the number of compilations of a long cell with an error

-- Compiles an expression, else a chunk -> function; or nil and the message about the chunk.
local function whole(code, name)
  local f = load("return " .. code, name, "t", scope.env)
  if f then return f end
  return load(code, name, "t", scope.env)
end

-- Compiles `code` -> function, or nil and the message.
function cell.compile(code, name)
  local f, message = whole(code, name)
  if not code:find "[\n;]" and f then return f end
  local found, with_value = cell.starts(code), nil
  for i = #found, math.max(1, #found - TRIED), -1 do
    local last = code:sub(found[i])
    local g = load(code:sub(1, found[i] - 1) .. "return " .. last, name, "t", scope.env)
    if f and last:byte() ~= 40 and load(last, name, "t") then return g or f end -- the last statement is an expression
    if not f then
      -- The cell is not valid Lua, so it ends in an expression; the longest one counts, since line ends are blanks in Lua.
      if with_value and not g then break end
      with_value = g or with_value
    end
  end
  return with_value or f, message
end

-- "complete" | "incomplete" | "invalid", from which the client decides what Enter does.
function cell.state(code)
  local f, message = cell.compile(code, "=cell")
  if f then return "complete" end
  local _, expression = load("return " .. code, "=cell", "t")
  return (unfinished(message) or unfinished(expression)) and "incomplete" or "invalid"
end

return cell
