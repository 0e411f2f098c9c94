/* gradient_descent.c: gradient descent on the linear model, its recorded path, and gradient flow at
 * the same times.
 *
 * Optimizers whose steps are in the range of F' (gd, momentum, sgd) keep w = w0 + F'a and run on a:
 * with K = F F' and f0 = F w0 the outputs are f0 + K a. Adam and sign descent run on the
 * weights. */
#include <stdio.h>
#include <string.h>

#include "num/linalg/linalg.h"
#include "num/regress/core.h"

#define TRY LIMN_TRY

typedef struct {
  const limn_design *x;
  const limn_gd_options *o;
  size_t d, n;
  double *y;                 /* target of F w - (F w0 if antisymmetric) */
  double *k, *kp;            /* K; the perfect class's part, or NULL */
  double *kr;                /* the random class's part; NULL: all but the perfect class's */
  double *v, *e;             /* eigenvectors and eigenvalues of K */
  double *f0, *p0, *r0, *c0; /* F w0; the perfect and the random class's part of it; V'(y - f0) */
  double *a, *f, *r, *best, *t; /* dual; outputs; residual; min-norm dual (of y); scratch */
  double *w0, *w, *g, *m1, *m2,
      *wbest; /* N: start (or NULL), weights, gradient, moments (adam, sign) */
  double w0_square, rate;
  int perfect, random; /* class numbers, or -1 */
  const limn_token *token;
  limn_pool pool;
} work;

static limn_status need(const work *w, limn_err *err) {
  return w->pool.failed ? limn_nomem(err, "work space", w->pool.failed, sizeof(double)) : LIMN_OK;
}

static bool on_weights(const work *w) {
  return w->o->optimizer == LIMN_ADAM || w->o->optimizer == LIMN_SIGN_GD;
}

static limn_status times_k(const work *w, double *out, const double *k, const double *a,
                           limn_err *err) {
  return limn_la_gemv(out, k, w->d, false, a, w->d, w->d, 1, 0, err);
}

/* A class's part of F w. */
static limn_status part(const work *w, double *out, int class, const double *weights,
                        limn_err *err) {
  const limn_class *c = limn_features_class(w->x->set, class);
  return limn_features_combine(out, w->x->set, weights + c->first, c->first, c->count, w->token,
                               err);
}

static limn_status start_weights(work *w, limn_err *err) {
  const limn_gd_options *o = w->o;
  if (!o->start && !(o->start_scale > 0)) return LIMN_OK;
  w->w0 = limn_take(&w->pool, w->n);
  TRY(need(w, err));
  if (o->start) {
    memcpy(w->w0, o->start, w->n * sizeof *w->w0);
  } else {
    limn_rng rng = limn_rng_start(limn_key_of(o->seed, 0, 0, LIMN_FOR_FIT), 0);
    limn_rng_fill_normal(&rng, w->w0, w->n);
    for (size_t j = 0; j < w->n; j++) w->w0[j] *= o->start_scale;
  }
  for (size_t j = 0; j < w->n; j++) w->w0_square += w->w0[j] * w->w0[j];
  TRY(limn_design_apply(w->f0, w->x, w->w0, w->token, err));
  if (w->perfect >= 0) TRY(part(w, w->p0, w->perfect, w->w0, err));
  if (w->kr) TRY(part(w, w->r0, w->random, w->w0, err));
  return LIMN_OK;
}

static int class_named(const limn_design *x, const char *name) {
  for (int k = 0; x->set && k < limn_features_classes(x->set); k++)
    if (strcmp(limn_features_class(x->set, k)->name, name) == 0) return k;
  return -1;
}

/* The parts of K of which P and R are made: the classes that contrib.analyse takes. */
static limn_status class_parts(work *w, limn_err *err) {
  w->perfect = class_named(w->x, "perfect");
  w->random = class_named(w->x, "random");
  if (w->random < 0) w->random = class_named(w->x, "other");
  if (w->perfect < 0) return LIMN_OK;
  bool apart = w->random >= 0 && limn_features_classes(w->x->set) > 2;
  w->kp = limn_take(&w->pool, w->d * w->d);
  w->kr = apart ? limn_take(&w->pool, w->d * w->d) : NULL;
  TRY(need(w, err));
  const limn_class *c = limn_features_class(w->x->set, w->perfect);
  TRY(limn_features_gram_add(w->kp, w->x->set, c->first, c->count, w->token, err));
  if (!apart) return LIMN_OK;
  c = limn_features_class(w->x->set, w->random);
  return limn_features_gram_add(w->kr, w->x->set, c->first, c->count, w->token, err);
}

