/* sort.c: sorting and quantiles; contracts in limn/array_ops.h. Short lanes: a merge sort on
 * (value, position) pairs. Long ones: a radix sort of the bits of the values, 11 at a time from the
 * lowest, which is linear. Both are stable with NaN last; -0 and 0 are equal. Quantiles select
 * instead. */
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

/* ---- radix sort ---- */

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS, PASSES = 6, RADIX_FROM = 1024 };

/* A number whose order as an unsigned integer is that of x; equal for -0 and 0, and for all NaN. */
static uint64_t key_of(double x) {
  uint64_t bits;
  if (x != x) return UINT64_MAX;
  x += 0.0; /* -0 becomes 0 */
  memcpy(&bits, &x, sizeof bits);
  return bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
}

static double value_of(uint64_t key) {
  double x;
  uint64_t bits = key >> 63 ? key & ~((uint64_t)1 << 63) : ~key;
  memcpy(&x, &bits, sizeof x);
  return x;
}

typedef struct keyed {
  uint64_t key;
  size_t at;
} keyed;

/* Counts the digits of all passes; first[p][d] becomes the place of the first key with digit d. A
 * pass in which all keys have one digit is skipped. */
typedef struct digits {
  size_t first[PASSES][DIGITS];
  bool skip[PASSES];
} digits;

static void count_key(digits *c, uint64_t key) {
  for (int p = 0; p < PASSES; p++) c->first[p][key >> (p * DIGIT_BITS) & (DIGITS - 1)]++;
}

static void place_digits(digits *c, size_t n) {
  for (int p = 0; p < PASSES; p++) {
    size_t sum = 0;
    c->skip[p] = false;
    for (size_t d = 0; d < DIGITS; d++) {
      size_t count = c->first[p][d];
      if (count == n) c->skip[p] = true;
      c->first[p][d] = sum;
      sum += count;
    }
  }
}

/* Sorts n keys; the sorted ones are in the array that is returned, one of the two. */
static uint64_t *radix_keys(uint64_t *from, uint64_t *to, size_t n, digits *c) {
  for (int p = 0; p < PASSES; p++) {
    if (c->skip[p]) continue;
    size_t *first = c->first[p];
    for (size_t i = 0; i < n; i++)
      to[first[from[i] >> (p * DIGIT_BITS) & (DIGITS - 1)]++] = from[i];
    uint64_t *keep = from;
    from = to, to = keep;
  }
  return from;
}

static keyed *radix_items(keyed *from, keyed *to, size_t n, digits *c) {
  for (int p = 0; p < PASSES; p++) {
    if (c->skip[p]) continue;
    size_t *first = c->first[p];
    for (size_t i = 0; i < n; i++)
      to[first[from[i].key >> (p * DIGIT_BITS) & (DIGITS - 1)]++] = from[i];
    keyed *keep = from;
    from = to, to = keep;
  }
  return from;
}

/* ---- lanes ---- */

typedef struct sorting {
  limn_array *out, *order;
  const limn_array *a;
  limn_lanes from, to_out, to_order;
  void *work; /* 2 length items */
  digits *count;
} sorting;

static void emit(const sorting *s, size_t o, size_t i, size_t r, double x, size_t at) {
  if (s->out) limn_entry_set(s->out, limn_lane_offset(&s->to_out, o, i, r), x);
  if (s->order) limn_entry_set(s->order, limn_lane_offset(&s->to_order, o, i, r), (double)at);
}

static void sort_short(const sorting *s, size_t o, size_t i) {
  item *v = s->work;
  size_t n = s->from.length;
  for (size_t r = 0; r < n; r++)
    v[r] = (item){limn_entry_get(s->a, limn_lane_offset(&s->from, o, i, r)), r};
  merge_sort(v, v + n, n);
  for (size_t r = 0; r < n; r++) emit(s, o, i, r, v[r].x, v[r].at);
}

/* Values alone: false if a NaN or -0 must keep its bits. */
static bool sort_values(const sorting *s, size_t o, size_t i) {
  uint64_t *key = s->work;
  size_t n = s->from.length;
  memset(s->count, 0, sizeof *s->count);
  for (size_t r = 0; r < n; r++) {
    double x = limn_entry_get(s->a, limn_lane_offset(&s->from, o, i, r));
    if (x != x || (x == 0 && signbit(x))) return false;
    key[r] = key_of(x);
    count_key(s->count, key[r]);
  }
  place_digits(s->count, n);
  key = radix_keys(key, key + n, n, s->count);
  for (size_t r = 0; r < n; r++)
    limn_entry_set(s->out, limn_lane_offset(&s->to_out, o, i, r), value_of(key[r]));
  return true;
}

