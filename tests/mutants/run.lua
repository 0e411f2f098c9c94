-- run.lua [--only NAME,NAME] [--build build/release] [--faults FILE] [--dir build/mutants]
--   [--list] [--check]
-- Whether the ledgers and the tests notice deliberate faults. Each fault is one replaced text in a copy of the tree; the
-- copy is built, and the catchers that the fault names are run (catchers.lua). Results:
--   killed        every catcher, and every row, that the fault names noticed it (one of them, if the fault has `any`)
--   survived      one of them did not
--   stale         the text that the fault replaces is not in its file exactly once
--   build failed  the compiler, or the Lua parser, refuses the faulty file
--   not green     a catcher fails without the fault, so that it shows nothing
-- Exit 1 unless all are killed. Results are kept in DIR/results and reused as long as the tree and the fault are the
-- same, so that a stopped run resumes where it was. Writes DIR.json and DIR.md. --list prints the faults; --check lists stale
-- ones without a build.

local json, hash = require("limn.native").json, require("limn.native").posix.hash
local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local tree, catchers, report = dofile(here .. "/tree.lua"), dofile(here .. "/catchers.lua"), dofile(here .. "/report.lua")
local small = dofile(here .. "/small.lua")

local function options(args)
  local o, i = { build = "build/release", root = tree.output("cd " .. tree.quote(here .. "/../..") .. " && pwd") }, 1
  while args[i] do
    local name = args[i]:match "^%-%-(%l+)$"
    if name == "list" or name == "check" then o[name] = true
    elseif name == "only" or name == "build" or name == "faults" or name == "dir" then
      i = i + 1
      o[name] = args[i]
    else error(("mutants: unknown argument %q; known are --only, --build, --faults, --dir, --list, --check"):format(args[i]), 0) end
    i = i + 1
  end
  o.dir = o.dir or o.root .. "/build/mutants"
  if o.build:sub(1, #o.root + 1) == o.root .. "/" then o.build = o.build:sub(#o.root + 2) end
  return o
end

-- The names of --only as a set; nil: all faults.
local function chosen(only)
  if not only or only == "" then return nil end
  local set = {}
  for name in only:gmatch "[^,%s]+" do set[name] = true end
  return set
end

-- All faults in the order of their files, or those of --only.
local function load_faults(o)
  local only = chosen(o.only)
  local files = o.faults and { o.faults } or {}
  if not o.faults then
    for path in tree.output("ls " .. tree.quote(here) .. "/faults/*.lua"):gmatch "[^\n]+" do files[#files + 1] = path end
  end
  local faults, seen = {}, {}
  for _, path in ipairs(files) do
    local list = assert(loadfile(path))(small)
    for _, fault in ipairs(type(list) == "function" and list() or list) do
      for _, field in ipairs { "name", "what", "file", "from", "to", "caught_by" } do
        if fault[field] == nil then error(("mutants: fault %q of %s has no %s"):format(fault.name, path, field), 0) end
      end
      if seen[fault.name] then error(("mutants: two faults are called %q"):format(fault.name), 0) end
      seen[fault.name] = true
      if not only or only[fault.name] then faults[#faults + 1] = fault end
    end
  end
  for name in pairs(only or {}) do
    if not seen[name] then error(("mutants: no fault is called %q; --list prints the names"):format(name), 0) end
  end
  return faults
end

local function is_c(path) return path:match "%.[ch]$" ~= nil end

-- Builds what the faults need in base: objects only if a fault is in C or a C test is run.
local function prepare(t, faults)
  local compiled, targets, have = false, { "limn" }, {}
  for _, fault in ipairs(faults) do
    compiled = compiled or is_c(fault.file)
    for _, c in ipairs(fault.caught_by) do
      local target = catchers.target(c)
      if target and not have[target] then have[target], targets[#targets + 1] = true, target end
    end
  end
  compiled = compiled or #targets > 1
  t:prepare(compiled)
  if not compiled then return end
  local ok, log = t:make(t.base, targets)
  if not ok then error("mutants: the tree does not build:\n" .. tree.read(log), 0) end
end

-- A result of an earlier run for the same tree, if it is good(result), or what `compute` returns, kept.
local function kept(t, key, good, compute)
  local path = ("%s/results/%s.json"):format(t.dir, hash(key))
  local text = tree.read(path)
  local result = text and json.decode(text)
  if result and good(result) then return result end
  result = compute()
  tree.write(path .. ".new", json.encode(result))
  assert(os.rename(path .. ".new", path))
  return result
end

-- The catcher's run without a fault.
local function clean_run(t, c)
  local label = catchers.label(c)
  return kept(t, t.print .. " clean " .. label, function(r) return r.rows or r.code == 0 end, function()
    io.stderr:write("without a fault: ", label, "\n")
    return catchers.run(t, t.base, c, t.dir .. "/log/clean." .. hash(label) .. ".log")
  end)
end

-- The faulty tree is built, or parsed; nil, status, detail if there is none.
local function build(t, fault)
  t:reset()
  local ok, message = t:apply(fault)
  if not ok then return nil, "stale", message end
  if fault.file:find "%.lua$" then
    local chunk, syntax = loadfile(t.work .. "/" .. fault.file)
    if not chunk then return nil, "build failed", syntax end
  end
  local targets = { "limn" }
  for _, c in ipairs(fault.caught_by) do targets[#targets + 1] = catchers.target(c) end
  if is_c(fault.file) then
    local log
    ok, log = t:make(t.work, targets)
    if not ok then return nil, "build failed", tree.read(log):match "[^\n]*error:[^\n]*" or log end
  end
  return true
end

-- One fault -> { name =, what =, file =, status =, by = names, also = names, detail = text, seconds = }.
local function try(t, fault)
  local start = os.time()
  local out = { name = fault.name, what = fault.what, file = fault.file, by = json.list {}, also = json.list {} }
  local function ended(status, detail)
    out.status, out.detail, out.seconds = status, detail or "", os.time() - start
    return out
  end
  local ok, status, detail = build(t, fault)
  if not ok then return ended(status, detail) end
  local missed = {}
  for i, c in ipairs(fault.caught_by) do
    local clean = clean_run(t, c)
    local bad = catchers.not_green(c, clean)
    if bad then return ended("not green", catchers.label(c) .. ": " .. bad) end
    local now = catchers.run(t, t.work, c, ("%s/log/%s.%d.log"):format(t.dir, fault.name, i))
    local found = catchers.judge(c, clean, now)
    local who = c.script or c.spec or c.test
    for _, name in ipairs(found.by) do out.by[#out.by + 1] = who .. ": " .. name end
    for _, name in ipairs(found.also) do out.also[#out.also + 1] = who .. ": " .. name end
    for _, text in ipairs(found.missed) do missed[#missed + 1] = who .. ": " .. text end
    if fault.any and #found.by > 0 then -- one that notices it is enough
      missed = {}
      break
    end
  end
  return ended(#missed == 0 and #out.by > 0 and "killed" or "survived", table.concat(missed, "; "))
end

-- --check: whether every fault applies to the sources and its catchers exist; nothing is built or run.
local function check(o, faults)
  local bad = 0
  local function complain(fault, text)
    bad = bad + 1
    io.stderr:write(fault.name, ": ", text, "\n")
  end
  for _, fault in ipairs(faults) do
    local text, why = tree.faulty(tree.read(o.root .. "/" .. fault.file), fault)
    if not text then complain(fault, why) end
    for _, c in ipairs(fault.caught_by) do
      local path = catchers.source(c)
      if tree.output(("cd %s && ls %s 2>/dev/null"):format(tree.quote(o.root), path)) == "" then
        complain(fault, "there is no " .. path)
      end
    end
  end
  return bad == 0
end

local function main(args)
  local o = options(args)
  local faults = load_faults(o)
  if o.list then return report.list(faults) end
  if o.check then return check(o, faults) end
  local t = tree.new { root = o.root, build = o.build, dir = o.dir, cc = os.getenv "MUTANTS_CC" }
  os.execute(("mkdir -p %s %s"):format(tree.quote(o.dir .. "/results"), tree.quote(o.dir .. "/log")))
  t.print = t:fingerprint()
  local results, prepared = {}, false
  for i, fault in ipairs(faults) do
    local fresh = false
    results[i] = kept(t, ("%s fault %s"):format(t.print, json.encode(fault)), function(r) return r.status == "killed" end, function()
      if not prepared then prepare(t, faults) end
      prepared, fresh = true, true
      return try(t, fault)
    end)
    report.line(results[i], fresh)
  end
  return report.all(results, o.dir)
end

local ok, result = pcall(main, { ... })
if not ok then io.stderr:write(tostring(result), "\n") end
os.exit(ok and result)
