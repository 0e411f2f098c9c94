/* dual.c: ridge with more features than points, from K = F F'.
 *
 * One lambda: Cholesky of K + lambda I. Several: K = Q T Q' with T tridiagonal, once. Both give
 * only an approximate solution, which is refined for all lambda together, with residuals from F
 * (dense) or in long double from K (FeatureSets).
 *
 * If K + lambda I is nearly singular, a dense F uses the SVD. A FeatureSet uses eigenvectors of K;
 * null vectors z (a repeated point) are omitted from the dual, since F'z = 0. The weights F'a
 * therefore converge to minnorm's for lambda -> 0. */
#include <float.h>
#include <stdio.h>
#include <string.h>

#include "num/linalg/linalg.h"
#include "num/regress/ridge/dual.h"
#include "num/regress/ridge/path.h"

#define TRY LIMN_TRY

enum { STEPS = 6 };
/* The estimate of |(K + lambda I)^-1| is a lower bound, rarely below a third of it. */
static const double SAFE_ESTIMATE = 10;
/* 1/cond(K + lambda I) below which a dense F uses the SVD: the scores are not refined and lose as
 * many digits as K does. */
static const double MIN_RCOND = 1e-6;
/* |F||a| over |F'a| above which it does so too: labels outside the range of F give a large dual,
 * and the sum F'a cancels. */
static const double MAX_CANCELLATION = 4e3;

typedef struct {
  const limn_ridge *p;
  size_t d, n, l;        /* points, features (dense), lambdas */
  double *k;             /* K */
  double *chol;          /* of K + smallest lambda I, or NULL */
  bool full;             /* chol shows that K has full rank */
  limn_tridiagonal t;    /* t.qt NULL: not used */
  limn_spectrum f;       /* f.u NULL: no eigenvectors */
  double *a, *r, *c, *w; /* (l,d) dual, residual y - (K + lambda I) a, correction; (l,n) weights */
  double *z;             /* d: component of the labels outside the range of F, if f.rank < d */
} work;

/* c (rows,cols) = a (rows,inner) b, b (inner,cols) or transposed; BLAS 2 for a single row. */
static limn_status times(double *c, const double *a, const double *b, bool transposed, size_t rows,
                         size_t inner, size_t cols, limn_err *err) {
  if (rows == 1)
    return limn_la_gemv(c, b, transposed ? inner : cols, !transposed, a, transposed ? cols : inner,
                        transposed ? inner : cols, 1, 0, err);
  return limn_la_gemm(c, cols, a, inner, false, b, transposed ? inner : cols, transposed, rows,
                      cols, inner, 1, 0, err);
}

static limn_status weights(work *w, limn_err *err) {
  return times(w->w, w->a, w->p->x->dense, false, w->l, w->d, w->n, err);
}

/* r = y - (K + lambda I) a, and the weights of a dense F. */
static limn_status residual(work *w, limn_err *err) {
  size_t d = w->d;
  const limn_ridge *p = w->p;
  if (p->x->dense) {
    TRY(weights(w, err));
    TRY(times(w->r, w->w, p->x->dense, true, w->l, w->n, d, err));
    for (size_t l = 0; l < w->l; l++)
      for (size_t i = 0; i < d; i++)
        w->r[l * d + i] = p->y[i] - p->lambda[l] * w->a[l * d + i] - w->r[l * d + i];
    return LIMN_OK;
  }
  for (size_t l = 0; l < w->l; l++) {
    const double *a = w->a + l * d;
    for (size_t i = 0; i < d; i++) {
      long double sum = p->y[i] - (long double)p->lambda[l] * a[i];
      for (size_t j = 0; j < d; j++) sum -= (long double)w->k[i * d + j] * a[j];
      w->r[l * d + i] = (double)sum;
    }
  }
  return LIMN_OK;
}

/* c = (K + lambda I)^-1 of the component of r in the range of F. */
static limn_status propose(work *w, limn_err *err) {
  size_t d = w->d;
  if (w->chol) {
    memcpy(w->c, w->r, d * sizeof *w->c);
    return limn_la_chol_solve(w->c, w->chol, d, 1, err);
  }
  double *t = w->r; /* reused as scratch: the caller computes a new residual */
  if (w->t.qt) {
    TRY(times(t, memcpy(w->c, w->r, w->l * d * sizeof *w->c), w->t.qt, true, w->l, d, d, err));
    limn_ridge_path_solve(&w->t, t);
    return times(w->c, t, w->t.qt, false, w->l, d, d, err);
  }
  TRY(times(w->c, w->r, w->f.u, false, w->l, d, d, err));
  for (size_t l = 0; l < w->l; l++)
    for (size_t i = 0; i < d; i++)
      t[l * d + i] = i < w->f.rank ? w->c[l * d + i] / (w->f.e[i] + w->p->lambda[l]) : 0;
  return times(w->c, t, w->f.u, true, w->l, d, d, err);
}

/* Refinement; corrections shrink by a constant factor, estimated from the first two; *steps: their
 * number. The residual after the last step is 0 up to rounding; it is computed in another pass over
 * F only for lambda = 0, where it is the residual of the fit. */
