-- limn/mlp/state.lua: parameters by the names and in the form of PyTorch's state_dict: NAME.weight (out x in) and NAME.bias
-- (out) of each linear layer, with the factors of limn's parameterisations multiplied in.

local check = require "limn.base.check"
local files = require "limn.base.files"
local net = require "limn.mlp.net"
local rules = require "limn.mlp.options"

local Net = net.Net

local state = {}

local PARTS = { weight = "weights", bias = "bias" }

-- The order of layers: names are compared with their numbers as numbers, so that 10 follows 9.
local function before(a, b)
  local function key(name) return (name:gsub("%d+", function(digits) return ("%020d"):format(digits) end)) end
  return key(a) < key(b)
end

local function listed(names)
  table.sort(names, before)
  local most = math.min(#names, 8)
  return table.concat(names, ", ", 1, most) .. (#names > most and (" and %d more"):format(#names - most) or "")
end

-- The linear layers of a state dict, in the order of the net: a list of {name =, weight =, bias =}.
-- names: list of layer names, or nil for all of the dict.
local function layers_of(who, dict, names)
  local found, wanted, strange = {}, nil, {}
  if names then
    wanted = {}
    for _, name in ipairs(names) do wanted[name] = true end
  end
  for key, value in pairs(dict) do
    local name, part = tostring(key):match "^(.-)%.?([^.]+)$"
    if not (wanted and not wanted[name]) then
      if type(key) ~= "string" or not PARTS[part] then strange[#strange + 1] = tostring(key)
      else
        found[name] = found[name] or { name = name }
        found[name][part] = check.typename(value) == "limn.array" and value or check.array(who, key, value)
      end
    end
  end
  if #strange > 0 then
    check.fail("%s: %s belong%s to no linear layer (expected NAME.weight and NAME.bias); names = {...} selects layers", who,
      listed(strange), #strange == 1 and "s" or "")
  end
  local list = {}
  if names then
    for i, name in ipairs(names) do
      if not found[name] then check.fail("%s: names[%d]: the file has no layer %s", who, i, check.show(name)) end
      list[i] = found[name]
    end
  else
    for _, layer in pairs(found) do list[#list + 1] = layer end
    table.sort(list, function(a, b) return before(a.name, b.name) end)
  end
  if #list == 0 then check.fail("%s: no entry NAME.weight is there", who) end
  for _, layer in ipairs(list) do
    if not layer.weight then check.fail("%s: layer %s has a bias and no weight", who, check.show(layer.name)) end
    local shape = { layer.weight:shape() }
    if #shape ~= 2 then
      check.fail("%s: %s.weight must be a matrix (out x in) of a linear layer, got shape %s", who, layer.name,
        table.concat(shape, "x"))
    end
  end
  return list
end

-- The widths of a chain of layers: {inputs, ..., outputs}.
local function sizes_of(who, list)
  local sizes = { (select(2, list[1].weight:shape())) }
  for i, layer in ipairs(list) do
    local out, fan_in = layer.weight:shape()
    if fan_in ~= sizes[i] then
      check.fail("%s: %s.weight has %d inputs and the layer before it %d outputs; names = {...} gives the order of the layers", who,
        layer.name, fan_in, sizes[i])
    end
    sizes[i + 1] = out
  end
  return sizes
end

-- A table of arrays from a path or a table; or nil, message.
local function read(who, from)
  if type(from) == "table" and not getmetatable(from) then return from end
  check.path(who, "path", from)
  if not from:match "%.npz$" then
    check.fail("%s: path must end in .npz, with NAME.weight and NAME.bias of each layer, got %s", who, check.show(from))
  end
  return files.load(from)
end

local function no_pair(who, self)
  if self.start == "random" then return end
  check.fail("%s: a net with start = %q is the difference of two nets and has no state dict; use start = \"random\"", who, self.start)
end

-- state_dict([{names =, member =}]) -> { ["0.weight"] = array, ["0.bias"] = array, ["2.weight"] = ... }
function Net:state_dict(options)
  local who = "net:state_dict"
  check.self(who, self, "limn.mlp")
  local o = check.options(who, options, { names = { type = "table" }, member = { type = "integer", min = 1, max = self.count } })
  no_pair(who, self)
  if self.count > 1 and not o.member then
    check.fail("%s: the object has %d nets; give member = 1 .. %d", who, self.count, self.count)
  end
  if o.names and #o.names ~= #self.layers then
    check.fail("%s: names must have one entry per layer (%d), got %d", who, #self.layers, #o.names)
  end
  local dict = {}
  for i, layer in ipairs(self:parameters { member = o.member or 1 }) do
    local name = o.names and o.names[i] or tostring(2 * (i - 1)) -- an activation stands between two layers
    dict[name .. ".weight"] = (layer.weights * layer.multiplier):copy(self.dtype)
    dict[name .. ".bias"] = (layer.bias * layer.bias_multiplier):copy(self.dtype)
  end
  return dict
end

-- save_state_dict(path.npz [, options of state_dict]) -> path; or nil, message
function Net:save_state_dict(path, options)
  check.path("net:save_state_dict", "path", path)
  if not path:match "%.npz$" then check.fail("net:save_state_dict: path must end in .npz, got %s", check.show(path)) end
  return files.save(path, self:state_dict(options))
end

-- load_state_dict(path or table [, {names =, member =}]) -> self; or nil, message: the function of the net becomes that of the
-- stack of linear layers. Nothing is changed after an error.
function Net:load_state_dict(from, options)
  local who = "net:load_state_dict"
  check.self(who, self, "limn.mlp")
  local o = check.options(who, options, { names = { type = "table" }, member = { type = "integer", min = 1, max = self.count,
    default = 1 } })
  no_pair(who, self)
  local dict, why = read(who, from)
  if not dict then return nil, why end
  local list = layers_of(who, dict, o.names)
  local sizes = sizes_of(who, list)
  if table.concat(sizes, "-") ~= table.concat(self.sizes, "-") then
    check.fail("%s: the layers %s have the sizes %s, the net has %s", who, listed(o.names or (function()
      local names = {}
      for i, layer in ipairs(list) do names[i] = layer.name end
      return names
    end)()), table.concat(sizes, "-"), table.concat(self.sizes, "-"))
  end
  local raw = {}
  for i, layer in ipairs(self:parameters { member = o.member }) do
    local bias = layer.bias_multiplier ~= 0
    local given = list[i].bias
    if given and not bias and given:abs():max() > 0 then
      check.fail("%s: %s.bias is not zero and the net has no biases; make it with bias = true and init = {weight = 1, bias = 1}", who,
        list[i].name)
    end
    local shape = given and table.concat({ given:shape() }, "x")
    if given and shape ~= tostring(self.sizes[i + 1]) then
      check.fail("%s: %s.bias must have %d entries, got shape %s", who, list[i].name, self.sizes[i + 1], shape)
    end
    for _, part in ipairs { "weight", "bias" } do
      if list[i][part] and not list[i][part]:isfinite():all() then
        check.fail("%s: %s.%s contains NaN or infinite values", who, list[i].name, part)
      end
    end
    raw[i] = { weights = list[i].weight / layer.multiplier, member = o.member,
      bias = bias and (given and given / layer.bias_multiplier or layer.bias * 0) or nil }
  end
  for i, values in ipairs(raw) do self:set(i, values) end
  return self
end

-- from_state_dict(path or table [, {names =, ...options of mlp.new but sizes}]) -> net; or nil, message
function state.new(from, options)
  local who = "mlp.from_state_dict"
  if type(options) == "table" and options.sizes then check.fail("%s: sizes follow from the layers; leave them out", who) end
  local known, o = { names = { type = "table" } }, {}
  for name, rule in pairs(rules.net) do known[name] = name ~= "sizes" and name ~= "count" and rule or nil end
  local names = check.options(who, options, known).names
  for k, v in pairs(options or {}) do o[k] = k ~= "names" and v or nil end
  local dict, why = read(who, from)
  if not dict then return nil, why end
  local list = layers_of(who, dict, names)
  o.sizes = sizes_of(who, list)
  local order, biased = {}, false
  for i, layer in ipairs(list) do order[i], biased = layer.name, biased or layer.bias ~= nil end
  if o.bias == nil then o.bias = biased end
  return net.new(o):load_state_dict(dict, { names = order })
end

return state
