-- limn/base/check.lua: arguments of Lua-side functions, and errors that blame the caller's line.
-- Every message names the function, the argument, what was expected and what came.

local native = require "limn.native"

local check = {}

-- Raises "file:line: text" where the line is the nearest one outside limn's own files.
function check.fail(format, ...)
  error(native.where() .. string.format(format, ...), 0)
end

-- Errors that limn's own code tells apart are values with a kind; functions that return nil, message give the kind as
-- a third value. A kind is never read from a message. All kinds:
--   interrupted  Ctrl-C, or a host's cancel flag
--   time_limit   a sweep's time is up; the same command goes on
--   damaged      a file is not what was written to it
--   busy         another process has the file
--   io           the disk or the file system failed
--   usage        a command line that cannot be understood

-- The kind of an error value, nil for other errors.
function check.kind(e) return native.typename(e) == "limn.error" and e.kind or nil end

-- Raises an error of a kind at the user's line.
function check.raise(kind, format, ...) error(native.error(kind, native.where() .. string.format(format, ...)), 0) end

-- The first line of a text, for messages that have to fit into one.
function check.first_line(text) return text:match "^[^\n]*" end

-- What to call a value in a message: its type, or its class's name.
function check.typename(value)
  return native.typename(value)
end

-- How a value is shown in a message: short, on one line.
function check.show(value)
  if type(value) == "string" then return string.format("%q", #value > 40 and value:sub(1, 37) .. "..." or value) end
  if value ~= value then return "nan" end -- whose sign, which tostring shows, means nothing
  if type(value) == "number" or type(value) == "boolean" or value == nil then return tostring(value) end
  return check.typename(value)
end

-- Edit distance (Levenshtein's; two letters that changed places count once), for "did you mean".
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

-- The name in `known` (a table keyed by name) nearest to `name`, or nil if none is near.
function check.nearest(name, known)
  local best, least = nil, math.max(2, #name // 2) + 1
  for candidate in pairs(known) do
    if type(candidate) == "string" then
      local d = check.distance(name, candidate)
      if d < least or (d == least and best and candidate < best) then best, least = candidate, d end
    end
  end
  return best
end

-- Complains that `who`, which takes `most` arguments, got more: an argument that nobody reads is a mistake of the
-- caller's, as an unknown option is.
function check.surplus(who, most, got)
  local takes = most == 0 and "no arguments" or most == 1 and "at most 1 argument" or ("at most %d arguments"):format(most)
  check.fail("%s: takes %s, got %d (a call in last place passes all its results, (f(x)) passes one)", who, takes, got)
end

local originals = setmetatable({}, { __mode = "k" })

-- The function behind one that `sealed` made; another function as it is. For what shows its source.
function check.original(f) return originals[f] or f end

local function guarded(who, f, receiver)
  local most = debug.getinfo(f, "u").nparams
  local function guard(...)
    local got = select("#", ...)
    if got > most then
      if receiver then check.self(who, (...), receiver) end
      check.surplus(who, receiver and most - 1 or most, receiver and got - 1 or got)
    end
    return f(...)
  end
  originals[guard] = f
  return guard
end

-- Makes the public functions of a module ("regress.") or the methods of a class ("net:", whose type name is functions.__name
-- or `class`) refuse surplus arguments; those in C, those that take any number, and metamethods stay as they are. Returns
-- the table.
function check.sealed(prefix, functions, class)
  local receiver = prefix:sub(-1) == ":" and (class or functions.__name) or nil
  for name, f in pairs(functions) do
    if type(f) == "function" and name:sub(1, 2) ~= "__" and not debug.getinfo(f, "u").isvararg then
      functions[name] = guarded(prefix .. name, f, receiver)
    end
  end
  return functions
end

-- A whole number as an integer, 3.0 too; nil for what is none, and for a float from 2^53 on, whose neighbours are missing:
-- it may have been meant to be another number.
local function whole(value)
  if math.type(value) == "float" and math.abs(value) >= 2 ^ 53 then return nil end
  return type(value) == "number" and math.tointeger(value) or nil
end

-- What stands before the colon of a method, against the class that the method belongs to.
function check.self(who, self, class)
  if check.typename(self) ~= class then
    check.fail("%s: expected a %s before the colon, got %s (is it called with a dot?)", who, class, check.show(self))
  end
end

-- One value against a rule; returns it, normalised.
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
        rounded and ", a float too large to be exact: write it without point and exponent" or "")
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

-- The keys of a table in an order that does not change from run to run: of several errors the same is named first.
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

-- The name that an option was given since, or nil: a rule may have was = "its old name", which is accepted silently.
local function renamed(rules, key)
  for name, rule in pairs(rules) do if rule.was == key then return name end end
end

-- An options table against rules by name; unknown keys are errors that name the nearest known one. Unknown keys are
-- complained of first, then values, then what is missing, each in the order of the names. Returns a new table with
-- defaults filled in.
function check.options(who, options, rules)
  if options == nil then options = {} end
  if type(options) ~= "table" then check.fail("%s: expected a table of options, got %s", who, check.show(options)) end
  local given, typed, out, missing = sorted(options), {}, {}, nil
  for i, key in ipairs(given) do
    local new = rules[key] == nil and renamed(rules, key)
    if new then
      if options[new] ~= nil then check.fail("%s: %s is the old name of %s; give one of them", who, key, new) end
      options = setmetatable({ [new] = options[key] }, { __index = options })
      given[i], typed[new] = new, key -- a message names what was typed
    elseif rules[key] == nil then
      local near = type(key) == "string" and check.nearest(key, rules)
      check.fail("%s: unknown option %s%s", who, check.show(key), near and string.format("; did you mean %q?", near) or "")
    end
  end
  for _, name in ipairs(given) do out[name] = check.value(who, typed[name] or name, options[name], rules[name]) end
  for name, rule in pairs(rules) do
    if out[name] == nil then -- not given, or inherited: a table of options may have an __index
      if options[name] == nil then
        out[name] = rule.default
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
