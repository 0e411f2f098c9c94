/* test_mlp_groups.c: one wide hidden layer on four points, its units moved in groups, against
 * num/mlp/reference.c: every instruction set, points of every kind, rates at which units hardly
 * move and at which most cross their kinks. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "num/simd/mlp/mlp_simd.h"
#include "core/core.h"
#include "limn/limn.h"
#include "limn/mlp.h"
#include "num/mlp/reference.h"
#include "simd/lowered.h"
#include "support/isa.h"

static limn_err err;

enum { MAX_UNITS = 700 };

/* The parameters (w0, w1, b, v) of each unit, and the output bias. */
typedef struct {
  size_t n;
  double unit[MAX_UNITS][4], c;
} parameters;

static void read_net(parameters *to, const limn_mlp *net, size_t member) {
  static double w[2 * MAX_UNITS], b[MAX_UNITS], v[MAX_UNITS];
  to->n = limn_mlp_spec_of(net)->sizes[1];
  cr_assert_eq(limn_mlp_get(w, b, net, member, 0, 0, &err), LIMN_OK);
  cr_assert_eq(limn_mlp_get(v, &to->c, net, member, 0, 1, &err), LIMN_OK);
  for (size_t u = 0; u < to->n; u++)
    memcpy(to->unit[u], (double[4]){w[2 * u], w[2 * u + 1], b[u], v[u]}, sizeof *to->unit);
}

static void read_reference(parameters *to, const limn_reference *r) {
  const limn_reference_layer *hidden = &r->layer[0][0], *last = &r->layer[0][1];
  to->n = hidden->is.out, to->c = last->b[0];
  for (size_t u = 0; u < to->n; u++)
    memcpy(to->unit[u],
           (double[4]){hidden->W[2 * u], hidden->W[2 * u + 1], hidden->b[u], last->W[u]},
           sizeof *to->unit);
}

static void write_net(limn_mlp *net, const parameters *from) {
  static double w[2 * MAX_UNITS], b[MAX_UNITS], v[MAX_UNITS];
  for (size_t u = 0; u < from->n; u++)
    w[2 * u] = from->unit[u][0], w[2 * u + 1] = from->unit[u][1], b[u] = from->unit[u][2],
          v[u] = from->unit[u][3];
  cr_assert_eq(limn_mlp_set(net, 0, 0, 0, w, b, &err), LIMN_OK, "%s", err.text);
  cr_assert_eq(limn_mlp_set(net, 0, 0, 1, v, &from->c, &err), LIMN_OK, "%s", err.text);
}

/* The largest difference: of input weights absolute, of output weights relative to the largest. */
static double apart(const parameters *a, const parameters *b) {
  double most = fabs(a->c - b->c), size = 0;
  for (size_t u = 0; u < a->n; u++) size = fmax(size, fabs(b->unit[u][3]));
  for (size_t u = 0; u < a->n; u++)
    for (size_t k = 0; k < 4; k++)
      most = fmax(most, fabs(a->unit[u][k] - b->unit[u][k]) / (k < 3 ? 1 : size));
  return most;
}

/* Points: the corners of a square of signs, of a rectangle, in general position, on a line, with
 * one point twice. */
static const double sets[5][8] = {{1, 1, 1, -1, -1, 1, -1, -1},
                                  {0.5, 2, 0.5, -1, -1, 2, -1, -1},
                                  {0.3, 0.7, -0.2, 1, 0.9, -1, -0.6, -0.4},
                                  {-1, -0.5, 0.5, 0.25, 1, 0.5, 2, 1},
                                  {1, 0.5, -1, 0.3, 1, 0.5, 0.2, -1}};
static const double labels[5][4] = {
    {1, -1, -1, 1}, {1, -1, -0.5, 1}, {1, -1, -0.5, 1}, {0.5, -1, 0, 1}, {1, -1, 1, 0.25}};

/* Kinds of runs, by how far units move; GROW: from near 0, ever faster. */
enum { FROZEN, LAZY, LARGE, GROW, RICH, EDGE, KINDS };

