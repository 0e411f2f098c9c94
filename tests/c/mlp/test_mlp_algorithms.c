/* test_mlp_algorithms.c: the training algorithms for special shapes against the general ones.
 * Momentum 0 is gradient descent without the fused updates. */
/* slow: 6 s */
/* isa: yes */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"
#include "limn/limn.h"
#include "limn/mlp.h"
#include "num/mlp/train/choose.h"

static limn_err err;

static limn_mlp *fresh(const limn_mlp_spec *spec) {
  limn_mlp *net;
  cr_assert_eq(limn_mlp_new(&net, spec, NULL, &err), LIMN_OK, "%s", err.text);
  return net;
}

static limn_mlp_rule rule_of(limn_mlp_optimizer optimizer, double rate, size_t steps) {
  limn_mlp_rule rule = {.optimizer = optimizer, .rate = rate, .steps = steps, .tolerance = -1};
  for (size_t l = 0; l < LIMN_MLP_LAYERS; l++) rule.rates[l] = 1;
  return rule;
}

static void train(limn_mlp *net, const double *x, const double *y, size_t points,
                  limn_mlp_rule rule) {
  limn_mlp_outcome *out = calloc(limn_mlp_spec_of(net)->count, sizeof *out);
  cr_assert_eq(limn_mlp_train(net, out, x, y, points, &rule, NULL, &err), LIMN_OK, "%s", err.text);
  free(out);
}

/* The largest difference of two nets' weights and biases. */
static double apart(const limn_mlp *a, const limn_mlp *b) {
  const limn_mlp_spec *s = limn_mlp_spec_of(a);
  double most = 0;
  for (size_t l = 0; l < s->layers; l++) {
    size_t in = s->sizes[l], out = s->sizes[l + 1];
    double *w = malloc(in * out * 16), *v = w + in * out, *c = malloc(out * 16), *d = c + out;
    for (size_t r = 0; r < s->count; r++) {
      cr_assert_eq(limn_mlp_get(w, c, a, r, 0, l, &err), LIMN_OK);
      cr_assert_eq(limn_mlp_get(v, d, b, r, 0, l, &err), LIMN_OK);
      for (size_t i = 0; i < in * out; i++) most = fmax(most, fabs(w[i] - v[i]));
      for (size_t i = 0; i < out; i++) most = fmax(most, fabs(c[i] - d[i]));
    }
    free(w), free(c);
  }
  return most;
}

/* Corners of a rectangle in every order, three points on a line, a point twice: labels and initial
 * outputs must follow their points. */
Test(mlp_algorithms, four_points_in_any_order) {
  static const double sets[4][8] = {{1, 0.5, 1, -2, -1, 0.5, -1, -2},
                                    {0, 0, 0, 1, 0, 2, 1, 1},
                                    {1, 1, 1, 1, 2, 1, 2, 1},
                                    {0.3, 0.7, -0.2, 1, 0.9, -1, -0.6, -0.4}};
  static const double labels[4] = {1, -0.5, 0.25, -1};
  for (size_t set = 0; set < 4; set++)
    for (size_t order = 0; order < 24; order++)
      for (size_t width = 5; width <= 70; width += 65) {
        size_t rest[4] = {0, 1, 2, 3}, left = order;
        double x[8], y[4];
        for (size_t p = 0; p < 4; p++) {
          size_t k = left % (4 - p), q = rest[k];
          left /= 4 - p;
          memmove(rest + k, rest + k + 1, (3 - k) * sizeof *rest);
          x[2 * p] = sets[set][2 * q], x[2 * p + 1] = sets[set][2 * q + 1], y[p] = labels[q];
        }
        limn_mlp_spec spec = {.layers = 2,
                              .sizes = {2, width, 1},
                              .biases = true,
                              .init = LIMN_INIT_UNIFORM,
                              .start = order % 2 ? LIMN_START_NONE : LIMN_START_RANDOM,
                              .dtype = LIMN_F64,
                              .count = width > 5 ? 1 : 9,
                              .seed = set};
        limn_mlp *a = fresh(&spec), *b = fresh(&spec), *start = fresh(&spec);
        train(a, x, y, 4, rule_of(LIMN_MLP_GD, 0.05, 40));
        train(b, x, y, 4, rule_of(LIMN_MLP_MOMENTUM, 0.05, 40));
        cr_assert_gt(apart(a, start), 1e-3);
        cr_assert_lt(apart(a, b), 1e-12, "set %zu, order %zu, width %zu", set, order, width);
        limn_mlp_free(a), limn_mlp_free(b), limn_mlp_free(start);
      }
}

