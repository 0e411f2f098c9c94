/* measures.c: complexity measures of functions on a finite set of inputs. On the cube, with
 * f = +-1 and Fourier coefficients c_S = 2^-n sum_x f(x) prod_(i in S) x_i:
 *     degree = max |S| with c_S != 0,  influence = sum_S |S| c_S^2
 * = the mean over x of the number of coordinates whose flip changes f. */
#include <math.h>

#include "core/core.h"
#include "limn/functions.h"
#include "limn/maps.h"

static double entropy_of(double ones, double n) {
  double p = ones / n, q = 1 - p;
  return p <= 0 || q <= 0 ? 0 : -(p * log2(p) + q * log2(q));
}

/* log2(n) times the phrases of Lempel and Ziv, both directions; a constant has one phrase. */
static limn_status phrases_of(double *out, unsigned char *bits, size_t n, size_t ones,
                              limn_err *err) {
  size_t ahead = 1, back = 1;
  if (ones > 0 && ones < n) {
    limn_status status = limn_maps_lz(&ahead, bits, n, err);
    if (status) return status;
    for (size_t i = 0; i < n / 2; i++) {
      unsigned char t = bits[i];
      bits[i] = bits[n - 1 - i], bits[n - 1 - i] = t;
    }
    status = limn_maps_lz(&back, bits, n, err);
    if (status) return status;
  }
  *out = log2((double)n) * (double)(ahead + back) / 2;
  return LIMN_OK;
}

/* Degree, influence and sensitivity of f, which is overwritten by its Walsh transform. */
static void on_cube(double *out, int32_t *f, size_t bits) {
  size_t n = (size_t)1 << bits, most = 0, all = 0, degree = 0;
  for (size_t x = 0; x < n; x++) {
    size_t here = 0;
    for (size_t i = 0; i < bits; i++) here += f[x] != f[x ^ (size_t)1 << i];
    all += here;
    if (here > most) most = here;
  }
  for (size_t h = 1; h < n; h *= 2)
    for (size_t i = 0; i < n; i += 2 * h)
      for (size_t j = i; j < i + h; j++) {
        int32_t a = f[j], b = f[j + h];
        f[j] = a + b, f[j + h] = a - b;
      }
  for (size_t s = 0; s < n; s++) {
    size_t size = (size_t)__builtin_popcountll(s);
    if (f[s] != 0 && size > degree) degree = size;
  }
  out[LIMN_FUNCTIONS_DEGREE] = (double)degree;
  out[LIMN_FUNCTIONS_INFLUENCE] = (double)all / (double)n;
  out[LIMN_FUNCTIONS_SENSITIVITY] = (double)most;
}

limn_status limn_functions_measures(double *out, const uint64_t *patterns, size_t n, size_t points,
                                    size_t bits, limn_err *err) {
  size_t words = limn_functions_words(points);
  if (points < 1 || points > LIMN_FUNCTIONS_POINTS)
    return limn_fail_argument(err, LIMN_EINVAL, "points", "must be 1 .. %zu, got %zu",
                              LIMN_FUNCTIONS_POINTS, points);
  if (bits > 0 && (bits > 12 || points != (size_t)1 << bits))
    return limn_fail_argument(err, LIMN_EINVAL, "bits", "must be log2 of the %zu inputs, got %zu",
                              points, bits);
  int32_t *f = limn_alloc(points, sizeof *f);
  unsigned char *symbols = limn_alloc(points, 1);
  limn_status status = f && symbols ? LIMN_OK : limn_nomem(err, "a function", points, sizeof *f);
  for (size_t k = 0; !status && k < n; k++) {
    double *row = out + k * LIMN_FUNCTIONS_COLUMNS;
    size_t ones = 0;
    for (size_t p = 0; p < points; p++) {
      symbols[p] = (unsigned char)(patterns[k * words + p / 64] >> p % 64 & 1);
      f[p] = symbols[p] ? 1 : -1;
      ones += symbols[p];
    }
    for (int c = 0; c < LIMN_FUNCTIONS_COLUMNS; c++) row[c] = NAN;
    row[LIMN_FUNCTIONS_ONES] = (double)ones;
    row[LIMN_FUNCTIONS_ENTROPY] = entropy_of((double)ones, (double)points);
    status = phrases_of(&row[LIMN_FUNCTIONS_LZ], symbols, points, ones, err);
    if (bits > 0) on_cube(row, f, bits);
  }
  limn_free(f);
  limn_free(symbols);
  return status;
}
