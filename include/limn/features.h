/* features.h: FeatureSets: D points x N features in classes, with labels; stored or regenerated.
 *
 * Columns are ordered by class, in the order in which the classes were given. A toy set has the
 * classes "perfect" (copies of the labels), "random" (fair coin flips or normals) and optionally
 * "bias" (ones).
 *
 * Entry (i,j) of a random column is a function of (key, i, j) only; it does not depend on storage,
 * block size or number of threads. j counts columns within the class; each class has its own salt.
 *   sign      bit j%128 of the Philox block with counter c0,c1 = j/128, c2 = i, c3 = salt;
 *             1 is +1, 0 is -1
 *   binary    (1 + sign)/2
 *   gaussian  Box-Muller on the same counters
 *
 * A class with correlation 0 < |rho| < 1 agrees with the label with probability (1+rho)/2 (sign,
 * binary; threshold rounded to 2^-32) or is rho*L + sqrt(1-rho^2)*normal (gaussian). A perfect
 * column is L (sign, gaussian) or (1+L)/2 (binary). */
#ifndef LIMN_FEATURES_H
#define LIMN_FEATURES_H

#include <stdbool.h>
#include <stdint.h>
#include "limn/rng.h"
#include "limn/status.h"
#include "limn/token.h"
#include "limn/vocabulary.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LIMN_MAX_CLASSES 64

typedef enum limn_kind { LIMN_KINDS(LIMN_ENUMERATOR) } limn_kind;

/* Memory: dense 8 D N bytes, bits D N / 8 bytes, stream none. */
typedef enum limn_storage { LIMN_STORAGES(LIMN_ENUMERATOR) } limn_storage;

typedef struct limn_class {
  char name[32];
  uint64_t first; /* 0-based column */
  uint64_t count;
  double rho;    /* correlation with the labels: 1 perfect, 0 random; NAN for a user's matrix */
  bool constant; /* the bias class: every entry 1 */
} limn_class;

typedef struct limn_features limn_features; /* immutable after creation; threads may share it */

/* Specification of a FeatureSet. labels: D entries of -1/+1, copied; NULL: fair coin flips from the
 * same key. */
typedef struct limn_features_spec {
  limn_kind kind;
  limn_storage storage;
  uint64_t points;
  const double *labels;
  int classes;
  limn_class class_of[LIMN_MAX_CLASSES]; /* name, count, rho, constant: in; first: computed */
  uint64_t seed, point, rep;
} limn_features_spec;

/* Fills the first `size` bytes with the default: sign features without classes, storage chosen by
 * size, seed 1.
 *   spec   out
 *   size   in   sizeof(limn_features_spec) */
LIMN_API void limn_features_spec_default(limn_features_spec *spec, size_t size);

/* Creates a FeatureSet.
 *   out      out  free with limn_features_free
 *   spec     in
 *   token    in   may be NULL
 * Errors: LIMN_EINVAL (points 0 or > 2^31-1; total count 0 or > 2^53; storage that cannot hold the
 * kind; labels not -1/+1; |rho| > 1), LIMN_ENOMEM (with the number of bytes), LIMN_ECANCELLED. */
LIMN_API limn_status limn_features_new(limn_features **out, const limn_features_spec *spec,
                                       const limn_token *token, limn_err *err);

/* Creates a FeatureSet from a matrix.
 *   out      out  free with limn_features_free
 *   x        in   (points,count) row-major, finite; copied
 *   labels   in   (points), or NULL
 *   class_of in   (classes) must cover the columns 0 .. count-1 in order, without overlap
 *   classes  in   0: one class "all"
 * Errors: LIMN_EINVAL, LIMN_ENONFINITE, LIMN_ENOMEM. */
LIMN_API limn_status limn_features_from(limn_features **out, const double *x, uint64_t points,
                                        uint64_t count, const double *labels,
                                        const limn_class *class_of, int classes, limn_err *err);

LIMN_API void limn_features_free(limn_features *f); /* f may be NULL */

LIMN_API uint64_t limn_features_points(const limn_features *f);
LIMN_API uint64_t limn_features_count(const limn_features *f);
LIMN_API limn_kind limn_features_kind(const limn_features *f);
LIMN_API limn_storage limn_features_storage(const limn_features *f); /* never LIMN_AUTO */
LIMN_API const double *limn_features_labels(const limn_features *f); /* D entries, or NULL */
LIMN_API int limn_features_classes(const limn_features *f);
/* Class k, 0 .. classes-1; NULL for any other number. */
LIMN_API const limn_class *limn_features_class(const limn_features *f, int k);
LIMN_API uint64_t limn_features_bytes(const limn_features *f); /* allocated memory */

