-- help_spec.lua: the stubs, from which help is generated, agree with the program: every public function and method has
-- an entry, every entry exists, every example runs, and the documented options are exactly the accepted ones.
-- stock: yes
local lu = require "luaunit"
local limn = require "limn"
local check = require "limn.base.check"
local stubs = require "limn.docs"
local find = require "limn.docs.find"
local help = require "limn.docs.help"

-- The public modules; limn.repl opens a prompt, so its example is not run.
local modules = {}
for _, module in ipairs(require "limn.base.modules") do
  if module.name ~= "repl" then modules[module.name] = limn[module.name] end
end

-- One object of each public class, by its type name.
local function objects()
  local f = limn.features.toy { points = 4, count = 16, perfect = 2 }
  local fit = limn.regress.minnorm(f, f.labels)
  local space = limn.programs.space { inputs = 2, max_bits = 10 }
  local e = limn.experiment { name = "e", run = false, params = { n = 1 }, measure = function() return { m = 1 } end }
  local results, net = e:run { workers = 0 }, limn.mlp.new { sizes = { 2, 4, 1 } }
  local X, y = limn.data.xor()
  return {
    limn.zeros(1), limn.rng.stream(1), f, fit, limn.regress.bayes(f), limn.contrib.analyse(f, fit), space,
    limn.programs.posterior(space, { { 1, 1 } }, { 1 }), limn.kernel.regress(limn.eye(2), limn.eye(2), { 1, 1 }),
    e, require("limn.experiment.checkpoint").cell({ id = "", rep = 1, key = 1 }, 1), results,
    results:group "n", limn.claims.new(), limn.claims.exact(1), limn.plot.figure(), limn.plot.figure():panel(1),
    limn.kernel.limit(limn.eye(2), { 1, 1 }), limn.kernel.spectrum { on = "cube", dim = 2 },
    limn.mlp.new({ sizes = { 1, 2, 1 } }):spline(), limn.programs.sequences { length = 2, max_bits = 6 },
    limn.functions.prior { sizes = { 2, 1 }, samples = 9 },
    limn.maps.grid(function(points) return points:col(1) end, { n = 2 }),
    net, net:train(X, y, { steps = 1 }), net:linearised(X, y), limn.plot.live {}, limn.plot.math "x",
    limn.regress.ridge(f, f.labels, { lambda = { 1 } }), limn.stats.t, limn.stats.normal, limn.stats.beta,
    limn.stats.chi2,
  }
end

-- The functions that can be called on an object with a colon (or, in its own fields, with a dot).
local function methods_of(object)
  local mt, out = debug.getmetatable(object), {}
  local function take(t)
    for name, v in pairs(type(t) == "table" and t or {}) do
      if type(v) == "function" and type(name) == "string" and name:sub(1, 1) ~= "_"
        and (t ~= object or debug.getinfo(v, "S").source:find "/limn/") then out[name] = v end
    end
  end
  take(mt.__methods)
  take(mt.__index)
  if type(object) == "table" then take(object) end
  if type(mt.__index) == "function" then -- Lua classes that compute a field: their methods are in an upvalue
    for i = 1, 20 do
      local name, value = debug.getupvalue(mt.__index, i)
      if not name then break end
      if type(value) == "table" and name:find "^%u%l" then take(value) end
    end
  end
  return out
end

TestHelp = {} -- luacheck: ignore

