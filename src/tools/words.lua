-- words.lua: words that comments, messages and documents do not use, each with the term to use instead. They are metaphors,
-- or describe code as a person. `lua5.4 src/tools/words.lua FILE...` prints "file:line: word: term" and exits with 1 if
-- there are any. Checked: comments, strings of several words, and text outside of code in Markdown; identifiers are not.

local terms = {
  bears = "permits, is stable for, carries (name the quantity)",
  blames = "reports the position of",
  deafen = "ignore the signal",
  dear = "expensive",
  dearer = "more expensive",
  dies = "ends, is killed",
  door = "interface, entry point",
  doors = "interfaces, entry points",
  forgets = "discards, resets",
  ["gave out"] = "failed",
  ["gives out"] = "fails",
  hears = "receives",
  ["keeps quiet"] = "prints nothing",
  knows = "has, supports, reads",
  manners = "checks, defaults, methods",
  rubbish = "undefined, invalid",
  speaks = "refers to, names",
  spoilt = "overwritten",
  swallowed = "lost, ignored",
  ["taken up"] = "resumed, claimed",
  tells = "states, returns, distinguishes",
  ["through with"] = "has finished",
  thinks = "assumes, computes",
  ["worked off"] = "processed",
}

local words = { terms = terms }

-- The end of a string that begins at `at` with `quote`.
local function string_end(text, at, quote)
  local stop = at
  repeat
    stop = text:find("[\\\n" .. quote .. "]", stop + 1) or #text
    if text:sub(stop, stop) == "\\" then stop = stop + 1 end
  until text:sub(stop, stop) == quote or text:sub(stop, stop) == "\n" or stop >= #text
  return stop
end

-- Calls visit(position, text) for each comment and each string of several words in C or Lua.
local function each_comment(text, lua, visit)
  local at = 1
  while true do
    local from = text:find(lua and "[-\"'%[]" or "[/\"']", at)
    if not from then return end
    local two = text:sub(from, from + 1)
    local stop = from
    local level = lua and (text:match("^%-%-%[(=*)%[", from) or text:match("^%[(=*)%[", from))
    if level then stop = select(2, text:find("]" .. level .. "]", from, true)) or #text
    elseif lua and two == "--" or two == "//" then stop = text:find("\n", from, true) or #text
    elseif two == "/*" then stop = select(2, text:find("*/", from + 2, true)) or #text
    elseif text:find("^[\"']", from) then
      stop = string_end(text, from, text:sub(from, from))
      if not text:sub(from, stop):find "%S%s+%S" then from = nil end
    else from = nil end
    if from then visit(from, text:sub(from, stop)) end
    at = stop + 1
  end
end

-- Markdown with blanks in place of code.
local function prose(text)
  local function blank(code) return (code:gsub("[^\n]", " ")) end
  return (("\n" .. text):gsub("\n```.-\n```", blank):gsub("`[^`\n]*`", blank):sub(2))
end

-- text of a file called `name` -> { "name:line: word: term", ... }
function words.check(text, name)
  local found = {}
  local function visit(start, part)
    local low = part:lower():gsub("`[^`\n]*`", function(code) return (code:gsub("[^\n]", " ")) end)
    for word, term in pairs(terms) do
      local pattern = "%f[%w_]" .. word:gsub(" ", "[%%s*-]+") .. "%f[^%w_]"
      local at = low:find(pattern)
      while at do
        local _, line = text:sub(1, start + at - 2):gsub("\n", "")
        found[#found + 1] = ("%s:%d: %q: %s"):format(name, line + 1, word, term)
        at = low:find(pattern, at + 1)
      end
    end
  end
  if name:find "%.lua$" then each_comment(text, true, visit)
  elseif name:find "%.[ch]$" then each_comment(text, false, visit)
  elseif name:find "%.md$" then visit(1, prose(text))
  else visit(1, text) end
  table.sort(found)
  return found
end

if arg and arg[0] and arg[0]:find "words%.lua$" then
  local bad = false
  for _, name in ipairs(arg) do
    local file <close> = assert(io.open(name, "rb"))
    if not name:find "tools/words%.lua$" then
      for _, line in ipairs(words.check(file:read "a", name)) do
        io.stderr:write("lint: ", line, "\n")
        bad = true
      end
    end
  end
  os.exit(not bad)
end
return words
