-- limn/docs/site/init.lua: the documentation site: pages of text, the tutorial, the gallery, the reference, the C API,
-- and the search index. Tutorial and gallery are made from limn's scripts; without the scripts they are left out.

local native = require "limn.native"
local system = require "limn.base.system"
local document = require "limn.docs.document"
local headers = require "limn.docs.site.headers"
local layout = require "limn.docs.site.layout"
local markdown = require "limn.docs.site.markdown"
local reference = require "limn.docs.site.reference"
local references = require "limn.docs.references"

local site = {}

local here = debug.getinfo(1, "S").source:match "^@(.*)site/init%.lua$" or ""

-- The order and the groups of the navigation. Pages without a file in pages/ are made below.
local PLAN = {
  { "Begin", { "index", "tutorial", "howto-experiment", "from-numpy", "from-pytorch", "gallery" } },
  { "How to", { "howto-training", "howto-csv", "howto-bands", "howto-axes", "howto-redraw", "howto-latex", "howto-claims", "howto-results",
    "howto-store", "howto-noise", "howto-several", "howto-cluster", "howto-lua", "howto-embed", "promises" } },
  { "Science", { "mathematics", "claims" } },
}

local HEADERS = { "limn.h", "status.h", "token.h", "cpu.h", "memory.h", "array.h", "array_ops.h", "array_shape.h",
  "array_search.h", "matrix.h", "rng.h", "random_distributions.h", "stats.h", "features.h", "regress.h", "contrib.h", "theory.h",
  "programs.h", "mlp.h", "kernel.h", "maps.h", "functions.h", "vocabulary.h", "host.h" }

-- The first of several folders that contains a file of that name (in the source tree, or installed), or nil.
local function beside(name, folders)
  for _, folder in ipairs(folders) do
    if system.text_of(here .. folder .. name) then return here .. folder end
  end
end

local function scripts() return beside("tutorial.lua", { "../../../scripts/", "../../../../limn/scripts/" }) end
local function includes() return beside("status.h", { "../../../include/limn/", "../../../../../include/limn/" }) end

-- Makes a code span that names a function of limn a link to it.
local function link(target, is_code)
  if is_code then return reference.target(target) end
  return target
end

