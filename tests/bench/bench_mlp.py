"""Training on the essay's problem: 4 points in the plane, full-batch gradient descent, float32.

Peers: PyTorch in its usual form (nn.Sequential, autograd, SGD), and the fastest known form in PyTorch and numpy:
forward and backward pass written out, many nets in one batched product. Each peer trains the number of nets at which
it is fastest, and its time is scaled to the same number of net-steps. Work is counted in multiply-adds: 28 per hidden
unit of one-layer nets, 12 per hidden-to-hidden weight; the limit is the measured rate of fused multiply-adds. The
largest nets are limited by memory bandwidth: a forward and a backward pass transfer 12 bytes per weight and step. One
net and four in one batched product are different tasks, with a row each.

limn's speed depends on the net: inactive ReLU units (about half) are skipped, and in one wide hidden layer units with
the same activation pattern are updated as a group. The first steps of such a layer, in which units still change their
pattern, have a separate row."""

PEER = r'''
import sys, time
kind, sizes, count, steps = sys.argv[1], [int(n) for n in sys.argv[2].split("-")], int(sys.argv[3]), int(sys.argv[4])
threads = int(sys.argv[5])
import numpy as np
rng = np.random.default_rng(1)
X = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]], np.float32)
y = np.array([[1], [-1], [-1], [1]], np.float32)
lead = (count,) if count > 1 else ()
W = [(rng.normal(size=lead + (i, o)) * np.sqrt(2 / i)).astype(np.float32) for i, o in zip(sizes, sizes[1:])]
B = [np.zeros(lead + (1, o), np.float32) for o in sizes[1:]]
rate = np.float32(0.1 / sizes[1])
def best(step, steps):
    for _ in range(max(2, steps // 10)): step()
    t = time.perf_counter()
    for _ in range(steps): step()
    return time.perf_counter() - t
if kind == "numpy":
    T = lambda a: a.swapaxes(-1, -2)
    def step():
        xs, hs = [X], []
        for l, (w, b) in enumerate(zip(W, B)):
            h = xs[-1] @ w + b
            hs.append(h)
            xs.append(np.maximum(h, 0) if l < len(W) - 1 else h)
        d = (xs[-1] - y) * np.float32(0.25)
        for l in range(len(W) - 1, -1, -1):
            below = (d @ T(W[l])) * (hs[l - 1] > 0) if l else None
            W[l] -= rate * (T(xs[l]) @ d)
            B[l] -= rate * d.sum(-2, keepdims=True)
            d = below
    print("seconds", best(step, steps) / (steps * count))
else:
    import torch
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    x, t = torch.from_numpy(X), torch.from_numpy(y)
    if kind == "eager":
        layers = []
        for i, o in zip(sizes, sizes[1:]): layers += [torch.nn.Linear(i, o), torch.nn.ReLU()]
        net = torch.nn.Sequential(*layers[:-1])
        optimiser, loss = torch.optim.SGD(net.parameters(), lr=float(rate)), torch.nn.MSELoss()
        def step():
            optimiser.zero_grad()
            loss(net(x), t).backward()
            optimiser.step()
    else:
        torch.set_grad_enabled(False)
        W, B = [torch.from_numpy(w) for w in W], [torch.from_numpy(b) for b in B]
        r = float(rate)
        xb = x.expand(lead + x.shape) if count > 1 else x
        def step():
            xs, hs = [xb], []
            for l in range(len(W)):
                h = torch.baddbmm(B[l], xs[-1], W[l]) if count > 1 else torch.addmm(B[l], xs[-1], W[l])
                hs.append(h)
                xs.append(h.relu() if l < len(W) - 1 else h)
            d = (xs[-1] - t) * 0.25
            for l in range(len(W) - 1, -1, -1):
                below = (d @ W[l].mT) * (hs[l - 1] > 0) if l else None
                if count > 1: W[l].baddbmm_(xs[l].mT, d, alpha=-r)
                else: W[l].addmm_(xs[l].mT, d, alpha=-r)
                B[l] -= r * d.sum(-2, keepdim=True)
                d = below
    print("seconds", best(step, steps) / (steps * count))
'''

