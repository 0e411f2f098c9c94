/* run.c: protected calls with a traceback, and Ctrl-C.
 *
 * The handler does two things: it sets the flag that native loops poll, and it sets a hook that
 * raises in Lua code. It is installed only while a call lasts. A second Ctrl-C before the first was
 * served ends the program, so that code which catches every error can still be stopped. */
#include "bind/error.h"
#include "host/host.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *host_name = "limn";

static lua_State *volatile running;
static volatile sig_atomic_t cancel;

static void interrupt_hook(lua_State *L, lua_Debug *ar) {
  (void)ar;
  lua_sethook(L, NULL, 0, 0);
  cancel = 0;
  luaL_where(L, 0);
  l_interrupt(L, lua_tostring(L, -1));
}

static void stop(lua_State *L) {
  int mask = LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT;
  lua_sethook(L, interrupt_hook, mask, 1);
}

static void on_interrupt(int sig) {
  if (cancel) { /* asked before and still not stopped */
    signal(sig, SIG_DFL);
    raise(sig);
    return;
  }
  cancel = 1;
  stop(running);
}

lua_State *host_enter(lua_State *co) {
  lua_State *before = running;
  running = co;
  return before;
}

void host_leave(lua_State *co, lua_State *before) {
  running = before;
  if (!cancel) return;
  lua_sethook(co, NULL, 0, 0); /* it ended before it could be stopped: stop who resumed it */
  if (before) stop(before);
}

static int message_handler(lua_State *L) {
  const char *msg = lua_tostring(L, 1);
  if (msg == NULL) {
    if (luaL_callmeta(L, 1, "__tostring") && lua_type(L, -1) == LUA_TSTRING) return 1;
    msg = lua_pushfstring(L, "(error object is a %s value)", luaL_typename(L, 1));
  }
  luaL_traceback(L, L, msg, 1);
  return 1;
}

/* At the prompt the words are limn.repl's; should they fail, Lua's own. */
static int prompt_handler(lua_State *L) {
  lua_settop(L, 1);
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
  struct sigaction act, old;
  lua_State *before = running;
  host_coroutines(L);
  lua_pushcfunction(L, host_name ? message_handler : prompt_handler);
  lua_insert(L, base);
  lua_pushlightuserdata(L, (void *)(uintptr_t)&cancel);
  lua_setfield(L, LUA_REGISTRYINDEX, LIMN_CANCEL_FIELD);
  memset(&act, 0, sizeof act);
  act.sa_handler = on_interrupt;
  sigemptyset(&act.sa_mask);
  running = L;
  sigaction(SIGINT, &act, &old);
  int status = lua_pcall(L, nargs, nresults, base);
  sigaction(SIGINT, &old, NULL);
  running = before;
  if (cancel) { /* native work stopped before the hook could run */
    cancel = 0;
    lua_sethook(L, NULL, 0, 0);
  }
  lua_remove(L, base);
  return status;
}

int host_report(lua_State *L, int status) {
  if (status == LUA_OK) return status;
  const char *msg = lua_tostring(L, -1);
  fflush(stdout);
  if (host_name) fprintf(stderr, "%s: ", host_name);
  fprintf(stderr, "%s\n", msg ? msg : "(error message not a string)");
  fflush(stderr);
  lua_pop(L, 1);
  return status;
}
