/* array.c: the constructors (limn.array, zeros, ones, eye, linspace, logspace, range) and the array
 * class. The methods are in array_index.c, array_select.c, array_math.c, array_reduce.c,
 * array_linalg.c, array_show.c. */
#include "bind/fields.h"
#include "bind/numeric/array.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

limn_array *bind_self(lua_State *L, const char *who) {
  return bind_checkarray(L, 1, who, "self");
}

limn_array *bind_method(lua_State *L, const char *who, int most) {
  limn_array *a = bind_self(L, who);
  bind_arguments(L, 1 + most, who);
  return a;
}

void bind_shape_text(char *text, size_t size, const limn_array *a) {
  size_t used = 0;
  for (int k = 0; k < a->rank && used < size; k++)
    used += (size_t)snprintf(text + used, size - used, k ? "x%zu" : "%zu", a->dims[k]);
}

limn_dtype bind_optdtype(lua_State *L, int idx, const char *who, limn_dtype fallback) {
  if (lua_isnoneornil(L, idx)) return fallback;
  idx = lua_absindex(L, idx);
  int top = lua_gettop(L);
  if (lua_type(L, idx) == LUA_TTABLE) {
    lua_pushnil(L);
    while (lua_next(L, idx)) {
      if (lua_type(L, -2) != LUA_TSTRING || strcmp(lua_tostring(L, -2), "dtype") != 0) {
        lua_pushvalue(L, -2); /* lua_tolstring would change the key in place */
        bind_error(L, "%s: unknown option %s; did you mean \"dtype\"?", who,
                   luaL_tolstring(L, -1, NULL));
      }
      lua_pop(L, 1);
    }
    lua_getfield(L, idx, "dtype");
  } else {
    lua_pushvalue(L, idx);
  }
  limn_dtype dtype = fallback;
  if (!lua_isnil(L, -1)) dtype = (limn_dtype)bind_checkword(L, -1, who, "dtype", LIMN_WORDS_DTYPE);
  lua_settop(L, top);
  return dtype;
}

int bind_optdim(lua_State *L, int idx, const char *who, const limn_array *a) {
  if (lua_isnoneornil(L, idx)) return -1;
  return (int)bind_checkint(L, idx, who, "dim", 1, a->rank) - 1;
}

limn_array *bind_copyarray(lua_State *L, const limn_array *a, limn_dtype dtype) {
  limn_array *copy = bind_rawarray(L, dtype, a->rank, a->dims);
  limn_array_copy(copy, a);
  return copy;
}

limn_array *bind_converted(lua_State *L, const limn_array *a, limn_dtype dtype, const char *who) {
  if (limn_dtype_whole(dtype) && a->dtype != dtype) {
    size_t at;
    double x;
    if (!limn_array_all_held(a, dtype, &at, &x))
      bind_error(L, "%s: entry %zu is %f, which an array of dtype %s cannot hold; round() first",
                 who, at + 1, x, limn_word_name(LIMN_WORDS_DTYPE, (int)dtype));
  }
  return bind_copyarray(L, a, dtype);
}

