/* policy.c: the table of lua/limn/frontend/repl: display of values, `:` commands, completion and
 * error messages of the prompt. */
#include "host/host.h"

/* Loads limn into the global of that name, and limn.frontend.repl; registers its message handler.
 * */
static int load_policy(lua_State *L) {
  lua_getglobal(L, "require");
  lua_pushliteral(L, "limn");
  lua_call(L, 1, 1);
  lua_setglobal(L, "limn");
  lua_getglobal(L, "require");
  lua_pushliteral(L, "limn.frontend.repl");
  lua_call(L, 1, 1);
  lua_getfield(L, -1, "handler");
  lua_setfield(L, LUA_REGISTRYINDEX, HOST_HANDLER);
  lua_getfield(L, -1, "start");
  lua_call(L, 0, 0);
  return 1;
}

static const char policy_key = 0;

/* The libraries load at the first line or <TAB>, so that the prompt appears without delay. A
 * failure is reported once. */
bool host_policy(lua_State *L) {
  int kind = lua_rawgetp(L, LUA_REGISTRYINDEX, &policy_key);
  if (kind == LUA_TNIL) {
    lua_pop(L, 1);
    lua_pushcfunction(L, load_policy);
    if (host_report(L, lua_pcall(L, 0, 1, 0)) != LUA_OK || !lua_istable(L, -1))
      lua_pushboolean(L, 0);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &policy_key);
  }
  if (lua_istable(L, -1)) return true;
  lua_pop(L, 1);
  return false;
}
