"""The toy model: random signs, Gram matrices, whole points, the sweep in p, memory, growth.

The numpy peer is the fastest form in plain numpy: packed random bytes expanded to +-1 by a table, blocks of
65536 columns, F @ F.T (for which numpy calls syrk, half the work of gemm). All blocks take the same time, so
that large N are measured on some blocks and scaled (BLOCKS below)."""
import math

BLOCK = 65536
BLOCKS = 3  # measured blocks of a large N

NUMPY = r'''
import sys, time, numpy as np
D, N, blocks, kind, p = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], int(sys.argv[5])
dtype = np.float32 if kind.endswith("32") else np.float64
B = min(65536 if D <= 1024 else 32768, N)
table = (2.0 * np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1) - 1).astype(dtype)
def signs(rng, rows, columns):
    raw = np.frombuffer(rng.bytes(rows * columns // 8), dtype=np.uint8)
    return table[raw].reshape(rows, columns)
def median(x): return sorted(x)[len(x) // 2]
total, count = N / B, max(1, min(blocks, N // B))
K = np.zeros((D, D), dtype)
first = []
for b in range(count):
    t = time.perf_counter()
    F = signs(np.random.Generator(np.random.SFC64(b)), D, B)
    K += F @ F.T
    first.append(time.perf_counter() - t)
seconds = total * median(first)
if kind.startswith("point"):
    t = time.perf_counter()
    y = np.sign(np.random.default_rng(1).normal(size=D))
    full = K.astype(np.float64) * (total / count) + p * np.outer(y, y)
    low = np.linalg.cholesky(full)
    a = np.linalg.solve(low.T, np.linalg.solve(low, y)).astype(dtype)
    seconds += time.perf_counter() - t
    second, square, R = [], 0.0, np.zeros(D)
    for b in range(count):
        t = time.perf_counter()
        F = signs(np.random.Generator(np.random.SFC64(b)), D, B)
        w = a @ F
        square += float(w @ w)
        R += F @ w
        second.append(time.perf_counter() - t)
    seconds += total * median(second)
    print("check", abs(np.linalg.norm(R)))
print("seconds", seconds)
'''

DIRECT = r'''
import sys, time, numpy as np
D, N, method = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
rng = np.random.default_rng(1)
if method == "ridge":
    from sklearn.linear_model import Ridge
    Ridge(alpha=1e-6).fit(rng.normal(size=(8, 8)), np.ones(8))
t = time.perf_counter()
F = 2.0 * np.unpackbits(np.frombuffer(rng.bytes(D * N // 8), dtype=np.uint8)).reshape(D, N) - 1
y = np.sign(rng.normal(size=D))
F[:, :N // 64] = y[:, None]
if method == "lstsq": w = np.linalg.lstsq(F, y, rcond=None)[0]
elif method == "ridge": w = Ridge(alpha=1e-6, solver="cholesky", fit_intercept=False).fit(F, y).coef_
else:
    low = np.linalg.cholesky(F @ F.T)
    w = np.linalg.solve(low.T, np.linalg.solve(low, y)) @ F
P = np.linalg.norm(F[:, :N // 64] @ w[:N // 64]); R = np.linalg.norm(F[:, N // 64:] @ w[N // 64:])
print("seconds", time.perf_counter() - t)
print("sum", P + R)
'''

SWEEP = r'''
import sys, time, numpy as np
N, sizes, seeds, shares = 65536, [16, 32, 64, 128, 256, 384, 512, 768], 5, [2.0 ** -k for k in range(4, 9)]
table = (2.0 * np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1) - 1).astype(np.float32)
t, points = time.perf_counter(), 0
for D in sizes:
    for seed in range(seeds):
        rng = np.random.Generator(np.random.SFC64(seed))
        F = table[np.frombuffer(rng.bytes(D * N // 8), dtype=np.uint8)].reshape(D, N)
        K = (F @ F.T).astype(np.float64)
        y = np.sign(rng.normal(size=D))
        for p in shares:
            low = np.linalg.cholesky(K + p * N * np.outer(y, y))
            a = np.linalg.solve(low.T, np.linalg.solve(low, y))
            w = a.astype(np.float32) @ F
            R = np.linalg.norm(F @ w); square = float(w @ w); points += 1
print("seconds", time.perf_counter() - t)
print("points", points)
'''

CLOCK = 'local limn = require "limn"\nlocal clock = require("limn.native").posix.now\n'

