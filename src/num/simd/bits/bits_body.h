/* bits_body.h: the loops of the bit kernels that the compiler vectorises; each instruction set
 * compiles them in its own file. No operation is reordered or contracted, so the results are equal.
 */
#ifndef LIMN_BITS_BODY_H
#define LIMN_BITS_BODY_H

#include <math.h>
#include <string.h>
#include "num/simd/bits/bits.h"

static inline void limn_pack_body(uint64_t *restrict to, const uint64_t *restrict row, size_t steps,
                                  size_t lane) {
  uint64_t parity[8] = {0};
  for (size_t s = 0; s < steps; s++, to += 6 * lane, row += 2 * lane)
    for (size_t l = 0; l < lane; l++) {
      parity[l] ^= row[l] ^ row[lane + l];
      to[l] = row[l];
      to[lane + l] = parity[l];
    }
}

typedef uint64_t limn_words8 __attribute__((vector_size(64)));

/* Three stages on eight rows that are `apart` rows apart: exchanges of blocks of 4, 2 and 1 times
 * this width. */
#define LIMN_SWAP(a, b, shift, mask)                                                               \
  do {                                                                                             \
    limn_words8 t = (((a) >> (shift)) ^ (b)) & (mask);                                             \
    (b) ^= t;                                                                                      \
    (a) ^= t << (shift);                                                                           \
  } while (0)

static inline __attribute__((always_inline)) void
limn_three_stages(uint64_t *out, const uint64_t *in, size_t stride, size_t apart, uint64_t m4,
                  uint64_t m2, uint64_t m1) {
  limn_words8 v[8];
#pragma GCC unroll 8
  for (size_t r = 0; r < 8; r++) memcpy(&v[r], in + r * apart * stride, sizeof v[r]);
#pragma GCC unroll 4
  for (size_t r = 0; r < 4; r++) LIMN_SWAP(v[r], v[r + 4], 4 * apart, m4);
#pragma GCC unroll 4
  for (size_t r = 0; r < 8; r = (r + 3) & ~(size_t)2) LIMN_SWAP(v[r], v[r + 2], 2 * apart, m2);
#pragma GCC unroll 4
  for (size_t r = 0; r < 8; r += 2) LIMN_SWAP(v[r], v[r + 1], apart, m1);
#pragma GCC unroll 8
  for (size_t r = 0; r < 8; r++) memcpy(out + r * apart * 8, &v[r], sizeof v[r]);
}

/* Transposes 64 x 64 bits for 8 columns of words at once: exchanges ever smaller blocks across the
 * diagonal (Warren, Hacker's Delight 7-3). */
static inline void limn_transpose_body(uint64_t *out, const uint64_t *in, size_t stride) {
  for (size_t r = 0; r < 8; r++)
    limn_three_stages(out + 8 * r, in + stride * r, stride, 8, 0x00000000ffffffff,
                      0x0000ffff0000ffff, 0x00ff00ff00ff00ff);
  for (size_t r = 0; r < 64; r += 8)
    limn_three_stages(out + 8 * r, out + 8 * r, 8, 1, 0x0f0f0f0f0f0f0f0f, 0x3333333333333333,
                      0x5555555555555555);
}

static inline void limn_transpose_words_body(uint64_t *restrict out, const uint64_t *restrict in,
                                             size_t stride, size_t n) {
  for (size_t i = 0; i < n; i++)
    for (size_t c = 0; c < 8; c++) out[c * n + i] = in[i * stride + c];
}

/* log x for normal x > 0, within 2 units in the last place: x = 2^e m, sqrt(1/2) <= m < sqrt 2, log
 * m = 2 artanh((m-1)/(m+1)). Finite for x = 0. */
static inline double limn_log(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  uint64_t top = (bits >> 52) | 0x4330000000000000u; /* as a double: 2^52 + biased exponent */
  bits = (bits & 0x000fffffffffffffu) | 0x3ff0000000000000u;
  double e, m;
  memcpy(&e, &top, sizeof e);
  memcpy(&m, &bits, sizeof m);
  e -= 0x1p52 + 1023;
  double big = m > 1.4142135623730951 ? 1.0 : 0.0;
  m = big > 0 ? 0.5 * m : m;
  e += big;
  double t = (m - 1) / (m + 1), z = t * t;
  double p = 1.0 / 21;
  p = p * z + 1.0 / 19;
  p = p * z + 1.0 / 17;
  p = p * z + 1.0 / 15;
  p = p * z + 1.0 / 13;
  p = p * z + 1.0 / 11;
  p = p * z + 1.0 / 9;
  p = p * z + 1.0 / 7;
  p = p * z + 1.0 / 5;
  p = p * z + 1.0 / 3;
  return e * 0x1.62e42fefa39efp-1 + 2 * (t + t * z * p);
}

/* The 53 upper bits plus 1/2, times 2^-53: in (0,1). The two halves of the number are written into
 * the mantissas of doubles, since AVX2 cannot convert 64-bit integers. */
