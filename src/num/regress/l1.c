/* l1.c: minimum |w|_1 interpolation: a working set of columns, an interior-point method on this
 * set, and an exact solution on the optimal face.
 *
 *   minimise sum(x + z)  subject to  F (x - z) = y,  x, z >= 0         (w = x - z)
 *   maximise a.y  subject to  |f_j.a| <= 1;   slacks  p = 1 - F'a,  m = 1 + F'a */
#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "num/linalg/linalg.h"
#include "num/regress/full_rank.h"
#include "num/regress/minnorm/dense.h"

#define TRY LIMN_TRY

/* The working set, and the restricted problem. */
typedef struct {
  limn_source *s;
  size_t r, n, room;
  size_t *index;                         /* indices of the distinct columns */
  double *f, *copies;                    /* (r, n), n */
  double *x, *z, *p, *m;                 /* n */
  double *theta, *rx, *rz, *g, *dx, *dz; /* n */
  double *a, *da, *b, *miss;             /* r */
  double *k, *scaled;                    /* r x r, r x n */
  limn_pool pool;
  const limn_token *token;
} work;

static void release(work *w) {
  limn_pool_free(&w->pool);
}

static limn_status take_in(work *w, const size_t *index, size_t n, limn_err *err) {
  size_t r = w->r;
  w->n = n;
  w->index = (size_t *)(void *)limn_take(&w->pool, n);
  double **vectors[] = {&w->copies, &w->x,  &w->z, &w->p,  &w->m, &w->theta,
                        &w->rx,     &w->rz, &w->g, &w->dx, &w->dz};
  double **small[] = {&w->a, &w->da, &w->b, &w->miss};
  for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
    *vectors[i] = limn_take(&w->pool, n);
  for (size_t i = 0; i < sizeof small / sizeof *small; i++) *small[i] = limn_take(&w->pool, r);
  w->f = limn_take(&w->pool, r * n), w->scaled = limn_take(&w->pool, r * n),
  w->k = limn_take(&w->pool, r * r);
  if (w->pool.failed) return limn_nomem(err, "the working set", w->pool.failed, sizeof(double));
  memcpy(w->index, index, n * sizeof *index);
  return limn_source_gather(w->s, index, n, w->f, w->copies, w->token, err);
}

/* Factors F diag(by) F' + add times the mean of its diagonal; by = NULL: ones. */
static limn_status factor(work *w, const double *by, double add, limn_err *err) {
  size_t r = w->r, n = w->n;
  double trace = 0;
  for (size_t i = 0; i < r; i++)
    for (size_t j = 0; j < n; j++) w->scaled[i * n + j] = w->f[i * n + j] * (by ? sqrt(by[j]) : 1);
  TRY(limn_la_syrk(w->k, r, w->scaled, n, false, r, n, 1, 0, err));
  for (size_t i = 0; i < r; i++) trace += w->k[i * r + i];
  for (size_t i = 0; i < r; i++) w->k[i * r + i] += add * trace / (double)r;
  return limn_la_chol(w->k, r, NULL, err);
}

static limn_status times(const work *w, double *out, const double *v, limn_err *err) {
  return limn_la_gemv(out, w->f, w->n, false, v, w->r, w->n, 1, 0, err);
}

static limn_status dots(const work *w, double *out, const double *a, limn_err *err) {
  return limn_la_gemv(out, w->f, w->n, true, a, w->r, w->n, 1, 0, err);
}

/* Newton step for the targets rx of x p and rz of z m. The dual stays feasible: dp = -F'da, dm =
 * F'da. */
static limn_status step(work *w, limn_err *err) {
  for (size_t j = 0; j < w->n; j++) w->g[j] = w->rx[j] / w->p[j] - w->rz[j] / w->m[j];
  TRY(times(w, w->da, w->g, err));
  for (size_t i = 0; i < w->r; i++) w->da[i] = w->miss[i] - w->da[i];
  TRY(limn_la_chol_solve(w->da, w->k, w->r, 1, err));
  TRY(dots(w, w->g, w->da, err));
  for (size_t j = 0; j < w->n; j++) {
    w->dx[j] = (w->rx[j] + w->x[j] * w->g[j]) / w->p[j];
    w->dz[j] = (w->rz[j] - w->z[j] * w->g[j]) / w->m[j];
  }
  return LIMN_OK;
}

