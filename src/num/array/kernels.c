/* kernels.c: the elementwise functions; contracts in kernels.h and limn/array_ops.h. Loops without
 * calls are vectorised by the compiler; num/simd/functions has vectors of the usual functions; the
 * others call the C library. */
#include "num/array/kernels.h"

#include <math.h>
#include <string.h>

#include "num/array/walk.h"
#include "num/simd/functions/functions.h"

#define KERNEL(name) static void name(double *o, const double *a, const double *b, size_t n)
#define BINARY(name, expression)                                                                   \
  LIMN_WIDE KERNEL(k_##name) {                                                                     \
    for (size_t i = 0; i < n; i++) o[i] = (expression);                                            \
  }
#define UNARY(name, expression)                                                                    \
  LIMN_WIDE KERNEL(k_##name) {                                                                     \
    (void)b;                                                                                       \
    for (size_t i = 0; i < n; i++) o[i] = (expression);                                            \
  }
#define CALL(name)                                                                                 \
  KERNEL(k_##name) {                                                                               \
    (void)b;                                                                                       \
    for (size_t i = 0; i < n; i++) o[i] = name(a[i]);                                              \
  }

#define VECTOR(name)                                                                               \
  KERNEL(k_##name) {                                                                               \
    (void)b;                                                                                       \
    limn_functions()->name(o, a, n);                                                               \
  }

/* The result has the sign of b, or is 0. */
static double modulo(double a, double b) {
  double m = fmod(a, b);
  return m != 0 && (m < 0) != (b < 0) ? m + b : m;
}

BINARY(add, a[i] + b[i])
BINARY(sub, a[i] - b[i])
BINARY(mul, a[i] * b[i])
BINARY(div, a[i] / b[i])
BINARY(lt, a[i] < b[i] ? 1.0 : 0.0)
BINARY(le, a[i] <= b[i] ? 1.0 : 0.0)
BINARY(gt, a[i] > b[i] ? 1.0 : 0.0)
BINARY(ge, a[i] >= b[i] ? 1.0 : 0.0)
BINARY(eq, a[i] == b[i] ? 1.0 : 0.0)
BINARY(ne, a[i] != b[i] ? 1.0 : 0.0)
BINARY(and, ((a[i] != 0) & (b[i] != 0)) ? 1.0 : 0.0)
BINARY(or, ((a[i] != 0) | (b[i] != 0)) ? 1.0 : 0.0)
BINARY(xor, (a[i] != 0) != (b[i] != 0) ? 1.0 : 0.0)
BINARY(mod, modulo(a[i], b[i]))
BINARY(idiv, floor(a[i] / b[i]))
BINARY(minimum, a[i] < b[i] || a[i] != a[i] ? a[i] : b[i])
BINARY(maximum, a[i] > b[i] || a[i] != a[i] ? a[i] : b[i])
BINARY(atan2, atan2(a[i], b[i]))
BINARY(hypot, hypot(a[i], b[i]))

/* Squares are correctly rounded; a constant exponent 2 is the usual one. */
KERNEL(k_pow) {
  bool squares = true;
  for (size_t i = 0; i < n; i++) squares = squares & (b[i] == 2);
  if (squares)
    for (size_t i = 0; i < n; i++) o[i] = a[i] * a[i];
  else
    for (size_t i = 0; i < n; i++) o[i] = b[i] == 2 ? a[i] * a[i] : pow(a[i], b[i]);
}

UNARY(neg, -a[i])
UNARY(sqrt, sqrt(a[i]))
UNARY(abs, fabs(a[i]))
UNARY(sign, a[i] > 0 ? 1.0 : a[i] < 0 ? -1.0 : a[i]) /* returns 0, -0 and NaN unchanged */
UNARY(gamma, tgamma(a[i]))
UNARY(isnan, a[i] != a[i] ? 1.0 : 0.0)
UNARY(isinf, fabs(a[i]) == INFINITY ? 1.0 : 0.0)
UNARY(isfinite, fabs(a[i]) < INFINITY ? 1.0 : 0.0)
UNARY(not, a[i] == 0 ? 1.0 : 0.0)
VECTOR(round)
VECTOR(floor)
VECTOR(ceil)
VECTOR(trunc)
VECTOR(exp)
VECTOR(expm1)
VECTOR(log)
VECTOR(log1p)
VECTOR(sin)
VECTOR(cos)
VECTOR(tanh)
VECTOR(erf)
CALL(tan)
CALL(asin)
CALL(acos)
CALL(atan)
CALL(sinh)
CALL(cosh)
CALL(asinh)
CALL(acosh)
CALL(atanh)
CALL(exp2)
CALL(log2)
CALL(log10)
CALL(cbrt)
CALL(erfc)

/* lgamma writes the global signgam, which threads would share. */
KERNEL(k_lgamma) {
  int sign;
  (void)b;
  for (size_t i = 0; i < n; i++) o[i] = lgamma_r(a[i], &sign);
}

#define ROW(id, name) [id] = k_##name,
limn_entry_kernel *const limn_binary_kernels[] = {LIMN_BINARIES(ROW)};
limn_entry_kernel *const limn_unary_kernels[] = {LIMN_UNARIES(ROW)};

void limn_copy_kernel(double *o, const double *a, const double *b, size_t n) {
  (void)b;
  for (size_t i = 0; i < n; i++) o[i] = a[i];
}

bool limn_unary_is_slow(limn_unary op) {
  return op == LIMN_OP_EXP || op == LIMN_OP_LOG || op == LIMN_OP_TANH ||
         (op >= LIMN_OP_SIN && op <= LIMN_OP_LGAMMA);
}

/* On the bits, since a comparison of doubles that may be NaN is not vectorised: only 0 and -0 have
 * no bit but the sign. */
LIMN_WIDE void limn_write_bools(uint8_t *restrict p, const double *restrict x, size_t n) {
  for (size_t i = 0; i < n; i++) {
    uint64_t bits;
    memcpy(&bits, x + i, sizeof bits);
    p[i] = bits << 1 != 0;
  }
}

static bool gives_truth(limn_binary op) {
  return op >= LIMN_OP_LT && op <= LIMN_OP_XOR;
}

static bool whole(limn_dtype t) {
  return t == LIMN_I64 || t == LIMN_BOOL;
}

limn_dtype limn_binary_dtype(limn_binary op, limn_dtype a, limn_dtype b) {
  if (gives_truth(op)) return LIMN_BOOL;
  if (whole(a) && whole(b)) {
    bool closed = op <= LIMN_OP_MUL || (op >= LIMN_OP_MOD && op <= LIMN_OP_MAXIMUM);
    return closed ? LIMN_I64 : LIMN_F64;
  }
  bool single = (a == LIMN_F32 || a == LIMN_BOOL) && (b == LIMN_F32 || b == LIMN_BOOL);
  return single ? LIMN_F32 : LIMN_F64;
}

limn_dtype limn_unary_dtype(limn_unary op, limn_dtype a) {
  if (op >= LIMN_OP_ISNAN) return LIMN_BOOL;
  if (!whole(a)) return a;
  bool closed = op == LIMN_OP_NEG || op == LIMN_OP_ABS || op == LIMN_OP_SIGN ||
                (op >= LIMN_OP_ROUND && op <= LIMN_OP_TRUNC);
  return closed ? LIMN_I64 : LIMN_F64;
}
