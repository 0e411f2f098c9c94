-- limn/data/table.lua: limn.data.csv: the columns of a file as X and y, numbers or labels.

local native = require "limn.native"
local check = require "limn.base.check"
local csv = require "limn.base.csv"

local array, zeros = native.array.array, native.array.zeros
local module = {}

local RULES = {
  labels = { type = "any" }, positive = { type = "any" }, columns = { type = "table" },
  classes = { type = "table" }, targets = { type = "string", one_of = { "sign", "number", "onehot" } },
}
for name, rule in pairs(csv.options) do RULES[name] = rule end

-- The position of a column that is given by position or name.
local function column_of(who, sheet, name)
  local names, count = sheet.names, #sheet.records[1]
  if math.type(name) == "integer" and name >= 1 and name <= count then return name end
  if type(name) == "string" and names then
    local known, at = {}, nil
    for j, n in ipairs(names) do
      if n == name then
        if at then check.fail("%s: %s has two columns %q, %d and %d; give the position", who, sheet.path, name, at, j) end
        at = j
      end
      known[n] = true
    end
    if at then return at end
    local near = check.nearest(name, known)
    check.fail("%s: %s has no column %q%s", who, sheet.path, name, near and ("; did you mean %q?"):format(near)
      or "; it has " .. table.concat(names, ", "))
  end
  check.fail("%s: a column must be a number in 1 .. %d%s, got %s", who, count, names and " or a name" or "",
    check.show(name))
end

-- The labels at the given rows: numbers if each is one, else nil; or nil, message where only some are numbers, or one is
-- missing. With missing = "nan" a missing one is NaN.
local function values_of(sheet, at, rows, o)
  local y, numbers, bad = {}, 0, nil
  for k, i in ipairs(rows) do
    local text = sheet.records[i][at]
    local x, why = csv.number(text, sheet.decimal)
    if x or why then numbers = numbers + 1 end
    if not x and o.missing == "nan" and csv.is_missing(text) then x = 0 / 0 end
    if not x then bad = bad or i end
    y[k] = x
  end
  if not bad then return y end
  if numbers == 0 then return nil end
  return nil, csv.complaint(sheet, bad, at, '; positive = WORD, or targets = "number", reads the column as labels')
end

