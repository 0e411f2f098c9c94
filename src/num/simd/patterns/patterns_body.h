/* patterns_body.h: the loops of patterns.h for one instruction set; the including file defines
 * SUFFIX(x).
 *
 * A layer is computed in tiles of UNITS units x 2 vectors of inputs, whose sums stay in registers;
 * each step loads two vectors of the layer below and UNITS weights for 2 UNITS multiply-adds. */
#include "num/simd/patterns/patterns.h"

#include <math.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
enum { WIDE = 16, UNITS = 8 };
#elif defined(__AVX__)
enum { WIDE = 8, UNITS = 4 };
#else
enum { WIDE = 4, UNITS = 4 };
#endif

typedef float vec __attribute__((vector_size(4 * WIDE)));
typedef float loose __attribute__((vector_size(4 * WIDE), aligned(4), may_alias));
typedef int32_t ints __attribute__((vector_size(4 * WIDE)));
typedef uint32_t uints __attribute__((vector_size(4 * WIDE)));
typedef int32_t loose_ints __attribute__((vector_size(4 * WIDE), aligned(4), may_alias));

static inline vec load(const float *p) {
  return *(const loose *)p;
}
static inline void store(float *p, vec x) {
  *(loose *)p = x;
}
static inline vec splat(float x) {
  return x - (vec){0};
}
static inline vec pick(ints m, vec yes, vec no) {
  return (vec)((m & (ints)yes) | (~m & (ints)no));
}
static inline vec root_of(vec x) {
#if defined(__AVX512F__)
  return (vec)_mm512_sqrt_ps((__m512)x);
#elif defined(__AVX__)
  return (vec)_mm256_sqrt_ps((__m256)x);
#elif defined(__x86_64__)
  return (vec)_mm_sqrt_ps((__m128)x);
#else
  for (int k = 0; k < WIDE; k++) x[k] = sqrtf(x[k]);
  return x;
#endif
}
static inline vec positive(vec x) {
#if defined(__AVX512F__)
  return (vec)_mm512_max_ps((__m512)x, _mm512_setzero_ps());
#elif defined(__AVX__)
  return (vec)_mm256_max_ps((__m256)x, _mm256_setzero_ps());
#else
  return pick(x > 0, x, splat(0));
#endif
}

/* ---- normals ---- */

/* -2 ln u for u = (w + 1/2) 2^-31, w < 2^31: u = 2^e m, sqrt(1/2) <= m < sqrt 2, and ln m by a
 * series in s = (m - 1)/(m + 1). */
static inline vec twice_log(ints w) {
  vec u = (__builtin_convertvector(w, vec) + 0.5f) * 0x1p-31f;
  ints bits = (ints)u, e = (bits - 0x3f3504f3) >> 23;
  vec m = (vec)((uints)bits - ((uints)e << 23)), s = (m - 1) / (m + 1), t = s * s;
  vec ln = s * (2 + t * (0.66666667f + t * (0.4f + t * (0.28571429f + t * 0.22222222f))));
  return -2 * (ln + 0.69314718f * __builtin_convertvector(e, vec));
}

/* cos and sin of 2 pi v, v = w 2^-32 in [-1/2, 1/2): of r = v - k/4 by their series, then turned
 * by k quarters. */
static inline void turn(vec *cosine, vec *sine, ints w) {
  ints k = ((w >> 29) + 1) >> 1; /* the nearest quarter */
  vec r = __builtin_convertvector((ints)((uints)w - ((uints)k << 30)), vec) *
          (6.2831853f * 0x1p-32f),
      t = r * r;
  vec s =
      r * (1 + t * (-0.16666667f + t * (8.3333333e-3f + t * (-1.9841270e-4f + t * 2.7557e-6f))));
  vec c = 1 + t * (-0.5f + t * (0.041666667f + t * (-1.3888889e-3f + t * 2.4801587e-5f)));
  ints odd = -(k & 1), far = -((k >> 1) & 1);
  vec x = pick(odd, -s, c), y = pick(odd, c, s);
  *cosine = pick(far, -x, x);
  *sine = pick(far, -y, y);
}

