/* counts.c: how often patterns occurred: an exact hash table until it holds more than 2 space
 * kinds; then the counts of the heavy hitters, each too small by at most the sum of what was
 * subtracted.
 *
 * A subtraction removes v, the (space + 1)-th largest count, from more than `space` kinds, so
 * the v add up to at most total/space.
 * Source: Misra and Gries 1982; subtraction of a middle count: Anderson et al. 2017. */
#include <stdlib.h>
#include <string.h>

#include "core/core.h"
#include "limn/functions.h"

struct limn_functions_counts {
  size_t points, words, space;
  size_t kinds, room;   /* entries in use, and allocated */
  uint64_t *patterns;   /* (room, words) */
  uint64_t *number;     /* (room) */
  uint32_t *slot;       /* (slots) 1 + entry, 0: free */
  size_t slots;         /* a power of 2, at least 2 room */
  uint64_t total, lost; /* patterns added; largest error of a count */
};

limn_status limn_functions_counts_new(limn_functions_counts **out, size_t points, size_t space,
                                      limn_err *err) {
  if (points < 1 || points > LIMN_FUNCTIONS_POINTS)
    return limn_fail_argument(err, LIMN_EINVAL, "points", "must be 1 .. %zu, got %zu",
                              LIMN_FUNCTIONS_POINTS, points);
  if (space < 1 || space > (size_t)1 << 28)
    return limn_fail_argument(err, LIMN_EINVAL, "space", "must be 1 .. 2^28, got %zu", space);
  limn_functions_counts *c = limn_alloc(1, sizeof *c);
  if (!c) return limn_nomem(err, "counts", 1, sizeof *c);
  c->points = points, c->space = space, c->words = limn_functions_words(points);
  *out = c;
  return LIMN_OK;
}

void limn_functions_counts_free(limn_functions_counts *c) {
  if (!c) return;
  limn_free(c->patterns);
  limn_free(c->number);
  limn_free(c->slot);
  limn_free(c);
}

static size_t hash_of(const uint64_t *pattern, size_t words) {
  uint64_t h = 0x9E3779B97F4A7C15u;
  for (size_t w = 0; w < words; w++) {
    h = (h ^ pattern[w]) * 0xD6E8FEB86659FD93u;
    h ^= h >> 32;
  }
  h *= 0xD6E8FEB86659FD93u;
  return (size_t)(h ^ h >> 29);
}

/* The slot of a pattern, or the free slot where it belongs. */
static size_t slot_of(const limn_functions_counts *c, const uint64_t *pattern) {
  size_t at = hash_of(pattern, c->words) & (c->slots - 1), bytes = c->words * sizeof *pattern;
  while (c->slot[at] && memcmp(c->patterns + (c->slot[at] - 1) * c->words, pattern, bytes) != 0)
    at = (at + 1) & (c->slots - 1);
  return at;
}

static void fill_slots(limn_functions_counts *c) {
  memset(c->slot, 0, c->slots * sizeof *c->slot);
  for (size_t i = 0; i < c->kinds; i++)
    c->slot[slot_of(c, c->patterns + i * c->words)] = (uint32_t)i + 1;
}

static limn_status grow(limn_functions_counts *c, limn_err *err) {
  size_t most = 2 * c->space + 1, room = c->room ? 2 * c->room : 1024;
  if (room > most) room = most;
  size_t slots = 1;
  while (slots < 2 * room) slots *= 2;
  uint64_t *patterns = limn_alloc(room * c->words, sizeof *patterns);
  uint64_t *number = limn_alloc(room, sizeof *number);
  uint32_t *slot = limn_alloc(slots, sizeof *slot);
  if (!patterns || !number || !slot) {
    limn_free(patterns);
    limn_free(number);
    limn_free(slot);
    return limn_nomem(err, "kinds of patterns", room,
                      c->words * sizeof *patterns + sizeof *number + 8);
  }
  if (c->kinds > 0) {
    memcpy(patterns, c->patterns, c->kinds * c->words * sizeof *patterns);
    memcpy(number, c->number, c->kinds * sizeof *number);
  }
  limn_free(c->patterns);
  limn_free(c->number);
  limn_free(c->slot);
  c->patterns = patterns, c->number = number, c->slot = slot;
  c->room = room, c->slots = slots;
  fill_slots(c);
  return LIMN_OK;
}

