/* arccos_ref.c: the inner loops of infinite-width kernels, compiled for any CPU. */
#define NAME(x) x##_ref
#include "num/simd/arccos/arccos_body.h"
