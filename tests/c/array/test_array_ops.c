/* test_array_ops.c: array arithmetic and reductions in C: all kinds of strides against plain loops,
 * dtypes, refused allocations, and numbers near the ends of the range. */
#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"
#include "limn/limn.h"

static limn_rng stream;

static size_t below(size_t n) {
  return (size_t)limn_rng_below(&stream, n);
}

/* A random view into `data` (room for 2000 entries): any rank, strides negative, padded or 0. */
static limn_array random_view(void *data, limn_dtype dtype, bool repeat) {
  limn_array a = {.dtype = dtype, .rank = 1 + (int)below(3), .dims = {1, 1, 1}};
  int order[3] = {0, 1, 2};
  for (int k = 0; k < a.rank; k++) a.dims[k] = 1 + below(9);
  for (int k = a.rank - 1; k > 0; k--) { /* which dimension is innermost in memory */
    int j = (int)below((size_t)k + 1), keep = order[k];
    order[k] = order[j], order[j] = keep;
  }
  ptrdiff_t step = 1 + (ptrdiff_t)below(2), origin = 0;
  for (int k = 0; k < a.rank; k++) {
    int d = order[k];
    a.stride[d] = below(2) ? step : -step;
    if (a.stride[d] < 0) origin -= a.stride[d] * (ptrdiff_t)(a.dims[d] - 1);
    step *= (ptrdiff_t)a.dims[d];
    if (repeat && below(6) == 0) {
      origin += a.stride[d] < 0 ? a.stride[d] * (ptrdiff_t)(a.dims[d] - 1) : 0;
      a.stride[d] = 0;
    }
  }
  a.data = dtype == LIMN_F64 ? (void *)((double *)data + origin) : (void *)((float *)data + origin);
  return a;
}

static double at(const limn_array *a, const size_t index[3]) {
  ptrdiff_t p = 0;
  for (int k = 0; k < a->rank; k++) p += (ptrdiff_t)index[k] * a->stride[k];
  return a->dtype == LIMN_F64 ? ((double *)a->data)[p] : (double)((float *)a->data)[p];
}

#define EACH(a, index)                                                                             \
  for (size_t index[3] = {0}; index[0] < (a).dims[0]; index[0]++)                                  \
    for (index[1] = 0; index[1] < (a).dims[1]; index[1]++)                                         \
      for (index[2] = 0; index[2] < (a).dims[2]; index[2]++)

/* The entry of `a` at position index of the broadcast shape s. */
static double meet(const limn_array *a, const limn_array *s, const size_t index[3]) {
  size_t own[3] = {0};
  for (int k = 0; k < a->rank; k++) {
    size_t i = index[k + s->rank - a->rank];
    own[k] = a->dims[k] == 1 ? 0 : i;
  }
  return at(a, own);
}

static double *data64[2], out64[20000];
static float *data32[2], out32[20000];

static void fresh_data(uint64_t seed) {
  stream = limn_rng_start(limn_key_of(seed, 0, 0, LIMN_FOR_USER), 0);
  for (int k = 0; k < 2; k++) {
    data64[k] = malloc(2000 * sizeof(double));
    data32[k] = malloc(2000 * sizeof(float));
    limn_rng_fill_normal(&stream, data64[k], 2000);
    for (int i = 0; i < 2000; i++) data32[k][i] = (float)data64[k][i];
  }
}

static void free_data(void) {
  for (int k = 0; k < 2; k++) free(data64[k]), free(data32[k]);
}

