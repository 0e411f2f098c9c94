/* regress_paths.c: native.regress: ridge, lasso, gradient descent and the posterior, which return
 * several fits or a fit with a path. regress.c has the rules that return one fit. */
#include "bind/numeric/regress_value.h"

#include <string.h>

/* Scratch memory for C, as a userdata; pushed. */
static void *scratch(lua_State *L, size_t count, size_t size) {
  void *p = lua_newuserdatauv(L, count * size + 1, 0);
  memset(p, 0, count * size + 1);
  return p;
}

/* The list at idx as numbers. */
static const double *check_list(lua_State *L, int idx, const char *who, const char *name,
                                size_t *n) {
  size_t rows, cols;
  const double *p = bind_doubles(L, idx, who, name, &rows, &cols);
  *n = rows * cols;
  return p;
}

/* Pushes row `l` of the matrix at idx as a view, or nil if there is no matrix. */
static int push_row(lua_State *L, int idx, size_t l) {
  if (!idx) return lua_pushnil(L), lua_gettop(L);
  limn_array *a = bind_testarray(L, idx), view = *a;
  view.rank = 1;
  view.dims[0] = a->dims[1], view.stride[0] = a->stride[1];
  view.dims[1] = 1, view.stride[1] = 0;
  view.data = (double *)a->data + l * a->dims[1];
  bind_newview(L, idx, &view);
  return lua_gettop(L);
}

/* Pushes {fit, fit, ...} from the rows of weights and dual; extra(l) adds fields. */
static void push_fits(lua_State *L, const limn_fit *fits, const limn_design *x, size_t n,
                      int weights, int dual, const double *lambda) {
  lua_createtable(L, (int)n, 4);
  for (size_t l = 0; l < n; l++) {
    int w = push_row(L, weights, l), a = push_row(L, dual, l);
    bind_pushfit(L, &fits[l], x, weights ? w : 0, dual ? a : 0);
    bind_setnumber(L, "lambda", lambda[l]);
    lua_rawseti(L, -4, (lua_Integer)l + 1);
    lua_pop(L, 2);
  }
}

/* ridge(X, y, lambdas, keep) -> {fits}, loo, gcv (arrays) */
static int l_ridge(lua_State *L) {
  lua_settop(L, 4);
  limn_design x = bind_checkranked(L, 1, "regress.ridge", "features");
  const double *y = bind_checklabels(L, 2, &x, "regress.ridge");
  size_t n, d = (size_t)x.points;
  const double *lambda = check_list(L, 3, "regress.ridge", "lambda", &n);
  bool keep = x.dense || lua_toboolean(L, 4);
  limn_array *dual = bind_newmatrix(L, n, d);                                /* 5 */
  limn_array *loo = bind_newvector(L, n), *gcv = bind_newvector(L, n);       /* 6, 7 */
  limn_fit *fits = scratch(L, n, sizeof *fits);                              /* 8 */
  limn_array *weights = keep ? bind_newmatrix(L, n, (size_t)x.count) : NULL; /* 9 */
  limn_err err;
  limn_token token = bind_token(L);
  limn_status st = limn_regress_ridge(fits, weights ? weights->data : NULL, dual->data, loo->data,
                                      gcv->data, &x, y, lambda, n, &token, &err);
  bind_done(L);
  if (st) return bind_failed(L, st, &err, "regress.ridge");
  push_fits(L, fits, &x, n, keep ? 9 : 0, 5, lambda);
  lua_pushvalue(L, 6);
  lua_pushvalue(L, 7);
  return 3;
}

/* lasso(X, y, lambdas) -> {fits} or nil, message, {fits} */
static int l_lasso(lua_State *L) {
  lua_settop(L, 3);
  limn_design x = bind_checkdesign(L, 1, "regress.lasso", "features");
  const double *y = bind_checklabels(L, 2, &x, "regress.lasso");
  size_t n;
  const double *lambda = check_list(L, 3, "regress.lasso", "lambda", &n);
  limn_array *dual = bind_newmatrix(L, n, (size_t)x.points);   /* 4 */
  limn_array *weights = bind_newmatrix(L, n, (size_t)x.count); /* 5 */
  limn_fit *fits = scratch(L, n, sizeof *fits);
  limn_err err;
  limn_token token = bind_token(L);
  limn_status st =
      limn_regress_lasso(fits, weights->data, dual->data, NULL, &x, y, lambda, n, &token, &err);
  bind_done(L);
  if (st && st != LIMN_ENUMERIC) return bind_failed(L, st, &err, "regress.lasso");
  push_fits(L, fits, &x, n, 5, 4, lambda);
  return st ? bind_unconverged(L, st, &err, "regress.lasso") : 1;
}

/* greatest(X, y): the smallest lambda of the lasso for which all weights are 0. */
static int l_greatest(lua_State *L) {
  lua_settop(L, 2);
  limn_design x = bind_checkdesign(L, 1, "regress.lasso", "features");
  const double *y = bind_checklabels(L, 2, &x, "regress.lasso");
  limn_err err;
  limn_token token = bind_token(L);
  limn_fit none;
  double greatest = 0;
  bind_check(L, limn_regress_lasso(&none, NULL, NULL, &greatest, &x, y, NULL, 0, &token, &err),
             &err, "regress.lasso");
  lua_pushnumber(L, greatest);
  return 1;
}

