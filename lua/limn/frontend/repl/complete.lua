-- limn/frontend/repl/complete.lua: completion of globals, fields and methods, modules in require, file names in
-- strings, option names inside the braces of a documented function, and \alpha; and the signature of the call that is
-- being typed.

local check = require "limn.base.check"
local vocabulary = require "limn.base.vocabulary"
local native = require "limn.native"
local scope = require "limn.frontend.repl.scope"
local symbols = require "limn.frontend.repl.symbols"

local complete = {}

-- Loaded at the first use, since most completions do not need it.
local function stubs() return require "limn.docs" end

complete.modules = {}
for i, module in ipairs(require "limn.base.modules") do complete.modules[i] = module.name end

-- Names that are not keys of the object or of its metatable: lazy fields, and methods of a class whose __index is a
-- function.
local function documented(class, found, methods_only)
  while class do
    for _, f in ipairs(methods_only and {} or class.fields) do found[f.name] = true end
    for _, entry in ipairs(class.methods) do found[entry.short] = true end
    class = class.parent and stubs().read().classes[class.parent]
  end
end

-- All names that can follow `value.` or `value:`: its own keys and those of __index, recursively.
local function members(value, found, depth)
  if depth > 4 then return end
  if type(value) == "table" then
    for k in next, value do if type(k) == "string" then found[k] = true end end
  end
  if value == package.loaded.limn then
    for _, k in ipairs(complete.modules) do found[k] = true end
  end
  local mt = debug.getmetatable(value)
  if type(mt) ~= "table" then return end
  if type(mt.__methods) == "table" then members(mt.__methods, found, depth + 1) end
  if type(mt.__index) == "table" then members(mt.__index, found, depth + 1) end
  if depth == 0 and type(mt.__name) == "string" and mt.__name:find "^limn%." then
    documented(stubs().read().classes[mt.__name], found)
  end
end

-- The value of a dotted path; of the user's code only __index may run.
local function value_of(path)
  local value
  for part in path:gmatch "[^%.:]+" do
    local ok, of = true
    if value == nil then -- the first by rawget: the metatable of the globals would warn that it is undefined
      of = rawget(scope.env, part)
      if of == nil then of = rawget(_G, part) end
    else
      ok, of = pcall(function() return value[part] end)
    end
    if not ok or of == nil or of == false then return nil end
    value = of
  end
  return value
end

-- The class of a type in the stubs ("limn.array|nil" -> that of arrays), or nil.
local function class_named(kind)
  return stubs().read().classes[kind:match "[%w_%.]+" or ""]
end

-- The expression before the last `.` or `:` where that is not a dotted path: a string, a call with a documented result,
-- an entry of a table or an array -> a value, or nil and a class of the stubs
local before_dot
function before_dot(text)
  if text:find "[\"'%]]%)*$" and text:match "^.-([\"'])[^\"']*[\"']%)*$" then return "" end
  local path, key = text:match "([%a_][%w_%.]*)%[%s*(%d+)%s*%]$"
  if path then
    local value = value_of(path)
    local ok, entry = pcall(function() return value[math.tointeger(key)] end)
    return ok and entry or nil
  end
  local called = text:match "([%a_][%w_%.:]*)%s*%b()$" or text:match "([%a_][%w_%.:]*)%s*%b{}$"
  local entry = called and complete.entry_of(called)
  if entry then return nil, entry.returns[1] and class_named(entry.returns[1].type) end
  local deeper, name = text:match "^(.-[%)%]}])%s*[%.:]([%a_][%w_]*)%s*%b()$" -- a method of the result of a call
  if not deeper then return nil end
  local value, class = before_dot(deeper)
  if not class and value ~= nil then class = stubs().read().classes[check.typename(value)] end
  local method = class and require("limn.docs.find").method(class, name)
  return nil, method and method.returns[1] and class_named(method.returns[1].type)
end

local LONGEST = 60 -- lines of a function's source

-- Where the function called `path` is defined, as from debug.getinfo; nil if it is no function.
function complete.place(path)
  local value = path:find "^[%a_][%w_%.:]*$" and value_of(path)
  return type(value) == "function" and debug.getinfo(check.original(value), "S") or nil
end

