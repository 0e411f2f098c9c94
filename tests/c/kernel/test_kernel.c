/* test_kernel.c: infinite-width kernels against the textbook recursion in quadruple precision
 * (which has 17 correct digits after its own cancellation) and against two-dimensional
 * integration. */
/* isa: yes */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/core.h"
#include "limn/limn.h"

/* From libquadmath, whose header only gcc finds. */
typedef __float128 quad;
quad sqrtq(quad), expq(quad), asinq(quad), acosq(quad), fabsq(quad);
#define M_PIq 3.141592653589793238462643383279502884Q

/* Textbook moments of one layer: from covariance entries to E[phi phi] and E[phi' phi']. */
static void layer(limn_phi phi, quad q1, quad q2, quad k, quad *e, quad *d) {
  quad r = k / sqrtq(q1 * q2), t, s;
  if (r > 1) r = 1;
  if (r < -1) r = -1;
  t = acosq(r);
  s = sqrtq(1 - r * r);
  switch (phi) {
  case LIMN_PHI_RELU:
    *e = sqrtq(q1 * q2) * (s + (M_PIq - t) * r) / (2 * M_PIq);
    *d = (M_PIq - t) / (2 * M_PIq);
    break;
  case LIMN_PHI_STEP:
    *e = (M_PIq - t) / (2 * M_PIq), *d = 0;
    break;
  case LIMN_PHI_ERF:
    *e = 2 / M_PIq * asinq(2 * k / sqrtq((1 + 2 * q1) * (1 + 2 * q2)));
    *d = 4 / M_PIq / sqrtq((1 + 2 * q1) * (1 + 2 * q2) - 4 * k * k);
    break;
  case LIMN_PHI_SIN:
    *e = (expq(k - (q1 + q2) / 2) - expq(-k - (q1 + q2) / 2)) / 2;
    *d = (expq(k - (q1 + q2) / 2) + expq(-k - (q1 + q2) / 2)) / 2;
    break;
  case LIMN_PHI_GELU: {
    quad r1 = 1 + q1, r2 = 1 + q2, det = r1 * r2 - k * k;
    quad both = 0.25Q + asinq(k / sqrtq(r1 * r2)) / (2 * M_PIq),
         density = 1 / (2 * M_PIq * sqrtq(det));
    *e = k * both + density * (q1 * q2 + k * k * (1 / r1 + 1 / r2 - 1));
    *d = both + k * density * (1 / r1 + 1 / r2 + 1 / det);
    break;
  }
  default:
    *e = k, *d = 1;
    break;
  }
}

static void textbook(const double *x, const double *z, size_t dim, const limn_kernel_spec *s,
                     quad *k, quad *theta, quad *shares) {
  quad q1 = 0, q2 = 0, c = 0;
  for (size_t i = 0; i < dim; i++) {
    q1 += (quad)x[i] * x[i];
    q2 += (quad)z[i] * z[i];
    c += (quad)x[i] * z[i];
  }
  q1 = s->weight * q1 / dim + s->bias, q2 = s->weight * q2 / dim + s->bias,
  c = s->weight * c / dim + s->bias;
  for (int l = 0; l <= s->depth; l++) shares[l] = 0;
  if (!s->standard) shares[0] = c;
  for (int l = 1; l <= s->depth; l++) {
    quad e, d, e1, e2, unused, w = l < s->depth ? s->weight : s->readout;
    layer(s->phi, q1, q2, c, &e, &d);
    layer(s->phi, q1, q1, q1, &e1, &unused);
    layer(s->phi, q2, q2, q2, &e2, &unused);
    for (int j = 0; j < l; j++) shares[j] *= w * d;
    c = w * e + s->bias, q1 = w * e1 + s->bias, q2 = w * e2 + s->bias;
    shares[l] = s->standard ? e : c;
  }
  *k = c, *theta = 0;
  for (int l = 0; l <= s->depth; l++) *theta += shares[l];
}

static double uniform(limn_rng *r, double low, double high) {
  return low + (high - low) * limn_rng_uniform(r);
}