-- The classes of a column of labels in order: those given; else in order of appearance; with targets, ascending if
-- all are numbers.
local function classes_of(sheet, at, rows, o)
  local known, classes, numbers = {}, {}, true
  for k, name in ipairs(o.classes or {}) do
    name = tostring(name)
    if known[name] then check.fail("data.csv: classes: %q is given twice", name) end
    classes[k], known[name] = name, k
  end
  for _, i in ipairs(rows) do
    local text = sheet.records[i][at]
    if csv.is_missing(text) then
      if o.missing ~= "nan" then return nil, csv.complaint(sheet, i, at, nil, "a label") end
    elseif not known[text] then
      if o.classes then
        local near = check.nearest(text, known)
        return nil, ("%s: line %d, column %d: the label %q is none of classes%s"):format(sheet.path, sheet.lines[i], at, text,
          near and ("; did you mean %q?"):format(near) or "")
      end
      numbers = numbers and csv.number(text, sheet.decimal) ~= nil
      classes[#classes + 1], known[text] = text, true
    end
  end
  if numbers and o.targets and not o.classes then
    local value = {}
    for _, text in ipairs(classes) do value[text] = csv.number(text, sheet.decimal) end
    table.sort(classes, function(a, b) return value[a] < value[b] end)
  end
  for k, name in ipairs(classes) do known[name] = k end
  return classes, known
end

-- Labels as y: "sign": 1 for `positive`, else -1; "number": that of the class; "onehot": a column per class.
local function encoded(texts, targets, classes, known, positive)
  local y = targets == "onehot" and zeros(#texts, #classes) or zeros(#texts)
  for k, text in ipairs(texts) do
    local class = known[text]
    if targets == "onehot" then
      if class then y:set(k, class, 1) else for j = 1, #classes do y:set(k, j, 0 / 0) end end
    else
      y[k] = not class and 0 / 0 or targets == "number" and class or text == positive and 1 or -1
    end
  end
  return y
end

-- Words whose meaning says which is 1, whatever their order in the file.
local OPPOSITE = { ["true"] = "false", yes = "no", t = "f", y = "n", positive = "negative", pos = "neg", on = "off" }

-- Of two classes, that with the label 1.
local function positive_of(classes)
  local a, b = classes[1]:lower(), (classes[2] or ""):lower()
  return OPPOSITE[b] == a and classes[2] or classes[1]
end

-- y, the classes, how y was made, and the class with the label 1 if y has signs.
local function labels_of(sheet, at, rows, o)
  local positive = o.positive ~= nil and tostring(o.positive) or nil
  local texts, signs = {}, true
  local y, why = nil, nil
  if not o.classes and not o.targets and (positive == nil or positive == "") then y, why = values_of(sheet, at, rows, o) end
  if why and positive ~= "" then return nil, why end
  for k, i in ipairs(rows) do
    texts[k] = sheet.records[i][at]
    signs = signs and y and (y[k] == 1 or y[k] == -1)
  end
  local classes, known = classes_of(sheet, at, rows, o)
  if not classes then return nil, known end
  if y and (positive == nil or signs) then return array(y), classes, "value" end
  if positive == "" then positive = texts[1] end
  if positive and not known[positive] then
    local near = check.nearest(positive, known)
    check.fail("data.csv: no label of %s is %q%s", sheet.path, positive, near and ("; did you mean %q?"):format(near)
      or "; its labels are " .. table.concat(classes, ", ", 1, math.min(#classes, 10)))
  end
  local targets = o.targets or ((positive or #classes <= 2) and "sign" or "number")
  if targets == "sign" and not positive then
    if #classes > 2 then
      check.fail('data.csv: targets = "sign" needs positive = WORD where there are %d classes', #classes)
    end
    positive = positive_of(classes)
  end
  return encoded(texts, targets, classes, known, positive), classes, targets, targets == "sign" and positive or nil
end

-- csv(path[, {labels=last column, columns=all others, positive=, classes=, targets=, header=, separator=, decimal=,
-- comment=, missing="error"}]) -> X, y, info; or nil, message. labels and columns: names or positions. y: the numbers of
-- the label column. Labels of two classes, or with positive, are 1 and -1; those of more classes are the numbers of their
-- classes. info = {names = those of X's columns, classes =, targets =, positive =, separator =, decimal =, dropped =}.
function module.csv(path, options)
  local who = "data.csv"
  check.path(who, "path", path)
  local o = check.options(who, options, RULES)
  local sheet, why = csv.read(path, o, who)
  if not sheet then return nil, why end
  local count = #sheet.records[1]
  local at = (o.labels == nil or o.labels == "") and count or column_of(who, sheet, o.labels)
  local columns, all, kept, rows = {}, {}, {}, {}
  if o.columns then
    for k, name in ipairs(o.columns) do columns[k] = column_of(who, sheet, name) end
  else
    for j = 1, count do if j ~= at then columns[#columns + 1] = j end end
    if #columns == 0 then
      return nil, ("%s: has one column, so that X would be empty; give separator = if another character than a comma "
        .. "separates its fields"):format(path)
    end
  end
  for k, j in ipairs(columns) do
    kept[k], all[k] = sheet.names and sheet.names[j] or ("column " .. j), j
  end
  all[#all + 1] = at
  if o.missing == "drop" then rows = csv.complete(sheet, all)
  else for i = 1, #sheet.records do rows[i] = i end end
  if #rows == 0 then return nil, ("%s: a value is missing in every row"):format(path) end
  local y, classes, targets, positive = labels_of(sheet, at, rows, o)
  if not y then return nil, classes end
  local X, message
  if #columns == 0 then X = zeros(#rows, 0) else X, message = csv.matrix(sheet, columns, o, rows) end
  if not X then return nil, message end
  return X, y, { names = kept, classes = classes, targets = targets, positive = positive, separator = sheet.separator,
    decimal = sheet.decimal, dropped = #sheet.records - #rows }
end

return module
