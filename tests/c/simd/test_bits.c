/* test_bits.c: the bit kernels: every instruction set against simple loops and against plain C;
 * whole passes on shapes at all boundaries of tiles, chunks and blocks. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "num/simd/bits/bits.h"
#include "core/core.h"
#include "limn/limn.h"
#include "support/isa.h"

static uint64_t seed;

static limn_rng fresh(uint32_t lane) {
  const char *text = getenv("LIMN_TEST_SEED");
  if (!seed) seed = text ? strtoull(text, NULL, 10) : (uint64_t)time(NULL);
  return limn_rng_start(limn_key_of(seed, 0, 0, LIMN_FOR_USER), lane);
}

/* Runs the next statement with each instruction set of this CPU. */
#define EACH_ISA(isa)                                                                              \
  for (int isa = LIMN_ISA_REF; isa <= LIMN_ISA_AVX512; isa++)                                      \
    if (isa_here(isa))

Test(bits, signs_are_philox_blocks_at_any_offset_and_length) {
  limn_rng rng = fresh(1);
  limn_key key = {{limn_rng_u32(&rng), limn_rng_u32(&rng)}, limn_rng_u32(&rng)};
  uint64_t words[2 * 100], starts[] = {0, 5, 0xfffffffe, ((uint64_t)3 << 48) - 7};
  EACH_ISA(isa)
  for (size_t blocks = 1; blocks < 100; blocks += 1 + blocks / 9)
    for (int s = 0; s < 4; s++) {
      memset(words, 0xAB, sizeof words);
      limn_bits()->signs(words, &key, 77, starts[s], blocks);
      for (size_t b = 0; b < blocks; b++) {
        uint64_t at = starts[s] + b;
        uint32_t c[4] = {(uint32_t)at, (uint32_t)(at >> 32), 77, key.salt}, out[4];
        limn_philox(out, c, key.key);
        for (int w = 0; w < 4; w++)
          cr_assert_eq((uint32_t)(words[2 * b + w / 2] >> 32 * (w % 2)), out[w], "isa %d block %zu",
                       isa, b);
      }
      if (blocks < 100) cr_assert_eq(words[2 * blocks], 0xABABABABABABABABu, "wrote past the end");
    }
}

Test(bits, lookups_are_signed_and_masked_sums) {
  limn_rng rng = fresh(2);
  int64_t q[64], out[40], want[40];
  uint64_t words[40];
  for (int b = 0; b < 64; b++) q[b] = (int64_t)limn_rng_u64(&rng) >> 9;
  EACH_ISA(isa)
  for (int signs = 0; signs < 2; signs++)
    for (size_t n = 8; n <= 40; n += 8) {
      for (size_t i = 0; i < n; i++) {
        words[i] = limn_rng_u64(&rng);
        out[i] = want[i] = (int64_t)i - 3;
        for (int b = 0; b < 64; b++) want[i] += words[i] >> b & 1 ? q[b] : signs ? -q[b] : 0;
      }
      limn_bits()->lookup(out, words, n, q, signs);
      cr_assert(memcmp(out, want, n * 8) == 0, "isa %d, signs %d, n %zu", isa, signs, n);
    }
}

Test(bits, transpositions) {
  limn_rng rng = fresh(3);
  enum { STRIDE = 11, ROWS = 64 };
  uint64_t in[ROWS * STRIDE], out[64 * 8];
  for (size_t i = 0; i < ROWS * STRIDE; i++) in[i] = limn_rng_u64(&rng);
  EACH_ISA(isa) {
    limn_bits()->transpose(out, in, STRIDE);
    for (size_t r = 0; r < 64; r++)
      for (size_t c = 0; c < 8; c++)
        for (size_t b = 0; b < 64; b++)
          cr_assert_eq(out[b * 8 + c] >> r & 1, in[r * STRIDE + c] >> b & 1, "isa %d", isa);
    for (size_t n = 8; n <= 64; n += 8) {
      limn_bits()->transpose_words(out, in, STRIDE, n);
      for (size_t c = 0; c < 8; c++)
        for (size_t i = 0; i < n; i++)
          cr_assert_eq(out[c * n + i], in[i * STRIDE + c], "isa %d", isa);
    }
  }
}

