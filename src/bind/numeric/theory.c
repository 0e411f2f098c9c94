/* theory.c: native.theory: the laws of the toy model. Options and defaults are in limn/theory.lua.
 * */
#include "bind/fields.h"

#include <string.h>
#include "limn/stats.h"
#include "limn/theory.h"

/* log_odds(bits) */
static int l_log_odds(lua_State *L) {
  lua_pushnumber(L, limn_theory_log_odds(luaL_checknumber(L, 1)));
  return 1;
}

/* normal_cdf(z) */
static int l_normal_cdf(lua_State *L) {
  lua_pushnumber(L, limn_stats_phi(luaL_checknumber(L, 1)));
  return 1;
}

/* log_ratio(points, log_odds, norm) */
static int l_log_ratio(lua_State *L) {
  double out, points = luaL_checknumber(L, 1), odds = luaL_checknumber(L, 2);
  limn_err err;
  bind_check(L, limn_theory_log_ratio(&out, points, odds, luaL_checknumber(L, 3), &err), &err,
             "theory.ratio");
  lua_pushnumber(L, out);
  return 1;
}

/* crossover(log_odds, norm) */
static int l_crossover(lua_State *L) {
  double d, odds = luaL_checknumber(L, 1), norm = luaL_checknumber(L, 2);
  limn_err err;
  limn_status status = limn_theory_crossover(&d, odds, norm, &err);
  if (status != LIMN_OK) return bind_failed(L, status, &err, "theory.crossover");
  lua_pushnumber(L, d);
  return 1;
}

/* log_moment(points, q, method): method: 0 that of log_ratio, 1 sum, 2 series, 3 quadrature */
static int l_log_moment(lua_State *L) {
  limn_moment_method method =
      (limn_moment_method)bind_checkint(L, 3, "theory.log_moment", "method", 0, 3);
  lua_pushnumber(L, limn_theory_log_moment(luaL_checknumber(L, 1), luaL_checknumber(L, 2), method));
  return 1;
}

/* log_posterior(points, errors, log_odds, flip) */
static int l_log_posterior(lua_State *L) {
  double out, d = luaL_checknumber(L, 1), e = luaL_checknumber(L, 2);
  limn_err err;
  bind_check(
      L,
      limn_theory_log_posterior(&out, d, e, luaL_checknumber(L, 3), luaL_checknumber(L, 4), &err),
      &err, "theory.posterior");
  lua_pushnumber(L, out);
  return 1;
}

/* chi2(dof, n, seed, rep) -> array of log(X/dof) */
static int l_chi2(lua_State *L) {
  const char *who = "theory.chi_square";
  double dof = bind_checkfinite(L, 1, who, "dof");
  size_t n = (size_t)bind_checkint(L, 2, who, "reps", 0, (lua_Integer)1 << 40);
  uint64_t seed = bind_checkkey(L, 3, who, "seed"), point = bind_checkkey(L, 4, who, "point");
  limn_err err;
  double *out = bind_newvector(L, n)->data;
  bind_check(L, limn_theory_log_chi2_draws(out, n, dof, seed, point, &err), &err, who);
  return 1;
}

/* A new vector of n numbers as a field of the table at the top. */
static double *vector_field(lua_State *L, const char *name, size_t n) {
  limn_array *a = bind_newvector(L, n);
  lua_setfield(L, -2, name);
  return a->data;
}

/* sample(kind, points, counts, rhos, {bias, imbalance, ridge, start}, seed, point, reps) -> table
 */
