-- limn/frontend/repl/scope.lua: the globals of lines at the prompt: _G, or the table of a prompt inside a script.

return { env = _G }
