/* rng.c: Philox4x32-10 and the draws made from it. See rng.h for the counter layout. */
#include "limn/rng.h"

#include <math.h>
#include <string.h>

void limn_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
  uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
  uint32_t k0 = key[0], k1 = key[1];
  for (int round = 0; round < 10; round++) {
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

/* Two Philox passes as a hash: the seed is the first key, (point, rep) the counter, and what comes
 * out keys the pass that takes the purpose in. 96 bits of the result name the stream. */
limn_key limn_key_of(uint64_t seed, uint64_t point, uint64_t rep, limn_purpose purpose) {
  uint32_t k[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
  uint32_t c[4] = {(uint32_t)point, (uint32_t)(point >> 32), (uint32_t)rep, (uint32_t)(rep >> 32)};
  uint32_t h[4];
  limn_philox(c, k, h);
  uint32_t d[4] = {h[2], h[3], (uint32_t)purpose, 0x6c696d6eu /* "limn" */};
  uint32_t key2[2] = {h[0], h[1]};
  limn_philox(d, key2, h);
  return (limn_key){{h[0], h[1]}, h[2]};
}

limn_rng limn_rng_start(limn_key key, uint32_t lane) {
  return (limn_rng){.key = key, .lane = lane};
}

uint32_t limn_rng_u32(limn_rng *rng) {
  if (rng->left == 0) {
    uint32_t c[4] = {(uint32_t)rng->block, (uint32_t)(rng->block >> 32), rng->lane, rng->key.salt};
    limn_philox(c, rng->key.key, rng->buffer);
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
  return ((double)(limn_rng_u64(rng) >> 11) + 0.5) * 0x1p-53;
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

void limn_rng_fill_uniform(limn_rng *rng, double *out, size_t n) {
  for (size_t i = 0; i < n; i++) out[i] = limn_rng_uniform(rng);
}

void limn_rng_fill_normal(limn_rng *rng, double *out, size_t n) {
  for (size_t i = 0; i < n; i++) out[i] = limn_rng_normal(rng);
}

void limn_rng_fill_sign(limn_rng *rng, double *out, size_t n) {
  uint32_t word = 0;
  for (size_t i = 0; i < n; i++) {
    if (i % 32 == 0) word = limn_rng_u32(rng);
    out[i] = word >> (i % 32) & 1 ? 1 : -1;
  }
}

void limn_rng_permutation(limn_rng *rng, uint64_t *out, size_t n) {
  for (size_t i = 0; i < n; i++) {
    uint64_t j = limn_rng_below(rng, i + 1);
    if (j != i) out[i] = out[j];
    out[j] = i;
  }
}
