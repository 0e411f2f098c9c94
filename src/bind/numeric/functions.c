/* functions.c: limn.native.functions: counts of patterns of signs as userdata, and what is computed
 * from them. limn/functions has the options; the first argument of most functions is the name that
 * the user typed. Patterns are strings of + and -, first input first. */
#include "limn/functions.h"

#include <math.h>
#include <string.h>
#include "bind/fields.h"

#define LIMN_COUNTS "limn.functions.counts"

static limn_functions_counts **new_counts(lua_State *L, const char *who, size_t points,
                                          size_t space) {
  limn_functions_counts **u = lua_newuserdatauv(L, sizeof(void *), 0);
  *u = NULL;
  luaL_setmetatable(L, LIMN_COUNTS);
  limn_err err;
  bind_check(L, limn_functions_counts_new(u, points, space, &err), &err, who);
  return u;
}

static limn_functions_counts *counts_at(lua_State *L, int idx) {
  limn_functions_counts *c = *(limn_functions_counts **)luaL_checkudata(L, idx, LIMN_COUNTS);
  if (!c) bind_error(L, "functions: the counts were released");
  return c;
}

static int l_gc(lua_State *L) {
  limn_functions_counts **u = luaL_checkudata(L, 1, LIMN_COUNTS);
  limn_functions_counts_free(*u);
  *u = NULL;
  return 0;
}

/* The pattern at idx as new words, which the state owns (pushed); NULL: not a pattern of that
 * length. */
static uint64_t *words_at(lua_State *L, int idx, size_t points) {
  size_t n;
  const char *text = lua_type(L, idx) == LUA_TSTRING ? lua_tolstring(L, idx, &n) : NULL;
  if (!text || n != points) return NULL;
  size_t size = limn_functions_words(points) * sizeof(uint64_t);
  uint64_t *words = lua_newuserdatauv(L, size, 0);
  memset(words, 0, size);
  for (size_t p = 0; p < n; p++) {
    if (text[p] != '+' && text[p] != '-') return NULL;
    words[p / 64] |= (uint64_t)(text[p] == '+') << p % 64;
  }
  return words;
}

/* The same; raises for anything else. */
static uint64_t *checkwords(lua_State *L, int idx, const char *who, const char *name,
                            size_t points) {
  uint64_t *words = words_at(L, idx, points);
  if (!words) bind_error(L, "%s: %s must be a string of %d signs, + or -", who, name, (int)points);
  return words;
}

/* {sizes = {..}, activation=, weight=, bias=, readouts=, seed=, point=, rep=} */
static limn_functions_net net_at(lua_State *L, int idx, const char *who) {
  limn_functions_net s = {.weight = bind_numberfield(L, idx, who, "weight"),
                          .bias = bind_numberfield(L, idx, who, "bias"),
                          .seed = bind_keyfield(L, idx, who, "seed"),
                          .point = bind_keyfield(L, idx, who, "point"),
                          .rep = bind_keyfield(L, idx, who, "rep")};
  s.phi = (limn_phi)bind_wordfield(L, idx, who, "activation", LIMN_WORDS_KERNEL_ACTIVATION);
  s.readouts = (size_t)bind_integerfield(L, idx, who, "readouts", 1, 1024);
  lua_getfield(L, idx, "sizes");
  luaL_checktype(L, -1, LUA_TTABLE);
  size_t n = lua_rawlen(L, -1);
  if (n < 2 || n > LIMN_FUNCTIONS_LAYERS + 1)
    bind_error(L, "%s: sizes must have 2 to %d entries, got %d", who, LIMN_FUNCTIONS_LAYERS + 1,
               (int)n);
  s.layers = n - 1;
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, -1, (lua_Integer)i + 1);
    s.sizes[i] = (size_t)bind_checkint(L, -1, who, "sizes", 1, (lua_Integer)LIMN_FUNCTIONS_WIDTH);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return s;
}

