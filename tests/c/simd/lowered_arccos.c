/* lowered_arccos.c: the inner loops of infinite-width kernels with AVX-512's eight lanes in plain
 * C. */
#include "simd/lowered.h"

#define NAME(x) x##_lowered
#define PLAIN_LANES 8
#include "num/simd/arccos/arccos_body.h"
