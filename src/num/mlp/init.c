/* init.c: the parameterisations and the initial parameters. */
#include "limn/rng.h"
#include "num/linalg/linalg.h"
#include "num/mlp/net.h"

/* Variances of the weights (times fan_in) and biases that the initialisation prescribes. */
static void variances(const limn_mlp_spec *s, size_t l, double *weight, double *bias) {
  double in = (double)s->sizes[l], out = (double)s->sizes[l + 1];
  *bias = 0;
  switch (s->init) {
  case LIMN_INIT_HE:
    *weight = 2;
    break;
  case LIMN_INIT_LECUN:
    *weight = 1;
    break;
  case LIMN_INIT_XAVIER:
    *weight = 2 * in / (in + out);
    break;
  case LIMN_INIT_UNIFORM:
    *weight = 1.0 / 3, *bias = 1 / (3 * in);
    break;
  case LIMN_INIT_ORTHOGONAL:
  case LIMN_INIT_CUSTOM:
    *weight = s->weight, *bias = s->bias;
    break;
  }
  if (l == s->layers - 1 && s->readout > 0) *weight = s->readout;
}

static void parameterise(const limn_mlp_spec *s, size_t l, limn_mlp_layer *a) {
  double weight = 1, bias = 0, in = (double)s->sizes[l], out = (double)s->sizes[l + 1];
  bool first = l == 0, last = l == s->layers - 1;
  variances(s, l, &weight, &bias);
  *a = (limn_mlp_layer){.in = s->sizes[l], .out = s->sizes[l + 1], .rate = 1};
  a->unit_rate = a->unit_bias_rate = a->gradient = a->bias_gradient = 1;
  a->multiplier = a->bias_multiplier = 1;
  a->deviation = sqrt(weight / in), a->bias_deviation = sqrt(bias);
  if (s->param == LIMN_PARAM_NTK) {
    a->multiplier = a->deviation, a->deviation = 1;
    a->bias_multiplier = a->bias_deviation, a->bias_deviation = 1;
  } else if (s->param == LIMN_PARAM_MEANFIELD) {
    a->rate = (double)s->sizes[1];
    if (last) {
      a->multiplier = sqrt(weight) / in, a->deviation = 1;
      a->bias_multiplier = 1 / sqrt(in), a->bias_deviation *= sqrt(in);
    }
    a->gradient = 1 / a->rate, a->bias_gradient = last ? 1 / sqrt(in) : 1 / a->rate;
    a->unit_bias_rate = last ? sqrt(in) : 1;
  } else if (s->param == LIMN_PARAM_MUP && s->layers > 1) {
    if (first) a->multiplier = sqrt(out), a->deviation /= sqrt(out);
    if (last) a->multiplier = 1 / sqrt(in);
    if (!last) a->bias_multiplier = sqrt(out), a->bias_deviation /= sqrt(out);
  }
  if ((s->param == LIMN_PARAM_NTK || s->param == LIMN_PARAM_MUP) && s->layers > 1) {
    a->unit_rate = a->gradient = first ? 1 / sqrt(out) : last ? 1 / sqrt(in) : 1 / in;
    a->unit_bias_rate = a->bias_gradient = last ? 1 : 1 / sqrt(out);
  }
  if (last && s->alpha > 0) a->multiplier *= s->alpha, a->bias_multiplier *= s->alpha;
  if (!s->biases) a->bias_multiplier = 0;
  if (a->bias_multiplier == 0) a->bias_deviation = 0;
}

double limn_mlp_rate_factor(const limn_mlp_layer *layer, bool bias, limn_mlp_optimizer optimizer) {
  switch (optimizer) {
  case LIMN_MLP_GD:
  case LIMN_MLP_MOMENTUM:
  case LIMN_MLP_NESTEROV:
    return layer->rate;
  case LIMN_MLP_ADAM:
  case LIMN_MLP_SIGN:
  case LIMN_MLP_LION:
    break;
  }
  return bias ? layer->unit_bias_rate : layer->unit_rate;
}

