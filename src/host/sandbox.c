/* sandbox.c: a state whose scripts are not trusted (limn_open_sandboxed of limn/host.h).
 *
 * There are two tables of globals. limn's own Lua files have the whole libraries, of which those
 * that open files are confined to the folder. Scripts have a table of functions that neither reach
 * beyond the folder nor run long outside of the hook that watches Lua code: C functions of Lua's
 * libraries whose time is not bounded by the memory are guarded (guards.c). Below both, the native
 * module refuses processes, descriptors and paths outside (bind/sandbox.c). */
#include "bind/error.h"
#include "host/host.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "sys/confine.h"

void host_trusted(lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, LIMN_TRUSTED_KEY);
}

/* Pushes nil, message, code for a path outside; returns 3. */
static int outside(lua_State *L, const char *path) {
  lua_pushnil(L);
  lua_pushfstring(L, "%s: is not in the folder of the sandbox", path);
  lua_pushinteger(L, EACCES);
  return 3;
}

/* Replaces the path at idx by its canonical form; returns false if it leads out. own: files of limn
 * count. */
static bool confine(lua_State *L, int idx, bool own) {
  char path[LIMN_CONFINE_MAX];
  size_t n;
  const char *given = luaL_checklstring(L, idx, &n);
  lua_getfield(L, LUA_REGISTRYINDEX, LIMN_SANDBOX_KEY);
  bool inside = strlen(given) == n && limn_confine(path, lua_tostring(L, -1), given);
  if (!inside && own && lua_getfield(L, LUA_REGISTRYINDEX, "limn.luadir") == LUA_TSTRING)
    inside = given[0] == '/' && limn_confine(path, lua_tostring(L, -1), given);
  lua_settop(L, idx > lua_gettop(L) ? idx : lua_gettop(L));
  if (!inside) return false;
  lua_pushstring(L, path);
  lua_replace(L, idx);
  return true;
}

/* Calls upvalue 1 with the arguments. */
static int forward(lua_State *L, int n) {
  lua_settop(L, n);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, n, LUA_MULTRET);
  return lua_gettop(L);
}

/* io.open and io.lines; upvalues: the function, whether limn's own files may be read. */
static int l_open_file(lua_State *L) {
  bool own = lua_toboolean(L, lua_upvalueindex(2));
  const char *mode = luaL_optstring(L, 2, "r"), *path = luaL_checkstring(L, 1);
  if (!confine(L, 1, own && (strcmp(mode, "r") == 0 || strcmp(mode, "rb") == 0)))
    return outside(L, path);
  lua_pushstring(L, mode);
  lua_replace(L, 2);
  return forward(L, 2);
}

static int l_lines(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  int n = lua_gettop(L);
  if (!confine(L, 1, lua_toboolean(L, lua_upvalueindex(2)))) return luaL_fileresult(L, 0, path);
  return forward(L, n);
}

static int l_remove(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  if (!confine(L, 1, false)) return outside(L, path);
  return forward(L, 1);
}

static int l_rename(lua_State *L) {
  const char *from = luaL_checkstring(L, 1), *to = luaL_checkstring(L, 2);
  lua_settop(L, 2);
  if (!confine(L, 1, false)) return outside(L, from);
  if (!confine(L, 2, false)) return outside(L, to);
  return forward(L, 2);
}

static int l_none(lua_State *L) {
  lua_pushnil(L);
  lua_pushliteral(L, "not in a sandbox");
  return 2;
}

/* Sets field `name` of the table at the top: f with the old value and a flag as upvalues. */
static void wrap(lua_State *L, const char *name, lua_CFunction f, bool own) {
  lua_getfield(L, -1, name);
  lua_pushboolean(L, own);
  lua_pushcclosure(L, f, 2);
  lua_setfield(L, -2, name);
}

/* Pushes a copy of the fields of the table at idx that a list names; NULL ends it. */
static void copy_fields(lua_State *L, int idx, const char *const *names) {
  idx = lua_absindex(L, idx);
  lua_newtable(L);
  for (; *names; names++) {
    lua_getfield(L, idx, *names);
    lua_setfield(L, -2, *names);
  }
}

/* The libraries of limn's own files: what opens a file is confined, the rest of what reaches beyond
 * the process answers nil, message. */