/* Wide layers with units inactive at some or all points; deferred updates, and pairs of nets; a
 * number of threads that does not divide the rows. */
Test(mlp_algorithms, wide_nets_skip_inactive_units) {
  static const double x[8] = {1, 1, 1, -1, -1, 1, -1, -1};
  static const double y[8] = {1, 0.5, -1, 1, -0.5, 0, 1, -1}; /* two outputs: not `small` */
  for (int kind = 0; kind < 3; kind++)
    for (size_t points = 1; points <= 4; points++) {
      size_t n = kind == 1 ? 730 : 150;
      if (kind == 1 && points % 2) continue;
      limn_mlp_spec spec = {.layers = 4,
                            .sizes = {2, 70, n, n, 2},
                            .biases = points != 2,
                            .start = kind == 2 ? LIMN_START_ANTISYMMETRIC : LIMN_START_RANDOM,
                            .dtype = LIMN_F64,
                            .count = 1,
                            .seed = points};
      limn_mlp *a = fresh(&spec), *b = fresh(&spec), *c = fresh(&spec), *start = fresh(&spec);
      limn_threads_set(1, &err);
      train(a, x, y, points, rule_of(LIMN_MLP_GD, 0.1 / (double)n, 11));
      train(b, x, y, points, rule_of(LIMN_MLP_MOMENTUM, 0.1 / (double)n, 11));
      limn_threads_set(3, &err);
      train(c, x, y, points, rule_of(LIMN_MLP_GD, 0.1 / (double)n, 11));
      cr_assert_gt(apart(a, start), 1e-5);
      cr_assert_lt(apart(a, b), 1e-12, "kind %d, %zu points", kind, points);
      cr_assert_eq(apart(a, c), 0, "threads: kind %d, %zu points", kind, points);
      limn_mlp_free(a), limn_mlp_free(b), limn_mlp_free(c), limn_mlp_free(start);
    }
}

/* Nets that fit in the caches: widths that are no multiple of a vector, a layer wider than a block,
 * rates that differ by layer, both losses; threads and the division into calls change no bit. */
Test(mlp_algorithms, small_nets_skip_inactive_units) {
  static const double x[8] = {1, 1, 1, -1, -1, 1, -1, -1}, y[4] = {1, -1, -1, 1};
  static const size_t widths[4][3] = {{33, 50, 100}, {64, 24, 41}, {100, 67, 32}, {17, 130, 48}};
  for (int kind = 0; kind < 24; kind++) {
    const size_t *w = widths[kind % 4], points = 4 - (size_t)kind / 2 % 4;
    limn_mlp_spec spec = {.layers = 4,
                          .sizes = {2, w[0], w[1], w[2], 1},
                          .param = kind % 5 == 1   ? LIMN_PARAM_NTK
                                   : kind % 5 == 2 ? LIMN_PARAM_MUP
                                                   : LIMN_PARAM_STANDARD,
                          .biases = kind % 3 > 0,
                          .start = kind % 7 == 1   ? LIMN_START_ANTISYMMETRIC
                                   : kind % 7 == 2 ? LIMN_START_NONE
                                                   : LIMN_START_RANDOM,
                          .dtype = LIMN_F64,
                          .count = kind % 2 ? 1 : 5,
                          .seed = (uint64_t)kind};
    limn_mlp *nets[4];
    for (int i = 0; i < 4; i++) nets[i] = fresh(&spec);
    limn_mlp *start = fresh(&spec);
    limn_mlp_rule rule = rule_of(LIMN_MLP_GD, spec.param == LIMN_PARAM_NTK ? 0.1 : 2e-3, 24);
    rule.loss = kind % 4 == 3 ? LIMN_LOSS_LOGISTIC : LIMN_LOSS_MSE;
    cr_assert_str_eq(limn_mlp_algorithm_name(nets[0], &rule, points), "small");
    limn_threads_set(1, &err);
    train(nets[0], x, y, points, rule);
    limn_threads_set(3, &err);
    train(nets[1], x, y, points, rule);
    rule.steps = 7, train(nets[2], x, y, points, rule);
    rule.steps = 17, train(nets[2], x, y, points, rule);
    rule.steps = 24, rule.optimizer = LIMN_MLP_MOMENTUM;
    train(nets[3], x, y, points, rule);
    cr_assert_gt(apart(nets[0], start), 1e-4, "kind %d", kind);
    cr_assert_eq(apart(nets[0], nets[1]), 0, "threads: kind %d", kind);
    cr_assert_eq(apart(nets[0], nets[2]), 0, "cut: kind %d", kind);
    cr_assert_str_neq(limn_mlp_algorithm_name(nets[3], &rule, points), "small");
    cr_assert_lt(apart(nets[0], nets[3]), 1e-11, "kind %d: %g", kind, apart(nets[0], nets[3]));
    for (int i = 0; i < 4; i++) limn_mlp_free(nets[i]);
    limn_mlp_free(start);
  }
}

