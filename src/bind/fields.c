/* fields.c: fields of tables (see fields.h). */
#include "bind/fields.h"

lua_Integer bind_integerfield(lua_State *L, int idx, const char *who, const char *name,
                              lua_Integer low, lua_Integer high) {
  lua_getfield(L, idx, name);
  lua_Integer n = bind_checkint(L, -1, who, name, low, high);
  lua_pop(L, 1);
  return n;
}

lua_Integer bind_optintegerfield(lua_State *L, int idx, const char *who, const char *name,
                                 lua_Integer low, lua_Integer high, lua_Integer otherwise) {
  bool absent = lua_getfield(L, idx, name) == LUA_TNIL;
  lua_Integer n = absent ? otherwise : bind_checkint(L, -1, who, name, low, high);
  lua_pop(L, 1);
  return n;
}

uint64_t bind_checkkey(lua_State *L, int idx, const char *who, const char *name) {
  return (uint64_t)bind_checkint(L, idx, who, name, LUA_MININTEGER, LUA_MAXINTEGER);
}

uint64_t bind_keyfield(lua_State *L, int idx, const char *who, const char *name) {
  return (uint64_t)bind_integerfield(L, idx, who, name, LUA_MININTEGER, LUA_MAXINTEGER);
}

double bind_numberfield(lua_State *L, int idx, const char *who, const char *name) {
  lua_getfield(L, idx, name);
  double x = bind_checkfinite(L, -1, who, name);
  lua_pop(L, 1);
  return x;
}

double bind_optnumberfield(lua_State *L, int idx, const char *who, const char *name,
                           double otherwise) {
  double x = otherwise;
  if (lua_getfield(L, idx, name) != LUA_TNIL) {
    if (lua_type(L, -1) != LUA_TNUMBER)
      bind_error(L, "%s: %s must be a number, got %s", who, name, bind_typename(L, -1));
    x = lua_tonumber(L, -1);
  }
  lua_pop(L, 1);
  return x;
}

bool bind_flagfield(lua_State *L, int idx, const char *name) {
  lua_getfield(L, idx, name);
  bool value = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return value;
}

/* Pushes `"relu" or "tanh" or "erf"`, as check.value lists them. */
static const char *push_words(lua_State *L, limn_vocabulary words) {
  luaL_Buffer b;
  bool first = true;
  luaL_buffinit(L, &b);
  for (int value = 0; value < limn_vocabulary_values(words); value++) {
    const char *name = limn_word_name(words, value);
    if (!name) continue;
    luaL_addstring(&b, first ? "\"" : " or \"");
    luaL_addstring(&b, name);
    luaL_addchar(&b, '"');
    first = false;
  }
  luaL_pushresult(&b);
  return lua_tostring(L, -1);
}

int bind_checkword(lua_State *L, int idx, const char *who, const char *name,
                   limn_vocabulary words) {
  bool text = lua_type(L, idx) == LUA_TSTRING;
  int value = text ? limn_word_value(words, lua_tostring(L, idx)) : -1;
  if (value < 0) {
    const char *got =
        text ? lua_pushfstring(L, "\"%s\"", lua_tostring(L, idx)) : bind_typename(L, idx);
    bind_error(L, "%s: %s must be %s, got %.60s", who, name, push_words(L, words), got);
  }
  return value;
}

int bind_wordfield(lua_State *L, int idx, const char *who, const char *name,
                   limn_vocabulary words) {
  lua_getfield(L, idx, name);
  int value = bind_checkword(L, -1, who, name, words);
  lua_pop(L, 1);
  return value;
}

void bind_setnumber(lua_State *L, const char *name, double value) {
  lua_pushnumber(L, value);
  lua_setfield(L, -2, name);
}

void bind_setknown(lua_State *L, const char *name, double value) {
  if (value == value) bind_setnumber(L, name, value);
}

void bind_setinteger(lua_State *L, const char *name, uint64_t value) {
  lua_pushinteger(L, (lua_Integer)value);
  lua_setfield(L, -2, name);
}

void bind_setflag(lua_State *L, const char *name, bool value) {
  lua_pushboolean(L, value);
  lua_setfield(L, -2, name);
}

void bind_setstring(lua_State *L, const char *name, const char *value) {
  lua_pushstring(L, value);
  lua_setfield(L, -2, name);
}

void bind_setvalue(lua_State *L, const char *name, int idx) {
  lua_pushvalue(L, idx);
  lua_setfield(L, -2, name);
}
