"""Enumerated programs and the exact engine: truth tables a second, draws a second.

The numpy peer visits circuits of up to four gates on four inputs level by level, whole levels at a time, and
counts functions with bincount; limn visits circuits and stack programs by code length. Both work out one
truth table an evaluation and count every one; the peer's time is scaled to limn's number of evaluations."""

NUMPY = r'''
import sys, time, numpy as np
goal = float(sys.argv[1])
start = time.perf_counter()
inputs = np.array([0xAAAA, 0xCCCC, 0xF0F0, 0xFF00], np.uint16)
wires, done = inputs[None, :], 0
count = np.zeros(65536, np.int64)
for level in range(4):
    i, j = np.triu_indices(wires.shape[1])
    tables = []
    for block in np.array_split(wires, max(1, len(wires) // 4096)):
        a, b = block[:, i], block[:, j]
        t = np.stack([a & b, a | b, a ^ b, ~(a & b)], axis=2).reshape(len(block), -1)
        count += np.bincount(t.ravel(), minlength=65536)
        done += t.size
        if level < 3: tables.append(np.concatenate([np.repeat(block, t.shape[1], axis=0), t.reshape(-1, 1)], axis=1))
    if level < 3: wires = np.concatenate(tables)
print("seconds", (time.perf_counter() - start) * goal / done)
print("functions", np.count_nonzero(count))
'''

SPACE = r'''
local limn = require "limn"
local language, inputs, bits = arg[1], math.tointeger(tonumber(arg[2])), math.tointeger(tonumber(arg[3]))
local t = os.clock()
local space = limn.programs.space { language = language, inputs = inputs, max_bits = bits }
print("seconds " .. os.clock() - t)
print("evaluations " .. space.evaluations)
print("programs " .. space.programs)
print("functions " .. space.functions)
'''

DRAWS = r'''
local limn = require "limn"
local t = os.clock()
local s = limn.theory.sample { points = 1e12, count = 2.0 ^ 60, complexity = 40, reps = 1000000 }
print("seconds " .. os.clock() - t)
print("log2ratio " .. s.log2ratio:mean())
'''

NUMPY_DRAWS = r'''
import time, numpy as np
rng, D, m, n = np.random.default_rng(1), 1e12, 2.0 ** 20, 2.0 ** 60 - 2.0 ** 20
t = time.perf_counter()
s = D / rng.chisquare(n - D + 1, 1000000)
P, R = np.sqrt(D) * m * s / (1 + m * s), np.sqrt(D) / (1 + m * s)
bits = np.log2(m * s)
accuracy = m * np.sqrt(s)
print("seconds", time.perf_counter() - t)
print("log2ratio", bits.mean())
'''


def run(bench):
    """One thread throughout: os.clock is processor time. The enumerations must reach 1e8 a second."""
    for language, inputs, bits in (("circuits", 4, 36), ("circuits", 6, 38), ("stack", 4, 33), ("stack", 6, 32)):
        def space():
            return bench.limn(SPACE, language, inputs, bits, threads=1)

        work = space().values["evaluations"]
        peers = {"numpy": lambda: bench.python(NUMPY, work)} if inputs == 4 else {}
        bench.compare("%s on %d inputs, %d bits" % (language, inputs, bits), space, peers, work=work,
                      unit="G tables")
    bench.compare("10^6 draws of (P, R), D = 10^12, N = 2^60", lambda: bench.limn(DRAWS, threads=1),
                  {"numpy": lambda: bench.python(NUMPY_DRAWS)}, work=1e6, unit="G draws")
