/* array_linalg.c: products and factorisations of arrays, through num/linalg.h. Computations are in
 * double, except the product of two f32 arrays, which is f32. A numerical failure (singular, not
 * positive definite, no convergence) gives nil and a message; invalid arguments raise. */
#include "bind/numeric/array.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "num/linalg/linalg.h"

/* A matrix in the form of BLAS: leading dimension ld, optionally transposed. */
typedef struct blas_matrix {
  const void *data;
  size_t rows, cols, ld;
  bool transposed;
} blas_matrix;

/* The array at idx as rows x cols of the given dtype. Where its strides do not fit BLAS, the value
 * at idx is replaced by a copy, which is valid as long as the stack slot. */
static blas_matrix matrix_of(lua_State *L, int idx, limn_dtype dtype, bool vector_is_row) {
  limn_array *a = bind_testarray(L, idx);
  for (int again = 0;; again++) {
    blas_matrix m = {a->data, a->dims[0], a->dims[1], a->dims[1], false};
    ptrdiff_t rs = a->stride[0], cs = a->rank > 1 ? a->stride[1] : 1;
    if (a->rank == 1 && vector_is_row)
      m.rows = 1, m.cols = m.ld = a->dims[0], cs = rs, rs = (ptrdiff_t)m.cols;
    bool plain = (cs == 1 || m.cols == 1) && (rs >= (ptrdiff_t)m.cols || m.rows == 1);
    bool turned = (rs == 1 || m.rows == 1) && (cs >= (ptrdiff_t)m.rows || m.cols == 1);
    if (a->dtype == dtype && plain) {
      m.ld = m.rows == 1 ? m.cols : (size_t)rs;
      return m;
    }
    if (a->dtype == dtype && turned) {
      m.ld = m.cols == 1 ? m.rows : (size_t)cs;
      m.transposed = true;
      return m;
    }
    a = bind_copyarray(L, a, dtype);
    lua_replace(L, idx);
  }
}

static void clash(lua_State *L, const char *who, const limn_array *a, const limn_array *b) {
  char ta[80], tb[80];
  bind_shape_text(ta, sizeof ta, a);
  bind_shape_text(tb, sizeof tb, b);
  bind_error(L, "%s: inner dimensions of shapes %s and %s differ", who, ta, tb);
}

/* The array at idx, or the table of numbers there converted to an array. */
static limn_array *argument(lua_State *L, int idx, const char *who, const char *name) {
  size_t rows, cols;
  if (!bind_testarray(L, idx)) bind_doubles(L, idx, who, name, &rows, &cols);
  limn_array *a = bind_testarray(L, idx);
  if (a->rank > 2)
    bind_error(L, "%s: %s must be a vector or a matrix, got rank %d", who, name, a->rank);
  return a;
}

/* matmul(b): matrix product; a vector on the left is a row, on the right a column, and the result
 * lacks that dimension; two vectors give a number. */
static int product(lua_State *L, const char *who) {
  bind_method(L, who, 1);
  lua_settop(L, 2);
  limn_array a = *argument(L, 1, who, "self"), b = *argument(L, 2, who, "b");
  size_t inner = a.dims[a.rank - 1], m = a.rank == 1 ? 1 : a.dims[0],
         n = b.rank == 1 ? 1 : b.dims[1];
  if (inner != b.dims[0]) clash(L, who, &a, &b);
  limn_dtype dtype = a.dtype == LIMN_F32 && b.dtype == LIMN_F32 ? LIMN_F32 : LIMN_F64;
  blas_matrix x = matrix_of(L, 1, dtype, true), y = matrix_of(L, 2, dtype, false);
  size_t dims[2];
  int rank = 0;
  if (a.rank == 2) dims[rank++] = m;
  if (b.rank == 2) dims[rank++] = n;
  if (rank == 0) dims[rank++] = 1;
  limn_array *c = bind_newarray(L, dtype, rank, dims);
  limn_err err;
  limn_status status;
  if (dtype == LIMN_F32) {
    status = limn_la_sgemm(c->data, n, x.data, x.ld, x.transposed, y.data, y.ld, y.transposed, m, n,
                           inner, 1, 0, &err);
  } else if (n == 1 && m == 1 && !x.transposed && !y.transposed && y.ld == 1) {
    *(double *)c->data = limn_la_dot(x.data, y.data, inner);
    status = LIMN_OK;
  } else if (n == 1 && !y.transposed && y.ld == 1) {
    size_t stored = x.transposed ? inner : m, across = x.transposed ? m : inner;
    status = limn_la_gemv(c->data, x.data, x.ld, x.transposed, y.data, stored, across, 1, 0, &err);
  } else {
    status = limn_la_gemm(c->data, n, x.data, x.ld, x.transposed, y.data, y.ld, y.transposed, m, n,
                          inner, 1, 0, &err);
  }
  bind_check(L, status, &err, who);
  if (a.rank == 1 && b.rank == 1)
    lua_pushnumber(L, dtype == LIMN_F64 ? *(double *)c->data : (double)*(float *)c->data);
  return 1;
}

