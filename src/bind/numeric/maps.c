/* maps.c: limn.native.maps: grids and the measures of maps. limn/maps.lua has the options; the
 * first argument of each function is the name that the user typed. */
#include "bind/fields.h"
#include "limn/maps.h"

/* A table {nx=, ny=, x0=, x1=, y0=, y1=} as a grid. */
static limn_maps_grid grid_at(lua_State *L, int idx, const char *who) {
  luaL_checktype(L, idx, LUA_TTABLE);
  return (limn_maps_grid){
      .nx = (size_t)bind_integerfield(L, idx, who, "nx", 0, (lua_Integer)1 << 40),
      .ny = (size_t)bind_integerfield(L, idx, who, "ny", 0, (lua_Integer)1 << 40),
      .x0 = bind_numberfield(L, idx, who, "x0"),
      .x1 = bind_numberfield(L, idx, who, "x1"),
      .y0 = bind_numberfield(L, idx, who, "y0"),
      .y1 = bind_numberfield(L, idx, who, "y1")};
}

/* Maps at idx as (count, cells); cells must be the number of cells of the grid. */
static const double *maps_at(lua_State *L, int idx, const char *who, const limn_maps_grid *g,
                             size_t *count) {
  size_t cells;
  const double *maps = bind_doubles(L, idx, who, "maps", count, &cells);
  if (g && cells != g->nx * g->ny)
    bind_error(L, "%s: expected %zu x %zu cells per map, got %zu", who, g->ny, g->nx, cells);
  return maps;
}

/* check(who, grid): raises for an invalid grid */
static int l_valid(lua_State *L) {
  const char *who = luaL_checkstring(L, 1);
  limn_maps_grid g = grid_at(L, 2, who);
  limn_err err;
  bind_check(L, limn_maps_valid(&g, &err), &err, who);
  return 0;
}

static int l_points(lua_State *L) {
  const char *who = luaL_checkstring(L, 1);
  lua_settop(L, 2);
  limn_maps_grid g = grid_at(L, 2, who);
  limn_err err;
  bind_check(L, limn_maps_valid(&g, &err), &err, who);
  limn_array *out = bind_newmatrix(L, g.nx * g.ny, 2);
  bind_check(L, limn_maps_points(out->data, &g, &err), &err, who);
  return 1;
}

/* finite(who, maps, grid): raises where a value is not finite */
static int l_finite(lua_State *L) {
  const char *who = luaL_checkstring(L, 1);
  size_t count;
  limn_maps_grid g = grid_at(L, 3, who);
  const double *maps = maps_at(L, 2, who, &g, &count);
  limn_err err;
  bind_check(L, limn_maps_finite(maps, count, &g, &err), &err, who);
  return 0;
}

/* shape(who, maps, grid) -> (count, columns) */
static int l_shape(lua_State *L) {
  const char *who = luaL_checkstring(L, 1);
  size_t count;
  lua_settop(L, 3);
  limn_maps_grid g = grid_at(L, 3, who);
  const double *maps = maps_at(L, 2, who, &g, &count);
  limn_array *out = bind_newmatrix(L, count, LIMN_MAPS_COLUMNS);
  limn_token token = bind_token(L);
  limn_err err;
  bind_check(L, limn_maps_shape(out->data, maps, count, &g, &token, &err), &err, who);
  return 1;
}

/* lz(who, bits) -> phrases; bits: numbers, positive ones count as 1 */
static int l_lz(lua_State *L) {
  const char *who = luaL_checkstring(L, 1);
  size_t rows, cols, phrases = 0;
  lua_settop(L, 2);
  const double *x = bind_doubles(L, 2, who, "signs", &rows, &cols);
  unsigned char *bits = lua_newuserdatauv(L, rows * cols + 1, 0);
  for (size_t k = 0; k < rows * cols; k++) bits[k] = x[k] > 0;
  limn_err err;
  bind_check(L, limn_maps_lz(&phrases, bits, rows * cols, &err), &err, who);
  lua_pushinteger(L, (lua_Integer)phrases);
  return 1;
}

/* classes(who, values) -> group of each row, number of groups */
static int l_classes(lua_State *L) {
  const char *who = luaL_checkstring(L, 1);
  size_t rows, width, groups;
  lua_settop(L, 2);
  const double *values = bind_doubles(L, 2, who, "values", &rows, &width);
  limn_array *out = bind_newvector(L, rows);
  limn_err err;
  bind_check(L, limn_maps_classes(out->data, &groups, values, rows, width, &err), &err, who);
  lua_pushinteger(L, (lua_Integer)groups);
  return 2;
}

/* pairs(who, maps) -> correlation, agreement, spread: (count, count) each */
static int l_pairs(lua_State *L) {
  const char *who = luaL_checkstring(L, 1);
  size_t count, cells;
  lua_settop(L, 2);
  const double *maps = bind_doubles(L, 2, who, "maps", &count, &cells);
  limn_array *c = bind_newmatrix(L, count, count), *a = bind_newmatrix(L, count, count),
             *s = bind_newmatrix(L, count, count);
  limn_token token = bind_token(L);
  limn_err err;
  bind_check(L, limn_maps_pairs(c->data, a->data, s->data, maps, count, cells, &token, &err), &err,
             who);
  return 3;
}

/* distance(who, maps, limit) -> (count, 2): sup, root mean square */
static int l_distance(lua_State *L) {
  const char *who = luaL_checkstring(L, 1);
  size_t count, cells, rows, cols;
  lua_settop(L, 3);
  const double *maps = bind_doubles(L, 2, who, "maps", &count, &cells);
  const double *limit = bind_doubles(L, 3, who, "limit", &rows, &cols);
  if (rows * cols != cells)
    bind_error(L, "%s: limit has %zu cells but the maps have %zu", who, rows * cols, cells);
  limn_array *out = bind_newmatrix(L, count, 2);
  limn_token token = bind_token(L);
  limn_err err;
  bind_check(L, limn_maps_distance(out->data, maps, count, limit, cells, &token, &err), &err, who);
  return 1;
}

/* entropy(who, group, level) -> bits; with at least 3 seeds also the corrected value, low, high */
static int l_entropy(lua_State *L) {
  size_t rows, cols;
  double out, corrected, interval[2];
  limn_err err;
  lua_settop(L, 3);
  const char *who = luaL_checkstring(L, 1);
  const double *group = bind_doubles(L, 2, who, "group", &rows, &cols);
  double level = bind_checkfinite(L, 3, who, "level");
  bind_check(L, limn_maps_entropy(&out, &corrected, interval, group, rows * cols, level, &err),
             &err, who);
  lua_pushnumber(L, out);
  if (rows * cols < 3) return 1;
  lua_pushnumber(L, corrected);
  lua_pushnumber(L, interval[0]);
  lua_pushnumber(L, interval[1]);
  return 4;
}

int l_open_maps(lua_State *L) {
  static const luaL_Reg functions[] = {{"check", l_valid},     {"points", l_points},
                                       {"finite", l_finite},   {"shape", l_shape},
                                       {"lz", l_lz},           {"classes", l_classes},
                                       {"pairs", l_pairs},     {"distance", l_distance},
                                       {"entropy", l_entropy}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