LIMN = r'''
local sizes, count, steps, fresh = {}, tonumber(arg[2]), tonumber(arg[3]), tonumber(arg[4])
for n in arg[1]:gmatch "%d+" do sizes[#sizes + 1] = tonumber(n) end
local limn = require "limn"
local native = require "limn.native"
local X = limn.array { { 1, 1 }, { 1, -1 }, { -1, 1 }, { -1, -1 } }
local y = limn.array { 1, -1, -1, 1 }
local rate, total = 0.1 / sizes[2], 0
for k = 1, math.max(1, fresh) do
  local nets = limn.mlp.ensemble { sizes = sizes, count = count, dtype = "f32", seed = k }
  if fresh == 0 then nets:train(X, y, { rate = rate, steps = math.max(1, steps // 10) }) end
  local t = native.posix.now()
  local run = nets:train(X, y, { rate = rate, steps = steps, tol = -1 })
  total = total + native.posix.now() - t
  assert(run.steps == steps and run.reason == "steps", tostring(run))
end
io.write(("seconds %.9g\n"):format(total / (steps * count * math.max(1, fresh))))
'''

# name, sizes, limn (nets, steps[, fresh starts]), peers {kind: (nets, steps)}, the goals on one and two threads
ROWS = [
    ("1 x 16, many seeds", "2-16-1", (8192, 4000),
     {"numpy": (2000, 100), "torch": (2000, 100), "eager": (1, 1000)}, (80, 130)),
    ("1 x 64, many seeds", "2-64-1", (2048, 4000),
     {"numpy": (500, 100), "torch": (500, 100), "eager": (1, 1000)}, (36, 60)),
    ("1 x 1024, many seeds", "2-1024-1", (64, 6000), {"numpy": (64, 60), "torch": (64, 60), "eager": (1, 1000)}, (None, None)),
    ("1 x 16384, one net", "2-16384-1", (1, 10000), {"numpy": (1, 300), "torch": (1, 300), "eager": (1, 300)}, (17, None)),
    ("1 x 16384, one net, its first 200 steps", "2-16384-1", (1, 200, 20),
     {"numpy": (1, 300), "torch": (1, 300), "eager": (1, 300)}, (17, None)),
    ("3 x 64, many seeds", "2-64-64-64-1", (256, 1500),
     {"numpy": (100, 30), "torch": (100, 30), "eager": (1, 500)}, (6.5, 12)),
    ("3 x 1024, one net", "2-1024-1024-1024-1", (1, 1200),
     {"numpy": (1, 60), "torch": (1, 60), "eager": (1, 60)}, (13, 19)),
    ("3 x 1024, 4 nets", "2-1024-1024-1024-1", (4, 300), {"torch x4": (4, 15), "numpy x4": (4, 15)}, (7, 8.6)),
    ("3 x 4096, one net", "2-4096-4096-4096-1", (1, 60), {"numpy": (1, 8), "torch": (1, 8), "eager": (1, 8)}, (5.3, 6.5)),
]


def multiply_adds(sizes):
    n = sizes[1]
    return 28 * n + 12 * n * n * (len(sizes) - 3)


def run(bench):
    width = 16 if "zmm_fma" in bench.probe else 8
    fma = bench.probe.get("zmm_fma", bench.probe.get("ymm_fma", 0)) * width
    for name, shape, (nets, steps, *fresh), peers, must in ROWS:
        sizes = [int(n) for n in shape.split("-")]
        for threads in (1, 2):
            def limn(threads=threads):
                return bench.limn(LIMN, shape, nets, steps, *(fresh or [0]), threads=threads)

            def peer(kind, spec, threads=threads):
                return lambda: bench.python(PEER, kind.split()[0], shape, spec[0], spec[1], threads, threads=threads)

            alike = len(sizes) == 3 and sizes[1] >= 1024  # units move in groups: no plain pass to compare with
            row = bench.compare(name, limn, {k: peer(k, s) for k, s in peers.items()}, threads=threads,
                          work=multiply_adds(sizes), unit="multiply-adds", limit=fma * threads if fma and not alike else None,
                          must=must[threads - 1])
            read, scale = (bench.probe.get("dram_%s_%d" % (what, threads)) for what in ("read", "scale"))
            if len(sizes) > 4 and sizes[1] >= 1024 and read and scale:
                floor = 2 * sizes[1] ** 2 * (4 / read + 8 / scale)
                bench.note("a pass over the weights forth and back, 12 bytes each, takes %.3g ms from memory: %.0f %% of "
                           "that limit" % (1e3 * floor, 100 * floor / row["limn_s"]))
    bench.note("share of limit: the count is nominal, 28 multiply-adds a hidden unit and 12 a hidden-to-hidden weight, "
               "as a plain pass makes them; units that a ReLU shut are skipped, so fewer are made and a share may "
               "pass 100 %")
    bench.note("the goal of 33 for 1 x 16384 is against PyTorch eager alone; the ratio shown is to the best of all peers")
