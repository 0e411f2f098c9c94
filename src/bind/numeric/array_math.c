/* array_math.c: elementwise arithmetic, comparisons and functions of arrays. */
#include "bind/numeric/array.h"

#include <string.h>

/* An operand: an array, or a number as a one-entry array over *number. */
static const limn_array *operand(lua_State *L, int idx, const char *who, limn_array *scalar,
                                 double *number) {
  if (lua_type(L, idx) == LUA_TNUMBER) {
    *number = lua_tonumber(L, idx);
    *scalar = limn_array_view(LIMN_F64, 1, (size_t[]){1}, number);
    return scalar;
  }
  limn_array *a = bind_testarray(L, idx);
  if (!a)
    bind_error(L, "%s: operand %d must be an array or a number, got %s", who, idx,
               bind_typename(L, idx));
  return a;
}

/* A number is converted to the dtype of the array, so an f32 result stays f32. */
static int binary(lua_State *L, limn_binary op, const char *who) {
  limn_array sa, sb, shape;
  double xa, xb;
  limn_err err;
  bind_arguments(L, 2, who);
  const limn_array *a = operand(L, 1, who, &sa, &xa), *b = operand(L, 2, who, &sb, &xb);
  bind_check(L, limn_array_broadcast(&shape, a, b, &err), &err, who);
  if (a == &sa) shape.dtype = b->dtype;
  if (b == &sb) shape.dtype = a->dtype;
  limn_array *out = bind_newarray(L, shape.dtype, shape.rank, shape.dims);
  limn_array_binary(out, op, a, b);
  return 1;
}

/* Lua calls __unm with two operands, the array twice. */
static int unary(lua_State *L, limn_unary op, const char *who) {
  limn_array *a = bind_method(L, who, op == LIMN_OP_NEG ? 1 : 0),
             *out = bind_newarray(L, a->dtype, a->rank, a->dims);
  limn_array_unary(out, op, a);
  return 1;
}

static int l_meta_add(lua_State *L) {
  return binary(L, LIMN_OP_ADD, "array + array");
}
static int l_meta_sub(lua_State *L) {
  return binary(L, LIMN_OP_SUB, "array - array");
}
static int l_meta_mul(lua_State *L) {
  return binary(L, LIMN_OP_MUL, "array * array");
}
static int l_meta_div(lua_State *L) {
  return binary(L, LIMN_OP_DIV, "array / array");
}
static int l_meta_pow(lua_State *L) {
  return binary(L, LIMN_OP_POW, "array ^ array");
}
static int l_meta_unm(lua_State *L) {
  return unary(L, LIMN_OP_NEG, "-array");
}

static int l_lt(lua_State *L) {
  return binary(L, LIMN_OP_LT, "array:lt");
}
static int l_le(lua_State *L) {
  return binary(L, LIMN_OP_LE, "array:le");
}
static int l_gt(lua_State *L) {
  return binary(L, LIMN_OP_GT, "array:gt");
}
static int l_ge(lua_State *L) {
  return binary(L, LIMN_OP_GE, "array:ge");
}
static int l_eq(lua_State *L) {
  return binary(L, LIMN_OP_EQ, "array:eq");
}
static int l_ne(lua_State *L) {
  return binary(L, LIMN_OP_NE, "array:ne");
}

static int l_exp(lua_State *L) {
  return unary(L, LIMN_OP_EXP, "array:exp");
}
static int l_log(lua_State *L) {
  return unary(L, LIMN_OP_LOG, "array:log");
}
static int l_sqrt(lua_State *L) {
  return unary(L, LIMN_OP_SQRT, "array:sqrt");
}
static int l_abs(lua_State *L) {
  return unary(L, LIMN_OP_ABS, "array:abs");
}
static int l_sign(lua_State *L) {
  return unary(L, LIMN_OP_SIGN, "array:sign");
}
static int l_tanh(lua_State *L) {
  return unary(L, LIMN_OP_TANH, "array:tanh");
}

/* equal(b [, tol]): same shape and no entry further apart than tol (0). == compares identity. */
static int l_equal(lua_State *L) {
  limn_array *a = bind_method(L, "array:equal", 2);
  double tol = lua_isnoneornil(L, 3) ? 0 : bind_checkfinite(L, 3, "array:equal", "tol");
  lua_pushboolean(L, limn_array_equal(a, bind_checkarray(L, 2, "array:equal", "b"), tol));
  return 1;
}

const luaL_Reg bind_array_math_meta[] = {
    {"__add", l_meta_add}, {"__sub", l_meta_sub}, {"__mul", l_meta_mul}, {"__div", l_meta_div},
    {"__pow", l_meta_pow}, {"__unm", l_meta_unm}, {NULL, NULL}};

const luaL_Reg bind_array_math_methods[] = {
    {"exp", l_exp},   {"log", l_log}, {"sqrt", l_sqrt},   {"abs", l_abs}, {"sign", l_sign},
    {"tanh", l_tanh}, {"lt", l_lt},   {"le", l_le},       {"gt", l_gt},   {"ge", l_ge},
    {"eq", l_eq},     {"ne", l_ne},   {"equal", l_equal}, {NULL, NULL}};
