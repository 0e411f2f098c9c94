-- limn/base/pitfalls.lua: what people write who come from Python or C, in a text that does not compile or that calls a
-- function of theirs: one line of advice.

local system = require "limn.base.system"

local pitfalls = {}

local IMPORT = ("Lua has no import: limn = require %q, and limn.NAME loads its modules"):format "limn"

-- Patterns in the order in which they are looked for in a line without strings and comments, and the advice.
local PATTERNS = {
  { "%f[%w_]for%s*%(", "a loop is for i = 1, n do .. end" },
  { "!=", "not equal is ~= in Lua" },
  { "&&", "Lua writes `and`" },
  { "||", "Lua writes `or`" },
  { "%*%*", "a power is x ^ 2 in Lua" },
  { "%+%+", "Lua has no ++: write x = x + 1" },
  { "[%w_%]%)]%s*[%+%-%*/%%]=[^=]", "Lua has no += and the like: write x = x + 1" },
  { "%s@%s", "a product of matrices is a:matmul(b)" },
  { "%[%s*%-?%d*%s*:%s*%-?%d*%s*[,%]:]", "a part of an array is a:slice(from, to), a:col(j) or a[mask]" },
  { "%(%s*[%a_][%w_]*%s*=%s*[^%s=]", "options go by name in braces: f {name = value}, f(x, {name = value})" },
  { "^%s*import%f[^%w_]", IMPORT },
  { "^%s*from%s+[%w_%.]+%s+import%f[^%w_]", IMPORT },
  { "^%s*def%s", "a function is written function f(x) .. end in Lua" },
  { "^%s*print%s+[%w_%-#]", "a call has parentheses: print(x)" },
  { "^%s*print%s*([\"'])%1%s*,", "a call has parentheses: print(x, y)" },
  { "^%s*elif%f[^%w_]", "Lua writes elseif" },
  { "[=%(,{]%s*%[[^%[=%]]-[,%]]%s*[^%s=]*%s*$", "a list is written {1, 2} in Lua, an array limn.array {1, 2}" },
  { "[=%(,]%s*%[%d", "a list is written {1, 2} in Lua, an array limn.array {1, 2}" },
  { "^%s*#", "a comment begins with -- in Lua" },
  { "!", "not is `not x` in Lua" },
}

-- Global names of Python and C that Lua does not have, and the advice.
local NAMES = {
  len = "the length of x is #x", range = "a loop is for i = 1, n do .. end, an array limn.range(1, n)",
  str = "tostring(x) is the text of x", int = "x // 1 rounds down, math.tointeger(x) makes a whole number",
  float = "tonumber(x) reads a number, x + 0.0 makes a float", bool = "x ~= nil and x ~= 0 is true or false",
  list = "a list is written {1, 2}", dict = "a table is written {name = value}", set = "a set is a table {[value] = true}",
  tuple = "a list is written {1, 2}", abs = "math.abs(x), or a:abs() of an array",
  round = "x:round() of an array, (x + 0.5) // 1 of a number",
  sum = "a:sum() of an array",
  min = "math.min(x, y), or a:min() of an array", max = "math.max(x, y), or a:max() of an array",
  sqrt = "math.sqrt(x), or a:sqrt() of an array", exp = "math.exp(x), or a:exp() of an array",
  log = "math.log(x), or a:log() of an array", pow = "a power is x ^ 2", sorted = "table.sort(t) sorts a list in place, a:sort() an array",
  enumerate = "for i, v in ipairs(t) do .. end", zip = "for i = 1, #t do .. end reads several lists together",
  isinstance = "type(x) is the name of its type", printf = "io.write((\"%d\\n\"):format(x))", input = "io.read() reads a line",
  open = "io.open(path) opens a file", exit = "os.exit(code) ends a script", True = "true in Lua", False = "false in Lua",
  None = "nil in Lua", null = "nil in Lua", NULL = "nil in Lua", np = "arrays are limn.array, limn.zeros and the like",
  numpy = "arrays are limn.array, limn.zeros and the like", plt = "figures are limn.plot.figure", torch = "networks are limn.mlp",
  limn = "local limn = require \"limn\" at the head of a script, limn -l limn -e .. on the command line",
  pd = "tables are limn.data.csv and limn.results", random = "limn.rng.stream(seed), or math.random()",
}

-- The advice on an undefined global of that name, or nil.
function pitfalls.name(name) return NAMES[name] end

-- The same as a sentence, for a script that called or indexed it.
function pitfalls.called(name)
  return NAMES[name] and (name == "limn" and "%s is not loaded: %s" or "Lua has no %s: %s"):format(name, NAMES[name])
end

-- The advice on the first line of a text that has such a form: with the number of the line, and without; nil without one.
function pitfalls.of(text)
  text = text:gsub("^#[^\n]*", "")
  local n = 0
  for line in (text .. "\n"):gmatch "(.-)\n" do
    n = n + 1
    line = line:gsub("\\.", ""):gsub('"[^"]*"', '""'):gsub("'[^']*'", "''"):gsub("%-%-.*$", "")
    for _, row in ipairs(PATTERNS) do
      if line:find(row[1]) then return ("line %d: %s"):format(n, row[2]), row[2] end
    end
  end
end

-- The advice on a file, or nil.
function pitfalls.of_file(path)
  local text = system.text_of(path)
  return text and pitfalls.of(text)
end

-- Line n of the source of a chunk: of its file, of the script on standard input, or of what stands after -e.
function pitfalls.source_line(source, n)
  local texts = { source:find "^@" and system.text_of(source:sub(2))
    or source == "=stdin" and debug.getregistry()["limn.stdin"] or nil }
  local words = source == "=(command line)" and rawget(_G, "arg")
  for i, word in pairs(type(words) == "table" and words or {}) do
    if type(word) == "string" and word:find "^%-e" then texts[#texts + 1] = word == "-e" and words[i + 1] or word:sub(3) end
  end
  local lines = {}
  for _, text in ipairs(texts) do
    local at = 0
    for line in (text .. "\n"):gmatch "(.-)\n" do
      at = at + 1
      if at == n then lines[#lines + 1] = line end
    end
  end
  return table.concat(lines, "\n")
end

return require("limn.base.check").sealed("pitfalls.", pitfalls)