static limn_status solve(work *w, bool exact, uint64_t *steps, limn_err *err) {
  size_t d = w->d;
  double before = 0;
  for (size_t l = 0; l < w->l; l++) memcpy(w->r + l * d, w->p->y, d * sizeof *w->r);
  for (int step = 0; step < STEPS; step++) {
    TRY(propose(w, err));
    double change = 0;
    for (size_t l = 0; l < w->l; l++) {
      for (size_t i = 0; i < d; i++) w->a[l * d + i] += w->c[l * d + i];
      double size = limn_length(w->a + l * d, d), part = limn_length(w->c + l * d, d);
      if (size > 0 && part / size > change) change = part / size;
    }
    *steps = (uint64_t)step;
    if (limn_cancelled(w->p->token)) return limn_stopped(err);
    if (step > 0 && (change * change / before <= DBL_EPSILON / 4 || change > before / 2)) break;
    TRY(residual(w, err));
    before = change;
  }
  if (exact) return residual(w, err);
  for (size_t l = 0; l < w->l; l++)
    for (size_t i = 0; i < d; i++) w->r[l * d + i] = w->z ? w->z[i] : 0;
  return w->p->x->dense ? weights(w, err) : LIMN_OK;
}

/* Eigenvectors of K, eigenvalues descending. Eigenvalues of the size of rounding error are set to
 * 0, because a small lambda would be divided by them. */
static limn_status eigen(limn_spectrum *f, const double *k, size_t d, limn_pool *pool,
                         limn_err *err) {
  double *v = limn_take(pool, d * d), *w = limn_take(pool, d);
  f->d = f->k = d;
  f->u = limn_take(pool, d * d), f->e = limn_take(pool, d), f->work = limn_take(pool, 2 * d);
  if (pool->failed) return limn_nomem(err, "the eigenvectors", pool->failed, sizeof *v);
  memcpy(v, k, d * d * sizeof *v);
  TRY(limn_la_eigh(w, v, d, true, err));
  for (size_t c = 0; c < d; c++) f->e[c] = w[d - 1 - c] > 0 ? w[d - 1 - c] : 0;
  for (size_t i = 0; i < d; i++)
    for (size_t c = 0; c < d; c++) f->u[i * d + c] = v[i * d + d - 1 - c];
  limn_ridge_rank(f);
  for (size_t c = f->rank; c < d; c++) f->e[c] = 0;
  return LIMN_OK;
}

/* z: the component of the labels outside the range of F. */
static limn_status outside(work *w, limn_pool *pool, limn_err *err) {
  size_t d = w->d, rank = w->f.rank;
  if (rank == d) return LIMN_OK;
  double *c = limn_take(pool, d);
  w->z = limn_take(pool, d);
  if (pool->failed) return limn_nomem(err, "the labels", d, sizeof *c);
  TRY(limn_la_gemv(c, w->f.u, d, true, w->p->y, d, d, 1, 0, err));
  memset(c, 0, rank * sizeof *c);
  TRY(limn_la_gemv(w->z, w->f.u, d, false, c, d, d, 1, 0, err));
  limn_ridge_clean(w->z, w->p->y, d);
  return LIMN_OK;
}

/* Cholesky of K + add I and its rcond; *ok = false if it failed or is too ill-conditioned; *full:
 * the smallest eigenvalue of K + add I exceeds add by more than rounding, so that of K exceeds 0.
 */
static limn_status factor(bool *ok, bool *full, double *rcond, double *chol, const double *k,
                          double add, size_t d, limn_err *err) {
  limn_err ignored;
  if (chol != k) memcpy(chol, k, d * d * sizeof *chol);
  for (size_t i = 0; i < d; i++) chol[i * d + i] += add;
  double size = limn_la_norm1(chol, d, d);
  limn_status st = limn_la_chol(chol, d, NULL, &ignored);
  *ok = false;
  if (st == LIMN_ENUMERIC) return LIMN_OK;
  if (st) return limn_pass(err, &ignored);
  TRY(limn_la_chol_rcond(rcond, chol, d, size, err));
  *ok = *rcond > MIN_RCOND;
  *full = *rcond * size / SAFE_ESTIMATE > add + 4 * (double)d * DBL_EPSILON * size;
  return LIMN_OK;
}

/* The scores from the diagonals of the inverses; w->c is reused as scratch. */
static limn_status score_by_inverse(const work *w, limn_err *err) {
  size_t d = w->d;
  if (w->chol)
    TRY(limn_la_chol_inverse_diagonal(w->c, w->chol, d, err));
  else
    TRY(limn_ridge_path_inverse(&w->t, w->c, w->p->token, err));
  for (size_t l = 0; l < w->l; l++) {
    const double *a = w->a + l * d, *diagonal = w->c + l * d;
    double sum = 0, trace = 0, squares = 0;
    for (size_t i = 0; i < d; i++) {
      double left = a[i] / diagonal[i];
      double part = diagonal[i] / diagonal[0], lost = a[i] / diagonal[0];
      sum += left * left, trace += part, squares += lost * lost;
    }
    if (w->p->loo) w->p->loo[l] = sum / (double)d;
    if (w->p->gcv) w->p->gcv[l] = (double)d * squares / (trace * trace);
  }
  return LIMN_OK;
}

