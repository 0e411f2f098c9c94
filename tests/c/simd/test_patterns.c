/* test_patterns.c: the loops over random nets: every instruction set against plain loops, and
 * normals against the moments of their distribution. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "core/core.h"
#include "limn/limn.h"
#include "num/simd/patterns/patterns.h"
#include "support/isa.h"

#define EACH_ISA(isa)                                                                              \
  for (int isa = LIMN_ISA_REF; isa <= LIMN_ISA_AVX512; isa++)                                      \
    if (isa_here(isa))

static limn_rng stream(uint32_t lane) {
  return limn_rng_start(limn_key_of(5, 0, 0, LIMN_FOR_USER), lane);
}

Test(patterns, layers_are_sums_for_all_numbers_of_units_and_inputs) {
  size_t outs_of[] = {1, 3, 4, 8, 13, 40}, ins_of[] = {1, 7, 40}, strides[] = {16, 32, 48, 128};
  limn_rng rng = stream(1);
  EACH_ISA(isa)
  for (int a = 0; a < 6; a++)
    for (int b = 0; b < 3; b++)
      for (int c = 0; c < 4; c++)
        for (int relu = 0; relu < 2; relu++) {
          size_t outs = outs_of[a], ins = ins_of[b], stride = strides[c];
          float *w = malloc(outs * ins * sizeof *w), *h = malloc(ins * stride * sizeof *h);
          float *bias = malloc(outs * sizeof *bias), *z = malloc(outs * stride * sizeof *z);
          for (size_t i = 0; i < outs * ins; i++) w[i] = (float)limn_rng_normal(&rng);
          for (size_t i = 0; i < ins * stride; i++) h[i] = (float)limn_rng_normal(&rng);
          for (size_t i = 0; i < outs; i++) bias[i] = (float)limn_rng_normal(&rng);
          limn_patterns()->layer(z, h, w, a % 2 ? bias : NULL, outs, ins, stride, relu);
          for (size_t o = 0; o < outs; o++)
            for (size_t p = 0; p < stride; p++) {
              double sum = a % 2 ? bias[o] : 0, size = 1;
              for (size_t i = 0; i < ins; i++) {
                sum += (double)w[o * ins + i] * h[i * stride + p];
                size += fabs((double)w[o * ins + i] * h[i * stride + p]);
              }
              if (relu && sum < 0) sum = 0;
              cr_assert(fabs(z[o * stride + p] - sum) < 1e-6 * size, "isa %d, %zu x %zu x %zu", isa,
                        outs, ins, stride);
            }
          free(w), free(h), free(bias), free(z);
        }
}

Test(patterns, signs_are_those_of_numbers_above_zero) {
  limn_rng rng = stream(2);
  float z[208];
  uint64_t words[4];
  EACH_ISA(isa)
  for (size_t points = 1; points <= 200; points++) {
    for (int p = 0; p < 208; p++) z[p] = p % 5 == 0 ? 0 : (float)limn_rng_normal(&rng);
    limn_patterns()->signs(words, z, points);
    for (size_t p = 0; p < (points + 63) / 64 * 64; p++)
      cr_assert_eq(words[p / 64] >> p % 64 & 1, p < points && z[p] > 0, "isa %d, %zu", isa, p);
  }
}

Test(patterns, normals_are_box_muller) {
  enum { N = 1 << 16 };
  static uint32_t words[N];
  static float z[N];
  limn_rng rng = stream(3);
  limn_rng_words(&rng, words, N);
  words[0] = 0, words[1] = 0xffffffff, words[16] = 0x80000000, words[17] = 0x7fffffff;
  EACH_ISA(isa) {
    double sum[5] = {0};
    limn_patterns()->normals(z, words, N, 2);
    for (size_t j = 0; j < N; j += 32)
      for (size_t k = 0; k < 16; k++) {
        double u = ((words[j + k] & 0x7fffffff) + 0.5) * 0x1p-31;
        double v = (double)(int32_t)words[j + 16 + k] * 0x1p-32, r = 2 * sqrt(-2 * log(u));
        double slack = 4e-6 + 1e-6 / r; /* u is rounded to single precision */
        cr_assert(fabs(z[j + k] - r * cos(6.283185307179586 * v)) < slack, "isa %d, %zu", isa,
                  j + k);
        cr_assert(fabs(z[j + 16 + k] - r * sin(6.283185307179586 * v)) < slack, "isa %d", isa);
      }
    for (size_t i = 0; i < N; i++)
      for (int m = 1; m < 5; m++) sum[m] += pow(z[i] / 2.0, m) / N;
    cr_assert(fabs(sum[1]) < 5.0 / 256 && fabs(sum[2] - 1) < 5 * 1.42 / 256);
    cr_assert(fabs(sum[3]) < 5 * 3.9 / 256 && fabs(sum[4] - 3) < 5 * 9.8 / 256);
  }
}
