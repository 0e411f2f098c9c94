/* full_rank.h: regression with independent columns. Internal. */
#ifndef LIMN_REGRESS_FULL_RANK_H
#define LIMN_REGRESS_FULL_RANK_H

#include "num/regress/columns.h"

/* If the distinct columns are in memory, at most D and independent: computes weights, dual
 * (|F'dual| <= 1 for p = 1) and norm, gap, residual, rank and method of fit, for any p >= 1.
 * Otherwise *done = false. y: the labels times 2^-ey, not projected. */
limn_status limn_unique(bool *done, limn_fit *fit, double *weights, double *dual, limn_source *s,
                        const double *y, double p, int ey, const limn_token *token, limn_err *err);

#endif
