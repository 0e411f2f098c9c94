/* ctrl_c.c: Ctrl-C in another interpreter (see ctrl_c.h). */
#include "bind/ctrl_c.h"

#include <unistd.h>

static volatile sig_atomic_t came, cancel;
static lua_State *volatile state;  /* main thread of the Lua state that began last */
static volatile lua_Hook stopping; /* the hook that stands for `cancel` */
static struct sigaction before;    /* of the interpreter */
static bool watching, calling;

static void on_interrupt(int sig) {
  lua_Hook was = lua_gethook(state), now;
  came = 1;
  before.sa_handler(sig);
  now = lua_gethook(state);
  if (!now || now == was) return;
  stopping = now;
  cancel = 1;
}

static lua_State *main_of(lua_State *L) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  lua_State *out = lua_tothread(L, -1);
  lua_pop(L, 1);
  return out;
}

/* Whether the handler of limn's is installed */
static bool install(lua_State *L) {
  struct sigaction act;
  if (gettid() != getpid() || sigaction(SIGINT, NULL, &act) < 0) return false;
  if (act.sa_handler != on_interrupt &&
      (act.sa_flags & SA_SIGINFO || act.sa_handler == SIG_DFL || act.sa_handler == SIG_IGN))
    return false;
  state = main_of(L);
  if (act.sa_handler == on_interrupt) return true;
  before = act;
  act.sa_handler = on_interrupt;
  return sigaction(SIGINT, &act, NULL) == 0;
}

/* Unless the interpreter has replaced the handler */
static void uninstall(void) {
  struct sigaction act;
  if (sigaction(SIGINT, NULL, &act) == 0 && act.sa_handler == on_interrupt)
    sigaction(SIGINT, &before, NULL);
}

const volatile sig_atomic_t *bind_ctrlc_begin(lua_State *L) {
  calling = install(L);
  if (!calling) return NULL;
  if (lua_gethook(state) != stopping) cancel = 0; /* the hook has raised since */
  return &cancel;
}

void bind_ctrlc_end(void) {
  if (calling && !watching) uninstall();
  calling = false;
}

void bind_ctrlc_served(lua_State *L) {
  lua_State *main = main_of(L);
  if (cancel && lua_gethook(main) == stopping) lua_sethook(main, NULL, 0, 0);
  cancel = 0;
}

void bind_ctrlc_watch(lua_State *L, bool yes) {
  if (yes == watching) return;
  if (!yes) uninstall();
  came = 0;
  watching = yes && install(L);
}

bool bind_ctrlc_came(void) {
  return watching && came;
}
