/* lapack.c: calls of BLAS and LAPACK; the contracts are in linalg.h.
 *
 * LAPACK is column-major, limn row-major; a row-major matrix read column-major is its transpose.
 * Where possible (SVD, Cholesky, QR as LQ of the transpose) the transpose is factored and nothing
 * is copied; otherwise the transposed copy is made here, not inside LAPACKE. */
#include "num/linalg/linalg.h"

#include <cblas.h>
#include <lapacke.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "core/core.h"
#include "num/linalg/check.h"
#include "num/linalg/single_thread.h"

#define COL LAPACK_COL_MAJOR

/* ---- sizes and work ---- */

static lapack_int li(size_t n) {
  return (lapack_int)n;
} /* after limn_la_in_range */

/* The meaning of a LAPACK routine's info when the arguments are valid. */
static limn_status info_status(lapack_int info, const char *routine, limn_err *err) {
  if (info == 0) return LIMN_OK;
  return limn_fail(err, LIMN_ENUMERIC, "LAPACK's %s did not converge (info = %d)", routine,
                   (int)info);
}

/* Allocates rows x cols doubles, at least one; otherwise LIMN_ENOMEM. */
static limn_status grab(double **p, size_t rows, size_t cols, limn_err *err) {
  size_t n;
  *p = limn_mul_overflows(rows, cols, &n) ? NULL : limn_alloc(limn_larger(n, 1), sizeof **p);
  if (*p) return LIMN_OK;
  limn_nomem(err, "work matrix", rows * limn_larger(cols, 1), sizeof **p);
  return LIMN_ENOMEM;
}

static limn_status grab_ints(lapack_int **p, size_t n, limn_err *err) {
  *p = limn_alloc(limn_larger(n, 1), sizeof **p);
  if (*p) return LIMN_OK;
  limn_nomem(err, "work", n, sizeof **p);
  return LIMN_ENOMEM;
}

/* LAPACK returns work sizes as doubles and takes them as 32-bit integers. */
static limn_status grab_work(double **p, double want, lapack_int *lwork, limn_err *err) {
  if (!(want < (double)LIMN_LA_MAX_SIZE))
    return limn_fail(err, LIMN_EINVAL,
                     "the matrix is too large for LAPACK's 32-bit work size (%.0f)", want);
  *lwork = (lapack_int)limn_larger((size_t)want, 1);
  return grab(p, (size_t)*lwork, 1, err);
}

/* out (n,m) = a', a (m,n); in tiles that fit the cache. */
static void transpose(double *out, const double *a, size_t m, size_t n) {
  for (size_t ib = 0; ib < m; ib += 32)
    for (size_t jb = 0; jb < n; jb += 32)
      for (size_t i = ib; i < limn_smaller(ib + 32, m); i++)
        for (size_t j = jb; j < limn_smaller(jb + 32, n); j++) out[j * m + i] = a[i * n + j];
}

#define TRY(call)                                                                                  \
  do {                                                                                             \
    if ((status = (call)) != LIMN_OK) goto finish;                                                 \
  } while (0)

/* ---- one thread ---- */

#define OP(t) ((t) ? CblasTrans : CblasNoTrans)
#define HALF(u) ((u) ? CblasUpper : CblasLower)

void limn_la_serial_gemm(double *c, size_t ldc, const double *a, size_t lda, bool ta,
                         const double *b, size_t ldb, bool tb, size_t m, size_t n, size_t k,
                         double alpha, double beta) {
  cblas_dgemm(CblasRowMajor, OP(ta), OP(tb), li(m), li(n), li(k), alpha, a, li(lda), b, li(ldb),
              beta, c, li(ldc));
}

void limn_la_serial_sgemm(float *c, size_t ldc, const float *a, size_t lda, bool ta, const float *b,
                          size_t ldb, bool tb, size_t m, size_t n, size_t k, float alpha,
                          float beta) {
  cblas_sgemm(CblasRowMajor, OP(ta), OP(tb), li(m), li(n), li(k), alpha, a, li(lda), b, li(ldb),
              beta, c, li(ldc));
}

void limn_la_serial_syrk(double *c, size_t ldc, const double *a, size_t lda, bool ta, size_t n,
                         size_t k, double alpha, double beta) {
  cblas_dsyrk(CblasRowMajor, CblasLower, OP(ta), li(n), li(k), alpha, a, li(lda), beta, c, li(ldc));
}

