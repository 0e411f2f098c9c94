/* mlp_function.c: activations that are Lua functions: function(h) return values, derivatives end.
 *
 * A net calls its function through an `own`, a userdata that the net's box keeps alive and that
 * copies share. User value 1 of an own is the function, 2 the error that it raised. While the
 * numerics run, the net is evaluated by the calling thread alone. An error cannot cross the
 * numerics: the function is not called again, its values are NaN, and bind_netcheck raises the
 * error after the numerics have returned. */
#include "bind/numeric/mlp_value.h"

#include <math.h>
#include "limn/cpu.h"

typedef struct own {
  lua_State *L; /* the caller's, while busy */
  bool busy, failed;
  int threads; /* before the call */
} own;

/* Registry table of all owns by address, with weak values. */
static const char OWNS[] = "limn.mlp.functions";

static void push_own(lua_State *L, const own *o) {
  lua_getfield(L, LUA_REGISTRYINDEX, OWNS);
  lua_rawgetp(L, -1, o);
  lua_remove(L, -2);
}

typedef struct request {
  const own *own;
  double *x, *slope;
  const double *h;
  size_t n;
} request;

/* Copies result `idx` of the function to out, or raises. */
static void take(lua_State *L, int idx, const char *name, const request *r, double *out) {
  size_t rows, columns;
  const char *who = "mlp.new";
  if (lua_isnil(L, idx))
    bind_error(L, "%s: activation must return values and derivatives, got no %s", who, name);
  const double *values = bind_doubles(L, idx, who, name, &rows, &columns);
  if (rows * columns != r->n)
    bind_error(L, "%s: activation must return %s of %zu entries, as its argument has, got %zu", who,
               name, r->n, rows * columns);
  for (size_t i = 0; i < r->n; i++) {
    if (isfinite(r->h[i]) && !isfinite(values[i]))
      bind_error(L, "%s: activation returned %s that are not finite at %f", who, name, r->h[i]);
    out[i] = values[i];
  }
}

static int l_apply(lua_State *L) {
  const request *r = lua_touserdata(L, 1);
  push_own(L, r->own);
  lua_getiuservalue(L, -1, 1);
  double *h = bind_newvector(L, r->n)->data;
  for (size_t i = 0; i < r->n; i++) h[i] = r->h[i];
  lua_call(L, 1, 2);
  int top = lua_gettop(L);
  take(L, top - 1, "values", r, r->x);
  if (r->slope) take(L, top, "derivatives", r, r->slope);
  return 0;
}

static void apply(void *context, double *x, double *slope, const double *h, size_t n) {
  own *o = context;
  lua_State *L = o->L;
  request r = {o, x, slope, h, n};
  if (!o->failed) {
    lua_checkstack(L, 8); /* the first call of a net reserved it */
    lua_pushcfunction(L, l_apply);
    lua_pushlightuserdata(L, &r);
    if (lua_pcall(L, 1, 0, 0) == LUA_OK) return;
    push_own(L, o);
    lua_insert(L, -2);
    lua_setiuservalue(L, -2, 2);
    lua_pop(L, 1);
    o->failed = true;
  }
  for (size_t i = 0; i < n; i++) x[i] = NAN;
  for (size_t i = 0; slope && i < n; i++) slope[i] = NAN;
}

void bind_pushfunction(lua_State *L, int idx, limn_mlp_spec *spec) {
  idx = lua_absindex(L, idx);
  own *o = lua_newuserdatauv(L, sizeof *o, 2);
  *o = (own){0};
  lua_pushvalue(L, idx);
  lua_setiuservalue(L, -2, 1);
  if (!luaL_getsubtable(L, LUA_REGISTRYINDEX, OWNS)) {
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "v");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
  }
  lua_pushvalue(L, -2);
  lua_rawsetp(L, -2, o);
  lua_pop(L, 1);
  spec->activation = LIMN_PHI_FUNCTION;
  spec->function = (limn_mlp_function){apply, o};
}

static own *own_of(const limn_mlp *net) {
  return limn_mlp_spec_of(net)->function.context;
}

void bind_netbegin(lua_State *L, const limn_mlp *net, const char *who) {
  own *o = own_of(net);
  if (!o) return;
  if (o->busy) bind_error(L, "%s: the net's activation cannot use the net itself", who);
  luaL_checkstack(L, 16, "activation");
  o->L = L, o->busy = true, o->failed = false, o->threads = limn_threads_get();
  limn_err err;
  limn_threads_set(1, &err);
}

void bind_netend(lua_State *L, const limn_mlp *net) {
  own *o = own_of(net);
  if (!o) return;
  o->busy = false;
  limn_err err;
  limn_threads_set(o->threads, &err);
  if (!o->failed) return;
  bind_done(L);
  push_own(L, o);
  lua_getiuservalue(L, -1, 2);
  lua_error(L);
}

void bind_netcheck(lua_State *L, const limn_mlp *net, limn_status status, const limn_err *err,
                   const char *who) {
  bind_netend(L, net);
  bind_check(L, status, err, who);
}
