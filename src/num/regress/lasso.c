/* lasso.c: the lasso for a list of lambda: an active-set search that is exact on the working set
 * (coordinate descent in case of ties), and a pass over all columns that adds those that violate
 * |f_j.r| <= lambda. */
#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "num/linalg/linalg.h"
#include "num/regress/columns.h"

#define TRY LIMN_TRY

#define DEPENDENT                                                                                  \
  1e-7 /* sine of the angle to the support's span below which a column counts as dependent */

enum { ROUNDS = 200, SWEEPS = 400 };

typedef struct {
  limn_source *s;
  size_t r, n, room, used; /* rows, distinct columns, capacity and size of the working set */
  size_t *index;           /* column at position k */
  char *inside;            /* n: whether in the working set */
  double *f, *v, *square;  /* room x r: the columns; weights; squared lengths */
  double *res, *y, *t;     /* r, r, n */
  double *g, *b, *h, *row; /* L of the support (r x r); r: right-hand side, solution, residual */
  double *held, *turn;     /* r x r: columns of the support; 2 r: rotations */
  double *sign, *pull;     /* room: signs of the active set; f.r */
  size_t m;                /* columns in the support */
  bool known;              /* support and factors match the weights */
  size_t *support;
  uint64_t *moves; /* counter of steps */
  double lambda;
  const limn_token *token;
} work;

static double dot(const double *a, const double *b, size_t n) {
  return limn_la_dot(a, b, n);
}

static void residual(work *w) {
  memcpy(w->res, w->y, w->r * sizeof *w->res);
  for (size_t k = 0; k < w->used; k++)
    for (size_t i = 0; w->v[k] != 0 && i < w->r; i++) w->res[i] -= w->v[k] * w->f[k * w->r + i];
}

/* One pass of coordinate descent; returns the largest change of a fitted column. */
static double sweep(work *w) {
  double most = 0;
  w->known = false;
  for (size_t k = 0; k < w->used; k++) {
    const double *f = w->f + k * w->r;
    double want = dot(f, w->res, w->r) + w->square[k] * w->v[k];
    double now = fabs(want) > w->lambda ? (want - copysign(w->lambda, want)) / w->square[k] : 0,
           by = now - w->v[k];
    if (by == 0) continue;
    for (size_t i = 0; i < w->r; i++) w->res[i] -= by * f[i];
    w->v[k] = now;
    most = fmax(most, fabs(by) * sqrt(w->square[k]));
  }
  return most;
}

/* In place: b (m) becomes G^-1 b. */
static limn_status solve_gram(const work *w, double *b, limn_err *err) {
  if (w->m == 0) return LIMN_OK;
  TRY(limn_la_trsm(b, 1, w->g, w->r, false, false, w->m, 1, err));
  return limn_la_trsm(b, 1, w->g, w->r, false, true, w->m, 1, err);
}

/* Column k enters the support, unless it depends on it (then *sound = false and nothing
 * changes). */
static limn_status enter(bool *sound, work *w, size_t k, limn_err *err) {
  size_t m = w->m, r = w->r;
  const double *f = w->f + k * r;
  double *l = w->g + m * r, left = w->square[k];
  *sound = false;
  if (m == r) return LIMN_OK;
  if (m > 0) TRY(limn_la_gemv(l, w->held, r, false, f, m, r, 1, 0, err));
  if (m > 0) TRY(limn_la_trsm(l, 1, w->g, r, false, false, m, 1, err));
  for (size_t p = 0; p < m; p++) left -= l[p] * l[p];
  if (!(left > DEPENDENT * DEPENDENT * w->square[k])) return LIMN_OK;
  l[m] = sqrt(left);
  memcpy(w->held + m * r, f, r * sizeof *f);
  w->support[w->m++] = k;
  *sound = true;
  return LIMN_OK;
}

/* Entry p leaves the support: without its row, L has one superdiagonal entry in each row from p;
 * rotations of adjacent columns remove them, row by row. */