Test(array_ops, binary_and_copy_on_random_views) {
  fresh_data(1);
  int fitted = 0;
  for (int trial = 0; trial < 6000; trial++) {
    limn_err e = {0};
    limn_dtype ta = (limn_dtype)below(2), tb = (limn_dtype)below(2);
    limn_array a = random_view(ta == LIMN_F64 ? (void *)data64[0] : data32[0], ta, true);
    limn_array b = random_view(tb == LIMN_F64 ? (void *)data64[1] : data32[1], tb, true), s;
    for (int k = 0; k < b.rank; k++) /* make many of the shapes compatible */
      if (below(2))
        b.dims[k] = 1;
      else if (k + a.rank - b.rank >= 0 && below(8))
        b.dims[k] = a.dims[k + a.rank - b.rank] <= b.dims[k] ? a.dims[k + a.rank - b.rank] : 1;
    limn_status st = limn_array_broadcast(&s, &a, &b, &e);
    if (st != LIMN_OK) {
      cr_assert_eq(st, LIMN_ESHAPE);
      continue;
    }
    fitted++;
    cr_assert_eq((int)s.dtype, ta == LIMN_F32 && tb == LIMN_F32 ? LIMN_F32 : LIMN_F64);
    limn_array out =
        limn_array_view(s.dtype, s.rank, s.dims, s.dtype == LIMN_F64 ? (void *)out64 : out32);
    limn_array_binary(&out, LIMN_OP_SUB, &a, &b);
    EACH(out, i) {
      double want = meet(&a, &s, i) - meet(&b, &s, i);
      cr_assert_eq(at(&out, i), s.dtype == LIMN_F64 ? want : (double)(float)want);
    }
    limn_array_copy(&out, &a);
    EACH(out, i)
    cr_assert_eq(at(&out, i),
                 s.dtype == LIMN_F64 ? meet(&a, &s, i) : (double)(float)meet(&a, &s, i));
  }
  cr_assert(fitted > 1000, "%d", fitted);
  free_data();
}

/* Contiguous vectors longer than one block: the first of equal extremes, infinities, a NaN. */
Test(array_ops, extremes_of_long_vectors) {
  enum { N = 9001 };
  double *x = malloc(N * sizeof *x), r;
  limn_array a = limn_array_view(LIMN_F64, 1, (size_t[]){N}, x);
  limn_array out = limn_array_view(LIMN_F64, 1, (size_t[]){1}, &r);
  for (int sign = -1; sign <= 1; sign += 2)
    for (size_t at = 0; at < N; at += 1 + at / 3)
      for (int kind = 0; kind < 3; kind++) {
        double most = kind == 0 ? 2 : kind == 1 ? INFINITY : NAN;
        for (size_t i = 0; i < N; i++) x[i] = sign * (double)((i * 7919) % N) / N;
        x[at] = sign * most;
        if (at < N - 1) x[N - 1] = sign * most;
        limn_array_reduce(&out, sign > 0 ? LIMN_OP_MAX : LIMN_OP_MIN, &a, -1, 0, NULL);
        cr_assert(kind == 2 ? r != r : r == sign * most, "entry %zu, kind %d: %g", at, kind, r);
        limn_array_reduce(&out, sign > 0 ? LIMN_OP_ARGMAX : LIMN_OP_ARGMIN, &a, -1, 0, NULL);
        cr_assert_eq(r, (double)at, "entry %zu, kind %d: %g", at, kind, r);
      }
  free(x);
}

