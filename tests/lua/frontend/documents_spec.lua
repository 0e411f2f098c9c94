-- documents_spec.lua: every block of code in a document runs and prints the output shown. The site is complete: links
-- have targets, tags are closed, figures exist, and the search finds the expected pages.
-- slow: 60 s
local lu = require "luaunit"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local testing = dofile(here .. "/../support/testing.lua")
local pages = dofile(here .. "/../support/pages.lua")
local mathml = require "limn.docs.site.mathml"
local formula = require "limn.docs.formula"
local help = require "limn.docs.help"
local markdown = require "limn.docs.site.markdown"
local native = require "limn.native"

local dir = testing.temp_dir()
local prefix = dir .. "/usr"
assert(os.execute(("mkdir -p %s/bin && ln -s %s %s/bin/limn && src/tools/install.sh %s %s '' %s >/dev/null"):format(
  dir, testing.program, dir, testing.build, require "limn".version, prefix)))
local environment = ("PATH=%s/bin:$PATH PKG_CONFIG_PATH=%s/lib/pkgconfig LD_LIBRARY_PATH=%s/lib "):format(dir, prefix, prefix)

TestDocuments = {} -- luacheck: ignore

-- Asserts that `text` contains `part`; a failure does not print the whole page.
local function holds(text, part, where) lu.assertTrue(text:find(part, 1, true) ~= nil, (where or "") .. ": lacks " .. part) end

local function page(path, folder)
  folder = folder or dir .. "/" .. path:gsub("/", "_")
  assert(os.execute("mkdir -p " .. folder))
  local ran, complaints, skipped = pages.run(testing.read(path), folder, environment)
  for _, reason in ipairs(skipped) do testing.note_skip(path .. ": " .. reason) end
  lu.assertEquals(table.concat(complaints, "\n"), "")
  return ran
end

for _, path in ipairs(native.folder.list "lua/limn/docs/pages") do
  local name = path:match "^([%w-]+)%.md$"
  if name then
    TestDocuments["test_page_" .. name:gsub("-", "_")] = function()
      testing.skip_if(testing.sanitized and name == "howto-embed", "howto-embed: programs of the page's own lack the sanitizer")
      -- A program that embeds limn looks for its Lua files beside itself.
      lu.assertTrue(page("lua/limn/docs/pages/" .. path, name == "howto-embed" and prefix .. "/embed" or nil) > 0, path)
    end
  end
end

-- The runner reports wrong output, errors, and code blocks of unknown kind.
function TestDocuments:test_the_runner_can_fail()
  local function complaints(text)
    local folder = dir .. "/runner"
    assert(os.execute("mkdir -p " .. folder))
    return #select(2, pages.run(text, folder, environment))
  end
  lu.assertEquals(complaints "```lua\nprint(1 + 1)\n```\n```text\n2\n```\n", 0)
  lu.assertEquals(complaints "```lua\nprint(1 + 1)\n```\n```text\n3\n```\n", 1)
  lu.assertEquals(complaints "```lua\nprint(1.0000001)\n```\n```text\n1\n```\n", 0)
  lu.assertEquals(complaints "```lua\nerror 'x'\n```\n", 1)
  lu.assertEquals(complaints "```sh\nfalse\n```\n", 1)
  lu.assertEquals(complaints "```python\n1\n```\n", 1)
end

local function site()
  local folder = dir .. "/site"
  if not testing.exists(folder .. "/index.html") then
    lu.assertTrue(os.execute(("%s docs %s >/dev/null"):format(testing.program, folder)))
  end
  local files = {}
  for _, name in ipairs(native.folder.list(folder)) do
    files[name] = name:find "%.html$" and testing.read(folder .. "/" .. name) or true
  end
  return files, folder
end

function TestDocuments:test_links_and_figures()
  local files, folder = site()
  local count, figures = 0, 0
  for name, html in pairs(files) do
    if html ~= true then
      for target in html:gmatch '<a[^>]- href="([^"]*)"' do
        local file, anchor = target:match "^([^#]*)#?(.*)$"
        if not target:find "^https?:" then
          local there = file == "" and html or files[file]
          lu.assertNotNil(there, ("%s: %s"):format(name, target))
          if anchor ~= "" then holds(there, ('id="%s"'):format(anchor), ("%s: %s"):format(name, target)) end
          count = count + 1
        end
      end
      for source in html:gmatch '<img src="([^"]*)"' do
        lu.assertTrue(testing.exists(folder .. "/" .. source), name .. ": " .. source)
        if source:find "^figures/" then figures = figures + 1 end
      end
      lu.assertNil(html:match '%ssrc="https?:', name) -- no resource from outside
      lu.assertNil(html:match "@import", name)
      for _, tag in ipairs { "h1", "h2", "h3", "p", "pre", "table", "tr", "td", "ul", "li", "main", "nav", "math", "code" } do
        local opened, closed = select(2, html:gsub("<" .. tag .. "[ >]", "")), select(2, html:gsub("</" .. tag .. ">", ""))
        lu.assertEquals(opened, closed, name .. ": " .. tag)
      end
    end
  end
  lu.assertTrue(count > 500)
  lu.assertTrue(figures > 15, figures) -- those of scripts/README.md
