/* test_features.c: FeatureSets: the definition of an entry, storages, Gram matrices and passes
 * against plain loops in double. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/core.h"
#include "limn/limn.h"
#include "support/isa.h"

static uint64_t fresh_seed(void) {
  const char *text = getenv("LIMN_TEST_SEED");
  return text ? strtoull(text, NULL, 10) : (uint64_t)time(NULL);
}

static limn_features_spec three_classes(limn_kind kind, limn_storage storage, uint64_t points) {
  limn_features_spec s = {
      .kind = kind, .storage = storage, .points = points, .classes = 4, .seed = fresh_seed()};
  s.class_of[0] = (limn_class){.name = "perfect", .count = 37, .rho = 1};
  s.class_of[1] = (limn_class){.name = "random", .count = 5003};
  s.class_of[2] = (limn_class){.name = "partly", .count = 701, .rho = 0.4};
  s.class_of[3] = (limn_class){.name = "bias", .count = 1, .constant = true};
  return s;
}

static limn_features *make(const limn_features_spec *s) {
  limn_features *f;
  limn_err e = {0};
  cr_assert_eq(limn_features_new(&f, s, NULL, &e), LIMN_OK, "%s", e.text);
  return f;
}

static double *dense(const limn_features *f) {
  uint64_t n = limn_features_count(f), d = limn_features_points(f);
  double *x = malloc(n * d * 8);
  limn_err e;
  cr_assert_eq(limn_features_columns(x, n, f, 0, n, NULL, &e), LIMN_OK);
  return x;
}

/* The definition in features.h, from a single Philox block. */
Test(features, an_entry_is_a_bit_of_its_block) {
  limn_features_spec s = three_classes(LIMN_SIGN, LIMN_STREAM, 11);
  limn_features *f = make(&s);
  double *x = dense(f);
  uint64_t n = limn_features_count(f);
  limn_key key = limn_key_of(s.seed, 0, 0, LIMN_FOR_FEATURES);
  for (uint32_t i = 0; i < 11; i++)
    for (uint64_t j = 0; j < 5003; j += 17) {
      uint32_t c[4] = {(uint32_t)(j / 128), 0, i, key.salt ^ 0x9E3779B9u}, out[4]; /* class 1 */
      limn_philox(out, c, key.key);
      double want = out[j % 128 / 32] >> (j % 32) & 1 ? 1 : -1;
      cr_assert_eq(x[i * n + 37 + j], want);
    }
  for (uint64_t i = 0; i < 11; i++) {
    cr_assert_eq(x[i * n + 36], limn_features_labels(f)[i]);
    cr_assert_eq(x[i * n + n - 1], 1);
  }
  free(x);
  limn_features_free(f);
}

Test(features, storages_and_threads_give_the_same_bits) {
  for (int kind = LIMN_SIGN; kind <= LIMN_GAUSSIAN; kind++) {
    enum { D = 37 };
    double *reference = NULL, gram[D * D], first_gram[D * D], along[4 * D], first_along[4 * D],
           a[D];
    limn_class_sums sums[4], first_sums[4];
    for (int i = 0; i < D; i++) a[i] = sin(i + 1.0);
    for (int storage = LIMN_DENSE; storage <= LIMN_STREAM; storage++) {
      if (kind == LIMN_GAUSSIAN && storage == LIMN_BITS) continue;
      for (int threads = 1; threads <= 3; threads++)
        for (int isa = 0; isa <= LIMN_ISA_AVX512; isa++) {
          limn_err e;
          if (!isa_here(isa)) continue;
          limn_threads_set(threads, &e);
          limn_features_spec s = three_classes((limn_kind)kind, (limn_storage)storage, D);
          s.seed = 5;
          limn_features *f = make(&s);
          double *x = dense(f);
          size_t bytes = limn_features_count(f) * D * 8;
          cr_assert_eq(limn_features_gram(gram, f, NULL, &e), LIMN_OK);
          cr_assert_eq(limn_features_contributions(sums, along, f, a, NULL, &e), LIMN_OK);
          if (!reference) {
            reference = x;
            memcpy(first_gram, gram, sizeof gram);
            memcpy(first_along, along, sizeof along);
            memcpy(first_sums, sums, sizeof sums);
          } else {
            cr_assert(memcmp(reference, x, bytes) == 0, "entries: kind %d storage %d isa %d", kind,
                      storage, isa);
            if (kind != LIMN_GAUSSIAN)
              cr_assert(memcmp(first_gram, gram, sizeof gram) == 0,
                        "gram: kind %d storage %d isa %d", kind, storage, isa);
            cr_assert(memcmp(first_along, along, sizeof along) == 0,
                      "along: kind %d storage %d isa %d threads %d", kind, storage, isa, threads);
            cr_assert(memcmp(first_sums, sums, sizeof sums) == 0,
                      "sums: kind %d storage %d isa %d threads %d", kind, storage, isa, threads);
            free(x);
          }
          limn_features_free(f);
        }
    }
    free(reference);
  }
}

