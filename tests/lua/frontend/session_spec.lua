-- session_spec.lua: a complete session in a terminal, with keys sent through tmux: completion, paste, errors,
-- interrupts, plots, help. Then the prompt over a pipe, in a dumb terminal, and built without libedit.
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

function TestSession:test_without_libedit()
  testing.skip_if(testing.sanitized, "the prompt without libedit: a plain build is enough")
  local program = dir .. "/plain"
  lu.assertEquals(read(("cc -std=c17 -D_GNU_SOURCE -DLIMN_LIBEDIT=0 -Iinclude -Isrc "
    .. "$(pkg-config --cflags lua5.4) src/host/*.c src/bind/error.c %s/liblimn.a "
    .. "-o %s -Wl,-E $(pkg-config --libs lua5.4) -lm -ldl"):format(build, program)), "")
  lu.assertNotStrContains(read("ldd " .. program), "libedit")
  local file = dir .. "/lines"
  local f = assert(io.open(file, "w"))
  f:write(lines)
  f:close()
  local paths = ("LUA_PATH='lua/?.lua;lua/?/init.lua' LUA_CPATH='%s/?.so'"):format(build)
  check_plain(read(("HOME=%s %s %s -i <%s"):format(dir, paths, program, file)))
end

local code = lu.LuaUnit.run()
stop()
os.execute("rm -rf " .. dir)
os.exit(code)