end

-- The search, run by the site's own script in a browser where there is one, else the index alone.
function TestDocuments:test_index()
  local _, folder = site()
  local index = testing.read(folder .. "/search.js")
  for _, title in ipairs { "regress.ridge", "experiment", "limn_regress_ridge", "Several classes", "Scales" } do
    holds(index, ('t:"%s"'):format(title), title)
  end
  lu.assertNil(index:match "\n[^{%]w]") -- one entry a line
end

-- The page of a function lists all its options, including nested ones; callable modules have an entry.
function TestDocuments:test_reference_is_whole()
  local files = site()
  local stubs = require "limn.docs"
  for _, entry in ipairs(stubs.read().order) do
    local html = files[require("limn.docs.site.reference").file(entry.file)]
    holds(html, ('id="%s"'):format(entry.name), entry.name)
    for _, option in ipairs(entry.options and stubs.fields(entry.options) or {}) do
      holds(html, ("<td>%s</td>"):format(option.name), entry.name .. " " .. option.name)
    end
  end
  for _, text in ipairs { 'id="experiment"', 'id="limn.experiment"', "<td>measure</td>" } do
    holds(files["ref-experiment.html"], text)
  end
  for _, text in ipairs { 'id="plot"', 'id="limn.plot.axis.options"', "<td>reverse</td>" } do
    holds(files["ref-plot.html"], text)
  end
  local markdown_text = require("limn.docs.reference").markdown()
  for _, text in ipairs { "| plot.axis.options | type | |", "| `reverse` | boolean |" } do holds(markdown_text, text) end
  holds(help.text "plot.figure", "plot.axis.options")
  holds(help.text "plot.figure", "reverse")
end

-- Formulas of the stubs, plain between dollars, are MathML on the pages, TeX in Markdown and plain text in a terminal. A
-- bar in a formula is not a union of types.
function TestDocuments:test_formulas_of_the_reference()
  local files, formulas = site(), 0
  for name, html in pairs(files) do
    if name:find "^ref%-" then
      local text = html:gsub("<script.->.-</script>", ""):gsub("<pre.->.-</pre>", ""):gsub("<code>.-</code>", "")
      lu.assertNil(text:match "[^\n]*%$[^\n]*", name)
      formulas = formulas + select(2, text:gsub("<math>", ""))
    end
  end
  lu.assertTrue(formulas > 30, formulas)
  holds(files["ref-regress.html"], '<mo>|</mo><mi>y</mi><mo>−</mo><mi>F</mi><mi>w</mi><mo>|</mo>')
  lu.assertEquals(formula.tex "exp(-t K/D) <= sqrt(s^2 / sqrt(n)) * lambda",
    "\\exp(-t K/D) \\le  \\sqrt{s^2 / \\sqrt{n}} \\cdot  \\lambda")
  lu.assertEquals(formula.tex "K_z (K + ridge I)^{-1}", "K_z (K + \\mathrm{ridge} I)^{-1}")
  lu.assertEquals(formula.plain "a $k_{zz} x^{-1/2} n^{-1}$ b", "a k_zz x^(-1/2) n^-1 b")
  for name, entry in pairs(require("limn.docs").read().entries) do
    local text = help.text(name)
    local code = entry.example or ""
    if text and not code:find("$", 1, true) then lu.assertNil(text:find("$", 1, true), name) end
  end
  local residual = require("limn.docs").read().classes["limn.fit"].fields
  for _, field in ipairs(residual) do
    if field.name == "residual" then lu.assertEquals({ field.type, field.text }, { "number", "$|y - F w|$" }) end
  end
  holds(require("limn.docs.reference").markdown(), "$\\|y - F w\\|$")
end

function TestDocuments:test_formulas()
  lu.assertEquals(mathml "x_i^2", "<math><mrow><msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup></mrow></math>")
  lu.assertStrContains(mathml("\\frac{1}{n}", "block"), '<math display="block"><mrow><mfrac><mn>1</mn><mi>n</mi></mfrac>')
  lu.assertStrContains(mathml "\\sum_{i=1}^N", "<munderover><mo>∑</mo>")
  lu.assertStrContains(mathml "a < b", "<mo>&lt;</mo>")
  testing.fails("unknown command \\foo", mathml, "\\foo")
  testing.fails("lacks a }", mathml, "{x")
end

function TestDocuments:test_markdown()
  local html = markdown.html "# A *b*\n\nx `a|b*c*` **d** $p$\n\n- one\n  two\n- three\n\n| a | b |\n|---|---|\n| `x|y` | z |\n"
  for _, text in ipairs { '<h1 id="a-b">A <em>b</em></h1>', "<code>a|b*c*</code>", "<strong>d</strong>", "<mi>p</mi>",
    "<li>one two</li>", "<th>a</th>", "<td><code>x|y</code></td><td>z</td>" } do lu.assertStrContains(html, text) end
  lu.assertStrContains(markdown.html "a < b & c", "a &lt; b &amp; c")
end

local code = lu.LuaUnit.run()
os.execute("rm -rf " .. dir)
os.exit(code)
