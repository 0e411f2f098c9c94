-- notebook_spec.lua: notebooks outside of the kernel's own tests: run as scripts, exported by nbconvert with figures in
-- them, and in a browser.
-- slow: 40 s
local lu = require "luaunit"
local json = require("limn.native").json

local testing = dofile(debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$") .. "/../support/testing.lua")
local limn, run = testing.program, testing.run
local python = io.open "/usr/bin/python3" and "/usr/bin/python3" or "python3"
local dir = testing.temp_dir()
local environment = ("cd %s && HOME=%s JUPYTER_DATA_DIR=%s/data "):format(dir, dir, dir)

local function cell(kind, source)
  local c = { cell_type = kind, metadata = {}, source = source }
  if kind == "code" then c.execution_count, c.outputs = 0, json.list {} end
  return c
end

-- Writes a notebook, as Jupyter saves it.
local function write(name, ...)
  local cells = json.list {}
  for i, source in ipairs { ... } do cells[i] = cell(source:find "^#" and "markdown" or "code", source) end
  testing.write(dir .. "/" .. name, json.encode { nbformat = 4, nbformat_minor = 4, cells = cells, metadata = {
    kernelspec = { name = "limn", display_name = "limn", language = "lua" },
    language_info = { name = "lua", file_extension = ".lua", mimetype = "text/x-lua" } } })
  return dir .. "/" .. name
end

local FIGURE = "fig = limn.plot({ 1, 2, 3 }, { 1, 4, 9 }, { show = false })\nfig"

TestScripts = {} -- luacheck: ignore

function TestScripts:test_a_text_with_cells_prints_the_values_of_cells()
  local path = testing.write(dir .. "/cells.lua", "-- %% [markdown]\n-- # Title\n-- %%\nx = 20\nx * 2\n-- %%\n!echo of the shell\n"
    .. "local y = x\ny, 'b'\n-- %%\nprint(y, ...)\nx;\n-- %%\nerror 'here'\n")
  local text, code = run(limn .. " " .. path .. " 2>&1")
  lu.assertStrContains(text, "40\nof the shell\n20\tb\n20\n")
  lu.assertStrContains(text, "cells.lua:14: here")
  lu.assertEquals(code, 1)
end

function TestScripts:test_an_experiment_in_a_cell_runs()
  testing.write(dir .. "/sweep.lua", [[local limn = require "limn"
-- %%
local function measure(p) return { m = p.n } end
-- %%
return limn.experiment { name = "sweep", question = "why", params = { n = 1 }, grid = { n = "1:3" },
  measure = measure }
]])
  local _, code = run(environment .. limn .. " sweep.lua --workers 0 2>&1")
  lu.assertEquals(code, 0)
  lu.assertStrContains(testing.read(dir .. "/out/sweep.csv"), "n,rep,m\n1,1,1\n")
end

function TestScripts:test_a_notebook_file_runs()
  local path = write("run.ipynb", "# Title", "x = 4\nx + 1", "limn.zeros(2)", "x.y.z = 1")
  local text, code = run(limn .. " " .. path .. " 2>&1")
  lu.assertStrContains(text, "5\nlimn.array 2 f64\n  0  0\n")
  lu.assertStrContains(text, "In[3]:1: attempt to index a number value (global 'x')")
  lu.assertEquals(code, 1)
  testing.write(dir .. "/broken.ipynb", "{")
  text, code = run(limn .. " " .. dir .. "/broken.ipynb 2>&1")
  lu.assertStrContains(text, "broken.ipynb: not a notebook of Jupyter")
  lu.assertEquals(code, 1)
end

-- Expressions that stand alone are printed, and nothing else becomes another program.
function TestScripts:test_text_that_is_not_lua()
  local function out(text)
    return (run(limn .. " " .. testing.write(dir .. "/text.lua", text) .. " 2>&1"))
  end
  lu.assertStrContains(out "local x = 2\nx * 3 -- note\n\nlocal y = x\n  - 1\nfor i = 1, 2 do\n  print(i, y)\nend\n\n?limn.eye\ny\n",
    "6\n1\t1\n2\t1\neye(n, {dtype=}) -> array")
  lu.assertStrContains(out "#!/usr/bin/lua\nx = 1\nx\n", "1\n")
  lu.assertStrContains(out "x = 3 3\n", "text.lua:1: ")
  lu.assertStrContains(out "x\nfor i = 1 do\nend\n", "text.lua:2: ") -- errors are those of Lua, at their lines
  lu.assertStrContains(out "x = 5\nx\nerror 'at four'\n", "text.lua:3: at four")
end

TestExport = {} -- luacheck: ignore

local exported, lacking

local function convert(to, options)
  return run(("%s timeout 600 %s -m nbconvert --to %s %s out.ipynb 2>&1"):format(environment, python, to, options or ""))
end

-- Runs the notebook once, as `nbconvert --execute` does; every export is made from the result.
local function export()
  if exported == nil then
    local text, code = run(python .. " -c 'import nbconvert' 2>&1")
    lacking = code ~= 0 and "nbconvert is not here (Debian: jupyter-nbconvert): " .. text
    exported = true
    if not lacking then
      run(environment .. limn .. " jupyter install")
      write("in.ipynb", "# Title", "x = 20\nx * 2", FIGURE, "limn.array { { 1, 2 }, { 3, 4 } }", "print 'printed'")
      text, code = run(("%s timeout 600 %s -m nbconvert --to notebook --execute --output out in.ipynb 2>&1"):format(environment, python))
      lu.assertEquals({ code, code == 0 or text }, { 0, true })
    end
  end
  testing.skip_if(lacking, lacking)
end

function TestExport:test_html_and_slides()
  export()
  for to, file in pairs { html = "out.html", slides = "out.slides.html" } do
    local text, code = convert(to)
    lu.assertEquals({ code, code == 0 or text }, { 0, true })
    local page = testing.read(dir .. "/" .. file)
    for _, part in ipairs { "<svg ", "<caption>limn.array 2x2 f64</caption>", "<pre>40</pre>", "<pre>printed" } do
      lu.assertTrue(page:find(part, 1, true) ~= nil, to .. " lacks " .. part)
    end
    lu.assertNil(page:find("<?xml", 1, true))
  end
end

function TestExport:test_script()
  export()
  local text, code = convert "script"
  lu.assertEquals({ code, code == 0 or text }, { 0, true })
  text, code = run(environment .. limn .. " out.lua 2>&1")
  lu.assertEquals(code, 0)
  lu.assertStrContains(text, "40\nlimn.plot figure")
  lu.assertStrContains(text, "printed\n")
end

function TestExport:test_pdf()
  export()
  testing.skip_if(select(2, run "command -v xelatex pandoc") ~= 0, "no xelatex or pandoc (Debian: texlive-xetex, pandoc)")
  local text, code = convert "pdf"
  lu.assertEquals({ code, code == 0 or text }, { 0, true })
  text = run("pdftotext " .. dir .. "/out.pdf - 2>&1")
  lu.assertStrContains(text, "printed")
  lu.assertStrContains(text, "40")
  text = run("pdffonts " .. dir .. "/out.pdf 2>&1")
  lu.assertStrContains(text, "DejaVu") -- the figure's font: it is in the page, as vectors
  lu.assertNil(run("pdfimages -list " .. dir .. "/out.pdf"):match "\n +1 ")
end

TestBrowser = {} -- luacheck: ignore

function TestBrowser:test_a_session()
  write("page.ipynb", "x = 20\nx * 2", FIGURE, "limn.array { { 1, 2 }, { 3, 4 } }", "limn.regres.minnorm()")
  local text, code = run(("timeout 600 %s tests/lua/support/browser_drive.py %s %s page.ipynb 2>&1"):format(python, limn, dir))
  testing.skip_if(code == 77, "no browser session (Debian: chromium, jupyter-notebook): " .. text)
  local verdicts = {}
  for name, verdict in text:gmatch "([%w_]+)\t([^\t\n]*)" do verdicts[name] = verdict end
  lu.assertEquals(verdicts, { value = "ok", figure = "ok", table = "ok", error = "ok", caret = "ok", input = "ok", stop = "ok" }, text)
end

local code = lu.LuaUnit.run()
os.execute("rm -rf " .. dir)
os.exit(code)
