-- limn/frontend/jupyter/input.lua: io.read, io.lines and io.stdin in a notebook: the client asks the user for a line.

local input = {}

-- Parses a line by a format of io.read. A line at a time is asked for, so that "a" is one line, too.
local function parsed(line, format)
  if format == "n" then return tonumber(line) end
  if math.type(format) == "integer" then return line:sub(1, format) end
  return (format == "L" or format == "a") and line .. "\n" or line
end

local function format_of(format)
  local f = type(format) == "string" and format:gsub("^%*", "") or format
  if f == "n" or f == "l" or f == "L" or f == "a" or math.type(f) == "integer" then return f end
  error("bad argument to 'read' (invalid format)", 3)
end

-- Replaces what reads the standard input; ask() -> a line, or nil where the client answers no questions.
function input.install(ask)
  local methods = getmetatable(io.stdin).__index
  local read, lines, read_of, lines_of = io.read, io.lines, methods.read, methods.lines
  local function reader(...)
    local formats, out = { ... }, {}
    if #formats == 0 then formats[1] = "l" end
    for i, format in ipairs(formats) do
      format = format_of(format)
      local line = ask()
      if not line then error("this client answers no questions (allow_stdin is false): nothing to read", 2) end
      out[i] = parsed(line, format)
    end
    return table.unpack(out, 1, #formats)
  end
  rawset(io, "read", function(...)
    if io.input() ~= io.stdin then return read(...) end
    return reader(...)
  end)
  rawset(io, "lines", function(path, ...)
    if path ~= nil or io.input() ~= io.stdin then return lines(path, ...) end
    local formats = table.pack(...)
    return function() return reader(table.unpack(formats, 1, formats.n)) end
  end)
  function methods.read(file, ...)
    if file ~= io.stdin then return read_of(file, ...) end
    return reader(...)
  end
  function methods.lines(file, ...)
    if file ~= io.stdin then return lines_of(file, ...) end
    local formats = table.pack(...)
    return function() return reader(table.unpack(formats, 1, formats.n)) end
  end
end

return input
