/* probe.c: activations, gradients and tangent kernels of nets, in double with BLAS. */
#include "num/linalg/linalg.h"
#include "num/mlp/activation.h"
#include "num/mlp/loss.h"

/* One block at some points: pre-activations h[l], activations x[l] and slopes s[l] of layer l. */
typedef struct {
  double *memory, *h[LIMN_MLP_LAYERS + 1], *x[LIMN_MLP_LAYERS + 1], *s[LIMN_MLP_LAYERS + 1], *w, *b;
  size_t points, most; /* most: weights of the largest layer */
} pass;

/* slopes: whether the slopes are needed. */
static limn_status begin(pass *s, const limn_mlp *net, const void *from, size_t block,
                         const double *x, size_t points, bool slopes, limn_err *err) {
  const limn_mlp_spec *spec = &net->spec;
  size_t numbers = points * spec->sizes[0], widest = 1;
  *s = (pass){.points = points, .most = 1};
  for (size_t l = 0; l < spec->layers; l++) {
    numbers += (slopes ? 3 : 2) * points * spec->sizes[l + 1];
    if (spec->sizes[l] * spec->sizes[l + 1] > s->most)
      s->most = spec->sizes[l] * spec->sizes[l + 1];
    if (spec->sizes[l + 1] > widest) widest = spec->sizes[l + 1];
  }
  s->memory = limn_alloc(numbers, sizeof *s->memory);
  s->w = limn_alloc(s->most, sizeof *s->w);
  s->b = limn_alloc(widest, sizeof *s->b);
  if (!s->memory || !s->w || !s->b)
    return limn_nomem(err, "activations", numbers + s->most, sizeof(double));
  double *at = s->memory;
  s->x[0] = at, at += points * spec->sizes[0];
  memcpy(s->x[0], x, points * spec->sizes[0] * sizeof *x);
  for (size_t l = 0; l < spec->layers; l++) {
    size_t in = spec->sizes[l], out = spec->sizes[l + 1];
    s->h[l + 1] = at, at += points * out;
    s->x[l + 1] = at, at += points * out;
    if (slopes) s->s[l + 1] = at, at += points * out;
    limn_mlp_effective(net, from, block, l, s->w, s->b);
    for (size_t p = 0; p < points; p++) memcpy(s->h[l + 1] + p * out, s->b, out * sizeof(double));
    limn_status st = limn_la_gemm(s->h[l + 1], out, s->x[l], in, false, s->w, out, false, points,
                                  out, in, 1, 1, err);
    if (st) return st;
    if (l + 1 < spec->layers)
      limn_mlp_phi(net, s->x[l + 1], s->s[l + 1], s->h[l + 1], points * out);
    else
      memcpy(s->x[l + 1], s->h[l + 1], points * out * sizeof(double));
  }
  return LIMN_OK;
}

static void end(pass *s) {
  limn_free(s->memory), limn_free(s->w), limn_free(s->b);
}

/* below (points,in) = (delta W^T) * phi'(h), the loss gradient at the layer below; delta
 * (points,out). */
static limn_status step_back(pass *s, const limn_mlp *net, size_t block, size_t layer,
                             double *below, const double *delta, limn_err *err) {
  size_t in = net->spec.sizes[layer], out = net->spec.sizes[layer + 1];
  limn_mlp_effective(net, net->now, block, layer, s->w, NULL);
  limn_status st =
      limn_la_gemm(below, in, delta, out, false, s->w, out, true, s->points, in, out, 1, 0, err);
  for (size_t q = 0; q < s->points * in && !st; q++) below[q] *= s->s[layer][q];
  return st;
}

static limn_status check(const limn_mlp *net, size_t member, size_t layer, size_t layers,
                         const double *x, size_t points, limn_err *err) {
  limn_status st = limn_mlp_check_index(err, "member", member, net->spec.count - 1);
  if (!st) st = limn_mlp_check_index(err, "layer", layer, layers);
  return st ? st : limn_mlp_check_points(net, x, points, err);
}

