"""bench_arrays.py: array functions against numpy, on 10^6 entries and on 4 x 4 matrices, one thread. Each number is the
least of several timings inside one process; the ratio is numpy's time over limn's."""

# name, limn, numpy; in both languages the arrays are a, b (10^6 normal numbers), p = |a| + 0.1, m (1000 x 1000), n = m' m
# + 1000 I, v (1000), s and t (4 x 4), u = |s| + 0.1.
LARGE = [
    ("add", "a + b", "a + b"), ("multiply", "a * b", "a * b"), ("divide", "a / b", "a / b"), ("compare", "a:gt(b)", "a > b"),
    ("sqrt", "p:sqrt()", "np.sqrt(p)"), ("exp", "a:exp()", "np.exp(a)"), ("log", "p:log()", "np.log(p)"),
    ("sin", "a:sin()", "np.sin(a)"), ("tanh", "a:tanh()", "np.tanh(a)"), ("floor", "a:floor()", "np.floor(a)"),
    ("round", "a:round()", "np.round(a)"), ("mask", "a[a:gt(0)]", "a[a > 0]"),
    ("where", "a:where(a:gt(0), b)", "np.where(a > 0, a, b)"), ("clip", "a:clip(-1, 1)", "np.clip(a, -1, 1)"),
    ("isnan", "a:isnan()", "np.isnan(a)"), ("sum", "a:sum()", "a.sum()"), ("mean", "a:mean()", "a.mean()"),
    ("std", "a:std()", "a.std(ddof=1)"), ("max", "a:max()", "a.max()"), ("argmax", "a:argmax()", "a.argmax()"),
    ("any", "a:any()", "a.any()"), ("count", "a:count()", "np.count_nonzero(a)"), ("prod", "a:prod()", "a.prod()"),
    ("cumsum", "a:cumsum()", "a.cumsum()"), ("diff", "a:diff()", "np.diff(a)"),
    ("mean over rows", "m:mean(1)", "m.mean(axis=0)"), ("mean over columns", "m:mean(2)", "m.mean(axis=1)"),
    ("max over rows", "m:max(1)", "m.max(axis=0)"), ("sort", "a:sort()", "np.sort(a)"),
    ("argsort", "a:argsort()", "np.argsort(a)"), ("quantile", "a:quantile(0.3)", "np.quantile(a, 0.3)"),
    ("median", "a:median()", "np.median(a)"), ("unique", "a:unique()", "np.unique(a)"),
    ("histogram", "a:histogram(50)", "np.histogram(a, 50)"), ("concat", "limn.concat { a, b }", "np.concatenate([a, b])"),
    ("transposed copy", "m:T():copy()", "m.T.copy()"), ("matmul", "m:matmul(m)", "m @ m"), ("solve", "n:solve(v)", "np.linalg.solve(n, v)"),
    ("chol", "n:chol()", "np.linalg.cholesky(n)"), ("inv", "n:inv()", "np.linalg.inv(n)"),
    ("einsum ij,jk", "limn.einsum('ij,jk->ik', m, m)", "np.einsum('ij,jk->ik', m, m, optimize=True)"),
]
SMALL = [
    ("add", "s + t", "s + t"), ("multiply", "s * t", "s * t"), ("exp", "s:exp()", "np.exp(s)"), ("compare", "s:gt(t)", "s > t"),
    ("mask", "s[s:gt(0)]", "s[s > 0]"), ("sum", "s:sum()", "s.sum()"), ("mean over rows", "s:mean(1)", "s.mean(axis=0)"),
    ("max", "s:max()", "s.max()"), ("sort", "s:sort()", "np.sort(s)"), ("quantile", "s:quantile(0.3)", "np.quantile(s, 0.3)"),
    ("concat", "limn.concat { s, t }", "np.concatenate([s, t])"), ("matmul", "s:matmul(t)", "s @ t"),
    ("solve", "s:solve(t)", "np.linalg.solve(s, t)"), ("inv", "s:inv()", "np.linalg.inv(s)"), ("det", "s:det()", "np.linalg.det(s)"),
    ("entry", "s:get(2, 3)", "s[1, 2]"),
]

LIMN = """
local limn = require "limn"
local rng = limn.rng.stream(1)
local a, b, m = rng:normal(1000000), rng:normal(1000000), rng:normal(1000, 1000)
local p, v, n = a:abs() + 0.1, rng:normal(1000), m:T():matmul(m) + 1000 * limn.eye(1000)
local s, t = rng:normal(4, 4), rng:normal(4, 4)
local function best(f, times, rounds)
  local least = math.huge
  for _ = 1, rounds do
    local start = os.clock()
    for _ = 1, times do f() end
    least = math.min(least, (os.clock() - start) / times)
  end
  return least
end
"""
NUMPY = """
import time
import numpy as np
rng = np.random.default_rng(1)
a, b, m = rng.normal(size=1000000), rng.normal(size=1000000), rng.normal(size=(1000, 1000))
p, v, n = np.abs(a) + 0.1, rng.normal(size=1000), m.T @ m + 1000 * np.eye(1000)
s, t = rng.normal(size=(4, 4)), rng.normal(size=(4, 4))
def best(f, times, rounds):
    least = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        for _ in range(times):
            f()
        least = min(least, (time.process_time() - start) / times)
    return least
"""


def run(bench):
    rounds = 6 if bench.quick else 15
    jobs = [("10^6 " + name, ours, theirs, 1) for name, ours, theirs in LARGE]
    jobs += [("4x4 " + name, ours, theirs, 5000) for name, ours, theirs in SMALL]
    limn = LIMN + "".join(
        "io.write('%d ', best(function() return %s end, %d, %d), '\\n')\n" % (k, ours, times, rounds)
        for k, (_, ours, _, times) in enumerate(jobs))
    python = NUMPY + "".join(
        "print('%d', best(lambda: %s, %d, %d))\n" % (k, theirs, times, rounds)
        for k, (_, _, theirs, times) in enumerate(jobs))
    mine = bench.limn(limn).values
    theirs = bench.python(python).values
    for k, (name, _, _, _) in enumerate(jobs):
        ours, peer = mine[str(k)], theirs[str(k)]
        bench.row(name, threads=1, limn_s=ours, best_peer="numpy", peer_s=peer, ratio=peer / ours)
