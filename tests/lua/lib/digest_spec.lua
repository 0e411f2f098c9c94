-- stock: yes
-- digest_spec.lua: compares a digest of the results of the whole public API with digest.csv. Changes of structure must
-- not alter these results. The computations are in digest_results.lua.
--
-- Each array, number or text of an entry is a row of digest.csv: name, kind, text. "exact" rows agree to the last bit.
-- "rounding" rows hold the shape, the norm, two projections and the first three numbers, and agree to the entry's
-- tolerance times the norm: BLAS, libm and the nets' instruction sets differ in the last bits.
--
--   LIMN_DIGEST_WRITE=1   rewrites the file (after a change that is intended to change numbers)
--   LIMN_DIGEST_CSV=PATH  reads or writes this file instead
--   LIMN_DIGEST_BITS=1    compares every row to the last bit. For two builds on one machine: write a separate file with
--                         the first build, compare the second with it, at the same LIMN_ISA and OPENBLAS_CORETYPE
--   LIMN_DIGEST_REPORT=1  prints the time of each entry and its largest deviation in units of its tolerance
-- luacheck: allow defined top
local lu = require "luaunit"

local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$" or "."
local places = { here, here .. "/support", here .. "/../support", here .. "/../data", here .. "/../../data" }

local function find(name)
  for _, place in ipairs(places) do
    local file = io.open(place .. "/" .. name, "r")
    if file then
      file:close()
      return place .. "/" .. name
    end
  end
end

local results = dofile(assert(find "digest_results.lua", "no digest_results.lua beside the spec or in support/"))
local writing, bits = os.getenv "LIMN_DIGEST_WRITE" == "1", os.getenv "LIMN_DIGEST_BITS" == "1"
local reporting = os.getenv "LIMN_DIGEST_REPORT" == "1"
local csv = os.getenv "LIMN_DIGEST_CSV" or find "digest.csv" or here .. "/digest.csv"

-- ---- values as text ---------------------------------------------------------------------------------------------