GRAM = CLOCK + r'''
local D, N = math.tointeger(tonumber(arg[1])), math.tointeger(tonumber(arg[2]))
local f = limn.features.toy{points = D, count = N, perfect = 0, storage = "stream", seed = 1}
f:gram()
local t = clock()
local K = limn.features.toy{points = D, count = N, perfect = 0, storage = "stream", seed = 2}:gram()
print("seconds " .. clock() - t)
assert(K:get(1, 1) == N)
'''

POINT = CLOCK + r'''
local D, N = math.tointeger(tonumber(arg[1])), math.tointeger(tonumber(arg[2]))
local function point(seed, count)
  local f = limn.features.toy{points = D, count = count, perfect = count // 64, storage = "stream", seed = seed}
  return limn.contrib.analyse(f, limn.regress.minnorm(f, f.labels))
end
if arg[3] ~= "cold" then point(1, 4 * D) end
local t = clock()
local c = point(2, N)
print("seconds " .. clock() - t)
print("sum " .. c.P + c.R)
assert(math.abs(c.P + c.R - math.sqrt(D)) < 1e-9 * math.sqrt(D))
'''

LIMN_SWEEP = CLOCK + r'''
local t, N = clock(), 65536
local sweep = limn.experiment { name = "sweep", run = false, params = { D = 16, draw = 1 },
  grid = { D = { 16, 32, 64, 128, 256, 384, 512, 768 }, draw = { 1, 2, 3, 4, 5 } },
  cost = function(point) return point.D end,
  measure = function(point)
    local f = limn.features.toy{points = point.D, count = N, perfect = 0, storage = "stream", seed = point.draw}
    local fit = limn.regress.minnorm(f, f.labels)
    local c, out = limn.contrib.analyse(f, fit), {}
    local s = f.labels:dot(fit.dual)
    for k = 4, 8 do -- one solve serves every share: P/R = n_p s, and w(p) = w(0)/(1 + n_p s)
      local m = 2.0 ^ -k * N * s
      out["P" .. k], out["R" .. k] = math.sqrt(point.D) * m / (1 + m), math.sqrt(point.D) / (1 + m)
      out["square" .. k] = c.classes.random.weight_sq / (1 + m) ^ 2
    end
    return out
  end }
local results, failed = sweep:run { workers = limn.threads() > 1 and limn.threads() or 0 }
assert(failed == 0 and #results == 40)
print("seconds " .. clock() - t)
print("points " .. 5 * #results)
'''


def macs(d, n):
    return d * (d + 1) / 2 * n


def slope(xs, ys):
    """Least squares on log axes."""
    lx, ly = [math.log(x) for x in xs], [math.log(y) for y in ys]
    mx, my = sum(lx) / len(lx), sum(ly) / len(ly)
    return sum((a - mx) * (b - my) for a, b in zip(lx, ly)) / sum((a - mx) ** 2 for a in lx)


def gram(bench, d, n, threads, must, name, rate, isa=None, peers=None):
    env = {"LIMN_ISA": isa} if isa else {}
    peers = peers or {"numpy f32": {}, "numpy f64": {}}
    functions = {
        peer: (lambda peer=peer, extra=extra: bench.python(
            NUMPY, d, n, BLOCKS, "gram" + ("64" if "f64" in peer else "32"), 0, threads=threads, **extra))
        for peer, extra in peers.items()}
    return bench.compare("%s signs + Gram D=%d N=%.3g%s" % (name, d, n, " " + isa if isa else ""),
                         lambda: bench.limn(GRAM, d, n, threads=threads, **env), functions, threads=threads,
                         work=macs(d, n), unit="GMAC", limit=rate * threads if rate else None, must=must)


