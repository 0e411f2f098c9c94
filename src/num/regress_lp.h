/* regress_lp.h: what the two files of lp share. Internal. */
#ifndef LIMN_REGRESS_LP_H
#define LIMN_REGRESS_LP_H

#include "regress_source.h"

/* Minimum max|w_j| subject to F w = y on the columns of s (y about 1 in length; the answer times
 * 2^ey). Fills weights, dual (sum |F'a| <= 1, may be NULL), norm, gap, residual, rank, iterations.
 */
limn_status limn_lp_infinity(limn_fit *fit, double *weights, double *dual, limn_source *s, int ey,
                             const limn_token *token, limn_err *err);

/* The same for 2 < p < infinity; dual: D numbers or NULL. */
limn_status limn_lp_high(limn_fit *fit, double *weights, double *dual, limn_source *s, double p,
                         int ey, const limn_token *token, limn_err *err);

#endif
