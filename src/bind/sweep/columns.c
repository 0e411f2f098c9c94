/* columns.c: limn.native.columns: the values of many cells by column (sys/columns.h). Rows count
 * from 1 here. */
#include "bind/bind.h"

#include <string.h>

#include "sys/columns.h"

#define COLUMNS "limn.columns"

static limn_columns *check(lua_State *L) {
  return luaL_checkudata(L, 1, COLUMNS);
}

static int l_gc(lua_State *L) {
  limn_columns_free(check(L));
  return 0;
}

/* new(rows, first, step): row r stands for the cell first + (r - 1) * step of a grid. */
static int l_new(lua_State *L) {
  lua_Integer rows = bind_checkint(L, 1, "columns.new", "rows", 0, INT64_MAX / 16);
  lua_Integer first = luaL_optinteger(L, 2, 1), step = luaL_optinteger(L, 3, 1);
  limn_columns *c = lua_newuserdatauv(L, sizeof *c, 0);
  *c = (limn_columns){.rows = (size_t)rows, .first = (size_t)first - 1, .step = (size_t)step};
  luaL_setmetatable(L, COLUMNS);
  return 1;
}

static size_t row_at(lua_State *L, int idx, size_t rows) {
  lua_Integer row = luaL_checkinteger(L, idx);
  if (row < 1 || (size_t)row > rows) luaL_error(L, "columns: no row %I", row);
  return (size_t)row - 1;
}

/* The value at the top. */
static limn_column_value value_at_top(lua_State *L) {
  limn_column_value v = {LIMN_COLUMN_NONE, {0}};
  switch (lua_type(L, -1)) {
  case LUA_TNUMBER:
    v.kind = lua_isinteger(L, -1) ? LIMN_COLUMN_INTEGER : LIMN_COLUMN_REAL;
    if (lua_isinteger(L, -1))
      v.as.integer = lua_tointeger(L, -1);
    else
      v.as.real = lua_tonumber(L, -1);
    break;
  case LUA_TBOOLEAN:
    v.kind = LIMN_COLUMN_BOOLEAN;
    v.as.integer = lua_toboolean(L, -1);
    break;
  case LUA_TSTRING:
    v.kind = LIMN_COLUMN_TEXT;
    v.as.text.bytes = lua_tolstring(L, -1, &v.as.text.length);
    break;
  default:
    luaL_error(L, "columns: cannot hold a %s", luaL_typename(L, -1));
  }
  return v;
}

/* The index of the column named at idx, which is made if it is absent. */
static size_t named(lua_State *L, limn_columns *c, int idx, size_t period, size_t run) {
  size_t n;
  limn_err err;
  const char *name = luaL_checklstring(L, idx, &n);
  ptrdiff_t column = limn_columns_named(c, name, n, period, run, &err);
  if (column < 0) bind_check(L, LIMN_ENOMEM, &err, "");
  return (size_t)column;
}

static void set(lua_State *L, limn_columns *c, size_t column, size_t row) {
  limn_err err;
  limn_status status = limn_columns_set(c, column, row, value_at_top(L), &err);
  if (status != LIMN_OK) bind_check(L, status, &err, "");
}

/* columns:cycle(name, run, list, n): a parameter of the grid with n values, which changes after
 * `run` cells */
static int l_cycle(lua_State *L) {
  limn_columns *c = check(L);
  lua_Integer run = luaL_checkinteger(L, 3), n = luaL_checkinteger(L, 5);
  size_t column = named(L, c, 2, (size_t)n, (size_t)run);
  for (lua_Integer i = 1; i <= n; i++) {
    lua_geti(L, 4, i);
    set(L, c, column, (size_t)i - 1);
    lua_pop(L, 1);
  }
  return 0;
}

/* columns:set(row, {name = value, ...}) */
static int l_set(lua_State *L) {
  limn_columns *c = check(L);
  size_t row = row_at(L, 2, c->rows);
  luaL_checktype(L, 3, LUA_TTABLE);
  lua_settop(L, 3);
  for (lua_pushnil(L); lua_next(L, 3); lua_pop(L, 1)) {
    luaL_checktype(L, 4, LUA_TSTRING);
    set(L, c, named(L, c, 4, 0, 0), row);
  }
  return 0;
}

/* columns:put(row, bytes) -> whether the cell has values that are kept aside; or nil, message */
static int l_put(lua_State *L) {
  limn_columns *c = check(L);
  size_t n, row = row_at(L, 2, c->rows);
  const char *bytes = luaL_checklstring(L, 3, &n);
  limn_err err;
  bool aside;
  limn_status status = limn_columns_put(c, row, bytes, n, &aside, &err);
  if (status == LIMN_EFORMAT) return lua_pushnil(L), lua_pushstring(L, err.text), 2;
  if (status != LIMN_OK) bind_check(L, status, &err, "");
  lua_pushboolean(L, aside);
  return 1;
}

static void push_value(lua_State *L, limn_column_value v) {
  if (v.kind == LIMN_COLUMN_INTEGER)
    lua_pushinteger(L, v.as.integer);
  else if (v.kind == LIMN_COLUMN_REAL)
    lua_pushnumber(L, v.as.real);
  else if (v.kind == LIMN_COLUMN_BOOLEAN)
    lua_pushboolean(L, v.as.integer != 0);
  else if (v.kind == LIMN_COLUMN_TEXT)
    lua_pushlstring(L, v.as.text.bytes, v.as.text.length);
  else
    lua_pushnil(L);
}

