-- limn/report/parts.lua: pieces of HTML that the sections of the report have in common.

local system = require "limn.base.system"
local markdown = require "limn.docs.site.markdown"
local tables = require "limn.claims.table"

local parts = {}
local escape = markdown.escape
parts.escape = escape

-- A number to five digits, whole numbers in full; text as it is.
function parts.number(v)
  if type(v) ~= "number" then return v == nil and "" or escape(tostring(v)) end
  if math.type(v) == "integer" or v % 1 == 0 and math.abs(v) < 1e7 then return ("%d"):format(v // 1) end
  return (("%.5g"):format(v):gsub("^%-", "−"):gsub("e%-0?", "e−"):gsub("e%+0?", "e"))
end

-- A number to three digits.
function parts.rounded(v)
  return type(v) == "number" and v - v == 0 and parts.number(tonumber(("%.3g"):format(v))) or parts.number(v)
end

local function class(word) return (word:gsub("%s", "-")) end

-- A word in the colour of its verdict or state.
function parts.word(word)
  if word == nil or word == "-" then return "" end
  return ('<span class="%s">%s</span>'):format(class(word), escape(word))
end

-- <table> from heads ({ text, number = true } or text) and rows of cells (HTML, or { html, sort = key }).
function parts.table(heads, rows, options)
  local o = options or {}
  local out = { ('<div class="wide"><table class="sorted %s">'):format(o.class or "") }
  if o.caption then out[#out + 1] = "<caption>" .. o.caption .. "</caption>" end
  out[#out + 1] = "<thead>" .. (o.above or "") .. "<tr>"
  for _, head in ipairs(heads) do
    out[#out + 1] = ("<th%s>%s</th>"):format(head.number and ' class="n"' or "", head.text or head)
  end
  out[#out + 1] = "</tr></thead><tbody>"
  local function line(row)
    local cells = {}
    for i, cell in ipairs(row) do
      local html, sort = type(cell) == "table" and cell[1] or cell, type(cell) == "table" and cell.sort
      local classes = heads[i].number and ' class="n' .. (html == "0" and " zero" or "") .. '"' or ""
      cells[i] = ("<td%s%s%s>%s</td>"):format(classes, sort and (' data-sort="%s"'):format(escape(tostring(sort))) or "",
        o.labels and i > 1 and (' data-label="%s"'):format(heads[i].text or heads[i]) or "", html)
    end
    return ("<tr%s>%s</tr>"):format(row.anchor and (' id="%s"'):format(escape(row.anchor)) or "", table.concat(cells))
  end
  for _, row in ipairs(rows) do out[#out + 1] = line(row) end
  out[#out + 1] = "</tbody>" .. (o.foot and "<tfoot>" .. line(o.foot) .. "</tfoot>" or "") .. "</table></div>"
  return table.concat(out, "\n")
end

local function interval(row)
  if row.low == nil or row.high == nil then return "" end
  return ("[%s, %s]"):format(parts.number(row.low), parts.number(row.high))
end

-- What a row says under its claim: the key, whose title is the command that prints the row, and the note.
local function remarks(row)
  local out = {}
  if row.key then
    out[1] = ('<br><code class="key" title="%s">--row %s</code>'):format(escape(row.command),
      row.key == row.claim and "CLAIM" or escape(system.quoted(row.key)))
  end
  if row.note and row.note ~= "" then out[#out + 1] = ('<span class="note">%s</span>'):format(escape(row.note)) end
  return table.concat(out)
end

local function statement(row, side)
  local text = tables.statement(row, side)
  return type(text) == "string" and escape((text:gsub("%-(%d)", "−%1"))) or ""
end

-- The rows of one script as a table. first: whether their anchors are set here; an anchor stands once in the file.
function parts.rows(rows, first)
  local heads = { "claim", { text = "essay", number = true }, { text = "theory", number = true },
    { text = "measured", number = true }, { text = "interval", number = true }, "on essay", "on theory" }
  local lines = {}
  for i, row in ipairs(rows) do
    lines[i] = { anchor = first and row.anchor or nil, { escape(row.claim) .. remarks(row), sort = row.claim },
      { statement(row, "essay"), sort = tonumber(row.essay) or "" },
      { statement(row, "theory"), sort = tonumber(row.theory) or "" },
      { parts.number(row.measured), sort = tonumber(row.measured) or "" }, { interval(row), sort = row.low or "" },
      parts.word(row.essay_verdict), parts.word(row.theory_verdict) }
  end
  return parts.table(heads, lines, { class = "rows", labels = true })
end

-- Rows with keys "MEASURE | RULE" as one table, a line for each rule and a column for each measure, in the order of their
-- first rows; also the other rows. nil if there are none with such keys.
function parts.matrix(rows, caption)
  local heads, lines, others, column, line = { "" }, {}, {}, {}, {}
  for _, row in ipairs(rows) do
    local measure, rule = tostring(row.key):match "^(.-) | (.+)$"
    if not measure then others[#others + 1] = row
    else
      if not column[measure] then
        heads[#heads + 1] = { text = escape(measure), number = true }
        column[measure] = #heads
      end
      if not line[rule] then
        lines[#lines + 1] = { escape(rule) }
        line[rule] = lines[#lines]
      end
      line[rule][column[measure]] = { ('<span id="%s">%s</span><br><span class="note">%s</span>'):format(escape(row.anchor),
        parts.rounded(row.measured), row.low and ("[%s, %s]"):format(parts.rounded(row.low), parts.rounded(row.high)) or ""),
        sort = tonumber(row.measured) or "" }
    end
  end
  for _, cells in ipairs(lines) do for i = 1, #heads do cells[i] = cells[i] or "" end end
  return #lines > 0 and parts.table(heads, lines, { caption = caption }) or nil, others
end

-- "3 agree, 1 refines" of the counts of one side.
function parts.tally(counts, verdicts)
  local out = {}
  for _, v in ipairs(verdicts) do
    if counts[v] > 0 then out[#out + 1] = ('<span class="%s">%d %s</span>'):format(v, counts[v], v) end
  end
  return table.concat(out, ", ")
end

-- The comment at the head of a script: paragraphs, lists of "- ", and lines that are indented without one, as they are.
function parts.comment(text)
  local out, kind, lines = {}, nil, {}
  local function close()
    if kind == "pre" then out[#out + 1] = "<pre>" .. escape(table.concat(lines, "\n")) .. "</pre>"
    elseif kind == "li" then out[#out + 1] = "<ul><li>" .. escape(table.concat(lines, " ")):gsub("\1", "</li><li>") .. "</li></ul>"
    elseif kind then out[#out + 1] = "<p>" .. escape(table.concat(lines, " ")) .. "</p>" end
    kind, lines = nil, {}
  end
  for line in (text .. "\n"):gmatch "([^\n]*)\n" do
    local item, indented = line:match "^%s*%- (.*)$", line:match "^%s%s+(.*)$"
    if not line:find "%S" then close()
    elseif item then
      if kind ~= "li" then close() end
      lines[#lines + 1], kind = (kind == "li" and "\1" or "") .. item, "li"
    elseif indented and kind == "li" then lines[#lines + 1] = indented
    elseif indented then
      if kind ~= "pre" then close() end
      lines[#lines + 1], kind = line:sub(3), "pre"
    else
      if kind ~= "p" then close() end
      lines[#lines + 1], kind = line, "p"
    end
  end
  close()
  return (table.concat(out, "\n"):gsub(" </li>", "</li>"))
end

-- An SVG file as a part of the page: without its prolog, sizes and namespaces, its ids made unique by `prefix`. nil if the
-- text is no SVG.
function parts.svg(text, prefix, label)
  local open, body = text:match "(<svg[^>]*>)(.*</svg>)"
  local box = open and open:match 'viewBox="([^"]*)"'
  if not box then return nil end
  body = body:gsub("<title>.-</title>", "", 1):gsub("<desc>.-</desc>", "", 1)
  body = body:gsub("(%sid%s*=%s*['\"])", "%1" .. prefix .. "-"):gsub("(href%s*=%s*['\"]#)", "%1" .. prefix .. "-")
    :gsub("(url%(['\"]?#)", "%1" .. prefix .. "-")
  return ('<svg viewBox="%s" role="img" aria-label="%s">%s'):format(box, escape(label), body)
end

return parts
