/* check.c: argument checks before calls of BLAS and LAPACK, and plain loops over a matrix that need
 * neither. Contracts in linalg.h and check.h. */
#include "num/linalg/check.h"

#include <math.h>

#include "core/core.h"
#include "num/linalg/linalg.h"

limn_status limn_la_in_range(size_t most, limn_err *err) {
  if (most <= LIMN_LA_MAX_SIZE) return LIMN_OK;
  return limn_fail(err, LIMN_EINVAL, "a dimension of %zu exceeds LAPACK's maximum, %zu", most,
                   LIMN_LA_MAX_SIZE);
}

limn_status limn_la_leading(size_t given, size_t columns, const char *which, limn_err *err) {
  if (given >= columns) return LIMN_OK;
  return limn_fail_argument(err, LIMN_ESHAPE, which, "must have a row stride >= %zu, got %zu",
                            columns, given);
}

size_t limn_la_nonfinite(const double *x, size_t n) {
  size_t i = 0;
  for (; i + 64 <= n; i += 64) { /* x - x is 0 for a finite x, NaN otherwise */
    double sum = 0;
    for (size_t j = 0; j < 64; j++) sum += x[i + j] - x[i + j];
    if (!(sum == 0)) break;
  }
  while (i < n && isfinite(x[i])) i++;
  return i;
}

bool limn_la_symmetric(const double *a, size_t n, double tol, size_t *i, size_t *j) {
  double most = 0;
  for (size_t k = 0; k < n * n; k++) most = fmax(most, fabs(a[k]));
  for (*i = 0; *i < n; (*i)++)
    for (*j = 0; *j < *i; (*j)++)
      if (fabs(a[*i * n + *j] - a[*j * n + *i]) > tol * most) return false;
  return true;
}

limn_status limn_la_all_finite(const double *a, size_t m, size_t n, const char *name,
                               limn_err *err) {
  size_t bad = limn_la_nonfinite(a, m * n);
  if (bad == m * n) return LIMN_OK;
  return limn_not_finite(err, name, bad / n, bad % n, a[bad]);
}

limn_status limn_la_finite_lower(const double *a, size_t n, limn_err *err) {
  for (size_t i = 0; i < n; i++) {
    size_t bad = limn_la_nonfinite(a + i * n, i + 1);
    if (bad <= i) return limn_not_finite(err, "matrix", i, bad, a[i * n + bad]);
  }
  return LIMN_OK;
}

double limn_la_norm1(const double *a, size_t m, size_t n) {
  double most = 0;
  for (size_t jb = 0; jb < n; jb += 256) {
    double sum[256] = {0};
    size_t w = n - jb < 256 ? n - jb : 256;
    for (size_t i = 0; i < m; i++)
      for (size_t j = 0; j < w; j++) sum[j] += fabs(a[i * n + jb + j]);
    for (size_t j = 0; j < w; j++) most = fmax(most, sum[j]);
  }
  return most;
}
