/* entries.c: entries of a FeatureSet as functions of (key, row, column): the definition in
 * features.h, and the reference for all fast paths. */
#include "num/features/feature_set.h"
#include "num/simd/bits/bits.h"

#include <math.h>
#include <string.h>

double limn_fixed_entry(const limn_features *f, const limn_class *c, uint64_t i) {
  if (c->constant) return 1;
  double agree = c->rho * f->labels[i];
  return f->kind == LIMN_BINARY ? 0.5 * (1 + agree) : agree;
}

/* Bernoulli bits by comparing a 32-bit uniform u with the threshold t, bit by bit from the lowest:
 * with the bits of u in 32 planes, less = t_b ? less | ~u_b : less & ~u_b ends as u < t. */
static void agreeing_bits(const limn_key *key, uint64_t i, uint64_t block, size_t blocks,
                          uint64_t threshold, uint64_t *word) {
  enum { SLICE = 32 };
  uint64_t u[2 * SLICE];
  memset(word, threshold >> 32 ? 0xff : 0, 16 * blocks);
  for (uint32_t b = 0; b < 32; b++) {
    bool digit = threshold >> b & 1;
    if (threshold >> 32 || (!digit && (threshold & (((uint64_t)1 << b) - 1)) == 0))
      continue; /* still all zeros or all ones */
    for (size_t at = 0; at < blocks; at += SLICE) {
      size_t n = blocks - at < SLICE ? blocks - at : SLICE;
      uint64_t *to = word + 2 * at;
      limn_bits()->signs(u, key, (uint32_t)i, block + at + ((uint64_t)(b + 1) << 48), n);
      for (size_t w = 0; w < 2 * n; w++) to[w] = digit ? to[w] | ~u[w] : to[w] & ~u[w];
    }
  }
}

void limn_sign_bits(const limn_features *f, int k, uint64_t i, uint64_t block, size_t blocks,
                    uint64_t *words) {
  const limn_class *c = &f->class_of[k];
  if (f->storage == LIMN_BITS) {
    memcpy(words, f->bits + f->bits_at[k] + i * limn_words(c->count) + 2 * block, 16 * blocks);
    return;
  }
  if (c->rho == 0) {
    limn_bits()->signs(words, &f->key_of[k], (uint32_t)i, block, blocks);
    return;
  }
  uint64_t threshold = (uint64_t)llrint(ldexp(0.5 * (1 + c->rho), 32));
  agreeing_bits(&f->key_of[k], i, block, blocks, threshold, words);
  if (f->labels[i] < 0)
    for (size_t w = 0; w < 2 * blocks; w++) words[w] = ~words[w];
}

void limn_gaussian_row(const limn_features *f, int k, uint64_t i, uint64_t first, size_t n,
                       double *out) {
  enum { PAIRS = 128 };
  const limn_class *c = &f->class_of[k];
  double shift = c->rho * f->labels[i], scale = sqrt((1 - c->rho) * (1 + c->rho));
  uint64_t words[2 * PAIRS], last = first + n;
  double values[2 * PAIRS];
  for (uint64_t j = first; j < last;) {
    uint64_t block = j / 2, end = (last + 1) / 2;
    size_t pairs = end - block < PAIRS ? (size_t)(end - block) : PAIRS;
    limn_bits()->signs(words, &f->key_of[k], (uint32_t)i, block, pairs);
    limn_bits()->normals(values, words, pairs, shift, scale);
    uint64_t stop = 2 * (block + pairs) < last ? 2 * (block + pairs) : last;
    memcpy(out, values + (j - 2 * block), (size_t)(stop - j) * sizeof *out);
    out += stop - j;
    j = stop;
  }
}

/* Columns a .. a+n-1 of one class, one row, into out. */
static void class_row(const limn_features *f, int k, uint64_t i, uint64_t a, size_t n,
                      double *out) {
  const limn_class *c = &f->class_of[k];
  if (limn_class_fixed(c)) {
    double value = limn_fixed_entry(f, c, i);
    for (size_t j = 0; j < n; j++) out[j] = value;
  } else if (f->kind == LIMN_GAUSSIAN) {
    limn_gaussian_row(f, k, i, a, n, out);
  } else {
    double low = f->kind == LIMN_BINARY ? 0 : -1;
    uint64_t words[64], end = a + n;
    for (uint64_t j = a; j < end;) {
      uint64_t block = j / 128, stop = (block + 32) * 128;
      if (stop > end) stop = end;
      limn_sign_bits(f, k, i, block, (size_t)((stop + 127) / 128 - block), words);
      for (; j < stop; j++) {
        uint64_t at = j - block * 128;
        *out++ = words[at / 64] >> (at % 64) & 1 ? 1 : low;
      }
    }
  }
}

typedef struct {
  const limn_features *f;
  uint64_t first, count;
  double *out;
  size_t stride;
} window;

static void do_row(void *ctx, size_t i, int worker) {
  const window *w = ctx;
  const limn_features *f = w->f;
  double *out = w->out + i * w->stride;
  (void)worker;
  if (f->storage == LIMN_DENSE) {
    memcpy(out, f->dense + i * f->count + w->first, w->count * sizeof *out);
    return;
  }
  for (int k = 0; k < f->classes; k++) {
    const limn_class *c = &f->class_of[k];
    uint64_t from = w->first > c->first ? w->first : c->first, end = c->first + c->count;
    uint64_t to = w->first + w->count < end ? w->first + w->count : end;
    if (from < to)
      class_row(f, k, i, from - c->first, (size_t)(to - from), out + (from - w->first));
  }
}

limn_status limn_features_columns(double *out, size_t stride, const limn_features *f,
                                  uint64_t first, uint64_t count, const limn_token *token,
                                  limn_err *err) {
  static const uint64_t WORTH = 1 << 17; /* entries from which threads are worthwhile */
  limn_status status = limn_features_range(f, first, count, err);
  if (status != LIMN_OK) return status;
  window w = {f, first, count, out, stride};
  limn_token quiet = limn_quiet(token); /* progress is reported by the caller */
  if (f->storage != LIMN_DENSE && count >= WORTH / f->points)
    return limn_parallel((size_t)f->points, do_row, &w, &quiet, err);
  for (uint64_t i = 0; i < f->points; i++) {
    if (limn_cancelled(token)) return limn_stopped(err);
    do_row(&w, i, 0);
  }
  return LIMN_OK;
}
