-- tutorial_spec.lua: the tutorial runs, prints the output that it shows, draws its figures and produces a page.
-- slow: 2 s
-- isa: yes
local lu = require "luaunit"
local document = require "limn.docs.document"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local testing = dofile(here .. "/../support/testing.lua")
local build, dir, read = testing.build, testing.temp_dir(), testing.read

local script = read "scripts/tutorial.lua"

local function words(text)
  local list = {}
  for word in text:gmatch "%S+" do list[#list + 1] = word end
  return list
end

TestTutorial = {} -- luacheck: ignore

-- Numbers may differ in their last digit between instruction sets, nothing else may.
function TestTutorial:test_prints_the_output_shown()
  local p = io.popen(("%s/limn scripts/tutorial.lua --out %s 2>%s/stderr"):format(build, dir, dir))
  local printed = p:read("a"):gsub(dir:gsub("%p", "%%%0"), "out")
  lu.assertTrue(p:close(), read(dir .. "/stderr"))
  local said = {}
  for line in script:gmatch "\n%-%-> ([^\n]*)" do said[#said + 1] = line end
  local want, got = words(table.concat(said, "\n")), words(printed)
  lu.assertEquals(#got, #want, printed)
  for i, word in ipairs(want) do
    local a, b = tonumber((word:gsub(",$", ""))), tonumber((got[i]:gsub(",$", "")))
    if a and b then lu.assertAlmostEquals(b, a, 0.011 * math.max(1, math.abs(a)), printed)
    else lu.assertEquals(got[i], word, printed) end
  end
  lu.assertTrue(#said >= 15)
  for path in script:gmatch "%]%((tutorial_%w+%.svg)%)" do lu.assertStrContains(read(dir .. "/" .. path), "</svg>") end
end

function TestTutorial:test_is_a_document()
  local kinds, code = {}, {}
  for i, part in ipairs(document.parts(script)) do
    kinds[i] = part.kind
    if part.kind == "code" then code[#code + 1] = part.text end
  end
  lu.assertEquals(table.concat(kinds, " ", 1, 5), "text code text code output")
  lu.assertNotNil(load(table.concat(code, "\n"))) -- the code alone is the script
  local html, markdown = document.body(script), document.markdown(script)
  for _, tag in ipairs { "h1", "h2", "p", "pre", "code" } do
    lu.assertEquals(select(2, html:gsub("<" .. tag .. "[ >]", "")), select(2, html:gsub("</" .. tag .. ">", "")), tag)
  end
  for heading in script:gmatch "\n%-%- #+ ([^\n]+)" do
    lu.assertStrContains(html, heading .. "</h")
    lu.assertStrContains(markdown, "# " .. heading)
  end
  lu.assertStrContains(html, '<img src="tutorial_sweep.svg" alt="P/R')
  lu.assertEquals(select(2, markdown:gsub("```", "")) % 2, 0)
  for name in script:gmatch "`(scripts/[^`]+)`" do lu.assertNotNil(io.open(name), name) end
end

local code = lu.LuaUnit.run()
os.execute("rm -rf " .. dir)
os.exit(code)
