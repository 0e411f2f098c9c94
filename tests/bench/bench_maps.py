"""Generalisation maps: 100 ReLU nets 2-64-64-64-1 of float32 on 256 x 256 points, before and after training on the
four corners of XOR. limn computes them by exact affine patches, and densely, point by point. Peers, which are dense:
numpy, PyTorch net by net, and PyTorch with all nets in one batched product, each in blocks of points that fit in the
cache. A peer's time does not depend on the weights, so that rows with the same number of threads use the same runs. It
is proportional to the number of nets: a peer computes a tenth of them, and ten times its shortest time is reported.
limn computes all nets, except for the dense map, where it also computes a tenth. Dense work is counted in
multiply-adds; the limit is the measured rate of fused multiply-adds."""

import itertools

NETS, SHARE, SIDE, SIZES = 100, 10, 256, [2, 64, 64, 64, 1]

LIMN = r'''
local limn = require "limn"
local count, n, how, rounds = tonumber(arg[1]), tonumber(arg[2]), arg[3], tonumber(arg[4])
local clock = require("limn.native").posix.now
local X, y = limn.data.xor()
local function make(count)
  local nets = limn.mlp.ensemble { sizes = { 2, 64, 64, 64, 1 }, count = count, dtype = "f32" }
  if arg[5] == "trained" then nets:train(X, y, { tol = 1e-6 }) end
  return nets
end
local nets, share = make(count), tonumber(arg[6])
local best, maps, kinks = math.huge, nil, nil
for _ = 1, rounds do
  maps = nil
  collectgarbage()
  local start = clock()
  maps, kinks = nets:map { n = n, dense = how == "dense" }
  best = math.min(best, clock() - start)
end
print("seconds " .. best * (how == "dense" and share or 1))
print("kinks " .. (count > 1 and kinks:mean() or kinks[1]))
if how == "affine" then
  nets = make(math.max(2, count // share))
  maps = nets:map { n = n }
  print("difference " .. (maps - nets:map { n = n, dense = true }):abs():max() / maps:abs():max())
end
'''

PEER = r'''
import sys, time
kind, count, n, threads, rounds, share = sys.argv[1], *map(int, sys.argv[2:7])
import numpy as np
sizes, rng = [2, 64, 64, 64, 1], np.random.default_rng(1)
W = [(rng.normal(size=(count, i, o)) * np.sqrt(2 / i)).astype(np.float32) for i, o in zip(sizes, sizes[1:])]
B = [np.zeros((count, 1, o), np.float32) for o in sizes[1:]]
g = np.linspace(-2, 2, n, dtype=np.float32)
X = np.stack([a.ravel() for a in np.meshgrid(g, g)], 1)
out = np.empty((count, n * n), np.float32)
if kind == "numpy":
    def maps():
        for k in range(count):
            for p in range(0, n * n, 1024):
                h = X[p:p + 1024]
                for l, (w, b) in enumerate(zip(W, B)):
                    h = h @ w[k]
                    h += b[k]
                    if l < len(W) - 1: np.maximum(h, 0, out=h)
                out[k, p:p + 1024] = h[:, 0]
else:
    import torch
    torch.set_num_threads(threads)
    torch.set_grad_enabled(False)
    x, f = torch.from_numpy(X), torch.from_numpy(out)
    W, B = [torch.from_numpy(w) for w in W], [torch.from_numpy(b) for b in B]
    def maps():
        if kind == "torch":
            for k in range(count):
                for p in range(0, n * n, 2048):
                    h = x[p:p + 2048]
                    for l, (w, b) in enumerate(zip(W, B)):
                        h = torch.addmm(b[k], h, w[k])
                        if l < len(W) - 1: h.relu_()
                    f[k, p:p + 2048] = h[:, 0]
        else:
            for p in range(0, n * n, 1024):
                h = x[p:p + 1024].expand(count, -1, -1)
                for l, (w, b) in enumerate(zip(W, B)):
                    h = torch.baddbmm(b, h, w)
                    if l < len(W) - 1: h.relu_()
                f[:, p:p + 1024] = h[:, :, 0]
best = np.inf
for _ in range(rounds):
    start = time.perf_counter()
    maps()
    best = min(best, time.perf_counter() - start)
print("seconds", best * share)
'''


def run(bench):
    nets, side, rounds = (10, 128, 2) if bench.quick else (NETS, SIDE, 3)
    few = nets // SHARE
    work = nets * side * side * sum(a * b for a, b in zip(SIZES, SIZES[1:]))
    width = 16 if "zmm_fma" in bench.probe else 8
    fma = bench.probe.get("zmm_fma", bench.probe.get("ymm_fma", 0)) * width
    for threads in (1, 2):
        def affine(state, threads=threads):
            return lambda: bench.limn(LIMN, nets, side, "affine", rounds, state, SHARE, threads=threads)

        def dense(threads=threads):
            return bench.limn(LIMN, few, side, "dense", rounds, "untrained", SHARE, threads=threads)

        def peer(kind, made, turn, threads=threads):
            """The next of the runs that the rows share; made where no row has asked for it yet."""
            def run_or_recall():
                k = next(turn)
                if k == len(made[kind]):
                    made[kind].append(bench.python(PEER, kind, few, side, threads, rounds, SHARE, threads=threads))
                return made[kind][k]
            return run_or_recall

        made = {kind: [] for kind in ("numpy", "torch", "torch bmm")}

        def peers(made=made, peer=peer):
            return {kind: peer(kind, made, itertools.count()) for kind in made}

        limit = fma * threads if fma else None
        bench.compare("%d maps, dense" % nets, dense, peers(), threads=threads, work=work, unit="multiply-adds",
                      limit=limit, must=1.6 if limit else None)
        for state in ("untrained", "trained"):
            row = bench.compare("%d maps, affine patches, %s nets" % (nets, state), affine(state), peers(),
                                threads=threads, work=work, unit="dense multiply-adds", must=5.8)
            bench.note("%.2f units a layer kink in a patch; largest difference from the dense maps %.1e of their range" %
                       (row["limn_values"]["kinks"], row["limn_values"]["difference"]))
