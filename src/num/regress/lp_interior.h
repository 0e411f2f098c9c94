/* lp_interior.h: minimum |w|_p interpolation for p > 2. Internal. */
#ifndef LIMN_REGRESS_LP_INTERIOR_H
#define LIMN_REGRESS_LP_INTERIOR_H

#include "num/regress/columns.h"

/* Minimum |w|_p subject to F w = y on the columns of s, for 2 < p <= infinity. |y| is about 1; the
 * answer is multiplied by 2^ey. Computes weights, dual (D numbers; each may be NULL), norm, gap,
 * residual, rank, iterations. */
limn_status limn_lp_high(limn_fit *fit, double *weights, double *dual, limn_source *s, double p,
                         int ey, const limn_token *token, limn_err *err);

#endif
