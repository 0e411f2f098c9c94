/* kernel.c: infinite-width kernels over all pairs of points: layer after layer on blocks of pairs,
 * blocks over threads. Entries do not depend on the blocking or on the thread that makes them. */
#include "limn/kernel.h"
#include "core.h"
#include "kernel_dual.h"

#include <math.h>
#include <string.h>

enum { BLOCK = 256 };

/* Per-layer facts of one set of points: q[l*n+i] variance of the pre-activation going into hidden
 * layer l, e[l*n+i] = E[phi^2] there; unit[i] = the input row, scaled to length 1, with the bias as
 * a last coordinate; layer depth's q is that of the output. */
typedef struct {
  size_t n;
  double *q, *e, *unit;
  limn_series *series; /* one a layer, or NULL */
} points;

typedef struct {
  const limn_kernel_spec *spec;
  points one, two;
  bool self;
  size_t d, blocks; /* blocks a row */
  double *k, *theta, *layers;
} plan;

static void points_free(points *p, int depth) {
  limn_free(p->q);
  limn_free(p->e);
  limn_free(p->unit);
  if (p->series)
    for (int l = 0; l < depth; l++) limn_free(p->series[l].a);
  limn_free(p->series);
}

static limn_status points_fill(points *p, const double *x, size_t n, size_t d, const char *name,
                               const limn_kernel_spec *spec, limn_err *err) {
  size_t depth = (size_t)spec->depth, wide = d + 1;
  p->n = n;
  p->q = limn_alloc(n * (depth + 1), sizeof *p->q);
  p->e = limn_alloc(n * depth, sizeof *p->e);
  p->unit = limn_alloc(n * wide, sizeof *p->unit);
  if (!p->q || !p->e || !p->unit) return limn_nomem(err, "kernel", "points", n, wide * 8);
  if (limn_dual_is_series(spec->phi)) {
    p->series = limn_alloc(depth, sizeof *p->series);
    if (!p->series) return limn_nomem(err, "kernel", "series", depth, sizeof *p->series);
    for (size_t l = 0; l < depth; l++) {
      p->series[l].stride = LIMN_SERIES_TERMS;
      p->series[l].a = limn_alloc(n * LIMN_SERIES_TERMS, sizeof(double));
      if (!p->series[l].a) return limn_nomem(err, "kernel", "series", n, LIMN_SERIES_TERMS * 8);
    }
  }
  double scale = sqrt(spec->weight / (double)d), tail = sqrt(spec->bias);
  for (size_t i = 0; i < n; i++) {
    double *row = p->unit + i * wide, most = tail;
    for (size_t c = 0; c < d; c++) {
      if (!isfinite(x[i * d + c]))
        return limn_fail(err, LIMN_ENONFINITE, "kernel: %s has %g at row %zu, column %zu", name,
                         x[i * d + c], i + 1, c + 1);
      row[c] = scale * x[i * d + c];
      most = fmax(most, fabs(row[c]));
    }
    row[d] = tail;
    /* scaled by the largest entry, so that squares neither overflow nor vanish */
    double sum = 0;
    for (size_t c = 0; c < wide && most > 0; c++) sum += row[c] / most * (row[c] / most);
    double length = most > 0 ? most * sqrt(sum) : 0;
    for (size_t c = 0; c < wide && length > 0; c++) row[c] /= length;
    double q = length * length;
    if (!isfinite(q))
      return limn_fail(err, LIMN_EINVAL,
                       "kernel: row %zu of %s is so long that its square overflows", i + 1, name);
    for (size_t l = 0; l < depth; l++) {
      p->q[l * n + i] = q;
      double e = p->series ? limn_series_row(&p->series[l], i, spec->phi, q)
                           : limn_dual_diagonal(spec->phi, q);
      p->e[l * n + i] = e;
      q = (l + 1 < depth ? spec->weight : spec->readout) * e + spec->bias;
    }
    p->q[depth * n + i] = q;
  }
  return LIMN_OK;
}

/* 1 - cos and 1 + cos of the angle between two unit vectors: |a - b|^2/2 and |a + b|^2/2; the
 * larger is taken from the smaller, so that nearly parallel and nearly opposite points keep all
 * their digits. */
