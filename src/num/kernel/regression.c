/* regression.c: regression with a kernel from the eigenvectors of its matrix, the variances that go
 * with it, and the dynamics of gradient descent on it. Contracts in limn/kernel.h.
 *
 * Everything is V f(w) V' b with a function f of the eigenvalues w that count; eigenvalues that are
 * rounding error count as 0, so that repeated points are handled by their rank. */
#include "limn/kernel.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "core/core.h"
#include "num/linalg/linalg.h"

/* The first entry of a (m,n) that is no finite number, by name; n = 0: a is a vector of m. */
static limn_status check_finite(const double *a, size_t m, size_t n, const char *name,
                                limn_err *err) {
  size_t total = m * (n ? n : 1), bad = limn_la_nonfinite(a, total);
  if (bad == total) return LIMN_OK;
  return n ? limn_not_finite(err, name, bad / n, bad % n, a[bad])
           : limn_not_finite(err, name, bad, -1, a[bad]);
}

limn_status limn_kernel_factorise(limn_kernel_spectrum *out, double *values, double *vectors,
                                  const double *k, size_t n, limn_err *err) {
  return limn_kernel_factorise_rounded(out, values, vectors, k, n, DBL_EPSILON, 0, err);
}

limn_status limn_kernel_factorise_rounded(limn_kernel_spectrum *out, double *values,
                                          double *vectors, const double *k, size_t n,
                                          double rounding, double ridge, limn_err *err) {
  bool coarse = rounding > DBL_EPSILON;
  if (n == 0) return limn_fail_argument(err, LIMN_EINVAL, "K", "must have at least 1 row, got 0");
  limn_status st = check_finite(k, n, n, "K", err);
  if (st) return st;
  double scale = 0, asymmetry = 0;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++) {
      scale = fmax(scale, fabs(k[i * n + j]));
      asymmetry = fmax(asymmetry, fabs(k[i * n + j] - k[j * n + i]));
    }
  if (asymmetry > (coarse ? rounding * (double)n : 1e-12) * scale)
    return limn_fail_argument(err, LIMN_EINVAL, "K", "is not symmetric (K - K' reaches %.3g)",
                              asymmetry);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++)
      vectors[i * n + j] = coarse ? (k[i * n + j] + k[j * n + i]) / 2 : k[i * n + j];
  if ((st = limn_la_eigh(values, vectors, n, true, err))) return st;
  double most = values[n - 1], cut = (double)n * rounding * fmax(most, 0);
  double allowed = coarse ? cut : fmax(100 * cut, 1e-10 * most);
  if (values[0] < -(allowed + ridge / 2) || (most <= 0 && scale > 0))
    return limn_fail_argument(
        err, LIMN_EINVAL, "K",
        "is not positive semidefinite: its least eigenvalue is %.6g (the largest %.6g)", values[0],
        most);
  *out = (limn_kernel_spectrum){n, values, vectors, cut, 0, 0};
  for (size_t i = 0; i < n; i++) out->rank += values[i] > cut;
  if (coarse && ridge > 0)
    out->cut = (double)n * DBL_EPSILON * fmax(most, 0); /* the ridge decides */
  out->rcond = most > 0 ? fmax(values[0], 0) / most : 0;
  return LIMN_OK;
}

/* out (n,r) = V diag(gain) V' b, b (n,r). */
static limn_status filter(double *out, const limn_kernel_spectrum *s, const double *gain,
                          const double *b, size_t r, limn_err *err) {
  size_t n = s->n;
  double *rotated = limn_alloc(n * r, sizeof *rotated);
  if (!rotated) return limn_nomem(err, "rotated labels", n * r, sizeof *rotated);
  limn_status st = limn_la_gemm(rotated, r, s->vectors, n, true, b, r, false, n, r, n, 1, 0, err);
  for (size_t i = 0; i < n && !st; i++)
    for (size_t j = 0; j < r; j++) rotated[i * r + j] *= gain[i];
  if (!st) st = limn_la_gemm(out, r, s->vectors, n, false, rotated, r, false, n, r, n, 1, 0, err);
  limn_free(rotated);
  return st;
}

limn_status limn_kernel_solve(double *out, const limn_kernel_spectrum *s, double ridge,
                              const double *b, size_t r, limn_err *err) {
  if (!(ridge >= 0) || isinf(ridge))
    return limn_fail_argument(err, LIMN_EINVAL, "ridge", "must be finite and at least 0, got %g",
                              ridge);
  double *gain = limn_alloc(s->n, sizeof *gain);
  if (!gain) return limn_nomem(err, "eigenvalues", s->n, sizeof *gain);
  for (size_t i = 0; i < s->n; i++) {
    double w = fmax(s->values[i], 0) + ridge;
    gain[i] = w > s->cut ? 1 / w : 0;
  }
  limn_status st = filter(out, s, gain, b, r, err);
  limn_free(gain);
  return st;
}

