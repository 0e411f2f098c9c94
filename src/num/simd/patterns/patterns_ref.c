/* patterns_ref.c: the loops of patterns.h, in plain C; the others are tested against them. */
#define SUFFIX(x) x##_ref
#include "num/simd/patterns/patterns_body.h"
