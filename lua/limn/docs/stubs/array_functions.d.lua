---@meta
-- array_functions.d.lua: functions and comparisons of entries.

---@class limn.array
local array = {}

---exp of every entry.
---Errors: none.
---```lua
---print(limn.zeros(2):exp())
---```
---@return limn.array
function array:exp() end

---The natural logarithm of every entry.
---Errors: none; 0 gives -inf and a negative entry nan.
---```lua
---print(limn.ones(2):log())
---```
---@return limn.array
function array:log() end

---The square root of every entry.
---Errors: none; a negative entry gives nan.
---```lua
---print(limn.array({ 4, 9 }):sqrt())
---```
---@return limn.array
function array:sqrt() end

---The absolute value of every entry.
---Errors: none.
---```lua
---print(limn.array({ -4, 9 }):abs())
---```
---@return limn.array
function array:abs() end

---The sign of every entry: -1, 0 or 1.
---Errors: none.
---```lua
---print(limn.array({ -4, 0, 9 }):sign())
---```
---@return limn.array
function array:sign() end

---The hyperbolic tangent of every entry.
---Errors: none.
---```lua
---print(limn.array({ -1, 0, 1 }):tanh())
---```
---@return limn.array
function array:tanh() end

---The largest whole number that is not above each entry.
---Errors: none.
---```lua
---print(limn.array({ -1.5, 2.5 }):floor())
---```
---@return limn.array
function array:floor() end

---The smallest whole number that is not below each entry.
---Errors: none.
---```lua
---print(limn.array({ -1.5, 2.5 }):ceil())
---```
---@return limn.array
function array:ceil() end

---Each entry without its digits after the point.
---Errors: none.
---```lua
---print(limn.array({ -1.5, 2.5 }):trunc())
---```
---@return limn.array
function array:trunc() end

---The sine of every entry, in radians.
---Errors: none.
---```lua
---print(limn.array({ 0, 1 }):sin())
---```
---@return limn.array
function array:sin() end

---The cosine of every entry, in radians.
---Errors: none.
---```lua
---print(limn.array({ 0, 1 }):cos())
---```
---@return limn.array
function array:cos() end

---The tangent of every entry, in radians.
---Errors: none.
---```lua
---print(limn.array({ 0, 1 }):tan())
---```
---@return limn.array
function array:tan() end

---The arc sine of every entry, in radians; nan outside -1 .. 1.
---Errors: none.
---```lua
---print(limn.array({ 0, 1 }):asin())
---```
---@return limn.array
function array:asin() end

---The arc cosine of every entry, in radians; nan outside -1 .. 1.
---Errors: none.
---```lua
---print(limn.array({ 0, 1 }):acos())
---```
---@return limn.array
function array:acos() end

---The arc tangent of every entry, in radians.
---Errors: none.
---```lua
---print(limn.array({ 0, 1 }):atan())
---```
---@return limn.array
function array:atan() end

---The hyperbolic sine of every entry.
---Errors: none.
---```lua
---print(limn.array({ 0, 1 }):sinh())
---```
---@return limn.array
function array:sinh() end

---The hyperbolic cosine of every entry.
---Errors: none.
---```lua
---print(limn.array({ 0, 1 }):cosh())
---```
---@return limn.array
function array:cosh() end

---The inverse hyperbolic sine of every entry.
---Errors: none.
---```lua
---print(limn.array({ 0, 1 }):asinh())
---```
---@return limn.array
function array:asinh() end

---The inverse hyperbolic cosine of every entry; nan below 1.
---Errors: none.
---```lua
---print(limn.array({ 1, 2 }):acosh())
---```
---@return limn.array
function array:acosh() end

---The inverse hyperbolic tangent of every entry; nan outside -1 .. 1.
---Errors: none.
---```lua
---print(limn.array({ 0, 0.5 }):atanh())
---```
---@return limn.array
function array:atanh() end

---exp(x) - 1 of every entry, accurate near 0.
---Errors: none.
---```lua
---print(limn.array({ 0, 1e-9 }):expm1())
---```
---@return limn.array
function array:expm1() end

---2^x of every entry.
---Errors: none.
---```lua
---print(limn.array({ 0, 10 }):exp2())
---```
---@return limn.array
function array:exp2() end

---log(1 + x) of every entry, accurate near 0.
---Errors: none.
---```lua
---print(limn.array({ 0, 1e-9 }):log1p())
---```
---@return limn.array
function array:log1p() end

---The logarithm to base 2 of every entry.
---Errors: none.
---```lua
---print(limn.array({ 1, 8 }):log2())
---```
---@return limn.array
function array:log2() end

---The logarithm to base 10 of every entry.
---Errors: none.
---```lua
---print(limn.array({ 1, 1000 }):log10())
---```
---@return limn.array
function array:log10() end

---The cube root of every entry.
---Errors: none.
---```lua
---print(limn.array({ -8, 27 }):cbrt())
---```
---@return limn.array
function array:cbrt() end

---The error function of every entry.
---Errors: none.
---```lua
---print(limn.array({ 0, 1 }):erf())
---```
---@return limn.array
function array:erf() end

