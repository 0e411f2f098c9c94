/* contrib.c: class contributions of a fit. limn/contrib.lua reads the fit and names the results. */
#include "bind/fields.h"

#include "limn/contrib.h"

/* Reads the dual at index d or, where that is nil, the weights at index w; checks their lengths. */
static void solution(lua_State *L, const char *who, const limn_features *f, int d, int w,
                     const double **dual, const double **weights) {
  size_t rows = 0, cols = 0;
  uint64_t D = limn_features_points(f), N = limn_features_count(f);
  *dual = *weights = NULL;
  if (!lua_isnil(L, d)) {
    *dual = bind_doubles(L, d, who, "fit.dual", &rows, &cols);
    if (rows * cols != D)
      bind_error(L, "%s: fit.dual has %d entries but features has %d points", who,
                 (int)(rows * cols), (int)D);
  } else {
    *weights = bind_doubles(L, w, who, "fit.weights", &rows, &cols);
    if (rows * cols != N)
      bind_error(L, "%s: fit.weights has %zu entries but features has %zu columns", who,
                 rows * cols, (size_t)N);
  }
}

/* analyse(features, dual|nil, weights|nil, fourth) -> {class, ...}, effective, participation */
static int l_analyse(lua_State *L) {
  static const char who[] = "contrib.analyse";
  lua_settop(L, 4);
  const limn_features *f = bind_checkfeatures(L, 1, who, "features");
  const double *dual, *weights;
  solution(L, who, f, 2, 3, &dual, &weights);
  limn_contribution c[LIMN_MAX_CLASSES];
  int classes = limn_features_classes(f);
  limn_err err;
  limn_token token = bind_token(L);
  limn_status status = dual ? limn_contrib_dual(c, f, dual, lua_toboolean(L, 4), &token, &err)
                            : limn_contrib_weights(c, f, weights, &token, &err);
  bind_check(L, status, &err, "contrib.analyse");
  lua_createtable(L, classes, 0);
  for (int k = 0; k < classes; k++) {
    const limn_class *class = limn_features_class(f, k);
    lua_createtable(L, 0, 10);
    bind_setstring(L, "name", class->name);
    bind_setinteger(L, "count", class->count);
    bind_setknown(L, "rho", class->rho);
    bind_setknown(L, "length", c[k].length);
    bind_setknown(L, "along", c[k].along);
    bind_setknown(L, "across", c[k].across);
    bind_setknown(L, "weight_sq", c[k].weight_sq);
    bind_setknown(L, "weight_abs", c[k].weight_abs);
    bind_setknown(L, "weight_4", c[k].weight_4);
    bind_setknown(L, "least", c[k].least);
    bind_setknown(L, "most", c[k].most);
    lua_rawseti(L, -2, k + 1);
  }
  lua_pushnumber(L, limn_contrib_effective(c, classes));
  double participation = limn_contrib_participation(c, classes);
  if (participation == participation)
    lua_pushnumber(L, participation);
  else
    lua_pushnil(L);
  return 3;
}

/* at(features, dual|nil, weights|nil, new points) -> {array per class} */
static int l_at(lua_State *L) {
  static const char who[] = "contrib.at";
  lua_settop(L, 4);
  const limn_features *f = bind_checkfeatures(L, 1, who, "features");
  const double *dual, *weights;
  solution(L, who, f, 2, 3, &dual, &weights);
  limn_newpoints at = {0};
  if (bind_testfeatures(L, 4)) {
    at.fresh = bind_checkfeatures(L, 4, who, "new points");
    at.points = limn_features_points(at.fresh);
  } else {
    size_t rows, cols;
    at.x = bind_doubles(L, 4, who, "new points", &rows, &cols);
    if (cols != limn_features_count(f))
      return bind_error(L, "%s: the new points have %d features but the fit has %llu", who,
                        (int)cols, (unsigned long long)limn_features_count(f));
    at.points = rows;
  }
  limn_array *out = bind_newmatrix(L, (size_t)limn_features_classes(f), (size_t)at.points);
  limn_err err;
  limn_token token = bind_token(L);
  bind_check(L, limn_contrib_at(out->data, f, weights, dual, &at, &token, &err), &err,
             "contrib.at");
  return 1;
}

int l_open_contrib(lua_State *L) {
  static const luaL_Reg functions[] = {{"analyse", l_analyse}, {"at", l_at}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
