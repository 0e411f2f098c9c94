/* test_lowered.c: AVX-512's vectors of 64 bytes in plain C (lowered.h) against narrow ones:
 * infinite-width kernels to the bit; training, outputs and maps of nets up to rounding; with sizes
 * near the lane counts. */
/* slow: 2 s */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"
#include "limn/limn.h"
#include "limn/mlp.h"
#include "simd/lowered.h"

#define NAME(x) x##_narrow
#define PLAIN_LANES 2
limn_arccos_fn limn_arccos_narrow;
limn_versines_fn limn_versines_narrow;
limn_relu_fn limn_relu_narrow;
#include "num/simd/arccos/arccos_body.h"

static const size_t sizes[] = {1, 7, 8, 9, 15, 16, 17, 31, 33};
enum { SIZES = sizeof sizes / sizeof *sizes, ROOM = 64 + 1 };

static limn_err err;
static limn_rng rng;

static double uniform(void) {
  return 2 * limn_rng_uniform(&rng) - 1;
}

/* ---- infinite width ---- */

/* Angles of all sizes, from 0 to pi. */
static double angle_of(size_t j) {
  double t = M_PI * pow(10, -14 * limn_rng_uniform(&rng));
  return j % 5 == 0 ? 0 : j % 5 == 1 ? M_PI - t : t;
}

static void same(const double *a, const double *b, size_t n, const char *what) {
  for (size_t j = 0; j < n; j++)
    cr_assert_eq(memcmp(a + j, b + j, sizeof *a), 0, "%s %zu of %zu: %.17g, %.17g", what, j, n,
                 a[j], b[j]);
}

Test(lowered, arccos_to_the_bit) {
  rng = limn_rng_start(limn_key_of(3, 0, 0, LIMN_FOR_USER), 0);
  for (size_t s = 0; s < SIZES; s++) {
    double u[ROOM], v[ROOM], out[2][4][ROOM];
    for (size_t j = 0; j < ROOM; j++) {
      double t = angle_of(j), half = sin(t / 2), rest = cos(t / 2);
      u[j] = 2 * half * half, v[j] = 2 * rest * rest;
    }
    /* arrays at an odd offset: only a double's alignment is guaranteed */
    limn_arccos_narrow(sizes[s], u + 1, v + 1, out[0][0], out[0][1], out[0][2], out[0][3]);
    limn_arccos_lowered(sizes[s], u + 1, v + 1, out[1][0], out[1][1], out[1][2], out[1][3]);
    for (size_t q = 0; q < 4; q++) same(out[0][q], out[1][q], sizes[s], "arccos");
  }
}

Test(lowered, versines_to_the_bit) {
  rng = limn_rng_start(limn_key_of(4, 0, 0, LIMN_FOR_USER), 0);
  for (size_t s = 0; s < SIZES; s++)
    for (size_t wide = 1; wide <= 5; wide += 2)
      for (int close = 0; close < 2; close++) { /* with and without nearly parallel points */
        double a[5], b[5 * ROOM], out[2][2][ROOM];
        for (size_t c = 0; c < wide; c++) a[c] = uniform() / sqrt(5);
        for (size_t q = 0; q < wide * ROOM; q++)
          b[q] = q % 3 && close ? (q % 2 ? 1 : -1) * a[q / ROOM] * 5 / (double)wide
                                : uniform() / sqrt(5);
        limn_versines_narrow(sizes[s], wide, a, 1, b + 1, ROOM - 1, out[0][0], out[0][1]);
        limn_versines_lowered(sizes[s], wide, a, 1, b + 1, ROOM - 1, out[1][0], out[1][1]);
        for (size_t q = 0; q < 2; q++) same(out[0][q], out[1][q], sizes[s], "versines");
      }
}