limn_status limn_mlp_activations(double *out, const limn_mlp *net, size_t member, size_t layer,
                                 bool pre, bool initial, const double *x, size_t points,
                                 limn_err *err) {
  limn_mlp_settle(net);
  limn_status st = check(net, member, layer, net->spec.layers, x, points, err);
  if (st) return st;
  if (layer == 0) return limn_fail_argument(err, LIMN_EINVAL, "layer", "must be at least 1, got 0");
  pass s;
  st = begin(&s, net, initial ? net->start : net->now, member * net->halves, x, points, false, err);
  if (!st)
    memcpy(out, pre ? s.h[layer] : s.x[layer], points * net->spec.sizes[layer] * sizeof(double));
  end(&s);
  return st;
}

limn_status limn_mlp_states(double *const *out, const limn_mlp *net, size_t member, bool pre,
                            bool initial, const double *x, size_t points, limn_err *err) {
  limn_mlp_settle(net);
  limn_status st = check(net, member, 1, net->spec.layers, x, points, err);
  if (st) return st;
  pass s;
  st = begin(&s, net, initial ? net->start : net->now, member * net->halves, x, points, false, err);
  for (size_t l = 1; l <= net->spec.layers && !st; l++)
    memcpy(out[l - 1], pre ? s.h[l] : s.x[l], points * net->spec.sizes[l] * sizeof **out);
  end(&s);
  return st;
}

limn_status limn_mlp_gradient(double *w, double *b, const limn_mlp *net, size_t member,
                              size_t layer, const double *x, const double *y, size_t points,
                              limn_mlp_loss loss, limn_err *err) {
  limn_mlp_settle(net);
  const limn_mlp_spec *spec = &net->spec;
  limn_status st = check(net, member, layer, spec->layers - 1, x, points, err);
  if (!st) st = limn_mlp_check_word(err, "loss", LIMN_WORDS_LOSS, (int)loss);
  if (!st) st = limn_mlp_check_labels(net, y, points, loss, err);
  if (st) return st;
  size_t outputs = spec->sizes[spec->layers], widest = outputs, n = points;
  for (size_t l = 0; l <= spec->layers; l++)
    if (spec->sizes[l] > widest) widest = spec->sizes[l];
  double *f = limn_alloc(n * outputs * spec->count, sizeof *f);
  double *delta = limn_alloc(n * widest, sizeof *delta), *below = limn_alloc(n * widest, sizeof *f);
  pass s = {0};
  if (!f || !delta || !below) st = limn_nomem(err, "errors", n * widest, sizeof *f);
  if (!st) st = begin(&s, net, net->now, member * net->halves, x, n, true, err);
  if (!st) memcpy(f, s.x[spec->layers], n * outputs * sizeof *f);
  if (!st && (spec->start == LIMN_START_NONE || net->halves == 2)) {
    pass other;
    double factor = net->halves == 2 ? 0.70710678118654752440 : 1;
    st = begin(&other, net, net->halves == 2 ? net->now : net->start,
               member * net->halves + net->halves - 1, x, n, false, err);
    for (size_t q = 0; q < n * outputs && !st; q++)
      f[q] = (f[q] - other.x[spec->layers][q]) * factor;
    end(&other);
  }
  const double part = net->halves == 2 ? 0.70710678118654752440 : 1;
  for (size_t p = 0; p < n && !st; p++) {
    limn_mlp_add_loss(0, loss, f + p * outputs, y + p * outputs, outputs, delta + p * outputs);
    for (size_t o = 0; o < outputs; o++)
      delta[p * outputs + o] = delta[p * outputs + o] / (double)n * part;
  }
  for (size_t l = spec->layers; l-- > layer + 1 && !st;) {
    st = step_back(&s, net, member * net->halves, l, below, delta, err);
    double *swap = delta;
    delta = below, below = swap;
  }
  const limn_mlp_layer own = limn_mlp_layer_at(net, member, layer), *a = &own;
  if (!st && w) /* the chain rule from effective to raw weights */
    st = limn_la_gemm(w, a->in, delta, a->out, true, s.x[layer], a->in, false, a->out, a->in, n,
                      a->multiplier, 0, err);
  if (!st && b)
    for (size_t o = 0; o < a->out; o++) {
      b[o] = 0;
      for (size_t p = 0; p < n; p++) b[o] += a->bias_multiplier * delta[p * a->out + o];
    }
  end(&s);
  limn_free(f), limn_free(delta), limn_free(below);
  return st;
}

