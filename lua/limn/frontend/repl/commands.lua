-- limn/frontend/repl/commands.lua: commands of the prompt, which begin with ":". Each is { text of :help, function(rest
-- of the line) }.

local native = require "limn.native"
local cell = require "limn.frontend.repl.cell"
local check = require "limn.base.check"
local frames = require "limn.frontend.repl.frames"
local kept = require "limn.frontend.repl.kept"
local pager = require "limn.frontend.repl.pager"
local shell = require "limn.frontend.repl.shell"
local values = require "limn.frontend.repl.values"
local errors = require "limn.frontend.repl.errors"
local scope = require "limn.frontend.repl.scope"

local posix = native.posix
local commands = {}

-- The prompt sets show(source, ...) and prompt(env); `session` lists the executed chunks.
commands.session = {}
local set = {} -- the commands

-- Compiles the code after a command, or raises Lua's message.
local function compiled(code)
  if code == "" then error("expected Lua code after the command", 0) end
  local f, message = cell.compile(code, "=stdin")
  if not f then error(errors.syntax(message, code), 0) end
  errors.begin(code)
  return f
end

local function seconds(t)
  if t < 1e-6 then return ("%.3g ns"):format(t * 1e9) end
  if t < 1e-3 then return ("%.3g us"):format(t * 1e6) end
  if t < 1 then return ("%.3g ms"):format(t * 1e3) end
  return ("%.3g s"):format(t)
end

local documented = { limn = true, help = true, apropos = true } -- globals with entries in help

-- The entry of a name: of a global first, then of limn's documentation, then of a command.
local function meaning(name, source)
  local complete = require "limn.frontend.repl.complete"
  local own = not documented[name:match "^[^%.:]*"] and complete.about(name, source)
  if own then return own end
  local text, message = require("limn.docs.help").text(name)
  local command = set[name:match "^:?(%a+)$"]
  if not text and command then text = (":%s %s"):format(name:match "%a+", command[1]) end
  text = text or complete.about(name, source) or message
  local code = source and complete.source(name)
  return code and text .. "\n\n" .. code or text
end

