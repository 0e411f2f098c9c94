/* features.c: limn.native.features: FeatureSets as userdata. Options and defaults are in
 * limn/features.lua. */
#include "bind/fields.h"
#include "limn/features.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static limn_features **push_box(lua_State *L) {
  limn_features **box = lua_newuserdatauv(L, sizeof(void *), 1);
  *box = NULL;
  luaL_setmetatable(L, LIMN_FEATURES);
  return box;
}

limn_features *bind_testfeatures(lua_State *L, int idx) {
  limn_features **box = luaL_testudata(L, idx, LIMN_FEATURES);
  return box ? *box : NULL;
}

limn_features *bind_checkfeatures(lua_State *L, int idx, const char *who, const char *name) {
  limn_features *f = bind_testfeatures(L, idx);
  if (!f) {
    if (luaL_testudata(L, idx, LIMN_FEATURES)) bind_error(L, "%s: %s was closed", who, name);
    bind_error(L, "%s: %s must be a FeatureSet, got %s", who, name, bind_typename(L, idx));
  }
  return f;
}

static int l_gc(lua_State *L) {
  limn_features **box = luaL_checkudata(L, 1, LIMN_FEATURES);
  limn_features_free(*box);
  *box = NULL;
  return 0;
}

/* The class at stack top: {name=, count=, rho=, constant=, first=}. */
static void read_class(lua_State *L, const char *who, limn_class *c) {
  *c = (limn_class){.count = (uint64_t)bind_integerfield(L, -1, who, "count", 0, LUA_MAXINTEGER),
                    .rho = bind_optnumberfield(L, -1, who, "rho", 0),
                    .constant = bind_flagfield(L, -1, "constant")};
  c->first = (uint64_t)bind_optintegerfield(L, -1, who, "first", 1, LUA_MAXINTEGER, 1) - 1;
  lua_getfield(L, -1, "name");
  snprintf(c->name, sizeof c->name, "%s", luaL_checkstring(L, -1));
  lua_pop(L, 1);
}

static int read_classes(lua_State *L, int idx, const char *who, limn_class *out) {
  lua_Integer n = luaL_len(L, idx);
  if (n > LIMN_MAX_CLASSES)
    bind_error(L, "%s: at most %d classes, got %lld", who, LIMN_MAX_CLASSES, (long long)n);
  for (int k = 0; k < n; k++) {
    lua_geti(L, idx, k + 1);
    read_class(L, who, &out[k]);
    lua_pop(L, 1);
  }
  return (int)n;
}

/* make(who, {kind=, storage=, points=, classes=, labels=, seed=, point=, rep=}) -> FeatureSet */
static int l_make(lua_State *L) {
  const char *who = luaL_checkstring(L, 1);
  lua_settop(L, 2);
  limn_features_spec spec = {
      .kind = (limn_kind)bind_wordfield(L, 2, who, "kind", LIMN_WORDS_DRAWN_KIND),
      .storage = (limn_storage)bind_wordfield(L, 2, who, "storage", LIMN_WORDS_STORAGE),
      .points = (uint64_t)bind_integerfield(L, 2, who, "points", 0, LUA_MAXINTEGER),
      .seed = bind_keyfield(L, 2, who, "seed"),
      .point = bind_keyfield(L, 2, who, "point"),
      .rep = bind_keyfield(L, 2, who, "rep")};
  lua_getfield(L, 2, "classes");
  spec.classes = read_classes(L, 3, who, spec.class_of);
  lua_getfield(L, 2, "labels");
  if (!lua_isnil(L, 4)) {
    size_t rows, cols;
    spec.labels = bind_doubles(L, 4, who, "labels", &rows, &cols);
    if (rows * cols != spec.points)
      bind_error(L, "%s: labels has %zu entries but points is %llu", who, rows * cols,
                 (unsigned long long)spec.points);
  }
  limn_features **box = push_box(L);
  limn_token token = bind_token(L);
  limn_err err;
  limn_status status = limn_features_new(box, &spec, &token, &err);
  bind_check(L, status, &err, who);
  bind_offheap(L, limn_features_bytes(*box));
  return 1;
}

