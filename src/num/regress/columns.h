/* columns.h: distinct columns of a design with their multiplicities, in blocks. Internal.
 *
 * What lp, l1 and lasso read: column k is a representative of `copies` equal (dense: or opposite)
 * columns. When F has deficient row rank the columns are given in an orthonormal basis of its
 * range, so that the rows are independent, and the labels are projected onto it. LIMN_WHITE:
 * columns in memory whose rows are nearly dependent are given in the basis U/s of their SVD F = U
 * diag(s) V': the rows are then those of V', up to one factor, and an interior point meets no more
 * than rounding of their condition. */
#ifndef LIMN_REGRESS_SOURCE_H
#define LIMN_REGRESS_SOURCE_H

#include "num/regress/core.h"

typedef enum limn_basis { LIMN_AS_IS, LIMN_ORTHONORMAL, LIMN_WHITE } limn_basis;

typedef struct limn_source {
  limn_design x;
  size_t rows;          /* D, or the rank */
  uint64_t count;       /* distinct columns */
  double *y;            /* rows: the labels in the basis */
  double *basis;        /* (D, rows) with orthonormal columns, or NULL: the identity */
  double *white;        /* (rows, count): the columns in the basis U/s, or NULL */
  double *u;            /* (D, rows): U where white */
  const double *labels; /* D: as given */
  double outside;       /* |y - projection|: the part of the labels that no weights reach */
  limn_merge merge;     /* of a dense design */
  double *merged; /* (D, count): the distinct columns, when a dense design had others, or of a set
                     that is small enough to keep */
  int ex;         /* dense: columns are given times 2^-ex, so that their products are numbers */
  double *raw;    /* a block of columns before the change of basis */
  uint64_t block; /* columns a block holds at most */
  limn_pool pool;
} limn_source;

/* Makes it; x, y and x's numbers must outlive it. a basis also computes the rank (one Gram
 * pass); rows = 0 where every feature is zero (as is: count = 0). Free with
 * limn_source_free on every path. */
limn_status limn_source_open(limn_source *s, const limn_design *x, const double *y,
                             limn_basis basis, const limn_token *token, limn_err *err);
void limn_source_free(limn_source *s);

/* Columns first .. first+n-1 (n <= s->block), (rows, n) row-major into out; copies (n) may be NULL.
 */
limn_status limn_source_block(limn_source *s, uint64_t first, size_t n, double *out, double *copies,
                              const limn_token *token, limn_err *err);

/* t_j = column_j . a for all distinct columns; a has `rows` entries. */
limn_status limn_source_dots(limn_source *s, const double *a, double *t, const limn_token *token,
                             limn_err *err);

/* out (rows) = sum_j v_j column_j over all distinct columns. */
limn_status limn_source_apply(limn_source *s, const double *v, double *out, const limn_token *token,
                              limn_err *err);

/* |part of y - sum_j v_j column_j in the range of F|, in the labels' own coordinates. */
limn_status limn_source_missed(limn_source *s, const double *v, double *missed,
                               const limn_token *token, limn_err *err);

/* The n distinct columns index[0 .. n-1], (rows, n) row-major into out; copies (n) may be NULL. */
limn_status limn_source_gather(limn_source *s, const size_t *index, size_t n, double *out,
                               double *copies, const limn_token *token, limn_err *err);

/* Weights of all the design's columns when distinct column k shall have the total weight v[k]:
 * equal shares (opposite columns: opposite shares). */
void limn_source_expand(const limn_source *s, const double *v, double *weights);

/* The dual in the design's own coordinates: out (D) from a (rows). */
void limn_source_dual(const limn_source *s, const double *a, double *out);

/* |x|_p, x_j counted copies_j times; p = infinity: the largest. */
double limn_source_norm(const double *x, const double *copies, size_t n, double p);

/* copies (count) of all distinct columns. */
limn_status limn_source_copies(limn_source *s, double *copies, const limn_token *token,
                               limn_err *err);

#endif
