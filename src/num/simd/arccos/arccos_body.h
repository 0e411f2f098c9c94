/* arccos_body.h: the loops of arccos.h for one instruction set; the including file defines NAME(x).
 * PLAIN_LANES (2, 4 or 8) selects vectors of that many numbers in plain C; tests compare them.
 *
 * With m = min(u, v), t the angle or its supplement, and s = sin t: t = s (1 + m P) and s - t cos t
 * = s m (1 - (1 - m) P), where P(m) = (t/s - 1)/m is smooth on [0, 1] and neither sum loses digits.
 * So one quotient of polynomials serves both (relative error of the results below 7e-16), and its
 * division and a square root overlap the multiplications. The loops are limited by the number of
 * instructions and by the CPU's out-of-order window: polynomials are summed in short chains, and a
 * loop starts its next vector before it uses the quotient of this one. */
#include "num/simd/arccos/arccos.h"

#include <math.h>
#include <stdint.h>

#if defined(PLAIN_LANES)
#define ARCCOS_WIDE PLAIN_LANES
#elif defined(__AVX512F__)
#define ARCCOS_WIDE 8
#elif defined(__AVX__)
#define ARCCOS_WIDE 4
#else
#define ARCCOS_WIDE 2
#endif
#if defined(__x86_64__) && !defined(PLAIN_LANES)
#define ARCCOS_X86
#include <immintrin.h>
#endif
enum { WIDE = ARCCOS_WIDE };

typedef double vec __attribute__((vector_size(8 * WIDE)));
typedef double loose __attribute__((vector_size(8 * WIDE), aligned(8), may_alias));
typedef int64_t mask __attribute__((vector_size(8 * WIDE)));

static inline vec load(const double *p) {
  return *(const loose *)p;
}
static inline void store(double *p, vec x) {
  *(loose *)p = x;
}
static inline vec splat(double x) {
  return x - (vec){0};
}
static inline vec pick(mask m, vec yes, vec no) {
  return (vec)((m & (mask)yes) | (~m & (mask)no));
}
static inline vec root_of(vec x) {
#if defined(ARCCOS_X86) && ARCCOS_WIDE == 8
  return (vec)_mm512_sqrt_pd((__m512d)x);
#elif defined(ARCCOS_X86) && ARCCOS_WIDE == 4
  return (vec)_mm256_sqrt_pd((__m256d)x);
#elif defined(ARCCOS_X86)
  return (vec)_mm_sqrt_pd((__m128d)x);
#else
  for (int k = 0; k < WIDE; k++) x[k] = sqrt(x[k]);
  return x;
#endif
}

#if ARCCOS_WIDE == 8
#define ALL(x)                                                                                     \
  { x, x, x, x, x, x, x, x }
#elif ARCCOS_WIDE == 4
#define ALL(x)                                                                                     \
  { x, x, x, x }
#else
#define ALL(x)                                                                                     \
  { x, x }
#endif

/* For t = arccos(1 - m) and s = sin t: t/s = 1 + m N/D, and so (s - t cos t)/s = m (1 - (1 - m)
 * N/D). Whole vectors: on CPUs that split 256-bit operations a broadcast costs as much as an
 * addition. */
static const vec N[] = {ALL(0x1.555555555555dp-2),  ALL(-0x1.a4c912d97c8ddp-2),
                        ALL(0x1.6c108747447ccp-3),  ALL(-0x1.ffd621f4d831dp-6),
                        ALL(0x1.daa73ca84f710p-10), ALL(-0x1.2980ef95f45cap-20)};
static const vec D[] = {ALL(0x1.0000000000000p+0), ALL(-0x1.a1fd348983903p+0),
                        ALL(0x1.03d589929d574p+0), ALL(-0x1.2f1a1687364b5p-2),
                        ALL(0x1.4470cb637ce85p-5), ALL(-0x1.eac2b7506070ap-10)};
static const vec TWO = ALL(0x1.9f02f6222c720p-3), ONE = ALL(0x1.9f02f6222c720p-4); /* /pi^2 */
/* above this |rho|, 1 - |rho| is computed from differences of coordinates instead of products */
static const double CLOSE = 0.875;

