/* rng.c: random streams (limn.rng): draws as numbers or arrays. lua/limn/rng.lua checks the
 * options. */
#include "bind/bind.h"

#include <stdio.h>
#include <string.h>

#include "limn/array_ops.h"
#include "limn/random_distributions.h"
#include "limn/rng.h"

#define NAMED "limn.rng.named"

typedef struct stream {
  limn_rng rng;
  uint64_t forks; /* number of child streams */
  char name[120];
} stream;

static stream *self(lua_State *L, const char *who) {
  stream *s = luaL_testudata(L, 1, LIMN_RNG);
  if (!s) bind_error(L, "%s: self must be a limn.rng stream, got %s", who, bind_typename(L, 1));
  return s;
}

static stream *push_stream(lua_State *L, limn_key key) {
  stream *s = lua_newuserdatauv(L, sizeof *s, 0);
  memset(s, 0, sizeof *s);
  s->rng = limn_rng_start(key, 0);
  luaL_setmetatable(L, LIMN_RNG);
  return s;
}

/* stream(seed, point, rep) */
static int l_new_stream(lua_State *L) {
  lua_Integer seed = bind_checkint(L, 1, "rng.stream", "seed", 0, LUA_MAXINTEGER);
  lua_Integer point = bind_checkint(L, 2, "rng.stream", "point", 0, LUA_MAXINTEGER);
  lua_Integer rep = bind_checkint(L, 3, "rng.stream", "rep", 0, LUA_MAXINTEGER);
  stream *s =
      push_stream(L, limn_key_of((uint64_t)seed, (uint64_t)point, (uint64_t)rep, LIMN_FOR_USER));
  snprintf(s->name, sizeof s->name, "seed=%lld point=%lld rep=%lld", (long long)seed,
           (long long)point, (long long)rep);
  return 1;
}

/* fork([n]): child stream number n (or the next one): independent of its parent, of its siblings,
 * and of the draws made so far. */
static int l_fork_stream(lua_State *L) {
  stream *s = self(L, "rng:fork");
  bind_arguments(L, 2, "rng:fork");
  lua_settop(L, 2);
  uint64_t n = lua_isnoneornil(L, 2)
                   ? s->forks + 1
                   : (uint64_t)bind_checkint(L, 2, "rng:fork", "n", 1, LUA_MAXINTEGER);
  stream *child = push_stream(L, limn_key_child(s->rng.key, n));
  snprintf(child->name, sizeof child->name, "%.90s fork=%llu", s->name, (unsigned long long)n);
  if (lua_isnoneornil(L, 2)) s->forks = n;
  return 1;
}

/* An array with the sizes in arguments first and first+1, pushed; NULL when both are absent. */
static limn_array *sized(lua_State *L, int first, const char *who) {
  if (lua_isnoneornil(L, first)) return NULL;
  size_t dims[2] = {(size_t)bind_checkint(L, first, who, "rows", 0, LUA_MAXINTEGER), 1};
  int rank = 1;
  if (!lua_isnoneornil(L, first + 1)) {
    dims[1] = (size_t)bind_checkint(L, first + 1, who, "columns", 0, LUA_MAXINTEGER);
    rank = 2;
  }
  return bind_rawarray(L, LIMN_F64, rank, dims); /* every entry is written */
}

typedef void filler(limn_rng *rng, double *out, size_t n);

enum { PIECE = 1 << 18 }; /* numbers between two polls for an interrupt; about 10 ms */

/* Calls the function in Lua that limn/rng.lua has given for options of `who`. */
static int named(lua_State *L, const char *who) {
  lua_getfield(L, LUA_REGISTRYINDEX, NAMED);
  lua_getfield(L, -1, strchr(who, ':') + 1);
  lua_remove(L, -2);
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, 1);
  return 1;
}