static void leave(work *w, size_t p) {
  size_t r = w->r, after = --w->m - p;
  double *c = w->turn, *s = w->turn + r;
  memmove(w->support + p, w->support + p + 1, after * sizeof *w->support);
  memmove(w->held + p * r, w->held + (p + 1) * r, after * r * sizeof *w->held);
  memmove(w->g + p * r, w->g + (p + 1) * r, after * r * sizeof *w->g);
  for (size_t q = p; q < w->m; q++) {
    double *l = w->g + q * r;
    for (size_t k = p; k < q; k++) {
      double left = c[k] * l[k] + s[k] * l[k + 1];
      l[k + 1] = c[k] * l[k + 1] - s[k] * l[k];
      l[k] = left;
    }
    double length = hypot(l[q], l[q + 1]);
    c[q] = l[q] / length, s[q] = l[q + 1] / length;
    l[q] = length;
  }
}

/* The support is the columns with nonzero weight; its factors are reused until something else
 * changes the support. */
static limn_status gather(bool *sound, work *w, limn_err *err) {
  *sound = true;
  if (w->known) return LIMN_OK;
  w->m = 0;
  for (size_t k = 0; k < w->used; k++) {
    w->sign[k] = (w->v[k] > 0) - (w->v[k] < 0);
    if (w->sign[k] != 0 && *sound) TRY(enter(sound, w, k, err));
  }
  w->known = *sound;
  return LIMN_OK;
}

/* The stationary point for the current signs: h, with residual row; refined once if requested. */
static limn_status stationary(work *w, bool refine, limn_err *err) {
  size_t r = w->r, m = w->m;
  memset(w->h, 0, r * sizeof *w->h);
  for (int step = 0; step < 3;
       step++) { /* the solve and a refinement: lambda sign = F'(y - F h) on the support */
    memcpy(w->row, w->y, r * sizeof *w->row);
    if (m > 0 && step > 0) TRY(limn_la_gemv(w->row, w->held, r, true, w->h, m, r, -1, 1, err));
    if (step == (refine ? 2 : 1) || m == 0) break;
    TRY(limn_la_gemv(w->b, w->held, r, false, w->row, m, r, 1, 0, err));
    for (size_t p = 0; p < m; p++) w->b[p] -= w->lambda * w->sign[w->support[p]];
    TRY(solve_gram(w, w->b, err));
    for (size_t p = 0; p < m; p++) w->h[p] += w->b[p];
  }
  return LIMN_OK;
}

/* Column `fresh` is to enter but depends on the support: s f = F_S u. Moving along (s, -u) keeps
 * the fit and decreases |w|_1 until a weight of the support is 0; that column leaves and fresh
 * replaces it. */
static limn_status exchange(bool *done, work *w, size_t fresh, limn_err *err) {
  size_t m = w->m, leaves = m;
  double length = INFINITY;
  *done = false;
  if (m == 0) return LIMN_OK;
  TRY(limn_la_gemv(w->b, w->held, w->r, false, w->f + fresh * w->r, m, w->r, w->sign[fresh], 0,
                   err));
  TRY(solve_gram(w, w->b, err));
  for (size_t p = 0; p < m; p++) {
    double v = w->v[w->support[p]];
    if (w->b[p] * w->sign[w->support[p]] > 0 && v / w->b[p] < length)
      length = v / w->b[p], leaves = p;
  }
  if (leaves == m) return LIMN_OK;
  for (size_t p = 0; p < m; p++) w->v[w->support[p]] -= length * w->b[p];
  w->v[w->support[leaves]] = w->sign[w->support[leaves]] = 0;
  w->v[fresh] = length * w->sign[fresh];
  leave(w, leaves);
  return enter(done, w, fresh, err);
}

/* Active-set search from the current point: move to the stationary point of the signs. If a weight
 * would change sign, the move stops there and the column leaves. At the stationary point the worst
 * violator of |f.r| <= lambda enters. Each move decreases the objective, so the search ends. *done:
 * at the optimum of the working set. */
