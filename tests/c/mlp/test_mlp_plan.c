/* test_mlp_plan.c: plans against limn_mlp_train, bit for bit: runs of any length, reads and changes
 * of the nets between them, other plans, nets that stop, memory that runs out. */
/* isa: yes */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"
#include "limn/limn.h"
#include "limn/mlp.h"

static limn_err err;

enum { POINTS = 21, MOST = 9 };
static double x[POINTS * 3], y[POINTS];

typedef struct {
  const char *algorithm;
  size_t layers, sizes[5], points, count;
  limn_mlp_optimizer optimizer;
  size_t batch;
} way;

static const way ways[] = {
    {"lanes", 2, {3, 6, 1}, 21, 9, LIMN_MLP_ADAM, 0},
    {"lanes", 3, {3, 7, 5, 1}, 21, 5, LIMN_MLP_MOMENTUM, 4},
    {"lanes", 3, {3, 7, 5, 1}, 3, 5, LIMN_MLP_GD, 0}, /* fused */
    {"wide", 2, {3, 20, 1}, 21, 1, LIMN_MLP_ADAM, 0}, /* BLAS */
    {"wide", 2, {3, 20, 1}, 21, 3, LIMN_MLP_ADAM, 0},
    {"wide", 3, {3, 20, 18, 1}, 6, 3, LIMN_MLP_LION, 2},
    {"wide", 3, {3, 20, 18, 1}, 5, 1, LIMN_MLP_GD, 0},
    {"small", 3, {2, 20, 33, 1}, 3, 1, LIMN_MLP_GD, 0},
    {"one_hidden", 2, {2, 9, 1}, 4, 5, LIMN_MLP_GD, 0},
};
enum { WAYS = sizeof ways / sizeof *ways };

static limn_mlp *fresh(const way *w, limn_mlp_start start, limn_dtype dtype) {
  limn_mlp_spec spec = {.layers = w->layers,
                        .biases = true,
                        .count = w->count,
                        .start = start,
                        .dtype = dtype,
                        .seed = 7};
  memcpy(spec.sizes, w->sizes, sizeof w->sizes);
  limn_mlp *net;
  cr_assert_eq(limn_mlp_new(&net, &spec, NULL, &err), LIMN_OK, "%s", err.text);
  return net;
}

static limn_mlp_rule rule_of(const way *w) {
  limn_mlp_rule r = {.optimizer = w->optimizer,
                     .rate = 0.01,
                     .momentum = 0.8,
                     .beta2 = 0.9,
                     .epsilon = 1e-3,
                     .batch = w->batch,
                     .tolerance = -1,
                     .seed = 5};
  for (size_t l = 0; l < w->layers; l++) r.rates[l] = 1;
  return r;
}

static void draw_points(void) {
  limn_rng rng = limn_rng_start(limn_key_of(9, 0, 0, LIMN_FOR_USER), 0);
  limn_rng_fill_normal(&rng, x, POINTS * 3);
  for (size_t p = 0; p < POINTS; p++) y[p] = sin(2 * x[p]);
}

static void same(const limn_mlp *a, const limn_mlp *b, const way *w, const char *when) {
  static double f[2][MOST * POINTS];
  cr_assert_eq(limn_mlp_forward(f[0], a, x, w->points, NULL, &err), LIMN_OK);
  cr_assert_eq(limn_mlp_forward(f[1], b, x, w->points, NULL, &err), LIMN_OK);
  cr_assert_eq(limn_mlp_steps(a), limn_mlp_steps(b), "%s: %s: steps", w->algorithm, when);
  cr_assert(memcmp(f[0], f[1], w->count * w->points * sizeof(double)) == 0, "%s, rule %d: %s",
            w->algorithm, (int)w->optimizer, when);
}

static void by_plan(limn_mlp_plan *plan, limn_mlp_outcome *out, size_t steps) {
  cr_assert_eq(limn_mlp_plan_run(plan, out, steps, NULL, &err), LIMN_OK, "%s", err.text);
}

static void by_call(limn_mlp *net, limn_mlp_outcome *out, const way *w, limn_mlp_rule r,
                    size_t steps) {
  r.steps = steps;
  cr_assert_eq(limn_mlp_train(net, out, x, y, w->points, &r, NULL, &err), LIMN_OK, "%s", err.text);
}

