-- limn/report/style.lua: style and script of the report. Both stand inside the file: it needs no other file and no network.

local style = {}

style.css = [==[
:root { color-scheme: light dark; --ink: #1c2024; --soft: #5b636b; --line: #d9dde1; --page: #fff; --code: #f4f6f8; --link: #0a5fa8;
  --good: #1a7f37; --bad: #b3261e; --fine: #0a5fa8; --open: #7a5d00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e7ea; --soft: #9aa3ab; --line: #353b41; --page: #16191c; --code: #1f2428;
  --link: #6db3f2; --good: #57c275; --bad: #ff8a80; --fine: #6db3f2; --open: #e0c060; } }
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0 auto; padding: 1.5rem 1.5rem 6rem; max-width: 66rem; font: 16px/1.55 system-ui, sans-serif; color: var(--ink);
  background: var(--page); }
a { color: var(--link); } h1 { line-height: 1.2; margin: 0 0 .3rem; } h1, h2, h3, h4 { text-wrap: balance; }
h2 { border-bottom: 2px solid var(--line); margin: 3rem 0 1rem; } h3 { margin: 2.6rem 0 .6rem; font-size: 1.2rem; }
h4 { margin: 1.6rem 0 .3rem; font-size: 1rem; }
h4 code { font-size: 1em; } p, ul { margin: .5rem 0; } ul { padding-left: 1.3rem; }
.sub, .note, figcaption { color: var(--soft); font-size: 14px; } figcaption { margin-top: .3rem; }
code, pre { font: 13px/1.45 ui-monospace, monospace; overflow-wrap: anywhere; }
code.path { overflow-wrap: normal; }
pre { background: var(--code); padding: .6rem .8rem; border-radius: 4px; white-space: pre-wrap; margin: .5rem 0; }
table { border-collapse: collapse; width: 100%; margin: .6rem 0 1rem; font-size: 14px; font-variant-numeric: tabular-nums; }
.wide { overflow-x: auto; } caption { text-align: left; color: var(--soft); padding-bottom: .3rem; }
td, th { text-align: left; vertical-align: top; padding: .3rem .7rem .3rem 0; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 600; border-bottom: 1px solid var(--soft); } th[scope=colgroup] { border-bottom: 0; }
th button { all: unset; cursor: pointer; } th button:focus-visible { outline: 2px solid var(--link); }
th button:hover { text-decoration: underline; } th[aria-sort=ascending] button::after { content: "\a0\2191"; }
th[aria-sort=descending] button::after { content: "\a0\2193"; }
td.n, th.n { text-align: right; } tfoot td { font-weight: 600; border-bottom: 0; }
tr:target td { background: var(--code); }
.key { display: inline-block; color: var(--soft); font-size: 12px; cursor: copy; } .rows .note { display: block; font-size: 13px; }
.rows td:first-child { min-width: 15rem; } .rows td.n { white-space: nowrap; }
.agrees, .done { color: var(--good); } .disagrees, .failed { color: var(--bad); } .refines { color: var(--fine); }
.undecided, .not-run { color: var(--open); } .described, .definition, .silent { color: var(--soft); }
.agrees, .disagrees, .refines, .undecided, .failed { font-weight: 600; white-space: nowrap; } .counts td.zero { color: var(--line); }
.counts td { white-space: nowrap; }
.alarm { border-left: 4px solid var(--bad); padding: .1rem 1rem; margin: 1rem 0; }
details { margin: .4rem 0; } summary { cursor: pointer; color: var(--soft); font-size: 14px; }
.method { font-size: 14px; color: var(--soft); padding-left: 1rem; border-left: 2px solid var(--line); }
figure { margin: 1rem 0; } figure svg { display: block; width: 100%; height: auto; max-height: 85vh; background: #fff; }
.contents { columns: 17rem auto; padding: 0; list-style: none; font-size: 15px; }
.contents li { break-inside: avoid; } .contents b { display: inline-block; min-width: 2.4rem; }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .8rem 0; font-size: 14px; }
dl.facts dt { color: var(--soft); } dl.facts dd { margin: 0; overflow-wrap: anywhere; }
@media screen and (max-width: 42rem) {
  body { padding: 1rem 1rem 4rem; }
  .rows thead { display: none; } .rows, .rows tbody, .rows tr, .rows td { display: block; }
  .rows tr { border-bottom: 1px solid var(--line); padding: .6rem 0; } .rows td { border: 0; padding: .05rem 0; }
  .rows td.n { text-align: left; white-space: normal; } .rows td:empty { display: none; }
  .rows td[data-label]::before { content: attr(data-label) ": "; color: var(--soft); font-weight: 400; }
}
@page { size: A4; margin: 18mm 15mm 20mm; @bottom-center { content: counter(page) " / " counter(pages); font: 9pt sans-serif; } }
@media print {
  :root { color-scheme: light; --ink: #000; --soft: #444; --line: #bbb; --page: #fff; --code: #f4f4f4; --link: #000; --good: #0a5c24;
    --bad: #9c1b14; --fine: #0a4a85; --open: #5c4600; }
  body { font-size: 10pt; max-width: none; padding: 0; } table, .sub, .note, .method, dl.facts { font-size: 8.5pt; }
  code, pre { font-size: 8pt; } .key { font-size: 7.5pt; } a { text-decoration: none; } th button::after { content: ""; }
  h2 { break-after: avoid; break-before: page; } h3, h4, caption, figcaption { break-after: avoid; } h2.first { break-before: auto; }
  tr, figure, pre, .alarm { break-inside: avoid; } thead { display: table-header-group; } tfoot { display: table-row-group; }
  .wide { overflow: visible; } figure svg { max-height: 170mm; } .screen { display: none; }
  .rows td:first-child { min-width: 0; } .rows .note { font-size: 7.5pt; }
}
]==]

-- A click on a column's head sorts the table; a click on a key copies the command of its row.
style.script = [==[
for (const table of document.querySelectorAll("table.sorted")) {
  const heads = [...table.tHead.rows[table.tHead.rows.length - 1].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach(h => h.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const value = row => { const cell = row.cells[column]; return cell.dataset.sort ?? cell.textContent.trim(); };
      const order = (a, b) => {
        const x = value(a), y = value(b), p = parseFloat(x), q = parseFloat(y);
        if (x === "" || y === "") return (x === "") - (y === "");
        return (isNaN(p) || isNaN(q) ? x.localeCompare(y, "en", { numeric: true }) : p - q) * (down ? -1 : 1);
      };
      table.tBodies[0].append(...[...table.tBodies[0].rows].sort(order));
    });
  });
}
for (const key of document.querySelectorAll(".key")) {
  key.addEventListener("click", () => {
    if (!navigator.clipboard) return;
    navigator.clipboard.writeText(key.title).then(() => {
      const text = key.textContent;
      key.textContent = "copied";
      setTimeout(() => { key.textContent = text; }, 900);
    });
  });
}
]==]

return style
