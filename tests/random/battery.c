/* battery.c: statistical tests of limn's random streams, alone and interleaved over seeds, points,
 * replicates and children.
 *   battery LOG2 [SOURCE]   2^LOG2 words of 32 bits from each source, or from the one that is named
 * Prints one p-value a test; a p-value below 1e-9, or above 1 - 1e-9 for a sum of squares, is a
 * failure. The source "control", a linear congruential generator, must fail: it runs only when it
 * is named. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "limn/rng.h"
#include "limn/stats.h"

enum {
  CHUNK = 1 << 20,
  LAGS = 10,        /* lags 1, 2, 4 .. 512 */
  BIRTHDAYS = 4096, /* in 2^32 days: 4 equal spacings are expected */
  WEIGHTS = 5,      /* classes of the number of bits that are set */
  STREAMS = 4096    /* that are interleaved */
};
static const double ALARM = 1e-9;

/* ---- sources ---- */

static void one(uint32_t *out, uint64_t chunk) {
  static limn_rng rng;
  if (chunk == 0) rng = limn_rng_start(limn_key_of(1, 0, 0, LIMN_FOR_USER), 0);
  limn_rng_words(&rng, out, CHUNK);
}

/* The first four words of consecutive streams. */
static void firsts(uint32_t *out, uint64_t chunk, int which) {
  for (uint64_t i = 0; i < CHUNK / 4; i++) {
    uint64_t n = chunk * (CHUNK / 4) + i;
    limn_key key = which == 3 ? limn_key_child(limn_key_of(1, 0, 0, LIMN_FOR_USER), n)
                              : limn_key_of(which == 0 ? n : 1, which == 1 ? n : 0,
                                            which == 2 ? n : 0, LIMN_FOR_USER);
    limn_rng rng = limn_rng_start(key, 0);
    limn_rng_words(&rng, out + 4 * i, 4);
  }
}
static void seeds(uint32_t *out, uint64_t chunk) {
  firsts(out, chunk, 0);
}
static void points(uint32_t *out, uint64_t chunk) {
  firsts(out, chunk, 1);
}
static void replicates(uint32_t *out, uint64_t chunk) {
  firsts(out, chunk, 2);
}
static void children(uint32_t *out, uint64_t chunk) {
  firsts(out, chunk, 3);
}

/* 16 seeds x 16 points x 16 replicates, one word of each in turn. */
static void interleaved(uint32_t *out, uint64_t chunk) {
  static limn_rng rng[STREAMS];
  for (uint64_t i = 0; chunk == 0 && i < STREAMS; i++)
    rng[i] = limn_rng_start(limn_key_of(i / 256, i / 16 % 16, i % 16, LIMN_FOR_USER), 0);
  for (size_t i = 0; i < CHUNK; i++) out[i] = limn_rng_u32(&rng[i % STREAMS]);
}

static void control(uint32_t *out, uint64_t chunk) {
  static uint32_t state;
  if (chunk == 0) state = 1;
  for (size_t i = 0; i < CHUNK; i++) out[i] = state = state * 1664525u + 1013904223u;
}

/* ---- tests ---- */

typedef struct {
  uint64_t words, ascents, collisions, groups, ranks[4];
  uint64_t byte[4][256], high[65536], low[65536], lag[LAGS], weight[WEIGHTS * WEIGHTS];
} counts;

