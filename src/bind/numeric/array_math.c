/* array_math.c: elementwise arithmetic, comparisons and functions of arrays. */
#include "bind/numeric/array.h"

#include <math.h>

/* An operand: an array, a table, or a number as a one-entry array over *number. */
static const limn_array *operand(lua_State *L, int idx, const char *who, limn_array *scalar,
                                 double *number) {
  static const char *const names[] = {"operand 1", "operand 2"};
  if (lua_type(L, idx) == LUA_TNUMBER) {
    *number = lua_tonumber(L, idx);
    *scalar =
        limn_array_view(lua_isinteger(L, idx) ? LIMN_I64 : LIMN_F64, 1, (size_t[]){1}, number);
    return scalar;
  }
  if (lua_type(L, idx) != LUA_TTABLE && !bind_testarray(L, idx))
    bind_error(L, "%s: operand %d must be an array, a table or a number, got %s", who, idx,
               bind_typename(L, idx));
  return bind_toarray(L, idx, who, names[idx - 1]);
}

/* The dtype of the result with a number of this dtype: a number takes the dtype of an array of f64
 * or f32; with an array of whole numbers, a Lua integer counts as i64 and a float as f64. */
static limn_dtype against_number(limn_binary op, limn_dtype array, limn_dtype number) {
  return limn_binary_dtype(op, array, limn_dtype_whole(array) ? number : array);
}

static int binary(lua_State *L, limn_binary op, const char *who) {
  limn_array sa, sb, shape;
  double xa, xb;
  limn_err err;
  bind_arguments(L, 2, who);
  lua_settop(L, 2);
  const limn_array *a = operand(L, 1, who, &sa, &xa), *b = operand(L, 2, who, &sb, &xb);
  bind_check(L, limn_array_broadcast(&shape, a, b, &err), &err, who);
  shape.dtype = a == &sa   ? against_number(op, b->dtype, a->dtype)
                : b == &sb ? against_number(op, a->dtype, b->dtype)
                           : limn_binary_dtype(op, a->dtype, b->dtype);
  sa.dtype = sb.dtype = LIMN_F64; /* the numbers are doubles */
  limn_array_binary(bind_rawarray(L, shape.dtype, shape.rank, shape.dims), op, a, b);
  return 1;
}

/* Lua calls __unm and __bnot with two operands, the array twice. */
static int unary(lua_State *L, limn_unary op, const char *who) {
  limn_array *a = bind_method(L, who, op == LIMN_OP_NEG || op == LIMN_OP_NOT ? 1 : 0),
             *out = bind_rawarray(L, limn_unary_dtype(op, a->dtype), a->rank, a->dims);
  limn_array_unary(out, op, a);
  return 1;
}

#define META(name, op, text)                                                                       \
  static int l_meta_##name(lua_State *L) {                                                         \
    return binary(L, op, text);                                                                    \
  }
META(add, LIMN_OP_ADD, "array + array")
META(sub, LIMN_OP_SUB, "array - array")
META(mul, LIMN_OP_MUL, "array * array")
META(div, LIMN_OP_DIV, "array / array")
META(pow, LIMN_OP_POW, "array ^ array")
META(mod, LIMN_OP_MOD, "array %% array")
META(idiv, LIMN_OP_IDIV, "array // array")
META(band, LIMN_OP_AND, "array & array")
META(bor, LIMN_OP_OR, "array | array")
META(bxor, LIMN_OP_XOR, "array ~ array")

static int l_meta_unm(lua_State *L) {
  return unary(L, LIMN_OP_NEG, "-array");
}
static int l_meta_bnot(lua_State *L) {
  return unary(L, LIMN_OP_NOT, "~array");
}

/* One Lua method per row of the tables in limn/array_ops.h, with the same name. */
#define BINARY_METHOD(id, name)                                                                    \
  static int l_entry_##name(lua_State *L) {                                                        \
    return binary(L, id, "array:" #name);                                                          \
  }
#define UNARY_METHOD(id, name)                                                                     \
  static int l_entry_##name(lua_State *L) {                                                        \
    return unary(L, id, "array:" #name);                                                           \
  }
#define NOTHING(id, name)
LIMN_BINARY_ROWS(BINARY_METHOD, NOTHING)
LIMN_UNARY_ROWS(UNARY_METHOD, NOTHING)

/* round([digits]): to so many digits after the point; halves to even. */
static int l_round(lua_State *L) {
  limn_array *a = bind_method(L, "array:round", 1);
  lua_Integer digits =
      lua_isnoneornil(L, 2) ? 0 : bind_checkint(L, 2, "array:round", "digits", -300, 300);
  limn_array *out = bind_rawarray(L, limn_unary_dtype(LIMN_OP_ROUND, a->dtype), a->rank, a->dims);
  limn_array_round(out, a, (int)digits);
  return 1;
}

/* clip(low, high): low and high may be numbers, arrays or nil. */
static int l_clip(lua_State *L) {
  bind_method(L, "array:clip", 2);
  lua_settop(L, 3);
  for (int k = 0; k < 2; k++) {
    if (lua_isnil(L, 2 + k)) continue;
    lua_pushcfunction(L, k ? l_entry_minimum : l_entry_maximum);
    lua_pushvalue(L, 1);
    lua_pushvalue(L, 2 + k);
    lua_call(L, 2, 1);
    lua_replace(L, 1);
  }
  lua_settop(L, 1);
  return 1;
}

/* a == b: arrays of the same shape and entries. */
static int l_meta_eq(lua_State *L) {
  const limn_array *a = bind_testarray(L, 1), *b = bind_testarray(L, 2);
  lua_pushboolean(L, a && b && limn_array_equal(a, b, 0));
  return 1;
}

/* equal(b [, tol]): same shape and no entry further apart than tol (0); b may be a table. */
static int l_equal(lua_State *L) {
  limn_array *a = bind_method(L, "array:equal", 2);
  double tol = lua_isnoneornil(L, 3) ? 0 : bind_checkfinite(L, 3, "array:equal", "tol");
  lua_settop(L, 2);
  lua_pushboolean(L, limn_array_equal(a, bind_toarray(L, 2, "array:equal", "b"), tol));
  return 1;
}

/* Lua makes one truth value of the result of a comparison. */
static int l_meta_compare(lua_State *L) {
  return bind_error(
      L,
      "array < b: entries are compared by a:lt(b), a:le(b), a:gt(b) and a:ge(b), which give masks");
}

const luaL_Reg bind_array_math_meta[] = {
    {"__add", l_meta_add}, {"__sub", l_meta_sub},    {"__mul", l_meta_mul},
    {"__div", l_meta_div}, {"__pow", l_meta_pow},    {"__unm", l_meta_unm},
    {"__mod", l_meta_mod}, {"__idiv", l_meta_idiv},  {"__band", l_meta_band},
    {"__bor", l_meta_bor}, {"__bxor", l_meta_bxor},  {"__bnot", l_meta_bnot},
    {"__eq", l_meta_eq},   {"__lt", l_meta_compare}, {"__le", l_meta_compare},
    {NULL, NULL}};

#define ROW(id, name) {#name, l_entry_##name},
const luaL_Reg bind_array_math_methods[] = {LIMN_BINARY_ROWS(ROW, NOTHING)
                                                LIMN_UNARY_ROWS(ROW, NOTHING){"round", l_round},
                                            {"clip", l_clip},
                                            {"equal", l_equal},
                                            {NULL, NULL}};