static int l_matmul(lua_State *L) {
  return product(L, "array:matmul");
}
static int l_dot(lua_State *L) {
  return product(L, "array:dot");
}

const double *bind_self_matrix(lua_State *L, const char *who, bool square, size_t *rows,
                               size_t *cols) {
  limn_array *a = bind_self(L, who);
  if (a->rank != 2) bind_error(L, "%s: needs a matrix, got rank %d", who, a->rank);
  const double *p = bind_doubles(L, 1, who, "self", rows, cols);
  if (square && *rows != *cols)
    bind_error(L, "%s: needs a square matrix, got shape %zux%zu", who, *rows, *cols);
  return p;
}

/* solve(b) -> x, rcond with a x = b. */
static int l_solve(lua_State *L) {
  size_t n, cols, rows, r;
  bind_method(L, "array:solve", 1);
  lua_settop(L, 2);
  const double *a = bind_self_matrix(L, "array:solve", true, &n, &cols),
               *b = bind_doubles(L, 2, "array:solve", "b", &rows, &r);
  limn_array *rhs = bind_testarray(L, 2);
  if (rows != n) bind_error(L, "array:solve: b has %zu rows but the matrix has %zu", rows, n);
  limn_array *x = bind_newarray(L, LIMN_F64, rhs->rank, rhs->dims);
  double rcond;
  limn_err err;
  limn_status status = limn_la_solve(x->data, &rcond, a, b, n, r, &err);
  if (status != LIMN_OK) return bind_failed(L, status, &err, "array:solve");
  lua_pushnumber(L, rcond);
  return 2;
}

/* lstsq(b [, rcond]) -> x, rank, s: the x of least norm among those with the least |a x - b| */
static int l_lstsq(lua_State *L) {
  size_t m, n, rows, r, rank = 0;
  limn_array *self = bind_method(L, "array:lstsq", 2);
  limn_dtype dtype = self->dtype;
  lua_settop(L, 3);
  const double *a = bind_self_matrix(L, "array:lstsq", false, &m, &n),
               *b = bind_doubles(L, 2, "array:lstsq", "b", &rows, &r);
  limn_array *rhs = bind_testarray(L, 2);
  if (rows != m) bind_error(L, "array:lstsq: b has %zu rows but the matrix has %zu", rows, m);
  double rcond = lua_isnil(L, 3) ? -1 : bind_checkfinite(L, 3, "array:lstsq", "rcond");
  if (rcond < 0 && dtype == LIMN_F32) rcond = (double)FLT_EPSILON * (double)(m > n ? m : n);
  size_t dims[] = {n, r, 1};
  limn_array *x = bind_newarray(L, LIMN_F64, rhs->rank, dims),
             *s = bind_newvector(L, m < n ? m : n);
  limn_err err;
  limn_status status =
      limn_la_lstsq(x->data, &rank, s->data, a, b, m, n, r, rcond, LIMN_LA_GELSD, &err);
  if (status != LIMN_OK) return bind_failed(L, status, &err, "array:lstsq");
  lua_pushinteger(L, (lua_Integer)rank);
  lua_insert(L, -2);
  return 3;
}

