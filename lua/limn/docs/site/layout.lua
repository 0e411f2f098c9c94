-- limn/docs/site/layout.lua: the layout of every page: style, navigation, search. Pages need no network: fonts are
-- those of the reader's system, and the search index is a file in the same folder.

local markdown = require "limn.docs.site.markdown"

local layout = {}
local escape = markdown.escape

local STYLE = [==[
:root { color-scheme: light dark; --ink: #1c2024; --soft: #5b636b; --line: #d9dde1; --page: #fff; --code: #f4f6f8; --link: #0a5fa8;
  --mark: #ffe58a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e7ea; --soft: #9aa3ab; --line: #353b41; --page: #16191c; --code: #1f2428;
  --link: #6db3f2; --mark: #6b5a10; } img { background: #fff; } }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--page); }
nav { position: fixed; top: 0; bottom: 0; width: 17rem; overflow: auto; padding: 1rem; border-right: 1px solid var(--line);
  font-size: 14px; }
nav .home { font-weight: 600; font-size: 18px; }
nav input { width: 100%; padding: .4rem; font: inherit; margin: .6rem 0; border: 1px solid var(--line); border-radius: 4px;
  background: var(--page); color: var(--ink); }
nav b { display: block; margin-top: .8rem; } nav a { display: block; text-decoration: none; padding: .08rem 0; }
nav a.here { font-weight: 600; color: var(--ink); } nav a.deep { padding-left: .9rem; color: var(--soft); }
main { margin-left: 17rem; padding: 1rem 2rem 30vh; max-width: 56rem; }
a { color: var(--link); } h1 { line-height: 1.2; } h2 { border-bottom: 1px solid var(--line); margin-top: 2.4rem; }
h3 { margin-top: 2rem; } h3.name { font: 600 15px/1.5 ui-monospace, monospace; background: var(--code); padding: .3rem .6rem;
  overflow-wrap: anywhere; }
pre { background: var(--code); padding: .7rem; overflow: auto; font-size: 14px; border-radius: 4px; }
pre.output { border-left: 3px solid var(--line); background: none; } code { font-size: 14px; overflow-wrap: anywhere; }
table { border-collapse: collapse; margin-bottom: 1rem; width: 100%; } .wide { overflow-x: auto; }
td, th { text-align: left; vertical-align: top; padding: .25rem .8rem .25rem 0; border-bottom: 1px solid var(--line); font-size: 15px; }
table.names td:first-child { font-family: ui-monospace, monospace; }
.equation { display: flex; align-items: center; gap: 1rem; margin: 1.4rem 0 .4rem; overflow-x: auto; overflow-y: hidden; }
.equation math { flex: 1; padding: .3rem 0; }
.note { color: var(--soft); font-size: 15px; } img { max-width: 100%; } mark { background: var(--mark); color: inherit; }
#hits a { margin-bottom: .5rem; } #hits small { color: var(--soft); display: block; }
.grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: 1rem; }
.grid > a { border: 1px solid var(--line); border-radius: 6px; padding: .8rem 1rem; text-decoration: none; color: var(--ink); }
.grid > a b { color: var(--link); }
@media (max-width: 52rem) { nav { position: static; width: auto; border: 0; border-bottom: 1px solid var(--line); padding: .6rem 1rem; }
  nav #pages { display: none; } nav.open #pages { display: block; } main { margin: 0; padding: 1rem; }
  .grid { grid-template-columns: 1fr; } }
@media (min-width: 52.01rem) { #menu { display: none; } }
]==]

-- Search: titles that begin with the words come first, then titles that hold them, then texts. All words must be found.
local SCRIPT = [==[
const box = document.querySelector("nav input"), hits = document.getElementById("hits"), pages = document.getElementById("pages");
const clean = text => text.replace(/[&<>"]/g, c => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
function marked(text, words) {
  let out = clean(text);
  for (const w of words) {
    const safe = clean(w).replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    out = out.replace(new RegExp("(?![^<]*>)(" + safe + ")", "gi"), "<mark>$1</mark>");
  }
  return out;
}
function score(entry, words) {
  const title = entry.t.toLowerCase(), text = entry.x.toLowerCase();
  let sum = 0;
  for (const w of words) {
    const at = title.indexOf(w);
    if (at === 0) sum += 12; else if (at > 0) sum += /[^a-z0-9]/.test(title[at - 1]) ? 9 : 5;
    else if (text.includes(w)) sum += 1; else return 0;
  }
  if (title === words.join(" ")) sum += 20;
  return sum + 4 / (4 + title.length);
}
function search() {
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  pages.hidden = words.length > 0;
  hits.innerHTML = "";
  if (!words.length || !window.LIMN_INDEX) return;
  const found = LIMN_INDEX.map(e => [score(e, words), e]).filter(p => p[0] > 0).sort((a, b) => b[0] - a[0]).slice(0, 40);
  for (const [, e] of found) {
    const at = Math.max(0, e.x.toLowerCase().indexOf(words[0]) - 30);
    const a = document.createElement("a");
    a.href = e.u.replace("#", "?q=" + encodeURIComponent(box.value) + "#");
    a.innerHTML = marked(e.t, words) + "<small>" + marked(e.x.slice(at, at + 90), words) + "</small>";
    hits.appendChild(a);
  }
  if (!found.length) hits.textContent = "No page contains all of these words.";
}
function highlight(words) { // marks the words of a search on the page it led to
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT), nodes = [];
  while (walker.nextNode()) if (!walker.currentNode.parentElement.closest("math")) nodes.push(walker.currentNode);
  for (const node of nodes) {
    if (!words.some(w => node.data.toLowerCase().includes(w))) continue;
    const span = document.createElement("span");
    span.innerHTML = marked(node.data, words);
    node.replaceWith(span);
  }
}
box.addEventListener("input", search);
document.getElementById("menu").addEventListener("click", () => document.querySelector("nav").classList.toggle("open"));
addEventListener("keydown", e => { if (e.key === "/" && document.activeElement !== box) { e.preventDefault(); box.focus(); } });
const asked = new URLSearchParams(location.search).get("q");
if (asked) {
  highlight(asked.toLowerCase().split(/\s+/).filter(Boolean));
  if (location.hash) { const to = document.getElementById(decodeURIComponent(location.hash.slice(1))); if (to) to.scrollIntoView(); }
}
]==]

-- One page. pages: { { file =, title =, group = } ... } for the navigation; headings: those of this page, listed below
-- its title.
function layout.page(file, title, body, pages, headings)
  local nav, group = {}, nil
  for _, p in ipairs(pages) do
    if p.group ~= group then
      group = p.group
      nav[#nav + 1] = "<b>" .. escape(group) .. "</b>"
    end
    nav[#nav + 1] = ('<a href="%s"%s>%s</a>'):format(p.file, p.file == file and ' class="here"' or "", escape(p.title))
    for _, h in ipairs(p.file == file and headings or {}) do
      nav[#nav + 1] = ('<a class="deep" href="#%s">%s</a>'):format(escape(h.anchor), escape((h.text:gsub("[`*]", ""))))
    end
  end
  return ([==[<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>%s</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
%s</style></head><body>
<nav><a class="home" href="index.html">limn</a>
<input type="search" placeholder="search (press /)" aria-label="search"><button id="menu">contents</button>
<div id="hits"></div><div id="pages">
%s
</div></nav>
<main>
%s
</main>
<script src="search.js"></script>
<script>
%s</script></body></html>
]==]):format(escape(title .. (title == "limn" and "" or " - limn")), STYLE, table.concat(nav, "\n"), body, SCRIPT)
end

-- The text of a piece of HTML, for the index.
function layout.words(html)
  local text = html:gsub("<[^>]*>", " "):gsub("&lt;", "<"):gsub("&gt;", ">"):gsub("&quot;", '"'):gsub("&amp;", "&")
  return (text:gsub("%s+", " "))
end

-- search.js from { { title =, url =, text = } ... }.
function layout.index(entries)
  local function quoted(s)
    return '"' .. s:gsub('[%c"\\<]', function(c) return ("\\u%04x"):format(c:byte()) end) .. '"'
  end
  local out = {}
  for i, e in ipairs(entries) do
    out[i] = ("{t:%s,u:%s,x:%s}"):format(quoted(e.title), quoted(e.url), quoted(e.text:sub(1, 1200)))
  end
  return "window.LIMN_INDEX=[\n" .. table.concat(out, ",\n") .. "\n];\n"
end

return layout
