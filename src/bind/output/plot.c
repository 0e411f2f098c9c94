/* plot.c: limn.native.plot: columns of numbers, their text for gnuplot, and their thinning
 * (num/array/thin.h). lua/limn/plot decides what is drawn. */
#include "bind/bind.h"
#include "core/decimal.h"
#include "num/array/thin.h"

#include <math.h>
#include <string.h>

/* ---- columns ---- */

/* column(v, who, name) -> contiguous f64 vector (all entries, row-major), rows, cols[, depth].
 * Accepts tables, nested tables and arrays of any rank. */
static int l_column(lua_State *L) {
  const char *who = luaL_checkstring(L, 2), *name = luaL_checkstring(L, 3);
  lua_settop(L, 3);
  limn_array *a = bind_testarray(L, 1);
  if (a && a->rank == 3) {
    limn_array *copy = bind_newvector(L, limn_array_size(a));
    limn_array_read(a, copy->data);
    for (int k = 0; k < 3; k++) lua_pushinteger(L, (lua_Integer)a->dims[k]);
    return 4;
  }
  size_t rows, cols;
  const double *p = bind_doubles(L, 1, who, name, &rows, &cols);
  limn_array *copy = bind_newvector(L, rows * cols);
  memcpy(copy->data, p, rows * cols * sizeof *p);
  lua_pushinteger(L, (lua_Integer)rows);
  lua_pushinteger(L, (lua_Integer)cols);
  return 3;
}

/* The numbers of a column that l_column made. */
static const double *numbers(lua_State *L, int idx, size_t *n) {
  size_t cols;
  const double *p = bind_doubles(L, idx, "plot", "column", n, &cols);
  *n *= cols;
  return p;
}

/* totable(column) -> Lua table of its numbers */
static int l_totable(lua_State *L) {
  size_t n;
  const double *p = numbers(L, 1, &n);
  lua_createtable(L, n < 1 << 26 ? (int)n : 0, 0);
  for (size_t i = 0; i < n; i++) {
    lua_pushnumber(L, p[i]);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
  return 1;
}

/* extent(column) -> smallest and largest finite number (nil if there is none); smallest positive
 * number (likewise); how many are finite; how many are finite and <= 0 */
static int l_extent(lua_State *L) {
  size_t n;
  const double *p = numbers(L, 1, &n);
  limn_extent e;
  limn_extent_of(&e, p, n);
  const double found[3] = {e.low, e.high, e.positive};
  for (int k = 0; k < 3; k++)
    if (isfinite(found[k]))
      lua_pushnumber(L, found[k]);
    else
      lua_pushnil(L);
  lua_pushinteger(L, (lua_Integer)e.finite);
  lua_pushinteger(L, (lua_Integer)e.refused);
  return 5;
}

/* ---- text ---- */

/* rows({column or number, ...}, {true where the column must be positive}|nil, per) -> text, number
 * of lines with a number that should be positive and is not. One line per entry; with `per`, the
 * one column is a matrix with `per` numbers per line. Such numbers, and numbers that are not
 * finite, are written as NaN. The upvalue is the table of powers of ten. */
static int l_rows(lua_State *L) {
  const limn_decimal *powers = lua_touserdata(L, lua_upvalueindex(1));
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 3);
  size_t columns = lua_rawlen(L, 1), lines = 0;
  size_t per = lua_isnil(L, 3) ? 0 : (size_t)bind_checkint(L, 3, "plot", "per", 1, 1 << 24);
  const double *p[16];
  double constant[16];
  size_t step[16];
  bool positive[16] = {0};
  if (columns < 1 || columns > 16)
    bind_error(L, "plot: between 1 and 16 columns, got %zu", columns);
  bool counted = false;
  for (size_t k = 0; k < columns; k++) {
    size_t n;
    if (lua_istable(L, 2)) {
      lua_rawgeti(L, 2, (lua_Integer)k + 1);
      positive[k] = lua_toboolean(L, -1);
      lua_pop(L, 1);
    }
    luaL_checkstack(L, 8, NULL);
    if (lua_rawgeti(L, 1, (lua_Integer)k + 1) == LUA_TNUMBER) {
      constant[k] = lua_tonumber(L, -1);
      p[k] = &constant[k];
      step[k] = 0;
      lua_pop(L, 1);
      continue;
    }
    p[k] = numbers(L, -1, &n); /* remains on the stack */
    step[k] = 1;
    if (counted && n != lines) bind_error(L, "plot: columns of %zu and %zu entries", lines, n);
    lines = n;
    counted = true;
  }
  if (!counted) lines = 1;
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  size_t refused = 0;
  for (size_t i = 0; i < lines; i++) {
    char *out = luaL_prepbuffsize(&b, columns * (LIMN_DECIMAL_MAX + 1) + 1), *at = out;
    bool bad = false;
    for (size_t k = 0; k < columns; k++) {
      double x = p[k][i * step[k]];
      if (positive[k] && x <= 0 && isfinite(x)) {
        bad = true;
        x = NAN;
      }
      if (k) *at++ = ' ';
      at += limn_decimal_write(powers, x, at);
    }
    *at++ = per && (i + 1) % per ? ' ' : '\n';
    refused += bad;
    luaL_addsize(&b, (size_t)(at - out));
  }
  luaL_pushresult(&b);
  lua_pushinteger(L, (lua_Integer)refused);
  return 2;
}