static limn_mlp_rule rule_of(int kind, size_t n, size_t steps) {
  const double rate[KINDS] = {1e-6, 0.1, 4, 0.5 * sqrt((double)n), 0.3, 1};
  limn_mlp_rule rule = {.rate = rate[kind] / (double)n, .steps = steps, .tolerance = -1};
  rule.rates[0] = kind >= RICH ? (double)n * (double)n : 1, rule.rates[1] = 1;
  return rule;
}

static limn_mlp *fresh(int kind, size_t n, limn_dtype dtype, bool biases, bool none,
                       uint64_t seed) {
  limn_mlp_spec spec = {.layers = 2,
                        .sizes = {2, n, 1},
                        .init = LIMN_INIT_CUSTOM,
                        .weight = kind == GROW ? 1e-4 : 2,
                        .bias = seed % 2 && biases ? 0.3 : 0,
                        .readout = kind == GROW   ? 1e-4
                                   : kind >= RICH ? 1 / (double)n
                                                  : 2,
                        .biases = biases,
                        .start = none ? LIMN_START_NONE : LIMN_START_RANDOM,
                        .dtype = dtype,
                        .count = 1,
                        .seed = seed};
  limn_mlp *net;
  cr_assert_eq(limn_mlp_new(&net, &spec, NULL, &err), LIMN_OK, "%s", err.text);
  return net;
}

/* Trains the reference from the net's present parameters as limn_mlp_train does: until the
 * tolerance or divergence. */
static limn_mlp_outcome reference_train(parameters *to, const limn_mlp *net, int set,
                                        const limn_mlp_rule *rule) {
  limn_reference r;
  limn_mlp_outcome out = {.reason = LIMN_MLP_STEPS};
  cr_assert_eq(limn_reference_begin(&r, net, 0, &err), LIMN_OK);
  for (;; out.steps++) {
    out.loss = limn_reference_gradient(&r, sets[set], labels[set], 4, rule->loss);
    if (!(out.loss <= 1e9)) out.reason = LIMN_MLP_DIVERGED;
    if (out.loss <= rule->tolerance) out.reason = LIMN_MLP_TOLERANCE;
    if (out.reason != LIMN_MLP_STEPS || out.steps == (double)rule->steps) break;
    limn_reference_apply(&r, rule);
  }
  read_reference(to, &r);
  limn_reference_end(&r);
  return out;
}

static double check(int kind, int set, limn_dtype dtype, size_t n, size_t steps, bool biases,
                    bool none) {
  static parameters want, got, start;
  limn_mlp *net = fresh(kind, n, dtype, biases, none, (uint64_t)(set + kind));
  limn_mlp_rule rule = rule_of(kind, n, steps);
  limn_mlp_outcome out, expected = reference_train(&want, net, set, &rule);
  read_net(&start, net, 0);
  cr_assert_eq(limn_mlp_train(net, &out, sets[set], labels[set], 4, &rule, NULL, &err), LIMN_OK,
               "%s", err.text);
  read_net(&got, net, 0);
  limn_mlp_free(net);
  cr_assert_eq(out.reason, expected.reason);
  cr_assert_eq(out.steps, expected.steps);
  cr_assert_gt(apart(&want, &start), 0);
  double far = fmax(apart(&got, &want), fabs(out.loss - expected.loss));
  double rounding = dtype == LIMN_F32 ? 1e-4 : kind == EDGE ? 1e-7 : 1e-11;
  cr_assert_lt(far, rounding, "isa %s, kind %d, set %d, dtype %d, n %zu, steps %zu: %g",
               limn_isa_name(limn_isa_get()), kind, set, (int)dtype, n, steps, far);
  return far;
}

/* Every instruction set, and AVX-512's lowered to plain C. */
static void everywhere(void (*body)(void)) {
  for (int isa = LIMN_ISA_REF; isa <= LIMN_ISA_AVX512 + 1; isa++) {
    bool lowered = isa > LIMN_ISA_AVX512;
    if (!lowered && !isa_here(isa)) continue;
    if (lowered) limn_mlp_kernels_use(&lowered_mlp_f32, &lowered_mlp_f64);
    body();
  }
  limn_mlp_kernels_use(NULL, NULL);
}

