-- limn/experiment/key.lua: what the numbers of a cell follow from, apart from its parameters, replicate and seed: the
-- code of measure and of the functions that it calls, the values that these use, and limn itself. Comments, labels,
-- report and plot are no part of it.

local native = require "limn.native"
local bytecode = require "limn.experiment.bytecode"
local digest = require "limn.experiment.digest"
local reach = require "limn.experiment.reach"

local key = {}

local SHOWN = 40 -- characters of a value in a message
local COMPILED = "limn's compiled code"

local function scalar(v)
  local kind = math.type(v)
  if kind == "float" then return ("f%a"):format(v) end
  if kind == "integer" then return ("i%d"):format(v) end
  if type(v) == "string" then return ("s%d:%s"):format(#v, v) end
  return tostring(v)
end

-- The name of a C function that a library of Lua or of limn has, "math.sin"; nil for others.
local names_of_c
local function name_of_c(f)
  if not names_of_c then
    names_of_c = {}
    local function list(prefix, t, depth)
      for k, v in next, t do
        if type(k) == "string" then
          if type(v) == "function" and debug.getinfo(v, "S").what == "C" then
            names_of_c[v] = names_of_c[v] and math.min(names_of_c[v], prefix .. k) or prefix .. k
          elseif type(v) == "table" and depth < 1 then list(prefix .. k .. ".", v, depth + 1) end
        end
      end
    end
    for _, name in ipairs { "string", "table", "math", "io", "os", "coroutine", "utf8", "debug", "package" } do
      list(name .. ".", package.loaded[name], 1)
    end
    for k, v in next, _G do
      if type(v) == "function" and not names_of_c[v] then names_of_c[v] = k end
    end
    list("limn.native.", native, 0)
  end
  return names_of_c[f]
end

-- The file of limn's module of that name, its hash, and the modules that it requires; nil if there is none.
local function module_file(name)
  local base = reach.own .. (name == "limn" and "init" or name:match "^limn%.(.*)":gsub("%.", "/"))
  local path = base .. ".lua"
  local hash, names = digest.of(path)
  if not hash then
    path = base .. "/init.lua"
    hash, names = digest.of(path)
  end
  return path, hash, names
end

-- Files of limn's Lua modules: those named, and what they require, as parts "limn/NAME.lua" -> hash.
local function add_limn(parts, paths, modules)
  local queue, seen = {}, {}
  local function add(path, hash, names)
    local name = "limn/" .. path:sub(#reach.own + 1)
    if not hash or parts[name] then return end
    parts[name] = hash
    for required in names:gmatch "limn%.[%w_.]+" do
      if required ~= "limn.native" and not seen[required] then seen[required], queue[#queue + 1] = true, required end
    end
  end
  for path in pairs(paths) do add(path, digest.of(path)) end
  for name in pairs(modules) do add(module_file(name)) end
  local i = 0
  while i < #queue do
    i = i + 1
    add(module_file(queue[i]))
  end
end

-- The modules that are files of C code and that are reached; those that a function of measure's requires or runs itself,
-- as parts path -> hash.
local function add_files(parts, nodes, node_of)
  for name, module in next, package.loaded do
    local foreign = type(name) == "string" and not name:match "^limn" and not reach.standard[module]
    local path = foreign and package.searchpath(name, package.cpath)
    if path and not package.searchpath(name, package.path) then
      local used = node_of(module)
      if not used and type(module) == "table" then
        for _, v in next, module do used = used or type(v) == "function" and node_of(v) end
      end
      if used then parts[path] = digest.of(path) end
    end
  end
  local function add(path)
    local hash, names = nil, nil
    if path and not parts[path] then hash, names = digest.of(path) end
    if not hash then return end
    parts[path] = hash
    for name in (names or ""):gmatch "%S+" do
      if name ~= "limn" and not name:match "^limn%." then add(package.searchpath(name, package.path)) end
    end
  end
  for _, node in ipairs(nodes) do
    local strings = node.kind == "function" and node.code.strings or {}
    if strings.require then
      for s in next, strings do
        if s:match "^[%w_.-]+$" and s ~= "limn" and not s:match "^limn%." then
          add(package.searchpath(s, package.path) or package.searchpath(s, package.cpath))
        end
      end
    end
    if strings.dofile or strings.loadfile then
      for s in next, strings do
        if #s > 0 and not s:find "\0" then add(native.posix.stamp(s) and s) end
      end
    end
  end
end

-- ---- the nodes of what is reached, as texts -----------------------------------------------------------------------

-- What a key is made of: .parts, .functions, .limn (files of limn), .modules (likewise by name), .opaque (whether an
-- object is reached whose contents cannot be compared), .place (node -> its number), .node_of.
local Maker = {}
Maker.__index = Maker

-- A value in the text of another one.
function Maker:ref(v)
  local node = self.node_of(v)
  if not node then return scalar(v) end
  return node.kind == "module" and node.module or "#" .. self.place[node]
end

function Maker:part(name, text)
  while self.parts[name] do name = name .. "'" end
  self.parts[name] = text
end

local public
local text_of = {}

text_of["function"] = function(self, node)
  local words = { node.code.hash }
  for _, list in ipairs { node.upvalues, node.globals } do
    for _, u in ipairs(list) do
      words[#words + 1] = self:ref(u.value)
      if not self.node_of(u.value) then
        local shown = type(u.value) == "string" and ("%q"):format(u.value) or tostring(u.value)
        self:part(self.place[node] == 1 and "value " .. u.name or ("value %s of %s"):format(u.name, node.name),
          #shown <= SHOWN and shown or native.posix.hash(shown))
      end
    end
  end
  local source = debug.getinfo(node.value, "S").source:match "^@(.*)"
  self:part("function " .. node.name, node.code.hash)
  if source then self.functions[#self.functions + 1] = { file = source, hash = node.code.hash, name = node.name } end
  if not public then
    public = {}
    for _, m in ipairs(require "limn.base.modules") do public[m.name] = m.file or "limn." .. m.name end
  end
  for s in next, node.code.strings do -- limn.NAME loads the module NAME
    if public[s] then self.modules[public[s]] = true end
  end
  return table.concat(words, ",")
end

function text_of.table(self, node)
  local words = {}
  for k in reach.keys(node.value) do words[#words + 1] = scalar(k) .. "=" .. self:ref(rawget(node.value, k)) end
  if node.meta then words[#words + 1] = "meta=" .. self:ref(node.meta) end
  words[#words + 1] = node.class
  if node.objects > 0 then self.opaque = true end
  local text = table.concat(words, ",")
  self:part("value " .. node.name, native.posix.hash(text))
  return text
end

function text_of.userdata(self, node)
  local text = reach.content(node.value)
  if not text then self.opaque = true end
  text = text or native.typename(node.value)
  self:part("value " .. node.name, native.posix.hash(text))
  return text
end

function text_of.own(self, node)
  self.limn[reach.file(node.original)] = true
  local hash = bytecode.of(node.original).hash
  self:part("function " .. node.name, hash)
  return hash
end

function text_of.C(_, node) return name_of_c(node.value) or "C" end

function text_of.module(self, node)
  if node.module:match "^limn" then self.modules[node.module] = true end
  return node.module
end

function text_of.thread(self)
  self.opaque = true
  return ""
end

-- { hash =, parts = what -> text, functions = list of { file =, hash =, name = }, body = hash of the script's own code }.
-- parts names what of two keys differs: "function f", "value C", "limn/regress.lua", "my.so".
function key.of(measure, script)
  local nodes, node_of = reach.of(measure)
  local self = setmetatable({ parts = {}, functions = {}, limn = {}, modules = { limn = true }, opaque = false, place = {},
    node_of = node_of }, Maker)
  local texts, files = {}, {}
  for i, node in ipairs(nodes) do self.place[node] = i end
  for i, node in ipairs(nodes) do texts[i] = ("%s{%s}"):format(node.kind, text_of[node.kind](self, node)) end
  add_limn(files, self.limn, self.modules)
  add_files(files, nodes, node_of)
  files[COMPILED] = digest.of((native.posix.real(native.posix.binary())))
  local chunk = script and loadfile(script)
  if self.opaque and chunk then -- the script stands for what cannot be compared
    files["the script (measure reaches an object whose contents cannot be compared)"] = bytecode.of(chunk).hash
  end
  digest.keep()
  local list = {}
  for name, text in pairs(files) do
    list[#list + 1], self.parts[name] = name .. "=" .. text, text
  end
  table.sort(list)
  table.move(list, 1, #list, #texts + 1, texts)
  return { hash = native.posix.hash(table.concat(texts, "\n")), parts = self.parts, functions = self.functions,
    body = chunk and select(2, bytecode.within(chunk)) or nil }
end

-- What of two keys' parts differs, in words: a list.
function key.difference(before, now)
  local names, out = {}, {}
  for name in pairs(before) do names[name] = true end
  for name in pairs(now) do names[name] = true end
  for name in pairs(names) do
    local was, is = before[name], now[name]
    if was ~= is then
      local short = name:match "^value " and was and is and #was <= SHOWN and #is <= SHOWN and not was:match "^%x+$"
      out[#out + 1] = was == nil and name .. " (new)" or is == nil and name .. " (gone)"
        or (short or tonumber(was) and tonumber(is)) and ("%s (%s, was %s)"):format(name, is, was) or name
    end
  end
  table.sort(out)
  return out
end

-- The Lua source in a regular file, compiled; nil without it. A device or a pipe, which a store may name, need not end.
local function compiled(path) return native.files.regular(path) and loadfile(path, "t") or nil end

-- What of a run's facts is no longer so by the files as they are now, without running the script: a list, as
-- `difference`; and whether the script's own code has changed, outside of the functions that it defines: it may give
-- other values. nil if the facts have no key.
function key.now(facts)
  if not facts.key then return nil end
  local out, within = {}, {}
  local function there(path)
    local full = path:sub(1, 1) ~= "/" and facts.folder and facts.folder .. "/" .. path or path
    return native.posix.stamp(full) and full or path
  end
  for name, hash in pairs(facts.key.parts) do
    local path = name == COMPILED and native.posix.real(native.posix.binary())
      or name:match "^limn/" and reach.own .. name:sub(6) or not name:match "^%l+ " and there(name) or nil
    if path and digest.of(path) ~= hash then out[#out + 1] = name end
  end
  local body = facts.key.body
  for _, f in ipairs(facts.key.functions or {}) do
    if within[f.file] == nil then
      local chunk = compiled(there(f.file))
      within[f.file] = chunk and bytecode.within(chunk) or false
    end
    if not (within[f.file] and within[f.file][f.hash]) then out[#out + 1] = "function " .. f.name end
  end
  local chunk = facts.script and compiled(there(facts.script))
  local moved = not chunk or select(2, bytecode.within(chunk)) ~= body
  digest.keep()
  table.sort(out)
  return out, moved
end

return key
