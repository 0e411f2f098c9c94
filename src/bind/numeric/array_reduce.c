/* array_reduce.c: reductions, running sums, norms, sorting and quantiles of arrays. Without dim the
 * reduction is over all entries and gives a number; with dim the result lacks that dimension. */
#include "bind/numeric/array.h"

#include <math.h>

/* Pushes a zeroed f64 array of a's shape without dimension dim (dim >= 0, rank >= 2). */
static limn_array *reduced(lua_State *L, const limn_array *a, int dim) {
  size_t dims[LIMN_MAX_RANK];
  int rank = 0;
  for (int k = 0; k < a->rank; k++)
    if (k != dim) dims[rank++] = a->dims[k];
  return bind_newarray(L, LIMN_F64, rank, dims);
}

static int reduce(lua_State *L, limn_reduction op, const char *who) {
  bool moments = op == LIMN_OP_VAR || op == LIMN_OP_STD;
  limn_array *a = bind_method(L, who, moments ? 2 : 1);
  int dim = bind_optdim(L, 2, who, a);
  double ddof = 1;
  if (moments && !lua_isnoneornil(L, 3)) ddof = bind_checkfinite(L, 3, who, "ddof");
  limn_err err;
  if (dim >= 0 && a->rank > 1) {
    limn_array *out = reduced(L, a, dim);
    bind_check(L, limn_array_reduce(out, op, a, dim, ddof, &err), &err, who);
    if (op == LIMN_OP_ARGMIN || op == LIMN_OP_ARGMAX) { /* positions count from 1 in Lua */
      double one = 1;
      limn_array unit = limn_array_view(LIMN_F64, 1, (size_t[]){1}, &one);
      limn_array_binary(out, LIMN_OP_ADD, out, &unit);
    }
    return 1;
  }
  double x = 0;
  limn_array out = limn_array_view(LIMN_F64, 1, (size_t[]){1}, &x);
  bind_check(L, limn_array_reduce(&out, op, a, -1, ddof, &err), &err, who);
  if (op != LIMN_OP_ARGMIN && op != LIMN_OP_ARGMAX) {
    lua_pushnumber(L, x);
    return 1;
  }
  size_t at[LIMN_MAX_RANK] = {0}, rest = (size_t)x; /* one index per dimension */
  for (int k = a->rank - 1; k >= 0; k--) {
    at[k] = rest % a->dims[k];
    rest /= a->dims[k];
  }
  for (int k = 0; k < a->rank; k++) lua_pushinteger(L, (lua_Integer)at[k] + 1);
  return a->rank;
}

static int l_sum(lua_State *L) {
  return reduce(L, LIMN_OP_SUM, "array:sum");
}
static int l_mean(lua_State *L) {
  return reduce(L, LIMN_OP_MEAN, "array:mean");
}
static int l_var(lua_State *L) {
  return reduce(L, LIMN_OP_VAR, "array:var");
}
static int l_std(lua_State *L) {
  return reduce(L, LIMN_OP_STD, "array:std");
}
static int l_min(lua_State *L) {
  return reduce(L, LIMN_OP_MIN, "array:min");
}
static int l_max(lua_State *L) {
  return reduce(L, LIMN_OP_MAX, "array:max");
}
static int l_argmin(lua_State *L) {
  return reduce(L, LIMN_OP_ARGMIN, "array:argmin");
}
static int l_argmax(lua_State *L) {
  return reduce(L, LIMN_OP_ARGMAX, "array:argmax");
}

static int l_cumsum(lua_State *L) {
  limn_array *a = bind_method(L, "array:cumsum", 1);
  int dim = bind_optdim(L, 2, "array:cumsum", a);
  size_t n = limn_array_size(a);
  limn_array *out =
      dim < 0 ? bind_newarray(L, LIMN_F64, 1, &n) : bind_newarray(L, LIMN_F64, a->rank, a->dims);
  limn_array_cumsum(out, a, dim);
  return 1;
}

