-- targets.lua: functions that take random bytes as what somebody else has written: name -> function(bytes). An error of theirs
-- is a finding. Functions that refuse an input return nil, message, or raise an error for the user; "attempt to", "bad
-- argument" and the like are errors of limn's own code.

local limn = require "limn"
local native = require "limn.native"
local cell = require "limn.frontend.repl.cell"
local complete = require "limn.frontend.repl.complete"
local stores = require "limn.experiment.store"
local text = require "limn.plot.text"
local visible = require "limn.base.visible"
local wire = require "limn.frontend.jupyter.wire"

local json, message = native.json, native.message
local folder = assert(native.process.temp_dir())

local targets = {}

-- Calls f; an error that is not for the user is raised again.
local function refused(f, ...)
  local r = table.pack(pcall(f, ...))
  local why = tostring(r[1] and r[3] or r[2])
  if (not r[1] or r[2] == nil) and (why:find "attempt to" or why:find "bad argument" or why:find "stack overflow") then
    error(why, 0)
  end
  if r[1] then return table.unpack(r, 2, r.n) end
end

local function file(bytes, suffix)
  local path = folder .. "/input" .. suffix
  local out <close> = assert(io.open(path, "wb"))
  out:write(bytes)
  return path
end

function targets.csv(bytes)
  local path = file(bytes, ".csv")
  local a = refused(limn.load, path)
  if a then
    assert(limn.save(folder .. "/again.csv", a))
    local b = assert(limn.load(folder .. "/again.csv", { header = false }))
    if tostring(a:reshape(a:size())) ~= tostring(b:reshape(b:size())) then error "the numbers are not read again" end
  end
  refused(limn.results.load, path)
  refused(limn.data.csv, path, { missing = "drop" })
end

function targets.json(bytes)
  local value = refused(json.decode, bytes)
  if type(value) == "table" then refused(json.encode, value) end
end

function targets.values(bytes) -- of a cell, as a store keeps them
  local value = refused(message.decode, bytes)
  if value and message.encode(message.decode(message.encode(value))) ~= message.encode(value) then
    error "the values are not read again"
  end
end

-- A store with bytes of the input in its values and facts.
local made
function targets.store(bytes)
  local path = folder .. "/input.db"
  if not made then
    local s = assert(stores.open(path, "fuzz"))
    s:close()
    made = true
    local db = assert(native.sqlite.open(path, "write"))
    db:rows "INSERT INTO run (id, started, code, facts) VALUES (1, '2026-01-01T00:00:00Z', 'c', '{}')"
    db:rows "INSERT INTO cell (id, rep, seed, run, params, value) VALUES ('a', 1, 1, 1, '{}', x'00000000')"
    db:close()
  end
  local db = assert(native.sqlite.open(path, "write"))
  local at = #bytes // 2
  db:rows("UPDATE run SET facts = ?", bytes:sub(1, at))
  db:rows("UPDATE cell SET value = ?, params = ?", { bytes:sub(at + 1) }, bytes:sub(1, at))
  db:close()
  local s = refused(stores.open, path)
  if not s then return end
  refused(s.runs, s)
  refused(require("limn.experiment.results").from_store, s)
  s:close()
end

local connection = wire.new "key"
function targets.notebook(bytes)
  local frames = {}
  for frame in (bytes .. "\n"):gmatch "(.-)\n" do frames[#frames + 1] = frame end
  refused(connection.unpack, connection, frames)
  local header = frames[1] or ""
  local signed = { "<IDS|MSG>", connection:sign(header, "{}", "{}", bytes), header, "{}", "{}", bytes }
  refused(connection.unpack, connection, signed)
  refused(wire.connection, file(bytes, ".json"))
end

-- Public functions with options that the bytes name; the values are of all kinds.
local X, y = limn.rng.stream(1):normal(4, 3), limn.array { 1, -1, 1, -1 }
local NAMES = { "lambda", "norm", "rate", "steps", "tol", "momentum", "batch", "start", "seed", "optimizer", "path", "points",
  "count", "complexity", "sizes", "activation", "init", "depth", "weight", "bias", "layers", "title", "x", "y", "range", "rows" }
local VALUES = { 0, 1, -1, 2, 0.5, 1e300, 1e-300, math.huge, 0 / 0, 1 << 62, math.mininteger, "", "x", "sgd", "adam", true, false,
  {}, { 1, 2 }, { "a" }, X, y, print, { nets = {} } }
local FUNCTIONS = {
  function(o) return limn.regress.ridge(X, y, o) end, function(o) return limn.regress.lasso(X, y, o) end,
  function(o) return limn.regress.lp(X, y, o) end,
  function(o)
    if math.type(o.steps) ~= "integer" or o.steps > 100 then o.steps = 3 end
    return limn.regress.gd(X, y, o)
  end,
  function(o) return limn.theory.ratio(o) end, function(o) return limn.kernel.ntk(X, X, o) end,
  function(o) return limn.plot.figure(o) end, function(o) return limn.data.csv(folder .. "/none.csv", o) end,
}
function targets.options(bytes)
  local call, options = FUNCTIONS[(bytes:byte(1) or 0) % #FUNCTIONS + 1], {}
  for at = 2, math.min(#bytes - 1, 12), 2 do
    options[NAMES[bytes:byte(at) % #NAMES + 1]] = VALUES[bytes:byte(at + 1) % #VALUES + 1]
  end
  refused(call, options)
end

-- A quoted text is strings in quotes, joined by dots; nothing of it is outside of them.
function targets.quote(bytes)
  local quoted = refused(text.quote, bytes) or "''" -- a zero byte is refused
  local rest = quoted:gsub("'[^'\n]*'", "S"):gsub('"[\\47]*"', "S"):gsub("S %. ", "")
  if rest ~= "S" or quoted:find "[%z\1-\31\127]" then error("quoted as " .. quoted) end
  local shown = visible.text(bytes)
  if shown:find "[\1-\8\11-\31\127]" or not utf8.len(shown) then error("shown as " .. shown) end
end

function targets.prompt(bytes)
  local state = cell.state(bytes)
  if state ~= "complete" and state ~= "incomplete" and state ~= "invalid" then error(tostring(state)) end
  refused(complete.about, bytes)
end

return targets