Test(bits, weight_sums_agree_to_the_bit_and_with_libm) {
  limn_rng rng = fresh(4);
  _Alignas(64) double w[1000] = {0};
  limn_weight_sums first = {0}, sums;
  for (size_t n = 1; n <= 993; n += 1 + n / 3) {
    double sq = 0, mag = 0, ent = 0, least = INFINITY, most = -INFINITY;
    memset(w, 0, sizeof w);
    for (size_t j = 0; j < n; j++) {
      w[j] = j % 7 == 3 ? 0 : limn_rng_normal(&rng) * exp(20 * limn_rng_normal(&rng));
      sq += w[j] * w[j], mag += fabs(w[j]);
      ent += w[j] != 0 ? w[j] * w[j] * log(w[j] * w[j]) : 0;
      least = fmin(least, w[j]), most = fmax(most, w[j]);
    }
    EACH_ISA(isa) {
      limn_bits()->sums(&sums, w, n);
      if (isa == LIMN_ISA_REF) first = sums;
      cr_assert(memcmp(&first, &sums, sizeof sums) == 0, "isa %d, n %zu", isa, n);
    }
    cr_assert_float_eq(sums.square, sq, 1e-13 * sq);
    cr_assert_float_eq(sums.magnitude, mag, 1e-13 * mag);
    cr_assert_float_eq(sums.entropy, ent, 1e-12 * (fabs(ent) + 100 * sq));
    cr_assert_eq(sums.least, least);
    cr_assert_eq(sums.most, most);
  }
}

Test(bits, normals_are_box_muller) {
  limn_rng rng = fresh(7);
  uint64_t words[2 * 77];
  double first[2 * 77] = {0}, out[2 * 77];
  for (int round = 0; round < 50; round++) {
    for (int i = 0; i < 2 * 77; i++) words[i] = limn_rng_u64(&rng);
    words[0] = 0, words[1] = ~(uint64_t)0, words[2] = ~(uint64_t)0, words[3] = (uint64_t)1 << 61;
    for (size_t pairs = 1; pairs <= 77; pairs += 19) EACH_ISA(isa) {
        limn_bits()->normals(out, words, pairs, 0.25, 0.5);
        if (isa == LIMN_ISA_REF) memcpy(first, out, sizeof out);
        cr_assert(memcmp(first, out, 2 * pairs * 8) == 0, "isa %d", isa);
        for (size_t b = 0; b < pairs; b++) {
          double u = ((double)(words[2 * b] >> 11) + 0.5) * 0x1p-53;
          double v = ((double)(words[2 * b + 1] >> 11) + 0.5) * 0x1p-53;
          long double radius = sqrtl(-2 * logl((long double)u)),
                      angle = 6.283185307179586476925L * v;
          cr_assert_float_eq(out[2 * b], (double)(0.25L + 0.5L * radius * cosl(angle)), 1e-14);
          cr_assert_float_eq(out[2 * b + 1], (double)(0.25L + 0.5L * radius * sinl(angle)), 1e-14);
        }
      }
  }
}

static limn_features *toy(limn_kind kind, limn_storage storage, uint64_t points, uint64_t count) {
  limn_features_spec s = {.kind = kind, .storage = storage, .points = points, .classes = 2};
  limn_rng rng = fresh(5);
  s.seed = limn_rng_u64(&rng);
  s.class_of[0] = (limn_class){.name = "partly", .count = count / 3, .rho = 0.3};
  s.class_of[1] = (limn_class){.name = "random", .count = count - count / 3};
  limn_features *f = NULL;
  limn_err e = {0};
  cr_assert_eq(limn_features_new(&f, &s, NULL, &e), LIMN_OK, "%s", e.text);
  return f;
}

