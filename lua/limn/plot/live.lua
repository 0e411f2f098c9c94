-- limn/plot/live.lua: a plot that is updated during training. It is drawn at most `rate` times per second, and drawing
-- takes at most the fraction `share` of the time since the start. close() draws the final state.
--   live = plot.live{x="step", y="loss"};  live:add(step, {train=a, test=b});  live:close()

local check = require "limn.base.check"
local native = require "limn.native"
local figure = require "limn.plot.figure"

local clock = native.posix.now
local FIRST_COST = 0.1 -- assumed cost of the first drawing, seconds; about 3 times that on an idle machine

local Live = { __name = "limn.plot.live" }
Live.__index = Live

local rules = {
  x = { type = "any" }, y = { type = "any" }, title = { type = "any" },
  rate = { type = "number", min = 1e-6, max = 60, default = 2, help = "maximum number of drawings per second" },
  share = { type = "number", min = 0, max = 1, default = 0.01, help = "maximum fraction of the time spent drawing" },
  path = { type = "string", help = "a figure file, rewritten at each drawing, instead of the screen" },
  keep = { type = "integer", min = 16, default = 4000, help = "points kept for each curve" },
  to = { type = "any" }, clock = { type = "function", default = clock },
}

local function new(options)
  local o = check.options("plot.live", options, rules)
  if o.path then check.path("plot.live", "path", o.path) end
  local self = setmetatable({ o = o, series = {}, order = {}, spent = 0, drawn = 0, added = 0, lines = 0 }, Live)
  self.start = o.clock()
  self.last = -math.huge
  self.tty = native.terminal.size() ~= nil
  self.pause = 1 / o.rate
  if not (self.tty or o.path or o.to) then self.pause = math.max(self.pause, 30) end -- output goes to a log
  return self
end

-- Appends a point. When a curve exceeds `keep` points every second one is removed, which bounds its memory.
local function append(s, keep, x, y)
  s.seen = s.seen + 1
  if (s.seen - 1) % s.stride ~= 0 then
    s.tail_x, s.tail_y = x, y
    return
  end
  s.tail_x, s.tail_y = nil, nil
  s.x[#s.x + 1], s.y[#s.y + 1] = x, y
  if #s.x > keep then
    local nx, ny = {}, {}
    for i = 1, #s.x, 2 do nx[#nx + 1], ny[#ny + 1] = s.x[i], s.y[i] end
    s.x, s.y, s.stride = nx, ny, s.stride * 2
  end
end

local function put(self, name, x, y)
  if type(y) ~= "number" then check.fail("live:add: %s must be a number, got %s", name == "" and "y"
    or tostring(name), check.show(y)) end
  local s = self.series[name]
  if not s then
    name = tostring(name)
    s = self.series[name] or { x = {}, y = {}, stride = 1, seen = 0 }
    self.series[name] = s
  end
  append(s, self.o.keep, x, y)
end

-- live:add(x, y) or live:add(x, {name = y, ...}) -> whether it was drawn.
function Live:add(x, y)
  if type(x) ~= "number" then check.fail("live:add: x must be a number, got %s", check.show(x)) end
  if type(y) == "table" then
    for name, v in pairs(y) do put(self, name, x, v) end
  else
    put(self, "", x, y)
  end
  self.added = self.added + 1
  local now = self.o.clock()
  if now - self.last < self.pause then return false end
  local cost = self.drawn > 0 and self.spent / self.drawn or FIRST_COST
  if self.spent + cost > self.o.share * (now - self.start) then return false end
  self:draw()
  return true
end

-- The figure of the points added so far.
function Live:figure()
  local fig = figure.new { title = self.o.title, x = self.o.x, y = self.o.y, quiet = true }
  local names = {}
  for name in pairs(self.series) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local s = self.series[name]
    local x, y = table.move(s.x, 1, #s.x, 1, {}), table.move(s.y, 1, #s.y, 1, {})
    if s.tail_x then x[#x + 1], y[#y + 1] = s.tail_x, s.tail_y end
    fig:line { x = x, y = y, label = name ~= "" and name or nil, mark = false }
  end
  return fig
end

-- Draws now, irrespective of rate and share.
function Live:draw()
  local before = self.o.clock()
  local ok, why
  if self.o.path then
    ok, why = self:figure():save(self.o.path)
  else
    local parts = {}
    local out = self.o.to or io.stdout
    ok, why = self:figure():show { as = "text", to = { write = function(_, s) parts[#parts + 1] = s end,
      flush = function() end } }
    if ok then
      local picture = table.concat(parts)
      if self.tty and self.lines > 0 then out:write(string.format("\27[%dA\27[J", self.lines)) end -- erase the last one
      out:write(picture)
      out:flush()
      self.lines = select(2, picture:gsub("\n", ""))
    end
  end
  self.last = self.o.clock()
  self.spent = self.spent + (self.last - before)
  self.drawn = self.drawn + 1
  if not ok then return nil, why end
  return self
end

-- Draws the final state.
function Live:close()
  if self.closed or self.added == 0 then return self end
  self.closed = true
  return self:draw()
end
Live.__close = function(self) self:close() end

function Live:__tostring()
  return string.format("limn.plot.live: %d points, drawn %d times, %.3g s spent on drawing", self.added, self.drawn,
    self.spent)
end

check.sealed("live:", Live)

return new
