/* lowered_mlp.c: the training loops with AVX-512's vectors and tiles in plain C. */
#include "simd/lowered.h"

#define VECTOR_BYTES 64
#define OUT_TILE 4
#define REAL_BITS 32
#define TABLE lowered_mlp_f32
#include "num/simd/mlp/mlp_body.h"
#define REAL_BITS 64
#define TABLE lowered_mlp_f64
#include "num/simd/mlp/mlp_body.h"
