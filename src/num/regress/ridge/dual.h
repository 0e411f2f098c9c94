/* dual.h: ridge from K = F F'. Internal. */
#ifndef LIMN_REGRESS_RIDGE_DUAL_H
#define LIMN_REGRESS_RIDGE_DUAL_H

#include "num/regress/ridge/score.h"

/* Solves with the D x D matrix K + lambda I, N > D. *done = false, with nothing written, if K
 * (dense F) is too ill-conditioned or F is out of the safe range; always true for a FeatureSet. */
limn_status limn_ridge_dual(bool *done, const limn_ridge *p, limn_pool *pool, limn_err *err);

#endif
