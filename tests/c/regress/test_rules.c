/* test_rules.c: ridge over eighteen decades of lambda against elimination in long double; all rules
 * with refused memory and with a cancelled token. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"
#include "limn/limn.h"

static double *normals(limn_rng *r, size_t n) {
  double *x = malloc((n ? n : 1) * sizeof *x);
  limn_rng_fill_normal(r, x, n);
  return x;
}

/* w of (X'X + lambda I) w = X'y (n <= d) or X'(XX' + lambda I)^-1 y, by elimination in long double.
 */
static void by_hand(long double *w, const double *x, const double *y, size_t d, size_t n,
                    double lambda) {
  bool tall = n <= d;
  size_t m = tall ? n : d;
  long double *g = calloc(m * m, sizeof *g), *b = calloc(m, sizeof *b);
  for (size_t i = 0; i < m; i++) {
    for (size_t j = 0; j < m; j++) {
      g[i * m + j] = i == j ? lambda : 0;
      for (size_t k = 0; k < (tall ? d : n); k++)
        g[i * m + j] += tall ? (long double)x[k * n + i] * x[k * n + j]
                             : (long double)x[i * n + k] * x[j * n + k];
    }
    for (size_t k = 0; tall && k < d; k++) b[i] += (long double)x[k * n + i] * y[k];
    if (!tall) b[i] = y[i];
  }
  for (size_t k = 0; k < m; k++)
    for (size_t i = k + 1; i < m; i++) { /* positive definite: no pivoting is needed */
      long double f = g[i * m + k] / g[k * m + k];
      for (size_t j = k; j < m; j++) g[i * m + j] -= f * g[k * m + j];
      b[i] -= f * b[k];
    }
  for (size_t k = m; k-- > 0;) {
    for (size_t j = k + 1; j < m; j++) b[k] -= g[k * m + j] * b[j];
    b[k] /= g[k * m + k];
  }
  for (size_t j = 0; j < n; j++) {
    w[j] = tall ? b[j] : 0;
    for (size_t i = 0; !tall && i < d; i++) w[j] += (long double)x[i * n + j] * b[i];
  }
  free(g);
  free(b);
}

Test(ridge, eighteen_decades_of_lambda) {
  limn_rng rng = limn_rng_start(limn_key_of(21, 0, 0, LIMN_FOR_USER), 0);
  static const size_t shapes[][2] = {{12, 4}, {4, 12}, {30, 30}, {1, 3}, {3, 1}, {20, 90}};
  static const double lambda[] = {1e-12, 1e-9, 1e-6, 1e-3, 1, 100, 1e6};
  limn_err e;
  for (size_t s = 0; s < 6; s++) {
    size_t d = shapes[s][0], n = shapes[s][1];
    double *x = normals(&rng, d * n), *y = normals(&rng, d), *w = calloc(7 * n, sizeof *w),
           *one = calloc(n, sizeof *one);
    double loo[7], gcv[7], loo1, gcv1;
    long double *ref = calloc(n, sizeof *ref);
    limn_fit fits[7], fit;
    limn_design f = limn_design_dense(x, d, n);
    cr_assert_eq(limn_regress_ridge(fits, w, NULL, loo, gcv, &f, y, lambda, 7, NULL, &e), LIMN_OK,
                 "%s", e.text);
    for (size_t l = 0; l < 7; l++) {
      by_hand(ref, x, y, d, n, lambda[l]);
      cr_assert_eq(
          limn_regress_ridge(&fit, one, NULL, &loo1, &gcv1, &f, y, lambda + l, 1, NULL, &e),
          LIMN_OK);
      long double off = 0, off1 = 0, len = 0;
      for (size_t j = 0; j < n; j++) {
        off += (w[l * n + j] - ref[j]) * (w[l * n + j] - ref[j]);
        off1 += (one[j] - ref[j]) * (one[j] - ref[j]);
        len += ref[j] * ref[j];
      }
      /* the reference has 64 bits and squares a condition number that reaches 1e3 for the square
       * case */
      cr_assert(sqrtl(off / len) < 1e-11L && sqrtl(off1 / len) < 1e-11L,
                "%zu x %zu, lambda %g: %Lg, %Lg", d, n, lambda[l], sqrtl(off / len),
                sqrtl(off1 / len));
      cr_assert(fabs(loo1 / loo[l] - 1) < 1e-8 && fabs(gcv1 / gcv[l] - 1) < 1e-8,
                "lambda %g: %g %g", lambda[l], loo1, loo[l]);
    }
    free(x), free(y), free(w), free(one), free(ref);
  }
}

/* Runs rule number `rule` on a design; outputs are discarded. */
static limn_status run(int rule, const limn_design *f, const double *y, const limn_token *token,
                       limn_err *e) {
  static double w[1024], a[64], path[64 * LIMN_GD_COLUMNS], lambda[2] = {1, 0.1}, rate;
  static uint64_t rows;
  limn_fit fits[2];
  limn_posterior p;
  limn_gd_options o = {.optimizer = rule == 9 ? LIMN_ADAM : LIMN_SGD,
                       .steps = 20,
                       .batch = 2,
                       .every = 5,
                       .start_scale = 0.1,
                       .seed = 1};
  switch (rule) {
  case 0:
    return limn_regress_minnorm(fits, w, a, f, y, token, e);
  case 1:
    return limn_regress_ridge(fits, w, a, NULL, NULL, f, y, lambda, 2, token, e);
  case 2:
    return limn_regress_ridge(fits, w, a, NULL, NULL, f, y, lambda, 1, token, e);
  case 3:
    return limn_regress_lp(fits, w, a, f, y, 1.5, token, e);
  case 4:
    return limn_regress_lp(fits, w, a, f, y, 4, token, e);
  case 5:
    return limn_regress_lp(fits, w, a, f, y, INFINITY, token, e);
  case 6:
    return limn_regress_l1(fits, w, a, f, y, token, e);
  case 7:
    return limn_regress_lasso(fits, w, a, NULL, f, y, lambda, 2, token, e);
  case 8:
  case 9:
    return limn_regress_gd(fits, w, a, path, &rows, &rate, f, y, &o, token, e);
  default:
    return limn_regress_bayes(&p, w, a, f, y, 0.1, NULL, token, e);
  }
}

