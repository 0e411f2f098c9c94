-- readme_spec.lua: the READMEs agree with the repository: paths in backquotes and links exist, blocks of code and the
-- session at the prompt produce the output shown, and the table of modules equals that of modules.lua.
-- slow: 4 s
local lu = require "luaunit"
local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local testing = dofile(here .. "/../support/testing.lua")
local pages = dofile(here .. "/../support/pages.lua")
local markdown = require "limn.docs.site.markdown"
local modules = require "limn.base.modules"

local READMES = { "README.md", "src/README.md", "tests/README.md", "scripts/README.md", "lua/limn/README.md" }
local dir = testing.temp_dir()
local root = os.getenv "PWD"
local prefix = dir .. "/usr"
assert(os.execute(("mkdir -p %s/bin && src/tools/install.sh %s %s '' %s >/dev/null"):format(
  dir, testing.build, require "limn".version, prefix)))
-- A page runs where the commands of the repository's root work: build/release is the build under test.
local environment = ("PATH=%s/bin:$PATH PKG_CONFIG_PATH=%s/lib/pkgconfig LD_LIBRARY_PATH=%s/lib "):format(
  prefix, prefix, prefix)

TestReadmes = {} -- luacheck: ignore

-- Text without its fenced blocks.
local function prose(text) return (("\n" .. text):gsub("\n```.-\n```", "")) end

local function is_there(path, folder)
  for _, base in ipairs { ".", folder } do
    if os.execute(("test -e '%s/%s'"):format(base, path)) then return true end
  end
  return false
end

-- Whether a word in backquotes is a path: it has a slash, or the ending of a source or text file. NAME and ROOM stand for any
-- name; what commands write need not be there.
local function is_path(word)
  if not word:find "^[%w_%./-]+$" or word:find "NAME" or word:find "ROOM" then return false end
  if word:find "^build/" or word:find "^out/" then return false end
  return word:find "%w/" or word:find "^[%w_-]+%.[ch]$" or word:find "%.lua$" or word:find "%.md$" or word:find "%.sh$"
end

local function missing(text, folder)
  local list = {}
  for word in prose(text):gmatch "`([^`\n]+)`" do
    if is_path(word) and not is_there(word, folder) then list[#list + 1] = word end
  end
  for target in prose(text):gmatch "%]%(([^)#]+)[^)]*%)" do
    if not target:find "^https?:" and not os.execute(("test -e '%s/%s'"):format(folder, target)) then
      list[#list + 1] = target
    end
  end
  return table.concat(list, " ")
end

for _, readme in ipairs(READMES) do
  local name, folder = readme:gsub("%W", "_"), readme:match "^(.*)/[^/]*$" or "."
  TestReadmes["test_paths_" .. name] = function() lu.assertEquals(missing(testing.read(readme), folder), "", readme) end
  TestReadmes["test_code_" .. name] = function()
    testing.skip_if(testing.sanitized, readme .. ": programs of its own lack the sanitizer")
    local place = prefix .. "/" .. name
    assert(os.execute(("mkdir -p %s/build && ln -sfn %s %s/build/release && ln -sfn %s/scripts %s/tests %s"):format(
      place, testing.build, place, root, root, place)))
    local ran, complaints, skipped = pages.run(testing.read(readme), place, environment)
    for _, reason in ipairs(skipped) do lu.assertTrue(reason ~= "", readme .. ": norun without a reason") end
    lu.assertEquals(table.concat(complaints, "\n"), "")
    local least = { ["README.md"] = 2, ["scripts/README.md"] = 1 }
    lu.assertTrue(ran >= (least[readme] or 0), readme)
  end
end

function TestReadmes:test_missing_is_noticed()
  local text = "`src/core/core.h` `core/core.h` `a/b` `no/such.c` `x.lua`\n```lua\n`y/z`\n```\n[a](src) [b](nowhere.md)"
  lu.assertEquals(missing(text, "src"), "a/b no/such.c x.lua src nowhere.md")
end

-- Lines after "limn> " are typed; what follows is what the prompt answers.
function TestReadmes:test_session()
  local typed, shown = {}, {}
  for _, block in ipairs(markdown.blocks(testing.read "README.md")) do
    if block.kind == "code" and block.text:find "^limn> " then
      for line in block.text:gmatch "[^\n]+" do
        local input = line:match "^limn> (.*)$"
        if input then typed[#typed + 1] = input else shown[#shown + 1] = line end
      end
    end
  end
  lu.assertTrue(#typed > 2)
  local input = testing.write(dir .. "/typed", table.concat(typed, "\n") .. "\n")
  local said = testing.run(("%s -i <%s 2>&1"):format(testing.program, input)):gsub("^[^\n]*\n", ""):gsub("limn> ", "")
  lu.assertTrue(pages.same(table.concat(shown, "\n"), said), said)
end

function TestReadmes:test_modules()
  local listed = {}
  for name, summary in testing.read "lua/limn/README.md":gmatch "\n| `limn%.([%w_]+)` | ([^|\n]-) |" do
    listed[#listed + 1] = name .. ": " .. summary
  end
  local known = {}
  for i, module in ipairs(modules) do known[i] = module.name .. ": " .. module.summary end
  lu.assertEquals(listed, known)
end

local code = lu.LuaUnit.run()
os.execute("rm -rf " .. dir)
os.exit(code)
