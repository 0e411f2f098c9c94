/* tiled.c: products, triangular solves and Cholesky, divided into tiles for limn's threads.
 *
 * Tiles depend on the sizes only. Each is one call of single-threaded BLAS, and no tile adds to
 * another's entries. The bits are therefore the same for any number of threads. Contracts in
 * linalg.h. */
#include "num/linalg/linalg.h"

#include <string.h>

#include "core/core.h"
#include "num/linalg/check.h"
#include "num/linalg/single_thread.h"

enum { ROWS = 256, COLS = 512, WIDE = 512 }; /* of a tile */
static const double SMALL_WORK = 4e7;        /* multiply-adds below which a single call is used */

static size_t pieces(size_t n, size_t piece) {
  return (n + piece - 1) / piece;
}

static bool is_small(size_t m, size_t n, size_t k) {
  return (double)m * (double)n * (double)k < SMALL_WORK;
}

/* Tiles cannot fail and there is no token, so this cannot fail. */
static void distribute(size_t tasks, limn_task *body, void *ctx) {
  limn_la_enter();
  limn_parallel(tasks, body, ctx, NULL, NULL);
  limn_la_leave();
}

static limn_status shapes(size_t ldc, size_t lda, bool ta, size_t ldb, bool tb, size_t m, size_t n,
                          size_t k, limn_err *err) {
  const struct {
    const char *name;
    size_t ld, columns;
  } of[] = {{"c", ldc, n}, {"a", lda, ta ? m : k}, {"b", ldb, tb ? k : n}};
  size_t most = limn_larger(m, limn_larger(n, k));
  for (int i = 0; i < 3; i++) {
    limn_status status = limn_la_leading(of[i].ld, of[i].columns, of[i].name, err);
    if (status != LIMN_OK) return status;
    most = limn_larger(most, of[i].ld);
  }
  return limn_la_in_range(most, err);
}

/* ---- general products ---- */

typedef struct product {
  void *c;
  const void *a, *b;
  size_t ldc, lda, ldb, m, n, k, side; /* side: length of a tile of a a' */
  bool ta, tb, f32;
  double alpha, beta;
} product;

static void product_tile(void *ctx, size_t task, int worker) {
  const product *p = ctx;
  (void)worker;
  size_t across = pieces(p->n, COLS), i = task / across * ROWS, j = task % across * COLS;
  size_t m = limn_smaller(ROWS, p->m - i), n = limn_smaller(COLS, p->n - j);
  size_t at = p->ta ? i : i * p->lda, bt = p->tb ? j * p->ldb : j, ct = i * p->ldc + j;
  if (p->f32)
    limn_la_serial_sgemm((float *)p->c + ct, p->ldc, (const float *)p->a + at, p->lda, p->ta,
                         (const float *)p->b + bt, p->ldb, p->tb, m, n, p->k, (float)p->alpha,
                         (float)p->beta);
  else
    limn_la_serial_gemm((double *)p->c + ct, p->ldc, (const double *)p->a + at, p->lda, p->ta,
                        (const double *)p->b + bt, p->ldb, p->tb, m, n, p->k, p->alpha, p->beta);
}

limn_status limn_la_gemm(double *c, size_t ldc, const double *a, size_t lda, bool ta,
                         const double *b, size_t ldb, bool tb, size_t m, size_t n, size_t k,
                         double alpha, double beta, limn_err *err) {
  limn_status status = shapes(ldc, lda, ta, ldb, tb, m, n, k, err);
  if (status != LIMN_OK || m == 0 || n == 0) return status;
  if (k == 0) { /* implementations of BLAS differ; here the result is beta c */
    for (size_t i = 0; i < m; i++)
      for (size_t j = 0; j < n; j++) c[i * ldc + j] = beta == 0 ? 0 : beta * c[i * ldc + j];
    return LIMN_OK;
  }
  product p = {c, a, b, ldc, lda, ldb, m, n, k, 0, ta, tb, false, alpha, beta};
  if (!is_small(m, n, k)) {
    distribute(pieces(m, ROWS) * pieces(n, COLS), product_tile, &p);
    return LIMN_OK;
  }
  limn_la_enter();
  limn_la_serial_gemm(c, ldc, a, lda, ta, b, ldb, tb, m, n, k, alpha, beta);
  limn_la_leave();
  return LIMN_OK;
}