static void reach(const work *w, double *primal, double *dual) {
  double a = 1 / 0.995, b = 1 / 0.995; /* a full step stays inside, too */
  for (size_t j = 0; j < w->n; j++) {
    if (w->dx[j] < 0 && w->x[j] < -a * w->dx[j]) a = -w->x[j] / w->dx[j];
    if (w->dz[j] < 0 && w->z[j] < -a * w->dz[j]) a = -w->z[j] / w->dz[j];
    if (w->g[j] > 0 && w->p[j] < b * w->g[j]) b = w->p[j] / w->g[j];
    if (w->g[j] < 0 && w->m[j] < -b * w->g[j]) b = -w->m[j] / w->g[j];
  }
  *primal = a, *dual = b;
}

static double complementarity(const work *w, double a, double b) {
  double sum = 0;
  for (size_t j = 0; j < w->n; j++)
    sum += (w->x[j] + a * w->dx[j]) * (w->p[j] - b * w->g[j]) +
           (w->z[j] + a * w->dz[j]) * (w->m[j] + b * w->g[j]);
  return sum / (2 * (double)w->n);
}

static limn_status iterate(work *w, double mu, limn_err *err) {
  for (size_t j = 0; j < w->n; j++) {
    w->theta[j] = w->x[j] / w->p[j] + w->z[j] / w->m[j];
    w->rx[j] = -w->x[j] * w->p[j];
    w->rz[j] = -w->z[j] * w->m[j];
  }
  TRY(times(w, w->miss, w->x, err));
  TRY(times(w, w->b, w->z, err));
  for (size_t i = 0; i < w->r; i++) w->miss[i] = w->s->y[i] - w->miss[i] + w->b[i];
  TRY(factor(w, w->theta, 1e-16, err));
  TRY(step(w, err));
  double a, b;
  reach(w, &a, &b);
  double ratio = complementarity(w, a, b) / mu, aim = ratio * ratio * ratio * mu;
  for (size_t j = 0; j < w->n; j++) {
    w->rx[j] += aim + w->dx[j] * w->g[j];
    w->rz[j] += aim - w->dz[j] * w->g[j];
  }
  TRY(step(w, err));
  reach(w, &a, &b);
  a *= 0.995;
  b *= 0.995;
  for (size_t j = 0; j < w->n; j++) {
    w->x[j] += a * w->dx[j], w->z[j] += a * w->dz[j];
  }
  for (size_t i = 0; i < w->r; i++) w->a[i] += b * w->da[i];
  TRY(dots(w, w->g, w->a, err));
  for (size_t j = 0; j < w->n;
       j++) { /* recomputed from a, so that errors do not accumulate; kept > 0 */
    double p = 1 - w->g[j], m = 1 + w->g[j];
    w->p[j] = p > DBL_EPSILON ? p : DBL_EPSILON;
    w->m[j] = m > DBL_EPSILON ? m : DBL_EPSILON;
  }
  return LIMN_OK;
}

/* Solves the restricted problem to a relative gap of about 1e-10. */
static limn_status interior(work *w, uint64_t *steps, limn_err *err) {
  size_t n = w->n;
  limn_err ignored;
  TRY(factor(w, NULL, 0, err));
  memcpy(w->b, w->s->y, w->r * sizeof *w->b);
  TRY(limn_la_chol_solve(w->b, w->k, w->r, 1, err));
  TRY(dots(w, w->g, w->b, err));
  double mean = 0, last = INFINITY;
  for (size_t j = 0; j < n; j++) mean += fabs(w->g[j]) / (double)n;
  for (size_t j = 0; j < n; j++) {
    w->x[j] = (w->g[j] > 0 ? w->g[j] : 0) + mean;
    w->z[j] = (w->g[j] < 0 ? -w->g[j] : 0) + mean;
    w->p[j] = w->m[j] = 1;
  }
  for (int k = 0; k < 80; k++) {
    double sum = 0, reward = 0;
    for (size_t j = 0; j < n; j++) sum += w->x[j] + w->z[j];
    for (size_t i = 0; i < w->r; i++) reward += w->a[i] * w->s->y[i];
    double gap = 1 - reward / sum;
    if (gap < 1e-11 || (k > 20 && gap < 1e-8 && gap > last / 2)) break;
    last = gap;
    double mu = 0;
    for (size_t j = 0; j < n; j++) mu += (w->x[j] * w->p[j] + w->z[j] * w->m[j]) / (2 * (double)n);
    limn_status st = iterate(w, mu, &ignored);
    if ((st == LIMN_ENUMERIC || st == LIMN_ENONFINITE) && gap < 1e-5) break;
    if (st) return limn_pass(err, &ignored);
    if (limn_cancelled(w->token)) return limn_stopped(err);
    ++*steps;
  }
  return LIMN_OK;
}

