/* regress_lp_inf.c: minimum max|w_j| interpolation by a primal-dual interior-point method.
 *
 *   minimise t  subject to  G v = y,  |v_j| <= t          (G_j = copies_j f_j, v_j the weight of
 * each copy) maximise a.y  subject to  sum |G_j.a| <= 1 Multipliers p_j >= 0 of t - v_j and m_j >=
 * 0 of t + v_j: p - m = G'a, sum(p + m) = 1. Each step solves a system in (a, t) with the matrix G
 * H^-1 G', H = p/(t - v) + m/(t + v); predictor and corrector after Mehrotra. Gap and residuals are
 * those of the iterate returned. */
#include <float.h>
#include <stdio.h>
#include <string.h>

#include "linalg.h"
#include "regress_lp.h"

#define WHO "lp"
#define TRY(call)                                                                                  \
  do {                                                                                             \
    limn_status st_ = (call);                                                                      \
    if (st_) return st_;                                                                           \
  } while (0)

typedef struct {
  limn_source *s;
  size_t r, n;
  double t, mu, mass;                  /* mass: sum |G'a| */
  double *copies, *v, *p, *m;          /* n */
  double *h, *e, *c, *rp, *rm;         /* n: see step() */
  double *dv, *dp, *dm, *tmp;          /* n */
  double *a, *da, *miss, *v1, *x1, *b; /* r */
  double *k, *block, *scaled;          /* r x r, r x block */
  double dt, below;                    /* below: 1 - sum(p + m) */
  const limn_token *token;
} work;

/* out (r) = G x */
static limn_status apply(work *w, double *out, const double *x, limn_err *err) {
  for (size_t j = 0; j < w->n; j++) w->tmp[j] = x[j] * w->copies[j];
  return limn_source_apply(w->s, w->tmp, out, WHO, w->token, err);
}

/* out (n) = G'a */
static limn_status dots(work *w, double *out, const double *a, limn_err *err) {
  TRY(limn_source_dots(w->s, a, out, WHO, w->token, err));
  for (size_t j = 0; j < w->n; j++) out[j] *= w->copies[j];
  return LIMN_OK;
}

/* Factors G diag(1/h) G'; h = NULL stands for ones and fills copies as well. */
static limn_status factor(work *w, const double *h, limn_err *err) {
  size_t r = w->r;
  double trace = 0;
  memset(w->k, 0, r * r * sizeof *w->k);
  for (size_t first = 0; first < w->n; first += (size_t)w->s->block) {
    size_t n = w->n - first < w->s->block ? w->n - first : (size_t)w->s->block;
    TRY(limn_source_block(w->s, first, n, w->block, w->copies + first, WHO, w->token, err));
    for (size_t j = 0; j < n; j++) w->tmp[j] = w->copies[first + j] / (h ? sqrt(h[first + j]) : 1);
    for (size_t i = 0; i < r; i++)
      for (size_t j = 0; j < n; j++) w->scaled[i * n + j] = w->block[i * n + j] * w->tmp[j];
    TRY(limn_la_syrk(w->k, r, w->scaled, n, false, r, n, 1, 1, WHO, err));
  }
  for (size_t i = 0; i < r; i++) trace += w->k[i * r + i];
  for (size_t i = 0; i < r; i++) w->k[i * r + i] += 1e-15 * trace / (double)r;
  return limn_la_chol(w->k, r, NULL, WHO, err);
}

/* The step for complementarity targets rp, rm (n): c = rd + rp/(t-v) - rm/(t+v), then (da, dt),
 * then the rest. */
static limn_status step(work *w, const double *rd, limn_err *err) {
  size_t r = w->r, n = w->n;
  double b2 = w->below, schur = 0, top = 0;
  for (size_t j = 0; j < n; j++) {
    double u = w->t - w->v[j], l = w->t + w->v[j];
    w->c[j] = rd[j] + w->rp[j] / u - w->rm[j] / l;
    b2 += -(w->rp[j] / u + w->rm[j] / l) + w->e[j] * w->c[j] / w->h[j];
    schur += 4 * (w->p[j] / u) * (w->m[j] / l) / w->h[j];
    w->dv[j] = w->c[j] / w->h[j];
  }
  TRY(apply(w, w->b, w->dv, err));
  for (size_t i = 0; i < r; i++) w->b[i] += w->miss[i];
  TRY(limn_la_chol_solve(w->b, w->k, r, 1, WHO, err));
  for (size_t i = 0; i < r; i++) top += w->v1[i] * w->b[i], schur += w->v1[i] * w->x1[i];
  w->dt = (top - b2) / schur;
  for (size_t i = 0; i < r; i++) w->da[i] = w->b[i] - w->x1[i] * w->dt;
  TRY(dots(w, w->dv, w->da, err));
  for (size_t j = 0; j < n; j++) {
    double u = w->t - w->v[j], l = w->t + w->v[j];
    w->dv[j] = (w->dv[j] - w->c[j] + w->dt * w->e[j]) / w->h[j];
    w->dp[j] = (w->rp[j] - w->p[j] * (w->dt - w->dv[j])) / u;
    w->dm[j] = (w->rm[j] - w->m[j] * (w->dt + w->dv[j])) / l;
  }
  return LIMN_OK;
}