---1 - erf of every entry, accurate for large ones.
---Errors: none.
---```lua
---print(limn.array({ 0, 10 }):erfc())
---```
---@return limn.array
function array:erfc() end

---The gamma function of every entry: (x - 1)! of a whole number.
---Errors: none.
---```lua
---print(limn.array({ 1, 5 }):gamma())
---```
---@return limn.array
function array:gamma() end

---log |gamma| of every entry.
---Errors: none.
---```lua
---print(limn.array({ 1, 100 }):lgamma())
---```
---@return limn.array
function array:lgamma() end

---1 where the entry is nan, as a mask.
---Errors: none.
---```lua
---print(limn.array({ 0 / 0, 1 }):isnan())
---```
---@return limn.array
function array:isnan() end

---1 where the entry is infinite, as a mask.
---Errors: none.
---```lua
---print(limn.array({ math.huge, 1 }):isinf())
---```
---@return limn.array
function array:isinf() end

---1 where the entry is neither nan nor infinite, as a mask.
---Errors: none.
---```lua
---print(limn.array({ 0 / 0, 1 }):isfinite())
---```
---@return limn.array
function array:isfinite() end

---Every entry rounded to so many digits after the point (before it, if negative), halves to even as in numpy.
---Errors: raises when digits is not a whole number.
---```lua
---print(limn.array({ 0.5, 1.5, 2.346 }):round(), limn.array({ 2.346 }):round(2))
---```
---@param digits? integer (default 0)
---@return limn.array
function array:round(digits) end

---Every entry moved into low .. high; either may be nil, and both may be arrays.
---Errors: raises when the shapes do not broadcast.
---```lua
---print(limn.range(1, 5):clip(2, 4))
---```
---@param low? limn.array|number
---@param high? limn.array|number
---@return limn.array
function array:clip(low, high) end

---The smaller of each entry and b; nan if either is.
---Errors: raises when the shapes do not broadcast.
---```lua
---print(limn.range(1, 4):minimum(2))
---```
---@param b limn.array|table|number
---@return limn.array
function array:minimum(b) end

---The larger of each entry and b; nan if either is.
---Errors: raises when the shapes do not broadcast.
---```lua
---print(limn.range(1, 4):maximum(2))
---```
---@param b limn.array|table|number
---@return limn.array
function array:maximum(b) end

---The remainder of x / b with the sign of b; also written a % b.
---Errors: raises when the shapes do not broadcast.
---```lua
---print(limn.array({ 5, -5 }):mod(3), limn.range(1, 4) % 2)
---```
---@param b limn.array|table|number
---@return limn.array
function array:mod(b) end

---The angle of the point (b, x), x being the entry, in -pi .. pi.
---Errors: raises when the shapes do not broadcast.
---```lua
---print(limn.array({ 1, -1 }):atan2(-1))
---```
---@param b limn.array|table|number
---@return limn.array
function array:atan2(b) end

---sqrt(x^2 + b^2) of every entry, without overflow.
---Errors: raises when the shapes do not broadcast.
---```lua
---print(limn.array({ 3, 5 }):hypot { 4, 12 })
---```
---@param b limn.array|table|number
---@return limn.array
function array:hypot(b) end

---1 where the entry is below b, else 0.
---Errors: raises when the shapes do not broadcast.
---```lua
---print(limn.range(1, 4):lt(3))
---```
---@param b limn.array|table|number
---@return limn.array mask, of dtype bool
function array:lt(b) end

---1 where the entry is at most b, else 0.
---Errors: raises when the shapes do not broadcast.
---```lua
---print(limn.range(1, 4):le(3))
---```
---@param b limn.array|table|number
---@return limn.array mask, of dtype bool
function array:le(b) end

---1 where the entry is above b, else 0.
---Errors: raises when the shapes do not broadcast.
---```lua
---print(limn.range(1, 4):gt(3))
---```
---@param b limn.array|table|number
---@return limn.array mask, of dtype bool
function array:gt(b) end

---1 where the entry is at least b, else 0.
---Errors: raises when the shapes do not broadcast.
---```lua
---print(limn.range(1, 4):ge(3))
---```
---@param b limn.array|table|number
---@return limn.array mask, of dtype bool
function array:ge(b) end

---1 where the entry equals b, else 0.
---Errors: raises when the shapes do not broadcast.
---```lua
---print(limn.range(1, 4):eq(3))
---```
---@param b limn.array|table|number
---@return limn.array mask, of dtype bool
function array:eq(b) end

---1 where the entry differs from b, else 0.
---Errors: raises when the shapes do not broadcast.
---```lua
---print(limn.range(1, 4):ne(3))
---```
---@param b limn.array|table|number
---@return limn.array mask, of dtype bool
function array:ne(b) end

---Whether b has the same shape and no entry is further than tol from its counterpart.
---nan is equal to nothing.
---Errors: raises when b is no array and no table of numbers.
---```lua
---print(limn.ones(2):equal(limn.ones(2) + 1e-9, 1e-6))
---```
---@param b limn.array|table
---@param tol? number (default 0)
---@return boolean
function array:equal(b, tol) end
