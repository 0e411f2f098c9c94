-- limn/docs/document.lua: a script that is also a document -> Markdown and HTML. Unindented comments after the head of
-- the file are its text, in a subset of Markdown: # headings, paragraphs, `code`, ![figures](path). A line that begins
-- with "-->" is output of the code above it.

local markdown = require "limn.docs.site.markdown"

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
    out[i] = part.kind == "text" and part.text or ("```%s\n%s\n```"):format(part.kind == "code" and "lua" or "text", part.text)
  end
  return table.concat(out, "\n\n") .. "\n"
end

-- The body of its page.
function document.body(script)
  return (markdown.html(document.markdown(script)))
end

return document
