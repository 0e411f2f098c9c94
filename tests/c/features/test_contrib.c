/* test_contrib.c: contributions of a class, from the dual and from the weights, against plain
 * sums. */
/* isa: yes */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"
#include "limn/limn.h"

enum { D = 13, M = 9, N = 331 };

static limn_features *pool(limn_storage storage, uint64_t seed) {
  limn_features *f = NULL;
  limn_err e = {0};
  limn_features_spec s = {
      .kind = LIMN_SIGN, .storage = storage, .points = D, .classes = 2, .seed = seed};
  strcpy(s.class_of[0].name, "perfect"), s.class_of[0].count = M, s.class_of[0].rho = 1;
  strcpy(s.class_of[1].name, "random"), s.class_of[1].count = N, s.class_of[1].rho = 0;
  cr_assert_eq(limn_features_new(&f, &s, NULL, &e), LIMN_OK, "%s", e.text);
  return f;
}

/* Solves K a = L by Gauss-Jordan elimination; K is positive definite here. */
static void solve(const limn_features *f, double *a) {
  double K[D * D];
  cr_assert_eq(limn_features_gram(K, f, NULL, NULL), LIMN_OK);
  memcpy(a, limn_features_labels(f), D * sizeof *a);
  for (int c = 0; c < D; c++)
    for (int i = 0; i < D; i++) {
      if (i == c) continue;
      double r = K[i * D + c] / K[c * D + c];
      for (int j = c; j < D; j++) K[i * D + j] -= r * K[c * D + j];
      a[i] -= r * a[c];
    }
  for (int c = 0; c < D; c++) a[c] /= K[c * D + c];
}

Test(contrib, identities_of_the_minimum_norm_solution) {
  limn_features *f = pool(LIMN_BITS, 5);
  double a[D];
  solve(f, a);
  limn_contribution c[2];
  cr_assert_eq(limn_contrib_dual(c, f, a, true, NULL, NULL), LIMN_OK);
  cr_assert(fabs(c[0].length + c[1].length - sqrt(D)) < 1e-12);
  cr_assert(c[0].across < 1e-12 && c[1].across < 1e-12);
  cr_assert(fabs(c[0].along - c[0].length) < 1e-12 && fabs(c[1].along - c[1].length) < 1e-12);
  cr_assert(fabs(c[0].weight_sq / c[1].weight_sq / (c[0].length / c[1].length) - 1) < 1e-11);
  cr_assert(fabs(c[0].least - c[0].most) < 1e-15); /* all copies have the same weight */
  cr_assert(limn_contrib_effective(c, 2) >
            limn_contrib_participation(c, 2)); /* Renyi orders 1 and 2 */
  limn_features_free(f);
}

Test(contrib, dual_and_weights_agree_with_plain_sums) {
  static double F[D * (M + N)], w[M + N], bad[M + N];
  static const limn_storage storages[] = {LIMN_DENSE, LIMN_BITS, LIMN_STREAM};
  for (int t = 0; t < 3; t++) {
    limn_features *f = pool(storages[t], 17);
    limn_rng r = limn_rng_start(limn_key_of(1, (uint64_t)t, 0, LIMN_FOR_USER), 0);
    double a[D];
    limn_rng_fill_normal(&r, a, D);
    cr_assert_eq(limn_features_columns(F, M + N, f, 0, M + N, NULL, NULL), LIMN_OK);
    for (int j = 0; j < M + N; j++) {
      w[j] = 0;
      for (int i = 0; i < D; i++) w[j] += F[i * (M + N) + j] * a[i];
    }
    limn_contribution c[2], e[2];
    cr_assert_eq(limn_contrib_dual(c, f, a, true, NULL, NULL), LIMN_OK);
    cr_assert_eq(limn_contrib_weights(e, f, w, NULL, NULL), LIMN_OK);
    double entropy = 0, all = 0;
    for (int j = 0; j < M + N; j++) all += w[j] * w[j];
    for (int j = 0; j < M + N; j++) entropy -= w[j] * w[j] / all * log(w[j] * w[j] / all);
    cr_assert(fabs(limn_contrib_effective(c, 2) / exp(entropy) - 1) < 1e-11);
    cr_assert(fabs(limn_contrib_effective(e, 2) / exp(entropy) - 1) < 1e-11);
    for (int k = 0; k < 2; k++) {
      int first = k ? M : 0, last = k ? M + N : M;
      double v2 = 0, vl = 0, sq = 0, fourth = 0, size = 0;
      for (int j = first; j < last; j++)
        sq += w[j] * w[j], fourth += pow(w[j], 4), size += fabs(w[j]);
      for (int i = 0; i < D; i++) {
        double v = 0;
        for (int j = first; j < last; j++) v += w[j] * F[i * (M + N) + j];
        v2 += v * v, vl += v * limn_features_labels(f)[i] / sqrt(D);
      }
      const limn_contribution both[2] = {c[k], e[k]};
      for (int b = 0; b < 2; b++) {
        cr_assert(fabs(both[b].length - sqrt(v2)) < 1e-10 * sqrt(v2));
        cr_assert(fabs(both[b].along - vl) < 1e-9 * sqrt(v2));
        cr_assert(fabs(hypot(both[b].along, both[b].across) - sqrt(v2)) < 1e-9 * sqrt(v2));
        cr_assert(fabs(both[b].weight_sq - sq) < 1e-11 * sq &&
                  fabs(both[b].weight_4 - fourth) < 1e-11 * fourth);
        cr_assert(fabs(both[b].weight_abs - size) < 1e-11 * size);
      }
    }
    memcpy(bad, w, sizeof w), bad[3] = NAN;
    cr_assert_eq(limn_contrib_weights(e, f, bad, NULL, NULL), LIMN_ENONFINITE);
    limn_features_free(f);
  }
}

