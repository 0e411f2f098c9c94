-- tree.lua: copies of the source tree for one fault at a time.
--   base  sources and build as they are; the tests that the run needs are built there
--   work  a copy of base for one fault; it is made anew for each, with the times of the files kept, so that make
--         compiles the changed file only
-- The product is never changed: faults exist in work alone.

local tree = {}

local function quote(s) return "'" .. s:gsub("'", [['\'']]) .. "'" end
tree.quote = quote

-- Runs a shell line; its output goes to the file `log`. Returns the exit code, 128 + the signal if one ended it.
function tree.run(line, log)
  local _, how, code = os.execute(("(%s) >%s 2>&1 </dev/null"):format(line, quote(log)))
  return how == "exit" and code or 128 + code
end

-- What a shell line prints, without the last line end.
function tree.output(line)
  local pipe = assert(io.popen(line))
  local text = pipe:read "a"
  pipe:close()
  return (text:gsub("\n$", ""))
end

function tree.read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read "a"
  file:close()
  return text
end

function tree.write(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
end

local Tree = {}
Tree.__index = Tree

-- o: root (of the sources), build (relative to it, as build/release), dir (of the copies and of all results), cc.
function tree.new(o)
  return setmetatable({ root = o.root, build = o.build, dir = o.dir, cc = o.cc, mode = o.build:match "([^/]+)/*$",
    base = o.dir .. "/base", work = o.dir .. "/work" }, Tree)
end

-- A hash of everything that a result depends on; the lists of faults are left out, since each result holds its own fault.
function Tree:fingerprint()
  return tree.output(("cd %s && find Makefile include lua scripts src tests -type f ! -path 'tests/mutants/*' ! -name '*.md' "
    .. "! -name '*.pyc' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c1-16"):format(quote(self.root)))
end

-- Copies sources, program, module and objects to base. Raises an error with the shell's words.
function Tree:prepare(with_objects)
  local log = self.dir .. "/prepare.log"
  local to = quote(self.base .. "/" .. self.build)
  local parts = { "set -e", "cd " .. quote(self.root), "rm -rf " .. quote(self.base), "mkdir -p " .. to,
    "cp -a Makefile include lua scripts src tests README.md " .. quote(self.base),
    "for f in LICENSE local.mk; do [ ! -e $f ] || cp -a $f " .. quote(self.base) .. "; done" }
  local from = quote(self.build)
  parts[#parts + 1] = with_objects and ("for f in %s/*; do case $f in */docs|*/log) ;; *) cp -a $f %s;; esac; done"):format(from, to)
    or ("cp -a %s/limn %s/limn.so %s"):format(from, from, to)
  if tree.run(table.concat(parts, "\n"), log) ~= 0 then error("mutants: no copy of the tree:\n" .. tree.read(log), 0) end
end

-- Builds targets (relative to the build folder) in base or work; false and the log's file if that fails.
-- Warnings are no errors there: a fault may leave a variable unused.
function Tree:make(where, targets)
  local log = self.dir .. "/make.log"
  local names = {}
  for i, t in ipairs(targets) do names[i] = quote(self.build .. "/" .. t) end
  local line = ("cd %s && env -u MAKEFLAGS -u MAKELEVEL make -j2 MODE=%s WERROR= %s %s"):format(quote(where), quote(self.mode),
    self.cc and "CC=" .. quote(self.cc) or "", table.concat(names, " "))
  return tree.run(line, log) == 0, log
end

-- work becomes a fresh copy of base.
function Tree:reset()
  local line = ("rm -rf %s && cp -a %s %s"):format(quote(self.work), quote(self.base), quote(self.work))
  assert(tree.run(line, self.dir .. "/reset.log") == 0, "mutants: no copy of base")
end

-- The number of times that `part` occurs in `text`, as plain text.
local function occurrences(text, part)
  local n, at = 0, 1
  while true do
    local first, last = text:find(part, at, true)
    if not first then return n end
    n, at = n + 1, last + 1
  end
end

-- The text of fault.file with fault.from replaced; nil, message if `from` is not there exactly once.
function tree.faulty(text, fault)
  if not text then return nil, "there is no file " .. fault.file end
  local n = occurrences(text, fault.from)
  if n ~= 1 then return nil, ("the text occurs %d times in %s"):format(n, fault.file) end
  if fault.from == fault.to then return nil, "the text and what replaces it are the same" end
  local first, last = text:find(fault.from, 1, true)
  return text:sub(1, first - 1) .. fault.to .. text:sub(last + 1)
end

-- Puts the fault into its file of work; nil, message if it does not apply.
function Tree:apply(fault)
  local path = self.work .. "/" .. fault.file
  local text, why = tree.faulty(tree.read(path), fault)
  if not text then return nil, why end
  tree.write(path, text)
  return true
end

return tree