Test(features, gram_and_passes_match_naive_loops) {
  for (int kind = LIMN_SIGN; kind <= LIMN_GAUSSIAN; kind++)
    for (int storage = LIMN_DENSE; storage <= LIMN_STREAM; storage++) {
      if (kind == LIMN_GAUSSIAN && storage == LIMN_BITS) continue;
      enum { D = 23 };
      limn_features_spec s = three_classes((limn_kind)kind, (limn_storage)storage, D);
      limn_features *f = make(&s);
      uint64_t n = limn_features_count(f);
      double *x = dense(f), *w = malloc(n * 8), *w2 = malloc(n * 8), k[D * D], part[D * D], a[D],
             out[D];
      limn_err e;
      cr_assert_eq(limn_features_gram(k, f, NULL, &e), LIMN_OK);
      memset(part, 0, sizeof part); /* in three unequal parts */
      uint64_t cuts[] = {0, 100, 3001, n};
      for (int c = 0; c < 3; c++)
        cr_assert_eq(limn_features_gram_add(part, f, cuts[c], cuts[c + 1] - cuts[c], NULL, &e),
                     LIMN_OK);
      for (int i = 0; i < D; i++)
        for (int j = 0; j < D; j++) {
          double sum = 0, tol = kind == LIMN_GAUSSIAN ? 1e-10 : 0;
          for (uint64_t c = 0; c < n; c++) sum += x[i * n + c] * x[j * n + c];
          cr_assert(fabs(k[i * D + j] - sum) <= tol * n, "kind %d storage %d (%d,%d): %g, want %g",
                    kind, storage, i, j, k[i * D + j], sum);
          cr_assert(fabs(part[i * D + j] - sum) <= tol * n, "pieces: %g, want %g", part[i * D + j],
                    sum);
        }
      for (int i = 0; i < D; i++) a[i] = cos(3.0 * i);
      double along[4 * D];
      limn_class_sums sums[4];
      cr_assert_eq(limn_features_contributions(sums, along, f, a, NULL, &e), LIMN_OK);
      cr_assert_eq(limn_features_weights(w, f, a, 0, n, NULL, &e), LIMN_OK);
      cr_assert_eq(limn_features_combine(out, f, w, 0, n, NULL, &e), LIMN_OK);
      for (int c = 0; c < 4; c++) {
        const limn_class *cl = limn_features_class(f, c);
        double sq = 0, ab = 0, ent = 0, least = INFINITY, most = -INFINITY, sum[D] = {0};
        for (uint64_t j = cl->first; j < cl->first + cl->count; j++) {
          double dot = 0;
          for (int i = 0; i < D; i++) dot += a[i] * x[i * n + j];
          cr_assert_float_eq(w[j], dot, 1e-12);
          sq += dot * dot, ab += fabs(dot);
          ent += dot != 0 ? dot * dot * log(dot * dot) : 0;
          least = fmin(least, dot), most = fmax(most, dot);
          for (int i = 0; i < D; i++) sum[i] += dot * x[i * n + j];
        }
        cr_assert_float_eq(sums[c].weight_sq, sq, 1e-9 * (1 + sq));
        cr_assert_float_eq(sums[c].weight_abs, ab, 1e-9 * (1 + ab));
        cr_assert_float_eq(sums[c].entropy_sum, ent, 1e-9 * (1 + sq) * 10);
        cr_assert_float_eq(sums[c].least, least, 1e-12);
        cr_assert_float_eq(sums[c].most, most, 1e-12);
        for (int i = 0; i < D; i++) cr_assert_float_eq(along[c * D + i], sum[i], 1e-9 * (1 + sq));
      }
      for (int i = 0; i < D; i++) {
        double want = along[i] + along[D + i] + along[2 * D + i] + along[3 * D + i];
        cr_assert_float_eq(out[i], want, 1e-8 * (1 + fabs(want)));
      }
      cr_assert_eq(limn_features_weights(w2, f, a, 4000, 1500, NULL, &e), LIMN_OK);
      cr_assert(memcmp(w2, w + 4000, 1500 * 8) == 0);
      free(x), free(w), free(w2);
      limn_features_free(f);
    }
}

