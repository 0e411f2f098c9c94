/* array.h: a strided view of numbers; all arrays are passed as views.
 *
 * A limn_array does not own its data; the caller keeps them allocated. Rank 1 is a vector, rank 2 a
 * matrix (rows are data points, columns are features), rank 3 a stack of matrices. Strides count
 * entries, not bytes; they may be 0 (broadcast) or negative. C indices start at 0. */
#ifndef LIMN_ARRAY_H
#define LIMN_ARRAY_H

#include <stdbool.h>
#include <stdint.h>
#include "limn/status.h"
#include "limn/token.h"
#include "limn/vocabulary.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LIMN_MAX_RANK 3

typedef enum limn_dtype { LIMN_DTYPES(LIMN_ENUMERATOR) } limn_dtype;

typedef struct limn_array {
  limn_dtype dtype;
  int rank;                        /* 1 .. LIMN_MAX_RANK */
  size_t dims[LIMN_MAX_RANK];      /* 1 beyond rank */
  ptrdiff_t stride[LIMN_MAX_RANK]; /* in entries; 0 beyond rank */
  void *data;                      /* address of entry (0,0,..) */
} limn_array;

/* A contiguous row-major view of `data`.
 *   dtype  in  type of the entries
 *   rank   in  1 .. LIMN_MAX_RANK (not checked)
 *   dims   in  (rank) sizes; copied
 *   data   in  (dims[0] x .. x dims[rank-1]) entries; borrowed: must outlive the view */
LIMN_API limn_array limn_array_view(limn_dtype dtype, int rank, const size_t *dims, void *data);

/* The number of entries. */
LIMN_API size_t limn_array_size(const limn_array *a);

/* Whether the entries are contiguous in row-major order. */
LIMN_API bool limn_array_contiguous(const limn_array *a);

/* Copies the entries, row-major, converted to double.
 *   a    in   any strides
 *   out  out  (limn_array_size(a)) doubles; must not overlap a's data */
LIMN_API void limn_array_read(const limn_array *a, double *out);

/* Sets the entries, rounded to a's dtype: the inverse of limn_array_read.
 *   a    in   the view; its data are written
 *   in   in   (limn_array_size(a)) doubles, row-major; must not overlap a's data */
LIMN_API void limn_array_write(const limn_array *a, const double *in);

#ifdef __cplusplus
}
#endif
#endif
