/* mlp_train.c: limn.native.mlp: training, by one call or by a plan. Options and defaults are in
 * limn/mlp/. */
#include "bind/numeric/mlp_value.h"

/* Reads a list of numbers, one per layer, from field `name` of the table at idx. */
static void layer_list(lua_State *L, int idx, const char *name, double *out, size_t layers) {
  lua_getfield(L, idx, name);
  for (size_t l = 0; l < layers; l++) {
    lua_rawgeti(L, -1, (lua_Integer)l + 1);
    out[l] = luaL_checknumber(L, -1);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

/* The array of `n` numbers in field `name` of the table at idx, which stays on the stack; NULL if
 * the field is nil. */
static const double *factors(lua_State *L, int idx, const char *who, const char *name, size_t n) {
  luaL_checkstack(L, 4, NULL);
  if (lua_getfield(L, idx, name) == LUA_TNIL) return NULL;
  size_t rows, columns;
  const double *list = bind_doubles(L, lua_gettop(L), who, name, &rows, &columns);
  if (rows * columns != n)
    bind_error(L, "%s: %s must have %zu entries, got %zu", who, name, n, rows * columns);
  return list;
}

/* The rule in the table at idx, without steps; arrays of factors stay on the stack. */
static limn_mlp_rule rule_of(lua_State *L, int idx, const char *who, const limn_mlp_spec *s) {
  limn_mlp_rule r = {
      .optimizer =
          (limn_mlp_optimizer)bind_wordfield(L, idx, who, "optimizer", LIMN_WORDS_OPTIMIZER),
      .loss = (limn_mlp_loss)bind_wordfield(L, idx, who, "loss", LIMN_WORDS_LOSS),
      .rate = bind_optnumberfield(L, idx, who, "rate", 0),
      .momentum = bind_optnumberfield(L, idx, who, "momentum", 0),
      .beta2 = bind_optnumberfield(L, idx, who, "beta2", 0),
      .epsilon = bind_optnumberfield(L, idx, who, "epsilon", 0),
      .tolerance = bind_optnumberfield(L, idx, who, "tol", -1),
      .batch = (size_t)bind_optintegerfield(L, idx, who, "batch", 0, LUA_MAXINTEGER, 0),
      .seed = bind_keyfield(L, idx, who, "seed"),
      .temperature = bind_optnumberfield(L, idx, who, "temperature", 0),
      .own_targets = bind_flagfield(L, idx, "own_targets")};
  layer_list(L, idx, "rates", r.rates, s->layers);
  layer_list(L, idx, "l2", r.l2, s->layers);
  layer_list(L, idx, "l1", r.l1, s->layers);
  layer_list(L, idx, "decay", r.decay, s->layers);
  if (lua_getfield(L, idx, "bound") != LUA_TNIL) {
    layer_list(L, idx, "bound", r.bound, s->layers);
    r.constraint =
        (limn_mlp_constraint)bind_wordfield(L, idx, who, "constraint", LIMN_WORDS_CONSTRAINT);
  }
  lua_pop(L, 1);
  r.net_rate = factors(L, idx, who, "net_rate", s->count);
  r.net_l2 = factors(L, idx, who, "net_l2", s->count);
  r.net_l1 = factors(L, idx, who, "net_l1", s->count);
  r.net_decay = factors(L, idx, who, "net_decay", s->count);
  r.skip = factors(L, idx, who, "skip", s->count);
  return r;
}

/* Data and rule of a training: the arguments net, X, y, rule of `who`. */
typedef struct {
  limn_mlp *net;
  const limn_mlp_spec *spec;
  const double *x, *y;
  size_t points;
  limn_mlp_rule rule;
} training;

static training check_training(lua_State *L, const char *who) {
  training t = {.net = bind_checknet(L, 1, who)};
  t.spec = limn_mlp_spec_of(t.net);
  lua_settop(L, 4);
  t.x = bind_checkpoints(L, 2, t.net, who, "X", &t.points);
  bool own = bind_flagfield(L, 4, "own_targets");
  t.y = bind_checktargets(L, 3, t.net, own ? t.points * t.spec->count : t.points, who);
  t.rule = rule_of(L, 4, who, t.spec);
  return t;
}

/* Pushes losses, steps, reasons, whether it was cancelled, the algorithm's name. */
static int push_outcome(lua_State *L, const limn_mlp_outcome *out, size_t count, bool cancelled,
                        const char *algorithm) {
  double *loss = bind_newvector(L, count)->data, *steps = bind_newvector(L, count)->data;
  for (size_t i = 0; i < count; i++) loss[i] = out[i].loss, steps[i] = out[i].steps;
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    lua_pushstring(L, limn_word_name(LIMN_WORDS_REASON, (int)out[i].reason));
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  lua_pushboolean(L, cancelled);
  lua_pushstring(L, algorithm);
  return 5;
}

/* train(net, X, y, rule) -> losses, steps (arrays), reasons (list), whether it was cancelled, the
 * name of the algorithm. */
static int l_train(lua_State *L) {
  const char *who = "net:train";
  training t = check_training(L, who);
  t.rule.steps = (size_t)bind_optintegerfield(L, 4, who, "steps", 0, LUA_MAXINTEGER, 0);
  t.rule.schedule = factors(L, 4, who, "schedule_values", t.rule.steps);
  limn_mlp_outcome *out = lua_newuserdatauv(L, t.spec->count * sizeof *out, 0);
  limn_err err;
  limn_token token = bind_token(L);
  if (t.rule.steps == 0) token = (limn_token){0}; /* the losses after a cancelled training */
  const char *algorithm = limn_mlp_algorithm_name(t.net, &t.rule, t.points);
  bind_netbegin(L, t.net, who);
  limn_status st = limn_mlp_train(t.net, out, t.x, t.y, t.points, &t.rule, &token, &err);
  bind_done(L);
  bind_netend(L, t.net);
  if (st && st != LIMN_ECANCELLED) bind_check(L, st, &err, who);
  if (st == LIMN_ECANCELLED) bind_served(L);
  return push_outcome(L, out, t.spec->count, st == LIMN_ECANCELLED, algorithm);
}

/* ---- plans ---- */

typedef struct {
  limn_mlp_plan *plan;
  limn_mlp_outcome *out; /* user value 2; user value 1 is the net */
  size_t count;
  const char *algorithm;
} plan_box;

static const char PLAN[] = "limn.mlp.plan";

static int l_plan_gc(lua_State *L) {
  plan_box *box = luaL_checkudata(L, 1, PLAN);
  limn_mlp_plan_free(box->plan);
  box->plan = NULL;
  return 0;
}

/* plan(net, X, y, rule) -> plan; for nets whose activation is not a function. */
static int l_plan(lua_State *L) {
  const char *who = "net:train";
  training t = check_training(L, who);
  plan_box *box = lua_newuserdatauv(L, sizeof *box, 2);
  *box = (plan_box){.count = t.spec->count};
  luaL_setmetatable(L, PLAN);
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, 1);
  box->out = lua_newuserdatauv(L, box->count * sizeof *box->out, 0);
  lua_setiuservalue(L, -2, 2);
  box->algorithm = limn_mlp_algorithm_name(t.net, &t.rule, t.points);
  limn_err err;
  bind_check(L, limn_mlp_plan_new(&box->plan, t.net, t.x, t.y, t.points, &t.rule, &err), &err, who);
  return 1;
}

/* run(plan, steps) -> as train */
static int l_run(lua_State *L) {
  const char *who = "net:train";
  plan_box *box = luaL_checkudata(L, 1, PLAN);
  size_t steps = (size_t)bind_checkint(L, 2, who, "steps", 0, LUA_MAXINTEGER);
  limn_err err;
  limn_token token = bind_token(L);
  if (steps == 0) token = (limn_token){0};
  limn_status st = limn_mlp_plan_run(box->plan, box->out, steps, &token, &err);
  bind_done(L);
  if (st && st != LIMN_ECANCELLED) bind_check(L, st, &err, who);
  if (st == LIMN_ECANCELLED) bind_served(L);
  return push_outcome(L, box->out, box->count, st == LIMN_ECANCELLED, box->algorithm);
}

int l_open_training(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"train", l_train}, {"plan", l_plan}, {"run", l_run}, {NULL, NULL}};
  static const luaL_Reg none[] = {{NULL, NULL}};
  static const luaL_Reg meta[] = {{"__gc", l_plan_gc}, {"__close", l_plan_gc}, {NULL, NULL}};
  bind_class(L, PLAN, none, meta);
  luaL_newlib(L, functions);
  return 1;
}
