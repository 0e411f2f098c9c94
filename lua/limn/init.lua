-- limn/init.lua: the module table. Submodules are fields, loaded on first use.

local native = require "limn.native"

local path = ...
local here = select(2, ...) or debug.getinfo(1, "S").source:sub(2)
local dir = here:match("^(.*)/init%.lua$") or "."
native.set_luadir(dir)

local limn = { version = "0.1.0" }

-- Submodules: a name is one if a file of that name stands beside this one.
local function submodule(name)
  if type(name) ~= "string" or not name:match("^%a[%w_]*$") then return nil end
  local file = io.open(dir .. "/" .. name .. ".lua", "r") or io.open(dir .. "/" .. name .. "/init.lua", "r")
  if not file then return nil end
  file:close()
  return require("limn." .. name)
end

setmetatable(limn, {
  __index = function(self, name)
    local module = submodule(name)
    if module ~= nil then rawset(self, name, module) end
    return module
  end,
  __name = "limn",
  __tostring = function() return "limn " .. limn.version end,
})

-- Array makers stand at the top of the module: limn.array, limn.zeros, ...
for name, f in pairs(native.array) do limn[name] = f end
for name, f in pairs(native.machine) do limn[name] = f end

function limn.load(...) return require("limn.files").load(...) end
function limn.save(...) return require("limn.files").save(...) end

assert(path == nil or type(path) == "string")
return limn
