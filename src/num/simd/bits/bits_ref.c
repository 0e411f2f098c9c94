/* bits_ref.c: the bit kernels in plain C; the others are tested against them. */
#include "num/simd/bits/bits_body.h"

static void signs(uint64_t *words, const limn_key *key, uint32_t row, uint64_t block,
                  size_t blocks) {
  for (size_t b = 0; b < blocks; b++) {
    uint64_t at = block + b;
    uint32_t c[4] = {(uint32_t)at, (uint32_t)(at >> 32), row, key->salt}, r[4];
    limn_philox(r, c, key->key);
    words[2 * b] = r[0] | (uint64_t)r[1] << 32;
    words[2 * b + 1] = r[2] | (uint64_t)r[3] << 32;
  }
}

static uint32_t popcount(uint64_t x) {
  x -= x >> 1 & 0x5555555555555555u;
  x = (x & 0x3333333333333333u) + (x >> 2 & 0x3333333333333333u);
  x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fu;
  return (uint32_t)(x * 0x0101010101010101u >> 56);
}

static void pack(uint64_t *to, const uint64_t *row, size_t steps) {
  limn_pack_body(to, row, steps, 1);
}

static void gram(uint32_t *g, size_t ld, const uint64_t *panel, size_t steps, size_t j0,
                 size_t j1) {
  size_t size = 6 * steps;
  for (size_t j = j0; j < j1; j++)
    for (size_t i = 0; i <= j; i++)
      for (size_t r = 0; r < 3; r++)
        for (size_t c = 0; c < 3; c++) {
          const uint64_t *a = panel + i * size + 2 * r, *b = panel + j * size + 2 * c;
          uint64_t s = 0;
          uint32_t carries = 0;
          for (size_t k = 0; k < steps; k++, a += 6, b += 6) {
            uint64_t x = a[0] ^ b[0], next = a[1] ^ b[1], flip = x ^ s;
            carries += popcount((flip & ~next) | (~flip & s)); /* majority of s and both words */
            s = next;
          }
          g[(3 * i + r) * ld + 3 * j + c] += 2 * carries + popcount(s);
        }
}

static void lookup(int64_t *out, const uint64_t *words, size_t n, const int64_t q[64], bool sgn) {
  limn_lookup_body(out, words, n, q, sgn);
}

static void transpose(uint64_t *out, const uint64_t *in, size_t stride) {
  limn_transpose_body(out, in, stride);
}

static void transpose_words(uint64_t *out, const uint64_t *in, size_t stride, size_t n) {
  limn_transpose_words_body(out, in, stride, n);
}

static void sums(limn_weight_sums *out, const double *w, size_t n) {
  limn_sums_body(out, w, n);
}

static void normals(double *out, const uint64_t *words, size_t pairs, double shift, double scale) {
  limn_normals_body(out, words, pairs, shift, scale);
}

const limn_bits_kernels limn_bits_ref = {
    signs, 1, 1, pack, gram, lookup, transpose, transpose_words, sums, normals};
