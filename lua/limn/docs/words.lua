-- limn/docs/words.lua: the vocabularies of options as text: for help, and as type aliases for lua-language-server.

local vocabulary = require "limn.base.vocabulary"

local words = {}

function words.known(name) return vocabulary.words(name) ~= nil end

-- The text of one vocabulary for help, or of all.
function words.text(name)
  local out = {}
  for _, each in ipairs(name and { name } or vocabulary.all()) do
    local width = 1
    for _, word in ipairs(vocabulary.words(each)) do width = math.max(width, #word.name) end
    out[#out + 1] = "words." .. each
    for _, word in ipairs(vocabulary.words(each)) do out[#out + 1] = ("  %-" .. width .. "s  %s"):format(word.name, word.help) end
  end
  return table.concat(out, "\n")
end

-- The contents of stubs/words.d.lua: one alias per vocabulary.
function words.aliases()
  local out = { [[
---@meta limn.words
-- words.d.lua: the words that options take, for lua-language-server. Made from include/limn/vocabulary.h and
-- lua/limn/base/vocabulary.lua; a spec compares them. To generate it:
--   build/release/limn -e 'io.write(require("limn.docs.words").aliases())' >lua/limn/docs/stubs/words.d.lua
]] }
  for _, name in ipairs(vocabulary.all()) do
    out[#out + 1] = "---@alias limn.words." .. name
    for _, word in ipairs(vocabulary.words(name)) do out[#out + 1] = ("---| %q # %s"):format(word.name, word.help) end
    out[#out + 1] = ""
  end
  return table.concat(out, "\n")
end

return words
