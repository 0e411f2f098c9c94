/* functions_avx2.c: elementary functions, compiled for AVX2. */
#if defined(__x86_64__)
#include "num/simd/functions/functions.h"

#define VECTOR_BYTES 32
#define NAME(x) x##_avx2
#include "num/simd/functions/functions_f64_body.h"
#endif
