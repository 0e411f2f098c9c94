/* mlp_avx512.c: the training loops, compiled for AVX512. */
#if defined(__x86_64__)
#define VECTOR_BYTES 64
#define OUT_TILE 4
#define MVEC(name) _ZGVeN16v_##name##f
#define REAL_BITS 32
#define TABLE limn_mlp_avx512_f32
#include "num/simd/mlp/mlp_body.h"
#define MVEC(name) _ZGVeN8v_##name
#define REAL_BITS 64
#define TABLE limn_mlp_avx512_f64
#include "num/simd/mlp/mlp_body.h"
#endif
