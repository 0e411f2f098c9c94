/* general.c: LU factors and eigenvalues of general matrices, by LAPACK; contracts in linalg.h. */
#include <lapacke.h>
#include <string.h>

#include "core/core.h"
#include "num/linalg/check.h"
#include "num/linalg/linalg.h"

limn_status limn_la_lu(double *f, size_t *pivot, const double *a, size_t n, limn_err *err) {
  limn_status status = limn_la_in_range(n, err);
  if (status == LIMN_OK) status = limn_la_all_finite(a, n, n, "matrix", err);
  if (status != LIMN_OK || n == 0) return status;
  lapack_int *p = limn_alloc(n, sizeof *p), size = (lapack_int)n;
  if (!p) return limn_nomem(err, "work", n, sizeof *p);
  memcpy(f, a, n * n * sizeof *f); /* its transpose has the same determinant */
  limn_la_enter();
  LAPACKE_dgetrf_work(LAPACK_COL_MAJOR, size, size, f, size, p);
  limn_la_leave();
  for (size_t i = 0; i < n; i++) pivot[i] = (size_t)p[i] - 1;
  limn_free(p);
  return LIMN_OK;
}

limn_status limn_la_eig(double *re, double *im, double *v, const double *a, size_t n,
                        limn_err *err) {
  limn_status status = limn_la_in_range(n, err);
  if (status == LIMN_OK) status = limn_la_all_finite(a, n, n, "matrix", err);
  if (status != LIMN_OK || n == 0) return status;
  size_t room = 34 * n;
  double *f = limn_alloc(n * n, sizeof *f), *work = limn_alloc(room, sizeof *work);
  lapack_int size = (lapack_int)n, info = 0;
  if (f && work) {
    for (size_t i = 0; i < n; i++)
      for (size_t j = 0; j < n; j++) f[j * n + i] = a[i * n + j];
    limn_la_enter();
    info = LAPACKE_dgeev_work(LAPACK_COL_MAJOR, 'N', v ? 'V' : 'N', size, f, size, re, im, NULL, 1,
                              v, size, work, (lapack_int)room);
    limn_la_leave();
    if (info > 0)
      status =
          limn_fail(err, LIMN_ENUMERIC, "LAPACK's dgeev did not converge (info = %d)", (int)info);
  } else {
    status = limn_nomem(err, "work matrix", n * n, sizeof *f);
  }
  limn_free(f);
  limn_free(work);
  return status;
}
