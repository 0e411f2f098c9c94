-- limn/experiment/provenance.lua: where numbers come from: command line, script, commit and patch, versions, machine.

local native = require "limn.native"
local keys = require "limn.experiment.key"
local system = require "limn.base.system"

local text_of = system.text_of

local provenance = {}

-- What a program says, or nil; never an error: no git is a fact like another.
local function says(folder, ...)
  local status, out = native.process.run({ ... }, {}, 10, folder)
  if status ~= 0 then return nil end
  return (out:gsub("%s+$", ""))
end

-- Where limn's own Lua files stand: its version stands for them.
local own = debug.getinfo(1, "S").source:match "^@(.*limn/)experiment/[^/]*$" or "\0"

-- Adds a file to `found`, path -> text, with what it requires, or runs by dofile or loadfile, under a literal name.
-- Only Lua files count: what C modules hold is not seen.
local function add(path, found)
  local text = path and not found[path] and path:sub(1, #own) ~= own and text_of(path)
  if not text then return end
  found[path] = text
  for name in text:gmatch "require%s*%(?%s*[\"']([%w_.-]+)[\"']" do
    if name ~= "limn" and not name:match "^limn%." then add(package.searchpath(name, package.path), found) end
  end
  for file in text:gmatch "%f[%w]dofile%s*%(?%s*[\"']([^\"'\n]+)[\"']" do add(file, found) end
  for file in text:gmatch "%f[%w]loadfile%s*%(?%s*[\"']([^\"'\n]+)[\"']" do add(file, found) end
end

-- Adds the files of all functions that f can reach: through its upvalues, tables, metatables and globals. So a file
-- counts whose name was computed, too.
local function reached(f, found)
  local seen, queue = { [package.loaded] = true }, { f }
  local function visit(v)
    if (type(v) == "function" or type(v) == "table") and not seen[v] then seen[v], queue[#queue + 1] = true, v end
  end
  for name, module in pairs(package.loaded) do -- of limn nothing but its version counts
    if name == "limn" or tostring(name):match "^limn%." then seen[module] = true end
  end
  while #queue > 0 do
    local v = table.remove(queue)
    if type(v) == "table" then
      for k, x in next, v do
        visit(k)
        visit(x)
      end
      visit(debug.getmetatable(v))
    else
      local path = debug.getinfo(v, "S").source:match "^@(.*)"
      if not path or path:sub(1, #own) ~= own then
        add(path, found)
        for i = 1, 255 do
          local name, x = debug.getupvalue(v, i)
          if not name then break end
          visit(x)
        end
      end
    end
  end
end

-- The code that computes cells: { hash =, key =, modules = { path -> text } }. key, hash: what measure reaches, see key.lua;
-- cells of another hash are stale. modules: the texts of the files that the script loads by a literal name and of those
-- of the functions that measure reaches, to be read later.
function provenance.code(script, measure)
  local found, key = {}, keys.of(measure, script)
  add(script, found)
  reached(measure, found)
  if script then found[script] = nil end
  return { hash = key.hash, key = { parts = key.parts, functions = key.functions, body = key.body }, modules = found }
end

-- A table of everything worth knowing later. words: the command line, kept as text for a shell (command) and as a list
-- (argv); code: see provenance.code.
function provenance.facts(script, words, seed, code)
  local argv = {}
  for i = words and words[0] and 0 or 1, words and #words or 0 do argv[#argv + 1] = tostring(words[i]) end
  local facts = { script = script, script_text = text_of(script), modules = code.modules, key = code.key, seed = seed,
    command = system.command(words), argv = native.json.list(argv), system = says(nil, "uname", "-srm"), folder = os.getenv "PWD",
    sqlite = native.sqlite.version }
  for k, v in pairs(native.machine.info()) do facts[k] = v end
  local folder = script and script:match "^(.*)/[^/]*$" or "."
  facts.git_commit = says(folder, "git", "rev-parse", "HEAD")
  if facts.git_commit then
    local patch = says(folder, "git", "diff", "HEAD")
    facts.git_dirty = patch ~= nil and patch ~= ""
    if facts.git_dirty and #patch < 1 << 20 then facts.git_patch = patch end
  end
  facts.host = (text_of "/proc/sys/kernel/hostname" or ""):gsub("%s+$", "")
  return facts
end

-- What differs between the runs of a sweep's shards.
local OF_A_RUN = { command = true, argv = true, host = true }

-- The runs of a store without repetitions: a list of lists of runs that differ in nothing but their times, commands and
-- hosts, in the order of their first.
function provenance.groups(runs)
  local out, known, texts, numbers, n = {}, {}, {}, {}, 0
  local function number(v)
    if type(v) == "table" then
      texts[v] = texts[v] or native.json.encode(v)
      v = texts[v]
    end
    if not numbers[v] then n, numbers[v] = n + 1, n + 1 end
    return numbers[v]
  end
  for _, run in ipairs(runs) do
    local words = {}
    for k, v in pairs(run.facts) do
      if not OF_A_RUN[k] then words[#words + 1] = ("%s=%d"):format(k, number(v)) end
    end
    table.sort(words)
    local name = run.code .. table.concat(words, ",")
    if not known[name] then
      known[name] = {}
      out[#out + 1] = known[name]
    end
    table.insert(known[name], run)
  end
  return out
end

-- What is common to a group of runs: their facts, when the first began and the last ended; of several how many they are,
-- and their hosts.
function provenance.common(group)
  local first, hosts = group[1], {}
  local told = { started = first.started, ended = first.ended, code = first.code }
  for k, v in pairs(first.facts) do told[k] = v end
  if #group == 1 then return told end
  for _, run in ipairs(group) do
    if run.started < told.started then told.started = run.started end
    if run.ended and (not told.ended or run.ended > told.ended) then told.ended = run.ended end
    local host = run.facts.host
    if host and not hosts[host] then hosts[host], hosts[#hosts + 1] = true, host end
  end
  table.sort(hosts)
  told.runs, told.host, told.hosts = #group, nil, table.move(hosts, 1, #hosts, 1, {})
  return told
end

-- A function lost -> the text of a file that stands beside a table and its figure. Under "from": what they follow from, the
-- same for every drawing of the same cells by the same code; under "drawn" and "runs": when, where and how they were made, and
-- the cells computed. shown = { cells =, table_hash =, gap =, inputs = }: gap: how many cells the table lacks, and of
-- these have failed, and which are stale (stale.taken); inputs: the files that cells have read and their hashes; lost: what
-- the figure printed on data that it does not show, or not as they are; nil without a figure.
function provenance.beside(experiment, code, facts, shown, runs)
  local drawn, from, known = {}, { experiment = experiment.name, question = experiment.question, code = code.hash,
    cells = shown.cells, table_hash = shown.table_hash }, {}
  local gap = shown.gap
  if gap.missing > 0 then from.missing, from.failed = gap.missing, gap.failed end
  if gap.stale then from.stale = gap.stale end
  if shown.inputs and next(shown.inputs) then from.inputs = shown.inputs end
  for k, v in pairs(facts) do drawn[k] = v end
  for _, k in ipairs { "script_text", "modules", "key", "seed", "version" } do from[k], drawn[k] = drawn[k], nil end
  if not next(from.modules) then from.modules = nil end
  from.software = { name = "limn", version = from.version, licence = "MIT", citation = system.citation(from.version) }
  drawn.time = os.date "!%Y-%m-%dT%H:%M:%SZ"
  for i, group in ipairs(provenance.groups(runs)) do
    local told = provenance.common(group)
    if told.code == code.hash then told.script_text, told.modules, told.key = nil, nil, nil end -- they stand under "from"
    known[i] = native.json.encode(told)
  end
  local common = ('"drawn":%s,\n"runs":[%s]}\n'):format(native.json.encode(drawn), table.concat(known, ",\n"))
  return function(lost)
    from.warnings = lost and lost[1] and lost or nil
    return ('{"from":%s,\n%s'):format(native.json.encode(from), common)
  end
end

return provenance
