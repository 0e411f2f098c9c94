/* lp.c: minimum |w|_p interpolation: the choice of a method, and the method for 1 < p <= 2, Newton
 * on the dual. For p > 2 see lp_interior.c.
 *
 * With t = F'a and copies m_j: g(a) = sum m_j |t_j|^q / q - a.y. Let M = sum m_j |t_j|^(q-2) f_j
 * f_j'. Then grad g = M a - y and the Hessian is (q-1) M, so the Newton direction is (M^-1 y -
 * a)/(q-1). The line search along it is exact. */
#include <float.h>
#include <stdio.h>
#include <string.h>

#include "num/linalg/linalg.h"
#include "num/regress/full_rank.h"
#include "num/regress/lp_interior.h"

#define TRY LIMN_TRY

enum { NEWTON = 200 };

typedef struct {
  limn_source *s;
  size_t r, n;
  double q;
  double *a, *step, *grad, *m, *l, *t, *u, *copies, *block, *scaled;
  double *kept; /* a of the smallest |grad|, or of the last q that converged */
  const limn_token *token;
} work;

/* M, and grad = M a - y, in one pass; t is up to date. */
static limn_status curvature(work *w, limn_err *err) {
  size_t r = w->r;
  memset(w->m, 0, r * r * sizeof *w->m);
  for (size_t i = 0; i < r; i++) w->grad[i] = -w->s->y[i];
  for (size_t first = 0; first < w->n; first += (size_t)w->s->block) {
    size_t n = w->n - first < w->s->block ? w->n - first : (size_t)w->s->block;
    TRY(limn_source_block(w->s, first, n, w->block, w->copies + first, w->token, err));
    for (size_t j = 0; j < n; j++) {
      double size = fabs(w->t[first + j]), c = w->copies[first + j];
      w->u[first + j] = sqrt(c * pow(size, w->q - 2));
    }
    for (size_t i = 0; i < r; i++) {
      double *to = w->scaled + i * n, sum = 0;
      const double *from = w->block + i * n, *t = w->t + first, *u = w->u + first;
      for (size_t j = 0; j < n; j++) to[j] = from[j] * u[j];
      for (size_t j = 0; j < n; j++) sum += to[j] * u[j] * t[j];
      w->grad[i] += sum;
    }
    TRY(limn_la_syrk(w->m, r, w->scaled, n, false, r, n, 1, 1, err));
  }
  return LIMN_OK;
}

/* step = -M^-1 grad, with as much added to the diagonal as Cholesky needs. */
static limn_status direction(work *w, limn_err *err) {
  size_t r = w->r;
  double trace = 0;
  limn_err ignored;
  for (size_t i = 0; i < r; i++) trace += w->m[i * r + i];
  for (double add = 0; add<1; add = add> 0 ? add * 100 : 1e-14) {
    memcpy(w->l, w->m, r * r * sizeof *w->l);
    for (size_t i = 0; i < r; i++) w->l[i * r + i] += add * trace / (double)r;
    limn_status st = limn_la_chol(w->l, r, NULL, &ignored);
    if (st == LIMN_ENUMERIC) continue;
    if (st) return limn_pass(err, &ignored);
    for (size_t i = 0; i < r; i++) w->step[i] = -w->grad[i];
    return limn_la_chol_solve(w->step, w->l, r, 1, err);
  }
  return limn_fail(err, LIMN_ENUMERIC, "the Hessian of the dual is not positive definite");
}

/* First and second derivative of g(a + s step) in s. */
static void along(const work *w, double s, double *first, double *second) {
  double d1 = 0, d2 = 0, q = w->q;
  for (size_t j = 0; j < w->n; j++) {
    double t = w->t[j] + s * w->u[j], size = fabs(t);
    if (size == 0) continue;
    double p = w->copies[j] * pow(size, q - 2);
    d1 += p * t * w->u[j];
    d2 += p * w->u[j] * w->u[j];
  }
  for (size_t i = 0; i < w->r; i++) d1 -= w->step[i] * w->s->y[i];
  *first = d1;
  *second = (q - 1) * d2;
}

