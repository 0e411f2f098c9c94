-- limn/frontend/repl/errors.lua: what the prompt says when something goes wrong: the message, the line it speaks of with a caret
-- where the position is known, and the user's own frames; and a warning when a global is not defined.

local check = require "limn.base.check"
local messages = require "limn.frontend.repl.lua_messages"
local native = require "limn.native"

local errors = { chunks = {} }

local FRAMES = 6
local DEEP = 500 -- levels of a stack that are looked at

-- The chunk that runs now; older ones are kept, for functions defined in them.
function errors.begin(text)
  local list = errors.chunks
  list[#list + 1] = text
  if #list > 500 then table.remove(list, 1) end
  errors.warned = {}
end

local function line_of(text, n)
  for line in (text .. "\n"):gmatch "(.-)\n" do
    n = n - 1
    if n == 0 then return line end
  end
end

-- Line n of a file, or of the newest chunk that has it and holds `word`; for a function that `begins` somewhere, of one
-- that has a function there. All chunks have one name.
local function source_line(name, n, word, begins, called)
  if name == "stdin" then
    for i = #errors.chunks, 1, -1 do
      local line = line_of(errors.chunks[i], n)
      local first = begins and line_of(errors.chunks[i], begins) or "function"
      if line and (not word or line:find(word, 1, true)) and first:find("function", 1, true)
        and (not called or first:find(called, 1, true)) then return line end
    end
    if called then return source_line(name, n, word, begins) end
    local last = errors.chunks[#errors.chunks]
    return last and line_of(last, n)
  end
  local file = io.open(name, "r")
  if not file then return nil end
  local text
  for line in file:lines() do
    n = n - 1
    if n == 0 then
      text = line
      break
    end
  end
  file:close()
  return text
end

errors.source_line = source_line

-- Where `word` stands alone in `line`, if it does so once.
local function position(line, word)
  if not word or word == "" then return nil end
  local pattern = "%f[%w_]" .. word:gsub("%p", "%%%0") .. "%f[^%w_]"
  local from = line:find(pattern)
  return from and not line:find(pattern, from + 1) and from or nil
end

local function shown(line, at)
  if not line or not line:find "%S" then return "" end
  if not at then return "\n    " .. line end
  return "\n    " .. line .. "\n    " .. line:sub(1, at - 1):gsub("[^\t]", " ") .. "^"
end

local function color(text)
  if os.getenv "NO_COLOR" or os.getenv "TERM" == "dumb" or not native.posix.terminal(2) then return text end
  local first, rest = text:match "^([^\n]*)(.*)$"
  return "\27[31m" .. first .. "\27[0m" .. rest
end

-- A syntax error in `text`: the caret stands under the token that Lua could not take.
function errors.syntax(message, text)
  local n, token = messages.syntax(message)
  if not n then return color(message) end
  local line = line_of(text, n)
  if not token or not line then return color(message) .. shown(line, line and #line + 1) end
  local before = 0
  for l in text:gmatch "([^\n]*)\n?" do
    n = n - 1
    if n == 0 then break end
    before = before + #l + 1
  end
  local at = 1
  while true do
    local from, stop = line:find(token, at, true)
    if not from then return color(message) .. shown(line) end
    local _, why = load(text:sub(1, before + stop), "=stdin", "t")
    if why and not messages.unfinished(why) then return color(message) .. shown(line, from) end
    at = from + 1
  end
end

local own = debug.getinfo(1, "S").source:match "^(.*)frontend/repl/errors%.lua$" or "@limn/"

-- Whether a frame is the user's: Lua, and none of limn's own files.
local function is_users(info)
  return info.what ~= "C" and info.source:sub(1, #own) ~= own
end

-- A function that was called last in another has no name on the stack; the line that begins it tells one.
local function named(info)
  local line = source_line(info.short_src, info.linedefined, "function") or ""
  return line:match "function%s+([%w_%.:]+)" or line:match "([%w_%.]+)%s*=%s*function"
    or ("a function of line %d"):format(info.linedefined)
end

local function frames()
  local out, more, level = {}, 0, 3
  while level < DEEP do -- each look walks down from the top
    local info = debug.getinfo(level, "Slnt")
    if not info then break end
    if is_users(info) and info.what ~= "main" and info.currentline > 0 then
      local name = info.name and info.name:match "([%w_]+)$" or named(info)
      if #out < FRAMES then out[#out + 1] = ("  in %s, %s:%d"):format(name, info.short_src, info.currentline)
      else more = more + 1 end
    end
    level = level + 1
  end
  if more > 0 then out[#out + 1] = ("  ... and %s more"):format(level < DEEP and more or "many") end
  return #out > 0 and "\n" .. table.concat(out, "\n") or ""
end

-- The function of the user's that raised, if it is not a chunk itself: where it begins, and its name.
local function raised_in()
  for level = 3, 12 do
    local info = debug.getinfo(level, "Sn")
    if not info then return nil end
    if is_users(info) then
      if info.what == "main" then return nil end
      return info.linedefined, info.name and info.name:match "([%a_][%w_]*)$"
    end
  end
end

-- What a field or method that is not there may have been meant to be: of the names that can stand at its place the
-- nearest, or what another module of limn calls so.
local function suggestion(said, line, at)
  if not at or not messages.of_nil(said) then return "" end
  local before, word = line:sub(1, at - 1), line:match("^[%a_][%w_]*", at)
  if not before:find "[%.:]%s*$" then return "" end
  local complete = require "limn.frontend.repl.complete"
  local ok, _, choices = pcall(complete.choices, before, #before)
  local near = ok and choices and complete.nearest_of(word, choices)
    or before:find "%f[%w_]limn%.[%w_%.]*$" and complete.elsewhere(word)
  return near and ("; did you mean %s?"):format(near) or ""
end

-- The message handler of the prompt's calls: the stack still stands.
function errors.handler(message)
  if check.kind(message) == "interrupted" then return "interrupted!" end
  if type(message) ~= "string" then
    local mt = getmetatable(message)
    if type(mt) == "table" and mt.__tostring then return tostring(message) end
    if type(message) ~= "number" then
      local text = ("(error object is a %s value)"):format(type(message))
      if type(message) == "table" and next(message) ~= nil then
        text = text .. "\n    " .. require("limn.frontend.repl.values").text(message):gsub("\n", "\n    ")
      end
      return color(text) .. frames()
    end
    message = tostring(message)
  end
  local name, n, said = messages.position(message)
  if not name then -- a call in last place leaves no position: the chunk's only line is the one
    local chunk = errors.chunks[#errors.chunks] or ""
    local at = not chunk:find "\n" and position(chunk, messages.argument(message))
    return color(message) .. (at and shown(chunk, at) or "") .. frames()
  end
  local word = messages.word(said)
  local line = source_line(name, n, word, raised_in())
  local at = line and position(line, word)
  return color(message .. suggestion(said, line, at)) .. shown(line, at) .. frames()
end

-- ---- undefined globals ----------------------------------------------------------------------------------

-- Reading a global that is not there, from the prompt or a file it loaded, says so once a line: nil is often a slip.
function errors.watch_globals()
  if getmetatable(_G) then return end
  local complete
  setmetatable(_G, { __index = function(_, name)
    local info = debug.getinfo(2, "S")
    if type(name) ~= "string" or not info or info.source ~= "=stdin" and not errors.watched[info.source] then return nil end
    errors.warned = errors.warned or {}
    if errors.warned[name] then return nil end
    errors.warned[name] = true
    complete = complete or require "limn.frontend.repl.complete"
    local near = complete.near(name) or complete.elsewhere(name)
    local advice = (name == "quit" or name == "exit") and "; Ctrl-D or :quit leaves"
      or near and ("; did you mean %s?"):format(near) or ""
    io.stdout:flush()
    io.stderr:write(("warning: %s is not defined%s\n"):format(name, advice))
    return nil
  end })
end

-- Sources ("@file") whose undefined globals are warned of too.
errors.watched = {}

return errors