static int draw(lua_State *L, const char *who, filler *fill) {
  stream *s = self(L, who);
  bool parameters = fill == limn_rng_fill_normal || fill == limn_rng_fill_uniform;
  if (parameters && (lua_type(L, 2) == LUA_TTABLE || lua_gettop(L) == 4)) return named(L, who);
  bind_arguments(L, parameters ? 4 : 3, who);
  const char *names = fill == limn_rng_fill_normal ? "mean=, sd=" : "low=, high=";
  int whole = 1;
  if (parameters && lua_gettop(L) == 3 && lua_type(L, 2) == LUA_TNUMBER &&
      (lua_tointegerx(L, 2, &whole) < 0 || !whole))
    bind_error(
        L,
        "%s: two numbers are rows and columns; parameters go by name (%s), or before a size: "
        "%s(a, b, n)",
        who, names, who);
  limn_array *a = sized(L, 2, who);
  if (parameters && a && a->rank == 2 && a->dims[0] == 0)
    bind_error(L, "%s: 0 x %zu numbers; parameters go by name (%s), or before a size: %s(a, b, n)",
               who, a->dims[1], names, who);
  if (a) {
    limn_token token = bind_token(L);
    double *out = a->data;
    for (size_t left = limn_array_size(a), n; left > 0; left -= n, out += n) {
      n = left < PIECE ? left : PIECE;
      fill(&s->rng, out, n);
      if (limn_cancelled(&token)) bind_check(L, LIMN_ECANCELLED, NULL, who);
    }
    bind_done(L);
  } else {
    double x;
    fill(&s->rng, &x, 1);
    lua_pushnumber(L, x);
  }
  return 1;
}

static int l_uniform(lua_State *L) {
  return draw(L, "rng:uniform", limn_rng_fill_uniform);
}
static int l_normal(lua_State *L) {
  return draw(L, "rng:normal", limn_rng_fill_normal);
}
static int l_sign(lua_State *L) {
  return draw(L, "rng:sign", limn_rng_fill_sign);
}

/* Pushes the same whole numbers with dtype i64. */
static void push_whole(lua_State *L, const limn_array *a) {
  limn_array_copy(bind_rawarray(L, LIMN_I64, a->rank, a->dims), a);
}

/* integer(lo, hi [, r [, c]]): uniform in lo .. hi inclusive. */
static int l_integer(lua_State *L) {
  stream *s = self(L, "rng:integer");
  bind_arguments(L, 5, "rng:integer");
  lua_Integer low = bind_checkint(L, 2, "rng:integer", "lo", LUA_MININTEGER, LUA_MAXINTEGER);
  lua_Integer high = bind_checkint(L, 3, "rng:integer", "hi", LUA_MININTEGER, LUA_MAXINTEGER);
  if (low > high)
    bind_error(L, "rng:integer: lo must not exceed hi, got %lld and %lld", (long long)low,
               (long long)high);
  limn_array *a = sized(L, 4, "rng:integer");
  if (a) {
    const lua_Integer most = (lua_Integer)1 << 53;
    if (low < -most || high > most)
      bind_error(L,
                 "rng:integer: an array holds whole numbers within +-2^53 only, got %lld .. %lld",
                 (long long)low, (long long)high);
    limn_rng_fill_integer(&s->rng, a->data, limn_array_size(a), low, high);
    push_whole(L, a);
    return 1;
  }
  uint64_t range = (uint64_t)high - (uint64_t)low + 1; /* 0: all 2^64 */
  uint64_t r = range ? limn_rng_below(&s->rng, range) : limn_rng_u64(&s->rng);
  lua_pushinteger(L, (lua_Integer)((uint64_t)low + r));
  return 1;
}

/* permutation(n): 1 .. n in random order, as an array. */
static int l_permutation(lua_State *L) {
  stream *s = self(L, "rng:permutation");
  bind_arguments(L, 2, "rng:permutation");
  lua_Integer n = bind_checkint(L, 2, "rng:permutation", "n", 0, (lua_Integer)1 << 53);
  limn_array *a = bind_newvector(L, (size_t)n);
  limn_rng_fill_permutation(&s->rng, a->data, (size_t)n);
  push_whole(L, a);
  return 1;
}

static stream *argument(lua_State *L, int arg) {
  stream *s = luaL_testudata(L, arg, LIMN_RNG);
  if (!s)
    bind_error(L, "rng: argument %d must be a limn.rng stream, got %s", arg, bind_typename(L, arg));
  return s;
}

/* fill(stream, kind, n, a, b) -> a vector of n numbers, or one for nil; whole numbers where the
 * distribution has them. limn/rng.lua checks the parameters. */
