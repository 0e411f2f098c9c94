-- session_spec.lua: a complete session in a terminal, with keys sent through tmux: completion, paste, errors,
-- interrupts, plots, help. Then the prompt over a pipe and in a dumb terminal, and the keys of the line editor.
-- slow: 7 s
local lu = require "luaunit"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$")
local testing = dofile(here .. "/../support/testing.lua")
local build, dir = testing.build, testing.temp_dir()
assert(os.execute("mkdir " .. dir .. "/state"))
local name = "limn" .. dir:match "[%w_]+$"
local count, tmux = 0, nil -- every terminal has a server of its own

local function read(command)
  return (testing.run(command .. " 2>&1"))
end

local function quoted(text) return "'" .. text:gsub("'", "'\\''") .. "'" end
local function screen() return read(tmux .. "capture-pane -p -J -S -200 -t s") end
local function key(...) os.execute(tmux .. "send-keys -t s " .. table.concat({ ... }, " ")) end
-- tmux interprets a `;` at the end of its arguments.
local function typed(text)
  text = text:gsub(";$", "\\;")
  os.execute(tmux .. "send-keys -t s -l " .. quoted(text))
end

-- Waits until the screen shows `text` (plain); returns the screen. The limit only ends a hang: it is far above what a
-- loaded machine takes.
local function await(text, from)
  local now
  for _ = 1, 2000 do
    now = screen()
    if now:find(text, from or 1, true) then return now end
    os.execute "sleep 0.05"
  end
  lu.fail(("the screen never showed %q:\n%s"):format(text, now))
end

-- Waits until the program has ended, and its terminal with it.
local function await_end()
  for _ = 1, 2000 do
    if not read(tmux .. "list-sessions"):find("s:", 1, true) then return end
    os.execute "sleep 0.05"
  end
  lu.fail "the program did not end"
end

-- A fresh screen with a prompt.
local function clear()
  key "C-u"
  typed "io.write('\\27[H\\27[2J\\27[3J')"
  key "Enter"
  os.execute "sleep 0.1"
  os.execute(tmux .. "clear-history -t s")
  await "limn> "
end

local function enter(line)
  typed(line)
  key "Enter"
end

local function stop() if tmux then os.execute(tmux .. "kill-server 2>/dev/null") end end

local function start(options)
  stop()
  count = count + 1
  tmux = ("tmux -L %s-%d -f /dev/null "):format(name, count)
  assert(os.execute(("cd %s && env -u NO_COLOR HOME=%s XDG_STATE_HOME=%s/state LIMN_SHOW=text LANG=C.UTF-8 %s "
    .. "new-session -d -x 100 -y 40 -s s '%s %s/limn'"):format(dir, dir, dir, tmux, options or "", build)))
  await "limn> "
end

TestSession = {} -- luacheck: ignore

function TestSession:setUp() start() end
function TestSession:tearDown() stop() end

function TestSession:test_values_and_ans()
  enter "6 * 7"
  await "\n42\n"
  enter "ans + 1"
  await "\n43\n"
  enter "big = limn.rng.stream(1):normal(1000, 300)"
  enter "big"
  local shown = await "limn.array 1000x300 f64"
  lu.assertTrue(select(2, shown:gsub("\n", "")) < 60)
  enter "ans:shape();"
  enter "('quiet'):upper();"
  enter "'end of ' .. 'it'"
  lu.assertNotStrContains(await "end of it", "QUIET")
end

function TestSession:test_completion()
  typed "limn.regr"
  key "Tab"
  typed ".minn"
  key "Tab"
  await "limn> limn.regress.minnorm"
  key "C-u"
  typed "limn.features.toy{comp"
  key "Tab"
  typed "6, cou"
  key "Tab"
  await "limn> limn.features.toy{complexity=6, count="
  key "C-u"
  enter "a = limn.zeros(3, 2)"
  typed "a:sh"
  key "Tab"
  await "sh" -- two of them
  await "shape  show"
  typed "a"
  key "Tab"
  typed "()"
  key "Enter"
  await "3       2"