static void close_to(double got, quad want, double scale, double tol, const char *what) {
  double miss = (double)fabsq(got - want);
  cr_assert(miss <= tol * fmax(fabs((double)want), scale),
            "%s: got %.17g, want %.17g (off by %.2g)", what, got, (double)want,
            miss / fabs((double)want));
}

/* All pairs of m points against the textbook, and for exact symmetry. */
static void compare(const double *x, size_t m, size_t dim, const limn_kernel_spec *s, double tol) {
  size_t layers = (size_t)s->depth + 1;
  double *k = calloc(m * m, 8), *t = calloc(m * m, 8), *l = calloc(layers * m * m, 8);
  double *k2 = calloc(m * m, 8), *t2 = calloc(m * m, 8);
  bool ntk = s->phi != LIMN_PHI_STEP;
  limn_err e = {0};
  cr_assert_eq(limn_kernel_evaluate(k, ntk ? t : NULL, ntk ? l : NULL, NULL, x, m, NULL, 0, dim, s,
                                    NULL, &e),
               LIMN_OK, "%s", e.text);
  cr_assert_eq(limn_kernel_evaluate(k2, ntk ? t2 : NULL, NULL, NULL, x, m, x, m, dim, s, NULL, &e),
               LIMN_OK);
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < m; j++) {
      quad kq, tq, shares[LIMN_MAX_DEPTH + 1];
      textbook(x + i * dim, x + j * dim, dim, s, &kq, &tq, shares);
      /* off-diagonal sums may cancel, so errors are relative to the diagonal entries */
      double scale = sqrt(k[i * m + i] * k[j * m + j]);
      close_to(k[i * m + j], kq, scale, tol, "nngp");
      cr_assert_eq(k[i * m + j], k[j * m + i]);
      close_to(k2[i * m + j], kq, scale, tol, "nngp of two sets");
      if (!ntk) continue;
      close_to(t[i * m + j], tq, scale, tol, "ntk");
      close_to(t2[i * m + j], tq, scale, tol, "ntk of two sets");
      cr_assert_eq(t[i * m + j], t[j * m + i]);
      for (size_t c = 0; c < layers; c++)
        close_to(l[(c * m + i) * m + j], shares[c], scale, tol, "share");
    }
  free(k), free(t), free(l), free(k2), free(t2);
}

static uint64_t fresh_seed(void) {
  const char *text = getenv("LIMN_TEST_SEED");
  uint64_t seed = text ? strtoull(text, NULL, 10) : (uint64_t)time(NULL);
  cr_log_info("LIMN_TEST_SEED=%llu", (unsigned long long)seed);
  return seed;
}

Test(kernel, closed_forms_on_fresh_points) {
  limn_rng r = limn_rng_start(limn_key_of(fresh_seed(), 0, 0, LIMN_FOR_USER), 0);
  static const limn_phi forms[] = {LIMN_PHI_RELU,   LIMN_PHI_ERF,  LIMN_PHI_SIN,
                                   LIMN_PHI_LINEAR, LIMN_PHI_STEP, LIMN_PHI_GELU};
  static const double scales[] = {1, 1, 1e-6, 1e3, 1e6};
  for (int trial = 0; trial < 240; trial++) {
    double x[7 * 3], scale = scales[trial % 5];
    for (int i = 0; i < 21; i++) x[i] = scale * limn_rng_normal(&r);
    for (int c = 0; c < 3; c++) {
      x[9 + c] = -x[c];                                  /* opposite */
      x[12 + c] = x[3 + c] * (1 + 1e-9 * (c == 0));      /* nearly parallel */
      x[15 + c] = -2 * x[6 + c] * (1 + 1e-7 * (c == 1)); /* nearly opposite */
      x[18 + c] = 3 * x[c];                              /* parallel */
    }
    limn_kernel_spec s = {.phi = forms[trial % 6],
                          .depth = 1 + trial % 4,
                          .weight = uniform(&r, 0.5, 2.5),
                          .bias = trial % 7 > 2 ? uniform(&r, 0, 1) : 0,
                          .readout = uniform(&r, 0.5, 2),
                          .standard = trial % 2 == 1};
    /* The kernel of a step has infinite slope at rho = 1: after one layer, the rounding of parallel
     * points' coordinates is amplified. */
    if (s.phi == LIMN_PHI_STEP) s.depth = 1;
    /* Rounding errors accumulate over the layers; erf and sin of a large input turn the rounding of
     * its coordinates into one of their angle. */
    bool bounded = s.phi == LIMN_PHI_ERF || s.phi == LIMN_PHI_SIN;
    compare(x, 7, 3, &s, fmax(1e-13 * s.depth, bounded ? 2e-15 * scale : 0));
  }
}

