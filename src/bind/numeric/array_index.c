/* array_index.c: indexing of arrays: entries, rows, views, shapes, tables. */
#include "limn/vocabulary.h"

#include "bind/numeric/array.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void bind_pushnumber(lua_State *L, limn_dtype dtype, double x) {
  if (limn_dtype_whole(dtype))
    lua_pushinteger(L, (lua_Integer)limn_to_i64(x));
  else
    lua_pushnumber(L, x);
}

void bind_pushentry(lua_State *L, const limn_array *a, ptrdiff_t at) {
  if (a->dtype == LIMN_I64)
    lua_pushinteger(L, (lua_Integer)((const int64_t *)a->data)[at]);
  else
    bind_pushnumber(L, a->dtype, limn_entry_get(a, at));
}

double bind_checkentry(lua_State *L, int idx, const char *who, const char *name, limn_dtype dtype) {
  bool truth = lua_type(L, idx) == LUA_TBOOLEAN && dtype == LIMN_BOOL;
  if (lua_type(L, idx) != LUA_TNUMBER && !truth)
    bind_error(L, "%s: %s must be a number, got %s", who, name, bind_typename(L, idx));
  double x = truth ? lua_toboolean(L, idx) : lua_tonumber(L, idx);
  if (limn_array_holds(dtype, &x, 1) == 0)
    bind_error(L, "%s: %s must be %s in an array of dtype %s, got %s", who, name,
               dtype == LIMN_BOOL ? "0 or 1" : "a whole number within +-2^53",
               limn_word_name(LIMN_WORDS_DTYPE, (int)dtype), luaL_tolstring(L, idx, NULL));
  return x;
}

size_t bind_checkposition(lua_State *L, int idx, const char *who, const char *name, size_t n) {
  int exact;
  lua_Integer i = lua_type(L, idx) == LUA_TNUMBER ? lua_tointegerx(L, idx, &exact) : (exact = 0);
  if (exact && i < 0 && i >= -(lua_Integer)n) return (size_t)(i + (lua_Integer)n);
  if (exact && (i == 0 || i < -(lua_Integer)n || i > (lua_Integer)n))
    bind_error(L, "%s: %s must be a whole number in 1 .. %zu, or -%zu .. -1 from the end, got %lld",
               who, name, n, n, (long long)i);
  return (size_t)bind_checkint(L, idx, who, name, 1, (lua_Integer)n) - 1;
}

/* An index argument of dimension k as an offset in entries. */
static ptrdiff_t offset(lua_State *L, int idx, const char *who, const limn_array *a, int k) {
  static const char *const names[] = {"i", "j", "k"};
  if (a->dims[k] == 0) bind_error(L, "%s: dimension %d of the array is empty", who, k + 1);
  return (ptrdiff_t)bind_checkposition(L, idx, who, names[k], a->dims[k]) * a->stride[k];
}

limn_array bind_without(const limn_array *a, int k, ptrdiff_t at) {
  limn_array v = {
      .dtype = a->dtype, .rank = a->rank - 1, .dims = {1, 1, 1}, .data = limn_entry_address(a, at)};
  for (int from = 0, to = 0; from < a->rank; from++) {
    if (from == k) continue;
    v.dims[to] = a->dims[from];
    v.stride[to++] = a->stride[from];
  }
  return v;
}

/* Whether a C function indexes: ipairs, which ends at the first nil, or table.unpack. */
static bool called_from_c(lua_State *L) {
  lua_Debug caller;
  return lua_getstack(L, 1, &caller) && lua_getinfo(L, "S", &caller) && *caller.what == 'C';
}

/* a[i]: an entry of a vector, a row (view) of a matrix; a[-1] is the last one. a[key]: see
 * bind_select. a.name: a method. For ipairs a[#a + 1] is nil. */
int l_array_get_index(lua_State *L) {
  int type = lua_type(L, 2);
  if (type == LUA_TSTRING) {
    lua_settop(L, 2);
    lua_rawget(L, lua_upvalueindex(1));
    return 1;
  }
  limn_array *a = bind_self(L, "array[i]");
  if (type != LUA_TNUMBER) return bind_select(L, a, "array[key]");
  int exact;
  lua_Integer i = lua_tointegerx(L, 2, &exact);
  if (!exact || i < 1 || (size_t)i > a->dims[0]) {
    if (exact && i > 0 && (size_t)i == a->dims[0] + 1 && called_from_c(L)) return 0;
    i = offset(L, 2, "array[i]", a, 0) / (a->stride[0] ? a->stride[0] : 1) + 1;
  }
  ptrdiff_t at = (ptrdiff_t)(i - 1) * a->stride[0];
  if (a->rank == 1) {
    bind_pushentry(L, a, at);
  } else {
    limn_array row = bind_without(a, 0, at);
    bind_newview(L, 1, &row);
  }
  return 1;
}

