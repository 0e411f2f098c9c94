/* matrix.h: functions of matrices and products of arrays. Matrices are row-major, contiguous
 * doubles; outputs must not overlap inputs. */
#ifndef LIMN_MATRIX_H
#define LIMN_MATRIX_H

#include "limn/array.h"
#include "limn/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The determinant of a (n,n), by LU; *log_size and *sign (either may be NULL): log |det| and -1, 0
 * or 1, which neither overflow nor underflow. The determinant of no entries is 1.
 * Errors: LIMN_ENONFINITE, LIMN_ENOMEM. */
LIMN_API limn_status limn_determinant(double *det, double *log_size, double *sign, const double *a,
                                      size_t n, limn_err *err);

/* out (n,n) = a^-1; *rcond estimates 1/(|a|_1 |a^-1|_1). Errors: LIMN_ENUMERIC (singular),
 * LIMN_ENONFINITE, LIMN_ENOMEM. */
LIMN_API limn_status limn_inverse(double *out, double *rcond, const double *a, size_t n,
                                  limn_err *err);

/* The Moore-Penrose inverse: out (n,m) of a (m,n). Singular values of at most rcond times the
 * largest count as 0. Errors: LIMN_ENUMERIC (no convergence), LIMN_ENONFINITE, LIMN_ENOMEM. */
LIMN_API limn_status limn_pseudo_inverse(double *out, const double *a, size_t m, size_t n,
                                         double rcond, limn_err *err);

/* The condition number, largest over smallest singular value of a (m,n); INFINITY if that is 0. */
LIMN_API limn_status limn_condition(double *condition, const double *a, size_t m, size_t n,
                                    limn_err *err);

/* Eigenvalues re + i im and eigenvectors v_re + i v_im (columns, of length 1) of a (n,n). Conjugate
 * pairs are neighbours, the one with im > 0 first.
 *   re, im       out (n)
 *   v_re, v_im   out (n,n)  both may be NULL
 * Errors: LIMN_ENUMERIC (no convergence), LIMN_ENONFINITE, LIMN_ENOMEM. Source: LAPACK dgeev. */
LIMN_API limn_status limn_eigen(double *re, double *im, double *v_re, double *v_im, const double *a,
                                size_t n, limn_err *err);

/* out (n,n) = exp(a) by scaling, a Pade approximant of degree 13, and squaring.
 * Errors: LIMN_ENONFINITE, LIMN_ENOMEM. Source: Higham 2005. */
LIMN_API limn_status limn_matrix_exponential(double *out, const double *a, size_t n, limn_err *err);

/* out (m p, n q): block (i,j) is a_ij b; a (m,n), b (p,q). */
LIMN_API void limn_kronecker(double *out, const double *a, size_t m, size_t n, const double *b,
                             size_t p, size_t q);

/* out (d,d): covariances of the columns of x (n,d), divisor n - ddof (NaN if that is <= 0); with
 * `correlation` divided by the standard deviations. Errors: LIMN_ENOMEM. */
LIMN_API limn_status limn_covariance(double *out, const double *x, size_t n, size_t d, double ddof,
                                     bool correlation, limn_err *err);

/* In place: each of `outer` blocks (n, inner) of x is transformed along n, a power of 2:
 * y_s = sum_x f_x (-1)^(number of bits that s and x share). n log2 n additions; twice the transform
 * is n times the identity. */
LIMN_API void limn_walsh(double *x, size_t outer, size_t n, size_t inner);

/* The labels and shape of out for a summation such as "ij,jk->ik" or "ii->i"; without "->" the
 * labels that occur once, in alphabetical order. A label is a letter; one that is not in the result
 * is summed over; a label twice in one operand is a diagonal. shape     out  rank (0: a number,
 * then dims is 1) and dims; f64, data NULL spec      in   labels of one or two operands a, b in   b
 * is NULL for one operand Errors: LIMN_EINVAL (syntax, unknown label, more than LIMN_MAX_RANK
 * labels in the result), LIMN_ESHAPE (sizes of a label differ). */
LIMN_API limn_status limn_einsum_shape(limn_array *shape, const char *spec, const limn_array *a,
                                       const limn_array *b, limn_err *err);

/* The sum itself into out, contiguous f64 of that shape. Summation over labels of both operands is
 * a matrix product by BLAS. Errors: as limn_einsum_shape, and LIMN_ENOMEM. */
LIMN_API limn_status limn_einsum(limn_array *out, const char *spec, const limn_array *a,
                                 const limn_array *b, limn_err *err);

#ifdef __cplusplus
}
#endif
#endif