/* They stop at the same step as the others: at a tolerance, by divergence; and a layer that is
 * inactive forever (then only the output bias trains, and the loss becomes half the labels'
 * variance). */
Test(mlp_algorithms, small_nets_stop) {
  static const double x[8] = {1, 1, 1, -1, -1, 1, -1, -1}, y[4] = {1, -1, -1, 1};
  for (int dtype = 0; dtype < 2; dtype++) {
    limn_mlp_spec spec = {.layers = 3,
                          .sizes = {2, 40, 40, 1},
                          .biases = true,
                          .dtype = dtype ? LIMN_F32 : LIMN_F64,
                          .count = 6,
                          .seed = 5};
    for (int kind = 0; kind < 3; kind++) {
      limn_mlp *nets[2] = {fresh(&spec), fresh(&spec)};
      limn_mlp_outcome out[2][6];
      limn_mlp_rule rule = rule_of(LIMN_MLP_GD, kind == 1 ? 3 : 0.02, 4000);
      rule.tolerance = kind == 0 ? 0.01 : -1;
      double w[1600], b[40];
      for (size_t r = 0; r < 6 && kind == 2; r++) {
        cr_assert_eq(limn_mlp_get(w, b, nets[0], r, 0, 1, &err), LIMN_OK);
        for (size_t i = 0; i < 40; i++) b[i] = -100;
        cr_assert_eq(limn_mlp_set(nets[0], r, 0, 1, w, b, &err), LIMN_OK);
        cr_assert_eq(limn_mlp_set(nets[1], r, 0, 1, w, b, &err), LIMN_OK);
      }
      for (int i = 0; i < 2; i++) {
        rule.optimizer = i ? LIMN_MLP_MOMENTUM : LIMN_MLP_GD;
        cr_assert_eq(limn_mlp_train(nets[i], out[i], x, y, 4, &rule, NULL, &err), LIMN_OK);
      }
      for (size_t r = 0; r < 6; r++) {
        static const limn_mlp_reason want[3] = {LIMN_MLP_TOLERANCE, LIMN_MLP_DIVERGED,
                                                LIMN_MLP_STEPS};
        cr_assert_eq(out[0][r].reason, want[kind], "kind %d", kind);
        cr_assert_leq(fabs(out[0][r].steps - out[1][r].steps), dtype ? 1 : 0, "kind %d", kind);
        if (kind == 2) cr_assert_float_eq(out[0][r].loss, 0.5, 1e-6);
        if (kind == 0) cr_assert(out[0][r].loss <= 0.01 && out[0][r].steps > 5);
      }
      limn_mlp_free(nets[0]), limn_mlp_free(nets[1]);
    }
  }
}

/* A bottom layer that is read once per step, alone or below a layer that is read twice; widths that
 * are no multiple of a block; calls that end within a group of deferred steps, and of one step; a
 * net that diverges within a group. */
