/* kernel.c: limn.native.kernel: infinite-width kernels. */
#include "bind/fields.h"
#include "limn/kernel.h"

#include <string.h>

static limn_kernel_spec spec_at(lua_State *L, int idx, const char *who) {
  return (limn_kernel_spec){
      .depth = (int)l_integerfield(L, idx, who, "depth", 1, LIMN_MAX_DEPTH),
      .phi = (limn_phi)l_wordfield(L, idx, who, "activation", LIMN_WORDS_KERNEL_ACTIVATION),
      .standard = l_flagfield(L, idx, "standard"),
      .weight = l_numberfield(L, idx, who, "weight"),
      .bias = l_numberfield(L, idx, who, "bias"),
      .readout = l_numberfield(L, idx, who, "readout")};
}

/* diagonal(who, x, options) -> array (n) */
static int l_diagonal(lua_State *L) {
  const char *who = luaL_checkstring(L, 1);
  size_t n, d;
  lua_settop(L, 3);
  const double *x = l_doubles(L, 2, who, "X", &n, &d);
  limn_kernel_spec spec = spec_at(L, 3, who);
  limn_array *out = l_newvector(L, n);
  limn_err err;
  l_check(L, limn_kernel_diagonal(out->data, x, n, d, &spec, &err), &err, who);
  return 1;
}

/* evaluate(who, x, z|nil, options, want): want holds "k", "t" and/or "l". Returns k, theta, a table
 * of one array a layer (nil where not wanted), and the error bound of the series. */
static int l_evaluate(lua_State *L) {
  const char *who = luaL_checkstring(L, 1), *want = luaL_checkstring(L, 5);
  size_t m, d, n, dz;
  lua_settop(L, 5);
  const double *x = l_doubles(L, 2, who, "X", &m, &d), *z = NULL;
  n = m;
  if (!lua_isnil(L, 3)) {
    z = l_doubles(L, 3, who, "Z", &n, &dz);
    if (dz != d) l_error(L, "%s: X has %zu columns but Z has %zu", who, d, dz);
  }
  limn_kernel_spec spec = spec_at(L, 4, who);

  double *k = NULL, *theta = NULL, *layers = NULL, error = 0;
  size_t depth = (size_t)spec.depth;
  if (strchr(want, 'k'))
    k = l_rawarray(L, LIMN_F64, 2, (size_t[]){m, n})->data;
  else
    lua_pushnil(L);
  if (strchr(want, 't'))
    theta = l_rawarray(L, LIMN_F64, 2, (size_t[]){m, n})->data;
  else
    lua_pushnil(L);
  limn_array *stack = NULL;
  if (strchr(want, 'l')) {
    stack = l_newarray(L, LIMN_F64, 3, (size_t[]){depth + 1, m, n});
    layers = stack->data;
  } else
    lua_pushnil(L);
  limn_token token = l_token(L);
  limn_err err;
  l_check(L, limn_kernel_evaluate(k, theta, layers, &error, x, m, z, n, d, &spec, &token, &err),
          &err, who);
  if (stack) { /* a table of views, one a layer */
    lua_createtable(L, spec.depth + 1, 0);
    for (size_t l = 0; l <= depth; l++) {
      limn_array view = limn_array_view(LIMN_F64, 2, (size_t[]){m, n}, layers + l * m * n);
      l_newview(L, -2, &view);
      lua_rawseti(L, -2, (lua_Integer)l + 1);
    }
    lua_replace(L, -2);
  }
  lua_pushnumber(L, error);
  return 4;
}

int l_open_kernel(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"evaluate", l_evaluate}, {"diagonal", l_diagonal}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
