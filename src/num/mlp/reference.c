/* reference.c: the definition of training: forward pass, backward pass and one step of each
 * optimiser, in plain C.
 *
 * With the penalties l2, l1 of the layer (weights only, not biases) and eta = rate rates[l] n^-c:
 *     g = dW + l2 W
 *     gd         W -= eta g
 *     momentum   u = mu u + g;  W -= eta u
 *     adam       u = mu u + (1 - mu) g,  v = beta2 v + (1 - beta2) g^2;
 *                W -= eta (u/(1 - mu^t)) / (sqrt(v/(1 - beta2^t)) + epsilon)
 *     then       W = sign(W) max(|W| - eta l1, 0)
 * The last line is the proximal step of l1 |W|_1 for gradient descent only. Known limitation:
 * momentum and Adam use it with the same eta, so the penalty is not accumulated in u. With momentum
 * its weight relative to the loss is (1 - mu) l1; with Adam it is not divided by the scale of each
 * entry. */
#include "num/mlp/reference.h"

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
  case LIMN_PHI_LINEAR:
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
  case LIMN_PHI_LINEAR:
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
      double label = y[p * outputs + o], df;
      r->f[o] = r->offset ? -r->offset[p * outputs + o] : 0;
      for (size_t n = 0; n < r->nets; n++) r->f[o] += r->scale[n] * r->layer[n][L - 1].z[o];
      if (loss == LIMN_LOSS_LOGISTIC) {
        total += log1p(exp(-fabs(r->f[o]))) + fmax(-label * r->f[o], 0);
        df = -label / (1 + exp(label * r->f[o]));
      } else {
        total += (r->f[o] - label) * (r->f[o] - label) / 2;
        df = r->f[o] - label;
      }
      for (size_t n = 0; n < r->moving; n++)
        r->layer[n][L - 1].dz[o] = r->scale[n] * df / (double)points;
    }
    for (size_t n = 0; n < r->moving; n++) backward(r, r->layer[n]);
  }
  return total / (double)points;
}

void limn_reference_update(double *W, const double *dW, double *u, double *v, size_t n, double eta,
                           double l2, double l1, const limn_mlp_rule *rule, double t) {
  for (size_t i = 0; i < n; i++) {
    double g = dW[i] + l2 * W[i], mu = rule->momentum, beta2 = rule->beta2;
    switch (rule->optimizer) {
    case LIMN_MLP_GD:
      W[i] -= eta * g;
      break;
    case LIMN_MLP_MOMENTUM:
      u[i] = mu * u[i] + g;
      W[i] -= eta * u[i];
      break;
    case LIMN_MLP_ADAM:
      u[i] = mu * u[i] + (1 - mu) * g, v[i] = beta2 * v[i] + (1 - beta2) * g * g;
      W[i] -= eta * (u[i] / (1 - pow(mu, t))) / (sqrt(v[i] / (1 - pow(beta2, t))) + rule->epsilon);
      break;
    }
    if (l1 > 0) W[i] = copysign(fmax(fabs(W[i]) - eta * l1, 0), W[i]);
  }
}

void limn_reference_apply(limn_reference *r, const limn_mlp_rule *rule) {
  double t = (double)++r->t;
  for (size_t n = 0; n < r->moving; n++)
    for (size_t l = 0; l < r->layers; l++) {
      limn_reference_layer *at = &r->layer[n][l];
      double eta = rule->rate * rule->rates[l] * at->is.rate;
      if (eta == 0) continue; /* a frozen layer's moments do not change either */
      limn_reference_update(at->W, at->dW, at->uW, at->vW, at->is.in * at->is.out, eta, rule->l2[l],
                            rule->l1[l], rule, t);
      limn_reference_update(at->b, at->db, at->ub, at->vb, at->is.out, eta, 0, 0, rule, t);
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
  const limn_mlp_spec *s = &net->spec;
  bool none = s->start == LIMN_START_NONE, pair = s->start == LIMN_START_ANTISYMMETRIC;
  *r = (limn_reference){.layers = s->layers, .activation = s->activation};
  r->nets = none || pair ? 2 : 1, r->moving = pair ? 2 : 1;
  r->scale[0] = pair ? sqrt(0.5) : 1, r->scale[1] = -r->scale[0];
  size_t numbers = s->sizes[s->layers];
  for (size_t n = 0; n < r->nets; n++)
    for (size_t l = 0; l < s->layers; l++) {
      r->layer[n][l].is = net->layer[l];
      numbers += carve(&r->layer[n][l], NULL);
    }
  r->memory = limn_alloc(numbers, sizeof *r->memory);
  if (!r->memory) return limn_nomem(err, "the reference", numbers, sizeof *r->memory);
  double *at = r->f = r->memory;
  at += s->sizes[s->layers];
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
