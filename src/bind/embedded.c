/* embedded.c: see embedded.h. */
#include "bind/embedded.h"

#include <lauxlib.h>
#include <string.h>

#include "bind/error.h"
#include "sys/embedded.h"

const char *bind_embedded(const char *path, size_t *size) {
  size_t n = sizeof LIMN_EMBEDDED - 1;
  if (!limn_embedded_files || strncmp(path, LIMN_EMBEDDED "/", n + 1) != 0) return NULL;
  for (const limn_embedded *f = limn_embedded_files; f->path; f++) {
    if (strcmp(f->path, path + n + 1) != 0) continue;
    *size = (size_t)(f->end - f->text);
    return f->text;
  }
  return NULL;
}

/* Runs an embedded module; upvalue: its row. */
static int l_load(lua_State *L) {
  const limn_embedded *f = lua_touserdata(L, lua_upvalueindex(1));
  const char *path = lua_pushfstring(L, "%s/%s", LIMN_EMBEDDED, f->path);
  const char *name = lua_pushfstring(L, "@%s", path);
  if (luaL_loadbufferx(L, f->text, (size_t)(f->end - f->text), name, "t") != LUA_OK)
    return lua_error(L);
  lua_getfield(L, LUA_REGISTRYINDEX, LIMN_TRUSTED_KEY);
  if (lua_isnil(L, -1) || !lua_setupvalue(L, -2, 1)) lua_pop(L, 1);
  lua_pushvalue(L, 1);
  lua_pushstring(L, path);
  lua_call(L, 2, 1);
  return 1;
}

/* Pushes the name of the module in a file: "limn.rng" of limn/rng.lua, "limn" of limn/init.lua. */
static void push_name(lua_State *L, const char *path) {
  luaL_Buffer b;
  size_t n = strlen(path) - strlen(".lua"), init = strlen("/init");
  if (n > init && strncmp(path + n - init, "/init", init) == 0) n -= init;
  luaL_buffinit(L, &b);
  for (size_t i = 0; i < n; i++) luaL_addchar(&b, path[i] == '/' ? '.' : path[i]);
  luaL_pushresult(&b);
}

bool bind_preload(lua_State *L, lua_CFunction native) {
  if (!limn_embedded_files) return false;
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  for (const limn_embedded *f = limn_embedded_files; f->path; f++) {
    size_t n = strlen(f->path);
    if (n < 4 || strcmp(f->path + n - 4, ".lua") != 0) continue;
    push_name(L, f->path);
    lua_pushlightuserdata(L, (void *)(uintptr_t)f);
    lua_pushcclosure(L, l_load, 1);
    lua_settable(L, -3);
  }
  lua_pushcfunction(L, native);
  lua_setfield(L, -2, "limn.native");
  lua_pop(L, 1);
  return true;
}
