---@meta
-- mlp_state.d.lua: parameters of nets by the names of PyTorch's state_dict.

---@class limn.lib.mlp
local mlp = {}

---@class limn.mlp
local net = {}

---@class limn.mlp.from_state_dict.options: limn.mlp.net.options
---@field names? string[] the layers to read, in the order of the net (default: all, in the order of their names)

---A net with the function of a stack of linear layers that PyTorch, numpy or limn saved: NAME.weight (out x in) and NAME.bias
---(out) of each layer, from an .npz file or a table. The sizes follow from the weights; the activation is that of options. Of a
---model `m` write `numpy.savez(path, **{k: v.numpy() for k, v in m.state_dict().items()})`.
---Errors: nil, message when the file cannot be read; raises for entries of other layers, for layers that do not fit together, and
---for biases if the parameterisation has none.
---```lua
---local dict = { ["0.weight"] = { { 1, 2 }, { 3, 4 } }, ["0.bias"] = { 0, 1 }, ["2.weight"] = { { 1, -1 } }, ["2.bias"] = { 0 } }
---print(limn.mlp.from_state_dict(dict, { activation = "relu" }))
---```
---@param from string|table path of an .npz, or arrays by name
---@param options? limn.mlp.from_state_dict.options
---@return limn.mlp
function mlp.from_state_dict(from, options) end

---@class limn.mlp.state_dict.options
---@field names? string[] names of the layers (default "0", "2", "4", ...: those of nn.Sequential with activations in between)
---@field member? integer net of an ensemble

---The parameters as PyTorch's linear layers have them: NAME.weight (out x in) and NAME.bias (out), with the multipliers of the
---parameterisation and alpha multiplied in, so that the stack of layers computes the same outputs. The entries have the
---net's dtype.
---Errors: raises for an ensemble without member, for nets with start = "pair", and for names of another number.
---```lua
---local net = limn.mlp.new { sizes = { 2, 8, 1 }, param = "ntk" }
---print(net:state_dict()["2.weight"])
---```
---@param options? limn.mlp.state_dict.options
---@return table<string, limn.array>
function net:state_dict(options) end

---Writes net:state_dict to an .npz file. In Python:
---`m.load_state_dict({k: torch.from_numpy(v) for k, v in numpy.load(path).items()})`.
---Errors: as net:state_dict; nil, message when the file cannot be written.
---```lua
---local path = os.tmpname() .. ".npz"
---limn.mlp.new({ sizes = { 2, 8, 1 } }):save_state_dict(path, { names = { "hidden", "readout" } })
---print(limn.load(path)["hidden.weight"]:shape())
---os.remove(path)
---```
---@param path string
---@param options? limn.mlp.state_dict.options
---@return string path
function net:save_state_dict(path, options) end

---@class limn.mlp.load_state_dict.options
---@field names? string[] the layers to read, in the order of the net (default: all, in the order of their names)
---@field member? integer net of an ensemble (default 1)

---Gives the net the parameters of a stack of linear layers, divided by the multipliers of the net's parameterisation, so that it
---computes the same outputs. The optimiser's moments are reset. Nothing is changed after an error.
---Errors: nil, message when the file cannot be read; raises for entries of other layers, other sizes, biases that the net does
---not have, and values that are not finite.
---```lua
---local a, b = limn.mlp.new { sizes = { 2, 8, 1 } }, limn.mlp.new { sizes = { 2, 8, 1 }, param = "mup" }
---b:load_state_dict(a:state_dict())
---print((a:forward(limn.eye(2)) - b:forward(limn.eye(2))):abs():max() < 1e-12)
---```
---@param from string|table path of an .npz, or arrays by name
---@param options? limn.mlp.load_state_dict.options
---@return limn.mlp the net itself
function net:load_state_dict(from, options) end
