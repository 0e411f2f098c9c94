/* bits_avx512.c: the bit kernels with 512-bit vectors and VPOPCNTDQ. */
#include "num/simd/bits/bits_body.h"
#if defined(__x86_64__)
#include <immintrin.h>

/* Keeps a loaded vector in its register: gcc would otherwise make each load a memory operand of
 * every instruction that uses it, two per operation, and the CPU can do half as many. */
#define PIN(x) __asm__("" : "+v"(x))

/* ---- Philox: 8 blocks per vector, one 64-bit lane per 32-bit number. Bits above 31 are undefined;
 * the multiplication ignores them. ---- */

typedef struct {
  __m512i c0, c1, c2, c3;
} state;

static inline __attribute__((always_inline)) void philox_round(state *s, __m512i k0, __m512i k1) {
  __m512i p0 = _mm512_mul_epu32(s->c0, _mm512_set1_epi64(0xD2511F53));
  __m512i p1 = _mm512_mul_epu32(s->c2, _mm512_set1_epi64(0xCD9E8D57));
  s->c0 = _mm512_ternarylogic_epi64(_mm512_srli_epi64(p1, 32), s->c1, k0, 0x96);
  s->c2 = _mm512_ternarylogic_epi64(_mm512_srli_epi64(p0, 32), s->c3, k1, 0x96);
  s->c1 = p1;
  s->c3 = p0;
}

static inline state philox_start(uint64_t block, uint32_t row, uint32_t salt) {
  /* the two unpacks in philox_store undo this order */
  const __m512i order = _mm512_setr_epi64(0, 4, 1, 5, 2, 6, 3, 7);
  __m512i at = _mm512_add_epi64(_mm512_set1_epi64((long long)block), order);
  return (state){at, _mm512_srli_epi64(at, 32), _mm512_set1_epi64(row), _mm512_set1_epi64(salt)};
}

static inline void philox_store(uint64_t *words, const state *s) {
  __m512i low = _mm512_mask_shuffle_epi32(s->c0, 0xAAAA, s->c1, _MM_PERM_CCAA);
  __m512i high = _mm512_mask_shuffle_epi32(s->c2, 0xAAAA, s->c3, _MM_PERM_CCAA);
  _mm512_storeu_si512(words, _mm512_unpacklo_epi64(low, high));
  _mm512_storeu_si512(words + 8, _mm512_unpackhi_epi64(low, high));
}

static void signs(uint64_t *words, const limn_key *key, uint32_t row, uint64_t block,
                  size_t blocks) {
  size_t b = 0;
  for (; b + 32 <= blocks; b += 32) { /* four vectors hide the latency of the multiplier */
    state s[4];
    for (size_t v = 0; v < 4; v++) s[v] = philox_start(block + b + 8 * v, row, key->salt);
    uint32_t k0 = key->key[0], k1 = key->key[1];
    for (int round = 0; round < 10; round++) {
      __m512i q0 = _mm512_set1_epi64(k0), q1 = _mm512_set1_epi64(k1);
      for (size_t v = 0; v < 4; v++) philox_round(&s[v], q0, q1);
      k0 += 0x9E3779B9u, k1 += 0xBB67AE85u;
    }
    for (size_t v = 0; v < 4; v++) philox_store(words + 2 * b + 16 * v, &s[v]);
  }
  for (; b < blocks; b += 8) {
    state s = philox_start(block + b, row, key->salt);
    uint32_t k0 = key->key[0], k1 = key->key[1];
    for (int round = 0; round < 10; round++) {
      philox_round(&s, _mm512_set1_epi64(k0), _mm512_set1_epi64(k1));
      k0 += 0x9E3779B9u, k1 += 0xBB67AE85u;
    }
    if (b + 8 <= blocks) {
      philox_store(words + 2 * b, &s);
    } else {
      uint64_t last[16];
      philox_store(last, &s);
      memcpy(words + 2 * b, last, 16 * (blocks - b));
    }
  }
}

/* ---- Gram: tiles of 3 x 3 rows, 2.5 instructions per 512 pairs of bits ---- */

/* The sums over the lanes of four vectors as four 16-bit numbers; each sum must be below 65536. */
static inline uint64_t sum4(__m512i a, __m512i b, __m512i c, __m512i d) {
  __m512i ab = _mm512_add_epi64(a, _mm512_slli_epi64(b, 16));
  __m512i cd = _mm512_add_epi64(c, _mm512_slli_epi64(d, 16));
  __m512i all = _mm512_add_epi64(ab, _mm512_slli_epi64(cd, 32));
  __m256i h = _mm256_add_epi64(_mm512_castsi512_si256(all), _mm512_extracti64x4_epi64(all, 1));
  __m128i x = _mm_add_epi64(_mm256_castsi256_si128(h), _mm256_extracti128_si256(h, 1));
  return (uint64_t)_mm_cvtsi128_si64(_mm_add_epi64(x, _mm_unpackhi_epi64(x, x)));
}