limn_status limn_la_sgemm(float *c, size_t ldc, const float *a, size_t lda, bool ta, const float *b,
                          size_t ldb, bool tb, size_t m, size_t n, size_t k, float alpha,
                          float beta, limn_err *err) {
  limn_status status = shapes(ldc, lda, ta, ldb, tb, m, n, k, err);
  if (status != LIMN_OK || m == 0 || n == 0) return status;
  if (k == 0) {
    for (size_t i = 0; i < m; i++)
      for (size_t j = 0; j < n; j++) c[i * ldc + j] = beta == 0 ? 0 : beta * c[i * ldc + j];
    return LIMN_OK;
  }
  product p = {c, a, b, ldc, lda, ldb, m, n, k, 0, ta, tb, true, (double)alpha, (double)beta};
  if (!is_small(m, n, k)) {
    distribute(pieces(m, ROWS) * pieces(n, COLS), product_tile, &p);
    return LIMN_OK;
  }
  limn_la_enter();
  limn_la_serial_sgemm(c, ldc, a, lda, ta, b, ldb, tb, m, n, k, alpha, beta);
  limn_la_leave();
  return LIMN_OK;
}

/* ---- a a' ---- */

/* Task number t of the lower triangle of tiles: row block i, column block j <= i. */
static void lower_tile(size_t t, size_t *i, size_t *j) {
  for (*i = 0; t > *i; ++*i) t -= *i + 1;
  *j = t;
}

static void syrk_tile(void *ctx, size_t task, int worker) {
  const product *p = ctx;
  (void)worker;
  size_t i, j;
  lower_tile(task, &i, &j);
  i *= p->side, j *= p->side;
  size_t m = limn_smaller(p->side, p->n - i), n = limn_smaller(p->side, p->n - j);
  const double *a = p->a, *ai = a + (p->ta ? i : i * p->lda), *aj = a + (p->ta ? j : j * p->lda);
  double *c = (double *)p->c + i * p->ldc + j;
  if (i == j)
    limn_la_serial_syrk(c, p->ldc, ai, p->lda, p->ta, m, p->k, p->alpha, p->beta);
  else
    limn_la_serial_gemm(c, p->ldc, ai, p->lda, p->ta, aj, p->lda, !p->ta, m, n, p->k, p->alpha,
                        p->beta);
}

/* Computes the lower triangle of c. */
static void syrk_lower(double *c, size_t ldc, const double *a, size_t lda, bool ta, size_t n,
                       size_t k, double alpha, double beta) {
  /* Wide tiles pack each row of a less often; small matrices need more tiles for the threads. */
  size_t side = pieces(n, WIDE) < 4 ? ROWS : WIDE, blocks = pieces(n, side);
  product p = {c, a, a, ldc, lda, lda, n, n, k, side, ta, !ta, false, alpha, beta};
  if (!is_small(n, n, k)) {
    distribute(blocks * (blocks + 1) / 2, syrk_tile, &p);
    return;
  }
  limn_la_enter();
  limn_la_serial_syrk(c, ldc, a, lda, ta, n, k, alpha, beta);
  limn_la_leave();
}

limn_status limn_la_syrk(double *c, size_t ldc, const double *a, size_t lda, bool ta, size_t n,
                         size_t k, double alpha, double beta, limn_err *err) {
  limn_status status = shapes(ldc, lda, ta, lda, !ta, n, n, k, err);
  if (status != LIMN_OK || n == 0) return status;
  if (k == 0)
    return limn_la_gemm(c, ldc, a, limn_larger(lda, n), ta, a, limn_larger(lda, n), !ta, n, n, 0,
                        alpha, beta, err);
  syrk_lower(c, ldc, a, lda, ta, n, k, alpha, beta);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < i; j++) c[j * ldc + i] = c[i * ldc + j];
  return LIMN_OK;
}

