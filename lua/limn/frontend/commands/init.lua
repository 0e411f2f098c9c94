-- limn/frontend/commands/init.lua: the commands of the command line, limn COMMAND ARGS. Each is a file in this folder
-- that returns { summary = "one line", run = function(...) -> exit code }.

local check = require "limn.base.check"

local commands = {}

local listed = { "new", "store", "rerun", "slurm", "jupyter", "docs", "cite" }
local file_of = { kernel = "jupyter" } -- the former name is an alias
for _, name in ipairs(listed) do file_of[name] = name end

-- Loads a command by name; nil if it does not exist.
local function load(name) return file_of[name] and require("limn.frontend.commands." .. file_of[name]) end

function commands.help()
  print [==[
usage: limn [options] [script [args]]      run a Lua script, or the prompt
       limn SCRIPT --help                  options and parameters of an experiment
       limn COMMAND [args]

options (those of stock lua):
  -e STAT     run the string STAT          -i        prompt after the script
  -l MOD      require MOD                  -v        show the version of Lua
  -E          ignore the environment       -W        turn warnings on
  --          stop handling options        -         run standard input
  --version   show the version of limn     --cite    how to cite limn

environment: LUA_INIT, LUA_PATH, LUA_CPATH as in stock lua; LIMN_THREADS, LIMN_ISA=ref|avx2|avx512, LIMN_SHOW, LIMN_SHARD;
             the manual page limn(1) lists all]==]
  print "\ncommands:"
  for _, name in ipairs(listed) do print(("  %-8s %s"):format(name, load(name).summary)) end
end

-- What a word that is neither a file nor a command may mean: one line.
local function advice(word)
  local near = check.nearest(word, file_of)
  near = near and check.distance(word, near) <= #word // 3 and ("did you mean limn %s? "):format(near) or ""
  return ("limn has no command %q either: %slimn --help lists the commands"):format(word, near)
end

return setmetatable(commands, {
  __call = function(_, word) return advice(word) end,
  __index = function(_, name)
    check.value("limn", "command", name, { type = "string" })
    local command = load(name)
    return command and command.run
  end,
})
