-- limn/experiment/reach.lua: the functions and values that a measurement can reach: its upvalues, the globals that it
-- names, and what these hold in turn. Limn's own functions and modules, and Lua's libraries, are leaves.

local native = require "limn.native"
local bytecode = require "limn.experiment.bytecode"
local check = require "limn.base.check"

local reach = {}

-- The folder of limn's own Lua files.
reach.own = debug.getinfo(1, "S").source:match "^@(.*limn/)experiment/[^/]*$" or "\0"

local own = "@" .. reach.own
local CHUNK = 1 << 20 -- numbers of an array that are hashed at a time

local standard = {}
for _, name in ipairs { "string", "table", "math", "io", "os", "coroutine", "utf8", "debug", "package", "_G" } do
  standard[package.loaded[name]] = name
end
standard[debug.getmetatable("").__index] = "string"

reach.standard = standard

-- The module of limn that a table is, "" for limn itself; or nil.
local function modules()
  local out = {}
  for name, module in next, package.loaded do
    if type(module) == "table" and (name == "limn" or type(name) == "string" and name:match "^limn%.") then out[module] = name end
  end
  return out
end

-- Whether a Lua function stands in one of limn's own files; its path.
function reach.file(f)
  local source = debug.getinfo(f, "S").source
  return source:sub(1, #own) == own and source:sub(2) or nil
end

-- The keys of a table in an order that depends on nothing but the keys; those that are objects are left out: their
-- number comes second.
local function keys_of(t)
  local n, keys, objects = #t, {}, 0
  for k in next, t do
    if math.type(k) ~= "integer" or k < 1 or k > n then
      local kind = type(k)
      if kind == "string" or kind == "number" or kind == "boolean" then keys[#keys + 1] = k
      else objects = objects + 1 end
    end
  end
  table.sort(keys, function(a, b)
    local u, v = type(a), type(b)
    if u ~= v then return u < v end
    if u == "boolean" then return not a and b end
    return a < b
  end)
  local i, j = 0, 0
  return function()
    if i < n then
      i = i + 1
      return i
    end
    j = j + 1
    return keys[j]
  end, objects
end

reach.keys = keys_of

-- The hash of what an array holds, its type and shape.
local function array_hash(a)
  local rows, columns = a:shape()
  local step, parts = math.max(1, CHUNK // (columns or 1)), {}
  if rows == 0 or columns and select("#", a:shape()) > 2 or rows <= step then
    return (native.posix.hash(native.message.encode { a = a }))
  end
  for first = 1, rows, step do
    local last = math.min(rows, first + step - 1)
    local piece = columns and a:slice(first, last, 1, columns) or a:slice(first, last)
    parts[#parts + 1] = native.posix.hash(native.message.encode { a = piece })
  end
  return (native.posix.hash(table.concat(parts)))
end

local function net_hash(handle)
  local facts = native.mlp.describe(handle)
  local parts = { facts.steps }
  for member = 1, facts.count do
    for pair = 1, facts.start == "pair" and 2 or 1 do
      for layer = 1, #facts.layers do
        for _, a in ipairs { native.mlp.get(handle, member, pair, layer) } do parts[#parts + 1] = array_hash(a) end
      end
    end
  end
  return (native.posix.hash(table.concat(parts, " ")))
end

local MOST = 1 << 62
local draft
local function stream_hash(stream)
  draft = draft or native.rng.stream(0, 0, 0)
  native.rng.assign(draft, stream)
  return ("%d %d %d"):format(draft:integer(-MOST, MOST), draft:integer(-MOST, MOST), draft:fork():integer(-MOST, MOST))
end

-- A text for what a userdata holds; nil if that cannot be told.
function reach.content(u)
  local class = check.typename(u)
  local of = class == "limn.array" and array_hash or class == "limn.mlp" and net_hash or class == "limn.rng" and stream_hash
  local fine, text
  if of then fine, text = pcall(of, u) end
  return fine and class .. " " .. text or nil
end

-- What a function refers to: its upvalues, and the globals that it names. add(value, name).
local function visit_function(node, top, add)
  local value, environment = node.value, nil
  node.code, node.upvalues, node.globals = bytecode.of(value), {}, {}
  for k = 1, 255 do
    local name, v = debug.getupvalue(value, k)
    if not name then break end
    if v == _G then environment = v
    else
      node.upvalues[#node.upvalues + 1] = { name = name, value = v, index = k }
      add(v, top and name or ("%s of %s"):format(name, node.name))
    end
  end
  if not environment then return end
  local names = {}
  for s in next, node.code.strings do
    if rawget(environment, s) ~= nil and not reach.initial[s] then names[#names + 1] = s end
  end
  table.sort(names)
  for _, s in ipairs(names) do
    node.globals[#node.globals + 1] = { name = s, value = environment[s] }
    add(environment[s], s)
  end
end

local function visit_table(node, add)
  local value = node.value
  local next_key, objects = keys_of(value)
  node.objects = objects
  for k in next_key do add(rawget(value, k), ("%s.%s"):format(node.name, k)) end
  if objects > 0 then -- keys that are objects: their order is not known
    for k, v in next, value do
      if type(k) ~= "string" and type(k) ~= "number" and type(k) ~= "boolean" then
        add(k, node.name)
        add(v, node.name)
      end
    end
  end
  local meta = debug.getmetatable(value)
  local class = meta and rawget(meta, "__name")
  node.class = type(class) == "string" and class:match "^limn%." and class or nil
  if meta and not node.class then
    node.meta = meta
    add(meta, node.name)
  end
end

-- What f reaches, in an order that depends on nothing but the code and the values: a list of nodes {value =, name =,
-- kind =}, kind: "function" (with .upvalues, a list of {name, value}, and .globals, likewise), "table" (with .objects,
-- the number of keys that are objects, .meta and .class), "userdata", "thread", "module" (of limn; .module), "own" (a
-- function of limn; .original), "C"; then a function value -> its node.
function reach.of(f)
  local limn, nodes, known = modules(), {}, {}
  local function add(value, name)
    local type_ = type(value)
    if type_ ~= "function" and type_ ~= "table" and type_ ~= "userdata" and type_ ~= "thread" or known[value] then return end
    local node = { value = value, name = name, kind = type_ }
    if type_ == "table" and (limn[value] or standard[value]) then
      node.kind, node.module = "module", limn[value] or standard[value]
    elseif type_ == "function" then
      local original = check.original(value)
      if debug.getinfo(value, "S").what == "C" then node.kind = "C"
      elseif #nodes > 0 and reach.file(original) then node.kind, node.original = "own", original end
    end
    known[value], nodes[#nodes + 1] = node, node
  end
  add(f, "measure")
  local i = 0
  while i < #nodes do
    i = i + 1
    if nodes[i].kind == "function" then visit_function(nodes[i], i == 1, add)
    elseif nodes[i].kind == "table" then visit_table(nodes[i], add) end
  end
  return nodes, function(value) return known[value] end
end

-- The globals of Lua itself, and limn.
reach.initial = { limn = true }
for _, name in ipairs { "assert", "collectgarbage", "dofile", "error", "getmetatable", "ipairs", "load", "loadfile", "next",
  "pairs", "pcall", "print", "rawequal", "rawget", "rawlen", "rawset", "require", "select", "setmetatable", "tonumber",
  "tostring", "type", "warn", "xpcall", "string", "table", "math", "io", "os", "coroutine", "utf8", "debug", "package",
  "_G", "_VERSION", "arg" } do reach.initial[name] = true end

return reach