void limn_la_serial_trsm(double *b, size_t ldb, const double *t, size_t ldt, bool right, bool upper,
                         bool trans, size_t n, size_t r) {
  if (r == 1 && !right)
    cblas_dtrsv(CblasRowMajor, HALF(upper), OP(trans), CblasNonUnit, li(n), t, li(ldt), b, li(ldb));
  else
    cblas_dtrsm(CblasRowMajor, right ? CblasRight : CblasLeft, HALF(upper), OP(trans), CblasNonUnit,
                li(right ? r : n), li(right ? n : r), 1, t, li(ldt), b, li(ldb));
}

int limn_la_serial_potrf(double *a, size_t lda, size_t n) {
  return (int)LAPACKE_dpotrf_work(COL, 'U', li(n), a, li(lda)); /* upper there is lower here */
}

/* ---- vectors ---- */

limn_status limn_la_gemv(double *y, const double *a, size_t lda, bool ta, const double *x, size_t m,
                         size_t n, double alpha, double beta, limn_err *err) {
  limn_status status;
  if ((status = limn_la_leading(lda, n, "a", err)) != LIMN_OK) return status;
  if ((status = limn_la_in_range(limn_larger(limn_larger(m, n), lda), err)) != LIMN_OK)
    return status;
  size_t out = ta ? n : m, in = ta ? m : n;
  if (out == 0) return LIMN_OK;
  if (in == 0) {
    for (size_t i = 0; i < out; i++) y[i] = beta == 0 ? 0 : beta * y[i];
    return LIMN_OK;
  }
  limn_la_enter();
  cblas_dgemv(CblasRowMajor, ta ? CblasTrans : CblasNoTrans, li(m), li(n), alpha, a, li(lda), x, 1,
              beta, y, 1);
  limn_la_leave();
  return LIMN_OK;
}

double limn_la_dot(const double *x, const double *y, size_t n) {
  /* In blocks shorter than those that BLAS splits over threads, summed in order, so that the bits
   * do not depend on the number of threads. */
  double sum = 0;
  for (size_t i = 0; i < n; i += 4096)
    sum += cblas_ddot(li(limn_smaller(4096, n - i)), x + i, 1, y + i, 1);
  return sum;
}

/* ---- symmetric ---- */

limn_status limn_la_chol_rcond(double *rcond, const double *l, size_t n, double norm,
                               limn_err *err) {
  limn_status status = limn_la_in_range(n, err);
  if (status != LIMN_OK) return status;
  *rcond = n == 0 ? 1 : 0;
  if (n == 0 || norm == 0) return LIMN_OK;
  double *work;
  lapack_int *iwork = limn_alloc(n, sizeof *iwork);
  if (!iwork) return limn_nomem(err, "work", n, sizeof *iwork);
  if ((status = grab(&work, 3, n, err)) == LIMN_OK) {
    limn_la_enter();
    LAPACKE_dpocon_work(COL, 'U', li(n), l, li(n), norm, rcond, work, iwork);
    limn_la_leave();
    limn_free(work);
  }
  limn_free(iwork);
  return status;
}

limn_status limn_la_eigh(double *w, double *a, size_t n, bool vectors, limn_err *err) {
  limn_status status = limn_la_in_range(n, err);
  if (status != LIMN_OK || n == 0) return status;
  if ((status = limn_la_finite_lower(a, n, err)) != LIMN_OK) return status;
  double *work = NULL, want = 0;
  lapack_int *iwork = NULL, iwant = 0, lwork = 0;
  char job = vectors ? 'V' : 'N';
  limn_la_enter();
  LAPACKE_dsyevd_work(COL, job, 'U', li(n), a, li(n), w, &want, -1, &iwant, -1);
  TRY(grab_work(&work, want, &lwork, err));
  TRY(grab_ints(&iwork, (size_t)iwant, err));
  TRY(info_status(LAPACKE_dsyevd_work(COL, job, 'U', li(n), a, li(n), w, work, lwork, iwork, iwant),
                  "dsyevd", err));
  for (size_t i = 0; vectors && i < n; i++) /* vectors as columns here */
    for (size_t j = 0; j < i; j++) {
      double keep = a[i * n + j];
      a[i * n + j] = a[j * n + i];
      a[j * n + i] = keep;
    }
finish:
  limn_la_leave();
  limn_free(work);
  limn_free(iwork);
  return status;
}

