-- words_spec.lua: the words that lint refuses are found in comments, strings and documents, and nowhere else.
local lu = require "luaunit"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local testing = dofile(here .. "/../support/testing.lua")
local words = dofile "src/tools/words.lua"

TestWords = {} -- luacheck: ignore

-- The planted word is put together here, since lint reads this file too.
local PLANTED, TWO = "rub" .. "bish", "gave " .. "out"

function TestWords:test_comments_and_strings()
  local lua = ("local x = 1 -- %s\nlocal %s = 2\nlocal s = 'a %s b'\n--[[ one\n%s ]]\n"):format(PLANTED, PLANTED, PLANTED, PLANTED)
  local found = words.check(lua, "a.lua")
  lu.assertEquals(#found, 3)
  lu.assertEquals(found[1], ('a.lua:1: "%s": undefined, invalid'):format(PLANTED))
  lu.assertStrContains(found[2], "a.lua:3:")
  lu.assertStrContains(found[3], "a.lua:5:")
  local c = ("int %s; /* it\n * %s */\nchar *s = \"the matrix %s\"; // %s\n"):format(PLANTED, PLANTED, TWO, PLANTED)
  lu.assertEquals(#words.check(c, "a.c"), 3)
  lu.assertEquals(#words.check("/* it " .. TWO:gsub(" ", "\n * ") .. ", or " .. TWO:upper() .. " */\n", "a.c"), 2)
end

function TestWords:test_what_is_not_text()
  local name = ('local option = "%s" -- the option `%s`\nlocal t = { %s = "\\"", x = [[%s]] }\n'):format(PLANTED, PLANTED, PLANTED, "y")
  lu.assertEquals(words.check(name, "a.lua"), {})
  lu.assertEquals(words.check(("`%s`\n```lua\n%s\n```\n"):format(PLANTED, PLANTED), "a.md"), {})
  lu.assertEquals(#words.check("\n" .. PLANTED .. "\n", "a.md"), 1)
  lu.assertEquals(words.check("-- " .. PLANTED .. "y, un" .. PLANTED, "a.lua"), {})
end

function TestWords:test_the_command()
  local dir = testing.temp_dir()
  testing.write(dir .. "/bad.lua", "-- " .. PLANTED .. "\n")
  testing.write(dir .. "/good.lua", "-- undefined\n")
  local command = testing.program .. " src/tools/words.lua "
  local said, code = testing.run(command .. dir .. "/good.lua " .. dir .. "/bad.lua 2>&1")
  lu.assertEquals(code, 1)
  lu.assertStrContains(said, ('bad.lua:1: "%s"'):format(PLANTED))
  lu.assertEquals(select(2, testing.run(command .. dir .. "/good.lua")), 0)
  os.execute("rm -rf " .. dir)
end

os.exit(lu.LuaUnit.run())
