-- limn/report/page.lua: OUT/report.html, one file without any reference outside of it.

local markdown = require "limn.docs.site.markdown"
local claims = require "limn.report.claims"
local faults = require "limn.report.faults"
local findings = require "limn.report.findings"
local gather = require "limn.report.gather"
local parts = require "limn.report.parts"
local scripts = require "limn.report.scripts"
local style = require "limn.report.style"

local page = {}
local escape = parts.escape

-- Sections of scripts/README.md that the report shares, and where each stands.
local READING, RIGHT = "Reading a ledger", "Where the essay was right against a first reading"

local function facts(whole)
  local m = whole.machine
  local commit = whole.commit and (whole.commit:sub(1, 12) .. (whole.dirty and " with changes" or "")) or "no commit"
  return ('<p class="sub">%s · limn %s, %s · %s, %d threads, %s, %s · size: %s</p>'):format(whole.date:sub(1, 10), whole.version,
    escape(commit), escape(m.cpu), m.threads, escape(m.isa), escape(m.blas), escape(whole.size))
end

local function count_of(whole, state)
  local n = 0
  for _, s in ipairs(whole.scripts) do if s.state == state then n = n + 1 end end
  return n
end

-- Counts in words.
local function lead(whole)
  local c = whole.counts
  local out = { ("<p>%d rows of %d scripts. On the essay: %s. On the theory: %s."):format(c.rows, #whole.scripts,
    parts.tally(c.essay, gather.verdicts), parts.tally(c.theory, gather.verdicts)) }
  if c.unmeasured > 0 then
    out[#out + 1] = (" %d of the undecided rows are not measured: their scripts failed or were not run."):format(c.unmeasured)
  end
  if c.described > 0 then out[#out + 1] = (" %d rows describe a number that nothing predicts."):format(c.described) end
  out[#out + 1] = ("</p><p>At the stated levels the expected number of rows with a wrong verdict is at most %.2f: a verdict "
    .. "can be wrong only where the interval misses the true value. Verdicts that follow from a wrong assumption of a method "
    .. "are not part of this number.</p>"):format(c.wrong)
  return table.concat(out)
end

local function summary(whole)
  local heads = { "script", "state" }
  for _, name in ipairs { "rows", "agrees", "refines", "undecided", "disagrees", "agrees", "undecided", "disagrees", "described",
    "wrong" } do heads[#heads + 1] = { text = name, number = true } end
  heads[#heads + 1] = { text = "time", number = true }
  local function cells(c)
    return tostring(c.rows), tostring(c.essay.agrees), tostring(c.essay.refines), tostring(c.essay.undecided),
      tostring(c.essay.disagrees), tostring(c.theory.agrees), tostring(c.theory.undecided), tostring(c.theory.disagrees),
      tostring(c.described), c.wrong > 0 and ("%.3f"):format(c.wrong) or "0"
  end
  local rows, seconds = {}, 0
  for i, s in ipairs(whole.scripts) do
    local took = s.origin and s.origin.cell_seconds
    seconds = seconds + (took or 0)
    local n = table.pack(cells(s.counts))
    rows[i] = { ('<a href="#script-%s">%s</a>'):format(s.name, escape(s.name)), parts.word(s.state), table.unpack(n, 1, n.n) }
    rows[i][#rows[i] + 1] = { took and scripts.duration(took) or "", sort = took or "" }
  end
  local foot = { "all", "", cells(whole.counts) }
  foot[#foot + 1] = scripts.duration(seconds)
  return parts.table(heads, rows, { class = "counts", foot = foot,
    caption = "Verdicts by script. wrong: expected number of rows with a wrong "
    .. "verdict; time: of one processor, for all cells in the script's store.",
    above = '<tr><th colspan="3"></th><th scope="colgroup" colspan="4">on the essay</th><th scope="colgroup" colspan="3">'
      .. 'on the theory</th><th colspan="3"></th></tr>' })
end

local function by_claim(index)
  local rows = {}
  for i, claim in ipairs(index.list.claims) do
    local mine, names = {}, {}
    for _, group in ipairs(index.by_claim[claim.id] or {}) do
      table.move(group.rows, 1, #group.rows, #mine + 1, mine)
      names[#names + 1] = escape(group.script)
    end
    local c = gather.count(mine)
    rows[i] = { { ('<a href="#%s">%s</a>'):format(claim.id, claim.id), sort = claim.number }, markdown.spans(claim.title),
      parts.tally(c.essay, gather.verdicts), parts.tally(c.theory, gather.verdicts), table.concat(names, ", ") }
  end
  return parts.table({ "claim", "", "on the essay", "on the theory", "scripts" }, rows, { caption = "Verdicts by claim." })
end

-- Scripts that failed, with the end of their output; "" without any.
local function failures(whole)
  local out = {}
  for _, s in ipairs(whole.scripts) do if s.state == "failed" then out[#out + 1] = claims.trouble(s) end end
  return #out > 0 and '<h2 class="first" id="failures">Failures</h2>\n' .. table.concat(out, "\n") or ""
end

local function comparison(index, used)
  local s = index.scripts[claims.COMPARISON]
  if not s then return '<p class="note">There is no script <code>comparison</code> in this folder.</p>' end
  local rows = {}
  for _, row in ipairs(index.whole.rows) do
    if row.script == claims.COMPARISON then
      rows[#rows + 1] = row
      used[row.anchor] = true
    end
  end
  local matrix, tests = parts.matrix(rows, "Means over replicates with 95 % intervals; the measures are defined below.")
  return (matrix or "") .. "\n" .. (#tests > 0 and parts.rows(tests, true) or "") .. "\n"
    .. claims.described(index, claims.COMPARISON)
end

-- The sections in order: { anchor, title, html }.
local function sections(index)
  local used, out, texts = {}, {}, index.list.sections
  local function add(anchor, title, html)
    if html and html ~= "" then out[#out + 1] = { anchor, title, html } end
  end
  local function shared(anchor, title) add(anchor, title, texts[title] and markdown.html(texts[title], index.link)) end
  add("comparison", "The essay's comparison", comparison(index, used))
  shared("imprecise", findings.section)
  if texts[findings.section] then
    for _, remark in ipairs(findings.remarks(index.list, index.whole.rows)) do
      out[#out][3] = out[#out][3] .. ('\n<p class="note">%s</p>'):format(escape(remark))
    end
  end
  shared("right", RIGHT)
  shared("reading", READING)
  local list = {}
  for i, claim in ipairs(index.list.claims) do list[i] = claims.section(index, claim, used) end
  add("claims", "The claims", table.concat(list, "\n"))
  add(claims.OTHER, "Other rows and scripts", claims.others(index, used))
  if index.whole.faults then add("faults", "Deliberate faults", faults.html(index.whole.faults)) end
  return out
end

local function contents(index, list)
  local out = {}
  for _, s in ipairs(list) do out[#out + 1] = ('<a href="#%s">%s</a>'):format(s[1], escape(s[2])) end
  local items = {}
  for i, claim in ipairs(index.list.claims) do
    items[i] = ('<li><b>%s</b> <a href="#%s">%s</a></li>'):format(claim.id, claim.id, markdown.spans(claim.title))
  end
  return ('<nav class="screen"><p>%s</p><details><summary>claims</summary><ul class="contents">%s</ul></details></nav>'):format(
    table.concat(out, " · "), table.concat(items))
end

-- The text of the file. whole: see gather.all; list: see readme.parse; heads: script -> the comment at its head.
function page.html(whole, list, out, heads)
  local index = claims.index(whole, list, out, heads)
  local all = sections(index)
  local body = { '<h1>The claims, measured</h1>', facts(whole), contents(index, all) }
  if count_of(whole, "failed") > 0 then body[#body + 1] = failures(whole) end
  body[#body + 1] = '<h2 class="first" id="summary">Summary</h2>'
  body[#body + 1] = lead(whole)
  body[#body + 1] = summary(whole)
  if #list.claims > 0 then body[#body + 1] = by_claim(index) end
  for _, s in ipairs(all) do body[#body + 1] = ('<h2 id="%s">%s</h2>\n%s'):format(s[1], escape(s[2]), s[3]) end
  body[#body + 1] = ('<p class="note">Written by <code>%s</code>; the same rows are in <code>ledger.json</code>.</p>'):format(
    escape(whole.command))
  return ([==[<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>limn: the claims, measured</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
%s</style></head><body>
%s
<script>
%s</script></body></html>
]==]):format(style.css, table.concat(body, "\n"), style.script)
end

return page