Test(kernel, nearly_parallel_relu_keeps_its_digits) {
  for (int p = 1; p <= 15; p++) {
    double eps = pow(10, -p), x[4] = {1, 1, 1 + eps, 1};
    limn_kernel_spec s = {.phi = LIMN_PHI_RELU, .depth = 3, .weight = 2, .readout = 2};
    compare(x, 2, 2, &s, 1e-13);
    s.bias = 0.3;
    compare(x, 2, 2, &s, 1e-13);
  }
}

Test(kernel, large_inputs_of_erf) {
  double x[8] = {1e6, 0, 1e6, 1, -1e6, 3, 2, 1e5};
  limn_kernel_spec s = {.phi = LIMN_PHI_ERF, .depth = 2, .weight = 1.5, .readout = 1, .bias = 0.1};
  compare(x, 4, 2, &s, 1e-11);
}

/* Expectation over two normals by the trapezoidal rule in the plane, without series or Hermite
 * polynomials. */
static void plane(double (*f)(double), double (*df)(double), double q1, double q2, double k,
                  double *e, double *d) {
  double rho = k / sqrt(q1 * q2), side = sqrt(fmax(0, 1 - rho * rho));
  long double se = 0, sd = 0;
  double h = fmin(0.1, 0.2 / sqrt(fmax(q1, q2)));
  for (double a = -9; a <= 9; a += h)
    for (double b = -9; b <= 9; b += h) {
      double w = exp(-0.5 * (a * a + b * b)), u = sqrt(q1) * a, v = sqrt(q2) * (rho * a + side * b);
      se += w * f(u) * f(v);
      sd += w * df(u) * df(v);
    }
  *e = (double)se * h * h / (2 * M_PI), *d = (double)sd * h * h / (2 * M_PI);
}

static double dtanh(double x) {
  return 1 / (cosh(x) * cosh(x));
}
static double gelu(double x) {
  return 0.5 * x * erfc(-x * M_SQRT1_2);
}
static double dgelu(double x) {
  return 0.5 * erfc(-x * M_SQRT1_2) + x * exp(-0.5 * x * x) / sqrt(2 * M_PI);
}

/* Variances up to `most`: short series of tanh, mixtures above q = 2, the closed form of GELU. */
static void against_plane(double (*f)(double), double (*df)(double), limn_phi phi, double most,
                          limn_rng *r) {
  double x[4], k[4], t[4], error;
  for (int i = 0; i < 4; i++) x[i] = sqrt(most / 4) * fmin(fmax(limn_rng_normal(r), -2), 2);
  limn_kernel_spec s = {
      .phi = phi, .depth = 1, .weight = 1, .bias = uniform(r, 0, 0.5), .readout = 1.2};
  limn_err err = {0};
  cr_assert_eq(limn_kernel_evaluate(k, t, NULL, &error, x, 2, NULL, 0, 2, &s, NULL, &err), LIMN_OK);
  cr_assert_leq(error, 2e-14);
  for (int i = 0; i < 2; i++)
    for (int j = 0; j < 2; j++) {
      const double *a = x + 2 * i, *b = x + 2 * j;
      double c = (a[0] * b[0] + a[1] * b[1]) / 2 + s.bias, e, d;
      plane(f, df, (a[0] * a[0] + a[1] * a[1]) / 2 + s.bias,
            (b[0] * b[0] + b[1] * b[1]) / 2 + s.bias, c, &e, &d);
      double nngp = s.readout * e + s.bias, ntk = nngp + s.readout * d * c;
      cr_assert(fabs(k[2 * i + j] - nngp) < 1e-13 * sqrt(k[0] * k[3]),
                "nngp %.17g, plane %.17g, q < %g", k[2 * i + j], nngp, most);
      cr_assert(fabs(t[2 * i + j] - ntk) < 1e-13 * sqrt(t[0] * t[3]),
                "ntk %.17g, plane %.17g, q < %g", t[2 * i + j], ntk, most);
    }
}