/* rounded(column, digits) -> a new column with so many significant digits; fewer bytes where a page
 * cannot resolve more */
static int l_rounded(lua_State *L) {
  size_t n;
  const double *p = numbers(L, 1, &n);
  int digits = (int)bind_checkint(L, 2, "plot", "digits", 1, 15);
  limn_round_digits(bind_newvector(L, n)->data, p, n, digits);
  return 1;
}

/* number(x) -> its shortest text, with a decimal point in every locale */
static int l_number(lua_State *L) {
  const limn_decimal *powers = lua_touserdata(L, lua_upvalueindex(1));
  char out[LIMN_DECIMAL_MAX];
  lua_pushlstring(L, out, limn_decimal_write(powers, luaL_checknumber(L, 1), out));
  return 1;
}

/* ---- thinning ---- */

/* Strips of an axis, from the four values at idx and above: low, high, count, log. */
static limn_strips strips_at(lua_State *L, int idx, const char *name, lua_Integer most) {
  return (limn_strips){.low = luaL_checknumber(L, idx),
                       .high = luaL_checknumber(L, idx + 1),
                       .count = (size_t)bind_checkint(L, idx + 2, "plot", name, 1, most),
                       .log = lua_toboolean(L, idx + 3)};
}

static void push_kept(lua_State *L, const double *v, const unsigned char *keep, size_t n,
                      size_t kept) {
  limn_keep(bind_newvector(L, kept)->data, v, keep, n);
}

/* thin_line(x, y, low, high, columns, log) -> x, y: the points that limn_thin_line keeps */
static int l_thin_line(lua_State *L) {
  size_t n, m;
  lua_settop(L, 6);
  const double *x = numbers(L, 1, &n), *y = numbers(L, 2, &m);
  if (n != m) bind_error(L, "plot: x has %zu entries but y has %zu", n, m);
  limn_strips strips = strips_at(L, 3, "columns", 1 << 24);
  unsigned char *keep = lua_newuserdatauv(L, n + 1, 0);
  size_t kept = limn_thin_line(keep, x, y, n, &strips);
  push_kept(L, x, keep, n, kept);
  push_kept(L, y, keep, n, kept);
  return 2;
}

/* thin_band(x, lo, hi, low, high, columns, log) -> x, lo, hi: the band that limn_thin_band returns
 * */
static int l_thin_band(lua_State *L) {
  size_t n, m, k;
  lua_settop(L, 7);
  const double *x = numbers(L, 1, &n), *lo = numbers(L, 2, &m), *hi = numbers(L, 3, &k);
  if (n != m || n != k) bind_error(L, "plot: columns of %zu, %zu and %zu entries", n, m, k);
  limn_strips strips = strips_at(L, 4, "columns", 1 << 24);
  double *rows = lua_newuserdatauv(L, (n + 1) * 3 * sizeof *rows, 0);
  size_t kept = limn_thin_band(rows, x, lo, hi, n, &strips);
  for (size_t c = 0; c < 3; c++) {
    limn_array column = limn_array_view(LIMN_F64, 1, &kept, rows + c);
    column.stride[0] = 3;
    limn_array_read(&column, bind_newvector(L, kept)->data);
  }
  return 3;
}