static int l_fill(lua_State *L) {
  static const char *const kinds[] = {"exponential", "gamma", "beta", "binomial", "poisson", NULL};
  stream *s = argument(L, 1);
  int kind = luaL_checkoption(L, 2, NULL, kinds);
  bool one = lua_isnoneornil(L, 3);
  size_t n = one ? 1 : (size_t)bind_checkint(L, 3, "rng", "n", 0, LUA_MAXINTEGER);
  double a = luaL_optnumber(L, 4, 0), b = luaL_optnumber(L, 5, 0);
  limn_array *out = bind_rawarray(L, LIMN_F64, 1, &n);
  switch (kind) {
  case 0:
    limn_rng_fill_exponential(&s->rng, out->data, n);
    break;
  case 1:
    limn_rng_fill_gamma(&s->rng, out->data, n, a);
    break;
  case 2:
    limn_rng_fill_beta(&s->rng, out->data, n, a, b);
    break;
  case 3:
    limn_rng_fill_binomial(&s->rng, out->data, n, a, b);
    break;
  default:
    limn_rng_fill_poisson(&s->rng, out->data, n, a);
  }
  double x = n > 0 ? *(double *)out->data : 0;
  if (one && kind >= 3)
    lua_pushinteger(L, (lua_Integer)x);
  else if (one)
    lua_pushnumber(L, x);
  else if (kind >= 3)
    push_whole(L, out);
  return 1;
}

/* named(functions): what normal and uniform call for options */
static int l_named(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  lua_setfield(L, LUA_REGISTRYINDEX, NAMED);
  return 0;
}

/* assign(to, from): `to` draws from now on what `from` would; `from` does not change. */
static int l_assign(lua_State *L) {
  stream *to = argument(L, 1);
  const stream *from = argument(L, 2);
  to->rng = from->rng;
  to->forks = from->forks;
  return 0;
}

/* same(a, b): whether both draw the same from now on. */
static int l_same(lua_State *L) {
  const stream *a = argument(L, 1), *b = argument(L, 2);
  const limn_rng *u = &a->rng, *v = &b->rng;
  lua_pushboolean(L, memcmp(u->key.key, v->key.key, sizeof u->key.key) == 0 &&
                         u->key.salt == v->key.salt && u->lane == v->lane && u->block == v->block &&
                         u->left == v->left && a->forks == b->forks);
  return 1;
}

/* state(stream) -> bytes from which `restore` continues, in this build of limn */
static int l_state(lua_State *L) {
  const stream *s = argument(L, 1);
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  luaL_addlstring(&b, (const char *)&s->rng, sizeof s->rng);
  luaL_addlstring(&b, (const char *)&s->forks, sizeof s->forks);
  luaL_pushresult(&b);
  return 1;
}

/* restore(stream, bytes): the stream draws from now on what the one of `state` would */
static int l_restore(lua_State *L) {
  size_t n;
  stream *s = argument(L, 1);
  const char *bytes = luaL_checklstring(L, 2, &n);
  if (n != sizeof s->rng + sizeof s->forks)
    bind_error(L, "rng: the saved state of a stream is damaged (%d bytes)", (int)n);
  memcpy(&s->rng, bytes, sizeof s->rng);
  memcpy(&s->forks, bytes + sizeof s->rng, sizeof s->forks);
  return 0;
}

static int l_tostring(lua_State *L) {
  lua_pushfstring(L, "limn.rng %s", self(L, "tostring")->name);
  return 1;
}

int l_open_rng(lua_State *L) {
  static const luaL_Reg methods[] = {{"uniform", l_uniform},
                                     {"normal", l_normal},
                                     {"sign", l_sign},
                                     {"integer", l_integer},
                                     {"permutation", l_permutation},
                                     {"fork", l_fork_stream},
                                     {NULL, NULL}};
  static const luaL_Reg meta[] = {{"__tostring", l_tostring}, {NULL, NULL}};
  bind_class(L, LIMN_RNG, methods, meta);
  static const luaL_Reg functions[] = {
      {"stream", l_new_stream}, {"assign", l_assign}, {"same", l_same},   {"state", l_state},
      {"restore", l_restore},   {"fill", l_fill},     {"named", l_named}, {NULL, NULL}};
  luaL_newlib(L, functions);
  luaL_getmetatable(L, LIMN_RNG);
  lua_getfield(L, -1, "__methods");
  lua_setfield(L, -3, "methods");
  lua_pop(L, 1);
  return 1;
}