Test(lowered, relu_layers_to_the_bit) {
  rng = limn_rng_start(limn_key_of(5, 0, 0, LIMN_FOR_USER), 0);
  for (size_t s = 0; s < SIZES; s++)
    for (int kind = 0; kind < 32; kind++) {
      double u[2][ROOM], v[ROOM], theta[2][ROOM], k[2][ROOM] = {{0}}, root[ROOM];
      double cosine[ROOM], sine[ROOM];
      for (size_t j = 0; j < ROOM; j++) {
        double t = angle_of(j) / (kind & 1 ? 1 : 2), half = sin(t / 2), rest = cos(t / 2);
        u[0][j] = u[1][j] = 2 * half * half, v[j] = 2 * rest * rest;
        theta[0][j] = theta[1][j] = uniform(), root[j] = 1.5 + uniform();
        cosine[j] = uniform(), sine[j] = uniform();
      }
      for (int q = 0; q < 2; q++) {
        limn_relu_layer l = {.n = sizes[s],
                             .u = u[q] + 1,
                             .v = kind & 1 ? v + 1 : NULL,
                             .theta = kind & 2 ? theta[q] + 1 : NULL,
                             .k = kind & 4 ? k[q] + 1 : NULL,
                             .weight = 2,
                             .bias = kind & 8 ? 0.3 : 0,
                             .standard = kind & 16,
                             .root1 = 1.25,
                             .root2 = root + 1,
                             .cosine1 = 0.4,
                             .sine1 = 0.5,
                             .cosine2 = kind & 8 ? cosine + 1 : NULL,
                             .sine2 = kind & 8 ? sine + 1 : NULL};
        (q ? limn_relu_lowered : limn_relu_narrow)(&l);
      }
      same(u[0] + 1, u[1] + 1, sizes[s], "gap");
      same(theta[0] + 1, theta[1] + 1, sizes[s], "theta");
      same(k[0] + 1, k[1] + 1, sizes[s], "k");
    }
}

/* ---- nets ---- */

typedef struct {
  limn_mlp_spec spec;
  limn_mlp_optimizer optimizer;
  size_t points, batch;
  limn_mlp_loss loss;
} task;

/* After some steps of a net: losses, outputs at many points, a map. */
static size_t results_of(const task *t, bool lowered, double **out) {
  const limn_mlp_spec *s = &t->spec;
  size_t d = s->sizes[0], outputs = s->sizes[s->layers], many = 70 + t->points, n = 0;
  limn_mlp_kernels_use(lowered ? &lowered_mlp_f32 : NULL, lowered ? &lowered_mlp_f64 : NULL);
  rng = limn_rng_start(limn_key_of(6, 0, 0, LIMN_FOR_USER), 0);
  double *x = malloc(many * d * sizeof *x), *y = malloc(many * outputs * sizeof *y);
  for (size_t q = 0; q < many * d; q++) x[q] = uniform();
  for (size_t q = 0; q < many * outputs; q++) y[q] = uniform() < 0 ? -1 : 1;
  limn_mlp *net;
  cr_assert_eq(limn_mlp_new(&net, s, NULL, &err), LIMN_OK, "%s", err.text);
  limn_mlp_rule rule = {.optimizer = t->optimizer, .rate = 0.02, .steps = 6, .tolerance = -1};
  rule.momentum = 0.5, rule.beta2 = 0.9, rule.epsilon = 1e-2;
  rule.batch = t->batch, rule.loss = t->loss;
  for (size_t l = 0; l < LIMN_MLP_LAYERS; l++) rule.rates[l] = 1;
  limn_mlp_outcome *outcome = calloc(s->count, sizeof *outcome);
  cr_assert_eq(limn_mlp_train(net, outcome, x, y, t->points, &rule, NULL, &err), LIMN_OK, "%s",
               err.text);
  limn_mlp_grid grid = {-1, 0.11, -1, 0.13, 19, 17};
  bool map = d == 2 && outputs == 1;
  *out = calloc(s->count * (1 + many * outputs + 19 * 17), sizeof **out);
  for (size_t r = 0; r < s->count; r++) (*out)[n++] = outcome[r].loss;
  cr_assert_eq(limn_mlp_forward(*out + n, net, x, many, NULL, &err), LIMN_OK, "%s", err.text);
  n += s->count * many * outputs;
  if (map) {
    cr_assert_eq(limn_mlp_map(*out + n, NULL, net, &grid, false, NULL, &err), LIMN_OK);
    n += s->count * 19 * 17;
  }
  limn_mlp_free(net), free(x), free(y), free(outcome);
  limn_mlp_kernels_use(NULL, NULL);
  return n;
}

