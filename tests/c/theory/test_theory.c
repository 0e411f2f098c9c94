/* test_theory.c: the dependence on the norm, posterior odds, eigenlearning and risk against
 * independent sums. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "limn/limn.h"

static double cross(double bits, double norm) {
  double d = NAN;
  limn_err e = {0};
  cr_assert_eq(limn_theory_crossover(&d, limn_theory_log_odds(bits), norm, &e), LIMN_OK, "%s",
               e.text);
  return d;
}

/* E(|S_D|/D)^q by Pascal's triangle in long double, without Stirling's formula. */
static double moment_by_pascal(int D, double q) {
  static long double row[600];
  row[0] = 1;
  for (int n = 1; n <= D; n++) {
    row[n] = 0;
    for (int k = n; k >= 1; k--) row[k] = 0.5L * (row[k] + row[k - 1]);
    row[0] *= 0.5L;
  }
  long double sum = 0;
  for (int k = 0; k <= D; k++) sum += row[k] * powl(fabsl((long double)(D - 2 * k)) / D, q);
  return (double)logl(sum);
}

Test(ladder, moments_equal_pascals_triangle) {
  for (int D = 1; D <= 500; D += 1 + D / 5)
    for (double q = 1; q < 3000; q *= 1.7) {
      double want = moment_by_pascal(D, q), got = limn_theory_log_moment(D, q, LIMN_MOMENT_SUM);
      cr_assert(fabs(got - want) <= 2e-13 * (1 + fabs(want)), "D=%d q=%g: %.17g, %.17g", D, q, got,
                want);
    }
}

Test(ladder, the_ways_meet_at_the_switch_over) {
  for (double D = LIMN_EXACT_POINTS - 1; D <= LIMN_EXACT_POINTS + 2; D++) {
    for (double q = 1; q <= 8; q += 0.37) {
      double sum = limn_theory_log_moment(D, q, LIMN_MOMENT_SUM);
      double series = limn_theory_log_moment(D, q, LIMN_MOMENT_SERIES);
      cr_assert(fabs(sum - series) < 5e-12, "D=%g q=%g: %.17g, %.17g", D, q, sum, series);
    }
    for (double q = 8.1; q < 1e9; q *= 3.1) {
      double sum = limn_theory_log_moment(D, q, LIMN_MOMENT_SUM);
      double coarse = limn_theory_log_moment(D, q, LIMN_MOMENT_QUADRATURE);
      cr_assert(fabs(sum - coarse) < 1e-13 * (1 + fabs(sum)), "D=%g q=%g: %.17g, %.17g", D, q, sum,
                coarse);
    }
  }
  /* the automatic choice is continuous */
  double below = limn_theory_log_moment(1e6, 3, LIMN_MOMENT_AUTO);
  double above = limn_theory_log_moment(1e6 + 1, 3, LIMN_MOMENT_AUTO);
  cr_assert(fabs((above - below) + 1.5 * log1p(1e-6)) < 1e-11);
}

Test(ladder, reference_crossovers) {
  static const double bits[] = {2, 4, 6, 8, 10};
  static const struct {
    double norm, d[5];
  } table[] = {{1.5, {3, 9, 22, 55, 139}}, {1.25, {3, 6, 11, 19, 34}}, {1.1, {3, 5, 8, 11, 14}}};
  for (int r = 0; r < 3; r++)
    for (int i = 0; i < 5; i++) cr_assert_eq(cross(bits[i], table[r].norm), table[r].d[i]);
  for (int C = 2; C <= 1000; C += 7) cr_assert_eq(cross(C, 1), C + 1);
  for (int C = 1; C <= 44; C++) cr_assert_eq(cross(C, 2), ldexp(1, C) - 1);
  cr_assert_eq(cross(40, 1.05), 109);
  cr_assert_eq(cross(1, 1), 1);
  /* the largest norm: (2/pi)/p^2 to leading order */
  cr_assert(fabs(cross(20, INFINITY) / (2 / M_PI * ldexp(1, 40)) - 1) < 1e-5);
}

Test(ladder, crossover_is_the_first_and_ratio_never_falls) {
  for (double norm = 1.02; norm < 6; norm *= 1.21) {
    double odds = limn_theory_log_odds(5.5), d = cross(5.5, norm), at, last = -INFINITY;
    for (double D = 1; D <= fmin(d + 20, 3000); D++) {
      cr_assert_eq(limn_theory_log_ratio(&at, D, odds, norm, NULL), LIMN_OK);
      cr_assert(at >= last - 1e-12, "norm %g D %g", norm, D);
      cr_assert_eq(at >= -1e-12, D >= d, "norm %g D %g of %g", norm, D, d);
      last = at;
    }
  }
  double d = 0; /* more bits need more points, and so does a larger norm */
  for (double norm = 1; norm < 10; norm += 0.25) {
    cr_assert(cross(12, norm) >= d);
    d = cross(12, norm);
    cr_assert(cross(13, norm) >= d);
  }
}

Test(ladder, huge_scales_stay_finite) {
  double l;
  cr_assert_eq(limn_theory_log_ratio(&l, 1e12, limn_theory_log_odds(40), 2, NULL), LIMN_OK);
  cr_assert(fabs(l / M_LN2 - (log2(1e12) - 40 + exp2(-40) / M_LN2)) < 1e-12);
  cr_assert_eq(limn_theory_log_ratio(&l, 1e12, limn_theory_log_odds(40), 1, NULL), LIMN_OK);
  cr_assert(fabs(l / M_LN2 - (1e12 - 41)) < 1e-3);
  for (double norm = 1.0001; norm < 4; norm *= 1.4) {
    cr_assert_eq(limn_theory_log_ratio(&l, 1e15, limn_theory_log_odds(1000), norm, NULL), LIMN_OK);
    cr_assert(isfinite(l));
  }
}

