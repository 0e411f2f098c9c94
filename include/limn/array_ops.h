/* array_ops.h: arithmetic, reductions and sorting of limn_array views of any strides and dtype.
 *
 * Entries are read as doubles, computed in double precision and rounded once to the dtype of the
 * result. Results do not depend on strides: a view and its contiguous copy give the same bits.
 *
 * NaN follows IEEE 754 in arithmetic and is unordered in comparisons. Reductions propagate NaN:
 * sum, mean, prod, min, max and quantile are NaN; argmin and argmax return the position of the
 * first NaN. Sorting puts NaN last. Arrays may be empty: their sum is 0, their product 1; for other
 * functions see the contract. */
#ifndef LIMN_ARRAY_OPS_H
#define LIMN_ARRAY_OPS_H

#include "limn/array.h"

#ifdef __cplusplus
extern "C" {
#endif

/* clang-format off */

/* X: with a method in Lua of this name; Y: without. LT .. NE and AND .. XOR give 1 or 0; AND .. XOR
 * test for nonzero. MOD has the sign of b, IDIV is floor(a/b), as in Lua. MINIMUM and MAXIMUM are
 * NaN if either operand is. */
#define LIMN_BINARY_ROWS(X, Y)                                                                     \
  Y(LIMN_OP_ADD, add) Y(LIMN_OP_SUB, sub) Y(LIMN_OP_MUL, mul) Y(LIMN_OP_DIV, div)                  \
  Y(LIMN_OP_POW, pow) X(LIMN_OP_LT, lt) X(LIMN_OP_LE, le) X(LIMN_OP_GT, gt) X(LIMN_OP_GE, ge)      \
  X(LIMN_OP_EQ, eq) X(LIMN_OP_NE, ne) Y(LIMN_OP_AND, and) Y(LIMN_OP_OR, or) Y(LIMN_OP_XOR, xor)    \
  X(LIMN_OP_MOD, mod) Y(LIMN_OP_IDIV, idiv) X(LIMN_OP_MINIMUM, minimum)                            \
  X(LIMN_OP_MAXIMUM, maximum) X(LIMN_OP_ATAN2, atan2) X(LIMN_OP_HYPOT, hypot)

/* ROUND rounds half to even. ISNAN .. NOT give 1 or 0. sign(0) = 0. */
#define LIMN_UNARY_ROWS(X, Y)                                                                      \
  Y(LIMN_OP_NEG, neg) X(LIMN_OP_EXP, exp) X(LIMN_OP_LOG, log) X(LIMN_OP_SQRT, sqrt)                \
  X(LIMN_OP_ABS, abs) X(LIMN_OP_SIGN, sign) X(LIMN_OP_TANH, tanh) Y(LIMN_OP_ROUND, round)          \
  X(LIMN_OP_FLOOR, floor) X(LIMN_OP_CEIL, ceil) X(LIMN_OP_TRUNC, trunc) X(LIMN_OP_SIN, sin)        \
  X(LIMN_OP_COS, cos) X(LIMN_OP_TAN, tan) X(LIMN_OP_ASIN, asin) X(LIMN_OP_ACOS, acos)              \
  X(LIMN_OP_ATAN, atan) X(LIMN_OP_SINH, sinh) X(LIMN_OP_COSH, cosh) X(LIMN_OP_ASINH, asinh)        \
  X(LIMN_OP_ACOSH, acosh) X(LIMN_OP_ATANH, atanh) X(LIMN_OP_EXPM1, expm1)                          \
  X(LIMN_OP_EXP2, exp2) X(LIMN_OP_LOG1P, log1p) X(LIMN_OP_LOG2, log2) X(LIMN_OP_LOG10, log10)      \
  X(LIMN_OP_CBRT, cbrt) X(LIMN_OP_ERF, erf) X(LIMN_OP_ERFC, erfc) X(LIMN_OP_GAMMA, gamma)          \
  X(LIMN_OP_LGAMMA, lgamma) X(LIMN_OP_ISNAN, isnan) X(LIMN_OP_ISINF, isinf)                        \
  X(LIMN_OP_ISFINITE, isfinite) Y(LIMN_OP_NOT, not)

#define LIMN_BINARIES(X) LIMN_BINARY_ROWS(X, X)
#define LIMN_UNARIES(X) LIMN_UNARY_ROWS(X, X)

/* clang-format on */

#define LIMN_OP_ENUMERATOR(id, name) id,

typedef enum limn_binary { LIMN_BINARIES(LIMN_OP_ENUMERATOR) } limn_binary;
typedef enum limn_unary { LIMN_UNARIES(LIMN_OP_ENUMERATOR) } limn_unary;

/* The dtype of the result: bool for operations that give 1 or 0. Otherwise, for whole operands
 * (i64, bool), i64 where the result is whole (+ - * % // min max; abs, sign, rounding) and else
 * f64; f32 where both operands are f32, or f32 and bool; f64 in all other cases. */
LIMN_API limn_dtype limn_binary_dtype(limn_binary op, limn_dtype a, limn_dtype b);
LIMN_API limn_dtype limn_unary_dtype(limn_unary op, limn_dtype a);

typedef enum limn_reduction {
  LIMN_OP_SUM = 0,
  LIMN_OP_MEAN,
  LIMN_OP_VAR,
  LIMN_OP_STD,
  LIMN_OP_MIN,
  LIMN_OP_MAX,
  LIMN_OP_ARGMIN,
  LIMN_OP_ARGMAX,
  LIMN_OP_PROD,
  LIMN_OP_ANY, /* ANY and ALL: 1 or 0; nonzero entries and NaN count as true */
  LIMN_OP_ALL,
  LIMN_OP_COUNT /* of entries that are not 0 */
} limn_reduction;

/* The broadcast shape of a and b. Dimensions are matched from the last one and must be equal or 1.
 *   shape    out  rank, dims, and the dtype of a sum; data is NULL
 *   a, b     in
 * Errors: LIMN_ESHAPE (names both shapes). */
LIMN_API limn_status limn_array_broadcast(limn_array *shape, const limn_array *a,
                                          const limn_array *b, limn_err *err);

/* out = a op b, entry by entry.
 *   out      out  has the broadcast shape; must not overlap a or b, except as the same view
 *   a, b     in
 * Errors: LIMN_EINVAL (no such op), with out as it was. */
LIMN_API limn_status limn_array_binary(limn_array *out, limn_binary op, const limn_array *a,
                                       const limn_array *b);

/* out = op(a), entry by entry; same shape; out may be a. Errors: as limn_array_binary. */
LIMN_API limn_status limn_array_unary(limn_array *out, limn_unary op, const limn_array *a);

/* out = a rounded to `digits` digits after the point (before it, if negative), halves to even. */
LIMN_API void limn_array_round(limn_array *out, const limn_array *a, int digits);

/* out = a, converted to out's dtype and broadcast to its shape; the shapes must be compatible (not
 * checked). Must not overlap. */
LIMN_API void limn_array_copy(limn_array *out, const limn_array *a);

/* Reduces one dimension, or all entries. Sums are pairwise over blocks of 128 entries in row-major
 * order. VAR and STD use two passes and divide by count - ddof; NaN if that is <= 0. The mean of no
 * entries is NaN.
 *   out      out  contiguous; a's shape without dim, or 1 entry; ARGMIN and ARGMAX are
 *                 0-based positions, of the first among equal entries
 *   op       in
 *   a        in
 *   dim      in   0-based; -1: all entries
 *   ddof     in   VAR and STD only
 * Errors: LIMN_EINVAL (MIN .. ARGMAX of no entries, op, dim), LIMN_ENOMEM. */
LIMN_API limn_status limn_array_reduce(limn_array *out, limn_reduction op, const limn_array *a,
                                       int dim, double ddof, limn_err *err);

/* Cumulative sums along dim (-1: of all entries; out is then a vector), from left to right with
 * Neumaier's compensation. out is contiguous. */
LIMN_API void limn_array_cumsum(limn_array *out, const limn_array *a, int dim);

/* Cumulative products, as limn_array_cumsum. */
LIMN_API void limn_array_cumprod(limn_array *out, const limn_array *a, int dim);

/* Differences of neighbours along dim >= 0: out has one entry less there (no fewer than 0). */
LIMN_API void limn_array_diff(limn_array *out, const limn_array *a, int dim);

/* (sum |x|^p)^(1/p) over all entries, p >= 1 or INFINITY; NaN if any entry is NaN. Does not
 * overflow if the result is representable. */
LIMN_API double limn_array_norm(const limn_array *a, double p);

/* Sorts along dim in ascending order, NaN last; stable.
 *   out      out  sorted entries, a's shape, contiguous; or NULL
 *   order    out  0-based positions before sorting, a's shape, f64, contiguous; or NULL
 *   a        in
 *   dim      in   0-based
 * Errors: LIMN_ENOMEM. */
LIMN_API limn_status limn_array_sort(limn_array *out, limn_array *order, const limn_array *a,
                                     int dim, limn_err *err);

/* Quantiles along dim by linear interpolation between order statistics (position q (n-1)). NaN if
 * any entry is NaN.
 *   out      out  contiguous, nq entries for each remaining position
 *   a        in
 *   dim      in   0-based; -1: all entries
 *   q        in   (nq) probabilities in [0,1]
 * Errors: LIMN_EINVAL (no entries, or a q outside [0,1]), LIMN_ENOMEM. */
LIMN_API limn_status limn_array_quantile(limn_array *out, const limn_array *a, int dim,
                                         const double *q, size_t nq, limn_err *err);

/* Whether the shapes are equal and |a - b| <= tol in every entry (tol = 0: equal). Equal infinities
 * are equal; NaN is not equal to anything. The dtypes may differ. */
LIMN_API bool limn_array_equal(const limn_array *a, const limn_array *b, double tol);

/* out[i] = first + i step; out is contiguous. */
LIMN_API void limn_array_range(limn_array *out, double first, double step);

/* Evenly spaced numbers from first to last, both exact; with geometric, evenly spaced logarithms
 * (first and last nonzero and of equal sign). out is contiguous. */
LIMN_API void limn_array_linspace(limn_array *out, double first, double last, bool geometric);

#ifdef __cplusplus
}
#endif
#endif
