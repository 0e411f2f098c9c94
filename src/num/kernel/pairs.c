/* pairs.c: infinite-width kernels over all pairs of points, layer by layer on tiles of pairs, with
 * tiles distributed over threads. Entries do not depend on the tiling or on the thread. */
#include "limn/kernel.h"
#include "core/core.h"
#include "num/kernel/points.h"
#include "num/simd/arccos/arccos.h"

#include <math.h>
#include <stdint.h>
#include <string.h>
#if defined(__x86_64__)
#include <emmintrin.h>
#endif

/* Columns and rows of a tile. ROWS numbers fill two adjacent cache lines when a tile is written a
 * second time, transposed, to the other triangle of a symmetric matrix. SPAN: columns of a task if
 * there is no other triangle. */
enum { BLOCK = 256, LINE = 8, ROWS = 2 * LINE, SPAN = 4 * BLOCK, ACROSS = BLOCK + 8, LARGE = 1024 };

typedef struct {
  const limn_kernel_spec *spec;
  limn_kernel_points one, two;
  bool self;
  double *k, *theta, *layers;
  /* Few rows and many columns: the columns' points are computed by the task that uses them, in
   * memory of the worker, and are never all in memory. NULL: they are in `two`. */
  limn_kernel_points *part;
  const double *z;
  bool bad;
} plan;

/* From the layer's moments to 1 - rho of the next layer's input: with A = w e1 + b, B = w e2 + b
 * and s = sqrt(e1 e2), sqrt(AB) - (w e12 + b) = w b (sqrt e1 - sqrt e2)^2/(sqrt(AB) + w s + b) + w
 * s gap, a sum of nonnegative terms. */
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

/* The pairs of row i with columns first .. first+n-1, any activation: to k and theta (BLOCK numbers
 * each; theta may be NULL), and directly to p->layers. */