/* layers += scale (m^2 x x' + mb^2) * (delta delta'), elementwise, summed over outputs, for each
 * layer. */
static limn_status add_kernel(const limn_mlp *net, size_t block, double *layers, const double *x,
                              size_t m, const double *z, size_t n, double scale, limn_err *err) {
  const limn_mlp_spec *spec = &net->spec;
  size_t outputs = spec->sizes[spec->layers], widest = outputs;
  for (size_t l = 0; l <= spec->layers; l++)
    if (spec->sizes[l] > widest) widest = spec->sizes[l];
  pass a = {0}, c = {0};
  double *da = limn_alloc(m * widest, sizeof *da), *db = limn_alloc(m * widest, sizeof *db);
  double *ea = limn_alloc(n * widest, sizeof *ea), *eb = limn_alloc(n * widest, sizeof *eb);
  double *gx = limn_alloc(m * n, sizeof *gx), *gd = limn_alloc(m * n, sizeof *gd);
  limn_status st = LIMN_OK;
  if (!da || !db || !ea || !eb || !gx || !gd)
    st = limn_nomem(err, "errors", (m + n) * widest + m * n, 2 * sizeof *da);
  if (!st) st = begin(&a, net, net->now, block, x, m, true, err);
  if (!st) st = begin(&c, net, net->now, block, z, n, true, err);
  for (size_t o = 0; o < outputs && !st; o++) {
    for (size_t q = 0; q < m * outputs; q++) da[q] = q % outputs == o;
    for (size_t q = 0; q < n * outputs; q++) ea[q] = q % outputs == o;
    for (size_t l = spec->layers; l-- > 0 && !st;) {
      const limn_mlp_layer own = limn_mlp_layer_at(net, block / net->halves, l), *y = &own;
      double mm = y->rate * y->multiplier * y->multiplier;
      double bb = y->rate * y->bias_multiplier * y->bias_multiplier;
      st = limn_la_gemm(gx, n, a.x[l], y->in, false, c.x[l], y->in, true, m, n, y->in, mm, 0, err);
      if (!st)
        st = limn_la_gemm(gd, n, da, y->out, false, ea, y->out, true, m, n, y->out, 1, 0, err);
      for (size_t q = 0; q < m * n && !st; q++)
        layers[l * m * n + q] += scale / (double)outputs * (gx[q] + bb) * gd[q];
      if (l == 0 || st) break;
      st = step_back(&a, net, block, l, db, da, err);
      if (!st) st = step_back(&c, net, block, l, eb, ea, err);
      double *swap = da;
      da = db, db = swap;
      swap = ea, ea = eb, eb = swap;
    }
  }
  end(&a);
  end(&c);
  limn_free(da), limn_free(db), limn_free(ea), limn_free(eb), limn_free(gx), limn_free(gd);
  return st;
}

limn_status limn_mlp_kernel(double *layers, const limn_mlp *net, size_t member, const double *x,
                            size_t m, const double *z, size_t n, limn_err *err) {
  limn_mlp_settle(net);
  limn_status st = check(net, member, 0, 0, x, m, err);
  if (!st && z) st = limn_mlp_check_points(net, z, n, err);
  if (st) return st;
  if (!z) z = x, n = m;
  memset(layers, 0, net->spec.layers * m * n * sizeof *layers);
  for (size_t half = 0; half < net->halves && !st; half++)
    st = add_kernel(net, member * net->halves + half, layers, x, m, z, n, 1.0 / (double)net->halves,
                    err);
  return st;
}
