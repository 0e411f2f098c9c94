/* programs.c: spaces of programs as userdata. limn/programs.lua adds validation, defaults and
 * methods. */
#include "bind/fields.h"

#include <math.h>
#include <string.h>
#include "limn/programs.h"

#define LIMN_SPACE "limn.programs.space"

static limn_space *check_space(lua_State *L, const char *who) {
  limn_space **u = luaL_testudata(L, 1, LIMN_SPACE);
  limn_space *s = u ? *u : NULL;
  if (!s) bind_error(L, "%s: expected an open space of programs, got %s", who, bind_typename(L, 1));
  return s;
}

static int l_gc(lua_State *L) {
  limn_space **u = luaL_checkudata(L, 1, LIMN_SPACE);
  limn_programs_free(*u);
  *u = NULL;
  return 0;
}

/* space(language, inputs, max_bits) -> userdata */
static int l_space(lua_State *L) {
  limn_language language =
      (limn_language)bind_checkword(L, 1, "programs.space", "language", LIMN_WORDS_LANGUAGE);
  int inputs = (int)bind_checkint(L, 2, "programs.space", "inputs", 1, 6);
  int bits = (int)bind_checkint(L, 3, "programs.space", "max_bits", 1, LIMN_PROGRAM_BITS);
  limn_space **u = lua_newuserdatauv(L, sizeof(void *), 0);
  *u = NULL;
  luaL_setmetatable(L, LIMN_SPACE);
  limn_err err;
  limn_token token = bind_token(L);
  bind_check(L, limn_programs_enumerate(u, language, inputs, bits, &token, &err), &err,
             "programs.space");
  return 1;
}

/* info(space) -> programs, evaluations, functions, mass, failed (both as fractions of 1) */
static int l_info(lua_State *L) {
  const limn_space *s = check_space(L, "programs.info");
  lua_pushinteger(L, (lua_Integer)limn_programs_total(s));
  lua_pushinteger(L, (lua_Integer)limn_programs_evaluations(s));
  lua_pushinteger(L, (lua_Integer)limn_programs_functions(s));
  lua_pushnumber(L, ldexp((double)limn_programs_mass(s), -limn_programs_max_bits(s)));
  lua_pushnumber(L, ldexp((double)limn_programs_failed(s), -limn_programs_max_bits(s)));
  return 5;
}

/* columns(space) -> bits, count, prior (normalised): arrays over the functions */
static int l_columns(lua_State *L) {
  const limn_space *s = check_space(L, "programs.columns");
  size_t n = limn_programs_functions(s);
  double *bits = bind_newvector(L, n)->data, *count = bind_newvector(L, n)->data,
         *prior = bind_newvector(L, n)->data;
  for (size_t i = 0; i < n; i++) {
    const limn_function *f = limn_programs_function(s, i);
    bits[i] = (double)(f->program >> 56);
    count[i] = (double)f->count;
    prior[i] = (double)f->weight / (double)limn_programs_mass(s);
  }
  return 3;
}

/* get(space, i) -> table, count, bits, prior, source */
static int l_get(lua_State *L) {
  const limn_space *s = check_space(L, "space:get");
  size_t i = (size_t)bind_checkint(L, 2, "space:get", "function", 1,
                                   (lua_Integer)limn_programs_functions(s)) -
             1;
  const limn_function *f = limn_programs_function(s, i);
  char text[400];
  limn_programs_source(text, sizeof text, limn_programs_language(s), limn_programs_inputs(s),
                       f->program);
  lua_pushinteger(L, (lua_Integer)f->table);
  lua_pushinteger(L, (lua_Integer)f->count);
  lua_pushinteger(L, (lua_Integer)(f->program >> 56));
  lua_pushnumber(L, (double)f->weight / (double)limn_programs_mass(s));
  lua_pushstring(L, text);
  return 5;
}

/* find(space, table) -> i or nil */
static int l_find(lua_State *L) {
  const limn_space *s = check_space(L, "space:find");
  size_t i = limn_programs_find(s, bind_checkkey(L, 2, "space:find", "table"));
  if (i == SIZE_MAX)
    lua_pushnil(L);
  else
    lua_pushinteger(L, (lua_Integer)i + 1);
  return 1;
}

/* A list of integers (Lua table or array) at idx as uint32 input numbers, in a userdata that is
 * pushed. */
static uint32_t *inputs_at(lua_State *L, int idx, const char *who, size_t *n) {
  size_t rows, cols;
  const double *x = bind_doubles(L, idx, who, "inputs", &rows, &cols);
  *n = rows * cols;
  uint32_t *out = lua_newuserdatauv(L, *n * sizeof *out + 1, 0);
  for (size_t i = 0; i < *n; i++) out[i] = x[i] >= 0 && x[i] < 64 ? (uint32_t)x[i] : UINT32_MAX;
  return out;
}

