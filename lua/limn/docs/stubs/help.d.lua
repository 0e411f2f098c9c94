---@meta limn.help
-- help.d.lua: the documentation functions.

---Documentation of limn's functions. At the prompt help, apropos and ?name are defined.
---@class limn.lib.help
---@overload fun(what?: any)
local help = {}

---The documentation of a function, a method, an object or a name, as text.
---Errors: nil, message when there is no entry; the message suggests a similar name.
---```lua
---print(limn.help.text "regress.minnorm")
---print(limn.help.text(limn.zeros))
---```
---@param what any a function, an object, or a name such as "regress.minnorm", "array:sum", "sum", "regress"
---@return string
function help.text(what) end

---The entries that contain a word, with their summaries, as text.
---Errors: nil, message when there are none.
---```lua
---print(limn.help.apropos "posterior")
---```
---@param word string
---@return string
function help.apropos(word) end

---The whole reference, as Markdown.
---Errors: none.
---```lua
---print(#limn.help.markdown() > 10000)
---```
---@return string
function help.markdown() end

---The whole reference, as one HTML page with a search box.
---Errors: none.
---```lua
---print(limn.help.html():sub(1, 15))
---```
---@return string
function help.html() end

return help
