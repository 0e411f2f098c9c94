"""Training off the essay's shape: more points, other optimisers, minibatches, larger nets.

Peers: the fastest known forms in numpy and PyTorch, forward and backward pass written out and many nets in one batched
product; PyTorch's usual form (nn.Sequential, autograd, torch.optim) where there is one net; and FANN (libfann), where
it can do the row: batch training of one net of tanh units by gradient descent.

The bound of a row is the time that its arithmetic takes at the rates that the probe measures: multiply-adds of a
forward pass and of both products of the backward pass (no deltas of the inputs), and with Adam one square root and one
division for each weight. A step of minibatches reads new points each time."""

PEER = r'''
import sys, time, json
import numpy as np
kind, row, steps, threads = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
sizes, count, points = row["sizes"], row["count"], row["points"]
real = np.float32 if row["dtype"] == "f32" else np.float64
rng = np.random.default_rng(1)
X = rng.normal(size=(points, sizes[0])).astype(real)
if row["loss"] == "softmax":
    Y = np.eye(sizes[-1], dtype=real)[np.arange(points) % sizes[-1]]
else:
    Y = np.where(rng.random((points, sizes[-1])) < 0.5, -1, 1).astype(real)
lead = (count,) if count > 1 else ()
W = [(rng.normal(size=lead + (i, o)) * np.sqrt(2 / i)).astype(real) for i, o in zip(sizes, sizes[1:])]
B = [np.zeros(lead + (1, o), real) for o in sizes[1:]]
rate, batch, tanh, adam = 1e-3, row["batch"], row["activation"] == "tanh", row["optimizer"] == "adam"
order, at = rng.permutation(points), 0
def rows():
    global order, at
    if not batch: return slice(None)
    if at + batch > points: order, at = rng.permutation(points), 0
    at += batch
    return order[at - batch:at]
def best(step):
    for _ in range(max(2, steps // 10)): step()
    t = time.perf_counter()
    for _ in range(steps): step()
    print("seconds", (time.perf_counter() - t) / (steps * count))
L = len(W)
if kind == "numpy":
    T = lambda a: a.swapaxes(-1, -2)
    moments, t = [[np.zeros_like(p), np.zeros_like(p)] for p in W + B], 0
    def update(k, p, g):
        if not adam:
            p -= real(rate) * g
            return
        u, v = moments[k]
        u += real(0.1) * (g - u)
        v += real(0.001) * (g * g - v)
        p -= real(rate / (1 - 0.9 ** t)) * u / (np.sqrt(v * real(1 / (1 - 0.999 ** t))) + real(1e-8))
    def step():
        global t
        t += 1
        which = rows()
        x, y = X[which], Y[which]
        xs = [x]
        for l in range(L):
            h = xs[-1] @ W[l] + B[l]
            xs.append(h if l == L - 1 else np.tanh(h) if tanh else np.maximum(h, 0))
        f = xs[-1]
        if row["loss"] == "softmax":
            e = np.exp(f - f.max(-1, keepdims=True))
            f = e / e.sum(-1, keepdims=True)
        d = (f - y) * real(1 / len(x))
        for l in range(L - 1, -1, -1):
            below = None
            if l: below = (d @ T(W[l])) * ((1 - xs[l] * xs[l]) if tanh else (xs[l] > 0))
            gw, gb = T(xs[l]) @ d, d.sum(-2, keepdims=True)
            update(l, W[l], gw)
            update(L + l, B[l], gb)
            d = below
    best(step)
else:
    import torch
    torch.set_num_threads(threads)
    x_all, y_all = torch.from_numpy(X), torch.from_numpy(Y)
    if kind == "eager":
        layers = []
        for i, o in zip(sizes, sizes[1:]):
            layers += [torch.nn.Linear(i, o, dtype=x_all.dtype), torch.nn.Tanh() if tanh else torch.nn.ReLU()]
        net = torch.nn.Sequential(*layers[:-1])
        optimiser = (torch.optim.Adam if adam else torch.optim.SGD)(net.parameters(), lr=rate)
        loss = torch.nn.CrossEntropyLoss() if row["loss"] == "softmax" else torch.nn.MSELoss()
        def step():
            which = rows()
            optimiser.zero_grad()
            loss(net(x_all[which]), y_all[which]).backward()
            optimiser.step()
    else:
        torch.set_grad_enabled(False)
        W, B = [torch.from_numpy(w) for w in W], [torch.from_numpy(b) for b in B]
        moments, t = [[torch.zeros_like(p), torch.zeros_like(p)] for p in W + B], 0
        def update(k, p, g):
            if not adam:
                p.add_(g, alpha=-rate)
                return
            u, v = moments[k]
            u.lerp_(g, 0.1)
            v.mul_(0.999).addcmul_(g, g, value=0.001)
            p.addcdiv_(u, (v * (1 / (1 - 0.999 ** t))).sqrt_().add_(1e-8), value=-rate / (1 - 0.9 ** t))
        def step():
            global t
            t += 1
            which = rows()
            x, y = x_all[which], y_all[which]
            xs = [x.expand(lead + x.shape) if count > 1 else x]
            for l in range(L):
                h = torch.baddbmm(B[l], xs[-1], W[l]) if count > 1 else torch.addmm(B[l], xs[-1], W[l])
                xs.append(h if l == L - 1 else h.tanh_() if tanh else h.relu_())
            f = xs[-1]
            d = ((f.softmax(-1) if row["loss"] == "softmax" else f) - y) * (1 / len(x))
            for l in range(L - 1, -1, -1):
                below = None
                if l:
                    below = d @ W[l].mT
                    below *= (1 - xs[l] * xs[l]) if tanh else (xs[l] > 0)
                if adam:
                    update(l, W[l], xs[l].mT @ d)
                elif count > 1:
                    W[l].baddbmm_(xs[l].mT, d, alpha=-rate)
                else:
                    W[l].addmm_(xs[l].mT, d, alpha=-rate)
                update(L + l, B[l], d.sum(-2, keepdim=True))
                d = below
    best(step)
'''

