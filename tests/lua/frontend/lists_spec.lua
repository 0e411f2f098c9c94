-- lists_spec.lua: lists that appear in several places agree: modules, commands, options of experiments, headers.

local lu = require "luaunit"
local modules = require "limn.base.modules"
local stubs = require "limn.docs"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local testing = dofile(here .. "/../support/testing.lua")
local root = here .. "/../../.."

TestLists = {}

local function sorted(set)
  local list = {}
  for name in pairs(set) do list[#list + 1] = name end
  table.sort(list)
  return list
end

-- The captures of a pattern in a text, sorted, each once.
local function all(text, pattern)
  local set = {}
  for name in text:gmatch(pattern) do set[name] = true end
  return sorted(set)
end

local function split(text) return all(text, "%S+") end

local names = {}
for i, module in ipairs(modules) do names[i] = module.name end

function TestLists.testModules()
  local expected = { table.unpack(names) }
  table.sort(expected)
  -- every stub is read, but the one that is made from the vocabularies
  local read = {}
  for _, file in ipairs(stubs.files) do read[file:match "/([%w_]+)%.d%.lua$"] = true end
  read.words = true
  lu.assertEquals(split(testing.run("ls " .. root .. "/lua/limn/docs/stubs | sed 's/.d.lua$//'")), sorted(read))
  -- the fields of limn for the editor
  local fields = {}
  for _, f in ipairs(stubs.read().classes["limn.lib"].fields) do
    if f.type == "limn.lib." .. f.name then fields[f.name] = true end
  end
  lu.assertEquals(sorted(fields), expected)
  lu.assertEquals(require("limn.frontend.repl.complete").modules, names)
  -- files beside init.lua and folders with one are modules
  local found = {}
  for name in testing.run("cd " .. root .. "/lua/limn && ls *.lua */init.lua"):gmatch "%S+" do
    found[name:match "^([%w_]+)"] = true
  end
  found.init, found.docs, found.report = nil, nil, nil
  for _, module in ipairs(modules) do if module.file then found[module.name] = true end end
  lu.assertEquals(sorted(found), expected)
end

-- The README shows visitors the modules for work; help and the prompt have paragraphs of their own.
function TestLists.testReadme()
  local text, known = testing.read(root .. "/README.md"), { array = true, load = true, save = true }
  for _, name in ipairs(names) do
    known[name] = true
    if name ~= "help" and name ~= "repl" then
      lu.assertTrue(text:find("`limn." .. name .. "`", 1, true) ~= nil, "the README does not tell of limn." .. name)
    end
  end
  for _, name in ipairs(all(text, "| `limn%.([%w_]+)`")) do lu.assertTrue(known[name], "README: limn." .. name .. " is no module") end
end

local bash, man = testing.read(root .. "/src/tools/limn.bash"), testing.read(root .. "/src/tools/limn.1.scd")

function TestLists.testCommands()
  local help = testing.run(testing.program .. " --help"):match "\ncommands:\n(.*)$"
  local commands = all("\n" .. help, "\n  ([%w_]+) ")
  lu.assertTrue(#commands > 4)
  lu.assertEquals(split(bash:match '%*%) words "([^"]+)"; scripts'), commands)
  lu.assertEquals(all(man:match "# COMMANDS\n(.-)\n# ", "%*limn (%w+)"), commands)
  local usage = testing.run(testing.program .. " store 2>&1")
  for word in bash:match 'store%).- words "([^"]+)"':gmatch "%a+" do lu.assertStrContains(usage, word) end
end

-- The options of `limn slurm` and of the actions of `limn store`, in completion and manual page.
function TestLists.testOptionsOfCommands()
  local about = man:match "%*limn store%*.-\n\n" .. man:match "%*limn slurm%*.-\n\n"
  local function told(options)
    for _, option in ipairs(options) do lu.assertTrue(about:find(option, 1, true) ~= nil, "the manual page does not tell of " .. option) end
  end
  local options = all(testing.run(testing.program .. " slurm --help 2>&1"), "%-%-[%a-]+")
  for i = #options, 1, -1 do if options[i] == "--reps" or options[i] == "--base" then table.remove(options, i) end end
  lu.assertTrue(#options > 15)
  lu.assertEquals(all(bash:match 'slurm%) case.-words "(.-) %$options"', "%-%-[%a-]+"), options)
  told(options)
  local usage = testing.run(testing.program .. " store 2>&1")
  for _, action in ipairs { "merge", "status", "export", "watch" } do
    options = all(usage:match("limn store " .. action .. " [^\n]*"), "%-%-[%a-]+")
    lu.assertTrue(#options > 0)
    lu.assertEquals(all(bash:match(action .. '%) words "(.-)"'), "%-%-[%a-]+"), options, action)
    told(options)
  end
  for _, action in ipairs { "ls", "show", "failed" } do
    lu.assertEquals(all(usage:match("limn store " .. action .. " [^\n]*"), "%-%-[%a-]+"), { "--json" }, action)
    lu.assertTrue(about:find("after[^.]*%*" .. action .. "%*") ~= nil, action)
  end
  lu.assertEquals(bash:match 'ls|show|failed%) words "(.-)"', "--json")
end

function TestLists.testOptionsOfExperiments()
  local script = testing.write(os.tmpname(), [[
    return require("limn").experiment { name = "e", params = { n = 1 }, measure = function() return { m = 1 } end }]])
  local help = testing.run(("%s %s --help"):format(testing.program, script))
  os.remove(script)
  local options = all(help:gsub("\n *%-%-n [^\n]*", ""), "\n *(%-%-[%a-]+)")
  lu.assertTrue(#options > 15)
  lu.assertEquals(all(bash:match 'local options="(.-)"', "%-%-[%a-]+"), options)
  local experiments = man:match "# EXPERIMENTS\n(.-)\n# "
  local missing = {}
  for _, option in ipairs(options) do
    if not experiments:find(option, 1, true) then missing[#missing + 1] = option end
  end
  lu.assertEquals(missing, {}, "the manual page does not tell of them")
end

-- limn.h includes every public header except that of the program; the documents list all of them.
function TestLists.testHeaders()
  local headers = {}
  for name in testing.run("ls " .. root .. "/include/limn"):gmatch "([%w_]+)%.h" do headers[name] = true end
  headers.limn, headers.host = nil, nil
  lu.assertEquals(all(testing.read(root .. "/include/limn/limn.h"), '#include "limn/([%w_]+)%.h"'), sorted(headers))
  local page = testing.read(root .. "/lua/limn/docs/site/init.lua"):match "HEADERS = (%b{})"
  local listed = {}
  for name in page:gmatch '"([%w_]+)%.h"' do listed[name] = headers[name] end
  lu.assertEquals(sorted(listed), sorted(headers))
end

os.exit(lu.LuaUnit.run())
