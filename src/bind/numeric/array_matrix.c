/* array_matrix.c: functions of matrices: diagonals, inverses, eigenvalues, products by indices. A
 * numerical failure (singular, no convergence) gives nil and a message; invalid arguments raise. */
#include "limn/matrix.h"

#include "bind/numeric/array.h"

#include <float.h>
#include <string.h>

/* The view of the k-th diagonal; k > 0 is above the main one. */
static limn_array diagonal(const limn_array *a, lua_Integer k) {
  size_t rows = a->dims[0], cols = a->dims[1], shift = (size_t)(k < 0 ? -k : k), n = 0;
  if (k >= 0 && shift < cols) n = rows < cols - shift ? rows : cols - shift;
  if (k < 0 && shift < rows) n = rows - shift < cols ? rows - shift : cols;
  limn_array v = {.dtype = a->dtype, .rank = 1, .dims = {n, 1, 1}, .data = a->data};
  v.stride[0] = a->stride[0] + a->stride[1];
  if (n > 0) v.data = limn_entry_address(a, (ptrdiff_t)shift * a->stride[k >= 0 ? 1 : 0]);
  return v;
}

/* diag([k]): the k-th diagonal of a matrix as a view, or the matrix with the vector there */
static int l_diag(lua_State *L) {
  limn_array *a = bind_method(L, "array:diag", 1);
  lua_Integer k =
      lua_isnoneornil(L, 2) ? 0 : bind_checkint(L, 2, "array:diag", "k", -(1 << 30), 1 << 30);
  if (a->rank == 2) {
    limn_array v = diagonal(a, k);
    bind_newview(L, 1, &v);
    return 1;
  }
  if (a->rank != 1) bind_error(L, "array:diag: needs a vector or a matrix, got rank %d", a->rank);
  size_t n = a->dims[0] + (size_t)(k < 0 ? -k : k);
  limn_array v = diagonal(bind_newarray(L, a->dtype, 2, (size_t[]){n, n}), k);
  limn_array_copy(&v, a);
  return 1;
}

static int l_trace(lua_State *L) {
  limn_array *a = bind_method(L, "array:trace", 1);
  if (a->rank != 2) bind_error(L, "array:trace: needs a matrix, got rank %d", a->rank);
  lua_Integer k =
      lua_isnoneornil(L, 2) ? 0 : bind_checkint(L, 2, "array:trace", "k", -(1 << 30), 1 << 30);
  limn_array v = diagonal(a, k), out;
  double x = 0;
  limn_err err;
  out = limn_array_view(LIMN_F64, 1, (size_t[]){1}, &x);
  bind_check(L, limn_array_reduce(&out, LIMN_OP_SUM, &v, -1, 0, &err), &err, "array:trace");
  bind_pushnumber(L, a->dtype, x);
  return 1;
}

/* outer(b): a_i b_j */
static int l_outer(lua_State *L) {
  limn_array *a = bind_method(L, "array:outer", 1);
  lua_settop(L, 2);
  limn_array *b = bind_toarray(L, 2, "array:outer", "b");
  if (a->rank != 1 || b->rank != 1)
    bind_error(L, "array:outer: needs two vectors, got rank %d and %d", a->rank, b->rank);
  limn_array column = limn_array_with_dimension(a, 1);
  limn_array *out = bind_rawarray(L, limn_binary_dtype(LIMN_OP_MUL, a->dtype, b->dtype), 2,
                                  (size_t[]){a->dims[0], b->dims[0]});
  limn_array_binary(out, LIMN_OP_MUL, &column, b);
  return 1;
}

static int l_kron(lua_State *L) {
  size_t m, n, p, q;
  bind_method(L, "array:kron", 1);
  lua_settop(L, 2);
  const double *a = bind_self_matrix(L, "array:kron", false, &m, &n),
               *b = bind_doubles(L, 2, "array:kron", "b", &p, &q);
  if (bind_testarray(L, 2)->rank != 2)
    bind_error(L, "array:kron: b must be a matrix, got a vector");
  limn_kronecker(bind_newmatrix(L, m * p, n * q)->data, a, m, n, b, p, q);
  return 1;
}

