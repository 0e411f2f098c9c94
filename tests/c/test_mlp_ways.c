/* test_mlp_ways.c: the ways of training that take advantage of a problem's shape against those that
 * do not. Momentum 0 is gradient descent by the plain way. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core.h"
#include "limn/limn.h"
#include "limn/mlp.h"

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
      cr_assert_eq(limn_mlp_get(a, r, 0, l, w, c, &err), LIMN_OK);
      cr_assert_eq(limn_mlp_get(b, r, 0, l, v, d, &err), LIMN_OK);
      for (size_t i = 0; i < in * out; i++) most = fmax(most, fabs(w[i] - v[i]));
      for (size_t i = 0; i < out; i++) most = fmax(most, fabs(c[i] - d[i]));
    }
    free(w), free(c);
  }
  return most;
}

/* Corners of a rectangle in every order, three on a line, a point twice: labels, and what the nets
 * said at the start, stay with their points. */
Test(mlp_ways, four_points_in_any_order) {
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

/* Wide layers with units that are shut at some points, or at all; steps kept as factors, and pairs
 * of nets; a number of threads that does not divide the rows. */
Test(mlp_ways, wide_nets_without_shut_units) {
  static const double x[8] = {1, 1, 1, -1, -1, 1, -1, -1}, y[4] = {1, -1, -0.5, 1};
  for (int kind = 0; kind < 3; kind++)
    for (size_t points = 1; points <= 4; points++) {
      size_t n = kind == 1 ? 730 : 150;
      if (kind == 1 && points % 2) continue;
      limn_mlp_spec spec = {.layers = 4,
                            .sizes = {2, 70, n, n, 1},
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

/* A bottom layer read once a step, alone or under one that is read twice; widths that fill no
 * block; runs cut within a group of waiting steps, and of one step; a net that diverges within one.
 */
Test(mlp_ways, bottom_layer_read_once) {
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
