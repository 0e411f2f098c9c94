/* error.c: the class of error values (see error.h). */
#include "bind/error.h"

#include <lauxlib.h>
#include <string.h>

static int l_error_text(lua_State *L) {
  lua_getfield(L, 1, "text");
  luaL_tolstring(L, -1, NULL);
  return 1;
}

void bind_pusherror(lua_State *L, const char *kind) {
  lua_createtable(L, 0, 2);
  lua_insert(L, -2);
  lua_setfield(L, -2, "text");
  lua_pushstring(L, kind);
  lua_setfield(L, -2, "kind");
  if (luaL_newmetatable(L, LIMN_ERROR)) {
    lua_pushcfunction(L, l_error_text);
    lua_setfield(L, -2, "__tostring");
  }
  lua_setmetatable(L, -2);
}

int bind_interrupt(lua_State *L, const char *where) {
  lua_pushfstring(L, "%sinterrupted!", where);
  bind_pusherror(L, LIMN_INTERRUPTED);
  lua_error(L);
  __builtin_unreachable();
}

int bind_time_over(lua_State *L, const char *where) {
  lua_pushfstring(L, "%sthe time budget is used up", where);
  bind_pusherror(L, "time_limit");
  lua_error(L);
  __builtin_unreachable();
}

int bind_iskind(lua_State *L, int idx, const char *kind) {
  if (luaL_getmetafield(L, idx, "__name") != LUA_TSTRING) return 0;
  int is = strcmp(lua_tostring(L, -1), LIMN_ERROR) == 0;
  lua_pop(L, 1);
  if (is) {
    lua_getfield(L, idx, "kind");
    is = lua_type(L, -1) == LUA_TSTRING && strcmp(lua_tostring(L, -1), kind) == 0;
    lua_pop(L, 1);
  }
  return is;
}
