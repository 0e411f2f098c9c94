/* features.h: a FeatureSet: D points x N features, in classes, with labels; stored or regenerated.
 *
 * Column order: the classes one after the other, as they were given. A toy set has "perfect"
 * (copies of the labels), then "random" (fair coin flips, or normals), then, if asked for, "bias"
 * (ones). Entry (i,j) of a random column is a function of (key, i, j) alone, whatever the storage,
 * the block size or the number of threads: sign:     bit j%128 of the Philox block (c0,c1 = j/128;
 * c2 = i; c3 = salt); 1 is +1, 0 is -1. j counts columns inside the class; each class has a salt of
 * its own. binary:   (1 + sign)/2.       gaussian: Box-Muller on the same counter layout. A class
 * with correlation 0 < |rho| < 1 agrees with the label with probability (1+rho)/2 (sign and binary
 * kinds; threshold rounded to 2^-32) or is rho*L + sqrt(1-rho^2)*normal (gaussian). A perfect
 * column equals L (sign, gaussian) or (1+L)/2 (binary). */
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

/* dense: 8 D N bytes, bits: D N / 8. */
typedef enum limn_storage { LIMN_STORAGES(LIMN_ENUMERATOR) } limn_storage;

typedef struct limn_class {
  char name[32];
  uint64_t first; /* 0-based column */
  uint64_t count;
  double rho;    /* correlation with the labels: 1 perfect, 0 random; NAN for the user's own */
  bool constant; /* the bias class: every entry 1 */
} limn_class;

typedef struct limn_features limn_features; /* immutable after creation; may be shared by threads */

/* What to make. labels: D entries of -1/+1, copied; NULL = fair coin flips from the same key. */
typedef struct limn_features_spec {
  limn_kind kind;
  limn_storage storage;
  uint64_t points;
  const double *labels;
  int classes;
  limn_class class_of[LIMN_MAX_CLASSES]; /* name, count, rho, constant are read; first is filled */
  uint64_t seed, point, rep;
} limn_features_spec;

/* Makes a FeatureSet. Errors: LIMN_EINVAL (points 0 or > 2^31-1, total count 0 or > 2^53, storage
 * that cannot hold the kind, labels not -1/+1, |rho| > 1), LIMN_ENOMEM with the number of bytes. */
LIMN_API limn_status limn_features_new(limn_features **out, const limn_features_spec *spec,
                                       const limn_token *token, limn_err *err);

/* The user's own matrix, (D,N) row-major, copied; labels may be NULL (then there is no .labels).
 * Classes must cover 0 .. N-1 without overlap; classes = 0 makes one class "all". Refuses NaN/Inf.
 */
LIMN_API limn_status limn_features_from(limn_features **out, const double *x, uint64_t points,
                                        uint64_t count, const double *labels,
                                        const limn_class *class_of, int classes, limn_err *err);

LIMN_API void limn_features_free(limn_features *f); /* NULL is fine */

LIMN_API uint64_t limn_features_points(const limn_features *f);
LIMN_API uint64_t limn_features_count(const limn_features *f);
LIMN_API limn_kind limn_features_kind(const limn_features *f);
LIMN_API limn_storage limn_features_storage(const limn_features *f); /* never LIMN_AUTO */
LIMN_API const double *limn_features_labels(const limn_features *f); /* D entries, or NULL */
LIMN_API int limn_features_classes(const limn_features *f);
LIMN_API const limn_class *limn_features_class(const limn_features *f, int k);
LIMN_API uint64_t limn_features_bytes(const limn_features *f); /* memory held */

/* Columns first .. first+count-1 as doubles into out, (D,count) row-major with row stride `stride`.
 *
 *   out      out  (D,count), row stride `stride` >= count
 *   f        in
 *   first, count in  columns first .. first+count-1, counted from 0
 * Errors: LIMN_EINVAL, LIMN_ENOMEM, LIMN_ECANCELLED. */
