-- limn/frontend/repl/suggest.lua: what a message of Lua about a nil value may end with: the nearest name that is defined
-- there, the function of that name in another module of limn, or what limn has for a name of another library.

local check = require "limn.base.check"
local complete = require "limn.frontend.repl.complete"
local frames = require "limn.frontend.repl.frames"
local messages = require "limn.frontend.repl.lua_messages"
local pitfalls = require "limn.base.pitfalls"
local scope = require "limn.frontend.repl.scope"

local suggest = {}

local DEEP = 12 -- stack levels that are examined

-- The stack level of the function of the user's code at line n of `source`, as seen by the caller; nil if it is not near.
local function level_at(source, n)
  for level = 3, DEEP do
    local info = debug.getinfo(level, "Sl")
    if not info then return nil end
    if frames.is_users(info) and info.short_src == source and info.currentline == n then return level - 1, info end
  end
end

-- Calls f with the variables of the function at a stack level before the globals.
local function with_variables(level, f)
  local before = scope.env
  scope.env = setmetatable(level and frames.variables(level + 1) or {}, { __index = before })
  for k, v in next, before ~= _G and before or {} do
    if rawget(scope.env, k) == nil then rawset(scope.env, k, v) end
  end
  local ok, result = pcall(f)
  scope.env = before
  return ok and result or nil
end

-- What limn has for a name of another library: a member of the value, or a function of a module.
local function synonym(word, defined)
  for _, name in ipairs(require("limn.docs.synonyms").of(word) or {}) do
    local method = name:match ":([%w_]+)$"
    if not method then return "limn." .. name elseif defined[method] then return method end
  end
end

-- The method of an object that has another name in another library, as `help` finds it: plot.panel:points for scatter.
local function of_objects(word)
  return (require("limn.docs.synonyms").of(word) or {})[1]
end

-- The method of arrays of that name: limn.sqrt(a) is a:sqrt().
local function of_arrays(word)
  local name = "array:" .. word
  return require("limn.docs").read().entries[name] and name
end

-- The name to suggest for `word`, which stands in `line` behind a dot or a colon and is undefined there; nil without one.
local function member(word, line)
  local from = 1
  while true do
    local at, stop = line:find("%f[%w_]" .. word .. "%f[^%w_]", from)
    if not at then return nil end
    local before = line:sub(1, at - 1)
    if before:find "[%.:]%s*$" and not before:find "%.%.%s*$" then
      local _, choices = complete.choices(before, #before)
      local defined = {}
      for _, name in ipairs(choices or {}) do defined[name] = true end
      local of_limn = before:find "%f[%w_]limn%.[%w_%.]*$"
      local name = choices and not defined[word]
        and (not complete.is_plain(before) and synonym(word, defined) or complete.nearest_of(word, choices))
        or of_limn and (complete.elsewhere(word) or of_arrays(word) or not defined[word] and of_objects(word) or nil)
      if name then return name end
    end
    from = stop + 1
  end
end

local function question(name) return name and ("; did you mean %s?"):format(name) or "" end

-- The end of a message on the undefined field or method that it names, in that line of the source: "; did you mean .." or
-- "". A message handler calls it, before the stack unwinds.
function suggest.member(name, n, said, line)
  local word = messages.of_nil(said) and messages.word(said)
  if not word or not line then return "" end
  local level = level_at(name, n)
  return question(with_variables(level, function() return member(word, line) end))
end

-- Line n of a source with the lines that dots and colons at their ends join to it: Lua gives a call the line on which its
-- expression begins.
local function joined(source, n)
  local text = pitfalls.source_line(source, n)
  for k = n + 1, n + DEEP do
    local after = pitfalls.source_line(source, k)
    if not (after:find "^%s*[%.:]%s*[%a_]" or text:find "[%w_%]%)][%.:]%s*$") then break end
    text = text:gsub("%s+$", "") .. after:gsub("^%s+", "")
  end
  return text
end

-- The end of a message of a script: the advice on a global that Lua does not have, or the nearest name.
function suggest.script(message)
  local name, n, said = messages.position(message)
  local word = name and messages.of_nil(said) and messages.word(said)
  if not word then return "" end
  local global = messages.of_nil_global(said)
  local advice = global and pitfalls.called(word)
  if advice then return "\n" .. advice end
  local level, info = level_at(name, n)
  return question(level and with_variables(level, function()
    if global then return complete.elsewhere(word) or of_arrays(word) or synonym(word, {}) or complete.near(word) end
    return member(word, joined(info.source, n))
  end))
end

return check.sealed("suggest.", suggest)
