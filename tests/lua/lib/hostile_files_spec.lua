-- hostile_files_spec.lua: files whose values are valid alone and not together, whose hash is right; files that are
-- overwritten keep their mode, owner and links; a limit of file sizes ends in an error.
local lu = require "luaunit"
local limn = require "limn"
local native = require "limn.native"
local mlp = limn.mlp

local testing = dofile(debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$") .. "/../support/testing.lua")
local scratch = assert(native.process.temp_dir())

-- ---- checkpoints -----------------------------------------------------------------------------------------

local HEAD = 648 -- bytes; see src/num/mlp/checkpoint.c
local AT = { count = 544, steps = 576, since = 584, biases = 604, optimizer = 616, moments = 620, weight = 624, readout = 640 }

-- The checksum of a checkpoint.
local function sum(bytes)
  local hash = 0
  for at = 1, #bytes, 8 do
    hash = (hash ~ ("<i8"):unpack(bytes, at)) * (0x9E3779B97F4A7C15 | 0)
    hash = hash ~ (hash >> 29)
  end
  return ("<i8"):pack(hash)
end

local X, Y = limn.rng.stream(1):normal(4, 2), limn.array { 1, -1, 1, -1 }

-- The bytes of a net without moments, but for its hash; the bytes of its parameters.
local function plain()
  local path = scratch .. "/plain.limn"
  assert(mlp.new { sizes = { 2, 3, 1 }, seed = 1, dtype = "f64" }:save(path))
  local bytes = testing.read(path):sub(1, -9)
  return bytes, (#bytes - HEAD) // 2
end

-- fields: name -> { format, value }; more: bytes at the end. -> the net or nil, message
local function forged(fields, more)
  local bytes = plain()
  for name, f in pairs(fields) do
    local packed = ("<" .. f[1]):pack(f[2])
    bytes = bytes:sub(1, AT[name]) .. packed .. bytes:sub(AT[name] + #packed + 1)
  end
  bytes = bytes .. (more or "")
  local path = scratch .. "/forged.limn"
  assert(native.files.put(path, bytes .. sum(bytes)))
  return mlp.load(path)
end

TestHostileFiles = {}

-- The size is compared with that of the file before memory is taken.
function TestHostileFiles.testNetsThatAreLongerThanTheFile()
  for _, count in ipairs { 100, 10 ^ 7 // 1, 1 << 62 } do
    local net, why = forged { count = { "i8", math.tointeger(count) } }
    lu.assertNil(net)
    lu.assertStrContains(why, "is shorter than its nets")
  end
end

local OPTIMIZERS = { "gd", "momentum", "adam", "nesterov", "sign", "lion" }
local MOMENTS = { 0, 1, 2, 1, 0, 1 }

function TestHostileFiles.testMomentsBelongToTheOptimizer()
  local _, size = plain()
  for k, optimizer in ipairs(OPTIMIZERS) do
    for moments = 0, 3 do
      local net, why = forged({ optimizer = { "i4", k - 1 }, moments = { "i4", moments } }, ("\0"):rep(moments * size))
      local what = ("%s with %d moments"):format(optimizer, moments)
      if moments == 0 or moments == MOMENTS[k] then
        lu.assertNotNil(net, what .. ": " .. tostring(why))
        for _, other in ipairs(OPTIMIZERS) do
          local run = net:train(X, Y, { optimizer = other, rate = 1e-3, steps = 2 })
          lu.assertEquals(run.steps, 2, what .. ", then " .. other)
        end
      else
        lu.assertNil(net, what)
        lu.assertStrContains(why, "has an invalid header")
      end
    end
  end
end

function TestHostileFiles.testValuesThatNoNetHas()
  lu.assertNotNil(forged {})
  for what, fields in pairs {
    ["moments of the future"] = { steps = { "i8", 3 }, since = { "i8", 4 } },
    biases = { biases = { "i4", 7 } },
    ["a variance that is no number"] = { weight = { "d", 0 / 0 } },
    ["an infinite variance"] = { readout = { "d", math.huge } },
    ["a negative variance"] = { readout = { "d", -1 } },
  } do
    local net, why = forged(fields)
    lu.assertNil(net, what)
    lu.assertStrContains(why, "has an invalid header", false, what)
  end
  lu.assertNotNil(forged { steps = { "i8", 4 }, since = { "i8", 3 } })
end

-- ---- files that are overwritten --------------------------------------------------------------------------

local function writers()
  local fig = limn.plot.figure { quiet = true }:line { y = { 1, 2 } }
  return {
    npy = function(path) return limn.save(path, limn.zeros(3)) end,
    npz = function(path) return limn.save(path, { a = limn.zeros(3) }) end,
    csv = function(path) return limn.save(path, limn.zeros(3)) end,
    limn = function(path) return mlp.new { sizes = { 1, 1 } }:save(path) end,
    svg = function(path) return fig:save(path) end,
    html = function(path) return fig:save(path) end,
  }
end

function TestHostileFiles.testModeOwnerAndLinksAreKept()
  local root = testing.run "id -u" == "0\n"
  for kind, write in pairs(writers()) do
    local real, link = ("%s/real.%s"):format(scratch, kind), ("%s/link.%s"):format(scratch, kind)
    assert(native.files.put(real, "old"))
    os.execute(("chmod 640 '%s'; ln -s 'real.%s' '%s'"):format(real, kind, link))
    if root then os.execute(("chown 65534:65534 '%s'"):format(real)) end
    assert(write(link))
    local pipe = io.popen(("stat -c '%%a %%u %%g' '%s'; readlink '%s'"):format(real, link))
    local stat, target = pipe:read("l", "l")
    pipe:close()
    lu.assertEquals(target, "real." .. kind)
    lu.assertNotEquals(testing.read(real), "old")
    if root then lu.assertEquals(stat, "640 65534 65534", kind)
    else lu.assertEquals(stat:match "^%d+", "640", kind) end
  end
end

-- Every writer under `ulimit -f`: nil, message; nothing is left but what was there.
function TestHostileFiles.testALimitOfFileSizes()
  local script = scratch .. "/limit.lua"
  assert(native.files.put(script, [[
    local limn = require "limn"
    local ok, why = limn.save("limited.npy", limn.zeros(400, 400))
    io.stdout:write(tostring(ok), " ", tostring(why), "\n")
    local file = io.open("limited.txt", "w")
    local written, cause = file:write(("x"):rep(1 << 20))
    io.stdout:write(tostring(written), " ", tostring(cause), "\n")]]))
  local said = testing.run(("cd '%s' && (ulimit -f 100; '%s' limit.lua; echo rc $?; ls -A | grep tmp) 2>&1"):format(
    scratch, testing.program))
  lu.assertStrMatches(said, "nil [^\n]*limited.npy: cannot write: File too large\nnil [^\n]*File too large\nrc 0\n")
end

local status = lu.LuaUnit.run()
os.execute("rm -rf '" .. scratch .. "'")
os.exit(status)
