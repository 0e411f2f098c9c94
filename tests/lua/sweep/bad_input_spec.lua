-- bad_input_spec.lua: what a sweep meets in practice: results that are no table of numbers, a script that is edited while
-- it runs, a clock that jumps. Each is reported, and no cell is lost.
-- slow: 6 s

local lu = require "luaunit"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local toy = dofile(here .. "/../support/sweep_toy.lua")

TestBadInput = {}

toy.sh("mkdir -p %s/bad", toy.dir)

local SCRIPT = [[
local limn = require "limn"
local posix = require("limn.native").posix
return limn.experiment { name = "bad", question = "q", params = { n = 1, how = "", slow = 0.0 }, grid = { n = "1:4" },
  measure = function(p, rng)
    local stop = posix.now() + p.slow
    while posix.now() < stop do end
    if p.how == "empty" then return {} end
    if p.n == 3 then
      if p.how == "nothing" then return end
      if p.how == "number" then return 5 end
      if p.how == "nested" then return { v = { a = { 1 } } } end
      if p.how == "parameter" then return { n = 3 } end
      if p.how == "list" then return { 4 } end
      if p.how == "names" then
        local out = {}
        for i = 1, 1000000 do out["v" .. i] = i end
        return out
      end
      if p.how == "array" then return { v = rng:normal(1000000) } end
      if p.how == "nan" then return { v = 0 / 0 } end
    end
    return { v = p.n }
  end }
]]

local function sweep(how, options, environment)
  toy.write("bad/bad.lua", SCRIPT)
  return toy.sh("cd %s/bad; %s %s bad.lua --set how=%s --out %s --workers 2 %s 2>&1", toy.dir, environment or "",
    toy.program, how, how, options or "")
end

-- One cell of four returns it: that cell has failed and says why, the others are there.
function TestBadInput.testResultsThatAreNone()
  for how, why in pairs { nothing = "measure: expected a table of named values, got nil",
    number = "measure: expected a table of named values, got number",
    nested = "measure: v is a table; results must be numbers, strings, booleans or arrays",
    parameter = "measure: a result cannot be called n: the table has a parameter of that name",
    list = "measure: results must have names, got the key 1",
    names = "measure: 1000000 values; a cell has at most 10000: return many numbers as one array" } do
    local status, said = sweep(how, "--no-check")
    lu.assertEquals(status, 1, said)
    lu.assertStrContains(said, "1 cell failed: " .. why)
    lu.assertStrContains(said, "bad: 1 of 4 cells failed\n")
    lu.assertEquals(select(2, toy.read(("%s/bad/%s/bad.csv"):format(toy.dir, how)):gsub("\n", "")), 4)
  end
end

function TestBadInput.testNoValuesAtAll()
  local status, said = sweep("empty", "")
  lu.assertEquals(status, 0, said)
  lu.assertStrContains(said, "bad: measure returned no values in any cell: nothing was measured\n")
  lu.assertNotStrContains(select(2, sweep("nan", "")), "no values in any cell")
end

function TestBadInput.testResultsThatAreOdd()
  local status, said = sweep("nan", "--no-check")
  lu.assertEquals(status, 0, said)
  lu.assertStrContains(said, 'bad: 1 of 4 cells hold values that are not finite or "diverged" (v 1)')
  status, said = sweep("array", "--no-check --quiet")
  lu.assertEquals(status, 0, said)
  local r = require("limn.results").load(toy.dir .. "/bad/array/bad.db")
  lu.assertEquals(r:where { n = 3 }:rows()[1].v:shape(), 1000000)
end

-- The cells are those of the code at the start: the edited script finds them stale, and they are not compared with its own.
function TestBadInput.testEditedWhileItRuns()
  toy.write("bad/bad.lua", SCRIPT)
  local status, said = toy.sh([[cd %s/bad; %s bad.lua --set how=edited --set slow=0.4 --out edited --workers 2 2>&1 & p=$!
    for i in $(seq 400); do [ -s edited/bad.db ] && break; sleep 0.05; done
    sed -i 's/return { v = p.n }/return { v = -p.n }/' bad.lua; wait $p]], toy.dir, toy.program)
  lu.assertEquals(status, 0, said)
  lu.assertStrContains(said, "bad: edited while the sweep ran: function measure; the cells are those of the code as it was at the start")
  lu.assertNil(said:find("differs when it is computed again", 1, true), said)
  local function again(options)
    return toy.sh("cd %s/bad && %s bad.lua --set how=edited --set slow=0.4 --out edited --plot-only %s 2>&1", toy.dir, toy.program, options)
  end
  status, said = again ""
  lu.assertEquals(status, 1)
  lu.assertStrContains(said, "4 are stale (changed: function measure)")
  toy.write("bad/bad.lua", SCRIPT)
  status, said = again "--quiet"
  lu.assertEquals(status, 0, said)
  lu.assertStrContains(toy.read(toy.dir .. "/bad/edited/bad.csv"), "\nedited,2,0.4,1,2\n")
end

-- Each reading of the wall clock is in another year.
function TestBadInput.testTheClockJumps()
  toy.skip_if(toy.sanitized, "the sanitizer's library must be the first that is loaded")
  toy.skip_if(toy.sh "command -v cc >/dev/null" ~= 0, "cc is not installed")
  toy.write("jump.c", [[
    #define _GNU_SOURCE
    #include <sys/syscall.h>
    #include <sys/time.h>
    #include <time.h>
    #include <unistd.h>
    static long years(void) {
      static unsigned n;
      static const long jumps[] = {0, 40, -50, 3, -1};
      return jumps[n++ % 5] * 31557600;
    }
    int clock_gettime(clockid_t clock, struct timespec *t) {
      int r = (int)syscall(SYS_clock_gettime, clock, t);
      if (clock == CLOCK_REALTIME) t->tv_sec += years();
      return r;
    }
    time_t time(time_t *t) {
      struct timespec now;
      clock_gettime(CLOCK_REALTIME, &now);
      if (t) *t = now.tv_sec;
      return now.tv_sec;
    }
    int gettimeofday(struct timeval *t, void *zone) {
      (void)zone;
      t->tv_sec = time(NULL);
      t->tv_usec = 0;
      return 0;
    }]])
  local status, said = toy.sh("cd %s && cc -shared -fPIC jump.c -o jump.so", toy.dir)
  lu.assertEquals(status, 0, said)
  local jump = ("LD_PRELOAD=%s/jump.so"):format(toy.dir)
  status, said = toy.sh("for i in 1 2 3; do %s date -u +%%Y; done", jump)
  lu.assertEquals(status, 0, said)
  status, said = toy.sweep("clock", "--workers 2", jump)
  lu.assertEquals(status, 0, said)
  lu.assertEquals((toy.held "clock/toy.db"), toy.whole())
  status, said = toy.sweep("clock", "--plot-only --workers 2", jump)
  lu.assertEquals(status, 0, said)
  for _, command in ipairs { "show", "ls", "failed" } do
    status, said = toy.sh("%s %s store %s %s/clock/toy.db 2>&1", jump, toy.program, command, toy.dir)
    lu.assertEquals(status, 0, command .. ": " .. said)
  end
  status, said = sweep("moved", "--set slow=0.2 --cell-time 2", jump)
  lu.assertEquals(status, 0, said)
  lu.assertNil(said:find("left  %-") or said:find("nan", 1, true) or said:find("%d%d%d%d:%d"), said)
end

toy.finish(lu.LuaUnit.run())
