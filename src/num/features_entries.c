/* features_entries.c: entries of a FeatureSet as functions of (key, row, column): the definition in
 * features.h, and the one every fast path is compared with. */
#include "feature_set.h"
#include "kernels/bits.h"

#include <math.h>
#include <string.h>

double limn_fixed_entry(const limn_features *f, const limn_class *c, uint64_t i) {
  if (c->constant) return 1;
  double agree = c->rho * f->labels[i];
  return f->kind == LIMN_BINARY ? 0.5 * (1 + agree) : agree;
}

/* One Philox block as two words. */
static void philox128(const limn_key *key, uint64_t i, uint64_t block, uint64_t word[2]) {
  uint32_t c[4] = {(uint32_t)block, (uint32_t)(block >> 32), (uint32_t)i, key->salt}, r[4];
  limn_philox(c, key->key, r);
  word[0] = r[0] | (uint64_t)r[1] << 32;
  word[1] = r[2] | (uint64_t)r[3] << 32;
}

/* Bernoulli bits by comparing a 32-bit uniform with the threshold, digit by digit from the last:
 * with the digits of u on 32 planes, less = t_b ? less | ~u_b : less & ~u_b leaves u < t. */
static void agreeing_bits(const limn_key *key, uint64_t i, uint64_t block, size_t blocks,
                          uint64_t threshold, uint64_t *word) {
  enum { SLICE = 32 };
  uint64_t u[2 * SLICE];
  memset(word, threshold >> 32 ? 0xff : 0, 16 * blocks);
  for (uint32_t b = 0; b < 32; b++) {
    bool digit = threshold >> b & 1;
    if (threshold >> 32 || (!digit && (threshold & (((uint64_t)1 << b) - 1)) == 0))
      continue; /* still empty, or full */
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
  const limn_class *c = &f->class_of[k];
  double shift = c->rho * f->labels[i], scale = sqrt((1 - c->rho) * (1 + c->rho));
  uint64_t word[2];
  for (uint64_t j = first; j < first + n;) {
    philox128(&f->key_of[k], i, j / 2, word);
    double u1 = ((double)(word[0] >> 11) + 0.5) * 0x1p-53,
           u2 = ((double)(word[1] >> 11) + 0.5) * 0x1p-53;
    double radius = sqrt(-2 * log(u1)), angle = 2 * 3.14159265358979323846 * u2;
    if (j % 2 == 0) *out++ = shift + scale * (radius * cos(angle)), j++;
    if (j < first + n) *out++ = shift + scale * (radius * sin(angle)), j++;
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

limn_status limn_features_columns(const limn_features *f, uint64_t first, uint64_t count,
                                  double *out, size_t stride, const limn_token *token,
                                  limn_err *err) {
  if (first > f->count || count > f->count - first)
    return limn_fail(err, LIMN_EINVAL, "features.columns: columns %llu .. %llu of %llu",
                     (unsigned long long)first + 1,
                     (unsigned long long)first + (unsigned long long)count,
                     (unsigned long long)f->count);
  for (uint64_t i = 0; i < f->points; i++) {
    if (limn_cancelled(token)) return limn_stopped(err, "features.columns");
    if (f->storage == LIMN_DENSE) {
      memcpy(out + i * stride, f->dense + i * f->count + first, count * sizeof *out);
      continue;
    }
    for (int k = 0; k < f->classes; k++) {
      const limn_class *c = &f->class_of[k];
      uint64_t from = first > c->first ? first : c->first;
      uint64_t to = first + count < c->first + c->count ? first + count : c->first + c->count;
      if (from < to)
        class_row(f, k, i, from - c->first, (size_t)(to - from), out + i * stride + (from - first));
    }
  }
  return LIMN_OK;
}
