/* test_thin.c: reduced data against the picture of all data. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "limn/rng.h"
#include "num/array/thin.h"

enum { N = 5000 };

static limn_rng start(uint64_t point) {
  return limn_rng_start(limn_key_of(21, point, 0, LIMN_FOR_USER), 0);
}

/* The lowest and highest y of every strip, and the first and last point, are kept. */
Test(thin, line_keeps_the_envelope) {
  static double x[N], y[N];
  static unsigned char keep[N];
  for (int log_axis = 0; log_axis < 2; log_axis++) {
    limn_rng r = start((uint64_t)log_axis);
    limn_strips s = {.low = 1, .high = 1000, .count = 40, .log = log_axis};
    for (int i = 0; i < N; i++) {
      double t = (i + 0.5) / N;
      x[i] = log_axis ? pow(1000, t) : 1 + 999 * t;
      y[i] = limn_rng_normal(&r);
    }
    size_t kept = limn_thin_line(keep, x, y, N, &s), marked = 0;
    double low[2][40], high[2][40];
    for (int k = 0; k < 40; k++)
      low[0][k] = low[1][k] = INFINITY, high[0][k] = high[1][k] = -INFINITY;
    for (int i = 0; i < N; i++) {
      int k = (int)(i * 40 / N); /* strips hold the same number of points */
      marked += keep[i];
      for (int thinned = 0; thinned < 1 + keep[i]; thinned++) {
        low[thinned][k] = fmin(low[thinned][k], y[i]);
        high[thinned][k] = fmax(high[thinned][k], y[i]);
      }
    }
    for (int k = 0; k < 40; k++) cr_assert(low[0][k] == low[1][k] && high[0][k] == high[1][k]);
    cr_assert(marked == kept && kept > 80 && kept <= 160 && keep[0] && keep[N - 1]);
  }
}

Test(thin, gaps_stay_gaps) {
  const double x[] = {0, 1, NAN, 3, 4, 5, 6}, y[] = {0, 1, 2, NAN, INFINITY, 5, 6};
  const double hi[] = {1, 2, 3, 4, 5, 7, 6};
  unsigned char keep[7];
  double out[21], few[7];
  limn_strips s = {.low = 0, .high = 7, .count = 1};
  cr_assert_eq(limn_thin_line(keep, x, y, 7, &s), 5);
  cr_assert(keep[2] && !keep[3] && !keep[4]);
  limn_keep(few, hi, keep, 7);
  cr_assert(few[1] == 2 && few[2] == 3 && few[3] == 7 && few[4] == 6);
  cr_assert_eq(limn_thin_band(out, x, y, hi, 7, &s), 5);
  cr_assert(out[0] == 0 && out[1] == 0 && out[2] == 2 && out[3] == 1 && out[5] == 2);
  cr_assert(isnan(out[6]) && isnan(out[7]) && isnan(out[8]));
  cr_assert(out[9] == 5 && out[10] == 5 && out[11] == 7 && out[12] == 6 && out[14] == 7);
  cr_assert_eq(limn_thin_line(keep, x, y, 0, &s), 0);
}

Test(thin, band_never_grows) {
  static double x[N], lo[N], hi[N], out[3 * N];
  limn_rng r = start(3);
  for (int i = 0; i < N; i++) {
    x[i] = limn_rng_uniform(&r) < 0.2 ? NAN : limn_rng_uniform(&r);
    hi[i] = 1 + (lo[i] = limn_rng_uniform(&r));
  }
  limn_strips s = {.low = 0, .high = 1, .count = 3};
  size_t rows = limn_thin_band(out, x, lo, hi, N, &s);
  cr_assert(rows > 0 && rows <= N);
  for (size_t i = 0; i < rows; i++) cr_assert(isnan(out[3 * i]) || out[3 * i + 1] < out[3 * i + 2]);
}

/* In each cell exactly the last point is marked, compared with a table of all points. */
Test(thin, points_keep_the_last_of_a_cell) {
  static double x[N], y[N];
  static unsigned char keep[N], taken[30 * 20];
  int last[30 * 20];
  limn_rng r = start(4);
  limn_strips axes[2] = {{.low = 0, .high = 30, .count = 30}, {.low = 0, .high = 20, .count = 20}};
  for (int k = 0; k < 600; k++) last[k] = -1;
  for (int i = 0; i < N; i++) {
    x[i] = 40 * limn_rng_uniform(&r) - 5, y[i] = i % 50 ? 20 * limn_rng_uniform(&r) : 20;
    if (i % 97 == 0) x[i] = NAN;
    if (!(x[i] >= 0 && x[i] < 30)) continue;
    last[(int)x[i] * 20 + (y[i] == 20 ? 19 : (int)y[i])] = i;
  }
  size_t kept = limn_thin_points(keep, taken, x, y, N, axes), expected = 0;
  for (int k = 0; k < 600; k++) {
    expected += last[k] >= 0;
    cr_assert_eq(taken[k], last[k] >= 0);
    if (last[k] >= 0) cr_assert(keep[last[k]], "cell %d", k);
  }
  cr_assert_eq(kept, expected);
}

Test(thin, extent_rounding_and_bins) {
  const double x[] = {NAN, 3, -2, 0, 0.125, INFINITY, 7};
  limn_extent e;
  limn_extent_of(&e, x, 7);
  cr_assert(e.low == -2 && e.high == 7 && e.positive == 0.125 && e.finite == 5 && e.refused == 2);
  limn_extent_of(&e, x, 1);
  cr_assert(e.finite == 0 && isinf(e.low) && isinf(e.positive));

  double count[4] = {0};
  cr_assert_eq(limn_bin(count, 4, x, 7, -1, 7), 3); /* nan, -2, inf */
  cr_assert(count[0] == 2 && count[1] == 0 && count[2] == 1 && count[3] == 1);

  double v[] = {123456.789, -0.00123456, 0, NAN, 1e300, 99.97};
  limn_round_digits(v, v, 6, 3);
  const double expected[] = {123000, -0.00123, 0, NAN, 1e300, 100};
  for (int i = 0; i < 6; i++)
    cr_assert(v[i] == expected[i] || (isnan(v[i]) && isnan(expected[i])), "%d: %.17g", i, v[i]);
}
