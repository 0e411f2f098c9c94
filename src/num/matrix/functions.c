/* functions.c: determinant, inverses, eigenvalues, exponential; contracts in limn/matrix.h. */
#include "limn/matrix.h"

#include <math.h>
#include <string.h>

#include "core/core.h"
#include "num/linalg/linalg.h"

limn_status limn_determinant(double *det, double *log_size, double *sign, const double *a, size_t n,
                             limn_err *err) {
  double *f = limn_alloc(n * n + 1, sizeof *f), mantissa = 1, log_sum = 0, s = 1;
  size_t *pivot = limn_alloc(n + 1, sizeof *pivot);
  long exponent = 0;
  limn_status status = f && pivot ? limn_la_lu(f, pivot, a, n, err)
                                  : limn_nomem(err, "work matrix", n * n, sizeof *f);
  for (size_t i = 0; status == LIMN_OK && i < n; i++) {
    int e;
    double u = f[i * n + i];
    mantissa = frexp(mantissa * u, &e);
    exponent += e;
    log_sum += log(fabs(u));
    if ((pivot[i] != i) != (u < 0)) s = -s;
    if (pivot[i] != i) mantissa = -mantissa;
    if (u == 0) s = 0;
  }
  if (status == LIMN_OK) {
    long most = 5000;
    *det = ldexp(mantissa, (int)(exponent > most ? most : exponent < -most ? -most : exponent));
    if (log_size) *log_size = s == 0 ? -INFINITY : log_sum;
    if (sign) *sign = mantissa == 0 ? 0 : s;
  }
  limn_free(f);
  limn_free(pivot);
  return status;
}

limn_status limn_inverse(double *out, double *rcond, const double *a, size_t n, limn_err *err) {
  memset(out, 0, n * n * sizeof *out);
  for (size_t i = 0; i < n; i++) out[i * n + i] = 1;
  return limn_la_solve(out, rcond, a, out, n, n, err);
}

/* The singular values, descending, and unless NULL the vectors. */
static limn_status singular(double *u, double *s, double *vt, const double *a, size_t m, size_t n,
                            limn_err *err) {
  return m * n == 0 ? LIMN_OK : limn_la_svd(u, s, vt, a, m, n, err);
}

limn_status limn_pseudo_inverse(double *out, const double *a, size_t m, size_t n, double rcond,
                                limn_err *err) {
  size_t k = m < n ? m : n;
  double *u = limn_alloc(m * k + 1, sizeof *u), *s = limn_alloc(k + 1, sizeof *s),
         *vt = limn_alloc(k * n + 1, sizeof *vt);
  limn_status status =
      u && s && vt ? singular(u, s, vt, a, m, n, err) : limn_nomem(err, "work matrix", m, n);
  if (status == LIMN_OK) {
    for (size_t j = 0; j < k; j++) {
      double inverse = s[j] > rcond * s[0] ? 1 / s[j] : 0;
      for (size_t i = 0; i < n; i++) vt[j * n + i] *= inverse;
    }
    status = limn_la_gemm(out, m, vt, n, true, u, k, true, n, m, k, 1, 0, err);
  }
  limn_free(u);
  limn_free(s);
  limn_free(vt);
  return status;
}

limn_status limn_condition(double *condition, const double *a, size_t m, size_t n, limn_err *err) {
  size_t k = m < n ? m : n;
  double *s = limn_alloc(k + 1, sizeof *s);
  if (!s) return limn_nomem(err, "singular values", k, sizeof *s);
  limn_status status = singular(NULL, s, NULL, a, m, n, err);
  if (status == LIMN_OK) *condition = k == 0 ? 0 : s[k - 1] > 0 ? s[0] / s[k - 1] : INFINITY;
  limn_free(s);
  return status;
}