LIMN = r'''
local limn = require "limn"
local native = require "limn.native"
local sizes, count, points, steps = {}, tonumber(arg[2]), tonumber(arg[3]), tonumber(arg[4])
local activation, optimizer, loss, batch, dtype = arg[5], arg[6], arg[7], tonumber(arg[8]), arg[9]
for n in arg[1]:gmatch "%d+" do sizes[#sizes + 1] = tonumber(n) end
local X, y = limn.rng.stream(1):normal(points, sizes[1]), limn.rng.stream(2):sign(points)
if loss == "softmax" then
  local labels = {}
  for p = 1, points do labels[p] = p % sizes[#sizes] + 1 end
  y = limn.array(labels)
end
local nets = limn.mlp.ensemble { sizes = sizes, count = count, activation = activation, dtype = dtype }
local rule = { rate = 1e-3, tol = -1, loss = loss, optimizer = optimizer ~= "gd" and optimizer or nil,
  batch = batch > 0 and batch or nil, steps = math.max(2, steps // 10) }
nets:train(X, y, rule)
rule.steps = steps
local t = native.posix.now()
local run = nets:train(X, y, rule)
t = native.posix.now() - t
assert(run.steps == steps and run.reason == "steps", tostring(run))
io.write(("seconds %.9g\nalgorithm %s\nbytes_a_net %d\n"):format(t / (steps * count), run.algorithm, nets:describe().bytes // count))
rule.steps = nil
local n, begun = 0, native.posix.now()
repeat
  nets:step(X, y, rule)
  n = n + 1
until native.posix.now() - begun > 0.3
io.write(("single_step_s %.9g\n"):format((native.posix.now() - begun) / (n * count)))
'''