static limn_status search(bool *done, work *w, limn_err *err) {
  size_t r = w->r;
  bool sound, refine = false;
  *done = false;
  TRY(gather(&sound, w, err));
  for (size_t move = 0; sound && move < 20 * r + 100; move++) {
    ++*w->moves;
    size_t leaves = w->m, enters = w->used;
    double fraction = 1, worst = w->lambda * (1 + 1e-10);
    TRY(stationary(w, refine, err));
    for (size_t p = 0; p < w->m; p++) {
      double v = w->v[w->support[p]];
      if (w->h[p] * w->sign[w->support[p]] > 0) continue;
      if (v == 0)
        return LIMN_OK; /* entered and would leave at once: a tie, left to coordinate descent */
      if (v / (v - w->h[p]) <= fraction) fraction = v / (v - w->h[p]), leaves = p;
    }
    for (size_t p = 0; p < w->m; p++) {
      double *v = w->v + w->support[p];
      *v = leaves < w->m ? *v + fraction * (w->h[p] - *v) : w->h[p];
    }
    if (leaves < w->m) {
      w->v[w->support[leaves]] = w->sign[w->support[leaves]] = 0;
      leave(w, leaves);
      continue;
    }
    memcpy(w->res, w->row, r * sizeof *w->row);
    TRY(limn_la_gemv(w->pull, w->f, r, false, w->res, w->used, r, 1, 0, err));
    for (size_t k = 0; k < w->used; k++)
      if (w->sign[k] == 0 && fabs(w->pull[k]) > worst) worst = fabs(w->pull[k]), enters = k;
    if (enters == w->used && refine) return *done = true, LIMN_OK;
    refine = enters == w->used; /* recompute the last point to full precision */
    if (refine) continue;
    w->sign[enters] = w->pull[enters] > 0 ? 1 : -1;
    TRY(enter(&sound, w, enters, err));
    if (!sound) TRY(exchange(&sound, w, enters, err));
  }
  return LIMN_OK;
}

/* The search; if it ends early, its factors do not match the weights. */
static limn_status exact(bool *done, work *w, limn_err *err) {
  limn_status st = search(done, w, err);
  w->known = !st && *done;
  return st;
}

/* Adds the largest violators to the working set; idle columns are removed if room is needed.
 * *added: the number added. */
static limn_status take_in(work *w, double above, size_t *added, limn_err *err) {
  size_t r = w->r, want = w->used / 2 + 16, found = 0;
  *added = 0;
  for (size_t j = 0; j < w->n; j++) found += !w->inside[j] && fabs(w->t[j]) > above;
  if (found == 0) return LIMN_OK;
  if (w->used + (found < want ? found : want) > w->room) { /* remove idle columns */
    size_t kept = 0;
    w->known = false;
    for (size_t k = 0; k < w->used; k++) {
      if (w->v[k] == 0) {
        w->inside[w->index[k]] = 0;
        continue;
      }
      if (kept != k) {
        memcpy(w->f + kept * r, w->f + k * r, r * sizeof *w->f);
        w->index[kept] = w->index[k], w->v[kept] = w->v[k], w->square[kept] = w->square[k];
      }
      kept++;
    }
    w->used = kept;
  }
  if (want > w->room - w->used) want = w->room - w->used;
  while (*added <
         want) { /* selection: few are added; one pass each is cheap compared with pricing */
    size_t best = w->n;
    for (size_t j = 0; j < w->n; j++)
      if (!w->inside[j] && fabs(w->t[j]) > above &&
          (best == w->n || fabs(w->t[j]) > fabs(w->t[best])))
        best = j;
    if (best == w->n) break;
    size_t k = w->used++;
    TRY(limn_source_gather(w->s, &best, 1, w->row, NULL, w->token, err));
    memcpy(w->f + k * r, w->row, r * sizeof *w->row);
    w->index[k] = best, w->inside[best] = 1, w->v[k] = w->sign[k] = 0;
    w->square[k] = dot(w->row, w->row, r);
    ++*added;
  }
  return LIMN_OK;
}

