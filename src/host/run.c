/* run.c: protected calls with a traceback, and their error messages. */
#include "bind/error.h"
#include "host/host.h"

#include <stdio.h>

const char *host_name = "limn";
bool host_keeps_frames;

/* About the last error of host_call: whether it was of kind "interrupted"; the exit code of one of
 * kind "exit", else -1. */
static bool interrupted;
static int exit_code = -1;

/* Keeps the variables of the running functions, which :debug shows; without the Lua files of the
 * prompt there is no :debug. */
static void keep_frames(lua_State *L) {
  int top = lua_gettop(L);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "limn.frontend.repl.frames");
  if (lua_pcall(L, 1, 1, 0) == LUA_OK && lua_getfield(L, -1, "capture") == LUA_TFUNCTION) {
    lua_pushinteger(L, 1);
    lua_pcall(L, 1, 0, 0);
  }
  lua_settop(L, top);
}

/* Pushes what limn.frontend.repl.suggest adds to the message at index 1: advice on a function that
 * Lua does not have, such as len(x), or the nearest name; "" without advice. */
static const char *advice_on_nil(lua_State *L) {
  int top = lua_gettop(L);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "limn.frontend.repl.suggest");
  if (lua_pcall(L, 1, 1, 0) == LUA_OK && lua_getfield(L, -1, "script") == LUA_TFUNCTION) {
    lua_pushvalue(L, 1);
    if (lua_pcall(L, 1, 1, 0) == LUA_OK && lua_type(L, -1) == LUA_TSTRING) {
      lua_replace(L, top + 1);
      lua_settop(L, top + 1);
      return lua_tostring(L, -1);
    }
  }
  lua_settop(L, top);
  return lua_pushliteral(L, "");
}

static int advice(lua_State *L) {
  lua_settop(L, 1);
  advice_on_nil(L);
  return 1;
}

void host_advise(lua_State *L) {
  lua_pushcfunction(L, advice);
  lua_setfield(L, LUA_REGISTRYINDEX, LIMN_ADVICE_KEY);
}

/* Remembers an error at index 1 that ends the script or the prompt. */
static bool is_exit(lua_State *L) {
  exit_code = -1;
  if (!bind_iskind(L, 1, LIMN_EXIT)) return false;
  lua_getfield(L, 1, "code");
  exit_code = lua_isinteger(L, -1) ? (int)lua_tointeger(L, -1) : 1;
  lua_settop(L, 1);
  interrupted = false;
  return true;
}

static int message_handler(lua_State *L) {
  if (is_exit(L)) return 1;
  interrupted = bind_iskind(L, 1, LIMN_INTERRUPTED);
  if (host_keeps_frames) keep_frames(L);
  const char *msg = lua_tostring(L, 1);
  if (msg == NULL) {
    if (luaL_callmeta(L, 1, "__tostring") && lua_type(L, -1) == LUA_TSTRING) return 1;
    msg = lua_pushfstring(L, "(error object is a %s value)", luaL_typename(L, 1));
  }
  const char *more = lua_type(L, 1) == LUA_TSTRING ? advice_on_nil(L) : "";
  luaL_traceback(L, L, lua_pushfstring(L, "%s%s", msg, more), 1);
  return 1;
}

/* At the prompt limn.frontend.repl formats the message; if that fails, the message is Lua's. */
static int prompt_handler(lua_State *L) {
  lua_settop(L, 1);
  if (is_exit(L)) return 1;
  if (lua_getfield(L, LUA_REGISTRYINDEX, HOST_HANDLER) != LUA_TFUNCTION) {
    lua_settop(L, 1);
    return message_handler(L);
  }
  lua_pushvalue(L, 1);
  if (lua_pcall(L, 1, 1, 0) == LUA_OK && lua_isstring(L, -1)) return 1;
  lua_settop(L, 1);
  return message_handler(L);
}

int host_call(lua_State *L, int nargs, int nresults) {
  int base = lua_gettop(L) - nargs;
  host_coroutines(L);
  lua_pushcfunction(L, host_name ? message_handler : prompt_handler);
  lua_insert(L, base);
  int status = host_interruptible(L, nargs, nresults, base);
  lua_remove(L, base);
  return status;
}

int host_code(int status) {
  return status == LUA_OK ? 0 : interrupted ? 130 : exit_code >= 0 ? exit_code : 1;
}

int host_report(lua_State *L, int status) {
  if (status == LUA_OK) return status;
  fflush(stdout);
  if (bind_iskind(L, -1, LIMN_EXIT)) return lua_pop(L, 1), status;
  const char *msg = lua_tostring(L, -1);
  if (host_name) fprintf(stderr, "%s: ", host_name);
  fprintf(stderr, "%s\n", msg ? msg : "(error message not a string)");
  fflush(stderr);
  lua_pop(L, 1);
  return status;
}

int host_finish_script(lua_State *L, int first, int code) {
  lua_settop(L, first);
  if (lua_getfield(L, LUA_REGISTRYINDEX, LIMN_SCRIPT_KEY) != LUA_TTABLE ||
      lua_getfield(L, -1, "finish") != LUA_TFUNCTION)
    return code;
  lua_pushvalue(L, first);
  lua_pushboolean(L, code == 0);
  if (host_report(L, host_call(L, 2, 1)) != LUA_OK) return 1;
  int own = (int)lua_tointeger(L, -1);
  return code ? code : own;
}
