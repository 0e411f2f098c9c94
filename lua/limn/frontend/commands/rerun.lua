-- limn/frontend/commands/rerun.lua: limn rerun NAME.json [--in FOLDER] [--json]: computes a table again, in a fresh folder, from the
-- record that a sweep wrote beside it, and reports what differs.

local check = require "limn.base.check"
local key = require "limn.experiment.key"
local native = require "limn.native"
local results = require "limn.table.files"
local system = require "limn.base.system"

local posix, quoted = native.posix, system.quoted

local USAGE = [[
usage: limn rerun NAME.json [--in FOLDER] [--json]

Computes the table again that NAME.json describes: unpacks the script and its Lua modules into FOLDER (default: NAME.rerun,
beside NAME.json; it must be empty or new), copies the input files into it, and gives the recorded command. Then compares the
tables and names what differs: cells, code, input files, versions. --json prints that as one object:
experiment, equal, cells, folder, differences, changed. Exit code: 0 if the tables are equal to the bit, else 1.]]

-- Options that concern the place or the course of a run, not its numbers; true: with a value.
local DROPPED = { out = true, store = true, base = true, costs = true, shard = true, row = true, format = true,
  ["time-limit"] = true, grace = true, retry = true, workers = true, fresh = false, resume = false, ["plot-only"] = false,
  stale = false, partial = false, yes = false, quiet = false, ["keep-going"] = false, ["fail-fast"] = false, ["no-check"] = false }

-- The bytes of a file as they are (system.text_of unpacks gzip); nil if it cannot be read.
local function text_of(path)
  local file = io.open(path, "rb")
  local text = file and file:read "a"
  if file then file:close() end
  return text
end

local function complain(...)
  io.stderr:write("limn rerun: ", string.format(...), "\n")
  return 2
end

