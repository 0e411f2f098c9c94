/* core.h: functions shared by the regression rules: checks of a design, merging of duplicate
 * columns, blocks of columns, scaling by powers of two. Internal. */
#ifndef LIMN_REGRESS_CORE_H
#define LIMN_REGRESS_CORE_H

#include <math.h>
#include <stddef.h>
#include "core/core.h"
#include "limn/regress.h"

/* Returns from the function with the status of a failed call. */
#define LIMN_TRY(call)                                                                             \
  do {                                                                                             \
    limn_status st_ = (call);                                                                      \
    if (st_) return st_;                                                                           \
  } while (0)

/* Memory of one solve, released together. limn_take returns zeroed doubles, and records a refused
 * request in `failed`, so that a function can allocate everything and check once. */
typedef struct limn_pool {
  void *block[64];
  int used;
  size_t failed; /* doubles of the refused request; 0: none */
} limn_pool;

static inline double *limn_take(limn_pool *pool, size_t count) {
  double *p = pool->used < 64 ? limn_alloc(count ? count : 1, sizeof *p) : NULL;
  if (p)
    pool->block[pool->used++] = p;
  else if (!pool->failed)
    pool->failed = count ? count : 1;
  return p;
}

static inline void limn_pool_free(limn_pool *pool) {
  while (pool->used > 0) limn_free(pool->block[--pool->used]);
}

/* A FeatureSet with more entries than this (1 GiB) is not converted to a dense matrix. */
#define LIMN_DENSE_MOST ((uint64_t)1 << 27)

/* Checks that D, N >= 1 and F (if dense) and y are finite; reports the first entry that is not. */
limn_status limn_design_check(const limn_design *x, const double *y, limn_err *err);

/* A dense matrix in place of a design, where columns known to be equal are merged to one column. */
typedef struct limn_reduced {
  size_t points, count;
  const double *x; /* (points, count) row-major: the columns, not scaled */
  double *owned;   /* x if allocated here, else NULL */
  uint64_t *first; /* count: first design column that column j represents; NULL: j */
  double *copies;  /* count: number of (consecutive) design columns it represents; NULL: 1 */
} limn_reduced;

/* Columns that are exactly equal, opposite, or zero. Column j is sign[j] (-1, 0, +1) times kept
 * column owner[j] (0 .. kept-1). Kept column k is design column first[k] and represents copies[k]
 * columns. Zero columns are dropped (sign 0, owner 0). */
typedef struct limn_merge {
  size_t count, kept;
  size_t *owner, *first;
  signed char *sign;
  double *copies;
} limn_merge;

/* Merges the columns of x (d,n) row-major. Free with limn_merge_free on all paths. */
limn_status limn_merge_columns(limn_merge *m, const double *x, size_t d, size_t n, limn_err *err);
void limn_merge_free(limn_merge *m);

/* Number of columns of the reduced form. */
uint64_t limn_design_reduced_count(const limn_design *x);

/* Makes the reduced form. With `scaled`, column j is multiplied by sqrt(copies), so that |w|_2 of
 * both forms are equal. A dense design is referenced, neither copied nor merged. Free with
 * limn_reduced_free on all paths. */
limn_status limn_design_reduce(limn_reduced *r, const limn_design *x, bool scaled,
                               const limn_token *token, limn_err *err);
void limn_reduced_free(limn_reduced *r);

/* Weights of the design's columns from those of the reduced form. */
void limn_reduced_expand(double *weights, const limn_reduced *r, const double *w, bool scaled);

/* w = F'a; and out_i = sum_j F_ij w_j; for dense designs and FeatureSets. */
limn_status limn_design_weights(double *w, const limn_design *x, const double *a,
                                const limn_token *token, limn_err *err);
limn_status limn_design_apply(double *out, const limn_design *x, const double *w,
                              const limn_token *token, limn_err *err);

/* Sets residual, interpolates and warning of fit; the warning depends on these and on rcond. */
void limn_fit_judge(limn_fit *fit, double residual, double length_of_y, size_t d, size_t n);

/* The e with 2^(e-1) <= max|x_i| < 2^e (stride between entries); 0 if all are zero. */
static inline int limn_exponent(const double *x, size_t n, size_t stride) {
  double most = 0, lane[8] = {0};
  size_t i = 0;
  int e = 0;
  for (; stride == 1 && i + 8 <= n;
       i += 8) /* eight maxima, because one would be a serial dependency chain */
    for (size_t k = 0; k < 8; k++) lane[k] = fabs(x[i + k]) > lane[k] ? fabs(x[i + k]) : lane[k];
  for (size_t k = 0; k < 8; k++) most = lane[k] > most ? lane[k] : most;
  for (; i < n; i++) most = fabs(x[i * stride]) > most ? fabs(x[i * stride]) : most;
  frexp(most, &e);
  e = e < -1000 ? -1000 : e > 1000 ? 1000 : e; /* so that 2^-e is finite */
  return most > 0 ? e : 0;
}

/* |x|_2 without overflow or underflow. */
static inline double limn_length(const double *x, size_t n) {
  int e = limn_exponent(x, n, 1);
  double sum = 0;
  for (size_t i = 0; i < n; i++) {
    double v = ldexp(x[i], -e);
    sum += v * v;
  }
  return ldexp(sqrt(sum), e);
}

#endif
