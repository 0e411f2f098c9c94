/* active_rows.c: sorts the units of a layer by the set of points at which they are active. */
#include "num/mlp/train/active_rows.h"

void limn_mlp_rows_sort(limn_mlp_rows *rows, const void *x, limn_dtype type, size_t ldx,
                        size_t points, size_t n) {
  size_t count[LIMN_MLP_PATTERNS] = {0}, at = 0;
  memset(rows->on, 0, n);
  for (size_t p = 0; p < points; p++)
    for (size_t i = 0; i < n; i++)
      rows->on[i] |= (uint8_t)((limn_get_real(x, type, p * ldx + i) != 0) << p);
  for (size_t i = 0; i < n; i++) count[rows->on[i]]++;
  for (size_t q = 0; q < LIMN_MLP_PATTERNS; q++) {
    rows->start[q] = at;
    at += count[q];
    count[q] = rows->start[q];
  }
  rows->start[LIMN_MLP_PATTERNS] = n;
  for (size_t i = 0; i < n; i++) rows->row[count[rows->on[i]]++] = (uint32_t)i;
}

const uint32_t *limn_mlp_rows_within(const limn_mlp_rows *rows, unsigned on, size_t from, size_t to,
                                     size_t *n) {
  size_t first = rows->start[on], end = rows->start[on + 1];
  while (first < end && rows->row[first] < from) first++;
  size_t last = first;
  while (last < end && rows->row[last] < to) last++;
  *n = last - first;
  return rows->row + first;
}