/* det() -> determinant, log |det|, sign */
static int l_det(lua_State *L) {
  size_t n, cols;
  double det, log_size, sign;
  limn_err err;
  bind_method(L, "array:det", 0);
  const double *a = bind_self_matrix(L, "array:det", true, &n, &cols);
  bind_check(L, limn_determinant(&det, &log_size, &sign, a, n, &err), &err, "array:det");
  lua_pushnumber(L, det);
  lua_pushnumber(L, log_size);
  lua_pushinteger(L, (lua_Integer)sign);
  return 3;
}

/* inv() -> inverse, rcond */
static int l_inv(lua_State *L) {
  size_t n, cols;
  double rcond;
  limn_err err;
  bind_method(L, "array:inv", 0);
  const double *a = bind_self_matrix(L, "array:inv", true, &n, &cols);
  limn_status status = limn_inverse(bind_newmatrix(L, n, n)->data, &rcond, a, n, &err);
  if (status != LIMN_OK) return bind_failed(L, status, &err, "array:inv");
  lua_pushnumber(L, rcond);
  return 2;
}

/* The relative tolerance in argument 2: by default rounding of the receiver's dtype. */
static double tolerance(lua_State *L, const char *who, limn_dtype dtype, size_t m, size_t n) {
  if (!lua_isnoneornil(L, 2)) return bind_checkfinite(L, 2, who, "rcond");
  return (double)(m > n ? m : n) * (dtype == LIMN_F32 ? (double)FLT_EPSILON : DBL_EPSILON);
}

static int l_pinv(lua_State *L) {
  size_t m, n;
  limn_err err;
  limn_dtype dtype = bind_method(L, "array:pinv", 1)->dtype;
  const double *a = bind_self_matrix(L, "array:pinv", false, &m, &n);
  double rcond = tolerance(L, "array:pinv", dtype, m, n);
  limn_status status = limn_pseudo_inverse(bind_newmatrix(L, n, m)->data, a, m, n, rcond, &err);
  return status == LIMN_OK ? 1 : bind_failed(L, status, &err, "array:pinv");
}

static int l_cond(lua_State *L) {
  size_t m, n;
  double condition;
  limn_err err;
  bind_method(L, "array:cond", 0);
  const double *a = bind_self_matrix(L, "array:cond", false, &m, &n);
  limn_status status = limn_condition(&condition, a, m, n, &err);
  if (status != LIMN_OK) return bind_failed(L, status, &err, "array:cond");
  lua_pushnumber(L, condition);
  return 1;
}

/* eig() -> re, im, v_re, v_im */
static int l_eig(lua_State *L) {
  size_t n, cols;
  limn_err err;
  bind_method(L, "array:eig", 0);
  const double *a = bind_self_matrix(L, "array:eig", true, &n, &cols);
  limn_array *re = bind_newvector(L, n), *im = bind_newvector(L, n), *v = bind_newmatrix(L, n, n),
             *w = bind_newmatrix(L, n, n);
  limn_status status = limn_eigen(re->data, im->data, v->data, w->data, a, n, &err);
  return status == LIMN_OK ? 4 : bind_failed(L, status, &err, "array:eig");
}

static int l_expm(lua_State *L) {
  size_t n, cols;
  limn_err err;
  bind_method(L, "array:expm", 0);
  const double *a = bind_self_matrix(L, "array:expm", true, &n, &cols);
  limn_array *out = bind_newmatrix(L, n, n);
  bind_check(L, limn_matrix_exponential(out->data, a, n, &err), &err, "array:expm");
  return 1;
}

/* The columns whose covariances are asked for: the receiver's, and with a vector b the two vectors.
 * Pushes the matrix of covariances; returns whether there are exactly two vectors, or one. */