/* ---- triangles ---- */

typedef struct triangle {
  double *b;
  const double *t;
  size_t ldb, ldt, n, r;
  bool right, upper, transpose;
} triangle;

/* A block of right-hand sides: columns of b; with right, rows of b. */
static void trsm_tile(void *ctx, size_t task, int worker) {
  const triangle *p = ctx;
  (void)worker;
  size_t first = task * ROWS;
  limn_la_serial_trsm(p->b + (p->right ? first * p->ldb : first), p->ldb, p->t, p->ldt, p->right,
                      p->upper, p->transpose, p->n, limn_smaller(ROWS, p->r - first));
}

static void solve_triangle(triangle p) {
  if (!is_small(p.n, p.n, p.r)) {
    distribute(pieces(p.r, ROWS), trsm_tile, &p);
    return;
  }
  limn_la_enter();
  limn_la_serial_trsm(p.b, p.ldb, p.t, p.ldt, p.right, p.upper, p.transpose, p.n, p.r);
  limn_la_leave();
}

limn_status limn_la_trsm(double *b, size_t ldb, const double *t, size_t ldt, bool upper,
                         bool transpose, size_t n, size_t r, limn_err *err) {
  limn_status status = shapes(ldb, ldt, false, ldb, false, n, r, n, err);
  if (status != LIMN_OK) return status;
  for (size_t i = 0; i < n; i++)
    if (t[i * ldt + i] == 0)
      return limn_fail_entry(err, LIMN_ENUMERIC, "triangular matrix", i, i, "must not be 0");
  if (n > 0 && r > 0) solve_triangle((triangle){b, t, ldb, ldt, n, r, false, upper, transpose});
  return LIMN_OK;
}

/* Right-looking: a block of columns is factored, then the rest is updated. Returns 0, or the
 * 1-based row where a is not positive definite. */
static size_t factor_lower(double *a, size_t n) {
  size_t block = n > 2 * ROWS ? ROWS : limn_larger(n, 1);
  for (size_t j = 0; j < n; j += block) {
    size_t w = limn_smaller(block, n - j), rest = n - j - w;
    double *corner = a + j * n + j, *below = corner + w * n;
    int info = limn_la_serial_potrf(corner, n, w);
    if (info != 0) return j + (size_t)info;
    if (rest == 0) break;
    solve_triangle((triangle){below, corner, n, n, w, rest, true, false, true});
    syrk_lower(below + w, n, below, n, false, rest, w, -1, 1);
  }
  return 0;
}

limn_status limn_la_chol(double *a, size_t n, size_t *pivot, limn_err *err) {
  limn_status status = shapes(n, n, false, n, false, n, n, n, err);
  if (status != LIMN_OK) return status;
  if ((status = limn_la_finite_lower(a, n, err)) != LIMN_OK) return status;
  limn_la_enter();
  size_t row = factor_lower(a, n);
  limn_la_leave();
  if (row == 0) return LIMN_OK;
  if (pivot) *pivot = row - 1;
  return limn_fail_argument(
      err, LIMN_ENUMERIC, "matrix",
      "is not positive definite: neither is its leading block of %zu of %zu rows", row, n);
}

limn_status limn_la_chol_solve(double *b, const double *l, size_t n, size_t r, limn_err *err) {
  limn_status status = limn_la_trsm(b, r, l, n, false, false, n, r, err);
  return status == LIMN_OK ? limn_la_trsm(b, r, l, n, false, true, n, r, err) : status;
}

/* ---- the diagonal of an inverse ---- */