/* The longest steps (at most 1/0.99) that keep the slacks and the multipliers nonnegative. */
static void reach(const work *w, double *primal, double *dual) {
  double a = 1 / 0.99, b = 1 / 0.99;
  for (size_t j = 0; j < w->n; j++) {
    double u = w->t - w->v[j], l = w->t + w->v[j], du = w->dt - w->dv[j], dl = w->dt + w->dv[j];
    if (du < 0 && u < -a * du) a = -u / du;
    if (dl < 0 && l < -a * dl) a = -l / dl;
    if (w->dp[j] < 0 && w->p[j] < -b * w->dp[j]) b = -w->p[j] / w->dp[j];
    if (w->dm[j] < 0 && w->m[j] < -b * w->dm[j]) b = -w->m[j] / w->dm[j];
  }
  *primal = a, *dual = b;
}

static double complementarity(const work *w, double a, double b) {
  double sum = 0;
  for (size_t j = 0; j < w->n; j++) {
    double u = w->t - w->v[j] + a * (w->dt - w->dv[j]), l = w->t + w->v[j] + a * (w->dt + w->dv[j]);
    sum += u * (w->p[j] + b * w->dp[j]) + l * (w->m[j] + b * w->dm[j]);
  }
  return sum / (2 * (double)w->n);
}

/* One predictor-corrector iteration. rd: n numbers of scratch. */
static limn_status iterate(work *w, double *rd, limn_err *err) {
  size_t n = w->n;
  TRY(dots(w, rd, w->a, err));
  w->below = 1;
  for (size_t j = 0; j < n; j++) {
    double u = w->t - w->v[j], l = w->t + w->v[j];
    rd[j] = w->p[j] - w->m[j] - rd[j];
    w->below -= w->p[j] + w->m[j];
    w->h[j] = w->p[j] / u + w->m[j] / l;
    w->e[j] = w->p[j] / u - w->m[j] / l;
    w->rp[j] = -w->p[j] * u;
    w->rm[j] = -w->m[j] * l;
    w->dv[j] = w->e[j] / w->h[j];
  }
  TRY(factor(w, w->h, err));
  TRY(apply(w, w->v1, w->dv, err));
  memcpy(w->x1, w->v1, w->r * sizeof *w->x1);
  TRY(limn_la_chol_solve(w->x1, w->k, w->r, 1, WHO, err));
  TRY(step(w, rd, err));
  double a, b;
  reach(w, &a, &b);
  double ratio = complementarity(w, a, b) / w->mu, aim = ratio * ratio * ratio * w->mu;
  for (size_t j = 0; j < n; j++) {
    w->rp[j] += aim - w->dp[j] * (w->dt - w->dv[j]);
    w->rm[j] += aim - w->dm[j] * (w->dt + w->dv[j]);
  }
  TRY(step(w, rd, err));
  reach(w, &a, &b);
  a *= 0.99;
  b *= 0.99;
  w->mu = complementarity(w, a, b);
  w->t += a * w->dt;
  for (size_t j = 0; j < n; j++) {
    w->v[j] += a * w->dv[j];
    w->p[j] += b * w->dp[j];
    w->m[j] += b * w->dm[j];
  }
  for (size_t i = 0; i < w->r; i++) w->a[i] += b * w->da[i];
  return LIMN_OK;
}

/* miss = y - G v; returns its length. */
static limn_status missed(work *w, double *length, limn_err *err) {
  TRY(apply(w, w->miss, w->v, err));
  for (size_t i = 0; i < w->r; i++) w->miss[i] = w->s->y[i] - w->miss[i];
  *length = limn_length(w->miss, w->r);
  return LIMN_OK;
}