static limn_features *toy(limn_storage storage) {
  limn_features_spec spec = {
      .kind = LIMN_SIGN, .storage = storage, .points = 12, .classes = 2, .seed = 3};
  limn_err e;
  limn_features *f = NULL;
  spec.class_of[0] = (limn_class){.name = "perfect", .count = 3, .rho = 1};
  spec.class_of[1] = (limn_class){.name = "random", .count = 200};
  cr_assert_eq(limn_features_new(&f, &spec, NULL, &e), LIMN_OK, "%s", e.text);
  return f;
}

Test(rules, every_refused_allocation_is_reported_and_nothing_leaks) {
  limn_features *set = toy(LIMN_STREAM);
  limn_err e;
  double *x = calloc(12 * 203, sizeof *x);
  cr_assert_eq(limn_features_columns(x, 203, set, 0, 203, NULL, &e), LIMN_OK);
  for (int dense = 0; dense < 2; dense++)
    for (int rule = 0; rule <= 10; rule++) {
      limn_design f = dense ? limn_design_dense(x, 12, 203) : limn_design_set(set);
      limn_status st = LIMN_ENOMEM;
      long k = 0;
      while (st != LIMN_OK && k < 3000) {
        limn_memory_fail_at(++k);
        st = run(rule, &f, limn_features_labels(set), NULL, &e);
        limn_memory_fail_at(0);
        cr_assert(st == LIMN_OK || st == LIMN_ENOMEM, "rule %d, request %ld: %s", rule, k, e.text);
      }
      cr_assert(k > 2 && k < 3000, "rule %d: %ld requests", rule, k);
    }
  free(x);
  limn_features_free(set);
}

Test(rules, a_stop_is_obeyed) {
  limn_features *set = toy(LIMN_BITS);
  limn_err e;
  volatile sig_atomic_t stop = 1;
  limn_token token = {.cancel = &stop};
  limn_design f = limn_design_set(set);
  for (int rule = 0; rule <= 10; rule++)
    cr_assert_eq(run(rule, &f, limn_features_labels(set), &token, &e), LIMN_ECANCELLED,
                 "rule %d: %s", rule, e.text);
  limn_features_free(set);
}

/* Each error names the option and, for a list, its entry. */
Test(rules, errors_name_the_argument_and_the_entry) {
  double x[6] = {1, 2, 3, 4, 5, 7}, y[2] = {1, -1}, w[6], path[8 * LIMN_GD_COLUMNS], rate;
  double lambda[2] = {1, -1}, prior[3] = {1, 0, -2}, start[3] = {0, NAN, 0};
  uint64_t rows;
  limn_design f = limn_design_dense(x, 2, 3);
  limn_fit fits[2];
  limn_posterior p;
  limn_err e;
  const limn_gd_options good = {.steps = 4, .every = 1, .batch = 1};
  limn_gd_options bad[7];
  for (int i = 0; i < 7; i++) bad[i] = good;
  static const char *const names[] = {"optimizer", "rate",  "momentum", "tol",
                                      "record",    "batch", "start"};
  bad[0].optimizer = (limn_descent)5, bad[1].rate = -1, bad[2].momentum = 1, bad[3].tol = -1;
  bad[4].every = 0, bad[5].optimizer = LIMN_SGD, bad[5].batch = 3, bad[6].start = start;
  for (int i = 0; i < 7; i++) {
    limn_status st = limn_regress_gd(fits, w, NULL, path, &rows, &rate, &f, y, &bad[i], NULL, &e);
    cr_assert_eq(st, i == 6 ? LIMN_ENONFINITE : LIMN_EINVAL, "%s", names[i]);
    cr_assert_str_eq(e.argument, names[i]);
  }
  cr_assert(e.row == 1 && e.column == -1);
  cr_assert_eq(limn_regress_ridge(fits, w, NULL, NULL, NULL, &f, y, lambda, 2, NULL, &e),
               LIMN_EINVAL);
  cr_assert(strcmp(e.argument, "lambda") == 0 && e.row == 1, "%s %d", e.argument, (int)e.row);
  cr_assert_eq(limn_regress_bayes(&p, w, NULL, &f, y, 0.5, NULL, NULL, &e), LIMN_EINVAL);
  cr_assert_str_eq(e.argument, "flip");
  cr_assert_eq(limn_regress_bayes(&p, w, NULL, &f, y, 0.1, prior, NULL, &e), LIMN_EINVAL);
  cr_assert(strcmp(e.argument, "prior") == 0 && e.row == 2, "%s %d", e.argument, (int)e.row);
  cr_assert_eq(limn_regress_lp(fits, w, NULL, &f, y, 1, NULL, &e), LIMN_EINVAL);
  cr_assert_str_eq(e.argument, "norm");
  x[4] = INFINITY;
  cr_assert_eq(limn_regress_minnorm(fits, w, NULL, &f, y, NULL, &e), LIMN_ENONFINITE);
  cr_assert(strcmp(e.argument, "features") == 0 && e.row == 1 && e.column == 1);
}
