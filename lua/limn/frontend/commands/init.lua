-- limn/frontend/commands/init.lua: the words of the command line: limn WORD ARGS. Each stands in a file of its own in
-- this folder, which returns { summary = "one line", run = function(...) -> exit code }.

local check = require "limn.base.check"

local commands = {}

local listed = { "new", "store", "slurm", "jupyter", "docs" }
local aliases = { kernel = "jupyter" } -- kernels that were installed before still start

-- Loads a command by name; nil if there is none.
local function load(name)
  local ok, command = pcall(require, "limn.frontend.commands." .. (aliases[name] or name))
  if ok then return command end
  if not tostring(command):find("no file of limn for", 1, true) and not tostring(command):find("not found", 1, true) then
    error(command, 0)
  end
end

function commands.help()
  print [==[
usage: limn [options] [script [args]]      run a Lua script, or the prompt
       limn SCRIPT --help                  what an experiment script can do
       limn COMMAND [args]

options (those of stock lua):
  -e STAT     run the string STAT          -i        prompt after the script
  -l MOD      require MOD                  -v        show the version of Lua
  -E          ignore the environment       -W        turn warnings on
  --          stop handling options        -         run standard input
  --version   show the version of limn

environment: LUA_INIT, LUA_PATH, LUA_CPATH as in stock lua; LIMN_THREADS, LIMN_ISA=ref|avx2|avx512]==]
  local shown = false
  for _, name in ipairs(listed) do
    local command = load(name)
    if command then
      if not shown then print "\ncommands:" end
      shown = true
      print(("  %-8s %s"):format(name, command.summary))
    end
  end
end

return setmetatable(commands, {
  __index = function(_, name)
    if name == "init" or not check.value("limn", "command", name, { type = "string" }) then return nil end
    local command = load(name)
    return command and command.run
  end,
})
