/* functions.c: selects the implementation of the elementary functions. */
#include "num/simd/functions/functions.h"
#include "core/core.h"

const limn_functions_f64 *limn_functions(void) {
#if defined(__x86_64__)
  switch (limn_isa_get()) {
  case LIMN_ISA_AVX512:
    return &limn_functions_f64_avx512;
  case LIMN_ISA_AVX2:
    return &limn_functions_f64_avx2;
  case LIMN_ISA_REF:
    break;
  }
#endif
  return &limn_functions_f64_ref;
}
