/* contrib.h: the contribution of each class of features to a fitted solution.
 *
 * The contribution of class k is the D-vector F_k w_k, the weighted sum of its features. P is its
 * length for the perfect class, R for the random class. */
#ifndef LIMN_CONTRIB_H
#define LIMN_CONTRIB_H

#include "limn/features.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct limn_contribution {
  double length;      /* |F_k w_k| */
  double along;       /* signed component along the labels; NAN without labels */
  double across;      /* length of the component orthogonal to the labels; NAN without labels */
  double weight_sq;   /* sum of w_j^2 */
  double weight_abs;  /* sum of |w_j| */
  double weight_4;    /* sum of w_j^4; NAN if not requested */
  double entropy_sum; /* sum of w_j^2 log w_j^2 */
  double least, most; /* smallest and largest w_j */
} limn_contribution;

/* Contributions of each class for w = F'a, in one streaming pass that does not store the weights.
 *   out     out (classes of f)
 *   f       in                  D points, N features
 *   a       in  (D)             the dual, finite
 *   fourth  in                  whether to compute weight_4, in a second pass
 *   token   in                  may be NULL
 * Errors: LIMN_ENONFINITE, LIMN_ENOMEM, LIMN_ECANCELLED. */
LIMN_API limn_status limn_contrib_dual(limn_contribution *out, const limn_features *f,
                                       const double *a, bool fourth, const limn_token *token,
                                       limn_err *err);

/* Contributions of each class for arbitrary weights, also those that are not of the form F'a.
 *   out     out (classes of f)
 *   f       in                  D points, N features
 *   w       in  (N)             finite
 *   token   in                  may be NULL
 * Errors: as for limn_contrib_dual. */
LIMN_API limn_status limn_contrib_weights(limn_contribution *out, const limn_features *f,
                                          const double *w, const limn_token *token, limn_err *err);

/* Effective number of features: exp of the entropy of w^2 / sum w^2; 0 when all weights are 0. */
LIMN_API double limn_contrib_effective(const limn_contribution *c, int classes);

/* Participation ratio (sum w^2)^2 / sum w^4; NAN if weight_4 is NAN. */
LIMN_API double limn_contrib_participation(const limn_contribution *c, int classes);

/* New points: rows of numbers, or a FeatureSet with the same columns; one of x, fresh is NULL. */
typedef struct limn_newpoints {
  const double *x;            /* (points, N) row-major, or NULL */
  const limn_features *fresh; /* or NULL */
  uint64_t points;
} limn_newpoints;

/* Contribution of each class to the prediction at new points.
 *   out      out (classes, new points)
 *   f        in                         D points, N features
 *   weights  in  (N)                    or NULL
 *   dual     in  (D)                    used for w = F'a if weights is NULL; else NULL
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