static void alike(task t) {
  for (int f32 = 0; f32 < 2; f32++) {
    double *a, *b, most = f32 ? 2e-4 : 2e-12;
    t.spec.dtype = f32 ? LIMN_F32 : LIMN_F64;
    t.spec.biases = true;
    size_t n = results_of(&t, false, &a);
    cr_assert_eq(results_of(&t, true, &b), n);
    for (size_t j = 0; j < n; j++)
      cr_assert(fabs(a[j] - b[j]) <= most * (1 + fabs(a[j])),
                "%zu nets of %zu units, %zu points: number %zu is %.17g, lowered %.17g",
                t.spec.count, t.spec.sizes[1], t.points, j, a[j], b[j]);
    free(a), free(b);
  }
}

Test(lowered, many_nets) {
  limn_isa_set(LIMN_ISA_REF, &err);
  for (size_t s = 0; s < SIZES; s++)
    for (size_t u = s % 4; u < SIZES; u += 4) {
      limn_mlp_spec spec = {.layers = 2, .sizes = {2, sizes[u], 1}, .count = sizes[s], .seed = s};
      alike((task){spec, LIMN_MLP_GD, 4, 0, LIMN_LOSS_MSE});           /* one_hidden */
      alike((task){spec, LIMN_MLP_ADAM, 4 + u % 3, 0, LIMN_LOSS_MSE}); /* lanes */
    }
}

Test(lowered, deep_nets) {
  limn_isa_set(LIMN_ISA_REF, &err);
  static const limn_phi phi[] = {LIMN_PHI_RELU, LIMN_PHI_TANH, LIMN_PHI_ERF,
                                 LIMN_PHI_GELU, LIMN_PHI_SIN,  LIMN_PHI_LINEAR};
  for (size_t s = 0; s < SIZES; s++)
    for (size_t q = s % 2; q < 6; q += 2) {
      limn_mlp_spec spec = {.layers = 3,
                            .sizes = {3, sizes[s], 6, 2},
                            .activation = phi[q],
                            .start = q % 2 ? LIMN_START_ANTISYMMETRIC : LIMN_START_NONE,
                            .count = sizes[(s + q) % SIZES],
                            .seed = q};
      limn_mlp_loss loss = s % 2 ? LIMN_LOSS_LOGISTIC : LIMN_LOSS_MSE;
      alike((task){spec, LIMN_MLP_GD, sizes[s], 0, loss});
      alike((task){spec, LIMN_MLP_MOMENTUM, 17, 5, loss});
    }
}

Test(lowered, wide_nets) {
  limn_isa_set(LIMN_ISA_REF, &err);
  for (size_t points = 1; points <= 7; points += 1 + points / 2)
    for (int deep = 0; deep < 2; deep++) {
      limn_mlp_spec spec = {.layers = deep ? 4 : 2, .sizes = {2, 150, 1}, .count = 2, .seed = 1};
      if (deep) memcpy(spec.sizes, (size_t[]){2, 70, 90, 67, 1}, 5 * sizeof *spec.sizes);
      alike((task){spec, LIMN_MLP_GD, points, 0, LIMN_LOSS_MSE});
      alike((task){spec, LIMN_MLP_ADAM, points, 0, LIMN_LOSS_LOGISTIC});
    }
}
