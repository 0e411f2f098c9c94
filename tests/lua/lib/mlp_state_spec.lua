-- mlp_state_spec.lua: parameters by PyTorch's names: a stack of linear layers computes what the net computes, whatever the
-- parameterisation; both ways through .npz; with PyTorch itself where it is installed.
-- luacheck: ignore 111 112 113
local lu = require "luaunit"
local limn = require "limn"
local native = require "limn.native"

local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local testing = dofile(here .. "/../support/testing.lua")
local support = testing.run("cd " .. here .. "/../support && pwd"):match "[^\n]*"
local scratch = assert(native.process.temp_dir())

TestState = {}

local X = limn.rng.stream({ seed = 11 }):normal(7, 3)

-- Outputs (points x outputs) of linear layers with ReLU in between, by the definition.
local function stack(dict, names)
  local h = X
  for i, name in ipairs(names) do
    h = h:matmul(dict[name .. ".weight"]:T())
    local rows = {}
    for r = 1, #h do rows[r] = h[r] + dict[name .. ".bias"] end
    h = limn.vstack(rows)
    if i < #names then h = h:maximum(0) end
  end
  return h
end

local function difference(a, b) return (a:reshape(b:size()) - b:reshape(b:size())):abs():max() end

function TestState.testTheStackComputesTheNet()
  for i, param in ipairs { "standard", "ntk", "mup", "meanfield" } do
    for _, alpha in ipairs { 1, 3.5 } do
      local net = limn.mlp.new { sizes = param == "meanfield" and { 3, 9, 2 } or { 3, 9, 5, 2 }, param = param, alpha = alpha, seed = i,
        init = { weight = 1.5, bias = 0.3 } }
      local names = param == "meanfield" and { "0", "2" } or { "0", "2", "4" }
      local dict = net:state_dict()
      lu.assertTrue(difference(stack(dict, names), net:forward(X)) < 1e-13, param)
      local other = limn.mlp.new { sizes = net.sizes, param = "standard", seed = 99 }
      lu.assertIs(other:load_state_dict(dict), other)
      lu.assertTrue(difference(other:forward(X), net:forward(X)) < 1e-13, param)
      net:load_state_dict(limn.mlp.new({ sizes = net.sizes, seed = 5, init = { weight = 1, bias = 1 } }):state_dict())
      lu.assertTrue(difference(stack(net:state_dict(), names), net:forward(X)) < 1e-13, param)
    end
  end
end

function TestState.testFilesNamesAndPrecision()
  local net = limn.mlp.new { sizes = { 3, 4, 2 }, dtype = "f32", init = { weight = 1, bias = 1 } }
  local path = scratch .. "/net.npz"
  lu.assertEquals(net:save_state_dict(path, { names = { "fc.10", "fc.9" } }), path)
  local dict = limn.load(path)
  lu.assertEquals(dict["fc.10.weight"]:dtype(), "f32")
  lu.assertEquals(dict["fc.9.bias"]:shape(), 2)
  lu.assertErrorMsgContains('fc.10.weight has 3 inputs and the layer before it 2 outputs; names = {...} gives the order', function()
    limn.mlp.from_state_dict(path)
  end)
  local back = limn.mlp.from_state_dict(path, { names = { "fc.10", "fc.9" }, dtype = "f32", seed = 3 })
  lu.assertEquals(back.sizes, { 3, 4, 2 })
  lu.assertEquals(difference(back:forward(X), net:forward(X)), 0)
  local names = {}
  for i = 1, 12 do names[i] = "l" .. i end
  local deep = limn.mlp.new { sizes = { 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3 }, seed = 8 }
  local read = limn.mlp.from_state_dict(deep:state_dict { names = names }) -- l10 after l9, not after l1
  lu.assertTrue(difference(read:forward(X), deep:forward(X)) < 1e-12)
end

function TestState.testEnsembles()
  local nets = limn.mlp.ensemble { sizes = { 3, 4, 1 }, count = 3, alpha = { 1, 2, 3 } }
  lu.assertErrorMsgContains("net:state_dict: the object has 3 nets; give member = 1 .. 3", function() nets:state_dict() end)
  local dict = nets:state_dict { member = 3 }
  lu.assertTrue(difference(stack(dict, { "0", "2" }), nets:member(3):forward(X)) < 1e-13)
  local kept = nets:member(2):forward(X)
  nets:load_state_dict(dict, { member = 1 })
  lu.assertTrue(difference(nets:member(1):forward(X), nets:member(3):forward(X)) < 1e-13)
  lu.assertEquals(difference(nets:member(2):forward(X), kept), 0)
