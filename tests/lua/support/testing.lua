-- testing.lua: common functions of all specs: calls that must fail, skipped tests, scratch files, commands.

local lu = require "luaunit"

local testing = {}

-- The build under test: the folder, absolute, and its program.
testing.build = os.getenv "LIMN_TEST_BUILD" or "build/release"
if not testing.build:match "^/" then testing.build = os.getenv "PWD" .. "/" .. testing.build end
testing.program = testing.build .. "/limn"
testing.sanitized = testing.build:find "san$" ~= nil

-- f(...) raises an error that contains `text`.
function testing.fails(text, f, ...)
  local ok, message = pcall(f, ...)
  lu.assertFalse(ok, "expected a failure: " .. text)
  lu.assertStrContains(tostring(message), text)
  return tostring(message)
end

-- Likewise, and the position in the error is that of the call: in the spec, or in this file, which calls f. It is not
-- in limn's own files.
function testing.fails_here(text, f, ...)
  local message = testing.fails(text, f, ...)
  local file = message:match "([%w_]+%.lua):%d+: "
  lu.assertTrue(file == "testing.lua" or file ~= nil and file:find "_spec%.lua$" ~= nil, "the position is in another file: " .. message)
end

-- Likewise, with a Lua pattern that the first line of the message matches somewhere.
function testing.fails_like(pattern, f, ...)
  local ok, message = pcall(f, ...)
  lu.assertFalse(ok)
  lu.assertStrMatches(tostring(message):gsub("\n.*", ""), ".*" .. pattern .. ".*")
end

-- Prints that a part of the running test is skipped: a line for the summary of the run (src/tools/run_tests.sh).
function testing.note_skip(reason) io.stderr:write("SKIP: ", reason, "\n") end

-- Skips the rest of the running test.
function testing.skip_if(condition, reason)
  if not condition then return end
  testing.note_skip(reason)
  lu.skip(reason)
end

function testing.exists(path)
  local file = io.open(path)
  if file then file:close() end
  return file ~= nil
end

function testing.read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "a"
  file:close()
  return text
end

function testing.write(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  file:close()
  return path
end

-- A new empty folder; the spec removes it.
function testing.temp_dir()
  local dir = os.tmpname()
  os.remove(dir)
  assert(os.execute("mkdir " .. dir))
  return dir
end

-- What a shell line writes to stdout, and its exit code (128 + the signal that ended it).
function testing.run(line)
  local pipe = assert(io.popen(line))
  local text = pipe:read "a"
  local _, how, code = pipe:close()
  return text, how == "exit" and code or 128 + code
end

return testing
