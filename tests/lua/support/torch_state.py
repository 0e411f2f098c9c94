"""PyTorch's side of mlp_state_spec: torch_state.py make|check OPTIMIZER, in a folder with X.npy.

make writes a model (model.npz), its outputs (f.npy), targets (y.npy), and after 10 steps its outputs (trained.npy) and limn's
options for the same steps (options.lua). check compares back.npz, which limn wrote, with the trained model."""
import sys
import numpy
import torch

torch.manual_seed(7)
torch.set_default_dtype(torch.float64)
model = torch.nn.Sequential(torch.nn.Linear(3, 8), torch.nn.ReLU(), torch.nn.Linear(8, 5), torch.nn.ReLU(), torch.nn.Linear(5, 2))
X = torch.from_numpy(numpy.load("X.npy"))
y = torch.randn(len(X), 2)
weights = [p for n, p in model.named_parameters() if n.endswith("weight")]
biases = [p for n, p in model.named_parameters() if n.endswith("bias")]
kind = sys.argv[2]
optimizer, options = {
    "gd": lambda: (torch.optim.SGD([{"params": weights, "weight_decay": 0.1}, {"params": biases}], lr=0.05),
                   'optimizer = "gd", rate = 0.05, l2 = 0.1'),
    "momentum": lambda: (torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9), 'optimizer = "momentum", rate = 0.02, momentum = 0.9'),
    "adam": lambda: (torch.optim.Adam(model.parameters(), lr=0.01), 'optimizer = "adam", rate = 0.01'),
    "adamw": lambda: (torch.optim.AdamW([{"params": weights, "weight_decay": 0.02}, {"params": biases, "weight_decay": 0}], lr=0.01),
                      'optimizer = "adamw", rate = 0.01, decay = 0.02'),
}[kind]()
start = {k: v.numpy().copy() for k, v in model.state_dict().items()}
outputs = model(X).detach().numpy().copy()
for _ in range(10):
    optimizer.zero_grad()
    (((model(X) - y) ** 2).sum(1) / 2).mean().backward()
    optimizer.step()
if sys.argv[1] == "make":
    numpy.savez("model.npz", **start)
    numpy.save("f.npy", outputs)
    numpy.save("y.npy", y.numpy())
    numpy.save("trained.npy", model(X).detach().numpy())
    open("options.lua", "w").write("return { %s, steps = 10, tol = 0 }\n" % options)
else:
    trained = {k: v.clone() for k, v in model.state_dict().items()}
    model.load_state_dict({k: torch.from_numpy(v) for k, v in numpy.load("back.npz").items()})
    worst = max(float((v - trained[k]).abs().max()) for k, v in model.state_dict().items())
    print("equal" if worst < 1e-10 else "differs by %g" % worst)