/* gd(X, y, options, start | nil, keep) -> fields, or nil, message, fields */
static int l_gd(lua_State *L) {
  const char *who = "regress.gd";
  lua_settop(L, 5);
  limn_design x = bind_checkdesign(L, 1, who, "features");
  const double *y = bind_checklabels(L, 2, &x, who);
  luaL_checktype(L, 3, LUA_TTABLE);
  limn_gd_options o = {
      .optimizer = (limn_descent)bind_wordfield(L, 3, who, "optimizer", LIMN_WORDS_DESCENT),
      .rate = bind_optnumberfield(L, 3, who, "rate", 0),
      .momentum = bind_optnumberfield(L, 3, who, "momentum", 0),
      .tol = bind_optnumberfield(L, 3, who, "tol", 0),
      .steps = (uint64_t)bind_optintegerfield(L, 3, who, "steps", 0, (lua_Integer)1 << 40, 0),
      .batch = (uint64_t)bind_optintegerfield(L, 3, who, "batch", 0, LUA_MAXINTEGER, 0),
      .every = (uint64_t)bind_optintegerfield(L, 3, who, "record", 0, LUA_MAXINTEGER, 0),
      .start_scale = bind_optnumberfield(L, 3, who, "scale", 0),
      .antisymmetric = bind_flagfield(L, 3, "antisymmetric"),
      .seed = bind_keyfield(L, 3, who, "seed")};
  if (!lua_isnil(L, 4)) {
    size_t n;
    o.start = check_list(L, 4, who, "start", &n);
    if (n != x.count)
      bind_error(L, "%s: start has %zu entries but features has %llu columns", who, n,
                 (unsigned long long)x.count);
  }
  size_t most = o.every ? (size_t)(o.steps / o.every) + 2 : 1;
  bool keep =
      x.dense || lua_toboolean(L, 5) || o.start || o.start_scale > 0 || o.optimizer >= LIMN_ADAM;
  limn_array *dual = bind_newvector(L, (size_t)x.points);                 /* 6 */
  limn_array *path = bind_newmatrix(L, most, LIMN_GD_COLUMNS);            /* 7 */
  limn_array *weights = keep ? bind_newvector(L, (size_t)x.count) : NULL; /* 8 */
  limn_fit fit;
  limn_err err;
  limn_token token = bind_token(L);
  uint64_t rows = 0;
  double rate = 0;
  limn_status st = limn_regress_gd(&fit, weights ? weights->data : NULL, dual->data, path->data,
                                   &rows, &rate, &x, y, &o, &token, &err);
  bind_done(L);
  if (st && st != LIMN_ENUMERIC) return bind_failed(L, st, &err, who);
  bind_pushfit(L, &fit, &x, keep ? 8 : 0, 6);
  bind_setnumber(L, "rate", rate);
  limn_array filled = *path;
  filled.dims[0] = (size_t)rows;
  bind_newview(L, 7, &filled);
  lua_setfield(L, -2, "path");
  return st ? bind_unconverged(L, st, &err, who) : 1;
}

/* bayes(X, y, flip, prior | nil, keep) -> fields (and mass: list, one per class) or nil, message */
static int l_bayes(lua_State *L) {
  lua_settop(L, 5);
  limn_design x = bind_checkdesign(L, 1, "regress.bayes", "features");
  const double *y = bind_checklabels(L, 2, &x, "regress.bayes"), *prior = NULL;
  double flip = luaL_checknumber(L, 3);
  if (!lua_isnil(L, 4)) {
    size_t n;
    prior = check_list(L, 4, "regress.bayes", "prior", &n);
    if (n != x.count)
      bind_error(L, "regress.bayes: prior has %zu entries but features has %llu columns", n,
                 (unsigned long long)x.count);
  }
  double mass[LIMN_MAX_CLASSES];
  limn_array *weights = lua_toboolean(L, 5) ? bind_newvector(L, (size_t)x.count) : NULL; /* 6 */
  limn_posterior out;
  limn_err err;
  limn_token token = bind_token(L);
  limn_status st = limn_regress_bayes(&out, weights ? weights->data : NULL, mass, &x, y, flip,
                                      prior, &token, &err);
  bind_done(L);
  if (st) return bind_failed(L, st, &err, "regress.bayes");
  lua_createtable(L, 0, 12);
  bind_setinteger(L, "points", x.points);
  bind_setinteger(L, "count", x.count);
  bind_setnumber(L, "log_evidence", out.log_evidence);
  bind_setnumber(L, "entropy", out.entropy);
  bind_setinteger(L, "consistent", out.consistent);
  bind_setinteger(L, "fewest", out.fewest);
  if (weights) bind_setvalue(L, "weights", 6);
  int classes = x.set ? limn_features_classes(x.set) : 1;
  lua_createtable(L, classes, 0);
  for (int k = 0; k < classes; k++) lua_pushnumber(L, mass[k]), lua_rawseti(L, -2, k + 1);
  lua_setfield(L, -2, "mass");
  return 1;
}

/* signs(X): 1 where the entry is positive, else -1. */
static int l_signs(lua_State *L) {
  size_t rows, cols;
  const double *x = bind_doubles(L, 1, "posterior:predict", "features", &rows, &cols);
  limn_array *from = bind_testarray(L, 1), *to = bind_newarray(L, LIMN_F64, from->rank, from->dims);
  for (size_t i = 0; i < rows * cols; i++) ((double *)to->data)[i] = x[i] > 0 ? 1 : -1;
  return 1;
}

int l_open_paths(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"ridge", l_ridge}, {"lasso", l_lasso}, {"greatest", l_greatest},
      {"gd", l_gd},       {"bayes", l_bayes}, {"signs", l_signs},
      {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