/* Relative duality gap at the current point, with t = F'res over all columns. */
static double gap_of(const work *w, double top) {
  double size = 0, rr = dot(w->res, w->res, w->r), by = top > w->lambda ? w->lambda / top : 1;
  for (size_t k = 0; k < w->used; k++) size += fabs(w->v[k]);
  double primal = rr / 2 + w->lambda * size, dual = 0;
  for (size_t i = 0; i < w->r; i++) dual += by * w->res[i] * (w->y[i] - by * w->res[i] / 2);
  return primal > 0 ? fabs(primal - dual) / primal : 0;
}

static limn_status solve(work *w, limn_fit *fit, double *top, limn_err *err) {
  size_t added = 1;
  w->moves = &fit->iterations;
  double size = limn_length(w->y, w->r), limit = w->lambda * (1 + 1e-9);
  for (int round = 0; round < ROUNDS && added > 0; round++) {
    bool done = false;
    TRY(exact(&done, w,
              err)); /* started at the last lambda's solution: a homotopy in large steps */
    residual(w);
    for (int k = 0; k < SWEEPS && !done; k++) {
      double change = sweep(w);
      ++fit->iterations;
      if (change <= 1e-14 * size) break;
      if (k % 16 != 7 && change > 1e-6 * size) continue;
      TRY(exact(&done, w, err));
      residual(w);
    }
    TRY(limn_source_dots(w->s, w->res, w->t, w->token, err));
    *top = 0;
    for (size_t j = 0; j < w->n; j++) *top = fmax(*top, fabs(w->t[j]));
    TRY(take_in(w, limit, &added, err));
  }
  fit->gap = gap_of(w, *top);
  return LIMN_OK;
}

static limn_status each(work *w, limn_fit *fits, double *weights, double *dual,
                        const limn_design *x, double length, const double *lambda, uint64_t lambdas,
                        int ey, double *total, limn_err *err) {
  limn_err why = {.status = LIMN_OK};
  int ex = w->s->ex;
  for (uint64_t l = 0; l < lambdas; l++) {
    double top = 0, size = 0;
    w->lambda = ldexp(lambda[l], -ey - ex);
    TRY(solve(w, &fits[l], &top, err));
    memset(total, 0, w->n * sizeof *total);
    size_t support = 0;
    for (size_t k = 0; k < w->used; k++) {
      total[w->index[k]] = ldexp(w->v[k], ey - ex);
      size += fabs(w->v[k]);
      support += w->v[k] != 0;
    }
    if (weights) limn_source_expand(w->s, total, weights + l * x->count);
    for (size_t i = 0; dual && i < w->r; i++) dual[l * w->r + i] = ldexp(w->res[i], ey);
    fits[l].norm = ldexp(size, ey - ex);
    fits[l].residual = ldexp(limn_length(w->res, w->r), ey);
    fits[l].rank = support;
    fits[l].rcond = NAN;
    fits[l].has_dual = dual != NULL;
    fits[l].interpolates = fits[l].residual <= 1e-9 * length;
    snprintf(fits[l].method, sizeof fits[l].method,
             "active set and coordinate descent on %zu of %llu distinct columns, lambda %g",
             w->used, (unsigned long long)w->n, lambda[l]);
    if (!(fits[l].gap < 1e-6))
      limn_fail(&why, LIMN_ENUMERIC, "no convergence in %llu sweeps (lambda %g): gap %.1e",
                (unsigned long long)fits[l].iterations, lambda[l], fits[l].gap);
    if (limn_cancelled(w->token)) return limn_stopped(err);
  }
  return why.status ? limn_pass(err, &why) : LIMN_OK;
}

