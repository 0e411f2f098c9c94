-- limn/docs/site/headers.lua: the page of the C API, from the public headers: the first comment of each header, then
-- its declarations, each with the comment above it.

local markdown = require "limn.docs.site.markdown"

local escape = markdown.escape

local function comment_text(comment)
  local text = comment:gsub("^/%*+%s?", ""):gsub("%s*%*/$", ""):gsub("\n%s*%* ?", "\n")
  return text
end

-- The paragraphs of a comment; indented lines, such as lists of arguments ("  x   (n,d) ..."), are preformatted.
local function comment_html(comment)
  local out = {}
  for block in (comment_text(comment) .. "\n\n"):gmatch "(.-)\n%s*\n" do
    if block:find "\n%s%s+%S" or block:find "^%s%s+%S" then out[#out + 1] = "<pre>" .. escape(block) .. "</pre>"
    else out[#out + 1] = "<p>" .. escape(block) .. "</p>" end
  end
  return table.concat(out, "\n")
end

-- The parts of a header: { comment, declaration, name }, guards and C++ brackets left out.
local function parts(text)
  local list = {}
  text = text:gsub("#ifdef __cplusplus.-#endif\n", "")
  local at = (text:find("*/", 1, true) or #text) + 2
  local comment
  while at <= #text do
    local c1, c2 = text:find("^%s*/%*.-%*/[ ]*\n", at)
    if c1 then
      comment, at = text:sub(c1, c2):match "^%s*(/%*.*%*/)", c2 + 1
    elseif text:find("^#define [%w_]+%b()%s*\\\n", at) then -- a table of rows
      local stop = text:find("[^\\]\n", at) or #text
      local macro = text:sub(at, stop)
      list[#list + 1] = { comment = comment, declaration = macro:gsub(" *\\\n", "\n"), name = macro:match "^#define ([%w_]+)" }
      comment, at = nil, stop + 2
    elseif text:find("^%s*#", at) or text:find("^[ ]*\n", at) then
      local stop = text:find("\n", at, true) or #text
      if text:find("^[ ]*\n", at) then comment = nil end
      at = stop + 1
    else
      local stop, depth, k = nil, 0, at
      while k <= #text do -- up to the ; outside of brackets
        local c = text:sub(k, k)
        if c:find "[%({]" then depth = depth + 1 elseif c:find "[%)}]" then depth = depth - 1
        elseif c == ";" and depth == 0 then
          stop = k
          break
        end
        k = k + 1
      end
      if not stop then break end
      stop = text:find("\n", stop, true) or #text
      local declaration = text:sub(at, stop):gsub("^%s+", ""):gsub("%s+$", "")
      local name = declaration:match "([%w_]+)%s*%(" or declaration:match "}%s*([%w_]+);" or declaration:match "([%w_]+);"
      if declaration:find "^typedef" then name = declaration:match "([%w_]+);[^;]*$" or name end
      list[#list + 1] = { comment = comment, declaration = (declaration:gsub("LIMN_API ", "")), name = name }
      comment, at = nil, stop + 1
    end
  end
  return list
end

-- The headers in `folder` -> html, headings, index entries.
return function(folder, names)
  local out, headings, entries = { "<h1>C API</h1>", "<p>Every public function and type, header by header. " ..
    "<code>#include &lt;limn/limn.h&gt;</code> includes all of them; link with <code>pkg-config --cflags --libs limn</code>.</p>" }, {}, {}
  for _, name in ipairs(names) do
    local file = io.open(folder .. "/" .. name, "r")
    local text = file and file:read "a" or ""
    if file then file:close() end
    local anchor = name:gsub("%.h$", "")
    headings[#headings + 1] = { level = 2, text = name, anchor = anchor }
    out[#out + 1] = ('<h2 id="%s">limn/%s</h2>'):format(anchor, name)
    out[#out + 1] = comment_html(text:match "^%s*(/%*.-%*/)" or "")
    for _, part in ipairs(parts(text)) do
      if part.name then
        out[#out + 1] = ('<h3 id="%s"></h3>'):format(part.name)
        out[#out + 1] = "<pre>" .. escape(part.declaration) .. "</pre>"
        if part.comment then out[#out + 1] = comment_html(part.comment) end
        entries[#entries + 1] = { title = part.name, url = "c-api.html#" .. part.name,
          text = part.comment and comment_text(part.comment):gsub("%s+", " ") or part.declaration }
      end
    end
  end
  return table.concat(out, "\n"), headings, entries
end