local function fnv(text) -- FNV-1a, 64 bits
  local h, byte = 0xcbf29ce484222325, string.byte
  for first = 1, #text, 4096 do
    for _, b in ipairs { byte(text, first, math.min(first + 4095, #text)) } do h = (h ~ b) * 0x100000001b3 end
  end
  return ("%016x"):format(h)
end

local function number(x, form)
  if x ~= x then return "nan" end
  return math.type(x) == "integer" and ("%d"):format(x) or form:format(x)
end

local function is_array(v) return type(v) == "userdata" and pcall(function() return v:dtype() end) end

-- All numbers of an array in row-major order, and a text with its type and shape.
local function numbers(v)
  if not is_array(v) then return v, "list " .. #v end
  if v:dtype() == "bool" or v:dtype() == "i64" then v = v:copy "f64" end -- the recorded values are doubles
  local flat = v:size() > 0 and v:reshape(v:size()):totable() or {}
  return flat, v:dtype() .. " " .. table.concat({ v:shape() }, "x")
end

local function exact_numbers(flat, what)
  local texts = {}
  for i, x in ipairs(flat) do texts[i] = number(x, "%.17g") end
  if #texts <= 6 then return what .. ": " .. table.concat(texts, " ") end
  return ("%s: %s .. %s fnv %s"):format(what, table.concat(texts, " ", 1, 3), texts[#texts],
    fnv(table.concat(texts, " ")))
end

-- The norm, two projections on fixed directions (signs; numbers in 0.5 .. 1.5) and the first three numbers.
local function rough_numbers(flat, what)
  local square, a, b, broken, first = 0, 0, 0, 0, {}
  for i, x in ipairs(flat) do
    if i <= 3 then first[i] = number(x + 0.0, "%.14g") end
    if x - x == 0 then
      square = square + x * x
      a = a + (i * 0x9e3779b97f4a7c15 < 0 and -x or x)
      b = b + (0.5 + (i * 0xd1342543de82ef95 >> 11) * 2.0 ^ -53) * x
    else
      broken = broken + 1
    end
  end
  if broken > 0 then what = ("%s (%d not finite)"):format(what, broken) end
  local sums = ("%.14g %.14g %.14g"):format(math.sqrt(square), a, b)
  return what .. ": " .. sums .. (#first > 0 and " | " .. table.concat(first, " ") or "")
end

local function text_of(v, exact)
  if type(v) == "number" then return "number: " .. number(v, exact and "%.17g" or "%.14g") end
  if type(v) == "boolean" then return tostring(v) end
  if type(v) == "string" then
    if #v <= 60 and not v:find "%c" then return "text: " .. v end
    return ("text of %d bytes: %s .. fnv %s"):format(#v, v:sub(1, 30):gsub("[^%g ]", "?"), fnv(v))
  end
  return (exact and exact_numbers or rough_numbers)(numbers(v))
end

-- Appends rows {name, text} for v and, recursively, its fields to `into`.
local function rows_of(v, name, exact, into)
  local leaf = type(v) ~= "table"
  if not leaf and #v > 0 then
    leaf = true
    for _, x in pairs(v) do leaf = leaf and type(x) == "number" end
  end
  if leaf then
    local plain = { table = true, number = true, boolean = true, string = true }
    if not plain[type(v)] and not is_array(v) then error(name .. ": no value of a digest: " .. type(v)) end
    into[#into + 1] = { name, text_of(v, exact) }
    return into
  end
  local keys = {}
  for key in pairs(v) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  for _, key in ipairs(keys) do rows_of(v[key], name .. (name:find ": " and "." or ": ") .. key, exact, into) end
  return into
end

-- ---- comparing --------------------------------------------------------------------------------------------------

-- How far two rounding texts are apart, over the norm of the larger (a number: over itself); nil where they are not
-- alike in shape.
local function deviation(a, b)
  local what_a, rest_a = a:match "^(.-): (.*)$"
  local what_b, rest_b = b:match "^(.-): (.*)$"
  if not what_a or what_a ~= what_b or what_a:find "^text" then return a == b and 0 or nil end
  local list_a, list_b = {}, {}
  for token in rest_a:gmatch "[^ |]+" do list_a[#list_a + 1] = token end
  for token in rest_b:gmatch "[^ |]+" do list_b[#list_b + 1] = token end
  if #list_a ~= #list_b then return nil end
  local scale, worst = nil, 0
  for i, token in ipairs(list_a) do
    local x, y = tonumber(token), tonumber(list_b[i])
    if token ~= list_b[i] then
      if not x or not y then return nil end -- nan, inf
      scale = scale or math.max(math.abs(x), math.abs(y))
      worst = math.max(worst, math.abs(x - y) / scale)
    elseif x then
      scale = scale or math.abs(x)
    end
  end
  return worst
end

local function quoted(s) return s:find '[,"]' and '"' .. s:gsub('"', '""') .. '"' or s end

local function fields(line)
  local list, at = {}, 1
  while at <= #line + 1 do
    local field
    if line:sub(at, at) == '"' then
      local stop = at + 1
      while line:sub(stop, stop) ~= '"' or line:sub(stop + 1, stop + 1) == '"' do
        stop = stop + (line:sub(stop, stop) == '"' and 2 or 1)
        assert(stop <= #line, "digest.csv: a quote is not closed: " .. line)
      end
      field, at = line:sub(at + 1, stop - 1):gsub('""', '"'), stop + 2
    else
      field = line:match("^[^,]*", at)
      at = at + #field + 1
    end
    list[#list + 1] = field
  end
  return list
end

local stored, unseen = {}, {}
if not writing then
  for line in io.lines(csv) do
    local f = fields(line)
    assert(#f == 3, csv .. ": not three fields: " .. line)
    if f[1] ~= "name" then stored[f[1]], unseen[f[1]] = { kind = f[2], text = f[3] }, true end
  end
end

-- ---- a test for each entry --------------------------------------------------------------------------------------

TestDigest = {}

local written, taken = { "name,kind,text\n" }, {}

local function check(entry)
  local exact, wrong, worst = bits or entry.kind == "exact", {}, 0
  local kind, tol = exact and "exact" or entry.kind, entry.tol
  local start = os.clock()
  local rows = rows_of(entry.value(), entry.name, exact, {})
  lu.assertTrue(#rows > 0, entry.name)
  for _, row in ipairs(rows) do
    local name, text = row[1], row[2]
    lu.assertNil(taken[name], "two rows of the name " .. name)
    taken[name] = true
    if writing then
      written[#written + 1] = ("%s,%s,%s\n"):format(quoted(name), kind, quoted(text))
    else
      local old = stored[name]
      unseen[name] = nil
      local off = old and old.kind == kind and (exact and (old.text == text and 0 or nil) or not exact and
        deviation(old.text, text))
      if off then worst = math.max(worst, off) end
      if not off or off > (tol or 0) then
        wrong[#wrong + 1] = ("%s (%s)\n  was %s\n  is  %s%s"):format(name, kind, old and old.text or "not there", text,
          off and ("\n  off by %.2g, tolerance %.2g"):format(off, tol) or "")
      end
    end
  end
  if reporting then
    print(("REPORT %-58s %4d rows %5.0f ms%s"):format(entry.name, #rows, (os.clock() - start) * 1000,
      kind == "exact" and " exact" or (" tol %.0e worst %.1e = %.1e tol"):format(tol, worst, worst / tol)))
  end
  if #wrong > 0 then lu.fail(("%d of %d rows differ:\n%s"):format(#wrong, #rows, table.concat(wrong, "\n", 1,
    math.min(#wrong, 8)))) end
end

for i, entry in ipairs(results) do
  TestDigest[("test_%03d_%s"):format(i, entry.name:gsub("[^%w]+", "_"))] = function() check(entry) end
end

-- Comes last by its name: rows that no entry made, or the new file.
function TestDigest.test_zzz_rows_are_all_there()
  if writing then
    local file = assert(io.open(csv, "wb"))
    assert(file:write(table.concat(written)))
    assert(file:close())
    print(("%s: %d rows written"):format(csv, #written - 1))
    return
  end
  local left = {}
  for name in pairs(unseen) do left[#left + 1] = name end
  table.sort(left)
  lu.assertEquals(left, {})
end

os.exit(lu.LuaUnit.run())
