/* interrupt.c: Ctrl-C raises one error in the running Lua code.
 *
 * The signal handler sets the flag that native loops poll, and a hook that raises in Lua code. The
 * first of the two that acts disables the other: the hook clears the flag, and native code that was
 * stopped calls served() (LIMN_SERVED_FIELD). The handler is installed only during a call. A second
 * Ctrl-C before the first took effect ends the program, so that code which catches every error can
 * still be stopped. */
#include "bind/error.h"
#include "host/host.h"

#include <signal.h>
#include <stdint.h>
#include <string.h>

static lua_State *volatile running;
static volatile sig_atomic_t cancel;

static void interrupt_hook(lua_State *L, lua_Debug *ar) {
  (void)ar;
  lua_sethook(L, NULL, 0, 0);
  cancel = 0;
  luaL_where(L, 0);
  bind_interrupt(L, lua_tostring(L, -1));
}

static void set_hook(lua_State *L) {
  int mask = LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT;
  lua_sethook(L, interrupt_hook, mask, 1);
}

/* Removes the hook that set_hook() set, but not a hook of the script. */
static void remove_hook(lua_State *L) {
  if (L && lua_gethook(L) == interrupt_hook) lua_sethook(L, NULL, 0, 0);
}

static void on_interrupt(int sig) {
  if (cancel) { /* an earlier interrupt has not taken effect */
    signal(sig, SIG_DFL);
    raise(sig);
    return;
  }
  cancel = 1;
  set_hook(running);
}

/* The hooks are removed first: a Ctrl-C in between finds the flag still set. */
static int served(lua_State *L) {
  remove_hook(L);
  remove_hook(running);
  cancel = 0;
  return 0;
}

lua_State *host_enter(lua_State *co) {
  lua_State *before = running;
  running = co;
  return before;
}

void host_leave(lua_State *co, lua_State *before) {
  running = before;
  if (!cancel) return;
  remove_hook(co); /* it ended before the interrupt took effect: stop the thread that resumed it */
  if (before) set_hook(before);
}

int host_interruptible(lua_State *L, int nargs, int nresults, int handler) {
  struct sigaction act, old;
  lua_State *before = running;
  lua_pushlightuserdata(L, (void *)(uintptr_t)&cancel);
  lua_setfield(L, LUA_REGISTRYINDEX, LIMN_CANCEL_FIELD);
  lua_pushcfunction(L, served);
  lua_setfield(L, LUA_REGISTRYINDEX, LIMN_SERVED_FIELD);
  memset(&act, 0, sizeof act);
  act.sa_handler = on_interrupt;
  sigemptyset(&act.sa_mask);
  running = L;
  sigaction(SIGINT, &act, &old);
  int status = lua_pcall(L, nargs, nresults, handler);
  sigaction(SIGINT, &old, NULL);
  running = before;
  if (cancel) served(L); /* the call ended before the interrupt took effect */
  return status;
}
