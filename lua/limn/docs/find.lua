-- limn/docs/find.lua: finds the stub of a value at the prompt: of a function by identity, of an object by its type
-- name. Method tables are local to limn's functions; they are found through upvalues, once per call.

local check = require "limn.base.check"
local stubs = require "limn.docs"
local native = require "limn.native"

local find = {}

-- The entry called `name` in a class or in one it extends.
function find.method(class, name)
  local all = stubs.read()
  while class do
    for _, entry in ipairs(class.methods) do if entry.short == name then return entry end end
    class = class.parent and all.classes[class.parent]
  end
end

-- Calls visit(table, class name or nil) for every table reachable from the loaded modules of limn.
local function crawl(visit)
  local seen = {}
  local walk
  local function walk_function(f, class)
    if seen[f] then return end
    seen[f] = true
    for i = 1, 60 do
      local name, value = debug.getupvalue(f, i)
      if not name then break end
      if type(value) == "table" then walk(value, class)
      elseif type(value) == "function" and debug.getinfo(value, "S").what == "Lua" then walk_function(value) end
    end
  end
  function walk(t, class)
    if seen[t] or t == _G or t == package.loaded then return end
    local name = rawget(t, "__name")
    if type(name) == "string" then class = name end
    visit(t, class)
    seen[t] = true
    local index = rawget(t, "__index")
    if class and type(index) == "table" and index ~= t then walk(index, class)
    elseif class and type(index) == "function" then walk_function(index, class) end
    local mt = debug.getmetatable(t)
    for _, v in pairs(type(mt) == "table" and mt or {}) do if type(v) == "function" then walk_function(v) end end
    for _, v in pairs(t) do
      if type(v) == "function" and debug.getinfo(v, "S").what == "Lua" then walk_function(v)
      elseif type(v) == "table" and type(rawget(v, "__name")) == "string" then walk(v) end
    end
  end
  for name, module in pairs(package.loaded) do
    if type(module) == "table" and name:find "^limn%." and name ~= "limn.native" and not name:find "^limn%.stubs" then walk(module) end
  end
end

-- The entry of a function among the loaded modules.
local function of_module(f, all)
  for _, entry in ipairs(all.order) do
    if entry.module then
      local module = package.loaded[entry.module == "" and "limn" or "limn." .. entry.module]
      if type(module) == "table" and rawget(module, entry.short) == f then return entry end
    end
  end
end

local function of_native(f, all)
  local registry = debug.getregistry()
  for name, class in pairs(all.classes) do
    local mt = registry[name]
    local methods = type(mt) == "table" and (mt.__methods or mt.__index)
    if type(methods) == "table" then
      for key, value in pairs(methods) do if value == f then return find.method(class, key) end end
    end
  end
end

-- The name in the line that begins a Lua function: `function self.at(first, second)` -> "at".
local function name_in_source(info)
  local path = info.source:match "^@(.*)$"
  local file = path and io.open(path, "r")
  if not file then return nil end
  local number, name = 0, nil
  for line in file:lines() do
    number = number + 1
    if number == info.linedefined then
      name = line:match "function [%w_%.]+[%.:]([%w_]+)%s*%("
      break
    end
  end
  file:close()
  return name
end

local function of_class(f, all)
  local info = debug.getinfo(check.original(f), "S")
  local best, sure, file = nil, false, info.source:match "^.*/limn/([%w_]+)"
  crawl(function(t, class)
    for key, value in pairs(t) do
      if value == f and type(key) == "string" then
        local entry = class and all.classes[class] and find.method(all.classes[class], key)
        if entry then -- if a function has two names, the first documented one
          if not best or not sure or entry.index < best.index then best, sure = entry, true end
        elseif not best then
          for _, e in ipairs(all.order) do if e.short == key and e.file == file then best = best or e end end
        end
      end
    end
  end)
  local name = not best and file and name_in_source(info)
  for _, e in ipairs(name and all.order or {}) do if e.short == name and e.file == file then return e end end
  return best
end

-- The entry of a function, or nil.
function find.of_function(f)
  local all = stubs.read()
  return of_module(f, all) or of_native(f, all) or of_class(f, all)
end

-- The class of an object or a module table, or nil.
function find.class_of(value)
  local all = stubs.read()
  if type(value) == "table" then
    for name in pairs(all.classes) do
      local module = name:match "^limn%.lib(.*)$"
      if module and package.loaded["limn" .. module] == value then return all.classes[name] end
    end
  end
  return all.classes[native.typename(value)]
end

-- The classes and entries that match a name, the most exact first.
function find.by_name(name)
  local all = stubs.read()
  name = name:gsub("^%s*%??%s*", ""):gsub("[%s%(%)]+$", ""):gsub("^limn%.", "")
  if name == "" or name == "limn" then return { all.classes["limn.lib"] }, {} end
  local classes, entries = {}, {}
  for _, full in ipairs { "limn.lib." .. name, "limn." .. name } do
    if all.classes[full] then classes[#classes + 1] = all.classes[full] end
  end
  for _, class in ipairs(#classes == 0 and all.class_order or {}) do
    if class.name:match "[%w_]+$" == name and #name > 2 and name ~= "options" then classes[#classes + 1] = class end
  end
  local exact = all.entries[name] or all.entries[(name:gsub("%.([%w_]+)$", ":%1"))] or all.entries[(name:gsub(":", "."))]
  if exact then
    entries[1] = exact
  elseif #classes == 0 then
    local owner, short = name:match "^([%w_%.]+)[%.:]([%w_]+)$"
    for _, class in ipairs(owner and all.class_order or {}) do -- "figure:line": the class may be nested or inherit the method
      if class.name == "limn." .. owner or class.name:sub(-#owner - 1) == "." .. owner and not class.name:find "^limn%.lib" then
        entries[1] = entries[1] or find.method(class, short)
      end
    end
    if not entries[1] and not owner then
      for _, entry in ipairs(all.order) do if entry.short == name then entries[#entries + 1] = entry end end
    end
  end
  return classes, entries
end

return find
