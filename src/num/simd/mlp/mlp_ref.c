/* mlp_ref.c: the training loops for any CPU: vectors of 16 bytes that every compiler can lower. */
#define VECTOR_BYTES 16
#define OUT_TILE 2
#define REAL_BITS 32
#define TABLE limn_mlp_ref_f32
#include "num/simd/mlp/mlp_body.h"
#define REAL_BITS 64
#define TABLE limn_mlp_ref_f64
#include "num/simd/mlp/mlp_body.h"
