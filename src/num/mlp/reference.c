/* reference.c: the definition of training: forward pass, backward pass and one step of each
 * optimiser, in plain C.
 *
 * With the penalties l2, l1 and the decay of the layer (weights only, not biases), the factor r of
 * the parameterisation (limn_mlp_rate_factor), eta = rate rates[l] r, S(w, t) =
 * sign(w) max(|w| - t, 0) the proximal step of t |w|_1, g = dW + l2 W and
 * W0 = W (1 - rate rates[l] decay):
 *     gd         W = S(W0 - eta g, eta l1)
 *     momentum   W' = S(W0 - eta (mu u + g), eta l1),  u = (W0 - W')/eta
 *     nesterov   x = W + eta mu u, of which W is the extrapolation;  x' = S(W - eta g, eta l1),
 *                u = (x - x')/eta,  W' = x' - eta mu u + (W0 - W)
 *     adam       u = mu u + (1 - mu) g,  v = beta2 v + (1 - beta2) g^2;
 *                eta' = eta/(sqrt(v/(1 - beta2^t)) + l1 + epsilon')  for each entry, epsilon' the
 *                epsilon times the size of a gradient's entries as the width grows;
 *                W = S(W0 - eta' u/(1 - mu^t), eta' l1)
 *     sign       eta' = eta/(|g| + l1);  W = S(W0 - eta' g, eta' l1)
 *     lion       c = mu u + (1 - mu) g,  eta' = eta/(|c| + l1);  W = S(W0 - eta' c, eta' l1);
 *                u = beta2 u + (1 - beta2) g
 * With a constraint, W is then projected: max_norm and norm scale the row of each unit, nonnegative
 * replaces negative entries by 0. Without l1: momentum is u = mu u + g, W = W0 - eta u; nesterov W
 * = W0 - eta (g + mu u) with that u; sign W = W0 - eta sign(g). Each rule thresholds with the step
 * that it makes, so that at rest g
 * + l1 sign(W) = 0 where W is not 0, and |g| <= l1 where it is. momentum: iPiano, Ochs et al. 2014;
 * nesterov: Beck and Teboulle 2009 with constant momentum; adam: Yun et al. 2021, with l1 in the
 * scale of an entry, so that no step is longer than eta even where g is 0. */
#include "num/mlp/reference.h"
#include "num/mlp/loss.h"

double limn_reference_phi(limn_phi phi, double z) {
  switch (phi) {
  case LIMN_PHI_RELU:
    return z > 0 ? z : 0;
  case LIMN_PHI_TANH:
    return tanh(z);
  case LIMN_PHI_ERF:
    return erf(z);
  case LIMN_PHI_GELU:
    return 0.5 * z * (1 + erf(z * 0.70710678118654752440));
  case LIMN_PHI_SIN:
    return sin(z);
  case LIMN_PHI_STEP:
    return z > 0;
  case LIMN_PHI_LEAKY:
    return z > 0 ? z : 0.01 * z;
  case LIMN_PHI_ELU:
    return z > 0 ? z : expm1(z);
  case LIMN_PHI_SOFTPLUS:
    return log1p(exp(-fabs(z))) + (z > 0 ? z : z != z ? z : 0);
  case LIMN_PHI_SILU:
    return z / (1 + exp(-z));
  case LIMN_PHI_SIGMOID:
    return 1 / (1 + exp(-z));
  case LIMN_PHI_QUADRATIC:
    return z * z;
  case LIMN_PHI_HERMITE2:
    return (z * z - 1) * sqrt(0.5);
  case LIMN_PHI_HERMITE3:
    return z * (z * z - 3) / sqrt(6);
  case LIMN_PHI_LINEAR:
  case LIMN_PHI_FUNCTION: /* limn_mlp_phi */
    break;
  }
  return z;
}

