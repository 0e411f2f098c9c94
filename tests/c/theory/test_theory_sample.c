/* test_theory_sample.c: the O(1) sampler against real random matrices, solved by elimination.
 * Two-sample Kolmogorov-Smirnov tests with fixed seeds, so that their outcome is reproducible, at
 * level 1e-6. */
/* slow: 3 s */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "limn/limn.h"

enum { REAL = 3000, DRAWN = 30000 };

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Largest distance of the two empirical distributions, in units of the 1e-6 critical value. */
static double ks(double *a, int n, double *b, int m) {
  qsort(a, (size_t)n, sizeof *a, ascending);
  qsort(b, (size_t)m, sizeof *b, ascending);
  double far = 0;
  for (int i = 0, j = 0; i < n && j < m;) {
    if (a[i] <= b[j])
      i++;
    else
      j++;
    far = fmax(far, fabs((double)i / n - (double)j / m));
  }
  return far / (sqrt(-0.5 * log(0.5e-6)) * sqrt(1.0 / n + 1.0 / m));
}

/* Solves A x = y by elimination with pivoting; A is overwritten. */
static void solve(double *A, double *y, int n) {
  for (int c = 0; c < n; c++) {
    int p = c;
    for (int i = c + 1; i < n; i++)
      if (fabs(A[i * n + c]) > fabs(A[p * n + c])) p = i;
    for (int j = 0; j < n; j++) {
      double t = A[c * n + j];
      A[c * n + j] = A[p * n + j];
      A[p * n + j] = t;
    }
    double t = y[c];
    y[c] = y[p];
    y[p] = t;
    for (int i = c + 1; i < n; i++) {
      double f = A[i * n + c] / A[c * n + c];
      for (int j = c; j < n; j++) A[i * n + j] -= f * A[c * n + j];
      y[i] -= f * y[c];
    }
  }
  for (int i = n; i-- > 0;) {
    for (int j = i + 1; j < n; j++) y[i] -= A[i * n + j] * y[j];
    y[i] /= A[i * n + i];
  }
}

typedef struct {
  double P, R, noise, middle;
} real;

/* One experiment: build F, solve (FF' + ridge) a = L, sum the classes. Class 0 perfect, class 1
 * with correlation rho (n1 features), class 2 random; a constant feature of variance bias; fraction
 * of +1 labels. */
static real experiment(int D, int m, int n1, double rho, int n, double bias, double imbalance,
                       double ridge, int sign, limn_rng *r) {
  int N = n1 + n;
  double *F = malloc((size_t)(D * N) * sizeof *F), *K = calloc((size_t)(D * D), sizeof *K),
         *L = malloc((size_t)D * sizeof *L), *a = malloc((size_t)D * sizeof *a);
  for (int i = 0; i < D; i++) L[i] = a[i] = i < (int)lrint(D * (1 + imbalance) / 2) ? 1 : -1;
  for (int i = 0; i < D; i++)
    for (int j = 0; j < N; j++) {
      double z = sign ? (limn_rng_u32(r) & 1 ? 1 : -1) : limn_rng_normal(r);
      F[i * N + j] = j < n1 ? rho * L[i] + sqrt(1 - rho * rho) * z : z;
    }
  for (int i = 0; i < D; i++)
    for (int k = 0; k < D; k++) {
      for (int j = 0; j < N; j++) K[i * D + k] += F[i * N + j] * F[k * N + j];
      K[i * D + k] += m * L[i] * L[k] + bias + (i == k ? ridge : 0);
    }
  solve(K, a, D);
  real out = {0};
  double la = 0;
  for (int i = 0; i < D; i++) la += L[i] * a[i];
  out.P = m * la * sqrt(D);
  for (int j = 0; j < N; j++) {
    double w = 0;
    for (int i = 0; i < D; i++) w += F[i * N + j] * a[i];
    double along = 0;
    for (int i = 0; i < D; i++) along += w * F[i * N + j] * L[i] / sqrt(D);
    out.R += along;
    if (j < n1) out.middle += along;
    out.noise += j < n1 ? (1 - rho * rho) * w * w : w * w;
  }
  free(F), free(K), free(L), free(a);
  return out;
}

