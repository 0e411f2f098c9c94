/* stats.c: limn.native.stats: distributions and estimates with intervals. limn/stats.lua has types,
 * defaults and methods; the first argument of each function is the name that the user typed. */
#include "bind/bind.h"
#include "bind/fields.h"
#include "limn/stats.h"

static limn_tail tail_at(lua_State *L, int idx) {
  static const char *const names[] = {"lower", "upper", NULL};
  return (limn_tail)luaL_checkoption(L, idx, "lower", names);
}

/* f(who, x, parameter, tail) for distributions of one parameter, f(who, x, a, b, tail) for those of
 * two */
typedef limn_status one(double *, double, double, limn_tail, limn_err *);
typedef limn_status two(double *, double, double, double, limn_tail, limn_err *);

static int call_one(lua_State *L, one *f) {
  double out;
  limn_err err;
  const char *who = luaL_checkstring(L, 1);
  bind_check(L, f(&out, luaL_checknumber(L, 2), luaL_checknumber(L, 3), tail_at(L, 4), &err), &err,
             who);
  lua_pushnumber(L, out);
  return 1;
}

static int call_two(lua_State *L, two *f) {
  double out;
  limn_err err;
  const char *who = luaL_checkstring(L, 1);
  bind_check(L,
             f(&out, luaL_checknumber(L, 2), luaL_checknumber(L, 3), luaL_checknumber(L, 4),
               tail_at(L, 5), &err),
             &err, who);
  lua_pushnumber(L, out);
  return 1;
}

static int l_normal_cdf(lua_State *L) {
  return call_two(L, limn_stats_normal_cdf);
}
static int l_normal_quantile(lua_State *L) {
  return call_two(L, limn_stats_normal_quantile);
}
static int l_beta_cdf(lua_State *L) {
  return call_two(L, limn_stats_beta_cdf);
}
static int l_beta_quantile(lua_State *L) {
  return call_two(L, limn_stats_beta_quantile);
}
static int l_t_cdf(lua_State *L) {
  return call_one(L, limn_stats_t_cdf);
}
static int l_t_quantile(lua_State *L) {
  return call_one(L, limn_stats_t_quantile);
}
static int l_chi2_cdf(lua_State *L) {
  return call_one(L, limn_stats_chi2_cdf);
}
static int l_chi2_quantile(lua_State *L) {
  return call_one(L, limn_stats_chi2_quantile);
}

/* t_critical(who, level, df) */
static int l_t_critical(lua_State *L) {
  double t;
  limn_err err;
  const char *who = luaL_checkstring(L, 1);
  bind_check(L, limn_stats_t_critical(&t, luaL_checknumber(L, 2), luaL_checknumber(L, 3), &err),
             &err, who);
  lua_pushnumber(L, t);
  return 1;
}

/* normal_critical(who, level) */
static int l_normal_critical(lua_State *L) {
  double z;
  limn_err err;
  const char *who = luaL_checkstring(L, 1);
  bind_check(L, limn_stats_normal_critical(&z, luaL_checknumber(L, 2), &err), &err, who);
  lua_pushnumber(L, z);
  return 1;
}

/* A list of numbers at idx: an array of rank 1 or a table. */
static const double *list_at(lua_State *L, int idx, const char *who, const char *name, size_t *n) {
  size_t cols;
  const double *p = bind_doubles(L, idx, who, name, n, &cols);
  if (cols != 1)
    bind_error(L, "%s: %s must be a list of numbers, got %zu x %zu", who, name, *n, cols);
  return p;
}

static double level_at(lua_State *L, int idx, const char *who) {
  return lua_isnoneornil(L, idx) ? 0.95 : bind_checkfinite(L, idx, who, "level");
}

static void push_interval(lua_State *L, const double *interval) {
  lua_createtable(L, 2, 0);
  for (int k = 0; k < 2; k++) {
    lua_pushnumber(L, interval[k]);
    lua_rawseti(L, -2, k + 1);
  }
}

/* mean(who, values, level) -> mean, interval */
static int l_mean(lua_State *L) {
  size_t n;
  double out, interval[2];
  limn_err err;
  lua_settop(L, 3);
  const char *who = luaL_checkstring(L, 1);
  const double *values = list_at(L, 2, who, "values", &n);
  bind_check(L, limn_stats_mean(&out, interval, values, n, level_at(L, 3, who), &err), &err, who);
  lua_pushnumber(L, out);
  push_interval(L, interval);
  return 2;
}

