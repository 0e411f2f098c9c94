/* scan.c: cumulative sums and products, differences; contracts in limn/array_ops.h. */
#include "limn/array_ops.h"

#include <math.h>

#include "num/array/walk.h"

/* Neumaier's compensated sum; the exact sum is close to total + lost. */
typedef struct running {
  double total, lost;
} running;

static double run(running *s, double x) {
  double t = s->total + x;
  if (isfinite(t)) s->lost += fabs(s->total) >= fabs(x) ? (s->total - t) + x : (x - t) + s->total;
  s->total = t;
  return t + s->lost;
}

void limn_array_cumsum(limn_array *out, const limn_array *a, int dim) {
  size_t n = limn_array_size(a);
  if (dim < 0) {
    running s = {0, 0};
    double buffer[LIMN_CHUNK];
    limn_cursor c = {a, 0};
    for (size_t done = 0; done < n; done += LIMN_CHUNK) {
      size_t w = n - done < LIMN_CHUNK ? n - done : LIMN_CHUNK;
      limn_cursor_read(&c, buffer, w);
      for (size_t i = 0; i < w; i++) buffer[i] = run(&s, buffer[i]);
      limn_chunk_write(out, (ptrdiff_t)done, 1, w, buffer);
    }
    return;
  }
  limn_lanes from = limn_lanes_of(a, dim), to = limn_lanes_of(out, dim);
  for (size_t o = 0; o < from.outer; o++)
    for (size_t i = 0; i < from.inner; i++) {
      running s = {0, 0};
      for (size_t r = 0; r < from.length; r++) {
        double x = limn_entry_get(a, limn_lane_offset(&from, o, i, r));
        limn_entry_set(out, limn_lane_offset(&to, o, i, r), run(&s, x));
      }
    }
}

void limn_array_cumprod(limn_array *out, const limn_array *a, int dim) {
  limn_array flat = limn_array_view(out->dtype, 1, out->dims, out->data);
  if (dim < 0) {
    limn_cursor c = {a, 0};
    double p = 1, x;
    for (size_t i = 0; i < flat.dims[0]; i++) {
      limn_cursor_read(&c, &x, 1);
      limn_entry_set(&flat, (ptrdiff_t)i, p *= x);
    }
    return;
  }
  limn_lanes from = limn_lanes_of(a, dim), to = limn_lanes_of(out, dim);
  for (size_t o = 0; o < from.outer; o++)
    for (size_t i = 0; i < from.inner; i++) {
      double p = 1;
      for (size_t r = 0; r < from.length; r++) {
        p *= limn_entry_get(a, limn_lane_offset(&from, o, i, r));
        limn_entry_set(out, limn_lane_offset(&to, o, i, r), p);
      }
    }
}

void limn_array_diff(limn_array *out, const limn_array *a, int dim) {
  limn_array high = *a, low = *a;
  if (a->dims[dim] < 2) return;
  high.dims[dim] = low.dims[dim] = a->dims[dim] - 1;
  high.data = limn_entry_address(a, a->stride[dim]);
  limn_array_binary(out, LIMN_OP_SUB, &high, &low);
}
