/* lp_interior.c: minimum |w|_p interpolation for 2 < p <= infinity, by a primal-dual
 * interior-point method.
 *
 * Newton's method fails here in both the primal and the dual: the map between weights and dual, v =
 * |t|^(q-1) with t = F'a and 1/p + 1/q = 1, has unbounded or zero slope near 0, where many weights
 * change sign. Therefore each weight gets a bound u_j >= |v_j|. With multiplicities copies_j and
 * G_j = copies_j f_j
 *
 *     minimise (sum copies_j u_j^p)^(1/p)  subject to  G v = y,  |v_j| <= u_j.
 *
 * p_j, m_j >= 0 are the multipliers of the slacks above = u - v and below = u + v; l = p + m.
 * Optimality:
 *     p - m = F'a,   u = t l^(q-1),   sum copies l^q = 1,   p above = m below = 0,
 * where t is the minimised norm. For p = inf, q = 1 and all u equal t. Only l^(q-1) is linearised,
 * a slowly varying function of l for any p; powers of the weights are not. Predictor and corrector
 * after Mehrotra; each step factors one matrix G H^-1 G'. For any a, y.a/|F'a|_q is a lower bound
 * of |v|_p, so the gap is valid independently of the method. */
#include <float.h>
#include <stdio.h>
#include <string.h>

#include "num/linalg/linalg.h"
#include "num/regress/lp_interior.h"

#define TRY LIMN_TRY

enum { STEPS = 150, STALLED = 6 };

typedef struct {
  limn_source *s;
  size_t r, n;
  double q, t, mu, below_1;                  /* below_1: (1 - sum copies l^q)/q */
  double *copies, *above, *below, *p, *m;    /* n */
  double *h, *e, *g, *k, *gap, *c;           /* n: see linearise() */
  double *rp, *rm, *dv, *du, *dp, *dm, *tmp; /* n */
  double *a, *da, *miss, *v1, *x1, *b;       /* r */
  double *matrix, *plain, *block, *scaled;   /* r x r: matrix of the step, G G'; r x block */
  double dt;
  double *best_v, *best_a, best; /* n, r: the iterate of smallest gap */
  const limn_token *token;
} work;

static double v_of(const work *w, size_t j) {
  return (w->below[j] - w->above[j]) / 2;
}

/* out (r) = G x */
static limn_status apply(work *w, double *out, const double *x, limn_err *err) {
  for (size_t j = 0; j < w->n; j++) w->tmp[j] = x[j] * w->copies[j];
  return limn_source_apply(w->s, w->tmp, out, w->token, err);
}

/* to = the Cholesky factor of G diag(1/(copies h)) G'; h = NULL: of G G', and fills copies. */
static limn_status factor(work *w, double *to, const double *h, limn_err *err) {
  size_t r = w->r;
  double trace = 0;
  memset(to, 0, r * r * sizeof *to);
  for (size_t first = 0; first < w->n; first += (size_t)w->s->block) {
    size_t n = w->n - first < w->s->block ? w->n - first : (size_t)w->s->block;
    TRY(limn_source_block(w->s, first, n, w->block, w->copies + first, w->token, err));
    for (size_t j = 0; j < n; j++) {
      double c = w->copies[first + j];
      w->tmp[j] = h ? sqrt(c / h[first + j]) : c;
    }
    for (size_t i = 0; i < r; i++)
      for (size_t j = 0; j < n; j++) w->scaled[i * n + j] = w->block[i * n + j] * w->tmp[j];
    TRY(limn_la_syrk(to, r, w->scaled, n, false, r, n, 1, 1, err));
  }
  for (size_t i = 0; i < r; i++) trace += to[i * r + i];
  for (size_t i = 0; i < r; i++) to[i * r + i] += 1e-15 * trace / (double)r;
  return limn_la_chol(to, r, NULL, err);
}

/* The coefficients of a step. u = t l^(q-1) linearised: du = g dt + k dl + gap. With du and the
 * multipliers eliminated, h dv = f.da + c + e dt (c: see step()). p - m and F'a may differ, by
 * rd. */
