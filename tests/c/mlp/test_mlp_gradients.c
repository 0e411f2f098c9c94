/* test_mlp_gradients.c: gradients against finite differences, and one step of gradient descent
 * against the gradient with penalties, for every loss, activation, parameterisation and penalty. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "core/core.h"
#include "limn/limn.h"
#include "limn/mlp.h"
#include "num/mlp/loss.h"

static limn_err err;

enum { POINTS = 5, IN = 3, OUT = 3, WEIGHTS = 16 };
static double x[POINTS * IN], y[POINTS * OUT];

static void draw(limn_mlp_loss loss, uint64_t seed) {
  limn_rng rng = limn_rng_start(limn_key_of(seed, 0, 0, LIMN_FOR_USER), 0);
  limn_rng_fill_normal(&rng, x, POINTS * IN);
  for (size_t p = 0; p < POINTS; p++) {
    size_t label = p % OUT;
    for (size_t o = 0; o < OUT; o++)
      y[p * OUT + o] = loss == LIMN_LOSS_SOFTMAX      ? o == label
                       : limn_mlp_signed_labels(loss) ? (limn_rng_uniform(&rng) < 0.5 ? -1 : 1)
                                                      : limn_rng_uniform(&rng);
  }
}

static double loss_of(const limn_mlp *net, limn_mlp_loss loss) {
  double f[POINTS * OUT], total = 0;
  cr_assert_eq(limn_mlp_forward(f, net, x, POINTS, NULL, &err), LIMN_OK, "%s", err.text);
  for (size_t p = 0; p < POINTS; p++)
    total = limn_mlp_add_loss(total, loss, f + p * OUT, y + p * OUT, OUT, NULL);
  return total / POINTS;
}

/* The derivative of the loss by weight i of layer l, by Richardson's extrapolation of central
 * differences; NaN where a kink of ReLU or of the hinge loss lies between. */
static double difference(limn_mlp *net, size_t l, const double *w, size_t i, limn_mlp_loss loss) {
  double at[2];
  for (int k = 0; k < 2; k++) {
    double h = k ? 1e-4 : 2e-4, moved[WEIGHTS], f[2];
    for (int side = 0; side < 2; side++) {
      memcpy(moved, w, sizeof moved);
      moved[i] += side ? h : -h;
      cr_assert_eq(limn_mlp_set(net, 0, 0, l, moved, NULL, &err), LIMN_OK);
      f[side] = loss_of(net, loss);
    }
    at[k] = (f[1] - f[0]) / (2 * h);
  }
  cr_assert_eq(limn_mlp_set(net, 0, 0, l, w, NULL, &err), LIMN_OK);
  return fabs(at[1] - at[0]) < 2e-6 * (1 + fabs(at[0])) ? (4 * at[1] - at[0]) / 3 : NAN;
}

static size_t checked, kinks;

static void check(const limn_mlp_spec *spec, limn_mlp_loss loss, double l2, double l1,
                  double decay) {
  limn_mlp *net, *step;
  cr_assert_eq(limn_mlp_new(&net, spec, NULL, &err), LIMN_OK, "%s", err.text);
  cr_assert_eq(limn_mlp_copy(&step, net, 0, false, &err), LIMN_OK);
  limn_mlp_rule r = {.loss = loss, .rate = 1e-4, .steps = 1, .tolerance = -INFINITY};
  for (size_t l = 0; l < spec->layers; l++)
    r.rates[l] = 1, r.l2[l] = l2, r.l1[l] = l1, r.decay[l] = decay;
  limn_mlp_outcome out;
  cr_assert_eq(limn_mlp_train(step, &out, x, y, POINTS, &r, NULL, &err), LIMN_OK, "%s", err.text);
  cr_assert_eq(out.steps, 1);
  for (size_t l = 0; l < spec->layers; l++) {
    double w[WEIGHTS] = {0}, after[WEIGHTS], g[WEIGHTS];
    cr_assert_eq(limn_mlp_get(w, NULL, net, 0, 0, l, &err), LIMN_OK);
    cr_assert_eq(limn_mlp_get(after, NULL, step, 0, 0, l, &err), LIMN_OK);
    cr_assert_eq(limn_mlp_gradient(g, NULL, net, 0, l, x, y, POINTS, loss, &err), LIMN_OK);
    double rate = r.rate * limn_mlp_layer_of(net, l)->rate;
    for (size_t i = 0; i < spec->sizes[l] * spec->sizes[l + 1]; i++) {
      double d = difference(net, l, w, i, loss), size = 1 + fabs(d);
      checked++;
      if (isnan(d)) {
        kinks++;
        continue;
      }
      cr_assert_lt(fabs(g[i] - d), 1e-7 * size, "loss %d, phi %d, param %d, layer %zu: %g, not %g",
                   (int)loss, (int)spec->activation, (int)spec->param, l, g[i], d);
      if (w[i] * after[i] <= 0) continue; /* the penalty has a kink at 0 */
      double whole = d + l2 * w[i] + (l1 > 0 ? copysign(l1, w[i]) : 0) +
                     decay * w[i] * r.rate / rate; /* the decay has no factor of the width */
      cr_assert_lt(fabs((w[i] - after[i]) / rate - whole), 1e-6 * size,
                   "step: loss %d, phi %d, param %d, penalties %g %g %g, layer %zu: %g, not %g",
                   (int)loss, (int)spec->activation, (int)spec->param, l2, l1, decay, l,
                   (w[i] - after[i]) / rate, whole);
    }
  }
  limn_mlp_free(net), limn_mlp_free(step);
}

Test(mlp_gradients, every_loss_activation_parameterisation_and_penalty) {
  for (int loss = 0; loss <= LIMN_LOSS_LINEAR; loss++)
    for (int phi = 0; phi <= LIMN_PHI_HERMITE3; phi++) {
      if (phi == LIMN_PHI_STEP) continue;
      for (int param = 0; param < 4; param++)
        for (int penalty = 0; penalty < 8; penalty++) {
          bool shallow = param == LIMN_PARAM_MEANFIELD;
          limn_mlp_spec spec = {
              .layers = shallow ? 2 : 3,
              .sizes = {IN, 4, shallow ? OUT : 4, OUT},
              .activation = (limn_phi)phi,
              .init = LIMN_INIT_CUSTOM,
              .weight = phi < LIMN_PHI_QUADRATIC ? 1.5 : 0.3, /* moderate outputs */
              .bias = 0.2,
              .param = (limn_mlp_param)param,
              .biases = true,
              .alpha = penalty % 4 == 3 ? 0.5 : 0,
              .start = (limn_mlp_start)(penalty % 2),
              .count = 1,
              .seed = (uint64_t)(loss * 1000 + phi * 100 + param * 10 + penalty % 4)};
          draw((limn_mlp_loss)loss, spec.seed);
          check(&spec, (limn_mlp_loss)loss, penalty & 1 ? 0.3 : 0, penalty & 2 ? 0.2 : 0,
                penalty & 4 ? 0.25 : 0);
        }
    }
  cr_assert_lt(kinks, checked / 50, "%zu of %zu derivatives lie at kinks", kinks, checked);
}
