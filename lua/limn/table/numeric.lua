-- limn/table/numeric.lua: the columns of a table that an .npz can hold. A text becomes columns of 0 and 1.

local class = require "limn.table.class"

local LONGEST = 200 -- bytes of the name of an array

-- What a column holds -> "number", "text", "array", or nil and why it is none of these.
local function kind_of(rows, name)
  local kind, shape, missing
  for _, row in ipairs(rows) do
    local v = row[name]
    local here = type(v) == "string" and "text" or type(v) == "userdata" and "array" or v ~= nil and "number" or nil
    if kind and here and kind ~= here then return nil, "it has values of several kinds" end
    kind, missing = kind or here, missing or here == nil
    if here == "array" then
      local dims = table.concat({ v:shape() }, "x")
      if shape and shape ~= dims then return nil, "its arrays have several shapes" end
      shape = dims
    end
  end
  if kind == "array" and missing then return nil, "some rows have no array" end
  return kind or "number"
end

-- results -> results of numbers and arrays of one shape a column; a column of texts becomes one of 0 and 1 for each text,
-- called NAME=TEXT. leave(name, why): is told of each column that is left out.
return function(results, leave)
  local rows, names, out = results:rows(), {}, {}
  for i = 1, #rows do out[i] = {} end
  for _, name in ipairs(results:columns()) do
    local kind, why = kind_of(rows, name)
    local texts = kind == "text" and results:distinct(name) or {}
    for _, text in ipairs(texts) do
      local column = ("%s=%s"):format(name, text)
      if #column > LONGEST or column:find "[/%z]" then leave(column, "an array cannot have this name")
      else
        names[#names + 1] = column
        for i, row in ipairs(rows) do out[i][column] = row[name] == text and 1 or 0 end
      end
    end
    if not kind then leave(name, why)
    elseif kind ~= "text" then
      names[#names + 1] = name
      for i, row in ipairs(rows) do out[i][name] = row[name] end
    end
  end
  return class.new(out, names)
end