static int falling(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x < y) - (x > y);
}

/* Subtracts the (space + 1)-th largest count from all; drops those without a count left. */
static limn_status subtract(limn_functions_counts *c, limn_err *err) {
  uint64_t *sorted = limn_alloc(c->kinds, sizeof *sorted);
  if (!sorted) return limn_nomem(err, "counts", c->kinds, sizeof *sorted);
  memcpy(sorted, c->number, c->kinds * sizeof *sorted);
  qsort(sorted, c->kinds, sizeof *sorted, falling);
  uint64_t v = sorted[c->space];
  limn_free(sorted);
  size_t kept = 0;
  for (size_t i = 0; i < c->kinds; i++) {
    if (c->number[i] <= v) continue;
    c->number[kept] = c->number[i] - v;
    memmove(c->patterns + kept * c->words, c->patterns + i * c->words,
            c->words * sizeof *c->patterns);
    kept++;
  }
  c->kinds = kept, c->lost += v;
  fill_slots(c);
  return LIMN_OK;
}

limn_status limn_functions_count(limn_functions_counts *c, const uint64_t *patterns, size_t n,
                                 limn_err *err) {
  for (size_t i = 0; i < n; i++) {
    const uint64_t *pattern = patterns + i * c->words;
    if (c->kinds == c->room) {
      limn_status status = c->kinds > 2 * c->space ? subtract(c, err) : grow(c, err);
      if (status) return status;
    }
    size_t at = slot_of(c, pattern);
    if (!c->slot[at]) {
      memcpy(c->patterns + c->kinds * c->words, pattern, c->words * sizeof *pattern);
      c->number[c->kinds] = 0;
      c->slot[at] = (uint32_t)++c->kinds;
    }
    c->number[c->slot[at] - 1]++;
    c->total++;
  }
  return LIMN_OK;
}

/* ---- order ---- */

typedef struct {
  uint64_t number;
  const uint64_t *pattern;
  size_t words;
} entry;

static int by_count(const void *a, const void *b) {
  const entry *x = a, *y = b;
  if (x->number != y->number) return x->number < y->number ? 1 : -1;
  for (size_t w = 0; w < x->words; w++)
    if (x->pattern[w] != y->pattern[w]) return x->pattern[w] > y->pattern[w] ? 1 : -1;
  return 0;
}

limn_status limn_functions_rank(limn_functions_counts *c, limn_err *err) {
  if (c->kinds == 0) return LIMN_OK;
  entry *order = limn_alloc(c->kinds, sizeof *order);
  uint64_t *patterns = limn_alloc(c->room * c->words, sizeof *patterns);
  if (!order || !patterns) {
    limn_free(order);
    limn_free(patterns);
    return limn_nomem(err, "the order of the patterns", c->kinds, sizeof *order);
  }
  for (size_t i = 0; i < c->kinds; i++)
    order[i] = (entry){c->number[i], c->patterns + i * c->words, c->words};
  qsort(order, c->kinds, sizeof *order, by_count);
  for (size_t i = 0; i < c->kinds; i++) {
    c->number[i] = order[i].number;
    memcpy(patterns + i * c->words, order[i].pattern, c->words * sizeof *patterns);
  }
  limn_free(order);
  limn_free(c->patterns);
  c->patterns = patterns;
  fill_slots(c);
  return LIMN_OK;
}

size_t limn_functions_kinds(const limn_functions_counts *c) {
  return c->kinds;
}
uint64_t limn_functions_total(const limn_functions_counts *c) {
  return c->total;
}
uint64_t limn_functions_error(const limn_functions_counts *c) {
  return c->lost;
}
size_t limn_functions_points(const limn_functions_counts *c) {
  return c->points;
}
const uint64_t *limn_functions_pattern(const limn_functions_counts *c, size_t rank) {
  return c->patterns + rank * c->words;
}
uint64_t limn_functions_number(const limn_functions_counts *c, size_t rank) {
  return c->number[rank];
}
size_t limn_functions_find(const limn_functions_counts *c, const uint64_t *pattern) {
  if (c->kinds == 0) return 0;
  size_t at = slot_of(c, pattern);
  return c->slot[at] ? c->slot[at] - 1 : c->kinds;
}
