/* arccos_body.h: the loops of arccos.h for one instruction set; the including file defines NAME(x).
 *
 * With z = min(u, v)/2 = sin^2 of half the angle (or of half its supplement), both
 * asin(sqrt z)/sqrt z and (sin t - t cos t)/(2 z sqrt z) are smooth on [0, 1/2] and are taken from
 * polynomials (Chebyshev interpolation, relative error below 1e-16). Horner's rule waits for its
 * own last result, so four vectors go through it side by side. */
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

static const double P[] = {
    0x1.0000000000000p+0, 0x1.55555555552f8p-3,  0x1.3333333379e36p-4, 0x1.6db6db397446bp-5,
    0x1.f1c730cb592e5p-6, 0x1.6e893a3f28ea7p-6,  0x1.1c7f1339913c4p-6, 0x1.c44fb258f47f6p-7,
    0x1.b03e2652d5511p-7, -0x1.54fd1ff49c16fp-9, 0x1.426bd3d739317p-4, -0x1.2ffed4e682168p-2,
    0x1.0219811b2d5bap+0, -0x1.3ed52eb63958cp+1, 0x1.2917a8328b8c8p+2, -0x1.8eacd96273eb1p+2,
    0x1.70821a42b32e0p+2, -0x1.a3b414e8fbd83p+1, 0x1.c751137d17be2p-1};
static const double Q[] = {0x1.5555555555556p+0,  0x1.1111111110adap-3,  0x1.5f15f1603f271p-5,
                           0x1.45145095df18ap-6,  0x1.6a056221fa10cp-7,  0x1.c317e4206ec40p-8,
                           0x1.2fe1e6dd93053p-8,  0x1.a132e85c7ed3ap-9,  0x1.a76f38a460eeap-9,
                           -0x1.5d30d8c2181ccp-9, 0x1.4d4f72389b1f8p-6,  -0x1.d2a59376f4053p-5,
                           0x1.0d754d5263a91p-3,  -0x1.aa52ae4d54b85p-3, 0x1.d18aaa10d50c3p-3,
                           -0x1.33b517aea7289p-3, 0x1.896b1035f7f36p-5};
enum { NP = sizeof P / sizeof *P, NQ = sizeof Q / sizeof *Q };

typedef struct {
  vec angle, bulge; /* t/pi and (sin t - t cos t)/pi of the angle or of its supplement */
} arc;

/* Four vectors of z. */
static inline __attribute__((always_inline)) void arcs(const vec z[4], arc out[4]) {
  vec z0 = z[0], z1 = z[1], z2 = z[2], z3 = z[3];
  vec a0 = splat(P[NP - 1]), a1 = a0, a2 = a0, a3 = a0;
  vec b0 = splat(Q[NQ - 1]), b1 = b0, b2 = b0, b3 = b0;
#pragma GCC unroll 32
  for (int k = NP - 2; k >= NQ - 1; k--) {
    vec c = splat(P[k]);
    a0 = a0 * z0 + c, a1 = a1 * z1 + c, a2 = a2 * z2 + c, a3 = a3 * z3 + c;
  }
#pragma GCC unroll 32
  for (int k = NQ - 2; k >= 0; k--) {
    vec c = splat(P[k]), d = splat(Q[k]);
    a0 = a0 * z0 + c, a1 = a1 * z1 + c, a2 = a2 * z2 + c, a3 = a3 * z3 + c;
    b0 = b0 * z0 + d, b1 = b1 * z1 + d, b2 = b2 * z2 + d, b3 = b3 * z3 + d;
  }
  const vec scale = splat(2 * 0x1.45f306dc9c883p-2); /* 2/pi */
  vec r0 = root_of(z0) * scale, r1 = root_of(z1) * scale, r2 = root_of(z2) * scale,
      r3 = root_of(z3) * scale;
  out[0] = (arc){r0 * a0, z0 * r0 * b0};
  out[1] = (arc){r1 * a1, z1 * r1 * b1};
  out[2] = (arc){r2 * a2, z2 * r2 * b2};
  out[3] = (arc){r3 * a3, z3 * r3 * b3};
}

static inline vec least(vec x, vec y) {
  return pick(x < y, x, y);
}

void NAME(limn_arccos)(size_t n, const double *u, const double *v, double *kappa, double *gap,
                       double *slope, double *turn) {
  for (size_t j = 0; j < n; j += 4 * WIDE) {
    vec z[4];
    arc a[4];
    for (int g = 0; g < 4; g++) {
      vec least_of = least(load(u + j + g * WIDE), load(v + j + g * WIDE)) * 0.5;
      z[g] = pick(least_of > 0, least_of, splat(0));
    }
    arcs(z, a);
    for (int g = 0; g < 4; g++) {
      size_t at = j + (size_t)g * WIDE;
      vec w = load(u + at), near_gap = w - a[g].bulge;
      mask near = w <= 1;
      store(kappa + at, pick(near, 1 - near_gap, a[g].bulge));
      store(gap + at, pick(near, near_gap, 1 - a[g].bulge));
      store(slope + at, pick(near, 1 - a[g].angle, a[g].angle));
      store(turn + at, pick(near, a[g].angle, 1 - a[g].angle));
    }
  }
}

void NAME(limn_versines)(size_t n, size_t wide, const double *a, size_t apart, const double *b,
                         size_t stride, double *u, double *v) {
  for (size_t j = 0; j < n; j += 4 * WIDE) {
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
      mask near = less <= more;
      store(u + j + g * WIDE, pick(near, less, 2 - more));
      store(v + j + g * WIDE, pick(near, 2 - less, more));
    }
  }
}

void NAME(limn_relu)(const limn_relu_layer *l) {
  double bias = l->bias, slope_weight = 0.5 * l->weight, scale = slope_weight * l->root1;
  double skew_weight = slope_weight * bias, moment = 1 / l->weight;
  for (size_t j = 0; j < l->n; j += 4 * WIDE) {
    vec z[4], u[4];
    arc a[4];
    for (int g = 0; g < 4; g++) {
      u[g] = load(l->u + j + g * WIDE);
      z[g] = (l->v ? least(u[g], load(l->v + j + g * WIDE)) : u[g]) * 0.5;
    }
    arcs(z, a);
    for (int g = 0; g < 4; g++) {
      size_t at = j + (size_t)g * WIDE;
      vec angle = a[g].angle, bulge = a[g].bulge, gap = u[g] - bulge, kappa = 1 - gap;
      vec slope = 1 - angle;
      if (l->v) {
        mask near = u[g] <= 1;
        gap = pick(near, gap, 1 - bulge);
        kappa = pick(near, kappa, bulge);
        slope = pick(near, slope, angle);
      }
      vec root2 = load(l->root2 + at), s = scale * root2, e = s * kappa, k = e + bias;
      if (l->theta) {
        vec old = load(l->theta + at);
        store(l->theta + at, slope_weight * slope * old + (l->standard ? e * moment : k));
      }
      if (l->k) store(l->k + at, k);
      if (l->next2) {
        vec root = l->next1 * load(l->next2 + at);
        vec apart = l->root1 - root2;
        vec skew = skew_weight * (apart * apart) / (root + s + bias);
        gap = (skew + s * gap) * (l->inverse1 * load(l->inverse2 + at));
      }
      store(l->u + at, gap);
    }
  }
}