Test(array_ops, reductions_on_random_views) {
  fresh_data(2);
  for (int trial = 0; trial < 3000; trial++) {
    limn_err e = {0};
    limn_dtype t = (limn_dtype)below(2);
    limn_array a = random_view(t == LIMN_F64 ? (void *)data64[0] : data32[0], t, true);
    int dim = (int)below((size_t)a.rank);
    size_t dims[3] = {1, 1, 1};
    int rank = 0;
    for (int k = 0; k < a.rank; k++)
      if (k != dim) dims[rank++] = a.dims[k];
    limn_array out = limn_array_view(LIMN_F64, rank ? rank : 1, dims, out64);
    for (int op = LIMN_OP_SUM; op <= LIMN_OP_ARGMAX; op++) {
      cr_assert_eq(limn_array_reduce(&out, (limn_reduction)op, &a, dim, 1, &e), LIMN_OK);
      EACH(out, i) {
        size_t index[3] = {0};
        for (int k = 0, from = 0; k < a.rank; k++)
          if (k != dim) index[k] = i[from++];
        double x[9] = {0}, sum = 0, square = 0;
        size_t n = a.dims[dim], least = 0, most = 0;
        for (size_t r = 0; r < n; r++) {
          index[dim] = r;
          x[r] = at(&a, index);
          sum += x[r];
          if (x[r] < x[least]) least = r;
          if (x[r] > x[most]) most = r;
        }
        for (size_t r = 0; r < n; r++)
          square += (x[r] - sum / (double)n) * (x[r] - sum / (double)n);
        double var = n > 1 ? square / (double)(n - 1) : NAN;
        double want[] = {sum,      sum / (double)n, var,           sqrt(var),
                         x[least], x[most],         (double)least, (double)most};
        double got = at(&out, i);
        cr_assert(op == LIMN_OP_VAR && n == 1 ? isnan(got)
                  : op == LIMN_OP_STD && n == 1
                      ? isnan(got)
                      : fabs(got - want[op]) <= 1e-14 * (1 + fabs(want[op])) * (double)n,
                  "op %d: %.17g, want %.17g", op, got, want[op]);
      }
    }
    limn_array sorted = limn_array_view(LIMN_F64, a.rank, a.dims, out64);
    cr_assert_eq(limn_array_sort(&sorted, NULL, &a, dim, &e), LIMN_OK);
    double sum_a, sum_s;
    limn_array one = limn_array_view(LIMN_F64, 1, (size_t[]){1}, &sum_a);
    cr_assert_eq(limn_array_reduce(&one, LIMN_OP_SUM, &a, -1, 0, &e), LIMN_OK);
    one.data = &sum_s;
    cr_assert_eq(limn_array_reduce(&one, LIMN_OP_SUM, &sorted, -1, 0, &e), LIMN_OK);
    cr_assert(fabs(sum_a - sum_s) < 1e-12);
    EACH(sorted, i) {
      size_t next[3] = {i[0], i[1], i[2]};
      if (++next[dim] < sorted.dims[dim]) cr_assert(at(&sorted, i) <= at(&sorted, next));
    }
  }
  free_data();
}

Test(array_ops, a_view_and_its_copy_sum_to_the_same_bits) {
  size_t n = 3000, m = 7;
  double *x = malloc(n * m * sizeof *x), *y = malloc(n * m * sizeof *y), a, b;
  stream = limn_rng_start(limn_key_of(3, 0, 0, LIMN_FOR_USER), 0);
  limn_rng_fill_normal(&stream, x, n * m);
  limn_array v = limn_array_view(LIMN_F64, 2, (size_t[]){m, n}, x);
  v.dims[0] = n, v.dims[1] = m, v.stride[0] = 1, v.stride[1] = (ptrdiff_t)n; /* transposed */
  limn_array c = limn_array_view(LIMN_F64, 2, v.dims, y),
             out = limn_array_view(LIMN_F64, 1, (size_t[]){1}, &a);
  limn_array_copy(&c, &v);
  limn_err e = {0};
  for (int op = LIMN_OP_SUM; op <= LIMN_OP_STD; op++) {
    out.data = &a;
    cr_assert_eq(limn_array_reduce(&out, (limn_reduction)op, &v, -1, 1, &e), LIMN_OK);
    out.data = &b;
    cr_assert_eq(limn_array_reduce(&out, (limn_reduction)op, &c, -1, 1, &e), LIMN_OK);
    cr_assert_eq(memcmp(&a, &b, sizeof a), 0);
    double s[7], t[7];
    limn_array row = limn_array_view(LIMN_F64, 1, (size_t[]){m}, s);
    cr_assert_eq(limn_array_reduce(&row, (limn_reduction)op, &v, 0, 1, &e), LIMN_OK);
    row.data = t;
    cr_assert_eq(limn_array_reduce(&row, (limn_reduction)op, &c, 0, 1, &e), LIMN_OK);
    cr_assert_eq(memcmp(s, t, sizeof s), 0);
  }
  free(x), free(y);
}

