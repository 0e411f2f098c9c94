/* kernel.c: limn.native.kernel: infinite-width kernels. */
#include "bind/fields.h"
#include "limn/kernel.h"

#include <float.h>
#include <string.h>

static limn_kernel_spec spec_at(lua_State *L, int idx, const char *who) {
  return (limn_kernel_spec){
      .depth = (int)bind_integerfield(L, idx, who, "depth", 1, LIMN_MAX_DEPTH),
      .phi = (limn_phi)bind_wordfield(L, idx, who, "activation", LIMN_WORDS_KERNEL_ACTIVATION),
      .standard = bind_flagfield(L, idx, "standard"),
      .weight = bind_numberfield(L, idx, who, "weight"),
      .bias = bind_numberfield(L, idx, who, "bias"),
      .readout = bind_numberfield(L, idx, who, "readout")};
}

/* diagonal(who, x, options) -> array (n) */
static int l_diagonal(lua_State *L) {
  const char *who = luaL_checkstring(L, 1);
  size_t n, d;
  lua_settop(L, 3);
  const double *x = bind_doubles(L, 2, who, "X", &n, &d);
  limn_kernel_spec spec = spec_at(L, 3, who);
  limn_array *out = bind_newvector(L, n);
  limn_err err;
  bind_check(L, limn_kernel_diagonal(out->data, x, n, d, &spec, &err), &err, who);
  return 1;
}

/* evaluate(who, x, z|nil, options, want): want contains "k", "t" and/or "l". Returns k, theta, a
 * table with one array per layer (nil where not requested), and the error bound of the series. */
static int l_evaluate(lua_State *L) {
  const char *who = luaL_checkstring(L, 1), *want = luaL_checkstring(L, 5);
  size_t m, d, n, dz;
  lua_settop(L, 5);
  const double *x = bind_doubles(L, 2, who, "X", &m, &d), *z = NULL;
  n = m;
  if (!lua_isnil(L, 3)) {
    z = bind_doubles(L, 3, who, "Z", &n, &dz);
    if (dz != d) bind_error(L, "%s: X has %zu columns but Z has %zu", who, d, dz);
  }
  limn_kernel_spec spec = spec_at(L, 4, who);

  double *k = NULL, *theta = NULL, *layers = NULL, error = 0;
  size_t depth = (size_t)spec.depth;
  if (strchr(want, 'k'))
    k = bind_rawarray(L, LIMN_F64, 2, (size_t[]){m, n})->data;
  else
    lua_pushnil(L);
  if (strchr(want, 't'))
    theta = bind_rawarray(L, LIMN_F64, 2, (size_t[]){m, n})->data;
  else
    lua_pushnil(L);
  limn_array *stack = NULL;
  if (strchr(want, 'l')) {
    stack = bind_newarray(L, LIMN_F64, 3, (size_t[]){depth + 1, m, n});
    layers = stack->data;
  } else
    lua_pushnil(L);
  limn_token token = bind_token(L);
  limn_err err;
  bind_check(L, limn_kernel_evaluate(k, theta, layers, &error, x, m, z, n, d, &spec, &token, &err),
             &err, who);
  if (stack) { /* a table of views, one per layer */
    lua_createtable(L, spec.depth + 1, 0);
    for (size_t l = 0; l <= depth; l++) {
      limn_array view = limn_array_view(LIMN_F64, 2, (size_t[]){m, n}, layers + l * m * n);
      bind_newview(L, -2, &view);
      lua_rawseti(L, -2, (lua_Integer)l + 1);
    }
    lua_replace(L, -2);
  }
  lua_pushnumber(L, error);
  return 4;
}

/* The numbers at idx, which must be rows x cols. */
static const double *sized(lua_State *L, int idx, const char *who, const char *name, size_t rows,
                           size_t cols) {
  size_t m, n;
  const double *x = bind_doubles(L, idx, who, name, &m, &n);
  if (m * n != rows * cols || (cols > 1 && n != cols))
    bind_error(L, "%s: %s must be %zu x %zu, got %zu x %zu", who, name, rows, cols, m, n);
  return x;
}

/* factorise(who, K, ridge[, rounding]) -> eigenvalues, eigenvectors, {cut=, rank=, rcond=};
 * rounding: of K's entries, by default that of its dtype. */
