/* patterns.c: selects the implementation of the loops of patterns.h. */
#include "num/simd/patterns/patterns.h"
#include "core/core.h"

const limn_pattern_kernels *limn_patterns(void) {
#if defined(__x86_64__)
  switch (limn_isa_get()) {
  case LIMN_ISA_AVX512:
    return &limn_patterns_avx512;
  case LIMN_ISA_AVX2:
    return &limn_patterns_avx2;
  case LIMN_ISA_REF:
    break;
  }
#endif
  return &limn_patterns_ref;
}
