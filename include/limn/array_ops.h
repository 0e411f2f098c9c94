/* array_ops.h: arithmetic, reductions and sorting of limn_array views of any strides and dtype.
 *
 * Entries are read as doubles, computed in double precision and rounded once to the dtype of the
 * result. Results do not depend on strides: a view and its contiguous copy give the same bits.
 *
 * NaN follows IEEE 754 in arithmetic and is unordered in comparisons. Reductions propagate NaN:
 * sum, mean, min, max and quantile are NaN; argmin and argmax return the position of the first NaN.
 * Sorting puts NaN last. Arrays may be empty: their sum is 0; for other functions see the
 * contract. */
#ifndef LIMN_ARRAY_OPS_H
#define LIMN_ARRAY_OPS_H

#include "limn/array.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum limn_binary {
  LIMN_OP_ADD = 0,
  LIMN_OP_SUB,
  LIMN_OP_MUL,
  LIMN_OP_DIV,
  LIMN_OP_POW,
  LIMN_OP_LT,
  LIMN_OP_LE,
  LIMN_OP_GT,
  LIMN_OP_GE,
  LIMN_OP_EQ,
  LIMN_OP_NE /* LT .. NE give 1 or 0 */
} limn_binary;

typedef enum limn_unary {
  LIMN_OP_NEG = 0,
  LIMN_OP_EXP,
  LIMN_OP_LOG,
  LIMN_OP_SQRT,
  LIMN_OP_ABS,
  LIMN_OP_SIGN,
  LIMN_OP_TANH /* sign(0) = 0 */
} limn_unary;

typedef enum limn_reduction {
  LIMN_OP_SUM = 0,
  LIMN_OP_MEAN,
  LIMN_OP_VAR,
  LIMN_OP_STD,
  LIMN_OP_MIN,
  LIMN_OP_MAX,
  LIMN_OP_ARGMIN,
  LIMN_OP_ARGMAX
} limn_reduction;

/* The broadcast shape of a and b. Dimensions are matched from the last one and must be equal or 1.
 *   shape    out  rank, dims, and the wider dtype of the two; data is NULL
 *   a, b     in
 * Errors: LIMN_ESHAPE (names both shapes). */
LIMN_API limn_status limn_array_broadcast(limn_array *shape, const limn_array *a,
                                          const limn_array *b, limn_err *err);

/* out = a op b, entry by entry.
 *   out      out  has the broadcast shape; must not overlap a or b, except as the same view
 *   a, b     in */
LIMN_API void limn_array_binary(limn_array *out, limn_binary op, const limn_array *a,
                                const limn_array *b);

/* out = op(a), entry by entry; same shape; out may be a. */
LIMN_API void limn_array_unary(limn_array *out, limn_unary op, const limn_array *a);

/* out = a, converted to out's dtype and broadcast to its shape; the shapes must be compatible (not
 * checked). Must not overlap. */
LIMN_API void limn_array_copy(limn_array *out, const limn_array *a);

/* Reduces one dimension, or all entries. Sums are pairwise over blocks of 128 entries in row-major
 * order. VAR and STD use two passes and divide by count - ddof; NaN if that is <= 0. The mean of no
 * entries is NaN.
 *   out      out  contiguous f64 or f32; a's shape without dim, or 1 entry; ARGMIN and ARGMAX are
 *                 0-based positions, of the first among equal entries
 *   op       in
 *   a        in
 *   dim      in   0-based; -1: all entries
 *   ddof     in   VAR and STD only
 * Errors: LIMN_EINVAL (MIN .. ARGMAX of no entries), LIMN_ENOMEM. */
LIMN_API limn_status limn_array_reduce(limn_array *out, limn_reduction op, const limn_array *a,
                                       int dim, double ddof, limn_err *err);

/* Cumulative sums along dim (-1: of all entries; out is then a vector), from left to right with
 * Neumaier's compensation. out is contiguous. */
LIMN_API void limn_array_cumsum(limn_array *out, const limn_array *a, int dim);

/* (sum |x|^p)^(1/p) over all entries, p >= 1 or INFINITY. Does not overflow if the result is
 * representable. */
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
