/* regress_value.c: designs, labels and fits as values in Lua. */
#include "bind/numeric/regress_value.h"

#include <float.h>
#include <string.h>

limn_design bind_checkdesign(lua_State *L, int idx, const char *who, const char *name) {
  limn_features **f = luaL_testudata(L, idx, LIMN_FEATURES);
  if (f) {
    if (!*f) bind_error(L, "%s: %s has been closed", who, name);
    return limn_design_set(*f);
  }
  size_t rows, cols;
  const double *x = bind_doubles(L, idx, who, name, &rows, &cols);
  return limn_design_dense(x, rows, cols);
}

limn_design bind_checkranked(lua_State *L, int idx, const char *who, const char *name) {
  const limn_array *given = bind_testarray(L, idx);
  bool single = given && given->dtype == LIMN_F32;
  limn_design x = bind_checkdesign(L, idx, who, name);
  if (!single) return x;
  limn_array *own = bind_newmatrix(L, (size_t)x.points, (size_t)x.count);
  memcpy(own->data, x.dense, (size_t)(x.points * x.count) * sizeof *x.dense);
  lua_replace(L, idx);
  limn_err err;
  bind_check(L, limn_regress_rounded(own->data, x.points, x.count, FLT_EPSILON, &err), &err, who);
  return limn_design_dense(own->data, x.points, x.count);
}

const double *bind_checklabels(lua_State *L, int idx, const limn_design *x, const char *who) {
  size_t rows, cols;
  const double *y = bind_doubles(L, idx, who, "labels", &rows, &cols);
  if (rows != 1 && cols != 1)
    bind_error(L, "%s: labels must be a vector, got %zu x %zu", who, rows, cols);
  if ((uint64_t)(rows * cols) != x->points)
    bind_error(L, "%s: labels has %zu entries but features has %llu rows", who, rows * cols,
               (unsigned long long)x->points);
  return y;
}

void bind_pushfit(lua_State *L, const limn_fit *fit, const limn_design *x, int weights, int dual) {
  lua_createtable(L, 0, 16);
  bind_setinteger(L, "points", x->points);
  bind_setinteger(L, "count", x->count);
  if (!fit->rank_unknown) bind_setinteger(L, "rank", fit->rank);
  bind_setknown(L, "rcond", fit->rcond);
  bind_setnumber(L, "residual", fit->residual);
  bind_setnumber(L, "norm", fit->norm);
  bind_setinteger(L, "iterations", fit->iterations);
  bind_setflag(L, "interpolates", fit->interpolates);
  bind_setstring(L, "method", fit->method);
  bind_setknown(L, "gap", fit->gap);
  if (*fit->warning) bind_setstring(L, "warning", fit->warning);
  if (weights) bind_setvalue(L, "weights", weights);
  if (dual && fit->has_dual) bind_setvalue(L, "dual", dual);
}

int bind_unconverged(lua_State *L, limn_status st, const limn_err *err, const char *who) {
  int n = bind_failed(L, st, err, who); /* returns only after an expected failure */
  lua_pushvalue(L, -n - 1);             /* the table of the fit */
  return n + 1;
}
