/* array_reduce.c: reductions, running sums, norms, sorting and quantiles of arrays. Without dim the
 * reduction is over all entries and gives a number; with dim the result lacks that dimension. */
#include "bind/numeric/array.h"

#include <math.h>

/* Pushes an array of a's shape without dimension dim (dim >= 0, rank >= 2). */
static limn_array *reduced(lua_State *L, const limn_array *a, int dim, limn_dtype dtype) {
  size_t dims[LIMN_MAX_RANK];
  int rank = 0;
  for (int k = 0; k < a->rank; k++)
    if (k != dim) dims[rank++] = a->dims[k];
  return bind_newarray(L, dtype, rank, dims);
}

/* Sums and extremes of whole numbers are whole; positions and counts always. */
static limn_dtype reduced_dtype(limn_reduction op, limn_dtype a) {
  if (op == LIMN_OP_ANY || op == LIMN_OP_ALL) return LIMN_BOOL;
  if (op == LIMN_OP_COUNT || op == LIMN_OP_ARGMIN || op == LIMN_OP_ARGMAX) return LIMN_I64;
  bool closed = op == LIMN_OP_SUM || op == LIMN_OP_PROD || op == LIMN_OP_MIN || op == LIMN_OP_MAX;
  return limn_dtype_whole(a) && closed ? LIMN_I64 : LIMN_F64;
}

static int reduce(lua_State *L, limn_reduction op, const char *who) {
  bool moments = op == LIMN_OP_VAR || op == LIMN_OP_STD;
  limn_array *a = bind_method(L, who, moments ? 2 : 1);
  int dim = bind_optdim(L, 2, who, a);
  double ddof = 1;
  if (moments && !lua_isnoneornil(L, 3)) ddof = bind_checkfinite(L, 3, who, "ddof");
  limn_err err;
  if (dim >= 0 && a->rank > 1) {
    limn_array *out = reduced(L, a, dim, reduced_dtype(op, a->dtype));
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
    if (op == LIMN_OP_ANY || op == LIMN_OP_ALL)
      lua_pushboolean(L, x != 0);
    else
      bind_pushnumber(L, reduced_dtype(op, a->dtype), x);
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

static int l_prod(lua_State *L) {
  return reduce(L, LIMN_OP_PROD, "array:prod");
}
static int l_any(lua_State *L) {
  return reduce(L, LIMN_OP_ANY, "array:any");
}
static int l_all(lua_State *L) {
  return reduce(L, LIMN_OP_ALL, "array:all");
}
static int l_count(lua_State *L) {
  return reduce(L, LIMN_OP_COUNT, "array:count");
}

typedef void scan(limn_array *out, const limn_array *a, int dim);

static int cumulated(lua_State *L, scan *f, const char *who) {
  limn_array *a = bind_method(L, who, 1);
  int dim = bind_optdim(L, 2, who, a);
  size_t n = limn_array_size(a);
  limn_dtype dtype = limn_dtype_whole(a->dtype) ? LIMN_I64 : LIMN_F64;
  f(dim < 0 ? bind_rawarray(L, dtype, 1, &n) : bind_rawarray(L, dtype, a->rank, a->dims), a, dim);
  return 1;
}

static int l_cumsum(lua_State *L) {
  return cumulated(L, limn_array_cumsum, "array:cumsum");
}
static int l_cumprod(lua_State *L) {
  return cumulated(L, limn_array_cumprod, "array:cumprod");
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

/* The dimension to work along: the argument, else the last one. */
static int sort_dim(lua_State *L, const char *who, const limn_array *a) {
  int dim = bind_optdim(L, 2, who, a);
  return dim < 0 ? a->rank - 1 : dim;
}

/* diff([dim]): a[i + 1] - a[i] */
static int l_diff(lua_State *L) {
  limn_array *a = bind_method(L, "array:diff", 1);
  int dim = sort_dim(L, "array:diff", a);
  size_t dims[LIMN_MAX_RANK] = {a->dims[0], a->dims[1], a->dims[2]};
  if (dims[dim] > 0) dims[dim]--;
  limn_dtype dtype = limn_binary_dtype(LIMN_OP_SUB, a->dtype, a->dtype);
  limn_array_diff(bind_rawarray(L, dtype, a->rank, dims), a, dim);
  return 1;
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
  limn_array *out = bind_newarray(L, LIMN_I64, a->rank, a->dims);
  double one = 1;
  limn_array unit = limn_array_view(LIMN_F64, 1, (size_t[]){1}, &one);
  limn_err err;
  bind_check(L, limn_array_sort(NULL, out, a, dim, &err), &err, "array:argsort");
  limn_array_binary(out, LIMN_OP_ADD, out, &unit);
  return 1;
}

/* median([dim]) */
static int l_median(lua_State *L) {
  limn_array *a = bind_method(L, "array:median", 1);
  int dim = bind_optdim(L, 2, "array:median", a);
  double half = 0.5, x;
  limn_err err;
  if (dim >= 0 && a->rank > 1) {
    bind_check(L, limn_array_quantile(reduced(L, a, dim, LIMN_F64), a, dim, &half, 1, &err), &err,
               "array:median");
    return 1;
  }
  limn_array out = limn_array_view(LIMN_F64, 1, (size_t[]){1}, &x);
  bind_check(L, limn_array_quantile(&out, a, -1, &half, 1, &err), &err, "array:median");
  lua_pushnumber(L, x);
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
    bind_check(L, limn_array_quantile(reduced(L, a, dim, LIMN_F64), a, dim, &q, 1, &err), &err,
               "array:quantile");
    return 1;
  }
  limn_array out = limn_array_view(LIMN_F64, 1, (size_t[]){1}, &x);
  bind_check(L, limn_array_quantile(&out, a, -1, &q, 1, &err), &err, "array:quantile");
  lua_pushnumber(L, x);
  return 1;
}

const luaL_Reg bind_array_reduce_methods[] = {
    {"sum", l_sum},           {"mean", l_mean},       {"var", l_var},
    {"std", l_std},           {"min", l_min},         {"max", l_max},
    {"argmin", l_argmin},     {"argmax", l_argmax},   {"cumsum", l_cumsum},
    {"norm", l_norm},         {"sort", l_sort},       {"argsort", l_argsort},
    {"quantile", l_quantile}, {"median", l_median},   {"diff", l_diff},
    {"prod", l_prod},         {"any", l_any},         {"all", l_all},
    {"count", l_count},       {"cumprod", l_cumprod}, {NULL, NULL}};
