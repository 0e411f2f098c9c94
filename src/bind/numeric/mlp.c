/* mlp.c: limn.native.mlp: nets as userdata: creation, copies, parameters, files. Training is in
 * mlp_train.c, evaluation in mlp_probe.c; options and defaults in limn/mlp/. */
#include "bind/numeric/mlp_value.h"

#include <string.h>

/* The list of n numbers in field `name` of the table at idx, in memory that stays on the stack;
 * NULL if the field is nil. seeds: whole numbers. */
static void *net_list(lua_State *L, int idx, const char *name, size_t n, bool seeds) {
  if (lua_getfield(L, idx, name) == LUA_TNIL) return NULL;
  uint64_t *whole = lua_newuserdatauv(L, n * 8, 0);
  double *real = (void *)whole;
  for (size_t i = 0; i < n; i++) {
    lua_geti(L, -2, (lua_Integer)i + 1);
    if (seeds)
      whole[i] = (uint64_t)luaL_checkinteger(L, -1);
    else
      real[i] = luaL_checknumber(L, -1);
    lua_pop(L, 1);
  }
  return whole;
}

/* new(options, who) -> net. Options were checked by limn/mlp/net.lua. */
static int l_new(lua_State *L) {
  const char *who = luaL_checkstring(L, 2);
  bool function = lua_getfield(L, 1, "activation") == LUA_TFUNCTION;
  limn_mlp_spec s = {.init = (limn_mlp_init)bind_wordfield(L, 1, who, "init", LIMN_WORDS_INIT),
                     .param = (limn_mlp_param)bind_wordfield(L, 1, who, "param", LIMN_WORDS_PARAM),
                     .start = (limn_mlp_start)bind_wordfield(L, 1, who, "start", LIMN_WORDS_START),
                     .dtype = (limn_dtype)bind_wordfield(L, 1, who, "dtype", LIMN_WORDS_PRECISION),
                     .weight = bind_optnumberfield(L, 1, who, "weight", 0),
                     .bias = bind_optnumberfield(L, 1, who, "bias_variance", 0),
                     .readout = bind_optnumberfield(L, 1, who, "readout", 0),
                     .alpha = bind_optnumberfield(L, 1, who, "alpha", 0),
                     .biases = bind_flagfield(L, 1, "bias"),
                     .count = (size_t)bind_integerfield(L, 1, who, "count", 1, LUA_MAXINTEGER),
                     .seed = bind_keyfield(L, 1, who, "seed"),
                     .point = bind_keyfield(L, 1, who, "point"),
                     .rep = bind_keyfield(L, 1, who, "rep")};
  if (!function)
    s.activation = (limn_phi)bind_wordfield(L, 1, who, "activation", LIMN_WORDS_ACTIVATION);
  else
    bind_pushfunction(L, -1, &s);
  int own = lua_gettop(L);
  lua_getfield(L, 1, "sizes");
  lua_Integer n = luaL_len(L, -1);
  if (n < 2 || n > LIMN_MLP_LAYERS + 1)
    return bind_error(L, "%s: sizes must have 2 to %d entries, got %d", who, LIMN_MLP_LAYERS + 1,
                      (int)n);
  s.layers = (size_t)n - 1;
  for (lua_Integer l = 1; l <= n; l++) {
    lua_rawgeti(L, -1, l);
    s.sizes[l - 1] = (size_t)bind_checkint(L, -1, who, "sizes", 1, LUA_MAXINTEGER);
    lua_pop(L, 1);
  }
  s.seeds = net_list(L, 1, "seeds", s.count, true);
  s.alphas = net_list(L, 1, "alphas", s.count, false);
  limn_mlp **box = bind_pushnet(L);
  if (function) lua_pushvalue(L, own), lua_setiuservalue(L, -2, 1);
  limn_err err;
  limn_token token = bind_token(L);
  bind_check(L, limn_mlp_new(box, &s, &token, &err), &err, who);
  bind_offheap(L, limn_mlp_bytes(&s));
  return 1;
}