static int by_size(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

/* Equal spacings of sorted birthdays. */
static uint64_t birthdays(const uint32_t *w) {
  uint32_t day[BIRTHDAYS], gap[BIRTHDAYS];
  uint64_t equal = 0;
  memcpy(day, w, sizeof day);
  qsort(day, BIRTHDAYS, sizeof *day, by_size);
  for (int i = 0; i < BIRTHDAYS; i++) gap[i] = day[(i + 1) % BIRTHDAYS] - day[i];
  qsort(gap, BIRTHDAYS, sizeof *gap, by_size);
  for (int i = 1; i < BIRTHDAYS; i++) equal += gap[i] == gap[i - 1];
  return equal;
}

/* Rank over GF(2) of 32 words as the rows of a matrix. */
static int rank_of(const uint32_t *w) {
  uint32_t row[32];
  int rank = 0;
  memcpy(row, w, sizeof row);
  for (int bit = 31; bit >= 0; bit--) {
    int p = rank;
    while (p < 32 && !(row[p] >> bit & 1)) p++;
    if (p == 32) continue;
    uint32_t keep = row[p];
    row[p] = row[rank], row[rank] = keep;
    for (int i = rank + 1; i < 32; i++)
      if (row[i] >> bit & 1) row[i] ^= keep;
    rank++;
  }
  return rank;
}

static size_t weight_class(uint32_t w) {
  int n = __builtin_popcount(w);
  return n <= 13 ? 0 : n <= 15 ? 1 : n == 16 ? 2 : n <= 18 ? 3 : 4;
}

static void count(counts *c, const uint32_t *w) {
  c->words += CHUNK;
  for (size_t i = 0; i < CHUNK; i++) {
    for (int b = 0; b < 4; b++) c->byte[b][w[i] >> (8 * b) & 255]++;
  }
  for (size_t i = 0; i + 1 < CHUNK; i += 2) { /* pairs that do not overlap */
    c->high[(w[i] >> 24) << 8 | w[i + 1] >> 24]++;
    c->low[(w[i] & 255) << 8 | (w[i + 1] & 255)]++;
    c->weight[weight_class(w[i]) * WEIGHTS + weight_class(w[i + 1])]++;
    c->ascents += w[i + 1] > w[i];
  }
  for (int k = 0; k < LAGS; k++)
    for (size_t i = 0; i < CHUNK - 512; i++)
      c->lag[k] += (uint64_t)__builtin_popcount(w[i] ^ w[i + ((size_t)1 << k)]);
  for (size_t i = 0; i < CHUNK; i += BIRTHDAYS) c->collisions += birthdays(w + i), c->groups++;
  for (size_t i = 0; i < CHUNK; i += 32) {
    int rank = rank_of(w + i);
    c->ranks[32 - (rank < 29 ? 29 : rank)]++;
  }
}

static int failures;

static void judge(const char *source, const char *test, double p, double most) {
  bool bad = !(p >= ALARM && p <= most);
  printf("%-12s %-20s p = %-12.6g%s\n", source, test, p, bad ? "  FAILS" : "");
  failures += bad;
}

/* Sum of (seen - expected)^2/expected over cells with these probabilities; NULL: equal ones. */
static void cells(const char *source, const char *test, const uint64_t *seen, const double *share,
                  size_t n) {
  double total = 0, sum = 0, p = NAN;
  limn_err err;
  for (size_t i = 0; i < n; i++) total += (double)seen[i];
  for (size_t i = 0; i < n; i++) {
    double expected = total * (share ? share[i] : 1 / (double)n), d = (double)seen[i] - expected;
    sum += d * d / expected;
  }
  (void)limn_stats_chi2_cdf(&p, sum, (double)(n - 1), LIMN_UPPER, &err);
  judge(source, test, p, 1 - ALARM);
}

/* Two-sided p of a count with this mean and variance. */
static void normal(const char *source, const char *test, double seen, double mean,
                   double variance) {
  judge(source, test, erfc(fabs(seen - mean) / sqrt(2 * variance)), 1);
}

static void report(const char *source, const counts *c) {
  static const double rank_share[] = {0.2887880952, 0.5775761902, 0.1283502644, 0.0052854502};
  double share[WEIGHTS] = {0}, pairs[WEIGHTS * WEIGHTS], n = (double)c->words;
  char name[40];
  for (int k = 0; k <= 32; k++)
    share[weight_class(k == 32 ? UINT32_MAX : (1u << k) - 1)] +=
        exp(lgamma(33) - lgamma(k + 1) - lgamma(33 - k) - 32 * log(2));
  for (size_t i = 0; i < WEIGHTS * WEIGHTS; i++) pairs[i] = share[i / WEIGHTS] * share[i % WEIGHTS];
  for (int b = 0; b < 32; b++) {
    snprintf(name, sizeof name, "bit %d", b);
    uint64_t ones = 0;
    for (int v = 0; v < 256; v++) ones += v >> b % 8 & 1 ? c->byte[b / 8][v] : 0;
    normal(source, name, (double)ones, n / 2, n / 4);
  }
  for (int b = 0; b < 4; b++) {
    snprintf(name, sizeof name, "byte %d", b);
    cells(source, name, c->byte[b], NULL, 256);
  }
  cells(source, "pairs, high bytes", c->high, NULL, 65536);
  cells(source, "pairs, low bytes", c->low, NULL, 65536);
  cells(source, "pairs of weights", c->weight, pairs, WEIGHTS * WEIGHTS);
  normal(source, "ascents", (double)c->ascents, n / 4, n / 8);
  for (int k = 0; k < LAGS; k++) {
    double bits = 32 * n * (CHUNK - 512) / CHUNK;
    snprintf(name, sizeof name, "lag %d", 1 << k);
    normal(source, name, (double)c->lag[k], bits / 2, bits / 4);
  }
  normal(source, "birthday spacings", (double)c->collisions, 4 * (double)c->groups,
         4 * (double)c->groups);
  cells(source, "ranks 32 x 32", c->ranks, rank_share, 4);
}

int main(int argc, char **argv) {
  static const struct {
    const char *name;
    void (*fill)(uint32_t *, uint64_t);
  } sources[] = {{"one", one},           {"seeds", seeds},
                 {"points", points},     {"replicates", replicates},
                 {"children", children}, {"interleaved", interleaved},
                 {"control", control}};
  int log2 = argc > 1 ? atoi(argv[1]) : 0, ran = 0;
  if (log2 < 20 || log2 > 44) return fprintf(stderr, "battery: LOG2 is 20 .. 44\n"), 2;
  uint32_t *w = malloc(CHUNK * sizeof *w);
  counts *c = malloc(sizeof *c);
  for (size_t s = 0; w && c && s < sizeof sources / sizeof *sources; s++) {
    if (argc > 2 ? strcmp(argv[2], sources[s].name) != 0 : sources[s].fill == control) continue;
    memset(c, 0, sizeof *c);
    for (uint64_t chunk = 0; chunk < (uint64_t)1 << (log2 - 20); chunk++)
      sources[s].fill(w, chunk), count(c, w);
    report(sources[s].name, c);
    ran++;
  }
  free(w), free(c);
  printf("%d sources of 2^%d words, %d failures\n", ran, log2, failures);
  return ran == 0 ? 2 : failures > 0;
}