Test(mlp_plan, runs_equal_calls) {
  draw_points();
  for (size_t i = 0; i < WAYS; i++)
    for (int kind = 0; kind < 4; kind++) {
      const way *w = &ways[i];
      limn_mlp_start start = kind / 2 ? LIMN_START_NONE : LIMN_START_RANDOM;
      limn_mlp *a = fresh(w, start, (limn_dtype)(kind % 2)),
               *b = fresh(w, start, (limn_dtype)(kind % 2));
      limn_mlp_rule r = rule_of(w), adam = r;
      limn_mlp_outcome mine[MOST], its[MOST];
      limn_mlp_plan *plan, *other;
      cr_assert_str_eq(limn_mlp_algorithm_name(a, &r, w->points), w->algorithm);
      double *copied = malloc(sizeof x);
      memcpy(copied, x, sizeof x);
      cr_assert_eq(limn_mlp_plan_new(&plan, a, copied, y, w->points, &r, &err), LIMN_OK);
      free(copied); /* the plan has its own */
      adam.optimizer = LIMN_MLP_ADAM, adam.batch = 0;
      cr_assert_eq(limn_mlp_plan_new(&other, a, x, y, w->points, &adam, &err), LIMN_OK);
      for (size_t k = 0; k < 8; k++) { /* nothing reads the nets in between */
        by_plan(plan, mine, 1 + k % 3), by_call(b, its, w, r, 1 + k % 3);
        for (size_t m = 0; m < w->count; m++)
          cr_assert(mine[m].loss == its[m].loss && mine[m].steps == its[m].steps &&
                        mine[m].reason == its[m].reason,
                    "%s: loss %.17g, not %.17g", w->algorithm, mine[m].loss, its[m].loss);
      }
      same(a, b, w, "runs in sequence");
      by_plan(plan, mine, 2), by_call(b, its, w, r, 2);
      same(a, b, w, "after a read");
      double weight[3 * 33], bias[33]; /* of the first layer */
      cr_assert_eq(limn_mlp_get(weight, bias, a, w->count - 1, 0, 0, &err), LIMN_OK);
      weight[0] += 0.5;
      cr_assert_eq(limn_mlp_set(a, w->count - 1, 0, 0, weight, bias, &err), LIMN_OK);
      cr_assert_eq(limn_mlp_set(b, w->count - 1, 0, 0, weight, bias, &err), LIMN_OK);
      by_plan(plan, mine, 2), by_call(b, its, w, r, 2);
      by_plan(other, mine, 3), by_call(b, its, w, adam, 3);
      by_plan(plan, mine, 0), by_call(b, its, w, r, 0);
      cr_assert_eq(mine[0].loss, its[0].loss);
      by_plan(plan, mine, 2), by_call(b, its, w, r, 2);
      by_call(a, mine, w, r, 1), by_call(b, its, w, r, 1);
      by_plan(plan, mine, 2), by_call(b, its, w, r, 2);
      limn_mlp_plan_free(other);
      same(a, b, w, "after a change and other plans");
      limn_mlp *copy;
      by_plan(plan, mine, 2), by_call(b, its, w, r, 2);
      cr_assert_eq(limn_mlp_copy(&copy, a, SIZE_MAX, false, &err), LIMN_OK);
      same(copy, b, w, "a copy");
      by_plan(plan, mine, 2), by_call(b, its, w, r, 2);
      limn_mlp_plan_free(plan);
      same(a, b, w, "after the plan");
      limn_mlp_free(a), limn_mlp_free(b), limn_mlp_free(copy);
    }
}

/* Nets that stop at different steps: a batch is then no longer one for all lanes. */
Test(mlp_plan, nets_that_stop) {
  draw_points();
  for (size_t i = 0; i < 5; i++) {
    const way *w = &ways[i];
    limn_mlp *a = fresh(w, LIMN_START_RANDOM, LIMN_F64), *b = fresh(w, LIMN_START_RANDOM, LIMN_F64);
    limn_mlp_rule r = rule_of(w), first = r;
    limn_mlp_outcome mine[MOST], its[MOST];
    limn_mlp_plan *plan, *until;
    first.batch = 0, first.tolerance = 0.4;
    cr_assert_eq(limn_mlp_plan_new(&plan, a, x, y, w->points, &r, &err), LIMN_OK);
    cr_assert_eq(limn_mlp_plan_new(&until, a, x, y, w->points, &first, &err), LIMN_OK);
    by_plan(plan, mine, 1), by_call(b, its, w, r, 1);
    by_plan(until, mine, 200), by_call(b, its, w, first, 200);
    by_plan(plan, mine, 5), by_call(b, its, w, r, 5);
    same(a, b, w, "nets that stopped");
    limn_mlp_free(a); /* before its plans */
    cr_assert_eq(limn_mlp_plan_run(plan, mine, 1, NULL, &err), LIMN_EINVAL);
    cr_assert_str_eq(err.argument, "net");
    limn_mlp_plan_free(plan), limn_mlp_plan_free(until), limn_mlp_free(b);
  }
}

Test(mlp_plan, memory_that_runs_out) {
  draw_points();
  for (size_t i = 0; i < WAYS; i++) {
    const way *w = &ways[i];
    limn_mlp *a = fresh(w, LIMN_START_NONE, LIMN_F64), *b = fresh(w, LIMN_START_NONE, LIMN_F64);
    limn_mlp_rule r = rule_of(w);
    limn_mlp_outcome mine[MOST], its[MOST];
    limn_mlp_plan *plan = NULL;
    limn_status st = LIMN_ENOMEM;
    long k = 0;
    while (st && k < 200) {
      limn_memory_fail_at(++k);
      st = limn_mlp_plan_new(&plan, a, x, y, w->points, &r, &err);
      limn_memory_fail_at(0);
      cr_assert(!st || (st == LIMN_ENOMEM && !plan), "%s", err.text);
    }
    cr_assert(k > 3 && !st);
    by_call(b, its, w, r, 2), st = LIMN_ENOMEM;
    for (k = 0; st && k < 200;) {
      limn_memory_fail_at(++k);
      st = limn_mlp_plan_run(plan, mine, 2, NULL, &err);
      limn_memory_fail_at(0);
      cr_assert(!st || st == LIMN_ENOMEM, "%s", err.text);
    }
    cr_assert(!st);
    same(a, b, w, "after failures");
    limn_mlp_plan_free(plan), limn_mlp_free(a), limn_mlp_free(b);
  }
}
