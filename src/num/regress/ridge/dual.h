/* dual.h: ridge from K = F F'. Internal. */
#ifndef LIMN_REGRESS_RIDGE_DUAL_H
#define LIMN_REGRESS_RIDGE_DUAL_H

#include "num/regress/ridge/score.h"

/* Solves with the D x D matrix K + lambda I, N > D. *done = false, nothing written: K (dense F) is
 * too ill-conditioned or F out of the safe range; a FeatureSet is always done. */
limn_status limn_ridge_dual(bool *done, const limn_ridge *p, limn_pool *pool, limn_err *err);

#endif