static void many_cases(void) {
  static const size_t steps[4] = {1, 10, 40, 300};
  for (int kind = 0; kind < KINDS; kind++)
    for (int set = 0; set < 5; set++)
      for (int s = 0; s < (kind < EDGE ? 4 : 3); s++) { /* EDGE: rounding grows with the steps */
        size_t n = 256 + 37 * (size_t)set + (size_t)kind;
        bool biases = (set + kind + s) % 4 > 0, none = (set + s) % 3 == 0;
        check(kind, set, LIMN_F64, n, steps[s], biases, none);
        if (s < 3 && kind < LARGE) check(kind, set, LIMN_F32, n, steps[s], biases, none);
      }
}

Test(mlp_groups, equal_the_reference) {
  everywhere(many_cases);
}

Test(mlp_groups, long_runs) {
  for (int kind = 0; kind < EDGE; kind++)
    for (int set = 0; set < 3; set++) check(kind, set, LIMN_F64, MAX_UNITS, 2000, true, false);
}

/* Units inactive at all points, units with a point on their kink, and zero units. */
Test(mlp_groups, units_at_their_kinks) {
  static parameters want, got;
  for (int kind = 0; kind < KINDS; kind++) {
    limn_mlp *net = fresh(kind, 500, LIMN_F64, true, false, 3);
    limn_mlp_rule rule = rule_of(kind, 500, 200);
    limn_mlp_outcome out;
    read_net(&want, net, 0);
    for (size_t u = 0; u < 100; u++) want.unit[u][0] = want.unit[u][1] = 0, want.unit[u][2] = -1;
    for (size_t u = 100; u < 150; u++) want.unit[u][1] = -want.unit[u][0], want.unit[u][2] = 0;
    for (size_t u = 150; u < 170; u++) memset(want.unit[u], 0, sizeof want.unit[u]);
    write_net(net, &want);
    reference_train(&want, net, 0, &rule);
    cr_assert_eq(limn_mlp_train(net, &out, sets[0], labels[0], 4, &rule, NULL, &err), LIMN_OK);
    read_net(&got, net, 0);
    cr_assert_lt(apart(&got, &want), kind == EDGE ? 1e-8 : 1e-11, "kind %d: %g", kind,
                 apart(&got, &want));
    for (size_t u = 0; u < 100; u++) cr_assert_eq(got.unit[u][2], -1);
    limn_mlp_free(net);
  }
}

/* A tolerance is reached, or a large rate diverges, at the step of the reference. */
Test(mlp_groups, ends) {
  static parameters want, got;
  for (int set = 0; set < 3; set++)
    for (int end = 0; end < 5; end++) {
      int kind = end % 2 || end == 4 ? RICH : LAZY;
      limn_mlp *net = fresh(kind, 400, LIMN_F64, true, false, 5);
      limn_mlp_rule rule = rule_of(kind, 400, 3000);
      if (end < 2)
        rule.tolerance = 1e-3;
      else
        rule.rate *= end == 2   ? 4000
                     : end == 3 ? 200
                                : 12; /* the last: units overshoot and become inactive */
      limn_mlp_outcome out, expected = reference_train(&want, net, set, &rule);
      cr_assert_eq(limn_mlp_train(net, &out, sets[set], labels[set], 4, &rule, NULL, &err),
                   LIMN_OK);
      if (end < 4) cr_assert_eq(expected.reason, end < 2 ? LIMN_MLP_TOLERANCE : LIMN_MLP_DIVERGED);
      cr_assert_eq(out.reason, expected.reason);
      cr_assert_eq(out.steps, expected.steps, "set %d, end %d: %g, not %g", set, end, out.steps,
                   expected.steps);
      cr_assert_lt(fabs(out.loss / expected.loss - 1), 1e-6);
      read_net(&got, net, 0);
      for (size_t u = 0; u < got.n; u++)
        for (size_t k = 0; k < 4; k++) cr_assert(isfinite(got.unit[u][k]));
      limn_mlp_free(net);
    }
}

