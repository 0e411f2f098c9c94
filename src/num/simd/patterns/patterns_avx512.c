/* patterns_avx512.c: the loops of patterns.h, compiled for AVX-512. */
#if defined(__x86_64__)
#define SUFFIX(x) x##_avx512
#include "num/simd/patterns/patterns_body.h"
#endif
