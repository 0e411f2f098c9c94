-- limn/init.lua: the module table. Submodules are fields, loaded on first use.

local native = require "limn.native"

local VERSION = "0.2.0" -- of these files; that of the module is in include/limn/status.h
if native.version ~= VERSION then
  error(("limn: the Lua files are those of version %s, the module limn.so is of version %s: install both again"):format(VERSION,
    tostring(native.version)), 0)
end

local path = ...
local here = select(2, ...) or debug.getinfo(1, "S").source:sub(2)
local dir = here:match("^(.*)/init%.lua$") or "."
native.set_luadir(dir)

local limn = { version = native.version }

local files = {}
for _, module in ipairs(require "limn.base.modules") do files[module.name] = module.file or "limn." .. module.name end

setmetatable(limn, {
  __index = function(self, name)
    if not files[name] then return nil end
    local module = require(files[name])
    rawset(self, name, module)
    return module
  end,
  __name = "limn",
  __tostring = function() return "limn " .. limn.version end,
})

-- Array functions are fields of limn itself: limn.array, limn.zeros, ...
for name, f in pairs(native.array) do limn[name] = f end
for _, name in ipairs { "info", "threads", "isa" } do limn[name] = native.machine[name] end

function limn.load(...) return require("limn.base.files").load(...) end
function limn.save(...) return require("limn.base.files").save(...) end
function limn.cite(...) return require("limn.docs.cite").cite(...) end

assert(path == nil or type(path) == "string")
return limn