/* ---- the optimal face ---- */

/* Minimum |v|_2 with v >= 0 and G v = y, G (r,n): v = max(G'b, 0), b by Newton on the piecewise
 * quadratic |max(G'b,0)|^2/2 - b.y. *off: the residual. */
static limn_status nonnegative(double *v, double *off, const double *g, size_t r, size_t n,
                               const double *y, limn_err *err) {
  limn_pool pool = {.used = 0};
  double *b = limn_take(&pool, r), *t = limn_take(&pool, n), *gp = limn_take(&pool, r * n),
         *k = limn_take(&pool, r * r);
  double *grad = limn_take(&pool, r), *u = limn_take(&pool, n);
  limn_status st = pool.failed ? limn_nomem(err, "the face", pool.failed, sizeof *b) : LIMN_OK;
  *off = INFINITY;
  for (size_t j = 0; j < n; j++) v[j] = 1; /* first step: all columns */
  for (int it = 0; it < 60 && !st; it++) {
    double trace = 0, best = INFINITY, s = 1, pick = 0;
    if (it > 0) st = limn_la_gemv(t, g, n, true, b, r, n, 1, 0, err);
    for (size_t j = 0; j < n; j++) {
      bool in = it == 0 || t[j] > 0;
      v[j] = in && it > 0 ? t[j] : 0;
      for (size_t i = 0; i < r; i++) gp[i * n + j] = in ? g[i * n + j] : 0;
    }
    if (!st) st = limn_la_gemv(grad, g, n, false, v, r, n, 1, 0, err);
    for (size_t i = 0; i < r; i++) grad[i] = y[i] - grad[i];
    *off = limn_length(grad, r);
    if (*off < 1e-14) break;
    if (!st) st = limn_la_syrk(k, r, gp, n, false, r, n, 1, 0, err);
    for (size_t i = 0; i < r; i++) trace += k[i * r + i];
    for (size_t i = 0; i < r; i++) k[i * r + i] += 1e-13 * trace / (double)r;
    if (!st && limn_la_chol(k, r, NULL, err)) break; /* too few columns: return the iterate */
    if (!st) st = limn_la_chol_solve(grad, k, r, 1, err);
    if (!st) st = limn_la_gemv(u, g, n, true, grad, r, n, 1, 0, err);
    for (; !st && s > 1e-6; s /= 2) { /* the best of a few step lengths; the function is convex */
      double value = 0;
      for (size_t j = 0; j < n; j++)
        value += t[j] + s * u[j] > 0 ? (t[j] + s * u[j]) * (t[j] + s * u[j]) / 2 : 0;
      for (size_t i = 0; i < r; i++) value -= y[i] * (b[i] + s * grad[i]);
      if (value >= best) break;
      best = value, pick = s;
    }
    for (size_t i = 0; i < r; i++) b[i] += pick * grad[i];
  }
  limn_pool_free(&pool);
  return st;
}

/* Changes a (rows), as little as possible, so that g_j.a = sqrt(copies_j) exactly where v_j > 0. */
static limn_status sharpen(double *a, const double *g, const double *copies, const double *v,
                           size_t r, size_t n, const limn_token *token, limn_err *err) {
  size_t used = 0, at = 0;
  double top = 0;
  for (size_t j = 0; j < n; j++) top = v[j] > top ? v[j] : top;
  for (size_t j = 0; j < n; j++) used += v[j] > 1e-10 * top;
  limn_pool pool = {.used = 0};
  double *t = limn_take(&pool, used * r), *b = limn_take(&pool, used), *da = limn_take(&pool, r);
  limn_status st = pool.failed ? limn_nomem(err, "the face", pool.failed, sizeof *t) : LIMN_OK;
  for (size_t j = 0; !st && j < n; j++) {
    if (!(v[j] > 1e-10 * top)) continue;
    long double off = sqrt(copies[j]);
    for (size_t i = 0; i < r; i++)
      t[at * r + i] = g[i * n + j], off -= (long double)g[i * n + j] * a[i];
    b[at++] = (double)off;
  }
  limn_fit inner;
  memset(&inner, 0, sizeof inner);
  if (!st) st = limn_dense_minnorm(&inner, da, NULL, t, used, r, b, token, err);
  for (size_t i = 0; !st && i < r; i++) a[i] += da[i];
  limn_pool_free(&pool);
  return st;
}