static void versines(const double *a, const double *b, size_t n, double *u, double *v) {
  double minus = 0, plus = 0;
  for (size_t c = 0; c < n; c++) {
    minus += (a[c] - b[c]) * (a[c] - b[c]);
    plus += (a[c] + b[c]) * (a[c] + b[c]);
  }
  *u = minus <= plus ? 0.5 * minus : 2 - 0.5 * plus;
  *v = minus <= plus ? 2 - 0.5 * minus : 0.5 * plus;
}

/* From the layer's moments to 1 - rho of the next layer's input: with A = w e1 + b, B = w e2 + b
 * and s = sqrt(e1 e2), sqrt(AB) - (w e12 + b) = w b (sqrt e1 - sqrt e2)^2/(sqrt(AB) + w s + b) + w
 * s gap, a sum of terms that are not negative. */
static void next_versine(size_t n, double weight, double bias, double e1, const double *e2,
                         const double *gap, double *u, double *v) {
  double r1 = sqrt(e1), s1 = sqrt(weight * e1 + bias);
  for (size_t j = 0; j < n; j++) {
    v[j] = 2 - gap[j];
    u[j] = gap[j];
    if (bias == 0) continue;
    double r2 = sqrt(e2[j]), root = s1 * sqrt(weight * e2[j] + bias), s = weight * r1 * r2;
    double skew = weight * bias * (r1 - r2) * (r1 - r2) / (root + s + bias);
    u[j] = (skew + s * gap[j]) / root;
    v[j] = 2 - u[j];
  }
}

/* One block: row i of the first set against columns first .. first+n-1 of the second. */
static void block(const plan *p, size_t i, size_t first, size_t n) {
  const limn_kernel_spec *spec = p->spec;
  const points *one = &p->one, *two = p->self ? &p->one : &p->two;
  size_t depth = (size_t)spec->depth, wide = p->d + 1;
  bool want_theta = p->theta || p->layers;
  double u[BLOCK], v[BLOCK], e[BLOCK], gap[BLOCK], d[BLOCK], spare[BLOCK];
  double share[LIMN_MAX_DEPTH + 1]
              [BLOCK]; /* per weight layer; only the first is used for theta alone */
  for (size_t j = 0; j < n; j++)
    versines(one->unit + i * wide, two->unit + (first + j) * wide, wide, &u[j], &v[j]);
  size_t kept = p->layers ? depth + 1 : 1;
  for (size_t l = 0; l < kept; l++) memset(share[l], 0, n * sizeof(double));
  if (want_theta && !spec->standard)
    for (size_t j = 0; j < n; j++)
      share[0][j] = sqrt(one->q[i]) * sqrt(two->q[first + j]) * (1 - u[j]);
  for (size_t l = 0; l < depth; l++) {
    limn_dual_block b = {.n = n,
                         .q1 = one->q[l * one->n + i],
                         .e1 = one->e[l * one->n + i],
                         .q2 = two->q + l * two->n + first,
                         .e2 = two->e + l * two->n + first,
                         .u = u,
                         .v = v,
                         .e = e,
                         .gap = gap,
                         .d = d,
                         .spare = spare};
    if (one->series) {
      const limn_series *s1 = &one->series[l], *s2 = &two->series[l];
      b.a1 = s1->a + i * s1->stride;
      b.a2 = s2->a + first * s2->stride;
      b.stride = s2->stride;
      b.terms = s1->terms > s2->terms ? s1->terms : s2->terms;
    }
    limn_dual(spec->phi, &b);
    double weight = l + 1 < depth ? spec->weight : spec->readout;
    if (want_theta) {
      size_t at = p->layers ? l + 1 : 0;
      for (size_t s = 0; s < (p->layers ? l + 1 : 1); s++)
        for (size_t j = 0; j < n; j++) share[s][j] *= weight * d[j];
      for (size_t j = 0; j < n; j++)
        share[at][j] += spec->standard ? e[j] : weight * e[j] + spec->bias;
    }
    if (l + 1 < depth) next_versine(n, weight, spec->bias, b.e1, b.e2, gap, u, v);
  }
  size_t row = p->self ? one->n : two->n;
  if (p->k)
    for (size_t j = 0; j < n; j++) p->k[i * row + first + j] = spec->readout * e[j] + spec->bias;
  if (p->layers)
    for (size_t l = 0; l <= depth; l++)
      memcpy(p->layers + (l * one->n + i) * row + first, share[l], n * sizeof(double));
  if (p->theta)
    for (size_t j = 0; j < n; j++) {
      double sum = 0;
      for (size_t l = 0; l < kept; l++) sum += share[l][j];
      p->theta[i * row + first + j] = sum;
    }
}