end

function TestSession:test_files_modules_and_symbols()
  assert(os.execute("touch " .. dir .. "/measured_points.csv && mkdir -p " .. dir .. "/folder"))
  typed "p = 'meas"
  key "Tab"
  await "p = 'measured_points.csv"
  key "C-u"
  typed "require 'limn.the"
  key "Tab"
  await "require 'limn.theory"
  key "C-u"
  typed "s = '\\alpha"
  key "Tab"
  typed "é'; #s .. s"
  await "s = 'αé'; #s .. s"
  key "BSpace" -- one character each, though of two bytes
  key "C-a"
  key "C-k"
  typed "'\\alpha"
  key "Tab"
  typed "xé"
  key "BSpace"
  typed "' .. 1"
  key "Enter"
  await "\nαx1\n"
end

function TestSession:test_signature_while_typing()
  typed "limn.regress.lp("
  await "regress.lp(features, labels?, {norm=}) -> fit"
  typed "1, 2, {"
  key "Enter"
  key "C-c"
  lu.assertNotStrContains(screen(), "-> fit") -- it does not stay
end

function TestSession:test_paste_is_one_chunk()
  local file = dir .. "/paste.lua"
  local f = assert(io.open(file, "w"))
  f:write "limn> local total = 0\nlimn> for i = 1, 10 do\n....>   total = total + i\n....> end\n55\nlimn> print('sum', total)\n"
  f:close()
  os.execute(tmux .. "load-buffer " .. file .. " && " .. tmux .. "paste-buffer -p -t s")
  await "print('sum', total)"
  key "Enter"
  lu.assertNotStrContains(await "sum     55", "nil")
  f = assert(io.open(file, "w"))
  f:write "local n = 0\n"
  for _ = 1, 60 do f:write "n = n + 1\n" end
  f:write "print('long', n)\n"
  f:close()
  os.execute(tmux .. "load-buffer " .. file .. " && " .. tmux .. "paste-buffer -p -t s")
  await "[62 pasted lines]"
  await "long    60"
end

function TestSession:test_a_pasted_block_has_a_value()
  local file = testing.write(dir .. "/block.lua", "pasted = 40\nfor i = 1, 2 do pasted = pasted + 1 end\npasted")
  os.execute(tmux .. "load-buffer " .. file .. " && " .. tmux .. "paste-buffer -p -t s")
  await "2 do pasted"
  key "Enter"
  await "\n42\n"
  enter "_ + _1"
  lu.assertNotStrContains(await "\n84\n", "warning")
end

function TestSession:test_long_help_has_a_pager()
  enter "?mlp.train" -- longer than the terminal
  await "mlp:train(X"
  await "\n:" -- less waits after the first page
  key "q"
  enter "6 * 7"
  await "\n42\n"
  enter "?limn.eye" -- short
  await "?limn.eye"
  enter "6 * 8"
  await "\n48\n"
end

function TestSession:test_shell_folder_and_post_mortem()
  enter "!echo from-the-\"shell\""
  await "from-the-shell"
  enter "!exit 3"
  await "exit code 3"
  enter ":cd /"
  enter "!pwd"
  await "\n/\n"
  enter "function outer(a) local k = a * 2 local r = k.x.y return r end"
  enter "outer(4)"
  await "attempt to index a number value (local 'k')"
  enter ":debug"
  await "1  outer, stdin:1"
  await "k  8"
  await "debug> "
  typed "k + 10"
  key "Enter"
  await "\n18\n"
  key "C-d"
  await "limn> "
  enter "k"
  await "k is not defined"
end

-- limn -i after a script that fails: its message, then a prompt with its globals and, through :debug, its locals.
function TestSession:test_a_prompt_after_a_failed_script()
  local script = testing.write(dir .. "/fails.lua", "kept = 5\nlocal function f(t) local y = 33 return t.a.b + y end\nlocal r = f {}\n")
  local input = testing.write(dir .. "/fails.txt", "kept * 9\n:debug\ny + 1\n")
  local text = read(("HOME=%s %s/limn -i %s <%s"):format(dir, build, script, input))
  lu.assertStrContains(text, "attempt to index a nil value (field 'a')")
  lu.assertStrContains(text, "limn> 45\n")
  lu.assertStrContains(text, "debug> 34\n")
