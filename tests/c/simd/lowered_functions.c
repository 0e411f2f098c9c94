/* lowered_functions.c: the elementary functions with AVX-512's vectors of 64 bytes in plain C. */
#include "simd/lowered.h"

#define VECTOR_BYTES 64
#define NAME(x) x##_lowered
#include "num/simd/functions/functions_f64_body.h"
