/* mlp_probe.c: limn.native.mlp: evaluation of nets without changing them: outputs, activations,
 * gradients, tangent kernels. */
#include "bind/numeric/mlp_value.h"

/* forward(net, X) -> f: points x outputs of one net, count x points x outputs of several; the last
 * dimension is dropped if there is one output. */
static int l_forward(lua_State *L) {
  const limn_mlp *net = bind_checknet(L, 1, "net:forward");
  const limn_mlp_spec *s = limn_mlp_spec_of(net);
  size_t points, outputs = s->sizes[s->layers], dims[3], rank = 0;
  lua_settop(L, 2);
  const double *x = bind_checkpoints(L, 2, net, "net:forward", "X", &points);
  if (s->count > 1) dims[rank++] = s->count;
  dims[rank++] = points;
  if (outputs > 1) dims[rank++] = outputs;
  limn_array *f = bind_newarray(L, LIMN_F64, (int)rank, dims);
  limn_err err;
  limn_token token = bind_token(L);
  bind_netbegin(L, net, "net:forward");
  limn_status st = limn_mlp_forward(f->data, net, x, points, &token, &err);
  bind_netcheck(L, net, st, &err, "net:forward");
  return 1;
}

/* map(net, x0, dx, nx, y0, dy, ny, dense) -> (count x) ny x nx, kinks per patch and layer (count)
 * */
static int l_map(lua_State *L) {
  const limn_mlp *net = bind_checknet(L, 1, "maps.grid");
  size_t count = limn_mlp_spec_of(net)->count;
  limn_mlp_grid g = {.x0 = bind_checkfinite(L, 2, "maps.grid", "x0"),
                     .dx = bind_checkfinite(L, 3, "maps.grid", "dx"),
                     .nx = (size_t)bind_checkint(L, 4, "maps.grid", "nx", 1, INT32_MAX),
                     .y0 = bind_checkfinite(L, 5, "maps.grid", "y0"),
                     .dy = bind_checkfinite(L, 6, "maps.grid", "dy"),
                     .ny = (size_t)bind_checkint(L, 7, "maps.grid", "ny", 1, INT32_MAX)};
  bool dense = lua_toboolean(L, 8);
  limn_array *f = count > 1 ? bind_newarray(L, LIMN_F64, 3, (size_t[]){count, g.ny, g.nx})
                            : bind_newmatrix(L, g.ny, g.nx);
  limn_array *kinks = bind_newvector(L, count);
  limn_err err;
  limn_token token = bind_token(L);
  bind_netbegin(L, net, "maps.grid");
  limn_status st = limn_mlp_map(f->data, kinks->data, net, &g, dense, &token, &err);
  bind_netcheck(L, net, st, &err, "maps.grid");
  return 2;
}

/* activations(net, member, layer, pre, initial, X) -> points x units */
static int l_activations(lua_State *L) {
  const char *who = "net:activations";
  const limn_mlp *net = bind_checknet(L, 1, who);
  lua_settop(L, 6);
  size_t member = bind_checkmember(L, 2, net, who), layer = bind_checklayer(L, 3, net, who), points;
  const double *x = bind_checkpoints(L, 6, net, who, "X", &points);
  limn_array *out = bind_newmatrix(L, points, limn_mlp_spec_of(net)->sizes[layer]);
  limn_err err;
  bind_netbegin(L, net, who);
  limn_status st = limn_mlp_activations(out->data, net, member, layer, lua_toboolean(L, 4),
                                        lua_toboolean(L, 5), x, points, &err);
  bind_netcheck(L, net, st, &err, who);
  return 1;
}

/* states(net, member, pre, initial, X) -> a list of points x units, one per layer */
static int l_states(lua_State *L) {
  const char *who = "net:activations";
  const limn_mlp *net = bind_checknet(L, 1, who);
  const limn_mlp_spec *s = limn_mlp_spec_of(net);
  lua_settop(L, 5);
  size_t member = bind_checkmember(L, 2, net, who), points;
  const double *x = bind_checkpoints(L, 5, net, who, "X", &points);
  double *out[LIMN_MLP_LAYERS];
  lua_createtable(L, (int)s->layers, 0);
  for (size_t l = 1; l <= s->layers; l++) {
    out[l - 1] = bind_newmatrix(L, points, s->sizes[l])->data;
    lua_rawseti(L, -2, (lua_Integer)l);
  }
  limn_err err;
  bind_netbegin(L, net, who);
  limn_status st =
      limn_mlp_states(out, net, member, lua_toboolean(L, 3), lua_toboolean(L, 4), x, points, &err);
  bind_netcheck(L, net, st, &err, who);
  return 1;
}

/* gradient(net, member, layer, X, y, loss) -> weights (out,in), bias (out) */
static int l_gradient(lua_State *L) {
  const char *who = "net:gradients";
  const limn_mlp *net = bind_checknet(L, 1, who);
  lua_settop(L, 6);
  size_t member = bind_checkmember(L, 2, net, who), layer = bind_checklayer(L, 3, net, who), points;
  const double *x = bind_checkpoints(L, 4, net, who, "X", &points);
  const double *y = bind_checktargets(L, 5, net, points, who);
  limn_mlp_loss loss = (limn_mlp_loss)bind_checkword(L, 6, who, "loss", LIMN_WORDS_LOSS);
  const limn_mlp_layer *a = limn_mlp_layer_of(net, layer - 1);
  limn_array *w = bind_newmatrix(L, a->out, a->in), *b = bind_newvector(L, a->out);
  limn_err err;
  bind_netbegin(L, net, who);
  limn_status st =
      limn_mlp_gradient(w->data, b->data, net, member, layer - 1, x, y, points, loss, &err);
  bind_netcheck(L, net, st, &err, who);
  return 2;
}

/* kernel(net, member, X, Z|nil, who|nil) -> layers x m x n; who: the function that the user called
 */
static int l_kernel(lua_State *L) {
  lua_settop(L, 5);
  const char *who = luaL_optstring(L, 5, "net:kernel");
  const limn_mlp *net = bind_checknet(L, 1, who);
  size_t member = bind_checkmember(L, 2, net, who), m, n;
  const double *x = bind_checkpoints(L, 3, net, who, "X", &m), *z = NULL;
  n = m;
  if (!lua_isnil(L, 4)) z = bind_checkpoints(L, 4, net, who, "Z", &n);
  limn_array *out = bind_newarray(L, LIMN_F64, 3, (size_t[]){limn_mlp_spec_of(net)->layers, m, n});
  limn_err err;
  bind_netbegin(L, net, who);
  limn_status st = limn_mlp_kernel(out->data, net, member, x, m, z, n, &err);
  bind_netcheck(L, net, st, &err, who);
  return 1;
}

int l_open_probes(lua_State *L) {
  static const luaL_Reg functions[] = {{"forward", l_forward},
                                       {"map", l_map},
                                       {"gradient", l_gradient},
                                       {"activations", l_activations},
                                       {"kernel", l_kernel},
                                       {"states", l_states},
                                       {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
