/* points.c: lengths, directions and per-layer variances of one set of points. */
#include "num/kernel/points.h"
#include "num/simd/arccos/arccos.h"

#include <math.h>

/* Points per task, and points transposed to columns at a time, which fit the cache. */
enum { CHUNK = 1024, STRIP = 64 };

/* Bound on the variance of a layer; the tangent kernel adds several of them. */
static const double MAX_VARIANCE = 1e306;

typedef struct {
  limn_kernel_points *p;
  const double *x;
  const limn_kernel_spec *spec;
  bool bad;
} filling;

/* A point whose squared length is 0, not finite, or close to either: scaled by its largest entry,
 * so that squares neither overflow nor underflow. Returns false if an entry or the squared length
 * is not finite. */
static bool rare_point(limn_kernel_points *p, size_t i) {
  double most = 0, sum = 0;
  for (size_t c = 0; c < p->wide; c++) {
    double t = p->unit[c * p->stride + i];
    if (!isfinite(t)) return false;
    most = fmax(most, fabs(t));
  }
  for (size_t c = 0; c < p->wide && most > 0; c++) {
    double t = p->unit[c * p->stride + i] / most;
    sum += t * t;
  }
  double root = sqrt(sum), length = most * root;
  for (size_t c = 0; c < p->wide && most > 0; c++) {
    double *t = &p->unit[c * p->stride + i];
    *t = *t / most / root;
  }
  p->q[i] = length * length;
  p->root[i] = length;
  return isfinite(p->q[i]);
}

/* Directions, lengths and variances of the input of the first layer, n <= STRIP points. */
static bool inputs(limn_kernel_points *p, size_t first, const double *x, size_t n,
                   const limn_kernel_spec *spec) {
  size_t d = p->wide - 1;
  double factor[STRIP], *q = p->q + first, *root = p->root + first;
  double scale = sqrt(spec->weight / (double)d), tail = sqrt(spec->bias);
  bool good = true;
  for (size_t i = 0; i < n; i++) q[i] = tail * tail;
  for (size_t c = 0; c < d; c++) {
    double *out = p->unit + c * p->stride + first;
    for (size_t i = 0; i < n; i++) {
      double t = scale * x[i * d + c];
      out[i] = t;
      q[i] += t * t;
    }
  }
  for (size_t i = 0; i < n; i++) p->unit[d * p->stride + first + i] = tail;
  for (size_t i = 0; i < n; i++) {
    root[i] = sqrt(q[i]);
    factor[i] = 1 / root[i];
  }
  for (size_t i = 0; i < n; i++)
    if (!(q[i] > 1e-280 && q[i] < 1e280)) {
      factor[i] = 1;
      good &= rare_point(p, first + i);
    }
  for (size_t c = 0; c < p->wide; c++) {
    double *row = p->unit + c * p->stride + first;
    for (size_t i = 0; i < n; i++) row[i] *= factor[i];
  }
  return good;
}

static bool chunk(limn_kernel_points *p, size_t first, const double *x, size_t n,
                  const limn_kernel_spec *spec) {
  bool relu = spec->phi == LIMN_PHI_RELU, good = true;
  for (size_t i = 0; i < n; i += STRIP)
    good &= inputs(p, first + i, x + i * (p->wide - 1), n - i < STRIP ? n - i : STRIP, spec);
  for (int l = 0; l < spec->depth; l++) {
    size_t at = (size_t)l * p->stride + first;
    double weight = l + 1 < spec->depth ? spec->weight : spec->readout, bias = spec->bias;
    double *q = p->q + at, *e = p->e + at, *next = q + p->stride;
    double *root = p->root + at, *root_next = root + p->stride;
    for (size_t i = 0; relu && i < n; i++) e[i] = 0.5 * q[i];
    for (size_t i = 0; !relu && i < n; i++)
      e[i] = p->series ? limn_series_row(&p->series[l], first + i, q[i])
                       : limn_dual_diagonal(spec->phi, q[i]);
    int huge = 0;
    for (size_t i = 0; i < n; i++) {
      next[i] = weight * e[i] + bias;
      huge |= !(next[i] < MAX_VARIANCE);
    }
    good &= !huge;
    for (size_t i = 0; i < n; i++) root_next[i] = sqrt(next[i]);
    if (!p->cosine || l + 1 == spec->depth) continue;
    double along = 0.5 * sqrt(weight), off_axis = sqrt(0.5 * bias);
    for (size_t i = 0; i < n; i++) {
      double inverse = 1 / root_next[i];
      p->cosine[at + i] = along * root[i] * inverse;
      p->sine[at + i] = off_axis * inverse;
    }
  }
  return good;
}

