-- limn/frontend/repl/scope.lua: what the prompt's lines see as globals: _G, or the table of a prompt inside a script.

return { env = _G }
