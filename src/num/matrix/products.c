/* products.c: Kronecker products, covariances, Walsh-Hadamard transforms; contracts in
 * limn/matrix.h. */
#include "limn/matrix.h"

#include <math.h>

#include "core/core.h"
#include "num/linalg/linalg.h"

void limn_kronecker(double *out, const double *a, size_t m, size_t n, const double *b, size_t p,
                    size_t q) {
  for (size_t i = 0; i < m; i++)
    for (size_t k = 0; k < p; k++)
      for (size_t j = 0; j < n; j++)
        for (size_t l = 0; l < q; l++) *out++ = a[i * n + j] * b[k * q + l];
}

/* The columns' means are subtracted first, each summed in long double. */
static void centre(double *y, const double *x, size_t n, size_t d, long double *mean) {
  for (size_t j = 0; j < d; j++) mean[j] = 0;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < d; j++) mean[j] += (long double)x[i * d + j];
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < d; j++)
      y[i * d + j] = (double)((long double)x[i * d + j] - mean[j] / (long double)n);
}

limn_status limn_covariance(double *out, const double *x, size_t n, size_t d, double ddof,
                            bool correlation, limn_err *err) {
  double left = (double)n - ddof, *y = limn_alloc(n * d + 1, sizeof *y);
  long double *mean = limn_alloc(d + 1, sizeof *mean);
  limn_status status = y && mean ? LIMN_OK : limn_nomem(err, "centred columns", n * d, sizeof *y);
  if (status == LIMN_OK) {
    centre(y, x, n, d, mean);
    status = limn_la_syrk(out, d, y, d, true, d, n, 1, 0, err);
  }
  for (size_t i = 0; status == LIMN_OK && i < d; i++)
    for (size_t j = 0; j < i; j++) {
      double size = sqrt(out[i * d + i]) * sqrt(out[j * d + j]);
      double r = correlation ? out[i * d + j] / size : left > 0 ? out[i * d + j] / left : NAN;
      if (correlation) r = r > 1 ? 1 : r < -1 ? -1 : r;
      out[i * d + j] = out[j * d + i] = r;
    }
  for (size_t i = 0; status == LIMN_OK && i < d; i++) {
    double v = out[i * d + i];
    out[i * d + i] = correlation ? v / v : left > 0 ? v / left : NAN;
  }
  limn_free(y);
  limn_free(mean);
  return status;
}

void limn_walsh(double *x, size_t outer, size_t n, size_t inner) {
  for (size_t o = 0; o < outer; o++, x += n * inner)
    for (size_t half = inner; half < n * inner; half *= 2)
      for (size_t at = 0; at < n * inner; at += 2 * half)
        for (size_t i = at; i < at + half; i++) {
          double a = x[i], b = x[i + half];
          x[i] = a + b, x[i + half] = a - b;
        }
}
