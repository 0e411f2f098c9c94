/* mlp.c: limn.native.mlp: nets as userdata: made, trained, copied, read and written. What is only
 * looked at is in mlp_probe.c. Options and defaults are Lua's (limn/mlp/). */
#include "bind/numeric/mlp.h"

#include <string.h>

static const char *const activations[] = {"relu", "tanh", "erf", "gelu", "sin", "linear", NULL};
static const char *const inits[] = {"he",         "lecun",  "xavier", "uniform",
                                    "orthogonal", "custom", NULL};
static const char *const params[] = {"standard", "ntk", "meanfield", "mup", NULL};
static const char *const starts[] = {"random", "none", "antisymmetric", NULL};
static const char *const dtypes[] = {"f64", "f32", NULL};
static const char *const optimizers[] = {"gd", "momentum", "adam", NULL};
const char *const l_losses[] = {"mse", "logistic", NULL};
static const char *const reasons[] = {"steps", "tolerance", "diverged"};

static limn_mlp **push_box(lua_State *L) {
  limn_mlp **box = lua_newuserdatauv(L, sizeof(void *), 0);
  *box = NULL;
  luaL_setmetatable(L, LIMN_NET);
  return box;
}

limn_mlp *l_checknet(lua_State *L, int idx, const char *who) {
  limn_mlp **box = luaL_testudata(L, idx, LIMN_NET);
  if (!box) l_error(L, "%s: expected a net, got %s", who, l_typename(L, idx));
  if (!*box) l_error(L, "%s: this net was closed", who);
  return *box;
}

static int net_gc(lua_State *L) {
  limn_mlp **box = luaL_checkudata(L, 1, LIMN_NET);
  limn_mlp_free(*box);
  *box = NULL;
  return 0;
}

static int choice(lua_State *L, const char *field, const char *const names[]) {
  lua_getfield(L, 1, field);
  int i = luaL_checkoption(L, -1, NULL, names);
  lua_pop(L, 1);
  return i;
}

static double number(lua_State *L, int idx, const char *field, double otherwise) {
  lua_getfield(L, idx, field);
  double x = luaL_optnumber(L, -1, otherwise);
  lua_pop(L, 1);
  return x;
}

static uint64_t whole(lua_State *L, const char *field) {
  lua_getfield(L, 1, field);
  lua_Integer i = luaL_checkinteger(L, -1);
  lua_pop(L, 1);
  return (uint64_t)i;
}

/* new(options, who) -> net. Options were checked by limn/mlp/net.lua. */
static int net_new(lua_State *L) {
  limn_mlp_spec s = {.activation = (limn_phi)choice(L, "activation", activations),
                     .init = (limn_mlp_init)choice(L, "init", inits),
                     .param = (limn_mlp_param)choice(L, "param", params),
                     .start = (limn_mlp_start)choice(L, "start", starts),
                     .dtype = (limn_dtype)choice(L, "dtype", dtypes),
                     .weight = number(L, 1, "weight", 0),
                     .bias = number(L, 1, "bias_variance", 0),
                     .readout = number(L, 1, "readout", 0),
                     .count = whole(L, "count"),
                     .seed = whole(L, "seed"),
                     .point = whole(L, "point"),
                     .rep = whole(L, "rep")};
  const char *who = luaL_checkstring(L, 2);
  lua_getfield(L, 1, "bias");
  s.biases = lua_toboolean(L, -1);
  lua_getfield(L, 1, "sizes");
  lua_Integer n = luaL_len(L, -1);
  if (n < 2 || n > LIMN_MLP_LAYERS + 1)
    return l_error(L, "%s: sizes must have 2 to %d entries, got %d", who, LIMN_MLP_LAYERS + 1,
                   (int)n);
  s.layers = (size_t)n - 1;
  for (lua_Integer l = 1; l <= n; l++) {
    lua_rawgeti(L, -1, l);
    s.sizes[l - 1] = (size_t)luaL_checkinteger(L, -1);
    lua_pop(L, 1);
  }
  limn_mlp **box = push_box(L);
  limn_err err;
  limn_token token = l_token(L);
  l_check(L, limn_mlp_new(box, &s, &token, &err), &err, who);
  l_offheap(L, limn_mlp_bytes(&s));
  return 1;
}

