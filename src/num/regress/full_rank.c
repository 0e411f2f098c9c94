/* full_rank.c: independent columns. The least-squares solution is then unique, for any norm, and is
 * computed by QR of F with refinement. Only the certificate depends on the norm: a dual with F'a =
 * t, t_j = sign(w_j)|w_j|^(p-1) up to scale, attains equality in Hoelder's inequality, so that
 * a.y/|F'a|_q = |w|_p. */
#include <stdio.h>
#include <string.h>

#include "num/regress/full_rank.h"
#include "num/regress/minnorm/dense.h"

#define TRY LIMN_TRY

/* t (n): the gradient of the norm at v, times |v|^(p-1); p = infinity: of length 1. */
static void slopes(double *t, const double *v, const double *copies, size_t n, double p,
                   double norm) {
  double many = 0;
  for (size_t j = 0; j < n; j++) many += fabs(v[j]) >= norm * (1 - 1e-14) ? copies[j] : 0;
  for (size_t j = 0; j < n; j++) {
    double size = p == 1     ? v[j] != 0
                  : isinf(p) ? (fabs(v[j]) >= norm * (1 - 1e-14)) / many
                             : pow(fabs(v[j]) / norm, p - 1);
    t[j] = copysign(size, v[j]);
  }
}

limn_status limn_unique(bool *done, limn_fit *fit, double *weights, double *dual, limn_source *s,
                        const double *y, double p, int ey, const limn_token *token, limn_err *err) {
  size_t d = (size_t)s->x.points, n = (size_t)s->count;
  const double *f = s->merged ? s->merged : s->x.dense;
  *done = false;
  if (!f || n > d || n == 0) return LIMN_OK;
  limn_pool pool = {.used = 0};
  double *w = limn_take(&pool, n), *v = limn_take(&pool, n), *t = limn_take(&pool, n);
  double *copies = limn_take(&pool, n), *a = limn_take(&pool, d), *turned = limn_take(&pool, n * d);
  limn_fit found, other;
  memset(&found, 0, sizeof found);
  memset(&other, 0, sizeof other);
  limn_status st = pool.failed ? limn_nomem(err, "work space", pool.failed, sizeof *w) : LIMN_OK;
  if (!st) st = limn_dense_minnorm(&found, w, NULL, f, d, n, y, token, err);
  if (!st && found.rank == n) {
    st = limn_source_copies(s, copies, token, err);
    for (size_t j = 0; j < n; j++) v[j] = w[j] / copies[j];
    double norm = limn_source_norm(v, copies, n, p), q = p == 1     ? INFINITY
                                                         : isinf(p) ? 1
                                                                    : p / (p - 1);
    slopes(t, v, copies, n, p, norm);
    for (size_t i = 0; i < d; i++)
      for (size_t j = 0; j < n; j++) turned[j * d + i] = f[i * n + j];
    if (!st) st = limn_dense_minnorm(&other, a, NULL, turned, n, d, t, token, err);
    double reach = 0; /* a.(F w), without the part of y outside the range of F */
    for (size_t j = 0; j < n; j++) t[j] = 0;
    for (size_t i = 0; i < d; i++)
      for (size_t j = 0; j < n; j++) t[j] += f[i * n + j] * a[i];
    for (size_t j = 0; j < n; j++) reach += w[j] * t[j];
    fit->gap = norm > 0 ? fabs(1 - reach / (limn_source_norm(t, copies, n, q) * norm)) : 0;
    fit->norm = ldexp(norm, ey - s->ex);
    fit->residual = ldexp(found.residual, ey);
    fit->rank = n, fit->rcond = found.rcond, fit->iterations = found.iterations;
    for (size_t j = 0; j < n; j++) w[j] = ldexp(w[j], ey - s->ex);
    if (weights) limn_source_expand(s, w, weights);
    /* the scale for which |F'a|^(q-1) are the weights; 1 for p = 1, p = inf and if not finite */
    double units = p == 1 || isinf(p) ? 1 : pow(fit->norm, p - 1);
    if (!isnormal(units)) units = 1;
    for (size_t i = 0; dual && i < d; i++) dual[i] = a[i] * ldexp(units, -s->ex);
    snprintf(fit->method, sizeof fit->method,
             "independent columns: the same weights for every norm, by Householder QR");
    *done = !st;
  }
  limn_pool_free(&pool);
  return st;
}