void bind_assign(lua_State *L, int idx, const limn_array *target, const char *who) {
  limn_array to = *target, *from = bind_testarray(L, idx);
  double x;
  limn_array scalar = limn_array_view(LIMN_F64, 1, (size_t[]){1}, &x);
  int type = lua_type(L, idx);
  if (type == LUA_TNUMBER || type == LUA_TBOOLEAN) {
    x = bind_checkentry(L, idx, who, "value", to.dtype);
    from = &scalar;
  } else if (!from) {
    from = bind_toarray(L, idx, who, "value");
  }
  limn_array shape;
  limn_err err;
  if (limn_array_broadcast(&shape, from, &to, &err) != LIMN_OK || shape.rank != to.rank ||
      memcmp(shape.dims, to.dims, sizeof to.dims) != 0) {
    char want[80], got[80];
    bind_shape_text(want, sizeof want, &to);
    bind_shape_text(got, sizeof got, from);
    bind_error(L, "%s: expected a number or an array of shape %s, got shape %s", who, want, got);
  }
  if (from != &scalar) /* source and target may overlap */
    from = bind_copyarray(L, from, limn_dtype_whole(to.dtype) ? to.dtype : from->dtype);
  limn_array_copy(&to, from);
}

int l_array_set_index(lua_State *L) {
  limn_array *a = bind_self(L, "array[i] = v");
  if (lua_type(L, 2) == LUA_TUSERDATA || lua_type(L, 2) == LUA_TTABLE) {
    bind_put(L, a);
    return 0;
  }
  if (lua_type(L, 2) != LUA_TNUMBER)
    bind_error(L, "array[i] = v: i must be a whole number, got %s", bind_typename(L, 2));
  ptrdiff_t at = offset(L, 2, "array[i] = v", a, 0);
  if (a->rank > 1) {
    limn_array row = bind_without(a, 0, at);
    bind_assign(L, 3, &row, "array[i] = v");
    return 0;
  }
  limn_entry_set(a, at, bind_checkentry(L, 3, "array[i] = v", "v", a->dtype));
  return 0;
}

static int l_length(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)bind_self(L, "#array")->dims[0]);
  return 1;
}

static int l_shape(lua_State *L) {
  limn_array *a = bind_method(L, "array:shape", 0);
  for (int k = 0; k < a->rank; k++) lua_pushinteger(L, (lua_Integer)a->dims[k]);
  return a->rank;
}

static int l_size(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)limn_array_size(bind_method(L, "array:size", 0)));
  return 1;
}

static int l_dtype(lua_State *L) {
  lua_pushstring(L, limn_word_name(LIMN_WORDS_DTYPE, (int)bind_method(L, "array:dtype", 0)->dtype));
  return 1;
}

/* The offset of the entry with the indices in arguments 2 .. rank+1. */
static ptrdiff_t entry(lua_State *L, const char *who, const limn_array *a, int arguments) {
  if (lua_gettop(L) != a->rank + arguments) {
    char text[80];
    bind_shape_text(text, sizeof text, a);
    bind_error(L, "%s: an array of shape %s takes %d indices%s, got %d arguments", who, text,
               a->rank, arguments > 1 ? " and a value" : "", lua_gettop(L) - 1);
  }
  ptrdiff_t at = 0;
  for (int k = 0; k < a->rank && k < LIMN_MAX_RANK; k++) at += offset(L, k + 2, who, a, k);
  return at;
}

static int l_get(lua_State *L) {
  limn_array *a = bind_self(L, "array:get");
  bind_pushentry(L, a, entry(L, "array:get", a, 1));
  return 1;
}

static int l_set(lua_State *L) {
  limn_array *a = bind_self(L, "array:set");
  ptrdiff_t at = entry(L, "array:set", a, 2);
  limn_entry_set(a, at, bind_checkentry(L, lua_gettop(L), "array:set", "value", a->dtype));
  lua_settop(L, 1);
  return 1;
}

static int l_fill(lua_State *L) {
  limn_array *a = bind_method(L, "array:fill", 1);
  lua_settop(L, 2);
  bind_assign(L, 2, a, "array:fill");
  lua_settop(L, 1);
  return 1;
}