static void compare(const char *what, int D, int m, int n1, double rho, int n, double bias,
                    double imbalance, double ridge, int sign) {
  static double a[4][REAL], b[4][DRAWN], fraction[3 * DRAWN];
  limn_rng r = limn_rng_start(limn_key_of(77, (uint64_t)D, (uint64_t)n, LIMN_FOR_USER), 0);
  for (int i = 0; i < REAL; i++) {
    real e = experiment(D, m, n1, rho, n, bias, imbalance, ridge, sign, &r);
    a[0][i] = e.P, a[1][i] = e.R, a[2][i] = e.noise, a[3][i] = e.middle;
  }
  limn_theory_spec s = {.kind = sign ? LIMN_THEORY_SIGN : LIMN_THEORY_GAUSSIAN,
                        .points = D,
                        .classes = 3,
                        .count = {m, n1, n},
                        .rho = {1, rho, 0},
                        .bias = bias,
                        .imbalance = imbalance,
                        .ridge = ridge,
                        .seed = 3};
  limn_err e = {0};
  cr_assert_eq(limn_theory_sample(
                   (limn_theory_draws){.P = b[0], .R = b[1], .noise = b[2], .fraction = fraction},
                   &s, DRAWN, NULL, &e),
               LIMN_OK, "%s: %s", what, e.text);
  for (int i = 0; i < DRAWN; i++) b[3][i] = fraction[3 * i + 1] * sqrt(D);
  static const char *const names[] = {"P", "R", "noise", "middle class"};
  for (int k = 0; k < (n1 ? 4 : 3); k++) {
    double far = ks(a[k], REAL, b[k], DRAWN);
    cr_assert(far < 1, "%s: %s is %.2f critical distances away", what, names[k], far);
  }
}

Test(engine, gaussian_pool_has_the_law_of_real_matrices) {
  compare("wide", 6, 2, 0, 0, 30, 0, 0, 0, 0);
  compare("near the peak", 8, 1, 0, 0, 9, 0, 0, 0, 0);
  compare("at the peak", 5, 1, 0, 0, 5, 0, 0, 0, 0);
  compare("one point", 1, 3, 0, 0, 12, 0, 0, 0, 0);
}

Test(engine, a_bias_has_the_law_of_real_matrices) {
  compare("balanced", 6, 2, 0, 0, 12, 4, 0, 0, 0);
  compare("unbalanced", 8, 2, 0, 0, 12, 3, 0.5, 0, 0);
}

Test(engine, a_ridge_has_the_law_of_real_matrices) {
  compare("wide", 6, 2, 0, 0, 30, 0, 0, 5, 0);
  compare("square", 8, 1, 0, 0, 8, 0, 0, 0.5, 0);
  compare("fewer features than points", 9, 1, 0, 0, 5, 0, 0, 2, 0);
  compare("small ridge", 7, 1, 0, 0, 9, 0, 0, 1e-6, 0);
}

Test(engine, sign_features_within_the_stated_order) {
  compare("sign", 6, 3, 0, 0, 400, 0, 0, 0, 1);
}

Test(engine, correlated_classes_within_the_stated_order) {
  compare("spectrum", 6, 1, 60, 0.4, 400, 0, 0, 0, 0);
}

/* Checks the test: a law with one degree of freedom too many is rejected. */
Test(engine, the_test_can_tell_a_wrong_law) {
  static double a[REAL], b[DRAWN];
  limn_rng r = limn_rng_start(limn_key_of(78, 0, 0, LIMN_FOR_USER), 0);
  for (int i = 0; i < REAL; i++) a[i] = experiment(8, 1, 0, 0, 12, 0, 0, 0, 0, &r).P;
  limn_theory_spec s = {.points = 8, .classes = 2, .count = {1, 13}, .rho = {1, 0}, .seed = 3};
  cr_assert_eq(limn_theory_sample((limn_theory_draws){.P = b}, &s, DRAWN, NULL, NULL), LIMN_OK);
  cr_assert(ks(a, REAL, b, DRAWN) > 1);
}

Test(engine, identities_and_limits) {
  enum { N = 2000 };
  static double P[N], R[N], s[N], l2[N], noise[N], off[N], acc[N], fraction[2 * N];
  limn_theory_draws out = {.P = P,
                           .R = R,
                           .s = s,
                           .log2ratio = l2,
                           .noise = noise,
                           .offset = off,
                           .accuracy = acc,
                           .fraction = fraction};
  limn_theory_spec spec = {
      .points = 64, .classes = 2, .count = {2, 512}, .rho = {1, 0}, .start = 1.0 / 514, .seed = 9};
  cr_assert_eq(limn_theory_sample(out, &spec, N, NULL, NULL), LIMN_OK);
  double offset = 0;
  for (int i = 0; i < N; i++) {
    cr_assert(fabs(P[i] + R[i] - 8) < 1e-14);
    cr_assert(fabs(exp2(l2[i]) / (2 * s[i]) - 1) < 1e-14);
    cr_assert(fabs(noise[i] / (s[i] / pow(1 + 2 * s[i], 2)) - 1) < 1e-13);
    cr_assert(fabs(fraction[2 * i] * 8 - P[i]) < 1e-14 && acc[i] > 0.5 && acc[i] < 1);
    offset += off[i] / N;
  }
  cr_assert(fabs(offset - 0.875) < 0.002, "%g",
            offset);  /* measured on last layers of real nets: 0.88 */
  spec.count[1] = 63; /* fewer random features than points: the perfect features fit the labels */
  cr_assert_eq(limn_theory_sample(out, &spec, N, NULL, NULL), LIMN_OK);
  for (int i = 0; i < N; i++)
    cr_assert(P[i] == 8 && R[i] == 0 && isinf(l2[i]) && l2[i] > 0 && acc[i] == 1);
}

