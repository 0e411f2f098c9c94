/* linalg.h: the only interface to BLAS and LAPACK: no other folder includes their headers.
 * Internal, not installed.
 *
 * All matrices are row-major; ld is the distance between rows in entries (>= columns). Sizes may be
 * 0: the functions then return the mathematical result (an empty product is 0) without a call. All
 * sizes are compared with LAPACK's 32-bit integers before a call, so that its error routine, which
 * prints, is never called. Functions marked (finite) refuse NaN and Inf with LIMN_ENONFINITE before
 * any LAPACK call, because some LAPACK routines do not return on Inf. In errors "matrix" is the
 * matrix that is factored; its entries are counted from 0.
 *
 * Outputs come first and must not overlap inputs unless the contract says "in place". Work memory
 * is allocated inside and released on all paths. */
#ifndef LIMN_LINALG_H
#define LIMN_LINALG_H

#include <stdbool.h>
#include <stddef.h>
#include "limn/status.h"
#include "limn/token.h"

/* Index of the first NaN or Inf among n numbers, or n when all are finite. */
size_t limn_la_nonfinite(const double *x, size_t n);

/* Whether a (n,n) is symmetric up to rounding: |a_ij - a_ji| <= tol max|a|. Pairs with a NaN pass,
 * because the solvers refuse them. If not, *i > *j is the first pair that differs. */
bool limn_la_symmetric(const double *a, size_t n, double tol, size_t *i, size_t *j);

/* ---- products ---- */

/* c (m,n) = alpha op(a) op(b) + beta c; op(a) is (m,k), op(b) is (k,n); ta, tb transpose. With
 * beta = 0 the old c is not read. Errors: LIMN_EINVAL when a size exceeds 2^31-1. */
limn_status limn_la_gemm(double *c, size_t ldc, const double *a, size_t lda, bool ta,
                         const double *b, size_t ldb, bool tb, size_t m, size_t n, size_t k,
                         double alpha, double beta, limn_err *err);
limn_status limn_la_sgemm(float *c, size_t ldc, const float *a, size_t lda, bool ta, const float *b,
                          size_t ldb, bool tb, size_t m, size_t n, size_t k, float alpha,
                          float beta, limn_err *err);

/* c (n,n) = alpha a a' + beta c with a (n,k); with ta: alpha a'a, a (k,n). Both triangles are
 * filled and equal; with beta != 0 only the lower triangle of c is read. */
limn_status limn_la_syrk(double *c, size_t ldc, const double *a, size_t lda, bool ta, size_t n,
                         size_t k, double alpha, double beta, limn_err *err);

/* y = alpha op(a) x + beta y, a (m,n); op(a) is a or, with ta, a'. */
limn_status limn_la_gemv(double *y, const double *a, size_t lda, bool ta, const double *x, size_t m,
                         size_t n, double alpha, double beta, limn_err *err);

/* Sum of x_i y_i. */
double limn_la_dot(const double *x, const double *y, size_t n);

/* Largest column sum of |a|, a (m,n). */
double limn_la_norm1(const double *a, size_t m, size_t n);

/* ---- symmetric positive definite ---- */

/* (finite) In place: a (n,n) = L L'. Only the lower triangle of a is read, and it becomes L; the
 * strict upper triangle is unchanged. LIMN_ENUMERIC if a is not positive definite: *pivot (may be
 * NULL) is then the 0-based row of the failure, and a is overwritten. */
limn_status limn_la_chol(double *a, size_t n, size_t *pivot, limn_err *err);

/* In place: b (n,r) becomes the x of L L' x = b. */
limn_status limn_la_chol_solve(double *b, const double *l, size_t n, size_t r, limn_err *err);

/* diagonal (n) of the inverse of L L'. */
limn_status limn_la_chol_inverse_diagonal(double *diagonal, const double *l, size_t n,
                                          limn_err *err);

/* Estimate of 1/(|a|_1 |a^-1|_1) of a = L L', given norm = limn_la_norm1(a). n = 0 gives 1. */
limn_status limn_la_chol_rcond(double *rcond, const double *l, size_t n, double norm,
                               limn_err *err);

/* (finite) In place: symmetric a (n,n) (lower triangle read) becomes V, eigenvectors as columns,
 * a V = V diag(w), w (n) ascending. vectors = false gives w only; a is overwritten. */
limn_status limn_la_eigh(double *w, double *a, size_t n, bool vectors, limn_err *err);

/* (finite) Symmetric a = Q T Q', T tridiagonal: its diagonal in diagonal (n), its off-diagonal in
 * off_diagonal (n, padded with 0). Row c of qt (n,n) is column c of Q. a (n,n), both halves filled,
 * is overwritten. */
limn_status limn_la_tridiagonal(double *qt, double *diagonal, double *off_diagonal, double *a,
                                size_t n, limn_err *err);

/* In place: diagonal (n) of T becomes its eigenvalues, ascending; off_diagonal (n) is
 * overwritten. */
limn_status limn_la_tridiagonal_values(double *diagonal, double *off_diagonal, size_t n,
                                       limn_err *err);

/* ---- general ---- */

