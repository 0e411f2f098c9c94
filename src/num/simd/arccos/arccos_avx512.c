/* arccos_avx512.c: the inner loops of infinite-width kernels, compiled for AVX512. */
#if defined(__x86_64__)
#define NAME(x) x##_avx512
#include "num/simd/arccos/arccos_body.h"
#endif
