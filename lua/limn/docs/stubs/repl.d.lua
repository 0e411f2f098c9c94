---@meta limn.repl
-- repl.d.lua: the prompt, inside a script.

---@class limn.repl.options
---@field env? table its variables (default copies of the caller's locals)

---limn.repl { env = }: a prompt at this place of a script, until Ctrl-D; gives the last value shown there. Its variables
---are those of env, or copies of the locals of the function that calls it, with the globals behind them. Raises outside
---the program limn. In a sweep use --workers 0: a worker has no terminal.
---```lua
---local function measure(x)
---  if x < 0 then limn.repl {} end -- look at x when it should not be
---  return math.sqrt(x)
---end
---print(measure(4))
---```
---@class limn.lib.repl
---@overload fun(options?: limn.repl.options): any
local repl = {}

return repl