Test(engine, a_trillion_points_at_two_to_the_sixty_features) {
  enum { N = 20000 };
  static double f[N], z[N], l2[N];
  limn_theory_spec spec = {
      .points = 1e12, .classes = 2, .count = {0x1p20, 0x1p60 - 0x1p20}, .rho = {1, 0}, .seed = 4};
  cr_assert_eq(limn_theory_sample((limn_theory_draws){.fluctuation = f, .log2ratio = l2}, &spec, N,
                                  NULL, NULL),
               LIMN_OK);
  double k = 0x1p60;
  limn_rng r = limn_rng_start(limn_key_of(79, 0, 0, LIMN_FOR_USER), 0);
  for (int i = 0; i < N; i++) {
    cr_assert(fabs(l2[i] - (log2(1e12) - 40)) < 1e-5);
    f[i] *= sqrt(
        k / 2); /* standard normal up to 1e-9; draws with lost digits would lie on a coarse grid */
    z[i] = limn_rng_normal(&r);
  }
  cr_assert(ks(f, N, z, N) < 1);
  for (int i = 1; i < N; i++) cr_assert(f[i] != f[i - 1]);
}

Test(chi_square, equals_sums_of_squared_normals) {
  static double a[20000], b[20000];
  for (int dof = 1; dof <= 40; dof += dof < 6 ? 1 : 17) {
    limn_rng r = limn_rng_start(limn_key_of(80, (uint64_t)dof, 0, LIMN_FOR_USER), 0);
    for (int i = 0; i < 20000; i++) {
      a[i] = limn_theory_log_chi2(&r, dof);
      b[i] = 0;
      for (int j = 0; j < dof; j++) b[i] += pow(limn_rng_normal(&r), 2) / dof;
      b[i] = log(b[i]);
    }
    cr_assert(ks(a, 20000, b, 20000) < 1, "dof %d", dof);
  }
}

Test(engine, a_draw_is_a_function_of_its_number_alone) {
  double few[10], many[5000];
  limn_theory_spec spec = {
      .points = 10, .classes = 2, .count = {1, 50}, .rho = {1, 0}, .seed = 6, .point = 2};
  cr_assert_eq(limn_theory_sample((limn_theory_draws){.P = few}, &spec, 10, NULL, NULL), LIMN_OK);
  for (int threads = 1; threads <= 3; threads++) {
    limn_threads_set(threads, NULL);
    cr_assert_eq(limn_theory_sample((limn_theory_draws){.P = many}, &spec, 5000, NULL, NULL),
                 LIMN_OK);
    cr_assert_eq(memcmp(few, many, sizeof few), 0);
  }
}

Test(engine, bad_arguments) {
  double P[4];
  limn_err e = {0};
  limn_theory_draws out = {.P = P};
  limn_theory_spec good = {.points = 10, .classes = 2, .count = {1, 50}, .rho = {1, 0}}, s = good;
  s.points = 0;
  cr_assert_eq(limn_theory_sample(out, &s, 4, NULL, &e), LIMN_EINVAL);
  s = good, s.rho[1] = 1.5;
  cr_assert_eq(limn_theory_sample(out, &s, 4, NULL, &e), LIMN_EINVAL);
  s = good, s.count[1] = -3;
  cr_assert_eq(limn_theory_sample(out, &s, 4, NULL, &e), LIMN_EINVAL);
  s = good, s.count[0] = 0, s.count[1] = 5;
  cr_assert_eq(limn_theory_sample(out, &s, 4, NULL, &e), LIMN_EINVAL);
  cr_assert(strstr(e.text, "interpolate"), "%s", e.text);
  s = good, s.ridge = 1, s.bias = 1;
  cr_assert_eq(limn_theory_sample(out, &s, 4, NULL, &e), LIMN_EINVAL);
  s = good, s.points = 1e12, s.count[1] = 1e12, s.ridge = 1e-9; /* needs 1e12 steps */
  cr_assert_eq(limn_theory_sample(out, &s, 1, NULL, &e), LIMN_ENUMERIC);
  volatile sig_atomic_t stop = 1;
  limn_token token = {.cancel = &stop};
  cr_assert_eq(limn_theory_sample(out, &good, 4, &token, &e), LIMN_ECANCELLED);
}
