"""numpy_reference.py IN.npz CASES OUT.npz: evaluates the expressions of numpy_spec.lua with numpy.

A line of CASES is "number<TAB>names<TAB>expression"; the array `a` of case 7 is c7_a in IN. The value of case 7 is r7
in OUT, as float64; a number becomes a vector of one entry."""
import sys

import numpy as np

try:
    import scipy.linalg
    import scipy.special
except ImportError:
    scipy = None

np.seterr(all="ignore")
inputs = np.load(sys.argv[1])
outputs = {}
for line in open(sys.argv[2]):
    number, names, expression = line.rstrip("\n").split("\t")
    if scipy is None and "scipy" in expression:
        continue
    known = {"np": np, "scipy": scipy}
    for name in names.split():
        known[name] = inputs["c%s_%s" % (number, name)]
    value = np.asarray(eval(expression, known), dtype=np.float64)
    outputs["r" + number] = value.reshape(1) if value.ndim == 0 else value
np.savez(sys.argv[3], **outputs)
