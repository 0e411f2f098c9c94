/* regress.c: native.regress: linear learning rules. Options, defaults and the fit object are in
 * lua/limn/regress.lua. A rule returns a plain table of fields. */
#include "bind/numeric/regress_value.h"

/* minnorm(X, y, keep): keep: whether the weights of a FeatureSet are computed. */
static int l_minnorm(lua_State *L) {
  lua_settop(L, 3);
  limn_design x = bind_checkranked(L, 1, "regress.minnorm", "features");
  const double *y = bind_checklabels(L, 2, &x, "regress.minnorm");
  bool keep = x.dense || lua_toboolean(L, 3);
  limn_array *dual = bind_newvector(L, (size_t)x.points);
  limn_array *weights = keep ? bind_newvector(L, (size_t)x.count) : NULL;
  limn_fit fit;
  limn_err err;
  limn_token token = bind_token(L);
  limn_status st =
      limn_regress_minnorm(&fit, weights ? weights->data : NULL, dual->data, &x, y, &token, &err);
  bind_done(L);
  if (st) return bind_failed(L, st, &err, "regress.minnorm");
  bind_pushfit(L, &fit, &x, keep ? 5 : 0, 4);
  return 1;
}

/* lp(X, y, norm, keep) and l1(X, y, keep) -> fields, or nil, message, fields. */
static int l_lp(lua_State *L) {
  lua_settop(L, 4);
  limn_design x = bind_checkranked(L, 1, "regress.lp", "features");
  const double *y = bind_checklabels(L, 2, &x, "regress.lp");
  double p = luaL_checknumber(L, 3);
  bool keep = x.dense || lua_toboolean(L, 4) || p > 2;
  limn_array *dual = bind_newvector(L, (size_t)x.points);
  limn_array *weights = keep ? bind_newvector(L, (size_t)x.count) : NULL;
  limn_fit fit;
  limn_err err;
  limn_token token = bind_token(L);
  limn_status st =
      limn_regress_lp(&fit, weights ? weights->data : NULL, dual->data, &x, y, p, &token, &err);
  bind_done(L);
  if (st && st != LIMN_ENUMERIC) return bind_failed(L, st, &err, "regress.lp");
  bind_pushfit(L, &fit, &x, keep ? 6 : 0, 5);
  return st ? bind_unconverged(L, st, &err, "regress.lp") : 1;
}

static int l_l1(lua_State *L) {
  lua_settop(L, 2);
  limn_design x = bind_checkranked(L, 1, "regress.l1", "features");
  const double *y = bind_checklabels(L, 2, &x, "regress.l1");
  limn_array *dual = bind_newvector(L, (size_t)x.points),
             *weights = bind_newvector(L, (size_t)x.count);
  limn_fit fit;
  limn_err err;
  limn_token token = bind_token(L);
  limn_status st = limn_regress_l1(&fit, weights->data, dual->data, &x, y, &token, &err);
  bind_done(L);
  if (st && st != LIMN_ENUMERIC) return bind_failed(L, st, &err, "regress.l1");
  bind_pushfit(L, &fit, &x, 4, 3);
  bind_setinteger(L, "degenerate", fit.degenerate);
  return st ? bind_unconverged(L, st, &err, "regress.l1") : 1;
}

/* weights(F, dual, first, count, power): w = F'a for columns first .. first + count - 1 of a
 * FeatureSet; with a power, sign(w)|w|^power. */
static int l_weights(lua_State *L) {
  limn_design x = bind_checkdesign(L, 1, "fit:weights_of", "features");
  if (!x.set)
    bind_error(L, "fit:weights_of: features must be a FeatureSet, got %s", bind_typename(L, 1));
  const double *a = bind_checklabels(L, 2, &x, "fit:weights_of");
  lua_Integer first = bind_checkint(L, 3, "fit:weights_of", "first", 1, (lua_Integer)x.count);
  lua_Integer count =
      bind_checkint(L, 4, "fit:weights_of", "count", 0, (lua_Integer)x.count - first + 1);
  double power = luaL_optnumber(L, 5, 1);
  limn_array *w = bind_newvector(L, (size_t)count);
  limn_err err;
  limn_token token = bind_token(L);
  bind_check(L,
             limn_regress_weights(w->data, x.set, a, power, (uint64_t)first - 1, (uint64_t)count,
                                  &token, &err),
             &err, "fit:weights_of");
  return 1;
}

/* predict(Xnew, count, weights) or predict(Xnew, count, nil, F, dual, power). A vector of `count`
 * numbers counts as one point. */
static int l_predict(lua_State *L) {
  lua_settop(L, 6);
  uint64_t count = (uint64_t)bind_checkint(L, 2, "fit:predict", "count", 1, LUA_MAXINTEGER);
  limn_design x = bind_checkdesign(L, 1, "fit:predict", "features");
  if (x.dense && x.count == 1 && x.points == count && count > 1)
    x = limn_design_dense(x.dense, 1, count);
  if (x.count != count)
    bind_error(L, "fit:predict: features has %llu columns but the fit has %llu weights",
               (unsigned long long)x.count, (unsigned long long)count);
  size_t rows, cols;
  const double *w =
      lua_isnil(L, 3) ? NULL : bind_doubles(L, 3, "fit:predict", "weights", &rows, &cols);
  const double *dual = w ? NULL : bind_doubles(L, 5, "fit:predict", "dual", &rows, &cols);
  limn_design own = {.set = NULL};
  if (!w) own = bind_checkdesign(L, 4, "fit:predict", "the fit's features");
  limn_array *out = bind_newvector(L, (size_t)x.points);
  limn_err err;
  limn_token token = bind_token(L);
  bind_check(
      L,
      limn_regress_predict(out->data, &x, w, own.set, dual, luaL_optnumber(L, 6, 1), &token, &err),
      &err, "fit:predict");
  return 1;
}

/* is_features(value): whether it is a FeatureSet. */
static int l_is_features(lua_State *L) {
  lua_pushboolean(L, luaL_testudata(L, 1, LIMN_FEATURES) != NULL);
  return 1;
}

int l_open_regress(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"is_features", l_is_features}, {"minnorm", l_minnorm}, {"lp", l_lp}, {"l1", l_l1},
      {"weights", l_weights},         {"predict", l_predict}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
