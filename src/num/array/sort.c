/* sort.c: sorting and quantiles; contracts in limn/array_ops.h. A merge sort on (value, position)
 * pairs: stable, O(n log n) for any input, NaN last. */
#include "limn/array_ops.h"

#include <math.h>
#include <string.h>

#include "num/array/walk.h"
#include "core/core.h"

typedef struct item {
  double x;
  size_t at;
} item;

/* Whether b must come before a; NaN is larger than all numbers and equal to itself. */
static bool after(double a, double b) {
  return b < a || (a != a && b == b);
}

/* Sorts v[0..n) with scratch of the same length: insertion sort of short runs, then pairwise
 * merges. */
static void merge_sort(item *v, item *scratch, size_t n) {
  const size_t run = 16;
  for (size_t first = 0; first < n; first += run) {
    size_t end = n - first < run ? n : first + run;
    for (size_t i = first + 1; i < end; i++) {
      item it = v[i];
      size_t j = i;
      for (; j > first && after(v[j - 1].x, it.x); j--) v[j] = v[j - 1];
      v[j] = it;
    }
  }
  item *from = v, *to = scratch;
  for (size_t width = run; width < n; width *= 2) {
    for (size_t first = 0; first < n; first += 2 * width) {
      size_t mid = n - first < width ? n : first + width;
      size_t end = n - mid < width ? n : mid + width;
      size_t i = first, j = mid;
      for (size_t k = first; k < end; k++)
        to[k] = i < mid && (j >= end || !after(from[i].x, from[j].x)) ? from[i++] : from[j++];
    }
    item *keep = from;
    from = to, to = keep;
  }
  if (from != v) memcpy(v, from, n * sizeof *v);
}

static void load(item *v, const limn_array *a, const limn_lanes *t, size_t o, size_t i) {
  for (size_t r = 0; r < t->length; r++) {
    double x;
    v[r].x = *limn_chunk_read(a, (ptrdiff_t)o * t->so + (ptrdiff_t)i * t->si + (ptrdiff_t)r * t->sl,
                              1, 1, &x);
    v[r].at = r;
  }
}

limn_status limn_array_sort(limn_array *out, limn_array *order, const limn_array *a, int dim,
                            limn_err *err) {
  limn_lanes t = limn_lanes_of(a, dim);
  item *v = limn_alloc(t.length, 2 * sizeof *v);
  if (!v) return limn_nomem(err, "work", t.length, 2 * sizeof *v);
  for (size_t o = 0; o < t.outer; o++)
    for (size_t i = 0; i < t.inner; i++) {
      load(v, a, &t, o, i);
      merge_sort(v, v + t.length, t.length);
      for (int k = 0; k < 2; k++) {
        limn_array *to = k ? order : out;
        if (!to) continue;
        limn_lanes u = limn_lanes_of(to, dim);
        for (size_t r = 0; r < t.length; r++) {
          double x = k ? (double)v[r].at : v[r].x;
          limn_chunk_write(to, (ptrdiff_t)o * u.so + (ptrdiff_t)i * u.si + (ptrdiff_t)r * u.sl, 1,
                           1, &x);
        }
      }
    }
  limn_free(v);
  return LIMN_OK;
}

static double at_quantile(const item *v, size_t n, double q) {
  if (v[n - 1].x != v[n - 1].x) return NAN;
  double position = q * (double)(n - 1);
  size_t low = (size_t)position;
  if (low + 1 >= n) return v[n - 1].x;
  double t = position - (double)low, a = v[low].x, b = v[low + 1].x;
  return t == 0 || a == b ? a : a * (1 - t) + b * t;
}

limn_status limn_array_quantile(limn_array *out, const limn_array *a, int dim, const double *q,
                                size_t nq, limn_err *err) {
  for (size_t k = 0; k < nq; k++)
    if (!(q[k] >= 0 && q[k] <= 1))
      return limn_fail_argument(err, LIMN_EINVAL, "q", "must lie in 0 .. 1, got %g", q[k]);
  size_t n = dim < 0 ? limn_array_size(a) : a->dims[dim];
  if (n == 0) return limn_fail(err, LIMN_EINVAL, "the array is empty");
  item *v = limn_alloc(n, 2 * sizeof *v);
  if (!v) return limn_nomem(err, "work", n, 2 * sizeof *v);
  limn_lanes t = dim < 0 ? (limn_lanes){1, 1, n, 0, 0, 0} : limn_lanes_of(a, dim);
  limn_cursor c = {a, 0};
  ptrdiff_t to = 0;
  for (size_t o = 0; o < t.outer; o++)
    for (size_t i = 0; i < t.inner; i++) {
      if (dim >= 0) load(v, a, &t, o, i);
      for (size_t r = 0; dim < 0 && r < n; r++) limn_cursor_read(&c, &v[r].x, 1);
      merge_sort(v, v + n, n);
      for (size_t k = 0; k < nq; k++, to++) {
        double x = at_quantile(v, n, q[k]);
        limn_chunk_write(out, to, 1, 1, &x);
      }
    }
  limn_free(v);
  return LIMN_OK;
}