/* The outcome has the loss of the stored, rounded parameters; a tolerance below their rounding is
 * not reached. */
Test(mlp_groups, loss_of_the_stored_parameters) {
  for (int fine = 0; fine < 2; fine++) {
    limn_mlp *net = fresh(LAZY, 600, LIMN_F32, true, false, 8);
    limn_mlp_rule rule = rule_of(LARGE, 600, 2000);
    rule.tolerance = fine ? 1e-22 : 1e-10;
    limn_mlp_outcome out;
    limn_reference r;
    cr_assert_eq(limn_mlp_train(net, &out, sets[0], labels[0], 4, &rule, NULL, &err), LIMN_OK);
    cr_assert_eq(out.reason, fine ? LIMN_MLP_STEPS : LIMN_MLP_TOLERANCE);
    cr_assert(fine ? out.steps == 2000 : out.steps < 2000);
    cr_assert_eq(limn_reference_begin(&r, net, 0, &err), LIMN_OK);
    double loss = limn_reference_gradient(&r, sets[0], labels[0], 4, rule.loss);
    limn_reference_end(&r);
    cr_assert(loss > 1e-18 && fabs(out.loss / loss - 1) < 1e-3, "%g, not %g", out.loss, loss);
    limn_mlp_free(net);
  }
}

/* Several nets: the same bits for any number of threads and for each net alone; cancellation and
 * failed allocations. */
Test(mlp_groups, nets_over_threads) {
  limn_mlp_spec spec = {.layers = 2, .sizes = {2, 300, 1}, .biases = true, .count = 5, .seed = 4};
  static parameters one, other;
  limn_mlp *nets[3];
  limn_mlp_outcome out[3][5];
  limn_mlp_rule rule = rule_of(LARGE, 300, 150);
  for (int i = 0; i < 3; i++) {
    cr_assert_eq(limn_mlp_new(&nets[i], &spec, NULL, &err), LIMN_OK);
    limn_threads_set(i + 1, &err);
    cr_assert_eq(limn_mlp_train(nets[i], out[i], sets[2], labels[2], 4, &rule, NULL, &err),
                 LIMN_OK);
  }
  for (size_t r = 0; r < 5; r++) {
    spec.count = 1, spec.rep = r;
    limn_mlp *alone;
    cr_assert_eq(limn_mlp_new(&alone, &spec, NULL, &err), LIMN_OK);
    cr_assert_eq(limn_mlp_train(alone, out[0], sets[2], labels[2], 4, &rule, NULL, &err), LIMN_OK);
    read_net(&one, alone, 0);
    for (int i = 0; i < 3; i++) {
      read_net(&other, nets[i], r);
      cr_assert_eq(apart(&one, &other), 0, "net %zu, %d threads", r, i + 1);
      if (i) cr_assert_eq(memcmp(&out[i][r].loss, &out[0][0].loss, sizeof(double)), 0);
    }
    limn_mlp_free(alone);
  }
  volatile sig_atomic_t stop = 1;
  limn_token token = {.cancel = &stop};
  cr_assert_eq(limn_mlp_train(nets[0], out[0], sets[2], labels[2], 4, &rule, &token, &err),
               LIMN_ECANCELLED);
  long failures = 0;
  for (limn_status status = LIMN_ENOMEM; status == LIMN_ENOMEM; failures++) {
    for (size_t r = 0; r < 5; r++) { /* nothing has changed */
      read_net(&one, nets[0], r), read_net(&other, nets[1], r);
      cr_assert_eq(apart(&one, &other), 0, "%ld failures", failures);
    }
    limn_memory_fail_at(failures + 1);
    status = limn_mlp_train(nets[0], out[0], sets[2], labels[2], 4, &rule, NULL, &err);
    limn_memory_fail_at(0);
    cr_assert(status == LIMN_ENOMEM || status == LIMN_OK);
  }
  cr_assert_geq(failures, 2); /* an allocation failed, and then none */
  for (int i = 0; i < 3; i++) limn_mlp_free(nets[i]);
}