bool limn_kernel_points_part(limn_kernel_points *p, size_t first, const double *x, size_t n,
                             const limn_kernel_spec *spec) {
  bool good = true;
  for (size_t i = 0; i < n; i += CHUNK)
    good &= chunk(p, first + i, x + i * (p->wide - 1), n - i < CHUNK ? n - i : CHUNK, spec);
  return good;
}

static void fill_task(void *ctx, size_t task, int worker) {
  filling *f = ctx;
  (void)worker;
  size_t first = task * CHUNK, n = f->p->n - first < CHUNK ? f->p->n - first : CHUNK;
  if (!chunk(f->p, first, f->x + first * (f->p->wide - 1), n, f->spec))
    __atomic_store_n(&f->bad, true, __ATOMIC_RELAXED);
}

static limn_status nomem(const limn_kernel_points *p, limn_err *err) {
  return limn_nomem(err, "points", p->stride, 8 * p->wide);
}

limn_status limn_kernel_points_room(limn_kernel_points *p, size_t n, size_t d,
                                    const limn_kernel_spec *spec, limn_err *err) {
  size_t depth = (size_t)spec->depth;
  p->n = n;
  p->stride = (n / LIMN_ARCCOS_LANES + 2) * LIMN_ARCCOS_LANES;
  p->wide = d + 1;
  p->q = limn_alloc(p->stride * (depth + 1), sizeof *p->q);
  p->e = limn_alloc(p->stride * depth, sizeof *p->e);
  p->root = limn_alloc(p->stride * (depth + 1), sizeof *p->root);
  p->unit = limn_alloc(p->stride, p->wide * sizeof *p->unit);
  if (!p->q || !p->e || !p->root || !p->unit) return nomem(p, err);
  if (spec->phi == LIMN_PHI_RELU && spec->bias > 0 && depth > 1) {
    p->cosine = limn_alloc(p->stride * (depth - 1), sizeof *p->cosine);
    p->sine = limn_alloc(p->stride * (depth - 1), sizeof *p->sine);
    if (!p->cosine || !p->sine) return nomem(p, err);
  }
  if (limn_dual_is_series(spec->phi)) {
    p->series = limn_alloc(depth, sizeof *p->series);
    if (!p->series) return nomem(p, err);
    for (size_t l = 0; l < depth; l++) {
      p->series[l].stride = LIMN_SERIES_TERMS;
      p->series[l].a = limn_alloc(n * LIMN_SERIES_TERMS, sizeof(double));
      if (!p->series[l].a) return limn_nomem(err, "series", n, LIMN_SERIES_TERMS * 8);
    }
  }
  return LIMN_OK;
}

limn_status limn_kernel_points_fill(limn_kernel_points *p, const double *x, size_t n, size_t d,
                                    const char *name, const limn_kernel_spec *spec,
                                    const limn_token *token, limn_err *err) {
  size_t depth = (size_t)spec->depth;
  limn_status status = limn_kernel_points_room(p, n, d, spec, err);
  if (status != LIMN_OK) return status;
  filling f = {.p = p, .x = x, .spec = spec};
  size_t tasks = (n + CHUNK - 1) / CHUNK;
  if (p->series) { /* all rows have a common number of terms, so tasks run in sequence */
    for (size_t task = 0; task < tasks && !limn_cancelled(token); task++) fill_task(&f, task, 0);
    if (limn_cancelled(token)) return limn_stopped(err);
  } else {
    limn_token quiet = limn_quiet(token);
    limn_status st = limn_parallel(tasks, fill_task, &f, &quiet, err);
    if (st != LIMN_OK) return st;
  }
  for (size_t k = 0; f.bad && k < n * d; k++)
    if (!isfinite(x[k])) return limn_not_finite(err, name, k / d, k % d, x[k]);
  for (size_t i = 0; f.bad && i < n; i++)
    if (!isfinite(p->q[i]))
      return limn_fail_entry(err, LIMN_EINVAL, name, i, -1,
                             "must not be so long that its squared length overflows");
  for (size_t l = 1; f.bad && l <= depth; l++)
    for (size_t i = 0; i < n; i++)
      if (!(p->q[l * p->stride + i] < MAX_VARIANCE))
        return limn_fail_entry(
            err, LIMN_EINVAL, name, i, -1,
            "has a variance that overflows after hidden layer %zu (weight variances "
            "%g and %g)",
            l, spec->weight, spec->readout);
  return LIMN_OK;
}

void limn_kernel_points_free(limn_kernel_points *p, int depth) {
  limn_free(p->q);
  limn_free(p->e);
  limn_free(p->root);
  limn_free(p->unit);
  limn_free(p->cosine);
  limn_free(p->sine);
  for (int l = 0; p->series && l < depth; l++) limn_free(p->series[l].a);
  limn_free(p->series);
}
