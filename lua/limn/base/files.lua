-- limn/base/files.lua: limn.load and limn.save; the format, .npy, .npz or .csv, follows from the suffix.

local native = require("limn.native").files
local check = require "limn.base.check"
local inputs = require "limn.base.inputs"

local files = {}

local csv = require "limn.base.csv"

local OPTIONS = { dtype = { type = "string", one_of = require("limn.base.vocabulary").names "dtype" }, only = { type = "any" } }
local FORMAT = { only = "npz" } -- of the options that belong to one
for name, rule in pairs(csv.options) do OPTIONS[name], FORMAT[name] = rule, "csv" end

local TEXT = { csv = true, tsv = true, txt = true }

-- The format of a file, from its name: "npy", "npz" or "csv".
local function suffix_of(who, path, reads)
  local name = check.path(who, "path", path):lower()
  local suffix = name:match "%.(%w+)$"
  if name == "-" then return "csv" end -- standard input or output
  if reads and TEXT[suffix == "gz" and name:match "%.(%w+)%.gz$" or suffix] then return "csv" end
  if suffix ~= "npy" and suffix ~= "npz" and suffix ~= "csv" then
    check.fail("%s: path must end in .npy, .npz or .csv%s, got %q", who, reads and " (or .tsv, .txt; .csv.gz)" or "", path)
  end
  return suffix
end

local function load_npz(path, o)
  local only = o.only
  if type(only) == "string" then only = { only } end
  if only ~= nil then check.value("load", "only", only, { type = "table" }) end
  for i, name in ipairs(only or {}) do
    check.value("load", ("only[%d]"):format(i), name, { type = "string", required = true })
  end
  local wanted = only and {}
  for _, name in ipairs(only or {}) do wanted[name] = true end
  local result, skipped, names = native.npz_load(path, wanted)
  if not result then
    local member = names -- whether the archive itself is sound
    return nil, skipped .. (member and not only and "; only = {names} reads other arrays of the file" or "")
  end
  for _, name in ipairs(only or {}) do
    if not result[name] then
      return nil, ("%s: has no array %q; it has %s"):format(path, name, table.concat(names, ", "))
    end
  end
  if #skipped > 0 and #skipped == #names then return nil, skipped[1].why end
  if o.dtype then for name, a in pairs(result) do result[name] = a:copy(o.dtype) end end
  return result, #skipped > 0 and skipped or nil
end

-- load(path[, {dtype=, only=, header=, ..}]) -> array (.npy); table of arrays by name, and a list {name=, why=} of those
-- that limn cannot hold, nil if there are none (.npz); or array, names, {separator=, decimal=, dropped=} (.csv);
-- nil, message when the file cannot be read.
function files.load(path, options)
  local suffix = suffix_of("load", path, true)
  local o = check.options("load", options, OPTIONS)
  for name, format in pairs(FORMAT) do
    if options and options[name] ~= nil and format ~= suffix then
      check.fail("load: %s is an option of .%s files, got %q", name, format, path)
    end
  end
  if suffix == "csv" then return csv.load(path, o) end
  inputs.note(path)
  if suffix == "npz" then return load_npz(path, o) end
  local result, message = native.npy_load(path)
  if not result then return nil, message end
  return o.dtype and result:copy(o.dtype) or result
end

-- save(path, array[, names]) -> path, or nil, message. For .npz the value is a table of arrays, lists, numbers and booleans by name; names
-- are the column names of a .csv. The file is written atomically: an existing file is replaced only after success.
function files.save(path, value, names)
  local suffix = suffix_of("save", path)
  local class = check.typename(value)
  if suffix == "npz" then
    if class ~= "table" then check.fail("save: an .npz takes a table of arrays by name, got %s", class) end
    local arrays = {}
    for name, v in pairs(value) do
      arrays[name] = type(v) == "table" and check.typename(v) == "table" and check.array("save", tostring(name), v) or v
    end
    value = arrays
  elseif class ~= "limn.array" then
    check.fail("save: value must be an array, got %s", class)
  end
  if names ~= nil and suffix ~= "csv" then check.fail("save: names belong to .csv files, got %q", path) end
  if path ~= "-" then inputs.wrote(path) end
  if suffix == "csv" then return csv.save(path, value, names) end
  return native[suffix .. "_save"](path, value)
end

return check.sealed("", files)
