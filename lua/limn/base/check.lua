-- limn/base/check.lua: argument checks for functions in Lua; errors are raised at the caller's line.
-- Every message names the function, the argument, the expected value and the value received.

local native = require "limn.native"
local aliases = require "limn.base.aliases"

local check = {}

-- Raises "file:line: text"; the line is the innermost one in the call stack outside limn's own files.
function check.fail(format, ...)
  error(native.where() .. string.format(format, ...), 0)
end

-- Errors that limn's own code distinguishes are values with a kind; functions that return nil, message return the kind
-- as a third value. A kind is never inferred from the message. All kinds:
--   interrupted  Ctrl-C, or the host's cancel flag
--   alike        the first cells of a sweep have all failed alike
--   time_limit   the time limit of a sweep has passed; the same command resumes it
--   too_long     no cell of a sweep finishes within its time limit: to try again is useless
--   parked       a cell has saved where it is and ends, to go on with the next start
--   stale        recorded cells are outdated, and cost too much to be computed again unasked
--   damaged      the contents of a file differ from what was written
--   empty        the file holds nothing
--   busy         another process holds the file
--   io           the disk or the file system failed
--   usage        invalid command line
--   exit         the script or the prompt ends with the exit code in the field code
--   stopped      the callback `each` of a sweep has returned false

-- The kind of an error value, nil for other errors.
function check.kind(e) return native.typename(e) == "limn.error" and e.kind or nil end

-- Raises an error of a kind at the user's line.
function check.raise(kind, format, ...) error(native.error(kind, native.where() .. string.format(format, ...)), 0) end

-- The first line of a text, for messages limited to one line.
function check.first_line(text) return text:match "^[^\n]*" end

-- The type of a value, or the name of its class.
function check.typename(value)
  return native.typename(value)
end