limn_status limn_mlp_shape(limn_mlp *net, limn_err *err) {
  limn_mlp_spec *s = &net->spec;
  if (s->layers < 1 || s->layers > LIMN_MLP_LAYERS)
    return limn_fail_argument(err, LIMN_EINVAL, "sizes", "must have 2 to %d entries, got %zu",
                              LIMN_MLP_LAYERS + 1, s->layers + 1);
  for (size_t l = 0; l <= s->layers; l++)
    if (s->sizes[l] < 1)
      return limn_fail_entry(err, LIMN_EINVAL, "sizes", l, -1, "must be at least 1, got 0");
  limn_status st =
      limn_mlp_check_word(err, "activation", LIMN_WORDS_ANY_ACTIVATION, (int)s->activation);
  if (!st) st = limn_mlp_check_word(err, "init", LIMN_WORDS_INIT, (int)s->init);
  if (!st) st = limn_mlp_check_word(err, "param", LIMN_WORDS_PARAM, (int)s->param);
  if (!st) st = limn_mlp_check_word(err, "start", LIMN_WORDS_START, (int)s->start);
  if (!st) st = limn_mlp_check_word(err, "dtype", LIMN_WORDS_PRECISION, (int)s->dtype);
  if (st) return st;
  if (s->count < 1)
    return limn_fail_argument(err, LIMN_EINVAL, "count", "must be at least 1, got 0");
  if (s->init == LIMN_INIT_CUSTOM || s->init == LIMN_INIT_ORTHOGONAL) {
    if (!(s->weight > 0) || !isfinite(s->weight))
      return limn_fail_argument(err, LIMN_EINVAL, "init.weight",
                                "must be a positive variance, got %g", s->weight);
    if (!(s->bias >= 0) || !isfinite(s->bias))
      return limn_fail_argument(err, LIMN_EINVAL, "init.bias", "must be a variance >= 0, got %g",
                                s->bias);
  }
  if (!(s->readout >= 0) || !isfinite(s->readout))
    return limn_fail_argument(err, LIMN_EINVAL, "readout", "must be a positive variance, got %g",
                              s->readout);
  if (!(s->alpha >= 0) || !isfinite(s->alpha))
    return limn_fail_argument(err, LIMN_EINVAL, "alpha", "must be a positive factor, got %g",
                              s->alpha);
  for (size_t r = 0; s->alphas && r < s->count; r++)
    if (!(s->alphas[r] > 0) || !isfinite(s->alphas[r]))
      return limn_fail_entry(err, LIMN_EINVAL, "alphas", (int64_t)r, -1,
                             "must be a positive factor, got %g", s->alphas[r]);
  if (s->param == LIMN_PARAM_MEANFIELD && s->layers != 2)
    return limn_fail_argument(err, LIMN_EINVAL, "param",
                              "\"meanfield\" is defined for one hidden layer, got %zu; "
                              "\"mup\" extends it to deeper nets",
                              s->layers - 1);
  if (s->activation == LIMN_PHI_FUNCTION && !s->function.apply)
    return limn_fail_argument(err, LIMN_EINVAL, "activation", "must be a function, got none");
  if (s->activation == LIMN_PHI_STEP)
    return limn_fail_argument(err, LIMN_EINVAL, "activation", "\"step\" has no slope to train by");
  net->halves = s->start == LIMN_START_ANTISYMMETRIC ? 2 : 1;
  size_t at = 0;
  bool fits = !limn_mul_overflows(s->count, net->halves, &net->blocks);
  for (size_t l = 0; l < s->layers && fits; l++) {
    size_t in = s->sizes[l], out = s->sizes[l + 1], ld = out, weights;
    fits = in < SIZE_MAX / 1024 && out < SIZE_MAX / 1024;
    if (!fits) break;
    if (out >= LIMN_MLP_PAD) {
      ld = limn_pad(out);
      if (ld * limn_real(s->dtype) % 4096 == 0) ld += 48;
    }
    fits = !limn_mul_overflows(in, ld, &weights) && weights < SIZE_MAX / 64 - at;
    if (!fits) break;
    net->ld[l] = ld, net->w_at[l] = at;
    at += limn_pad(weights);
    net->b_at[l] = at;
    at += limn_pad(out);
    parameterise(s, l, &net->layer[l]);
  }
  net->block = at;
  size_t bytes;
  if (!fits || limn_mul_overflows(net->blocks, at, &bytes) || bytes > SIZE_MAX / 32) {
    double numbers = 0;
    for (size_t l = 0; l < s->layers; l++)
      numbers += ((double)s->sizes[l] + 1) * (double)s->sizes[l + 1];
    return limn_fail(err, LIMN_ENOMEM, "this shape needs %.4g bytes, more than can be addressed",
                     2 * numbers * (double)s->count * (double)net->halves *
                         (double)limn_real(s->dtype));
  }
  return LIMN_OK;
}

