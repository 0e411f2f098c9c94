-- limn/docs/cite.lua: limn.cite: BibTeX entries of limn and of the literature that functions rest on. The stubs' sources
-- name the equations of a function, and limn.docs.references names the literature of an equation.

local check = require "limn.base.check"
local system = require "limn.base.system"
local native = require "limn.native"
local references = require "limn.docs.references"
local stubs = require "limn.docs"

local cite = {}

local LIMN = [[
@software{limn,
  author = {%s},
  title = {{%s}},
  version = {%s},
  year = {2026},
}]]

-- The code of a script without comments, with the names that it gives to modules written out: "stats.mean" becomes
-- "limn.stats.mean" after "local stats = limn.stats".
local function expanded(code)
  code = code:gsub("%-%-%[%[.-%]%]", ""):gsub("%-%-[^\n]*", "")
  local aliases = {}
  for names, values in code:gmatch "local ([%w_, ]+) = ([^\n]*)" do
    local list = {}
    for value in (values .. ","):gmatch "%s*(.-)%s*," do list[#list + 1] = value end
    local k = 0
    for name in names:gmatch "[%w_]+" do
      k = k + 1
      local module = (list[k] or ""):match "^limn%.([%w_.]+)$" or (list[k] or ""):match [[^require%s*%(?%s*["']limn%.([%w_.]+)["']%)?$]]
      if module then aliases[name] = "limn." .. module end
    end
  end
  return (code:gsub("()%f[%w_]([%w_]+)%.", function(at, name)
    if code:sub(at - 1, at - 1):find "[.:]" then return nil end
    return aliases[name] and aliases[name] .. "." or nil
  end))
end

-- The documented functions that a script calls. A method is one of any object that has it and whose module the script
-- names: the list may be too long, but not too short.
local function called(code)
  code = expanded(code)
  local list = {}
  local function uses(module) return code:find("limn%." .. module .. "%f[^%w_]") ~= nil end
  for _, entry in ipairs(stubs.read().order) do
    local found
    if entry.method then
      local here = entry.file == "array" or uses(entry.file) or entry.file == "results" and uses "experiment"
      found = here and code:find(":" .. entry.short .. "%s*[({\"']")
    else
      found = code:find("limn%." .. entry.name:gsub("%.", "%%.") .. "%f[^%w_]")
    end
    if found then list[#list + 1] = entry end
  end
  return list
end

-- The functions of one argument of cite: a script, or the name of a function.
local function functions_of(what)
  if what:find "%.lua$" then
    local code = system.text_of(what)
    if not code then check.fail("cite: cannot read %s", what) end
    return called(code)
  end
  local name = what:gsub("^limn%.", "")
  local entry = stubs.read().entries[name]
  if not entry then
    local near = check.nearest(name, stubs.read().entries)
    check.fail("cite: %q is neither a script (a path that ends in .lua) nor a function%s", what,
      near and ("; did you mean %q?"):format(near) or "")
  end
  return { entry }
end

-- The keys of the references of functions, in the order of the list of references.
local function keys_of(entries)
  local used, keys = {}, {}
  for _, entry in ipairs(entries) do
    local numbers = (entry.source or ""):match "%(eq%. ([%d, ]+)%)%.?$" or ""
    for n in numbers:gmatch "%d+" do
      for _, key in ipairs(references.equations[tonumber(n)]) do used[key] = true end
    end
  end
  for _, r in ipairs(references.list) do if used[r.key] then keys[#keys + 1] = r.key end end
  return keys
end

-- Prints BibTeX: limn, then what the functions of `what` rest on. what: a script, the name of a function, or a list of them;
-- by default the script that runs.
function cite.cite(what)
  if what == nil then
    local script = rawget(_G, "arg") and arg[0]
    what = type(script) == "string" and script:find "%.lua$" and system.text_of(script) and script or {}
  end
  if type(what) == "string" then what = { what } end
  if type(what) ~= "table" then
    check.fail("cite: expected a script, the name of a function, or a list of them, got %s", check.show(what))
  end
  local entries = {}
  for i, one in ipairs(what) do
    if type(one) ~= "string" then
      check.fail("cite: entry %d must be a script or the name of a function, got %s", i, check.show(one))
    end
    for _, entry in ipairs(functions_of(one)) do entries[#entries + 1] = entry end
  end
  local out = { LIMN:format("The limn authors", system.TITLE, native.version) }
  for _, key in ipairs(keys_of(entries)) do out[#out + 1] = references.bibtex(key) end
  print(table.concat(out, "\n\n"))
end

return check.sealed("", cite)
