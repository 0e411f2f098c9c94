-- limn/table/numeric.lua: the columns of a table that an .npz can hold. A text becomes columns of 0 and 1.

local class = require "limn.table.class"
local lists = require "limn.table.lists"

local LONGEST = 200 -- bytes of the name of an array

-- What the columns hold: name -> { kind = "number", "text", "array", or nil, why = it is none of these }. The rows are read
-- once, since rows of a store are made when they are asked for.
local function kinds_of(rows, names)
  local columns = {}
  for _, name in ipairs(names) do columns[name] = {} end
  for _, row in ipairs(rows) do
    for name, it in next, columns do
      local v = row[name]
      local here = type(v) == "string" and "text" or type(v) == "userdata" and "array" or v ~= nil and "number" or nil
      if it.kind and here and it.kind ~= here then it.why = it.why or "it has values of several kinds" end
      it.kind, it.missing = it.kind or here, it.missing or here == nil
      if here == "array" then
        local dims = table.concat({ v:shape() }, "x")
        if it.shape and it.shape ~= dims then it.why = it.why or "its arrays have several shapes" end
        it.shape = dims
      end
    end
  end
  for _, it in next, columns do
    if it.kind == "array" and it.missing then it.why = it.why or "some rows have no array" end
    it.kind = not it.why and (it.kind or "number") or nil
  end
  return columns
end

-- results -> results of numbers and arrays of one shape a column; a column of texts becomes one of 0 and 1 for each text,
-- called NAME=TEXT. leave(name, why): is told of each column that is left out.
return function(results, leave)
  local rows, names, from = results:rows(), {}, {}
  local kinds = kinds_of(rows, results:columns())
  for _, name in ipairs(results:columns()) do
    local it = kinds[name]
    for _, text in ipairs(it.kind == "text" and results:distinct(name) or {}) do
      local column = ("%s=%s"):format(name, text)
      if #column > LONGEST or column:find "[/%z]" then leave(column, "an array cannot have this name")
      else names[#names + 1], from[column] = column, { name = name, text = text } end
    end
    if not it.kind then leave(name, it.why)
    elseif it.kind ~= "text" then names[#names + 1], from[name] = name, { name = name } end
  end
  return class.new(lists.lazy(#rows, function(i)
    local row, out = rows[i], {}
    for column, source in next, from do
      if source.text then out[column] = row[source.name] == source.text and 1 or 0 else out[column] = row[source.name] end
    end
    return out
  end), names)
end
