/* functions_ref.c: elementary functions for any CPU, in vectors of 16 bytes. */
#include "num/simd/functions/functions.h"

#define VECTOR_BYTES 16
#define NAME(x) x##_ref
#include "num/simd/functions/functions_f64_body.h"