set.help = { "[NAME]  this list, or help on a name (?name; with its source: ??name)", function(name, source)
  if name ~= "" then return pager.print(meaning(name, source)) end
  local names = {}
  for key in pairs(set) do names[#names + 1] = key end
  table.sort(names)
  local lines = { "an expression prints its value and assigns it to ans; a ; at the end suppresses output",
    "_ is the last result, __ the one before, _1 the first of the session (:results lists them)",
    "<TAB> completes names, Ctrl-C interrupts, !command runs a command of the shell",
    "Return runs a complete block, Alt-Return adds a line, Ctrl-R searches the history, Ctrl-_ undoes",
    "help(f) or ?name explains a function, apropos \"word\" searches the documentation" }
  for _, key in ipairs(names) do lines[#lines + 1] = (":%-8s %s"):format(key, set[key][1]) end
  pager.print(table.concat(lines, "\n"))
end }

set.quit = { "quit (or Ctrl-D)", function()
  local ended = native.error("exit", ":quit ends a prompt")
  ended.code = 0
  error(ended, 0)
end }

set.time = { "CODE  run it and print the time it took", function(code)
  local f = compiled(code)
  local start, cpu = posix.now(), os.clock()
  commands.show("", f())
  print(("%s, %s of CPU"):format(seconds(posix.now() - start), seconds(os.clock() - cpu)))
end }

set.bench = { "CODE  run it repeatedly: median and quartiles of its time", function(code)
  local f, clock = compiled(code), posix.now
  local first = clock()
  f()
  local once = clock() - first
  local inner = math.max(1, math.floor(1e-4 / math.max(once, 1e-9))) -- short runs are timed in batches
  local times, start = {}, clock()
  repeat
    local before = clock()
    for _ = 1, inner do f() end
    times[#times + 1] = (clock() - before) / inner
  until #times >= 3 and (clock() - start > 1 or #times >= 1000)
  table.sort(times)
  local function at(q) return times[math.max(1, math.ceil(q * #times))] end
  print(("median %s, half of the runs between %s and %s, fastest %s (%d runs%s)"):format(seconds(at(0.5)), seconds(at(0.25)),
    seconds(at(0.75)), seconds(times[1]), #times, inner > 1 and (" of %d"):format(inner) or ""))
end }

local ENTRY_BYTES = { f32 = 4, bool = 1 }

-- Memory of a value, where it is defined.
local function bytes(v)
  local class = check.typename(v)
  if class == "limn.array" then return v:size() * (ENTRY_BYTES[v:dtype()] or 8) end
  if type(v) == "string" then return #v end
  local ok, n = pcall(function() return type(v) == "userdata" and v.bytes end)
  return ok and math.type(n) and n or nil
end

local function size(n)
  if not n then return "" end
  for _, unit in ipairs { "B", "KiB", "MiB", "GiB" } do
    if n < 1024 or unit == "GiB" then return (unit == "B" and "%d %s" or "%.3g %s"):format(n, unit) end
    n = n / 1024
  end
end

commands.before = {}
for name in ("_G _VERSION arg assert collectgarbage coroutine debug dofile error getmetatable io ipairs load loadfile math next"
  .. " os package pairs pcall print rawequal rawget rawlen rawset require select setmetatable string table tonumber tostring"
  .. " type utf8 warn xpcall limn ans help apropos"):gmatch "%S+" do
  commands.before[name] = true
end

set.who = { "your globals: name, type, value, memory", function()
  local names, rows = {}, {}
  for name in next, scope.env do
    if not commands.before[name] then names[#names + 1] = tostring(name) end
  end
  table.sort(names)
  for i, name in ipairs(names) do
    local v = rawget(scope.env, name)
    local text = type(v) == "table" and not getmetatable(v) and ("%d entries"):format((function()
      local n = 0
      for _ in next, v do n = n + 1 end
      return n
    end)()) or values.short(v)
    rows[i] = { name, check.typename(v), #text > 60 and text:sub(1, 57) .. "..." or text, size(bytes(v)) }
  end
  if #rows == 0 then return print "no globals yet" end
  local widths = { 4, 4, 4 }
  for _, row in ipairs(rows) do for j = 1, 3 do widths[j] = math.max(widths[j], #row[j]) end end
  for _, row in ipairs(rows) do
    for j = 1, 3 do row[j] = row[j] .. (" "):rep(widths[j] - #row[j]) end
    print((table.concat(row, "  "):gsub("%s+$", "")))
  end
end }

-- Runs a script -> what it returns, or else the experiment that it declares last.
local function run_file(file)
  local f, message = loadfile(file, "t")
  if not f then error(message, 0) end
  errors.watched["@" .. file] = true
  local scripts = require "limn.experiment.script"
  local before, value = scripts.latest(), f()
  local declared = scripts.latest()
  if value == nil and declared ~= before then value = declared end
  return value
end

-- Whether a file is a table of results: a store, a CSV or an .npz.
local function is_table(path)
  local file, why = io.open(path, "rb")
  if not file then error(why, 0) end
  local head = file:read(15)
  file:close()
  return head == "SQLite format 3" or path:lower():find "%.csv$" or path:lower():find "%.npz$"
end

set.load = { "FILE  run a script into this session, or read a store, .csv or .npz; ans is what it returns or holds", function(file)
  if file == "" then error("expected a file after :load", 0) end
  local value
  if is_table(file) then
    local why
    value, why = require("limn.results").load(file)
    if not value then error(why, 0) end
    commands.recorded = ("ans = limn.results.load(%q)"):format(file)
  else
    value = run_file(file)
    commands.loaded, commands.recorded = file, ("dofile(%q)"):format(file)
  end
  if value ~= nil then
    local text = require("limn.frontend.repl").shown(file, value)
    if text then print(text) end
  end
end }

set.results = { "the last results: their numbers, types and values", function()
  if #kept.order == 0 then return print "no results yet" end
  for _, number in ipairs(kept.order) do
    local v = kept.values[number]
    print(("%-5s %-14s %s"):format("_" .. number, check.typename(v), values.line(v)))
  end
end }

set.cd = { "[FOLDER]  change the folder of the program, or print it", shell.cd }

-- The file and the line of a function by its name; nil for anything else.
local function place_of(name)
  local info = require("limn.frontend.repl.complete").place(name)
  return info and info.source:match "^@(.*)$", info and info.linedefined
end

set.edit = { "[FILE | FUNCTION]  open $EDITOR on it, or on the last block, and run it", function(what)
  shell.edit(what, { last = commands.session[#commands.session], load = set.load[2], source = place_of,
    run = function(text)
      print(text)
      commands.show(text, compiled(text)())
    end })
end }

set.debug = { "[N]  the variables of the functions that were running when the last error was raised", function(rest)
  if #frames.list == 0 then error("no error in a function of yours has been raised", 0) end
  local n = rest == "" and 1 or math.tointeger(tonumber(rest))
  if not n or not frames.list[n] then error((":debug takes a number in 1 .. %d"):format(#frames.list), 0) end
  for i, frame in ipairs(frames.list) do
    print(i == n and frames.text(i) or ("%d  %s, %s"):format(i, frame.name, frame.place))
  end
  if commands.prompt then
    print(("a prompt in %s; Ctrl-D leaves it"):format(frames.list[n].name))
    commands.prompt(frames.scope(n, scope.env))
  end
end }

set.reload = { "[MODULE]  reload it, or the last :load file and all your modules", function(name)
  local names = {}
  if name ~= "" then
    if package.loaded[name] == nil then error(("no module %q is loaded"):format(name), 0) end
    names[1] = name
  else
    for key in pairs(package.loaded) do
      if not commands.modules[key] and not key:find "^limn" then names[#names + 1] = key end
    end
    table.sort(names)
  end
  for _, key in ipairs(names) do
    local old = package.loaded[key]
    package.loaded[key] = nil
    local ok, new = pcall(require, key)
    if not ok then
      package.loaded[key] = old
      error(new, 0)
    end
    for global, v in next, _G do if rawequal(v, old) then rawset(_G, global, new) end end
  end
  if name == "" and commands.loaded then
    run_file(commands.loaded)
    names[#names + 1] = commands.loaded
  end
  print(#names > 0 and "reloaded: " .. table.concat(names, ", ") or "nothing to reload")
end }
-- The modules that were loaded before the user's first line.
commands.modules = {}
for key in pairs(package.loaded) do commands.modules[key] = true end

set.save = { "FILE  write the lines of this session as a script", function(file)
  if file == "" then error("expected a file after :save", 0) end
  local there = io.open(file, "r")
  if there then
    there:close()
    error(file .. " exists already; choose another name", 0)
  end
  local out = { "-- " .. file .. ": a session of limn " .. require("limn").version .. " on " .. os.date "%Y-%m-%d",
    'limn = require "limn"' }
  for _, code in ipairs(commands.session) do
    local expression = load("return " .. code, "=stdin", "t")
    local call = expression and load(code, "=stdin", "t")
    out[#out + 1] = call and code or expression and "ans = " .. code:gsub(";%s*$", "") or code
  end
  local path, message = native.files.put(file, table.concat(out, "\n") .. "\n")
  if not path then error(message, 0) end
  print(("wrote %s, %d lines"):format(file, #out))
end }

set.show = { "CODE  draw a figure on the screen; print any other value completely", function(code)
  local v = compiled(code)()
  if check.typename(v):find "^limn%.plot%." and v.show then
    local ok, message = v:show()
    if not ok then error(message, 0) end
    return
  end
  if check.typename(v) == "limn.array" then
    local rows = v:totable()
    for i = 1, #rows do print(type(rows[i]) == "table" and table.concat(rows[i], "  ") or rows[i]) end
    return
  end
  print(values.full(v))
end }

set.set = { "digits N | digits off | seed N  significant digits of printed numbers; math.randomseed", function(rest)
  local name, text = rest:match "^(%a+)%s+(%S+)$"
  local n = text and math.tointeger(tonumber(text))
  if name == "digits" and (text == "off" or n and n >= 1 and n <= 17) then
    values.digits = n
  elseif name == "seed" and n then
    math.randomseed(n)
    commands.seed = n
  elseif rest == "" then
    print(("digits %s\nseed   %s"):format(values.digits or "off: numbers as in Lua, arrays with 4 digits after the point",
      commands.seed or "not set; limn's own streams have seed 1 by default"))
  else
    error(":set digits 1..17, :set digits off, or :set seed N (a whole number)", 0)
  end
end }

set.env = { "versions, machine, threads, settings", function()
  local limn = require "limn"
  local info = limn.info()
  for _, key in ipairs { "version", "lua", "cpu", "isa", "threads", "blas", "blas_core", "compiler" } do
    print(("%-12s %s"):format(key, tostring(info[key])))
  end
  for _, name in ipairs { "LIMN_THREADS", "LIMN_ISA", "LIMN_SHOW", "NO_COLOR", "TERM" } do
    print(("%-12s %s"):format(name, os.getenv(name) or "(not set)"))
  end
end }

commands.set = set
return commands