typedef struct {
  vec u, a, b, r; /* D + m N, m (D - (1 - m) N), sin t/(pi D) */
} begun;

static inline vec polynomial(const vec c[6], vec m, vec m2, vec m4) {
  return ((c[0] + c[1] * m) + m2 * (c[2] + c[3] * m)) + m4 * (c[4] + c[5] * m);
}

static inline begun begin(vec u, vec m) {
  vec m2 = m * m, m4 = m2 * m2;
  vec root = root_of((TWO - ONE * m) * m), d = polynomial(D, m, m2, m4);
  vec n = polynomial(N, m, m2, m4), a = d + m * n;
  return (begun){u, a, m * (a - n), root / d};
}

static inline vec vec_min(vec x, vec y) {
#if defined(ARCCOS_X86) && ARCCOS_WIDE == 8
  return (vec)_mm512_min_pd((__m512d)x, (__m512d)y);
#elif defined(ARCCOS_X86) && ARCCOS_WIDE == 4
  return (vec)_mm256_min_pd((__m256d)x, (__m256d)y);
#elif defined(ARCCOS_X86)
  return (vec)_mm_min_pd((__m128d)x, (__m128d)y);
#else
  return pick(x < y, x, y);
#endif
}

static inline vec vec_max(vec x, vec y) {
#if defined(ARCCOS_X86) && ARCCOS_WIDE == 8
  return (vec)_mm512_max_pd((__m512d)x, (__m512d)y);
#elif defined(ARCCOS_X86) && ARCCOS_WIDE == 4
  return (vec)_mm256_max_pd((__m256d)x, (__m256d)y);
#elif defined(ARCCOS_X86)
  return (vec)_mm_max_pd((__m128d)x, (__m128d)y);
#else
  return pick(x > y, x, y);
#endif
}

void NAME(limn_arccos)(size_t n, const double *u, const double *v, double *kappa, double *gap,
                       double *slope, double *turn) {
  for (size_t j = 0; j < n; j += WIDE) {
    vec m = vec_min(load(u + j), load(v + j));
    begun x = begin(load(u + j), pick(m > 0, m, splat(0)));
    vec angle = x.r * x.a, bulge = x.r * x.b, near_gap = x.u - bulge;
    mask near = x.u <= 1;
    store(kappa + j, pick(near, 1 - near_gap, bulge));
    store(gap + j, pick(near, near_gap, 1 - bulge));
    store(slope + j, pick(near, 1 - angle, angle));
    store(turn + j, pick(near, angle, 1 - angle));
  }
}

static inline bool any(mask m) {
#if defined(ARCCOS_X86) && ARCCOS_WIDE == 8
  return _mm512_movepi64_mask((__m512i)m);
#elif defined(ARCCOS_X86) && ARCCOS_WIDE == 4
  return _mm256_movemask_pd((__m256d)m);
#elif defined(ARCCOS_X86)
  return _mm_movemask_pd((__m128d)m);
#else
  int64_t all = 0;
  for (int k = 0; k < WIDE; k++) all |= m[k];
  return all;
#endif
}

