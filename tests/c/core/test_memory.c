/* Tests of limn/memory.h and limn/token.h: the limit, a host's own functions, the ways to cancel.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"
#include "limn/features.h"
#include "limn/memory.h"
#include "limn/mlp.h"

Test(memory, is_counted_and_limited) {
  limn_err e;
  uint64_t before = limn_memory_used();
  char *a = limn_alloc(1000, 8);
  cr_assert(limn_memory_used() >= before + 8000 && limn_memory_used() < before + 8500);
  limn_memory_limit_set(limn_memory_used() + 10000);
  cr_assert_null(limn_alloc(1, 20000));
  char *b = limn_alloc(1, 5000);
  cr_assert_not_null(b);
  limn_free(a), limn_free(b);
  cr_assert_eq(limn_memory_used(), before);
  limn_mlp_spec spec;
  limn_mlp_spec_default(&spec, sizeof spec);
  spec.layers = 2, spec.sizes[0] = 10, spec.sizes[1] = 1000, spec.sizes[2] = 1;
  limn_mlp *net = NULL;
  cr_assert_eq(limn_mlp_new(&net, &spec, NULL, &e), LIMN_ENOMEM);
  cr_assert_null(net);
  limn_memory_limit_set(0);
  cr_assert_eq(limn_mlp_new(&net, &spec, NULL, &e), LIMN_OK, "%s", e.text);
  cr_assert(limn_memory_used() > before + 88000);
  limn_mlp_free(net);
  cr_assert_eq(limn_memory_used(), before);
}

static size_t lent;
static void *take(void *user, size_t bytes) {
  ++*(int *)user;
  lent += bytes;
  void *p = malloc(bytes);
  if (p) memset(p, 0xAA, bytes);
  return p;
}
static void give(void *user, void *p, size_t bytes) {
  (void)user;
  lent -= bytes;
  free(p);
}

Test(memory, a_hosts_functions_are_called) {
  limn_err e;
  int calls = 0;
  limn_allocator own = {take, give, &calls};
  cr_assert_eq(limn_allocator_set(&own, &e), LIMN_OK);
  unsigned char *p = limn_alloc(100, 1);
  cr_assert(calls == 1 && lent >= 100);
  for (int i = 0; i < 100; i++) cr_assert_eq(p[i], 0, "memory is zeroed");
  cr_assert_eq(limn_allocator_set(NULL, &e), LIMN_EINVAL, "while a block is in use");
  limn_free(p);
  cr_assert_eq(lent, 0);
  cr_assert_eq(limn_allocator_set(&(limn_allocator){take, NULL, NULL}, &e), LIMN_EINVAL);
  cr_assert_eq(limn_allocator_set(NULL, &e), LIMN_OK);
}

static int third(void *user, double done, double total) {
  cr_assert(done <= total);
  return ++*(int *)user >= 3;
}

/* Gram matrices, trainings and draws stop by a flag, a deadline and the result of the callback. */
Test(token, each_way_cancels) {
  limn_err e;
  limn_features_spec set;
  limn_features_spec_default(&set, sizeof set);
  set.points = 200, set.classes = 1, set.storage = LIMN_STREAM;
  strcpy(set.class_of[0].name, "random");
  set.class_of[0].count = (uint64_t)1 << 34;
  limn_features *f;
  cr_assert_eq(limn_features_new(&f, &set, NULL, &e), LIMN_OK, "%s", e.text);
  double *k = malloc(200 * 200 * sizeof *k), x[4] = {1, 1, 1, -1}, y[2] = {1, -1};
  limn_mlp_spec spec;
  limn_mlp_spec_default(&spec, sizeof spec);
  spec.layers = 3, spec.sizes[0] = 2, spec.sizes[1] = spec.sizes[2] = 300, spec.sizes[3] = 1;
  limn_mlp *net;
  cr_assert_eq(limn_mlp_new(&net, &spec, NULL, &e), LIMN_OK);
  limn_mlp_rule rule;
  limn_mlp_rule_default(&rule, sizeof rule);
  rule.rate = 1e-9, rule.steps = (size_t)1 << 50, rule.tolerance = -1;
  limn_mlp_outcome outcome;
  sig_atomic_t flag = 1;
  for (int way = 0; way < 3; way++) {
    int calls = 0;
    limn_token token = {0};
    if (way == 0) token.cancel = &flag;
    if (way == 1) token.deadline = limn_seconds() + 0.2;
    if (way == 2) token.report = third, token.user = &calls;
    double began = limn_seconds();
    cr_assert_eq(limn_features_gram(k, f, &token, &e), LIMN_ECANCELLED, "way %d", way);
    calls = 0;
    if (way == 1) token.deadline = limn_seconds() + 0.2;
    cr_assert_eq(limn_mlp_train(net, &outcome, x, y, 2, &rule, &token, &e), LIMN_ECANCELLED,
                 "way %d", way);
    cr_assert(limn_seconds() - began < 20);
  }
  limn_mlp_free(net);
  spec.init = LIMN_INIT_ORTHOGONAL, spec.weight = 1, spec.sizes[1] = spec.sizes[2] = 2500;
  limn_token token = {.deadline = limn_seconds() + 0.3};
  cr_assert_eq(limn_mlp_new(&net, &spec, &token, &e), LIMN_ECANCELLED);
  limn_features_free(f);
  free(k);
  cr_assert_eq(limn_memory_used(), 0);
}
