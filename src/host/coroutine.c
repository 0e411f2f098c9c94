/* coroutine.c: Ctrl-C inside coroutines. A hook belongs to one Lua thread, so the handler of
 * interrupt.c needs the running one. The coroutine.resume and coroutine.wrap defined here record
 * it; otherwise they follow the manual (Lua 5.4, section 6.2). */
#include "host/host.h"

/* Resumes co with the n values at the top. Returns the number of results that are pushed, or -1 if
 * an error value is pushed. */
static int run(lua_State *L, lua_State *co, int n) {
  int results;
  if (!lua_checkstack(co, n)) {
    lua_pushliteral(L, "too many arguments to resume");
    return -1;
  }
  lua_xmove(L, co, n);
  lua_State *previous = host_enter(co);
  int status = lua_resume(co, L, n, &results);
  host_leave(co, previous);
  if (status != LUA_OK && status != LUA_YIELD) {
    lua_xmove(co, L, 1);
    return -1;
  }
  if (!lua_checkstack(L, results + 1)) {
    lua_pop(co, results);
    lua_pushliteral(L, "too many results to resume");
    return -1;
  }
  lua_xmove(co, L, results);
  return results;
}

static int resume(lua_State *L) {
  lua_State *co = lua_tothread(L, 1);
  luaL_argexpected(L, co, 1, "thread");
  int n = run(L, co, lua_gettop(L) - 1);
  lua_pushboolean(L, n >= 0);
  lua_insert(L, n >= 0 ? -n - 1 : -2);
  return n >= 0 ? n + 1 : 2;
}

static int wrapped(lua_State *L) {
  lua_State *co = lua_tothread(L, lua_upvalueindex(1));
  int n = run(L, co, lua_gettop(L)), status = lua_status(co);
  if (n >= 0) return n;
  if (status != LUA_OK && status != LUA_YIELD) { /* after an error, close the pending variables */
    lua_pop(L, 1);
    status = lua_resetthread(co); /* leaves the error, or an error of closing */
    lua_xmove(co, L, 1);
  }
  if (status != LUA_ERRMEM && lua_type(L, -1) == LUA_TSTRING) {
    luaL_where(L, 1);
    lua_insert(L, -2);
    lua_concat(L, 2);
  }
  return lua_error(L);
}

static int wrap(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_State *co = lua_newthread(L);
  lua_pushvalue(L, 1);
  lua_xmove(L, co, 1);
  lua_pushcclosure(L, wrapped, 1);
  return 1;
}

void host_coroutines(lua_State *L) {
  static const luaL_Reg replaced[] = {{"resume", resume}, {"wrap", wrap}, {NULL, NULL}};
  int top = lua_gettop(L);
  if (lua_getfield(L, LUA_REGISTRYINDEX, "limn.coroutines") == LUA_TNIL &&
      luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE) &&
      lua_getfield(L, -1, "coroutine") == LUA_TTABLE) {
    luaL_setfuncs(L, replaced, 0);
    lua_pushboolean(L, 1);
    lua_setfield(L, LUA_REGISTRYINDEX, "limn.coroutines");
  }
  lua_settop(L, top);
}
