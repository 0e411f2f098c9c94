/* vector_body.h: vectors of one number type, as functions_f64_body.h and functions_f32_body.h use
 * them. The including file defines VECTOR_BYTES and REAL_BITS. There is no include guard: it is
 * included once for float and once for double. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#if REAL_BITS == 32
#define REAL float
#define INT int32_t
#define UNSIGNED uint32_t
#else
#define REAL double
#define INT int64_t
#define UNSIGNED uint64_t
#endif
#define PASTE_(a, b) a##_f##b
#define PASTE(a, b) PASTE_(a, b)
#define N(name) PASTE(name, REAL_BITS)
#define V N(vector)
#define VI N(mask)
#define LANES (VECTOR_BYTES / sizeof(REAL))
#define INLINE static inline __attribute__((always_inline))
#define OUTLINE static __attribute__((noinline))

typedef REAL V __attribute__((vector_size(VECTOR_BYTES), may_alias));
typedef REAL N(loose) __attribute__((vector_size(VECTOR_BYTES), aligned(REAL_BITS / 8), may_alias));
typedef INT VI __attribute__((vector_size(VECTOR_BYTES), may_alias));
typedef UNSIGNED N(bits) __attribute__((vector_size(VECTOR_BYTES), may_alias));

INLINE V N(all)(REAL a) {
  V r;
  for (size_t k = 0; k < LANES; k++) r[k] = a;
  return r;
}

/* a where the mask is set, else b. */
INLINE V N(pick)(VI m, V a, V b) {
  return (V)((m & (VI)a) | (~m & (VI)b));
}

INLINE V N(size)(V a) {
  return (V)((VI)a & ~(VI)N(all)(-(REAL)0));
}

/* a, not negative, with the sign of b. */
INLINE V N(sign_of)(V a, V b) {
  return (V)((VI)a | ((VI)b & (VI)N(all)(-(REAL)0)));
}

INLINE bool N(any)(VI m) {
#if defined(__AVX512F__) && VECTOR_BYTES == 64 && REAL_BITS == 64
  return _mm512_movepi64_mask((__m512i)m) != 0;
#elif defined(__AVX512F__) && VECTOR_BYTES == 64
  return _mm512_movepi32_mask((__m512i)m) != 0;
#elif defined(__AVX2__) && VECTOR_BYTES == 32
  return _mm256_movemask_epi8((__m256i)m) != 0;
#elif defined(__SSE2__) && VECTOR_BYTES == 16
  return _mm_movemask_epi8((__m128i)m) != 0;
#else
  INT any = 0;
  for (size_t k = 0; k < LANES; k++) any |= m[k];
  return any != 0;
#endif
}

/* A function of arrays from two of vectors: V v##name(V x, VI *missed), which may miss some
 * entries, and V name##_anywhere(V x). Two vectors are computed side by side, since each is a long
 * chain of dependent operations; the vector after the last whole one is filled up. */
#define ARRAY_FUNCTION(name)                                                                       \
  static void N(array_##name)(REAL * y, const REAL *x, size_t n) {                                 \
    size_t i = 0;                                                                                  \
    for (; i + 2 * LANES <= n; i += 2 * LANES) {                                                   \
      V a = *(const N(loose) *)(x + i), b = *(const N(loose) *)(x + i + LANES);                    \
      VI missed_a = {0}, missed_b = {0};                                                           \
      V fa = N(v##name)(a, &missed_a), fb = N(v##name)(b, &missed_b);                              \
      if (N(any)(missed_a | missed_b)) {                                                           \
        fa = N(name##_anywhere)(a);                                                                \
        fb = N(name##_anywhere)(b);                                                                \
      }                                                                                            \
      *(N(loose) *)(y + i) = fa;                                                                   \
      *(N(loose) *)(y + i + LANES) = fb;                                                           \
    }                                                                                              \
    for (; i < n; i += LANES) {                                                                    \
      size_t left = n - i < LANES ? n - i : LANES;                                                 \
      V a = N(all)(1);                                                                             \
      for (size_t k = 0; k < left; k++) a[k] = x[i + k];                                           \
      V f = N(name##_anywhere)(a);                                                                 \
      for (size_t k = 0; k < left; k++) y[i + k] = f[k];                                           \
    }                                                                                              \
  }

/* The sum of c[i] x^i, by Horner's rule. */
#define POLYNOMIAL(x, ...)                                                                         \
  N(polynomial)((x), (const REAL[]){__VA_ARGS__}, sizeof((REAL[]){__VA_ARGS__}) / sizeof(REAL))

INLINE V N(polynomial)(V x, const REAL *c, size_t count) {
  V sum = N(all)(c[count - 1]);
  _Pragma("GCC unroll 20") for (size_t i = count - 1; i-- > 0;) sum = sum * x + c[i];
  return sum;
}