/* X at idx; its columns must be the inputs of the net. */
static const double *inputs_at(lua_State *L, int idx, const char *who, const limn_functions_net *s,
                               size_t *points) {
  size_t cols;
  const double *x = bind_doubles(L, idx, who, "X", points, &cols);
  if (cols != s->sizes[0])
    bind_error(L, "%s: X has %d columns, but the nets have %d inputs", who, (int)cols,
               (int)s->sizes[0]);
  return x;
}

/* tally(who, X, net, groups, space, labels | nil, mask | nil) -> counts, nets drawn */
static int l_tally(lua_State *L) {
  const char *who = luaL_checkstring(L, 1);
  size_t points;
  uint64_t tried = 0;
  lua_settop(L, 7);
  limn_functions_net s = net_at(L, 3, who);
  const double *x = inputs_at(L, 2, who, &s, &points);
  uint64_t groups = (uint64_t)bind_checkint(L, 4, who, "samples", 1, (lua_Integer)1 << 52);
  size_t space = (size_t)bind_checkint(L, 5, who, "space", 1, 1 << 28);
  uint64_t *labels = NULL, *mask = NULL;
  if (!lua_isnil(L, 6)) {
    labels = checkwords(L, 6, who, "labels", points);
    mask = checkwords(L, 7, who, "mask", points);
  }
  limn_functions_counts *c = *new_counts(L, who, points, space);
  limn_token token = bind_token(L);
  limn_err err;
  limn_status status = limn_functions_tally(c, &tried, x, &s, groups, labels, mask, &token, &err);
  if (!status) status = limn_functions_rank(c, &err);
  bind_check(L, status, &err, who);
  lua_pushinteger(L, (lua_Integer)tried);
  return 2;
}

/* count(who, list of patterns | values (functions, points), points, space) -> counts */
static int l_count(lua_State *L) {
  const char *who = luaL_checkstring(L, 1);
  lua_settop(L, 4);
  size_t points = (size_t)bind_checkint(L, 3, who, "points", 1, (lua_Integer)LIMN_FUNCTIONS_POINTS);
  limn_functions_counts *c = *new_counts(L, who, points, (size_t)luaL_checkinteger(L, 4));
  limn_err err;
  if (lua_istable(L, 2)) {
    lua_Integer n = (lua_Integer)lua_rawlen(L, 2);
    for (lua_Integer i = 1; i <= n; i++) {
      lua_rawgeti(L, 2, i);
      uint64_t *words = checkwords(L, lua_gettop(L), who, "a pattern", points);
      bind_check(L, limn_functions_count(c, words, 1, &err), &err, who);
      lua_pop(L, 2);
    }
  } else {
    size_t rows, cols, words = limn_functions_words(points);
    const double *x = bind_doubles(L, 2, who, "values", &rows, &cols);
    uint64_t *pattern = lua_newuserdatauv(L, words * sizeof *pattern, 0);
    for (size_t i = 0; i < rows; i++) {
      memset(pattern, 0, words * sizeof *pattern);
      for (size_t p = 0; p < points; p++)
        pattern[p / 64] |= (uint64_t)(x[i * cols + p] > 0) << p % 64;
      bind_check(L, limn_functions_count(c, pattern, 1, &err), &err, who);
    }
  }
  bind_check(L, limn_functions_rank(c, &err), &err, who);
  lua_pushvalue(L, 5);
  return 1;
}

/* chains(who, X, net, labels, mask, {chains=, samples=, burn=, thin=, space=})
 * -> counts, R-hat, effective samples, steps until the fit; nil, message */