static void normals(float *out, const uint32_t *words, size_t n, float scale) {
  for (size_t j = 0; j < n; j += 2 * LIMN_PATTERN_LANES)
    for (size_t k = 0; k < LIMN_PATTERN_LANES; k += WIDE) {
      ints a = *(const loose_ints *)(const void *)(words + j + k);
      ints b = *(const loose_ints *)(const void *)(words + j + LIMN_PATTERN_LANES + k);
      vec c, s, radius = root_of(twice_log(a & 0x7fffffff)) * scale;
      turn(&c, &s, b);
      store(out + j + k, radius * c);
      store(out + j + LIMN_PATTERN_LANES + k, radius * s);
    }
}

/* ---- layers ---- */

static inline __attribute__((always_inline)) void tile(float *out, const float *h, const float *w,
                                                       const float *bias, size_t units,
                                                       size_t vectors, size_t ins, size_t stride,
                                                       int relu) {
  vec sum[UNITS][2];
#pragma GCC unroll 8
  for (size_t o = 0; o < units; o++)
#pragma GCC unroll 2
    for (size_t v = 0; v < vectors; v++) sum[o][v] = splat(bias ? bias[o] : 0);
  for (size_t i = 0; i < ins; i++) {
    vec x[2];
#pragma GCC unroll 2
    for (size_t v = 0; v < vectors; v++) x[v] = load(h + i * stride + v * WIDE);
#pragma GCC unroll 8
    for (size_t o = 0; o < units; o++) {
      vec y = splat(w[o * ins + i]);
#pragma GCC unroll 2
      for (size_t v = 0; v < vectors; v++) sum[o][v] += y * x[v];
    }
  }
#pragma GCC unroll 8
  for (size_t o = 0; o < units; o++)
#pragma GCC unroll 2
    for (size_t v = 0; v < vectors; v++)
      store(out + o * stride + v * WIDE, relu ? positive(sum[o][v]) : sum[o][v]);
}

static void layer(float *out, const float *h, const float *w, const float *bias, size_t outs,
                  size_t ins, size_t stride, int relu) {
  size_t o = 0;
  for (; o + UNITS <= outs; o += UNITS) {
    const float *b = bias ? bias + o : NULL;
    size_t p = 0;
    for (; p + 2 * WIDE <= stride; p += 2 * WIDE)
      tile(out + o * stride + p, h + p, w + o * ins, b, UNITS, 2, ins, stride, relu);
    for (; p < stride; p += WIDE)
      tile(out + o * stride + p, h + p, w + o * ins, b, UNITS, 1, ins, stride, relu);
  }
  for (; o < outs; o++) {
    const float *b = bias ? bias + o : NULL;
    size_t p = 0;
    for (; p + 2 * WIDE <= stride; p += 2 * WIDE)
      tile(out + o * stride + p, h + p, w + o * ins, b, 1, 2, ins, stride, relu);
    for (; p < stride; p += WIDE)
      tile(out + o * stride + p, h + p, w + o * ins, b, 1, 1, ins, stride, relu);
  }
}

static void signs(uint64_t *words, const float *z, size_t points) {
  memset(words, 0, (points + 63) / 64 * sizeof *words);
  for (size_t p = 0; p < points; p += WIDE) {
#if defined(__AVX512F__)
    uint64_t bits = _mm512_cmp_ps_mask((__m512)load(z + p), _mm512_setzero_ps(), _CMP_GT_OQ);
#elif defined(__AVX__)
    uint64_t bits = (uint64_t)_mm256_movemask_ps(
        _mm256_cmp_ps((__m256)load(z + p), _mm256_setzero_ps(), _CMP_GT_OQ));
#else
    uint64_t bits = 0;
    for (size_t k = 0; k < WIDE; k++) bits |= (uint64_t)(z[p + k] > 0) << k;
#endif
    words[p / 64] |= bits << p % 64;
  }
  if (points % 64) words[points / 64] &= ((uint64_t)1 << points % 64) - 1;
}

const limn_pattern_kernels SUFFIX(limn_patterns) = {normals, layer, signs};