# name, sizes, nets, points, what differs from gd on all points with mse, relu and f32, steps of limn, of the peers,
# the ratio to the best peer that is the goal on one thread
ROWS = [
    ("100 nets 6-32-1, 64 points, relu", "6-32-1", 100, 64, {}, 2000, 60, 35),
    ("100 nets 6-32-1, 64 points, tanh", "6-32-1", 100, 64, {"activation": "tanh"}, 1000, 60, 15),
    ("one net 6-32-1, 64 points, tanh", "6-32-1", 1, 64, {"activation": "tanh"}, 20000, 2000, None),
    ("6-256-256-1, 64 points, Adam", "6-256-256-1", 1, 64, {"optimizer": "adam"}, 1000, 100, 2.5),
    ("50 nets 2-64-64-1, 4 points, Adam", "2-64-64-1", 50, 4, {"optimizer": "adam"}, 2000, 100, 5),
    ("50 nets 4-64-64-3, 150 points, softmax, minibatch 32", "4-64-64-3", 50, 150,
     {"loss": "softmax", "batch": 32}, 400, 60, 5),
    ("10-512-512-1, 1000 points, f32", "10-512-512-1", 1, 1000, {}, 40, 20, 1.5),
    ("10-512-512-1, 1000 points, f64", "10-512-512-1", 1, 1000, {"dtype": "f64"}, 20, 10, 1.5),
    ("20-1024-1, 2000 points, Adam", "20-1024-1", 1, 2000, {"optimizer": "adam"}, 60, 20, 5),
    ("784-256-10, softmax, minibatch 128 of 12800", "784-256-10", 1, 12800, {"loss": "softmax", "batch": 128}, 400, 60, None),
    ("500 nets 2-64-1, 5 points", "2-64-1", 500, 5, {}, 4000, 100, None),
    ("3-1024-1, 4 points", "3-1024-1", 1, 4, {}, 20000, 1000, None),
    ("1000 nets 7-40-40-1, 128 points", "7-40-40-1", 1000, 128, {}, 20, 5, None),
]
EVERYTHING = {"activation": "relu", "optimizer": "gd", "loss": "mse", "batch": 0, "dtype": "f32"}


def bound(bench, row, threads):
    """Seconds of a net-step, or None without the rates."""
    vector = "zmm" if "zmm_fma" in bench.probe else "ymm"
    lanes = (16 if vector == "zmm" else 8) // (2 if row["dtype"] == "f64" else 1)
    if vector + "_fma" not in bench.probe:
        return None
    pairs = list(zip(row["sizes"], row["sizes"][1:]))
    work = sum(i * o * (2 if l == 0 else 3) for l, (i, o) in enumerate(pairs)) * (row["batch"] or row["points"])
    seconds = work / (lanes * bench.probe[vector + "_fma"])
    if row["optimizer"] == "adam":
        weights = sum((i + 1) * o for i, o in pairs)
        kind = "_pd" if row["dtype"] == "f64" else "_ps"
        seconds += sum(weights / (lanes * bench.probe[vector + op + kind]) for op in ("_sqrt", "_div"))
    return seconds / threads


def run(bench):
    import json
    import os
    fann = os.path.join(bench.build, "fann")
    for name, shape, count, points, other, steps, peer_steps, must in ROWS:
        row = dict(EVERYTHING, sizes=[int(n) for n in shape.split("-")], count=count, points=points, **other)
        if bench.quick:
            steps = max(4, steps // 10)
        kinds = ["numpy", "torch"] + (["eager"] if count == 1 else [])
        for threads in (1, 2):
            def limn(threads=threads):
                return bench.limn(LIMN, shape, count, points, steps, row["activation"], row["optimizer"], row["loss"],
                                  row["batch"], row["dtype"], threads=threads)

            def peer(kind, threads=threads):
                return lambda: bench.python(PEER, kind, json.dumps(row), peer_steps, threads, threads=threads)

            peers = {kind: peer(kind) for kind in kinds}
            if row["activation"] == "tanh" and row["optimizer"] == "gd" and not row["batch"] and os.path.exists(fann):
                peers["fann"] = lambda: bench.program(fann, *row["sizes"][:3], points, peer_steps)
            done = bench.compare(name, limn, peers, threads=threads, bound=bound(bench, row, threads),
                                 must=must if threads == 1 else None)
            single = done["limn_values"]["single_step_s"]
            bench.note("%s; %d bytes a net; a loop of single steps: %.0f %% of the speed"
                       % (done["limn_values"]["algorithm"], done["limn_values"]["bytes_a_net"],
                          100 * done["limn_s"] / single))
