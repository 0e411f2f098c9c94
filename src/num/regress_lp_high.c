/* regress_lp_high.c: minimum |w|_p interpolation for 2 < p < infinity, by Newton's method on the
 * weights.
 *
 * Above 2 the map from the dual to the weights, |t|^(1/(p-1)), magnifies rounding without bound
 * near t = 0, so the weights themselves are the unknowns. With copies m_j, G_j = m_j f_j and v_j
 * the weight of each copy: minimise sum m_j |v_j|^p / p  subject to  G v = y Step: v + dv with G dv
 * = y - G v and H dv = G'a - g, g the gradient, H its (floored) diagonal. The multiplier a gives
 * the bound y.a/|F'a|_q that certifies the answer. Exact line search, continuation in p from 2. */
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

#define FLOOR                                                                                      \
  1e-9 /* of H relative to its largest entry: below it a weight has no say in the norm */

typedef struct {
  limn_source *s;
  size_t r, n;
  double p;
  double *copies, *v, *dv, *h, *tmp; /* n */
  double *a, *miss;                  /* r */
  double *k, *k0, *block, *scaled;   /* r x r: of the step, of G G'; r x block */
  const limn_token *token;
} work;

static limn_status apply(work *w, double *out, const double *x, limn_err *err) {
  for (size_t j = 0; j < w->n; j++) w->tmp[j] = x[j] * w->copies[j];
  return limn_source_apply(w->s, w->tmp, out, WHO, w->token, err);
}

/* Factors G diag(1/h) G'; fills copies. */
static limn_status factor(work *w, limn_err *err) {
  size_t r = w->r;
  memset(w->k, 0, r * r * sizeof *w->k);
  for (size_t first = 0; first < w->n; first += (size_t)w->s->block) {
    size_t n = w->n - first < w->s->block ? w->n - first : (size_t)w->s->block;
    TRY(limn_source_block(w->s, first, n, w->block, w->copies + first, WHO, w->token, err));
    for (size_t j = 0; j < n; j++) w->tmp[j] = sqrt(w->copies[first + j] / w->h[first + j]);
    for (size_t i = 0; i < r; i++)
      for (size_t j = 0; j < n; j++) w->scaled[i * n + j] = w->block[i * n + j] * w->tmp[j];
    TRY(limn_la_syrk(w->k, r, w->scaled, n, false, r, n, 1, 1, WHO, err));
  }
  double trace = 0;
  for (size_t i = 0; i < r; i++) trace += w->k[i * r + i];
  for (size_t i = 0; i < r; i++) w->k[i * r + i] += 1e-15 * trace / (double)r;
  return limn_la_chol(w->k, r, NULL, WHO, err);
}

/* v moved onto G v = y by the shortest way: the steps alone would drift, their matrix is
 * ill-conditioned. */
static limn_status restore(work *w, double *off, limn_err *err) {
  TRY(apply(w, w->miss, w->v, err));
  for (size_t i = 0; i < w->r; i++) w->miss[i] = w->s->y[i] - w->miss[i];
  *off = limn_length(w->miss, w->r);
  TRY(limn_la_chol_solve(w->miss, w->k0, w->r, 1, WHO, err));
  TRY(limn_source_dots(w->s, w->miss, w->tmp, WHO, w->token, err));
  for (size_t j = 0; j < w->n; j++) w->v[j] += w->tmp[j];
  return LIMN_OK;
}

/* Where the derivative of sum m|v + s dv|^p in s is zero: convex, so Newton in a bracket. */
static double line_search(const work *w) {
  double low = 0, high = 0, s = 1, start = 0;
  for (int k = 0; k < 30; k++) {
    double d1 = 0, d2 = 0, at = k == 0 ? 0 : s;
    for (size_t j = 0; j < w->n; j++) {
      double v = w->v[j] + at * w->dv[j], power = w->copies[j] * pow(fabs(v), w->p - 2);
      d1 += power * v * w->dv[j];
      d2 += (w->p - 1) * power * w->dv[j] * w->dv[j];
    }
    if (k == 0) {
      start = d1;
      if (!(start < 0)) return 1; /* nothing to gain in the norm: the step restores G v = y */
      continue;
    }
    if (fabs(d1) <= 1e-3 * fabs(start)) break;
    if (d1 < 0)
      low = s;
    else
      high = s;
    double next = d2 > 0 ? s - d1 / d2 : -1;
    if (high == 0)
      next = next > low && next < 10 * s ? next : 4 * s;
    else if (!(next > low && next < high))
      next = (low + high) / 2;
    s = next;
  }
  return s;
}

/* One Newton step at the current p. *off: |y - G v| that restoring removed; *gap of v against the
 * multiplier found. */
