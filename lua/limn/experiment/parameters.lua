-- limn/experiment/parameters.lua: the parameters of an experiment: how they are declared, which values they take, and how
-- --help describes them.

local check = require "limn.base.check"
local cli = require "limn.experiment.cli"

local parameters = {}

local rules = {
  default = { type = "any", required = true }, help = { type = "string", default = "" },
  type = { type = "string", one_of = { "integer", "number", "string", "boolean" } },
  min = { type = "number" }, max = { type = "number" },
  choices = { type = "table" }, -- the only values that it takes
  unit = { type = "string" }, -- for --help
}

local function check_name(who, name)
  if type(name) ~= "string" then check.fail("%s: params must have names, got %s", who, check.show(name)) end
  if name == "rep" then check.fail("%s: a parameter cannot be called rep: the table has a column of that name", who) end
  if cli.is_option(name) then
    check.fail("%s: a parameter cannot be called %s: the command line has an option of that name; choose another name", who, name)
  end
  if not name:match "^[%a_][%w_]*$" then
    check.fail("%s: the parameter %q cannot be set on a command line: a name has letters, digits and _", who, name)
  end
end

-- Raises unless v is a value that a parameter takes. name: what it is called in the message.
function parameters.allow(name, rule, v)
  local wrong = type(v) == "number" and cli.outside(rule, v) or cli.no_choice(rule, v)
  if wrong then check.fail("%s must %s, got %s", name, wrong, check.show(v)) end
end

-- The declared params -> name = { default=, help=, type=, min=, max=, choices=, unit= }.
function parameters.declare(who, params)
  local out = {}
  for name, rule in pairs(params) do
    if type(rule) ~= "table" then rule = { default = rule } end
    check_name(who, name)
    local at = ("%s: params.%s"):format(who, name)
    local r = check.options(at, rule, rules)
    r.type = r.type or (math.type(r.default) == "float" and "number") or math.type(r.default) or type(r.default)
    if (r.min or r.max) and r.type ~= "integer" and r.type ~= "number" then
      check.fail("%s: min and max are for numbers, and this is a %s", at, r.type)
    end
    check.value(at, "default", r.default, { type = r.type, min = r.min, max = r.max, finite = false })
    for _, v in ipairs(r.choices or {}) do
      check.value(at, "each of choices", v, { type = r.type, min = r.min, max = r.max, finite = false })
    end
    parameters.allow(at .. ": default", r, r.default)
    out[name] = r
  end
  return out
end

return parameters