/* Every instruction set, thread count and storage, on shapes near the sizes of tiles (3 and 24
 * rows), row groups (64) and chunks (2048, 32768 columns), against loops over doubles. */
Test(bits, passes_are_the_same_everywhere, .timeout = 120) {
  struct {
    limn_kind kind;
    size_t d, n;
  } shape[] = {{LIMN_SIGN, 1, 100},    {LIMN_SIGN, 2, 70001},   {LIMN_SIGN, 26, 9000},
               {LIMN_SIGN, 65, 3000},  {LIMN_BINARY, 25, 5000}, {LIMN_BINARY, 64, 2048},
               {LIMN_BINARY, 3, 40000}};
  for (size_t t = 0; t < sizeof shape / sizeof *shape; t++) {
    size_t d = shape[t].d, n = shape[t].n;
    limn_features *f = toy(shape[t].kind, LIMN_STREAM, d, n);
    double *x = malloc(d * n * 8), *k = malloc(d * d * 8), *want = calloc(d * d, 8),
           *a = malloc(d * 8), *w = malloc(n * 8), *w0 = malloc(n * 8), *along = malloc(2 * d * 8),
           *along0 = malloc(2 * d * 8), *naive = calloc(2 * d, 8);
    limn_class_sums sums[2], sums0[2];
    limn_err e = {0};
    limn_rng rng = fresh(6);
    size_t first = n / 5, count = n - n / 5 - n / 7; /* an odd range for gram_add and weights */
    cr_assert_eq(limn_features_columns(x, n, f, 0, n, NULL, &e), LIMN_OK);
    for (size_t i = 0; i < d; i++) a[i] = limn_rng_normal(&rng);
    for (size_t i = 0; i < d; i++)
      for (size_t j = 0; j < d; j++)
        for (size_t c = first; c < first + count; c++)
          want[i * d + j] += x[i * n + c] * x[j * n + c];
    double norm = 0;
    for (size_t i = 0; i < d; i++) norm += fabs(a[i]);
    bool have = false;
    for (int storage = LIMN_DENSE; storage <= LIMN_STREAM; storage++) {
      limn_features_free(f);
      f = toy(shape[t].kind, (limn_storage)storage, d, n);
      EACH_ISA(isa)
      for (int threads = 1; threads <= 3; threads++) {
        limn_threads_set(threads, NULL);
        memset(k, 0, d * d * 8);
        cr_assert_eq(limn_features_gram_add(k, f, first, count, NULL, &e), LIMN_OK);
        cr_assert(memcmp(k, want, d * d * 8) == 0, "gram: shape %zu isa %d threads %d", t, isa,
                  threads);
        cr_assert_eq(limn_features_weights(w + first, f, a, first, count, NULL, &e), LIMN_OK);
        cr_assert_eq(limn_features_contributions(sums, along, f, a, NULL, &e), LIMN_OK);
        if (!have) {
          memcpy(w0, w, n * 8), memcpy(along0, along, 2 * d * 8), memcpy(sums0, sums, sizeof sums);
          have = true;
        }
        cr_assert(memcmp(w0 + first, w + first, count * 8) == 0, "weights: shape %zu isa %d", t,
                  isa);
        cr_assert(memcmp(along0, along, 2 * d * 8) == 0, "along: shape %zu isa %d", t, isa);
        cr_assert(memcmp(sums0, sums, sizeof sums) == 0, "sums: shape %zu isa %d", t, isa);
      }
    }
    double sq = 0, magnitude = 0;
    for (size_t c = 0; c < n; c++) {
      double dot = 0;
      for (size_t i = 0; i < d; i++) dot += a[i] * x[i * n + c];
      if (c >= first && c < first + count) cr_assert_float_eq(w[c], dot, 1e-14 * norm);
      sq += dot * dot, magnitude += fabs(dot);
      for (size_t i = 0; i < d; i++) naive[(c >= n / 3) * d + i] += dot * x[i * n + c];
    }
    cr_assert_float_eq(sums[0].weight_sq + sums[1].weight_sq, sq, 1e-11 * sq);
    for (size_t i = 0; i < 2 * d; i++)
      cr_assert_float_eq(along[i], naive[i], 1e-12 * magnitude, "shape %zu: %.17g, %.17g", t,
                         along[i], naive[i]);
    free(x), free(k), free(want), free(a), free(w), free(w0), free(along), free(along0),
        free(naive);
    limn_features_free(f);
  }
}