static int l_factorise(lua_State *L) {
  const char *who = luaL_checkstring(L, 1);
  size_t n, columns;
  lua_settop(L, 4);
  limn_array *given = bind_testarray(L, 2);
  double rounding = given && given->dtype == LIMN_F32 ? (double)FLT_EPSILON : DBL_EPSILON;
  rounding = luaL_optnumber(L, 4, rounding);
  const double *k = bind_doubles(L, 2, who, "K", &n, &columns);
  if (n != columns) bind_error(L, "%s: K must be square, got %zu x %zu", who, n, columns);
  limn_array *values = bind_newvector(L, n), *vectors = bind_newmatrix(L, n, n);
  limn_kernel_spectrum spectrum;
  limn_err err;
  bind_check(L,
             limn_kernel_factorise_rounded(&spectrum, values->data, vectors->data, k, n, rounding,
                                           luaL_optnumber(L, 3, 0), &err),
             &err, who);
  lua_createtable(L, 0, 3);
  lua_pushnumber(L, spectrum.cut);
  lua_setfield(L, -2, "cut");
  lua_pushinteger(L, (lua_Integer)spectrum.rank);
  lua_setfield(L, -2, "rank");
  lua_pushnumber(L, spectrum.rcond);
  lua_setfield(L, -2, "rcond");
  return 3;
}

/* The spectrum in the fields eigenvalues, vectors and cut of the object at idx. The fields are
 * pushed, so that the collector keeps them during the call. */
static limn_kernel_spectrum spectrum_at(lua_State *L, int idx, const char *who) {
  limn_kernel_spectrum s = {0};
  size_t one;
  lua_getfield(L, idx, "eigenvalues");
  s.values = bind_doubles(L, lua_gettop(L), who, "eigenvalues", &s.n, &one);
  lua_getfield(L, idx, "vectors");
  s.vectors = sized(L, lua_gettop(L), who, "vectors", s.n, s.n);
  s.cut = bind_numberfield(L, idx, who, "cut");
  return s;
}

/* solve(who, spectrum, ridge, b) -> (K + ridge I)^+ b, of b's shape */
static int l_solve(lua_State *L) {
  const char *who = luaL_checkstring(L, 1);
  size_t rows, columns;
  lua_settop(L, 4);
  double ridge = luaL_checknumber(L, 3);
  bool vector = bind_testarray(L, 4) && bind_testarray(L, 4)->rank == 1;
  const double *b = bind_doubles(L, 4, who, "b", &rows, &columns);
  limn_kernel_spectrum s = spectrum_at(L, 2, who);
  if (rows != s.n) bind_error(L, "%s: b must have %zu rows, got %zu", who, s.n, rows);
  limn_array *out = vector ? bind_newvector(L, rows) : bind_newmatrix(L, rows, columns);
  limn_err err;
  bind_check(L, limn_kernel_solve(out->data, &s, ridge, b, columns, &err), &err, who);
  return 1;
}

/* flow(who, spectrum, t, b) -> K^+ (1 - exp(-t K)) b */
static int l_flow(lua_State *L) {
  const char *who = luaL_checkstring(L, 1);
  lua_settop(L, 4);
  double t = luaL_checknumber(L, 3);
  limn_kernel_spectrum s = spectrum_at(L, 2, who);
  const double *b = sized(L, 4, who, "y", s.n, 1);
  limn_array *out = bind_newvector(L, s.n);
  limn_err err;
  bind_check(L, limn_kernel_flow(out->data, &s, t, b, &err), &err, who);
  return 1;
}

/* descent(who, spectrum, rate, steps, b) -> K^+ (1 - (1 - rate K/n)^steps) b */
static int l_descent(lua_State *L) {
  const char *who = luaL_checkstring(L, 1);
  lua_settop(L, 5);
  double rate = luaL_checknumber(L, 3), steps = luaL_checknumber(L, 4);
  limn_kernel_spectrum s = spectrum_at(L, 2, who);
  const double *b = sized(L, 5, who, "y", s.n, 1);
  limn_array *out = bind_newvector(L, s.n);
  limn_err err;
  bind_check(L, limn_kernel_descent(out->data, &s, rate, steps, b, &err), &err, who);
  return 1;
}

