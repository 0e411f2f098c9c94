/* array_select.c: selection of entries by masks and by lists of positions. */
#include "bind/numeric/array.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

limn_array *bind_toarray(lua_State *L, int idx, const char *who, const char *name) {
  idx = lua_absindex(L, idx);
  limn_array *a = bind_testarray(L, idx);
  if (a) return a;
  if (lua_type(L, idx) == LUA_TTABLE && lua_rawlen(L, idx) > 0) {
    int type = lua_rawgeti(L, idx, 1);
    bool arrays = bind_testarray(L, -1) != NULL;
    lua_pop(L, 1);
    if (type == LUA_TBOOLEAN) {
      size_t n = lua_rawlen(L, idx);
      a = bind_newarray(L, LIMN_BOOL, 1, &n);
      for (size_t i = 0; i < n; i++) {
        if (lua_rawgeti(L, idx, (lua_Integer)i + 1) != LUA_TBOOLEAN)
          bind_error(L, "%s: entry %zu of %s must be a boolean like entry 1, got %s", who, i + 1,
                     name, bind_typename(L, -1));
        ((uint8_t *)a->data)[i] = (uint8_t)lua_toboolean(L, -1);
        lua_pop(L, 1);
      }
      lua_replace(L, idx);
      return a;
    }
    if (arrays) {
      bind_stack(L, idx, who, name);
      lua_replace(L, idx);
      return bind_testarray(L, idx);
    }
  }
  size_t rows, cols;
  bind_doubles(L, idx, who, name, &rows, &cols);
  return bind_testarray(L, idx);
}

/* Whether the key is a mask; raises if it is one of another shape than a, or than a's first
 * dimension. */
static bool is_mask(lua_State *L, const limn_array *a, const limn_array *key, const char *who) {
  if (key->dtype != LIMN_BOOL) return false;
  bool whole = key->rank == a->rank && memcmp(key->dims, a->dims, sizeof a->dims) == 0;
  if (whole || (key->rank == 1 && key->dims[0] == a->dims[0])) return true;
  char ta[80], tk[80];
  bind_shape_text(ta, sizeof ta, a);
  bind_shape_text(tk, sizeof tk, key);
  bind_error(L, "%s: the mask has shape %s; expected %s, or %zu for whole rows", who, tk, ta,
             a->dims[0]);
}

/* The list of positions at idx, 1 .. n or -n .. -1, as an i64 array of positions from 0; replaces
 * the value there. */
static limn_array *positions(lua_State *L, int idx, const char *who, size_t n) {
  limn_array *key = bind_testarray(L, idx);
  if (key->rank != 1)
    bind_error(L, "%s: the positions must be a vector, got rank %d", who, key->rank);
  limn_array *at = bind_rawarray(L, LIMN_I64, 1, key->dims);
  for (size_t i = 0; i < key->dims[0]; i++) {
    double r = limn_entry_get(key, (ptrdiff_t)i * key->stride[0]);
    double size = (double)n;
    if (!(fabs(r) >= 1 && fabs(r) <= size) || r != floor(r)) {
      char got[32];
      snprintf(got, sizeof got, isnan(r) ? "nan" : "%.17g", r);
      bind_error(L,
                 "%s: which[%zu] must be a whole number in 1 .. %zu, or -%zu .. -1 from the end, "
                 "got %s%s",
                 who, i + 1, n, n, got,
                 r == 0 ? "; a mask of 0 and 1 has dtype bool: a:gt(0), w:copy(\"bool\")" : "");
    }
    ((int64_t *)at->data)[i] = (int64_t)(r < 0 ? r + size : r - 1);
  }
  lua_replace(L, idx);
  return at;
}

/* The entries that a mask of a's own shape selects are a vector; rows otherwise. */
int bind_select(lua_State *L, limn_array *a, const char *who) {
  limn_array *key = bind_toarray(L, 2, who, "which"), *at;
  if (is_mask(L, a, key, who)) {
    size_t n = limn_array_true(key);
    at = bind_rawarray(L, LIMN_I64, 1, &n);
    limn_array_positions(at, key);
    if (key->rank > 1) {
      limn_array_gather(bind_rawarray(L, a->dtype, 1, &n), a, at);
      return 1;
    }
  } else {
    at = positions(L, 2, who, a->dims[0]);
  }
  size_t dims[LIMN_MAX_RANK] = {at->dims[0], a->dims[1], a->dims[2]};
  limn_array_take(bind_rawarray(L, a->dtype, a->rank, dims), a, at);
  return 1;
}

