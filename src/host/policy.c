/* policy.c: the table of lua/limn/frontend/repl: how values look at the prompt, what `:` commands
 * do, how names are completed and errors worded. */
#include "host/host.h"

/* Loads limn into its global, and limn.repl; sets what words errors. */
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

/* The libraries take longer to load than a prompt takes to appear, so they wait for the first line
 * or <TAB>. Failure is said once. */
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