/* The exact solution on the face: columns with |t_j| near 1, with their signs and times
 * sqrt(copies); *rank: their rank. The answer is written to total (n distinct columns) if it is
 * feasible to 1e-10 and its |w|_1 is at most `limit`. */
static limn_status on_face(bool *done, double *total, double *a, limn_fit *fit, limn_source *s,
                           const double *t, double near, double limit, const limn_token *token,
                           limn_err *err) {
  size_t r = s->rows, n = 0, all = (size_t)s->count;
  for (size_t j = 0; j < all; j++) n += fabs(t[j]) >= 1 - near;
  *done = false;
  if (n == 0) return LIMN_OK;
  limn_pool pool = {.used = 0};
  size_t *index = (size_t *)(void *)limn_take(&pool, n), at = 0;
  double *g = limn_take(&pool, r * n), *copies = limn_take(&pool, n), *v = limn_take(&pool, n),
         off = INFINITY;
  limn_status st = pool.failed ? limn_nomem(err, "the face", pool.failed, sizeof *g) : LIMN_OK;
  for (size_t j = 0; !st && j < all; j++)
    if (fabs(t[j]) >= 1 - near) index[at++] = j;
  if (!st) st = limn_source_gather(s, index, n, g, copies, token, err);
  for (size_t i = 0; !st && i < r; i++)
    for (size_t j = 0; j < n; j++) g[i * n + j] *= copysign(sqrt(copies[j]), t[index[j]]);
  /* usually the minimum-norm solution is already nonnegative, and exact */
  limn_fit inner;
  memset(&inner, 0, sizeof inner);
  if (!st) st = limn_dense_minnorm(&inner, v, NULL, g, r, n, s->y, token, err);
  double least = 0, top = 0;
  for (size_t j = 0; !st && j < n; j++) {
    least = v[j] < least ? v[j] : least;
    top = v[j] > top ? v[j] : top;
  }
  off = inner.residual;
  if (!st && (least < -1e-12 * top || off > 1e-10)) st = nonnegative(v, &off, g, r, n, s->y, err);
  double sum = 0;
  for (size_t j = 0; !st && j < n; j++) sum += v[j] > 0 ? v[j] * sqrt(copies[j]) : 0;
  if (!st && off <= 1e-10 && sum <= limit) {
    memset(total, 0, all * sizeof *total);
    for (size_t j = 0; j < n; j++)
      total[index[j]] = copysign((v[j] > 0 ? v[j] : 0) * sqrt(copies[j]), t[index[j]]);
    fit->degenerate = n - (inner.rank < n ? inner.rank : n);
    *done = true;
    st = sharpen(a, g, copies, v, r, n, token, err);
  }
  limn_pool_free(&pool);
  return st;
}

/* ---- extending the working set ---- */

static int descending(const void *a, const void *b) {
  double p = *(const double *)a, q = *(const double *)b;
  return p > q ? -1 : p < q;
}

/* The `want` columns of largest |t|. Columns that tie with the last one are omitted, unless too few
 * would be left. */
static limn_status largest(size_t *index, size_t *n, const double *t, size_t all, size_t want,
                           double above, limn_err *err) {
  double *sorted = limn_alloc(all, sizeof *sorted);
  if (!sorted) return limn_nomem(err, "prices", all, sizeof *sorted);
  size_t many = 0;
  for (size_t j = 0; j < all; j++)
    if (fabs(t[j]) > above) sorted[many++] = fabs(t[j]);
  double cut = above;
  if (many > want) {
    qsort(sorted, many, sizeof *sorted, descending);
    cut = sorted[want - 1];
  }
  *n = 0;
  for (size_t j = 0; j < all && *n < want; j++)
    if (fabs(t[j]) > above && fabs(t[j]) > cut) index[(*n)++] = j;
  for (size_t j = 0; j < all && *n < want; j++)
    if (fabs(t[j]) > above && fabs(t[j]) == cut) index[(*n)++] = j;
  limn_free(sorted);
  return LIMN_OK;
}

