/* array_ops.h: arithmetic, reductions and ordering on limn_array views of any strides and dtype.
 *
 * Numbers are read as doubles, computed in double and rounded once to the dtype of the result.
 * Results do not depend on strides: a view and its copy give the same bits. NaN follows IEEE 754 in
 * arithmetic; in reductions a NaN wins (sum, mean, min, max, quantile are NaN; argmin and argmax
 * give the first NaN); in comparisons it is unordered; sorting puts NaN last. Sizes of 0 are fine:
 * sum is 0, the others say so in their contracts. */
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
  LIMN_OP_NE /* 1 or 0 */
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

/* The shape of a op b: dimensions are matched from the last one; equal or 1. Fills rank and dims of
 * *shape (data NULL, dtype the wider of the two). LIMN_ESHAPE names both shapes.
 *
 *   shape    out  rank, dims, dtype
 *   a, b     in */
LIMN_API limn_status limn_array_broadcast(limn_array *shape, const limn_array *a,
                                          const limn_array *b, limn_err *err);

/* out = a op b; out has the broadcast shape and does not overlap a or b, unless it is the same
 * view. */
LIMN_API void limn_array_binary(limn_array *out, limn_binary op, const limn_array *a,
                                const limn_array *b);

/* out = op(a); same shape; out may be a itself. */
LIMN_API void limn_array_unary(limn_array *out, limn_unary op, const limn_array *a);

/* out = a, converted to out's dtype and broadcast to its shape (which it must fit). No overlap. */
LIMN_API void limn_array_copy(limn_array *out, const limn_array *a);

/* Reduces dimension dim (0-based), or every entry when dim = -1 (out then has 1 entry). out, f64 or
 * f32: a's shape without dim, contiguous. Sums are pairwise over blocks of 128 in row-major order.
 * VAR and STD are two-pass and divide by count - ddof; NaN when that is <= 0. MEAN of nothing is
 * NaN. MIN .. ARGMAX of nothing: LIMN_EINVAL. ARGMIN, ARGMAX are 0-based; the first of equals.
 *
 *   out      out  contiguous
 *   a        in
 *   dim      in   0-based, -1: every entry
 *   ddof     in   VAR and STD only
 * Errors: LIMN_EINVAL, LIMN_ENOMEM. */
LIMN_API limn_status limn_array_reduce(limn_array *out, limn_reduction op, const limn_array *a,
                                       int dim, double ddof, limn_err *err);

/* Running sums along dim (-1: of all entries, out then a vector); out contiguous, plain left to
 * right with a compensation term (Neumaier). */
LIMN_API void limn_array_cumsum(limn_array *out, const limn_array *a, int dim);

/* (sum |x|^p)^(1/p) of all entries, p >= 1 or INFINITY; no overflow while the result fits. */
LIMN_API double limn_array_norm(const limn_array *a, double p);

/* Sorts along dim, ascending, NaN last, stable; order (if not NULL): f64, a's shape, the 0-based
 * positions. out (if not NULL): a's shape. Both contiguous.
 *
 *   out      out  a's shape, or NULL
 *   order    out  a's shape, f64, or NULL
 *   a        in
 *   dim      in   0-based
 * Errors: LIMN_ENOMEM. */
LIMN_API limn_status limn_array_sort(limn_array *out, limn_array *order, const limn_array *a,
                                     int dim, limn_err *err);

/* Quantiles q[0..nq-1] in [0,1] along dim (-1: of all entries), linear between order statistics
 * (position q (n-1)). out: contiguous, nq entries for each remaining position. NaN if any entry is.
 * LIMN_EINVAL when there are no entries or a q is outside [0,1].
 *
 *   out      out  contiguous
 *   a        in
 *   dim      in   0-based, -1: all entries
 *   q        in   (nq), in [0,1] */
LIMN_API limn_status limn_array_quantile(limn_array *out, const limn_array *a, int dim,
                                         const double *q, size_t nq, limn_err *err);

/* Same shape and |a - b| <= tol everywhere (tol = 0: equal; equal infinities count as equal). A NaN
 * equals nothing. dtype does not matter. */
LIMN_API bool limn_array_equal(const limn_array *a, const limn_array *b, double tol);

/* out (contiguous) = first + i step. */
LIMN_API void limn_array_range(limn_array *out, double first, double step);

/* out (contiguous): n numbers from first to last, both exact, evenly spaced; geometric: evenly
 * spaced in the logarithm (first and last of one sign, nonzero). */
LIMN_API void limn_array_linspace(limn_array *out, double first, double last, bool geometric);

#ifdef __cplusplus
}
#endif
#endif
