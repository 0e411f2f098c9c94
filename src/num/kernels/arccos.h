/* arccos.h: the ReLU layer on a block of pairs, without cancellation and without branches.
 *
 * In: u = 1 - cos(t) and v = 1 + cos(t) of each pair, both to full relative accuracy. With z =
 * min(u, v)/2 = sin^2 of half the angle (or of half its supplement), both asin(sqrt z)/sqrt z and
 * (sin t - t cos t)/(2 z sqrt z) are smooth on [0, 1/2] and are taken from polynomials (Chebyshev
 * interpolation, relative error below 1e-16). Out: kappa = (sin t + (pi - t) cos t)/pi,   gap = 1 -
 * kappa,   slope = (pi - t)/pi,  turn = t/pi, each with a relative error of a few roundings over
 * the whole range of t.
 *
 * The body is one inline function; each instruction set compiles it in a file of its own. Without
 * contraction every set does the same operations in the same order: equal results to the bit. */
#ifndef LIMN_ARCCOS_H
#define LIMN_ARCCOS_H

#include <math.h>
#include <stddef.h>

typedef void limn_arccos_fn(size_t n, const double *restrict u, const double *restrict v,
                            double *restrict kappa, double *restrict gap, double *restrict slope,
                            double *restrict turn);

limn_arccos_fn limn_arccos_ref, limn_arccos_avx2, limn_arccos_avx512;

/* The variant for the instruction set in use. */
limn_arccos_fn *limn_arccos(void);

static inline void limn_arccos_body(size_t n, const double *restrict u, const double *restrict v,
                                    double *restrict kappa, double *restrict gap,
                                    double *restrict slope, double *restrict turn) {
  static const double p[] = {
      0x1.0000000000000p+0, 0x1.55555555552f8p-3,  0x1.3333333379e36p-4, 0x1.6db6db397446bp-5,
      0x1.f1c730cb592e5p-6, 0x1.6e893a3f28ea7p-6,  0x1.1c7f1339913c4p-6, 0x1.c44fb258f47f6p-7,
      0x1.b03e2652d5511p-7, -0x1.54fd1ff49c16fp-9, 0x1.426bd3d739317p-4, -0x1.2ffed4e682168p-2,
      0x1.0219811b2d5bap+0, -0x1.3ed52eb63958cp+1, 0x1.2917a8328b8c8p+2, -0x1.8eacd96273eb1p+2,
      0x1.70821a42b32e0p+2, -0x1.a3b414e8fbd83p+1, 0x1.c751137d17be2p-1};
  static const double q[] = {0x1.5555555555556p+0,  0x1.1111111110adap-3,  0x1.5f15f1603f271p-5,
                             0x1.45145095df18ap-6,  0x1.6a056221fa10cp-7,  0x1.c317e4206ec40p-8,
                             0x1.2fe1e6dd93053p-8,  0x1.a132e85c7ed3ap-9,  0x1.a76f38a460eeap-9,
                             -0x1.5d30d8c2181ccp-9, 0x1.4d4f72389b1f8p-6,  -0x1.d2a59376f4053p-5,
                             0x1.0d754d5263a91p-3,  -0x1.aa52ae4d54b85p-3, 0x1.d18aaa10d50c3p-3,
                             -0x1.33b517aea7289p-3, 0x1.896b1035f7f36p-5};
  const double inv_pi = 0x1.45f306dc9c883p-2;
  for (size_t j = 0; j < n; j++) {
    double t = 0.5 * u[j];
    double z = t <= 0.5 ? t : 0.5 * v[j];
    z = z > 0 ? z : 0;
    double angle = p[sizeof p / sizeof *p - 1], bulge = q[sizeof q / sizeof *q - 1];
#pragma GCC unroll 32
    for (int k = (int)(sizeof p / sizeof *p) - 2; k >= 0; k--) angle = angle * z + p[k];
#pragma GCC unroll 32
    for (int k = (int)(sizeof q / sizeof *q) - 2; k >= 0; k--) bulge = bulge * z + q[k];
    double root = sqrt(z);
    angle = 2 * root * angle * inv_pi;
    bulge = 2 * z * root * bulge * inv_pi;
    double near_gap = u[j] - bulge, near_kappa = 1 - near_gap;
    kappa[j] = t <= 0.5 ? near_kappa : bulge;
    gap[j] = t <= 0.5 ? near_gap : 1 - bulge;
    slope[j] = t <= 0.5 ? 1 - angle : angle;
    turn[j] = t <= 0.5 ? angle : 1 - angle;
  }
}

#endif
