/* process.c: limn.native.process: execution of another program without a shell (sys/spawn.h). The
 * program and its children are killed at the time limit, at an interrupt by the user, and when a
 * Lua error unwinds. */
#include "bind/bind.h"

#include <errno.h>
#include <stdint.h>
#include <signal.h>
#include <string.h>

#include "sys/spawn.h"
#include "sys/temporary.h"

#define PROCESS "limn.process"

static int l_process_gc(lua_State *L) {
  limn_child_close(luaL_checkudata(L, 1, PROCESS));
  return 0;
}

/* The strings of the table at idx as a NULL-terminated vector in a userdata (pushed). */
static char **string_vector(lua_State *L, int idx, const char *name) {
  if (!lua_istable(L, idx))
    bind_error(L, "process.run: %s must be a table of strings, got %s", name,
               bind_typename(L, idx));
  size_t n = lua_rawlen(L, idx);
  char **v = lua_newuserdatauv(L, (n + 1) * sizeof *v, 0);
  for (size_t i = 0; i < n; i++) {
    size_t length;
    if (lua_rawgeti(L, idx, (lua_Integer)i + 1) != LUA_TSTRING)
      bind_error(L, "process.run: entry %zu of %s must be a string, got %s", i + 1, name,
                 bind_typename(L, -1));
    v[i] = (char *)(uintptr_t)lua_tolstring(
        L, -1, &length); /* the table holds a reference; spawn does not write to it */
    if (strlen(v[i]) != length)
      bind_error(L, "process.run: entry %zu of %s holds a NUL byte", i + 1, name);
    lua_pop(L, 1);
  }
  v[n] = NULL;
  return v;
}

/* Pushes the first bytes of an output, at most `most`. */
static void push_output(lua_State *L, int output, size_t most) {
  size_t size = limn_child_size(output);
  if (size > most) size = most;
  luaL_Buffer b;
  char *into = luaL_buffinitsize(L, &b, size);
  luaL_pushresultsize(&b, limn_child_read(output, into, size));
}

/* Pushes the exit status of the child; or nil and why there is none. */
static void push_end(lua_State *L, limn_child_end end, int code) {
  if (end == LIMN_CHILD_EXITED) {
    lua_pushinteger(L, code);
    return;
  }
  lua_pushnil(L);
  if (end == LIMN_CHILD_LATE)
    lua_pushliteral(L, "time");
  else if (end == LIMN_CHILD_SIGNALLED)
    lua_pushfstring(L, "signal %d", code);
  else
    lua_pushliteral(L, "its exit status was collected by another part of the program");
}

/* run(argv, environment changes, seconds, directory|nil, processor seconds|nil)
 * -> exit status, output, error output; or nil, "missing" | "time" | "signal N" | reason, output,
 * error output */
static int l_run(lua_State *L) {
  lua_settop(L, 5);
  char **argv = string_vector(L, 1, "argv");
  if (!argv[0]) bind_error(L, "process.run: argv must not be empty");
  char **changes = string_vector(L, 2, "environment");
  char **env = lua_newuserdatauv(L, limn_environment_room(changes) * sizeof *env, 0);
  limn_environment(env, changes);
  double limit = bind_checkfinite(L, 3, "process.run", "seconds");
  const char *dir = lua_isnil(L, 4) ? NULL : bind_checkpath(L, 4, "process.run", "folder");
  double cpu = lua_isnil(L, 5) ? 0 : bind_checkfinite(L, 5, "process.run", "processor seconds");
  limn_token token = bind_token(L);
  limn_child *c = lua_newuserdatauv(L, sizeof *c, 0);
  *c = LIMN_CHILD_NONE;
  luaL_setmetatable(L, PROCESS);
  lua_toclose(L, -1);
  int bad = limn_child_outputs(c), code = 0;
  if (bad) {
    lua_pushnil(L);
    lua_pushfstring(L, "no temporary file in %s: %s", limn_temporary_root(), strerror(bad));
    return 2;
  }
  bad = limn_child_start(c, argv, env, dir);
  if (bad) {
    lua_pushnil(L);
    if (bad == ENOENT)
      lua_pushliteral(L, "missing");
    else
      lua_pushfstring(L, "cannot start %s: %s", argv[0], strerror(bad));
    return 2;
  }
  if (cpu > 0) limn_child_limit(c, cpu);
  limn_child_end end = limn_child_wait(c, limit, &token, &code);
  limn_child_kill(c);
  if (end == LIMN_CHILD_CANCELLED) bind_check(L, LIMN_ECANCELLED, NULL, argv[0]);
  if (cpu > 0 && end == LIMN_CHILD_SIGNALLED && code == SIGXCPU) end = LIMN_CHILD_LATE;
  push_end(L, end, code);
  push_output(L, c->out, (size_t)1 << 30);
  push_output(L, c->err, (size_t)1 << 16);
  return end == LIMN_CHILD_EXITED ? 3 : 4;
}

/* temp_dir() -> path of a new private directory, or nil, reason */
static int l_temp_dir(lua_State *L) {
  char path[LIMN_TEMPORARY_MAX];
  int bad = limn_temporary_folder(path);
  if (bad) {
    lua_pushnil(L);
    lua_pushfstring(L, "no temporary directory in %s: %s", limn_temporary_root(), strerror(bad));
    return 2;
  }
  lua_pushstring(L, path);
  return 1;
}

int l_open_process(lua_State *L) {
  static const luaL_Reg metamethods[] = {
      {"__gc", l_process_gc}, {"__close", l_process_gc}, {NULL, NULL}};
  static const luaL_Reg functions[] = {{"run", l_run}, {"temp_dir", l_temp_dir}, {NULL, NULL}};
  bind_class(L, PROCESS, NULL, metamethods);
  luaL_newlib(L, functions);
  return 1;
}