/* Adds one pair of words of two rows to the parity s and the count. */
#define COUNT_PAIR(r, c)                                                                           \
  do {                                                                                             \
    __m512i x = _mm512_xor_si512(w[r], v), next = _mm512_xor_si512(p[r], q);                       \
    x = _mm512_ternarylogic_epi64(x, s[3 * (r) + (c)], next, 0xD4); /* majority */                 \
    acc[3 * (r) + (c)] = _mm512_add_epi64(acc[3 * (r) + (c)], _mm512_popcnt_epi64(x));             \
    s[3 * (r) + (c)] = next;                                                                       \
    PIN(s[3 * (r) + (c)]);                                                                         \
  } while (0)
#define LOAD(to, from)                                                                             \
  do {                                                                                             \
    to = _mm512_load_si512(from);                                                                  \
    PIN(to);                                                                                       \
  } while (0)

/* Two steps per iteration, the second through the rows in reverse order: each new parity is
 * assigned to the register that the previous one has just left, and after two steps all are in
 * their first register; no copies between registers. */
static inline __attribute__((always_inline)) void tile(uint32_t *g, size_t ld, const __m512i *a,
                                                       const __m512i *b, size_t steps) {
  __m512i acc[9], s[9], w[3], p[3], v, q;
#pragma GCC unroll 9
  for (int k = 0; k < 9; k++) acc[k] = s[k] = _mm512_setzero_si512();
  for (size_t k = 0; k < steps; k += 2, a += 12, b += 12) {
#pragma GCC unroll 3
    for (int r = 0; r < 3; r++) {
      LOAD(w[r], a + 2 * r);
      LOAD(p[r], a + 2 * r + 1);
    }
#pragma GCC unroll 3
    for (int c = 0; c < 3; c++) {
      LOAD(v, b + 2 * c);
      LOAD(q, b + 2 * c + 1);
      COUNT_PAIR(0, c);
      COUNT_PAIR(1, c);
      COUNT_PAIR(2, c);
    }
#pragma GCC unroll 3
    for (int r = 0; r < 3; r++) {
      LOAD(w[r], a + 6 + 2 * r);
      LOAD(p[r], a + 6 + 2 * r + 1);
    }
#pragma GCC unroll 3
    for (int c = 2; c >= 0; c--) {
      LOAD(v, b + 6 + 2 * c);
      LOAD(q, b + 6 + 2 * c + 1);
      COUNT_PAIR(2, c);
      COUNT_PAIR(1, c);
      COUNT_PAIR(0, c);
    }
  }
#pragma GCC unroll 9
  for (int k = 0; k < 9; k++)
    acc[k] = _mm512_add_epi64(_mm512_add_epi64(acc[k], acc[k]), _mm512_popcnt_epi64(s[k]));
  uint64_t one = sum4(acc[0], acc[1], acc[2], acc[3]), two = sum4(acc[4], acc[5], acc[6], acc[7]);
  uint32_t *h = g + ld, *l = h + ld;
  g[0] += one & 0xffff, g[1] += one >> 16 & 0xffff, g[2] += one >> 32 & 0xffff;
  h[0] += (uint32_t)(one >> 48), h[1] += two & 0xffff, h[2] += two >> 16 & 0xffff;
  l[0] += two >> 32 & 0xffff, l[1] += (uint32_t)(two >> 48);
  l[2] += (uint32_t)_mm512_reduce_add_epi64(acc[8]);
}

static void pack(uint64_t *to, const uint64_t *row, size_t steps) {
  limn_pack_body(to, row, steps, 8);
}

static void gram(uint32_t *g, size_t ld, const uint64_t *panel, size_t steps, size_t j0,
                 size_t j1) {
  size_t size = 6 * 8 * steps;
  for (size_t i = 0; i < j1; i++) { /* the block of triples j stays in cache */
    for (size_t j = i > j0 ? i : j0; j < j1; j++) {
      uint32_t *to = g + 3 * i * ld + 3 * j;
      for (size_t r = 0; r < 3; r++) _mm_prefetch((const char *)(to + r * ld), _MM_HINT_T0);
      tile(to, ld, (const __m512i *)(const void *)(panel + i * size),
           (const __m512i *)(const void *)(panel + j * size), steps);
    }
  }
}

/* ---- lookup: sums of 4 entries by one permutation of a table of 16 ---- */