enum {
  WIDEST = 450
}; /* exponent of features whose Gram matrix, and its inverse, are normal numbers */

/* Refuses features whose Gram matrix leaves the range of doubles. */
static limn_status check_scale(const work *w, limn_err *err) {
  int e = 0;
  double largest = 0;
  if (w->x->dense)
    e = limn_exponent(w->x->dense, w->d * w->n, 1);
  else
    for (size_t i = 0; i < w->d; i++)
      largest = w->k[i * w->d + i] > largest ? w->k[i * w->d + i] : largest;
  if (largest > 0) frexp(largest, &e), e /= 2;
  if (e <= WIDEST && e >= -WIDEST && isfinite(largest)) return LIMN_OK;
  return limn_fail_argument(err, LIMN_EINVAL, "features",
                            "must have entries between 1e-135 and 1e135 in size, since gradient "
                            "descent runs on F F'; scale them");
}

/* Computes K, its eigenvectors, the classes' parts, the start, the min-norm dual, the rate. */
static limn_status prepare(work *w, const double *y, limn_err *err) {
  size_t d = w->d;
  double **square[] = {&w->k, &w->v};
  double **line[] = {&w->y, &w->e, &w->f0, &w->p0,   &w->r0, &w->c0,
                     &w->a, &w->f, &w->r,  &w->best, &w->t};
  for (size_t i = 0; i < sizeof square / sizeof *square; i++)
    *square[i] = limn_take(&w->pool, d * d);
  for (size_t i = 0; i < sizeof line / sizeof *line; i++) *line[i] = limn_take(&w->pool, d);
  TRY(need(w, err));
  if (w->x->dense) TRY(check_scale(w, err));
  if (w->x->set)
    TRY(limn_features_gram(w->k, w->x->set, w->token, err));
  else
    TRY(limn_la_syrk(w->k, d, w->x->dense, w->n, false, d, w->n, 1, 0, err));
  if (w->x->set) TRY(check_scale(w, err));
  TRY(class_parts(w, err));
  memcpy(w->v, w->k, d * d * sizeof *w->v);
  TRY(limn_la_eigh(w->e, w->v, d, true, err));
  TRY(start_weights(w, err));
  memcpy(w->y, y, d * sizeof *y);
  if (w->o->antisymmetric)
    for (size_t i = 0; i < d; i++)
      w->y[i] += w->f0[i]; /* fit y + F w0; the reported function is F (w - w0) */
  for (size_t i = 0; i < d; i++) w->t[i] = w->y[i] - w->f0[i];
  TRY(limn_la_gemv(w->c0, w->v, d, true, w->t, d, d, 1, 0, err));
  limn_fit ignored;
  if (on_weights(w)) {
    double **vectors[] = {&w->w, &w->g, &w->m1, &w->m2, &w->wbest};
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
      *vectors[i] = limn_take(&w->pool, w->n);
    TRY(need(w, err));
    if (w->w0) memcpy(w->w, w->w0, w->n * sizeof *w->w);
  }
  TRY(limn_regress_minnorm(&ignored, w->wbest, w->best, w->x, y, w->token, err));
  double trace = 0;
  for (size_t i = 0; i < d; i++) trace += w->k[i * d + i];
  w->rate = w->o->rate;
  if (w->rate == 0 && on_weights(w))
    w->rate = 1e-3;
  else if (w->rate == 0 &&
           w->o->optimizer ==
               LIMN_SGD) /* a step on one point then cancels its residual (for equal K_ii) */
    w->rate = trace > 0 ? 1 / trace : 1;
  else if (w->rate == 0)
    w->rate = w->e[d - 1] > 0 ? 1 / w->e[d - 1] : 1;
  return LIMN_OK;
}

/* f = F w and r = y - f at the current point. */
static limn_status outputs(work *w, limn_err *err) {
  if (on_weights(w)) {
    TRY(limn_design_apply(w->f, w->x, w->w, w->token, err));
  } else {
    TRY(times_k(w, w->f, w->k, w->a, err));
    for (size_t i = 0; i < w->d; i++) w->f[i] += w->f0[i];
  }
  for (size_t i = 0; i < w->d; i++) w->r[i] = w->y[i] - w->f[i];
  return LIMN_OK;
}

