/* every_kernel.h: runs a test body for every instruction set (also AVX-512's lowered to plain C)
 * and number type, on random numbers of that type. */
#ifndef LIMN_TEST_EVERY_KERNEL_H
#define LIMN_TEST_EVERY_KERNEL_H

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "num/simd/mlp/mlp_simd.h"
#include "core/core.h"
#include "limn/limn.h"
#include "limn/mlp.h"
#include "simd/lowered.h"
#include "support/isa.h"

static limn_rng rng;
static limn_dtype type;
static const limn_mlp_kernels *k;

static inline size_t size_up_to(size_t most) {
  return 1 + (size_t)(limn_rng_uniform(&rng) * (double)most);
}

static inline double get(const void *p, size_t i) {
  return type == LIMN_F32 ? (double)((const float *)p)[i] : ((const double *)p)[i];
}

static inline void set(void *p, size_t i, double x) {
  if (type == LIMN_F32)
    ((float *)p)[i] = (float)x;
  else
    ((double *)p)[i] = x;
}

/* n random numbers of the type, aligned; NaN after them, to the end of a vector. */
static inline void *fresh(size_t n) {
  size_t real = type == LIMN_F32 ? 4 : 8;
  void *p = aligned_alloc(64, ((n + 16) * real + 63) / 64 * 64);
  for (size_t i = 0; i < n; i++) set(p, i, 2 * limn_rng_uniform(&rng) - 1);
  for (size_t i = n; i < n + 16; i++) set(p, i, NAN);
  return p;
}

static inline void *copy(const void *p, size_t n) {
  void *q = fresh(n);
  for (size_t i = 0; i < n; i++) set(q, i, get(p, i));
  return q;
}

static inline void near(double got, double want, double terms, const char *what) {
  double eps = type == LIMN_F32 ? 1.2e-7 : 2.3e-16;
  cr_assert(fabs(got - want) <= 4 * eps * (terms + fabs(want)), "%s: got %.17g, want %.17g", what,
            got, want);
}

/* Runs `body` `rounds` times for every instruction set and type. */
static inline void everywhere(void (*body)(void), int rounds) {
  rng = limn_rng_start(limn_key_of(77, 0, 0, LIMN_FOR_USER), 0);
  for (int isa = LIMN_ISA_REF; isa <= LIMN_ISA_AVX512 + 1; isa++) {
    bool lowered = isa > LIMN_ISA_AVX512;
    if (!lowered && !isa_here(isa)) continue;
    for (int t = 0; t < 2; t++) {
      type = t ? LIMN_F32 : LIMN_F64;
      k = !lowered ? limn_mlp_kernels_of(type) : t ? &lowered_mlp_f32 : &lowered_mlp_f64;
      for (int r = 0; r < rounds; r++) body();
    }
  }
}

#endif
