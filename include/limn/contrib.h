/* contrib.h: who carries the answer: what each class of features contributes to a fitted solution.
 *
 * The contribution of a class is the vector F_k w_k, the weighted sum of its features (D entries).
 * P is its length for the perfect class, R for the random one. */
#ifndef LIMN_CONTRIB_H
#define LIMN_CONTRIB_H

#include "limn/features.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct limn_contribution {
  double length;      /* |F_k w_k| */
  double along;       /* its component along the labels, signed; NAN without labels */
  double across;      /* length of what is left; NAN without labels */
  double weight_sq;   /* sum of w_j^2 */
  double weight_abs;  /* sum of |w_j| */
  double weight_4;    /* sum of w_j^4; NAN where the pass did not ask for it */
  double entropy_sum; /* sum of w_j^2 log w_j^2 */
  double least, most; /* of w_j */
} limn_contribution;

/* Contributions of each class for w = F'a, in one streaming pass that keeps no weights.
 *   out     out (classes of f)
 *   f       in                  D points, N features
 *   a       in  (D)             the dual, finite
 *   fourth  in                  whether weight_4 is wanted: a second, plainer pass
 *   token   in                  may be NULL
 * Errors: LIMN_ENONFINITE, LIMN_ENOMEM, LIMN_ECANCELLED. */
LIMN_API limn_status limn_contrib_dual(limn_contribution *out, const limn_features *f,
                                       const double *a, bool fourth, const limn_token *token,
                                       limn_err *err);

/* The same for any weights (rules where w is not F'a).
 *   out     out (classes of f)
 *   w       in  (N)             finite
 * Errors: as above. */
LIMN_API limn_status limn_contrib_weights(limn_contribution *out, const limn_features *f,
                                          const double *w, const limn_token *token, limn_err *err);

/* Effective number of features: exp of the entropy of w^2 / sum w^2; 0 when all weights are 0. */
LIMN_API double limn_contrib_effective(const limn_contribution *c, int classes);

/* Participation ratio (sum w^2)^2 / sum w^4; NAN where weight_4 is. */
LIMN_API double limn_contrib_participation(const limn_contribution *c, int classes);

/* New points, given as rows of numbers or as a FeatureSet with the same columns (one of x, fresh).
 */
typedef struct limn_newpoints {
  const double *x;            /* (points, N) row-major, or NULL */
  const limn_features *fresh; /* or NULL */
  uint64_t points;
} limn_newpoints;

/* What each class says at new points.
 *   out      out (classes, new points)
 *   f        in                         D points, N features
 *   weights  in  (N)                    or NULL
 *   dual     in  (D)                    where w = F'a: instead of weights; or NULL
 *   at       in                         new points with N features
 *   token    in                         may be NULL
 * Errors: LIMN_ESHAPE (argument "fresh"), LIMN_ENOMEM, LIMN_ECANCELLED. */
LIMN_API limn_status limn_contrib_at(double *out, const limn_features *f, const double *weights,
                                     const double *dual, const limn_newpoints *at,
                                     const limn_token *token, limn_err *err);

#ifdef __cplusplus
}
#endif
#endif