/* Agreement rates of the correlated class and moments of the normals, within five sigma. */
Test(features, classes_have_the_correlation_they_name) {
  for (int kind = LIMN_SIGN; kind <= LIMN_GAUSSIAN; kind++) {
    limn_features_spec s = {.kind = (limn_kind)kind,
                            .storage = LIMN_STREAM,
                            .points = 16,
                            .classes = 3,
                            .seed = fresh_seed()};
    double rho[] = {0, 0.25, -0.7};
    for (int c = 0; c < 3; c++)
      s.class_of[c] = (limn_class){.name = "c", .count = 50000, .rho = rho[c]};
    limn_features *f = make(&s);
    double *x = dense(f), n = 16 * 50000.0;
    for (int c = 0; c < 3; c++) {
      double sum = 0;
      for (int i = 0; i < 16; i++)
        for (int j = 0; j < 50000; j++) {
          double v = x[i * 150000 + c * 50000 + j];
          sum += (kind == LIMN_BINARY ? 2 * v - 1 : v) * limn_features_labels(f)[i];
        }
      cr_assert_float_eq(sum / n, rho[c], 5 / sqrt(n), "kind %d: %g for rho %g", kind, sum / n,
                         rho[c]);
    }
    free(x);
    limn_features_free(f);
  }
}

Test(features, refuses_bad_specs) {
  limn_features *f;
  limn_err e;
  limn_features_spec good = three_classes(LIMN_SIGN, LIMN_STREAM, 5), s = good;
  s.points = 0;
  cr_assert_eq(limn_features_new(&f, &s, NULL, &e), LIMN_EINVAL);
  s = good, s.points = (uint64_t)1 << 62;
  cr_assert_eq(limn_features_new(&f, &s, NULL, &e), LIMN_EINVAL);
  s = good, s.class_of[1].count = (uint64_t)1 << 62;
  cr_assert_eq(limn_features_new(&f, &s, NULL, &e), LIMN_EINVAL);
  s = good, s.class_of[1].rho = 1.5;
  cr_assert_eq(limn_features_new(&f, &s, NULL, &e), LIMN_EINVAL);
  s = good, s.class_of[1].rho = NAN;
  cr_assert_eq(limn_features_new(&f, &s, NULL, &e), LIMN_EINVAL);
  s = good, s.kind = LIMN_GAUSSIAN, s.storage = LIMN_BITS;
  cr_assert_eq(limn_features_new(&f, &s, NULL, &e), LIMN_EINVAL);
  double labels[5] = {1, -1, 0.5, 1, 1};
  s = good, s.labels = labels;
  cr_assert_eq(limn_features_new(&f, &s, NULL, &e), LIMN_EINVAL);
  cr_assert(strcmp(e.argument, "labels") == 0 && e.row == 2, "%s", e.text);
  s = good, s.storage = LIMN_DENSE, s.points = 0x7fffffff, s.class_of[1].count = (uint64_t)1 << 50;
  cr_assert_eq(limn_features_new(&f, &s, NULL, &e), LIMN_ENOMEM);
  double x[4] = {1, 2, INFINITY, 4};
  cr_assert_eq(limn_features_from(&f, x, 2, 2, NULL, NULL, 0, &e), LIMN_ENONFINITE);
  limn_class gap[2] = {{.name = "a", .first = 0, .count = 1},
                       {.name = "b", .first = 2, .count = 1}};
  x[2] = 3;
  cr_assert_eq(limn_features_from(&f, x, 2, 2, NULL, gap, 2, &e), LIMN_EINVAL);
  cr_assert_null(f);
}

Test(features, stops_when_asked_and_reports_refused_memory) {
  volatile sig_atomic_t stop = 1;
  limn_token token = {.cancel = &stop};
  limn_features_spec s = three_classes(LIMN_SIGN, LIMN_STREAM, 9);
  limn_features *f = make(&s);
  double k[81], a[9] = {1}, along[4 * 9];
  limn_class_sums sums[4];
  limn_err e;
  cr_assert_eq(limn_features_gram(k, f, &token, &e), LIMN_ECANCELLED);
  cr_assert_eq(limn_features_contributions(sums, along, f, a, &token, &e), LIMN_ECANCELLED);
  for (long at = 1; at < 60; at++) {
    limn_memory_fail_at(at);
    limn_status one = limn_features_gram(k, f, NULL, &e);
    limn_status two = limn_features_contributions(sums, along, f, a, NULL, &e);
    limn_memory_fail_at(0);
    cr_assert(one == LIMN_OK || one == LIMN_ENOMEM);
    cr_assert(two == LIMN_OK || two == LIMN_ENOMEM);
    if (one == LIMN_OK && two == LIMN_OK && at > 6) break;
    cr_assert_lt(at, 59);
  }
  limn_features_free(f);
  for (int storage = LIMN_DENSE; storage <= LIMN_STREAM; storage++) {
    s.storage = (limn_storage)storage;
    limn_status st = LIMN_ENOMEM;
    for (long at = 1; st == LIMN_ENOMEM && at < 60; at++) {
      limn_memory_fail_at(at);
      st = limn_features_new(&f, &s, NULL, &e);
      limn_memory_fail_at(0);
    }
    cr_assert_eq(st, LIMN_OK);
    limn_features_free(f);
  }
}