/* The start: the shortest v in L2, t above it, equal multipliers. */
static limn_status start(work *w, limn_err *err) {
  TRY(factor(w, NULL, err));
  memcpy(w->b, w->s->y, w->r * sizeof *w->b);
  TRY(limn_la_chol_solve(w->b, w->k, w->r, 1, WHO, err));
  TRY(dots(w, w->v, w->b, err));
  for (size_t j = 0; j < w->n; j++) w->t = fabs(w->v[j]) > w->t ? fabs(w->v[j]) : w->t;
  w->t *= 1.5;
  for (size_t j = 0; j < w->n; j++) w->p[j] = w->m[j] = 0.5 / (double)w->n;
  w->mu = w->t * 0.5 / (double)w->n;
  w->dt = 0;
  return LIMN_OK;
}

static limn_status run(work *w, double *rd, limn_fit *fit, double *off, double *best,
                       limn_err *err) {
  TRY(start(w, err));
  for (int k = 0; k < 100; k++) {
    TRY(missed(w, off, err));
    double least = 0, mass = 0, most = 0;
    TRY(dots(w, rd, w->a, err));
    for (size_t j = 0; j < w->n; j++) {
      mass += fabs(rd[j]);
      most = fabs(w->v[j]) > most ? fabs(w->v[j]) : most;
    }
    for (size_t i = 0; i < w->r; i++) least += w->a[i] * w->s->y[i];
    w->mass = mass;
    least = mass > 1 ? least / mass : least; /* a is made feasible by division */
    fit->norm = most;
    fit->gap = most > 0 ? fabs(1 - least / most) : 0;
    fit->iterations = (uint64_t)k;
    if (fit->gap < 1e-11 && *off < 1e-10) return LIMN_OK;
    if (k > 20 && fit->gap > 0.5 * *best && fit->gap < 1e-8) return LIMN_OK; /* no more digits */
    if (fit->gap < *best) *best = fit->gap;
    limn_err ignored;
    limn_status st = iterate(w, rd, &ignored);
    if (st == LIMN_ENUMERIC && fit->gap < 1e-6)
      return LIMN_OK; /* the matrix gave out near the end */
    if (st) return limn_fail(err, st, "%s", ignored.text);
  }
  return LIMN_OK;
}

limn_status limn_lp_infinity(limn_fit *fit, double *weights, double *dual, limn_source *s, int ey,
                             const limn_token *token, limn_err *err) {
  size_t r = s->rows, n = (size_t)s->count, b = (size_t)s->block;
  limn_pool pool = {.used = 0};
  work w = {.s = s, .r = r, .n = n, .token = token};
  double **vectors[] = {&w.copies, &w.v,  &w.p,  &w.m,  &w.h,  &w.e,  &w.c,
                        &w.rp,     &w.rm, &w.dv, &w.dp, &w.dm, &w.tmp};
  double **small[] = {&w.a, &w.da, &w.miss, &w.v1, &w.x1, &w.b};
  for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) *vectors[i] = limn_take(&pool, n);
  for (size_t i = 0; i < sizeof small / sizeof *small; i++) *small[i] = limn_take(&pool, r);
  w.k = limn_take(&pool, r * r), w.block = limn_take(&pool, r * b),
  w.scaled = limn_take(&pool, r * b);
  double *rd = limn_take(&pool, n), off = INFINITY, best = INFINITY;
  limn_status st =
      pool.failed ? limn_nomem(err, WHO, "work space", pool.failed, sizeof(double)) : LIMN_OK;
  if (!st) st = run(&w, rd, fit, &off, &best, err);
  if (!st) {
    for (size_t j = 0; j < n; j++) w.tmp[j] = ldexp(w.v[j] * w.copies[j], ey - s->ex);
    if (weights) limn_source_expand(s, w.tmp, weights);
    if (dual) limn_source_dual(s, w.a, dual);
    for (size_t i = 0; dual && i < s->x.points; i++)
      dual[i] = ldexp(dual[i] / (w.mass > 1 ? w.mass : 1), -s->ex);
    fit->norm = ldexp(fit->norm, ey - s->ex);
    fit->residual = ldexp(hypot(off, s->outside), ey);
    fit->rank = r;
    if (!(fit->gap < 1e-6 && off < 1e-6))
      st = limn_fail(err, LIMN_ENUMERIC,
                     "lp: no convergence in %llu interior-point steps (norm inf): gap %.1e, labels "
                     "missed by %.1e",
                     (unsigned long long)fit->iterations, fit->gap, off);
  }
  limn_pool_free(&pool);
  return st;
}
