/* test_functions.c: the elementary functions of arrays: errors in units in the last place against
 * long double, values at the ends of the range, and the same bits on every instruction set. */
/* slow: 3 s */
#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"
#include "limn/limn.h"
#include "simd/lowered.h"

enum { COUNT = 1000000 };

typedef long double reference(long double);

/* Half of the arguments are taken from the interval, half from all doubles. */
static const struct {
  const char *name;
  size_t at;
  reference *f;
  double low, high;
} functions[] = {
#define ROW(name, low, high)                                                                       \
  { #name, offsetof(limn_functions_f64, name), name##l, low, high }
    ROW(exp, -746, 710), ROW(expm1, -40, 40),
    ROW(log, 0, 4),      ROW(log1p, -1, 2),
    ROW(sin, -40, 40),   ROW(cos, -1e6, 1e6),
    ROW(tanh, -24, 24),  ROW(erf, -6, 6),
    ROW(floor, -9, 9),   ROW(ceil, -9, 9),
    ROW(trunc, -9, 9),   {"round", offsetof(limn_functions_f64, round), rintl, -9, 9},
};
enum { FUNCTIONS = sizeof functions / sizeof *functions };

static limn_function_f64 *of(const limn_functions_f64 *table, size_t f) {
  return *(limn_function_f64 *const *)((const char *)table + functions[f].at);
}

static double *arguments(size_t f, size_t n) {
  limn_rng rng = limn_rng_start(limn_key_of(7, f, 0, LIMN_FOR_USER), 0);
  double *x = malloc(n * sizeof *x);
  for (size_t i = 0; i < n; i++) {
    double u = limn_rng_uniform(&rng), width = functions[f].high - functions[f].low;
    x[i] = functions[f].low + u * width;
    if (i % 4 == 1) x[i] *= pow(2, -60 * limn_rng_uniform(&rng));
    if (i / 64 % 2)
      continue; /* in turns, since a vector with an unusual argument takes another path */
    uint64_t bits = limn_rng_below(&rng, UINT64_MAX);
    memcpy(x + i, &bits, sizeof bits);
  }
  return x;
}

/* |y - exact| in units of the last place of exact. */
static double error_of(double y, long double exact) {
  double near = (double)exact;
  if (near != near || isinf(near) || isinf(y))
    return (near != near && y != y) || near == y ? 0 : 1e9;
  int e = ilogb(near);
  if (near == 0 || e < DBL_MIN_EXP - 1) e = DBL_MIN_EXP - 1;
  return (double)(fabsl((long double)y - exact) / ldexpl(1, e - DBL_MANT_DIG + 1));
}

Test(functions, errors) {
  double *y = malloc(COUNT * sizeof *y);
  for (size_t f = 0; f < FUNCTIONS; f++) {
    double *x = arguments(f, COUNT), most = 0, where = 0;
    of(limn_functions(), f)(y, x, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
      double e = error_of(y[i], functions[f].f(x[i]));
      if (!(e <= most)) most = e, where = x[i];
    }
    cr_expect(most <= 2, "%s(%.17g) has an error of %g", functions[f].name, where, most);
    free(x);
  }
  free(y);
}

/* NaN equals NaN. */
static bool same(double a, double b) {
  return memcmp(&a, &b, sizeof a) == 0 || (a != a && b != b);
}

Test(functions, ends_of_the_range) {
  static const double x[] = {0,
                             -0.0,
                             INFINITY,
                             -INFINITY,
                             NAN,
                             DBL_TRUE_MIN,
                             -DBL_TRUE_MIN,
                             DBL_MIN,
                             -DBL_MIN,
                             DBL_MAX,
                             -DBL_MAX,
                             1,
                             -1,
                             2,
                             -2,
                             0x1p-54,
                             -0x1p-60,
                             0.5,
                             -0.5,
                             1.5,
                             2.5,
                             -2.5,
                             0x1p52 + 1,
                             0x1p51 + 0.5,
                             -0.25,
                             0x1.fffffffffffffp-2};
  enum { N = sizeof x / sizeof *x };
  double y[N];
  for (size_t f = 0; f < FUNCTIONS; f++) {
    of(limn_functions(), f)(y, x, N);
    for (size_t i = 0; i < N; i++) {
      double want = (double)functions[f].f(x[i]);
      bool odd = i < 5 || want == 0 || fabs(x[i]) < 1e-300;
      cr_expect(odd ? same(y[i], want) : error_of(y[i], functions[f].f(x[i])) <= 2,
                "%s(%g) is %.17g, expected %.17g", functions[f].name, x[i], y[i], want);
    }
  }
}

static void compare(const limn_functions_f64 *table, const char *name) {
  enum { N = 20000 };
  double a[40], *y = malloc(N * sizeof *y), *z = malloc(N * sizeof *z);
  for (size_t f = 0; f < FUNCTIONS; f++) {
    double *x = arguments(f, N);
    of(&limn_functions_f64_ref, f)(y, x, N);
    of(table, f)(z, x, N);
    for (size_t i = 0; i < N; i++)
      cr_assert(same(y[i], z[i]), "%s(%.17g) is %.17g, with %s %.17g", functions[f].name, x[i],
                y[i], name, z[i]);
    for (size_t n = 0; n < 39; n++) { /* in place, at an odd offset, with nothing written beyond */
      memcpy(a, x, sizeof a);
      of(table, f)(a + 1, a + 1, n);
      for (size_t i = 0; i < 40; i++)
        cr_assert(same(a[i], i >= 1 && i <= n ? y[i] : x[i]), "%s, entry %zu of %zu",
                  functions[f].name, i, n);
    }
    free(x);
  }
  free(y), free(z);
}

Test(functions, same_bits_on_every_instruction_set) {
  limn_err err;
  compare(&limn_functions_f64_ref, "ref");
  compare(&limn_functions_f64_lowered, "64 bytes in plain C");
#if defined(__x86_64__)
  if (limn_isa_set(LIMN_ISA_AVX2, &err) == LIMN_OK) compare(limn_functions(), "avx2");
  if (limn_isa_set(LIMN_ISA_AVX512, &err) == LIMN_OK) compare(limn_functions(), "avx512");
#endif
}
