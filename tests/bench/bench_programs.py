"""Enumerated programs and the exact engine: truth tables a second, programs a second, draws a second.

The numpy peer visits circuits of up to four gates on four inputs level by level, whole levels at a time, and
counts functions with bincount; limn visits circuits and stack programs by code length. Both count every table that
they compute: that is the first row of a space, and the peer's time is scaled to limn's number of tables. limn computes
a table once for all programs that share it. The second row is therefore programs per second; a table of the peer
counts for both orders of the wires of each of its gates."""

NUMPY = r'''
import sys, time, numpy as np
goal, goal_programs = float(sys.argv[1]), float(sys.argv[2])
start = time.perf_counter()
inputs = np.array([0xAAAA, 0xCCCC, 0xF0F0, 0xFF00], np.uint16)
wires, done, programs, wide = inputs[None, :], 0, 0, 1
count = np.zeros(65536, np.int64)
for level in range(4):
    wide *= 4 * wires.shape[1] ** 2 # circuits with both orders of the wires of every gate
    programs += wide
    i, j = np.triu_indices(wires.shape[1])
    tables = []
    for block in np.array_split(wires, max(1, len(wires) // 4096)):
        a, b = block[:, i], block[:, j]
        t = np.stack([a & b, a | b, a ^ b, ~(a & b)], axis=2).reshape(len(block), -1)
        count += np.bincount(t.ravel(), minlength=65536)
        done += t.size
        if level < 3: tables.append(np.concatenate([np.repeat(block, t.shape[1], axis=0), t.reshape(-1, 1)], axis=1))
    if level < 3: wires = np.concatenate(tables)
taken = time.perf_counter() - start
print("seconds", taken * (goal / done if goal else goal_programs / programs))
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
    """One thread throughout: os.clock is processor time. The enumerations must reach 1e8 tables a second."""
    for language, inputs, bits in (("circuits", 4, 42), ("circuits", 6, 44), ("stack", 4, 35), ("stack", 6, 35)):
        def space():
            return bench.limn(SPACE, language, inputs, bits, threads=1)

        values = space().values
        for unit in ("evaluations", "programs"):
            work = values[unit]
            goals = (work, 0) if unit == "evaluations" else (0, work)
            peer = inputs == 4 and (unit == "evaluations" or language == "circuits")
            peers = {"numpy": lambda: bench.python(NUMPY, *goals)} if peer else {}
            bench.compare("%s on %d inputs, %d bits" % (language, inputs, bits), space, peers, work=work,
                          unit="G tables" if unit == "evaluations" else "G programs")
    bench.compare("10^6 draws of (P, R), D = 10^12, N = 2^60", lambda: bench.limn(DRAWS, threads=1),
                  {"numpy": lambda: bench.python(NUMPY_DRAWS)}, work=1e6, unit="G draws")
