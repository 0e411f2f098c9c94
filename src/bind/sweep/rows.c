/* rows.c: limn.native.rows: a table of results as CSV text. Every run writes the table, so this
 * must be fast for 10^5 finished cells. */
#include "bind/bind.h"

#include <math.h>
#include <stdio.h>

#include "core/decimal.h"

static bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/* A string as a field (RFC 4180). Also quoted: an empty string, which would be read as a missing
 * value, and one with blanks at its ends, which some readers drop. */
static void add_text(luaL_Buffer *b, const char *text, size_t n) {
  bool plain = n > 0 && !is_space(text[0]) && !is_space(text[n - 1]);
  for (size_t i = 0; i < n && plain; i++)
    plain = text[i] != '"' && text[i] != ',' && text[i] != '\r' && text[i] != '\n';
  if (plain) {
    luaL_addlstring(b, text, n);
    return;
  }
  luaL_addchar(b, '"');
  for (size_t i = 0; i < n; i++) {
    if (text[i] == '"') luaL_addchar(b, '"');
    luaL_addchar(b, text[i]);
  }
  luaL_addchar(b, '"');
}

/* The shortest text that reads back as the same number; nan without a sign. */
static size_t write_number(lua_State *L, double x, char text[64]) {
  if (!isfinite(x))
    return (size_t)snprintf(text, 64, "%s", isnan(x) ? "nan" : x > 0 ? "inf" : "-inf");
  return limn_decimal_write(lua_touserdata(L, lua_upvalueindex(1)), x, text);
}

/* Adds the value at the top and pops it; index 3 holds the function that formats values other than
 * numbers, strings and booleans. The stack must be the same at every addition to a buffer. */
static void add_field(lua_State *L, luaL_Buffer *b) {
  char text[64];
  size_t n = 0;
  const char *s;
  switch (lua_type(L, -1)) {
  case LUA_TNIL:
    break;
  case LUA_TBOOLEAN:
    n = (size_t)snprintf(text, sizeof text, "%s", lua_toboolean(L, -1) ? "true" : "false");
    break;
  case LUA_TNUMBER:
    if (lua_isinteger(L, -1))
      n = (size_t)snprintf(text, sizeof text, "%lld", (long long)lua_tointeger(L, -1));
    else
      n = write_number(L, lua_tonumber(L, -1), text);
    break;
  case LUA_TSTRING:
    s = lua_tolstring(L, -1, &n);
    lua_pop(L, 1); /* its row holds a reference */
    add_text(b, s, n);
    return;
  default:
    lua_pushvalue(L, 3);
    lua_insert(L, -2);
    lua_call(L, 1, 1);
    s = luaL_checklstring(L, -1, &n);
    lua_replace(L, 4); /* holds a reference */
    add_text(b, s, n);
    return;
  }
  lua_pop(L, 1);
  luaL_addlstring(b, text, n);
}

/* csv({row, ...}, {name, ...}, words) -> text: a line of names, then a line per row; nil is an
 * empty field. words(value) -> the text of a value that is not a number, string or boolean. */
static int l_csv(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checktype(L, 2, LUA_TTABLE);
  luaL_checktype(L, 3, LUA_TFUNCTION);
  lua_settop(L, 4); /* 4: the last result of words */
  lua_Integer rows = (lua_Integer)lua_rawlen(L, 1), columns = (lua_Integer)lua_rawlen(L, 2);
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  for (lua_Integer i = 0; i <= rows; i++) {
    for (lua_Integer j = 1; j <= columns; j++) {
      if (j > 1) luaL_addchar(&b, ',');
      if (i == 0) {
        lua_rawgeti(L, 2, j);
      } else {
        lua_rawgeti(L, 1, i);
        lua_rawgeti(L, 2, j);
        lua_gettable(L, -2); /* a row of a large table reads its arrays by __index */
        lua_remove(L, -2);
      }
      add_field(L, &b);
    }
    luaL_addchar(&b, '\n');
  }
  luaL_pushresult(&b);
  return 1;
}

/* weighed({row, ...}, {name, ...}, first, most) -> index of the row, from the first on, with which
 * the entries of the arrays and the characters of the texts exceed `most`; the last row if none. */
static int l_weighed(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_Integer first = luaL_checkinteger(L, 3), most = luaL_checkinteger(L, 4), n = 0;
  lua_Integer rows = (lua_Integer)lua_rawlen(L, 1), columns = (lua_Integer)lua_rawlen(L, 2);
  lua_settop(L, 2);
  for (lua_Integer i = first; i <= rows; i++) {
    lua_rawgeti(L, 1, i);
    for (lua_Integer j = 1; j <= columns; j++) {
      lua_rawgeti(L, 2, j);
      lua_gettable(L, 3);
      if (lua_type(L, -1) == LUA_TSTRING) n += (lua_Integer)lua_rawlen(L, -1);
      const limn_array *a = lua_isuserdata(L, -1) ? bind_testarray(L, -1) : NULL;
      if (a) n += (lua_Integer)limn_array_size(a);
      lua_pop(L, 1);
    }
    lua_pop(L, 1);
    if (n > most) rows = i;
  }
  lua_pushinteger(L, rows);
  return 1;
}

/* quote(text) -> the text as a field of a CSV file */
static int l_quote(lua_State *L) {
  size_t n;
  luaL_Buffer b;
  luaL_checktype(L, 1, LUA_TSTRING);
  const char *text = lua_tolstring(L, 1, &n);
  luaL_buffinit(L, &b);
  add_text(&b, text, n);
  luaL_pushresult(&b);
  return 1;
}

/* new(fields) -> an empty table, allocated for that many fields */
static int l_new_row(lua_State *L) {
  lua_createtable(L, 0, (int)bind_checkint(L, 1, "rows.new", "fields", 0, 1 << 20));
  return 1;
}

int l_open_rows(lua_State *L) {
  luaL_newlib(
      L,
      ((luaL_Reg[]){{"new", l_new_row}, {"quote", l_quote}, {"weighed", l_weighed}, {NULL, NULL}}));
  limn_decimal_init(lua_newuserdatauv(L, sizeof(limn_decimal), 0));
  lua_pushcclosure(L, l_csv, 1);
  lua_setfield(L, -2, "csv");
  return 1;
}