double limn_reference_slope(limn_phi phi, double z) {
  switch (phi) {
  case LIMN_PHI_RELU:
    return z > 0;
  case LIMN_PHI_TANH:
    return 1 - tanh(z) * tanh(z);
  case LIMN_PHI_ERF:
    return 1.12837916709551257390 * exp(-z * z);
  case LIMN_PHI_GELU:
    return 0.5 * (1 + erf(z * 0.70710678118654752440)) +
           z * 0.39894228040143267794 * exp(-0.5 * z * z);
  case LIMN_PHI_SIN:
    return cos(z);
  case LIMN_PHI_STEP:
    return 0;
  case LIMN_PHI_LEAKY:
    return z > 0 ? 1 : 0.01;
  case LIMN_PHI_ELU:
    return z > 0 ? 1 : exp(z);
  case LIMN_PHI_SOFTPLUS:
    return 1 / (1 + exp(-z));
  case LIMN_PHI_SILU:
    return (1 + z / (1 + exp(z))) / (1 + exp(-z));
  case LIMN_PHI_SIGMOID:
    return 1 / (2 + exp(-z) + exp(z));
  case LIMN_PHI_QUADRATIC:
    return 2 * z;
  case LIMN_PHI_HERMITE2:
    return 2 * z * sqrt(0.5);
  case LIMN_PHI_HERMITE3:
    return 3 * (z * z - 1) / sqrt(6);
  case LIMN_PHI_LINEAR:
  case LIMN_PHI_FUNCTION: /* limn_mlp_phi */
    break;
  }
  return 1;
}

/* z = m W a + mb b;  the next layer's a = phi(z); no phi after the last layer. */
static void forward(limn_reference *r, limn_reference_layer *layer, const double *x) {
  memcpy(layer[0].a, x, layer[0].is.in * sizeof *x);
  for (size_t l = 0; l < r->layers; l++) {
    limn_reference_layer *at = &layer[l];
    for (size_t o = 0; o < at->is.out; o++) {
      double sum = 0;
      for (size_t i = 0; i < at->is.in; i++) sum += at->W[o * at->is.in + i] * at->a[i];
      at->z[o] = at->is.multiplier * sum + at->is.bias_multiplier * at->b[o];
      if (l + 1 < r->layers) at[1].a[o] = limn_reference_phi(r->activation, at->z[o]);
    }
  }
}

/* From dz of the last layer: dW += m dz a^T, db += mb dz, dz below = m W^T dz * phi'(z below). */
static void backward(limn_reference *r, limn_reference_layer *layer) {
  for (size_t l = r->layers; l-- > 0;) {
    limn_reference_layer *at = &layer[l];
    for (size_t o = 0; o < at->is.out; o++) {
      at->db[o] += at->is.bias_multiplier * at->dz[o];
      for (size_t i = 0; i < at->is.in; i++)
        at->dW[o * at->is.in + i] += at->is.multiplier * at->dz[o] * at->a[i];
    }
    for (size_t i = 0; i < at->is.in && l > 0; i++) {
      double da = 0;
      for (size_t o = 0; o < at->is.out; o++)
        da += at->is.multiplier * at->W[o * at->is.in + i] * at->dz[o];
      at[-1].dz[i] = da * limn_reference_slope(r->activation, at[-1].z[i]);
    }
  }
}

double limn_reference_gradient(limn_reference *r, const double *x, const double *y, size_t points,
                               limn_mlp_loss loss) {
  size_t L = r->layers, in = r->layer[0][0].is.in, outputs = r->layer[0][L - 1].is.out;
  double total = 0;
  for (size_t n = 0; n < r->nets; n++)
    for (size_t l = 0; l < L; l++) {
      limn_reference_layer *at = &r->layer[n][l];
      memset(at->dW, 0, at->is.in * at->is.out * sizeof *at->dW);
      memset(at->db, 0, at->is.out * sizeof *at->db);
    }
  for (size_t p = 0; p < points; p++) {
    for (size_t n = 0; n < r->nets; n++) forward(r, r->layer[n], x + p * in);
    for (size_t o = 0; o < outputs; o++) {
      r->f[o] = r->offset ? -r->offset[p * outputs + o] : 0;
      for (size_t n = 0; n < r->nets; n++) r->f[o] += r->scale[n] * r->layer[n][L - 1].z[o];
    }
    total = limn_mlp_add_loss(total, loss, r->f, y + p * outputs, outputs, r->df);
    for (size_t n = 0; n < r->moving; n++)
      for (size_t o = 0; o < outputs; o++)
        r->layer[n][L - 1].dz[o] = r->scale[n] * r->df[o] / (double)points;
    for (size_t n = 0; n < r->moving; n++) backward(r, r->layer[n]);
  }
  return total / (double)points;
}

