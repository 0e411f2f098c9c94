-- limn/experiment/cli.lua: the command line that every experiment script gets for nothing.

local check = require "limn.base.check"
local formats = require "limn.plot.formats"
local native = require "limn.native"
local zips = require "limn.experiment.zips"

local posix = native.posix

local cli = { most_workers = 1000 } -- each keeps a file open, of which a process has 1024 by custom

local flags = {
  help = "this text", quiet = "no progress on stderr, and no names of written files on stdout",
  ["dry-run"] = "say which cells would run, and stop", json = "with --dry-run: the cells as JSON",
  ["fail-fast"] = "stop at the first failed cell",
  ["keep-going"] = "go on even if the first 20 cells fail alike",
  partial = "report and figure also after an interrupt or a time limit, from the cells that are there",
  resume = "go on with a store that must be there", fresh = "forget what the store holds",
  ["plot-only"] = "no cell runs: table, report and figure from the store",
  stale = "take cells that an older version of the script computed, and say how many",
  ["no-check"] = "no warning of state that cells share or of equal replicates; no cell computed again as a check",
  yes = "run any number of cells, and stale ones again, without asking",
}
local valued = {
  set = "k=v: one parameter",
  grid = "k=SPEC: values to sweep: 4,6,8 | low:high | low:high:count | low:high:log2 | low:high:random/20 | low:high:latin/20 | @FILE",
  zip = "a,b: the values of a and b run together, not crossed; a,(b,c): a with each pair of b and c",
  reps = "n: replicates of each cell", workers = "n|all: processes (0: in this one)", seed = "n: of all random streams",
  shard = "i/n: the i-th of n parts of equal cost",
  store = "FILE: finished cells (default OUT/NAME.db); the same command goes on where it stopped",
  base = "STORE: cells that it holds are not computed again (for shards: their number may change)",
  costs = "STORE: shards take equal time, by the seconds of its cells; do not change it between the shards",
  ["time-limit"] = "T: start no cell after T (90, 50m, 1h); exit 75 if some are left",
  grace = "T: after the time limit, or SIGUSR1, running cells get T to finish or save; no cell begins that needs longer",
  retry = "N: failed cells are begun again up to N times (default 0)",
  ["cell-time"] = "T: a cell that takes longer has failed", ["cell-memory"] = "SIZE: of each worker (500M, 2G)",
  out = "DIR: where figures and tables go (default out)",
  only = "NAME,...: of the experiments in the script, run these",
  format = "KIND,...: of the figure: pdf, svg, png, tex, html, gp (default pdf,svg,png)",
  row = "KEY: print this row of the ledger alone, and draw no figure",
}

-- For a process that recheck.lua starts; not for users.
local internal = { recompute = true }

local function fail(format, ...)
  error(native.error("usage", format:format(...)), 0)
end

cli.fractions = "; its default is a whole number: declare a default such as 1.0, or type = \"number\", for fractions"

-- A value for people: 1 and not 1.0.
local function written(v) return math.type(v) == "float" and ("%.14g"):format(v) or tostring(v) end

-- "lie in 1 .. 9", "be at least 1", "be at most 9": what a parameter's rule asks of a number.
function cli.span(rule)
  if rule.min and rule.max then return ("lie in %s .. %s"):format(written(rule.min), written(rule.max)) end
  return rule.min and "be at least " .. written(rule.min) or "be at most " .. written(rule.max)
end

-- Whether the command line has an option of that name, which a parameter's would be mistaken for. set and grid ask for
-- NAME=VALUE, so that they cannot be.
function cli.is_option(name) return (flags[name] or valued[name]) ~= nil and name ~= "set" and name ~= "grid" end

-- What a number must do that its rule does not accept, or nil.
function cli.outside(rule, v)
  return (rule.min and v < rule.min or rule.max and v > rule.max) and cli.span(rule) or nil
end

-- What a value must do that is not among the choices of its rule, or nil.
function cli.no_choice(rule, v)
  if not rule.choices then return nil end
  local list = {}
  for i, choice in ipairs(rule.choices) do
    if choice == v then return nil end
    list[i] = written(choice)
  end
  return "be one of " .. table.concat(list, ", ")
