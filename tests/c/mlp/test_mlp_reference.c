/* test_mlp_reference.c: every training algorithm against the definition in num/mlp/reference.c, on
 * random nets: activations, parameterisations, optimisers with penalties and batches, every loss,
 * starts, number types. */
/* slow: 8 s */
/* isa: yes */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "core/core.h"
#include "limn/limn.h"
#include "limn/mlp.h"
#include "num/mlp/reference.h"
#include "num/mlp/train/choose.h"

static limn_err err;

/* Shapes, and the algorithm that trains nets of ReLUs of this shape by plain gradient descent. */
typedef struct {
  const char *algorithm;
  size_t layers, sizes[5], points, count;
} shape;

static const shape shapes[] = {
    {"groups", 2, {2, 300, 1}, 4, 2},        {"one_hidden", 2, {2, 9, 1}, 4, 5},
    {"one_hidden", 2, {2, 70, 1}, 4, 1},     {"small", 3, {3, 20, 33, 1}, 3, 1},
    {"small", 4, {2, 40, 30, 24, 1}, 4, 5},  {"lanes", 3, {3, 7, 5, 2}, 6, 5},
    {"lanes", 2, {2, 6, 1}, 3, 9},           {"wide", 3, {3, 40, 20, 2}, 7, 1},
    {"wide", 2, {2, 18, 3}, 21, 1},          {"wide", 1, {4, 3}, 5, 1},
    {"wide", 4, {2, 530, 530, 40, 1}, 3, 1}, /* layers read once, deferred updates */
    {"wide", 4, {2, 20, 560, 560, 2}, 4, 1},
};
enum { SHAPES = sizeof shapes / sizeof *shapes, LARGE = 10, POINTS = 21, STEPS = 7 };

static double x[POINTS * 4], y[POINTS * 3];

static void draw_points(uint64_t seed) {
  limn_rng rng = limn_rng_start(limn_key_of(seed, 0, 0, LIMN_FOR_USER), 0);
  limn_rng_fill_normal(&rng, x, sizeof x / sizeof *x);
  for (size_t j = 0; j < sizeof y / sizeof *y; j++) y[j] = limn_rng_uniform(&rng) < 0.5 ? -1 : 1;
}

/* The noise of Langevin dynamics after step t: N(0, 2 eta T) for each raw parameter, eta that of
 * its own step; from a stream for each net and step, and in it one for each row of weights that
 * leave an input, the biases as the last row. */
static void add_noise(limn_reference *r, const limn_mlp *net, size_t member,
                      const limn_mlp_rule *rule) {
  limn_key key = limn_key_of(rule->seed, 1 + net->spec.rep + member, r->t, LIMN_FOR_FIT);
  uint32_t row = 0;
  for (size_t n = 0; n < r->moving; n++)
    for (size_t l = 0; l < r->layers; l++) {
      limn_reference_layer *a = &r->layer[n][l];
      size_t rows = a->is.in + (a->is.bias_multiplier > 0);
      for (size_t i = 0; i < rows; i++) {
        limn_rng rng = limn_rng_start(key, row++);
        double eta = rule->rate * rule->rates[l] * a->is.rate;
        for (size_t o = 0; o < a->is.out && eta > 0; o++) {
          double z;
          limn_rng_fill_normal(&rng, &z, 1);
          *(i < a->is.in ? &a->W[o * a->is.in + i] : &a->b[o]) +=
              sqrt(2 * eta * rule->temperature) * z;
        }
      }
    }
}

/* Trains as the rule prescribes, with batches and noise; returns the final loss. */
static double reference_train(limn_reference *r, limn_mlp *net, size_t member,
                              const limn_mlp_rule *rule, size_t points) {
  limn_mlp_work work = limn_mlp_work_of(net, rule, points);
  size_t in = net->spec.sizes[0], outputs = net->spec.sizes[net->spec.layers];
  uint64_t order[POINTS], epoch = UINT64_MAX;
  const uint64_t *which;
  double bx[POINTS * 4], by[POINTS * 3];
  for (size_t step = 0; step < rule->steps; step++) {
    if (rule->batch == 0) {
      limn_reference_step(r, x, y, points, rule);
      if (rule->temperature > 0) add_noise(r, net, member, rule);
      continue;
    }
    size_t n = limn_mlp_batch(&work, step, order, &epoch, &which);
    for (size_t p = 0; p < n; p++) {
      memcpy(bx + p * in, x + which[p] * in, in * sizeof *x);
      memcpy(by + p * outputs, y + which[p] * outputs, outputs * sizeof *y);
    }
    limn_reference_step(r, bx, by, n, rule);
    if (rule->temperature > 0) add_noise(r, net, member, rule);
  }
  return limn_reference_gradient(r, x, y, points, rule->loss);
}

