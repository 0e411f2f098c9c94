-- limn/frontend/repl/errors.lua: errors at the prompt: the message, the source line with a caret where the position is
-- known, and the frames of the user's code; and a warning for undefined globals.

local check = require "limn.base.check"
local frames = require "limn.frontend.repl.frames"
local kept = require "limn.frontend.repl.kept"
local messages = require "limn.frontend.repl.lua_messages"
local native = require "limn.native"
local pitfalls = require "limn.base.pitfalls"
local suggest = require "limn.frontend.repl.suggest"
local visible = require "limn.base.visible"
local system = require "limn.base.system"

local errors = { chunks = {} }

local FRAMES = 6
local DEEP = 500 -- maximum number of stack levels that are examined

-- Registers the running chunk, with its name; older ones are kept for the functions that they define.
function errors.begin(text, name)
  local list = errors.chunks
  list[#list + 1] = { text = text, name = name or "stdin" }
  if #list > 500 then table.remove(list, 1) end
  errors.warned = {}
end

local function line_of(text, n)
  for line in (text .. "\n"):gmatch "(.-)\n" do
    n = n - 1
    if n == 0 then return line end
  end
end

-- Line n of a file, or of the newest chunk of that name in which that line contains `word` and, if `begins` is given, line
-- `begins` starts a function. All chunks of a prompt have the same name.
local function source_line(name, n, word, begins, called)
  if name == "stdin" or name:find "^In%[" then
    local newest
    for i = #errors.chunks, 1, -1 do
      local chunk = errors.chunks[i]
      local line = chunk.name == name and line_of(chunk.text, n)
      newest = newest or line
      local first = begins and line_of(chunk.text, begins) or "function"
      if line and (not word or line:find(word, 1, true)) and first:find("function", 1, true)
        and (not called or first:find(called, 1, true)) then return line end
    end
    if called then return source_line(name, n, word, begins) end
    return newest or nil
  end
  local text = system.text_of(name)
  return text and line_of(text, n)
end

errors.source_line = source_line

-- The position of `word` in `line` as a whole word, if there is exactly one.
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

errors.colored = nil -- whether messages have colours; nil: on a terminal

local function color(text)
  text = visible.text(text)
  local wanted = errors.colored
  if wanted == nil then wanted = os.getenv "TERM" ~= "dumb" and native.posix.terminal(2) end
  if not wanted or os.getenv "NO_COLOR" then return text end
  local first, rest = text:match "^([^\n]*)(.*)$"
  return "\27[31m" .. first .. "\27[0m" .. rest
end

-- What limn.base.pitfalls advises on a text that does not compile: "" or a line.
local function advice_on(text)
  local numbered, alone = pitfalls.of(text)
  return numbered and "\n" .. (text:find "\n" and numbered or alone) or ""
end

local function located(message, text)
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

-- A syntax error in `text`, with a caret under the unexpected token, and advice where the text has a form of Python or C.
function errors.syntax(message, text) return located(message, text) .. advice_on(text) end

local is_users = frames.is_users

-- A function in a tail call has no name on the stack; it is taken from the line of its definition.
local function named(info)
  local line = source_line(info.short_src, info.linedefined, "function") or ""
  return line:match "function%s+([%w_%.:]+)" or line:match "([%w_%.]+)%s*=%s*function"
    or ("a function of line %d"):format(info.linedefined)
end

function frames.name_of(info) return info.name and info.name:match "([%w_]+)$" or named(info) end

local function trace()
  local out, more, level = {}, 0, 3
  while level < DEEP do -- getinfo counts levels from the top, so the cost is quadratic
    local info = debug.getinfo(level, "Slnt")
    if not info then break end
    local main = info.what == "main"
    if is_users(info) and info.currentline > 0 and not (main and #out == 0) and not (main and info.source == "=stdin") then
      local name = main and (info.source:find "^=In%[" and "the cell" or "the main chunk")
        or frames.name_of(info)
      if #out < FRAMES then out[#out + 1] = ("  in %s, %s:%d"):format(name, info.short_src, info.currentline)
      else more = more + 1 end
    end
    level = level + 1
  end
  if more > 0 then out[#out + 1] = ("  ... and %s more"):format(level < DEEP and more or "many") end
  return #out > 0 and "\n" .. table.concat(out, "\n") or ""
end

-- The user's function that raised, unless it is a main chunk: its first line, and its name.
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

-- The message handler of the prompt's calls; it runs before the stack unwinds.
function errors.handler(message)
  if check.kind(message) == "interrupted" then return "interrupted!" end
  frames.capture(2)
  if type(message) ~= "string" then
    local mt = getmetatable(message)
    if type(mt) == "table" and mt.__tostring then return tostring(message) end
    if type(message) ~= "number" then
      local text = ("(error object is a %s value)"):format(type(message))
      if type(message) == "table" and next(message) ~= nil then
        text = text .. "\n    " .. require("limn.frontend.repl.values").text(message):gsub("\n", "\n    ")
      end
      return color(text) .. trace()
    end
    message = tostring(message)
  end
  local name, n, said = messages.position(message)
  if not name then -- a tail call leaves no position; a chunk of one line needs none
    local last = errors.chunks[#errors.chunks]
    local chunk = last and last.text or ""
    local at = not chunk:find "\n" and position(chunk, messages.argument(message))
    return color(message) .. (at and shown(chunk, at) or "") .. trace()
  end
  local word = messages.word(said)
  local line = source_line(name, n, word, raised_in())
  local at = line and position(line, word)
  return color(message .. suggest.member(name, n, said, line)) .. shown(line, at) .. trace()
end

-- ---- undefined globals ----------------------------------------------------------------------------------

-- Reading an undefined global, at the prompt or in a file that it loaded, prints a warning once per line, since it is
-- often a misspelling.
function errors.watch_globals()
  if getmetatable(_G) then return end
  local complete
  setmetatable(_G, { __index = function(_, name)
    local info = debug.getinfo(2, "S")
    local source = info and info.source
    if type(name) ~= "string" or not source then return nil end
    if source ~= "=stdin" and not source:find "^=In%[" and not errors.watched[source] then return nil end
    local result = not errors.watched[source] and kept.get(name)
    if result ~= nil and result ~= false then return result end
    errors.warned = errors.warned or {}
    if errors.warned[name] then return nil end
    errors.warned[name] = true
    complete = complete or require "limn.frontend.repl.complete"
    local near = complete.near(name) or complete.elsewhere(name)
    local known = pitfalls.name(name)
    local advice = (name == "quit" or name == "exit") and "; Ctrl-D or :quit ends the session"
      or known and "; " .. known or near and ("; did you mean %s?"):format(near) or ""
    io.stdout:flush()
    io.stderr:write(("warning: %s is not defined%s\n"):format(name, advice))
    return nil
  end })
end

-- Sources ("@file") in which undefined globals also give a warning.
errors.watched = {}

return errors