end

local function convert(name, text, rule)
  local v
  if rule.type == "string" then v = text
  elseif rule.type == "boolean" then
    if text ~= "true" and text ~= "false" then fail("--%s: expected true or false, got %q", name, text) end
    v = text == "true"
  else
    v = math.tointeger(text) or tonumber(text)
    if rule.type == "integer" then v = v and math.tointeger(v) end
    if v == nil then
      fail("--%s: expected a %s, got %q%s", name, rule.type == "integer" and "whole number" or "number", text,
        rule.type == "integer" and tonumber(text) and cli.fractions or "")
    end
  end
  local wrong = type(v) == "number" and cli.outside(rule, v) or cli.no_choice(rule, v)
  if wrong then fail("--%s must %s, got %s", name, wrong, text) end
  return v
end

local units = { [""] = 1, K = 1 << 10, M = 1 << 20, G = 1 << 30 }

-- "500M" -> whole bytes, or nil.
local function bytes(text)
  local number, unit = text:match "^([%d.]+)(%a?)$"
  local n = tonumber(number) and units[unit] and math.tointeger(tonumber(number) * units[unit] // 1)
  return n and n > 0 and n or nil
end

-- "pdf,tex" -> {"pdf", "tex"}
local function kinds_of(text)
  local kinds, known = {}, formats.files
  for kind in (text .. ","):gmatch "%s*([^,]-)%s*," do
    if not known[kind] then
      local near = check.nearest(kind, known)
      fail("--format: expected pdf, svg, png, tex, html or gp, or several of them with commas, got %q%s", text,
        near and ("; did you mean %s?"):format(near) or "")
    end
    kinds[#kinds + 1] = kind
  end
  return kinds
end

local function nearest(word, experiment)
  local known = {}
  for _, set in ipairs { flags, valued, experiment.params } do
    for k in pairs(set) do known[k] = true end
  end
  local near = check.nearest(word, known)
  return near and ("; did you mean --%s?"):format(near) or ""
end

-- args (list of words) -> {params overrides}, {grid lists}, {options}; raises an error of kind "usage".
function cli.parse(experiment, args)
  local params, lists, options = {}, {}, {}
  local function parameter(name, text)
    local rule = experiment.params[name]
    if not rule then fail("no parameter %q%s", name, nearest(name, experiment)) end
    params[name] = convert(name, text, rule)
    lists[name] = { params[name] }
  end
  local i = 1
  while args[i] do
    local word, value = args[i]:match "^%-%-([%w_-]+)=?(.*)$"
    if args[i] == "-h" then word, value = "help", "" end
    if not word then fail("expected an option, got %q", args[i]) end
    local has_value = args[i]:find("=", 1, true)
    if flags[word] then
      if has_value then fail("--%s takes no value, got %q", word, value) end
      options[word] = true
    elseif valued[word] or experiment.params[word] or internal[word] then
      if not has_value then
        i = i + 1
        value = args[i]
        if not value then fail("--%s needs a value", word) end
      end
      if word == "set" or word == "grid" then
        local name, text = value:match "^([%w_]+)=(.*)$"
        if not name then fail("--%s: expected NAME=VALUE, got %q", word, value) end
        if word == "set" then parameter(name, text)
        else
          local rule = experiment.params[name]
          if not rule then fail("no parameter %q%s", name, nearest(name, experiment)) end
          lists[name] = text
        end
      elseif experiment.params[word] then parameter(word, value)
      elseif word == "zip" then
        local names = zips.parse(value)
        if not names then fail("--zip: expected names such as a,b or a,(b,c), got %q", value) end
        for _, name in ipairs(zips.names(names)) do
          if not experiment.params[name] then fail("--zip: no parameter %q%s", name, nearest(name, experiment)) end
        end
        options.zip = options.zip or {}
        table.insert(options.zip, names)
      else options[word] = value end
    else
      fail("unknown option --%s%s", word, nearest(word, experiment))
    end
    i = i + 1
  end
  local function count(name, least, most)
    if options[name] == nil or (name == "workers" and options[name] == "all") then return end
    local n = math.tointeger(options[name])
    if not n or n < least then fail("--%s: expected a whole number >= %d, got %q", name, least, options[name]) end
    if most and n > most then
      fail("--%s: at most %d for one process, got %d; more are for shards (--shard i/n)", name, most, n)
    end
    options[name] = n
  end
  count("reps", 1)
  count("workers", 0, cli.most_workers)
  count("seed", 0)
  count("retry", 0)
  local function scaled(name, read, such)
    if options[name] == nil then return end
    local v = read(options[name])
    if not v then fail("--%s: expected a positive number with a unit such as %s, got %q", name, such, options[name]) end
    options[name] = v
  end
  scaled("time-limit", posix.seconds, "90, 50m or 1h")
  scaled("grace", posix.seconds, "90, 50m or 1h")
  scaled("cell-time", posix.seconds, "90, 50m or 1h")
  scaled("cell-memory", bytes, "500M or 2G")
  if options["cell-time"] and options.workers == 0 or options["cell-memory"] and options.workers == 0 then
    fail("--cell-time and --cell-memory need workers: with --workers 0 cells run in the process that counts")
  end
  for _, name in ipairs { "store", "out", "base", "costs" } do
    if options[name] == "" then fail("--%s must name a %s, got an empty text", name, name == "out" and "folder" or "file") end
  end
  for _, pair in ipairs { { "resume", "fresh", "--resume keeps what --fresh discards" },
    { "plot-only", "fresh", "--plot-only draws what --fresh discards" },
    { "stale", "fresh", "--stale keeps what --fresh discards" },
    { "keep-going", "fail-fast", "--keep-going goes on where --fail-fast stops" } } do
    if options[pair[1]] and options[pair[2]] then fail("%s: give one of them", pair[3]) end
  end
  if options.json and not options["dry-run"] then
    fail "--json goes with --dry-run; limn store export FILE --json writes the table"
  end
  if options.format then options.format = kinds_of(options.format) end
  if options.shard then
    local a, b = options.shard:match "^(%d+)/(%d+)$"
    a, b = math.tointeger(a), math.tointeger(b)
    if not a or a < 1 or a > b then fail("--shard: expected i/n with 1 <= i <= n, got %q", options.shard) end
    options.shard = { a, b }
  end
  return params, lists, options
end

local MOST_LISTED = 8 -- values

-- "sweeps 1, 2, 4", or nil.
function cli.swept(values)
  if values == nil then return nil end
  if type(values) == "string" then return "sweeps " .. values end
  if type(values) ~= "table" then return "sweeps a range that depends on the others" end
  if #values > MOST_LISTED then return ("sweeps %d values"):format(#values) end
  local list = {}
  for i = 1, #values do list[i] = written(values[i]) end
  return "sweeps " .. table.concat(list, ", ")
end

-- "; 1 .. 9" or "; one of a, b": what --help says of the values.
function cli.bounds(rule)
  local out = ""
  if rule.min or rule.max then out = "; must " .. cli.span(rule) end
  if rule.choices then
    local list = {}
    for i, choice in ipairs(rule.choices) do list[i] = written(choice) end
    out = out .. "; one of " .. table.concat(list, ", ")
  end
  return out
end

function cli.help(experiment, script)
  local out = {}
  local function say(...) out[#out + 1] = (...):format(select(2, ...)) end
  say("usage: limn %s [options]", script)
  say("\n%s\n", experiment.question)
  say("parameters (--NAME VALUE, or --set NAME=VALUE):")
  local names = {}
  for name in pairs(experiment.params) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local rule = experiment.params[name]
    local values = experiment.grid[name]
    say("  --%-12s %s%s  (%s%s)", name, rule.help, rule.unit and (" [%s]"):format(rule.unit) or "", cli.swept(values)
      or "default " .. (type(rule.default) == "number" and written or check.show)(rule.default), cli.bounds(rule))
  end
  say("\noptions:")
  for _, set in ipairs { valued, flags } do
    local keys = {}
    for k in pairs(set) do keys[#keys + 1] = k end
    table.sort(keys)
    for _, k in ipairs(keys) do say("  --%-12s %s", k, set[k]) end
  end
  return table.concat(out, "\n")
end

return cli
