-- limn/docs/init.lua: reads the LuaCATS stubs (the .d.lua files in stubs/), the source of help, reference, completion
-- and editor support. The parts of a stub, in this order:
--   ---text; lines "Errors: ..." and "Source: ..."; ---```lua example ---```; ---@param; ---@return; function m.f(a) end
-- A module's class is limn.lib.NAME; an object's class is its type name (limn.fit). An options table is a class whose
-- name ends in ".options"; a field's text may end in "(default X)". The type limn.words.NAME stands for the words of a
-- vocabulary (limn/base/vocabulary.lua); help lists them before the text.

local system = require "limn.base.system"
local vocabulary = require "limn.base.vocabulary"

local stubs = {}

local here = debug.getinfo(1, "S").source:match "^@(.*)init%.lua$" or ""
-- One file per public module, after those of limn and arrays; some have more, NAME_TOPIC.d.lua.
local MORE = { array = { "functions", "reductions", "matrix" }, plot = { "objects", "figure" }, mlp = { "probes", "state" } }
stubs.files = {}
local function add_files(name)
  stubs.files[#stubs.files + 1] = ("stubs/%s.d.lua"):format(name)
  for _, topic in ipairs(MORE[name] or {}) do stubs.files[#stubs.files + 1] = ("stubs/%s_%s.d.lua"):format(name, topic) end
end
add_files "limn"
add_files "array"
for _, module in ipairs(require "limn.base.modules") do add_files(module.name) end

-- "type rest" -> type, rest. A type may contain spaces inside brackets and after ":" and ",". A union is written
-- without spaces, so that a text may begin with a bar ("number |y - F w|").
local function split_type(text)
  local depth, at = 0, 1
  while at <= #text do
    local c = text:sub(at, at)
    if c:find "[%(%[{<]" then depth = depth + 1
    elseif c:find "[%)%]}>]" then depth = depth - 1
    elseif c == " " and depth == 0 and not text:sub(1, at - 1):find "[:,]$" then break end
    at = at + 1
  end
  return text:sub(1, at - 1), (text:sub(at):gsub("^%s*#?%s*", ""))
end

-- "name? type text (default X)" of @param and @field.
local function read_value(text)
  local name, optional, rest = text:match "^([%w_%.]+)(%??)%s+(.*)$"
  if not name then return nil end
  local kind, words = split_type(rest)
  local known = kind:match "^limn%.words%.([%w_]+)"
  if known then
    local list = vocabulary.text(known)
    if words:find "^or " then list = list:gsub(" or ", ", ") end
    kind, words = kind:gsub("^limn%.words%.[%w_]+", "string"), words == "" and list or list .. (words:find "^:" and "" or " ") .. words
  end
  local value = { name = name, optional = optional == "?", type = kind, text = words, words = known }
  value.default = words:match "%(default ([^()]*%b()[^()]*)%)$" or words:match "%(default ([^()]*)%)$"
  return value
end

local function new_block() return { text = {}, params = {}, returns = {} } end

local function tag(block, class, name, rest)
  if name == "class" then
    local known, parent = rest:match "^([%w_%.]+):?%s*([%w_%.]*)"
    return { name = known, parent = parent ~= "" and parent or nil, fields = {}, methods = {}, text = block.text }
  elseif name == "overload" then -- the call of the module itself: "fun(a: type, b?: type): type"
    block.overload = rest
  elseif name == "field" then
    class.fields[#class.fields + 1] = read_value(rest)
  elseif name == "param" then
    block.params[#block.params + 1] = read_value(rest)
  elseif name == "return" then
    local kind, words = split_type(rest)
    block.returns[#block.returns + 1] = { type = kind, text = words }
  end
  return class
end

-- Lines of text -> the summary, and the texts after "Errors:" and "Source:".
local function sort_text(entry, lines)
  local current, parts = "summary", { summary = {}, errors = {}, source = {} }
  for _, line in ipairs(lines) do
    local word, rest = line:match "^(%u%l+): (.*)$"
    if word == "Errors" or word == "Source" then current, line = word:lower(), rest end
    table.insert(parts[current], line)
  end
  for name, list in pairs(parts) do
    local text = table.concat(list, "\n"):gsub("^%s+", ""):gsub("%s+$", "")
    entry[name] = text ~= "" and text or nil
  end
end

-- "fun(x: any, options?: limn.o.options): limn.figure" -> the arguments and results of a callable module.
local function read_overload(text)
  local args, back = text:match "^fun(%b())%s*:?%s*(.*)$"
  local params, returns = {}, {}
  for name, optional, kind in (args or "()"):sub(2, -2):gmatch "([%w_]+)(%??):%s*([^,]+)" do
    params[#params + 1] = { name = name, optional = optional == "?", type = kind:match "^(.-)%s*$", text = "" }
  end
  if back and back ~= "" then returns[1] = { type = back, text = "" } end
  return params, returns
end

local function short(class) return (class:gsub("^limn%.lib%.", ""):gsub("^limn%.?", "")) end

local function add_function(all, file, block, class, sep, name, args)
  local module = class.name:match "^limn%.lib%.?(.*)$"
  local entry = { class = class.name, method = sep == ":", params = block.params, returns = block.returns,
    example = block.example, args = args, short = name, file = file }
  entry.module = module
  if module then entry.name = module == "" and name or module .. "." .. name
  else entry.name = short(class.name) .. (sep == ":" and ":" or ".") .. name end
  sort_text(entry, block.text)
  class.methods[#class.methods + 1] = entry
  all.entries[entry.name] = entry
  entry.index = #all.order + 1
  all.order[entry.index] = entry
end

local function read_file(all, path)
  local text = system.text_of(path)
  if not text then return end
  local block, class, code = new_block(), nil, nil
  local variables = {}
  for line in text:gmatch "([^\n]*)\n?" do
    local doc = line:match "^%-%-%-%s?(.*)$"
    if code then
      if doc and doc:find "^```" then
        block.example, code = table.concat(code, "\n"), nil
      else
        code[#code + 1] = line:match "^%-%-%-(.*)$" or ""
      end
    elseif doc and doc:find "^```lua" then
      code = {}
    elseif doc then
      local name, rest = doc:match "^@(%w+)%s*(.*)$"
      if name then
        class = tag(block, class, name, rest)
        if name == "class" then
          sort_text(class, block.text)
          class.example = block.example
          class.file = path:match "(%a+)[^/]*%.d%.lua$"
          class.overload_block = block -- @overload may follow @class
          if all.classes[class.name] then class = all.classes[class.name] -- a second file of the module goes on with it
          else
            all.classes[class.name] = class
            all.class_order[#all.class_order + 1] = class
          end
        end
      else
        block.text[#block.text + 1] = doc
      end
    else
      local variable = line:match "^local ([%w_]+)"
      local owner, sep, name, args = line:match "^function ([%w_]+)([%.:])([%w_]+)%((.-)%)"
      if variable then
        variables[variable] = class
      elseif owner then
        -- the module's name: plot_objects.d.lua belongs to plot
        add_function(all, path:match "(%a+)[^/]*%.d%.lua$", block, variables[owner], sep, name, args)
      end
      block = new_block()
    end
  end
end

-- All stubs: { entries = by name, order = list, classes = by name, class_order = list }. Read once.
function stubs.read()
  if stubs.all then return stubs.all end
  local all = { entries = {}, order = {}, classes = {}, class_order = {} }
  for _, name in ipairs(stubs.files) do read_file(all, here .. name) end
  local function find_options(entry)
    for _, p in ipairs(entry.params) do
      local options = p.type:match "[%w_%.]+%.options"
      if options then entry.options = all.classes[options] end
    end
  end
  for _, entry in ipairs(all.order) do find_options(entry) end
  for _, class in ipairs(all.class_order) do
    local overload = class.overload_block and class.overload_block.overload
    class.overload_block = nil
    if overload then
      local params, returns = read_overload(overload)
      class.call = { name = short(class.name), params = params, returns = returns, module = "", class = class.name }
      find_options(class.call)
    end
  end
  stubs.all = all
  return all
end

-- Fields of an options class, including those of the classes it extends.
function stubs.fields(class)
  local list, all = {}, stubs.read()
  while class do
    for _, f in ipairs(class.fields) do list[#list + 1] = f end
    class = class.parent and all.classes[class.parent]
  end
  return list
end

-- The arguments of a function without its table of options.
function stubs.arguments(entry)
  local list = {}
  for _, p in ipairs(entry.params) do if not (entry.options and p.type:find "%.options$") then list[#list + 1] = p end end
  return list
end

-- "limn" or "limn.regress" for the class of a module, nil for that of an object; and the module's name.
function stubs.module_title(class)
  local module = class.name:match "^limn%.lib%.?(.*)$"
  return module and (module == "" and "limn" or "limn." .. module), module
end

-- The option classes in the types of the fields of an options class, and those nested in them, each once, in order.
function stubs.nested(class)
  local list, seen, all = {}, { [class.name] = true }, stubs.read()
  local function visit(one)
    for _, f in ipairs(stubs.fields(one)) do
      for name in f.type:gmatch "[%w_%.]+%.options" do
        if all.classes[name] and not seen[name] then
          seen[name] = true
          list[#list + 1] = all.classes[name]
          visit(all.classes[name])
        end
      end
    end
  end
  visit(class)
  return list
end

-- A type in the form of help: without "limn.".
function stubs.type_text(kind) return (kind:gsub("limn%.lib%.%w+", "module"):gsub("limn%.", ""):gsub("|", " or ")) end

-- "regress.lp(features, labels?, {norm=}) -> fit"
function stubs.signature(entry)
  local parts = {}
  for _, p in ipairs(entry.params) do
    local text = p.name .. (p.optional and "?" or "")
    if entry.options and p.type:find("%.options$") then
      local names = {}
      for _, f in ipairs(stubs.fields(entry.options)) do names[#names + 1] = f.name .. "=" end
      local more = #names > 6
      text = "{" .. table.concat(names, ", ", 1, math.min(#names, 6)) .. (more and ", ..." or "") .. "}"
    end
    parts[#parts + 1] = text
  end
  local back = {}
  for _, r in ipairs(entry.returns) do back[#back + 1] = stubs.type_text(r.type) end
  local alone = #entry.params == 1 and parts[1]:sub(1, 1) == "{"
  return entry.name .. (alone and parts[1] or "(" .. table.concat(parts, ", ") .. ")")
    .. (#back > 0 and " -> " .. table.concat(back, ", ") or "")
end

return stubs
