-- limn/experiment/init.lua: an experiment is a question, parameters, a grid, a measurement and a figure; it gets
-- its command line, its workers, its progress and its table for nothing.
--
--   return limn.experiment {
--     name = "half", question = "Does the coin land on its edge?",
--     params = { n = { default = 100, help = "throws" } },
--     grid = { n = "10:1000:log10" }, reps = 5,
--     measure = function(point, rng) return { heads = rng:sign(point.n):mean() } end,
--     claims = { { claim = "fair", theory = 0, equal = { margin = 0.02 } } },    -- optional: what will be tested, and how
--     report = function(results, ledger) print(results) end,                     -- optional
--     plot = function(results, out) return figure end,     -- optional; a figure is saved as PDF, SVG and PNG
--   }
--
-- Run as a script it does all that (unless run=false), and then the script goes on (see script.lua);
-- required from elsewhere it returns the experiment, with run{}.

local check = require "limn.base.check"
local native = require "limn.native"
local bases = require "limn.experiment.base"
local cli = require "limn.experiment.cli"
local declared = require "limn.experiment.declared"
local failures = require "limn.experiment.failures"
local provenance = require "limn.experiment.provenance"
local shards = require "limn.experiment.shard"
local stores = require "limn.experiment.store"
local grid = require "limn.experiment.grid"
local Held = require "limn.experiment.held"
local Tried = require "limn.experiment.tried"
local independence = require "limn.experiment.independence"
local limits = require "limn.experiment.limits"
local plan = require "limn.experiment.plan"
local preview = require "limn.experiment.preview"
local rehearsal = require "limn.experiment.rehearsal"
local recheck = require "limn.experiment.recheck"
local parameters = require "limn.experiment.parameters"
local scripts = require "limn.experiment.script"
local stales = require "limn.experiment.stale"
local publish = require "limn.experiment.publish"
local results = require "limn.experiment.results"
local run = require "limn.experiment.run"
local Progress = require "limn.experiment.progress"
local nested = require "limn.experiment.zips"

local Experiment = { __name = "limn.experiment" }
Experiment.__index = Experiment

local MANY = 1000000 -- cells that are not run without --yes
local ROOM = 100 -- bytes that a cell takes in the process that counts them: its place, a few values

local rules = {
  name = { type = "string", required = true },
  question = { type = "string", default = "" },
  params = { type = "table", default = {} },
  grid = { type = "table", default = {} },
  zip = { type = "table", default = {} }, -- lists of names whose values run together: {{"D", "N"}}; see zips.lua
  reps = { type = "integer", default = 1, min = 1 },
  seed = { type = "integer", default = 1, min = 0 },
  measure = { type = "function", required = true },
  claims = { type = "any" }, -- rows of the ledger, or claims(params, plan) -> rows; see limn.claims
  level = { type = "number", default = 0.95 }, -- of the whole ledger
  report = { type = "function" },
  plot = { type = "function" },
  run = { type = "boolean", default = true }, -- false: only declare, also in the program's script
  sizes = { type = "table", default = {} }, -- command-line options by name of a size: { quick = { "--reps", "4" } }
  cost = { type = "function" }, -- cost(point): relative cost of a cell; expensive cells start first
}

local function declare(options)
  local who = "experiment"
  local e = check.options(who, options, rules)
  if not e.name:match "^[%w_-]+$" then check.fail("%s: name must be letters, digits, _ and -, got %q", who, e.name) end
  e.run_as_script, e.run = e.run, nil -- `run` is the method
  if e.claims ~= nil and type(e.claims) ~= "table" and type(e.claims) ~= "function" then
    check.fail("%s: claims must be a list of rows or a function, got %s", who, check.show(e.claims))
  end
  for name, words in pairs(e.sizes) do
    if type(words) ~= "table" then
      check.fail("%s: sizes.%s must be a list of command-line options, as {\"--reps\", \"4\"}, got %s", who, tostring(name),
        check.show(words))
    end
    for i, word in ipairs(words) do
      check.value(who, ("sizes.%s[%d]"):format(name, i), word, { type = "string", required = true })
    end
  end
  local params = parameters.declare(who, e.params)
  e.params = params
  for name in pairs(e.grid) do
    if not params[name] then
      local near = check.nearest(name, params)
      check.fail("%s: grid has %q, which is no parameter%s", who, tostring(name), near
        and ("; did you mean %q?"):format(near) or "")
    end
  end
  nested.check(e.zip)
  local at = debug.getinfo(e.measure, "S").source -- the script is where the measurement stands
  e.script = at:match "^@(.*)"
  return setmetatable(e, Experiment)