static inline double limn_unit(uint64_t word) {
  uint64_t low = (word >> 11 & 0x3ffffff) | 0x4330000000000000u,
           high = word >> 37 | 0x4330000000000000u;
  double l, h;
  memcpy(&l, &low, sizeof l);
  memcpy(&h, &high, sizeof h);
  return (h - 0x1p52) * 0x1p-27 + ((l - 0x1p52) + 0.5) * 0x1p-53;
}

/* Two normals from two words: radius from the first, angle from the second. The angle is reduced to
 * [-pi/4, pi/4] by quarter turns; the Taylor series there are cut below 1e-17. */
static inline void limn_normals_body(double *restrict out, const uint64_t *restrict words,
                                     size_t pairs, double shift, double scale) {
  for (size_t b = 0; b < pairs; b++) {
    double u = limn_unit(words[2 * b]), v = limn_unit(words[2 * b + 1]);
    double radius = sqrt(-2 * limn_log(u)) * scale;
    double turns = 4 * v + 0x1.8p52; /* rounds to an integer, which is in the last bits */
    uint64_t quarter;
    memcpy(&quarter, &turns, sizeof quarter);
    double x = (4 * v - (turns - 0x1.8p52)) * 1.57079632679489661923, z = x * x;
    double s = -1.0 / 1307674368000;
    s = s * z + 1.0 / 6227020800;
    s = s * z - 1.0 / 39916800;
    s = s * z + 1.0 / 362880;
    s = s * z - 1.0 / 5040;
    s = s * z + 1.0 / 120;
    s = s * z - 1.0 / 6;
    s = x + x * z * s;
    double c = 1.0 / 20922789888000;
    c = c * z - 1.0 / 87178291200;
    c = c * z + 1.0 / 479001600;
    c = c * z - 1.0 / 3628800;
    c = c * z + 1.0 / 40320;
    c = c * z - 1.0 / 720;
    c = c * z + 1.0 / 24;
    c = c * z - 0.5;
    c = 1 + z * c;
    double cosine = quarter & 1 ? s : c, sine = quarter & 1 ? c : s;
    cosine = (quarter + 1) & 2 ? -cosine : cosine;
    sine = quarter & 2 ? -sine : sine;
    out[2 * b] = shift + radius * cosine;
    out[2 * b + 1] = shift + radius * sine;
  }
}

static inline double limn_tree8(const double v[8]) {
  return ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]));
}

static inline void limn_sums_body(limn_weight_sums *out, const double *restrict w, size_t n) {
  double sq[8] = {0}, mag[8] = {0}, ent[8] = {0}, low[8], high[8];
  for (size_t l = 0; l < 8; l++) low[l] = high[l] = w[0];
  size_t full = n & ~(size_t)7;
  for (size_t j = 0; j < n; j += 8)
    for (size_t l = 0; l < 8; l++) {
      double x = fabs(w[j + l]), square = x * x;
      sq[l] += square;
      mag[l] += x;
      ent[l] += 2 * square * limn_log(x);
    }
  for (size_t j = 0; j < full; j += 8)
    for (size_t l = 0; l < 8; l++) {
      low[l] = w[j + l] < low[l] ? w[j + l] : low[l];
      high[l] = w[j + l] > high[l] ? w[j + l] : high[l];
    }
  for (size_t j = full; j < n; j++) {
    low[0] = w[j] < low[0] ? w[j] : low[0];
    high[0] = w[j] > high[0] ? w[j] : high[0];
  }
  *out = (limn_weight_sums){limn_tree8(sq), limn_tree8(mag), limn_tree8(ent), low[0], high[0]};
  for (size_t l = 1; l < 8; l++) {
    out->least = low[l] < out->least ? low[l] : out->least;
    out->most = high[l] > out->most ? high[l] : out->most;
  }
}

/* The sums of all combinations of 8 entries, by doubling. */
static inline void limn_byte_table(int64_t *restrict t, const int64_t q[8], bool signs) {
  t[0] = 0;
  for (size_t b = 0; signs && b < 8; b++) t[0] -= q[b];
  for (size_t b = 0; b < 8; b++) {
    int64_t step = signs ? 2 * q[b] : q[b];
    for (size_t x = 0; x < (size_t)1 << b; x++) t[((size_t)1 << b) + x] = t[x] + step;
  }
}

/* Eight lookups in tables of 256 sums replace 64 additions. */
static inline void limn_lookup_body(int64_t *restrict out, const uint64_t *restrict words, size_t n,
                                    const int64_t q[64], bool signs) {
  int64_t t[8][256];
  for (size_t b = 0; b < 8; b++) limn_byte_table(t[b], q + 8 * b, signs);
  for (size_t i = 0; i < n; i++) {
    uint64_t w = words[i];
    int64_t low = t[0][w & 255] + t[1][w >> 8 & 255] + t[2][w >> 16 & 255] + t[3][w >> 24 & 255];
    int64_t high = t[4][w >> 32 & 255] + t[5][w >> 40 & 255] + t[6][w >> 48 & 255] + t[7][w >> 56];
    out[i] += low + high;
  }
}

#endif