static limn_status prepare(work *w, limn_pool *pool, limn_err *err) {
  size_t r = w->r = w->s->rows, n = w->n = (size_t)w->s->count,
         room = w->room = n < 8 * r + 256 ? n : 8 * r + 256;
  w->index = (size_t *)(void *)limn_take(pool, room),
  w->support = (size_t *)(void *)limn_take(pool, r);
  w->inside = (char *)(void *)limn_take(pool, n / 8 + 1);
  w->f = limn_take(pool, room * r), w->v = limn_take(pool, room), w->square = limn_take(pool, room);
  w->res = limn_take(pool, r), w->y = w->s->y, w->t = limn_take(pool, n);
  w->held = limn_take(pool, r * r), w->sign = limn_take(pool, room);
  w->turn = limn_take(pool, 2 * r), w->pull = limn_take(pool, room);
  w->g = limn_take(pool, r * r), w->b = limn_take(pool, r), w->h = limn_take(pool, r),
  w->row = limn_take(pool, r);
  return pool->failed ? limn_nomem(err, "work space", pool->failed, sizeof(double)) : LIMN_OK;
}

/* All features are zero, hence all weights. */
static void nothing(limn_fit *fits, double *weights, double *dual, const limn_design *x,
                    const double *y, uint64_t lambdas) {
  size_t d = (size_t)x->points, n = (size_t)x->count;
  for (uint64_t l = 0; l < lambdas; l++) {
    fits[l].residual = limn_length(y, d);
    fits[l].interpolates = fits[l].residual == 0;
    fits[l].rcond = NAN;
    fits[l].has_dual = true;
    snprintf(fits[l].method, sizeof fits[l].method, "every feature is zero");
    if (weights) memset(weights + l * n, 0, n * sizeof *weights);
    if (dual) memcpy(dual + l * d, y, d * sizeof *dual);
  }
}

limn_status limn_regress_lasso(limn_fit *fits, double *weights, double *dual, double *greatest,
                               const limn_design *x, const double *y, const double *lambda,
                               uint64_t lambdas, const limn_token *token, limn_err *err) {
  if (lambdas == 0 && !greatest)
    return limn_fail_argument(err, LIMN_EINVAL, "lambda", "must hold at least one penalty");
  for (uint64_t l = 0; l < lambdas; l++)
    if (!(lambda[l] > 0) || isinf(lambda[l]))
      return limn_fail_entry(err, LIMN_EINVAL, "lambda", lambdas > 1 ? (int64_t)l : -1, -1,
                             "must be finite and above 0, got %g (for 0 use minnorm or l1)",
                             lambda[l]);
  TRY(limn_design_check(x, y, err));
  memset(fits, 0, (size_t)lambdas * sizeof *fits);
  size_t d = (size_t)x->points;
  int ey = limn_exponent(y, d, 1);
  double *unit = limn_alloc(d, sizeof *unit);
  if (!unit) return limn_nomem(err, "the labels", d, sizeof *unit);
  for (size_t i = 0; i < d; i++) unit[i] = ldexp(y[i], -ey);
  limn_source s;
  limn_pool pool = {.used = 0};
  limn_status st = limn_source_open(&s, x, unit, LIMN_AS_IS, token, err);
  if (!st && s.count == 0) {
    nothing(fits, weights, dual, x, y, lambdas);
    if (greatest) *greatest = 0;
    limn_source_free(&s);
    limn_free(unit);
    return LIMN_OK;
  }
  work w = {.s = &s, .token = token};
  if (!st) st = prepare(&w, &pool, err);
  double *total = limn_take(&pool, (size_t)s.count), top = 0;
  if (!st && !total) st = limn_nomem(err, "weights", (size_t)s.count, sizeof *total);
  if (!st) st = limn_source_dots(&s, s.y, w.t, token, err);
  for (size_t j = 0; !st && j < w.n; j++) top = fmax(top, fabs(w.t[j]));
  if (!st && greatest) *greatest = ldexp(top, ey + s.ex);
  if (!st)
    st = each(&w, fits, weights, dual, x, limn_length(y, d), lambda, lambdas, ey, total, err);
  limn_pool_free(&pool);
  limn_source_free(&s);
  limn_free(unit);
  return st;
}