end

function Experiment:__tostring()
  return ("limn.experiment %q: %s"):format(self.name, self.question)
end

-- The cells of the declared grid (see grid.space), with `params`, `lists` and `zip` in place of what they name.
-- options: {params=, grid=, zip=, reps=, seed=}.
function Experiment:cells(options)
  local o = options or {}
  local base, kinds, swept = {}, {}, {}
  for name, rule in pairs(self.params) do base[name], kinds[name] = rule.default, rule.type end
  local function allowed(name, v) parameters.allow("experiment: " .. name, self.params[name], v) end
  local function restricted(rule) return rule.min or rule.max or rule.choices end
  for name, v in pairs(o.params or {}) do
    if not kinds[name] then
      local near = check.nearest(name, kinds)
      check.fail("experiment: no parameter %s%s", check.show(name), near and ("; did you mean %q?"):format(near) or "")
    end
    allowed(name, v)
    base[name] = v
  end
  local function list(name, spec)
    if not kinds[name] then check.fail("experiment: grid has %q, which is no parameter", tostring(name)) end
    if type(spec) == "function" then spec = spec(base) end
    if type(spec) == "string" then
      spec = grid.values("experiment: grid." .. name, spec, kinds[name], name, o.seed or self.seed)
    elseif check.typename(spec) == "limn.array" then
      spec = spec:totable()
    end
    if type(spec) ~= "table" then
      check.fail("experiment: grid.%s must be a list, a text or an array, got %s", name, check.typename(spec))
    end
    if getmetatable(spec) then -- a range that is not written out
      allowed(name, spec[1])
      allowed(name, spec[#spec])
    elseif restricted(self.params[name]) then
      for _, v in ipairs(spec) do allowed(name, v) end
    end
    return spec
  end
  for name, spec in pairs(self.grid) do
    if not (o.grid and o.grid[name]) then swept[name] = list(name, spec) end
  end
  for name, spec in pairs(o.grid or {}) do swept[name] = list(name, spec) end
  -- a parameter that was given one value on the command line leaves its zip
  local space = grid.space(base, kinds, swept, o.zip or nested.without(self.zip, o.params or {}), o.reps or self.reps)
  space.base, space.lists = base, swept
  return space
end

-- The ledger of a sweep with every row declared, or nil for an experiment without claims. options as for `cells`.
function Experiment:ledger(options)
  if not self.claims then return nil end
  local o = options or {}
  return declared.ledger(self, self:cells(o), o.seed or self.seed)
end

-- Calls f with the collector at rest: what f makes is kept, so that looking for garbage in it, again and again, would
-- take longer than the making.
local function at_rest(f, ...)
  local was = collectgarbage "isrunning"
  collectgarbage "stop"
  local answer = table.pack(pcall(f, ...))
  if was then collectgarbage "restart" end
  if not answer[1] then error(answer[2], 0) end
  return table.unpack(answer, 2, answer.n)
end

-- Why so many cells cannot be swept by one process, or nil: said before an hour has gone by.
local function too_many(count)
  local file = io.open("/proc/meminfo", "r")
  if not file then return nil end
  local free = tonumber(file:read("a"):match "MemAvailable:%s*(%d+) kB")
  file:close()
  if not free or count * ROOM <= free * 1024 then return nil end
  return ("%d cells take about %.3g GB of memory in one process, and %.3g GB are free; sweep them in %d shards or more "
    .. "(--shard i/n)"):format(count, count * ROOM / 1e9, free * 1024 / 1e9, count * ROOM // (free * 1024) + 1)
end

-- run{workers="all"|n, reps=, seed=, params={}, grid={}, quiet=(default: true, but not in a
-- notebook), shard={i,n}, store=path|nil, fresh=, resume=, stale=, time_limit=s, cell_time=s,
-- cell_memory=bytes} -> results, failed, stopped; nil, 0, message if the store refuses.
-- check=false: state outside of measure and equal replicates are not looked for.
-- each(row, failure): called in this process for every finished cell, in the order in which they finish; false ends the sweep.
-- failed: number of failed cells; stopped: the message that ended the sweep early, or nil; a fourth value is the kind
-- of that error ("interrupted", "time_limit", "alike", "damaged", "busy", "io"), where it has one.
-- ran: a table that gets a sample of the cells that were computed, .sample, those that failed by kind, .failures, the
-- values of all, .held, the seconds that this took, .elapsed, and what is stale, .stale; with plot_only how many have
-- failed, .failed; with .hold the store, settled and still locked, .kept: another process must not write it between the sweep
-- and what its claims leave there.
local function sweep(self, options, counted, ledger, ran)
  local o = check.options("experiment:run", options, {
    workers = { type = "any", default = "all" }, reps = { type = "integer", min = 1 }, seed = { type = "integer",
      min = 0 },
    params = { type = "table" }, grid = { type = "table" }, zip = { type = "table" }, quiet = { type = "boolean" },
    shard = { type = "table" }, fail_fast = { type = "boolean", default = false },
    keep_going = { type = "boolean", default = false },
    interrupt = { type = "string", default = "raise", one_of = { "raise", "return" } },
    check = { type = "boolean", default = true },
    store = { type = "string" }, fresh = { type = "boolean" }, resume = { type = "boolean" },
      plot_only = { type = "boolean" }, stale = { type = "boolean" }, yes = { type = "boolean" },
    base = { type = "string" }, costs = { type = "string" }, time_limit = { type = "number" }, grace = { type = "number", min = 0 },
    each = { type = "function" },
    retry = { type = "integer", min = 0 }, cell_time = { type = "number" }, cell_memory = { type = "number", min = 1, max = 2 ^ 53 },
  })
  if o.quiet == nil then o.quiet = not Progress.displays() end
  if o.workers ~= "all" then
    check.value("experiment:run", "workers (\"all\", or how many)", o.workers, { type = "integer", min = 0,
      max = cli.most_workers })
  end
  if o.store then check.path("experiment:run", "store", o.store) end
  local s = o.shard
  if s and not (math.type(s[1]) == "integer" and math.type(s[2]) == "integer" and 1 <= s[1] and s[1] <= s[2]) then
    check.fail("experiment:run: shard must be {i, n} with 1 <= i <= n, got {%s, %s}", tostring(s[1]), tostring(s[2]))
  end
  if o.fresh and (o.resume or o.stale) then
    check.fail("experiment:run: %s keeps what fresh discards: give one of them", o.resume and "resume" or "stale")
  end
  if o.base and not (o.store and o.shard) then
    check.fail "experiment:run: base is for shards that have a store; `limn store merge` puts its cells into another store"
  end
  if (o.resume or o.fresh or o.plot_only or o.stale) and not o.store then
    check.fail "experiment:run: resume, fresh, plot_only and stale need a store"
  end
  if (o.cell_time or o.cell_memory) and o.workers == 0 then
    check.fail "experiment:run: cell_time and cell_memory need workers: with 0, cells run in the process that counts"
  end
  local space = counted
  if not counted then -- the command line has counted them already
    space = self:cells(o)
    ledger = self.claims and declared.ledger(self, space, o.seed or self.seed)
    space = shards.of(self, space, o)
  end
  if native.sandboxed then -- no processes
    if o.workers ~= "all" and o.workers ~= 0 then check.fail "experiment:run: workers must be 0 in a sandbox" end
    o.workers = 0
  end
  local workers = o.workers == "all" and math.min(native.machine.threads(), cli.most_workers) or o.workers
  local seed, left, held, kept = o.seed or self.seed, nil, nil, nil
  local refused = too_many(space.count)
  if refused then return nil, 0, refused end
  if o.store then
    if o.resume or o.plot_only then
      local fine, why = native.files.regular(o.store)
      if not fine then return nil, 0, "nothing to resume: " .. why end
    end
    local why, kind
    if o.plot_only then kept, why, kind = stores.snapshot(o.store, self.name)
    else kept, why, kind = stores.open(o.store, self.name, o.fresh) end
    if not kept then return nil, 0, why, kind end
    if kept.aside then io.stderr:write(("%s: the damaged store is set aside as %s\n"):format(self.name, kept.aside)) end
  end
  local begin
  ran = ran or {}
  local sample, failed_cells, read = recheck.sample(), failures.tally(), {}
  local since = native.posix.now()
  local limit, tried = limits.new { time_limit = o.time_limit, grace = o.grace, cost = space.cost, since = since,
    heed = ran.heed and o.grace ~= nil }, nil
  local ok, failed, stopped, kind = pcall(function()
    if kept then
      if o.fresh then kept:clear() end
      local code = provenance.code(self.script, self.measure)
      kept.code, self.code = code.hash, code
      held = Held.new(space, seed, o.store)
      local places, there, stale, broken, about = at_rest(kept.resume, kept, space, seed, o.stale, held)
      left = plan.new(space, places)
      if ledger then declared.remember(kept, ledger, there + stale + broken > 0) end
      if stale > 0 and o.stale or not o.quiet and there + stale > 0 then -- what is mixed is said even when quiet
        io.stderr:write(stales.line(self.name, o, there, #left, stale, stale > 0 and stales.reason(kept, code, about), about),
          "\n")
      end
      ran.stale = o.stale and stales.taken(kept, stale, about) or nil
      if broken > 0 then
        io.stderr:write(("%s: of %d cells in %s an array is lost or damaged; they count as not computed\n"):format(
          self.name, broken, o.store))
      end
      if o.plot_only then
        ran.failed = #left > 0 and failures.recorded(kept, space, seed, o.stale) or 0
        return ran.failed, #left > ran.failed and ("%d cells are missing"):format(#left - ran.failed) or nil
      end
      local refused_stale = stales.refusal(self.name, o, stale, about)
      if refused_stale then error(native.error("stale", refused_stale), 0) end
      if there > 0 then o.keep_going = true end -- the code works for some cells
      local elsewhere = 0
      if o.base and #left > 0 then
        places, elsewhere = bases.without(o.base, self.name, space, places, seed, code.hash)
        left = plan.new(space, places)
      end
      kept:expect { cells = space.count - elsewhere, whole = space.whole, shard = o.shard, costs = space.costs }
      if #left > 0 then
        tried = Tried.new(kept, space, places, seed, { retry = o.retry, span = limits.too_long(limit.span) })
        limit.tried = tried
        limit:recall(kept, seed)
        left = plan.new(space, tried.indices)
      end
      if #left > 0 then
        begin = function() kept:begin(code.hash, provenance.facts(self.script, arg, seed, code)) end
      end
    else
      held, left = Held.new(space, seed), plan.new(space)
    end
    ran.before = tried and tried.failed or 0
    local n, why, how = 0, nil, nil
    if #left > 0 then n, why, how = run.cells(left, {
      name = self.name, check = o.check, measure = self.measure, seed = seed, workers = workers, cost = space.cost, quiet = o.quiet,
      fail_fast = o.fail_fast, keep_going = o.keep_going, each = o.each, store = kept, begin = begin, rehearse = ran.rehearse,
      finished = function(cell)
        if cell.failure then failed_cells:add(cell)
        else assert(held:put(cell.index, cell.bytes)) end
        if cell.inputs and not (kept or cell.failure) then read[cell.inputs] = (read[cell.inputs] or 0) + 1 end
        sample:add(cell)
      end,
      limits = limit, tried = tried, cell_time = o.cell_time, cell_memory = o.cell_memory }) end
    ran.edited = #left > 0 and stales.meanwhile(self.name, kept, read)
    if not why and tried and tried.long > 0 then
      why = ("stopped: %s more time than the limit; the longest, %s, ran %.3g s without an end; give a longer limit, or "
        .. "let the cells save where they are (cell:checkpoint)"):format(
        tried.long == 1 and "1 cell needs" or tried.long .. " cells need", Tried.name(tried.longest.cell),
        tried.longest.seconds)
      how = "too_long"
    end
    return n + ran.before, why, how
  end)
  if kept then
    local hold = ok and ran.hold and kept.lock
    local closed, why = pcall(hold and kept.settle or kept.close, kept)
    if hold then ran.kept = kept end
    if ok and not closed then ok, failed = false, why end
  end
  if not ok then return nil, 0, tostring(failed), check.kind(failed) end
  ran.sample, ran.failures, ran.elapsed, ran.held = sample, failed_cells, native.posix.now() - since, held
  local gathered, rows = pcall(at_rest, results.from_held, held)
  if not gathered then return nil, 0, tostring(rows), check.kind(rows) end
  local alike = o.check and not o.plot_only and #left > 0 and independence.doubts(rows, space.names)
  if alike then io.stderr:write(("%s: %s\n"):format(self.name, alike)) end
  return rows, failed, stopped, kind
end

-- After Ctrl-C the finished cells are kept, in the store if there is one, and the interrupt goes on as an error, so that
-- the script does not go on with half a table; its field results holds the rows. With interrupt="return" they are returned.
function Experiment:run(options)
  local rows, failed, stopped, kind = sweep(self, options)
  if kind == "interrupted" and not (options and options.interrupt == "return") then
    local e = native.error("interrupted", native.where() .. "interrupted!")
    e.results = rows
    error(e, 0)
  end
  return rows, failed, stopped, kind
end

local function perform(self, args, script)
  local ok, params, lists, o = pcall(cli.parse, self, args)
  if not ok then
    if check.kind(params) ~= "usage" then error(params, 0) end
    io.stderr:write(("%s: %s\ntry: limn %s --help\n"):format(script, tostring(params), script))
    return 2
  end
  if o.help then
    print(cli.help(self, script))
    return 0
  end
  local what = { params = params, grid = lists, zip = o.zip, reps = o.reps, seed = o.seed }
  local counted, space = pcall(self.cells, self, what)
  if not counted then
    io.stderr:write(("%s: %s\n"):format(script, tostring(space)))
    return check.kind(space) == "interrupted" and 130 or 2
  end
  local ledger
  if self.claims then
    ledger = declared.ledger(self, space, o.seed or self.seed)
    declared.name_commands(ledger, script, args)
  end
  if o.row and not (ledger and ledger.by_key[o.row]) then
    local near = ledger and check.nearest(o.row, ledger.by_key)
    io.stderr:write(("%s: --row: %s\n"):format(script, not ledger and "the experiment declares no claims"
      or ("no row with the key %q%s"):format(o.row, near and ("; did you mean %q?"):format(near) or "")))
    return 2
  end
  local out = o.out or "out"
  local all, fine, own = space.count, pcall(shards.own, self, space, o)
  if not fine then
    io.stderr:write(("%s: %s\n"):format(script, tostring(own)))
    return 2
  end
  space = own
  local count = space.count
  local label = o.shard and ("%s.%d-of-%d"):format(self.name, o.shard[1], o.shard[2]) or self.name
  if o["dry-run"] then
    preview.print(self, space, { json = o.json, ledger = ledger, of = o.shard and all, out = out, most = MANY,
      seed = o.seed or self.seed, store = o.store or ("%s/%s.db"):format(out, label) })
    return 0
  end
  if count > MANY and not o.yes then
    io.stderr:write(("%s: %d cells; add --yes to run that many, --dry-run to look\n"):format(self.name, count))
    return 2
  end
  o.store = o.store or ("%s/%s.db"):format(out, label)
  local made, message = native.posix.mkdir(out)
  if not made then
    io.stderr:write(("%s: %s\n"):format(self.name, message))
    return 1
  end
  if o.recompute then
    if o.workers ~= 0 then native.machine.threads(1) end -- as in a worker
    local measured = run.measurer(self.measure)
    return recheck.answer(space, o.recompute, function(cell) return measured(cell, o.seed or self.seed) end)
  end
  if not o.quiet then io.stderr:write(("%s: %s\n"):format(self.name, self.question)) end
  local ran = { heed = true, hold = ledger ~= nil, rehearse = function(cells) return rehearsal.run(self, cells, ledger, out) end }
  local table_, failed, stopped, kind = sweep(self, { workers = o.workers, reps = o.reps, seed = o.seed, params = params,
    grid = lists, zip = o.zip, quiet = o.quiet == true, shard = o.shard, fail_fast = o["fail-fast"],
    keep_going = o["keep-going"], store = o.store, fresh = o.fresh, resume = o.resume, plot_only = o["plot-only"],
    stale = o.stale, time_limit = o["time-limit"], grace = o.grace, retry = o.retry, base = o.base,
    cell_time = o["cell-time"], cell_memory = o["cell-memory"], check = not o["no-check"], yes = o.yes }, space, ledger, ran)
  local kept <close> = ran.kept
  if not table_ and kind == "interrupted" then
    io.stderr:write(("%s: interrupted before a cell had started\n"):format(self.name))
    return 130
  elseif not table_ then
    io.stderr:write(("%s: %s\n"):format(self.name, stopped))
    return kind == "stale" and 2 or 1
  end
  local saved
  saved, message = table_:save(("%s/%s.csv"):format(out, label))
  if not saved then
    io.stderr:write(("%s: %s%s; %d of %d cells are stored in %s, and the same command goes on\n"):format(self.name,
      stopped and stopped .. "; " or "", message, #table_, count, o.store))
    return 1
  end
  local gap = { cells = count, failed = failed, stale = ran.stale }
  if o["plot-only"] then gap.failed = ran.failed end
  gap.missing = gap.cells - #table_
  local broken = not o.quiet and failures.not_finite(ran.held.columns)
  if broken then io.stderr:write(("%s: %s\n"):format(self.name, broken)) end
  local summary = ran.failures:summary(o.store, self.script)
  if summary then io.stderr:write(summary, "\n") end
  if (ran.before or 0) > 0 then
    io.stderr:write(("%s: %d cells failed before and are not begun again (--retry N: up to N times; limn store failed %s)\n"):format(
      self.name, ran.before, o.store))
  end
  local code = gap.failed > 0 and 1 or 0
  if stopped then
    code = kind == "time_limit" and 75 or kind == "interrupted" and 130 or 1 -- 75, "try again": cluster managers requeue it
    io.stderr:write(("%s: %s after %d of %d cells; %s (%s)\n"):format(self.name, stopped, #table_, count,
      o["plot-only"] and "the command without --plot-only computes them, --partial draws without them"
        or kind == "alike" and "the same command tries the others with --keep-going" or "the same command goes on", o.store))
    if not o.partial or kind ~= "time_limit" and kind ~= "interrupted" and not o["plot-only"] then return code end
  end
  if self.as_script and not stopped and not o["no-check"] and not o["plot-only"] and ran.sample.finished > 0 and not ran.edited then
    recheck.compare(self, script, args, ran.sample, ran.elapsed, function(text, always)
      if always or not o.quiet then io.stderr:write(("%s: %s\n"):format(self.name, text)) end
    end)
  end
  if o.shard then return code, table_ end
  if #table_ == 0 then
    if gap.missing > 0 then io.stderr:write(("%s: no cell is there: no report, no figure\n"):format(self.name)) end
    return code, table_
  end
  local told = publish.missing(gap)
  if told then io.stderr:write(("%s: %s\n"):format(self.name, told)) end
  local published, why = publish.all(self, table_, ledger, { out = out, label = label, row = o.row, store = o.store,
    format = o.format, quiet = o.quiet, seed = o.seed or self.seed, reps = o.reps or self.reps, gap = gap, kept = kept })
  if not published then
    io.stderr:write(("%s: %s\n"):format(self.name, why))
    return code == 0 and 1 or code
  end
  return code, table_
end

-- The whole script: command line, sweep, table, report, figure. Returns the exit code, and the results if the sweep was
-- not cut short.
function Experiment:main(args, script)
  local code, table_ = perform(self, args, script)
  local whole, why = native.posix.printed()
  if not whole then
    io.stderr:write(("%s: %s\n"):format(self.name, why))
    return code == 0 and 1 or code
  end
  return code, table_
end

-- Whether the experiment is declared by the very script that the program was told to run. A chunk that ends in
-- `return limn.experiment{...}` has left the stack by then: what called it is the program itself, alone.
local function is_main(script)
  if not script then return false end
  if debug.getinfo(2, "t").istailcall then -- a program may run scripts under one C function, or under none
    local above = debug.getinfo(3, "S")
    return above == nil or above.what == "C" and debug.getinfo(4, "S") == nil
  end
  local caller = debug.getinfo(3, "S")
  return caller ~= nil and caller.what == "main" and caller.source == "@" .. script
end

-- Declares an experiment; runs it when the declaring file is the program's script.
check.sealed("experiment:", Experiment)

return setmetatable({}, { __call = function(_, options, ...)
  if select("#", ...) > 0 then check.surplus("experiment", 1, 1 + select("#", ...)) end
  local e = declare(options)
  local path = arg and arg[0]
  local may = scripts.declared(e)
  if may and e.run_as_script and is_main(path) then
    e.as_script = true
    scripts.run(e, { table.unpack(arg) }, path, debug.getinfo(1, "t").istailcall)
  end
  return e
end })