Test(mlp_algorithms, bottom_layer_read_once) {
  static const double x[8] = {1, 1, 1, -1, -1, 1, -1, -1}, y[4] = {1, -1, -0.5, 1};
  for (int kind = 0; kind < 4; kind++) {
    size_t n = 530, points = kind == 1 ? 3 : 4;
    double rate = 0.1 / (double)n;
    limn_mlp_spec spec = {.layers = kind == 0 ? 3 : 4,
                          .sizes = {2, n, n, kind == 0 ? 1 : 70, 1},
                          .biases = kind != 1,
                          .start = kind == 2   ? LIMN_START_ANTISYMMETRIC
                                   : kind == 3 ? LIMN_START_NONE
                                               : LIMN_START_RANDOM,
                          .dtype = LIMN_F64,
                          .count = 1,
                          .seed = (uint64_t)kind + 9};
    limn_mlp *nets[5];
    for (int i = 0; i < 5; i++) nets[i] = fresh(&spec);
    for (int i = 0; i < 3; i++) {
      limn_threads_set(i + 1, &err);
      train(nets[i], x, y, points, rule_of(LIMN_MLP_GD, rate, 11));
    }
    train(nets[3], x, y, points, rule_of(LIMN_MLP_MOMENTUM, rate, 11));
    train(nets[4], x, y, points, rule_of(LIMN_MLP_GD, rate, 1));
    train(nets[4], x, y, points, rule_of(LIMN_MLP_GD, rate, 6));
    train(nets[4], x, y, points, rule_of(LIMN_MLP_GD, rate, 4));
    cr_assert_eq(apart(nets[0], nets[1]), 0, "2 threads: kind %d", kind);
    cr_assert_eq(apart(nets[0], nets[2]), 0, "3 threads: kind %d", kind);
    cr_assert_lt(apart(nets[0], nets[3]), 1e-12, "kind %d: %g", kind, apart(nets[0], nets[3]));
    cr_assert_lt(apart(nets[0], nets[4]), 1e-12, "cut: kind %d", kind);
    limn_mlp_outcome wild[3];
    for (int i = 0; i < 3; i++) {
      limn_threads_set(i + 1, &err);
      limn_mlp_rule rule = rule_of(LIMN_MLP_GD, 3, 50);
      cr_assert_eq(limn_mlp_train(nets[i], wild + i, x, y, points, &rule, NULL, &err), LIMN_OK);
      cr_assert_eq(wild[i].reason, LIMN_MLP_DIVERGED);
      cr_assert_eq(wild[i].steps, wild[0].steps);
      cr_assert_eq(apart(nets[0], nets[i]), 0);
    }
    for (int i = 0; i < 5; i++) limn_mlp_free(nets[i]);
  }
}

/* Units that become inactive at every point while updates are deferred: the updates must still be
 * applied to their weights. */
Test(mlp_algorithms, units_inactive_while_updates_are_deferred) {
  static const double x[2] = {1, 0.5}, y[1] = {-1};
  for (int kind = 0; kind < 2; kind++)
    for (size_t steps = 1; steps <= 9; steps++) {
      size_t n = 530;
      limn_mlp_spec spec = {.layers = kind == 0 ? 3 : 4,
                            .sizes = {2, kind == 0 ? n : 70, n, kind == 0 ? 1 : n, 1},
                            .biases = true,
                            .dtype = LIMN_F64,
                            .count = 1,
                            .seed = 3};
      limn_mlp *a = fresh(&spec), *b = fresh(&spec);
      train(a, x, y, 1, rule_of(LIMN_MLP_GD, 0.01, steps));
      train(b, x, y, 1, rule_of(LIMN_MLP_MOMENTUM, 0.01, steps));
      cr_assert_lt(apart(a, b), 1e-12, "kind %d, %zu steps: %g", kind, steps, apart(a, b));
      limn_mlp_free(a), limn_mlp_free(b);
    }
}

/* Values outside an enumeration, and invalid entries: the error has the argument's name in the Lua
 * API, rows and columns counted from 0. */
static void refused(limn_status got, limn_status want, const char *argument, int64_t row,
                    int64_t column) {
  cr_assert_eq(got, want, "%s: %s", argument, err.text);
  cr_assert_str_eq(err.argument, argument);
  cr_assert(err.row == row && err.column == column, "%s[%d,%d]", argument, (int)err.row,
            (int)err.column);
}