Test(kernel, tanh_and_gelu_against_the_plane) {
  limn_rng r = limn_rng_start(limn_key_of(fresh_seed(), 1, 0, LIMN_FOR_USER), 0);
  for (int trial = 0; trial < 4; trial++) {
    against_plane(tanh, dtanh, LIMN_PHI_TANH, trial % 2 ? 3 : 16, &r);
    against_plane(gelu, dgelu, LIMN_PHI_GELU, trial % 2 ? 1 : 16, &r);
  }
}

/* Series and mixture agree at the variance where the method changes. */
Test(kernel, series_and_mixture_agree) {
  double step = 1e-9, x[4] = {sqrt(2 * (1 - step)), 1, sqrt(2 * (1 + step)), 1}, k[4], t[4];
  limn_kernel_spec s = {.phi = LIMN_PHI_TANH, .depth = 1, .weight = 1, .readout = 1};
  limn_err e;
  double z[2] = {1, 0.5};
  for (int i = 0; i < 2; i++)
    cr_assert_eq(
        limn_kernel_evaluate(k + 2 * i, t + 2 * i, NULL, NULL, x + 2 * i, 1, z, 2, 1, &s, NULL, &e),
        LIMN_OK);
  for (int j = 0; j < 2; j++) {
    cr_assert_float_eq(k[j], k[2 + j], 3e-9);
    cr_assert_float_eq(t[j], t[2 + j], 6e-9);
  }
}

/* tanh of a large input is its sign: (2/pi) asin(rho), minus terms of order 1/sqrt(q). */
Test(kernel, tanh_of_huge_inputs_is_a_sign) {
  for (int p = 12; p <= 300; p += 96) {
    double q = pow(10, p), s = sqrt(q), x[4] = {s, 0, s * 0.6, s * 0.8}, k[4], t[4];
    limn_kernel_spec spec = {.phi = LIMN_PHI_TANH, .depth = 1, .weight = 2, .readout = 1};
    limn_err e;
    cr_assert_eq(limn_kernel_evaluate(k, t, NULL, NULL, x, 2, NULL, 0, 2, &spec, NULL, &e),
                 LIMN_OK);
    cr_assert_float_eq(k[1], 2 / M_PI * asin(0.6), 3e-12 + 1 / q);
    cr_assert_float_eq(k[0], 1 - 2 / sqrt(2 * M_PI * q), 1e-13); /* E tanh^2 = 1 - E sech^2 */
    double slope = 4.0 / 3 / sqrt(2 * M_PI * q) * q;             /* E sech^4 q */
    cr_assert_float_eq(t[0] / slope, 1, 1e-5);
    cr_assert(isfinite(t[1]) && isfinite(t[0]));
  }
}

/* Duplicate, opposite, nearly parallel and zero points at all scales: finite and symmetric. */
Test(kernel, every_scale_is_finite_and_symmetric) {
  static const double scales[] = {1e-150, 1e-6, 1, 1e6, 1e150};
  enum { M = 7 };
  for (int phi = 0; phi <= LIMN_PHI_STEP; phi++)
    for (int c = 0; c < 5; c++)
      for (int depth = 1; depth <= 3; depth += 2)
        for (int bias = 0; bias < 2; bias++) {
          double s = scales[c], k[M * M], t[M * M];
          double x[2 * M] = {
              s,      2 * s, s, 2 * s, s, 2 * s * (1 + 1e-8), s, 2 * s * (1 + 1e-12), -s,
              -2 * s, 0,     0, s,     -s};
          limn_kernel_spec spec = {.phi = (limn_phi)phi,
                                   .depth = depth,
                                   .weight = 1.7,
                                   .bias = 0.1 * bias,
                                   .readout = 1};
          bool ntk = phi != LIMN_PHI_STEP;
          limn_err e;
          cr_assert_eq(limn_kernel_evaluate(k, ntk ? t : NULL, NULL, NULL, x, M, NULL, 0, 2, &spec,
                                            NULL, &e),
                       LIMN_OK, "%s", e.text);
          for (int i = 0; i < M; i++)
            for (int j = 0; j < M; j++) {
              cr_assert(isfinite(k[i * M + j]), "activation %d, scale %g, entry %d %d", phi, s, i,
                        j);
              cr_assert_eq(k[i * M + j], k[j * M + i]);
              if (!bias && (i == 5 || j == 5)) cr_assert_eq(k[i * M + j], 0);
              if (ntk) cr_assert(isfinite(t[i * M + j]));
              if (ntk) cr_assert_eq(t[i * M + j], t[j * M + i]);
            }
          cr_assert_eq(k[0], k[1]); /* the same point twice */
        }
}