limn_status limn_la_serial_tridiagonal(double *diagonal, double *off_diagonal, double *tau,
                                       double *a, size_t n, limn_err *err) {
  limn_status status = limn_la_in_range(n, err);
  if (status != LIMN_OK) return status;
  if ((status = limn_la_all_finite(a, n, n, "matrix", err)) != LIMN_OK) return status;
  double *work = NULL, want = 0;
  lapack_int lwork = 0;
  limn_la_enter();
  LAPACKE_dsytrd_work(COL, 'L', li(n), a, li(n), diagonal, off_diagonal, tau, &want, -1);
  TRY(grab_work(&work, want, &lwork, err));
  TRY(info_status(
      LAPACKE_dsytrd_work(COL, 'L', li(n), a, li(n), diagonal, off_diagonal, tau, work, lwork),
      "dsytrd", err));
  off_diagonal[n - 1] = 0;
finish:
  limn_la_leave();
  limn_free(work);
  return status;
}

/* Reflector i (from 0) does not change coordinates 0 .. i. So no reflector changes coordinate 0,
 * and they are the reflectors of a QR factorisation of the rest. */
size_t limn_la_serial_reflect_work(size_t n, size_t columns) {
  double want = 0, none = 0;
  LAPACKE_dormqr_work(COL, 'L', 'N', li(n - 1), li(columns), li(n - 1), &none, li(n), &none, &none,
                      li(n), &want, -1);
  return limn_larger((size_t)want, 1);
}

void limn_la_serial_reflect(double *b, const double *a, const double *tau, size_t n, size_t k,
                            size_t columns, double *work, size_t size) {
  LAPACKE_dormqr_work(COL, 'L', 'N', li(n - 1), li(columns), li(k), a + 1, li(n), tau, b + 1, li(n),
                      work, li(size));
}

limn_status limn_la_tridiagonal_values(double *diagonal, double *off_diagonal, size_t n,
                                       limn_err *err) {
  limn_status status = limn_la_in_range(n, err);
  if (status != LIMN_OK || n == 0) return status;
  return info_status(LAPACKE_dsterf_work(li(n), diagonal, off_diagonal), "dsterf", err);
}

/* ---- general ---- */

limn_status limn_la_svd(double *u, double *s, double *vt, const double *a, size_t m, size_t n,
                        limn_err *err) {
  limn_status status = limn_la_in_range(limn_larger(m, n), err);
  size_t k = limn_smaller(m, n);
  if (status != LIMN_OK || k == 0) return status;
  if ((status = limn_la_all_finite(a, m, n, "matrix", err)) != LIMN_OK) return status;
  double *copy = NULL, *work = NULL, want = 0;
  lapack_int *iwork = NULL, lwork = 0;
  char job = u && vt ? 'S' : 'N';
  if (job == 'N') u = vt = NULL;
  limn_la_enter();
  TRY(grab(&copy, m, n, err));
  memcpy(copy, a, m * n * sizeof *a);
  TRY(grab_ints(&iwork, 8 * k, err));
  /* LAPACK reads a' = (vt)' diag(s) u': its left vectors are vt here, its right ones u. */
  LAPACKE_dgesdd_work(COL, job, li(n), li(m), copy, li(n), s, vt, li(n), u, li(k), &want, -1,
                      iwork);
  TRY(grab_work(&work, want, &lwork, err));
  lapack_int info = LAPACKE_dgesdd_work(COL, job, li(n), li(m), copy, li(n), s, vt, li(n), u, li(k),
                                        work, lwork, iwork);
  if (info > 0) { /* divide and conquer may fail where QR iteration does not */
    memcpy(copy, a, m * n * sizeof *a);
    LAPACKE_dgesvd_work(COL, job, job, li(n), li(m), copy, li(n), s, vt, li(n), u, li(k), &want,
                        -1);
    limn_free(work);
    work = NULL;
    TRY(grab_work(&work, want, &lwork, err));
    info = LAPACKE_dgesvd_work(COL, job, job, li(n), li(m), copy, li(n), s, vt, li(n), u, li(k),
                               work, lwork);
  }
  TRY(info_status(info, "dgesdd", err));
finish:
  limn_la_leave();
  limn_free(copy);
  limn_free(work);
  limn_free(iwork);
  return status;
}