static void sort_long(const sorting *s, size_t o, size_t i) {
  if (!s->order && sort_values(s, o, i)) return;
  keyed *v = s->work;
  size_t n = s->from.length;
  memset(s->count, 0, sizeof *s->count);
  for (size_t r = 0; r < n; r++) {
    v[r] = (keyed){key_of(limn_entry_get(s->a, limn_lane_offset(&s->from, o, i, r))), r};
    count_key(s->count, v[r].key);
  }
  place_digits(s->count, n);
  v = radix_items(v, v + n, n, s->count);
  for (size_t r = 0; r < n; r++)
    emit(s, o, i, r, limn_entry_get(s->a, limn_lane_offset(&s->from, o, i, v[r].at)), v[r].at);
}

limn_status limn_array_sort(limn_array *out, limn_array *order, const limn_array *a, int dim,
                            limn_err *err) {
  limn_status status = limn_array_check_dim(a, dim, err);
  if (status) return status;
  sorting s = {.out = out, .order = order, .a = a, .from = limn_lanes_of(a, dim)};
  bool large = s.from.length >= RADIX_FROM;
  s.work = limn_alloc(s.from.length, 2 * sizeof(item));
  s.count = large ? limn_alloc(1, sizeof *s.count) : NULL;
  if (!s.work || (large && !s.count)) {
    limn_free(s.work);
    limn_free(s.count);
    return limn_nomem(err, "work", s.from.length, 2 * sizeof(item));
  }
  if (out) s.to_out = limn_lanes_of(out, dim);
  if (order) s.to_order = limn_lanes_of(order, dim);
  for (size_t o = 0; o < s.from.outer; o++)
    for (size_t i = 0; i < s.from.inner; i++)
      if (large)
        sort_long(&s, o, i);
      else
        sort_short(&s, o, i);
  limn_free(s.work);
  limn_free(s.count);
  return LIMN_OK;
}

/* ---- quantiles ---- */

static double middle_of(double a, double b, double c) {
  return a < b ? (b < c ? b : a < c ? c : a) : (a < c ? a : b < c ? c : b);
}

/* Reorders x[low .. high) (no NaN) so that x[k] is what sorting would put there, no entry before it
 * is larger and none after it smaller. Hoare's selection with the pseudomedian of nine as pivot. */
static void select_entry(double *x, size_t low, size_t high, size_t k) {
  while (high - low > 16) {
    size_t i = low, j = high - 1, step = (high - low) / 8;
    double pivot = middle_of(middle_of(x[low], x[low + step], x[low + 2 * step]),
                             middle_of(x[low + 3 * step], x[low + 4 * step], x[low + 5 * step]),
                             middle_of(x[low + 6 * step], x[low + 7 * step], x[high - 1]));
    for (;;) {
      while (x[i] < pivot) i++;
      while (x[j] > pivot) j--;
      if (i >= j) break;
      double keep = x[i];
      x[i++] = x[j], x[j--] = keep;
    }
    /* x[low .. j] <= pivot <= x[i .. high); between them at most one entry, equal to the pivot */
    if (i == j) {
      if (k == i) return;
      if (k < i)
        high = i;
      else
        low = i + 1;
    } else if (k <= j) {
      high = j + 1;
    } else {
      low = i;
    }
  }
  for (size_t i = low + 1; i < high; i++) {
    double it = x[i];
    size_t j = i;
    for (; j > low && x[j - 1] > it; j--) x[j] = x[j - 1];
    x[j] = it;
  }
}

static double least(const double *x, size_t n) {
  double m = x[0];
  for (size_t i = 1; i < n; i++) m = x[i] < m ? x[i] : m;
  return m;
}

/* The entries at k and k + 1 (if there is one) in the sorted order of x (n), which is reordered. */
static void neighbours(double *pair, double *x, size_t n, size_t k) {
  select_entry(x, 0, n, k);
  pair[0] = x[k];
  if (k + 1 < n) pair[1] = least(x + k + 1, n - k - 1);
}

enum { BIN_BITS = 16, BINS = 1 << BIN_BITS, BINNED_FROM = 8192 };

static size_t bin_of(double x) {
  return (size_t)(key_of(x) >> (64 - BIN_BITS));
}

/* The entries of x in one bin, copied to room (n + 1); returns how many. */
static size_t in_bin(double *room, const double *x, size_t n, size_t bin) {
  size_t m = 0;
  for (size_t i = 0; i < n; i++) {
    room[m] = x[i];
    m += bin_of(x[i]) == bin;
  }
  return m;
}