static int part(lua_State *L, const char *who, int k) {
  limn_array *a = bind_method(L, who, 1);
  if (a->rank <= k || a->rank < 2)
    bind_error(L, "%s: needs a matrix, got a vector of %zu entries", who, a->dims[0]);
  limn_array v = bind_without(a, k, offset(L, 2, who, a, k));
  bind_newview(L, 1, &v);
  return 1;
}

static int l_row(lua_State *L) {
  return part(L, "array:row", 0);
}
static int l_col(lua_State *L) {
  return part(L, "array:col", 1);
}

static lua_Integer bound(lua_State *L, int idx, const char *name, size_t n) {
  return (lua_Integer)bind_checkposition(L, idx, "array:slice", name, n) + 1;
}

/* slice(r1, r2 [, c1, c2]): a view; both ends are included; nil means the first or the last, -1 the
 * last. */
static int l_slice(lua_State *L) {
  static const char *const names[] = {"r1", "r2", "c1", "c2", "d1", "d2"};
  limn_array *a = bind_self(L, "array:slice"), v = *a;
  if (lua_gettop(L) > 1 + 2 * a->rank)
    bind_error(L, "array:slice: an array of rank %d takes at most %d bounds, got %d", a->rank,
               2 * a->rank, lua_gettop(L) - 1);
  ptrdiff_t at = 0;
  for (int k = 0; k < a->rank && k < LIMN_MAX_RANK; k++) {
    lua_Integer n = (lua_Integer)a->dims[k], first = 1, last = n;
    int idx = 2 + 2 * k;
    if (!lua_isnoneornil(L, idx)) first = bound(L, idx, names[2 * k], a->dims[k]);
    if (!lua_isnoneornil(L, idx + 1)) last = bound(L, idx + 1, names[2 * k + 1], a->dims[k]);
    if (first > last && n > 0)
      bind_error(L, "array:slice: %s = %lld must not exceed %s = %lld", names[2 * k],
                 (long long)first, names[2 * k + 1], (long long)last);
    v.dims[k] = n > 0 ? (size_t)(last - first + 1) : 0;
    at += (ptrdiff_t)(first - 1) * a->stride[k];
  }
  if (limn_array_size(a) > 0) v.data = limn_entry_address(a, at);
  bind_newview(L, 1, &v);
  return 1;
}

/* T(): transpose (of each matrix of a stack); a vector becomes a 1 x n row. */
static int l_transposed(lua_State *L) {
  limn_array *a = bind_method(L, "array:T", 0), v = *a;
  if (a->rank == 1) {
    v.rank = 2;
    v.dims[0] = 1, v.dims[1] = a->dims[0];
    v.stride[0] = (ptrdiff_t)a->dims[0] * a->stride[0], v.stride[1] = a->stride[0];
  } else {
    int r = a->rank - 2, c = a->rank - 1;
    v.dims[r] = a->dims[c], v.dims[c] = a->dims[r];
    v.stride[r] = a->stride[c], v.stride[c] = a->stride[r];
  }
  bind_newview(L, 1, &v);
  return 1;
}

static int l_copy(lua_State *L) {
  limn_array *a = bind_method(L, "array:copy", 1);
  bind_converted(L, a, bind_optdtype(L, 2, "array:copy", a->dtype), "array:copy");
  return 1;
}

/* reshape(r [, c [, d]]), one of them may be -1: the same entries in row-major order; a view where
 * the memory has that order, else a copy. */
static int l_reshape(lua_State *L) {
  static const char *const names[LIMN_MAX_RANK] = {"rows", "columns", "depth"};
  limn_array *a = bind_method(L, "array:reshape", LIMN_MAX_RANK);
  int rank = lua_gettop(L) - 1;
  if (rank < 1) bind_error(L, "array:reshape: expected 1 to 3 dimensions, got none");
  size_t dims[LIMN_MAX_RANK] = {0}, product = 1;
  bool fits = true;
  int open = -1;
  for (int k = 0; k < rank && k < LIMN_MAX_RANK; k++) {
    if (open < 0 && lua_isinteger(L, k + 2) && lua_tointeger(L, k + 2) == -1) {
      open = k;
      continue;
    }
    dims[k] = (size_t)bind_checkint(L, k + 2, "array:reshape", names[k], 0, LUA_MAXINTEGER);
    if (limn_mul_overflows(product, dims[k], &product)) fits = false;
  }
  if (open >= 0) { /* the size that is left for it */
    dims[open] = fits && product ? limn_array_size(a) / product : 0;
    product *= dims[open];
  }
  fits = fits && limn_dims_fit(rank, dims, limn_dtype_size(a->dtype));
  if (!fits || product != limn_array_size(a)) {
    char text[80], want[80];
    limn_array w = {.rank = rank};
    memcpy(w.dims, dims, (size_t)rank * sizeof *dims);
    bind_shape_text(text, sizeof text, a);
    bind_shape_text(want, sizeof want, &w);
    bind_error(L, "array:reshape: shape %s has %zu entries, which do not fill shape %s", text,
               limn_array_size(a), want);
  }
  int base = 1;
  if (!limn_array_contiguous(a)) {
    a = bind_copyarray(L, a, a->dtype);
    base = lua_gettop(L);
  }
  limn_array v = limn_array_view(a->dtype, rank, dims, a->data);
  bind_newview(L, base, &v);
  return 1;
}