-- The source of a Lua function by its name: from its file, or as typed at the prompt; nil if it is not available.
function complete.source(path)
  local info = complete.place(path)
  if not info or info.what == "C" then return nil end
  local lines, last = {}, math.min(info.lastlinedefined, info.linedefined + LONGEST - 1)
  for n = info.linedefined, last do
    lines[#lines + 1] = require("limn.frontend.repl.errors").source_line(info.short_src, n, nil, info.linedefined, path:match "[%w_]+$")
  end
  if last < info.lastlinedefined then lines[#lines + 1] = ("... %d more lines"):format(info.lastlinedefined - last) end
  return #lines > 0 and ("-- %s:%d\n%s"):format(info.short_src, info.linedefined, table.concat(lines, "\n")) or nil
end

-- The description of a name at the prompt or in a notebook, optionally with the source of a function; nil if undefined.
function complete.about(path, source)
  local value = value_of(path)
  if value == nil then return nil end
  if type(value) ~= "function" then
    local class = require("limn.docs.find").class_of(value)
    return ("%s: %s\n%s%s"):format(path, check.typename(value), require("limn.frontend.repl.values").text(value),
      class and ("\n?%s lists its methods"):format((class.name:gsub("^limn%.", ""))) or "")
  end
  local known = require("limn.docs.help").text(value)
  if known then return known end
  local info = debug.getinfo(check.original(value), "Su")
  if info.what == "C" then return path .. ": a function written in C" end
  local parameters = {}
  for i = 1, info.nparams do parameters[i] = debug.getlocal(value, i) end
  if info.isvararg then parameters[#parameters + 1] = "..." end
  return ("%s(%s): a function, %s:%d%s"):format(path, table.concat(parameters, ", "), info.short_src, info.linedefined,
    source and "\n\n" .. (complete.source(path) or "") or "")
end

-- ---- where the cursor is -------------------------------------------------------------------------------

-- Scans the Lua code before the cursor. Returns the quote and start of an open string (or nil), and the stack of open
-- brackets: { char, text before it, position }.
local function context(head)
  local stack, at, last = {}, 1, ""
  while at <= #head do
    local c = head:sub(at, at)
    local level = head:match("^%[(=*)%[", at) or head:match("^%-%-%[(=*)%[", at)
    if level then
      local _, stop = head:find("]" .. level .. "]", at, true)
      if not stop then return "[[", at, stack end
      at = stop
    elseif head:find("^%-%-", at) then
      local stop = head:find("\n", at, true)
      if not stop then return "--", at, stack end
      at = stop
    elseif c == '"' or c == "'" then
      local stop = at
      repeat
        stop = head:find("[\\\n" .. c .. "]", stop + 1)
        if not stop then return c, at, stack, last end
        local escape = head:sub(stop, stop) == "\\"
        if escape then stop = stop + 1 end
      until not escape
      last, at = "string", stop
    elseif c:find "[%(%[{]" then
      stack[#stack + 1] = { c, last, at }
      last = ""
    elseif c:find "[%)%]}]" then
      stack[#stack] = nil
      last = "value"
    elseif c:find "[%a_]" then
      local word = head:match("^[%a_][%w_]*[%w_%.:]*", at)
      last, at = word, at + #word - 1
    elseif not c:find "%s" then
      last = c
    end
    at = at + 1
  end
  return nil, nil, stack, last
end

-- Whether the expression before the last `.` or `:` of a text is a table of the user, which limn has no words for.
function complete.is_plain(text)
  local path = text:match "([%a_][%w_%.]*)[%.:]%s*$"
  local value = path and value_of(path)
  return type(value) == "table" and getmetatable(value) == nil
end

-- The stub of the function or of the callable module `path`, if it has one.
function complete.entry_of(path)
  if path == "" or not path:find "^[%a_]" then return nil end
  local f = value_of(path)
  if type(f) == "table" then
    local class = require("limn.docs.find").class_of(f)
    return class and class.call
  end
  return type(f) == "function" and require("limn.docs.find").of_function(f) or nil
end

-- The innermost open call of a documented function: its entry, the class of the options whose braces the cursor is in
-- (nil outside of braces), and where they begin. Options may be nested, as in figure{x={...}}.
local function open_call(stack, head)
  local first
  for i = #stack, 1, -1 do
    local char, before = stack[i][1], stack[i][2]
    local entry = (char == "(" or char == "{") and before ~= "" and complete.entry_of(before)
    if entry then
      first = i
      break
    end
    if char == "(" and before:find "^[%a_]" then return nil end -- a call of another function
  end
  if not first then return nil end
  local entry = complete.entry_of(stack[first][2])
  if stack[#stack][1] ~= "{" then return entry end
  local options = entry.options
  for i = first + (stack[first][1] == "(" and 2 or 1), #stack do
    local option = head:sub(1, stack[i][3] - 1):match "([%a_][%w_]*)%s*=%s*$" -- without one: an entry of a list
    local found = not option and options
    for _, f in ipairs(option and options and stubs().fields(options) or {}) do
      for name in f.name == option and f.type:gmatch "limn%.[%w_%.]+" or function() end do
        local class = stubs().read().classes[name]
        if class and #class.methods == 0 then found = class end
      end
    end
    options = found or nil
  end
  return entry, options or {}, stack[#stack][3]
end

-- The signature of the call around the cursor, or nil.
function complete.hint(line, cursor)
  local head = line:sub(1, cursor)
  local quote, _, stack = context(head)
  if quote == "--" or #stack == 0 then return nil end
  local entry = open_call(stack, head)
  return entry and stubs().signature(entry) or nil
end

-- ---- kinds of choices ----------------------------------------------------------------------------------

local function with_prefix(found, word)
  local choices = {}
  for k in pairs(found) do
    if k:sub(1, #word) == word and (k:sub(1, 2) ~= "__" or word:sub(1, 2) == "__") then choices[#choices + 1] = k end
  end
  table.sort(choices)
  if #choices > 0 then return word, choices end
end

-- Files of the folder in the open string; folders end in "/".
local function files(text)
  local folder, word = text:match "^(.*/)([^/]*)$"
  if not folder then folder, word = "", text end
  local real = folder:gsub("^~/", (os.getenv "HOME" or "~") .. "/")
  local list, found = native.folder.list(real == "" and "." or real), {}
  for _, name in ipairs(list or {}) do
    if name:sub(1, 1) ~= "." or word:sub(1, 1) == "." then found[name] = true end
  end
  return with_prefix(found, word)
end

local function module_names(text)
  local found = { limn = true }
  for _, name in ipairs(complete.modules) do found["limn." .. name] = true end
  for name in pairs(package.loaded) do if not name:find "^limn" then found[name] = true end end
  for _, name in ipairs(native.folder.list "." or {}) do
    local module = name:match "^([%w_]+)%.lua$"
    if module then found[module] = true end
  end
  return with_prefix(found, text)
end

-- Names of options that are not present yet, as "name=".
local function option_names(options, given, word)
  local found = {}
  for _, f in ipairs(stubs().fields(options)) do
    if not given:find("%f[%w_]" .. f.name .. "%s*=") then found[f.name .. "="] = true end
  end
  return with_prefix(found, word)
end

-- The words of the option whose value begins at the end of `head`, such as `f{option = "`: those of its vocabulary, or
-- those that its text quotes.
local function option_words(options, head, text)
  local option = head:match "([%a_][%w_]*)%s*=%s*$"
  for _, f in ipairs(option and stubs().fields(options) or {}) do
    if f.name == option then
      local found = {}
      for _, word in ipairs(f.words and vocabulary.names(f.words) or {}) do found[word] = true end
      if not f.words and f.type:find "string" then
        for word in f.text:gmatch '"([^"]+)"' do found[word] = true end
      end
      return with_prefix(found, text)
    end
  end
end

local KEYWORDS = "and break do else elseif end false for function goto if in local nil not or repeat return then true until while"

local function names(head)
  local path, sep, word = head:match "([%a_][%w_%.]*)([%.:])([%w_]*)$"
  local found, value, class = {}, nil, nil
  if path and not head:find("[%w_%.:%)%]}\"']%s*[%.:]" .. path .. "[%.:][%w_]*$") then
    value = value_of(path)
  else
    path, sep, word = head:match "^(.*[%)%]}\"'%w_])%s*([%.:])([%a_]?[%w_]*)$"
    if path then value, class = before_dot(path) end
  end
  if path then
    if class then documented(class, found, sep == ":") end
    if value == nil then return with_prefix(found, word) end
    members(value, found, 0)
    if sep == ":" then
      for k in pairs(found) do
        local ok, v = pcall(function() return value[k] end)
        if not ok or type(v) ~= "function" then found[k] = nil end
      end
    end
    return with_prefix(found, word)
  end
  word = head:match "[%a_][%w_]*$"
  if not word or head:find "[%.:][%a_][%w_]*$" and not head:find "%.%.[%a_][%w_]*$" then return nil end
  members(_G, found, 0)
  members(scope.env, found, 0)
  for k in KEYWORDS:gmatch "%a+" do found[k] = true end
  return with_prefix(found, word)
end

local FILES = { load = true, save = true, cd = true, edit = true } -- commands that take a file

-- The part of a name before the cursor, and all its completions, in order; nil when there are none.
function complete.choices(line, cursor)
  local head = line:sub(1, cursor)
  local name = head:match "\\([%a_^]+[%w]*)$"
  if name then
    local found = {}
    for k in pairs(symbols) do found["\\" .. k] = true end
    return with_prefix(found, "\\" .. name)
  end
  local command = head:match "^%s*:(%a*)$"
  if command then return with_prefix(require("limn.frontend.repl").commands, command) end
  local file = head:match "^%s*:%a+%s+(%S*)$"
  if file and FILES[head:match ":(%a+)"] then return files(file) end
  if head:find "^%s*!" then return files(head:match "([^%s'\"!]*)$") end
  local asked = head:match "^%s*%?%??%s*([%w_%.:]*)$" or head:match "^%s*:help%s+([%w_%.:]*)$"
  if asked then
    local found = {}
    for k in pairs(stubs().read().entries) do found[k] = true end
    for _, k in ipairs(complete.modules) do found[k] = true end
    local word, own = names(asked)
    if word ~= asked and own then return word, own end -- members of a value
    for _, k in ipairs(own or {}) do found[k] = true end
    return with_prefix(found, asked)
  end
  local quote, from, stack, before = context(head)
  if quote == '"' or quote == "'" then
    local text = head:sub(from + 1)
    local called = before == "" and stack[#stack] and stack[#stack][2] or before
    if called == "require" then return module_names(text) end
    local _, options = open_call(stack, head)
    if options and options.fields then
      local word, choices = option_words(options, head:sub(1, from - 1), text)
      if word then return word, choices end
    end
    return files(text)
  elseif quote then
    return nil
  end
  local _, options, at = open_call(stack, head)
  if options and options.fields and head:find "[{,]%s*[%w_]*$" then
    local word, choices = option_names(options, head:sub(at), head:match "[%w_]*$")
    if word then return word, choices end
  end
  return names(head)
end

-- The text to insert at the cursor, the list of choices when there are several, and how many characters before the
-- cursor it replaces.
function complete.complete(line, cursor)
  local head = line:sub(1, cursor)
  local symbol = head:match "\\([%a_^]+[%w]*)$"
  if symbol and symbols[symbol] then return symbols[symbol], nil, #symbol + 1 end
  local word, choices = complete.choices(line, cursor)
  if not word then
    local hint = head:find "[%(,{]%s*$" and complete.hint(line, cursor)
    return hint and "" or nil, hint or nil, 0
  end
  local common = choices[1]
  for _, k in ipairs(choices) do
    while k:sub(1, #common) ~= common do common = common:sub(1, -2) end
  end
  return common:sub(#word + 1), #choices > 1 and complete.columns(choices) or nil, 0
end

-- A list in columns that fit the terminal, sorted downwards; at most 200 names.
function complete.columns(list)
  local width, widest = native.posix.terminal(1) or 80, 0
  local shown = #list > 200 and table.move(list, 1, 200, 1, {}) or list
  for _, k in ipairs(shown) do widest = math.max(widest, utf8.len(k) or #k) end
  local across = math.max(1, (width + 1) // (widest + 2))
  local down = math.ceil(#shown / across)
  local lines = {}
  for i = 1, down do
    local parts = {}
    for j = i, #shown, down do parts[#parts + 1] = shown[j] .. (" "):rep(widest - (utf8.len(shown[j]) or #shown[j])) end
    lines[i] = (table.concat(parts, "  "):gsub("%s+$", ""))
  end
  if #shown < #list then lines[#lines + 1] = ("... %d more"):format(#list - #shown) end
  return table.concat(lines, "\n")
end

-- The known name nearest to `name`, or nil if none is similar.
local function nearest(name, known)
  local near = check.nearest(name, known)
  return near and check.distance(name, near) < math.min(#name, #near) and near or nil
end

-- The known global nearest to an undefined one.
function complete.near(name)
  local known = { limn = true }
  for _, t in ipairs { _G, scope.env } do
    for k in next, t do if type(k) == "string" then known[k] = true end end
  end
  return nearest(name, known)
end

-- The same for a list of names.
function complete.nearest_of(name, list)
  local known = {}
  for _, k in ipairs(list) do known[k] = true end
  return nearest(name, known)
end

-- The function of that name in one of limn's modules, if there is exactly one: "minnorm" -> "limn.regress.minnorm".
function complete.elsewhere(name)
  local found
  for _, entry in ipairs(stubs().read().order) do
    if entry.module and entry.short == name then
      if found then return nil end
      found = "limn." .. entry.name
    end
  end
  return found
end

return complete