/* jackknife(who, estimate, without, level) -> interval, corrected */
static int l_jackknife(lua_State *L) {
  size_t n;
  double corrected, interval[2];
  limn_err err;
  lua_settop(L, 4);
  const char *who = luaL_checkstring(L, 1);
  double estimate = luaL_checknumber(L, 2);
  const double *without = list_at(L, 3, who, "list", &n);
  bind_check(L,
             limn_stats_jackknife(interval, &corrected, estimate, without, NULL, n,
                                  level_at(L, 4, who), &err),
             &err, who);
  push_interval(L, interval);
  lua_pushnumber(L, corrected);
  return 2;
}

/* bootstrap(who, kind, statistic, resamples, level, seed) -> value, interval (nil without one);
 * kind: "values", a list, or "pairs", a square matrix */
static int l_bootstrap(lua_State *L) {
  static const char *const kinds[] = {"values", "pairs", NULL};
  size_t n, cols;
  double value, interval[2];
  limn_err err;
  lua_settop(L, 6);
  const char *who = luaL_checkstring(L, 1);
  bool pairs = luaL_checkoption(L, 2, NULL, kinds) == 1;
  const double *x =
      pairs ? bind_doubles(L, 3, who, "pairs", &n, &cols) : list_at(L, 3, who, "values", &n);
  if (pairs && n != cols) bind_error(L, "%s: pairs must be square, got %zu x %zu", who, n, cols);
  size_t resamples = (size_t)bind_checkint(L, 4, who, "resamples", 0, 1000000);
  uint64_t seed = bind_checkkey(L, 6, who, "seed");
  double *draws = bind_newvector(L, resamples)->data;
  bind_check(L,
             limn_stats_bootstrap(&value, interval, draws, pairs ? NULL : x, pairs ? x : NULL, n,
                                  resamples, level_at(L, 5, who), seed, &err),
             &err, who);
  lua_pushnumber(L, value);
  if (interval[0] == interval[0])
    push_interval(L, interval);
  else
    lua_pushnil(L);
  return 2;
}

/* wilson(who, successes, trials, level) -> interval */
static int l_wilson(lua_State *L) {
  double interval[2];
  limn_err err;
  lua_settop(L, 4);
  const char *who = luaL_checkstring(L, 1);
  bind_check(L,
             limn_stats_wilson(interval, bind_checkfinite(L, 2, who, "successes"),
                               bind_checkfinite(L, 3, who, "trials"), level_at(L, 4, who), &err),
             &err, who);
  push_interval(L, interval);
  return 1;
}

/* clopper_pearson(who, successes, trials, level) -> interval */
static int l_clopper_pearson(lua_State *L) {
  double interval[2];
  limn_err err;
  lua_settop(L, 4);
  const char *who = luaL_checkstring(L, 1);
  bind_check(L,
             limn_stats_clopper_pearson(interval, bind_checkfinite(L, 2, who, "successes"),
                                        bind_checkfinite(L, 3, who, "trials"), level_at(L, 4, who),
                                        &err),
             &err, who);
  push_interval(L, interval);
  return 1;
}

/* difference(who, a, b, level) -> value, interval, degrees of freedom */
static int l_difference(lua_State *L) {
  size_t n, m;
  double value, df, interval[2];
  limn_err err;
  lua_settop(L, 4);
  const char *who = luaL_checkstring(L, 1);
  const double *a = list_at(L, 2, who, "a", &n), *b = list_at(L, 3, who, "b", &m);
  bind_check(L, limn_stats_difference(&value, interval, &df, a, n, b, m, level_at(L, 4, who), &err),
             &err, who);
  lua_pushnumber(L, value);
  push_interval(L, interval);
  lua_pushnumber(L, df);
  return 3;
}

/* f(who, counts, level) -> value, interval, coverage */
typedef limn_status of_counts(double *, double *, double *, const double *, size_t, double,
                              limn_err *);

static int call_counts(lua_State *L, of_counts *f) {
  size_t n;
  double value, coverage, interval[2];
  limn_err err;
  lua_settop(L, 3);
  const char *who = luaL_checkstring(L, 1);
  const double *counts = list_at(L, 2, who, "counts", &n);
  bind_check(L, f(&value, interval, &coverage, counts, n, level_at(L, 3, who), &err), &err, who);
  lua_pushnumber(L, value);
  push_interval(L, interval);
  lua_pushnumber(L, coverage);
  return 3;
}