void bind_stack(lua_State *L, int idx, const char *who, const char *name) {
  size_t count = lua_rawlen(L, idx), dims[LIMN_MAX_RANK];
  lua_rawgeti(L, idx, 1);
  const limn_array *first = bind_testarray(L, -1);
  if (first->rank == LIMN_MAX_RANK)
    bind_error(L, "%s: %s: arrays of rank 3 cannot be stacked; an array has at most 3 dimensions",
               who, name);
  limn_dtype dtype = first->dtype;
  for (size_t i = 2; i <= count; i++) {
    lua_rawgeti(L, idx, (lua_Integer)i);
    const limn_array *a = bind_testarray(L, -1);
    if (a && a->dtype != dtype) dtype = limn_binary_dtype(LIMN_OP_ADD, dtype, a->dtype);
    lua_pop(L, 1);
  }
  dims[0] = count;
  for (int k = 0; k < first->rank; k++) dims[k + 1] = first->dims[k];
  limn_array *out = bind_rawarray(L, dtype, first->rank + 1, dims);
  for (size_t i = 0; i < count; i++) {
    lua_rawgeti(L, idx, (lua_Integer)i + 1);
    const limn_array *a = bind_testarray(L, -1);
    bool same = a && a->rank == first->rank && memcmp(a->dims, first->dims, sizeof a->dims) == 0;
    if (!same) {
      char want[80], got[80] = "";
      bind_shape_text(want, sizeof want, first);
      if (a) bind_shape_text(got, sizeof got, a);
      bind_error(L, "%s: entry %zu of %s must be an array of shape %s like entry 1, got %s %s", who,
                 i + 1, name, want, bind_typename(L, -1), got);
    }
    limn_array part = bind_without(out, 0, (ptrdiff_t)i * out->stride[0]);
    limn_array_copy(&part, a);
    lua_pop(L, 1);
  }
  lua_remove(L, -2);
}

/* The table at 1, of numbers, rows or arrays, as an array; pushed. */
static void from_entries(lua_State *L, const char *who, const char *name, int dtype) {
  const limn_array *a = bind_toarray(L, 1, who, name);
  if (dtype >= 0 && dtype != (int)a->dtype)
    bind_converted(L, a, (limn_dtype)dtype, who);
  else
    lua_pushvalue(L, 1);
}

static int l_array(lua_State *L) {
  bind_arguments(L, 2, "array");
  lua_settop(L, 2);
  limn_array *a = bind_testarray(L, 1);
  if (a) {
    bind_converted(L, a, bind_optdtype(L, 2, "array", a->dtype), "array");
    return 1;
  }
  from_entries(L, "array", "entries",
               lua_isnil(L, 2) ? -1 : (int)bind_optdtype(L, 2, "array", LIMN_F64));
  return 1;
}

int l_argument(lua_State *L) {
  lua_settop(L, 3);
  from_entries(L, luaL_checkstring(L, 2), luaL_checkstring(L, 3), LIMN_F64);
  return 1;
}

/* zeros and ones: (rows [, columns [, depth]] [, options]) */
static int filled(lua_State *L, const char *who, double value) {
  static const char *const names[] = {"rows", "columns", "depth"};
  size_t dims[LIMN_MAX_RANK];
  int rank = 0;
  while (rank < LIMN_MAX_RANK && (rank == 0 || lua_type(L, rank + 1) == LUA_TNUMBER)) {
    dims[rank] = (size_t)bind_checkint(L, rank + 1, who, names[rank], 0, LUA_MAXINTEGER);
    rank++;
  }
  bind_arguments(L, rank + 1, who); /* the options come last */
  limn_dtype dtype = bind_optdtype(L, rank + 1, who, LIMN_F64);
  limn_array *a = bind_newarray(L, dtype, rank, dims);
  if (value != 0) {
    limn_array one = limn_array_view(LIMN_F64, 1, (size_t[]){1}, &value);
    limn_array_copy(a, &one);
  }
  return 1;
}

static int l_zeros(lua_State *L) {
  return filled(L, "zeros", 0);
}
static int l_ones(lua_State *L) {
  return filled(L, "ones", 1);
}

static int l_eye(lua_State *L) {
  bind_arguments(L, 2, "eye");
  size_t n = (size_t)bind_checkint(L, 1, "eye", "n", 0, LUA_MAXINTEGER);
  limn_array *a = bind_newarray(L, bind_optdtype(L, 2, "eye", LIMN_F64), 2, (size_t[]){n, n});
  double one = 1;
  limn_array diagonal = *a, value = limn_array_view(LIMN_F64, 1, (size_t[]){1}, &one);
  diagonal.rank = 1;
  diagonal.dims[1] = 1;
  diagonal.stride[0] = (ptrdiff_t)n + 1;
  limn_array_copy(&diagonal, &value);
  return 1;
}