/* The proximal step of t |w|_1. */
static double shrink(double w, double t) {
  return t > 0 ? copysign(fmax(fabs(w) - t, 0), w) : w;
}

/* (from - to)/eta without cancellation, where to = S(from - eta move, eta l1). */
static double moved(double from, double to, double eta, double move, double l1) {
  return to != 0 ? move + copysign(l1, to) : from / eta;
}

/* eta/scale; an entry without any slope does not move. */
static double step_of(double eta, double scale) {
  return scale == 0 ? 0 : eta / scale;
}

void limn_reference_update(double *W, const double *dW, double *u, double *v, size_t n, double eta,
                           double l2, double l1, double fade, const limn_mlp_rule *rule, double t) {
  const double mu = rule->momentum, beta2 = rule->beta2;
  for (size_t i = 0; i < n; i++) {
    double g = dW[i] + l2 * W[i], W0 = W[i] - fade * W[i], c, x, e;
    switch (rule->optimizer) {
    case LIMN_MLP_GD:
      W[i] = shrink(W0 - eta * g, eta * l1);
      break;
    case LIMN_MLP_MOMENTUM:
      u[i] = mu * u[i] + g;
      W[i] = shrink(W0 - eta * u[i], eta * l1);
      if (l1 > 0) u[i] = moved(W0, W[i], eta, u[i], l1);
      break;
    case LIMN_MLP_NESTEROV:
      x = W[i] + eta * mu * u[i], c = shrink(W[i] - eta * g, eta * l1);
      u[i] = moved(x, c, eta, mu * u[i] + g, l1);
      W[i] = c - eta * mu * u[i] + (W0 - W[i]);
      break;
    case LIMN_MLP_ADAM:
      u[i] = mu * u[i] + (1 - mu) * g, v[i] = beta2 * v[i] + (1 - beta2) * g * g;
      e = eta / (sqrt(v[i] / (1 - pow(beta2, t))) + l1 + rule->epsilon);
      W[i] = shrink(W0 - e * u[i] / (1 - pow(mu, t)), e * l1);
      break;
    case LIMN_MLP_SIGN:
      e = step_of(eta, fabs(g) + l1);
      W[i] = shrink(W0 - e * g, e * l1);
      break;
    case LIMN_MLP_LION:
      c = mu * u[i] + (1 - mu) * g, e = step_of(eta, fabs(c) + l1);
      W[i] = shrink(W0 - e * c, e * l1);
      u[i] = beta2 * u[i] + (1 - beta2) * g;
      break;
    }
  }
}

void limn_reference_project(double *W, size_t out, size_t in, limn_mlp_constraint constraint,
                            double bound) {
  for (size_t o = 0; o < out; o++, W += in) {
    double square = 0;
    for (size_t i = 0; i < in; i++) {
      if (constraint == LIMN_CONSTRAINT_NONNEGATIVE && W[i] < 0) W[i] = 0;
      square += W[i] * W[i];
    }
    double factor = limn_mlp_projection(constraint, bound, square);
    for (size_t i = 0; i < in; i++) W[i] *= factor;
  }
}

