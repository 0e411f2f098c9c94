/* sandbox.c: see sandbox.h. */
#include "bind/sandbox.h"

#include <dlfcn.h>
#include <lauxlib.h>
#include <string.h>

#include "bind/bind.h"
#include "bind/error.h"
#include "sys/confine.h"

bool bind_sandboxed(lua_State *L) {
  bool yes = lua_getfield(L, LUA_REGISTRYINDEX, LIMN_SANDBOX_KEY) == LUA_TSTRING;
  lua_pop(L, 1);
  return yes;
}

/* Whether a path is the file that holds limn's compiled code. */
static bool is_module(const char *path) {
  Dl_info self;
  void *here;
  bool (*function)(lua_State *) = bind_sandboxed;
  memcpy(&here, &function, sizeof here);
  return dladdr(here, &self) && self.dli_fname &&
         (strcmp(path, self.dli_fname) == 0 || strcmp(path, "/proc/self/exe") == 0);
}

const char *bind_confine(lua_State *L, int idx, const char *who, const char *name, bool own) {
  char path[LIMN_CONFINE_MAX];
  const char *given = lua_tostring(L, idx);
  if (lua_getfield(L, LUA_REGISTRYINDEX, LIMN_SANDBOX_KEY) != LUA_TSTRING) {
    lua_pop(L, 1);
    return given;
  }
  bool inside = limn_confine(path, lua_tostring(L, -1), given);
  if (!inside && own && lua_getfield(L, LUA_REGISTRYINDEX, "limn.luadir") == LUA_TSTRING)
    inside = given[0] == '/' && limn_confine(path, lua_tostring(L, -1), given);
  if (!inside && own && is_module(given)) return given;
  if (!inside)
    bind_error(L, "%s: %s must be in the folder of the sandbox, got %.200s", who, name, given);
  idx = lua_absindex(L, idx);
  lua_pushstring(L, path);
  lua_replace(L, idx);
  return lua_tostring(L, idx);
}

/* Raises; upvalue: the name. */
static int l_refused(lua_State *L) {
  return bind_error(L, "%s: not in a sandbox", lua_tostring(L, lua_upvalueindex(1)));
}

/* The answer of native.process.run when a program cannot be started. */
static int l_no_program(lua_State *L) {
  lua_pushnil(L);
  lua_pushliteral(L, "a sandbox starts no programs");
  return 2;
}

static int l_nothing(lua_State *L) {
  (void)L;
  return 0;
}

/* What is replaced; every function of a module without `function`. Nothing is done by those that a
 * sweep without workers calls. */
static const struct {
  const char *module, *function;
  lua_CFunction by;
} replaced[] = {
    {"process", "run", l_no_program},   {"process", "temp_dir", l_no_program},
    {"posix", "fork", l_refused},       {"posix", "quit", l_refused},
    {"posix", "kill", l_refused},       {"posix", "finish", l_refused},
    {"posix", "wait", l_refused},       {"posix", "channel", l_refused},
    {"posix", "put", l_refused},        {"posix", "get", l_refused},
    {"posix", "ready", l_refused},      {"posix", "limit", l_refused},
    {"posix", "chdir", l_refused},      {"posix", "guard", l_nothing},
    {"posix", "mark", l_nothing},       {"posix", "note", l_nothing},
    {"posix", "close", l_nothing},      {"posix", "hold", l_nothing},
    {"posix", "heed", l_nothing},       {"terminal", NULL, l_refused},
    {"zmq", NULL, l_refused},           {"session", NULL, l_refused},
    {"board", NULL, l_refused},         {"folder", "go", l_refused},
    {"interrupts", "watch", l_nothing},
};

/* Replaces field `name` of the table at the top. */
static void replace(lua_State *L, const char *module, const char *name, lua_CFunction by) {
  lua_pushfstring(L, "limn.native.%s.%s", module, name);
  lua_pushcclosure(L, by, 1);
  lua_setfield(L, -2, name);
}

void bind_sandbox(lua_State *L) {
  for (size_t i = 0; i < sizeof replaced / sizeof *replaced; i++) {
    const char *module = replaced[i].module;
    if (lua_getfield(L, -1, module) != LUA_TTABLE) luaL_error(L, "sandbox: no module %s", module);
    if (replaced[i].function) {
      replace(L, module, replaced[i].function, replaced[i].by);
    } else {
      for (lua_pushnil(L); lua_next(L, -2);) {
        lua_pop(L, 1);
        lua_pushvalue(L, -1);
        const char *name = lua_tostring(L, -1);
        lua_pushvalue(L, -3);
        replace(L, module, name, replaced[i].by); /* an existing field: next may go on */
        lua_pop(L, 2);
      }
    }
    lua_pop(L, 1);
  }
  lua_pushboolean(L, 1);
  lua_setfield(L, -2, "sandboxed");
}