static void confine_libraries(lua_State *L) {
  static const char *const none[] = {"popen", "tmpfile", "input", "output", NULL};
  lua_getglobal(L, "io");
  wrap(L, "open", l_open_file, true);
  wrap(L, "lines", l_lines, true);
  for (int i = 0; none[i]; i++) wrap(L, none[i], l_none, false);
  lua_pop(L, 1);
  lua_getglobal(L, "os");
  wrap(L, "remove", l_remove, false);
  wrap(L, "rename", l_rename, false);
  static const char *const system[] = {"execute", "exit", "tmpname", "setlocale", "getenv", NULL};
  for (int i = 0; system[i]; i++) wrap(L, system[i], l_none, false);
  lua_pop(L, 1);
}

/* ---- loading of code ---- */

/* load(text or function, name, mode, env): text only, under no name of a file. */
static int l_load(lua_State *L) {
  bool env = lua_gettop(L) >= 4;
  lua_settop(L, 4);
  lua_pushliteral(L, "t");
  lua_replace(L, 3);
  if (!lua_isnil(L, 2) && luaL_checkstring(L, 2)[0] == '@') {
    lua_pushfstring(L, "=%s", lua_tostring(L, 2) + 1);
    lua_replace(L, 2);
  }
  return forward(L, env ? 4 : 3);
}

/* loadfile(path, mode, env) and, with upvalue 2, dofile(path). */
static int l_load_file(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  bool runs = lua_toboolean(L, lua_upvalueindex(2)), env = lua_gettop(L) >= 3;
  if (!confine(L, 1, false))
    return runs ? luaL_error(L, "%s: is not in the folder", path) : outside(L, path);
  if (luaL_loadfilex(L, lua_tostring(L, 1), "t") != LUA_OK) {
    if (runs) return lua_error(L);
    lua_pushnil(L);
    lua_insert(L, -2);
    return 2;
  }
  if (!runs && env) {
    lua_pushvalue(L, 3);
    if (!lua_setupvalue(L, -2, 1)) lua_pop(L, 1);
  }
  if (!runs) return 1;
  lua_replace(L, 1);
  lua_settop(L, 1);
  lua_call(L, 0, LUA_MULTRET);
  return lua_gettop(L);
}

/* The value of limn[name] for a public module, pushed; nil for any other name. */
static void public_module(lua_State *L, const char *name) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_getfield(L, -1, "limn");
  lua_remove(L, -2);
  if (strcmp(name, "limn") == 0) return;
  lua_getfield(L, -1, name + strlen("limn."));
  if (!lua_istable(L, -1)) lua_pushnil(L);
}

/* require(name): limn, its public modules, and NAME.lua of the folder. Upvalue: the table of the
 * modules that were loaded. */
static int l_require(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  lua_settop(L, 1);
  if (lua_getfield(L, lua_upvalueindex(1), name) != LUA_TNIL) return 1;
  if (strcmp(name, "limn") == 0 || strncmp(name, "limn.", 5) == 0) {
    public_module(L, name);
    if (lua_isnil(L, -1)) return luaL_error(L, "module '%s' is not part of limn's API", name);
    return 1;
  }
  for (const char *at = name; *at; at++)
    if (*at == '/' || *at == '\\') return luaL_error(L, "module '%s': a name has no folders", name);
  lua_settop(L, 1);
  luaL_gsub(L, name, ".", "/");
  lua_pushfstring(L, "%s.lua", lua_tostring(L, -1));
  lua_replace(L, 2);
  if (!confine(L, 2, false)) return luaL_error(L, "module '%s' is not in the folder", name);
  if (luaL_loadfilex(L, lua_tostring(L, 2), "t") != LUA_OK)
    return luaL_error(L, "module '%s' cannot be loaded:\n\t%s", name, lua_tostring(L, -1));
  lua_pushvalue(L, 1);
  lua_pushvalue(L, 2);
  lua_call(L, 2, 1);
  if (lua_isnil(L, -1)) lua_pushboolean(L, 1);
  lua_pushvalue(L, -1);
  lua_setfield(L, lua_upvalueindex(1), name);
  return 1;
}

/* ---- the globals of scripts ---- */

/* Sets the function `name` of the table at the top from the trusted globals, at index `from`. */
static void wrap_from(lua_State *L, int from, const char *name, lua_CFunction f, bool flag) {
  lua_getfield(L, from, name);
  lua_pushboolean(L, flag);
  lua_pushcclosure(L, f, 2);
  lua_setfield(L, -2, name);
}