/* The same for many numbers: counts[b] of them have the leading bits b, so that a selection among
 * those of one bin is enough. x is unchanged. */
static void binned_neighbours(double *pair, const double *x, size_t n, size_t k, double *room,
                              const size_t *counts) {
  size_t before = 0, bin = 0;
  for (; before + counts[bin] <= k; bin++) before += counts[bin];
  size_t m = in_bin(room, x, n, bin);
  neighbours(pair, room, m, k - before);
  if (k + 1 >= n || k - before + 1 < m) return;
  do bin++;
  while (counts[bin] == 0);
  m = in_bin(room, x, n, bin);
  pair[1] = least(room, m);
}

/* The point at fraction t (0 < t < 1) of the way from a to b > a. It never falls as t grows and
 * stays within a .. b, whatever the rounding: each operation is monotonic in t. No overflow. */
static double between(double a, double b, double t) {
  if (a <= 0 && b >= 0) return a * (1 - t) + b * t;
  double x = a + (b - a) * t;
  return x < b ? x : b;
}

/* x (n) has no NaN. counts and room as above; NULL for few numbers, which are reordered. */
static double at_quantile(double *x, size_t n, double q, double *room, const size_t *counts) {
  double position = q * (double)(n - 1), pair[2] = {0, 0};
  size_t low = (size_t)position;
  if (counts)
    binned_neighbours(pair, x, n, low, room, counts);
  else
    neighbours(pair, x, n, low);
  double t = position - (double)low, a = pair[0], b = pair[1];
  return low + 1 >= n || t == 0 || a == b ? a : between(a, b, t);
}

typedef struct selection {
  double *x, *room; /* room and counts: for many numbers only */
  size_t n, *counts;
} selection;

static void free_selection(selection *s) {
  limn_free(s->x);
  limn_free(s->room);
  limn_free(s->counts);
}

static limn_status new_selection(selection *s, size_t n, limn_err *err) {
  bool many = n >= BINNED_FROM;
  *s = (selection){limn_alloc(n, sizeof *s->x), NULL, n, NULL};
  if (many) s->room = limn_alloc(n + 1, sizeof *s->room);
  if (many) s->counts = limn_alloc(BINS, sizeof *s->counts);
  if (s->x && (!many || (s->room && s->counts))) return LIMN_OK;
  free_selection(s);
  return limn_nomem(err, "work", n, 2 * sizeof *s->x);
}

/* The quantiles of the numbers in s->x to entries *to .. of out. */
static void select_all(selection *s, limn_array *out, ptrdiff_t *to, const double *q, size_t nq) {
  bool nan = false;
  if (s->counts) memset(s->counts, 0, BINS * sizeof *s->counts);
  for (size_t r = 0; r < s->n; r++) {
    nan = nan | (s->x[r] != s->x[r]);
    if (s->counts) s->counts[bin_of(s->x[r])]++;
  }
  for (size_t k = 0; k < nq; k++)
    limn_entry_set(out, (*to)++, nan ? NAN : at_quantile(s->x, s->n, q[k], s->room, s->counts));
}

limn_status limn_array_quantile(limn_array *out, const limn_array *a, int dim, const double *q,
                                size_t nq, limn_err *err) {
  for (size_t k = 0; k < nq; k++)
    if (!(q[k] >= 0 && q[k] <= 1))
      return limn_fail_argument(err, LIMN_EINVAL, "q", "must lie in 0 .. 1, got %g", q[k]);
  limn_status status = limn_array_check_dim(a, dim, err);
  if (status) return status;
  size_t n = dim < 0 ? limn_array_size(a) : a->dims[dim];
  if (n == 0) return limn_fail(err, LIMN_EINVAL, "the array is empty");
  selection s;
  status = new_selection(&s, n, err);
  if (status != LIMN_OK) return status;
  limn_lanes t = dim < 0 ? (limn_lanes){1, 1, n, 0, 0, 0} : limn_lanes_of(a, dim);
  ptrdiff_t to = 0;
  for (size_t o = 0; o < t.outer; o++)
    for (size_t i = 0; i < t.inner; i++) {
      if (dim < 0) limn_array_read(a, s.x);
      for (size_t r = 0; dim >= 0 && r < n; r++)
        s.x[r] = limn_entry_get(a, limn_lane_offset(&t, o, i, r));
      select_all(&s, out, &to, q, nq);
    }
  free_selection(&s);
  return LIMN_OK;
}