static void linearise(work *w, const double *ft) {
  double mass = 0;
  for (size_t j = 0; j < w->n; j++) {
    double up = w->p[j] / w->above[j], down = w->m[j] / w->below[j], l = w->p[j] + w->m[j];
    double power = w->q == 1 ? 1 : pow(l, w->q - 1);
    w->g[j] = power;
    w->k[j] = w->t * (w->q - 1) * power / l;
    w->gap[j] = w->t * power - (w->above[j] + w->below[j]) / 2;
    double scale = 1 + w->k[j] * (up + down);
    w->h[j] = (up + down + 4 * w->k[j] * up * down) / scale;
    w->e[j] = (up - down) / scale;
    w->du[j] = w->p[j] - w->m[j] - ft[j]; /* stored there until step() reads it: minus rd */
    mass += w->copies[j] * power * l;
  }
  w->below_1 = (1 - mass) / w->q;
}

/* The step towards p above = rp + p above, and likewise for rm; rd (n): p - m - F'a, to be
 * removed. */
static limn_status step(work *w, const double *rd, limn_err *err) {
  size_t r = w->r, n = w->n;
  double b2 = w->below_1, schur = 0, top = 0;
  for (size_t j = 0; j < n; j++) {
    double up = w->p[j] / w->above[j], down = w->m[j] / w->below[j];
    double x = w->rp[j] / w->above[j], z = w->rm[j] / w->below[j];
    double scale = 1 + w->k[j] * (up + down), g = w->g[j], many = w->copies[j];
    w->c[j] = -rd[j] - (x - z) + w->e[j] * (w->k[j] * (x + z) + w->gap[j]);
    w->dv[j] = w->c[j] / w->h[j];
    b2 -= many * g / scale * (x + z - (up + down) * w->gap[j]) + many * w->e[j] * g * w->dv[j];
    schur += many * g * g * 4 * up * down / (w->h[j] * scale);
  }
  TRY(apply(w, w->b, w->dv, err));
  for (size_t i = 0; i < r; i++) w->b[i] = w->miss[i] - w->b[i];
  TRY(limn_la_chol_solve(w->b, w->matrix, r, 1, err));
  for (size_t i = 0; i < r; i++) top += w->v1[i] * w->b[i], schur += w->v1[i] * w->x1[i];
  w->dt = (top - b2) / schur;
  for (size_t i = 0; i < r; i++) w->da[i] = w->b[i] - w->x1[i] * w->dt;
  TRY(limn_source_dots(w->s, w->da, w->dv, w->token, err));
  for (size_t j = 0; j < n; j++) {
    double up = w->p[j] / w->above[j], down = w->m[j] / w->below[j];
    double x = w->rp[j] / w->above[j], z = w->rm[j] / w->below[j];
    double scale = 1 + w->k[j] * (up + down);
    double dv = (w->dv[j] + w->c[j] + w->e[j] * w->g[j] * w->dt) / w->h[j];
    double du = (w->g[j] * w->dt + w->k[j] * (x + z + (up - down) * dv) + w->gap[j]) / scale;
    w->dv[j] = dv;
    w->du[j] = du;
    w->dp[j] = x - up * (du - dv);
    w->dm[j] = z - down * (du + dv);
  }
  return LIMN_OK;
}

/* The longest steps (at most 1/0.995) for which slacks and multipliers stay nonnegative. */
#define STOP 0.995
static void reach(const work *w, double *primal, double *dual) {
  double a = 1 / STOP, b = 1 / STOP;
  for (size_t j = 0; j < w->n; j++) {
    double da = w->du[j] - w->dv[j], db = w->du[j] + w->dv[j];
    if (da < 0 && w->above[j] < -a * da) a = -w->above[j] / da;
    if (db < 0 && w->below[j] < -a * db) a = -w->below[j] / db;
    if (w->dp[j] < 0 && w->p[j] < -b * w->dp[j]) b = -w->p[j] / w->dp[j];
    if (w->dm[j] < 0 && w->m[j] < -b * w->dm[j]) b = -w->m[j] / w->dm[j];
  }
  if (w->dt < 0 && w->t < -a * w->dt) a = -w->t / w->dt;
  *primal = a, *dual = b;
}

/* Mean of p above and m below after steps a and b. */
static double complementarity(const work *w, double a, double b) {
  double sum = 0, many = 0;
  for (size_t j = 0; j < w->n; j++) {
    double up = w->above[j] + a * (w->du[j] - w->dv[j]);
    double down = w->below[j] + a * (w->du[j] + w->dv[j]);
    sum += w->copies[j] * (up * (w->p[j] + b * w->dp[j]) + down * (w->m[j] + b * w->dm[j]));
    many += 2 * w->copies[j];
  }
  return sum / many;
}