/* P and R of outputs f with the perfect class's part p and, if w->kr, the random class's part q
 * (all minus the start's, if antisymmetric). */
static void lengths(const work *w, const double *f, const double *p, const double *q, double *P,
                    double *R) {
  double pp = 0, rr = 0;
  bool less = w->o->antisymmetric;
  for (size_t i = 0; i < w->d; i++) {
    double off = less ? w->p0[i] : 0, all = less ? w->f0[i] : 0;
    double perfect = p[i] - off;
    double rest = w->kr ? q[i] - (less ? w->r0[i] : 0) : f[i] - all - perfect;
    pp += perfect * perfect, rr += rest * rest;
  }
  *P = sqrt(pp), *R = sqrt(rr);
}

/* |w - w_minnorm| (if antisymmetric, of w - w0). */
static limn_status distance(work *w, double *out, limn_err *err) {
  double square = 0;
  if (on_weights(w)) {
    for (size_t j = 0; j < w->n; j++) {
      double off = w->w[j] - w->wbest[j] - (w->o->antisymmetric && w->w0 ? w->w0[j] : 0);
      square += off * off;
    }
  } else {
    double *da = w->t, kda, cross = 0;
    for (size_t i = 0; i < w->d; i++) da[i] = w->a[i] - w->best[i];
    for (size_t i = 0; i < w->d; i++) {
      kda = limn_la_dot(w->k + i * w->d, da, w->d);
      square += da[i] * kda;
      cross += da[i] * w->f0[i];
    }
    if (!w->o->antisymmetric) square += 2 * cross + w->w0_square;
  }
  (void)err;
  *out = sqrt(square > 0 ? square : 0);
  return LIMN_OK;
}

/* Gradient flow at time t: residual V exp(-e t) c0, dual V (1 - exp(-e t))/e c0. f, p, q: scratch
 * (d). */
static limn_status flow(work *w, double t, double *row, double *f, double *p, double *q,
                        limn_err *err) {
  size_t d = w->d;
  double loss = 0, *c = w->t;
  for (size_t i = 0; i < d; i++) {
    double e = w->e[i] > 0 ? w->e[i] : 0, left = exp(-e * t) * w->c0[i];
    loss += left * left / 2;
    c[i] = e > 0 ? -expm1(-e * t) / e * w->c0[i] : t * w->c0[i];
  }
  row[LIMN_GD_FLOW_LOSS] = loss;
  if (w->perfect < 0) return LIMN_OK;
  TRY(limn_la_gemv(p, w->v, d, false, c, d, d, 1, 0, err)); /* the dual */
  TRY(times_k(w, f, w->k, p, err));
  TRY(times_k(w, c, w->kp, p, err));
  if (w->kr) TRY(times_k(w, q, w->kr, p, err));
  for (size_t i = 0; i < d; i++) f[i] += w->f0[i], c[i] += w->p0[i], q[i] += w->r0[i];
  lengths(w, f, c, q, &row[LIMN_GD_FLOW_P], &row[LIMN_GD_FLOW_R]);
  return LIMN_OK;
}

static limn_status record(work *w, uint64_t step, double *row, double *f, double *p, double *q,
                          limn_err *err) {
  double loss = 0,
         per_step = w->o->optimizer == LIMN_MOMENTUM ? w->rate / (1 - w->o->momentum) : w->rate;
  for (int i = 0; i < LIMN_GD_COLUMNS; i++) row[i] = NAN;
  for (size_t i = 0; i < w->d; i++) loss += w->r[i] * w->r[i] / 2;
  row[LIMN_GD_STEP] = (double)step;
  row[LIMN_GD_TIME] = (double)step * per_step;
  row[LIMN_GD_LOSS] = loss;
  TRY(distance(w, &row[LIMN_GD_DISTANCE], err));
  if (w->perfect >= 0) {
    if (on_weights(w)) {
      TRY(part(w, p, w->perfect, w->w, err));
      if (w->kr) TRY(part(w, q, w->random, w->w, err));
    } else {
      TRY(times_k(w, p, w->kp, w->a, err));
      if (w->kr) TRY(times_k(w, q, w->kr, w->a, err));
      for (size_t i = 0; i < w->d; i++) p[i] += w->p0[i], q[i] += w->r0[i];
    }
    lengths(w, w->f, p, q, &row[LIMN_GD_P], &row[LIMN_GD_R]);
  }
  return on_weights(w) ? LIMN_OK : flow(w, row[LIMN_GD_TIME], row, f, p, q, err);
}