Test(mlp_algorithms, refusals_name_the_argument) {
  const limn_mlp_spec good = {.layers = 2, .sizes = {2, 3, 2}, .biases = true, .count = 1};
  limn_mlp_spec bad[10];
  for (int i = 0; i < 10; i++) bad[i] = good;
  bad[0].activation = (limn_phi)77, bad[1].init = (limn_mlp_init)-1;
  bad[2].param = (limn_mlp_param)4, bad[3].start = (limn_mlp_start)3, bad[4].dtype = (limn_dtype)9;
  bad[5].sizes[1] = 0, bad[6].activation = LIMN_PHI_STEP, bad[7].count = 0, bad[8].readout = NAN;
  bad[9].alpha = -1;
  static const char *names[10] = {"activation", "init",       "param", "start",   "dtype",
                                  "sizes",      "activation", "count", "readout", "alpha"};
  limn_mlp *net = NULL;
  for (int i = 0; i < 10; i++) {
    refused(limn_mlp_new(&net, &bad[i], NULL, &err), LIMN_EINVAL, names[i], i == 5 ? 1 : -1, -1);
    cr_assert_null(net);
  }
  net = fresh(&good);
  double x[6] = {1, 2, 3, 4, 5, 6}, y[6] = {1, -1, 1, 1, 1, 0}, w[6] = {0};
  limn_mlp_outcome out;
  limn_mlp_rule r = rule_of((limn_mlp_optimizer)99, 0.1, 1);
  refused(limn_mlp_train(net, &out, x, y, 3, &r, NULL, &err), LIMN_EINVAL, "optimizer", -1, -1);
  r = rule_of(LIMN_MLP_GD, 0.1, 1), r.loss = (limn_mlp_loss)99;
  refused(limn_mlp_train(net, &out, x, y, 3, &r, NULL, &err), LIMN_EINVAL, "loss", -1, -1);
  r.loss = LIMN_LOSS_LOGISTIC;
  refused(limn_mlp_train(net, &out, x, y, 3, &r, NULL, &err), LIMN_EINVAL, "y", 2, 1);
  r.loss = LIMN_LOSS_MSE;
  r.l1[1] = -1;
  refused(limn_mlp_train(net, &out, x, y, 3, &r, NULL, &err), LIMN_EINVAL, "l1", 1, -1);
  const double none[1] = {0}, negative[1] = {-1};
  r.l1[1] = 0, r.decay[1] = -1;
  refused(limn_mlp_train(net, &out, x, y, 3, &r, NULL, &err), LIMN_EINVAL, "decay", 1, -1);
  r.decay[1] = 0, r.schedule = none;
  refused(limn_mlp_train(net, &out, x, y, 3, &r, NULL, &err), LIMN_EINVAL, "schedule", 0, -1);
  r.schedule = NULL, r.net_rate = none;
  refused(limn_mlp_train(net, &out, x, y, 3, &r, NULL, &err), LIMN_EINVAL, "rate", 0, -1);
  r.net_rate = NULL, r.net_l2 = negative;
  refused(limn_mlp_train(net, &out, x, y, 3, &r, NULL, &err), LIMN_EINVAL, "l2", 0, -1);
  r.net_l2 = NULL, r.temperature = 1, r.optimizer = LIMN_MLP_SIGN;
  refused(limn_mlp_train(net, &out, x, y, 3, &r, NULL, &err), LIMN_EINVAL, "temperature", -1, -1);
  r.temperature = 0, r.loss = LIMN_LOSS_SOFTMAX; /* targets are probabilities */
  refused(limn_mlp_train(net, &out, x, y, 3, &r, NULL, &err), LIMN_EINVAL, "y", 0, 1);
  r = rule_of(LIMN_MLP_GD, 0.1, 1);
  x[3] = NAN;
  refused(limn_mlp_train(net, &out, x, y, 3, &r, NULL, &err), LIMN_ENONFINITE, "X", 1, 1);
  w[5] = INFINITY;
  refused(limn_mlp_set(net, 0, 0, 0, w, NULL, &err), LIMN_ENONFINITE, "weights", 2, 1);
  refused(limn_mlp_set(net, 0, 0, 2, w, NULL, &err), LIMN_EINVAL, "layer", -1, -1);
  refused(limn_mlp_get(w, NULL, net, 1, 0, 0, &err), LIMN_EINVAL, "member", -1, -1);
  refused(limn_mlp_gradient(w, NULL, net, 0, 0, y, y, 3, (limn_mlp_loss)99, &err), LIMN_EINVAL,
          "loss", -1, -1);
  limn_mlp_free(net);
}
