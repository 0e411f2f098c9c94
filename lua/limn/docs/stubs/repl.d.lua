---@meta limn.repl
-- repl.d.lua: the prompt, inside a script.

---@class limn.repl.options
---@field env? table its variables (default copies of the caller's locals)

---limn.repl { env = }: opens a prompt inside a script, until Ctrl-D; returns the last value shown. Its variables are
---those of env, or copies of the locals of the function that calls it, with the globals behind them. Raises outside the
---program limn. A sweep needs --workers 0, since workers have no terminal.
---```lua
---local function measure(x)
---  if x < 0 then limn.repl {} end -- inspect x when it is invalid
---  return math.sqrt(x)
---end
---print(measure(4))
---```
---@class limn.lib.repl
---@overload fun(options?: limn.repl.options): any
local repl = {}

return repl