static int l_chains(lua_State *L) {
  const char *who = luaL_checkstring(L, 1);
  size_t points;
  lua_settop(L, 6);
  limn_functions_net s = net_at(L, 3, who);
  const double *x = inputs_at(L, 2, who, &s, &points);
  uint64_t *labels = checkwords(L, 4, who, "labels", points);
  uint64_t *mask = checkwords(L, 5, who, "mask", points);
  size_t chains = (size_t)bind_integerfield(L, 6, who, "chains", 1, 4096);
  size_t samples = (size_t)bind_integerfield(L, 6, who, "samples", 4, 1 << 26);
  size_t burn = (size_t)bind_integerfield(L, 6, who, "burn", 0, 1 << 30);
  size_t thin = (size_t)bind_integerfield(L, 6, who, "thin", 1, 1 << 20);
  size_t words = limn_functions_words(points);
  uint64_t *patterns = lua_newuserdatauv(L, chains * samples * words * sizeof *patterns, 0);
  limn_array *steps = bind_newvector(L, chains);
  uint64_t *taken = lua_newuserdatauv(L, chains * sizeof *taken, 0);
  limn_functions_counts *c = *new_counts(L, who, points, 1 << 28);
  int at = lua_gettop(L);
  limn_token token = bind_token(L);
  limn_err err;
  double rhat = NAN, ess = NAN;
  limn_status status = limn_functions_chains(patterns, taken, chains, samples, burn, thin, x,
                                             points, &s, labels, mask, &token, &err);
  if (status == LIMN_ENUMERIC) return bind_failed(L, status, &err, who);
  if (!status) status = limn_functions_mixing(&rhat, &ess, patterns, chains, samples, points, &err);
  if (!status) status = limn_functions_count(c, patterns, chains * samples, &err);
  if (!status) status = limn_functions_rank(c, &err);
  bind_check(L, status, &err, who);
  for (size_t k = 0; k < chains; k++) ((double *)steps->data)[k] = (double)taken[k];
  lua_pushvalue(L, at);
  lua_pushnumber(L, rhat);
  lua_pushnumber(L, ess);
  lua_pushvalue(L, at - 2);
  return 4;
}

/* info(counts) -> kinds, total, error, points */
static int l_info(lua_State *L) {
  const limn_functions_counts *c = counts_at(L, 1);
  lua_pushinteger(L, (lua_Integer)limn_functions_kinds(c));
  lua_pushinteger(L, (lua_Integer)limn_functions_total(c));
  lua_pushinteger(L, (lua_Integer)limn_functions_error(c));
  lua_pushinteger(L, (lua_Integer)limn_functions_points(c));
  return 4;
}

/* find(counts, pattern) -> rank, count; nothing if it did not occur or is no pattern */
static int l_find(lua_State *L) {
  const limn_functions_counts *c = counts_at(L, 1);
  lua_settop(L, 2);
  uint64_t *words = words_at(L, 2, limn_functions_points(c));
  size_t rank = words ? limn_functions_find(c, words) : limn_functions_kinds(c);
  if (rank == limn_functions_kinds(c)) return 0;
  lua_pushinteger(L, (lua_Integer)rank + 1);
  lua_pushinteger(L, (lua_Integer)limn_functions_number(c, rank));
  return 2;
}

/* get(counts, rank) -> pattern, count; nothing beyond the last */
static int l_get(lua_State *L) {
  const limn_functions_counts *c = counts_at(L, 1);
  lua_Integer rank = luaL_checkinteger(L, 2);
  if (rank < 1 || (uint64_t)rank > limn_functions_kinds(c)) return 0;
  size_t points = limn_functions_points(c);
  const uint64_t *words = limn_functions_pattern(c, (size_t)rank - 1);
  luaL_Buffer b;
  char *text = luaL_buffinitsize(L, &b, points);
  for (size_t p = 0; p < points; p++) text[p] = words[p / 64] >> p % 64 & 1 ? '+' : '-';
  luaL_pushresultsize(&b, points);
  lua_pushinteger(L, (lua_Integer)limn_functions_number(c, (size_t)rank - 1));
  return 2;
}

/* numbers(counts) -> array of the counts by rank */
static int l_numbers(lua_State *L) {
  const limn_functions_counts *c = counts_at(L, 1);
  size_t n = limn_functions_kinds(c);
  double *out = bind_newvector(L, n)->data;
  for (size_t i = 0; i < n; i++) out[i] = (double)limn_functions_number(c, i);
  return 1;
}

/* plus(counts) -> array: samples with + at each point, from the counts kept */
static int l_plus(lua_State *L) {
  const limn_functions_counts *c = counts_at(L, 1);
  size_t points = limn_functions_points(c);
  double *out = bind_newvector(L, points)->data;
  for (size_t i = 0; i < limn_functions_kinds(c); i++) {
    const uint64_t *words = limn_functions_pattern(c, i);
    double n = (double)limn_functions_number(c, i);
    for (size_t p = 0; p < points; p++)
      if (words[p / 64] >> p % 64 & 1) out[p] += n;
  }
  return 1;
}

