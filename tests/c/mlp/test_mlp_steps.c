/* test_mlp_steps.c: nets of an ensemble that stopped at different steps continue as each of them
 * does alone: optimisers with state, batches, noise, checkpoints. */
/* isa: yes */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "core/core.h"
#include "limn/limn.h"
#include "limn/mlp.h"

static limn_err err;

enum { POINTS = 6, MOST = 9 };
static double x[POINTS * 2], y[POINTS];

static limn_mlp_outcome train(limn_mlp *net, const limn_mlp_rule *rule, size_t member) {
  limn_mlp_outcome out[MOST];
  cr_assert_eq(limn_mlp_train(net, out, x, y, POINTS, rule, NULL, &err), LIMN_OK, "%s", err.text);
  return out[member];
}

/* Saves and loads. */
static limn_mlp *stored(limn_mlp *net) {
  char path[] = "/tmp/limn_stepsXXXXXX";
  close(mkstemp(path));
  cr_assert_eq(limn_mlp_save(net, path, &err), LIMN_OK, "%s", err.text);
  limn_mlp_free(net);
  cr_assert_eq(limn_mlp_load(&net, path, &err), LIMN_OK, "%s", err.text);
  unlink(path);
  return net;
}

/* Trains until `tolerance`, then by `second`, all nets at once and each alone. Returns how many
 * nets took another number of steps to the tolerance than net 0. */
static size_t check(const limn_mlp_spec *spec, const limn_mlp_rule *first,
                    const limn_mlp_rule *second, bool store) {
  limn_mlp *all, *alone, *copy;
  size_t different = 0;
  double steps0 = 0;
  for (size_t r = 0; r < spec->count; r++) {
    cr_assert_eq(limn_mlp_new(&all, spec, NULL, &err), LIMN_OK, "%s", err.text);
    cr_assert_eq(limn_mlp_copy(&alone, all, r, true, &err), LIMN_OK);
    limn_mlp_outcome one = train(all, first, r), its = train(alone, first, 0);
    cr_assert_eq(one.steps, its.steps, "net %zu stops after %g steps, alone %g", r, one.steps,
                 its.steps);
    if (r == 0) steps0 = one.steps;
    different += one.steps != steps0;
    if (store) all = stored(all), alone = stored(alone);
    cr_assert_eq(limn_mlp_copy(&copy, all, r, false, &err), LIMN_OK);
    cr_assert_eq(limn_mlp_steps(copy), (uint64_t)one.steps);
    train(all, second, r), train(alone, second, 0), train(copy, second, 0);
    double f[MOST * POINTS], mine[POINTS], copied[POINTS];
    cr_assert_eq(limn_mlp_forward(f, all, x, POINTS, NULL, &err), LIMN_OK);
    cr_assert_eq(limn_mlp_forward(mine, alone, x, POINTS, NULL, &err), LIMN_OK);
    cr_assert_eq(limn_mlp_forward(copied, copy, x, POINTS, NULL, &err), LIMN_OK);
    for (size_t p = 0; p < POINTS; p++) {
      cr_assert_float_eq(f[r * POINTS + p], mine[p], 1e-11,
                         "optimizer %d, batch %zu, %zu nets, net %zu: %.17g, alone %.17g",
                         (int)second->optimizer, second->batch, spec->count, r, f[r * POINTS + p],
                         mine[p]);
      cr_assert_float_eq(copied[p], mine[p], 1e-11, "a copy of net %zu", r);
    }
    limn_mlp_free(all), limn_mlp_free(alone), limn_mlp_free(copy);
  }
  return different;
}

Test(mlp_steps, nets_that_stopped_continue_as_alone) {
  limn_rng rng = limn_rng_start(limn_key_of(4, 0, 0, LIMN_FOR_USER), 0);
  limn_rng_fill_normal(&rng, x, POINTS * 2);
  for (size_t p = 0; p < POINTS; p++) y[p] = sin(2 * x[2 * p]);
  size_t apart = 0;
  for (int optimizer = 0; optimizer <= LIMN_MLP_LION; optimizer++)
    for (int before = 0; before < 2;
         before++) /* the moments begin in the second training, or first */
      for (int kind = 0; kind < 6; kind++) {
        limn_mlp_spec spec = {.layers = 2,
                              .sizes = {2, 7, 1},
                              .activation = LIMN_PHI_TANH,
                              .biases = true,
                              .dtype = LIMN_F64,
                              .count = kind % 2 ? 3 : MOST, /* one net at a time, or in lanes */
                              .start = kind == 4 ? LIMN_START_ANTISYMMETRIC : LIMN_START_RANDOM,
                              .seed = (uint64_t)(10 * optimizer + kind) + 1};
        bool unit = optimizer == LIMN_MLP_ADAM || optimizer >= LIMN_MLP_SIGN;
        limn_mlp_rule second = {.optimizer = (limn_mlp_optimizer)optimizer,
                                .rate = unit ? 0.01 : 0.05,
                                .momentum = 0.8,
                                .beta2 = 0.95,
                                .epsilon = 1e-3,
                                .tolerance = -1,
                                .steps = 7,
                                .seed = 3,
                                .rates = {1, 1}};
        limn_mlp_rule first = second;
        if (!before) first.optimizer = LIMN_MLP_GD, first.rate = 0.05;
        first.tolerance = 0.2, first.steps = 300;
        if (kind >= 2 && kind < 4) second.batch = 4;
        if (kind == 5 && optimizer == LIMN_MLP_GD) second.temperature = 1e-3;
        apart += check(&spec, &first, &second, kind < 2) > 0;
      }
  cr_assert_gt(apart, 60, "only in %zu of 72 cases nets stop at different steps", apart);
}