limn_status limn_eigen(double *re, double *im, double *v_re, double *v_im, const double *a,
                       size_t n, limn_err *err) {
  double *v = v_re ? limn_alloc(n * n + 1, sizeof *v) : NULL;
  if (v_re && !v) return limn_nomem(err, "eigenvectors", n * n, sizeof *v);
  limn_status status = limn_la_eig(re, im, v, a, n, err);
  for (size_t k = 0; v && status == LIMN_OK && k < n; k++) {
    bool pair = im[k] > 0 && k + 1 < n, second = im[k] < 0 && k > 0;
    const double *x = second ? v + (k - 1) * n : v + k * n;
    const double *y = pair ? v + (k + 1) * n : second ? v + k * n : NULL;
    for (size_t i = 0; i < n; i++) {
      v_re[i * n + k] = x[i];
      v_im[i * n + k] = y ? (second ? -y[i] : y[i]) : 0;
    }
  }
  limn_free(v);
  return status;
}

/* c = a b, all (n,n) */
static limn_status times(double *c, const double *a, const double *b, size_t n, limn_err *err) {
  return limn_la_gemm(c, n, a, n, false, b, n, false, n, n, n, 1, 0, err);
}

/* out = c[0] x[0] + .. + c[3] x[3], entry by entry; the diagonal gets `identity` more. */
static void combine(double *out, const double *const *x, const double *c, size_t count,
                    double identity, size_t n) {
  for (size_t i = 0; i < n * n; i++) {
    double sum = 0;
    for (size_t k = 0; k < count; k++) sum += c[k] * x[k][i];
    out[i] = sum;
  }
  for (size_t i = 0; i < n; i++) out[i * n + i] += identity;
}

/* Degree 13: p = V + U, q = V - U, exp(x) ~ q^-1 p; w holds x and seven more matrices. */
static limn_status pade(double *out, double *const *w, size_t n, limn_err *err) {
  static const double b[] = {64764752532480000,
                             32382376266240000,
                             7771770303897600,
                             1187353796428800,
                             129060195264000,
                             10559470521600,
                             670442572800,
                             33522128640,
                             1323241920,
                             40840800,
                             960960,
                             16380,
                             182,
                             1};
  double *x = w[0], *x2 = w[1], *x4 = w[2], *x6 = w[3], *u = w[4], *v = w[5], *t = w[6];
  const double *powers[] = {x2, x4, x6};
  limn_status st = times(x2, x, x, n, err);
  if (!st) st = times(x4, x2, x2, n, err);
  if (!st) st = times(x6, x4, x2, n, err);
  if (st) return st;
  combine(t, powers, (double[]){b[9], b[11], b[13]}, 3, 0, n);
  if ((st = times(v, x6, t, n, err))) return st;
  combine(t, (const double *[]){x2, x4, x6, v}, (double[]){b[3], b[5], b[7], 1}, 4, b[1], n);
  if ((st = times(u, x, t, n, err))) return st;
  combine(t, powers, (double[]){b[8], b[10], b[12]}, 3, 0, n);
  if ((st = times(v, x6, t, n, err))) return st;
  combine(t, (const double *[]){x2, x4, x6, v}, (double[]){b[2], b[4], b[6], 1}, 4, b[0], n);
  combine(v, (const double *[]){t, u}, (double[]){1, -1}, 2, 0, n);
  combine(w[7], (const double *[]){t, u}, (double[]){1, 1}, 2, 0, n);
  return limn_la_solve(out, NULL, v, w[7], n, n, err);
}

limn_status limn_matrix_exponential(double *out, const double *a, size_t n, limn_err *err) {
  double *w[8], *room = limn_alloc(8 * n * n + 1, sizeof *room), norm = limn_la_norm1(a, n, n);
  if (!room) return limn_nomem(err, "work matrices", 8 * n * n, sizeof *room);
  for (int k = 0; k < 8; k++) w[k] = room + (size_t)k * n * n;
  limn_status st = LIMN_OK;
  size_t bad = limn_la_nonfinite(a, n * n);
  int squarings = 0;
  if (bad < n * n) st = limn_not_finite(err, "matrix", bad / n, bad % n, a[bad]);
  if (!st && norm > 5.371920351148152) squarings = (int)ceil(log2(norm / 5.371920351148152));
  for (size_t i = 0; i < n * n; i++) w[0][i] = ldexp(a[i], -squarings);
  if (!st && n > 0) st = pade(out, w, n, err);
  for (int k = 0; !st && k < squarings; k++) {
    memcpy(w[0], out, n * n * sizeof *out);
    st = times(out, w[0], w[0], n, err);
  }
  limn_free(room);
  return st;
}