/* The largest difference of an effective weight or bias of one member from the reference, relative
 * to the largest of its layer. */
static double apart(const limn_mlp *net, size_t member, const limn_reference *r) {
  double most = 0;
  for (size_t n = 0; n < r->moving; n++)
    for (size_t l = 0; l < r->layers; l++) {
      const limn_reference_layer *a = &r->layer[n][l];
      size_t weights = a->is.in * a->is.out;
      double m = a->is.multiplier, mb = a->is.bias_multiplier, size = 1e-3, far = 0;
      double *w = malloc((weights + a->is.out) * sizeof *w), *b = w + weights;
      cr_assert_eq(limn_mlp_get(w, b, net, member, n, l, &err), LIMN_OK, "%s", err.text);
      for (size_t i = 0; i < weights; i++)
        far = fmax(far, m * fabs(w[i] - a->W[i])), size = fmax(size, m * fabs(a->W[i]));
      for (size_t o = 0; o < a->is.out; o++)
        far = fmax(far, mb * fabs(b[o] - a->b[o])), size = fmax(size, mb * fabs(a->b[o]));
      most = fmax(most, far / size);
      free(w);
    }
  return most;
}

/* Trains and compares; returns the algorithm's name. */
static const char *compare(const limn_mlp_spec *spec, const limn_mlp_rule *rule, size_t points) {
  limn_mlp *net;
  limn_reference r, start;
  limn_mlp_outcome out[9];
  cr_assert_eq(limn_mlp_new(&net, spec, NULL, &err), LIMN_OK, "%s", err.text);
  const char *name = limn_mlp_algorithm_name(net, rule, points);
  size_t member = spec->count - 1;
  cr_assert_eq(limn_reference_begin(&r, net, member, &err), LIMN_OK);
  cr_assert_eq(limn_reference_begin(&start, net, member, &err), LIMN_OK);
  double loss = reference_train(&r, net, member, rule, points), single = spec->dtype == LIMN_F32;
  cr_assert_eq(limn_mlp_train(net, out, x, y, points, rule, NULL, &err), LIMN_OK, "%s", err.text);
  cr_assert_eq(out[member].reason, LIMN_MLP_STEPS, "phi %d, param %d, rule %d: loss %g",
               (int)spec->activation, (int)spec->param, (int)rule->optimizer, out[member].loss);
  double far = apart(net, member, &r), moved = apart(net, member, &start);
  double rounding = single != 0 ? 5e-5 : 1e-11;
  cr_assert_lt(far, rounding, "%s: %zu layers, phi %d, param %d, start %d, rule %d, loss %d: %g",
               name, spec->layers, (int)spec->activation, (int)spec->param, (int)spec->start,
               (int)rule->optimizer, (int)rule->loss, far);
  cr_assert_gt(moved, 10 * rounding,
               "%s, phi %d, param %d, rule %d hardly moves: %g (%zu layers, seed %d)", name,
               (int)spec->activation, (int)spec->param, (int)rule->optimizer, moved, spec->layers,
               (int)spec->seed);
  cr_assert_leq(fabs(out[member].loss - loss), 10 * rounding * loss, "%s: loss %g, not %g", name,
                out[member].loss, loss);
  limn_reference_end(&r), limn_reference_end(&start);
  limn_mlp_free(net);
  return name;
}

static limn_mlp_rule rule_of(limn_mlp_optimizer optimizer, limn_mlp_param param, size_t width) {
  double slow = param == LIMN_PARAM_STANDARD ? 0.3 / (double)width : 0.05;
  bool unit = optimizer == LIMN_MLP_ADAM || optimizer >= LIMN_MLP_SIGN;
  double fast = param == LIMN_PARAM_NTK || param == LIMN_PARAM_MUP ? 0.03 : 0.005;
  limn_mlp_rule r = {.optimizer = optimizer,
                     .rate = unit                             ? fast
                             : optimizer == LIMN_MLP_NESTEROV ? 0.3 * slow
                                                              : slow,
                     .momentum = 0.8,
                     .beta2 = 0.9,
                     .epsilon = 0.01,
                     .steps = STEPS,
                     .tolerance = -1,
                     .seed = 5};
  for (size_t l = 0; l < LIMN_MLP_LAYERS; l++) r.rates[l] = 1 + 0.25 * (double)(l % 3);
  return r;
}