/* thin_points(x, y, {xlow, xhigh, cells, log}, {ylow, yhigh, cells, log}[, z]) -> x, y[, z]: the
 * points that limn_thin_points keeps */
static int l_thin_points(lua_State *L) {
  size_t n, m;
  lua_settop(L, 5);
  const double *x = numbers(L, 1, &n), *y = numbers(L, 2, &m);
  if (n != m) bind_error(L, "plot: x has %zu entries but y has %zu", n, m);
  const double *z = lua_isnil(L, 5) ? NULL : numbers(L, 5, &m);
  if (n != m) bind_error(L, "plot: x has %zu entries but z has %zu", n, m);
  limn_strips axes[2];
  for (int k = 0; k < 2; k++) {
    luaL_checktype(L, 3 + k, LUA_TTABLE);
    for (int j = 1; j <= 4; j++) lua_rawgeti(L, 3 + k, j);
    axes[k] = strips_at(L, 6, "cells", 1 << 14);
    lua_pop(L, 4);
  }
  unsigned char *keep = lua_newuserdatauv(L, n + 1, 0),
                *taken = lua_newuserdatauv(L, axes[0].count * axes[1].count, 0);
  size_t kept = limn_thin_points(keep, taken, x, y, n, axes);
  push_kept(L, x, keep, n, kept);
  push_kept(L, y, keep, n, kept);
  if (!z) return 2;
  push_kept(L, z, keep, n, kept);
  return 3;
}

/* pick(column, across, {row, ...}, {col, ...}) -> the entries of a matrix of `across` columns in
 * those rows and columns (from 1; 0: NaN), row by row */
static int l_pick(lua_State *L) {
  size_t n, counts[2];
  const double *p = numbers(L, 1, &n);
  size_t across = (size_t)bind_checkint(L, 2, "plot", "across", 1, 1 << 24);
  size_t *index[2];
  for (int k = 0; k < 2; k++) {
    luaL_checktype(L, 3 + k, LUA_TTABLE);
    counts[k] = lua_rawlen(L, 3 + k);
    index[k] = lua_newuserdatauv(L, (counts[k] + 1) * sizeof **index, 0);
    for (size_t i = 0; i < counts[k]; i++) {
      lua_rawgeti(L, 3 + k, (lua_Integer)i + 1);
      lua_Integer at = lua_tointeger(L, -1);
      lua_pop(L, 1);
      if (at < 0 || (size_t)at > (k ? across : n / across))
        bind_error(L, "plot: no row or column %lld", (long long)at);
      index[k][i] = (size_t)at;
    }
  }
  double *out = bind_newvector(L, counts[0] * counts[1])->data;
  for (size_t i = 0; i < counts[0]; i++)
    for (size_t j = 0; j < counts[1]; j++)
      *out++ = index[0][i] && index[1][j] ? p[(index[0][i] - 1) * across + index[1][j] - 1] : NAN;
  return 1;
}

/* bins(column, low, high, count) -> table of the counts in `count` equal bins (the last one
 * closed), and the count of numbers outside or not finite */
static int l_bins(lua_State *L) {
  size_t n;
  const double *p = numbers(L, 1, &n);
  double low = bind_checkfinite(L, 2, "plot", "low"), high = bind_checkfinite(L, 3, "plot", "high");
  size_t count = (size_t)bind_checkint(L, 4, "plot", "bins", 1, 1 << 20);
  double *height = bind_newvector(L, count)->data;
  lua_pushinteger(L, (lua_Integer)limn_bin(height, count, p, n, low, high));
  return 2;
}

int l_open_plot(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"column", l_column}, {"totable", l_totable},     {"extent", l_extent},
      {"rows", l_rows},     {"number", l_number},       {"thin_line", l_thin_line},
      {"bins", l_bins},     {"rounded", l_rounded},     {"thin_points", l_thin_points},
      {"pick", l_pick},     {"thin_band", l_thin_band}, {NULL, NULL}};
  luaL_newlibtable(L, functions);
  limn_decimal_init(lua_newuserdatauv(L, sizeof(limn_decimal), 0));
  luaL_setfuncs(L, functions, 1);
  return 1;
}
