/* routes.h: the two dense minimum-norm solvers (tall.c, wide.c). Internal. */
#ifndef LIMN_REGRESS_ROUTES_H
#define LIMN_REGRESS_ROUTES_H

#include "num/regress/core.h"

/* Minimum-norm least squares of x (d,n): tall for n <= d, wide for n > d. w (n), zeroed; a (d) or
 * NULL. */
limn_status limn_dense_tall(limn_fit *fit, double *w, double *a, const double *x, size_t d,
                            size_t n, const double *y, limn_pool *pool, limn_err *err);
limn_status limn_dense_wide(limn_fit *fit, double *w, double *a, const double *x, size_t d,
                            size_t n, const double *y, limn_pool *pool, const limn_token *token,
                            limn_err *err);

#endif
