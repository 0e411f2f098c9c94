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
  limn_array *a = l_testarray(L, idx);
  if (!a)
    l_error(L, "%s: operand %d must be an array or a number, got %s", who, idx, l_typename(L, idx));
  return a;
}

/* A number takes the array's dtype: f32 stays f32. */
static int binary(lua_State *L, limn_binary op, const char *who) {
  limn_array sa, sb, shape;
  double xa, xb;
  limn_err err;
  const limn_array *a = operand(L, 1, who, &sa, &xa), *b = operand(L, 2, who, &sb, &xb);
  l_check(L, limn_array_broadcast(&shape, a, b, &err), &err, who);
  if (a == &sa) shape.dtype = b->dtype;
  if (b == &sb) shape.dtype = a->dtype;
  limn_array *out = l_newarray(L, shape.dtype, shape.rank, shape.dims);
  limn_array_binary(out, op, a, b);
  return 1;
}

static int unary(lua_State *L, limn_unary op, const char *who) {
  limn_array *a = l_self(L, who), *out = l_newarray(L, a->dtype, a->rank, a->dims);
  limn_array_unary(out, op, a);
  return 1;
}

static int m_add(lua_State *L) {
  return binary(L, LIMN_OP_ADD, "array + array");
}
static int m_sub(lua_State *L) {
  return binary(L, LIMN_OP_SUB, "array - array");
}
static int m_mul(lua_State *L) {
  return binary(L, LIMN_OP_MUL, "array * array");
}
static int m_div(lua_State *L) {
  return binary(L, LIMN_OP_DIV, "array / array");
}
static int m_pow(lua_State *L) {
  return binary(L, LIMN_OP_POW, "array ^ array");
}
static int m_unm(lua_State *L) {
  return unary(L, LIMN_OP_NEG, "-array");
}

static int f_lt(lua_State *L) {
  return binary(L, LIMN_OP_LT, "array:lt");
}
static int f_le(lua_State *L) {
  return binary(L, LIMN_OP_LE, "array:le");
}
static int f_gt(lua_State *L) {
  return binary(L, LIMN_OP_GT, "array:gt");
}
static int f_ge(lua_State *L) {
  return binary(L, LIMN_OP_GE, "array:ge");
}
static int f_eq(lua_State *L) {
  return binary(L, LIMN_OP_EQ, "array:eq");
}
static int f_ne(lua_State *L) {
  return binary(L, LIMN_OP_NE, "array:ne");
}

static int f_exp(lua_State *L) {
  return unary(L, LIMN_OP_EXP, "array:exp");
}
static int f_log(lua_State *L) {
  return unary(L, LIMN_OP_LOG, "array:log");
}
static int f_sqrt(lua_State *L) {
  return unary(L, LIMN_OP_SQRT, "array:sqrt");
}
static int f_abs(lua_State *L) {
  return unary(L, LIMN_OP_ABS, "array:abs");
}
static int f_sign(lua_State *L) {
  return unary(L, LIMN_OP_SIGN, "array:sign");
}
static int f_tanh(lua_State *L) {
  return unary(L, LIMN_OP_TANH, "array:tanh");
}

/* equal(b [, tol]): same shape and no entry further apart than tol (0). == compares identity. */
static int equal(lua_State *L) {
  limn_array *a = l_self(L, "array:equal");
  double tol = lua_isnoneornil(L, 3) ? 0 : l_checkfinite(L, 3, "array:equal", "tol");
  lua_pushboolean(L, limn_array_equal(a, l_checkarray(L, 2, "array:equal", "b"), tol));
  return 1;
}

const luaL_Reg l_array_math_meta[] = {{"__add", m_add}, {"__sub", m_sub}, {"__mul", m_mul},
                                      {"__div", m_div}, {"__pow", m_pow}, {"__unm", m_unm},
                                      {NULL, NULL}};

const luaL_Reg l_array_math_methods[] = {
    {"exp", f_exp},   {"log", f_log}, {"sqrt", f_sqrt}, {"abs", f_abs}, {"sign", f_sign},
    {"tanh", f_tanh}, {"lt", f_lt},   {"le", f_le},     {"gt", f_gt},   {"ge", f_ge},
    {"eq", f_eq},     {"ne", f_ne},   {"equal", equal}, {NULL, NULL}};
