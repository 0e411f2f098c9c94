-- coverage.lua: which lines of limn's Lua files run. With LUA_INIT=@src/tools/coverage.lua every process counts them, and
-- adds them at its end to $LIMN_COVERAGE, one "FILE:LINE" a line; processes that end by a signal or _exit do not. Called as
--   lua5.4 coverage.lua report COUNTED
-- it prints the lines that can run, and those that have, by file; luac5.4 lists the former.

local function report(counted)
  local hit = {}
  for line in io.lines(counted) do hit[line] = true end
  local rows, all, ran = {}, 0, 0
  for path in io.popen("find lua/limn -name '*.lua' ! -name '*.d.lua' | sort"):lines() do
    local active, n, seen = {}, 0, 0
    for place in io.popen("luac5.4 -l -p " .. path):read "a":gmatch "\n%s*%d+%s+%[(%d+)%]" do active[place] = true end
    for place in pairs(active) do
      n = n + 1
      if hit[path .. ":" .. place] then seen = seen + 1 end
    end
    all, ran = all + n, ran + seen
    rows[#rows + 1] = { path = path, n = n, seen = seen }
  end
  table.sort(rows, function(a, b) return a.seen * b.n < b.seen * a.n end)
  print(("Lua: %.1f %% of %d lines; the least covered:"):format(100 * ran / all, all))
  for i = 1, math.min(15, #rows) do
    print(("  %5.1f %%  %s"):format(100 * rows[i].seen / math.max(1, rows[i].n), rows[i].path))
  end
end

if arg and arg[1] == "report" and (arg[0] or ""):find "coverage%.lua$" then return report(arg[2]) end

local target = os.getenv "LIMN_COVERAGE"
if not target then return end

local lines = {} -- source -> set of lines
local getinfo = debug.getinfo

local function count(_, line)
  local source = getinfo(2, "S").source
  local set = lines[source]
  if set == nil then
    set = source:find "/lua/limn/" and {} or false
    lines[source] = set
  end
  if set then set[line] = true end
end

local exit, create, wrap, sethook = os.exit, coroutine.create, coroutine.wrap, debug.sethook

local function write()
  local parts = {}
  for source, set in pairs(lines) do
    local path = source:match "(lua/limn/.*)$"
    for line in pairs(set or {}) do parts[#parts + 1] = ("%s:%d\n"):format(path, line) end
  end
  lines = {}
  local out = io.open(target, "ab")
  if not out then return end
  out:write(table.concat(parts)) -- one write: other processes add lines, too
  out:close()
end

function os.exit(...) -- luacheck: ignore 122
  sethook()
  write()
  return exit(...)
end

local function followed(f)
  return function(...)
    sethook(count, "l")
    return f(...)
  end
end
function coroutine.create(f) return create(type(f) == "function" and followed(f) or f) end -- luacheck: ignore 122
function coroutine.wrap(f) return wrap(type(f) == "function" and followed(f) or f) end -- luacheck: ignore 122
COVERAGE_AT_END = setmetatable({}, { __gc = write }) -- luacheck: ignore 111
sethook(count, "l")