void bind_put(lua_State *L, limn_array *a) {
  static const char who[] = "array[key] = v";
  limn_array *key = bind_toarray(L, 2, who, "which"), *at;
  size_t n;
  bool mask = is_mask(L, a, key, who), entries = mask && key->rank > 1;
  if (mask) {
    n = limn_array_true(key);
    at = bind_rawarray(L, LIMN_I64, 1, &n);
    limn_array_positions(at, key);
  } else {
    at = positions(L, 2, who, a->dims[0]);
    n = at->dims[0];
  }
  size_t dims[LIMN_MAX_RANK] = {n, a->dims[1], a->dims[2]};
  limn_array *values = bind_newarray(L, a->dtype, entries ? 1 : a->rank, dims);
  if (n > 0) bind_assign(L, 3, values, who);
  if (entries)
    limn_array_scatter(a, at, values);
  else
    limn_array_put(a, at, values);
}

/* take(which): the entries of a vector, or the rows, at the positions or of the mask `which`. */
static int l_take(lua_State *L) {
  return bind_select(L, bind_method(L, "array:take", 1), "array:take");
}

/* nonzero(): the indices of the entries that are not 0: one i64 array per dimension. */
static int l_nonzero(lua_State *L) {
  limn_array *a = bind_method(L, "array:nonzero", 0);
  size_t n = limn_array_true(a);
  limn_array *at = bind_rawarray(L, LIMN_I64, 1, &n), *index[LIMN_MAX_RANK];
  limn_array_positions(at, a);
  for (int k = 0; k < a->rank; k++) index[k] = bind_rawarray(L, LIMN_I64, 1, &n);
  for (size_t i = 0; i < n; i++) {
    size_t rest = (size_t)((int64_t *)at->data)[i];
    for (int k = a->rank - 1; k >= 0; k--) {
      ((int64_t *)index[k]->data)[i] = (int64_t)(rest % a->dims[k]) + 1;
      rest /= a->dims[k];
    }
  }
  return a->rank;
}

/* Replaces a number at idx by an array of one entry. */
static limn_array *operand(lua_State *L, int idx, const char *who, const char *name) {
  if (lua_type(L, idx) != LUA_TNUMBER) return bind_toarray(L, idx, who, name);
  limn_array *a = bind_newarray(L, lua_isinteger(L, idx) ? LIMN_I64 : LIMN_F64, 1, (size_t[]){1});
  limn_entry_set(a, 0, lua_tonumber(L, idx));
  lua_replace(L, idx);
  return a;
}

/* where(mask, b): the entries of self where mask is not 0, those of b elsewhere. */
static int l_where(lua_State *L) {
  static const char who[] = "array:where";
  limn_array *a = bind_method(L, who, 2);
  lua_settop(L, 3);
  bool number = lua_type(L, 3) == LUA_TNUMBER, integer = lua_isinteger(L, 3);
  limn_array *mask = operand(L, 2, who, "mask"), *b = operand(L, 3, who, "b"), shape;
  limn_err err;
  bind_check(L, limn_array_broadcast(&shape, a, b, &err), &err, who);
  limn_dtype dtype = a->dtype == LIMN_BOOL && b->dtype == LIMN_BOOL ? LIMN_BOOL : shape.dtype;
  if (number) dtype = limn_dtype_whole(a->dtype) && !integer ? LIMN_F64 : a->dtype;
  if (number && a->dtype == LIMN_BOOL && integer) dtype = LIMN_I64;
  limn_array values = shape;
  bind_check(L, limn_array_broadcast(&shape, &values, mask, &err), &err, who);
  limn_array *out = bind_rawarray(L, dtype, shape.rank, shape.dims);
  limn_array_where(out, mask, a, b);
  return 1;
}

const luaL_Reg bind_array_select_methods[] = {
    {"take", l_take}, {"nonzero", l_nonzero}, {"where", l_where}, {NULL, NULL}};
