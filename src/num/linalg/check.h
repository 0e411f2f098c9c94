/* check.h: the checks that lapack.c and tiled.c share. Each names the first thing that is wrong in
 * err. */
#ifndef LIMN_LINALG_CHECK_H
#define LIMN_LINALG_CHECK_H

#include <stddef.h>
#include <stdint.h>
#include "limn/status.h"

#define LIMN_LA_MOST ((size_t)INT32_MAX) /* LAPACK counts in 32 bits */

/* LIMN_EINVAL when `most`, the largest of the sizes, is more than LAPACK can count. */
limn_status limn_la_in_range(size_t most, limn_err *err);

/* LIMN_ESHAPE when the row stride `given` of the matrix named `which` is below its columns. */
limn_status limn_la_leading(size_t given, size_t columns, const char *which, limn_err *err);

/* LIMN_ENONFINITE at the first NaN or Inf of a (m,n), called `name`; of the lower triangle of a
 * (n,n). */
limn_status limn_la_all_finite(const double *a, size_t m, size_t n, const char *name,
                               limn_err *err);
limn_status limn_la_finite_lower(const double *a, size_t n, limn_err *err);

#endif