-- Search entries of a page of text: one per heading, with the text below it.
local function sections(file, html)
  local list = {}
  local marked = html:gsub("<h%d id=", "\1%0")
  for piece in marked:gmatch "\1([^\1]*)" do
    local anchor, title, rest = piece:match '^<h%d id="([^"]*)">(.-)</h%d>(.*)$'
    if anchor then list[#list + 1] = { title = layout.words(title), url = file .. "#" .. anchor, text = layout.words(rest) } end
  end
  return list
end

-- The plots of scripts/gallery.lua, each a block that begins with "-- (a) text": { title =, code = }.
function site.plots(script)
  local plots, current = {}, nil
  for line in script:gmatch "([^\n]*)\n" do
    local title = line:match "^%-%- %(%a%) (.*)$"
    if line:find "^assert%(os%.execute" then break end
    if title then
      current = { title = title:gsub("^%l", string.upper), lines = {} }
      plots[#plots + 1] = current
    elseif current then current.lines[#current.lines + 1] = line end
  end
  for _, plot in ipairs(plots) do plot.code = table.concat(plot.lines, "\n"):gsub("%s+$", "") end
  return plots
end

local function gallery_page(script)
  local out = { "<h1>Gallery</h1><p>Every kind of plot, drawn by <code>scripts/gallery.lua</code>, with its code. " ..
    "<code>panel</code> is <code>fig:panel</code> of a new figure; <code>table_of(n, f)</code> lists f(1) .. f(n).</p>" }
  local headings = {}
  for i, plot in ipairs(site.plots(script)) do
    local anchor = markdown.anchor(plot.title)
    headings[#headings + 1] = { level = 2, text = plot.title, anchor = anchor }
    out[#out + 1] = ('<h2 id="%s">%s</h2>\n<img src="gallery_%d.svg" alt="%s">\n<pre>%s</pre>'):format(anchor,
      markdown.escape(plot.title), i, markdown.escape(plot.title), markdown.escape(plot.code))
  end
  return table.concat(out, "\n"), headings
end

-- Runs a script in `folder` without output -> true, or nil, message.
local function draw(path, folder, ...)
  local env = setmetatable({ print = function() end, arg = { "--out", folder, ... } }, { __index = _G })
  local f, message = loadfile(path, "t", env)
  if not f then return nil, message end
  return pcall(f, "--out", folder, ...)
end

-- Runs the Lua code of a page, for its figures, and moves those that the page shows into `folder`. The code runs in a
-- folder of its own, which is removed with whatever else it wrote.
local function illustrate(text, folder, program)
  local code, shown = {}, {}
  for _, block in ipairs(markdown.blocks(text)) do
    if block.kind == "code" and block.language == "lua" and not block.info:find "file=" then code[#code + 1] = block.text end
  end
  for name in text:gmatch "!%[[^%]]*%]%(([%w_.-]+)%)" do shown[#shown + 1] = system.quoted(name) end
  if #shown == 0 then return true end
  local work = system.quoted(folder .. "/.page")
  local ok, why = native.posix.mkdir(folder .. "/.page")
  if ok then ok, why = native.files.put(folder .. "/.page/page.lua", table.concat(code, "\n")) end
  if not ok then return nil, why end
  local good = os.execute(("cd %s && %s page.lua >/dev/null && mv %s .."):format(work, system.quoted(program), table.concat(shown, " ")))
  os.execute("rm -rf " .. work)
  if not good then return nil, "the code of a page failed" end
  return true
end

-- Copies the figures of a folder that a page shows, with put(name, text).
local function copy_figures(text, where, folder, put)
  for name in text:gmatch "!%[[^%]]*%]%((figures/[%w_.-]+)%)" do
    local made, why = native.posix.mkdir(folder .. "/figures")
    if made then made, why = put(name, system.text_of(where .. name)) end
    if not made then return nil, why end
  end
  return true
end

-- The list of references, each with its anchor and a link.
local function literature()
  local out = { "<ul>" }
  for _, r in ipairs(references.list) do
    local links = {}
    if r.doi then links[1] = ('<a href="https://doi.org/%s">doi:%s</a>'):format(r.doi, markdown.escape(r.doi)) end
    if r.arxiv then links[#links + 1] = ('<a href="https://arxiv.org/abs/%s">arXiv:%s</a>'):format(r.arxiv, r.arxiv) end
    if r.url then links[1] = ('<a href="%s">%s</a>'):format(r.url, markdown.escape(r.url)) end
    out[#out + 1] = ('<li id="%s">%s (%d): %s. %s. %s</li>'):format(r.key, markdown.escape(references.authors(r.author)), r.year,
      markdown.escape(references.plain(r.title)), markdown.escape(references.plain(r.place)), table.concat(links, ", "))
  end
  out[#out + 1] = "</ul>"
  return table.concat(out, "\n")
end

-- All pages: { file, title, group, html, headings, entries }, and `figures`, functions that draw into a folder.
function site.pages()
  local pages, figures = {}, {}
  local where = scripts()
  local made = {}
  if where then
    local tutorial = system.text_of(where .. "tutorial.lua")
    made.tutorial = { title = "Tutorial", html = document.body(tutorial), headings = {} }
    figures[#figures + 1] = function(folder) return draw(where .. "tutorial.lua", folder) end
    local html, headings = gallery_page(system.text_of(where .. "gallery.lua"))
    made.gallery = { title = "Gallery", html = html, headings = headings }
    figures[#figures + 1] = function(folder) return draw(where .. "gallery.lua", folder, "--each") end
  end
  local claims = where and system.text_of(where .. "README.md")
  for _, group in ipairs(PLAN) do
    for _, name in ipairs(group[2]) do
      local text, page = name == "claims" and claims or system.text_of(here .. "pages/" .. name .. ".md"), made[name]
      if text then
        local html, headings = markdown.html(text, link)
        if name == "mathematics" then html = html .. "\n" .. literature() end
        page = { title = text:match "^# ([^\n]*)", html = html }
        page.headings = {}
        for _, h in ipairs(headings) do if h.level == 2 then table.insert(page.headings, h) end end
        figures[#figures + 1] = function(folder, program) return illustrate(text, folder, program) end
        if name == "claims" then
          figures[#figures + 1] = function(folder, _, put) return copy_figures(text, where, folder, put) end
        end
      end
      if page then
        page.file, page.group = name .. ".html", group[1]
        page.entries = sections(page.file, page.html)
        pages[#pages + 1] = page
      end
    end
  end
  for _, page in ipairs(reference.pages()) do
    page.group = "Reference"
    pages[#pages + 1] = page
  end
  local folder = includes()
  if folder then
    local html, headings, entries = headers(folder, HEADERS)
    pages[#pages + 1] = { file = "c-api.html", title = "C API", group = "Reference", html = html, headings = headings, entries = entries }
  end
  return pages, figures
end

-- Writes the site to `folder` with put(name, text); draws its figures with the program `program`.
function site.write(folder, put, program)
  local pages, figures = site.pages()
  local index = {}
  for _, page in ipairs(pages) do
    table.move(page.entries, 1, #page.entries, #index + 1, index)
    local ok, why = put(page.file, layout.page(page.file, page.title, page.html, pages, page.headings))
    if not ok then return nil, why end
  end
  local ok, why = put("search.js", layout.index(index))
  for _, figure in ipairs(figures) do
    if ok then ok, why = figure(folder, program, put) end
  end
  return ok, why
end

return site