limn_status limn_la_qrp(double *f, double *tau, size_t *perm, const double *a, size_t m, size_t n,
                        limn_err *err) {
  limn_status status = limn_la_in_range(limn_larger(m, n), err);
  if (status != LIMN_OK) return status;
  for (size_t j = 0; j < n; j++) perm[j] = j;
  if (m == 0 || n == 0) return LIMN_OK;
  if ((status = limn_la_all_finite(a, m, n, "matrix", err)) != LIMN_OK) return status;
  double *work = NULL, want = 0;
  lapack_int *jpvt = NULL, lwork = 0;
  limn_la_enter();
  TRY(grab_ints(&jpvt, n, err));
  LAPACKE_dgeqp3_work(COL, li(m), li(n), f, li(m), jpvt, tau, &want, -1);
  TRY(grab_work(&work, want, &lwork, err));
  transpose(f, a, m, n);
  TRY(info_status(LAPACKE_dgeqp3_work(COL, li(m), li(n), f, li(m), jpvt, tau, work, lwork),
                  "dgeqp3", err));
  for (size_t j = 0; j < n; j++) perm[j] = (size_t)jpvt[j] - 1;
finish:
  limn_la_leave();
  limn_free(jpvt);
  limn_free(work);
  return status;
}

limn_status limn_la_qrp_apply(double *b, const double *f, const double *tau, bool trans, size_t m,
                              size_t n, size_t r, limn_err *err) {
  limn_status status = limn_la_in_range(limn_larger(limn_larger(m, n), r), err);
  size_t k = limn_smaller(m, n);
  if (status != LIMN_OK || k == 0 || r == 0) return status;
  double *work = NULL, want = 0;
  lapack_int lwork = 0;
  char op = trans ? 'N' : 'T'; /* LAPACK reads b', and b' Q is the transpose of Q' b */
  limn_la_enter();
  LAPACKE_dormqr_work(COL, 'R', op, li(r), li(m), li(k), f, li(m), tau, b, li(r), &want, -1);
  TRY(grab_work(&work, want, &lwork, err));
  TRY(info_status(
      LAPACKE_dormqr_work(COL, 'R', op, li(r), li(m), li(k), f, li(m), tau, b, li(r), work, lwork),
      "dormqr", err));
finish:
  limn_la_leave();
  limn_free(work);
  return status;
}

limn_status limn_la_lstsq(double *x, size_t *rank, double *s, const double *a, const double *b,
                          size_t m, size_t n, size_t r, double rcond, limn_la_method method,
                          limn_err *err) {
  limn_status status = limn_la_in_range(limn_larger(limn_larger(m, n), r), err);
  size_t k = limn_smaller(m, n), most = limn_larger(m, n);
  if (status != LIMN_OK) return status;
  *rank = 0;
  if ((status = limn_la_all_finite(b, m, r, "b", err)) != LIMN_OK) return status;
  if (k == 0 || r == 0) memset(x, 0, n * r * sizeof *x);
  if (k == 0) return LIMN_OK;
  if ((status = limn_la_all_finite(a, m, n, "matrix", err)) != LIMN_OK) return status;
  if (rcond < 0) rcond = DBL_EPSILON * (double)most;
  size_t rs =
      limn_larger(r, 1); /* LAPACK may return early if r = 0; one column of zeros gives the rank */
  double *f = NULL, *y = NULL, *sv = NULL, *work = NULL, want = 0;
  lapack_int *iwork = NULL, found = 0, lwork = 0, iwant = 0, info;
  limn_la_enter();
  TRY(grab(&f, m, n, err));
  TRY(grab(&y, most, rs, err));
  TRY(grab(&sv, k, 1, err));
  transpose(f, a, m, n);
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < r; j++) y[j * most + i] = b[i * r + j];
  if (method == LIMN_LA_GELSD) {
    LAPACKE_dgelsd_work(COL, li(m), li(n), li(rs), f, li(m), y, li(most), sv, rcond, &found, &want,
                        -1, &iwant);
    TRY(grab_work(&work, want, &lwork, err));
    TRY(grab_ints(&iwork, limn_larger((size_t)iwant, 1), err));
    info = LAPACKE_dgelsd_work(COL, li(m), li(n), li(rs), f, li(m), y, li(most), sv, rcond, &found,
                               work, lwork, iwork);
    TRY(info_status(info, "dgelsd", err));
  } else {
    TRY(grab_ints(&iwork, n, err));
    LAPACKE_dgelsy_work(COL, li(m), li(n), li(rs), f, li(m), y, li(most), iwork, rcond, &found,
                        &want, -1);
    TRY(grab_work(&work, want, &lwork, err));
    info = LAPACKE_dgelsy_work(COL, li(m), li(n), li(rs), f, li(m), y, li(most), iwork, rcond,
                               &found, work, lwork);
    TRY(info_status(info, "dgelsy", err));
    for (size_t i = 0; i < k; i++) sv[i] = fabs(f[i * m + i]);
  }
  *rank = (size_t)found;
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < r; j++) x[i * r + j] = y[j * most + i];
  if (s) memcpy(s, sv, k * sizeof *s);