/* z (in,out): a random orthogonal frame: orthonormal columns or rows, scaled so that entries have
 * variance 1/max(in,out). */
static limn_status frame(double *z, size_t in, size_t out, limn_key key, const limn_token *token,
                         limn_err *err) {
  size_t tall = in > out ? in : out, thin = in > out ? out : in;
  double *a = limn_alloc(tall * thin, sizeof *a), *q = limn_alloc(tall * thin, sizeof *q);
  double *r = limn_alloc(thin * thin, sizeof *r);
  limn_status st = LIMN_OK;
  if (!a || !q || !r) st = limn_nomem(err, "an orthogonal frame", tall * thin, 24);
  if (!st) {
    for (size_t i = 0; i < tall && !st; i++) {
      if (limn_cancelled(token)) st = limn_stopped(err);
      limn_rng rng = limn_rng_start(key, (uint32_t)i);
      limn_rng_fill_normal(&rng, a + i * thin, thin);
    }
    if (!st) st = limn_la_qr(q, r, a, tall, thin, token, err);
  }
  if (!st)
    for (size_t i = 0; i < in; i++)
      for (size_t o = 0; o < out; o++) {
        size_t row = in > out ? i : o, column = in > out ? o : i;
        /* With the signs of R's diagonal the frame is uniformly distributed (Mezzadri 2007). */
        double sign = r[column * thin + column] < 0 ? -1 : 1;
        z[i * out + o] = sign * q[row * thin + column];
      }
  limn_free(a), limn_free(q), limn_free(r);
  return st;
}

/* Fills z with n independent random numbers of variance 1. */
static void unit(const limn_mlp_spec *s, double *z, size_t n, limn_key key, size_t row) {
  limn_rng rng = limn_rng_start(key, (uint32_t)row);
  if (s->init == LIMN_INIT_UNIFORM) {
    limn_rng_fill_uniform(&rng, z, n);
    for (size_t j = 0; j < n; j++) z[j] = 1.7320508075688772935 * (2 * z[j] - 1);
  } else
    limn_rng_fill_normal(&rng, z, n);
}

limn_status limn_mlp_draw(const limn_mlp *net, void *to, size_t block, const limn_token *token,
                          limn_err *err) {
  const limn_mlp_spec *s = &net->spec;
  limn_dtype t = s->dtype;
  size_t member = block / net->halves;
  limn_key net_key = s->seeds ? limn_key_of(s->seeds[member], s->point, s->rep, LIMN_FOR_NETS)
                              : limn_key_of(s->seed, s->point, s->rep + member, LIMN_FOR_NETS);
  void *here = limn_at(to, t, block * net->block);
  for (size_t l = 0; l < s->layers; l++) {
    const limn_mlp_layer own = limn_mlp_layer_at(net, member, l), *a = &own;
    bool orthogonal = s->init == LIMN_INIT_ORTHOGONAL;
    size_t rows = orthogonal ? a->in : 1;
    limn_key key = limn_key_child(net_key, 2 * l);
    double *z = limn_alloc(rows * a->out, sizeof *z);
    if (!z) return limn_nomem(err, "a row of weights", rows * a->out, sizeof *z);
    double scale = a->multiplier * a->deviation;
    if (orthogonal) {
      limn_status st = frame(z, a->in, a->out, key, token, err);
      if (st) return limn_free(z), st;
      scale *= sqrt((double)(a->in > a->out ? a->in : a->out));
    }
    for (size_t i = 0; i < a->in; i++) {
      double *row = orthogonal ? z + i * a->out : z;
      if (limn_cancelled(token)) return limn_free(z), limn_stopped(err);
      if (!orthogonal) unit(s, z, a->out, key, i);
      for (size_t o = 0; o < a->out; o++)
        limn_set_real(here, t, net->w_at[l] + i * net->ld[l] + o, scale * row[o]);
    }
    if (a->bias_multiplier * a->bias_deviation > 0) {
      unit(s, z, a->out, limn_key_child(net_key, 2 * l + 1), 0);
      for (size_t o = 0; o < a->out; o++)
        limn_set_real(here, t, net->b_at[l] + o, a->bias_multiplier * a->bias_deviation * z[o]);
    }
    limn_free(z);
  }
  return LIMN_OK;
}