/* A task is one row (in self mode only its columns from i on). */
static void row_task(void *ctx, size_t i, int worker) {
  const plan *p = ctx;
  (void)worker;
  size_t columns = p->self ? p->one.n : p->two.n;
  for (size_t first = p->self ? i : 0; first < columns; first += BLOCK)
    block(p, i, first, columns - first < BLOCK ? columns - first : BLOCK);
}

static void mirror(double *a, size_t n) {
  for (size_t i = 0; i < n; i++)
    for (size_t j = i + 1; j < n; j++) a[j * n + i] = a[i * n + j];
}

static limn_status check(const double *x, size_t m, const double *z, size_t n, size_t d,
                         const limn_kernel_spec *s, bool want_theta, limn_err *err) {
  if (!x || m == 0 || d == 0 || (z && n == 0))
    return limn_fail(err, LIMN_EINVAL, "kernel: points must not be empty (%zu x %zu and %zu x %zu)",
                     m, d, n, d);
  if ((unsigned)s->phi > LIMN_PHI_STEP)
    return limn_fail(err, LIMN_EINVAL, "kernel: unknown activation number %d", (int)s->phi);
  if (s->depth < 1 || s->depth > LIMN_MAX_DEPTH)
    return limn_fail(err, LIMN_EINVAL, "kernel: depth must be 1 .. %d hidden layers, got %d",
                     LIMN_MAX_DEPTH, s->depth);
  if (!(s->weight > 0) || !isfinite(s->weight) || !(s->readout > 0) || !isfinite(s->readout))
    return limn_fail(err, LIMN_EINVAL, "kernel: weight variances must be positive, got %g and %g",
                     s->weight, s->readout);
  if (!(s->bias >= 0) || !isfinite(s->bias))
    return limn_fail(err, LIMN_EINVAL, "kernel: bias variance must be >= 0, got %g", s->bias);
  if (want_theta && s->phi == LIMN_PHI_STEP)
    return limn_fail(err, LIMN_EINVAL,
                     "ntk: a step has no derivative, so no tangent kernel; use nngp");
  return LIMN_OK;
}

limn_status limn_kernel_evaluate(double *k, double *theta, double *layers, double *error,
                                 const double *x, size_t m, const double *z, size_t n, size_t d,
                                 const limn_kernel_spec *spec, const limn_token *token,
                                 limn_err *err) {
  limn_status st = check(x, m, z, n, d, spec, theta || layers, err);
  if (st != LIMN_OK) return st;
  plan p = {.spec = spec, .self = z == NULL, .d = d, .k = k, .theta = theta, .layers = layers};
  st = points_fill(&p.one, x, m, d, "x", spec, err);
  if (st == LIMN_OK && z) st = points_fill(&p.two, z, n, d, "z", spec, err);
  if (st == LIMN_OK) st = limn_parallel(m, row_task, &p, token, "kernel", err);
  if (st == LIMN_OK && p.self) {
    if (k) mirror(k, m);
    if (theta) mirror(theta, m);
    for (int l = 0; layers && l <= spec->depth; l++) mirror(layers + (size_t)l * m * m, m);
  }
  if (error) {
    *error = 0;
    for (int l = 0; p.one.series && l < spec->depth; l++) {
      *error = fmax(*error, p.one.series[l].error);
      if (p.two.series) *error = fmax(*error, p.two.series[l].error);
    }
  }
  points_free(&p.one, spec->depth);
  points_free(&p.two, spec->depth);
  return st;
}

limn_status limn_kernel_diagonal(double *k, const double *x, size_t n, size_t d,
                                 const limn_kernel_spec *spec, limn_err *err) {
  limn_status st = check(x, n, NULL, n, d, spec, false, err);
  if (st != LIMN_OK) return st;
  points p = {0};
  st = points_fill(&p, x, n, d, "x", spec, err);
  for (size_t i = 0; i < n && st == LIMN_OK; i++) k[i] = p.q[(size_t)spec->depth * n + i];
  points_free(&p, spec->depth);
  return st;
}