/* from(who, X, classes, labels|nil) -> FeatureSet */
static int l_from(lua_State *L) {
  const char *who = luaL_checkstring(L, 1);
  lua_settop(L, 4);
  size_t points, count, rows, cols;
  const double *x = bind_doubles(L, 2, who, "X", &points, &count), *labels = NULL;
  if (!lua_isnil(L, 4)) {
    labels = bind_doubles(L, 4, who, "labels", &rows, &cols);
    if (rows * cols != points)
      bind_error(L, "%s: labels has %zu entries but X has %zu rows", who, rows * cols, points);
  }
  limn_class classes[LIMN_MAX_CLASSES];
  int n = read_classes(L, 3, who, classes);
  limn_features **box = push_box(L);
  limn_err err;
  bind_check(L, limn_features_from(box, x, points, count, labels, classes, n, &err), &err, who);
  bind_offheap(L, limn_features_bytes(*box));
  return 1;
}

static int l_gram(lua_State *L) {
  const limn_features *f = bind_checkfeatures(L, 1, "features:gram", "self");
  bind_arguments(L, 1, "features:gram");
  size_t d = (size_t)limn_features_points(f);
  double wanted = (double)d * (double)d * 0x1p-27;
  double have = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGE_SIZE) * 0x1p-30;
  if (wanted > have)
    bind_error(L, "features:gram: K is %zu x %zu and would take %.1f GiB; this machine has %.1f", d,
               d, wanted, have);
  limn_array *k = bind_newmatrix(L, d, d);
  limn_token token = bind_token(L);
  limn_err err;
  bind_check(L, limn_features_gram(k->data, f, &token, &err), &err, "features:gram");
  return 1;
}

static void push_columns(lua_State *L, const limn_features *f, const char *who, uint64_t first,
                         uint64_t count) {
  size_t d = (size_t)limn_features_points(f);
  if ((double)count * (double)d > 0x1p36)
    bind_error(L, "%s: %llu columns of %zu points would take %.0f GiB", who,
               (unsigned long long)count, d, (double)count * (double)d * 0x1p-27);
  limn_array *a = bind_newmatrix(L, d, count);
  limn_token token = bind_token(L);
  limn_err err;
  bind_check(L, limn_features_columns(a->data, count, f, first, count, &token, &err), &err, who);
}

static int l_columns(lua_State *L) {
  const limn_features *f = bind_checkfeatures(L, 1, "features:columns", "self");
  bind_arguments(L, 3, "features:columns");
  lua_Integer n = (lua_Integer)limn_features_count(f);
  lua_Integer first = bind_checkint(L, 2, "features:columns", "first", 1, n);
  lua_Integer last =
      lua_isnoneornil(L, 3) ? first : bind_checkint(L, 3, "features:columns", "last", first, n);
  push_columns(L, f, "features:columns", (uint64_t)first - 1, (uint64_t)(last - first) + 1);
  return 1;
}

static int l_dense(lua_State *L) {
  const limn_features *f = bind_checkfeatures(L, 1, "features:dense", "self");
  bind_arguments(L, 1, "features:dense");
  push_columns(L, f, "features:dense", 0, limn_features_count(f));
  return 1;
}

static void push_classes(lua_State *L, const limn_features *f) {
  lua_createtable(L, limn_features_classes(f), 0);
  for (int k = 0; k < limn_features_classes(f); k++) {
    const limn_class *c = limn_features_class(f, k);
    lua_createtable(L, 0, 5);
    bind_setstring(L, "name", c->name);
    bind_setinteger(L, "first", c->first + 1);
    bind_setinteger(L, "last", c->first + c->count);
    bind_setinteger(L, "count", c->count);
    if (!c->constant) bind_setknown(L, "rho", c->rho);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, c->name); /* classes[2] and classes.random are the same table */
    lua_rawseti(L, -2, k + 1);
  }
}