/* norm([p]): (sum |x|^p)^(1/p) of all entries; p = 2 by default; math.huge gives the largest |x|.
 * */
static int l_norm(lua_State *L) {
  limn_array *a = bind_method(L, "array:norm", 1);
  double p = 2;
  if (!lua_isnoneornil(L, 2)) {
    if (lua_type(L, 2) != LUA_TNUMBER)
      bind_error(L, "array:norm: p must be a number, got %s", bind_typename(L, 2));
    p = lua_tonumber(L, 2);
  }
  if (!(p >= 1)) bind_error(L, "array:norm: p must be at least 1, got %g", p);
  lua_pushnumber(L, limn_array_norm(a, p));
  return 1;
}

/* The dimension to sort along: the argument, else the last one. */
static int sort_dim(lua_State *L, const char *who, const limn_array *a) {
  int dim = bind_optdim(L, 2, who, a);
  return dim < 0 ? a->rank - 1 : dim;
}

static int l_sort(lua_State *L) {
  limn_array *a = bind_method(L, "array:sort", 1);
  int dim = sort_dim(L, "array:sort", a);
  limn_array *out = bind_newarray(L, a->dtype, a->rank, a->dims);
  limn_err err;
  bind_check(L, limn_array_sort(out, NULL, a, dim, &err), &err, "array:sort");
  return 1;
}

/* argsort([dim]): the permutation that sorts, counted from 1, as an array. */
static int l_argsort(lua_State *L) {
  limn_array *a = bind_method(L, "array:argsort", 1);
  int dim = sort_dim(L, "array:argsort", a);
  limn_array *out = bind_newarray(L, LIMN_F64, a->rank, a->dims);
  double one = 1;
  limn_array unit = limn_array_view(LIMN_F64, 1, (size_t[]){1}, &one);
  limn_err err;
  bind_check(L, limn_array_sort(NULL, out, a, dim, &err), &err, "array:argsort");
  limn_array_binary(out, LIMN_OP_ADD, out, &unit);
  return 1;
}

/* quantile(q [, dim]): q a number, or (without dim) an array or table of them. */
static int l_quantile(lua_State *L) {
  limn_array *a = bind_method(L, "array:quantile", 2);
  limn_err err;
  if (lua_type(L, 2) != LUA_TNUMBER) {
    size_t rows, cols;
    lua_settop(L, 3);
    const double *q = bind_doubles(L, 2, "array:quantile", "q", &rows, &cols);
    if (!lua_isnil(L, 3))
      bind_error(L, "array:quantile: with dim, q must be a number, got %s", bind_typename(L, 2));
    limn_array *out = bind_newvector(L, rows * cols);
    bind_check(L, limn_array_quantile(out, a, -1, q, rows * cols, &err), &err, "array:quantile");
    return 1;
  }
  double q = lua_tonumber(L, 2), x;
  int dim = bind_optdim(L, 3, "array:quantile", a);
  if (dim >= 0 && a->rank > 1) {
    bind_check(L, limn_array_quantile(reduced(L, a, dim), a, dim, &q, 1, &err), &err,
               "array:quantile");
    return 1;
  }
  limn_array out = limn_array_view(LIMN_F64, 1, (size_t[]){1}, &x);
  bind_check(L, limn_array_quantile(&out, a, -1, &q, 1, &err), &err, "array:quantile");
  lua_pushnumber(L, x);
  return 1;
}

const luaL_Reg bind_array_reduce_methods[] = {
    {"sum", l_sum},           {"mean", l_mean}, {"var", l_var},       {"std", l_std},
    {"min", l_min},           {"max", l_max},   {"argmin", l_argmin}, {"argmax", l_argmax},
    {"cumsum", l_cumsum},     {"norm", l_norm}, {"sort", l_sort},     {"argsort", l_argsort},
    {"quantile", l_quantile}, {NULL, NULL}};
