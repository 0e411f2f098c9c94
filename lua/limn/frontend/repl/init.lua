-- limn/frontend/repl/init.lua: the functions of the prompt beyond those of stock Lua. The program calls begin, compile,
-- show, command, unfinished, paste, complete, hint, handler and syntax; other front ends use shown, choices and about.

local check = require "limn.base.check"
local values = require "limn.frontend.repl.values"
local errors = require "limn.frontend.repl.errors"
local cell = require "limn.frontend.repl.cell"
local commands = require "limn.frontend.repl.commands"
local frames = require "limn.frontend.repl.frames"
local kept = require "limn.frontend.repl.kept"
local pager = require "limn.frontend.repl.pager"
local scope = require "limn.frontend.repl.scope"

local repl = { text = values.text, begin = errors.begin, handler = errors.handler, syntax = errors.syntax,
  compile = cell.compile,
  commands = commands.set }

-- The completer is loaded when <TAB> is first pressed.
local function completer() return require "limn.frontend.repl.complete" end
function repl.choices(...) return completer().choices(...) end
function repl.complete(...) return completer().complete(...) end
function repl.about(...) return completer().about(...) end
function repl.source(...) return completer().source(...) end
function repl.hint(...) return completer().hint(...) end

-- The text of the values of a line, or nil; a `;` at the end of the line suppresses it. The first value is assigned to
-- `ans` and kept as a result: that of cell repl.number in a notebook.
function repl.shown(source, ...)
  local n = select("#", ...)
  local list = { ... }
  if n == 0 or list[1] == io.stdout or list[1] == io.stderr then return nil end -- the latter are results of write
  if list[1] ~= nil then
    rawset(scope.env, "ans", list[1])
    kept.keep(list[1], repl.number)
  end
  if source:match ";%s*$" then return nil end
  local parts = {}
  for i = 1, n do parts[i] = values.text(list[i]) end
  for i = 1, n - 1 do if parts[i]:find "\n" then return table.concat(parts, "\n") end end
  return table.concat(parts, "\t")
end

function repl.show(source, ...)
  local text = repl.shown(source, ...)
  if text then print(text) end
  if source == "" then return end
  table.insert(commands.session, source)
  if source:find "^%s*local%s" and not source:find "\n" and not repl.told then
    repl.told = true
    io.stderr:write "note: a local variable ends with its line; omit `local` to keep the value\n"
  end
end
commands.show = repl.show

-- Pasted text, with uniform line ends and without copied prompts and the output between them.
function repl.paste(text)
  text = text:gsub("\r\n?", "\n")
  if not text:find "^%s*limn> " and not text:find "\nlimn> " then return text end
  local out, prompt = {}, false
  for line in (text .. "\n"):gmatch "(.-)\n" do
    local code = line:match "^%s*limn> ?(.*)$"
    local more = prompt and line:match "^%s*%.%.%.%.> ?(.*)$"
    prompt = code ~= nil or more ~= nil and more ~= false
    if prompt then out[#out + 1] = code or more end
  end
  return table.concat(out, "\n")
end

local function own_help(...) return require "limn.docs.help"(...) end

local function run_command(name, rest)
  local command = commands.set[name]
  if not command then
    local near = check.nearest(name, commands.set)
    error((":%s is not a command%s"):format(name, near and ("; did you mean :%s?"):format(near) or "; :help lists them"), 0)
  end
  command[2](rest)
  if name == "load" then table.insert(commands.session, commands.recorded) end
end

-- What a line that begins with ":", "?" or "!", or is `help` or NAME:help alone, executes: a function and its arguments.
-- nil for any other line.
local function command_of(line)
  if line:find "^%s*help%s*$" and scope.env.help == own_help then return function() own_help() end end
  local asked = line:match "^%s*%?%s*(.-)%s*$" or line:match "^%s*([%a_][%w_%.:]*%?+)%s*$"
    or line:match "^%s*([%a_][%w_%.]*):help%s*$"
  if asked then
    local bare = asked:gsub("^%?", ""):gsub("%?+$", "")
    return commands.set.help[2], bare == "" and "limn" or bare, asked:find "^%?" or asked:find "%?%?$"
  end
  local of_shell = line:match "^%s*!%s*(.-)%s*$"
  if of_shell then return require("limn.frontend.repl.shell").run, of_shell end
  local name, rest = line:match "^%s*:(%a+)%s*(.-)%s*$"
  if name then return run_command, name, rest end
end

-- Executes such a line and returns true. Returns nil for any other line, and a line with a pasted prompt without that
-- prompt.
function repl.command(line)
  if line:find "^%s*limn> " then return repl.paste(line) end
  local run, first, second = command_of(line)
  if not run then return nil end
  run(first, second)
  return true
end

-- Whether a text at the prompt is the begin of a longer chunk.
function repl.unfinished(text)
  if command_of(text) then return false end
  return cell.state((repl.paste(text):gsub("^=", "return "))) == "incomplete"
end

-- Runs the commands of the prompt (:name, ?name, !command) that a cell begins with -> the rest, its lines at their
-- places; nil where nothing is left.
function repl.after_commands(code)
  local done = ""
  while true do
    local line, rest = code:match "^([^\n]*)(.*)$"
    local command = line:find "%S" and repl.command(line)
    if type(command) == "string" then return done .. command .. rest end
    if command ~= true and line:find "%S" then return done .. code end
    if rest == "" then return command ~= true and done .. code or nil end
    done, code = done .. "\n", rest:sub(2)
  end
end

-- Adds help and apropos to the globals, and a warning about undefined names.
function repl.start()
  rawset(_G, "help", own_help)
  rawset(_G, "apropos", function(word)
    local text, message = require("limn.docs.help").apropos(word)
    pager.print(text or message)
  end)
  errors.watch_globals()
end

-- ---- a prompt inside a script ---------------------------------------------------------------------------

-- Runs the prompt with `env` as its globals, until Ctrl-D.
local function prompt_in(env)
  local prompt, before = debug.getregistry()["limn.prompt"], scope.env
  scope.env = env
  local ok, message = pcall(prompt, env)
  scope.env = before
  if not ok then error(message, 0) end
end

-- A notebook has no prompt: there :debug only prints.
commands.prompt = debug.getregistry()["limn.prompt"] and function(env)
  local before = rawget(_G, "_PROMPT")
  rawset(_G, "_PROMPT", "debug> ")
  local ok, message = pcall(prompt_in, env)
  rawset(_G, "_PROMPT", before)
  if not ok then error(message, 0) end
end

-- limn.repl{env=}: the prompt, until Ctrl-D -> the last value. Its variables are those of env (default: copies of the
-- caller's locals), with the globals behind them.
local function within(_, options, ...)
  if select("#", ...) > 0 then check.surplus("repl", 1, 1 + select("#", ...)) end
  local o = check.options("repl", options or {}, { env = { type = "table" } })
  if not debug.getregistry()["limn.prompt"] then
    check.fail "repl: there is no prompt here; the program limn has one on a terminal (in a notebook, :debug shows variables)"
  end
  local env = o.env or frames.variables(2)
  local bare = getmetatable(env) == nil and env ~= _G
  if bare then setmetatable(env, { __index = _G }) end
  local ok, message = pcall(prompt_in, env)
  if bare then setmetatable(env, nil) end
  if not ok then error(message, 0) end
  return rawget(env, "ans")
end

return setmetatable(repl, { __call = within })