static void any_row(const plan *p, size_t i, size_t first, size_t n, double *u, double *v,
                    double *k, double *theta) {
  const limn_kernel_spec *spec = p->spec;
  const limn_kernel_points *one = &p->one, *two = p->self ? &p->one : &p->two;
  size_t depth = (size_t)spec->depth, kept = p->layers ? depth + 1 : 1;
  double e[BLOCK], gap[BLOCK], d[BLOCK], spare[BLOCK];
  double part[LIMN_MAX_DEPTH + 1]
             [BLOCK]; /* contribution of each weight layer; for theta alone only the first */
  for (size_t l = 0; l < kept; l++) memset(part[l], 0, n * sizeof(double));
  for (size_t j = 0; theta && !spec->standard && j < n; j++)
    part[0][j] = one->root[i] * two->root[first + j] * (1 - u[j]);
  for (size_t l = 0; l < depth; l++) {
    limn_dual_block b = {.n = n,
                         .q1 = one->q[l * one->stride + i],
                         .e1 = one->e[l * one->stride + i],
                         .q2 = two->q + l * two->stride + first,
                         .e2 = two->e + l * two->stride + first,
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
    if (theta) {
      size_t at = p->layers ? l + 1 : 0;
      for (size_t s = 0; s < (p->layers ? l + 1 : 1); s++)
        for (size_t j = 0; j < n; j++) part[s][j] *= weight * d[j];
      for (size_t j = 0; j < n; j++)
        part[at][j] += spec->standard ? e[j] : weight * e[j] + spec->bias;
    }
    if (l + 1 < depth) next_versine(n, weight, spec->bias, b.e1, b.e2, gap, u, v);
  }
  /* cppcheck-suppress uninitvar ; depth is at least 1 */
  for (size_t j = 0; j < n; j++) k[j] = spec->readout * e[j] + spec->bias;
  if (theta)
    for (size_t j = 0; j < n; j++) {
      double sum = 0;
      for (size_t l = 0; l < kept; l++) sum += part[l][j];
      theta[j] = sum;
    }
  for (size_t l = 0; p->layers && l <= depth; l++)
    memcpy(p->layers + (l * one->n + i) * two->n + first, part[l], n * sizeof(double));
}

/* The same for ReLU without the contributions of the layers, points first .. first+n-1 of two, with
 * one pass per layer. */
static void relu_row(const plan *p, const limn_kernel_points *two, size_t i, size_t first, size_t n,
                     double *u, double *v, double *k, double *theta) {
  const limn_kernel_spec *spec = p->spec;
  const limn_kernel_points *one = &p->one;
  limn_relu_fn *pass = limn_relu();
  for (int l = 0; l < spec->depth; l++) {
    bool last = l + 1 == spec->depth, minded = !last && spec->bias > 0;
    size_t row = (size_t)l * one->stride + i, column = (size_t)l * two->stride + first;
    limn_relu_layer layer = {
        .n = n,
        .u = u,
        .v = l == 0 ? v : NULL, /* correlations are nonnegative after a ReLU */
        .theta = theta,
        .weight = last ? spec->readout : spec->weight,
        .standard = spec->standard,
    };
    if (last) {
      layer.root1 = one->root[row], layer.root2 = two->root + column;
      layer.bias = spec->bias, layer.k = k;
    }
    if (minded) {
      layer.cosine1 = one->cosine[row], layer.sine1 = one->sine[row];
      layer.cosine2 = two->cosine + column, layer.sine2 = two->sine + column;
    }
    pass(&layer);
  }
}

/* Writes ROWS numbers, whole cache lines; with past, by stores that bypass the caches, for matrices
 * larger than these. */
static inline void write_lines(double *out, const double tile[ROWS][ACROSS], size_t j, bool past) {
#if defined(__x86_64__)
  if (past) {
#pragma GCC unroll 8
    for (int r = 0; r < ROWS; r += 2)
      _mm_stream_pd(out + r, _mm_set_pd(tile[r + 1][j], tile[r][j]));
    return;
  }
#else
  (void)past;
#endif
  for (int r = 0; r < ROWS; r++) out[r] = tile[r][j];
}

/* Writes n numbers of a row, a whole number of cache lines, bypassing the caches. */
static inline void write_row(double *out, const double *row, size_t n) {
#if defined(__x86_64__)
  for (size_t j = 0; j < n; j += 2) _mm_stream_pd(out + j, _mm_loadu_pd(row + j));
#else
  memcpy(out, row, n * sizeof *row);
#endif
}

/* Writes a tile: rows i .. i+rows-1, columns first .. first+n-1 of out (.., columns); with mirror
 * also the entries above the diagonal to their transposed positions. */
static void write_tile(double *out, size_t columns, const double tile[ROWS][ACROSS], size_t i,
                       size_t rows, size_t first, size_t n, bool mirror) {
  bool past = mirror && columns >= LARGE && columns % LINE == 0 && (uintptr_t)out % 64 == 0;
  for (size_t r = 0; r < rows; r++) {
    double *to = out + (i + r) * columns + first;
    size_t skip = mirror && i + r > first ? i + r - first : 0; /* left of the diagonal */
    size_t odd = past && skip < n ? (LINE - skip % LINE) % LINE : n - (skip < n ? skip : n);
    if (skip >= n) continue;
    memcpy(to + skip, tile[r] + skip, odd * sizeof(double));
    if (past) write_row(to + skip + odd, tile[r] + skip + odd, n - skip - odd);
  }
  for (size_t j = 0; mirror && j < n; j++) {
    double *to = out + (first + j) * columns + i;
    if (i + ROWS <= first + j && rows == ROWS)
      write_lines(to, tile, j, past);
    else
      for (size_t r = 0; r < rows && i + r < first + j; r++) to[r] = tile[r][j];
  }
}

static size_t pieces(size_t n, size_t piece) {
  return (n + piece - 1) / piece;
}

/* A task is ROWS rows: in self mode with their columns from the diagonal, else with SPAN
 * columns. */
static size_t spans_of(const plan *p) {
  return p->self ? 1 : pieces(p->two.n, SPAN);
}

static void tile_task(void *ctx, size_t task, int worker) {
  plan *p = ctx;
  const limn_kernel_points *one = &p->one, *two = p->self ? &p->one : &p->two;
  size_t spans = spans_of(p), columns = two->n, base = 0;
  size_t i = task / spans * ROWS, start = p->self ? i : task % spans * SPAN;
  size_t end = p->self || start + SPAN > columns ? columns : start + SPAN;
  size_t rows = one->n - i < ROWS ? one->n - i : ROWS;
  bool want_theta = p->theta || p->layers;
  bool fused = p->spec->phi == LIMN_PHI_RELU && !p->layers;
  double u[BLOCK], v[BLOCK], k[ROWS][ACROSS], theta[ROWS][ACROSS];
  if (p->part) {
    limn_kernel_points *part = &p->part[worker];
    if (!limn_kernel_points_part(part, 0, p->z + start * (one->wide - 1), end - start, p->spec))
      __atomic_store_n(&p->bad, true, __ATOMIC_RELAXED);
    two = part, base = start;
  }
  for (size_t first = start; first < end; first += BLOCK) {
    size_t n = end - first < BLOCK ? end - first : BLOCK, at = first - base;
    /* Only whole tiles without a transposed copy are computed in place. */
    bool here = fused && !p->self && n == BLOCK;
    for (size_t r = 0; r < rows; r++) {
      size_t to = (i + r) * columns + first;
      double *kr = here && p->k ? p->k + to : k[r];
      double *tr = !want_theta ? NULL : here && p->theta ? p->theta + to : theta[r];
      limn_versines()(n, one->wide, one->unit + i + r, one->stride, two->unit + at, two->stride, u,
                      v);
      if (fused)
        relu_row(p, two, i + r, at, n, u, v, kr, tr);
      else
        any_row(p, i + r, first, n, u, v, kr, tr);
    }
    if (p->k && !here) write_tile(p->k, columns, k, i, rows, first, n, p->self);
    if (p->theta && !here) write_tile(p->theta, columns, theta, i, rows, first, n, p->self);
  }
}

static void mirror(double *a, size_t n) {
  for (size_t i = 0; i < n; i++)
    for (size_t j = i + 1; j < n; j++) a[j * n + i] = a[i * n + j];
}

static limn_status check(const double *x, size_t m, const double *z, size_t n, size_t d,
                         const limn_kernel_spec *s, bool want_theta, limn_err *err) {
  if (!x || m == 0 || d == 0 || (z && n == 0))
    return limn_fail_argument(err, LIMN_EINVAL, "points",
                              "must not be empty (%zu x %zu and %zu x %zu)", m, d, n, d);
  if (!limn_word_name(LIMN_WORDS_KERNEL_ACTIVATION, (int)s->phi))
    return limn_fail_argument(err, LIMN_EINVAL, "activation", "has the unknown value %d",
                              (int)s->phi);
  if (s->depth < 1 || s->depth > LIMN_MAX_DEPTH)
    return limn_fail_argument(err, LIMN_EINVAL, "depth", "must be 1 .. %d hidden layers, got %d",
                              LIMN_MAX_DEPTH, s->depth);
  if (!(s->weight > 0) || !isfinite(s->weight))
    return limn_fail_argument(err, LIMN_EINVAL, "weight", "must be finite and > 0, got %g",
                              s->weight);
  if (!(s->readout > 0) || !isfinite(s->readout))
    return limn_fail_argument(err, LIMN_EINVAL, "readout", "must be finite and > 0, got %g",
                              s->readout);
  if (!(s->bias >= 0) || !isfinite(s->bias))
    return limn_fail_argument(err, LIMN_EINVAL, "bias", "must be finite and >= 0, got %g", s->bias);
  if (want_theta && s->phi == LIMN_PHI_STEP)
    return limn_fail(err, LIMN_EINVAL, "a step has no derivative, so no tangent kernel; use nngp");
  return LIMN_OK;
}

static limn_status whole(plan *p, const double *z, size_t n, size_t d, const limn_token *token,
                         limn_err *err) {
  limn_status st = LIMN_OK;
  if (z) st = limn_kernel_points_fill(&p->two, z, n, d, "Z", p->spec, token, err);
  if (st != LIMN_OK) return st;
  return limn_parallel(pieces(p->one.n, ROWS) * spans_of(p), tile_task, p, token, err);
}

static limn_status by_parts(plan *p, const double *z, size_t n, size_t d, const limn_token *token,
                            limn_err *err) {
  size_t tasks = pieces(n, SPAN), workers = (size_t)limn_workers(tasks);
  p->z = z;
  p->two.n = n;
  p->part = limn_alloc(workers, sizeof *p->part);
  if (!p->part) return limn_nomem(err, "points", workers, sizeof *p->part);
  limn_status st = LIMN_OK;
  for (size_t w = 0; w < workers && st == LIMN_OK; w++)
    st = limn_kernel_points_room(&p->part[w], SPAN, d, p->spec, err);
  if (st == LIMN_OK) st = limn_parallel(tasks, tile_task, p, token, err);
  for (size_t w = 0; w < workers; w++) limn_kernel_points_free(&p->part[w], p->spec->depth);
  limn_free(p->part);
  p->part = NULL;
  if (st == LIMN_OK && p->bad) st = whole(p, z, n, d, token, err); /* which reports the error */
  return st;
}

limn_status limn_kernel_evaluate(double *k, double *theta, double *layers, double *error,
                                 const double *x, size_t m, const double *z, size_t n, size_t d,
                                 const limn_kernel_spec *spec, const limn_token *token,
                                 limn_err *err) {
  limn_status st = check(x, m, z, n, d, spec, theta || layers, err);
  if (st != LIMN_OK) return st;
  plan p = {.spec = spec, .self = z == NULL, .k = k, .theta = theta, .layers = layers};
  st = limn_kernel_points_fill(&p.one, x, m, d, "X", spec, token, err);
  if (st == LIMN_OK && z && m <= ROWS && n > SPAN && spec->phi == LIMN_PHI_RELU && !layers)
    st = by_parts(&p, z, n, d, token, err);
  else if (st == LIMN_OK)
    st = whole(&p, z, n, d, token, err);
  if (st == LIMN_OK && p.self)
    for (int l = 0; layers && l <= spec->depth; l++) mirror(layers + (size_t)l * m * m, m);
  if (error) {
    *error = 0;
    for (int l = 0; p.one.series && l < spec->depth; l++) {
      *error = fmax(*error, p.one.series[l].error);
      if (p.two.series) *error = fmax(*error, p.two.series[l].error);
    }
  }
  limn_kernel_points_free(&p.one, spec->depth);
  limn_kernel_points_free(&p.two, spec->depth);
  return st;
}

limn_status limn_kernel_diagonal(double *k, const double *x, size_t n, size_t d,
                                 const limn_kernel_spec *spec, limn_err *err) {
  limn_status st = check(x, n, NULL, n, d, spec, false, err);
  if (st != LIMN_OK) return st;
  limn_kernel_points p = {0};
  st = limn_kernel_points_fill(&p, x, n, d, "X", spec, NULL, err);
  for (size_t i = 0; i < n && st == LIMN_OK; i++) k[i] = p.q[(size_t)spec->depth * p.stride + i];
  limn_kernel_points_free(&p, spec->depth);
  return st;
}
