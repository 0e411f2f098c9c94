-- limn/docs/site/reference.lua: the pages of the reference, one per module, from the stubs. Types are links to their
-- classes.

local modules = require "limn.base.modules"
local vocabulary = require "limn.base.vocabulary"
local stubs = require "limn.docs"
local formula = require "limn.docs.formula"
local markdown = require "limn.docs.site.markdown"

local reference = {}
local escape = markdown.escape

-- The page of a stub file; arrays are on the page of limn.
function reference.file(name) return "ref-" .. (name == "array" and "limn" or name) .. ".html" end

local function page_of(class) return reference.file(class.file) end

-- The link to the entry of a name such as "regress.ridge", "fit:predict" or "limn.fit"; nil without an entry.
function reference.target(name)
  local all = stubs.read()
  local plain = name:gsub("^limn%.", ""):gsub("[%(%{].*$", "")
  local entry = all.entries[plain] or all.entries[(plain:gsub("%.", ":"))]
  if entry then return reference.file(entry.file) .. "#" .. entry.name end
  local class = all.classes["limn.lib." .. plain] or all.classes["limn." .. plain] or all.classes[name]
  return class and page_of(class) .. "#" .. class.name
end

-- A type, with links to its classes.
local function type_html(kind)
  local all = stubs.read()
  return (kind:gsub("|", "\1"):gsub("[^%w_%.]*[%w_%.]*", function(piece)
    local before, name = piece:match "^([^%w_%.]*)([%w_%.]*)$"
    local class = all.classes[name]
    local shown = escape(stubs.type_text(name))
    return escape(before) .. (class and ('<a href="%s#%s">%s</a>'):format(page_of(class), name, shown) or shown)
  end):gsub("\1", " or "))
end

-- "(eq. 2, 8)" becomes links to the page of equations.
local function prose(text)
  text = text:gsub("%(eq%. [%d, ]+%)", function(list)
    return (list:gsub("%d+", "[%0](mathematics.html#eq-%0)"))
  end)
  return markdown.spans(formula.marked(text), function(code, is_code)
    if is_code then return reference.target(code) end
    return code
  end)
end

local function table_of(out, title, list)
  if #list == 0 then return end
  out[#out + 1] = ('<div class="wide"><table class="names"><tr><th>%s</th><th>type</th><th></th></tr>'):format(title)
  for _, v in ipairs(list) do
    local kind = v.words and v.type:gsub("^string", "") or v.type
    local shown = v.words and ('<a href="%s#words.%s">string</a>'):format(reference.file "words", v.words) or ""
    out[#out + 1] = ("<tr><td>%s</td><td>%s</td><td>%s</td></tr>"):format(escape(v.name), shown .. type_html(kind), prose(v.text))
  end
  out[#out + 1] = "</table></div>"
end

local function options(out, class)
  table_of(out, "option", stubs.fields(class))
  for _, nested in ipairs(stubs.nested(class)) do
    out[#out + 1] = ('<h4 id="%s">%s</h4>'):format(nested.name, escape(stubs.type_text(nested.name)))
    table_of(out, "option", stubs.fields(nested))
  end
end

local function details(out, entry)
  table_of(out, "argument", stubs.arguments(entry))
  if entry.options then options(out, entry.options) end
  for _, r in ipairs(entry.returns) do
    out[#out + 1] = ('<p class="note">Returns %s%s</p>'):format(type_html(r.type), r.text ~= "" and ": " .. prose(r.text) or "")
  end
  if entry.errors then out[#out + 1] = '<p class="note">Errors: ' .. prose(entry.errors) .. "</p>" end
  if entry.source then out[#out + 1] = '<p class="note">Source: ' .. prose(entry.source) .. "</p>" end
  if entry.example then out[#out + 1] = "<pre>" .. escape(entry.example) .. "</pre>" end
end

local function class_html(out, headings, class)
  local title = stubs.module_title(class) or stubs.type_text(class.name) .. " (object)"
  headings[#headings + 1] = { level = 2, text = title, anchor = class.name }
  out[#out + 1] = ('<h2 id="%s">%s</h2>'):format(class.name, escape(title))
  if class.call then
    out[#out + 1] = ('<h3 class="name" id="%s">%s</h3>'):format(escape(class.call.name), escape(stubs.signature(class.call)))
  end
  out[#out + 1] = "<p>" .. prose(class.summary or "") .. "</p>"
  if class.call then details(out, class.call) end
  table_of(out, "field", class.fields)
  if class.parent then out[#out + 1] = "<p>Also has the methods of " .. type_html(class.parent) .. ".</p>" end
  if class.example then out[#out + 1] = "<pre>" .. escape(class.example) .. "</pre>" end
  for _, entry in ipairs(class.methods) do
    headings[#headings + 1] = { level = 3, text = entry.short, anchor = entry.name }
    out[#out + 1] = ('<h3 class="name" id="%s">%s</h3>'):format(escape(entry.name), escape(stubs.signature(entry)))
    out[#out + 1] = "<p>" .. prose(entry.summary or "") .. "</p>"
    details(out, entry)
  end
end

-- The words of the vocabularies, one table each.
local function words_page(p)
  for _, name in ipairs(vocabulary.all()) do
    local list = {}
    for i, word in ipairs(vocabulary.words(name)) do
      list[i] = ("<tr><td>%s</td><td>%s</td></tr>"):format(escape(word.name), escape(word.help))
      p.entries[#p.entries + 1] = { title = word.name, url = p.file .. "#words." .. name, text = name .. ": " .. word.help }
    end
    p.headings[#p.headings + 1] = { level = 2, text = name, anchor = "words." .. name }
    p.out[#p.out + 1] = ('<h2 id="words.%s">%s</h2><div class="wide"><table class="names"><tr><th>word</th><th></th></tr>%s</table></div>')
      :format(name, name, table.concat(list, "\n"))
  end
end

-- The pages: { { file =, title =, html =, headings =, entries = for the search index } ... }.
function reference.pages()
  local all, pages, of = stubs.read(), {}, {}
  local function page(name, title)
    of[name] = { file = reference.file(name), title = title, out = {}, headings = {}, entries = {} }
    pages[#pages + 1] = of[name]
  end
  page("limn", "limn and arrays")
  of.array = of.limn
  for _, module in ipairs(modules) do page(module.name, "limn." .. module.name) end
  page("words", "words of options")
  words_page(of.words)
  for _, class in ipairs(all.class_order) do
    if not class.name:find "%.options$" then
      local p = of[class.file]
      class_html(p.out, p.headings, class)
      if class.call then
        p.entries[#p.entries + 1] = { title = class.call.name, url = p.file .. "#" .. class.call.name, text = class.summary or "" }
      end
      for _, entry in ipairs(class.methods) do
        p.entries[#p.entries + 1] = { title = entry.name, url = p.file .. "#" .. entry.name, text = entry.summary or "" }
        for _, o in ipairs(entry.options and stubs.fields(entry.options) or {}) do
          p.entries[#p.entries].text = p.entries[#p.entries].text .. " " .. o.name .. " " .. o.text
        end
      end
    end
  end
  for _, p in ipairs(pages) do
    for _, e in ipairs(p.entries) do e.text = formula.plain(e.text) end
    p.html = ("<h1>%s</h1>\n%s"):format(p.title, table.concat(p.out, "\n"))
  end
  return pages
end

return reference