static void lookup(int64_t *out, const uint64_t *words, size_t n, const int64_t q[64], bool sgn) {
  __m512i t[16][2];
  for (int b = 0; b < 16; b++) {
    const int64_t *e = q + 4 * b;
    int64_t base = sgn ? -(e[0] + e[1] + e[2] + e[3]) : 0, times = sgn ? 2 : 1;
    __m512i x = _mm512_set1_epi64(base);
    x = _mm512_mask_add_epi64(x, 0xAA, x, _mm512_set1_epi64(times * e[0]));
    x = _mm512_mask_add_epi64(x, 0xCC, x, _mm512_set1_epi64(times * e[1]));
    x = _mm512_mask_add_epi64(x, 0xF0, x, _mm512_set1_epi64(times * e[2]));
    t[b][0] = x;
    t[b][1] = _mm512_add_epi64(x, _mm512_set1_epi64(times * e[3]));
  }
  size_t i = 0;
  for (; i + 32 <= n; i += 32) {
    __m512i w[4], sum[4];
#pragma GCC unroll 4
    for (int v = 0; v < 4; v++) {
      w[v] = _mm512_loadu_si512(words + i + 8 * (size_t)v);
      sum[v] = _mm512_loadu_si512(out + i + 8 * (size_t)v);
    }
#pragma GCC unroll 16
    for (int b = 0; b < 16; b++) {
      __m512i low = t[b][0], high = t[b][1];
      PIN(low);
      PIN(high);
#pragma GCC unroll 4
      for (int v = 0; v < 4; v++) { /* the permutation ignores all but the lowest 4 bits */
        __m512i shifted = _mm512_srli_epi64(w[v], 4);
        sum[v] = _mm512_add_epi64(sum[v], _mm512_permutex2var_epi64(low, w[v], high));
        PIN(sum[v]); /* otherwise gcc makes a tree of the sum and spills all of it */
        w[v] = shifted;
      }
    }
#pragma GCC unroll 4
    for (int v = 0; v < 4; v++) _mm512_storeu_si512(out + i + 8 * (size_t)v, sum[v]);
  }
  for (; i < n; i += 8) {
    __m512i w = _mm512_loadu_si512(words + i), sum = _mm512_loadu_si512(out + i);
    for (int b = 0; b < 16; b++) {
      sum = _mm512_add_epi64(sum, _mm512_permutex2var_epi64(t[b][0], w, t[b][1]));
      w = _mm512_srli_epi64(w, 4);
    }
    _mm512_storeu_si512(out + i, sum);
  }
}

static void transpose(uint64_t *out, const uint64_t *in, size_t stride) {
  limn_transpose_body(out, in, stride);
}

/* 8 x 8 words at a time: exchanges words, then pairs of words, then halves. */
static void transpose_words(uint64_t *out, const uint64_t *in, size_t stride, size_t n) {
  const __m512i quads = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13);
  const __m512i other = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
  for (size_t i = 0; i < n; i += 8) {
    __m512i a[8], b[8], c[8];
    for (size_t r = 0; r < 8; r++) a[r] = _mm512_loadu_si512(in + (i + r) * stride);
    for (size_t r = 0; r < 8; r += 2) {
      b[r] = _mm512_unpacklo_epi64(a[r], a[r + 1]);     /* columns 0 2 4 6 of rows r, r+1 */
      b[r + 1] = _mm512_unpackhi_epi64(a[r], a[r + 1]); /* columns 1 3 5 7 */
    }
    for (size_t r = 0; r < 8; r += 4)
      for (size_t h = 0; h < 2; h++) { /* c: columns h, 4+h and 2+h, 6+h of rows r .. r+3 */
        c[r + h] = _mm512_permutex2var_epi64(b[r + h], quads, b[r + 2 + h]);
        c[r + 2 + h] = _mm512_permutex2var_epi64(b[r + h], other, b[r + 2 + h]);
      }
    for (size_t h = 0; h < 4; h++) {
      _mm512_storeu_si512(out + h * n + i, _mm512_shuffle_i64x2(c[h], c[4 + h], 0x44));
      _mm512_storeu_si512(out + (4 + h) * n + i, _mm512_shuffle_i64x2(c[h], c[4 + h], 0xEE));
    }
  }
}

static void sums(limn_weight_sums *out, const double *w, size_t n) {
  limn_sums_body(out, w, n);
}

static void normals(double *out, const uint64_t *words, size_t pairs, double shift, double scale) {
  limn_normals_body(out, words, pairs, shift, scale);
}

const limn_bits_kernels limn_bits_avx512 = {
    signs, 8, 2, pack, gram, lookup, transpose, transpose_words, sums, normals};
#endif
