-- limn/frontend/repl/frames.lua: the functions that were running when an error was raised, with their variables; :debug
-- examines them after the error.

local values = require "limn.frontend.repl.values"

local frames = { list = {} } -- of the last error, innermost first: { name=, place=, variables=, names=, empty= }

local MOST = 20 -- frames that are kept
local DEEP = 200 -- stack levels that are examined

local own = debug.getinfo(1, "S").source:match "^(.*)frontend/repl/frames%.lua$" or "@limn/"

-- Whether a frame belongs to Lua code of the user.
function frames.is_users(info) return info.what ~= "C" and info.source:sub(1, #own) ~= own end

-- The upvalues and locals of the function at a stack level; an inner one hides an outer one of the same name. -> values
-- by name, names in the order of their declaration, the set of names whose value is nil
function frames.variables(level)
  local found, names, empty, info = {}, {}, {}, debug.getinfo(level + 1, "f")
  local function add(name, value)
    if name == "" or name == "_ENV" or name:find "^%(" then return end
    if found[name] == nil and not empty[name] then names[#names + 1] = name end
    found[name], empty[name] = value, value == nil or nil
  end
  for i = 1, 255 do
    local name, value = debug.getupvalue(info.func, i)
    if not name then break end
    add(name, value)
  end
  for i = 1, 255 do
    local name, value = debug.getlocal(level + 1, i)
    if not name then break end
    add(name, value)
  end
  return found, names, empty
end

-- The name of a function; after a tail call the stack has none.
function frames.name_of(info) return info.name or ("a function of line %d"):format(info.linedefined) end

-- Keeps the frames above stack level `level`. A message handler calls it, before the stack unwinds.
function frames.capture(level)
  local list = {}
  for at = level + 1, DEEP do
    local info = debug.getinfo(at, "Sln")
    if not info or #list >= MOST then break end
    if frames.is_users(info) and info.currentline > 0 then
      local found, names, empty = frames.variables(at)
      local name = info.what == "main" and "the main chunk" or frames.name_of(info)
      list[#list + 1] = { name = name, place = ("%s:%d"):format(info.short_src, info.currentline), variables = found,
        names = names, empty = empty }
    end
  end
  if #list > 0 then frames.list = list end
end

-- A frame on one line, then a line for each variable.
function frames.text(n)
  local frame, lines, widest = frames.list[n], {}, 0
  for _, name in ipairs(frame.names) do widest = math.max(widest, #name) end
  for _, name in ipairs(frame.names) do
    local value = values.line(frame.variables[name])
    lines[#lines + 1] = ("   %-" .. widest .. "s  %s"):format(name, value)
  end
  table.insert(lines, 1, ("%d  %s, %s"):format(n, frame.name, frame.place))
  return table.concat(lines, "\n")
end

-- The globals of a prompt in a frame: copies of its variables, with the globals of the session behind them.
function frames.scope(n, behind)
  local frame, env = frames.list[n], {}
  for name, value in pairs(frame.variables) do env[name] = value end
  return setmetatable(env, { __index = function(_, name)
    if frame.empty[name] then return nil end
    return behind[name]
  end })
end

return frames