/* 10^7 terms: pairwise blocks keep the error near eps, a plain loop would not. */
Test(array_ops, sums_are_accurate) {
  size_t n = 10000000;
  double *x = malloc(n * sizeof *x), got;
  for (size_t i = 0; i < n; i++) x[i] = 0.1;
  limn_array a = limn_array_view(LIMN_F64, 1, &n, x),
             out = limn_array_view(LIMN_F64, 1, (size_t[]){1}, &got);
  limn_err e = {0};
  cr_assert_eq(limn_array_reduce(&out, LIMN_OP_SUM, &a, -1, 0, &e), LIMN_OK);
  double exact =
      1000000.0 + 1e7 * 5.5511151231257827e-18; /* the double 0.1 exceeds 1/10 by this much */
  cr_assert(fabs(got - exact) <= 40 * DBL_EPSILON * exact, "%.17g", got - exact);
  free(x);
}

Test(array_ops, norms_at_the_ends_of_the_range) {
  struct {
    double x[2], p, want;
  } cases[] = {{{3e300, 4e300}, 2, 5e300},
               {{3e-310, 4e-310}, 2, 5e-310},
               {{5e-324, 0}, 2, 5e-324},
               {{DBL_MAX, 0}, 2, DBL_MAX},
               {{-3, 4}, 1, 7},
               {{-3, 4}, INFINITY, 4},
               {{1e200, 1e200}, 3, 1e200 * 1.2599210498948732},
               {{INFINITY, 1}, 2, INFINITY},
               {{0, 0}, 2, 0}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    limn_array a = limn_array_view(LIMN_F64, 1, (size_t[]){2}, cases[i].x);
    double got = limn_array_norm(&a, cases[i].p);
    cr_assert(got == cases[i].want || fabs(got / cases[i].want - 1) < 1e-14, "case %zu: %g", i,
              got);
  }
  limn_array a = limn_array_view(LIMN_F64, 1, (size_t[]){2}, (double[]){1, NAN});
  cr_assert(isnan(limn_array_norm(&a, 2)));
}

Test(array_ops, refused_allocations) {
  limn_err e = {0};
  double x[12] = {3, 1, 2, 5, 4, 9, 8, 7, 6, 0, 11, 10}, y[12], q = 0.5;
  limn_array a = limn_array_view(LIMN_F64, 2, (size_t[]){3, 4}, x),
             out = limn_array_view(LIMN_F64, 2, a.dims, y);
  for (int which = 0; which < 3; which++) {
    limn_memory_fail_at(1);
    limn_status st = which == 0   ? limn_array_reduce(&out, LIMN_OP_SUM, &a, 0, 0, &e)
                     : which == 1 ? limn_array_sort(&out, NULL, &a, 1, &e)
                                  : limn_array_quantile(&out, &a, 1, &q, 1, &e);
    limn_memory_fail_at(0);
    cr_assert_eq(st, LIMN_ENOMEM);
    cr_assert(strstr(e.text, "no memory") != NULL);
  }
}

Test(array_ops, refuses_operations_that_there_are_not) {
  double x = 2, y = 3, z = 5;
  size_t one[] = {1};
  limn_array a = limn_array_view(LIMN_F64, 1, one, &x), b = limn_array_view(LIMN_F64, 1, one, &y);
  limn_array out = limn_array_view(LIMN_F64, 1, one, &z);
  for (int op = -1; op < 200; op = op < 0 ? LIMN_OP_HYPOT + 1 : op + 1)
    cr_assert_eq(limn_array_binary(&out, (limn_binary)op, &a, &b), LIMN_EINVAL);
  for (int op = -1; op < 200; op = op < 0 ? LIMN_OP_NOT + 1 : op + 1)
    cr_assert_eq(limn_array_unary(&out, (limn_unary)op, &a), LIMN_EINVAL);
  cr_assert_eq(z, 5);
  cr_assert_eq(limn_array_binary(&out, LIMN_OP_HYPOT, &a, &b), LIMN_OK);
  cr_assert_float_eq(z, sqrt(13), 1e-15);
  cr_assert_eq(limn_array_unary(&out, LIMN_OP_NOT, &a), LIMN_OK);
  cr_assert_eq(z, 0);
}