static void add_library(lua_State *L, int from, const char *name, const char *const *fields) {
  lua_getfield(L, from, name);
  copy_fields(L, -1, fields);
  lua_remove(L, -2);
  lua_setfield(L, -2, name);
}

/* Pushes the table of globals of scripts; `from`: the trusted one. */
static void push_globals(lua_State *L, int from) {
  static const char *const base[] = {
      "assert",   "error",    "ipairs",    "next",   "pairs",        "pcall",    "print",
      "rawequal", "rawget",   "rawlen",    "rawset", "select",       "tonumber", "type",
      "tostring", "_VERSION", "coroutine", "utf8",   "getmetatable", NULL};
  static const char *const os[] = {"time", "clock", "date", "difftime", "remove", "rename", NULL};
  static const char *const io[] = {"write", "type", "stdout", "stderr", NULL};
  copy_fields(L, from, base);
  wrap_from(L, from, "load", l_load, false);
  wrap_from(L, from, "loadfile", l_load_file, false);
  wrap_from(L, from, "dofile", l_load_file, true);
  add_library(L, from, "os", os);
  add_library(L, from, "io", io);
  lua_getfield(L, -1, "io");
  lua_getfield(L, from, "io");
  lua_getfield(L, -1, "open"); /* confined already; this one also refuses limn's own files */
  lua_getupvalue(L, -1, 1);
  lua_pushboolean(L, 0);
  lua_pushcclosure(L, l_open_file, 2);
  lua_setfield(L, -4, "open");
  lua_pop(L, 1);
  lua_getfield(L, -1, "lines");
  lua_getupvalue(L, -1, 1);
  lua_pushboolean(L, 0);
  lua_pushcclosure(L, l_lines, 2);
  lua_setfield(L, -4, "lines");
  lua_pop(L, 3);
  lua_newtable(L);
  lua_pushcclosure(L, l_require, 1);
  lua_setfield(L, -2, "require");
  host_guard(L, from);
  lua_pushvalue(L, -1);
  lua_setfield(L, -2, "_G");
}

/* Hides a metatable, that of the value at the top. */
static void hide_metatable(lua_State *L) {
  if (lua_getmetatable(L, -1)) {
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

static void load_limn(lua_State *L) {
  static const char *const modules[] = {"limn.native", "limn"};
  for (int i = 0; i < 2; i++) {
    lua_getglobal(L, "require");
    lua_pushstring(L, modules[i]);
    lua_call(L, 1, 0);
  }
  lua_getglobal(L, "package");
  static const char *const paths[] = {"path", "cpath"};
  for (int i = 0; i < 2; i++) {
    lua_pushliteral(L, "");
    lua_setfield(L, -2, paths[i]);
  }
  lua_pushnil(L);
  lua_setfield(L, -2, "loadlib");
  /* modules in package.preload, and limn's own searcher, which is the last */
  lua_getfield(L, -1, "searchers");
  lua_createtable(L, 2, 0);
  lua_rawgeti(L, -2, 1);
  lua_rawseti(L, -2, 1);
  lua_rawgeti(L, -2, (lua_Integer)lua_rawlen(L, -2));
  lua_rawseti(L, -2, 2);
  lua_setfield(L, -3, "searchers");
  lua_pop(L, 2);
}

/* confine(folder): the state becomes a sandbox. */
int host_sandbox(lua_State *L) {
  char real[PATH_MAX];
  const char *folder = luaL_checkstring(L, 1);
  if (!realpath(folder, real) || strlen(real) >= LIMN_CONFINE_MAX)
    return luaL_error(L, "cannot use the folder %s: %s", folder, strerror(errno));
  lua_pushstring(L, real);
  lua_setfield(L, LUA_REGISTRYINDEX, LIMN_SANDBOX_KEY);
  lua_pushglobaltable(L);
  lua_setfield(L, LUA_REGISTRYINDEX, LIMN_TRUSTED_KEY);
  confine_libraries(L);
  load_limn(L);
  lua_pushglobaltable(L);
  int from = lua_gettop(L);
  push_globals(L, from);
  lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
  lua_pushliteral(L, "");
  hide_metatable(L);
  lua_getfield(L, from, "io");
  if (lua_getfield(L, -1, "stdout") == LUA_TUSERDATA) hide_metatable(L);
  return 0;
}