-- A value as text for a message: short, on one line.
function check.show(value)
  if type(value) == "string" then return string.format("%q", #value > 40 and value:sub(1, 37) .. "..." or value) end
  if value ~= value then return "nan" end -- tostring prints "-nan" or "nan"; the sign has no meaning
  if type(value) == "number" or type(value) == "boolean" or value == nil then return tostring(value) end
  return check.typename(value)
end

-- Edit distance for "did you mean": insertion, deletion, substitution and transposition of adjacent letters cost 1 each
-- (Damerau-Levenshtein, restricted).
function check.distance(a, b)
  local previous, before = {}, nil
  for j = 0, #b do previous[j] = j end
  for i = 1, #a do
    local row = { [0] = i }
    for j = 1, #b do
      local cost = a:byte(i) == b:byte(j) and 0 or 1
      row[j] = math.min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + cost)
      if before and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        row[j] = math.min(row[j], before[j - 2] + 1)
      end
    end
    before, previous = previous, row
  end
  return previous[#b]
end

-- The number of characters with which both names begin.
local function common(a, b)
  local n = 0
  while n < #a and a:byte(n + 1) == b:byte(n + 1) do n = n + 1 end
  return n
end

-- The name in `known` (a table keyed by name) with the least edit distance to `name`, of several the one with the longest
-- common beginning; nil if the distance exceeds half the length of `name` (and 2).
function check.nearest(name, known)
  local best, least, longest = nil, math.max(2, #name // 2) + 1, 0
  for candidate in pairs(known) do
    if type(candidate) == "string" then
      local d = check.distance(name, candidate)
      if d <= least then
        local same = common(name, candidate)
        if d < least or best and (same > longest or same == longest and candidate < best) then
          best, least, longest = candidate, d, same
        end
      end
    end
  end
  return best
end

-- Raises an error: `who` takes `most` arguments and received `got`. A surplus argument is an error because it would
-- have no effect, like an unknown option.
function check.surplus(who, most, got)
  local takes = most == 0 and "no arguments" or most == 1 and "at most 1 argument" or ("at most %d arguments"):format(most)
  check.fail("%s: takes %s, got %d (a call as the last argument passes all its results; (f(x)) passes only the first)",
    who, takes, got)
end

-- How options are given: `line{x =, y =, ..}`; those that are needed come first.
local function by_name(who, rules)
  local names, given = {}, {}
  local function add(name)
    if rules[name] and not given[name] and #names < 4 then
      given[name] = true
      names[#names + 1] = name .. " ="
    end
  end
  local known = {}
  for name in pairs(rules) do known[#known + 1] = name end
  table.sort(known)
  for _, name in ipairs(known) do if rules[name].required then add(name) end end
  for _, name in ipairs { "x", "y" } do add(name) end
  if #names == 0 then for _, name in ipairs(known) do add(name) end end
  return ("options go by name: %s{%s%s}"):format(who:match "[%w_]+$" or who, table.concat(names, ", "),
    #names < #known and ", .." or "")
end

-- While this is a function, check.options calls it with its rules instead of checking.
local capture

-- The rules of the options of a function whose only argument they are, or nil.
local function rules_of(f, receiver, self)
  local rules
  capture = function(r)
    rules, capture = r, nil
    error(native.error("usage", ""), 0)
  end
  pcall(f, table.unpack(receiver and { self, {} } or { {} }))
  capture = nil
  return rules
end

local originals = setmetatable({}, { __mode = "k" })

-- The function wrapped by `sealed`; any other function is returned unchanged. Used where the source is displayed.
function check.original(f) return originals[f] or f end

local function guarded(who, f, receiver, always)
  local most = debug.getinfo(f, "u").nparams
  local function guard(...)
    local got = select("#", ...)
    if always then check.self(who, (...), receiver) end
    if got > most then
      if receiver then check.self(who, (...), receiver) end
      local single = debug.getlocal(f, most) == "options" and most == (receiver and 2 or 1)
      local rules = single and rules_of(f, receiver, (...))
      local argument = receiver and got - 1 or got
      if rules then check.fail("%s: takes at most 1 argument, got %d; %s", who, argument, by_name(who, rules)) end
      check.surplus(who, receiver and most - 1 or most, receiver and got - 1 or got)
    end
    return f(...)
  end
  originals[guard] = f
  return guard
end

-- Wraps the public functions of a module (prefix "regress.") or the methods of a class (prefix "net:"; its type name is
-- functions.__name or `class`) so that surplus arguments are errors; with `always` another receiver is an error too, in
-- classes whose methods do not check it themselves. C functions, variadic functions and metamethods are left unchanged.
-- Returns the table.
function check.sealed(prefix, functions, class, always)
  local receiver = prefix:sub(-1) == ":" and (class or functions.__name) or nil
  for name, f in pairs(functions) do
    if type(f) == "function" and name:sub(1, 2) ~= "__" and not debug.getinfo(f, "u").isvararg then
      functions[name] = guarded(prefix .. name, f, receiver, always)
    end
  end
  return functions
end

-- A whole number as an integer (3.0 gives 3). nil for other values, and for floats of magnitude 2^53 or more: these may
-- have been rounded from another integer.
local function whole(value)
  if math.type(value) == "float" and math.abs(value) >= 2 ^ 53 then return nil end
  return type(value) == "number" and math.tointeger(value) or nil
end

-- Checks that the receiver of a method call, the value before the colon, is of the class of the method.
function check.self(who, self, class)
  if check.typename(self) ~= class then
    check.fail("%s: expected a %s before the colon, got %s (is it called with a dot?)", who, class, check.show(self))
  end
end

-- Checks one value against a rule; returns it, whole numbers as integers.
-- rule: { type = "integer"|"number"|"string"|"boolean"|"table"|"function"|"array"|"any",
--         min =, max =, one_of = {..}, default =, required = true, finite = false }
function check.value(who, name, value, rule)
  if value == nil then
    if rule.required then check.fail("%s: %s is missing (expected %s)", who, name, rule.help or rule.type or "a value") end
    return rule.default
  end
  local want = rule.type
  if want == "integer" then
    local n = whole(value)
    if not n then
      local rounded = type(value) == "number" and value - value == 0 and value % 1 == 0
      check.fail("%s: %s must be a whole number, got %s%s", who, name, check.show(value),
        rounded and ", a float too large to be exact; write it without decimal point and exponent" or "")
    end
    value = n
  elseif want == "number" then
    if type(value) ~= "number" then check.fail("%s: %s must be a number, got %s", who, name, check.show(value)) end
    if value ~= value or (rule.finite ~= false and (value == math.huge or value == -math.huge)) then
      check.fail("%s: %s must be %s, got %s", who, name, rule.finite == false and "a number" or "finite", check.show(value))
    end
  elseif want == "array" then
    if check.typename(value) ~= "limn.array" and type(value) ~= "table" then
      check.fail("%s: %s must be an array or a table of numbers, got %s", who, name, check.show(value))
    end
  elseif want and want ~= "any" and type(value) ~= want then
    check.fail("%s: %s must be a %s, got %s", who, name, want, check.show(value))
  end
  if rule.min and value < rule.min then check.fail("%s: %s must be at least %s, got %s", who, name, rule.min, check.show(value)) end
  if rule.max and value > rule.max then check.fail("%s: %s must be at most %s, got %s", who, name, rule.max, check.show(value)) end
  if rule.one_of then
    local names = {}
    for _, allowed in ipairs(rule.one_of) do
      if allowed == value then return value end
      names[#names + 1] = check.show(allowed)
    end
    check.fail("%s: %s must be %s, got %s", who, name, table.concat(names, " or "), check.show(value))
  end
  return value
end

-- The name of a file or folder: a string that is not empty and holds no zero byte.
function check.path(who, name, value) return native.path(value, who, name) end

local ARRAY = { type = "array", required = true }

-- An array, or a table of numbers, rows or arrays, as an array.
function check.array(who, name, value)
  check.value(who, name, value, ARRAY)
  return check.typename(value) == "limn.array" and value or native.argument(value, who, name)
end

-- The keys of a table in a fixed order, so that of several errors the same one is reported in every run.
local function sorted(t)
  local keys = {}
  for key in pairs(t) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b)
    if type(a) ~= type(b) then return type(a) < type(b) end
    if type(a) == "string" or type(a) == "number" then return a < b end
    return tostring(a) < tostring(b)
  end)
  return keys
end

-- The current name of an option given by its old name, or nil. A rule with was = "old name" accepts the old name too.
local function renamed(rules, key)
  for name, rule in pairs(rules) do if rule.was == key then return name end end
end

-- The value of an option that is not given. Inside the measurement of an experiment a seed whose default is 1 is the
-- cell's own, another one at each call: what is made without a seed differs between replicates. It depends on the cell
-- and on the number of such calls before, in this cell; it is below 2^53, so that it is exact as a double.
local function default_of(name, rule)
  local cell = name == "seed" and rule.default == 1 and native.measuring
  if not cell then return rule.default end
  cell.seeds = cell.seeds + 1
  local _, key = native.posix.hash(("%s %d %d %d"):format(cell.id, cell.rep, cell.seed, cell.seeds))
  return key >> 10
end

-- What to write instead of an unknown option: the option of the same meaning, the nearest name, or all that there are.
function check.instead(who, key, rules)
  if type(key) ~= "string" then return by_name(who, rules) end
  local near = aliases.option(key, rules)
  if not near then
    local name = check.nearest(key, rules)
    near = name and check.distance(key, name) < #key and ("%q"):format(name)
  end
  if near then return ("did you mean %s?"):format(near) end
  local known = {}
  for name in pairs(rules) do known[#known + 1] = name end
  table.sort(known)
  return #known == 0 and "it takes none" or "it takes " .. table.concat(known, ", ")
end

-- Checks an options table against rules by name; the error for an unknown key suggests the nearest known one. Unknown
-- keys are reported first, then invalid values, then missing options, each in the order of the names. Returns a new
-- table with the defaults filled in.
function check.options(who, options, rules)
  if capture then capture(rules) end
  if options == nil then options = {} end
  if type(options) ~= "table" then
    check.fail("%s: expected a table of options, got %s; %s", who, check.show(options), by_name(who, rules))
  end
  local given, typed, out, missing = sorted(options), {}, {}, nil
  for i, key in ipairs(given) do
    local new = rules[key] == nil and renamed(rules, key)
    if new then
      if options[new] ~= nil then check.fail("%s: %s is the old name of %s; give one of them", who, key, new) end
      options = setmetatable({ [new] = options[key] }, { __index = options })
      given[i], typed[new] = new, key -- messages use the name that the user typed
    elseif rules[key] == nil then
      check.fail("%s: unknown option %s; %s", who, check.show(key), check.instead(who, key, rules))
    end
  end
  for _, name in ipairs(given) do out[name] = check.value(who, typed[name] or name, options[name], rules[name]) end
  for name, rule in pairs(rules) do
    if out[name] == nil then -- absent, or inherited through __index
      if options[name] == nil then
        out[name] = default_of(name, rule)
      else
        out[name] = check.value(who, name, options[name], rule)
      end
      if rule.required and out[name] == nil and (missing == nil or name < missing) then missing = name end
    end
  end
  if missing then check.value(who, missing, nil, rules[missing]) end
  return out
end

return check
