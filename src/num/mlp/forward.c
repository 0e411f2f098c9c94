/* forward.c: outputs of nets at many points.
 *
 * A task is one net on one range of points, evaluated LIMN_MLP_POINTS at a time, so that the
 * activations of a small net stay in cache. Vectors run along the points; for a net with a large
 * layer they run along the units, and that layer uses BLAS. */
#include "num/linalg/linalg.h"
#include "num/mlp/activation.h"

enum {
  POINTS = LIMN_MLP_POINTS,
  BLAS_MIN_WEIGHTS = 1 << 17 /* smaller layers fit in cache, where BLAS's packing costs more */
};

static size_t widest(const limn_mlp *net) {
  size_t most = 1;
  for (size_t l = 0; l <= net->spec.layers; l++)
    if (limn_pad(net->spec.sizes[l]) > most) most = limn_pad(net->spec.sizes[l]);
  return most;
}

size_t limn_mlp_scratch(const limn_mlp *net) {
  return 2 * POINTS * widest(net);
}

/* h (points, width) = x w + b for one layer; rows of x and h are `width` entries apart. */
static void layer_forward(const limn_mlp *net, const void *p, size_t l, void *h, const void *x,
                          size_t width, size_t points) {
  limn_dtype t = net->spec.dtype;
  const limn_mlp_kernels *k = limn_mlp_kernels_of(t);
  const limn_mlp_layer *a = &net->layer[l];
  const void *w = limn_at(p, t, net->w_at[l]), *b = limn_at(p, t, net->b_at[l]);
  for (size_t q = 0; q < points; q++) memcpy(limn_at(h, t, q * width), b, a->out * limn_real(t));
  if (a->out < LIMN_MLP_PAD) {
    k->narrow_forward(h, width, x, width, w, points, a->in, a->out);
  } else if (a->in * a->out >= BLAS_MIN_WEIGHTS && points > 4 * LIMN_TILE_POINTS) {
    if (t == LIMN_F32)
      limn_la_sgemm(h, width, x, width, false, w, net->ld[l], false, points, a->out, a->in, 1, 1,
                    NULL);
    else
      limn_la_gemm(h, width, x, width, false, w, net->ld[l], false, points, a->out, a->in, 1, 1,
                   NULL);
  } else
    k->wide_forward(h, width, x, width, w, net->ld[l], points, a->in, 0, limn_pad(a->out), true);
}

static bool has_large_layer(const limn_mlp *net) {
  for (size_t l = 0; l < net->spec.layers; l++)
    if (net->layer[l].in * net->layer[l].out >= BLAS_MIN_WEIGHTS) return true;
  return false;
}

/* Outputs at n <= POINTS points, vectors along the units. */
static void outputs_by_units(const limn_mlp *net, const void *p, double *f, const double *x,
                             size_t n, void *a, void *h, size_t width) {
  const limn_mlp_spec *s = &net->spec;
  limn_dtype t = s->dtype;
  size_t d = s->sizes[0], outputs = s->sizes[s->layers];
  for (size_t q = 0; q < n; q++)
    for (size_t i = 0; i < d; i++) limn_set_real(a, t, q * width + i, x[q * d + i]);
  for (size_t l = 0; l < s->layers; l++) {
    layer_forward(net, p, l, h, a, width, n);
    if (l + 1 == s->layers) break;
    size_t units = limn_pad(net->layer[l].out);
    for (size_t q = 0; q < n; q++)
      limn_mlp_activate(net, limn_at(a, t, q * width), NULL, limn_at(h, t, q * width), units);
  }
  for (size_t q = 0; q < n; q++)
    for (size_t o = 0; o < outputs; o++) f[q * outputs + o] = limn_get_real(h, t, q * width + o);
}

/* The same with vectors along the points. Lanes past the last point hold 0 or the values of earlier
 * points; they are never read. */