/* Reads columns as doubles.
 *   out      out  (D,count), row stride `stride` >= count
 *   f        in
 *   first, count in  columns first .. first+count-1, counted from 0
 *   token    in   may be NULL
 * Errors: LIMN_EINVAL, LIMN_ENOMEM, LIMN_ECANCELLED. */
LIMN_API limn_status limn_features_columns(double *out, size_t stride, const limn_features *f,
                                           uint64_t first, uint64_t count, const limn_token *token,
                                           limn_err *err);

/* The Gram matrix K = F F'. For sign and binary sets it is exact (integers below 2^53) and does not
 * depend on instruction set, threads or storage; the working memory per thread is 4 D^2 + 4096 D
 * bytes for any N. Gaussian and real sets are computed by BLAS in blocks and are equal up to
 * rounding.
 *   k        out  (D,D), both triangles; undefined after LIMN_ENOMEM or LIMN_ECANCELLED
 *   f        in
 *   token    in   may be NULL
 * Errors: LIMN_EINVAL, LIMN_ENOMEM, LIMN_ECANCELLED. */
LIMN_API limn_status limn_features_gram(double *k, const limn_features *f, const limn_token *token,
                                        limn_err *err);

/* Adds the Gram matrix of some columns to k, so that nested sizes need each column only once.
 *   k        in/out (D,D)
 *   f        in
 *   first, count in  columns first .. first+count-1, counted from 0
 *   token    in   may be NULL
 * Errors: as for limn_features_gram. */
LIMN_API limn_status limn_features_gram_add(double *k, const limn_features *f, uint64_t first,
                                            uint64_t count, const limn_token *token, limn_err *err);

/* Sums over the weights w = F'a of one class. */
typedef struct limn_class_sums {
  double weight_sq;   /* sum of w_j^2 */
  double weight_abs;  /* sum of |w_j| */
  double entropy_sum; /* sum of w_j^2 log w_j^2 (0 log 0 = 0), for the effective number */
  double least, most; /* smallest and largest w_j; 0 if the class is empty */
} limn_class_sums;

/* The following passes over sign and binary sets round `a` once, to multiples of a power of two of
 * about 2^-61 sum |a_i|; w is then computed exactly and rounded to double. `along` uses w rounded
 * to 2^-52 of the same bound. Results therefore do not depend on instruction set, threads or
 * storage. Working memory per thread is about 400 D bytes. */

/* Sums of w_j = f_j . a and the contributions of the classes, in one streaming pass.
 *   sums     out  (classes)
 *   along    out  (classes,D) sum over j in the class of w_j F_ij, or NULL
 *   f        in
 *   a        in   (D)
 *   token    in   may be NULL
 * Errors: LIMN_EINVAL, LIMN_ENONFINITE, LIMN_ENOMEM, LIMN_ECANCELLED. */
LIMN_API limn_status limn_features_contributions(limn_class_sums *sums, double *along,
                                                 const limn_features *f, const double *a,
                                                 const limn_token *token, limn_err *err);

/* Weights w_j = f_j . a of some columns.
 *   w        out  (count)
 *   f        in
 *   a        in   (D)
 *   first, count in  columns first .. first+count-1, counted from 0
 *   token    in   may be NULL
 * Errors: LIMN_EINVAL, LIMN_ENONFINITE, LIMN_ENOMEM, LIMN_ECANCELLED. */
LIMN_API limn_status limn_features_weights(double *w, const limn_features *f, const double *a,
                                           uint64_t first, uint64_t count, const limn_token *token,
                                           limn_err *err);

/* Product out_i = sum_j F_ij w_j over some columns.
 *   out      out  (D)
 *   f        in
 *   w        in   (count)
 *   first, count in  columns first .. first+count-1, counted from 0
 *   token    in   may be NULL
 * Errors: LIMN_EINVAL, LIMN_ENONFINITE, LIMN_ENOMEM, LIMN_ECANCELLED. */
LIMN_API limn_status limn_features_combine(double *out, const limn_features *f, const double *w,
                                           uint64_t first, uint64_t count, const limn_token *token,
                                           limn_err *err);

#ifdef __cplusplus
}
#endif
#endif
