/* functions_avx512.c: elementary functions, compiled for AVX512. */
#if defined(__x86_64__)
#include "num/simd/functions/functions.h"

#define VECTOR_BYTES 64
#define NAME(x) x##_avx512
#include "num/simd/functions/functions_f64_body.h"
#endif