void NAME(limn_versines)(size_t n, size_t wide, const double *a, size_t apart, const double *b,
                         size_t stride, double *u, double *v) {
  for (size_t j = 0; j < n; j += 4 * WIDE) {
    vec dot[4] = {{0}};
    for (size_t c = 0; c < wide; c++) {
      vec here = splat(a[c * apart]);
      const double *there = b + c * stride + j;
#pragma GCC unroll 4
      for (int g = 0; g < 4; g++) dot[g] += here * load(there + g * WIDE);
    }
    vec lowest = dot[0], highest = dot[0];
    for (int g = 0; g < 4; g++) {
      lowest = vec_min(lowest, dot[g]), highest = vec_max(highest, dot[g]);
      store(u + j + g * WIDE, 1 - dot[g]);
      store(v + j + g * WIDE, 1 + dot[g]);
    }
    if (!any((highest > CLOSE) | (lowest < -CLOSE))) continue;
    vec minus[4] = {{0}}, plus[4] = {{0}};
    for (size_t c = 0; c < wide; c++) {
      vec here = splat(a[c * apart]);
      const double *there = b + c * stride + j;
#pragma GCC unroll 4
      for (int g = 0; g < 4; g++) {
        vec x = load(there + g * WIDE), less = here - x, more = here + x;
        minus[g] += less * less;
        plus[g] += more * more;
      }
    }
    for (int g = 0; g < 4; g++) {
      vec less = 0.5 * minus[g], more = 0.5 * plus[g];
      mask near = dot[g] > CLOSE, far = dot[g] < -CLOSE;
      vec here = load(u + j + g * WIDE), there = load(v + j + g * WIDE);
      store(u + j + g * WIDE, pick(near, less, pick(far, 2 - more, here)));
      store(v + j + g * WIDE, pick(near, 2 - less, pick(far, more, there)));
    }
  }
}

/* head: the first layer, where rho may be negative; last: the last layer; bias: before the next
 * layer; theta: with the tangent kernel; standard: its parameterisation. */
static inline __attribute__((always_inline)) void
relu(const limn_relu_layer *l, bool head, bool last, bool bias, bool theta, bool standard) {
  const vec one = splat(1), scale = splat(0.5 * l->weight * l->root1), shift = splat(l->bias);
  const vec cosine1 = splat(l->cosine1), sine1 = splat(l->sine1), twice = splat(2 * l->cosine1);
  const vec moment = splat(1 / l->weight), none = splat(0);
  const double *root2 = l->root2, *cosine2 = l->cosine2, *sine2 = l->sine2, *v = l->v;
  double *u = l->u, *grown = l->theta, *k = l->k;
  vec first = load(u);
  begun next = begin(first, head ? vec_min(first, load(v)) : first);
  for (size_t j = 0; j < l->n; j += WIDE) {
    begun x = next;
    if (j + WIDE < l->n) {
      vec y = load(u + j + WIDE);
      next = begin(y, head ? vec_min(y, load(v + j + WIDE)) : y);
    }
    vec angle = x.r * x.a, bulge = x.r * x.b, gap = (head ? vec_min(x.u, one) : x.u) - bulge;
    vec slope = one - angle, kappa = one - gap, t = none;
    if (head) {
      slope = pick(x.u <= one, slope, angle);
      kappa = vec_max(one - x.u, none) + bulge;
    }
    if (theta) {
      if (!head)
        t = slope * load(grown + j);
      else if (!standard)
        t = slope * (one - x.u);
      if (standard) t = head ? kappa * moment : t + kappa * moment;
    }
    if (last) {
      vec s = scale * load(root2 + j), e = s * kappa + shift;
      if (k) store(k + j, e);
      if (theta) store(grown + j, standard ? s * t : e + s * t);
    } else {
      if (bias) {
        vec cosine = load(cosine2 + j), less = cosine - cosine1, skew = load(sine2 + j) - sine1;
        vec both = twice * cosine;
        gap = (less * less + skew * skew) + both * gap;
        t = both * t;
      }
      store(u + j, gap);
      if (theta) store(grown + j, standard ? t : (one - gap) + t);
    }
  }
}

static inline __attribute__((always_inline)) void with_theta(const limn_relu_layer *l, bool head,
                                                             bool last, bool bias) {
  if (!l->theta)
    relu(l, head, last, bias, false, false);
  else if (l->standard)
    relu(l, head, last, bias, true, true);
  else
    relu(l, head, last, bias, true, false);
}

void NAME(limn_relu)(const limn_relu_layer *l) {
  bool head = l->v, last = l->root2, bias = l->cosine2;
  if (last)
    head ? with_theta(l, true, true, false) : with_theta(l, false, true, false);
  else if (head)
    bias ? with_theta(l, true, false, true) : with_theta(l, true, false, false);
  else
    bias ? with_theta(l, false, false, true) : with_theta(l, false, false, false);
}