/* Writes the results for lambda number l, except its scores; r becomes y - F w. */
static limn_status report(work *w, size_t l, double rcond, uint64_t steps, limn_err *err) {
  const limn_ridge *p = w->p;
  limn_fit *fit = &p->fits[l];
  size_t d = w->d;
  double lambda = p->lambda[l], *a = w->a + l * d, *r = w->r + l * d, square = 0;
  for (size_t i = 0; i < d; i++) {
    r[i] += lambda * a[i];
    square += a[i] * (p->y[i] - r[i]); /* |w|^2 = a.K a */
  }
  fit->rank_unknown = w->chol && !w->full;
  fit->rank = !w->chol ? w->f.rank : w->full ? d : 0;
  if (w->f.rank > 0) rcond = (w->f.e[w->f.rank - 1] + lambda) / (w->f.e[0] + lambda);
  fit->rcond = sqrt(rcond);
  fit->iterations = steps;
  fit->residual = limn_length(r, d);
  fit->norm = p->x->dense ? limn_length(w->w + l * w->n, w->n) : square > 0 ? sqrt(square) : 0;
  snprintf(fit->method, sizeof fit->method, "%s of the dual %zu x %zu, refined on %s, lambda %g",
           w->chol   ? "Cholesky"
           : w->t.qt ? "tridiagonal form"
                     : "eigenvectors",
           d, d, p->x->dense ? "the features" : "the Gram matrix in long double", lambda);
  if (p->weights && p->x->set)
    TRY(limn_design_weights(p->weights + l * p->x->count, p->x, a, p->token, err));
  fit->has_dual = limn_la_nonfinite(a, d) == d;
  if (p->dual) memcpy(p->dual + l * d, a, d * sizeof *a);
  return LIMN_OK;
}

limn_status limn_ridge_dual(bool *done, const limn_ridge *p, limn_pool *pool, limn_err *err) {
  size_t d = (size_t)p->x->points, n = p->x->dense ? (size_t)p->x->count : 0;
  size_t l = (size_t)p->lambdas;
  work w = {.p = p, .d = d, .n = n, .l = l};
  *done = false;
  if (p->x->dense) {
    int e = limn_exponent(p->x->dense, d * n, 1);
    if (e > 200 || e < -200) return LIMN_OK; /* K would overflow or underflow */
  }
  w.k = limn_take(pool, d * d);
  w.chol =
      p->x->dense ? w.k : limn_take(pool, d * d); /* in place of K, which is not needed again */
  w.a = limn_take(pool, l * d), w.r = limn_take(pool, l * d), w.c = limn_take(pool, l * d);
  w.w = p->x->dense && p->weights ? p->weights : limn_take(pool, l * n);
  if (pool->failed) return limn_nomem(err, "work space", pool->failed, sizeof(double));
  if (p->x->dense)
    TRY(limn_la_syrk(w.k, d, p->x->dense, n, false, d, n, 1, 0, err));
  else
    TRY(limn_features_gram(w.k, p->x->set, p->token, err));
  double least = p->lambda[0], rcond = 0, trace = 0;
  for (size_t i = 0; i < d; i++) trace += w.k[i * d + i];
  for (size_t i = 1; i < l; i++) least = p->lambda[i] < least ? p->lambda[i] : least;
  bool ok;
  if (l == 1) {
    TRY(factor(&ok, &w.full, &rcond, w.chol, w.k, least, d, err));
  } else {
    if (w.chol != w.k) memcpy(w.chol, w.k, d * d * sizeof *w.k);
    TRY(limn_ridge_tridiagonal(&w.t, &w.f, w.chol, d, pool, err));
    w.chol = NULL;
    ok = w.f.e[d - 1] + least > MIN_RCOND * (w.f.e[0] + least);
    if (ok) TRY(limn_ridge_path_factor(&w.t, p->lambda, l, pool, err));
  }
  if (!ok && p->x->dense) return LIMN_OK;
  if (!ok) {
    w.chol = w.t.qt = NULL;
    TRY(eigen(&w.f, w.k, d, pool, err));
    TRY(outside(&w, pool, err));
  }
  uint64_t steps = 0;
  TRY(solve(&w, least == 0, &steps, err));
  for (size_t i = 0; p->x->dense && i < l; i++)
    if (sqrt(trace) * limn_length(w.a + i * d, d) > MAX_CANCELLATION * limn_length(w.w + i * n, n))
      return LIMN_OK;
  for (size_t i = 0; i < l; i++) {
    TRY(report(&w, i, rcond, steps, err));
    if (!ok && (p->loo || p->gcv)) limn_ridge_score(p, i, &w.f, w.a + i * d, w.z, p->lambda[i]);
  }
  if (ok && (p->loo || p->gcv)) TRY(score_by_inverse(&w, err));
  *done = true;
  return LIMN_OK;
}