/* differ(counts, pattern, mask) -> array by rank: points of the mask where the signs differ */
static int l_differ(lua_State *L) {
  const limn_functions_counts *c = counts_at(L, 1);
  size_t points = limn_functions_points(c), n = limn_functions_kinds(c);
  lua_settop(L, 3);
  const uint64_t *to = checkwords(L, 2, "functions", "target", points);
  const uint64_t *mask = checkwords(L, 3, "functions", "mask", points);
  double *out = bind_newvector(L, n)->data;
  for (size_t i = 0; i < n; i++) {
    const uint64_t *words = limn_functions_pattern(c, i);
    for (size_t w = 0; w < limn_functions_words(points); w++)
      out[i] += __builtin_popcountll((words[w] ^ to[w]) & mask[w]);
  }
  return 1;
}

/* orthant(who, covariance, signs, samples, seed) -> ln P, its error */
static int l_orthant(lua_State *L) {
  const char *who = luaL_checkstring(L, 1);
  size_t rows, cols;
  lua_settop(L, 5);
  const double *cov = bind_doubles(L, 2, who, "covariance", &rows, &cols);
  if (rows != cols)
    bind_error(L, "%s: covariance must be square, got %d x %d", who, (int)rows, (int)cols);
  const uint64_t *signs = checkwords(L, 3, who, "signs", rows);
  size_t samples = (size_t)bind_checkint(L, 4, who, "samples", 16, 1 << 30);
  uint64_t seed = bind_checkkey(L, 5, who, "seed");
  double log_p = NAN, error = NAN;
  limn_token token = bind_token(L);
  limn_err err;
  limn_status status =
      limn_functions_orthant(&log_p, &error, cov, rows, signs, samples, seed, &token, &err);
  bind_check(L, status, &err, who);
  lua_pushnumber(L, log_p);
  lua_pushnumber(L, error);
  return 2;
}

/* measures(who, counts, functions, bits) -> (functions, columns); bits 0: not a cube */
static int l_measures(lua_State *L) {
  const char *who = luaL_checkstring(L, 1);
  const limn_functions_counts *c = counts_at(L, 2);
  size_t n = (size_t)luaL_checkinteger(L, 3), bits = (size_t)luaL_checkinteger(L, 4);
  limn_array *out = bind_newmatrix(L, n, LIMN_FUNCTIONS_COLUMNS);
  limn_err err;
  const uint64_t *first = n > 0 ? limn_functions_pattern(c, 0) : NULL;
  bind_check(L, limn_functions_measures(out->data, first, n, limn_functions_points(c), bits, &err),
             &err, who);
  return 1;
}

/* gates(who, counts, functions, bits) -> array */
static int l_gates(lua_State *L) {
  const char *who = luaL_checkstring(L, 1);
  const limn_functions_counts *c = counts_at(L, 2);
  size_t n = (size_t)luaL_checkinteger(L, 3), bits = (size_t)luaL_checkinteger(L, 4);
  limn_array *out = bind_newvector(L, n);
  limn_err err;
  const uint64_t *first = n > 0 ? limn_functions_pattern(c, 0) : NULL;
  bind_check(L, limn_functions_gates(out->data, first, n, bits, &err), &err, who);
  return 1;
}

int l_open_functions(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"tally", l_tally},   {"count", l_count},     {"chains", l_chains},     {"info", l_info},
      {"find", l_find},     {"get", l_get},         {"numbers", l_numbers},   {"plus", l_plus},
      {"differ", l_differ}, {"orthant", l_orthant}, {"measures", l_measures}, {"gates", l_gates},
      {NULL, NULL}};
  static const luaL_Reg meta[] = {{"__gc", l_gc}, {NULL, NULL}};
  bind_class(L, LIMN_COUNTS, NULL, meta);
  luaL_newlib(L, functions);
  return 1;
}
