"""Linear rules on the same numbers as scipy and scikit-learn: minimum norm and ridge on a dense 2000 x 20000
normal matrix, minimum L1 on 64 x 65536 coin flips (HiGHS), a lasso path of 100 penalties (lars_path,
lasso_path). Every solver reads the matrix from one file; reading is not timed. Objectives are printed, so that
a wrong answer is visible."""
import os
import tempfile

MAKE = r'''
local limn = require "limn"
local dir = arg[1]
local function save(name, rows, cols, kind, seed, noise)
  local f = limn.features.toy { points = rows, count = cols, perfect = kind == "sign" and 16 or 0, kind = kind, seed = seed }
  limn.save(dir .. "/" .. name .. "_x.npy", f:dense())
  local y = f.labels
  if noise then y = y + noise * limn.rng.stream { seed = seed }:normal(rows) end
  limn.save(dir .. "/" .. name .. "_y.npy", y)
end
save("wide", tonumber(arg[2]), tonumber(arg[3]), "gaussian", 1)
save("signs", 64, 65536, "sign", 2)
save("path", 500, 2000, "gaussian", 3, 0.5)
'''

LIMN = r'''
local limn = require "limn"
local what, dir, name = arg[1], arg[2], arg[3]
local x, y = limn.load(dir .. "/" .. name .. "_x.npy"), limn.load(dir .. "/" .. name .. "_y.npy")
local function wall() local f = io.open("/proc/uptime") local t = f:read "n" f:close() return t end
local rules = {
  minnorm = function() return limn.regress.minnorm(x, y).norm end,
  ridge = function() return limn.regress.ridge(x, y, { lambda = 1 }).norm end,
  path = function()
    local lambda = {}
    for i = 1, 20 do lambda[i] = 10 ^ (i / 5) end
    return limn.regress.ridge(x, y, { lambda = lambda }).loo:mean()
  end,
  l1 = function() return limn.regress.l1(x, y).norm end,
  lasso = function() local p = limn.regress.lasso(x, y, { path = 100 }) return p[#p].norm end,
}
local start = wall()
local value = rules[what]()
print("seconds " .. math.max(wall() - start, 0.005))
print("objective " .. value)
'''

PYTHON = r'''
import sys, time, numpy as np, scipy.linalg as sl
what, d, name = sys.argv[1:4]
x, y = np.load(d + "/" + name + "_x.npy"), np.load(d + "/" + name + "_y.npy")
if what in ("highs", "lars", "cd"):
    from scipy.optimize import linprog
    from sklearn.linear_model import lars_path, lasso_path
start = time.perf_counter()
if what == "gelsy": w = sl.lstsq(x, y, lapack_driver="gelsy", check_finite=False)[0]
elif what == "gelsd": w = sl.lstsq(x, y, check_finite=False)[0]
elif what == "cholesky": # weights, leave-one-out and GCV, as limn
    k = x @ x.T
    k[np.diag_indices(len(y))] += 1
    c = sl.cholesky(k, lower=True, overwrite_a=True, check_finite=False)
    a = sl.cho_solve((c, True), y, check_finite=False)
    inv = np.diagonal(sl.lapack.dpotri(c, lower=True)[0])
    loo, gcv, w = ((a / inv) ** 2).mean(), len(y) * (a @ a) / inv.sum() ** 2, x.T @ a
elif what == "eigh": # weights, leave-one-out and GCV for 20 penalties from one factorisation
    lam = 10 ** (np.arange(1, 21) / 5)
    e, u = sl.eigh(x @ x.T, driver="evd", check_finite=False)
    inv = 1 / (e[:, None] + lam)
    a, g = u @ ((u.T @ y)[:, None] * inv), (u * u) @ inv
    gcv, w = len(y) * (a * a).sum(0) / g.sum(0) ** 2, a.T @ x
elif what == "highs":
    r = linprog(np.ones(2 * x.shape[1]), A_eq=np.hstack([x, -x]), b_eq=y, bounds=(0, None), method="highs")
    w = r.x[:x.shape[1]] - r.x[x.shape[1]:]
elif what == "lars": w = lars_path(x, y, method="lasso", max_iter=10**6, alpha_min=1e-3 * np.max(np.abs(x.T @ y)) / len(y))[2][:, -1]
elif what == "cd": w = lasso_path(x, y, eps=1e-3, n_alphas=100, tol=1e-6, max_iter=100000)[1][:, -1]
print("seconds", time.perf_counter() - start)
print("objective", ((a / g) ** 2).mean() if what == "eigh" else np.abs(w).sum() if what in ("highs", "lars", "cd") else sl.norm(w))
'''


def run(bench):
    rows, cols = (500, 5000) if bench.quick else (2000, 20000)
    with tempfile.TemporaryDirectory() as folder:
        bench.limn(MAKE, folder, rows, cols)

        def ours(what, name):
            return lambda: bench.limn(LIMN, what, folder, name)

        def peer(what, name):
            return lambda: bench.python(PYTHON, what, folder, name)

        repeats, bench.repeats = bench.repeats, 2
        bench.compare("minnorm %d x %d" % (rows, cols), ours("minnorm", "wide"),
                      {"scipy lstsq gelsy": peer("gelsy", "wide")}, must=1)
        bench.compare("ridge %d x %d with leave-one-out and GCV" % (rows, cols), ours("ridge", "wide"),
                      {"scipy Cholesky of the dual": peer("cholesky", "wide")}, must=1)
        bench.compare("ridge path of 20 with leave-one-out and GCV", ours("path", "wide"),
                      {"scipy eigh of the dual": peer("eigh", "wide")}, must=1)
        if not bench.quick:
            bench.compare("minimum L1, 64 x 65536", ours("l1", "signs"), {"scipy HiGHS": peer("highs", "signs")}, must=20)
        bench.compare("lasso path, 500 x 2000", ours("lasso", "path"),
                      {"sklearn lars_path": peer("lars", "path"), "sklearn lasso_path": peer("cd", "path")}, must=1)
        bench.repeats = repeats
