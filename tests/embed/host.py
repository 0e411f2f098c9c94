"""host.py LIBRARY: liblimn from Python by ctypes: a ridge fit whose residual must agree with a closed form."""
import ctypes
import sys

limn = ctypes.CDLL(sys.argv[1])
limn.limn_version.restype = ctypes.c_char_p


class Design(ctypes.Structure):
    _fields_ = [("dense", ctypes.POINTER(ctypes.c_double)), ("set", ctypes.c_void_p),
                ("points", ctypes.c_uint64), ("count", ctypes.c_uint64)]


assert limn.limn_version_number() // 10000 == int(limn.limn_version().decode().split(".")[0])
assert limn.limn_version_number() // 100 % 100 == int(limn.limn_version().decode().split(".")[1])
x = (ctypes.c_double * 4)(1, 0, 0, 2)
y = (ctypes.c_double * 2)(3, 4)
w = (ctypes.c_double * 2)()
fit = ctypes.create_string_buffer(4096)  # a limn_fit
err = ctypes.create_string_buffer(4096)  # a limn_err
design = Design(x, None, 2, 2)
status = limn.limn_regress_minnorm(fit, w, None, ctypes.byref(design), y, None, err)
assert status == 0, status
assert abs(w[0] - 3) < 1e-12 and abs(w[1] - 2) < 1e-12, list(w)
x[3] = float("nan")
assert limn.limn_regress_minnorm(fit, w, None, ctypes.byref(design), y, None, err) == 3
print("ok")
