/* arccos_body.h: the loops of arccos.h for one instruction set; the including file defines NAME(x).
 *
 * With m = min(u, v), of the angle t or of its supplement, both t/sqrt m and (sin t - t cos t)/(m
 * sqrt m) are smooth on [0, 1] and have their nearest singularity, at m = 2, in common: so they are
 * taken as quotients of polynomials over one and the same divisor (relative error below 5e-16), and
 * a division and a square root, which run beside the multiplications, save half of these. What
 * bounds the loops is how far the processor looks ahead: polynomials are summed in short chains,
 * and a loop begins its next vector before it waits for the quotient of this one. */
#include "arccos.h"

#include <math.h>
#include <stdint.h>

#if defined(__AVX512F__)
enum { WIDE = 8 };
#elif defined(__AVX__)
enum { WIDE = 4 };
#else
enum { WIDE = 2 };
#endif
#if defined(__x86_64__)
#include <immintrin.h>
#endif

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
#if defined(__AVX512F__)
  return (vec)_mm512_sqrt_pd((__m512d)x);
#elif defined(__AVX__)
  return (vec)_mm256_sqrt_pd((__m256d)x);
#elif defined(__x86_64__)
  return (vec)_mm_sqrt_pd((__m128d)x);
#else
  for (int k = 0; k < WIDE; k++) x[k] = sqrt(x[k]);
  return x;
#endif
}

#if defined(__AVX512F__)
#define ALL(x)                                                                                     \
  { x, x, x, x, x, x, x, x }
#elif defined(__AVX__)
#define ALL(x)                                                                                     \
  { x, x, x, x }
#else
#define ALL(x)                                                                                     \
  { x, x }
#endif

/* t/(pi sqrt m) = A/D, (sin t - t cos t)/(pi m sqrt m) = B/D. Whole vectors: where those of 256
 * bits are halved, filling one costs as much as an addition. */
static const vec A[] = {ALL(0x1.ccf6429be6624p-2), ALL(-0x1.4742b03035038p-1),
                        ALL(0x1.5a487e361cb95p-2), ALL(-0x1.4e66e71f06345p-4),
                        ALL(0x1.1ed4aac777824p-7), ALL(-0x1.5b229db9ab93bp-12),
                        ALL(0x1.fc27176c135a8p-20)};
static const vec B[] = {ALL(0x1.334ed7129996bp-2), ALL(-0x1.be97476b8ffa7p-2),
                        ALL(0x1.e5ec3de008085p-3), ALL(-0x1.e5b5af7a933b6p-5),
                        ALL(0x1.b3761742629f9p-8), ALL(-0x1.17e057e742644p-12),
                        ALL(0x1.c1023f2cd3f52p-20)};
static const vec D[] = {ALL(0x1.0000000000000p+0), ALL(-0x1.80d40f395e41bp+0),
                        ALL(0x1.b7297667b87f7p-1), ALL(-0x1.d784d24ea88fap-3),
                        ALL(0x1.dbc3e025db6cfp-6), ALL(-0x1.813cbdc3ce960p-10),
                        ALL(0x1.2f2f65f3b5074p-16)};
/* |rho| from which 1 - |rho| is taken from differences of coordinates, not from their products. */
static const double CLOSE = 0.875;

typedef struct {
  vec u, a, b, r; /* polynomials A and m B, sqrt(m)/D */
} begun;

static inline vec polynomial(const vec c[7], vec m, vec m2, vec m4) {
  return ((c[0] + c[1] * m) + m2 * (c[2] + c[3] * m)) + m4 * ((c[4] + c[5] * m) + m2 * c[6]);
}

static inline begun begin(vec u, vec m) {
  vec root = root_of(m), m2 = m * m, m4 = m2 * m2;
  vec r = root / polynomial(D, m, m2, m4);
  return (begun){u, polynomial(A, m, m2, m4), polynomial(B, m, m2, m4) * m, r};
}

static inline vec least(vec x, vec y) {
  return pick(x < y, x, y);
}

void NAME(limn_arccos)(size_t n, const double *u, const double *v, double *kappa, double *gap,
                       double *slope, double *turn) {
  for (size_t j = 0; j < n; j += WIDE) {
    vec m = least(load(u + j), load(v + j));
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
#if defined(__AVX512F__)
  return _mm512_movepi64_mask((__m512i)m);
#elif defined(__AVX__)
  return _mm256_movemask_pd((__m256d)m);
#elif defined(__x86_64__)
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
    mask close = {0};
    for (int g = 0; g < 4; g++) {
      close |= (dot[g] > CLOSE) | (dot[g] < -CLOSE);
      store(u + j + g * WIDE, 1 - dot[g]);
      store(v + j + g * WIDE, 1 + dot[g]);
    }
    if (!any(close)) continue;
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

/* With v = 1 + rho (head: this is the first layer) or with rho known to be >= 0; with or without
 * bias to mind on the way to the next layer, the tangent kernel, the covariance. */
static inline __attribute__((always_inline)) void relu(const limn_relu_layer *l, bool head,
                                                       bool bias, bool theta, bool out) {
  const vec half = splat(0.5 * l->weight), scale = splat(0.5 * l->weight * l->root1);
  const vec cosine1 = splat(l->cosine1), sine1 = splat(l->sine1), twice = splat(2 * l->cosine1);
  const vec shift = splat(l->bias), one = splat(1), moment = splat(1 / l->weight);
  const double *root2 = l->root2, *cosine2 = l->cosine2, *sine2 = l->sine2, *v = l->v;
  double *u = l->u, *grown = l->theta;
  vec first = load(u);
  begun next = begin(first, head ? least(first, load(v)) : first);
  for (size_t j = 0; j < l->n; j += WIDE) {
    begun x = next;
    if (j + WIDE < l->n) {
      vec y = load(u + j + WIDE);
      next = begin(y, head ? least(y, load(v + j + WIDE)) : y);
    }
    vec angle = x.r * x.a, bulge = x.r * x.b, gap = x.u - bulge, kappa = one - gap;
    vec slope = one - angle;
    if (head) {
      mask near = x.u <= one;
      gap = pick(near, gap, one - bulge);
      kappa = pick(near, kappa, bulge);
      slope = pick(near, slope, angle);
    }
    vec e = scale * load(root2 + j) * kappa, k = e + shift;
    if (theta) store(grown + j, half * slope * load(grown + j) + (l->standard ? e * moment : k));
    if (out) store(l->k + j, k);
    if (bias) {
      vec cosine = load(cosine2 + j), less = cosine - cosine1, skew = load(sine2 + j) - sine1;
      gap = (less * less + skew * skew) + twice * cosine * gap;
    }
    store(u + j, gap);
  }
}

void NAME(limn_relu)(const limn_relu_layer *l) {
  bool head = l->v, bias = l->cosine2, theta = l->theta, out = l->k;
  if (head && bias)
    theta ? relu(l, true, true, true, false) : relu(l, true, true, false, false);
  else if (head)
    relu(l, true, false, theta, out);
  else if (bias)
    theta ? relu(l, false, true, true, false) : relu(l, false, true, false, false);
  else
    relu(l, false, false, theta, out);
}