LIMN_API limn_status limn_features_columns(double *out, size_t stride, const limn_features *f,
                                           uint64_t first, uint64_t count, const limn_token *token,
                                           limn_err *err);

/* K = F F', (D,D) row-major, both halves. Exact (integers) for sign and binary sets while the
 * entries stay below 2^53, and then independent of instruction set, threads and storage. Working
 * memory, for each thread, whatever N is: 4 D^2 + 4096 D bytes (sign, binary). Gaussian and real
 * sets go through BLAS in blocks: equal up to rounding. Errors: LIMN_EINVAL, LIMN_ENOMEM,
 * LIMN_ECANCELLED; after the last two k holds a part of the sum.
 *
 *   k        out  (D,D)
 *   f        in */
LIMN_API limn_status limn_features_gram(double *k, const limn_features *f, const limn_token *token,
                                        limn_err *err);

/* The Gram matrix of columns [first, first+count) only, ADDED to k (so that nested sizes share
 * work).
 *
 *   k        in/out (D,D)
 *   f        in
 *   first, count in  columns first .. first+count-1, counted from 0 */
LIMN_API limn_status limn_features_gram_add(double *k, const limn_features *f, uint64_t first,
                                            uint64_t count, const limn_token *token, limn_err *err);

/* What one pass over w = F'a leaves for a class, without keeping w. */
typedef struct limn_class_sums {
  double weight_sq;   /* sum of w_j^2 */
  double weight_abs;  /* sum of |w_j| */
  double entropy_sum; /* sum of w_j^2 log w_j^2 (0 log 0 = 0): for the effective number */
  double least, most; /* of w_j; 0 when the class is empty */
} limn_class_sums;

/* For sign and binary sets the passes below that take `a` round it once, to whole multiples of a
 * power of two some 2^-61 of sum |a_i|, and compute w exactly from there (w is then rounded to
 * double); `along` takes w to 2^-52 of the same bound. So results do not depend on instruction set,
 * threads or storage. Working memory, for each thread: some 400 D bytes. A NaN or Inf in a:
 * LIMN_ENONFINITE. */

/* One streaming pass: w_j = f_j . a for every column; sums[k] per class, and along[k*D + i] = the
 * class's weighted sum of features, sum over its j of w_j F_ij. along may be NULL.
 *
 *   sums     out  (classes)
 *   along    out  (classes,D) or NULL
 *   f        in
 *   a        in   (D)
 * Errors: LIMN_EINVAL, LIMN_ENONFINITE, LIMN_ENOMEM, LIMN_ECANCELLED. */
LIMN_API limn_status limn_features_contributions(limn_class_sums *sums, double *along,
                                                 const limn_features *f, const double *a,
                                                 const limn_token *token, limn_err *err);

/* w_j = f_j . a for columns first .. first+count-1.
 *
 *   w        out  (count)
 *   f        in
 *   a        in   (D)
 *   first, count in  columns first .. first+count-1, counted from 0
 * Errors: LIMN_EINVAL, LIMN_ENONFINITE, LIMN_ENOMEM, LIMN_ECANCELLED. */
LIMN_API limn_status limn_features_weights(double *w, const limn_features *f, const double *a,
                                           uint64_t first, uint64_t count, const limn_token *token,
                                           limn_err *err);

/* out_i = sum_j F_ij w_j over columns first .. first+count-1 (a forward product with given
 * weights).
 *
 *   out      out  (D)
 *   f        in
 *   w        in   (count)
 *   first, count in  columns first .. first+count-1, counted from 0
 * Errors: LIMN_EINVAL, LIMN_ENONFINITE, LIMN_ENOMEM, LIMN_ECANCELLED. */
LIMN_API limn_status limn_features_combine(double *out, const limn_features *f, const double *w,
                                           uint64_t first, uint64_t count, const limn_token *token,
                                           limn_err *err);

#ifdef __cplusplus
}
#endif
#endif