/* One step. order: the sgd permutation; left: its unused entries; v: velocity (d). */
static limn_status advance(work *w, uint64_t step, double *v, uint64_t *order, size_t *left,
                           limn_rng *rng, limn_err *err) {
  const limn_gd_options *o = w->o;
  size_t d = w->d;
  if (o->optimizer == LIMN_GD || o->optimizer == LIMN_MOMENTUM) {
    double keep = o->optimizer == LIMN_MOMENTUM ? o->momentum : 0;
    for (size_t i = 0; i < d; i++) {
      v[i] = keep * v[i] + w->r[i];
      w->a[i] += w->rate * v[i];
    }
  } else if (o->optimizer == LIMN_SGD) {
    if (*left == 0) limn_rng_permutation(rng, order, d), *left = d;
    size_t b = o->batch < *left ? (size_t)o->batch : *left;
    *left -= b; /* one step per batch: all residuals are those before it */
    for (size_t i = 0; i < b; i++)
      w->a[order[*left + i]] += w->rate * (double)d / (double)b * w->r[order[*left + i]];
  } else {
    TRY(limn_design_weights(w->g, w->x, w->r, w->token, err)); /* minus the gradient */
    double c1 = 1 - pow(0.9, (double)step), c2 = 1 - pow(0.999, (double)step);
    for (size_t j = 0; j < w->n; j++) {
      double g = w->g[j];
      if (o->optimizer == LIMN_SIGN_GD) {
        w->w[j] += w->rate * (double)((g > 0) - (g < 0));
        continue;
      }
      w->m1[j] = 0.9 * w->m1[j] + 0.1 * g;
      w->m2[j] = 0.999 * w->m2[j] + 0.001 * g * g;
      w->w[j] += w->rate * (w->m1[j] / c1) / (sqrt(w->m2[j] / c2) + 1e-8);
    }
  }
  return outputs(w, err);
}

static limn_status run(work *w, limn_fit *fit, double *path, uint64_t *rows, double length,
                       limn_err *err) {
  const limn_gd_options *o = w->o;
  size_t left = 0;
  double *v = limn_take(&w->pool, w->d), *f = limn_take(&w->pool, w->d),
         *p = limn_take(&w->pool, w->d), *q = limn_take(&w->pool, w->d);
  uint64_t *order = (uint64_t *)(void *)limn_take(&w->pool, w->d), step = 0;
  TRY(need(w, err));
  limn_rng rng = limn_rng_start(limn_key_of(o->seed, 0, 0, LIMN_FOR_FIT), 1);
  TRY(outputs(w, err));
  TRY(record(w, 0, path, f, p, q, err));
  *rows = 1;
  double start = limn_length(w->r, w->d), now = start;
  while (step < o->steps && !(o->tol > 0 && now <= o->tol * length)) {
    TRY(advance(w, ++step, v, order, &left, &rng, err));
    now = limn_length(w->r, w->d);
    fit->iterations = step;
    fit->residual = now;
    if (!(now <= 1e8 * (start + length)))
      return limn_fail(err, LIMN_ENUMERIC,
                       "diverged after %llu steps: rate %g, gradient descent is stable below "
                       "2/lambda_max = %g",
                       (unsigned long long)step, w->rate,
                       w->e[w->d - 1] > 0 ? 2 / w->e[w->d - 1] : INFINITY);
    if (step % o->every == 0)
      TRY(record(w, step, path + (*rows)++ * LIMN_GD_COLUMNS, f, p, q, err));
    if (limn_tick(w->token, (double)step, (double)o->steps)) return limn_stopped(err);
  }
  if (step % o->every != 0) TRY(record(w, step, path + (*rows)++ * LIMN_GD_COLUMNS, f, p, q, err));
  fit->residual = now;
  if (o->tol > 0 && now > o->tol * length)
    return limn_fail(
        err, LIMN_ENUMERIC,
        "%llu steps did not reach tol = %g: the residual is %.3g of the labels' length",
        (unsigned long long)step, o->tol, now / length);
  return LIMN_OK;
}