end

function TestSession:test_unfinished_lines_history_and_search()
  enter "function twice(x)"
  await "....> "
  enter "  return 2 * x"
  enter "end"
  enter "twice(21)"
  await "\n42\n"
  key "Up"
  key "Up" -- the whole function comes back, and runs as one
  await "limn> function twice(x)"
  key "Enter"
  enter "twice(50)"
  await "\n100\n"
  key "C-r"
  typed "twice(2"
  await "twice(21)"
  key "Enter"
  os.execute "sleep 0.2"
  clear()
  enter ":quit"
  await_end()
  start()
  key "Up"
  key "Up" -- over :quit
  await "limn> io.write"
  local mode = read("stat -c %a " .. dir .. "/state/limn/history")
  lu.assertEquals(mode, "600\n")
end

function TestSession:test_errors_keep_the_session()
  enter "kept = 5"
  enter "x = kept..kepd.y"
  await "did you mean kept?"
  local shown = await "attempt to index a nil value (global 'kepd')"
  local line, caret = shown:match "\n(    x = kept%.%.kepd%.y)\n(%s+%^)"
  lu.assertEquals(#caret, line:find "kepd" )
  enter "y = = 2"
  lu.assertStrContains(await "unexpected symbol near '='", "\n    y = = 2\n        ^\n")
  enter "function inner(t) local s = t.a.b return s end"
  enter "function outer() local r = inner {} return r end"
  enter "z = outer()"
  shown = await "in outer, stdin:1"
  lu.assertStrContains(shown, "in inner, stdin:1")
  lu.assertNotStrContains(shown, "[C]")
  enter "limn.regress.minnorm(limn.eye(2), {1})"
  lu.assertStrContains(await "minnorm: ", "\n    limn.regress.minnorm(limn.eye(2), {1})\n                 ^\n")
  enter "limn.regress.minorm(limn.eye(2), {1, 2})"
  await "(field 'minorm'); did you mean minnorm?"
  enter "toy {}"
  await "toy is not defined; did you mean limn.features.toy?"
  enter "kept"
  await "\n5\n"
end

function TestSession:test_words_of_other_prompts()
  enter "help"
  await ":help lists the commands"
  enter "exit"
  await "Ctrl-D or :quit ends the session"
end

-- The time from Ctrl-C to the next prompt is below 0.2 s; the limits here are larger, for loaded machines.
function TestSession:test_interrupt()
  for _, work in ipairs { "while true do end", "limn.features.toy{points=2048, count=1e9, perfect=1}:gram()" } do
    clear()
    enter("kept = 7; print('be' .. 'gun') " .. work)
    await "begun"
    key "C-c"
    await "interrupted"
    enter "kept * 6"
    await "\n42\n"
  end
end

function TestSession:test_plot_and_help()
  enter "limn.plot({1, 2, 3, 4}, {1, 4, 9, 16}, {ylabel = 'square'})"
  await "square"
  clear()
  enter "?regress.minnorm"
  await "the pseudo-inverse"
  enter "help(limn.theory.crossover)"
  await "D = 2^C - 1 for norm 2"
  enter "apropos 'Jacot'"
  await "kernel.ntk"
  key "C-d"
  await_end()
end

function TestSession:test_commands()
  enter "w = limn.zeros(4, 4)"
  enter ":who"
  await "limn.array 4x4 f64  128 B"
  enter ":set digits 3"
  enter "math.pi"
  await "\n3.14\n"
  enter ":bench math.sin(1)"
  await "median "
  enter ":save kept.lua"
  await "wrote kept.lua"
  enter ":nope"
  await ":nope is not a command"
  enter "w = nil"
  enter ":load kept.lua"
  enter "w:size()"
  await "\n16\n"
  enter ":env"
  await "OpenBLAS"
end

function TestSession:test_a_prompt_inside_a_script()
  local file = dir .. "/inside.lua"
  local f = assert(io.open(file, "w"))
  f:write [[
    local limn = require "limn"
    local outer = 40
    local function step(a)
      local b = a + outer
      local got = limn.repl {}
      print("got", got, "b is", b)
    end
    step(1)
    print("env", limn.repl { env = { k = 5 } }, rawget(_G, "ans"), k)
  ]]
  f:close()
  local input = dir .. "/inside.txt"
  f = assert(io.open(input, "w"))
  f:write "b + 1\n:time outer * 2\nb = 7\nq.r\na * 3\n"
  f:close()
  local text = read(("HOME=%s %s/limn %s <%s"):format(dir, build, file, input))
  lu.assertStrContains(text, "limn> 42\n")
  lu.assertStrContains(text, "limn> 80\n")
  lu.assertStrContains(text, "attempt to index a nil value (global 'q')")
  lu.assertStrContains(text, "got\t3\tb is\t41") -- the script's own variables are its own
  lu.assertStrContains(text, "env\tnil\tnil\tnil")
  enter("dofile '" .. file .. "'") -- and a prompt within the prompt
  await "help: :help   quit: Ctrl-D"
  typed "oute"
  key "Tab"
  typed " + b"
  key "Enter"
  await "\n81\n"
  key "C-d"
  await "got     81"
  enter "k"
  await "\n5\n"
  key "C-d"
  await "env     5"
  enter "'still' .. 'here'"
  await "stillhere"
end

-- ---- pipes and dumb terminals ----------------------------------------------------------------------------

local lines = "x = 20\nlimn> x + 1\nfor i = 1, 2 do\nx = x + i\nend\nx\n:who\ny.z\n"

local function check_plain(text)
  lu.assertStrContains(text, "21\n")
  lu.assertStrContains(text, "23\n")
  lu.assertStrContains(text, "number")
  lu.assertStrContains(text, "attempt to index a nil value (global 'y')")
  lu.assertNotStrContains(text, "\27")
end

function TestSession:test_over_a_pipe_and_dumb()
  local file = dir .. "/lines"
  local f = assert(io.open(file, "w"))
  f:write(lines)
  f:close()
  check_plain(read(("HOME=%s %s/limn -i <%s"):format(dir, build, file)))
  start "TERM=dumb"
  enter "5 + 6"
  await "\n11\n"
  typed "x."
  key "Tab"
  lu.assertNotStrContains(read(tmux .. "capture-pane -p -e -t s"), "\27[?2004h")
end

-- ---- the line editor ---------------------------------------------------------------------------------------

function TestSession:test_a_block_is_edited_as_a_whole()
  enter "function area(w, h)"
  await "....> "
  enter "local a = w * h" -- with its indentation
  enter "return a"
  typed "end" -- which moves to the begin of the line
  await "\n....>   return a\n....> end"
  key "Up"
  key "Up"
  key "C-e"
  for _ = 1, 4 do key "BSpace" end
  typed " + h"
  key "Enter" -- in the middle: a new line
  typed "a = 2 * a"
  key "Down"
  key "Down"
  key "Enter"
  enter "area(3, 4)"
  await "\n14\n"
  key "Up"
  key "Up"
  await "\n....>   local a = w + h\n....>   a = 2 * a\n....>   return a\n....> end"
end

function TestSession:test_keys_of_emacs()
  typed "one two three"
  key "M-b"
  key "M-BSpace"
  key "C-a"
  key "C-y"
  await "limn> two one three"
  key "C-_"
  await "limn> one three"
  key "C-k"
  typed "'wxyz'"
  key "Left"
  key "Left"
  key "C-t"
  await "limn> 'wxzy'"
  key "Home"
  key "C-Right"
  key "C-w"
  await "limn> '"
  key "C-u"
  key "C-d"
  typed "('wide 漢字')"
  key "C-b"
  key "C-b"
  key "BSpace"
  key "Enter"
  await "\nwide 漢\n"
end

-- Text from the history begins as what is typed, and is found by what it contains; the file of libedit is read.
function TestSession:test_history()
  enter ":quit"
  await_end()
  local f = assert(io.open(dir .. "/state/limn/history", "w"))
  f:write "_HiStOrY_V2_\nx\\040=\\0401\\012y\\040=\\0402\nkappa\\040=\\0407\nlater\\040=\\0408\n"
  f:close()
  start()
  key "Up"
  key "Up"
  key "Up"
  await "limn> x = 1\n....> y = 2"
  key "C-u" -- the last line
  key "BSpace"
  key "C-u"
  typed "kap"
  key "Up"
  await "limn> kappa = 7"
  key "Down"
  await "limn> kap"
  key "C-u"
  key "C-r"
  typed "ppa"
  await "`ppa') kappa = 7"
  key "C-g"
  key "C-r"
  typed "nowhere"
  await "(not found `nowhere')"
  key "C-g"
  enter "1 + 1"
  await "\n2\n"
  lu.assertStrContains(testing.read(dir .. "/state/limn/history"), "later\\040=\\0408\n1\\040+\\0401\n")
end

local function coloured() return read(tmux .. "capture-pane -p -e -t s") end

function TestSession:test_colours()
  typed "for i = 1, #'text' do -- why (or not)"
  await "or not)"
  local shown = coloured()
  for _, part in ipairs { "35mfor", "36m1", "32m'text'", "35mdo", "90m-- why" } do
    lu.assertStrContains(shown, "\27[" .. part)
  end
  key "C-u"
  typed "f((1)"
  await "f((1)"
  lu.assertStrContains(coloured(), "f(\27[1m\27[34m(\27[0m\27[36m")
  start "NO_COLOR=1"
  typed "for i = 1, #'text' do"
  await "do"
  lu.assertNotStrContains(coloured(), "\27[3")
end

function TestSession:test_windows_of_other_sizes()
  typed(("x"):rep(150) .. " = 1")
  await "x = 1"
  os.execute(tmux .. "resize-window -t s -x 50 -y 12")
  os.execute "sleep 0.2"
  key "C-a"
  typed "y = 4; "
  key "Enter"
  enter "y * 10"
  await "\n40\n"
  lu.assertEquals(select(2, screen():gsub("y = 4;", "")), 1) -- drawn once
  enter "function tall()" -- more lines than the window: those around the cursor
  for i = 1, 20 do enter(("local a%d = %d"):format(i, i)) end
  enter "return a1 + a20"
  enter "end"
  enter "tall()"
  await "\n21\n"
end

function TestSession:test_stop_and_signals()
  stop()
  count = count + 1
  tmux = ("tmux -L %s-%d -f /dev/null "):format(name, count)
  assert(os.execute(("cd %s && HOME=%s XDG_STATE_HOME=%s/state %s new-session -d -x 80 -y 20 -s s 'PS1=sh: sh -i'"):format(
    dir, dir, dir, tmux)))
  await "sh:"
  enter(build .. "/limn")
  await "limn> "
  typed "kept + "
  key "C-z"
  await "Stopped"
  enter "echo from the sh\\ell"
  await "from the shell"
  enter "fg"
  await "limn> kept +"
  key "C-c"
  enter "kept = 6"
  enter "kept * 7"
  await "\n42\n"
  enter "io.write 'no newline'"
  typed "half"
  lu.assertTrue((await "half"):find "no newline *\nlimn> half" ~= nil)
  os.execute("kill $(pgrep -x limn -P $(" .. tmux .. "display -p -t s '#{pane_pid}'))")
  await "Terminated"
  enter "echo still e\\choes"
  await "sh:echo still" -- the modes of the terminal are restored
  await "still echoes"
end

local code = lu.LuaUnit.run()
stop()
os.execute("rm -rf " .. dir)
os.exit(code)
