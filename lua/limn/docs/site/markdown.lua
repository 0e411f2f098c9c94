-- limn/docs/site/markdown.lua: converts the Markdown of limn's documents to HTML: headings, paragraphs, lists, tables,
-- fenced and indented code, `code`, **strong**, *emphasis*, [links](to), ![figures](path), $formulas$, $$displayed
-- formulas$$ and $$numbered ones$$ (7), whose anchor is eq-7.

local mathml = require "limn.docs.site.mathml"

local markdown = {}

local function escape(text) return (text:gsub("[&<>\"]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" })) end
markdown.escape = escape

-- The anchor of a heading: "Error bands" -> "error-bands".
function markdown.anchor(text)
  return (text:lower():gsub("[`*$\\]", ""):gsub("[^%w_%.]+", "-"):gsub("^%-+", ""):gsub("%-+$", ""))
end

-- Inline marks. Code and formulas are replaced by placeholders first, so that their characters are not interpreted.
-- `link` may rewrite targets and turn the text of a code span into a link.
function markdown.spans(text, link)
  local kept = {}
  local function keep(html)
    kept[#kept + 1] = html
    return ("\1%d\2"):format(#kept)
  end
  text = text:gsub("(`+)(.-)%1", function(_, code)
    local html = "<code>" .. escape(code) .. "</code>"
    local target = link and link(code, true)
    return keep(target and ('<a href="%s">%s</a>'):format(escape(target), html) or html)
  end)
  text = text:gsub("%$([^%s$][^$]-)%$", function(tex) return keep(mathml(tex)) end)
  text = text:gsub("%$([^%s$])%$", function(tex) return keep(mathml(tex)) end)
  text = escape(text)
  text = text:gsub("!%[(.-)%]%((.-)%)", '<img src="%2" alt="%1">')
  text = text:gsub("%[([^%]]-)%]%((.-)%)", function(label, target)
    return ('<a href="%s">%s</a>'):format(link and link(target) or target, label)
  end)
  text = text:gsub("%*%*(.-)%*%*", "<strong>%1</strong>"):gsub("%*([^%s*][^*]-)%*", "<em>%1</em>")
  return (text:gsub("\1(%d+)\2", function(i) return kept[tonumber(i)] end))
end

local function table_html(rows, link)
  local function cells(line, tag)
    local out, inside = {}, line:match "^|?(.-)|?%s*$"
    -- a bar in code, and an escaped one, does not end a cell
    inside = inside:gsub("`[^`]*`", function(code) return (code:gsub("|", "\3")) end):gsub("\\|", "\3")
    for cell in (inside .. "|"):gmatch "(.-)|" do
      local text = cell:gsub("\3", "|"):match "^%s*(.-)%s*$"
      out[#out + 1] = ("<%s>%s</%s>"):format(tag, markdown.spans(text, link), tag)
    end
    return "<tr>" .. table.concat(out) .. "</tr>"
  end
  local out = { "<div class=\"wide\"><table>", cells(rows[1], "th") }
  for i = 3, #rows do out[#out + 1] = cells(rows[i], "td") end
  out[#out + 1] = "</table></div>"
  return table.concat(out, "\n")
end

local function list_html(lines, link)
  local tag = lines[1]:find "^%d" and "ol" or "ul"
  local items = {}
  for _, line in ipairs(lines) do
    local item = line:match "^[%*%-] +(.*)$" or line:match "^%d+%. +(.*)$"
    if item then items[#items + 1] = item else items[#items] = items[#items] .. " " .. line:match "^%s*(.*)$" end
  end
  for i, item in ipairs(items) do items[i] = "<li>" .. markdown.spans(item, link) .. "</li>" end
  return ("<%s>\n%s\n</%s>"):format(tag, table.concat(items, "\n"), tag)
end

-- The blocks of a text in order: { kind = "heading" | "text" | "list" | "table" | "code" | "math", text = , language =, level = }.
function markdown.blocks(text)
  local blocks, lines = {}, {}
  for line in (text:gsub("\n*$", "\n")):gmatch "(.-)\n" do lines[#lines + 1] = line end
  local i = 1
  local function gather(keep) -- the lines from i on up to the first for which keep(line) is false
    local taken = {}
    while lines[i] and keep(lines[i]) do
      taken[#taken + 1] = lines[i]
      i = i + 1
    end
    return taken
  end
  while i <= #lines do
    local line = lines[i]
    local level, heading = line:match "^(#+) (.*)$"
    local fence, info = line:match "^```(%S*)%s*(.*)$"
    if line:find "^%s*$" then i = i + 1
    elseif level then
      blocks[#blocks + 1] = { kind = "heading", level = #level, text = heading }
      i = i + 1
    elseif fence then
      i = i + 1
      local code = gather(function(l) return not l:find "^```" end)
      i = i + 1
      blocks[#blocks + 1] = { kind = "code", language = fence, info = info, text = table.concat(code, "\n") }
    elseif line:find "^%$%$" then
      local tex = gather(function(l) return not l:find "^%s*$" end)
      local formula, number = table.concat(tex, " "):match "^%$%$(.-)%$%$%s*%(?(%d*)"
      blocks[#blocks + 1] = { kind = "math", text = formula, number = number ~= "" and number or nil }
    elseif line:find "^    " then
      local code = gather(function(l) return l:find "^    " or l:find "^%s*$" and lines[i + 1] and lines[i + 1]:find "^    " end)
      for k, l in ipairs(code) do code[k] = l:sub(5) end
      blocks[#blocks + 1] = { kind = "code", language = "", info = "", text = table.concat(code, "\n") }
    elseif line:find "^|" then
      blocks[#blocks + 1] = { kind = "table", rows = gather(function(l) return l:find "^|" end) }
    elseif line:find "^[%*%-] " or line:find "^%d+%. " then
      blocks[#blocks + 1] = { kind = "list",
        rows = gather(function(l) return l:find "^[%*%-] " or l:find "^%d+%. " or l:find "^  +%S" end) }
    else
      local words = gather(function(l)
        return not (l:find "^%s*$" or l:find "^#+ " or l:find "^```" or l:find "^|" or l:find "^%$%$" or l:find "^[%*%-] ")
      end)
      if #words == 0 then words, i = { line }, i + 1 end
      blocks[#blocks + 1] = { kind = "text", text = table.concat(words, "\n") }
    end
  end
  return blocks
end

-- Whole text -> HTML, and its headings as { level =, text =, anchor = }.
function markdown.html(text, link)
  local out, headings = {}, {}
  for _, block in ipairs(markdown.blocks(text)) do
    local kind = block.kind
    if kind == "heading" then
      local anchor = markdown.anchor(block.text)
      headings[#headings + 1] = { level = block.level, text = block.text, anchor = anchor }
      out[#out + 1] = ('<h%d id="%s">%s</h%d>'):format(block.level, anchor, markdown.spans(block.text, link), block.level)
    elseif kind == "code" then
      local class, name = block.language == "text" and "output" or "code", block.info:match "file=(%S+)"
      if name then out[#out + 1] = '<p class="note">' .. escape(name) .. "</p>" end
      out[#out + 1] = ('<pre class="%s">%s</pre>'):format(class, escape(block.text))
    elseif kind == "math" and block.number then
      out[#out + 1] = ('<div class="equation" id="eq-%s">%s<span>(%s)</span></div>'):format(block.number, mathml(block.text, "block"),
        block.number)
    elseif kind == "math" then out[#out + 1] = mathml(block.text, "block")
    elseif kind == "table" then out[#out + 1] = table_html(block.rows, link)
    elseif kind == "list" then out[#out + 1] = list_html(block.rows, link)
    else out[#out + 1] = "<p>" .. markdown.spans(block.text, link) .. "</p>" end
  end
  return table.concat(out, "\n"), headings
end

return markdown