/* The weights at the current point (if antisymmetric, minus the start). */
static limn_status deliver(work *w, limn_fit *fit, double *weights, double *dual, limn_err *err) {
  bool less = w->o->antisymmetric, from_zero = !w->w0 || less;
  if (!on_weights(w) && from_zero) {
    fit->has_dual = true;
    if (dual) memcpy(dual, w->a, w->d * sizeof *dual);
  }
  double square = 0;
  for (size_t i = 0; i < w->d; i++)
    square += w->a[i] * (w->f[i] - w->f0[i] + (less || !w->w0 ? 0 : 2 * w->f0[i]));
  if (!on_weights(w)) fit->norm = sqrt(fmax(0, square + (less ? 0 : w->w0_square)));
  if (weights) {
    if (on_weights(w))
      memcpy(weights, w->w, w->n * sizeof *weights);
    else
      TRY(limn_design_weights(weights, w->x, w->a, w->token, err));
    for (size_t j = 0; w->w0 && j < w->n; j++)
      weights[j] += on_weights(w) ? (less ? -w->w0[j] : 0) : (less ? 0 : w->w0[j]);
    fit->norm = limn_length(weights, w->n);
  }
  return LIMN_OK;
}

static limn_status check(const limn_gd_options *o, const limn_design *x, limn_err *err) {
  if ((int)o->optimizer < 0 || o->optimizer > LIMN_SIGN_GD)
    return limn_fail_argument(err, LIMN_EINVAL, "optimizer", "must be one of 0 .. %d, got %d",
                              (int)LIMN_SIGN_GD, (int)o->optimizer);
  if (!(o->rate >= 0) || isinf(o->rate))
    return limn_fail_argument(err, LIMN_EINVAL, "rate", "must be finite and above 0, got %g",
                              o->rate);
  if (!(o->momentum >= 0 && o->momentum < 1))
    return limn_fail_argument(err, LIMN_EINVAL, "momentum", "must be in [0, 1), got %g",
                              o->momentum);
  if (!(o->tol >= 0) || isinf(o->tol))
    return limn_fail_argument(err, LIMN_EINVAL, "tol", "must be at least 0, got %g", o->tol);
  if (o->every == 0)
    return limn_fail_argument(err, LIMN_EINVAL, "record", "must be at least 1, got 0");
  if (o->optimizer == LIMN_SGD && (o->batch == 0 || o->batch > x->points))
    return limn_fail_argument(err, LIMN_EINVAL, "batch", "must be in 1 .. %llu, got %llu",
                              (unsigned long long)x->points, (unsigned long long)o->batch);
  for (uint64_t j = 0; o->start && j < x->count; j++)
    if (!isfinite(o->start[j])) return limn_not_finite(err, "start", j, -1, o->start[j]);
  return LIMN_OK;
}

limn_status limn_regress_gd(limn_fit *fit, double *weights, double *dual, double *path,
                            uint64_t *rows, double *rate, const limn_design *x, const double *y,
                            const limn_gd_options *o, const limn_token *token, limn_err *err) {
  static const char *const names[] = {"gradient descent", "momentum", "stochastic gradient descent",
                                      "Adam", "sign descent"};
  memset(fit, 0, sizeof *fit);
  fit->gap = fit->rcond = NAN;
  *rows = 0;
  TRY(limn_design_check(x, y, err));
  TRY(check(o, x, err));
  work w = {.x = x, .o = o, .d = (size_t)x->points, .n = (size_t)x->count, .token = token};
  double length = limn_length(y, w.d);
  limn_status st = prepare(&w, y, err);
  limn_err why = {.status = LIMN_OK};
  bool ready = !st;
  if (ready) st = run(&w, fit, path, rows, length, &why);
  if (st && st != LIMN_ENUMERIC && why.status) limn_pass(err, &why);
  if (ready && (!st || st == LIMN_ENUMERIC)) {
    limn_status last = deliver(&w, fit, weights, dual, err);
    if (last)
      st = last;
    else if (st)
      limn_pass(err, &why);
    *rate = w.rate;
    while (fit->rank < w.d && w.e[w.d - 1 - fit->rank] > 4 * (double)w.d * 2.3e-16 * w.e[w.d - 1])
      fit->rank++;
    fit->interpolates = fit->residual <= 1e-9 * length;
    snprintf(fit->method, sizeof fit->method, "%s, rate %g%s%s", names[o->optimizer], w.rate,
             w.w0 ? ", from given or random weights" : ", from zero",
             o->antisymmetric ? ", start subtracted" : "");
  }
  limn_pool_free(&w.pool);
  return st;
}