static int l_distinct(lua_State *L) {
  return call_counts(L, limn_stats_distinct);
}
static int l_entropy(lua_State *L) {
  return call_counts(L, limn_stats_entropy);
}

/* interval_power(who, low, high, mean, error, df, level) -> power */
static int l_interval_power(lua_State *L) {
  double power;
  limn_err err;
  const char *who = luaL_checkstring(L, 1);
  bind_check(L,
             limn_stats_interval_power(&power, luaL_checknumber(L, 2), luaL_checknumber(L, 3),
                                       luaL_checknumber(L, 4), luaL_checknumber(L, 5),
                                       luaL_checknumber(L, 6), luaL_checknumber(L, 7), &err),
             &err, who);
  lua_pushnumber(L, power);
  return 1;
}

/* f(who, low, high, mean, sd | n, level, power) -> n | sd */
typedef limn_status searched(double *, double, double, double, double, double, double, limn_err *);

static int search_for(lua_State *L, searched *f) {
  double out;
  limn_err err;
  const char *who = luaL_checkstring(L, 1);
  bind_check(L,
             f(&out, luaL_checknumber(L, 2), luaL_checknumber(L, 3), luaL_checknumber(L, 4),
               luaL_checknumber(L, 5), luaL_checknumber(L, 6), luaL_checknumber(L, 7), &err),
             &err, who);
  lua_pushnumber(L, out);
  return 1;
}

static int l_replicates(lua_State *L) {
  return search_for(L, limn_stats_replicates);
}
static int l_largest_spread(lua_State *L) {
  return search_for(L, limn_stats_largest_spread);
}

/* f(who, low, high, proportion, n | level, level | power) -> power | n */
typedef limn_status of_proportion(double *, double, double, double, double, double, limn_err *);

static int call_proportion(lua_State *L, of_proportion *f) {
  double out;
  limn_err err;
  const char *who = luaL_checkstring(L, 1);
  bind_check(L,
             f(&out, luaL_checknumber(L, 2), luaL_checknumber(L, 3), luaL_checknumber(L, 4),
               luaL_checknumber(L, 5), luaL_checknumber(L, 6), &err),
             &err, who);
  lua_pushnumber(L, out);
  return 1;
}

static int l_proportion_power(lua_State *L) {
  return call_proportion(L, limn_stats_proportion_power);
}
static int l_trials(lua_State *L) {
  return call_proportion(L, limn_stats_trials);
}

/* slope(who, x, y, level) -> slope, interval, error, intercept */
static int l_slope(lua_State *L) {
  size_t n, m;
  double out, error, intercept, interval[2];
  limn_err err;
  lua_settop(L, 4);
  const char *who = luaL_checkstring(L, 1);
  const double *x = list_at(L, 2, who, "x", &n), *y = list_at(L, 3, who, "y", &m);
  if (n != m) bind_error(L, "%s: x and y must be of one length, got %zu and %zu", who, n, m);
  bind_check(
      L, limn_stats_slope(&out, &error, &intercept, interval, x, y, n, level_at(L, 4, who), &err),
      &err, who);
  lua_pushnumber(L, out);
  push_interval(L, interval);
  lua_pushnumber(L, error);
  lua_pushnumber(L, intercept);
  return 4;
}

int l_open_stats(lua_State *L) {
  static const luaL_Reg functions[] = {{"normal_cdf", l_normal_cdf},
                                       {"normal_quantile", l_normal_quantile},
                                       {"normal_critical", l_normal_critical},
                                       {"t_cdf", l_t_cdf},
                                       {"t_quantile", l_t_quantile},
                                       {"t_critical", l_t_critical},
                                       {"beta_cdf", l_beta_cdf},
                                       {"beta_quantile", l_beta_quantile},
                                       {"chi2_cdf", l_chi2_cdf},
                                       {"chi2_quantile", l_chi2_quantile},
                                       {"mean", l_mean},
                                       {"jackknife", l_jackknife},
                                       {"bootstrap", l_bootstrap},
                                       {"wilson", l_wilson},
                                       {"clopper_pearson", l_clopper_pearson},
                                       {"difference", l_difference},
                                       {"distinct", l_distinct},
                                       {"entropy", l_entropy},
                                       {"interval_power", l_interval_power},
                                       {"replicates", l_replicates},
                                       {"largest_spread", l_largest_spread},
                                       {"proportion_power", l_proportion_power},
                                       {"trials", l_trials},
                                       {"slope", l_slope},
                                       {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
