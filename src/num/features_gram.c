/* features_gram.c: K = F F'. Sign and binary sets by exclusive-or and population count, exactly;
 * fixed classes in closed form; the rest by blocks through syrk. */
#include "feature_set.h"
#include "linalg.h"

#include <string.h>

enum { CHUNK_WORDS = 512, BLOCK = 1024 }; /* 32768 bit columns; columns of doubles */

typedef struct {
  const limn_features *f;
  int k;
  uint64_t block;      /* first Philox block of the chunk */
  size_t words;        /* words a row that are in use */
  uint64_t head, tail; /* masks of the first and last word */
  uint64_t *bits;      /* (D, CHUNK_WORDS) */
  uint32_t *ones;      /* D: population count of each row */
  uint64_t columns;    /* columns of the chunk that count */
  double *gram;        /* (D,D), upper half */
} bit_chunk;

static void make_row(void *ctx, size_t i, int worker) {
  bit_chunk *c = ctx;
  (void)worker;
  uint64_t *row = c->bits + i * CHUNK_WORDS;
  limn_sign_bits(c->f, c->k, i, c->block, (c->words + 1) / 2, row);
  row[0] &= c->head;
  row[c->words - 1] &= c->tail;
  uint32_t ones = 0;
  for (size_t w = 0; w < c->words; w++) ones += (uint32_t)__builtin_popcountll(row[w]);
  c->ones[i] = ones;
}

static void multiply_row(void *ctx, size_t i, int worker) {
  bit_chunk *c = ctx;
  (void)worker;
  const uint64_t *a = c->bits + i * CHUNK_WORDS;
  double *out = c->gram + i * c->f->points;
  for (size_t j = i; j < c->f->points; j++) {
    const uint64_t *b = c->bits + j * CHUNK_WORDS;
    uint64_t count = 0;
    if (c->f->kind == LIMN_BINARY) { /* both are 1 */
      for (size_t w = 0; w < c->words; w++) count += (uint64_t)__builtin_popcountll(a[w] & b[w]);
      out[j] += (double)count;
    } else {
      for (size_t w = 0; w < c->words; w++) count += (uint64_t)__builtin_popcountll(a[w] ^ b[w]);
      out[j] += (double)c->columns - 2 * (double)count;
    }
  }
}

/* Columns [a, b) of random class k of a sign or binary set. */
static limn_status bit_class(const limn_features *f, int k, uint64_t a, uint64_t b, double *gram,
                             const limn_token *token, limn_err *err) {
  bit_chunk c = {.f = f, .k = k, .gram = gram};
  c.bits = limn_alloc(f->points, CHUNK_WORDS * sizeof *c.bits);
  c.ones = limn_alloc(f->points, sizeof *c.ones);
  limn_status st = LIMN_OK;
  if (!c.bits || !c.ones) st = limn_nomem(err, "gram", "a panel", f->points, CHUNK_WORDS * 8);
  for (uint64_t at = a; at < b && st == LIMN_OK;) {
    c.block = at / 128;
    uint64_t origin = c.block * 128, stop = origin + CHUNK_WORDS * 64;
    if (stop > b) stop = b;
    c.words = (size_t)((stop - origin + 63) / 64);
    c.head = ~(uint64_t)0;
    uint64_t skip = at - origin; /* < 128: clear the columns before `at` */
    c.columns = stop - at;
    c.tail = (stop - origin) % 64 ? ((uint64_t)1 << (stop - origin) % 64) - 1 : ~(uint64_t)0;
    if (skip) c.head = skip >= 64 ? 0 : ~(uint64_t)0 << skip;
    st = limn_parallel(f->points, make_row, &c, NULL, "gram", err);
    for (uint64_t i = 0; skip > 64 && i < f->points; i++)
      c.bits[i * CHUNK_WORDS + 1] &= ~(uint64_t)0 << (skip - 64);
    if (st == LIMN_OK) st = limn_parallel(f->points, multiply_row, &c, NULL, "gram", err);
    if (st == LIMN_OK && limn_tick(token, (double)stop, (double)f->count))
      st = limn_stopped(err, "gram");
    at = stop;
  }
  limn_free(c.bits);
  limn_free(c.ones);
  return st;
}

/* Any columns, as doubles, through syrk; gram's lower half is the one that syrk keeps up. */
static limn_status real_columns(const limn_features *f, uint64_t a, uint64_t b, double *gram,
                                const limn_token *token, limn_err *err) {
  double *block = limn_alloc(f->points, BLOCK * sizeof *block);
  if (!block) return limn_nomem(err, "gram", "a block", f->points, BLOCK * sizeof *block);
  limn_status st = LIMN_OK;
  for (uint64_t at = a; at < b && st == LIMN_OK; at += BLOCK) {
    size_t n = (size_t)(b - at < BLOCK ? b - at : BLOCK);
    st = limn_features_columns(f, at, n, block, BLOCK, token, err);
    if (st == LIMN_OK)
      st = limn_la_syrk(gram, f->points, block, BLOCK, false, f->points, n, 1, 1, "gram", err);
    if (st == LIMN_OK && limn_tick(token, (double)at, (double)f->count))
      st = limn_stopped(err, "gram");
  }
  limn_free(block);
  return st;
}

static void mirror(double *k, size_t n) {
  for (size_t i = 0; i < n; i++)
    for (size_t j = i + 1; j < n; j++) k[j * n + i] = k[i * n + j];
}

limn_status limn_features_gram_add(const limn_features *f, uint64_t first, uint64_t count,
                                   double *k, const limn_token *token, limn_err *err) {
  if (first > f->count || count > f->count - first)
    return limn_fail(err, LIMN_EINVAL, "gram: columns %llu .. %llu of %llu",
                     (unsigned long long)first + 1, (unsigned long long)(first + count),
                     (unsigned long long)f->count);
  size_t n = f->points;
  for (int c = 0; c < f->classes; c++) {
    const limn_class *cl = &f->class_of[c];
    uint64_t a = first > cl->first ? first : cl->first;
    uint64_t b = first + count < cl->first + cl->count ? first + count : cl->first + cl->count;
    if (a >= b) continue;
    limn_status st = LIMN_OK;
    if (f->kind != LIMN_REAL && limn_class_fixed(cl)) {
      double times = (double)(b - a);
      for (size_t i = 0; i < n; i++) {
        double left = times * limn_fixed_entry(f, cl, i);
        for (size_t j = 0; j < n; j++) k[i * n + j] += left * limn_fixed_entry(f, cl, j);
      }
    } else if (f->kind == LIMN_SIGN || f->kind == LIMN_BINARY) {
      st = f->storage == LIMN_DENSE ? real_columns(f, a, b, k, token, err)
                                    : bit_class(f, c, a - cl->first, b - cl->first, k, token, err);
      if (st == LIMN_OK && f->storage != LIMN_DENSE) mirror(k, n);
    } else {
      st = real_columns(f, a, b, k, token, err);
    }
    if (st != LIMN_OK) return st;
  }
  return LIMN_OK;
}

limn_status limn_features_gram(const limn_features *f, double *k, const limn_token *token,
                               limn_err *err) {
  memset(k, 0, f->points * f->points * sizeof *k);
  return limn_features_gram_add(f, 0, f->count, k, token, err);
}
