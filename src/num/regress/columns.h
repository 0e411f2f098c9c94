/* columns.h: distinct columns of a design with their multiplicities, in blocks. Internal.
 *
 * Input of lp, l1 and lasso. Column k represents `copies` equal (dense: or opposite) columns. If F
 * has deficient row rank, columns are given in an orthonormal basis of its range, so that the rows
 * are independent, and the labels are projected onto the range. LIMN_WHITE: for columns in memory
 * with nearly dependent rows the basis is U/s, from the SVD F = U diag(s) V'. The rows are then
 * those of V' up to one factor, and the interior-point method is not affected by their condition
 * number, except through rounding. */
#ifndef LIMN_REGRESS_SOURCE_H
#define LIMN_REGRESS_SOURCE_H

#include "num/regress/core.h"

typedef enum limn_basis { LIMN_AS_IS, LIMN_ORTHONORMAL, LIMN_WHITE } limn_basis;

typedef struct limn_source {
  limn_design x;
  size_t rows;          /* D, or the rank of F */
  uint64_t count;       /* distinct columns */
  double *y;            /* rows: the labels in this basis */
  double *basis;        /* (D, rows) with orthonormal columns, or NULL: the identity */
  double *white;        /* (rows, count): the columns in the basis U/s, or NULL */
  double *u;            /* (D, rows): U, if white */
  const double *labels; /* D: as given */
  double outside;       /* |y - projection of y onto the range of F| */
  limn_merge merge;     /* of a dense design */
  double *merged; /* (D, count): the distinct columns, of a dense design with duplicates or of a
                     small set */
  int ex;         /* dense: columns are scaled by 2^-ex, so that their products do not overflow */
  double *raw;    /* a block of columns before the change of basis */
  uint64_t block; /* maximum number of columns of a block */
  limn_pool pool;
} limn_source;

/* Opens a source; x, y and x's data must outlive it. The kinds of basis also compute the rank (one
 * Gram pass). rows = 0 if all features are zero (without basis: count = 0). Free with
 * limn_source_free on all paths. */
limn_status limn_source_open(limn_source *s, const limn_design *x, const double *y,
                             limn_basis basis, const limn_token *token, limn_err *err);
void limn_source_free(limn_source *s);

/* Columns first .. first+n-1 (n <= s->block): out (rows, n) row-major; copies (n) or NULL. */
limn_status limn_source_block(limn_source *s, uint64_t first, size_t n, double *out, double *copies,
                              const limn_token *token, limn_err *err);

/* t_j = column_j . a for all distinct columns; a has `rows` entries. */
limn_status limn_source_dots(limn_source *s, const double *a, double *t, const limn_token *token,
                             limn_err *err);

/* out (rows) = sum_j v_j column_j over all distinct columns. */
limn_status limn_source_apply(limn_source *s, const double *v, double *out, const limn_token *token,
                              limn_err *err);

/* |part of y - sum_j v_j column_j in the range of F|, in the coordinates of the labels. */
limn_status limn_source_missed(limn_source *s, const double *v, double *missed,
                               const limn_token *token, limn_err *err);

/* The n distinct columns index[0 .. n-1]: out (rows, n) row-major; copies (n) or NULL. */
limn_status limn_source_gather(limn_source *s, const size_t *index, size_t n, double *out,
                               double *copies, const limn_token *token, limn_err *err);

/* Weights of all columns of the design if distinct column k has the total weight v[k], divided
 * equally among its copies (with opposite sign for opposite columns). */
void limn_source_expand(const limn_source *s, const double *v, double *weights);

/* The dual in the coordinates of the design: out (D) from a (rows). */
void limn_source_dual(const limn_source *s, const double *a, double *out);

/* |x|_p with x_j of multiplicity copies_j; p = infinity: the maximum. */
double limn_source_norm(const double *x, const double *copies, size_t n, double p);

/* copies (count) of all distinct columns. */
limn_status limn_source_copies(limn_source *s, double *copies, const limn_token *token,
                               limn_err *err);

#endif
