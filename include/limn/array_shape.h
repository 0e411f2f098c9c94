/* array_shape.h: selection of entries by masks and positions, and parts of arrays. Positions count
 * from 0 and are contiguous i64 vectors; they are not checked. */
#ifndef LIMN_ARRAY_SHAPE_H
#define LIMN_ARRAY_SHAPE_H

#include "limn/array.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The number of leading entries of x (n) that an array of this dtype can hold: any number for f64
 * and f32, whole numbers within +-2^53 for i64, 0 and 1 for bool. */
LIMN_API size_t limn_array_holds(limn_dtype dtype, const double *x, size_t n);

/* Whether it can hold all entries of a. If not, *at is the row-major position of the first that it
 * cannot hold, and *value that entry. */
LIMN_API bool limn_array_all_held(const limn_array *a, limn_dtype dtype, size_t *at, double *value);

/* The number of entries that are not 0. */
LIMN_API size_t limn_array_true(const limn_array *mask);

/* The positions, in row-major order, of the entries that are not 0.
 *   out   out  (limn_array_true(mask)) i64, contiguous */
LIMN_API void limn_array_positions(limn_array *out, const limn_array *mask);

/* out[i] = entry at[i] of a, counted in row-major order; out is a vector. Likewise
 * a[at[i]] = values[i]. */
LIMN_API void limn_array_gather(limn_array *out, const limn_array *a, const limn_array *at);
LIMN_API void limn_array_scatter(limn_array *a, const limn_array *at, const limn_array *values);

/* out[i] = a[at[i]], entries of a vector or rows; likewise a[at[i]] = values[i]. */
LIMN_API void limn_array_take(limn_array *out, const limn_array *a, const limn_array *at);
LIMN_API void limn_array_put(limn_array *a, const limn_array *at, const limn_array *values);

/* out = a where mask is not 0, else b; all three are broadcast to out's shape. */
LIMN_API void limn_array_where(limn_array *out, const limn_array *mask, const limn_array *a,
                               const limn_array *b);

/* The view of a's entries first .. first+count-1 along dim. */
LIMN_API limn_array limn_array_part(const limn_array *a, int dim, size_t first, size_t count);

/* The view of a, of rank below LIMN_MAX_RANK, with one more dimension, of size 1, before dim. */
LIMN_API limn_array limn_array_with_dimension(const limn_array *a, int dim);

/* The view of a that is repeated (strides of 0) to the shape of `shape`, with which it must be
 * compatible. */
LIMN_API limn_array limn_array_expanded(const limn_array *a, const limn_array *shape);

#ifdef __cplusplus
}
#endif
#endif
