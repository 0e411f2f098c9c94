-- limn/report/claims.lua: the sections of the report on single claims: statement and theory, and for each script its method,
-- figures, rows and origin. A script's method and figures stand once, at the claim that has most of its rows; other
-- claims link there.

local system = require "limn.base.system"
local markdown = require "limn.docs.site.markdown"
local parts = require "limn.report.parts"
local readme = require "limn.report.readme"
local scripts = require "limn.report.scripts"

local claims = {}
local escape = parts.escape

claims.OTHER = "other" -- the section of rows that belong to no claim of the list
claims.COMPARISON = "comparison" -- the script with the essay's own comparison, which has a section of its own

-- What the sections need: rows by claim and script, the section where each script is described, links.
--   index = { whole =, list =, out =, by_claim = { [id] = { { script, rows } ... } }, home = { [script] = id } }
function claims.index(whole, list, out, heads)
  local index = { whole = whole, list = list, out = out, heads = heads, by_claim = {}, home = {}, scripts = {}, keys = {} }
  local place, taken = {}, {}
  for _, s in ipairs(whole.scripts) do index.scripts[s.name] = s end
  for _, row in ipairs(whole.rows) do
    local anchor = ("row-%s-%s"):format(row.script, markdown.anchor(tostring(row.key or row.claim)))
    while taken[anchor] do anchor = anchor .. "." end
    taken[anchor], row.anchor = true, anchor
    if row.key then index.keys[row.key] = index.keys[row.key] or anchor end
    local ids = readme.ids(row.id)
    if #ids == 0 then ids = { claims.OTHER } end
    for _, id in ipairs(ids) do
      if id ~= claims.OTHER and not list.by_id[id] then id = claims.OTHER end
      local groups = index.by_claim[id] or {}
      index.by_claim[id] = groups
      place[id] = place[id] or {}
      if not place[id][row.script] then
        groups[#groups + 1] = { script = row.script, rows = {} }
        place[id][row.script] = groups[#groups]
      end
      local rows = place[id][row.script].rows
      if rows[#rows] ~= row then rows[#rows + 1] = row end
    end
  end
  local most = {}
  local function settle(id)
    for _, group in ipairs(index.by_claim[id] or {}) do
      if #group.rows > (most[group.script] or 0) then most[group.script], index.home[group.script] = #group.rows, id end
    end
  end
  for _, claim in ipairs(list.claims) do settle(claim.id) end
  settle(claims.OTHER)
  for _, s in ipairs(whole.scripts) do index.home[s.name] = index.home[s.name] or claims.OTHER end
  if index.scripts[claims.COMPARISON] then index.home[claims.COMPARISON] = claims.COMPARISON end
  claims.link_maker(index)
  return index
end

-- index.link(target, is_code): the links of the texts of scripts/README.md inside the report.
function claims.link_maker(index)
  local anchors = {}
  for _, claim in ipairs(index.list.claims) do anchors["#" .. markdown.anchor(claim.heading)] = "#" .. claim.id end
  function index.link(target, is_code)
    if is_code then
      if index.scripts[target] then return "#script-" .. target end
      return index.keys[target] and "#" .. index.keys[target]
    end
    return anchors[target] or target
  end
end

local function origin(s)
  local facts, o = {}, s.origin
  local function fact(name, text) if text then facts[#facts + 1] = ("<dt>%s</dt><dd>%s</dd>"):format(name, escape(text)) end end
  if o then
    fact("computed", ("%d cells, %s of processor time, from %s to %s"):format(o.stored_cells,
      scripts.duration(o.cell_seconds or 0), o.started or "?", o.ended or "now"))
  end
  fact("ledger", s.cells and ("%d cells, replicates: %s, seed: %s%s"):format(s.cells, tostring(s.reps), tostring(s.seed),
    s.level and ("; level %g for all rows with a sampling error together (%s)"):format(s.level, tostring(s.family)) or ""))
  if o then
    fact("commit", table.concat(o.commits, ", "))
    fact("version", "limn " .. table.concat(o.versions, ", "))
    fact("machine", table.concat(o.machines, "; "))
  end
  return '<dl class="facts">' .. table.concat(facts) .. "</dl>"
end

-- The figures of a script, drawn in the page.
local function figures(s, out)
  local list = {}
  for i, file in ipairs(s.figures or {}) do
    local svg = parts.svg(system.text_of(out .. "/" .. file) or "", ("%s%d"):format(s.name, i), s.question or s.name)
    if svg then
      list[#list + 1] = ("<figure>%s<figcaption>Figure of <code>%s</code>: %s</figcaption></figure>"):format(svg, escape(s.name),
        escape(file))
    end
  end
  return table.concat(list, "\n")
end

-- Why a script has no result, with the end of its output.
function claims.trouble(s)
  if s.state == "failed" then
    return ('<div class="alarm"><p><code>%s</code> %s: %s. Its rows are not measured.</p>%s</div>'):format(escape(s.name),
      parts.word "failed", escape(s.why or "?"), s.output and s.output ~= "" and "<pre>" .. escape(s.output) .. "</pre>" or "")
  elseif s.state ~= "done" then
    return ('<p class="note"><code>%s</code>: %s%s.</p>'):format(escape(s.name), parts.word(s.state),
      s.why and "; " .. escape(s.why) or "")
  end
  return ""
end

-- All about a script: what it asks, how, its figures, command and origin.
function claims.described(index, name)
  local s = index.scripts[name]
  local out = { ('<h4 id="script-%s"><code>%s</code>: %s</h4>'):format(name, name, escape(s.question or "")) }
  if s.state ~= "failed" then out[#out + 1] = claims.trouble(s)
  else
    out[#out + 1] = ('<p>%s: %s. <a href="#failures">Its output</a></p>'):format(parts.word "failed", escape(s.why or "?"))
  end
  local head = index.heads[name]
  if head and head ~= "" then
    out[#out + 1] = '<details open><summary>method</summary><div class="method">' .. parts.comment(head) .. "</div></details>"
  end
  out[#out + 1] = figures(s, index.out)
  out[#out + 1] = ("<pre>%s</pre>"):format(escape(s.command))
  out[#out + 1] = '<p class="note">computes and prints all rows of the script; with <code>--row KEY</code> one row '
    .. "(CLAIM: the text of the claim).</p>"
  out[#out + 1] = origin(s)
  return table.concat(out, "\n")
end

-- The rows of a claim, script by script. used: anchors that stand in the file already.
function claims.measured(index, id, used)
  local out = {}
  for _, group in ipairs(index.by_claim[id] or {}) do
    local name = group.script
    local s = index.scripts[name]
    if index.home[name] == id then out[#out + 1] = claims.described(index, name)
    else
      out[#out + 1] = ('<h4><code>%s</code>: %s</h4>%s<p class="note">Method, figure and origin: '
        .. '<a href="#script-%s">%s</a></p>'):format(name, escape(s.question or ""), s.state ~= "done"
        and "<p>" .. parts.word(s.state) .. "</p>" or "", name, index.home[name] == claims.OTHER and "other rows"
        or index.home[name])
    end
    local first = not used[group.rows[1].anchor]
    for _, row in ipairs(group.rows) do used[row.anchor] = true end
    out[#out + 1] = parts.rows(group.rows, first)
  end
  return table.concat(out, "\n")
end

-- One claim of the list.
function claims.section(index, claim, used)
  local text = markdown.html(claim.text, index.link)
  local measured = claims.measured(index, claim.id, used)
  if measured == "" then measured = '<p class="note">No row of this ledger belongs to this claim.</p>' end
  return ('<section><h3 id="%s">%s</h3>\n%s\n%s</section>'):format(claim.id, markdown.spans(claim.heading), text, measured)
end

-- Scripts and rows that belong to no claim of the list; "" if there are none.
function claims.others(index, used)
  local out = { claims.measured(index, claims.OTHER, used) }
  for _, s in ipairs(index.whole.scripts) do
    local shown = false
    for _, group in ipairs(index.by_claim[claims.OTHER] or {}) do shown = shown or group.script == s.name end
    if index.home[s.name] == claims.OTHER and not shown then out[#out + 1] = claims.described(index, s.name) end
  end
  return table.concat(out, "\n"):match "%S" and table.concat(out, "\n") or ""
end

return claims
