/* test_rng.c: Philox against its published known answers and the Random123 header; the 10 000th
 * value prescribed by C++26; batched fills against single draws; statistical smoke tests (z <
 * 5). */
#include <criterion/criterion.h>
#include <math.h>
#include <Random123/philox.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "limn/rng.h"

/* tests/data/philox_kat.csv: variant,rounds,ctr,key,out; the rows of 4x32 apply. */
Test(rng, known_answers) {
  FILE *f = fopen("tests/data/philox_kat.csv", "r");
  cr_assert(f != NULL, "run from the top of the tree");
  char line[256];
  int rows = 0;
  while (fgets(line, sizeof line, f)) {
    uint32_t c[4], k[2], want[4], got[4];
    int rounds;
    if (sscanf(line, "philox4x32,%d,%x %x %x %x,%x %x,%x %x %x %x", &rounds, &c[0], &c[1], &c[2],
               &c[3], &k[0], &k[1], &want[0], &want[1], &want[2], &want[3]) != 11)
      continue;
    limn_philox_rounds(got, c, k, rounds);
    cr_assert_eq(memcmp(got, want, sizeof got), 0, "%s", line);
    if (rounds == 10) {
      limn_philox(got, c, k);
      cr_assert_eq(memcmp(got, want, sizeof got), 0, "%s", line);
    }
    rows++;
  }
  fclose(f);
  cr_assert(rows >= 6, "%d rows", rows);
}

Test(rng, random123_agrees) {
  limn_rng r = limn_rng_start(limn_key_of(99, 1, 2, LIMN_FOR_USER), 0);
  for (int i = 0; i < 20000; i++) {
    philox4x32_ctr_t c;
    philox4x32_key_t k;
    uint32_t mine[4];
    for (int j = 0; j < 4; j++) c.v[j] = limn_rng_u32(&r);
    for (int j = 0; j < 2; j++) k.v[j] = limn_rng_u32(&r);
    limn_philox(mine, c.v, k.v);
    philox4x32_ctr_t theirs = philox4x32_R(10, c, k);
    cr_assert_eq(memcmp(mine, theirs.v, sizeof mine), 0);
  }
}

/* ISO C++26 [rand.predef]: philox4x32 default-constructed (seed 20111115): 10 000th value. */
Test(rng, cpp26_value) {
  uint32_t c[4] = {9999 / 4, 0, 0, 0}, k[2] = {20111115, 0}, out[4];
  limn_philox(out, c, k);
  cr_assert_eq(out[9999 % 4], 1955073260u);
}

Test(rng, fills_equal_single_draws_from_every_state) {
  for (int skip = 0; skip < 6; skip++)
    for (size_t n = 0; n < 700; n = n < 70 ? n + 1 : n + 97) {
      limn_rng a = limn_rng_start(limn_key_of(3, 1, 4, LIMN_FOR_USER), 7), b = a;
      a.block = b.block = 0xfffffff0u; /* includes the carry into the second counter word */
      for (int i = 0; i < skip; i++) limn_rng_u32(&a), limn_rng_u32(&b);
      double *x = malloc((n + 1) * sizeof *x);
      uint32_t *w = malloc((n + 1) * sizeof *w);
      limn_rng_words(&a, w, n);
      for (size_t i = 0; i < n; i++) cr_assert_eq(w[i], limn_rng_u32(&b));
      limn_rng_fill_uniform(&a, x, n);
      for (size_t i = 0; i < n; i++) cr_assert_eq(x[i], limn_rng_uniform(&b));
      limn_rng_fill_normal(&a, x, n);
      for (size_t i = 0; i < n; i++) cr_assert_eq(x[i], limn_rng_normal(&b));
      limn_rng_fill_sign(&a, x, n);
      uint32_t word = 0;
      for (size_t i = 0; i < n; i++) {
        if (i % 32 == 0) word = limn_rng_u32(&b);
        cr_assert_eq(x[i], word >> (i % 32) & 1 ? 1 : -1);
      }
      cr_assert_eq(limn_rng_u32(&a), limn_rng_u32(&b));
      free(x), free(w);
    }
}

Test(rng, names_and_children_differ) {
  limn_key base = limn_key_of(1, 0, 0, LIMN_FOR_USER);
  limn_key keys[40];
  int n = 0;
  keys[n++] = base;
  for (uint64_t i = 1; i <= 9; i++) {
    keys[n++] = limn_key_of(1 + i, 0, 0, LIMN_FOR_USER);
    keys[n++] = limn_key_of(1, i, 0, LIMN_FOR_USER);
    keys[n++] = limn_key_of(1, 0, i, LIMN_FOR_USER);
    keys[n++] = limn_key_child(base, i);
  }
  keys[n++] = limn_key_of(1, 0, 0, LIMN_FOR_DATA);
  for (int i = 0; i < n; i++)
    for (int j = 0; j < i; j++)
      cr_assert(memcmp(&keys[i], &keys[j], sizeof base) != 0, "%d %d", i, j);
}

/* ---- smoke: each statistic as a z score ---- */