end

function TestState.testErrorsNameTheEntryAndChangeNothing()
  local net = limn.mlp.new { sizes = { 2, 3, 1 }, seed = 4 }
  local before = net:forward(limn.eye(2))
  local good = net:state_dict()
  local function with(changes)
    local dict = {}
    for k, v in pairs(good) do dict[k] = v end
    for k, v in pairs(changes) do dict[k] = v or nil end
    return dict
  end
  for _, case in ipairs {
    { with { ["1.running_mean"] = { 1 } }, "1.running_mean belongs to no linear layer (expected NAME.weight and NAME.bias)" },
    { with { ["2.weight"] = limn.ones(1, 4) }, "2.weight has 4 inputs and the layer before it 3 outputs" },
    { with { ["2.weight"] = limn.ones(2, 3), ["2.bias"] = limn.ones(2) }, "have the sizes 2-3-2, the net has 2-3-1" },
    { with { ["0.bias"] = limn.ones(2) }, "0.bias must have 3 entries, got shape 2" },
    { with { ["2.weight"] = false }, 'layer "2" has a bias and no weight' },
    { with { ["0.weight"] = limn.ones(3) }, "0.weight must be a matrix (out x in) of a linear layer, got shape 3" },
    { with { ["2.bias"] = { 0 / 0 } }, "2.bias contains NaN or infinite values" },
    { {}, "no entry NAME.weight is there" },
  } do
    lu.assertErrorMsgContains("net:load_state_dict: ", function() net:load_state_dict(case[1]) end)
    lu.assertErrorMsgContains(case[2], function() net:load_state_dict(case[1]) end)
    lu.assertEquals(difference(net:forward(limn.eye(2)), before), 0)
  end
  lu.assertErrorMsgContains("has no state dict", function()
    limn.mlp.new({ sizes = { 2, 3, 1 }, start = "antisymmetric" }):state_dict()
  end)
  lu.assertErrorMsgContains("0.bias is not zero and the net has no biases", function()
    limn.mlp.new({ sizes = { 2, 3, 1 }, bias = false }):load_state_dict(with { ["0.bias"] = limn.ones(3) })
  end)
  local ok, why = net:load_state_dict(scratch .. "/none.npz")
  lu.assertNil(ok)
  lu.assertStrContains(why, "none.npz")
  lu.assertErrorMsgContains("net:load_state_dict: path must end in .npz, with NAME", function() net:load_state_dict "one.npy" end)
  lu.assertErrorMsgContains("must end in .npz", function() net:save_state_dict(scratch .. "/x.pt") end)
  lu.assertErrorMsgContains("sizes follow from the layers", function() limn.mlp.from_state_dict(good, { sizes = { 1, 2 } }) end)
end

-- Weights both ways, outputs, and ten steps of gradient descent, Adam and decay by the rules of the page from-pytorch.
function TestState.testPyTorch()
  local status = native.process.run({ "/usr/bin/python3", "-c", "import torch" }, {}, 600)
  testing.skip_if(status ~= 0, "state dicts with PyTorch: python3-torch is not installed")
  local function python(...)
    local code, out, err = native.process.run({ "/usr/bin/python3", support .. "/torch_state.py", ... }, {}, 600, scratch)
    lu.assertEquals(code, 0, err)
    return out
  end
  limn.save(scratch .. "/X.npy", X)
  for _, optimizer in ipairs { "gd", "momentum", "adam", "adamw" } do
    python("make", optimizer) -- model.npz, y.npy, f.npy, trained.npy, after.npz
    local net = limn.mlp.from_state_dict(scratch .. "/model.npz", { activation = "relu" })
    lu.assertTrue(difference(net:forward(X), limn.load(scratch .. "/f.npy")) < 1e-13)
    local o = dofile(scratch .. "/options.lua")
    net:train(X, limn.load(scratch .. "/y.npy"), o)
    lu.assertTrue(difference(net:forward(X), limn.load(scratch .. "/trained.npy")) < 1e-10, optimizer)
    net:save_state_dict(scratch .. "/back.npz")
    lu.assertStrContains(python("check", optimizer), "equal")
  end
end

os.exit(lu.LuaUnit.run())
