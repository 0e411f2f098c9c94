-- limn/frontend/repl/notebook_text.lua: runs notebooks as scripts: text with cells between lines `-- %%`, .ipynb files, and
-- what `jupyter nbconvert --to script` writes, which is not Lua where a cell ends in an expression. The values of cells
-- are printed.

local cell = require "limn.frontend.repl.cell"
local check = require "limn.base.check"
local repl = require "limn.frontend.repl"
local native = require "limn.native"
local text_of = require("limn.base.system").text_of

local notebook = {}

-- Prints values as the prompt does; an experiment runs at the end of the script.
function notebook.show(source, ...)
  local text = repl.shown(source, ...)
  if text and check.typename((...)) ~= "limn.experiment" then print(text) end
  return ...
end

notebook.command = repl.command

-- Runs cells { code =, name = } in order -> the values of the last one.
local function runner(cells)
  return function()
    local values = table.pack()
    for _, c in ipairs(cells) do
      local code = repl.after_commands(c.code)
      if code then
        local f, message = cell.compile(code, c.name)
        if not f then error(message, 0) end
        values = table.pack(notebook.show(code, f()))
      end
    end
    return table.unpack(values, 1, values.n)
  end
end

-- The code cells of an .ipynb file; nil, message for another file.
local function of_json(text, path)
  local ok, content = pcall(native.json.decode, text)
  if not ok or type(content) ~= "table" or type(content.cells) ~= "table" then return nil, path .. ": not a notebook of Jupyter" end
  local cells = {}
  for _, c in ipairs(content.cells) do
    local source = type(c.source) == "table" and table.concat(c.source) or c.source
    if c.cell_type == "code" and type(source) == "string" then
      cells[#cells + 1] = { code = source, name = ("=In[%d]"):format(#cells + 1) }
    end
  end
  return cells
end

local CONTINUES = "^[%-%+%*/%%%^%.:%[=<>~&|{\"']" -- may continue the expression of the line before

-- The statements and bare expressions of a text, in order.
local function statements(text)
  local pieces, at = {}, cell.starts(text)
  for i, from in ipairs(at) do
    local piece, last = text:sub(from, (at[i + 1] or #text + 1) - 1), pieces[#pieces]
    local joined = last and (piece:find(CONTINUES) or piece:find "^and%f[^%w_]" or piece:find "^or%f[^%w_]") and last .. piece
    if joined and not piece:find "^:%a" and (load(joined) or load("return " .. joined)) then pieces[#pieces] = joined
    else pieces[#pieces + 1] = piece end
  end
  return pieces, text:sub(1, (at[1] or #text + 1) - 1)
end

-- One cell, or a text without cells, as Lua on the same lines: bare expressions, and a call at the end of a cell, are
-- printed; commands (?name, :name, !command) run.
local function with_prints(text, is_cell)
  local pieces, head = statements(text)
  for i, piece in ipairs(pieces) do
    local line, rest = piece:match "^([?!:][^\n]*)(.*)$"
    local body, cut = piece:gsub(";(%s*)$", "%1")
    if line then
      pieces[i] = ("notebook.command(%q);%s"):format(line, rest)
    elseif load("return " .. body) and (not load(piece) or is_cell and i == #pieces and cut == 0) then
      pieces[i] = ("notebook.show(%q, %s);"):format(cut > 0 and ";" or "", body)
    end
  end
  return head .. table.concat(pieces)
end

-- The same for a text whose cells begin at lines `-- %%`. It is one chunk: a local holds in later cells, too, so that a
-- script with such lines stays what it is.
local function with_cells(text)
  local cells, lines = {}, {}
  local function close()
    cells[#cells + 1] = with_prints(table.concat(lines), true)
    lines = {}
  end
  for line in text:gmatch "[^\n]*\n" do
    if line:find "^%-%- ?%%%%" then close() end
    lines[#lines + 1] = line
  end
  close()
  return table.concat(cells)
end

-- The function that runs the notebook at `path`; nil where the file is none, with a message where it should be one.
function notebook.load(path)
  local text = text_of(path)
  if not text then return nil end
  if not utf8.len(text) and text:find "^\27Lua" then return nil end
  text = text:gsub("^#[^\n]*", "") .. "\n"
  local f, why
  local function compiled(lua)
    return load("local notebook = require 'limn.frontend.repl.notebook_text'; " .. lua, "@" .. path, "t")
  end
  if path:find "%.ipynb$" then
    local cells
    cells, why = of_json(text, path)
    f = cells and runner(cells)
  elseif ("\n" .. text):find "\n%-%- ?%%%%" then
    f = compiled(with_cells(text)) -- nil also for a script that has such a line in a string
  else
    f = compiled(with_prints(text))
    if f then io.stderr:write("limn: ", path, " is read as the text of a notebook: its expressions are printed\n") end
  end
  if f then
    rawset(_G, "limn", require "limn")
    repl.start()
  end
  return f, why
end

return notebook
