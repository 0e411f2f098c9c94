-- limn/docs/document.lua: a script that is also a document -> Markdown and one HTML page. Comments at the margin,
-- after the block that heads the file, are its text, in a little Markdown: # headings, paragraphs, `code`, ![figures](path); a line
-- that begins with "-->" is what the code above it prints.

local document = {}

-- The parts of a script in order: { kind = "text" | "code" | "output", lines joined }.
function document.parts(script)
  local parts, kind, lines = {}, nil, {}
  local function close()
    local text = table.concat(lines, "\n"):gsub("^%s*\n", ""):gsub("%s+$", "")
    if kind and text:find "%S" then parts[#parts + 1] = { kind = kind, text = text } end
    lines = {}
  end
  for line in (script:gsub("\n*$", "\n")):gmatch "(.-)\n" do
    local output, text = line:match "^%-%-> ?(.*)$", line:match "^%-%- ?(.*)$"
    local now = output and "output" or text and "text" or line:find "%S" and "code" or kind == "code" and "code" or nil
    if now ~= kind then
      close()
      kind = now
    end
    lines[#lines + 1] = output or text or line
  end
  close()
  if parts[1] and parts[1].kind == "text" then table.remove(parts, 1) end
  return parts
end

function document.markdown(script)
  local out = {}
  for i, part in ipairs(document.parts(script)) do
    out[i] = part.kind == "text" and part.text or ("```%s\n%s\n```"):format(part.kind == "code" and "lua" or "", part.text)
  end
  return table.concat(out, "\n\n") .. "\n"
end

local function escape(text) return (text:gsub("[&<>\"]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" })) end

local function spans(text)
  text = escape(text):gsub("!%[(.-)%]%((.-)%)", '<img src="%2" alt="%1"><br><small>%1</small>')
  return (text:gsub("`(.-)`", "<code>%1</code>"))
end

local function paragraphs(text)
  local out = {}
  for block in (text .. "\n\n"):gmatch "(.-)\n%s*\n" do
    local level, heading = block:match "^%s*(#+) (.*)$"
    if heading then out[#out + 1] = ("<h%d>%s</h%d>"):format(#level, spans(heading), #level)
    elseif block:find "%S" then out[#out + 1] = ("<p>%s</p>"):format(spans(block)) end
  end
  return table.concat(out, "\n")
end

function document.html(script)
  local out, title = {}, script:match "\n%-%- # ([^\n]*)" or "limn"
  for i, part in ipairs(document.parts(script)) do
    out[i] = part.kind == "text" and paragraphs(part.text)
      or ('<pre class="%s">%s</pre>'):format(part.kind, escape(part.text))
  end
  local head = require("limn.docs.reference").HEAD:gsub("<title>.-</title>", ("<title>%s</title>"):format(escape(title)))
  return head .. '<main class="page">\n' .. table.concat(out, "\n")
    .. '\n<p><a href="reference.html">The reference</a></p>\n</main></body></html>\n'
end

return document