/* describe(net) -> {sizes=, count=, ..., layers={{multiplier=, ...}, ...}} */
static int l_describe(lua_State *L) {
  const limn_mlp *net = bind_checknet(L, 1, "net");
  const limn_mlp_spec *s = limn_mlp_spec_of(net);
  lua_newtable(L);
  lua_createtable(L, (int)s->layers + 1, 0);
  for (size_t l = 0; l <= s->layers; l++) {
    lua_pushinteger(L, (lua_Integer)s->sizes[l]);
    lua_rawseti(L, -2, (lua_Integer)l + 1);
  }
  lua_setfield(L, -2, "sizes");
  bind_setstring(L, "activation", limn_word_name(LIMN_WORDS_ANY_ACTIVATION, (int)s->activation));
  bind_setstring(L, "init", limn_word_name(LIMN_WORDS_INIT, (int)s->init));
  bind_setstring(L, "param", limn_word_name(LIMN_WORDS_PARAM, (int)s->param));
  bind_setstring(L, "start", limn_word_name(LIMN_WORDS_START, (int)s->start));
  bind_setstring(L, "dtype", limn_word_name(LIMN_WORDS_PRECISION, (int)s->dtype));
  bind_setnumber(L, "weight", s->weight);
  bind_setnumber(L, "bias_variance", s->bias);
  bind_setnumber(L, "readout", s->readout);
  if (s->alphas) {
    lua_createtable(L, (int)s->count, 0);
    for (size_t r = 0; r < s->count; r++)
      lua_pushnumber(L, s->alphas[r]), lua_rawseti(L, -2, (lua_Integer)r + 1);
    lua_setfield(L, -2, "alpha");
  } else
    bind_setnumber(L, "alpha", s->alpha > 0 ? s->alpha : 1);
  bind_setinteger(L, "count", s->count);
  if (s->seeds) {
    lua_createtable(L, (int)s->count, 0);
    for (size_t r = 0; r < s->count; r++)
      lua_pushinteger(L, (lua_Integer)s->seeds[r]), lua_rawseti(L, -2, (lua_Integer)r + 1);
    lua_setfield(L, -2, "seed");
  } else
    bind_setinteger(L, "seed", s->seed);
  bind_setinteger(L, "steps", limn_mlp_steps(net));
  bind_setflag(L, "bias", s->biases);
  bind_setinteger(L, "bytes", limn_mlp_bytes(s));
  lua_createtable(L, (int)s->layers, 0);
  for (size_t l = 0; l < s->layers; l++) {
    const limn_mlp_layer *a = limn_mlp_layer_of(net, l);
    lua_createtable(L, 0, 9);
    bind_setnumber(L, "multiplier", a->multiplier);
    bind_setnumber(L, "deviation", a->deviation);
    bind_setnumber(L, "bias_multiplier", a->bias_multiplier);
    bind_setnumber(L, "bias_deviation", a->bias_deviation);
    bind_setnumber(L, "rate", a->rate);
    bind_setnumber(L, "unit_rate", a->unit_rate);
    bind_setnumber(L, "unit_bias_rate", a->unit_bias_rate);
    bind_setnumber(L, "gradient", a->gradient);
    bind_setnumber(L, "bias_gradient", a->bias_gradient);
    lua_rawseti(L, -2, (lua_Integer)l + 1);
  }
  lua_setfield(L, -2, "layers");
  return 1;
}

/* steps(net) -> steps of each net so far (array) */
static int l_steps(lua_State *L) {
  const limn_mlp *net = bind_checknet(L, 1, "net:steps");
  size_t count = limn_mlp_spec_of(net)->count;
  double *steps = bind_newvector(L, count)->data;
  for (size_t r = 0; r < count; r++) steps[r] = (double)limn_mlp_steps_of(net, r);
  return 1;
}

/* copy(net, member | 0 (all), initial) -> net */
static int l_copy(lua_State *L) {
  const limn_mlp *net = bind_checknet(L, 1, "net:copy");
  lua_Integer member =
      bind_checkint(L, 2, "net:copy", "member", 0, (lua_Integer)limn_mlp_spec_of(net)->count);
  bool initial = lua_toboolean(L, 3);
  limn_mlp **box = bind_pushnet(L);
  lua_getiuservalue(L, 1, 1);
  lua_setiuservalue(L, -2, 1);
  limn_err err;
  bind_check(L, limn_mlp_copy(box, net, member ? (size_t)member - 1 : SIZE_MAX, initial, &err),
             &err, "net:copy");
  bind_offheap(L, limn_mlp_bytes(limn_mlp_spec_of(*box)));
  return 1;
}