/* columns:get(place) -> the row at that place of the order as a table; its number; whether it has
 * values that are kept aside */
static int l_get(lua_State *L) {
  limn_columns *c = check(L);
  size_t row = limn_columns_at(c, row_at(L, 2, limn_columns_count(c)));
  bool aside = false;
  lua_createtable(L, 0, (int)c->count);
  for (size_t k = 0; k < c->count; k++) {
    limn_column_value v = limn_columns_get(c, k, row);
    if (v.kind >= LIMN_COLUMN_ASIDE) aside = true;
    if (v.kind == LIMN_COLUMN_NONE || v.kind >= LIMN_COLUMN_ASIDE) continue;
    lua_pushlstring(L, c->list[k].name, c->list[k].length);
    push_value(L, v);
    lua_rawset(L, -3);
  }
  lua_pushinteger(L, (lua_Integer)row + 1);
  lua_pushboolean(L, aside);
  return 3;
}

/* columns:aside(row) -> the names of its values that are kept aside */
static int l_aside(lua_State *L) {
  limn_columns *c = check(L);
  size_t row = row_at(L, 2, c->rows);
  lua_Integer n = 0;
  lua_newtable(L);
  for (size_t k = 0; k < c->count; k++) {
    if (limn_columns_get(c, k, row).kind < LIMN_COLUMN_ASIDE) continue;
    lua_pushlstring(L, c->list[k].name, c->list[k].length);
    lua_rawseti(L, -2, ++n);
  }
  return 1;
}

/* columns:absent(row) -> the first row from there on that was not put, or nil */
static int l_absent(lua_State *L) {
  limn_columns *c = check(L);
  size_t row = limn_columns_absent(c, (size_t)luaL_checkinteger(L, 2) - 1);
  if (row < c->rows) return lua_pushinteger(L, (lua_Integer)row + 1), 1;
  return lua_pushnil(L), 1;
}

/* columns:mark(row): the row is there, with the values that were set. */
static int l_mark(lua_State *L) {
  limn_columns *c = check(L);
  limn_err err;
  limn_status status = limn_columns_mark(c, row_at(L, 2, c->rows), &err);
  if (status != LIMN_OK) bind_check(L, status, &err, "");
  return 0;
}

/* columns:order{name, ...}: by these columns, then by row */
static int l_order(lua_State *L) {
  limn_columns *c = check(L);
  luaL_checktype(L, 2, LUA_TTABLE);
  size_t n = lua_rawlen(L, 2);
  size_t *by = lua_newuserdatauv(L, (n + 1) * sizeof *by, 0);
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, 2, (lua_Integer)i + 1);
    by[i] = named(L, c, lua_gettop(L), 0, 0);
    lua_pop(L, 1);
  }
  limn_err err;
  limn_status status = limn_columns_order(c, by, n, &err);
  if (status != LIMN_OK) bind_check(L, status, &err, "");
  return 0;
}

/* columns:names() -> the names of the columns that vary by row; those of the cyclic ones */
static int l_names(lua_State *L) {
  limn_columns *c = check(L);
  lua_Integer n = 0, m = 0;
  lua_newtable(L);
  lua_newtable(L);
  for (size_t k = 0; k < c->count; k++) {
    bool cyclic = c->list[k].period > 0;
    lua_pushlstring(L, c->list[k].name, c->list[k].length);
    lua_rawseti(L, cyclic ? -2 : -3, cyclic ? ++m : ++n);
  }
  return 2;
}

/* columns:broken() -> the number of rows that hold a value that is not finite or "diverged"; name
 * -> their number by column, without the cyclic columns */
static int l_broken(lua_State *L) {
  limn_columns *c = check(L);
  lua_Integer *counts = lua_newuserdatauv(L, (c->count + 1) * sizeof *counts, 0), rows = 0;
  memset(counts, 0, (c->count + 1) * sizeof *counts);
  for (size_t place = 0; place < limn_columns_count(c); place++) {
    bool any = false;
    for (size_t k = 0; k < c->count; k++) {
      if (c->list[k].period) continue;
      limn_column_value v = limn_columns_get(c, k, limn_columns_at(c, place));
      if (!limn_columns_broken(&v)) continue;
      any = true;
      counts[k]++;
    }
    rows += any;
  }
  lua_pushinteger(L, rows);
  lua_newtable(L);
  for (size_t k = 0; k < c->count; k++) {
    if (!counts[k]) continue;
    lua_pushlstring(L, c->list[k].name, c->list[k].length);
    lua_pushinteger(L, counts[k]);
    lua_rawset(L, -3);
  }
  return 2;
}

static int l_len(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)limn_columns_count(check(L)));
  return 1;
}

int l_open_columns(lua_State *L) {
  static const luaL_Reg methods[] = {{"cycle", l_cycle},   {"set", l_set},     {"put", l_put},
                                     {"get", l_get},       {"aside", l_aside}, {"mark", l_mark},
                                     {"absent", l_absent}, {"order", l_order}, {"names", l_names},
                                     {"broken", l_broken}, {NULL, NULL}};
  static const luaL_Reg meta[] = {{"__gc", l_gc}, {"__len", l_len}, {NULL, NULL}};
  static const luaL_Reg functions[] = {{"new", l_new}, {NULL, NULL}};
  bind_class(L, COLUMNS, methods, meta);
  luaL_newlib(L, functions);
  return 1;
}
