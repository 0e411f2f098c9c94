-- plot_show_spec.lua: figures on the screen: the choice between window, picture and characters, their sizes, and the
-- messages if no window can be opened. Terminals are pseudo-terminals; the gnuplot with windows is a substitute that
-- saves its script.
-- slow: 11 s
-- luacheck: ignore 111 112 113
local lu = require "luaunit"
local native = require "limn.native"

local scratch = assert(native.process.temp_dir())
local program = io.popen("readlink /proc/$PPID/exe"):read("l") -- the interpreter that runs this
local here = debug.getinfo(1, "S").source:match("^@(.*)/") or "tests/lua"
local testing = dofile(here .. "/../support/testing.lua")

local function read(path) return testing.exists(path) and testing.read(path) or nil end

local script = scratch .. "/show.lua"
do
  local f = assert(io.open(script, "w"))
  f:write(string.format([[
    package.path, package.cpath = %q, %q
    local plot = require("limn").plot
    local shown, why = plot.figure { x = "epoch", y = "loss" }:line { y = { 3, 1, 2 }, label = "train" }:show()
    if not shown then print("REFUSED " .. why) end]], package.path, package.cpath))
  f:close()
end

-- A stand-in for gnuplot with a window terminal.
local windows = scratch .. "/windows"
os.execute("mkdir -p " .. windows)
do
  local f = assert(io.open(windows .. "/gnuplot", "w"))
  f:write("#!/bin/sh\ngrep -q GPVAL_TERMINALS \"$2\" && { echo ' canvas dumb wxt x11 qt unknown '; exit 0; }\n",
    "grep -q 'set terminal dumb' \"$2\" && exec ", io.popen("command -v gnuplot"):read("l"),
    " \"$@\"\n",
    "cp \"$2\" ", scratch, "/window.gp\n[ -z \"$LIMN_TEST_DEAD\" ] || { echo cannot open display >&2; exit 1; }\n")
  f:close()
  os.execute("chmod +x " .. windows .. "/gnuplot")
end

local OUTSIDE = { "DISPLAY", "WAYLAND_DISPLAY", "KITTY_WINDOW_ID", "TERM_PROGRAM", "TMUX", "STY", "LIMN_SHOW", "NO_COLOR",
  "TERM=xterm" }

-- What show() writes on a terminal of this size, and how it was done. `plain`: not on a terminal.
local function show(o)
  local env = table.move(OUTSIDE, 1, #OUTSIDE, 1, {})
  for _, e in ipairs(o.env or {}) do env[#env + 1] = e end
  local argv = { program, script }
  if not o.plain then
    argv = { "python3", here .. "/../support/pty_drive.py", tostring(o.rows or 24), tostring(o.columns or 80),
      tostring(o.across or 0), tostring(o.down or 0), o.answer or "", program, script }
  end
  os.remove(scratch .. "/window.gp")
  local status, out, err = native.process.run(argv, env, 600)
  lu.assertEquals(status, 0, (err or "") .. (out or ""))
  return out, err, read(scratch .. "/window.gp")
end

local function assert_fits(out, columns, rows)
  local lines = 0
  for line in out:gsub("\27%[[%d;]*m", ""):gsub("\27%[c", ""):gmatch("[^\n]*") do
    lines = lines + 1
    lu.assertTrue(utf8.len(line) <= columns, line)
  end
  lu.assertTrue(lines <= rows, lines .. " lines")
  lu.assertStrContains(out, "train")
  lu.assertStrContains(out, "epoch")
end

TestShow = {}

function TestShow:test_characters_fit_every_terminal()
  for _, size in ipairs { { 24, 80 }, { 12, 40 }, { 50, 200 }, { 10, 30 } } do
    local out = show { rows = size[1], columns = size[2] }
    assert_fits(out, size[2], size[1])
    lu.assertStrContains(out, "\27[38;5;") -- in colour
  end
  lu.assertNotStrContains(show { env = { "NO_COLOR=1" } }, "\27[38")
  assert_fits(show { rows = 0, columns = 0 }, 80, 26) -- a terminal of unknown size
  local out = show { plain = true } -- a pipe: no colour, no question
  assert_fits(out, 80, 26)
  lu.assertNotStrContains(out, "\27")
end

function TestShow:test_a_terminal_that_reports_sixel_is_sent_sixel()
  local out = show { answer = "\\033[?62;4;22c", across = 800, down = 480 }
  lu.assertStrContains(out, "\27P")
  local width, height = out:match('"1;1;(%d+);(%d+)')
  lu.assertTrue(tonumber(width) <= 800 and tonumber(width) > 250, width)
  lu.assertTrue(tonumber(height) <= 440 and tonumber(height) > 150, height)
  out = show { answer = "\\033[?62;14;22c" } -- 14 is not 4
  lu.assertNotStrContains(out, "\27P")
  lu.assertStrContains(out, "train")
end

function TestShow:test_kitty_gets_its_pictures_but_not_through_tmux()
  lu.assertStrContains(show { env = { "KITTY_WINDOW_ID=1" } }, "\27_Ga=T,f=100")
  local out = show { env = { "KITTY_WINDOW_ID=1", "TMUX=/tmp/tmux" } }
  lu.assertNotStrContains(out, "\27_G")
  assert_fits(out, 80, 24)
end

function TestShow:test_a_display_and_windows_make_a_window()
  local path = "PATH=" .. windows .. ":" .. os.getenv("PATH")
  local out, _, drawn = show { env = { "DISPLAY=:9", path } }
  lu.assertStrContains(drawn, "set terminal qt persist")
  lu.assertStrContains(drawn, "'train'")
  lu.assertNotStrContains(out, "train")
  lu.assertNil(select(3, show { env = { path } })) -- no display, no window
  out, _, drawn = show { env = { "DISPLAY=:9", path, "LIMN_SHOW=text" } }
  lu.assertNil(drawn)
  assert_fits(out, 80, 24)
end

function TestShow:test_without_a_window_it_warns_and_draws_in_the_terminal()
  local out, err = show { plain = true, env = { "DISPLAY=:9", "PATH=" .. windows .. ":" .. os.getenv("PATH"),
    "LIMN_TEST_DEAD=1" } }
  lu.assertStrContains(err, "no window: gnuplot failed (exit 1): cannot open display; drawn in the terminal")
  assert_fits(out, 80, 26)
  out = show { plain = true, env = { "LIMN_SHOW=window" } }
  lu.assertStrContains(out, "REFUSED no window: there is no display (DISPLAY and WAYLAND_DISPLAY are not set)")
  out = show { plain = true, env = { "LIMN_SHOW=windwo" } }
  lu.assertStrContains(out, 'REFUSED LIMN_SHOW must be auto, window, kitty, sixel or text, got "windwo"')
  local _, names = native.process.run({ "gnuplot", "-e", "set print '-'; print GPVAL_TERMINALS" }, {}, 600)
  if not (names:find(" qt ") or names:find(" wxt ") or names:find(" x11 ")) then
    out, err = show { plain = true, env = { "DISPLAY=:9" } }
    lu.assertStrContains(err, "no window: this gnuplot has no terminal that opens windows")
    assert_fits(out, 80, 26)
  end
end

local status = lu.LuaUnit.run()
os.execute("rm -rf " .. scratch)
os.exit(status)