/* get(net, member, twin, layer) -> weights (out,in), bias (out) */
static int l_get(lua_State *L) {
  const char *who = "net:parameters";
  const limn_mlp *net = bind_checknet(L, 1, who);
  size_t member = bind_checkmember(L, 2, net, who);
  size_t twin = (size_t)bind_checkint(L, 3, who, "twin", 1, 2) - 1,
         layer = bind_checklayer(L, 4, net, who);
  const limn_mlp_layer *a = limn_mlp_layer_of(net, layer - 1);
  limn_array *w = bind_newmatrix(L, a->out, a->in), *b = bind_newvector(L, a->out);
  limn_err err;
  bind_check(L, limn_mlp_get(w->data, b->data, net, member, twin, layer - 1, &err), &err, who);
  return 2;
}

/* set(net, member, twin, layer, weights|nil, bias|nil) */
static int l_set(lua_State *L) {
  const char *who = "net:set";
  limn_mlp *net = bind_checknet(L, 1, who);
  lua_settop(L, 6);
  size_t member = bind_checkmember(L, 2, net, who);
  size_t twin = (size_t)bind_checkint(L, 3, who, "twin", 1, 2) - 1,
         layer = bind_checklayer(L, 4, net, who);
  const limn_mlp_layer *a = limn_mlp_layer_of(net, layer - 1);
  const double *w = NULL, *b = NULL;
  size_t rows, columns;
  if (!lua_isnil(L, 5)) {
    w = bind_doubles(L, 5, who, "weights", &rows, &columns);
    if (rows * columns != a->in * a->out || (rows != a->out && a->out > 1))
      bind_error(L, "%s: weights of layer %zu must be %zu x %zu (outputs x inputs), got %zu x %zu",
                 who, layer, a->out, a->in, rows, columns);
  }
  if (!lua_isnil(L, 6)) {
    b = bind_doubles(L, 6, who, "bias", &rows, &columns);
    if (rows * columns != a->out)
      bind_error(L, "%s: bias of layer %zu must have %zu entries, got %zu", who, layer, a->out,
                 rows * columns);
  }
  limn_err err;
  bind_check(L, limn_mlp_set(net, member, twin, layer - 1, w, b, &err), &err, who);
  return 0;
}

/* save(net, path) -> path, or nil, message */
static int l_save(lua_State *L) {
  const limn_mlp *net = bind_checknet(L, 1, "net:save");
  const char *path = bind_checkpath(L, 2, "net:save", "path");
  limn_err err;
  limn_status st = limn_mlp_save(net, path, &err);
  if (st) return bind_failed(L, st, &err, "net:save");
  lua_pushvalue(L, 2);
  return 1;
}

/* load(path) -> net, or nil, message */
static int l_load(lua_State *L) {
  const char *path = bind_checkpath(L, 1, "mlp.load", "path");
  limn_mlp **box = bind_pushnet(L);
  limn_err err;
  limn_status st = limn_mlp_load(box, path, &err);
  if (st) return bind_failed(L, st, &err, "mlp.load");
  bind_offheap(L, limn_mlp_bytes(limn_mlp_spec_of(*box)));
  return 1;
}

int l_open_nets(lua_State *L) {
  static const luaL_Reg functions[] = {{"new", l_new},   {"describe", l_describe}, {"copy", l_copy},
                                       {"get", l_get},   {"set", l_set},           {"save", l_save},
                                       {"load", l_load}, {"steps", l_steps},       {NULL, NULL}};
  static const luaL_Reg none[] = {{NULL, NULL}};
  static const luaL_Reg meta[] = {{"__gc", l_net_gc}, {"__close", l_net_gc}, {NULL, NULL}};
  bind_class(L, LIMN_NET, none, meta);
  luaL_newlib(L, functions);
  return 1;
}
