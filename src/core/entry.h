/* entry.h: single entries of arrays, for any dtype. Internal.
 *
 * Entries are exchanged as doubles. An i64 entry is exact within +-2^53; a number that is written
 * to it is truncated, NaN becomes 0. A bool entry is 1 or 0; any number but 0 is written as 1. */
#ifndef LIMN_CORE_ENTRY_H
#define LIMN_CORE_ENTRY_H

#include "limn/array.h"

static inline size_t limn_dtype_size(limn_dtype t) {
  return t == LIMN_F32 ? 4 : t == LIMN_BOOL ? 1 : 8;
}

/* Whether the dtype holds whole numbers only. */
static inline bool limn_dtype_whole(limn_dtype t) {
  return t == LIMN_I64 || t == LIMN_BOOL;
}

static inline int64_t limn_to_i64(double x) {
  return x >= 0x1p63 ? INT64_MAX : x >= -0x1p63 ? (int64_t)x : x < 0 ? INT64_MIN : 0;
}

/* The address of the entry `at` entries after a's first one. */
static inline void *limn_entry_address(const limn_array *a, ptrdiff_t at) {
  return (char *)a->data + at * (ptrdiff_t)limn_dtype_size(a->dtype);
}

static inline double limn_entry_get(const limn_array *a, ptrdiff_t at) {
  switch (a->dtype) {
  case LIMN_F64:
    return ((const double *)a->data)[at];
  case LIMN_F32:
    return (double)((const float *)a->data)[at];
  case LIMN_I64:
    return (double)((const int64_t *)a->data)[at];
  default:
    return (double)((const uint8_t *)a->data)[at];
  }
}

static inline void limn_entry_set(const limn_array *a, ptrdiff_t at, double x) {
  switch (a->dtype) {
  case LIMN_F64:
    ((double *)a->data)[at] = x;
    break;
  case LIMN_F32:
    ((float *)a->data)[at] = (float)x;
    break;
  case LIMN_I64:
    ((int64_t *)a->data)[at] = limn_to_i64(x);
    break;
  default:
    ((uint8_t *)a->data)[at] = x != 0;
  }
}

#endif
