-- limn/frontend/repl/lua_messages.lua: patterns for messages of Lua. Errors of Lua are plain strings, and a caret needs
-- the position in them. No other file matches on messages. The patterns find positions and names to display, and
-- whether a chunk is incomplete; decisions of limn depend on kinds of errors (limn.base.check).

local messages = {}

-- Whether the compiler expects more text. Only the message shows this; lua.c does the same.
function messages.unfinished(message) return message:find "<eof>$" ~= nil end

-- The line of a syntax error in a chunk, and the token near it; nil at the end of the text.
function messages.syntax(message)
  local line, near = message:match "^[^\n:]+:(%d+):.*near (.-)$"
  return math.tointeger(line), near and near:match "^'(.*)'$"
end

-- "file:line: text" -> file, line, text; nil for a message without a position.
function messages.position(message)
  local file, line, text = message:match "^([^\n:]+):(%d+): (.*)$"
  return file, math.tointeger(line), text
end

-- The argument or option in "function: name ...", the beginning of limn's messages.
function messages.argument(text) return text:match "^[%w_%.]-:?([%w_]+): " end

-- The variable, field, argument or function in a message of Lua.
function messages.word(text)
  return text:match "%(%l+ '([^'\n]+)'%)" or messages.argument(text) or text:match "calling '([%w_]+)'"
    or text:match "to '([%w_]+)'"
end

-- Whether Lua reports a call or an index of nil.
function messages.of_nil(text) return text:find "a nil value %(%l+ '" ~= nil end

-- The same of an undefined global.
function messages.of_nil_global(text) return text:find "a nil value %(global '" ~= nil end

return messages