/* posterior(space, input numbers, labels, flip) -> log posterior array, log evidence */
static int l_posterior(lua_State *L) {
  static const char who[] = "programs.posterior";
  const limn_space *s = check_space(L, who);
  size_t n, rows, cols;
  lua_settop(L, 4);
  const double *y = bind_doubles(L, 3, who, "labels", &rows, &cols);
  uint32_t *x = inputs_at(L, 2, who, &n);
  if (rows * cols != n)
    return bind_error(L, "%s: labels has %d entries but X has %d rows", who, (int)(rows * cols),
                      (int)n);
  double evidence, *out = bind_newvector(L, limn_programs_functions(s))->data;
  limn_err err;
  limn_status status =
      limn_programs_posterior(out, &evidence, s, x, y, n, luaL_checknumber(L, 4), &err);
  if (status != LIMN_OK) return bind_failed(L, status, &err, "programs.posterior");
  lua_pushnumber(L, evidence);
  return 2;
}

/* outputs(space, function numbers | nil for all, input numbers, prior) -> (points, functions) array
 */
static int l_outputs(lua_State *L) {
  static const char who[] = "programs.features";
  const limn_space *s = check_space(L, who);
  size_t n, functions = limn_programs_functions(s), rows, cols;
  lua_settop(L, 4);
  const double *picked = NULL;
  if (!lua_isnil(L, 2)) {
    picked = bind_doubles(L, 2, who, "functions", &rows, &cols);
    functions = rows * cols;
  }
  uint32_t *x = inputs_at(L, 3, who, &n);
  size_t *pick = lua_newuserdatauv(L, functions * sizeof *pick + 1, 0);
  for (size_t j = 0; j < functions; j++)
    pick[j] = !picked ? j : picked[j] >= 1 ? (size_t)picked[j] - 1 : SIZE_MAX;
  limn_array *out = bind_newmatrix(L, n, functions);
  limn_err err;
  bind_check(L,
             limn_programs_outputs(out->data, s, pick, functions, x, n, lua_toboolean(L, 4), &err),
             &err, who);
  return 1;
}

/* sample(space, n, seed, point) -> hits array, failed, open */
static int l_sample(lua_State *L) {
  const limn_space *s = check_space(L, "space:sample");
  uint64_t n = (uint64_t)bind_checkint(L, 2, "space:sample", "count", 1, (lua_Integer)1 << 50),
           failed, open;
  size_t functions = limn_programs_functions(s);
  uint64_t *hits = lua_newuserdatauv(L, functions * sizeof *hits + 1, 0);
  limn_err err;
  limn_token token = bind_token(L);
  double *out = bind_newvector(L, functions)->data;
  bind_check(L,
             limn_programs_tally(hits, &failed, &open, s, n,
                                 bind_checkkey(L, 3, "space:sample", "seed"),
                                 bind_checkkey(L, 4, "space:sample", "point"), &token, &err),
             &err, "space:sample");
  for (size_t i = 0; i < functions; i++) out[i] = (double)hits[i];
  lua_pushinteger(L, (lua_Integer)failed);
  lua_pushinteger(L, (lua_Integer)open);
  return 3;
}

/* sequences(bits, max_bits, steps, part, parts) -> weights, shortest (arrays of 2^bits), programs,
 * silent, invalid; weights are sums of 2^-length */
static int l_sequences(lua_State *L) {
  const char *who = "programs.sequences";
  int bits = (int)bind_checkint(L, 1, who, "bits", 1, LIMN_TAPE_PRINTED);
  int max_bits = (int)bind_checkint(L, 2, who, "max_bits", 6, LIMN_TAPE_BITS);
  int steps = (int)bind_checkint(L, 3, who, "steps", 1, 1 << 30);
  int parts = (int)bind_checkint(L, 5, who, "parts", 1, 1 << 20);
  int part = (int)bind_checkint(L, 4, who, "part", 1, parts);
  size_t n = (size_t)1 << bits;
  limn_tape_space space = {.bits = bits};
  space.weight = lua_newuserdatauv(L, n * sizeof *space.weight, 0);
  space.shortest = lua_newuserdatauv(L, n, 0);
  memset(space.weight, 0, n * sizeof *space.weight);
  memset(space.shortest, 0, n);
  limn_token token = bind_token(L);
  limn_err err;
  bind_check(L, limn_tape_enumerate(&space, max_bits, steps, part - 1, parts, &token, &err), &err,
             who);
  double unit = ldexp(1, -3 * (max_bits / 3));
  double *weight = bind_newvector(L, n)->data, *shortest = bind_newvector(L, n)->data;
  for (size_t i = 0; i < n; i++) {
    weight[i] = (double)space.weight[i] * unit;
    shortest[i] = space.shortest[i] ? space.shortest[i] : INFINITY;
  }
  lua_pushinteger(L, (lua_Integer)space.programs);
  lua_pushnumber(L, (double)space.silent * unit);
  lua_pushnumber(L, (double)space.invalid * unit);
  return 5;
}

int l_open_programs(lua_State *L) {
  static const luaL_Reg meta[] = {{"__gc", l_gc}, {"__close", l_gc}, {NULL, NULL}};
  static const luaL_Reg functions[] = {{"space", l_space},         {"info", l_info},
                                       {"columns", l_columns},     {"get", l_get},
                                       {"find", l_find},           {"outputs", l_outputs},
                                       {"sample", l_sample},       {"posterior", l_posterior},
                                       {"sequences", l_sequences}, {NULL, NULL}};
  bind_class(L, LIMN_SPACE, NULL, meta);
  luaL_newlib(L, functions);
  return 1;
}
