/* bits_avx2.c: the bit kernels with 256-bit vectors. AVX2 has no vector population count, so the
 * carries pass through further full adders, and one word in sixteen is counted by table. */
#include "num/simd/bits/bits_body.h"
#if defined(__x86_64__)
#include <immintrin.h>

typedef struct {
  __m256i c0, c1, c2, c3;
} state;

static inline __m256i set1(uint64_t x) {
  return _mm256_set1_epi64x((long long)x);
}

static inline __attribute__((always_inline)) void philox_round(state *s, __m256i k0, __m256i k1) {
  __m256i p0 = _mm256_mul_epu32(s->c0, set1(0xD2511F53));
  __m256i p1 = _mm256_mul_epu32(s->c2, set1(0xCD9E8D57));
  s->c0 = _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(p1, 32), s->c1), k0);
  s->c2 = _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(p0, 32), s->c3), k1);
  s->c1 = p1;
  s->c3 = p0;
}

/* Four blocks, as in bits_avx512.c: 32-bit numbers in the low halves of 64-bit lanes. */
static inline state philox_start(uint64_t block, uint32_t row, uint32_t salt) {
  __m256i at = _mm256_add_epi64(set1(block), _mm256_setr_epi64x(0, 2, 1, 3));
  return (state){at, _mm256_srli_epi64(at, 32), set1(row), set1(salt)};
}

static inline void philox_store(uint64_t *words, const state *s) {
  __m256i low = _mm256_blend_epi32(s->c0, _mm256_slli_epi64(s->c1, 32), 0xAA);
  __m256i high = _mm256_blend_epi32(s->c2, _mm256_slli_epi64(s->c3, 32), 0xAA);
  _mm256_storeu_si256((__m256i *)(void *)words, _mm256_unpacklo_epi64(low, high));
  _mm256_storeu_si256((__m256i *)(void *)(words + 4), _mm256_unpackhi_epi64(low, high));
}

static void signs(uint64_t *words, const limn_key *key, uint32_t row, uint64_t block,
                  size_t blocks) {
  for (size_t b = 0; b < blocks; b += 8) {
    state s[2] = {philox_start(block + b, row, key->salt),
                  philox_start(block + b + 4, row, key->salt)};
    uint32_t k0 = key->key[0], k1 = key->key[1];
    for (int round = 0; round < 10; round++) {
      philox_round(&s[0], set1(k0), set1(k1));
      philox_round(&s[1], set1(k0), set1(k1));
      k0 += 0x9E3779B9u, k1 += 0xBB67AE85u;
    }
    if (b + 8 <= blocks) {
      philox_store(words + 2 * b, &s[0]);
      philox_store(words + 2 * b + 8, &s[1]);
    } else {
      uint64_t last[16];
      philox_store(last, &s[0]);
      philox_store(last + 8, &s[1]);
      memcpy(words + 2 * b, last, 16 * (blocks - b));
    }
  }
}

/* Population count of each byte, by nibbles. */
static inline __m256i bytes(__m256i x) {
  const __m256i count = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2,
                                         1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
  const __m256i nibble = _mm256_set1_epi8(15);
  return _mm256_add_epi8(
      _mm256_shuffle_epi8(count, _mm256_and_si256(x, nibble)),
      _mm256_shuffle_epi8(count, _mm256_and_si256(_mm256_srli_epi16(x, 4), nibble)));
}

static inline __m256i total(__m256i byte_counts) {
  return _mm256_sad_epu8(byte_counts, _mm256_setzero_si256());
}

/* Full adder: *sum becomes the parity of three words, the result is their majority. */
static inline __m256i add3(__m256i *sum, __m256i x, __m256i y) {
  __m256i u = _mm256_xor_si256(*sum, x);
  __m256i carry = _mm256_or_si256(_mm256_and_si256(*sum, x), _mm256_and_si256(u, y));
  *sum = _mm256_xor_si256(u, y);
  return carry;
}

/* The carry of one step (bits.h): where x differs from s the majority is not-next, else s. */
static inline __m256i carry(__m256i *s, const __m256i *a, const __m256i *b) {
  __m256i x = _mm256_xor_si256(_mm256_load_si256(a), _mm256_load_si256(b));
  __m256i next = _mm256_xor_si256(_mm256_load_si256(a + 1), _mm256_load_si256(b + 1));
  __m256i flip = _mm256_xor_si256(x, *s);
  x = _mm256_or_si256(_mm256_andnot_si256(next, flip), _mm256_andnot_si256(flip, *s));
  *s = next;
  return x;
}

static uint32_t pair(const __m256i *a, const __m256i *b, size_t steps) {
  __m256i s = _mm256_setzero_si256(), twos = s, fours = s, eights = s, count = s;
  for (size_t k = 0; k < steps; k += 8, a += 48, b += 48) {
    __m256i f[4];
#pragma GCC unroll 4
    for (int h = 0; h < 4; h++) {
      __m256i one = carry(&s, a + 12 * h, b + 12 * h);
      __m256i two = carry(&s, a + 12 * h + 6, b + 12 * h + 6);
      f[h] = add3(&twos, one, two);
    }
    __m256i e0 = add3(&fours, f[0], f[1]), e1 = add3(&fours, f[2], f[3]);
    count = _mm256_add_epi8(count,
                            bytes(add3(&eights, e0, e1))); /* adds <= 8 per byte in <= 31 rounds */
  }
  __m256i sum = _mm256_slli_epi64(total(count), 1);
  sum = _mm256_slli_epi64(_mm256_add_epi64(sum, total(bytes(eights))), 1);
  sum = _mm256_slli_epi64(_mm256_add_epi64(sum, total(bytes(fours))), 1);
  sum = _mm256_slli_epi64(_mm256_add_epi64(sum, total(bytes(twos))), 1);
  sum = _mm256_add_epi64(sum, total(bytes(s)));
  __m128i x = _mm_add_epi64(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
  return (uint32_t)(_mm_cvtsi128_si64(x) + _mm_extract_epi64(x, 1));
}

static void pack(uint64_t *to, const uint64_t *row, size_t steps) {
  limn_pack_body(to, row, steps, 4);
}

static void gram(uint32_t *g, size_t ld, const uint64_t *panel, size_t steps, size_t j0,
                 size_t j1) {
  size_t size = 6 * 4 * steps;
  for (size_t i = 0; i < j1; i++)
    for (size_t j = i > j0 ? i : j0; j < j1; j++) {
      const __m256i *a = (const __m256i *)(const void *)(panel + i * size);
      const __m256i *b = (const __m256i *)(const void *)(panel + j * size);
      for (size_t r = 0; r < 3; r++)
        for (size_t c = 0; c < 3; c++)
          g[(3 * i + r) * ld + 3 * j + c] += pair(a + 2 * r, b + 2 * c, steps);
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

const limn_bits_kernels limn_bits_avx2 = {
    signs, 4, 8, pack, gram, lookup, transpose, transpose_words, sums, normals};
#endif