static limn_mlp_spec spec_of(const shape *s, uint64_t seed) {
  limn_mlp_spec spec = {.layers = s->layers,
                        .init = LIMN_INIT_CUSTOM,
                        .weight = 1.5,
                        .bias = 0.1,
                        .biases = seed % 4 > 0,
                        .count = s->count,
                        .seed = seed};
  for (size_t l = 0; l <= s->layers; l++) spec.sizes[l] = s->sizes[l];
  return spec;
}

/* Each algorithm in the table of shapes; limn_mlp_choose must select it. */
Test(mlp_reference, plain_gradient_descent) {
  for (size_t i = 0; i < SHAPES; i++)
    for (int dtype = 0; dtype < 2; dtype++)
      for (int start = 0; start < 3; start++)
        for (int loss = 0; loss < 2; loss++) {
          const shape *s = &shapes[i];
          limn_mlp_spec spec = spec_of(s, 10 * i + (uint64_t)start + 1);
          spec.dtype = (limn_dtype)dtype, spec.start = (limn_mlp_start)start;
          if (i >= LARGE && start == 0)
            spec.activation = LIMN_PHI_TANH; /* no inactive units to skip */
          limn_mlp_rule rule = rule_of(LIMN_MLP_GD, LIMN_PARAM_STANDARD, s->sizes[1]);
          rule.loss = (limn_mlp_loss)loss;
          draw_points(i);
          const char *name = compare(&spec, &rule, s->points);
          bool special = s->layers == 2 && s->sizes[0] == 2 && s->points == 4;
          if (!special || (loss == 0 && start < LIMN_START_ANTISYMMETRIC))
            cr_assert_str_eq(name, s->algorithm, "shape %zu", i);
        }
}

/* Every combination of activation, parameterisation, optimiser and loss. */
Test(mlp_reference, every_activation_parameterisation_and_rule) {
  for (size_t i = 0; i < LARGE; i++)
    for (int phi = 0; phi <= LIMN_PHI_HERMITE3; phi++)
      for (int param = 0; param < 4; param++)
        for (int kind = 0; kind < 48; kind++) {
          const shape *s = &shapes[i];
          if (param == LIMN_PARAM_MEANFIELD && s->layers != 2) continue;
          if (phi >= LIMN_PHI_QUADRATIC && s->layers > 2) continue; /* products of layers grow */
          if (phi == LIMN_PHI_STEP || (phi > LIMN_PHI_STEP && kind % 5)) continue; /* fewer */
          uint64_t seed = i * 1000 + (uint64_t)(phi * 100 + param * 25 + kind);
          limn_mlp_spec spec = spec_of(s, seed);
          spec.activation = (limn_phi)phi, spec.param = (limn_mlp_param)param;
          spec.dtype = (limn_dtype)(kind % 2), spec.start = (limn_mlp_start)(seed % 3);
          if (phi >= LIMN_PHI_QUADRATIC) spec.weight = 0.3;
          limn_mlp_rule rule = rule_of((limn_mlp_optimizer)(kind / 2 % 6), spec.param, s->sizes[1]);
          /* From f = 0 a gradient may be 0 up to rounding, whose sign depends on the algorithm. */
          if (rule.optimizer >= LIMN_MLP_SIGN) spec.start = LIMN_START_RANDOM;
          rule.loss = (limn_mlp_loss)(kind / 12 % 2);
          rule.batch = kind >= 24 && s->points > 2 ? 2 : 0;
          if (seed % 2)
            for (size_t l = 0; l < s->layers; l++)
              rule.l2[l] = 0.1, rule.l1[l] = 0.01 * (double)l, rule.decay[l] = seed % 3 ? 0.2 : 0;
          /* A projection to 0 gives gradients of 0 up to rounding; a fixed norm may be too large.
           */
          if (seed % 7 < 3 && rule.optimizer < LIMN_MLP_SIGN && phi < LIMN_PHI_QUADRATIC)
            rule.constraint = (limn_mlp_constraint)(seed % 7), rule.bound[0] = 0.6;
          if (seed % 5 == 0 && s->layers > 1) rule.rates[seed % s->layers] = 0;
          draw_points(seed);
          compare(&spec, &rule, s->points);
        }
}

