std = "lua54"
max_line_length = 140
self = false
exclude_files = { "build/", "**/*.d.lua" }
files["tests/lua/"] = { std = "+lua54", globals = { "arg" }, ignore = { "11[123]/Test.*" } }
