-- pages.lua: runs the code of a Markdown document in the order of the page, in a separate folder, and compares its
-- output with the following ```text block. Blocks: ```lua (all of a page are one chunk), ```lua file=NAME and ```c
-- file=NAME (written to a file), ```sh (run by sh -e), ```text (expected output; numbers may differ by 1e-6 of their size).
-- A block that is not run has the word "norun" and a reason on its fence.

local markdown = require "limn.docs.site.markdown"

local pages = {}

local function words(text)
  local list = {}
  for word in text:gmatch "%S+" do list[#list + 1] = word end
  return list
end

-- Whether two texts are the same up to white space and rounding.
function pages.same(want, got)
  local a, b = words(want), words(got)
  if #a ~= #b then return false end
  for i, word in ipairs(a) do
    local x, y = tonumber((word:gsub("[%[%],]", ""))), tonumber((b[i]:gsub("[%[%],]", "")))
    if x and y then
      if math.abs(x - y) > 1e-6 * math.max(math.abs(x), 1e-9) then return false end
    elseif word ~= b[i] then return false end
  end
  return true
end

local function write(path, text)
  local f = assert(io.open(path, "w"))
  f:write(text, "\n")
  f:close()
end

local function slurp(path)
  local f = assert(io.open(path, "r"))
  local text = f:read "a"
  f:close()
  return text
end

-- Runs a page; environment: a shell prefix ("PATH=... "). Returns the number of blocks that ran, a list of complaints and
-- a list of blocks that were skipped with their reasons.
function pages.run(text, folder, environment)
  local complaints, skipped, ran = {}, {}, 0
  local lua, marks, expected = {}, {}, {} -- the page's Lua blocks become one script; outputs are split at marks
  local last
  for _, block in ipairs(markdown.blocks(text)) do
    if block.kind == "code" then
      local language, file = block.language, block.info:match "file=(%S+)"
      if block.info:find "norun" then
        skipped[#skipped + 1] = block.info:match "norun%s*(.*)$"
        last = nil
      elseif file then
        lua[#lua + 1] = ("__write(%q, %q)"):format(file, block.text)
        last = nil
      elseif language == "lua" or language == "sh" then
        ran = ran + 1
        marks[#marks + 1] = block.text
        lua[#lua + 1] = ("__mark(%d)"):format(#marks)
        lua[#lua + 1] = language == "lua" and block.text or ("__sh(%q)"):format(block.text)
        last = #marks
      elseif language == "text" then
        if last then expected[last] = block.text else complaints[#complaints + 1] = "output of nothing: " .. block.text end
      else
        complaints[#complaints + 1] = ("a block of the unknown kind %q"):format(language)
      end
    end
  end
  write(folder .. "/page.lua", [[
local function __write(name, text) local f = assert(io.open(name, "w")) f:write(text, "\n") f:close() end
local function __mark(i) io.stdout:write("\1", i, "\2\n") io.stdout:flush() end
local function __sh(text) io.stdout:flush() __write("block.sh", text) assert(os.execute "sh -e block.sh 2>&1", "sh failed: " .. text) end
]] .. table.concat(lua, "\n"))
  os.execute(("cd %s && %slimn page.lua >printed 2>errors; echo $? >code"):format(folder, environment))
  if slurp(folder .. "/code"):match "%d+" ~= "0" then complaints[#complaints + 1] = slurp(folder .. "/errors") end
  for i, printed in slurp(folder .. "/printed"):gmatch "\1(%d+)\2([^\1]*)" do
    i = tonumber(i)
    if expected[i] and not pages.same(expected[i], printed) then
      complaints[#complaints + 1] = ("%s\nprints\n%s\nbut the page says\n%s"):format(marks[i], printed, expected[i])
    end
  end
  return ran, complaints, skipped
end

return pages