/* Labels of softmax: class p % outputs for point p, as probabilities. */
static void draw_classes(size_t points, size_t outputs) {
  for (size_t p = 0; p < points; p++)
    for (size_t o = 0; o < outputs; o++) y[p * outputs + o] = o == p % outputs;
}

/* Every optimiser with every loss, on all shapes with enough outputs. */
Test(mlp_reference, every_optimizer_and_loss) {
  size_t compared[LIMN_LOSS_LINEAR][LIMN_MLP_LION + 1] = {0};
  for (size_t i = 0; i < LARGE; i++)
    for (int loss = 0; loss < LIMN_LOSS_LINEAR; loss++)
      for (int optimizer = 0; optimizer <= LIMN_MLP_LION; optimizer++)
        for (int kind = 0; kind < 16; kind++) {
          const shape *s = &shapes[i];
          size_t outputs = s->sizes[s->layers];
          int param = kind / 4;
          if (loss == LIMN_LOSS_SOFTMAX && outputs < 2) continue;
          if (param == LIMN_PARAM_MEANFIELD && s->layers != 2) continue;
          uint64_t seed = i * 1000 + (uint64_t)(loss * 200 + optimizer * 20 + kind) + 1;
          limn_mlp_spec spec = spec_of(s, seed);
          spec.activation = kind % 3 ? LIMN_PHI_TANH : LIMN_PHI_RELU;
          spec.param = (limn_mlp_param)param, spec.dtype = (limn_dtype)(kind % 2);
          if (optimizer < LIMN_MLP_SIGN) spec.start = (limn_mlp_start)(seed % 3);
          /* A bias's gradients are then sums of +-1/n, which may cancel up to rounding. */
          if (optimizer >= LIMN_MLP_SIGN && loss == LIMN_LOSS_HINGE) spec.biases = false;
          limn_mlp_rule rule = rule_of((limn_mlp_optimizer)optimizer, spec.param, s->sizes[1]);
          rule.loss = (limn_mlp_loss)loss;
          rule.batch = kind % 4 >= 2 && s->points > 2 ? 2 : 0;
          if (kind % 5 == 0)
            for (size_t l = 0; l < s->layers; l++)
              rule.l2[l] = 0.1, rule.l1[l] = 0.01, rule.decay[l] = 0.1;
          draw_points(seed);
          if (loss == LIMN_LOSS_SOFTMAX) draw_classes(s->points, outputs);
          compare(&spec, &rule, s->points);
          compared[loss][optimizer]++;
        }
  for (int loss = 0; loss < LIMN_LOSS_LINEAR; loss++)
    for (int optimizer = 0; optimizer <= LIMN_MLP_LION; optimizer++)
      cr_assert_geq(compared[loss][optimizer], 24, "loss %d, rule %d", loss, optimizer);
}

/* Gradient descent with noise, on all shapes, losses, starts and parameterisations. */
Test(mlp_reference, langevin) {
  for (size_t i = 0; i < LARGE; i++)
    for (int kind = 0; kind < 32; kind++) {
      const shape *s = &shapes[i];
      int param = kind / 8;
      if (param == LIMN_PARAM_MEANFIELD && s->layers != 2) continue;
      uint64_t seed = i * 100 + (uint64_t)kind + 1;
      limn_mlp_spec spec = spec_of(s, seed);
      spec.activation = kind % 3 ? LIMN_PHI_TANH : LIMN_PHI_RELU;
      spec.param = (limn_mlp_param)param, spec.dtype = (limn_dtype)(kind % 2);
      spec.start = (limn_mlp_start)(kind % 3);
      limn_mlp_rule rule = rule_of(LIMN_MLP_GD, spec.param, s->sizes[1]);
      rule.loss = kind % 8 < 6 ? LIMN_LOSS_MSE : LIMN_LOSS_LOGISTIC;
      rule.temperature = 1e-3;
      rule.batch = kind % 4 == 1 && s->points > 2 ? 2 : 0;
      if (kind % 5 == 0 && s->layers > 1) rule.rates[1] = 0;
      if (kind % 4 == 2)
        for (size_t l = 0; l < s->layers; l++) rule.l2[l] = 0.1, rule.decay[l] = 0.1;
      draw_points(seed);
      cr_assert_str_eq(compare(&spec, &rule, s->points), "wide");
    }
}
