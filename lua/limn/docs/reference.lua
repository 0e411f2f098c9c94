-- limn/docs/reference.lua: the reference from the stubs: Markdown, and one HTML page that searches itself.

local stubs = require "limn.docs"

local reference = {}

-- Calls on_class(class, title) and on_entry(entry) in the order of the files; classes without text are options.
local function each(on_class, on_entry)
  for _, class in ipairs(stubs.read().class_order) do
    if not class.name:find "%.options$" then
      local module = class.name:match "^limn%.lib%.?(.*)$"
      on_class(class, module == "" and "limn" or module and "limn." .. module or class.name .. " (object)")
      for _, entry in ipairs(class.methods) do on_entry(entry) end
    end
  end
end

local function arguments(entry)
  local list = {}
  for _, p in ipairs(entry.params) do if not (entry.options and p.type:find "%.options$") then list[#list + 1] = p end end
  return list
end

-- ---- Markdown ------------------------------------------------------------------------------------------

local function cell(text) return (text:gsub("|", "\\|")) end

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
    add("## %s\n\n%s\n", title, class.summary or "")
    table_of(out, "field", class.fields)
    if class.parent then add("Also has the methods of %s.\n", stubs.type_text(class.parent)) end
    code(class.example)
  end, function(entry)
    add("### `%s`\n\n%s\n", stubs.signature(entry), entry.summary or "")
    table_of(out, "argument", arguments(entry))
    if entry.options then table_of(out, "option", stubs.fields(entry.options)) end
    for _, r in ipairs(entry.returns) do
      out[#out + 1] = ("Returns %s%s  "):format(stubs.type_text(r.type), r.text ~= "" and ": " .. r.text or "")
    end
    if entry.errors then add("*Errors:* %s  ", (entry.errors:gsub("\n", " "))) end
    if entry.source then add("*Source:* %s  ", (entry.source:gsub("\n", " "))) end
    out[#out + 1] = ""
    code(entry.example)
  end)
  return table.concat(out, "\n")
end

-- ---- HTML ----------------------------------------------------------------------------------------------

local HEAD = [==[<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>limn: reference</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root { color-scheme: light dark; --ink: #1c2024; --soft: #5b636b; --line: #d9dde1; --page: #fff; --code: #f4f6f8; --link: #0a5fa8; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e7ea; --soft: #9aa3ab; --line: #353b41; --page: #16191c; --code: #1f2428; --link: #6db3f2; } }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); }
nav { position: fixed; top: 0; bottom: 0; width: 17rem; overflow: auto; padding: 1rem; box-sizing: border-box;
  border-right: 1px solid var(--line); font-size: 14px; }
nav input { width: 100%; box-sizing: border-box; padding: .4rem; font: inherit; margin-bottom: .6rem; }
nav b { display: block; margin-top: .7rem; } nav a { display: block; text-decoration: none; } nav b a { color: var(--ink); }
main { margin-left: 17rem; padding: 1rem 2rem 40vh; max-width: 52rem; }
a { color: var(--link); } h2 { border-bottom: 1px solid var(--line); margin-top: 2.5rem; }
h3 { font: 600 15px/1.5 ui-monospace, monospace; background: var(--code); padding: .3rem .6rem; margin-top: 2rem; }
pre { background: var(--code); padding: .7rem; overflow: auto; font-size: 14px; } code { white-space: nowrap; }
table { border-collapse: collapse; width: 100%; margin-bottom: 1rem; } th:first-child { width: 8.5rem; } th:nth-child(2) { width: 11rem; }
td, th { text-align: left; vertical-align: top; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid var(--line); font-size: 15px; }
td:first-child { font-family: ui-monospace, monospace; white-space: nowrap; } .note { color: var(--soft); font-size: 15px; }
[hidden] { display: none !important; } .output { border-left: 3px solid var(--line); }
.page img { max-width: 100%; width: 32rem; background: #fff; }
.page { margin: 0 auto; max-width: 58rem; padding: 1rem 1rem 4rem; } h1 { line-height: 1.2; }
@media (max-width: 50rem) { nav { position: static; width: auto; max-height: 40vh; border: 0; border-bottom: 1px solid var(--line); }
  main { margin: 0; padding: 1rem; } th:first-child, th:nth-child(2) { width: auto; } td { overflow-wrap: anywhere; }
  td:first-child { white-space: normal; } }
</style></head><body>
]==]

reference.HEAD = HEAD

local SCRIPT = [==[
<script>
const box = document.querySelector("input"), parts = [...document.querySelectorAll("section")];
const links = [...document.querySelectorAll('nav a[href^="#"]')];
function search() {
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean), shown = new Set();
  for (const p of parts) {
    const text = p.textContent.toLowerCase();
    p.hidden = !words.every(w => text.includes(w));
    if (!p.hidden) shown.add("#" + p.id);
  }
  for (const a of links) a.hidden = !shown.has(a.getAttribute("href"));
  for (const b of document.querySelectorAll("nav b")) {
    let n = b.nextElementSibling, any = !b.firstChild.hidden;
    for (; n && n.tagName === "A"; n = n.nextElementSibling) any = any || !n.hidden;
    b.hidden = !any;
    b.firstChild.hidden = false;
  }
  document.getElementById("nothing").hidden = shown.size > 0;
}
box.addEventListener("input", search);
addEventListener("keydown", e => { if (e.key === "/" && document.activeElement !== box) { e.preventDefault(); box.focus(); } });
</script></body></html>
]==]

local function escape(text) return (text:gsub("[&<>\"]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" })) end

local function html_table(out, title, list)
  if #list == 0 then return end
  out[#out + 1] = ("<table><tr><th>%s</th><th>type</th><th></th></tr>"):format(title)
  for _, v in ipairs(list) do
    out[#out + 1] = ("<tr><td>%s</td><td>%s</td><td>%s</td></tr>"):format(escape(v.name), escape(stubs.type_text(v.type)),
      escape(v.text))
  end
  out[#out + 1] = "</table>"
end

-- beside: the name of a page to link to, or nil
function reference.html(beside)
  local out, nav = {}, {}
  local function add(format, ...) out[#out + 1] = format:format(...) end
  local function code(text) if text then add("<pre>%s</pre>", escape(text)) end end
  local function open(id, link, name, heading, title)
    nav[#nav + 1] = link:format(escape(id), escape(name))
    add('<section id="%s"><%s>%s</%s>', escape(id), heading, escape(title), heading)
  end
  each(function(class, title)
    open(class.name, '<b><a href="#%s">%s</a></b>', title, "h2", title)
    add("<p>%s</p>", escape(class.summary or ""))
    html_table(out, "field", class.fields)
    if class.parent then add('<p>Also has the methods of <a href="#%s">%s</a>.</p>', class.parent, class.parent) end
    code(class.example)
    out[#out + 1] = "</section>"
  end, function(entry)
    open(entry.name, '<a href="#%s">%s</a>', entry.short, "h3", stubs.signature(entry))
    add("<p>%s</p>", escape(entry.summary or ""))
    html_table(out, "argument", arguments(entry))
    if entry.options then html_table(out, "option", stubs.fields(entry.options)) end
    for _, r in ipairs(entry.returns) do
      add('<p class="note">Returns %s%s</p>', escape(stubs.type_text(r.type)), r.text ~= "" and ": " .. escape(r.text) or "")
    end
    if entry.errors then add('<p class="note">Errors: %s</p>', escape(entry.errors)) end
    if entry.source then add('<p class="note">Source: %s</p>', escape(entry.source)) end
    code(entry.example)
    out[#out + 1] = "</section>"
  end)
  return HEAD .. '<nav><input type="search" placeholder="search (press /)" aria-label="search">'
    .. (beside and ('<a href="%s.html">%s</a>'):format(beside, beside) or "") .. table.concat(nav, "\n")
    .. "</nav>\n<main><h1>limn: reference</h1>\n<p id=\"nothing\" hidden>Nothing here holds all of these words.</p>\n"
    .. table.concat(out, "\n") .. "\n</main>" .. SCRIPT
end

return reference
