/* bits.c: selects the implementation of the bit kernels. */
#include "num/simd/bits/bits.h"
#include "core/core.h"

const limn_bits_kernels *limn_bits(void) {
#if defined(__x86_64__)
  switch (limn_isa_get()) {
  case LIMN_ISA_AVX512:
    return &limn_bits_avx512;
  case LIMN_ISA_AVX2:
    return &limn_bits_avx2;
  case LIMN_ISA_REF:
    break;
  }
#endif
  return &limn_bits_ref;
}
