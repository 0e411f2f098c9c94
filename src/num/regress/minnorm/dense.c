/* dense.c: minimum-norm least squares of a dense matrix: tall or wide. */
#include "num/regress/minnorm/dense.h"

#include <string.h>

#include "num/regress/minnorm/routes.h"

limn_status limn_dense_minnorm(limn_fit *fit, double *w, double *a, const double *x, size_t d,
                               size_t n, const double *y, const limn_token *token, limn_err *err) {
  limn_pool pool = {.used = 0};
  memset(w, 0, n * sizeof *w);
  limn_status st = n <= d ? limn_dense_tall(fit, w, a, x, d, n, y, &pool, err)
                          : limn_dense_wide(fit, w, a, x, d, n, y, &pool, token, err);
  limn_pool_free(&pool);
  return st;
}