Test(kernel, variances_that_overflow_are_refused) {
  double x[2] = {1e100, 1}, k;
  limn_kernel_spec s = {.phi = LIMN_PHI_LINEAR, .depth = 30, .weight = 1e10, .readout = 1};
  limn_err e;
  cr_assert_eq(limn_kernel_evaluate(&k, NULL, NULL, NULL, x, 1, NULL, 0, 2, &s, NULL, &e),
               LIMN_EINVAL);
  cr_assert(strstr(e.text, "overflows after hidden layer 10") != NULL, "%s", e.text);
  cr_assert(strcmp(e.argument, "X") == 0 && e.row == 0);
}

/* He, no bias: the input layer contributes the fraction d/(d + L n) of the standard
 * parameterisation's raw kernel; in the NTK parameterisation each layer contributes 1/(L+1) of the
 * diagonal. */
Test(kernel, diagonal_shares_of_he) {
  double x[3] = {0.3, -1, 2}, t, l[5];
  limn_kernel_spec s = {.phi = LIMN_PHI_RELU, .depth = 4, .weight = 2, .readout = 2};
  limn_err e;
  cr_assert_eq(limn_kernel_evaluate(NULL, &t, l, NULL, x, 1, NULL, 0, 3, &s, NULL, &e), LIMN_OK);
  for (int c = 0; c < 5; c++) cr_assert_float_eq(l[c] / t, 0.2, 1e-14);
  s.standard = true, s.readout = 1, s.depth = 2; /* last layer 1/n: 0, 1/3, 2/3 */
  cr_assert_eq(limn_kernel_evaluate(NULL, &t, l, NULL, x, 1, NULL, 0, 3, &s, NULL, &e), LIMN_OK);
  cr_assert_eq(l[0], 0);
  cr_assert_float_eq(l[1] / t, 1.0 / 3, 1e-14);
  cr_assert_float_eq(l[2] / t, 2.0 / 3, 1e-14);
}

Test(kernel, same_bits_on_every_instruction_set_and_thread_count) {
  enum { M = 300, D = 3 };
  double *x = malloc(M * D * 8), *a = malloc(M * M * 8), *b = malloc(M * M * 8);
  limn_rng r = limn_rng_start(limn_key_of(7, 0, 0, LIMN_FOR_USER), 0);
  limn_rng_fill_normal(&r, x, M * D);
  limn_kernel_spec s = {.phi = LIMN_PHI_RELU, .depth = 3, .weight = 2, .readout = 2, .bias = 0.1};
  limn_err e;
  limn_isa best = limn_isa_get();
  limn_isa_set(LIMN_ISA_REF, &e), limn_threads_set(1, &e);
  cr_assert_eq(limn_kernel_evaluate(NULL, a, NULL, NULL, x, M, NULL, 0, D, &s, NULL, &e), LIMN_OK);
  for (int isa = 0; isa <= (int)best; isa++)
    for (int threads = 1; threads <= 3; threads++) {
      limn_isa_set((limn_isa)isa, &e), limn_threads_set(threads, &e);
      memset(b, 0, M * M * 8);
      cr_assert_eq(limn_kernel_evaluate(NULL, b, NULL, NULL, x, M, NULL, 0, D, &s, NULL, &e),
                   LIMN_OK);
      cr_assert(memcmp(a, b, M * M * 8) == 0, "isa %d, threads %d", isa, threads);
    }
  free(x), free(a), free(b);
}

