/* interrupt.c: Ctrl-C raises one error in the Lua code that runs.
 *
 * The signal handler sets the flag that native loops poll, and a hook that raises in Lua code.
 * Whichever comes first serves the interrupt and disarms the other: the hook clears the flag, and
 * native code that was stopped calls served() (LIMN_SERVED_FIELD). The handler is installed only
 * while a call lasts. A second Ctrl-C before the first was served ends the program, so that code
 * which catches every error can still be stopped. */
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

static void stop(lua_State *L) {
  int mask = LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT;
  lua_sethook(L, interrupt_hook, mask, 1);
}

/* Removes the hook that stop() set; one of a script's own stays. */
static void let_run(lua_State *L) {
  if (L && lua_gethook(L) == interrupt_hook) lua_sethook(L, NULL, 0, 0);
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

/* The hooks go first: a Ctrl-C that comes in between finds the flag still set. */
static int served(lua_State *L) {
  let_run(L);
  let_run(running);
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
  let_run(co); /* it ended before it could be stopped: stop who resumed it */
  if (before) stop(before);
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
  if (cancel) served(L); /* the call ended before it could be stopped */
  return status;
}