static void setfield(lua_State *L, const char *name, double x) {
  lua_pushnumber(L, x);
  lua_setfield(L, -2, name);
}

static void setname(lua_State *L, const char *name, const char *value) {
  lua_pushstring(L, value);
  lua_setfield(L, -2, name);
}

/* describe(net) -> {sizes=, count=, ..., layers={{multiplier=, ...}, ...}} */
static int net_describe(lua_State *L) {
  const limn_mlp *net = l_checknet(L, 1, "net");
  const limn_mlp_spec *s = limn_mlp_spec_of(net);
  lua_newtable(L);
  lua_createtable(L, (int)s->layers + 1, 0);
  for (size_t l = 0; l <= s->layers; l++) {
    lua_pushinteger(L, (lua_Integer)s->sizes[l]);
    lua_rawseti(L, -2, (lua_Integer)l + 1);
  }
  lua_setfield(L, -2, "sizes");
  setname(L, "activation", activations[s->activation]);
  setname(L, "init", inits[s->init]);
  setfield(L, "weight", s->weight);
  setfield(L, "bias_variance", s->bias);
  setfield(L, "readout", s->readout);
  setname(L, "param", params[s->param]);
  setname(L, "start", starts[s->start]);
  setname(L, "dtype", dtypes[s->dtype]);
  lua_pushinteger(L, (lua_Integer)s->count);
  lua_setfield(L, -2, "count");
  lua_pushinteger(L, (lua_Integer)s->seed);
  lua_setfield(L, -2, "seed");
  lua_pushinteger(L, (lua_Integer)limn_mlp_steps(net));
  lua_setfield(L, -2, "steps");
  lua_pushboolean(L, s->biases);
  lua_setfield(L, -2, "bias");
  lua_pushinteger(L, (lua_Integer)limn_mlp_bytes(s));
  lua_setfield(L, -2, "bytes");
  lua_createtable(L, (int)s->layers, 0);
  for (size_t l = 0; l < s->layers; l++) {
    const limn_mlp_layer *a = limn_mlp_layer_of(net, l);
    lua_createtable(L, 0, 5);
    setfield(L, "multiplier", a->multiplier);
    setfield(L, "deviation", a->deviation);
    setfield(L, "bias_multiplier", a->bias_multiplier);
    setfield(L, "bias_deviation", a->bias_deviation);
    setfield(L, "rate", a->rate);
    lua_rawseti(L, -2, (lua_Integer)l + 1);
  }
  lua_setfield(L, -2, "layers");
  return 1;
}

const double *l_checkpoints(lua_State *L, int idx, const limn_mlp *net, const char *who,
                            const char *name, size_t *points) {
  size_t columns, d = limn_mlp_spec_of(net)->sizes[0];
  const double *x = l_doubles(L, idx, who, name, points, &columns);
  if (columns == 1 && d > 1 && *points == d) { /* one point given as a vector */
    *points = 1;
    return x;
  }
  if (columns != d)
    l_error(L, "%s: %s has %zu columns but the net has %zu inputs", who, name, columns, d);
  return x;
}

const double *l_checktargets(lua_State *L, int idx, const limn_mlp *net, size_t points,
                             const char *who) {
  size_t rows, columns, outputs = limn_mlp_spec_of(net)->sizes[limn_mlp_spec_of(net)->layers];
  const double *y = l_doubles(L, idx, who, "y", &rows, &columns);
  if (rows == points && columns == outputs) return y;
  if (outputs == 1 && columns == 1)
    l_error(L, "%s: y has %zu entries but X has %zu rows", who, rows, points);
  l_error(L, "%s: y must be %zu x %zu (points x outputs), got %zu x %zu", who, points, outputs,
          rows, columns);
}

