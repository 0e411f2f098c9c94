/* array.c: array views: sizes, contiguity, conversion to and from contiguous doubles. */
#include "limn/array.h"
#include "core/core.h"
#include "core/entry.h"

#include <string.h>

limn_array limn_array_view(limn_dtype dtype, int rank, const size_t *dims, void *data) {
  limn_array a = {.dtype = dtype, .rank = rank, .dims = {1, 1, 1}, .data = data};
  ptrdiff_t step = 1;
  for (int k = rank - 1; k >= 0; k--) {
    a.dims[k] = dims[k];
    a.stride[k] = step;
    step *= (ptrdiff_t)dims[k];
  }
  return a;
}

size_t limn_array_size(const limn_array *a) {
  return a->dims[0] * a->dims[1] * a->dims[2];
}

bool limn_array_contiguous(const limn_array *a) {
  ptrdiff_t step = 1;
  for (int k = a->rank - 1; k >= 0; k--) {
    if (a->dims[k] != 1 && a->stride[k] != step) return false;
    step *= (ptrdiff_t)a->dims[k];
  }
  return true;
}

void limn_array_read(const limn_array *a, double *out) {
  if (a->dtype == LIMN_F64 && limn_array_contiguous(a)) {
    memcpy(out, a->data, limn_array_size(a) * sizeof *out);
    return;
  }
  for (size_t i = 0; i < a->dims[0]; i++)
    for (size_t j = 0; j < a->dims[1]; j++)
      for (size_t k = 0; k < a->dims[2]; k++) {
        ptrdiff_t at =
            (ptrdiff_t)i * a->stride[0] + (ptrdiff_t)j * a->stride[1] + (ptrdiff_t)k * a->stride[2];
        *out++ = limn_entry_get(a, at);
      }
}

void limn_array_write(const limn_array *a, const double *in) {
  for (size_t i = 0; i < a->dims[0]; i++)
    for (size_t j = 0; j < a->dims[1]; j++)
      for (size_t k = 0; k < a->dims[2]; k++) {
        ptrdiff_t at =
            (ptrdiff_t)i * a->stride[0] + (ptrdiff_t)j * a->stride[1] + (ptrdiff_t)k * a->stride[2];
        limn_entry_set(a, at, *in++);
      }
}