/* (finite) Thin SVD: a (m,n) = u diag(s) vt with k = min(m,n): u (m,k), s (k) descending, vt (k,n).
 * u and vt may both be NULL (singular values only). */
limn_status limn_la_svd(double *u, double *s, double *vt, const double *a, size_t m, size_t n,
                        limn_err *err);

/* (finite) Thin QR: a (m,n) = q r, q (m,k) with orthonormal columns, r (k,n) upper triangular, k =
 * min(m,n). The signs of the diagonal of r are unspecified. The token (may be NULL) is polled
 * between panels of 32 columns; LIMN_ECANCELLED leaves q and r unspecified. */
limn_status limn_la_qr(double *q, double *r, const double *a, size_t m, size_t n,
                       const limn_token *token, limn_err *err);

/* (finite) Householder QR with column pivoting, a P = Q R, as factors. f (n,m): row j of f is
 * column j of the factored matrix, that is, LAPACK's column-major result; r_ij (i <= j) is f[j*m +
 * i]. tau (min(m,n)); perm (n): column j of a P is column perm[j] of a. |r_ii| is nonincreasing. */
limn_status limn_la_qrp(double *f, double *tau, size_t *perm, const double *a, size_t m, size_t n,
                        limn_err *err);

/* In place: b (m,r) becomes Q b, or Q' b with transpose, with Q from limn_la_qrp. */
limn_status limn_la_qrp_apply(double *b, const double *f, const double *tau, bool transpose,
                              size_t m, size_t n, size_t r, limn_err *err);

/* In place: b (n,r), row stride ldb, becomes the x of op(t) x = b. t (n,n) is triangular with row
 * stride ldt; upper: which triangle is read; transpose: op(t) = t'. For R of limn_la_qrp: t = f,
 * ldt = m, upper = false, transpose = true. LIMN_ENUMERIC if a diagonal entry is 0. */
limn_status limn_la_trsm(double *b, size_t ldb, const double *t, size_t ldt, bool upper,
                         bool transpose, size_t n, size_t r, limn_err *err);

typedef enum limn_la_method { LIMN_LA_GELSD = 0, LIMN_LA_GELSY } limn_la_method;

/* (finite) Minimum-norm least squares: x (n,r) minimises |a x - b|, and among the minimisers |x|; a
 * (m,n), b (m,r). Singular values (GELSD) or diagonal entries of R (GELSY) below rcond times the
 * largest count as 0; rcond < 0: eps * max(m,n). *rank: the number of others. s: min(m,n) singular
 * values (GELSD) or |diagonal of R| of a pivoted QR (GELSY); may be NULL. */
limn_status limn_la_lstsq(double *x, size_t *rank, double *s, const double *a, const double *b,
                          size_t m, size_t n, size_t r, double rcond, limn_la_method method,
                          limn_err *err);

/* (finite) Solves a x = b by LU with partial pivoting: a (n,n), b (n,r), x (n,r) may be b. *rcond
 * (may be NULL) estimates 1/(|a|_1 |a^-1|_1); an exactly singular a is LIMN_ENUMERIC and *rcond =
 * 0. */
limn_status limn_la_solve(double *x, double *rcond, const double *a, const double *b, size_t n,
                          size_t r, limn_err *err);

/* (finite) LU with partial pivoting: f (n,n) holds the factors of a' column-major, that is, U on
 * and above the diagonal of the transposed result; in step i row pivot[i] >= i was exchanged with
 * row i. A singular a is no error: a diagonal entry is then 0. */
limn_status limn_la_lu(double *f, size_t *pivot, const double *a, size_t n, limn_err *err);

/* (finite) Eigenvalues re + i im (n) of a (n,n). Row k of v (n,n; may be NULL) is LAPACK's column
 * k: the eigenvector of a real eigenvalue, or real and imaginary part of that of a pair in rows k
 * and k + 1. */
limn_status limn_la_eig(double *re, double *im, double *v, const double *a, size_t n,
                        limn_err *err);

/* ---- the BLAS library ---- */

/* Sets the number of threads that BLAS itself may use inside a limn call; returns the previous
 * setting. The default, 0, is one thread, because the bits of BLAS's results depend on the number
 * of threads. Large products, triangular solves and Cholesky factorisations are instead divided
 * into fixed tiles that limn_parallel distributes over limn_threads_get() threads; their bits do
 * not depend on the number. More than 1 accelerates the other factorisations, but their bits then
 * depend on it.
 *
 * The process's own count (openblas_get_num_threads) is saved and restored around each call. */
int limn_la_threads(int threads);

/* Between enter and leave BLAS has limn's thread count; the last leave restores the host's. The
 * functions of this header call them. A sweep holds them over its forks, so that no worker starts
 * BLAS's thread pool to set a count. */
void limn_la_enter(void);
void limn_la_leave(void);

/* Makes OpenBLAS map the buffer of this thread, which it keeps. To be called before a limit of the
 * address space is set: where that buffer cannot be mapped, OpenBLAS tries again without end. */
void limn_la_warm(void);

/* Version and configuration of BLAS ("OpenBLAS 0.3.21 ... SkylakeX"); never NULL. */
const char *limn_la_config(void);
const char *limn_la_core(void);

#endif