def run(bench):
    probe = bench.probe
    clock = probe["clock"]
    bench.note("clock %.2f GHz; per cycle: " % (clock / 1e9) + ", ".join(
        "%s %.2f" % (k, v / clock) for k, v in probe.items() if k != "clock" and not k.startswith("signs")))
    wide = probe.get("zmm_carry_save", 0) / 2.5 * 512      # 5 instructions for 2 x 512 pairs of bits
    narrow = probe.get("ymm_xor", 0) / (91 / 16) * 256     # 91 for 16 x 256
    bench.note("limits per core: carry-save Gram %.0f GMAC/s (AVX-512), %.0f (AVX2); FMA f32 %.0f GMAC/s" % (
        wide / 1e9, narrow / 1e9, probe.get("zmm_fma", probe.get("ymm_fma", 0) / 2) * 16 / 1e9))
    cores = [1, 2]
    million = 262144 if bench.quick else 1000000

    for threads, must in zip(cores, (29, 37)):
        gram(bench, 1024, million, threads, must, "1a", wide)
    for threads, must in zip(cores, (40, 63)):
        gram(bench, 256, million, threads, must, "1b", wide)
    for threads, must in zip(cores, (29, 26)):
        gram(bench, 2048, 262144, threads, must, "1b", wide)
    for threads, must in zip(cores, (7, 7)):
        gram(bench, 1024, 262144, threads, must, "1c", narrow, isa="avx2",
             peers={"numpy f32 AVX2": {"OPENBLAS_CORETYPE": "Haswell"}})
    for threads in cores:
        gram(bench, 1024, 262144, threads, None, "1c (numpy unrestricted)", narrow, isa="avx2")

    idioms = bench.python(r'''
import time, numpy as np
rng, n = np.random.Generator(np.random.SFC64(1)), 1 << 24
table = (2 * np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1) - 1.0).astype(np.float32)
def best(f): 
    times = []
    for _ in range(5):
        t = time.perf_counter(); f(); times.append(time.perf_counter() - t)
    return n / min(times)
print("bytes+table_f32", best(lambda: table[np.frombuffer(rng.bytes(n // 8), np.uint8)]))
print("bytes+unpackbits_f32", best(lambda: np.unpackbits(np.frombuffer(rng.bytes(n // 8), np.uint8)).astype(np.float32) * 2 - 1))
print("integers", best(lambda: 2 * rng.integers(0, 2, n, dtype=np.int8) - 1))
print("choice", best(lambda: rng.choice([-1.0, 1.0], n)))
''').values
    name = max(idioms, key=idioms.get)
    for isa in ("avx512", "avx2", "ref"):
        rate = probe.get("signs_" + isa)
        if rate:
            bench.row("1d random signs, bits, %s" % isa, threads=1, work_per_s=rate, unit="Gsign", ratio=rate / idioms[name],
                      limn_s=1e9 / rate, best_peer=name, peer_s=1e9 / idioms[name], must=90 if isa == "avx512" else None)

    for d, must in ((1024, (34, 43)), (256, (34, 43))):
        for threads, least in zip(cores, must):
            perfect = million // 64
            bench.compare("2a whole point D=%d N=%.3g" % (d, million), lambda: bench.limn(POINT, d, million, threads=threads),
                          {"numpy two-pass f32": lambda: bench.python(NUMPY, d, million, BLOCKS, "point32", perfect, threads=threads)},
                          threads=threads, must=least)
    bench.compare("2a whole point D=256 N=65536", lambda: bench.limn(POINT, 256, 65536),
                  {"numpy lstsq": lambda: bench.python(DIRECT, 256, 65536, "lstsq"),
                   "sklearn Ridge": lambda: bench.python(DIRECT, 256, 65536, "ridge"),
                   "numpy f64": lambda: bench.python(DIRECT, 256, 65536, "gram")})
    for threads in cores:
        run = bench.limn(POINT, 1024, million, "cold", threads=threads)
        bench.row("2b peak memory of the point D=1024 (must 80 MiB)", threads=threads, limn_s=run.values["seconds"], limn_mib=run.mib)
    for threads in cores:
        bench.compare("2c sweep of 200 points", lambda: bench.limn(LIMN_SWEEP, threads=threads),
                      {"numpy shared Gram": lambda: bench.python(SWEEP, threads=threads)}, threads=threads, must=20)

    counts = [2 ** k for k in range(16, 23)]
    times = [min(bench.limn(POINT, 256, n).values["seconds"] for _ in range(2)) for n in counts]
    bench.row("growth with N, D=256", n=counts, seconds=times, slope=slope(counts, times))
    bench.note("slope of log time against log N, %d .. %d: %.3f (expected 1)" % (counts[0], counts[-1], slope(counts, times)))
    sizes = [128, 256, 512, 1024, 2048]
    times = [min(bench.limn(POINT, d, 262144).values["seconds"] for _ in range(2)) for d in sizes]
    bench.row("growth with D, N=262144", d=sizes, seconds=times, slope=slope(sizes, times))
    bench.note("slope of log time against log D, %d .. %d: %.3f (expected 1 to 2)" % (sizes[0], sizes[-1], slope(sizes, times)))