/* One iteration; ft = F'a. */
static limn_status iterate(work *w, double *ft, limn_err *err) {
  size_t n = w->n;
  linearise(w, ft);
  memcpy(ft, w->du, n * sizeof *ft); /* from here p - m - F'a */
  TRY(factor(w, w->matrix, w->h, err));
  for (size_t j = 0; j < n; j++) {
    w->dv[j] = w->e[j] * w->g[j] / w->h[j];
    w->rp[j] = -w->p[j] * w->above[j];
    w->rm[j] = -w->m[j] * w->below[j];
  }
  TRY(apply(w, w->v1, w->dv, err));
  memcpy(w->x1, w->v1, w->r * sizeof *w->x1);
  TRY(limn_la_chol_solve(w->x1, w->matrix, w->r, 1, err));
  TRY(step(w, ft, err));
  double a, b;
  reach(w, &a, &b);
  double ratio = complementarity(w, a, b) / w->mu, aim = ratio * ratio * ratio * w->mu;
  for (size_t j = 0; j < n; j++) {
    w->rp[j] += aim - w->dp[j] * (w->du[j] - w->dv[j]);
    w->rm[j] += aim - w->dm[j] * (w->du[j] + w->dv[j]);
  }
  TRY(step(w, ft, err));
  reach(w, &a, &b);
  a *= STOP;
  b *= STOP;
  w->mu = complementarity(w, a, b);
  w->t += a * w->dt;
  for (size_t j = 0; j < n; j++) {
    w->above[j] += a * (w->du[j] - w->dv[j]);
    w->below[j] += a * (w->du[j] + w->dv[j]);
    w->p[j] += b * w->dp[j];
    w->m[j] += b * w->dm[j];
  }
  for (size_t i = 0; i < w->r; i++) w->a[i] += b * w->da[i];
  return LIMN_OK;
}

/* miss = y - G v; returns its length. */
static limn_status missed(work *w, const double *v, double *length, limn_err *err) {
  TRY(apply(w, w->miss, v, err));
  for (size_t i = 0; i < w->r; i++) w->miss[i] = w->s->y[i] - w->miss[i];
  *length = limn_length(w->miss, w->r);
  return LIMN_OK;
}

/* Projects v orthogonally onto G v = y. */
static limn_status restore(work *w, double *v, double *off, limn_err *err) {
  TRY(missed(w, v, off, err));
  TRY(limn_la_chol_solve(w->miss, w->plain, w->r, 1, err));
  TRY(limn_source_dots(w->s, w->miss, w->tmp, w->token, err));
  for (size_t j = 0; j < w->n; j++) v[j] += w->tmp[j] * w->copies[j];
  return LIMN_OK;
}

static double gap_of(const work *w, const double *v, const double *a, const double *ft, double p,
                     double *norm) {
  double bound = 0;
  for (size_t i = 0; i < w->r; i++) bound += a[i] * w->s->y[i];
  *norm = limn_source_norm(v, w->copies, w->n, p);
  return *norm > 0 ? fabs(1 - bound / limn_source_norm(ft, w->copies, w->n, w->q) / *norm) : 0;
}

/* The start: the minimum-norm v, equal bounds above it, equal multipliers, a = 0. */
static limn_status start(work *w, limn_err *err) {
  double top = 0, many = 0, off;
  TRY(factor(w, w->plain, NULL, err));
  memset(w->dv, 0, w->n * sizeof *w->dv);
  TRY(restore(w, w->dv, &off, err));
  for (size_t j = 0; j < w->n; j++) {
    top = fabs(w->dv[j]) > top ? fabs(w->dv[j]) : top;
    many += w->copies[j];
  }
  double each = pow(many, -1 / w->q) / 2;
  for (size_t j = 0; j < w->n; j++) {
    w->above[j] = 1.5 * top - w->dv[j];
    w->below[j] = 1.5 * top + w->dv[j];
    w->p[j] = w->m[j] = each;
  }
  w->t = 1.5 * top * pow(2 * each, 1 - w->q);
  w->mu = 1.5 * top * each;
  return LIMN_OK;
}

