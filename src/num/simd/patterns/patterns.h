/* patterns.h: the inner loops over the outputs of random nets on shared inputs, in single
 * precision.
 *
 * Values of a unit on all inputs are one row of `stride` floats, stride a multiple of
 * LIMN_PATTERN_LANES; entries beyond the inputs are unspecified. Instruction sets agree to
 * rounding. */
#ifndef LIMN_PATTERNS_H
#define LIMN_PATTERNS_H

#include <stddef.h>
#include <stdint.h>

enum { LIMN_PATTERN_LANES = 16 };

typedef struct limn_pattern_kernels {
  /* Box-Muller in single precision: n normals of deviation `scale` from n words; n is a multiple of
   * 2 LIMN_PATTERN_LANES. Error about 1e-6; none exceeds 6.7 deviations. */
  void (*normals)(float *out, const uint32_t *words, size_t n, float scale);

  /* out (outs, stride): bias[o] + sum over i of w[o*ins + i] h[i], or its positive part. bias may
   * be NULL. */
  void (*layer)(float *out, const float *h, const float *w, const float *bias, size_t outs,
                size_t ins, size_t stride, int relu);

  /* Bit p of words is z[p] > 0, p < points; other bits of the last word are 0. z has points rounded
   * up to LIMN_PATTERN_LANES entries. */
  void (*signs)(uint64_t *words, const float *z, size_t points);
} limn_pattern_kernels;

extern const limn_pattern_kernels limn_patterns_ref, limn_patterns_avx2, limn_patterns_avx512;

/* The table for the instruction set in use. */
const limn_pattern_kernels *limn_patterns(void);

#endif
