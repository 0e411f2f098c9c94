-- limn/docs/help.lua: help(f), help "name" and apropos "word", as text for a terminal, from the stubs. The Markdown and HTML
-- reference is made in docs/reference.lua and docs/site from the same entries.

local check = require "limn.base.check"
local stubs = require "limn.docs"
local find = require "limn.docs.find"
local words = require "limn.docs.words"
local formula = require "limn.docs.formula"
local synonyms = require "limn.docs.synonyms"
local posix = require("limn.native").posix

local help = {}

local type_text = stubs.type_text

-- Width of the text in columns: `most`, or that of the terminal if it is narrower.
local function columns(most) return math.min(most, posix.terminal(1) or most) end

-- Text broken at blanks into lines of at most `width` columns (or the terminal's), each after `indent`.
local function wrap(text, width, indent)
  local lines, line = {}, nil
  width = math.max(columns(width), #indent + 20)
  for word in formula.plain(text):gmatch "%S+" do
    if line and #line + 1 + #word > width - #indent then
      lines[#lines + 1], line = indent .. line, word
    else
      line = line and line .. " " .. word or word
    end
  end
  if line then lines[#lines + 1] = indent .. line end
  return table.concat(lines, "\n")
end

local function rows(list)
  local out, name_width, kind_width = {}, 1, 1
  for _, v in ipairs(list) do
    name_width = math.max(name_width, #v.name)
    if #type_text(v.type) <= 24 then kind_width = math.max(kind_width, #type_text(v.type)) end
  end
  for _, v in ipairs(list) do
    local head = ("  %-" .. name_width .. "s  %-" .. kind_width .. "s  "):format(v.name, type_text(v.type))
    local text = v.text ~= "" and v.text or v.optional and "(optional)" or ""
    local body = wrap(text, 100, (" "):rep(4 + name_width + kind_width + 2))
    out[#out + 1] = (head .. body:gsub("^%s+", "")):gsub("%s+$", "")
  end
  return table.concat(out, "\n")
end

-- Options, with those of option tables nested in them (such as an axis of a figure).
local function options_text(class)
  local out = { "\noptions\n" .. rows(stubs.fields(class)) }
  for _, nested in ipairs(stubs.nested(class)) do
    out[#out + 1] = ("\n%s\n%s"):format(stubs.type_text(nested.name), rows(stubs.fields(nested)))
  end
  return table.concat(out, "\n")
end

local function entry_text(entry)
  local signature = wrap(stubs.signature(entry), math.huge, "  "):gsub("^%s+", "")
  local out = { signature, wrap(entry.summary or "", 92, "  ") }
  local plain = stubs.arguments(entry)
  if #plain > 0 then out[#out + 1] = "\narguments\n" .. rows(plain) end
  if entry.options then out[#out + 1] = options_text(entry.options) end
  for i, r in ipairs(entry.returns) do
    out[#out + 1] = (i == 1 and "\nreturns\n" or "") .. ("  %s  %s"):format(type_text(r.type), formula.plain(r.text)):gsub("%s+$", "")
  end
  if entry.errors then out[#out + 1] = "\nerrors\n" .. wrap(entry.errors, 92, "  ") end
  if entry.source then out[#out + 1] = "\nsource\n" .. wrap(entry.source, 92, "  ") end
  if entry.example then out[#out + 1] = "\nexample\n" .. entry.example:gsub("[^\n]+", "  %0") end
  return table.concat(out, "\n")
end

-- A name and the first sentence of its summary, on one line of the terminal where there is one.
local function brief(entry, indent)
  local head = ("%s%-24s "):format(indent, entry.name)
  local text = formula.plain(entry.summary or ""):gsub("%s+", " ")
  text = text:match "^(.-[^%.]%.)%s+%u" or text
  local room = math.max(20, columns(#head + 84) - #head)
  if #text > room then text = text:sub(1, room - 3):gsub("%s+%S*$", "") .. " ..." end
  return head .. text
end

local function class_text(class)
  local module = stubs.module_title(class)
  local out = { module or class.name .. " (object)", wrap(class.summary or "", 92, "  ") }
  if class.call then
    out[1] = wrap(stubs.signature(class.call), math.huge, "  "):gsub("^%s+", "")
    if class.call.options then out[#out + 1] = options_text(class.call.options) end
  elseif class.name:find "%.options$" then
    return ("%s\n%s"):format(stubs.type_text(class.name), rows(stubs.fields(class)))
  end
  if #class.fields > 0 then out[#out + 1] = "\nfields\n" .. rows(class.fields) end
  local list = {}
  for _, entry in ipairs(class.methods) do list[#list + 1] = brief(entry, "  ") end
  if #list > 0 then out[#out + 1] = "\n" .. (module and "functions" or "methods") .. "\n" .. table.concat(list, "\n") end
  if class.parent then out[#out + 1] = ("\nand those of %s"):format((class.parent:gsub("^limn%.", ""))) end
  if class.example then out[#out + 1] = "\nexample\n" .. class.example:gsub("[^\n]+", "  %0") end
  return table.concat(out, "\n")
end

local function unknown(name)
  local known, short = {}, name:gsub("^limn%.", "")
  for _, entry in ipairs(stubs.read().order) do known[entry.name], known[entry.short] = true, true end
  local near = (synonyms.of(short) or {})[1] or check.nearest(short, known)
  return nil, ("help: no entry for %q%s"):format(name, near and ("; did you mean %q?"):format(near)
    or ("; apropos(%q) searches the texts"):format(short))
end

-- The name of a function of Lua's standard library, or nil.
local function lua_name(f)
  if debug.getinfo(f, "S").what ~= "C" then return nil end
  for _, library in ipairs { "_G", "string", "table", "math", "io", "os", "coroutine", "utf8", "debug", "package" } do
    for name, v in next, package.loaded[library] or {} do
      if v == f and type(name) == "string" then return (library == "_G" and "" or library .. ".") .. name end
    end
  end
end

local function of_value(what)
  if type(what) == "function" then
    local entry = find.of_function(what)
    if entry then return entry_text(entry) end
    local known = lua_name(what)
    if known then return known .. ": a function of Lua 5.4's standard library; see lua.org/manual/5.4" end
    local info = debug.getinfo(check.original(what), "S")
    return nil, info.what == "C" and "help: a C function without documentation"
      or ("help: a function without documentation, defined at %s:%d"):format(info.short_src, info.linedefined)
  end
  local class = find.class_of(what)
  if class then return class_text(class) end
  return nil, ("help: no entry for a %s; expected a function, an object of limn, or a name"):format(check.typename(what))
end

function help.text(what)
  if type(what) ~= "string" then return of_value(what) end
  local asked = what:gsub("^limn%.", "")
  local vocabulary = asked:match "^words%.([%w_]+)$"
  if asked == "words" or vocabulary and words.known(vocabulary) then return words.text(vocabulary) end
  local classes, entries = find.by_name(what)
  if #classes > 0 then
    local parts = {}
    for i, class in ipairs(classes) do parts[i] = class_text(class) end
    for _, entry in ipairs(entries) do parts[#parts + 1] = entry_text(entry) end
    return table.concat(parts, "\n\n")
  end
  if #entries == 0 then return unknown(what) end
  if #entries == 1 then return entry_text(entries[1]) end
  local list = { ("several functions have the name %q:"):format(what) }
  for _, entry in ipairs(entries) do list[#list + 1] = brief(entry, "  ") end
  return table.concat(list, "\n")
end

-- Whether the text of an entry, with that of its options, holds each of the words.
local function holds_all(entry, wanted)
  local parts = { entry.name, entry.summary or "", entry.source or "" }
  for _, p in ipairs(entry.options and stubs.fields(entry.options) or {}) do
    parts[#parts + 1], parts[#parts + 2] = p.name, p.text or ""
  end
  local text = table.concat(parts, "\n"):lower()
  for one in wanted:gmatch "%S+" do
    if not text:find(one, 1, true) then return false end
  end
  return wanted:find "%S" ~= nil
end

function help.apropos(word)
  check.value("apropos", "word", word, { type = "string", required = true })
  local list, seen = {}, {}
  do
    for _, name in ipairs(synonyms.of(word) or {}) do
      local entry = stubs.read().entries[name]
      if entry then
        seen[entry], list[#list + 1] = true, brief(entry, "")
      end
    end
  end
  for _, entry in ipairs(stubs.read().order) do
    if not seen[entry] and holds_all(entry, word:lower()) then list[#list + 1] = brief(entry, "") end
  end
  if #list == 0 then return nil, ("apropos: no entry contains %q"):format(word) end
  return table.concat(list, "\n")
end

function help.markdown() return require("limn.docs.reference").markdown() end

-- The reference as one page of HTML: the pages of its modules in sequence.
function help.html()
  local out, headings = {}, {}
  for i, page in ipairs(require("limn.docs.site.reference").pages()) do
    out[i] = page.html:gsub('href="ref%-[%w_]+%.html#', 'href="#')
    table.move(page.headings, 1, #page.headings, #headings + 1, headings)
  end
  local layout = require "limn.docs.site.layout"
  local pages = { { file = "reference.html", title = "reference" } }
  return layout.page("reference.html", "limn: reference", table.concat(out, "\n"), pages, headings)
end

check.sealed("help.", help)

return setmetatable(help, { __call = function(_, ...)
  if select("#", ...) > 1 then check.surplus("help", 1, select("#", ...)) end
  if select("#", ...) == 0 then
    print "help(f), help \"regress.minnorm\" or ?name print an entry; apropos \"word\" searches all entries"
    print ":help lists the commands of the prompt\n"
    print(help.text "limn")
    return
  end
  local text, message = help.text((...))
  print(text or message)
end })
