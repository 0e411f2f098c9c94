"""Infinite-width kernels: both matrices (NNGP and NTK) of a ReLU net of three hidden layers, double precision, on
2000 x 2000 points (symmetric) and 4 x 65536. Peers: the textbook recursion in numpy, whole and in blocks of rows
that stay in the cache, and in torch. Every program computes the kernels repeatedly and reports the
shortest time; the largest relative difference from limn's numbers is noted."""
import os
import tempfile

DIMENSION = 8

LIMN = r'''
local limn = require "limn"
local what, dir, rounds = arg[1], arg[2], tonumber(arg[3])
local X, Z = limn.load(dir .. "/" .. what .. "_x.npy"), nil
if what == "wide" then Z = limn.load(dir .. "/" .. what .. "_z.npy") end
local clock = require("limn.native").posix.now
local options, best = { depth = 3, weight = 2, bias = 0.1 }, math.huge
local K, T
for _ = 1, rounds do
  K, T = nil, nil
  local start = clock()
  K, T = limn.kernel.both(X, Z, options)
  best = math.min(best, clock() - start)
end
print("seconds " .. best)
if arg[4] == "save" then
  limn.save(dir .. "/" .. what .. "_k.npy", K)
  limn.save(dir .. "/" .. what .. "_t.npy", T)
end
'''

PYTHON = r'''
import sys, time, numpy as np
how, what, d, rounds = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
x = np.load(d + "/" + what + "_x.npy")
z = np.load(d + "/" + what + "_z.npy") if what == "wide" else x
DEPTH, W, B = 3, 2.0, 0.1
if how == "torch":
    import torch
    torch.set_num_threads(int(sys.argv[5]))
    lib, x, z = torch, torch.from_numpy(x), torch.from_numpy(z)
    sqrt, acos, clip = torch.sqrt, torch.acos, torch.clamp
else:
    lib, sqrt, acos, clip = np, np.sqrt, np.arccos, np.clip

def both(x, z):
    n = x.shape[1]
    k = W / n * (x @ z.T) + B
    q1, q2 = W / n * (x * x).sum(1) + B, W / n * (z * z).sum(1) + B
    t = k
    for _ in range(DEPTH):
        s = sqrt(q1)[:, None] * sqrt(q2)[None, :]
        c = clip(k / s, -1, 1)
        a = np.pi - acos(c)
        k = W / (2 * np.pi) * s * (sqrt(1 - c * c) + a * c) + B
        t = k + W / (2 * np.pi) * a * t
        q1, q2 = W * q1 / 2 + B, W * q2 / 2 + B
    return k, t

def blocked(x, z):
    m, n = len(x), len(z)
    k, t = np.empty((m, n)), np.empty((m, n))
    rows, cols = (16, 2000) if m > 4 else (4, 4096)
    for i in range(0, m, rows):
        for j in range(0, n, cols):
            k[i:i + rows, j:j + cols], t[i:i + rows, j:j + cols] = both(x[i:i + rows], z[j:j + cols])
    return k, t

f = blocked if how == "blocked" else both
best = np.inf
for _ in range(rounds):
    start = time.perf_counter()
    k, t = f(x, z)
    best = min(best, time.perf_counter() - start)
print("seconds", best)
import os
if how == "numpy" and os.path.exists(d + "/" + what + "_k.npy"):
    mine = [np.load(d + "/" + what + s) for s in ("_k.npy", "_t.npy")]
    print("difference", max(np.max(np.abs(a - b) / b) for a, b in zip(mine, (k, t))))
'''

MAKE = r'''
local limn = require "limn"
local s, d = limn.rng.stream { seed = 1 }, tonumber(arg[2])
limn.save(arg[1] .. "/square_x.npy", s:normal(tonumber(arg[3]), d))
limn.save(arg[1] .. "/wide_x.npy", s:normal(4, d))
limn.save(arg[1] .. "/wide_z.npy", s:normal(65536, d))
'''


def run(bench):
    size, rounds = (500, 3) if bench.quick else (2000, 10)
    with tempfile.TemporaryDirectory() as folder:
        bench.limn(MAKE, folder, DIMENSION, size)
        for threads in (1, 2):
            for what, name, must, repeat in (("square", "NNGP + NTK, %d x %d" % (size, size), (9, 17), rounds),
                                             ("wide", "NNGP + NTK, 4 x 65536", (4.5, 6), 10 * rounds)):
                bench.limn(LIMN, what, folder, 1, "save")

                def ours(what=what, repeat=repeat):
                    return bench.limn(LIMN, what, folder, repeat, threads=threads)

                def peer(how, what=what, repeat=repeat):
                    return lambda: bench.python(PYTHON, how, what, folder, repeat, threads, threads=threads)

                entries = size * (size + 1) // 2 if what == "square" else 4 * 65536
                row = bench.compare("%s, %d thread%s" % (name, threads, "s" * (threads > 1)), ours,
                                    {how: peer(how) for how in ("numpy", "blocked", "torch")}, threads=threads,
                                    work=entries, unit="pairs", must=must[threads - 1])
                # every peer is compared where the goal says numpy; the best one counts
                check = bench.python(PYTHON, "numpy", what, folder, 1, 1)
                bench.note("largest relative difference from numpy: %.1e; ratio to numpy %.1f" %
                           (check.values["difference"], row["peers_s"]["numpy"] / row["limn_s"]))
                os.remove(os.path.join(folder, what + "_k.npy"))