static int covariance(lua_State *L, const char *who, bool correlation, double ddof) {
  size_t n, d, m, one;
  limn_err err;
  bool two = !lua_isnil(L, 2);
  const double *x = bind_doubles(L, 1, who, "self", &n, &d);
  if (two) {
    const double *y = bind_doubles(L, 2, who, "b", &m, &one);
    if (d != 1 || one != 1 || m != n)
      bind_error(L, "%s: with b both must be vectors of one length, got %zu x %zu and %zu x %zu",
                 who, n, d, m, one);
    double *both = bind_newmatrix(L, n, 2)->data;
    for (size_t i = 0; i < n; i++) both[2 * i] = x[i], both[2 * i + 1] = y[i];
    x = both, d = 2;
  }
  double *out = bind_newmatrix(L, d, d)->data;
  bind_check(L, limn_covariance(out, x, n, d, ddof, correlation, &err), &err, who);
  if (two)
    lua_pushnumber(L, out[1]);
  else if (bind_testarray(L, 1)->rank == 1)
    lua_pushnumber(L, out[0]);
  return 1;
}

/* cov([b [, ddof]]): covariances of the columns; of two vectors a number */
static int l_cov(lua_State *L) {
  bind_method(L, "array:cov", 2);
  lua_settop(L, 3);
  double ddof = lua_isnil(L, 3) ? 1 : bind_checkfinite(L, 3, "array:cov", "ddof");
  return covariance(L, "array:cov", false, ddof);
}

static int l_corrcoef(lua_State *L) {
  bind_method(L, "array:corrcoef", 1);
  lua_settop(L, 2);
  return covariance(L, "array:corrcoef", true, 1);
}

/* walsh([dim]) */
static int l_walsh(lua_State *L) {
  limn_array *a = bind_method(L, "array:walsh", 1);
  int dim = bind_optdim(L, 2, "array:walsh", a);
  if (dim < 0) dim = a->rank - 1;
  size_t outer = 1, inner = 1, n = a->dims[dim];
  for (int k = 0; k < dim; k++) outer *= a->dims[k];
  for (int k = dim + 1; k < a->rank; k++) inner *= a->dims[k];
  if (n == 0 || (n & (n - 1)))
    bind_error(L, "array:walsh: dimension %d must have a power of 2 entries, got %zu", dim + 1, n);
  limn_walsh(bind_copyarray(L, a, LIMN_F64)->data, outer, n, inner);
  return 1;
}

/* einsum(spec, a [, b]) */
static int l_einsum(lua_State *L) {
  bind_arguments(L, 3, "einsum");
  lua_settop(L, 3);
  if (lua_type(L, 1) != LUA_TSTRING)
    bind_error(L, "einsum: spec must be a string like \"ij,jk->ik\", got %s", bind_typename(L, 1));
  const char *spec = lua_tostring(L, 1);
  const limn_array *a = bind_toarray(L, 2, "einsum", "a"),
                   *b = lua_isnil(L, 3) ? NULL : bind_toarray(L, 3, "einsum", "b");
  limn_array shape;
  limn_err err;
  bind_check(L, limn_einsum_shape(&shape, spec, a, b, &err), &err, "einsum");
  limn_array *out = bind_newarray(L, LIMN_F64, shape.rank ? shape.rank : 1, shape.dims);
  bind_check(L, limn_einsum(out, spec, a, b, &err), &err, "einsum");
  if (shape.rank == 0) lua_pushnumber(L, *(double *)out->data);
  return 1;
}

const luaL_Reg bind_array_matrix_methods[] = {
    {"diag", l_diag},   {"trace", l_trace}, {"outer", l_outer}, {"kron", l_kron},
    {"det", l_det},     {"inv", l_inv},     {"pinv", l_pinv},   {"cond", l_cond},
    {"eig", l_eig},     {"expm", l_expm},   {"cov", l_cov},     {"corrcoef", l_corrcoef},
    {"walsh", l_walsh}, {NULL, NULL}};

const luaL_Reg bind_array_matrix_functions[] = {{"einsum", l_einsum}, {NULL, NULL}};