static int spaced(lua_State *L, const char *who, bool geometric) {
  bind_arguments(L, 4, who);
  double a = bind_checkfinite(L, 1, who, "first"), b = bind_checkfinite(L, 2, who, "last");
  size_t n = (size_t)bind_checkint(L, 3, who, "count", 1, LUA_MAXINTEGER);
  if (geometric && !(a * b > 0) && !(a > 0 && b > 0) && !(a < 0 && b < 0))
    bind_error(L, "%s: first and last must be nonzero and of one sign, got %g and %g", who, a, b);
  limn_dtype dtype = bind_optdtype(L, 4, who, LIMN_F64);
  limn_array *out = bind_rawarray(L, dtype == LIMN_F32 ? LIMN_F32 : LIMN_F64, 1, &n);
  limn_array_linspace(out, a, b, geometric);
  if (dtype != out->dtype) bind_converted(L, out, dtype, who);
  return 1;
}

static int l_linspace(lua_State *L) {
  return spaced(L, "linspace", false);
}
static int l_logspace(lua_State *L) {
  return spaced(L, "logspace", true);
}

/* range(a, b [, step]): a, a + step, ... up to b inclusive, as in Lua's for. */
static int l_range(lua_State *L) {
  bind_arguments(L, 4, "range");
  double a = bind_checkfinite(L, 1, "range", "first"), b = bind_checkfinite(L, 2, "range", "last");
  double step = lua_isnoneornil(L, 3) ? 1 : bind_checkfinite(L, 3, "range", "step");
  if (step == 0) bind_error(L, "range: step must not be 0");
  /* An entry that rounding puts just beyond b is included. */
  double count = floor((b - a) / step * (1 + 4e-16) + 1e-12) + 1;
  if (!(count < 0x1p53))
    bind_error(L, "range: %g entries from %g to %g by %g are too many", count, a, b, step);
  size_t n = count > 0 ? (size_t)count : 0;
  limn_dtype dtype = bind_optdtype(L, 4, "range", LIMN_F64);
  limn_array *out = bind_rawarray(L, dtype == LIMN_F32 ? LIMN_F32 : LIMN_F64, 1, &n);
  limn_array_range(out, a, step);
  if (dtype != out->dtype) bind_converted(L, out, dtype, "range");
  return 1;
}

static void add_methods(lua_State *L, const luaL_Reg *methods) {
  luaL_setfuncs(L, methods, 0);
}

int l_open_array(lua_State *L) {
  static const luaL_Reg meta[] = {{"__newindex", l_array_set_index},
                                  {"__tostring", l_array_tostring},
                                  {"__concat", l_array_concat},
                                  {NULL, NULL}};
  bind_class(L, LIMN_ARRAY, NULL, meta);
  luaL_getmetatable(L, LIMN_ARRAY);
  luaL_setfuncs(L, bind_array_index_meta, 0);
  luaL_setfuncs(L, bind_array_math_meta, 0);
  lua_getfield(L, -1, "__methods");
  add_methods(L, bind_array_index_methods);
  add_methods(L, bind_array_math_methods);
  add_methods(L, bind_array_reduce_methods);
  add_methods(L, bind_array_linalg_methods);
  add_methods(L, bind_array_show_methods);
  add_methods(L, bind_array_select_methods);
  add_methods(L, bind_array_search_methods);
  add_methods(L, bind_array_matrix_methods);
  lua_pushcclosure(L, l_array_get_index, 1);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
  static const luaL_Reg functions[] = {
      {"array", l_array},       {"zeros", l_zeros},       {"ones", l_ones},   {"eye", l_eye},
      {"linspace", l_linspace}, {"logspace", l_logspace}, {"range", l_range}, {NULL, NULL}};
  luaL_newlib(L, functions);
  luaL_setfuncs(L, bind_array_join_functions, 0);
  luaL_setfuncs(L, bind_array_search_functions, 0);
  luaL_setfuncs(L, bind_array_matrix_functions, 0);
  return 1;
}
