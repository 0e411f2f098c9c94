-- slow: 6 s
-- vocabulary_spec.lua: the words of options are defined in one table. A word added to it, in one place of a copy of the
-- sources, is accepted and appears in errors, help, completion, reference and the stubs for editors.

local lu = require "luaunit"
local limn = require "limn"
local vocabulary = require "limn.base.vocabulary"
local words = require "limn.docs.words"
local stubs = require "limn.docs"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local testing = dofile(here .. "/../support/testing.lua")
local root = here .. "/../../.."
if not root:find "^/" then root = os.getenv "PWD" .. "/" .. root end

TestVocabulary = {}

-- Calls f(name, words) for every vocabulary.
local function each(f)
  for _, name in ipairs(vocabulary.all()) do f(name, vocabulary.words(name)) end
end

function TestVocabulary.testWordsAreDistinctAndExplained()
  local count = 0
  each(function(name, list)
    local seen = {}
    for _, word in ipairs(list) do
      lu.assertNil(seen[word.name], name)
      lu.assertTrue(#word.help > 0, name .. "." .. word.name)
      lu.assertNil(word.help:find "\n")
      seen[word.name] = true
    end
    count = count + #list
  end)
  lu.assertTrue(count > 50)
end

function TestVocabulary.testEditorsStubIsUpToDate()
  lu.assertEquals(testing.read(root .. "/lua/limn/docs/stubs/words.d.lua"), words.aliases(), "its head says how it is made")
end

-- A stub that names a word which a vocabulary holds, in the text of an option, names it by its vocabulary.
function TestVocabulary.testStubsNameVocabularies()
  local named = 0
  for _, class in ipairs(stubs.read().class_order) do
    for _, f in ipairs(class.fields) do if f.words then named = named + 1 end end
  end
  lu.assertTrue(named >= 25, named)
  for _, name in ipairs { "kernel", "mlp", "features", "regress", "programs" } do
    for line in testing.read(("%s/lua/limn/docs/stubs/%s.d.lua"):format(root, name)):gmatch "[^\n]+" do
      local text = line:match "^%-%-%-@field [%w_]+%?? [%w_|%.]+ (.*)$"
      for _, word in ipairs { "relu", "lecun", "mup", "logistic", "circuits", "adam", "bits" } do
        lu.assertNil(text and text:gsub("%(default.*", ""):find(('"%s"'):format(word), 1, true), line)
      end
    end
  end
end

-- Every word of an option is accepted by the function that takes it.
function TestVocabulary.testEveryWordIsAccepted()
  local X, y = limn.data.xor()
  local takers = {
    activation = function(w) return limn.mlp.new({ sizes = { 2, 3, 1 }, activation = w }).activation end,
    kernel_activation = function(w) return limn.kernel.nngp(X, nil, { activation = w }) and w end,
    init = function(w) return limn.mlp.new({ sizes = { 2, 3, 1 }, init = w }).init end,
    param = function(w) return limn.mlp.new({ sizes = { 2, 3, 1 }, param = w }).param end,
    start = function(w) return limn.mlp.new({ sizes = { 2, 3, 1 }, start = w }).start end,
    dtype = function(w) return limn.zeros(2, { dtype = w }):dtype() end,
    precision = function(w) return limn.mlp.new({ sizes = { 2, 3, 1 }, dtype = w }).dtype end,
    optimizer = function(w)
      return limn.mlp.new({ sizes = { 2, 3, 1 } }):train(X, y, { optimizer = w, rate = 1e-3, steps = 1,
        temperature = w == "langevin" and 1 or nil }) and w
    end,
    loss = function(w)
      local classes = w == "softmax"
      local net = limn.mlp.new { sizes = { 2, 3, classes and 2 or 1 } }
      return net:train(X, classes and { 1, 2, 2, 1 } or y, { loss = w, rate = 1e-3, steps = 1 }) and w
    end,
    constraint = function(w)
      local constrain = w == "nonnegative" and w or { kind = w, norm = 1 }
      return limn.mlp.new({ sizes = { 2, 3, 1 } }):train(X, y, { constrain = constrain, rate = 1e-3, steps = 1 }) and w
    end,
    descent = function(w) return limn.regress.gd(X, y, { rule = w, steps = 1 }).descent end,
    kind = function(w) return limn.features.toy({ points = 4, count = 9, perfect = 1, kind = w }).kind end,
    storage = function(w)
      local set = limn.features.toy { points = 4, count = 9, perfect = 1, storage = w }
      return w == "auto" and w or set.storage
    end,
    language = function(w) return limn.programs.space({ inputs = 2, max_bits = 9, language = w }).language end,
    theory_kind = function(w) return limn.theory.sample { points = 9, count = 99, perfect = 2, reps = 2, kind = w } and w end,
    kernel_param = function(w) return limn.kernel.ntk(X, nil, { param = w }) and w end,
    limit_kind = function(w) return limn.kernel.limit(X, y, { kind = w, bias = 0.1 }).kind end,
  }
  local given = { any_init = true, any_kind = true, any_loss = true, any_activation = true, reason = true } -- fields of results
  each(function(name, list)
    if given[name] then return end
    for _, word in ipairs(list) do lu.assertEquals(takers[name](word.name), word.name, name) end
  end)
end

local PROBE = [==[
local limn, fails = require "limn", {}
local function expect(what, ok) if not ok then fails[#fails + 1] = what end end
local stubs, complete = require "limn.docs", require "limn.frontend.repl.complete"
expect("accepted by a net", limn.mlp.new({ sizes = { 2, 3, 1 }, activation = "testword" }).activation == "testword")
local _, message = pcall(limn.mlp.new, { sizes = { 2, 3, 1 }, activation = "nonsense" })
expect("named by the error: " .. message, message:find('"testword" or', 1, true))
_, message = pcall(limn.kernel.nngp, { { 1 } }, nil, { activation = "nonsense" })
expect("named by the kernel's error: " .. message, message:find('"testword"', 1, true))
local help = limn.help.text(limn.mlp.new)
expect("listed by help", help:find('"testword"', 1, true))
expect("explained by help", limn.help.text("words.activation"):find("testword +made up for a test"))
local line = 'limn.mlp.new { activation = "testw'
_G.limn = limn
expect("completed", complete.complete(line, #line) == "ord")
expect("in the Markdown reference", select(2, limn.help.markdown():gsub("testword", "")) > 2)
expect("in the HTML reference", limn.help.html():find("<td>testword</td><td>made up for a test</td>", 1, true))
expect("in the editor's stub", require("limn.docs.words").aliases():find('---| "testword" # made up for a test', 1, true))
print(#fails == 0 and "all there" or table.concat(fails, "\n"))
]==]

function TestVocabulary.testANewWordIsOneRow()
  testing.skip_if(testing.sanitized, "a sanitizer's build is not made again")
  local dir = testing.temp_dir()
  local function shell(line)
    local text, code = testing.run(("cd %s && (%s) 2>&1"):format(dir, line))
    if code ~= 0 then os.execute("rm -rf " .. dir) end
    lu.assertEquals(code, 0, text)
    return text
  end
  local build = testing.build:match "([^/]+)$"
  shell(("cp -a %s/Makefile %s/src %s/include %s/lua . && mkdir -p build/%s && cp -a %s/obj %s/*.so* %s/limn %s/*.a build/%s")
    :format(root, root, root, root, build, testing.build, testing.build, testing.build, testing.build, build))
  local header = dir .. "/include/limn/vocabulary.h"
  local text, touched = testing.read(header):gsub('( +)Y%(LIMN_PHI_STEP,[^\n]*"%)',
    '%0 \\\n  X(LIMN_PHI_TESTWORD, "testword", "made up for a test")')
  lu.assertEquals(touched, 1) -- the one place
  testing.write(header, text)
  -- Only what holds the table is compiled again: the numerics of the new word are no matter here.
  shell(("touch src/core/vocabulary.c && make MODE=%s -o include/limn/vocabulary.h all"):format(build))
  local found = shell(("./build/%s/limn -e '%s'"):format(build, PROBE:gsub("'", "'\\''")))
  os.execute("rm -rf " .. dir)
  lu.assertEquals(found, "all there\n")
end

os.exit(lu.LuaUnit.run())