/* Reads a list of numbers, one a layer, of field `name` of the table at idx. */
static void layer_list(lua_State *L, int idx, const char *name, double *out, size_t layers) {
  lua_getfield(L, idx, name);
  for (size_t l = 0; l < layers; l++) {
    lua_rawgeti(L, -1, (lua_Integer)l + 1);
    out[l] = luaL_checknumber(L, -1);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

/* train(net, X, y, rule, taken) -> losses, steps (arrays), reasons (list), whether it was cut
 * short. The steps are also added to taken (one entry a net), and before Lua runs again: a Ctrl-C
 * that falls on the caller's next line finds them counted. */
static int net_train(lua_State *L) {
  const char *who = "net:train";
  limn_mlp *net = l_checknet(L, 1, who);
  const limn_mlp_spec *s = limn_mlp_spec_of(net);
  lua_settop(L, 5);
  limn_array *taken = l_checkarray(L, 5, who, "taken");
  luaL_argcheck(L, taken->rank == 1 && taken->dtype == LIMN_F64 && taken->dims[0] == s->count, 5,
                "one f64 entry a net expected");
  size_t points;
  const double *x = l_checkpoints(L, 2, net, who, "X", &points);
  const double *y = l_checktargets(L, 3, net, points, who);
  limn_mlp_rule r = {.rate = number(L, 4, "rate", 0),
                     .momentum = number(L, 4, "momentum", 0),
                     .beta2 = number(L, 4, "beta2", 0),
                     .epsilon = number(L, 4, "epsilon", 0),
                     .tolerance = number(L, 4, "tol", -1),
                     .batch = (size_t)number(L, 4, "batch", 0),
                     .steps = (size_t)number(L, 4, "steps", 0),
                     .seed = (uint64_t)(lua_Integer)number(L, 4, "seed", 0)};
  lua_getfield(L, 4, "optimizer");
  r.optimizer = (limn_mlp_optimizer)luaL_checkoption(L, -1, NULL, optimizers);
  lua_getfield(L, 4, "loss");
  r.loss = (limn_mlp_loss)luaL_checkoption(L, -1, NULL, l_losses);
  lua_pop(L, 2);
  layer_list(L, 4, "rates", r.rates, s->layers);
  layer_list(L, 4, "l2", r.l2, s->layers);
  layer_list(L, 4, "l1", r.l1, s->layers);
  limn_mlp_outcome *out = lua_newuserdatauv(L, s->count * sizeof *out, 0);
  limn_array *loss = l_newvector(L, s->count), *steps = l_newvector(L, s->count);
  limn_err err;
  limn_token token = l_token(L);
  limn_status st = limn_mlp_train(net, out, x, y, points, &r, &token, &err);
  l_done(L);
  if (st && st != LIMN_ECANCELLED) l_check(L, st, &err, who);
  for (size_t i = 0; i < s->count; i++) {
    ((double *)loss->data)[i] = out[i].loss;
    ((double *)steps->data)[i] = out[i].steps;
    ((double *)taken->data)[(ptrdiff_t)i * taken->stride[0]] += out[i].steps;
  }
  if (st == LIMN_ECANCELLED) l_absorb(L);
  lua_createtable(L, (int)s->count, 0);
  for (size_t i = 0; i < s->count; i++) {
    lua_pushstring(L, reasons[out[i].reason]);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lua_pushboolean(L, st == LIMN_ECANCELLED);
  return 4;
}

size_t l_checkmember(lua_State *L, int idx, const limn_mlp *net, const char *who) {
  lua_Integer count = (lua_Integer)limn_mlp_spec_of(net)->count;
  return (size_t)l_checkint(L, idx, who, "member", 1, count) - 1;
}

size_t l_checklayer(lua_State *L, int idx, const limn_mlp *net, const char *who) {
  return (size_t)l_checkint(L, idx, who, "layer", 1, (lua_Integer)limn_mlp_spec_of(net)->layers);
}

/* copy(net, member | 0 (all), initial) -> net */
static int net_copy(lua_State *L) {
  const limn_mlp *net = l_checknet(L, 1, "net:copy");
  lua_Integer member =
      l_checkint(L, 2, "net:copy", "member", 0, (lua_Integer)limn_mlp_spec_of(net)->count);
  bool initial = lua_toboolean(L, 3);
  limn_mlp **box = push_box(L);
  limn_err err;
  l_check(L, limn_mlp_copy(box, net, member ? (size_t)member - 1 : SIZE_MAX, initial, &err), &err,
          "net:copy");
  l_offheap(L, limn_mlp_bytes(limn_mlp_spec_of(*box)));
  return 1;
}

/* get(net, member, twin, layer) -> weights (out,in), bias (out) */
static int net_get(lua_State *L) {
  const char *who = "net:parameters";
  const limn_mlp *net = l_checknet(L, 1, who);
  size_t member = l_checkmember(L, 2, net, who);
  size_t twin = (size_t)l_checkint(L, 3, who, "twin", 1, 2) - 1,
         layer = l_checklayer(L, 4, net, who);
  const limn_mlp_layer *a = limn_mlp_layer_of(net, layer - 1);
  limn_array *w = l_newmatrix(L, a->out, a->in), *b = l_newvector(L, a->out);
  limn_err err;
  l_check(L, limn_mlp_get(net, member, twin, layer - 1, w->data, b->data, &err), &err, who);
  return 2;
}

/* set(net, member, twin, layer, weights|nil, bias|nil) */
static int net_set(lua_State *L) {
  const char *who = "net:set";
  limn_mlp *net = l_checknet(L, 1, who);
  lua_settop(L, 6);
  size_t member = l_checkmember(L, 2, net, who);
  size_t twin = (size_t)l_checkint(L, 3, who, "twin", 1, 2) - 1,
         layer = l_checklayer(L, 4, net, who);
  const limn_mlp_layer *a = limn_mlp_layer_of(net, layer - 1);
  const double *w = NULL, *b = NULL;
  size_t rows, columns;
  if (!lua_isnil(L, 5)) {
    w = l_doubles(L, 5, who, "weights", &rows, &columns);
    if (rows * columns != a->in * a->out || (rows != a->out && a->out > 1))
      l_error(L, "%s: weights of layer %zu must be %zu x %zu (outputs x inputs), got %zu x %zu",
              who, layer, a->out, a->in, rows, columns);
  }
  if (!lua_isnil(L, 6)) {
    b = l_doubles(L, 6, who, "bias", &rows, &columns);
    if (rows * columns != a->out)
      l_error(L, "%s: bias of layer %zu must have %zu entries, got %zu", who, layer, a->out,
              rows * columns);
  }
  limn_err err;
  l_check(L, limn_mlp_set(net, member, twin, layer - 1, w, b, &err), &err, who);
  return 0;
}

/* save(net, path) -> path, or nil, message */
static int net_save(lua_State *L) {
  const limn_mlp *net = l_checknet(L, 1, "net:save");
  const char *path = l_checkpath(L, 2, "net:save", "path");
  limn_err err;
  limn_status st = limn_mlp_save(net, path, &err);
  if (st) return l_failed(L, st, &err, "net:save");
  lua_pushvalue(L, 2);
  return 1;
}

/* load(path) -> net, or nil, message */
static int net_load(lua_State *L) {
  const char *path = l_checkpath(L, 1, "mlp.load", "path");
  limn_mlp **box = push_box(L);
  limn_err err;
  limn_status st = limn_mlp_load(box, path, &err);
  if (st) return l_failed(L, st, &err, "mlp.load");
  l_offheap(L, limn_mlp_bytes(limn_mlp_spec_of(*box)));
  return 1;
}

int l_open_mlp(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"new", net_new},   {"describe", net_describe}, {"train", net_train},
      {"copy", net_copy}, {"get", net_get},           {"set", net_set},
      {"save", net_save}, {"load", net_load},         {NULL, NULL}};
  static const luaL_Reg none[] = {{NULL, NULL}};
  static const luaL_Reg meta[] = {{"__gc", net_gc}, {"__close", net_gc}, {NULL, NULL}};
  l_class(L, LIMN_NET, none, meta);
  luaL_newlib(L, functions);
  l_addprobes(L);
  return 1;
}