finish:
  limn_la_leave();
  limn_free(f);
  limn_free(y);
  limn_free(sv);
  limn_free(work);
  limn_free(iwork);
  return status;
}

/* The exponent of a's largest entry if sums or reciprocals of its entries may leave the range of
 * doubles; else 0. */
static int scale_of(const double *a, size_t n) {
  double largest = 0;
  int e = 0;
  for (size_t i = 0; i < n; i++) largest = fabs(a[i]) > largest ? fabs(a[i]) : largest;
  frexp(largest, &e);
  return e > 900 || e < -900 ? e : 0;
}

limn_status limn_la_solve(double *x, double *rcond, const double *a, const double *b, size_t n,
                          size_t r, limn_err *err) {
  limn_status status = limn_la_in_range(limn_larger(n, r), err);
  if (status != LIMN_OK) return status;
  if (rcond) *rcond = 1;
  if (n == 0) return LIMN_OK;
  if ((status = limn_la_all_finite(a, n, n, "matrix", err)) != LIMN_OK) return status;
  if ((status = limn_la_all_finite(b, n, r, "b", err)) != LIMN_OK) return status;
  double *f = NULL, *y = NULL, *work = NULL, norm = limn_la_norm1(a, n, n);
  lapack_int *ipiv = NULL;
  limn_la_enter();
  TRY(grab(&f, n, n, err));
  TRY(grab(&y, n, r, err));
  TRY(grab(&work, 4, n, err));
  TRY(grab_ints(&ipiv, 2 * n, err));
  transpose(f, a, n, n);
  transpose(y, b, n, r);
  int e = scale_of(a, n * n); /* 1/norm and the norm must be numbers */
  for (size_t i = 0; e != 0 && i < n * n; i++) f[i] = ldexp(f[i], -e);
  norm = ldexp(norm, -e);
  lapack_int info = LAPACKE_dgetrf_work(COL, li(n), li(n), f, li(n), ipiv);
  if (info > 0) {
    if (rcond) *rcond = 0;
    TRY(limn_fail_argument(err, LIMN_ENUMERIC, "matrix",
                           "is singular: pivot %d of %zu of its LU factorisation is 0", (int)info,
                           n));
  }
  if (rcond) LAPACKE_dgecon_work(COL, '1', li(n), f, li(n), norm, rcond, work, ipiv + n);
  if (r > 0) LAPACKE_dgetrs_work(COL, 'N', li(n), li(r), f, li(n), ipiv, y, li(n));
  for (size_t i = 0; e != 0 && i < n * r; i++) y[i] = ldexp(y[i], -e);
  transpose(x, y, r, n);
  if (e != 0 && limn_la_nonfinite(x, n * r) < n * r)
    TRY(limn_fail_argument(err, LIMN_ENUMERIC, "matrix",
                           "is so small that the solution exceeds 1.8e308"));
finish:
  limn_la_leave();
  limn_free(f);
  limn_free(y);
  limn_free(work);
  limn_free(ipiv);
  return status;
}
