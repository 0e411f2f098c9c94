/* arguments.c: arguments that several bindings take, checked in one way. */
#include "bind/bind.h"
#include "bind/sandbox.h"

#include <stdbool.h>
#include <string.h>

static void surplus(lua_State *L, int most, const char *who) {
  int receiver = strchr(who, ':') ? 1 : 0, got = lua_gettop(L) - receiver;
  most -= receiver;
  /* the usual causes and their remedies */
  bool keepdims = strncmp(who, "array:", 6) == 0 && (lua_isboolean(L, -1) || lua_istable(L, -1));
  const char *hint =
      keepdims ? "there is no keepdims: a:sum(1):reshape(1, n) keeps a dimension of size 1"
               : "a call as the last argument passes all its results; (f(x)) passes only the first";
  if (most == 0) bind_error(L, "%s: takes no arguments, got %d (%s)", who, got, hint);
  bind_error(L, "%s: takes at most %d argument%s, got %d (%s)", who, most, most == 1 ? "" : "s",
             got, hint);
}

void bind_arguments(lua_State *L, int most, const char *who) {
  if (lua_gettop(L) > most) surplus(L, most, who);
}

static void check_text(lua_State *L, int idx, const char *who, const char *name) {
  int type = lua_type(L, idx);
  if (type != LUA_TSTRING) { /* lua_tolstring would turn -5 into a file "-5" */
    bool shown = type == LUA_TNUMBER || type == LUA_TBOOLEAN;
    bind_error(L, "%s: %s must be a string, got %s", who, name,
               shown ? luaL_tolstring(L, idx, NULL) : bind_typename(L, idx));
  }
  size_t n;
  const char *path = lua_tolstring(L, idx, &n);
  if (n == 0) bind_error(L, "%s: %s must not be empty", who, name);
  if (strlen(path) != n) bind_error(L, "%s: %s must not contain a zero byte", who, name);
}

const char *bind_checkpath(lua_State *L, int idx, const char *who, const char *name) {
  check_text(L, idx, who, name);
  return bind_confine(L, idx, who, name, false);
}

const char *bind_checkread(lua_State *L, int idx, const char *who, const char *name) {
  check_text(L, idx, who, name);
  return bind_confine(L, idx, who, name, true);
}

int l_path(lua_State *L) {
  lua_settop(L, 3);
  check_text(L, 1, luaL_checkstring(L, 2), luaL_checkstring(L, 3));
  lua_settop(L, 1);
  return 1;
}
