/* dense.h: minimum-norm least squares of a dense matrix. Internal. */
#ifndef LIMN_REGRESS_DENSE_H
#define LIMN_REGRESS_DENSE_H

#include "num/regress/core.h"

/* The minimum-norm least-squares solution of a dense system; contract of limn_regress_minnorm, with
 * finite input. w (n), not NULL; a: the dual (d), or NULL. */
limn_status limn_dense_minnorm(limn_fit *fit, double *w, double *a, const double *x, size_t d,
                               size_t n, const double *y, const limn_token *token, limn_err *err);

#endif
