/* mlp_avx2.c: the training loops, compiled for AVX2. */
#if defined(__x86_64__)
#define VECTOR_BYTES 32
#define OUT_TILE 2
#define MVEC(name) _ZGVdN8v_##name##f
#define REAL_BITS 32
#define TABLE limn_mlp_avx2_f32
#include "num/simd/mlp/mlp_body.h"
#define MVEC(name) _ZGVdN4v_##name
#define REAL_BITS 64
#define TABLE limn_mlp_avx2_f64
#include "num/simd/mlp/mlp_body.h"
#endif
