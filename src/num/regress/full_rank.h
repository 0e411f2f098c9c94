/* full_rank.h: the answer where the columns are independent. Internal. */
#ifndef LIMN_REGRESS_FULL_RANK_H
#define LIMN_REGRESS_FULL_RANK_H

#include "num/regress/columns.h"

/* Where the distinct columns are in memory, at most D and independent: weights, dual (|F'dual| <= 1
 * for p = 1), norm, gap, residual, rank and method of fit, whatever p >= 1; else *done = false. y:
 * the labels times 2^-ey, not projected. */
limn_status limn_unique(bool *done, limn_fit *fit, double *weights, double *dual, limn_source *s,
                        const double *y, double p, int ey, const limn_token *token, limn_err *err);

#endif
