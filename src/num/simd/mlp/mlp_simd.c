/* mlp_simd.c: selects the implementation of the training loops. */
#include "num/simd/mlp/mlp_simd.h"
#include "core/core.h"

static const limn_mlp_kernels *used_f32, *used_f64; /* set by a test */

void limn_mlp_kernels_use(const limn_mlp_kernels *f32, const limn_mlp_kernels *f64) {
  used_f32 = f32, used_f64 = f64;
}

const limn_mlp_kernels *limn_mlp_kernels_of(limn_dtype dtype) {
  bool f32 = dtype == LIMN_F32;
  if (used_f32 && used_f64) return f32 ? used_f32 : used_f64;
#if defined(__x86_64__)
  switch (limn_isa_get()) {
  case LIMN_ISA_AVX512:
    return f32 ? &limn_mlp_avx512_f32 : &limn_mlp_avx512_f64;
  case LIMN_ISA_AVX2:
    return f32 ? &limn_mlp_avx2_f32 : &limn_mlp_avx2_f64;
  case LIMN_ISA_REF:
    break;
  }
#endif
  return f32 ? &limn_mlp_ref_f32 : &limn_mlp_ref_f64;
}
