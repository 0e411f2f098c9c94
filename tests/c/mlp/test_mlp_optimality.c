/* test_mlp_optimality.c: nets trained to the end satisfy the optimality condition of their loss and
 * penalties, for every optimiser, parameterisation and penalty. */
/* slow: 8 s */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "core/core.h"
#include "limn/limn.h"
#include "limn/mlp.h"

static limn_err err;

enum { POINTS = 6, IN = 2, UNITS = 3 };
static const double x[POINTS * IN] = {1, 0.5, -0.7, 1.2, 0.3, -1, -1.1, -0.4, 0.8, 1.5, -0.2, 0.9};
static const double y[POINTS] = {1, -0.5, 0.3, 0.8, -1, 0.2};

typedef enum { L2, L1, BOTH, DECAY, ALL, PENALTIES } penalty;

/* By how much the weights of layer l miss the condition at which the optimiser rests. With l1 also
 * counts entries that are exactly 0. */
static double miss(const limn_mlp *net, const limn_mlp_rule *r, size_t l, size_t *zeros) {
  const limn_mlp_layer *a = limn_mlp_layer_of(net, l);
  double w[UNITS * IN], g[UNITS * IN], b[UNITS], gb[UNITS], most = 0;
  cr_assert_eq(limn_mlp_get(w, b, net, 0, 0, l, &err), LIMN_OK);
  cr_assert_eq(limn_mlp_gradient(g, gb, net, 0, l, x, y, POINTS, r->loss, &err), LIMN_OK);
  for (size_t o = 0; o < a->out; o++) most = fmax(most, fabs(gb[o]));
  bool unit = r->optimizer == LIMN_MLP_ADAM || r->optimizer >= LIMN_MLP_SIGN;
  bool heavy = r->optimizer == LIMN_MLP_MOMENTUM || r->optimizer == LIMN_MLP_NESTEROV;
  double factor = limn_mlp_rate_factor(a, false, r->optimizer);
  for (size_t i = 0; i < a->in * a->out; i++) {
    double d = g[i] + r->l2[l] * w[i], whole = d;
    if (r->l1[l] > 0 && w[i] == 0) {
      *zeros += 1;
      d = fmax(fabs(d) - r->l1[l], 0);
    } else if (r->l1[l] > 0)
      d += copysign(r->l1[l], w[i]);
    if (r->decay[l] > 0 && (w[i] != 0 || r->l1[l] == 0)) {
      /* The step of the optimiser and the decay cancel; both times the scale that divides the step.
       * Without l1 sign and lion oscillate about gradient 0. */
      double scale = unit ? fabs(whole) + r->l1[l] : 1;
      if (r->optimizer == LIMN_MLP_ADAM) scale += r->epsilon * a->gradient;
      d = factor * (heavy ? d / (1 - r->momentum) : d) + r->decay[l] * w[i] * scale;
    }
    most = fmax(most, fabs(d));
  }
  return most;
}

static void train_to_the_end(limn_mlp *net, limn_mlp_rule *r) {
  limn_mlp_outcome out;
  bool unit = r->optimizer == LIMN_MLP_ADAM || r->optimizer >= LIMN_MLP_SIGN;
  bool slow = r->optimizer == LIMN_MLP_ADAM; /* at rest g is as small as eps */
  double first = r->rate;
  for (int k = 0; k < (unit ? 40 : 1); k++) { /* their steps become smaller only with the rate */
    r->rate = unit ? first * pow(slow ? 0.9 : 0.65, k) : first;
    r->steps = unit ? 600 : 20000;
    cr_assert_eq(limn_mlp_train(net, &out, x, y, POINTS, r, NULL, &err), LIMN_OK, "%s", err.text);
    cr_assert_eq(out.reason, LIMN_MLP_STEPS);
  }
}

static limn_mlp_rule rule_of(limn_mlp_optimizer optimizer, limn_mlp_param param, penalty kind) {
  limn_mlp_rule r = {.optimizer = optimizer,
                     .momentum = 0.8,
                     .beta2 = optimizer == LIMN_MLP_LION ? 0.9 : 0.99,
                     .epsilon = 0.01,
                     .tolerance = -1};
  bool unit = optimizer == LIMN_MLP_ADAM || optimizer >= LIMN_MLP_SIGN;
  r.rate = unit ? 0.02 : 0.1;
  if (optimizer == LIMN_MLP_MOMENTUM || optimizer == LIMN_MLP_NESTEROV) r.rate = 0.03;
  if (!unit && param == LIMN_PARAM_MEANFIELD) r.rate /= UNITS;
  for (size_t l = 0; l < 2; l++) {
    r.rates[l] = 1;
    if (kind == L2 || kind == BOTH || kind == ALL) r.l2[l] = 0.03;
    if (kind == L1 || kind == BOTH || kind == ALL) r.l1[l] = 0.02 * (double)(l + 1);
    if (kind == DECAY || kind == ALL) r.decay[l] = kind == ALL ? 0.03 : 0.1;
  }
  return r;
}

Test(mlp_optimality, every_penalty_optimiser_and_parameterisation) {
  size_t zeros = 0;
  for (int optimizer = 0; optimizer <= LIMN_MLP_LION; optimizer++)
    for (int param = 0; param < 4; param++)
      for (int kind = L2; kind < PENALTIES; kind++) {
        limn_mlp_spec spec = {.layers = 2,
                              .sizes = {IN, UNITS, 1},
                              .activation = LIMN_PHI_TANH,
                              .init = LIMN_INIT_CUSTOM,
                              .weight = 1,
                              .bias = 0.1,
                              .param = (limn_mlp_param)param,
                              .biases = true,
                              .count = 1,
                              .seed = 3};
        limn_mlp *net;
        cr_assert_eq(limn_mlp_new(&net, &spec, NULL, &err), LIMN_OK, "%s", err.text);
        limn_mlp_rule r = rule_of((limn_mlp_optimizer)optimizer, spec.param, (penalty)kind);
        train_to_the_end(net, &r);
        for (size_t l = 0; l < 2; l++) {
          double by = miss(net, &r, l, &zeros);
          cr_expect_lt(by,
                       optimizer >= LIMN_MLP_SIGN || (optimizer == LIMN_MLP_ADAM && kind >= DECAY)
                           ? 1e-3
                           : 1e-4,
                       "optimizer %d, param %d, penalty %d, layer %zu: off by %g", optimizer, param,
                       kind, l, by);
        }
        limn_mlp_free(net);
      }
  cr_assert_gt(zeros, 20, "only %zu weights are exactly 0", zeros);
}
