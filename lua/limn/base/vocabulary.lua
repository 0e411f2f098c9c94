-- limn/base/vocabulary.lua: the words that options accept. Words used in C are defined in include/limn/vocabulary.h,
-- one row each; words used only in Lua are added here. Options, errors, help, completion and reference are generated
-- from this list.

local native = require "limn.native"

local vocabulary = {}

local words = {} -- name -> list of {name =, help =}
for name, list in pairs(native.vocabulary) do words[name] = table.move(list, 1, #list, 1, {}) end

local function add(name, word, help, place)
  words[name] = words[name] or {}
  table.insert(words[name], place or #words[name] + 1, { name = word, help = help })
end

add("optimizer", "sgd", "gd on batches of batch= points (default 32, or all if fewer)", 2)
add("optimizer", "adamw", "adam with decay= (default 0.01)", 5)
add("optimizer", "langevin", "gd with noise N(0, 2 rate temperature)")
add("optimizer", "gauss_newton", "w -= rate J' (K + damping)^-1 (f - y): few steps, small nets")
add("reason", "validation", "the loss on validate= did not fall for patience= records")
add("reason", "stopped", "on returned false")
add("reason", "cancelled", "Ctrl-C, or the host's cancel flag")
add("kernel_param", "ntk", "every layer trains with the same rate")
add("kernel_param", "standard", "W ~ N(0, v/fan_in), one rate: Theta is divided by the width n")
add("limit_kind", "ntk", "all layers train")
add("limit_kind", "nngp", "only the last layer trains")

-- The words of a vocabulary as {name =, help =}, in order; nil if there is no such vocabulary.
function vocabulary.words(name) return words[name] end

-- Their names, for check's one_of.
function vocabulary.names(name)
  local list = {}
  for i, word in ipairs(words[name]) do list[i] = word.name end
  return list
end

-- Their names joined for a sentence: `"gd", "sgd" or "adam"`.
function vocabulary.text(name)
  local list = {}
  for i, word in ipairs(words[name]) do list[i] = ("%q"):format(word.name) end
  local last = table.remove(list)
  return #list == 0 and last or table.concat(list, ", ") .. " or " .. last
end

-- The names of all vocabularies, sorted.
function vocabulary.all()
  local list = {}
  for name in pairs(words) do list[#list + 1] = name end
  table.sort(list)
  return list
end

return vocabulary