/* w is proportional to a over the whole range of doubles, exactly. */
Test(bits, passes_are_homogeneous_and_refuse_infinity) {
  enum { D = 5, N = 300 };
  limn_features *f = toy(LIMN_SIGN, LIMN_STREAM, D, N);
  double a[D] = {0.3, -0.7, 0.1, 0.9, -0.2}, b[D], w[N], v[N], along[2 * D];
  limn_class_sums sums[2];
  limn_err e;
  cr_assert_eq(limn_features_weights(w, f, a, 0, N, NULL, &e), LIMN_OK);
  for (int power = -900; power <= 1000; power += 95) {
    for (int i = 0; i < D; i++) b[i] = ldexp(a[i], power);
    cr_assert_eq(limn_features_weights(v, f, b, 0, N, NULL, &e), LIMN_OK);
    for (int j = 0; j < N; j++)
      cr_assert_eq(v[j], ldexp(w[j], power), "2^%d: %g, %g", power, v[j], w[j]);
  }
  memset(b, 0, sizeof b);
  cr_assert_eq(limn_features_contributions(sums, along, f, b, NULL, &e), LIMN_OK);
  cr_assert_eq(sums[1].weight_sq, 0);
  cr_assert_eq(sums[1].entropy_sum, 0);
  cr_assert_eq(along[D], 0);
  b[3] = INFINITY;
  cr_assert_eq(limn_features_contributions(sums, along, f, b, NULL, &e), LIMN_ENONFINITE);
  cr_assert_eq(e.row, 3, "%s", e.text);
  limn_features_free(f);
}

static int count_reports(void *user, double done, double total) {
  double *seen = user;
  cr_assert(done >= seen[0] && done <= total * (1 + 1e-9), "%g after %g of %g", done, seen[0],
            total);
  seen[0] = done;
  seen[1]++;
  return 0;
}

static volatile sig_atomic_t stop;

static int stop_now(void *user, double done, double total) {
  (void)done, (void)total;
  ++*(int *)user;
  stop = 1;
  return 0;
}

Test(bits, progress_grows_and_a_stop_in_the_middle_stops) {
  limn_features *f = toy(LIMN_SIGN, LIMN_STREAM, 9, 400000);
  double seen[2] = {0, 0}, k[81], a[9] = {1, 2}, along[18];
  limn_class_sums sums[2];
  int stops = 0;
  limn_token watched = {.report = count_reports, .user = seen};
  limn_token stopped = {.cancel = &stop, .report = stop_now, .user = &stops};
  limn_err e;
  for (int threads = 1; threads <= 2; threads++) {
    limn_threads_set(threads, NULL);
    seen[0] = 0;
    cr_assert_eq(limn_features_gram(k, f, &watched, &e), LIMN_OK);
    seen[0] = 0;
    cr_assert_eq(limn_features_contributions(sums, along, f, a, &watched, &e), LIMN_OK);
    stop = 0;
    cr_assert_eq(limn_features_gram(k, f, &stopped, &e), LIMN_ECANCELLED);
    stop = 0;
    cr_assert_eq(limn_features_contributions(sums, along, f, a, &stopped, &e), LIMN_ECANCELLED);
  }
  cr_assert_gt(seen[1], 1);
  cr_assert_gt(stops, 0);
  limn_features_free(f);
}