/* The fraction of perfect columns among all but the bias; nil for the user's own matrix. */
static void push_fraction(lua_State *L, const limn_features *f) {
  double perfect = 0, all = 0;
  for (int k = 0; k < limn_features_classes(f); k++) {
    const limn_class *c = limn_features_class(f, k);
    if (c->constant) continue;
    all += (double)c->count;
    if (c->rho == 1) perfect += (double)c->count;
  }
  if (limn_features_kind(f) == LIMN_REAL || all == 0)
    lua_pushnil(L);
  else
    lua_pushnumber(L, perfect / all);
}

static int l_index(lua_State *L) {
  const limn_features *f = bind_checkfeatures(L, 1, "features", "self");
  const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
  if (strcmp(key, "points") == 0)
    lua_pushinteger(L, (lua_Integer)limn_features_points(f));
  else if (strcmp(key, "count") == 0)
    lua_pushinteger(L, (lua_Integer)limn_features_count(f));
  else if (strcmp(key, "bytes") == 0)
    lua_pushinteger(L, (lua_Integer)limn_features_bytes(f));
  else if (strcmp(key, "kind") == 0)
    lua_pushstring(L, limn_word_name(LIMN_WORDS_KIND, (int)limn_features_kind(f)));
  else if (strcmp(key, "storage") == 0)
    lua_pushstring(L, limn_word_name(LIMN_WORDS_STORAGE, (int)limn_features_storage(f)));
  else if (strcmp(key, "fraction") == 0 || strcmp(key, "share") == 0 /* former name */)
    push_fraction(L, f);
  else if (strcmp(key, "classes") == 0)
    push_classes(L, f);
  else if (strcmp(key, "labels") == 0) {
    const double *labels = limn_features_labels(f);
    if (!labels) return lua_pushnil(L), 1;
    size_t d = (size_t)limn_features_points(f);
    limn_array *a = bind_newvector(L, d);
    memcpy(a->data, labels, d * sizeof *labels);
  } else {
    luaL_getmetafield(L, 1, "__methods");
    lua_pushvalue(L, 2);
    lua_gettable(L, -2);
  }
  return 1;
}

static int l_tostring(lua_State *L) {
  const limn_features *f = bind_testfeatures(L, 1);
  if (!f) return lua_pushliteral(L, "limn.features (closed)"), 1;
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  lua_pushfstring(L, "limn.features %I points x %I features, %s, %s:",
                  (LUAI_UACINT)limn_features_points(f), (LUAI_UACINT)limn_features_count(f),
                  limn_word_name(LIMN_WORDS_KIND, (int)limn_features_kind(f)),
                  limn_word_name(LIMN_WORDS_STORAGE, (int)limn_features_storage(f)));
  luaL_addvalue(&b);
  for (int k = 0; k < limn_features_classes(f); k++) {
    const limn_class *c = limn_features_class(f, k);
    lua_pushfstring(L, "%s %s %I", k ? "," : "", c->name, (LUAI_UACINT)c->count);
    luaL_addvalue(&b);
  }
  luaL_pushresult(&b);
  return 1;
}

int l_open_features(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"gram", l_gram}, {"columns", l_columns}, {"dense", l_dense}, {NULL, NULL}};
  static const luaL_Reg meta[] = {{"__gc", l_gc},
                                  {"__close", l_gc},
                                  {"__index", l_index},
                                  {"__tostring", l_tostring},
                                  {NULL, NULL}};
  static const luaL_Reg functions[] = {{"make", l_make}, {"from", l_from}, {NULL, NULL}};
  bind_class(L, LIMN_FEATURES, methods, meta);
  luaL_newlib(L, functions);
  return 1;
}
