/* array_search.h: searching, counting and interpolation in sorted and unsorted vectors. Vectors are
 * contiguous doubles; positions count from 0. */
#ifndef LIMN_ARRAY_SEARCH_H
#define LIMN_ARRAY_SEARCH_H

#include <stdbool.h>
#include "limn/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The number of entries of sorted (n, ascending, NaN last) that are less than x (with `after`: at
 * most x). NaN is larger than all numbers. */
LIMN_API size_t limn_search_sorted(const double *sorted, size_t n, double x, bool after);

/* The position of the first of x (n) that is less than its predecessor, or NaN; n if there is
 * none. With `strict` also of the first that is equal to it. */
LIMN_API size_t limn_unsorted_at(const double *x, size_t n, bool strict);

/* Piecewise linear interpolation: out[i] is the value at x[i] of the polygon through
 * (at[k], values[k]); left and right outside it. NaN stays NaN.
 *   out     out (n)
 *   x       in  (n)
 *   at      in  (m)  strictly increasing (not checked), m >= 1
 *   values  in  (m) */
LIMN_API void limn_interpolate(double *out, const double *x, size_t n, const double *at,
                               const double *values, size_t m, double left, double right);

/* The distinct values, ascending, NaN last and counted as one. Returns how many, at most n.
 *   values   out (n)
 *   counts   out (n)  of each; or NULL
 *   inverse  out (n)  position in values of each x; or NULL
 *   x        in  (n)
 *   order    in  (n)  positions that sort x (limn_array_sort) */
LIMN_API size_t limn_distinct(double *values, double *counts, double *inverse, const double *x,
                              const double *order, size_t n);

/* The edges of `bins` >= 1 equal bins of low .. high, low < high, both exact. edges (bins + 1) */
LIMN_API void limn_bin_edges(double *edges, size_t bins, double low, double high);

/* counts[k] = number of entries, or with weights (n, or NULL) sum of weights of the entries, in
 * edges[k] <= x < edges[k + 1]; the last bin includes its upper edge. NaN and entries outside are
 * not counted.
 *   counts   out (bins)
 *   edges    in  (bins + 1)  ascending (not checked)
 *   x        in  (n) */
LIMN_API void limn_histogram(double *counts, const double *edges, size_t bins, const double *x,
                             const double *weights, size_t n);

#ifdef __cplusplus
}
#endif
#endif
