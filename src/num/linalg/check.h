/* check.h: checks shared by lapack.c and tiled.c. Each reports the first error in err. */
#ifndef LIMN_LINALG_CHECK_H
#define LIMN_LINALG_CHECK_H

#include <stddef.h>
#include <stdint.h>
#include "limn/status.h"

#define LIMN_LA_MAX_SIZE ((size_t)INT32_MAX) /* LAPACK has 32-bit sizes */

/* LIMN_EINVAL if `most`, the largest of the sizes, exceeds LAPACK's maximum. */
limn_status limn_la_in_range(size_t most, limn_err *err);

/* LIMN_ESHAPE if the row stride `given` of the matrix `which` is less than its columns. */
limn_status limn_la_leading(size_t given, size_t columns, const char *which, limn_err *err);

/* LIMN_ENONFINITE at the first NaN or Inf of a (m,n), called `name`; or of the lower triangle of a
 * (n,n). */
limn_status limn_la_all_finite(const double *a, size_t m, size_t n, const char *name,
                               limn_err *err);
limn_status limn_la_finite_lower(const double *a, size_t n, limn_err *err);

#endif
