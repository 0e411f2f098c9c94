/* patterns_avx2.c: the loops of patterns.h, compiled for AVX2. */
#if defined(__x86_64__)
#define SUFFIX(x) x##_avx2
#include "num/simd/patterns/patterns_body.h"
#endif
