-- limn/docs/reference.lua: the reference from the stubs as one Markdown text.

local stubs = require "limn.docs"
local formula = require "limn.docs.formula"
local vocabulary = require "limn.base.vocabulary"

local reference = {}

-- Calls on_class(class, title) and on_entry(entry) in the order of the files; classes without text are options.
local function each(on_class, on_entry)
  for _, class in ipairs(stubs.read().class_order) do
    if not class.name:find "%.options$" then
      on_class(class, stubs.module_title(class) or class.name .. " (object)")
      for _, entry in ipairs(class.methods) do on_entry(entry) end
    end
  end
end

-- ---- Markdown ------------------------------------------------------------------------------------------

local function cell(text) return (formula.marked(text):gsub("|", "\\|")) end

local function table_of(out, title, list)
  if #list == 0 then return end
  out[#out + 1] = ("| %s | type | |\n|---|---|---|"):format(title)
  for _, v in ipairs(list) do
    out[#out + 1] = ("| `%s` | %s | %s |"):format(v.name, cell(stubs.type_text(v.type)), cell(v.text))
  end
  out[#out + 1] = ""
end

function reference.markdown()
  local out = { "# limn: reference\n\nMade from the stubs in `lua/limn`; do not edit.\n" }
  local function add(...) out[#out + 1] = (...):format(select(2, ...)) end
  local function code(text) if text then add("```lua\n%s\n```\n", text) end end
  each(function(class, title)
    add("## %s\n\n%s\n", title, formula.marked(class.summary or ""))
    table_of(out, "field", class.fields)
    if class.parent then add("Also has the methods of %s.\n", stubs.type_text(class.parent)) end
    code(class.example)
  end, function(entry)
    add("### `%s`\n\n%s\n", stubs.signature(entry), formula.marked(entry.summary or ""))
    table_of(out, "argument", stubs.arguments(entry))
    if entry.options then
      table_of(out, "option", stubs.fields(entry.options))
      for _, nested in ipairs(stubs.nested(entry.options)) do
        table_of(out, stubs.type_text(nested.name), stubs.fields(nested))
      end
    end
    for _, r in ipairs(entry.returns) do
      out[#out + 1] = ("Returns %s%s  "):format(stubs.type_text(r.type), r.text ~= "" and ": " .. formula.marked(r.text) or "")
    end
    if entry.errors then add("*Errors:* %s  ", (entry.errors:gsub("\n", " "))) end
    if entry.source then add("*Source:* %s  ", (formula.marked(entry.source:gsub("\n", " ")))) end
    out[#out + 1] = ""
    code(entry.example)
  end)
  add "## words of options\n"
  for _, name in ipairs(vocabulary.all()) do
    add("| words.%s | |\n|---|---|", name)
    for _, word in ipairs(vocabulary.words(name)) do
      out[#out + 1] = ("| `%s` | %s |"):format(word.name, cell(word.help))
    end
    out[#out + 1] = ""
  end
  return table.concat(out, "\n")
end

return reference
