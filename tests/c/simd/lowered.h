/* lowered.h: the AVX-512 loops compiled as plain C on vectors of 64 bytes (the Makefile has the
 * flags). So lane counts, tails and strides of that set are tested on every machine; its
 * instructions and their alignment only on CPUs that have them. */
#ifndef LIMN_TEST_LOWERED_H
#define LIMN_TEST_LOWERED_H

#include "num/simd/arccos/arccos.h"
#include "num/simd/functions/functions.h"
#include "num/simd/mlp/mlp_simd.h"

extern const limn_mlp_kernels lowered_mlp_f32, lowered_mlp_f64;
extern const limn_functions_f64 limn_functions_f64_lowered;
limn_arccos_fn limn_arccos_lowered;
limn_versines_fn limn_versines_lowered;
limn_relu_fn limn_relu_lowered;

#endif