static limn_status run(work *w, double *ft, double p, uint64_t *steps, limn_err *err) {
  int since = 0;
  TRY(start(w, err));
  for (int k = 0; k < STEPS; k++) {
    double off, norm;
    for (size_t j = 0; j < w->n; j++) w->dv[j] = v_of(w, j);
    TRY(missed(w, w->dv, &off, err));
    TRY(limn_source_dots(w->s, w->a, ft, w->token, err));
    double gap = k == 0 ? 1 : gap_of(w, w->dv, w->a, ft, p, &norm);
    if (!isfinite(gap + off)) return LIMN_OK; /* overflow: return the best iterate */
    if (gap + off < w->best) {
      since = gap + off < 0.5 * w->best ? 0 : since + 1;
      w->best = gap + off;
      memcpy(w->best_v, w->dv, w->n * sizeof *w->dv);
      memcpy(w->best_a, w->a, w->r * sizeof *w->a);
    } else {
      since++;
    }
    *steps = (uint64_t)k;
    if (w->best < 1e-14 || (since >= STALLED && w->best < 1e-6)) return LIMN_OK;
    limn_err ignored;
    limn_status st = iterate(w, ft, &ignored);
    if (st == LIMN_ENUMERIC || st == LIMN_ENONFINITE)
      return LIMN_OK; /* Cholesky failed; the duality gap bounds the suboptimality */
    if (st) return limn_pass(err, &ignored);
  }
  return LIMN_OK;
}

limn_status limn_lp_high(limn_fit *fit, double *weights, double *dual, limn_source *s, double p,
                         int ey, const limn_token *token, limn_err *err) {
  size_t r = s->rows, n = (size_t)s->count, b = (size_t)s->block;
  limn_pool pool = {.used = 0};
  work w = {
      .s = s, .r = r, .n = n, .q = isinf(p) ? 1 : p / (p - 1), .best = INFINITY, .token = token};
  double **vectors[] = {&w.copies, &w.above, &w.below, &w.p,   &w.m,     &w.h,  &w.e,
                        &w.g,      &w.k,     &w.gap,   &w.c,   &w.rp,    &w.rm, &w.dv,
                        &w.du,     &w.dp,    &w.dm,    &w.tmp, &w.best_v};
  double **small[] = {&w.a, &w.da, &w.miss, &w.v1, &w.x1, &w.b, &w.best_a};
  for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) *vectors[i] = limn_take(&pool, n);
  for (size_t i = 0; i < sizeof small / sizeof *small; i++) *small[i] = limn_take(&pool, r);
  w.matrix = limn_take(&pool, r * r), w.plain = limn_take(&pool, r * r);
  w.block = limn_take(&pool, r * b), w.scaled = limn_take(&pool, r * b);
  double *ft = limn_take(&pool, n), off = INFINITY;
  limn_status st =
      pool.failed ? limn_nomem(err, "work space", pool.failed, sizeof(double)) : LIMN_OK;
  if (!st) st = run(&w, ft, p, &fit->iterations, err);
  if (!st) st = restore(&w, w.best_v, &off, err);
  if (!st) st = missed(&w, w.best_v, &off, err);
  if (!st) st = limn_source_dots(s, w.best_a, ft, token, err);
  if (!st) { /* the gap of the returned weights */
    double norm, size;
    fit->gap = gap_of(&w, w.best_v, w.best_a, ft, p, &norm);
    size = limn_source_norm(ft, w.copies, w.n, w.q);
    for (size_t j = 0; j < n; j++) w.tmp[j] = w.best_v[j] * w.copies[j];
    if (s->white) st = limn_source_missed(s, w.tmp, &off, token, err);
    for (size_t j = 0; j < n; j++) w.tmp[j] = ldexp(w.best_v[j] * w.copies[j], ey - s->ex);
    if (weights) limn_source_expand(s, w.tmp, weights);
    if (dual) limn_source_dual(s, w.best_a, dual);
    /* |F'a|_q = |v|_p^(p-1), so that v = |F'a|^(q-1); 1 if not finite */
    fit->norm = ldexp(norm, ey - s->ex);
    double units = isinf(p) ? 1 : pow(fit->norm, p - 1);
    if (!isnormal(units)) units = 1;
    for (size_t i = 0; dual && i < s->x.points; i++) dual[i] *= ldexp(units / size, -s->ex);
    fit->residual = ldexp(hypot(off, s->outside), ey);
    fit->rank = r;
    if (!(fit->gap < 1e-6 && off < 1e-8))
      st = limn_fail(err, LIMN_ENUMERIC,
                     "no convergence in %llu interior-point steps (norm %g): gap %.1e, residual "
                     "%.1e of the labels",
                     (unsigned long long)fit->iterations, p, fit->gap, off);
  }
  limn_pool_free(&pool);
  return st;
}
