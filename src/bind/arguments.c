/* arguments.c: arguments that several bindings take, checked in one way. */
#include "bind/bind.h"

#include <string.h>

const char *l_checkpath(lua_State *L, int idx, const char *who, const char *name) {
  if (lua_type(L, idx) != LUA_TSTRING) /* lua_tolstring would turn -5 into a file "-5" */
    l_error(L, "%s: %s must be a string, got %s", who, name, l_typename(L, idx));
  size_t n;
  const char *path = lua_tolstring(L, idx, &n);
  if (n == 0) l_error(L, "%s: %s must not be empty", who, name);
  if (strlen(path) != n) l_error(L, "%s: %s must not contain a zero byte", who, name);
  return path;
}
