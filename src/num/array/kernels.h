/* kernels.h: the elementwise functions on contiguous doubles. Internal. */
#ifndef LIMN_ARRAY_KERNELS_H
#define LIMN_ARRAY_KERNELS_H

#include "limn/array_ops.h"

/* o[i] = f(a[i], b[i]), i < n; b is NULL for a function of one operand; o may be a or b. */
typedef void limn_entry_kernel(double *o, const double *a, const double *b, size_t n);

/* Before a function whose loops contain no calls: it is compiled for wider vectors too, and the
 * loader selects a version. All give the same bits: nothing is reassociated or fused. The
 * sanitizers cannot be started by a resolver. */
#if defined __x86_64__ && defined __OPTIMIZE__ && !defined __SANITIZE_ADDRESS__ &&                 \
    !defined __SANITIZE_THREAD__ && !defined __clang__
#define LIMN_WIDE __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define LIMN_WIDE
#endif

/* Indexed by limn_binary and limn_unary. */
extern limn_entry_kernel *const limn_binary_kernels[], *const limn_unary_kernels[];
void limn_copy_kernel(double *o, const double *a, const double *b, size_t n);

/* Whether an entry takes several nanoseconds: such passes are divided between threads from fewer
 * entries on. */
bool limn_unary_is_slow(limn_unary op);

enum {
  LIMN_SEGMENT = 1 << 14,   /* entries of a thread's task */
  LIMN_MANY_SLOW = 1 << 16, /* entries from which a pass is divided between threads */
  LIMN_MANY = 1 << 19
};

#endif