void limn_reference_apply(limn_reference *r, const limn_mlp_rule *rule) {
  double t = (double)++r->t;
  for (size_t n = 0; n < r->moving; n++)
    for (size_t l = 0; l < r->layers; l++) {
      limn_reference_layer *at = &r->layer[n][l];
      double base = rule->rate * rule->rates[l];
      if (base == 0) continue; /* a frozen layer's moments do not change either */
      for (int bias = 0; bias < 2; bias++) {
        double eta = base * limn_mlp_rate_factor(&at->is, bias, rule->optimizer);
        limn_mlp_rule own = *rule;
        own.epsilon *= bias ? at->is.bias_gradient : at->is.gradient;
        if (bias)
          limn_reference_update(at->b, at->db, at->ub, at->vb, at->is.out, eta, 0, 0, 0, &own, t);
        else
          limn_reference_update(at->W, at->dW, at->uW, at->vW, at->is.in * at->is.out, eta,
                                rule->l2[l], rule->l1[l], base * rule->decay[l], &own, t);
      }
      if (rule->bound[l] > 0)
        limn_reference_project(at->W, at->is.out, at->is.in, rule->constraint, rule->bound[l]);
    }
}

double limn_reference_step(limn_reference *r, const double *x, const double *y, size_t points,
                           const limn_mlp_rule *rule) {
  double loss = limn_reference_gradient(r, x, y, points, rule->loss);
  limn_reference_apply(r, rule);
  return loss;
}

/* Assigns the layer's arrays consecutive parts of `memory`, or with NULL only counts; returns how
 * many numbers they need. */
static size_t carve(limn_reference_layer *at, double *memory) {
  size_t in = at->is.in, out = at->is.out, used = 0;
  double **matrices[4] = {&at->W, &at->dW, &at->uW, &at->vW};
  double **vectors[6] = {&at->b, &at->db, &at->ub, &at->vb, &at->z, &at->dz};
  for (size_t k = 0; k < 4; k++, used += in * out)
    if (memory) *matrices[k] = memory + used;
  for (size_t k = 0; k < 6; k++, used += out)
    if (memory) *vectors[k] = memory + used;
  if (memory) at->a = memory + used;
  return used + in;
}

limn_status limn_reference_begin(limn_reference *r, const limn_mlp *net, size_t member,
                                 limn_err *err) {
  limn_mlp_settle(net);
  const limn_mlp_spec *s = &net->spec;
  bool none = s->start == LIMN_START_NONE, pair = s->start == LIMN_START_ANTISYMMETRIC;
  *r = (limn_reference){.layers = s->layers, .activation = s->activation};
  r->nets = none || pair ? 2 : 1, r->moving = pair ? 2 : 1;
  r->scale[0] = pair ? sqrt(0.5) : 1, r->scale[1] = -r->scale[0];
  size_t numbers = 2 * s->sizes[s->layers];
  for (size_t n = 0; n < r->nets; n++)
    for (size_t l = 0; l < s->layers; l++) {
      r->layer[n][l].is = limn_mlp_layer_at(net, member, l);
      numbers += carve(&r->layer[n][l], NULL);
    }
  r->memory = limn_alloc(numbers, sizeof *r->memory);
  if (!r->memory) return limn_nomem(err, "the reference", numbers, sizeof *r->memory);
  double *at = r->f = r->memory;
  r->df = at + s->sizes[s->layers];
  at += 2 * s->sizes[s->layers];
  for (size_t n = 0; n < r->nets; n++)
    for (size_t l = 0; l < s->layers; l++) {
      limn_reference_layer *a = &r->layer[n][l];
      at += carve(a, at);
      size_t block = (member * r->moving + (pair ? n : 0)) * net->block, in = a->is.in;
      const void *from = limn_at(none && n ? net->start : net->now, s->dtype, block);
      for (size_t o = 0; o < a->is.out; o++) {
        for (size_t i = 0; i < in; i++)
          a->W[o * in + i] =
              limn_get_real(from, s->dtype, net->w_at[l] + i * net->ld[l] + o) / a->is.multiplier;
        if (a->is.bias_multiplier > 0)
          a->b[o] = limn_get_real(from, s->dtype, net->b_at[l] + o) / a->is.bias_multiplier;
      }
    }
  return LIMN_OK;
}

void limn_reference_end(limn_reference *r) {
  limn_free(r->memory);
}