/* svd() -> u, s, vt with a = u diag(s) vt, s descending. */
static int l_svd(lua_State *L) {
  size_t m, n;
  bind_method(L, "array:svd", 0);
  const double *a = bind_self_matrix(L, "array:svd", false, &m, &n);
  size_t k = m < n ? m : n;
  limn_array *u = bind_newmatrix(L, m, k), *s = bind_newvector(L, k), *vt = bind_newmatrix(L, k, n);
  limn_err err;
  limn_status status = limn_la_svd(u->data, s->data, vt->data, a, m, n, &err);
  return status == LIMN_OK ? 3 : bind_failed(L, status, &err, "array:svd");
}

/* The receiver at 1, square and symmetric up to the rounding of its dtype. A matrix of f32, whose
 * two halves are rounded apart, is replaced by the mean of it and its transpose. The message names
 * the first pair of entries that differ by more. */
static const double *symmetric(lua_State *L, const char *who, size_t *n) {
  bool single = bind_method(L, who, 0)->dtype == LIMN_F32;
  size_t i, j, cols;
  const double *a = bind_self_matrix(L, who, true, n, &cols);
  double rounding = (double)FLT_EPSILON * (double)(cols < 16 ? 16 : cols);
  if (!limn_la_symmetric(a, cols, single ? rounding : 1e-10, &i, &j)) {
    char pair[80];
    snprintf(pair, sizeof pair, "%.17g and %.17g", a[i * cols + j], a[j * cols + i]);
    bind_error(L, "%s: needs a symmetric matrix, but entries (%zu,%zu) and (%zu,%zu) are %s", who,
               i + 1, j + 1, j + 1, i + 1, pair);
  }
  if (!single) return a;
  double *mean = bind_newmatrix(L, cols, cols)->data;
  for (i = 0; i < cols; i++)
    for (j = 0; j < cols; j++) mean[i * cols + j] = (a[i * cols + j] + a[j * cols + i]) / 2;
  lua_replace(L, 1);
  return mean;
}

/* eigh() -> w, v with a v = v diag(w), w ascending. */
static int l_eigh(lua_State *L) {
  size_t n;
  const double *a = symmetric(L, "array:eigh", &n);
  limn_array *w = bind_newvector(L, n), *v = bind_newmatrix(L, n, n);
  memcpy(v->data, a, n * n * sizeof *a);
  limn_err err;
  limn_status status = limn_la_eigh(w->data, v->data, n, true, &err);
  return status == LIMN_OK ? 2 : bind_failed(L, status, &err, "array:eigh");
}

/* qr() -> q, r. */
static int l_qr(lua_State *L) {
  size_t m, n;
  bind_method(L, "array:qr", 0);
  const double *a = bind_self_matrix(L, "array:qr", false, &m, &n);
  size_t k = m < n ? m : n;
  limn_array *q = bind_newmatrix(L, m, k), *r = bind_newmatrix(L, k, n);
  limn_err err;
  limn_status status = limn_la_qr(q->data, r->data, a, m, n, NULL, &err);
  return status == LIMN_OK ? 2 : bind_failed(L, status, &err, "array:qr");
}

/* chol() -> l, lower triangular, a = l l'. */
static int l_chol(lua_State *L) {
  size_t n;
  const double *a = symmetric(L, "array:chol", &n);
  limn_array *l = bind_newmatrix(L, n, n);
  for (size_t i = 0; i < n; i++) /* the upper triangle is 0 */
    memcpy((double *)l->data + i * n, a + i * n, (i + 1) * sizeof *a);
  limn_err err;
  limn_status status = limn_la_chol(l->data, n, NULL, &err);
  return status == LIMN_OK ? 1 : bind_failed(L, status, &err, "array:chol");
}

const luaL_Reg bind_array_linalg_methods[] = {
    {"matmul", l_matmul}, {"dot", l_dot}, {"solve", l_solve}, {"lstsq", l_lstsq}, {"svd", l_svd},
    {"eigh", l_eigh},     {"qr", l_qr},   {"chol", l_chol},   {NULL, NULL}};
