-- rows_tools.lua: random rows of tables of results, and their comparison.

local lu = require "luaunit"

local tools = {}

tools.WORDS = { "relu", "a, b", 'say "x"', "two\nlines", "", " blanks ", "1e", "naïve", "cr\r\nlf" }

-- Rows of random values: n and k from small sets, rep, two measurements with gaps and NaN, texts and booleans with gaps.
function tools.random_rows(stream, count)
  local rows = {}
  for i = 1, count do
    local row = { n = stream:integer(1, 4), k = 0.1 * stream:integer(1, 3), rep = stream:integer(1, 3), id = i }
    if stream:uniform() < 0.8 then row.a = stream:uniform() < 0.1 and 0 / 0 or stream:uniform() * 10 ^ stream:integer(-300, 300) end
    row.b = stream:uniform()
    if stream:uniform() < 0.8 then row.word = tools.WORDS[stream:integer(1, #tools.WORDS)] end
    if stream:uniform() < 0.8 then row.flag = stream:uniform() < 0.5 end
    rows[i] = row
  end
  return rows
end

function tools.same(u, v) return u == v or u ~= u and v ~= v end

function tools.assert_rows(got, wanted, what)
  lu.assertEquals(#got, #wanted, what)
  for i, row in ipairs(wanted) do
    for k, v in pairs(row) do lu.assertTrue(tools.same(got[i][k], v), ("%s: row %d, %s: %s, %s"):format(what, i, k, got[i][k], v)) end
    for k in pairs(got[i]) do lu.assertNotNil(row[k], ("%s: row %d has %s"):format(what, i, k)) end
  end
end

return tools