typedef struct inverse {
  double *diagonal, *columns; /* columns: n x INVERSE per worker */
  const double *l;
  size_t n;
} inverse;

enum { INVERSE = 128 };

/* Columns first .. first+w-1 of L^-1: they are 0 above row first, so a smaller triangular system
 * gives the rest. */
static void inverse_tile(void *ctx, size_t task, int worker) {
  const inverse *p = ctx;
  size_t first = task * INVERSE, w = limn_smaller(INVERSE, p->n - first), rows = p->n - first;
  double *x = p->columns + (size_t)worker * p->n * INVERSE;
  memset(x, 0, rows * w * sizeof *x);
  for (size_t j = 0; j < w; j++) x[j * w + j] = 1;
  limn_la_serial_trsm(x, w, p->l + first * p->n + first, p->n, false, false, false, rows, w);
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < w; j++) p->diagonal[first + j] += x[i * w + j] * x[i * w + j];
}

limn_status limn_la_chol_inverse_diagonal(double *diagonal, const double *l, size_t n,
                                          limn_err *err) {
  limn_status status = shapes(n, n, false, n, false, n, n, n, err);
  if (status != LIMN_OK || n == 0) return status;
  for (size_t i = 0; i < n; i++) {
    diagonal[i] = 0;
    if (l[i * n + i] == 0)
      return limn_fail_entry(err, LIMN_ENUMERIC, "factor", i, i, "must not be 0");
  }
  size_t tasks = pieces(n, INVERSE), workers = (size_t)limn_workers(tasks);
  double *columns = limn_alloc(workers * n * INVERSE, sizeof *columns);
  if (!columns) return limn_nomem(err, "work", workers * n * INVERSE, sizeof *columns);
  distribute(tasks, inverse_tile, &(inverse){diagonal, columns, l, n});
  limn_free(columns);
  return LIMN_OK;
}

/* ---- tridiagonal form ---- */

typedef struct reflect {
  double *qt, *work;
  const double *a, *tau;
  size_t n, tasks, size; /* size: of the work memory per worker */
} reflect;

/* Columns first .. first+w-1 of Q, from those of the identity. Reflectors after the last of them do
 * not change them, so later blocks take longer and are started first. */
static void reflect_tile(void *ctx, size_t task, int worker) {
  const reflect *p = ctx;
  size_t first = (p->tasks - 1 - task) * INVERSE, w = limn_smaller(INVERSE, p->n - first);
  double *b = p->qt + first * p->n;
  memset(b, 0, w * p->n * sizeof *b);
  for (size_t j = 0; j < w; j++) b[j * p->n + first + j] = 1;
  size_t k = limn_smaller(first + w - 1, p->n - 1);
  if (k > 0)
    limn_la_serial_reflect(b, p->a, p->tau, p->n, k, w, p->work + (size_t)worker * p->size,
                           p->size);
}

limn_status limn_la_tridiagonal(double *qt, double *diagonal, double *off_diagonal, double *a,
                                size_t n, limn_err *err) {
  if (n == 0) return LIMN_OK;
  double *tau = limn_alloc(n, sizeof *tau);
  if (!tau) return limn_nomem(err, "work", n, sizeof *tau);
  limn_la_enter();
  limn_status status = limn_la_serial_tridiagonal(diagonal, off_diagonal, tau, a, n, err);
  size_t tasks = pieces(n, INVERSE), size = n > 1 ? limn_la_serial_reflect_work(n, INVERSE) : 1;
  size_t total = (size_t)limn_workers(tasks) * size;
  double *work = status == LIMN_OK ? limn_alloc(total, sizeof *work) : NULL;
  if (status == LIMN_OK && !work) status = limn_nomem(err, "work", total, sizeof *work);
  if (status == LIMN_OK)
    distribute(tasks, reflect_tile, &(reflect){qt, work, a, tau, n, tasks, size});
  limn_la_leave();
  limn_free(tau);
  limn_free(work);
  return status;
}
