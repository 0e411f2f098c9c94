-- limn/frontend/repl/lua_messages.lua: what the front ends read out of messages. Lua's own errors are texts and nothing
-- else, and a caret needs the position in them: these patterns are the only place that reads messages. They find what to
-- show, and whether more lines are wanted; what limn itself does goes by kinds of errors (limn.base.check).

local messages = {}

-- Whether the compiler wants more text: so lua.c tells too, and there is no other way.
function messages.unfinished(message) return message:find "<eof>$" ~= nil end

-- The line of a syntax error at the prompt, and the token that it is near, nil at the end of the text.
function messages.syntax(message)
  local line, near = message:match "^stdin:(%d+):.*near (.-)$"
  return math.tointeger(line), near and near:match "^'(.*)'$"
end

-- "file:line: text" -> file, line, text; nil for a message without a position.
function messages.position(message)
  local file, line, text = message:match "^([^\n:]+):(%d+): (.*)$"
  return file, math.tointeger(line), text
end

-- The argument or option in "function: name ...", as limn's own messages begin.
function messages.argument(text) return text:match "^[%w_%.]-:?([%w_]+): " end

-- The variable, field, argument or function that a message of Lua's speaks of.
function messages.word(text)
  return text:match "%(%l+ '([^'\n]+)'%)" or messages.argument(text) or text:match "calling '([%w_]+)'"
    or text:match "to '([%w_]+)'"
end

-- Whether Lua found nil where a value was to be called or indexed.
function messages.of_nil(text) return text:find "a nil value %(%l+ '" ~= nil end

return messages
