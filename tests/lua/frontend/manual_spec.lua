-- manual_spec.lua: the commands of the manual page run as shown: each line of EXAMPLES, the subcommands of limn store, and
-- the values of --grid.
-- slow: 6 s
local lu = require "luaunit"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local testing = dofile(here .. "/../support/testing.lua")
local pages = dofile(here .. "/../support/pages.lua")

local dir = testing.temp_dir()
local manual = testing.read(here .. "/../../../src/tools/limn.1.scd")
assert(os.execute(("mkdir %s/bin && ln -s %s %s/bin/limn"):format(dir, testing.program, dir)))
local environment = ("PATH=%s/bin:$PATH "):format(dir)

-- The text of a section. scdoc's escapes are removed.
local function section(name)
  local text = (manual .. "\n# "):match("\n# " .. name .. "\n(.-)\n# ")
  return (assert(text, "no section " .. name):gsub("\\(%p)", "%1"))
end

-- The lines of the code blocks of a text.
local function commands(text)
  local lines = {}
  for block in text:gmatch "\n```\n(.-)\n```" do
    for line in block:gmatch "[^\n]+" do lines[#lines + 1] = line end
  end
  return lines
end

-- Runs lines in order in a new folder, each as a block of its own, since sh -e ignores a failure on the left of &&.
local function run(lines, name)
  local folder, page = dir .. "/" .. name, {}
  assert(os.execute("mkdir " .. folder))
  for i, line in ipairs(lines) do page[i] = "```sh\n" .. line .. "\n```\n" end
  local ran, complaints = pages.run(table.concat(page, "\n"), folder, environment)
  return ran, table.concat(complaints, "\n"), folder
end

-- A shell command in `folder` -> its output with errors, and its exit code.
local function shell(folder, line) return testing.run(("cd %s && %s sh -c %q 2>&1"):format(folder, environment, line)) end

TestManual = {} -- luacheck: ignore

function TestManual:test_examples()
  local lines = commands(section "EXAMPLES")
  lu.assertTrue(#lines >= 6, #lines)
  local ran, complaints = run(lines, "examples")
  lu.assertEquals(complaints, "")
  lu.assertEquals(ran, #lines)
end

function TestManual:test_the_runner_can_fail()
  lu.assertStrContains(select(2, run({ "limn -e 'print(require \"limn\".no_such_function())'" }, "broken")), "sh failed")
  lu.assertEquals(commands "a\n\n```\nb\nc\n```\n\n```\nd\n```", { "b", "c", "d" })
end

-- Every word between the bars of "limn store a|b|c FILE" runs on a store.
function TestManual:test_store()
  local arguments = { ls = "s.db", show = "s.db", watch = "s.db", failed = "s.db", export = "s.db --csv",
    rerun = "s.db n=4 --yes", merge = "merged.db s.db", recover = "s.db recovered.db", status = "shards" }
  local _, complaints, folder = run({ "limn new s", "limn s.lua --grid n=2,4 --reps 2 --store s.db --quiet",
    "limn s.lua --grid n=2,4 --shard 1/1 --quiet --out shards" }, "store")
  lu.assertEquals(complaints, "")
  local seen = {}
  for word in section "COMMANDS":match "%*limn store%* (%S+)":gmatch "[^|]+" do
    seen[word] = true
    local text, code = shell(folder, "limn store " .. word .. " " .. (arguments[word] or "s.db"))
    lu.assertEquals(code, 0, word .. ": " .. text)
  end
  for word in pairs(arguments) do lu.assertTrue(seen[word], "the manual page lacks limn store " .. word) end
end

-- The forms of --grid, "low:high" with numbers in place of the words; the quoted text; and --plot-only --stale.
function TestManual:test_experiments()
  local text = section "EXPERIMENTS":gsub("%s+", " ")
  local _, complaints, folder = run({ "limn new s", "limn s.lua --grid n=2,4 --reps 2 --quiet" }, "experiments")
  lu.assertEquals(complaints, "")
  local specs = { text:match "values to sweep: ([%d,]+)" }
  for spec in text:gmatch "low:high[%w:/]*" do specs[#specs + 1] = spec:gsub("low:high", "2:64"):gsub("count", "3") end
  lu.assertTrue(#specs >= 5, #specs)
  for _, spec in ipairs(specs) do
    local said, code = shell(folder, "limn s.lua --dry-run --reps 1 --grid n=" .. spec)
    lu.assertEquals(code, 0, spec .. ": " .. said)
  end
  testing.write(folder .. "/tag.lua", [[return require("limn").experiment { name = "tag", params = { tag = "x" },
    measure = function(point) return { length = #point.tag } end }]])
  local quoted = assert(text:match "%*%-%-grid%* ('[^']+')")
  lu.assertEquals({ shell(folder, "limn tag.lua --quiet --grid " .. quoted .. " >log && limn store export out/tag.db --csv | wc -l") },
    { "3\n", 0 }) -- two values and the head
  local options = assert(text:match "%*(%-%-plot%-only [%a-]+)%*")
  local other, edits = testing.read(folder .. "/s.lua"):gsub("function measure%b()", "%0 local unused = 1")
  lu.assertEquals(edits, 1)
  testing.write(folder .. "/s.lua", other)
  local said, code = shell(folder, "limn s.lua --grid n=2,4 --reps 2 --quiet " .. options .. " 2>&1")
  lu.assertEquals(code, 0, said)
  lu.assertStrContains(said, "4 are stale (changed: function measure) and are taken as they are")
end

local code = lu.LuaUnit.run()
os.execute("rm -rf " .. dir)
os.exit(code)