/* Many columns are divided among tasks, like many rows; each pair is computed and equals its value
 * alone. */
Test(kernel, every_pair_of_two_sets_is_made) {
  enum { M = 19, N = 9001, D = 2, L = 3 };
  double *x = malloc(M * D * 8), *z = malloc(N * D * 8), *one = malloc((L + 2) * M * 8);
  double *k = malloc(M * N * 8), *t = malloc(M * N * 8), *shares = malloc(L * M * N * 8);
  limn_rng r = limn_rng_start(limn_key_of(8, 0, 0, LIMN_FOR_USER), 0);
  limn_rng_fill_normal(&r, x, M * D), limn_rng_fill_normal(&r, z, N * D);
  limn_err e;
  for (int c = 0; c < 3; c++) {
    limn_kernel_spec s = {.phi = c == 2 ? LIMN_PHI_ERF : LIMN_PHI_RELU,
                          .depth = L - 1,
                          .weight = 2,
                          .readout = 2,
                          .bias = 0.1};
    double *layers = c ? shares : NULL, *layer = c ? one + 2 * M : NULL;
    for (size_t i = 0; i < M * N; i++) k[i] = t[i] = shares[i] = NAN;
    limn_threads_set(1 + c, &e);
    cr_assert_eq(limn_kernel_evaluate(k, t, layers, NULL, x, M, z, N, D, &s, NULL, &e), LIMN_OK);
    for (size_t j = 0; j < N; j += j % 4096 < 4090 ? 409 : 1) {
      cr_assert_eq(
          limn_kernel_evaluate(one, one + M, layer, NULL, x, M, z + j * D, 1, D, &s, NULL, &e),
          LIMN_OK);
      for (size_t i = 0; i < M; i++) {
        cr_assert_eq(k[i * N + j], one[i], "k(%zu,%zu)", i, j);
        cr_assert_eq(t[i * N + j], one[M + i], "theta(%zu,%zu)", i, j);
        for (size_t l = 0; l < L && layers; l++)
          cr_assert_eq(shares[(l * M + i) * N + j], layer[l * M + i], "share %zu", l);
      }
    }
  }
  free(x), free(z), free(one), free(k), free(t), free(shares);
}

/* With many columns and few rows points are computed where they are used, and large matrices are
 * mirrored with stores that bypass the caches: the bits and errors are the same in all cases. */
Test(kernel, few_rows_and_large_matrices) {
  enum { M = 19, FEW = 5, N = 2503, D = 3, LARGE = 1032 };
  double *x = malloc(M * D * 8), *z = malloc(N * D * 8);
  double *a = malloc(LARGE * LARGE * 8), *b = malloc(LARGE * LARGE * 8);
  double *ta = malloc(M * N * 8), *tb = malloc(FEW * N * 8);
  limn_rng r = limn_rng_start(limn_key_of(9, 0, 0, LIMN_FOR_USER), 0);
  limn_rng_fill_normal(&r, x, M * D), limn_rng_fill_normal(&r, z, N * D);
  limn_kernel_spec s = {.phi = LIMN_PHI_RELU, .depth = 3, .weight = 2, .readout = 3, .bias = 0.1};
  limn_err e;
  for (int threads = 1; threads <= 3; threads++) {
    limn_threads_set(threads, &e);
    s.standard = threads == 2;
    s.bias = threads == 3 ? 0 : 0.1;
    cr_assert_eq(limn_kernel_evaluate(a, ta, NULL, NULL, x, M, z, N, D, &s, NULL, &e), LIMN_OK);
    cr_assert_eq(limn_kernel_evaluate(b, tb, NULL, NULL, x, FEW, z, N, D, &s, NULL, &e), LIMN_OK);
    cr_assert(memcmp(a, b, FEW * N * 8) == 0 && memcmp(ta, tb, FEW * N * 8) == 0);
  }
  for (size_t n = LARGE - 1; n <= LARGE; n++) {
    cr_assert_eq(limn_kernel_evaluate(NULL, a, NULL, NULL, z, n, NULL, 0, D, &s, NULL, &e),
                 LIMN_OK);
    cr_assert_eq(limn_kernel_evaluate(NULL, b, NULL, NULL, z, n, z, n, D, &s, NULL, &e), LIMN_OK);
    for (size_t i = 0; i < n; i++)
      for (size_t j = i; j < n; j++)
        if (a[i * n + j] != b[i * n + j] || a[j * n + i] != a[i * n + j])
          cr_assert_fail("%zu points: (%zu,%zu)", n, i, j);
  }
  z[2000 * D + 1] = INFINITY;
  cr_assert_eq(limn_kernel_evaluate(b, tb, NULL, NULL, x, FEW, z, N, D, &s, NULL, &e),
               LIMN_ENONFINITE);
  cr_assert(strcmp(e.argument, "Z") == 0 && e.row == 2000 && e.column == 1);
  free(x), free(z), free(a), free(b), free(ta), free(tb);
}