static void push_table(lua_State *L, const limn_array *a) {
  luaL_checkstack(L, 3, "array:totable");
  lua_createtable(L, a->dims[0] < INT32_MAX ? (int)a->dims[0] : 0, 0);
  for (size_t i = 0; i < a->dims[0]; i++) {
    ptrdiff_t at = (ptrdiff_t)i * a->stride[0];
    if (a->rank == 1) {
      bind_pushentry(L, a, at);
    } else {
      limn_array v = bind_without(a, 0, at);
      push_table(L, &v);
    }
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
}

static int l_totable(lua_State *L) {
  push_table(L, bind_method(L, "array:totable", 0));
  return 1;
}

/* f of every entry; with indices f(x, i [, j [, k]]). Entries of whole dtypes give f64. */
static int map(lua_State *L, const char *who, bool indices) {
  limn_array *a = bind_method(L, who, 1);
  if (lua_type(L, 2) != LUA_TFUNCTION)
    bind_error(L, "%s: f must be a function, got %s", who, bind_typename(L, 2));
  limn_dtype dtype = a->dtype == LIMN_F32 ? LIMN_F32 : LIMN_F64;
  limn_array *out = bind_newarray(L, dtype, a->rank, a->dims);
  ptrdiff_t to = 0;
  for (size_t i = 0; i < a->dims[0]; i++)
    for (size_t j = 0; j < a->dims[1]; j++)
      for (size_t k = 0; k < a->dims[2]; k++) {
        size_t at[] = {i, j, k};
        ptrdiff_t from = 0;
        for (int d = 0; d < a->rank; d++) from += (ptrdiff_t)at[d] * a->stride[d];
        lua_pushvalue(L, 2);
        bind_pushentry(L, a, from);
        for (int d = 0; indices && d < a->rank; d++) lua_pushinteger(L, (lua_Integer)at[d] + 1);
        lua_call(L, indices ? 1 + a->rank : 1, 1);
        if (lua_type(L, -1) != LUA_TNUMBER)
          bind_error(L, "%s: f must return a number, got %s at entry %lld", who,
                     bind_typename(L, -1), (long long)to + 1);
        limn_entry_set(out, to++, lua_tonumber(L, -1));
        lua_pop(L, 1);
      }
  return 1;
}

static int l_map(lua_State *L) {
  return map(L, "array:map", false);
}
static int l_map_indexed(lua_State *L) {
  return map(L, "array:map_indexed", true);
}

static int l_next_entry(lua_State *L) {
  lua_Integer i = luaL_checkinteger(L, 2) + 1;
  lua_settop(L, 1);
  if ((size_t)i > bind_self(L, "array:pairs")->dims[0]) return 0;
  lua_pushinteger(L, i);
  lua_pushvalue(L, -1);
  lua_gettable(L, 1);
  return 2;
}

/* pairs(a): i, a[i] in order. */
static int l_in_pairs(lua_State *L) {
  bind_self(L, "array:pairs");
  lua_pushcfunction(L, l_next_entry);
  lua_pushvalue(L, 1);
  lua_pushinteger(L, 0);
  return 3;
}

const luaL_Reg bind_array_index_meta[] = {
    {"__len", l_length}, {"__pairs", l_in_pairs}, {NULL, NULL}};

const luaL_Reg bind_array_index_methods[] = {{"shape", l_shape},
                                             {"size", l_size},
                                             {"dtype", l_dtype},
                                             {"get", l_get},
                                             {"set", l_set},
                                             {"fill", l_fill},
                                             {"row", l_row},
                                             {"col", l_col},
                                             {"slice", l_slice},
                                             {"T", l_transposed},
                                             {"copy", l_copy},
                                             {"reshape", l_reshape},
                                             {"totable", l_totable},
                                             {"map", l_map},
                                             {"map_indexed", l_map_indexed},
                                             {NULL, NULL}};
