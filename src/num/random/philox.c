/* philox.c: Philox4x32-10 and draws from it. The counter layout is in rng.h. */
#include "limn/rng.h"

#include <math.h>
#include <string.h>

void limn_philox_rounds(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2],
                        int rounds) {
  uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
  uint32_t k0 = key[0], k1 = key[1];
  for (int round = 0; round < rounds; round++) {
    uint64_t p0 = (uint64_t)0xD2511F53u * c0, p1 = (uint64_t)0xCD9E8D57u * c2;
    c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
    c1 = (uint32_t)p1;
    c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
    c3 = (uint32_t)p0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  out[0] = c0, out[1] = c1, out[2] = c2, out[3] = c3;
}

void limn_philox(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2]) {
  limn_philox_rounds(out, counter, key, 10);
}

enum { SIDE = 16 }; /* blocks computed together, so that the compiler can vectorise */

/* SIDE consecutive blocks of rng, in order. */
static void many_blocks(limn_rng *rng, uint32_t *out) {
  uint32_t c0[SIDE], c1[SIDE], c2[SIDE], c3[SIDE], k0 = rng->key.key[0], k1 = rng->key.key[1];
  for (uint32_t i = 0; i < SIDE; i++) {
    uint64_t block = rng->block + i;
    c0[i] = (uint32_t)block, c1[i] = (uint32_t)(block >> 32);
    c2[i] = rng->lane, c3[i] = rng->key.salt;
  }
  for (int round = 0; round < 10; round++) {
    for (int i = 0; i < SIDE; i++) {
      uint64_t p0 = (uint64_t)0xD2511F53u * c0[i], p1 = (uint64_t)0xCD9E8D57u * c2[i];
      c0[i] = (uint32_t)(p1 >> 32) ^ c1[i] ^ k0;
      c1[i] = (uint32_t)p1;
      c2[i] = (uint32_t)(p0 >> 32) ^ c3[i] ^ k1;
      c3[i] = (uint32_t)p0;
    }
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  for (int i = 0; i < SIDE; i++, out += 4)
    out[0] = c0[i], out[1] = c1[i], out[2] = c2[i], out[3] = c3[i];
  rng->block += SIDE;
}

/* Two Philox passes as a hash: in the first the seed is the key and (point, rep) the counter; its
 * output is the key of the second, whose counter includes the purpose. 96 bits of the result are
 * the stream's key. */
limn_key limn_key_of(uint64_t seed, uint64_t point, uint64_t rep, limn_purpose purpose) {
  uint32_t k[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
  uint32_t c[4] = {(uint32_t)point, (uint32_t)(point >> 32), (uint32_t)rep, (uint32_t)(rep >> 32)};
  uint32_t h[4];
  limn_philox(h, c, k);
  uint32_t d[4] = {h[2], h[3], (uint32_t)purpose, 0x6c696d6eu /* "limn" */};
  uint32_t key2[2] = {h[0], h[1]};
  limn_philox(h, d, key2);
  return (limn_key){{h[0], h[1]}, h[2]};
}

/* The counter differs from a plain stream's in c2 or c3, so a child's key never equals its
 * parent's. */
limn_key limn_key_child(limn_key parent, uint64_t n) {
  uint32_t c[4] = {(uint32_t)n, (uint32_t)(n >> 32), ~parent.salt, 0x666f726bu /* "fork" */}, h[4];
  if (c[2] == 0) c[2] = 1; /* lane 0 is the parent's */
  limn_philox(h, c, parent.key);
  return (limn_key){{h[0], h[1]}, h[2]};
}

limn_rng limn_rng_start(limn_key key, uint32_t lane) {
  return (limn_rng){.key = key, .lane = lane};
}

uint32_t limn_rng_u32(limn_rng *rng) {
  if (rng->left == 0) {
    uint32_t c[4] = {(uint32_t)rng->block, (uint32_t)(rng->block >> 32), rng->lane, rng->key.salt};
    limn_philox(rng->buffer, c, rng->key.key);
    rng->block++;
    rng->left = 4;
  }
  return rng->buffer[4 - rng->left--];
}

uint64_t limn_rng_u64(limn_rng *rng) {
  uint64_t low = limn_rng_u32(rng);
  return low | (uint64_t)limn_rng_u32(rng) << 32;
}

double limn_rng_uniform(limn_rng *rng) {
  return ((double)(limn_rng_u64(rng) >> 12) + 0.5) * 0x1p-52;
}

double limn_rng_normal(limn_rng *rng) {
  double radius = sqrt(-2 * log(limn_rng_uniform(rng)));
  return radius * cos(2 * 3.14159265358979323846 * limn_rng_uniform(rng));
}

uint64_t limn_rng_below(limn_rng *rng, uint64_t range) {
  __extension__ typedef unsigned __int128 wide;
  wide product = (wide)limn_rng_u64(rng) * range;
  if ((uint64_t)product < range) {
    uint64_t floor = (0 - range) % range;
    while ((uint64_t)product < floor) product = (wide)limn_rng_u64(rng) * range;
  }
  return (uint64_t)(product >> 64);
}

void limn_rng_words(limn_rng *rng, uint32_t *out, size_t n) {
  while (n > 0 && rng->left > 0) *out++ = limn_rng_u32(rng), n--;
  for (; n >= 4 * SIDE; n -= 4 * SIDE, out += 4 * SIDE) many_blocks(rng, out);
  while (n > 0) *out++ = limn_rng_u32(rng), n--;
}

static double to_uniform(uint32_t low, uint32_t high) {
  return ((double)((low | (uint64_t)high << 32) >> 12) + 0.5) * 0x1p-52;
}

enum { BATCH = 1024 }; /* words per batch */

void limn_rng_fill_uniform(limn_rng *rng, double *out, size_t n) {
  uint32_t w[BATCH];
  while (n > 0) {
    size_t take = n < BATCH / 2 ? n : BATCH / 2;
    limn_rng_words(rng, w, 2 * take);
    for (size_t i = 0; i < take; i++) out[i] = to_uniform(w[2 * i], w[2 * i + 1]);
    out += take, n -= take;
  }
}

void limn_rng_fill_normal(limn_rng *rng, double *out, size_t n) {
  uint32_t w[BATCH];
  while (n > 0) {
    size_t take = n < BATCH / 4 ? n : BATCH / 4;
    limn_rng_words(rng, w, 4 * take);
    for (size_t i = 0; i < take; i++) {
      double radius = sqrt(-2 * log(to_uniform(w[4 * i], w[4 * i + 1])));
      out[i] = radius * cos(2 * 3.14159265358979323846 * to_uniform(w[4 * i + 2], w[4 * i + 3]));
    }
    out += take, n -= take;
  }
}

void limn_rng_fill_sign(limn_rng *rng, double *out, size_t n) {
  uint32_t w[BATCH];
  while (n > 0) {
    size_t take = n < 32 * BATCH ? n : 32 * BATCH;
    limn_rng_words(rng, w, (take + 31) / 32);
    for (size_t i = 0; i < take; i++) out[i] = w[i / 32] >> (i % 32) & 1 ? 1 : -1;
    out += take, n -= take;
  }
}

void limn_rng_fill_integer(limn_rng *rng, double *out, size_t n, int64_t low, int64_t high) {
  uint64_t range = (uint64_t)high - (uint64_t)low + 1;
  for (size_t i = 0; i < n; i++) out[i] = (double)(low + (int64_t)limn_rng_below(rng, range));
}

void limn_rng_permutation(limn_rng *rng, uint64_t *out, size_t n) {
  for (size_t i = 0; i < n; i++) {
    uint64_t j = limn_rng_below(rng, i + 1);
    if (j != i) out[i] = out[j];
    out[j] = i;
  }
}

void limn_rng_fill_permutation(limn_rng *rng, double *out, size_t n) {
  for (size_t i = 0; i < n; i++) {
    uint64_t j = limn_rng_below(rng, i + 1);
    if (j != i) out[i] = out[j];
    out[j] = (double)(i + 1);
  }
}