Test(kernel, refuses_bad_input) {
  double x[4] = {1, 2, NAN, 4}, k[4];
  limn_kernel_spec s = {.phi = LIMN_PHI_RELU, .depth = 1, .weight = 2, .readout = 2};
  limn_err e;
  cr_assert_eq(limn_kernel_evaluate(k, NULL, NULL, NULL, x, 2, NULL, 0, 2, &s, NULL, &e),
               LIMN_ENONFINITE);
  cr_assert(strcmp(e.argument, "X") == 0 && e.row == 1 && e.column == 0);
  s.depth = 0;
  cr_assert_eq(limn_kernel_evaluate(k, NULL, NULL, NULL, x, 1, NULL, 0, 2, &s, NULL, &e),
               LIMN_EINVAL);
  s.depth = 1, s.weight = -1;
  cr_assert_eq(limn_kernel_evaluate(k, NULL, NULL, NULL, x, 1, NULL, 0, 2, &s, NULL, &e),
               LIMN_EINVAL);
  s.weight = 1, s.phi = LIMN_PHI_STEP;
  cr_assert_eq(limn_kernel_evaluate(NULL, k, NULL, NULL, x, 1, NULL, 0, 2, &s, NULL, &e),
               LIMN_EINVAL);
  cr_assert_eq(limn_kernel_evaluate(k, NULL, NULL, NULL, x, 0, NULL, 0, 2, &s, NULL, &e),
               LIMN_EINVAL);
  s.phi = LIMN_PHI_RELU;
  double huge[2] = {1e200, 1e200};
  cr_assert_eq(limn_kernel_evaluate(k, NULL, NULL, NULL, huge, 1, NULL, 0, 2, &s, NULL, &e),
               LIMN_EINVAL);
}

/* A zero vector without bias: every kernel is 0 there, never NaN. */
Test(kernel, zero_point_gives_zero_not_nan) {
  double x[4] = {0, 0, 1, 2}, k[4], t[4];
  for (int phi = 0; phi < 6; phi++) {
    limn_kernel_spec s = {.phi = (limn_phi)phi, .depth = 2, .weight = 2, .readout = 2};
    limn_err e;
    cr_assert_eq(limn_kernel_evaluate(k, t, NULL, NULL, x, 2, NULL, 0, 2, &s, NULL, &e), LIMN_OK);
    for (int i = 0; i < 4; i++)
      cr_assert(isfinite(k[i]) && isfinite(t[i]), "activation %d entry %d", phi, i);
    cr_assert_eq(k[0], 0);
    cr_assert_eq(k[1], 0);
  }
}

Test(kernel, every_refused_allocation_is_reported) {
  double x[6] = {1, 2, 3, 4, 5, 6}, k[4];
  limn_kernel_spec s = {.phi = LIMN_PHI_TANH, .depth = 2, .weight = 1, .readout = 1};
  limn_err e;
  for (long n = 1; n < 100; n++) {
    limn_memory_fail_at(n);
    limn_status st = limn_kernel_evaluate(k, NULL, NULL, NULL, x, 2, x + 2, 2, 2, &s, NULL, &e);
    limn_memory_fail_at(0);
    if (st == LIMN_OK) {
      cr_assert_gt(n, 5);
      return;
    }
    cr_assert_eq(st, LIMN_ENOMEM);
  }
  cr_assert_fail("never succeeded");
}
