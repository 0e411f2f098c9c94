-- no_message_matching_spec.lua: no code depends on the text of a message. Code distinguishes errors by their kind
-- (limn.base.check) or status. The test searches for patterns applied to variables named like messages, and for string
-- searches in C. Exceptions are listed here, each with its reason.

local lu = require "luaunit"

local testing = dofile(debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$" .. "/../support/testing.lua")

TestMessages = {}

local ALLOWED = { -- file, part of the line, reason
  { "lua/limn/frontend/repl/lua_messages.lua", "", "what Lua's own messages say: Lua gives no other interface" },
  { "lua/limn/plot/gnuplot.lua", "message", "tidies what gnuplot said, to be shown" },
  { "lua/limn/plot/metadata.lua", "startxref", "the end of a PDF file, no message" },
  { "lua/limn/plot/metadata.lua", "<title>Gnuplot", "an element of an SVG file, no message" },
  { "lua/limn/experiment/failures.lua", "cell.failure", "splits a traceback into lines, to be shown" },
  { "src/host/repl.c", '"<eof>"', "whether the compiler wants more lines: Lua gives no other interface" },
}

-- Names of variables that hold messages and error values, and words that occur in messages.
local NAMES = {}
for name in ("message msg why err e reason said note problem complaint failure failed stopped raised fault cause trouble"):gmatch "%w+" do
  NAMES[name] = true
end
local WORDS = { "interrupt", "malformed", "not a database", "I/O error", "damaged", "eof", "not found", "no such", "cancel",
  "time limit", "not shown", "gnuplot", "cannot", "must be", "expected", "invalid", "unknown" }
local METHODS = { find = true, match = true, gmatch = true, gsub = true }

local function allowed(file, line)
  for _, a in ipairs(ALLOWED) do
    if a[1] == file and line:find(a[2], 1, true) then
      a.used = true
      return true
    end
  end
end

-- Why a line of Lua decides by a message, or nil.
local function guilty(line)
  local code = line:gsub("%-%-%s.*$", "")
  local function judge(subject, method, pattern)
    if not METHODS[method] then return nil end
    local name = subject:match "([%w_]+)$" or subject:match "tostring%s*%(+([%w_]+)%)+$"
    if name and NAMES[name] then return ("a pattern on %s"):format(subject) end
    pattern = (pattern:match "^([\"'].-[\"'])" or ""):lower()
    for _, word in ipairs(WORDS) do
      if pattern:find(word:lower(), 1, true) then return ("a pattern of words of messages: %s"):format(pattern) end
    end
  end
  for at, method, rest in code:gmatch "():(%l+)%s*%(?%s*()" do
    local why = judge(code:sub(1, at - 1), method, code:sub(rest))
    if why then return why end
  end
  for method, subject, rest in code:gmatch "string%.(%l+)%(%s*([%w_%.]+)%s*,%s*()" do
    local why = judge(subject, method, code:sub(rest))
    if why then return why end
  end
end

local function sources(folder, suffix)
  local list = {}
  for file in testing.run(("find %s -name '*.%s' | sort"):format(folder, suffix)):gmatch "[^\n]+" do list[#list + 1] = file end
  lu.assertTrue(#list > 5, folder)
  return list
end

local function each_line(file, visit)
  local n = 0
  for line in io.lines(file) do
    n = n + 1
    visit(line, n)
  end
end

function TestMessages.testLua()
  local found = {}
  for _, file in ipairs(sources("lua/limn", "lua")) do
    if not file:find("docs/stubs/", 1, true) then
      each_line(file, function(line, n)
        local why = guilty(line)
        if why and not allowed(file, line) then found[#found + 1] = ("%s:%d: %s"):format(file, n, why) end
      end)
    end
  end
  lu.assertEquals(table.concat(found, "\n"), "")
end

-- In C a message is a `char *` that comes out of an error: what errors and SQLite and Lua give.
local TEXTS = { "err", "msg", "message", "why", "text", "errmsg", "strerror", "sqlite3_errmsg" }

local function guilty_in_c(line)
  for call, arguments in line:gmatch "(str[%l]+)(%b())" do
    if call == "strstr" or call == "strcasestr" or call == "strcmp" or call == "strncmp" then
      for _, name in ipairs(TEXTS) do
        if arguments:find("%f[%w_]" .. name .. "%f[^%w_]") then return ("%s on a message"):format(call) end
      end
      for _, word in ipairs(WORDS) do
        if arguments:find('"[^"]*' .. word) then return ("%s for the words of a message"):format(call) end
      end
    end
  end
end

function TestMessages.testC()
  local found = {}
  for _, folder in ipairs { "src/bind", "src/host" } do
    for _, file in ipairs(sources(folder, "c")) do
      each_line(file, function(line, n)
        local why = guilty_in_c(line)
        if why and not allowed(file, line) then found[#found + 1] = ("%s:%d: %s"):format(file, n, why) end
      end)
    end
  end
  lu.assertEquals(table.concat(found, "\n"), "")
end

-- What was found in the code once, and what must not be taken for it.
function TestMessages.testTheTestFindsWhatItShould()
  for _, line in ipairs {
    'if why:find("malformed", 1, true) then', 'if tostring(e):find "interrupted" then', 'local stopped = message:match "time limit"',
    'if note:find("not shown", 1, true) then', 'x = a.message:gsub("x", "y")', 'string.find(err, "no such file")',
    'if text:find "interrupted" then', 'local a = line:match "x"; if text:match("damaged") then',
  } do lu.assertNotNil(guilty(line), line) end
  for _, line in ipairs {
    'local format = path:match "%.(%w+)$"', 'for line in text:gmatch "[^\\n]+" do', 'x = source:gsub("%s+$", "")', "return message",
  } do lu.assertNil(guilty(line), line) end
  lu.assertNotNil(guilty_in_c [[if (strstr(lua_tostring(L, -1), "interrupted")) return 1;]])
  lu.assertNotNil(guilty_in_c [[return strcmp(err, "x") == 0;]])
  lu.assertNil(guilty_in_c [[if (strcmp(key, "points") == 0)]])
end

function TestMessages.testWhatIsAllowedIsThere()
  TestMessages.testLua()
  TestMessages.testC()
  for _, a in ipairs(ALLOWED) do lu.assertTrue(a.used, a[1] .. " is allowed, and does nothing of the kind any more") end
end

os.exit(lu.LuaUnit.run())