Test(contrib, what_each_class_says_at_new_points) {
  limn_features *f = pool(LIMN_STREAM, 3), *g = pool(LIMN_BITS, 4);
  static double a[D], F[D * (M + N)], G[D * (M + N)], w[M + N], by_rows[2 * D], by_set[2 * D],
      by_dual[2 * D];
  solve(f, a);
  cr_assert_eq(limn_features_columns(F, M + N, f, 0, M + N, NULL, NULL), LIMN_OK);
  cr_assert_eq(limn_features_columns(G, M + N, g, 0, M + N, NULL, NULL), LIMN_OK);
  for (int j = 0; j < M + N; j++)
    for (int i = 0; i < D; i++) w[j] += F[i * (M + N) + j] * a[i];
  limn_newpoints rows = {.x = G, .points = D}, set = {.fresh = g, .points = D};
  cr_assert_eq(limn_contrib_at(by_rows, f, w, NULL, &rows, NULL, NULL), LIMN_OK);
  cr_assert_eq(limn_contrib_at(by_set, f, w, NULL, &set, NULL, NULL), LIMN_OK);
  cr_assert_eq(limn_contrib_at(by_dual, f, NULL, a, &set, NULL, NULL), LIMN_OK);
  for (int i = 0; i < D; i++)
    for (int k = 0; k < 2; k++) {
      double want = 0;
      for (int j = k ? M : 0; j < (k ? M + N : M); j++) want += G[i * (M + N) + j] * w[j];
      cr_assert(fabs(by_rows[k * D + i] - want) < 1e-12);
      cr_assert(fabs(by_set[k * D + i] - want) < 1e-12);
      cr_assert(fabs(by_dual[k * D + i] - want) < 1e-12);
    }
  limn_features_free(f), limn_features_free(g);
}

Test(contrib, refused_memory_is_a_status) {
  limn_features *f = pool(LIMN_STREAM, 3);
  double a[D] = {1}, out[2 * D];
  limn_newpoints at = {.fresh = f, .points = D};
  limn_contribution c[2];
  for (long k = 1, done = 0; !done; k++) {
    limn_err e = {0};
    limn_memory_fail_at(k);
    limn_status s = limn_contrib_dual(c, f, a, true, NULL, &e);
    limn_memory_fail_at(k);
    limn_status t = limn_contrib_at(out, f, NULL, a, &at, NULL, &e);
    limn_memory_fail_at(0);
    cr_assert((s == LIMN_OK || s == LIMN_ENOMEM) && (t == LIMN_OK || t == LIMN_ENOMEM));
    cr_assert(k > 1 || (s == LIMN_ENOMEM && t == LIMN_ENOMEM));
    done = s == LIMN_OK && t == LIMN_OK;
  }
  limn_features_free(f);
}