static limn_status iterate(work *w, double *off, double *gap, limn_err *err) {
  size_t r = w->r, n = w->n;
  double top = 0, p = w->p;
  for (size_t j = 0; j < n; j++) top = fabs(w->v[j]) > top ? fabs(w->v[j]) : top;
  for (size_t j = 0; j < n; j++) {
    double size = fabs(w->v[j]) / top, power = pow(size, p - 2);
    w->h[j] = (p - 1) * (power > FLOOR ? power : FLOOR);
    w->dv[j] =
        power * w->v[j] / w->h[j]; /* H^-1 g, in units where the largest weight's power is 1 */
  }
  TRY(factor(w, err));
  TRY(apply(w, w->a, w->dv, err)); /* G v = y holds: the step has G dv = 0 */
  TRY(limn_la_chol_solve(w->a, w->k, r, 1, WHO, err));
  TRY(limn_source_dots(w->s, w->a, w->tmp, WHO, w->token, err));
  double q = p / (p - 1), dual = 0, primal = 0, reach = 0;
  for (size_t j = 0; j < n; j++) {
    dual += w->copies[j] * pow(fabs(w->tmp[j]), q);
    primal += w->copies[j] * pow(fabs(w->v[j]) / top, p);
    w->dv[j] = w->tmp[j] / w->h[j] - w->dv[j];
  }
  for (size_t i = 0; i < r; i++) reach += w->a[i] * w->s->y[i];
  *gap = fabs(1 - reach / (pow(dual, 1 / q) * top * pow(primal, 1 / p)));
  double s = line_search(w);
  for (size_t j = 0; j < n; j++) w->v[j] += s * w->dv[j];
  return restore(w, off, err);
}

static limn_status run(work *w, double p, double *off, double *gap, uint64_t *steps,
                       limn_err *err) {
  for (size_t j = 0; j < w->n; j++) w->v[j] = 0, w->h[j] = 1;
  TRY(factor(w, err));
  memcpy(w->k0, w->k, w->r * w->r * sizeof *w->k);
  memcpy(w->a, w->s->y, w->r * sizeof *w->a);
  TRY(limn_la_chol_solve(w->a, w->k, w->r, 1, WHO, err));
  TRY(limn_source_dots(w->s, w->a, w->v, WHO, w->token, err));
  TRY(restore(w, off, err));
  for (w->p = 2; w->p != p;) {
    w->p = w->p * 1.3 < p ? w->p * 1.3 : p;
    double last = INFINITY;
    for (int k = 0; k < (w->p == p ? 150 : 6); k++) {
      TRY(iterate(w, off, gap, err));
      ++*steps;
      if (*off < 1e-6 && (*gap < (w->p == p ? 1e-13 : 1e-4))) break;
      if (k > 30 && *gap < 1e-9 && *gap > 0.5 * last) break; /* rounding has the last word */
      last = *gap < last ? *gap : last;
    }
  }
  return LIMN_OK;
}

limn_status limn_lp_high(limn_fit *fit, double *weights, double *dual, limn_source *s, double p,
                         int ey, const limn_token *token, limn_err *err) {
  size_t r = s->rows, n = (size_t)s->count, b = (size_t)s->block;
  limn_pool pool = {.used = 0};
  work w = {.s = s, .r = r, .n = n, .token = token};
  double **vectors[] = {&w.copies, &w.v, &w.dv, &w.h, &w.tmp};
  for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) *vectors[i] = limn_take(&pool, n);
  w.a = limn_take(&pool, r), w.miss = limn_take(&pool, r);
  w.k0 = limn_take(&pool, r * r);
  w.k = limn_take(&pool, r * r), w.block = limn_take(&pool, r * b),
  w.scaled = limn_take(&pool, r * b);
  double off = INFINITY, gap = INFINITY, top = 0, sum = 0;
  limn_status st =
      pool.failed ? limn_nomem(err, WHO, "work space", pool.failed, sizeof(double)) : LIMN_OK;
  if (!st) st = run(&w, p, &off, &gap, &fit->iterations, err);
  if (!st) st = apply(&w, w.miss, w.v, err);
  if (!st) st = limn_source_dots(s, w.a, w.dv, WHO, token, err);
  if (!st) { /* the gap of what is returned, not of the step before */
    double q = p / (p - 1), power = 0, reach = 0;
    for (size_t i = 0; i < r; i++) w.miss[i] = s->y[i] - w.miss[i];
    off = limn_length(w.miss, r);
    for (size_t j = 0; j < n; j++) top = fabs(w.v[j]) > top ? fabs(w.v[j]) : top;
    for (size_t j = 0; j < n; j++) sum += w.copies[j] * pow(fabs(w.v[j]) / top, p);
    for (size_t j = 0; j < n; j++) power += w.copies[j] * pow(fabs(w.dv[j]), q);
    for (size_t i = 0; i < r; i++) reach += w.a[i] * s->y[i];
    gap = fabs(1 - reach / (pow(power, 1 / q) * top * pow(sum, 1 / p)));
    for (size_t j = 0; j < n; j++) w.tmp[j] = ldexp(w.v[j] * w.copies[j], ey - s->ex);
    if (weights) limn_source_expand(s, w.tmp, weights);
    if (dual) limn_source_dual(s, w.a, dual);
    /* v = top |F'a|^(1/(p-1)): the multiplier was found in units of the largest weight */
    for (size_t i = 0; dual && i < s->x.points; i++)
      dual[i] *= pow(top, p - 2) * exp2((ey - s->ex) * (p - 1) - s->ex);
    fit->norm = ldexp(top * pow(sum, 1 / p), ey - s->ex);
    fit->gap = gap;
    fit->residual = ldexp(hypot(off, s->outside), ey);
    fit->rank = r;
    if (!(gap < 1e-6 && off < 1e-8))
      st = limn_fail(
          err, LIMN_ENUMERIC,
          "lp: no convergence in %llu Newton steps (norm %g): gap %.1e, labels missed by %.1e",
          (unsigned long long)fit->iterations, p, gap, off);
  }
  limn_pool_free(&pool);
  return st;
}