limn_status limn_kernel_flow(double *out, const limn_kernel_spectrum *s, double t, const double *b,
                             limn_err *err) {
  if (!(t >= 0)) return limn_fail_argument(err, LIMN_EINVAL, "t", "must be at least 0, got %g", t);
  double *gain = limn_alloc(s->n, sizeof *gain);
  if (!gain) return limn_nomem(err, "eigenvalues", s->n, sizeof *gain);
  for (size_t i = 0; i < s->n; i++) {
    double w = s->values[i];
    if (w > s->cut) gain[i] = (isinf(t) ? 1 : -expm1(-t * w)) / w;
  }
  limn_status st = filter(out, s, gain, b, 1, err);
  limn_free(gain);
  return st;
}

limn_status limn_kernel_descent(double *out, const limn_kernel_spectrum *s, double rate,
                                double steps, const double *b, limn_err *err) {
  if (!(steps >= 0) || (!isinf(steps) && steps != floor(steps)))
    return limn_fail_argument(err, LIMN_EINVAL, "steps",
                              "must be a whole number >= 0 or infinite, got %g", steps);
  if (!isinf(steps) && (!(rate > 0) || isinf(rate)))
    return limn_fail_argument(err, LIMN_EINVAL, "rate", "must be finite and above 0, got %g", rate);
  double *gain = limn_alloc(s->n, sizeof *gain);
  if (!gain) return limn_nomem(err, "eigenvalues", s->n, sizeof *gain);
  for (size_t i = 0; i < s->n; i++) {
    double w = s->values[i];
    if (w > s->cut) gain[i] = (isinf(steps) ? 1 : 1 - pow(1 - rate * w / (double)s->n, steps)) / w;
  }
  limn_status st = filter(out, s, gain, b, 1, err);
  limn_free(gain);
  return st;
}

/* out (m,n) = kz (K + ridge I)^+, the transpose of a solve. */
static limn_status smoother(double *out, const limn_kernel_spectrum *s, double ridge,
                            const double *kz, size_t m, limn_err *err) {
  size_t n = s->n;
  double *turned = limn_alloc(2 * n * m, sizeof *turned);
  if (!turned) return limn_nomem(err, "a smoother", 2 * n * m, sizeof *turned);
  double *solved = turned + n * m;
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++) turned[j * m + i] = kz[i * n + j];
  limn_status st = limn_kernel_solve(solved, s, ridge, turned, m, err);
  for (size_t i = 0; i < m && !st; i++)
    for (size_t j = 0; j < n; j++) out[i * n + j] = solved[j * m + i];
  limn_free(turned);
  return st;
}

limn_status limn_kernel_variance(double *out, const limn_kernel_spectrum *s, double ridge,
                                 const double *kz, const double *kzz, size_t m, limn_err *err) {
  size_t n = s->n;
  limn_status st = check_finite(kzz, m, 0, "kzz", err);
  if (st) return st;
  double *a = limn_alloc(m * n, sizeof *a);
  if (!a) return limn_nomem(err, "a smoother", m * n, sizeof *a);
  st = smoother(a, s, ridge, kz, m, err);
  for (size_t i = 0; i < m && !st; i++)
    out[i] = fmax(kzz[i] - limn_la_dot(kz + i * n, a + i * n, n), 0);
  limn_free(a);
  return st;
}

limn_status limn_kernel_trained_variance(double *out, const limn_kernel_spectrum *s, double ridge,
                                         const double *tz, const double *k, const double *kz,
                                         const double *kzz, size_t m, limn_err *err) {
  size_t n = s->n;
  limn_status st = check_finite(k, n, n, "k", err);
  if (!st) st = check_finite(kz, m, n, "kz", err);
  if (!st) st = check_finite(kzz, m, 0, "kzz", err);
  if (st) return st;
  double *a = limn_alloc(2 * m * n, sizeof *a);
  if (!a) return limn_nomem(err, "a smoother", 2 * m * n, sizeof *a);
  double *ak = a + m * n;
  st = smoother(a, s, ridge, tz, m, err);
  if (!st) st = limn_la_gemm(ak, n, a, n, false, k, n, false, m, n, n, 1, 0, err);
  for (size_t i = 0; i < m && !st; i++)
    out[i] = fmax(kzz[i] + limn_la_dot(ak + i * n, a + i * n, n) -
                      2 * limn_la_dot(a + i * n, kz + i * n, n),
                  0);
  limn_free(a);
  return st;
}
