-- limn/frontend/commands/merge.lua: limn store merge: the union of stores, and the list of what is not in it.

local json = require("limn.native").json
local merging = require "limn.experiment.merge"
local stores = require "limn.experiment.store"
local shards = require "limn.experiment.shard"
local system = require "limn.base.system"
local print = require("limn.base.visible").print -- a store may come from anywhere

local MOST = 10 -- entries of a list that are printed
local PARTIAL = 3 -- exit code: something is listed, and the rest is merged

local usage = "usage: merge FILE FROM... [--shards N] [--json]"

local function complain(text)
  io.stderr:write("limn store: ", text, "\n")
  return 1
end

-- A number of things: "1 cell", "2 cells".
local function several(n, what) return ("%d %s%s"):format(n, what, n == 1 and "" or "s") end

-- Prints a list, of which the first are named.
local function name_all(list, line)
  for i, entry in ipairs(list) do
    if i > MOST then
      print(("  ... and %d more (--json names all)"):format(#list - MOST))
      break
    end
    print("  " .. line(entry))
  end
end

local function print_listed(r)
  local by, order = {}, { "missing", "empty", "damaged", "foreign", "written", "itself", "busy", "io" }
  for _, entry in ipairs(r.listed) do
    by[entry.what] = by[entry.what] or {}
    table.insert(by[entry.what], entry)
  end
  local words = { foreign = "of something else", written = "still being written", busy = "in use", io = "unreadable" }
  for _, what in ipairs(order) do
    local list = by[what]
    if list then
      print(("%s %s:"):format(several(#list, "store"), words[what] or what))
      name_all(list, function(entry)
        return what == "missing" and entry.store or ("%s: %s"):format(entry.store, entry.why)
      end)
    end
  end
end

local function cell_line(d)
  return ("%s rep=%d: %s; %s"):format(d.params, d.rep, d.kept, d.other)
end

-- The number of cells in a list of pairs of runs.
local function cells_of(list)
  local seen, n = {}, 0
  for _, d in ipairs(list) do
    local name = ("%s %d %d"):format(d.id, d.rep, d.seed)
    if not seen[name] then seen[name], n = true, n + 1 end
  end
  return n
end

local function print_result(path, r)
  print(("%s: %s from %s%s%s; it holds %s%s"):format(path, several(r.new, "new cell"), several(r.taken, "store"),
    r.unchanged > 0 and (" (%d more have not changed since they were merged)"):format(r.unchanged) or "",
    r.replaced > 0 and (", %d replaced by those of newer code"):format(r.replaced) or "", several(r.cells, "cell"),
    r.failed > 0 and (", and %d that have failed"):format(r.failed) or ""))
  if r.missing > 0 then print(("%s of the sweep %s missing"):format(several(r.missing, "cell"), r.missing == 1 and "is" or "are")) end
  if r.older > 0 then print(("%s of older code left out"):format(several(r.older, "cell"))) end
  print_listed(r)
  if #r.codes > 0 then
    print "the cells are of several codes, the newest first; the sweep's command computes the others again:"
    name_all(r.codes, function(c)
      return ("%s of code %s, run of %s to %s, limn %s"):format(several(c.cells, "cell"), c.code:sub(1, 12), c.from, c.to, c.build)
    end)
  end
  if #r.inputs > 0 then
    print "the cells have read files with several contents; the sweep's command computes those of other contents again:"
    name_all(r.inputs, function(c) return ("%s of %s with the hash %s"):format(several(c.cells, "cell"), c.path, c.hash:sub(1, 12)) end)
  end
  if #r.seeds > 0 then
    print "the cells are of several seeds, and no seed has all cells of the sweep:"
    name_all(r.seeds, function(c) return ("%s of seed %d"):format(several(c.cells, "cell"), c.seed) end)
  end
  if #r.differ > 0 then
    print(("%s of the same code differ between two runs; the values of the first are kept:"):format(several(cells_of(r.differ), "cell")))
    name_all(r.differ, cell_line)
  end
  if #r.rounded > 0 then
    local most = 0
    for _, d in ipairs(r.rounded) do most = math.max(most, d.difference) end
    print(("%s of nets differ between instruction sets, by %.2g of a value at most; the values of the first are kept:")
      :format(several(cells_of(r.rounded), "cell"), most))
    name_all(r.rounded, cell_line)
  end
end

-- The words after FILE -> the names of stores, and whether JSON is wanted; or nil, message.
local function sources(path, words)
  local list, as_json, i = {}, false, 1
  while words[i] do
    local word = words[i]
    local count = word:match "^%-%-shards=?(.*)$"
    if word == "--json" then as_json = true
    elseif count then
      if count == "" then i, count = i + 1, words[i + 1] end
      local n = math.tointeger(tonumber(count))
      if not n or n < 1 then return nil, ("--shards: expected a whole number >= 1, got %s"):format(tostring(count)) end
      for k = 1, n do list[#list + 1] = shards.store(path, k, n) end
    elseif word:sub(1, 2) == "--" then return nil, ("unknown option %s; %s"):format(word, usage)
    elseif word:sub(1, 1) == "@" then
      local found, why = system.short_text_of(word:sub(2))
      if not found then return nil, why end
      for line in found:gmatch "[^\n]+" do
        if line:match "%S" then list[#list + 1] = line end
      end
    else
      local within = shards.within(word, path)
      if within then table.move(within, 1, #within, #list + 1, list) else list[#list + 1] = word end
    end
    i = i + 1
  end
  if #list == 0 then return nil, usage end
  return list, as_json
end

-- The experiment of FILE, or that of the first store that can be read.
local function name_of(path, list)
  for i = 0, #list do
    local s = stores.open(list[i] or path)
    if s then
      local name = s.name
      s:close()
      return name
    end
  end
end

return function(path, ...)
  local list, as_json = sources(path, { ... })
  if not list then return complain(as_json) end
  local name = name_of(path, list)
  if not name then return complain(("none of the %d stores can be read; the first is %s"):format(#list, list[1])) end
  local s, why = stores.open(path, name)
  if not s then return complain(why) end
  local fine, r = pcall(merging.into, s, list)
  local closed, e = pcall(s.close, s)
  if not fine or not closed then return complain(tostring(fine and e or r)) end
  local listed = #r.listed + #r.codes + #r.inputs + #r.seeds + #r.differ + r.missing > 0
  if as_json then io.write(json.encode(r), "\n") else print_result(path, r) end
  return listed and PARTIAL or 0
end