/* Initial prices: the least-squares dual K b = y over all columns. */
static limn_status first_prices(limn_source *s, double *t, const limn_token *token, limn_err *err) {
  size_t r = s->rows;
  double *k = limn_alloc(r * r, sizeof *k), *b = limn_alloc(r, sizeof *b),
         *f = limn_alloc(r * (size_t)s->block, sizeof *f);
  limn_status st = k && b && f ? LIMN_OK : limn_nomem(err, "the Gram matrix", r * r, sizeof *k);
  for (uint64_t first = 0; !st && first < s->count; first += s->block) {
    size_t n = (size_t)(s->count - first < s->block ? s->count - first : s->block);
    st = limn_source_block(s, first, n, f, NULL, token, err);
    if (!st) st = limn_la_syrk(k, r, f, n, false, r, n, 1, 1, err);
  }
  double trace = 0;
  for (size_t i = 0; !st && i < r; i++) trace += k[i * r + i];
  for (size_t i = 0; !st && i < r; i++) k[i * r + i] += 1e-14 * trace / (double)r, b[i] = s->y[i];
  if (!st) st = limn_la_chol(k, r, NULL, err);
  if (!st) st = limn_la_chol_solve(b, k, r, 1, err);
  if (!st) st = limn_source_dots(s, b, t, token, err);
  limn_free(k), limn_free(b), limn_free(f);
  return st;
}

/* Iterates: solve for the working set, price all columns, add the violators. a (rows): the dual. */
static limn_status rounds(limn_fit *fit, limn_source *s, double *t, double *total, double *a,
                          size_t *index, size_t *more, char *inside, const limn_token *token,
                          limn_err *err) {
  size_t all = (size_t)s->count, n = 0, want = 16 * s->rows < 256 ? 256 : 16 * s->rows;
  limn_err ignored;
  TRY(first_prices(s, t, token, err));
  TRY(largest(index, &n, t, all, want < all ? want : all, -1, err));
  for (size_t j = 0; j < n; j++) inside[index[j]] = 1;
  for (int round = 0; round < 60; round++) {
    work w = {.s = s, .r = s->rows, .token = token};
    limn_status st = take_in(&w, index, n, err);
    bool tried = !st;
    if (tried) st = interior(&w, &fit->iterations, &ignored);
    bool short_of_rank = tried && st == LIMN_ENUMERIC && n < all;
    if (tried && st && !short_of_rank) limn_pass(err, &ignored);
    if (!st) {
      memcpy(a, w.a, s->rows * sizeof *a);
      memset(total, 0, all * sizeof *total);
      for (size_t j = 0; j < n; j++) total[w.index[j]] = w.x[j] - w.z[j];
      st = limn_source_dots(s, a, t, token, err);
    }
    release(&w);
    if (st && !short_of_rank) return st;
    size_t added = 0;
    double above = 1 + 1e-9;
    if (!short_of_rank) {
      double top = 0;
      for (size_t j = 0; j < all; j++) top = !inside[j] && fabs(t[j]) > top ? fabs(t[j]) : top;
      if (top <= above) return LIMN_OK;
      for (size_t j = 0; j < all; j++)
        if (inside[j])
          t[j] = 0; /* only other columns are candidates; t is recomputed in the next iteration */
    } else {
      above = -1;
      for (size_t j = 0; j < all; j++)
        if (inside[j]) t[j] = NAN;
    }
    TRY(largest(more, &added, t, all, n, above, err));
    for (size_t j = 0; j < added; j++) index[n + j] = more[j], inside[more[j]] = 1;
    n += added;
    if (added == 0) break;
    if (short_of_rank) TRY(first_prices(s, t, token, err));
  }
  return limn_source_dots(s, a, t, token, err);
}

