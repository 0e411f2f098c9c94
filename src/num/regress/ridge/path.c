/* path.c: K + lambda I for many lambda, from K = Q T Q' with T tridiagonal.
 *
 * T + lambda I is factored in O(D), and the diagonal of its inverse in the coordinates of Q is
 * computed in O(D^2). The path therefore needs no eigenvectors, which are two thirds of the work of
 * an eigenproblem. With T + lambda I = L diag(pivot) L', L unit lower bidiagonal and z_i = L^-1
 * Q'e_i, [(K + lambda I)^-1]_ii = sum_c z_ic^2/pivot_c. */
#include <float.h>
#include <string.h>

#include "num/linalg/linalg.h"
#include "num/regress/ridge/path.h"

#define TRY LIMN_TRY

enum { POINTS = 64, LAMBDAS = 8 }; /* size of a tile of the scores; its data fit the L1 cache */

limn_status limn_ridge_tridiagonal(limn_tridiagonal *t, limn_spectrum *f, double *k, size_t d,
                                   limn_pool *pool, limn_err *err) {
  t->d = f->d = f->k = d;
  t->qt = limn_take(pool, d * d), t->diagonal = limn_take(pool, d);
  t->off_diagonal = limn_take(pool, d), f->e = limn_take(pool, d);
  double *copy = limn_take(pool, d);
  if (pool->failed) return limn_nomem(err, "the tridiagonal form", pool->failed, sizeof *copy);
  TRY(limn_la_tridiagonal(t->qt, t->diagonal, t->off_diagonal, k, d, err));
  memcpy(f->e, t->diagonal, d * sizeof *copy);
  memcpy(copy, t->off_diagonal, d * sizeof *copy);
  TRY(limn_la_tridiagonal_values(f->e, copy, d, err));
  for (size_t i = 0; i < d / 2; i++) {
    double keep = f->e[i];
    f->e[i] = f->e[d - 1 - i], f->e[d - 1 - i] = keep;
  }
  limn_ridge_rank(f);
  return LIMN_OK;
}

limn_status limn_ridge_path_factor(limn_tridiagonal *t, const double *lambda, size_t l,
                                   limn_pool *pool, limn_err *err) {
  size_t d = t->d;
  t->l = l;
  t->pivot = limn_take(pool, l * d), t->ratio = limn_take(pool, l * d);
  if (pool->failed) return limn_nomem(err, "the factors", pool->failed, sizeof *lambda);
  for (size_t i = 0; i < l; i++) {
    double *pivot = t->pivot + i * d, *ratio = t->ratio + i * d;
    pivot[0] = t->diagonal[0] + lambda[i];
    for (size_t c = 1; c < d; c++) {
      ratio[c] = t->off_diagonal[c - 1] / pivot[c - 1];
      pivot[c] = t->diagonal[c] + lambda[i] - ratio[c] * t->off_diagonal[c - 1];
    }
  }
  return LIMN_OK;
}

void limn_ridge_path_solve(const limn_tridiagonal *t, double *x) {
  size_t d = t->d;
  for (size_t i = 0; i < t->l; i++, x += d) {
    const double *pivot = t->pivot + i * d, *ratio = t->ratio + i * d;
    for (size_t c = 1; c < d; c++) x[c] -= ratio[c] * x[c - 1];
    x[d - 1] /= pivot[d - 1];
    for (size_t c = d - 1; c-- > 0;) x[c] = x[c] / pivot[c] - ratio[c + 1] * x[c + 1];
  }
}

typedef struct {
  const limn_tridiagonal *t;
  double *out;
  size_t groups; /* of lambdas */
} tiles;

static void inverse_tile(void *ctx, size_t task, int worker) {
  const tiles *p = ctx;
  (void)worker;
  size_t d = p->t->d, first = task / p->groups * POINTS, from = task % p->groups * LAMBDAS;
  size_t wide = d - first < POINTS ? d - first : POINTS;
  size_t many = p->t->l - from < LAMBDAS ? p->t->l - from : LAMBDAS;
  double z[LAMBDAS][POINTS] = {{0}}, sum[LAMBDAS][POINTS] = {{0}}, q[POINTS] = {0};
  for (size_t c = 0; c < d; c++) {
    memcpy(q, p->t->qt + c * d + first, wide * sizeof *q);
    for (size_t l = 0; l < many; l++) {
      double ratio = p->t->ratio[(from + l) * d + c], by = 1 / p->t->pivot[(from + l) * d + c];
      for (size_t i = 0; i < POINTS; i++) {
        z[l][i] = q[i] - ratio * z[l][i];
        sum[l][i] += z[l][i] * z[l][i] * by;
      }
    }
  }
  for (size_t l = 0; l < many; l++)
    memcpy(p->out + (from + l) * d + first, sum[l], wide * sizeof *q);
}

limn_status limn_ridge_path_inverse(const limn_tridiagonal *t, double *out, const limn_token *token,
                                    limn_err *err) {
  tiles p = {t, out, (t->l + LAMBDAS - 1) / LAMBDAS};
  return limn_parallel((t->d + POINTS - 1) / POINTS * p.groups, inverse_tile, &p, token, err);
}