/* variance(who, spectrum, ridge, Kz, kzz [, k, kz]) -> array (m): posterior variance, or, with the
 * covariance k, kz, kzz at initialisation, the variance over nets trained with this tangent kernel
 * */
static int l_variance(lua_State *L) {
  const char *who = luaL_checkstring(L, 1);
  size_t m, n;
  lua_settop(L, 7);
  bool trained = !lua_isnil(L, 6);
  double ridge = luaL_checknumber(L, 3);
  const double *own = bind_doubles(L, 4, who, "Kz", &m, &n);
  limn_kernel_spectrum s = spectrum_at(L, 2, who);
  if (n != s.n) bind_error(L, "%s: Kz must have %zu columns, got %zu", who, s.n, n);
  const double *kzz = sized(L, 5, who, "kzz", m, 1);
  const double *k = trained ? sized(L, 6, who, "k", n, n) : NULL;
  const double *kz = trained ? sized(L, 7, who, "kz", m, n) : NULL;
  limn_array *out = bind_newvector(L, m);
  limn_err err;
  limn_status st =
      trained ? limn_kernel_trained_variance(out->data, &s, ridge, own, k, kz, kzz, m, &err)
              : limn_kernel_variance(out->data, &s, ridge, own, kzz, m, &err);
  bind_check(L, st, &err, who);
  return 1;
}

/* cube(who, kernel at Hamming distance 0 .. n) -> eigenvalues, errors */
static int l_cube(lua_State *L) {
  const char *who = luaL_checkstring(L, 1);
  size_t n, columns;
  lua_settop(L, 2);
  const double *kernel = bind_doubles(L, 2, who, "kernel", &n, &columns);
  n *= columns;
  limn_array *values = bind_newvector(L, n), *errors = bind_newvector(L, n);
  limn_err err;
  bind_check(L, limn_kernel_cube_levels(values->data, errors->data, kernel, n - 1, &err), &err,
             who);
  return 2;
}

/* sphere_nodes(who, n, dim) -> angles, weights */
static int l_sphere_nodes(lua_State *L) {
  const char *who = luaL_checkstring(L, 1);
  size_t n = (size_t)bind_checkint(L, 2, who, "nodes", 2, 1 << 16);
  size_t dim = (size_t)bind_checkint(L, 3, who, "dim", 2, 1 << 30);
  limn_array *angle = bind_newvector(L, n), *weight = bind_newvector(L, n);
  limn_err err;
  bind_check(L, limn_kernel_sphere_nodes(angle->data, weight->data, n, dim, &err), &err, who);
  return 2;
}

/* sphere(who, kernel at the angles, angles, weights, dim, degrees) -> eigenvalues, errors */
static int l_sphere(lua_State *L) {
  const char *who = luaL_checkstring(L, 1);
  size_t n, columns;
  lua_settop(L, 6);
  const double *kernel = bind_doubles(L, 2, who, "kernel", &n, &columns);
  n *= columns;
  const double *angle = sized(L, 3, who, "angles", n, 1),
               *weight = sized(L, 4, who, "weights", n, 1);
  size_t dim = (size_t)bind_checkint(L, 5, who, "dim", 2, 1 << 30);
  size_t degrees = (size_t)bind_checkint(L, 6, who, "degrees", 0, 1 << 16);
  limn_array *values = bind_newvector(L, degrees + 1), *errors = bind_newvector(L, degrees + 1);
  limn_err err;
  bind_check(L,
             limn_kernel_sphere_degrees(values->data, errors->data, degrees, kernel, angle, weight,
                                        n, dim, &err),
             &err, who);
  return 2;
}

int l_open_kernel(lua_State *L) {
  static const luaL_Reg functions[] = {{"evaluate", l_evaluate},
                                       {"diagonal", l_diagonal},
                                       {"factorise", l_factorise},
                                       {"solve", l_solve},
                                       {"flow", l_flow},
                                       {"descent", l_descent},
                                       {"variance", l_variance},
                                       {"cube", l_cube},
                                       {"sphere_nodes", l_sphere_nodes},
                                       {"sphere", l_sphere},
                                       {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