static void outputs_by_points(const limn_mlp *net, const void *p, double *f, const double *x,
                              size_t n, void *a, void *h, size_t width) {
  const limn_mlp_spec *s = &net->spec;
  limn_dtype t = s->dtype;
  const limn_mlp_kernels *k = limn_mlp_kernels_of(t);
  const size_t group = k->point_group, ld = group * width;
  size_t d = s->sizes[0], outputs = s->sizes[s->layers];
  for (size_t g = 0; g * group < n; g++)
    for (size_t q = g * group, c = 0; c < group && q < n; c++, q++)
      for (size_t i = 0; i < d; i++) limn_set_real(a, t, g * ld + i * group + c, x[q * d + i]);
  for (size_t l = 0; l < s->layers; l++) {
    bool hidden = l + 1 < s->layers, relu = hidden && s->activation == LIMN_PHI_RELU;
    const void *w = limn_at(p, t, net->w_at[l]), *b = limn_at(p, t, net->b_at[l]);
    k->points_forward(h, a, ld, w, net->ld[l], b, n, net->layer[l].in, net->layer[l].out, relu);
    if (hidden && !relu)
      for (size_t g = 0; g * group < n; g++) {
        void *hg = limn_at(h, t, g * ld);
        limn_mlp_activate(net, hg, NULL, hg, net->layer[l].out * group);
      }
    void *swap = a;
    a = h, h = swap;
  }
  for (size_t g = 0; g * group < n; g++)
    for (size_t q = g * group, c = 0; c < group && q < n; c++, q++)
      for (size_t o = 0; o < outputs; o++)
        f[q * outputs + o] = limn_get_real(a, t, g * ld + o * group + c);
}

void limn_mlp_outputs(const limn_mlp *net, const void *from, size_t block, double *f,
                      const double *x, size_t points, void *scratch) {
  limn_dtype t = net->spec.dtype;
  size_t width = widest(net), d = net->spec.sizes[0], outputs = net->spec.sizes[net->spec.layers];
  const void *p = limn_at(from, t, block * net->block);
  void *h = limn_at(scratch, t, POINTS * width);
  bool units = has_large_layer(net);
  if (units) memset(scratch, 0, 2 * POINTS * width * limn_real(t));
  for (size_t first = 0; first < points; first += POINTS) {
    size_t n = points - first < POINTS ? points - first : POINTS;
    (units ? outputs_by_units : outputs_by_points)(net, p, f + first * outputs, x + first * d, n,
                                                   scratch, h, width);
  }
}

typedef struct {
  const limn_mlp *net;
  double *f;
  const double *x;
  size_t points, points_per_task, tasks_per_net; /* points; tasks */
  char *scratch;                                 /* one per worker */
  double *other; /* outputs of the pair's second net, or at the start; one per worker */
} forward_job;

static void forward_task(void *ctx, size_t task, int worker) {
  forward_job *j = ctx;
  const limn_mlp *net = j->net;
  size_t member = task / j->tasks_per_net, first = task % j->tasks_per_net * j->points_per_task;
  size_t n = j->points - first < j->points_per_task ? j->points - first : j->points_per_task;
  size_t d = net->spec.sizes[0], outputs = net->spec.sizes[net->spec.layers];
  void *scratch = j->scratch + (size_t)worker * limn_mlp_scratch(net) * limn_real(net->spec.dtype);
  double *f = j->f + (member * j->points + first) * outputs;
  double *other = j->other + (size_t)worker * j->points_per_task * outputs;
  const double *x = j->x + first * d;
  limn_mlp_outputs(net, net->now, member * net->halves, f, x, n, scratch);
  if (net->spec.start == LIMN_START_NONE) {
    limn_mlp_outputs(net, net->start, member, other, x, n, scratch);
    for (size_t q = 0; q < n * outputs; q++) f[q] -= other[q];
  } else if (net->halves == 2) {
    limn_mlp_outputs(net, net->now, member * 2 + 1, other, x, n, scratch);
    for (size_t q = 0; q < n * outputs; q++) f[q] = (f[q] - other[q]) * 0.70710678118654752440;
  }
}

limn_status limn_mlp_forward(double *f, const limn_mlp *net, const double *x, size_t points,
                             const limn_token *token, limn_err *err) {
  limn_mlp_settle(net);
  limn_status st = limn_mlp_check_points(net, x, points, err);
  if (st) return st;
  forward_job j = {.net = net, .f = f, .x = x, .points = points};
  size_t outputs = net->spec.sizes[net->spec.layers];
  /* Long ranges, so that the overhead per task is small for narrow nets; the partition does not
   * affect the results. */
  j.points_per_task = points < 10 * POINTS ? points : 10 * POINTS;
  j.tasks_per_net = (points + j.points_per_task - 1) / j.points_per_task;
  size_t tasks = net->spec.count * j.tasks_per_net, workers = (size_t)limn_workers(tasks);
  size_t piece = limn_mlp_scratch(net) * limn_real(net->spec.dtype);
  j.scratch = limn_alloc(workers, piece);
  j.other = limn_alloc(workers * j.points_per_task * outputs, sizeof *j.other);
  if (!j.scratch || !j.other)
    st = limn_nomem(err, "activations", workers,
                    piece + j.points_per_task * outputs * sizeof *j.other);
  if (!st) st = limn_parallel(tasks, forward_task, &j, token, err);
  limn_free(j.scratch), limn_free(j.other);
  return st;
}
