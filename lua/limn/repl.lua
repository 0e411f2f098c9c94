-- limn/repl.lua: what the prompt does beyond plain Lua: how values look, lines that begin with ":", names
-- completed by <TAB>. The program calls show, command and complete; nothing else does.

local check = require "limn.check"
local posix = require("limn.native").posix

local repl = {}

-- ---- values -------------------------------------------------------------------------------------------

local function short(v)
  if type(v) == "string" then return #v > 60 and ("%q..."):format(v:sub(1, 57)) or ("%q"):format(v) end
  return tostring(v)
end

-- A table on a few lines: list part first, then names in order; two levels, at most 20 entries each.
local function table_text(t, depth, seen)
  if seen[t] then return "(itself)" end
  seen[t] = true
  local parts, n = {}, 0
  local function add(text)
    n = n + 1
    if n <= 20 then parts[#parts + 1] = text end
  end
  local function value(v)
    local mt = getmetatable(v)
    if type(v) == "table" and not (type(mt) == "table" and mt.__tostring) then
      return depth < 2 and table_text(v, depth + 1, seen) or "{...}"
    end
    return short(v)
  end
  for i = 1, #t do add(value(t[i])) end
  local names = {}
  for k in pairs(t) do
    if not (math.type(k) == "integer" and k >= 1 and k <= #t) then names[#names + 1] = k end
  end
  table.sort(names, function(a, b) return tostring(a) < tostring(b) end)
  for _, k in ipairs(names) do
    local name = type(k) == "string" and k:match "^[%a_][%w_]*$" or ("[%s]"):format(short(k))
    add(("%s = %s"):format(name, value(t[k])))
  end
  seen[t] = nil
  if n > 20 then parts[#parts + 1] = ("... %d more"):format(n - 20) end
  local line = "{ " .. table.concat(parts, ", ") .. " }"
  if n == 0 then return "{}" end
  if #line <= 80 and not line:find "\n" then return line end
  local pad = ("  "):rep(depth)
  return "{\n" .. pad .. table.concat(parts, ",\n" .. pad) .. "\n" .. ("  "):rep(depth - 1) .. "}"
end

-- A value as the prompt shows it.
function repl.text(v)
  if check.typename(v) == "limn.array" then return v:show(posix.terminal(1) or 80) end
  local mt = getmetatable(v)
  if type(v) == "table" and not (type(mt) == "table" and mt.__tostring) then return table_text(v, 1, {}) end
  if type(v) == "string" then return v end
  return tostring(v)
end

-- What to show of the values that a line gave, or nil; a `;` at its end keeps quiet. The first is kept as `ans`.
function repl.shown(source, ...)
  local n = select("#", ...)
  if n == 0 then return nil end
  local values = { ... }
  if values[1] ~= nil then rawset(_G, "ans", values[1]) end
  if source:match ";%s*$" then return nil end
  local parts = {}
  for i = 1, n do parts[i] = repl.text(values[i]) end
  return table.concat(parts, "\t")
end

function repl.show(source, ...)
  local text = repl.shown(source, ...)
  if text then print(text) end
end

-- Compiles an expression, else a chunk -> function; or nil and the message about the chunk.
function repl.compile(code, name)
  local f = load("return " .. code, name, "t")
  if f then return f end
  return load(code, name, "t")
end

-- ---- commands -------------------------------------------------------------------------------------------

local commands = {}

commands.help = { "this list", function()
  local names = {}
  for name in pairs(repl.commands) do names[#names + 1] = name end
  table.sort(names)
  print "an expression prints its value and keeps it as ans; a ; at the end keeps quiet; <TAB> completes; Ctrl-C stops"
  for _, name in ipairs(names) do print((":%-12s %s"):format(name, repl.commands[name][1])) end
end }

commands.quit = { "leave (or Ctrl-D)", function() os.exit(0, true) end }

commands.time = { "CODE  run it and say how long it took", function(code)
  local f, message = repl.compile(code, "=time")
  if not f then error(message, 0) end
  local start, cpu = posix.now(), os.clock()
  repl.show("", f())
  print(("%.3g s, %.3g s of CPU"):format(posix.now() - start, os.clock() - cpu))
end }

commands.who = { "your globals: name, type, what they are", function()
  local names = {}
  for name in pairs(_G) do
    if not repl.before[name] then names[#names + 1] = name end
  end
  table.sort(names)
  for _, name in ipairs(names) do print(("%-12s %-14s %s"):format(name, check.typename(_G[name]), short(_G[name]))) end
end }

commands.load = { "FILE  run a script into this session", function(file) dofile(file) end }

repl.commands = commands
repl.before = {}
for name in pairs(_G) do repl.before[name] = true end
repl.before.limn, repl.before.ans = true, true

-- A line that begins with ":" is done here and never reaches Lua. Returns true then, nil otherwise.
function repl.command(line)
  local pasted = line:match "^%s*limn> (.*)$"
  if pasted then return pasted end
  local name, rest = line:match "^%s*:(%a+)%s*(.-)%s*$"
  if not name then return nil end
  local command = commands[name]
  if not command then
    local near = check.nearest(name, commands)
    error((":%s is no command%s"):format(name, near and ("; did you mean :%s?"):format(near) or "; :help lists them"), 0)
  end
  command[2](rest)
  return true
end

-- ---- completion ---------------------------------------------------------------------------------------

-- All names that can follow `value.` or `value:`: its own keys and those its metatable leads to.
local function members(value, found, depth)
  if depth > 4 then return end
  if type(value) == "table" then
    for k in pairs(value) do if type(k) == "string" then found[k] = true end end
  end
  if value == package.loaded.limn then
    for _, k in ipairs(repl.modules) do found[k] = true end
  end
  local ok, mt = pcall(debug.getmetatable, value)
  if not ok or type(mt) ~= "table" then return end
  if type(mt.__methods) == "table" then members(mt.__methods, found, depth + 1) end
  if type(mt.__index) == "table" then members(mt.__index, found, depth + 1) end
end

repl.modules = { "rng", "features", "regress", "contrib", "theory", "programs", "kernel", "experiment", "plot", "data", "claims" }

-- The value that a path of names such as limn.array leads to from the globals; nil if it leads nowhere.
local function lookup(path)
  local value = _G
  for part in path:gmatch "[^%.:]+" do
    local ok, next_value = pcall(function() return value[part] end)
    if not ok or next_value == nil then return nil end
    value = next_value
  end
  return value
end

-- What can be said of a name at the prompt or in a notebook; nil if it means nothing.
function repl.about(path)
  local value = lookup(path)
  if value == nil then return nil end
  if type(value) ~= "function" then return ("%s: %s\n%s"):format(path, check.typename(value), repl.text(value)) end
  local known = require("limn.help").text(value)
  if known then return known end
  local info = debug.getinfo(value, "Su")
  if info.what == "C" then return path .. ": a function written in C" end
  local names = {}
  for i = 1, info.nparams do names[i] = debug.getlocal(value, i) end
  if info.isvararg then names[#names + 1] = "..." end
  return ("%s(%s): a function, %s:%d"):format(path, table.concat(names, ", "), info.short_src, info.linedefined)
end

-- The part of a name before the cursor, and all names that it may become, in order; nil when there are none.
function repl.choices(line, cursor)
  local head = line:sub(1, cursor)
  local path, sep, word = head:match "([%a_][%w_%.]*)([%.:])([%w_]*)$"
  local found = {}
  if path then
    local value = lookup(path)
    if value == nil then return nil end
    members(value, found, 0)
    if sep == ":" then
      for k in pairs(found) do
        local ok, v = pcall(function() return value[k] end)
        if not ok or type(v) ~= "function" then found[k] = nil end
      end
    end
  else
    word = head:match "[%a_][%w_]*$"
    if not word then return nil end
    members(_G, found, 0)
    for k in ("and break do else elseif end false for function goto if in local nil not or repeat return then true"
      .. " until while"):gmatch "%a+" do
      found[k] = true
    end
  end
  local choices = {}
  for k in pairs(found) do
    if k:sub(1, #word) == word and (k:sub(1, 2) ~= "__" or word:sub(1, 2) == "__") then choices[#choices + 1] = k end
  end
  if #choices == 0 then return nil end
  table.sort(choices)
  return word, choices
end

-- The text to insert at the cursor, and the list of choices when there are several.
function repl.complete(line, cursor)
  local word, choices = repl.choices(line, cursor)
  if not word then return nil end
  local common = choices[1]
  for _, k in ipairs(choices) do
    while k:sub(1, #common) ~= common do common = common:sub(1, -2) end
  end
  return common:sub(#word + 1), #choices > 1 and table.concat(choices, "  ") or nil
end

return repl