/* The minimiser of the convex g along the step, by Newton inside a bracket. */
static double line_search(const work *w) {
  double low = 0, high = 0, s = 1 / (w->q - 1), d1, d2, start;
  along(w, 0, &start, &d2);
  for (int k = 0; k < 40; k++) {
    along(w, s, &d1, &d2);
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

/* Multiplies a, and t with it, by the number that minimises g. */
static void rescale(work *w) {
  double power = 0, reach = 0;
  for (size_t j = 0; j < w->n; j++) power += w->copies[j] * pow(fabs(w->t[j]), w->q);
  for (size_t i = 0; i < w->r; i++) reach += w->a[i] * w->s->y[i];
  if (!(power > 0 && reach > 0)) return;
  double by = pow(reach / power, 1 / (w->q - 1));
  for (size_t i = 0; i < w->r; i++) w->a[i] *= by;
  for (size_t j = 0; j < w->n; j++) w->t[j] *= by;
}

static limn_status put_back(work *w, limn_err *err) {
  memcpy(w->a, w->kept, w->r * sizeof *w->a);
  return limn_source_dots(w->s, w->a, w->t, w->token, err);
}

/* Newton at one q. *off: |grad|/|y| at the end, its smallest value; y has length 1. */
static limn_status solve_at(work *w, double tol, int most, double *off, uint64_t *steps,
                            limn_err *err) {
  double best = INFINITY;
  int stalled = 0;
  limn_err ignored;
  for (int k = 0; k < most; k++) {
    TRY(curvature(w, err));
    *off = limn_length(w->grad, w->r);
    if (*off <= tol) return LIMN_OK;
    stalled = *off < 0.9 * best ? 0 : stalled + 1;
    if (*off < best) memcpy(w->kept, w->a, w->r * sizeof *w->a), best = *off;
    if (stalled > 12 && best < 1e-8) break; /* rounding error dominates */
    limn_status st = isfinite(*off) ? direction(w, &ignored) : LIMN_ENUMERIC;
    if (st == LIMN_ENUMERIC || st == LIMN_ENONFINITE) break; /* powers out of range */
    if (st) return limn_pass(err, &ignored);
    TRY(limn_source_dots(w->s, w->step, w->u, w->token, err));
    double s = line_search(w);
    for (size_t i = 0; i < w->r; i++) w->a[i] += s * w->step[i];
    for (size_t j = 0; j < w->n; j++) w->t[j] += s * w->u[j];
    ++*steps;
  }
  *off = best;
  return isfinite(best) ? put_back(w, err) : LIMN_OK;
}

/* The start: q = 2, where one Newton step from 0 is exact. */
static limn_status start(work *w, limn_err *err) {
  for (size_t j = 0; j < w->n; j++) w->t[j] = 1;
  w->q = 2;
  TRY(curvature(w, err));
  for (size_t i = 0; i < w->r; i++) w->grad[i] = -w->s->y[i];
  TRY(direction(w, err));
  memcpy(w->a, w->step, w->r * sizeof *w->a);
  return limn_source_dots(w->s, w->a, w->t, w->token, err);
}

/* Continuation from 2 to q, with shorter steps where Newton did not converge. */
static limn_status climb(work *w, double q, double *start_of_step, double *off, uint64_t *steps,
                         limn_err *err) {
  TRY(start(w, err));
  double at = 2, factor = 1.4;
  while (at != q) {
    double next = at * factor < q ? at * factor : q;
    memcpy(start_of_step, w->a, w->r * sizeof *w->a);
    w->q = next;
    TRY(limn_source_dots(w->s, w->a, w->t, w->token, err));
    rescale(w);
    TRY(solve_at(w, next == q ? 1e-14 : 1e-3, next == q ? NEWTON : 40, off, steps, err));
    if (!(*off < (next == q ? 1e-7 : 0.5)) && factor > 1.03) {
      factor = sqrt(factor);
      memcpy(w->a, start_of_step, w->r * sizeof *w->a);
    } else {
      at = next;
    }
  }
  if (q == 2) TRY(solve_at(w, 1e-14, 4, off, steps, err));
  return LIMN_OK;
}

/* v (n, over all copies): the weights of the dual. With polish, moved to G v = y in the metric of
 * the Newton step, because a power q - 1 amplifies the rounding of t. *off: the residual. */
static limn_status weights_of(work *w, double *v, bool polish, double *off, limn_err *err) {
  limn_err ignored;
  for (size_t j = 0; j < w->n; j++)
    v[j] = w->copies[j] * copysign(pow(fabs(w->t[j]), w->q - 1), w->t[j]);
  if (!polish || !(*off < 1e-3)) return LIMN_OK;
  TRY(curvature(w, err));
  for (int k = 0; k < 2; k++) {
    if (direction(w, &ignored)) return LIMN_OK;
    TRY(limn_source_dots(w->s, w->step, w->u, w->token, err));
    for (size_t j = 0; j < w->n; j++)
      w->u[j] = v[j] + w->copies[j] * pow(fabs(w->t[j]), w->q - 2) * w->u[j];
    TRY(limn_source_apply(w->s, w->u, w->grad, w->token, err));
    for (size_t i = 0; i < w->r; i++) w->grad[i] -= w->s->y[i];
    double missed = limn_length(w->grad, w->r);
    if (!(missed < *off)) break;
    *off = missed;
    memcpy(v, w->u, w->n * sizeof *v);
  }
  return LIMN_OK;
}

static limn_status finite_p(limn_fit *fit, double *weights, double *dual, limn_source *s, double p,
                            int ey, const limn_token *token, limn_err *err) {
  size_t r = s->rows, n = (size_t)s->count, b = (size_t)s->block;
  limn_pool pool = {.used = 0};
  work w = {.s = s, .r = r, .n = n, .token = token};
  w.a = limn_take(&pool, r), w.step = limn_take(&pool, r), w.grad = limn_take(&pool, r);
  w.m = limn_take(&pool, r * r), w.l = limn_take(&pool, r * r);
  w.t = limn_take(&pool, n), w.u = limn_take(&pool, n), w.copies = limn_take(&pool, n);
  w.block = limn_take(&pool, r * b), w.scaled = limn_take(&pool, r * b);
  double q = p / (p - 1), off = 1;
  limn_status st =
      pool.failed ? limn_nomem(err, "work space", pool.failed, sizeof(double)) : LIMN_OK;
  double *v = limn_take(&pool, n);
  w.kept = limn_take(&pool, r);
  double *begin = limn_take(&pool, r);
  if (!st && pool.failed) st = limn_nomem(err, "work space", pool.failed, sizeof *v);
  if (!st) st = climb(&w, q, begin, &off, &fit->iterations, err);
  if (!st) st = weights_of(&w, v, weights != NULL, &off, err);
  if (!st) {
    double power = 0, reach = 0, size = 0, top = 0;
    for (size_t j = 0; j < n; j++) {
      top = fabs(v[j] / w.copies[j]) > top ? fabs(v[j] / w.copies[j]) : top;
      power += w.copies[j] * pow(fabs(w.t[j]), q);
    }
    for (size_t j = 0; top > 0 && j < n; j++)
      size += w.copies[j] * pow(fabs(v[j] / w.copies[j]) / top, p);
    size = top > 0 ? top * pow(size, 1 / p) : 0;
    for (size_t i = 0; i < r; i++) reach += w.a[i] * s->y[i];
    fit->norm = ldexp(size, ey - s->ex);
    fit->gap = size > 0 ? fabs(1 - reach / pow(power, 1 / q) / size) : 0;
    fit->residual = ldexp(hypot(off, s->outside), ey);
    fit->rank = r;
    for (size_t j = 0; j < n; j++) w.u[j] = ldexp(v[j], ey - s->ex);
    if (weights) limn_source_expand(s, w.u, weights);
    if (dual) limn_source_dual(s, w.a, dual);
    /* the powers of two of labels and features are included in a, so that the dual alone gives the
     * weights */
    for (size_t i = 0; dual && i < s->x.points; i++)
      dual[i] *= exp2((ey - s->ex) / (q - 1) - s->ex);
    if (off > 1e-8)
      st = limn_fail(
          err, LIMN_ENUMERIC,
          "no convergence in %llu Newton steps (norm %g): residual %.1e of the labels, gap %.1e",
          (unsigned long long)fit->iterations, p, off, fit->gap);
  }
  limn_pool_free(&pool);
  return st;
}

limn_status limn_regress_lp(limn_fit *fit, double *weights, double *dual, const limn_design *x,
                            const double *y, double p, const limn_token *token, limn_err *err) {
  memset(fit, 0, sizeof *fit);
  fit->gap = fit->rcond = NAN;
  if (!(p > 1))
    return limn_fail_argument(err, LIMN_EINVAL, "norm",
                              "must be above 1, got %g (for norm 1 use l1)", p);
  TRY(limn_design_check(x, y, err));
  size_t d = (size_t)x->points;
  double length = limn_length(y, d);
  int ey = 0;
  frexp(length, &ey);
  limn_source s;
  double *unit = limn_alloc(d, sizeof *unit);
  if (!unit) return limn_nomem(err, "the labels", d, sizeof *unit);
  for (size_t i = 0; i < d; i++) unit[i] = ldexp(y[i], -ey);
  limn_status st = limn_source_open(&s, x, unit, p > 2 ? LIMN_WHITE : LIMN_ORTHONORMAL, token, err);
  bool unique = false, nothing = !st && limn_length(s.y, s.rows) <= 1e-12;
  if (!st && nothing) { /* labels 0, or orthogonal to every feature: w = 0 is the answer */
    if (weights) memset(weights, 0, (size_t)x->count * sizeof *weights);
    if (dual) memset(dual, 0, d * sizeof *dual);
    fit->residual = length, fit->gap = 0, fit->rank = s.rows;
  } else if (!st && (st = limn_unique(&unique, fit, weights, dual, &s, unit, p, ey, token, err),
                     st || unique)) {
    ; /* the solution does not depend on the norm */
  } else if (!st && p > 2) {
    st = limn_lp_high(fit, weights, dual, &s, p, ey, token, err);
  } else if (!st) {
    st = finite_p(fit, weights, dual, &s, p, ey, token, err);
  }
  fit->has_dual = true;
  if (st == LIMN_OK || st == LIMN_ENUMERIC) {
    if (!unique)
      snprintf(fit->method, sizeof fit->method,
               p > 2 ? "primal-dual interior point, norm %g: below 2 Newton would do, above it the "
                       "dual's curvature has no bound"
                     : "dual Newton, norm %g, line search, continuation from norm 2",
               p);
    if (s.basis && !unique) {
      size_t used = strlen(fit->method);
      snprintf(fit->method + used, sizeof fit->method - used,
               "; rank %zu < D: in a basis of the range of F", s.rows);
    }
    limn_fit_judge(fit, fit->residual, length, d, (size_t)x->count);
  }
  limn_source_free(&s);
  limn_free(unit);
  return st;
}
