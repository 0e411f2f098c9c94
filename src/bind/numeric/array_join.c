/* array_join.c: arrays put together: concat, stack, vstack, hstack, meshgrid. */
#include "bind/numeric/array.h"

#include <string.h>

/* The arrays of the list at 1: entry i at stack index i + 1. Numbers count as vectors of one entry.
 * Returns how many. */
static int parts(lua_State *L, const char *who) {
  if (lua_type(L, 1) != LUA_TTABLE)
    bind_error(L, "%s: arrays must be a list of arrays, got %s", who, bind_typename(L, 1));
  int count = (int)lua_rawlen(L, 1);
  if (count == 0) bind_error(L, "%s: arrays must not be empty", who);
  luaL_checkstack(L, count + 8, who);
  lua_settop(L, 1);
  for (int i = 1; i <= count; i++) {
    char name[40];
    snprintf(name, sizeof name, "array %d", i);
    if (lua_rawgeti(L, 1, i) == LUA_TNUMBER) {
      limn_dtype dtype = lua_isinteger(L, -1) ? LIMN_I64 : LIMN_F64;
      double x = lua_tonumber(L, -1);
      limn_entry_set(bind_newarray(L, dtype, 1, (size_t[]){1}), 0, x);
      lua_remove(L, -2);
    } else {
      bind_toarray(L, lua_gettop(L), who, name);
    }
  }
  return count;
}

/* Views with one more dimension, of size 1, at `dim` replace those of rank `below` or less. */
static void insert_dimension(lua_State *L, int count, int dim, int below, const char *who) {
  for (int i = 2; i <= count + 1; i++) {
    const limn_array *a = bind_testarray(L, i);
    if (a->rank > below) continue;
    if (a->rank == LIMN_MAX_RANK || dim > a->rank)
      bind_error(L, "%s: array %d has rank %d: no dimension can be added at %d", who, i - 1,
                 a->rank, dim + 1);
    limn_array v = limn_array_with_dimension(a, dim);
    bind_newview(L, i, &v);
    lua_replace(L, i);
  }
}

/* Pushes the arrays at 2 .. count + 1 joined along dim. */
static int join(lua_State *L, int count, int dim, const char *who) {
  const limn_array *first = bind_testarray(L, 2);
  if (dim >= first->rank)
    bind_error(L, "%s: dim must be in 1 .. %d, got %d", who, first->rank, dim + 1);
  limn_array shape = *first;
  for (int i = 3; i <= count + 1; i++) {
    const limn_array *a = bind_testarray(L, i);
    bool fits = a->rank == first->rank;
    for (int k = 0; fits && k < a->rank; k++) fits = k == dim || a->dims[k] == first->dims[k];
    if (!fits) {
      char want[80], got[80];
      bind_shape_text(want, sizeof want, first);
      bind_shape_text(got, sizeof got, a);
      bind_error(L, "%s: array %d has shape %s, which does not fit %s along dimension %d", who,
                 i - 1, got, want, dim + 1);
    }
    shape.dims[dim] += a->dims[dim];
    if (a->dtype != shape.dtype)
      shape.dtype = limn_binary_dtype(LIMN_OP_ADD, shape.dtype, a->dtype);
  }
  limn_array *out = bind_rawarray(L, shape.dtype, shape.rank, shape.dims);
  size_t at = 0;
  for (int i = 2; i <= count + 1; i++) {
    const limn_array *a = bind_testarray(L, i);
    limn_array part = limn_array_part(out, dim, at, a->dims[dim]);
    limn_array_copy(&part, a);
    at += a->dims[dim];
  }
  return 1;
}

static int dimension(lua_State *L, const char *who, int most) {
  bind_arguments(L, 2, who);
  return lua_isnoneornil(L, 2) ? 0 : (int)bind_checkint(L, 2, who, "dim", 1, most) - 1;
}

/* concat(arrays [, dim]) */
static int l_concat(lua_State *L) {
  int dim = dimension(L, "concat", LIMN_MAX_RANK);
  return join(L, parts(L, "concat"), dim, "concat");
}

/* stack(arrays [, dim]): along a new dimension */
static int l_stack(lua_State *L) {
  int dim = dimension(L, "stack", LIMN_MAX_RANK), count = parts(L, "stack");
  insert_dimension(L, count, dim, LIMN_MAX_RANK, "stack");
  return join(L, count, dim, "stack");
}

/* vstack(arrays): a vector counts as a row */
static int l_vstack(lua_State *L) {
  bind_arguments(L, 1, "vstack");
  int count = parts(L, "vstack");
  insert_dimension(L, count, 0, 1, "vstack");
  return join(L, count, 0, "vstack");
}

/* hstack(arrays): vectors end to end, matrices side by side */
static int l_hstack(lua_State *L) {
  bind_arguments(L, 1, "hstack");
  int count = parts(L, "hstack");
  return join(L, count, bind_testarray(L, 2)->rank > 1 ? 1 : 0, "hstack");
}

/* meshgrid(x, y): X and Y (#y x #x) with X[i][j] = x[j], Y[i][j] = y[i] */
static int l_meshgrid(lua_State *L) {
  bind_arguments(L, 2, "meshgrid");
  lua_settop(L, 2);
  limn_array *x = bind_toarray(L, 1, "meshgrid", "x"), *y = bind_toarray(L, 2, "meshgrid", "y");
  if (x->rank != 1 || y->rank != 1)
    bind_error(L, "meshgrid: x and y must be vectors, got rank %d and %d", x->rank, y->rank);
  limn_array column = limn_array_with_dimension(y, 1);
  size_t dims[] = {y->dims[0], x->dims[0]};
  limn_array_copy(bind_rawarray(L, x->dtype, 2, dims), x);
  limn_array_copy(bind_rawarray(L, y->dtype, 2, dims), &column);
  return 2;
}

/* a .. b, where both are arrays or tables; a text is not joined, since the array would have to be
 * printed. */
int l_array_concat(lua_State *L) {
  for (int i = 1; i <= 2; i++)
    if (!bind_testarray(L, i) && lua_type(L, i) != LUA_TTABLE)
      bind_error(L, "array .. %s: use tostring(a) for text, limn.concat { a, b } to join arrays",
                 bind_typename(L, i));
  lua_settop(L, 2);
  lua_createtable(L, 2, 0);
  for (int i = 1; i <= 2; i++) {
    lua_pushvalue(L, i);
    lua_rawseti(L, 3, i);
  }
  lua_replace(L, 1);
  return join(L, parts(L, "array .. array"), 0, "array .. array");
}

const luaL_Reg bind_array_join_functions[] = {{"concat", l_concat},     {"stack", l_stack},
                                              {"vstack", l_vstack},     {"hstack", l_hstack},
                                              {"meshgrid", l_meshgrid}, {NULL, NULL}};
