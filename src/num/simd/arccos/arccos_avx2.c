/* arccos_avx2.c: the inner loops of infinite-width kernels, compiled for AVX2. */
#if defined(__x86_64__)
#define NAME(x) x##_avx2
#include "num/simd/arccos/arccos_body.h"
#endif