-- The words of the recorded command that say which cells there are.
local function kept_words(argv)
  local out, i = {}, 2
  while argv[i] do
    local name, equals = argv[i]:match "^%-%-([%w-]+)(=?)"
    local dropped = DROPPED[name]
    if dropped == nil then out[#out + 1] = argv[i]
    elseif dropped and equals == "" then i = i + 1 end
    i = i + 1
  end
  return out
end

-- Whether a path stays below the folder it is relative to.
local function below(path) return path:sub(1, 1) ~= "/" and not ("/" .. path .. "/"):find "/%.%./" end

-- What the fresh folder will hold, before anything is written: path -> text; differences: lines on files that are not as then.
-- Adds the script and its modules -> the script's name in the folder; or nil, message.
local function add_code(record, plan, differences)
  local script = record.drawn.script
  local name = below(script) and script or script:match "[^/]*$"
  for path, text in pairs(record.from.modules or {}) do
    if below(path) then plan[path:gsub("^%./", "")] = text
    elseif text_of(path) == text then differences[#differences + 1] = "read from its old place: " .. path
    else
      return nil, ("the module %s is not as it was, and stands outside the folder of the script; its text is in from.modules of the record")
        :format(path)
    end
  end
  plan[name] = record.from.script_text
  return name
end

-- Adds the input files that the cells have read -> true; or nil, message.
local function add_inputs(record, plan, differences)
  for path, hash in pairs(record.from.inputs or {}) do
    local from = path:sub(1, 1) == "/" and path or ("%s/%s"):format(record.drawn.folder or ".", path)
    local text = text_of(from)
    if not text then return nil, ("the input file %s is missing; put it there"):format(from) end
    local now, same = posix.hash(text), false
    for _, h in ipairs(type(hash) == "table" and hash or { hash }) do same = same or h == now end
    if not same then differences[#differences + 1] = ("the input file %s has changed"):format(from) end
    if below(path) then plan[path:gsub("^%./", "")] = text
    elseif path:sub(1, 1) ~= "/" then
      return nil, ("the input file %s is outside the folder of the sweep; give the script its full path"):format(path)
    end
  end
  return true
end

local function write(folder, plan)
  for path, text in pairs(plan) do
    local into = folder .. "/" .. path
    os.execute("mkdir -p -- " .. quoted(into:match "^(.*)/"))
    local ok, why = native.files.put(into, text)
    if not ok then return nil, why end
  end
  return true
end

local function read(path)
  local text = system.short_text_of(path)
  if not text then return nil, ("cannot read %s"):format(path) end
  local record = native.json.decode(text)
  if type(record) ~= "table" or type(record.from) ~= "table" or type(record.drawn) ~= "table" then
    return nil, ("%s is not a record of a sweep (NAME.json, which limn writes beside NAME.csv)"):format(path)
  end
  if type(record.from.script_text) ~= "string" or type(record.drawn.script) ~= "string" then
    return nil, ("%s holds no script: the sweep was not run from a file"):format(path)
  end
  if type(record.drawn.argv) ~= "table" then
    return nil, ("%s was written by limn %s, which kept no list of the command's words; run the script by hand"):format(path,
      tostring(record.from.version))
  end
  return record
end

-- How two tables differ -> lines.
local function compared(was, now)
  local out, columns = {}, {}
  if #was ~= #now then return { ("%d rows, and %d before"):format(#now, #was) } end
  for _, name in ipairs(was.names) do
    local rows, worst, first = 0, 0, nil
    for i = 1, #was do
      local a, b = was.list[i][name], now.list[i][name]
      if a ~= b and (a == a or b == b) then
        rows, first = rows + 1, first or i
        if type(a) == "number" and type(b) == "number" then
          worst = math.max(worst, math.abs(a - b) / math.max(math.abs(a), math.abs(b)))
        end
      end
    end
    if rows > 0 then
      out[#out + 1] = ("%s differs in %d of %d rows%s; row %d: %s, before %s"):format(name, rows, #was,
        worst > 0 and (" (relatively by %.2g at most)"):format(worst) or "", first, check.show(now.list[first][name]),
        check.show(was.list[first][name]))
    end
    columns[name] = true
  end
  for _, name in ipairs(now.names) do if not columns[name] then out[#out + 1] = "column " .. name .. " is new" end end
  return out
end

-- What of code, versions and machine differs from the record.
local function changes(was, now)
  local out = key.difference(was.from.key.parts, now.from.key.parts)
  if was.from.version ~= now.from.version then
    out[#out + 1] = ("limn %s, and %s then"):format(now.from.version, was.from.version)
  end
  for _, name in ipairs { "isa", "cpu", "blas_core" } do
    if was.drawn[name] ~= now.drawn[name] then
      out[#out + 1] = ("%s %s, and %s then"):format(name, tostring(now.drawn[name]), tostring(was.drawn[name]))
    end
  end
  return out
end

local function report(path, record, folder, name, differences, as_json)
  local label = path:match "([^/]*)%.json$"
  local again, why = read(("%s/out/%s.json"):format(folder, label))
  if not again then return complain("%s", why) end
  local equal = record.from.table_hash == again.from.table_hash
  local lines, changed = {}, changes(record, again)
  if not equal then
    local old = path:gsub("%.json$", ".csv")
    local was, now = results.read_csv(old), results.read_csv(("%s/out/%s.csv"):format(folder, label))
    lines = was and now and compared(was, now) or { ("%s is missing: cells cannot be compared"):format(old) }
  end
  table.move(differences, 1, #differences, #lines + 1, lines)
  if as_json then
    local json = native.json
    print(json.encode { experiment = name, equal = equal, cells = again.from.cells, folder = folder, differences = json.list(lines),
      changed = json.list(changed) })
  else
    print(equal and ("%s: %d cells, equal to the bit (%s)"):format(name, again.from.cells, folder)
      or ("%s: DIFFERS (%s)"):format(name, folder))
    for _, line in ipairs(lines) do print("  " .. line) end
    for _, line in ipairs(changed) do print("  changed: " .. line) end
  end
  return equal and 0 or 1
end

local function rerun(...)
  local words, as_json = {}, false
  for _, word in ipairs { ... } do
    if word == "--json" then as_json = true else words[#words + 1] = word end
  end
  local path, option, folder = words[1], words[2], words[3]
  if path == "--help" then
    print(USAGE)
    return 0
  end
  if not path or words[4] or option ~= nil and (option ~= "--in" or not folder) or not path:find "%.json$" then
    return complain("expected NAME.json [--in FOLDER] [--json]; see limn rerun --help")
  end
  local record, why = read(path)
  if not record then return complain("%s", why) end
  folder = folder or path:gsub("%.json$", ".rerun")
  local there = io.popen("ls -A -- " .. quoted(folder) .. " 2>/dev/null"):read "l"
  if there then return complain("%s is not empty; move it away, or give --in FOLDER", folder) end
  local plan, differences = {}, {}
  local name, ok
  name, why = add_code(record, plan, differences)
  if not name then return complain("%s", why) end
  ok, why = add_inputs(record, plan, differences)
  if ok then ok, why = write(folder, plan) end
  if not ok then return complain("%s", why) end
  local command = { quoted((posix.real "/proc/self/exe")), quoted(name) }
  for _, word in ipairs(kept_words(record.drawn.argv)) do command[#command + 1] = quoted(word) end
  local line = ("cd -- %s && %s --out out --no-check"):format(quoted(folder), table.concat(command, " "))
  local done, _, code = os.execute(line .. " >rerun.log")
  if not done and code ~= 1 then return complain("the command failed with exit code %d: %s", code or -1, line) end
  return report(path, record, folder, record.from.experiment, differences, as_json)
end

return { summary = "compute a table again from its NAME.json and compare", run = rerun }