static double chi_square_z(const double *count, int cells, double expected) {
  double x = 0;
  for (int i = 0; i < cells; i++) x += (count[i] - expected) * (count[i] - expected) / expected;
  return (x - (cells - 1)) / sqrt(2.0 * (cells - 1));
}

enum { DRAWS = 1000000, CELLS = 1024 };

Test(rng, statistical_smoke) {
  double *x = malloc(DRAWS * sizeof *x);
  for (uint64_t seed = 1; seed <= 3; seed++) {
    limn_rng r = limn_rng_start(limn_key_of(seed, 0, 0, LIMN_FOR_USER), 0);
    double count[CELLS] = {0}, lag = 0, sum = 0, square = 0, fourth = 0;
    limn_rng_fill_uniform(&r, x, DRAWS);
    for (int i = 0; i < DRAWS; i++) count[(int)(x[i] * CELLS)]++;
    cr_assert(fabs(chi_square_z(count, CELLS, (double)DRAWS / CELLS)) < 5);
    for (int i = 1; i < DRAWS; i++) lag += (x[i] - 0.5) * (x[i - 1] - 0.5) * 12;
    cr_assert(fabs(lag) / sqrt((double)DRAWS) < 5);
    memset(count, 0, sizeof count);
    for (int i = 0; i + 1 < DRAWS; i += 2) count[(int)(x[i] * 32) * 32 + (int)(x[i + 1] * 32)]++;
    cr_assert(fabs(chi_square_z(count, CELLS, (double)DRAWS / 2 / CELLS)) < 5); /* pairs */
    limn_rng_fill_normal(&r, x, DRAWS);
    for (int i = 0; i < DRAWS; i++) sum += x[i], square += x[i] * x[i], fourth += pow(x[i], 4);
    cr_assert(fabs(sum) / sqrt(DRAWS) < 5);
    cr_assert(fabs(square - DRAWS) / sqrt(2.0 * DRAWS) < 5);
    cr_assert(fabs(fourth - 3.0 * DRAWS) / sqrt(96.0 * DRAWS) < 5);
    memset(count, 0, sizeof count); /* 1024 cells of equal probability through the distribution */
    for (int i = 0; i < DRAWS; i++) count[(int)(erfc(-x[i] / sqrt(2)) / 2 * CELLS)]++;
    cr_assert(fabs(chi_square_z(count, CELLS, (double)DRAWS / CELLS)) < 5);
    limn_rng_fill_sign(&r, x, DRAWS);
    sum = lag = 0;
    for (int i = 0; i < DRAWS; i++) sum += x[i], lag += i ? x[i] * x[i - 1] : 0;
    cr_assert(fabs(sum) / sqrt(DRAWS) < 5);
    cr_assert(fabs(lag) / sqrt(DRAWS) < 5);
    double dice[7] = {0};
    for (int i = 0; i < DRAWS; i++) dice[limn_rng_below(&r, 7)]++;
    cr_assert(fabs(chi_square_z(dice, 7, DRAWS / 7.0)) < 5);
    double orders[24] = {0}; /* permutations of 4, by rank */
    for (int i = 0; i < 240000; i++) {
      uint64_t p[4];
      limn_rng_permutation(&r, p, 4);
      int rank = 0, factor[] = {6, 2, 1, 1};
      for (int a = 0; a < 4; a++)
        for (int b = a + 1; b < 4; b++) rank += (p[b] < p[a]) * factor[a];
      orders[rank]++;
    }
    cr_assert(fabs(chi_square_z(orders, 24, 10000)) < 5);
    double low[256] = {0}, high[256] = {0}; /* the halves of 64-bit words apart */
    for (int i = 0; i < DRAWS; i++) {
      uint64_t u = limn_rng_u64(&r);
      low[u & 255]++, high[u >> 56]++;
    }
    cr_assert(fabs(chi_square_z(low, 256, DRAWS / 256.0)) < 5);
    cr_assert(fabs(chi_square_z(high, 256, DRAWS / 256.0)) < 5);
  }
  free(x);
}

Test(rng, neighbouring_streams_do_not_correlate) {
  double *x = malloc(DRAWS * sizeof *x), *y = malloc(DRAWS * sizeof *y);
  limn_key base = limn_key_of(5, 0, 0, LIMN_FOR_USER);
  limn_key others[] = {limn_key_of(6, 0, 0, LIMN_FOR_USER), limn_key_of(5, 1, 0, LIMN_FOR_USER),
                       limn_key_of(5, 0, 1, LIMN_FOR_USER), limn_key_child(base, 1)};
  limn_rng r = limn_rng_start(base, 0);
  limn_rng_fill_normal(&r, x, DRAWS);
  for (int k = 0; k < 4; k++) {
    double sum = 0;
    r = limn_rng_start(others[k], 0);
    limn_rng_fill_normal(&r, y, DRAWS);
    for (int i = 0; i < DRAWS; i++) sum += x[i] * y[i];
    cr_assert(fabs(sum) / sqrt(DRAWS) < 5);
  }
  free(x), free(y);
}
