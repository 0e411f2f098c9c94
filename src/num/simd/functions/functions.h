/* functions.h: elementary functions of arrays, a table of them for each instruction set.
 *
 * Errors are at most 2 units in the last place, over the whole range; subnormal numbers are
 * results like others. f(-0) = -0 for odd functions; f of an infinity or a NaN is that of C. No
 * multiplication is fused with an addition and nothing is summed in another order, so that all
 * instruction sets and vector lengths give the same bits. */
#ifndef LIMN_SIMD_FUNCTIONS_H
#define LIMN_SIMD_FUNCTIONS_H

#include <stdbool.h>
#include <stddef.h>

/* y[i] = f(x[i]), i < n; y may be x. Only the alignment of a number is required. */
typedef void limn_function_f64(double *y, const double *x, size_t n);

typedef struct limn_functions_f64 {
  limn_function_f64 *exp, *expm1, *log, *log1p, *sin, *cos, *tanh, *erf;
  limn_function_f64 *round, *floor, *ceil, *trunc; /* exact; round: halves to even */
} limn_functions_f64;

extern const limn_functions_f64 limn_functions_f64_ref, limn_functions_f64_avx2,
    limn_functions_f64_avx512;

/* That of the instruction set in use. */
const limn_functions_f64 *limn_functions(void);

#endif
