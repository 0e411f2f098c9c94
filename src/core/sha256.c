/* sha256.c: SHA-256 (FIPS 180-4, section 6.2) and HMAC (RFC 2104, section 2). */
#include "core/sha256.h"

#include <string.h>

/* The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t turn(uint32_t x, int n) {
  return x >> n | x << (32 - n);
}

static void take_block(uint32_t h[8], const uint8_t *p) {
  uint32_t w[64], v[8];
  for (int t = 0; t < 16; t++, p += 4)
    w[t] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
  for (int t = 16; t < 64; t++) {
    uint32_t a = w[t - 15], b = w[t - 2];
    w[t] = (turn(b, 17) ^ turn(b, 19) ^ b >> 10) + w[t - 7] + (turn(a, 7) ^ turn(a, 18) ^ a >> 3) +
           w[t - 16];
  }
  memcpy(v, h, sizeof v);
  for (int t = 0; t < 64; t++) {
    uint32_t a = v[0], e = v[4];
    uint32_t choice = (e & v[5]) ^ (~e & v[6]), majority = (a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]);
    uint32_t t1 = v[7] + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + choice + K[t] + w[t];
    uint32_t t2 = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + majority;
    memmove(v + 1, v, 7 * sizeof *v);
    v[4] += t1;
    v[0] = t1 + t2;
  }
  for (int i = 0; i < 8; i++) h[i] += v[i];
}

void limn_sha256_begin(limn_sha256 *s) {
  /* The first 32 bits of the fractional parts of the square roots of the first eight primes. */
  static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  memcpy(s->h, start, sizeof start);
  s->bytes = 0;
}

void limn_sha256_add(limn_sha256 *s, const void *data, size_t size) {
  const uint8_t *p = data;
  while (size > 0) {
    size_t have = s->bytes % LIMN_SHA256_BLOCK, n = LIMN_SHA256_BLOCK - have;
    if (n > size) n = size;
    s->bytes += n;
    if (n == LIMN_SHA256_BLOCK) {
      take_block(s->h, p);
    } else {
      memcpy(s->block + have, p, n);
      if (have + n == LIMN_SHA256_BLOCK) take_block(s->h, s->block);
    }
    p += n;
    size -= n;
  }
}

void limn_sha256_end(limn_sha256 *s, uint8_t digest[LIMN_SHA256_SIZE]) {
  static const uint8_t padding[LIMN_SHA256_BLOCK] = {0x80};
  uint64_t bits = s->bytes * 8;
  uint8_t length[8];
  for (int i = 0; i < 8; i++) length[i] = (uint8_t)(bits >> (56 - 8 * i));
  size_t have = s->bytes % LIMN_SHA256_BLOCK;
  limn_sha256_add(s, padding, have < 56 ? 56 - have : 120 - have);
  limn_sha256_add(s, length, sizeof length);
  for (int i = 0; i < LIMN_SHA256_SIZE; i++)
    digest[i] = (uint8_t)(s->h[i / 4] >> (24 - 8 * (i % 4)));
}

void limn_hmac_begin(limn_hmac *m, const void *key, size_t size) {
  uint8_t pad[LIMN_SHA256_BLOCK] = {0};
  if (size > LIMN_SHA256_BLOCK) {
    limn_sha256_begin(&m->inner);
    limn_sha256_add(&m->inner, key, size);
    limn_sha256_end(&m->inner, pad);
  } else if (size > 0) {
    memcpy(pad, key, size);
  }
  for (int i = 0; i < LIMN_SHA256_BLOCK; i++) pad[i] ^= 0x36;
  limn_sha256_begin(&m->inner);
  limn_sha256_add(&m->inner, pad, sizeof pad);
  for (int i = 0; i < LIMN_SHA256_BLOCK; i++) pad[i] ^= 0x36 ^ 0x5c;
  limn_sha256_begin(&m->outer);
  limn_sha256_add(&m->outer, pad, sizeof pad);
}

void limn_hmac_add(limn_hmac *m, const void *data, size_t size) {
  limn_sha256_add(&m->inner, data, size);
}

void limn_hmac_end(limn_hmac *m, uint8_t digest[LIMN_SHA256_SIZE]) {
  limn_sha256_end(&m->inner, digest);
  limn_sha256_add(&m->outer, digest, LIMN_SHA256_SIZE);
  limn_sha256_end(&m->outer, digest);
}
