-- limn/base/files.lua: limn.load and limn.save; the format, .npy, .npz or .csv, follows from the suffix.

local native = require("limn.native").files
local check = require "limn.base.check"
local inputs = require "limn.base.inputs"

local files = {}

local OPTIONS = {
  dtype = { type = "string", one_of = require("limn.base.vocabulary").names "dtype" },
  header = { type = "boolean" },
}

local function suffix_of(who, path)
  local suffix = check.path(who, "path", path):match "%.(%w+)$"
  suffix = suffix and suffix:lower()
  if suffix ~= "npy" and suffix ~= "npz" and suffix ~= "csv" then
    check.fail("%s: path must end in .npy, .npz or .csv, got %q", who, path)
  end
  return suffix
end

-- load(path[, {dtype=, header=}]) -> array (.npy), table of arrays by name (.npz), or array, names
-- (.csv); nil, message when the file cannot be read.
function files.load(path, options)
  local suffix = suffix_of("load", path)
  local o = check.options("load", options, OPTIONS)
  if suffix == "csv" then return require("limn.base.csv").load(path, o) end
  if o.header ~= nil then check.fail("load: header is an option of .csv files, got %q", path) end
  inputs.note(path)
  local result, message = native[suffix .. "_load"](path)
  if not result then return nil, message end
  if not o.dtype then return result end
  if suffix == "npy" then return result:copy(o.dtype) end
  for name, a in pairs(result) do result[name] = a:copy(o.dtype) end
  return result
end

-- save(path, array[, names]) -> path, or nil, message. For .npz the value is a table of arrays by name; names
-- are the column names of a .csv. The file is written atomically: an existing file is replaced only after success.
function files.save(path, value, names)
  local suffix = suffix_of("save", path)
  local class = check.typename(value)
  if suffix == "npz" then
    if class ~= "table" then check.fail("save: an .npz takes a table of arrays by name, got %s", class) end
  elseif class ~= "limn.array" then
    check.fail("save: value must be an array, got %s", class)
  end
  if names ~= nil and suffix ~= "csv" then check.fail("save: names belong to .csv files, got %q", path) end
  inputs.wrote(path)
  if suffix == "csv" then return require("limn.base.csv").save(path, value, names) end
  return native[suffix .. "_save"](path, value)
end

return check.sealed("", files)