static limn_status solve(limn_fit *fit, double *weights, double *dual, limn_source *s, int ey,
                         const limn_token *token, limn_err *err) {
  size_t all = (size_t)s->count;
  limn_pool pool = {.used = 0};
  double *t = limn_take(&pool, all), *total = limn_take(&pool, all), *a = limn_take(&pool, s->rows);
  double off = INFINITY;
  size_t *index = (size_t *)(void *)limn_take(&pool, all),
         *more = (size_t *)(void *)limn_take(&pool, all);
  char *inside = (char *)(void *)limn_take(&pool, all / 8 + 1);
  limn_status st = pool.failed ? limn_nomem(err, "work space", pool.failed, sizeof *t) : LIMN_OK;
  if (!st) st = rounds(fit, s, t, total, a, index, more, inside, token, err);
  bool exact = false;
  static const double nears[] = {1e-9, 1e-7, 1e-5, 1e-3};
  double limit = 0;
  for (size_t j = 0; j < all && !st; j++) limit += fabs(total[j]) * (1 + 1e-9);
  for (size_t i = 0; !st && !exact && i < sizeof nears / sizeof *nears; i++)
    st = on_face(&exact, total, a, fit, s, t, nears[i], limit, token, err);
  double sum = 0, reward = 0, top = 0;
  if (!st && exact) st = limn_source_dots(s, a, t, token, err);
  if (!st) st = limn_source_missed(s, total, &off, token, err);
  if (!st) {
    for (size_t j = 0; j < all; j++) {
      sum += fabs(total[j]);
      top = fabs(t[j]) > top ? fabs(t[j]) : top;
    }
    for (size_t i = 0; i < s->rows; i++) reward += a[i] * s->y[i];
    for (size_t i = 0; i < s->rows; i++) a[i] /= top > 1 ? top : 1;
    fit->gap = sum > 0 ? fabs(1 - reward / (top > 1 ? top : 1) / sum) : 0;
    fit->norm = ldexp(sum, ey - s->ex);
    fit->residual = ldexp(hypot(off, s->outside), ey);
    fit->rank = s->rows;
    for (size_t j = 0; j < all; j++) total[j] = ldexp(total[j], ey - s->ex);
    if (weights) limn_source_expand(s, total, weights);
    if (dual) limn_source_dual(s, a, dual);
    for (size_t i = 0; dual && i < s->x.points; i++) dual[i] = ldexp(dual[i], -s->ex);
    snprintf(fit->method, sizeof fit->method, "interior point on a working set of columns, %s",
             exact ? "then exact on the optimal face (least L2 norm)" : "not refined on the face");
    if (!(fit->gap < 1e-7 && off < 1e-7))
      st = limn_fail(
          err, LIMN_ENUMERIC,
          "no convergence in %llu interior-point steps: gap %.1e, residual %.1e of the labels",
          (unsigned long long)fit->iterations, fit->gap, off);
  }
  limn_pool_free(&pool);
  return st;
}

limn_status limn_regress_l1(limn_fit *fit, double *weights, double *dual, const limn_design *x,
                            const double *y, const limn_token *token, limn_err *err) {
  memset(fit, 0, sizeof *fit);
  fit->gap = fit->rcond = NAN;
  TRY(limn_design_check(x, y, err));
  size_t d = (size_t)x->points;
  double length = limn_length(y, d);
  int ey = 0;
  frexp(length, &ey);
  double *unit = limn_alloc(d, sizeof *unit);
  if (!unit) return limn_nomem(err, "the labels", d, sizeof *unit);
  for (size_t i = 0; i < d; i++) unit[i] = ldexp(y[i], -ey);
  limn_source s;
  limn_status st = limn_source_open(&s, x, unit, LIMN_WHITE, token, err);
  if (!st && limn_length(s.y, s.rows) <= 1e-12) {
    if (weights) memset(weights, 0, (size_t)x->count * sizeof *weights);
    if (dual) memset(dual, 0, d * sizeof *dual);
    fit->residual = length, fit->gap = 0, fit->rank = s.rows;
    snprintf(fit->method, sizeof fit->method, "labels orthogonal to every feature");
  } else if (!st) {
    bool unique;
    st = limn_unique(&unique, fit, weights, dual, &s, unit, 1, ey, token, err);
    if (!st && !unique) st = solve(fit, weights, dual, &s, ey, token, err);
  }
  if (st == LIMN_OK || st == LIMN_ENUMERIC) {
    fit->has_dual = true;
    limn_fit_judge(fit, fit->residual, length, d, (size_t)x->count);
  }
  limn_source_free(&s);
  limn_free(unit);
  return st;
}