Test(ladder, bad_arguments) {
  double d;
  limn_err e = {0};
  cr_assert_eq(limn_theory_log_ratio(&d, 0, 0, 2, &e), LIMN_EINVAL);
  cr_assert_eq(limn_theory_log_ratio(&d, 4, 0, 0.5, &e), LIMN_EINVAL);
  cr_assert_str_eq(e.argument, "norm");
  cr_assert_eq(limn_theory_crossover(&d, INFINITY, 2, &e), LIMN_EINVAL);
  cr_assert_eq(limn_theory_crossover(&d, 0, NAN, &e), LIMN_EINVAL);
  cr_assert_eq(limn_theory_crossover(&d, limn_theory_log_odds(900), INFINITY, &e), LIMN_ENUMERIC);
}

Test(posterior, equals_bayes_rule_by_hand) {
  limn_rng r = limn_rng_start(limn_key_of(11, 0, 0, LIMN_FOR_USER), 0);
  for (int i = 0; i < 200; i++) {
    double p = limn_rng_uniform(&r), eps = 0.49 * limn_rng_uniform(&r), l;
    int D = 1 + (int)limn_rng_below(&r, 40), e = (int)limn_rng_below(&r, (uint64_t)D + 1);
    double truth = p * pow(1 - eps, D - e) * pow(eps, e), rest = (1 - p) * pow(0.5, D);
    cr_assert_eq(limn_theory_log_posterior(&l, D, e, log(p) - log1p(-p), eps, NULL), LIMN_OK);
    cr_assert(fabs(l - log(truth / rest)) < 1e-10 * (1 + fabs(l)));
  }
  double l;
  cr_assert_eq(limn_theory_log_posterior(&l, 9, 1, 0, 0, NULL), LIMN_OK);
  cr_assert(isinf(l) && l < 0);
  cr_assert_eq(limn_theory_log_posterior(&l, 9, 10, 0, 0, NULL), LIMN_EINVAL);
  cr_assert_eq(limn_theory_log_posterior(&l, 9, 1, 0, 0.5, NULL), LIMN_EINVAL);
}

Test(eigenlearning, sum_of_learnabilities_is_conserved) {
  limn_rng r = limn_rng_start(limn_key_of(12, 0, 0, LIMN_FOR_USER), 0);
  for (int t = 0; t < 200; t++) {
    double l[40], m[40], L[40], kappa, total = 0, modes = 0;
    for (int i = 0; i < 40; i++) {
      l[i] = exp(8 * limn_rng_normal(&r));
      m[i] = 1 + (double)limn_rng_below(&r, 5);
      modes += m[i];
    }
    double D = 0.5 + 2 * modes * limn_rng_uniform(&r),
           ridge = t % 2 ? exp(4 * limn_rng_normal(&r)) : 0;
    cr_assert_eq(limn_theory_learnability(&kappa, L, l, m, 40, D, ridge, NULL), LIMN_OK);
    for (int i = 0; i < 40; i++) {
      total += m[i] * L[i];
      cr_assert(L[i] >= 0 && L[i] <= 1);
      for (int j = 0; j < 40; j++) cr_assert(l[i] < l[j] ? L[i] <= L[j] : 1);
    }
    if (ridge > 0)
      cr_assert(fabs(total + ridge / kappa - D) < 1e-9 * D && total < D);
    else
      cr_assert(fabs(total - fmin(D, modes)) < 1e-9 * D, "%g %g %g", total, D, modes);
  }
  /* the toy model: one mode p over a continuum 1-p has learnability pD/(pD+1-p) for large D */
  double p = exp2(-8), kappa, L;
  cr_assert_eq(limn_theory_learnability(&kappa, &L, &p, NULL, 1, 1000, 1 - p, NULL), LIMN_OK);
  cr_assert(fabs(L / (p * 1000 / (p * 1000 + 1 - p)) - 1) < 2e-3);
}

Test(risk, equals_the_mean_over_draws) {
  static const double cases[][3] = {{20, 40, 3}, {20, 20, 1}, {20, 1000, 30}, {5, 7, 2}, {1, 1, 1}};
  for (int c = 0; c < 5; c++) {
    enum { REPS = 200000 };
    double D = cases[c][0], n = cases[c][1], m = cases[c][2], b2, v;
    double *P = malloc(2 * REPS * sizeof *P), *noise = P + REPS, mb = 0, mv = 0;
    limn_theory_spec spec = {
        .points = D, .classes = 2, .count = {m, n}, .rho = {1, 0}, .seed = 5, .point = (uint64_t)c};
    cr_assert_eq(
        limn_theory_sample((limn_theory_draws){.P = P, .noise = noise}, &spec, REPS, NULL, NULL),
        LIMN_OK);
    for (int i = 0; i < REPS; i++) mb += pow(1 - P[i] / sqrt(D), 2) / REPS, mv += noise[i] / REPS;
    cr_assert_eq(limn_theory_risk(&b2, &v, D, n, m, NULL), LIMN_OK);
    cr_assert(fabs(mb - b2) < 0.02 * b2 && fabs(mv - v) < 0.02 * v, "case %d: %g %g, %g %g", c, mb,
              b2, mv, v);
    free(P);
  }
  double b2, v;
  cr_assert_eq(limn_theory_risk(&b2, &v, 20, 20, 0, NULL), LIMN_OK);
  cr_assert(isinf(v) && b2 == 1); /* the peak of the double descent */
  cr_assert_eq(limn_theory_risk(&b2, &v, 0, 20, 0, NULL), LIMN_EINVAL);
}