static int l_sample(lua_State *L) {
  size_t rows, cols, n, more;
  limn_theory_spec spec = {.kind = (limn_theory_kind)bind_checkword(L, 1, "theory.sample", "kind",
                                                                    LIMN_WORDS_THEORY_KIND)};
  spec.points = luaL_checknumber(L, 2);
  const double *count = bind_doubles(L, 3, "theory.sample", "counts", &rows, &cols);
  const double *rho = bind_doubles(L, 4, "theory.sample", "rhos", &n, &more);
  const double *extra = bind_doubles(L, 5, "theory.sample", "extras", &n, &more);
  if (rows > LIMN_THEORY_CLASSES)
    return bind_error(L, "theory.sample: at most %d classes, got %d", LIMN_THEORY_CLASSES,
                      (int)rows);
  spec.classes = (int)rows;
  memcpy(spec.count, count, rows * sizeof *count);
  memcpy(spec.rho, rho, rows * sizeof *rho);
  spec.bias = extra[0], spec.imbalance = extra[1], spec.ridge = extra[2], spec.start = extra[3];
  spec.seed = bind_checkkey(L, 6, "theory.sample", "seed");
  spec.point = bind_checkkey(L, 7, "theory.sample", "point");
  size_t reps = (size_t)bind_checkint(L, 8, "theory.sample", "reps", 1, (lua_Integer)1 << 40);
  limn_err err;
  limn_token token = bind_token(L);
  lua_newtable(L);
  limn_theory_draws out = {.P = vector_field(L, "P", reps),
                           .R = vector_field(L, "R", reps),
                           .s = vector_field(L, "s", reps),
                           .ratio = vector_field(L, "ratio", reps),
                           .log2ratio = vector_field(L, "log2ratio", reps),
                           .fluctuation = vector_field(L, "fluctuation", reps),
                           .noise = vector_field(L, "noise", reps),
                           .offset = vector_field(L, "offset", reps),
                           .accuracy = vector_field(L, "accuracy", reps)};
  limn_array *fraction = bind_newmatrix(L, reps, rows);
  lua_setfield(L, -2, "share");
  out.fraction = fraction->data;
  limn_status status = limn_theory_sample(out, &spec, reps, &token, &err);
  if (status != LIMN_OK) return bind_failed(L, status, &err, "theory.sample");
  return 1;
}

/* learnability(eigenvalues, multiplicities|nil, points, ridge) -> kappa, array */
static int l_learnability(lua_State *L) {
  size_t rows, cols, more, one;
  const double *l = bind_doubles(L, 1, "theory.eigenlearning", "eigenvalues", &rows, &cols),
               *m = NULL;
  if (!lua_isnoneornil(L, 2)) {
    m = bind_doubles(L, 2, "theory.eigenlearning", "multiplicities", &more, &one);
    if (more * one != rows * cols)
      return bind_error(
          L, "theory.eigenlearning: multiplicities has %d entries but eigenvalues has %d",
          (int)(more * one), (int)(rows * cols));
  }
  double kappa, d = luaL_checknumber(L, 3), ridge = luaL_checknumber(L, 4);
  limn_array *out = bind_newvector(L, rows * cols);
  limn_err err;
  bind_check(L, limn_theory_learnability(&kappa, out->data, l, m, rows * cols, d, ridge, &err),
             &err, "theory.eigenlearning");
  lua_pushnumber(L, kappa);
  lua_insert(L, -2);
  return 2;
}

/* risk(points, random, perfect) -> bias^2, variance */
static int l_risk(lua_State *L) {
  double bias2, variance;
  limn_err err;
  bind_check(L,
             limn_theory_risk(&bias2, &variance, luaL_checknumber(L, 1), luaL_checknumber(L, 2),
                              luaL_checknumber(L, 3), &err),
             &err, "theory.risk");
  lua_pushnumber(L, bias2);
  lua_pushnumber(L, variance);
  return 2;
}

int l_open_theory(lua_State *L) {
  static const luaL_Reg functions[] = {{"log_odds", l_log_odds},
                                       {"log_ratio", l_log_ratio},
                                       {"crossover", l_crossover},
                                       {"log_moment", l_log_moment},
                                       {"log_posterior", l_log_posterior},
                                       {"chi2", l_chi2},
                                       {"sample", l_sample},
                                       {"learnability", l_learnability},
                                       {"risk", l_risk},
                                       {"normal_cdf", l_normal_cdf},
                                       {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