function TestHelp:test_every_function_has_an_entry()
  local all, missing, count = stubs.read(), {}, 0
  local function look(name, prefix)
    count = count + 1
    if not all.entries[name] then missing[#missing + 1] = prefix .. name end
  end
  for name, v in pairs(limn) do if type(v) == "function" then look(name, "limn.") end end
  for module, t in pairs(modules) do
    for name, v in pairs(t) do if type(v) == "function" then look(module .. "." .. name, "limn.") end end
    local callable = getmetatable(t) and getmetatable(t).__call
    if type(t) == "table" and callable and not all.classes["limn.lib." .. module].example and module ~= "help" then
      missing[#missing + 1] = "limn." .. module .. "(...)"
    end
  end
  table.sort(missing)
  lu.assertEquals(missing, {})
  lu.assertTrue(count > 60)
end

function TestHelp:test_every_method_has_an_entry()
  local all, missing, count = stubs.read(), {}, 0
  for _, object in ipairs(objects()) do
    local class = getmetatable(object) and type(getmetatable(object)) == "table" and getmetatable(object).__name
      or check.typename(object)
    local known = all.classes[class]
    if not known then
      missing[#missing + 1] = "class " .. tostring(class)
    else
      for name, f in pairs(methods_of(object)) do
        count = count + 1
        local entry = find.method(known, name)
        if not entry and name ~= "function" then missing[#missing + 1] = class .. ":" .. name end
        local text = entry and help.text(f)
        if entry and entry.short ~= "predict" and (not text or text:find(entry.name, 1, true) ~= 1) then
          missing[#missing + 1] = ("help(%s) says %q"):format(entry.name, tostring(text):sub(1, 40))
        end
      end
    end
  end
  table.sort(missing)
  lu.assertEquals(missing, {})
  lu.assertTrue(count > 120)
end

-- Runs an example; returns what it printed, and the rules of every option table that was checked meanwhile.
local function run(name, code)
  local out, rules, checked = {}, {}, check.options
  local env = setmetatable({ limn = limn, print = function(...)
    for i = 1, select("#", ...) do out[#out + 1] = tostring((select(i, ...))) end
  end }, { __index = _G })
  check.options = function(who, options, r) -- luacheck: ignore
    rules[#rules + 1] = r
    return checked(who, options, r)
  end
  local f, message = load(code, "=" .. name, "t", env)
  local ok, e = pcall(f or error, message)
  check.options = checked -- luacheck: ignore
  return ok and table.concat(out, "\n"), ok and rules or ("example of %s: %s"):format(name, e)
end

local function names_of(list)
  local out = {}
  for _, f in ipairs(list) do out[#out + 1] = f.name end
  table.sort(out)
  return table.concat(out, " ")
end

-- Words that newcomers look for, and an entry that apropos must list for each.
local LOOKED_FOR = { concatenate = "concat", hstack = "hstack", histogram = "array:histogram", ["histogram counts"] = "array:histogram",
  ["histogram-counts"] = "array:histogram", unique = "array:unique", shuffle = "rng:shuffle", choice = "rng:choice",
  median = "array:median", clip = "array:clip", outer = "array:outer", mask = "array:where", split = "data.split",
  ["error bar"] = "plot.panel:errorbars", ["log scale"] = "plot.figure", ["double descent"] = "theory.risk",
  groupby = "results:group", savefig = "plot.figure:save", subplots = "plot.figure", annotate = "plot.panel:text",
  ["twin axis"] = "plot.figure", ["one-hot"] = "data.onehot", multiclass = "data.onehot", standardi = "data.standardise",
  standardise = "data.standardise", standardize = "data.standardise", ["net train"] = "mlp:train",
  dataframe = "results.new", figsize = "plot.figure", learning_rate = "mlp:train",
  epochs = "mlp:train", arange = "range", astype = "array", randn = "rng:normal", assign = "results:with", sort_values = "results:sort",
  polyfit = "stats.slope", colormap = "plot.panel:heatmap" }

function TestHelp:test_apropos_finds_what_people_look_for()
  for word, entry in pairs(LOOKED_FOR) do
    local text = "\n" .. (help.apropos(word) or "")
    lu.assertTrue(text:find("\n" .. entry .. " ", 1, true) ~= nil, word .. " does not find " .. entry)
  end
  lu.assertStrContains(select(2, help.apropos "qwertz"), "no entry contains")
  for _, names in pairs(require("limn.docs.synonyms").all) do
    for _, name in ipairs(names) do lu.assertNotNil(stubs.read().entries[name], name) end
  end
end


-- A method that also goes by names has an overload for the editor with each of them.
function TestHelp:test_methods_that_go_by_names_have_an_overload()
  local folder = debug.getinfo(stubs.read, "S").source:match "^@(.*)/[^/]*$"
  local text = assert(require("limn.base.system").text_of(folder .. "/stubs/rng.d.lua"))
  local count = 0
  for block in text:gmatch "(.-)\nfunction [^\n]*" do
    local names = block:match "%-%-%-Names: ([^\n]*)%."
    for name in (names and names:gsub("%b()", "") or ""):gmatch "%a+" do
      lu.assertTrue(block:find("@overload [^\n]*options: {[^}\n]*%f[%a]" .. name .. "%??: ") ~= nil, block)
      count = count + 1
    end
  end
  lu.assertTrue(count > 15)
end

-- Options that are checked in C, and those that are split before they are checked.
local elsewhere = { ["limn.array.options"] = true, ["limn.plot.quick.options"] = true }

function TestHelp:test_examples_run_and_options_are_those_documented()
  local count, bad = 0, {}
  for _, entry in ipairs(stubs.read().order) do
    lu.assertNotNil(entry.summary, entry.name .. " has no text")
    lu.assertNotNil(entry.errors, entry.name .. " does not say its errors")
    lu.assertNotNil(entry.example, entry.name .. " has no example")
    local printed, rules = run(entry.name, entry.example)
    if not printed then bad[#bad + 1] = rules end
    if printed == "" and entry.name ~= "claims:print" and entry.name ~= "cite" then
      bad[#bad + 1] = entry.name .. ": the example prints nothing"
    end
    count = count + 1
    if printed and entry.options and not elsewhere[entry.options.name] then
      local want, seen = names_of(stubs.fields(entry.options)), {}
      for _, r in ipairs(rules) do
        local keys = {}
        for k in pairs(r) do keys[#keys + 1] = { name = k } end
        seen[#seen + 1] = names_of(keys)
      end
      local found = false
      for _, s in ipairs(seen) do found = found or s == want end
      if not found then
        bad[#bad + 1] = ("options of %s\n documented: %s\n checked:    %s"):format(entry.name, want,
          table.concat(seen, "\n             "))
      end
    end
  end
  for _, class in ipairs(stubs.read().class_order) do
    local printed, why = class.example and run(class.name, class.example) or "", nil
    if not printed then bad[#bad + 1] = why end
  end
  lu.assertEquals(table.concat(bad, "\n"), "")
  lu.assertTrue(count > 190)
end

function TestHelp:test_entries_exist()
  local classes = {}
  for _, object in ipairs(objects()) do
    local class = check.typename(object)
    classes[class] = classes[class] or methods_of(object)
  end
  for _, entry in ipairs(stubs.read().order) do
    if entry.module then
      local module = entry.module == "" and limn or modules[entry.module]
      lu.assertEquals(type(module and module[entry.short]), "function", entry.name)
    else
      lu.assertNotNil(classes[entry.class] and classes[entry.class][entry.short], entry.name .. " is no method")
    end
  end
end

function TestHelp:test_lookups()
  lu.assertStrContains(help.text "regress.minnorm", "w = F^+ y")
  lu.assertStrContains(help.text(limn.regress.lp), "above 1; math.huge")
  lu.assertStrContains(help.text "?limn.regress.lp", "regress.lp(features, labels?, {norm=}) -> fit")
  lu.assertStrContains(help.text(limn.zeros(2).quantile), "order statistics")
  lu.assertStrContains(help.text(limn.zeros(2)), "array:matmul")
  lu.assertStrContains(help.text(limn.regress), "regress.lasso")
  lu.assertStrContains(help.text "array.sum", "sum of all entries")
  lu.assertStrContains(help.text "sum", "results.groups:sum")
  lu.assertStrContains(help.text "figure:line", "gaps at nan")
  lu.assertStrContains(help.text "", "rules that choose weights")
  lu.assertStrContains(help.text(print), "standard library")
  lu.assertStrContains(select(2, help.text "minorm"), 'did you mean "minnorm"?')
  lu.assertStrContains(select(2, help.text "scatter"), 'did you mean "plot.panel:points"?')
  lu.assertStrContains(select(2, help.text(function() end)), "help_spec.lua")
  _G.mine = function() end -- luacheck: ignore
  lu.assertStrContains(select(2, help.text(mine)), "a function without documentation") -- luacheck: ignore
  _G.mine = nil -- luacheck: ignore
  lu.assertStrContains(select(2, help.text(7)), "a number")
  lu.assertStrContains(help.apropos "Newton", "regress.lp")
  lu.assertStrContains(help.apropos "tol", "regress.gd")
  lu.assertNil((help.apropos "zzzz"))
  lu.assertErrorMsgContains("must be a string", help.apropos, 3)
end

-- Whether a page could be read: every tag that opens closes, and what is code stays text.
function TestHelp:test_lines_fit_the_terminal()
  local posix = require("limn.native").posix
  local before = posix.terminal
  local function widest(text)
    local most = 0
    for line in (text:match "^(.-)\nexample\n" or text):gmatch "[^\n]+" do most = math.max(most, #line) end
    return most
  end
  for _, name in ipairs { "limn", "limn.regress", "regress.minnorm", "features.toy", "theory.risk" } do
    posix.terminal = function() return 72 end
    local ok, narrow = pcall(limn.help.text, name)
    posix.terminal = function() return nil end -- a pipe
    local fine, wide = pcall(limn.help.text, name)
    posix.terminal = before
    lu.assertTrue(ok and fine, name)
    lu.assertTrue(widest(narrow) <= 72, name)
    lu.assertTrue(widest(wide) > 72, name)
  end
end

function TestHelp:test_reference()
  local html, markdown = help.html(), help.markdown()
  for _, tag in ipairs { "table", "tr", "pre", "h3", "nav", "main" } do
    lu.assertEquals(select(2, html:gsub("<" .. tag .. "[ >]", "")), select(2, html:gsub("</" .. tag .. ">", "")), tag)
  end
  local body = html:match "<main>(.*)</main>"
  lu.assertNil(body:find "&[^alqg#]")
  -- looked for by find: a failure would print the whole page
  lu.assertNotNil(body:find("P = |F_perfect w_perfect|", 1, true))
  for _, entry in ipairs(stubs.read().order) do
    lu.assertNotNil(html:find(('id="%s"'):format(entry.name), 1, true), entry.name)
    lu.assertNotNil(markdown:find("### `" .. entry.name, 1, true), entry.name)
  end
  for id in html:gmatch 'href="#([^"]+)"' do lu.assertNotNil(html:find(('id="%s"'):format(id), 1, true), id) end
end

os.exit(lu.LuaUnit.run())
