/* interrupts.c: limn.native.interrupts: whether Ctrl-C came during a sweep in an interpreter that
 * is not limn's. Such an interpreter (lua5.4) raises a text by a handler of its own, which no code
 * can tell from another error. That handler stays in charge: it is called from the one here. */
#include "bind/bind.h"

#include <signal.h>
#include <stdbool.h>

static volatile sig_atomic_t came;
static struct sigaction before;
static bool watching;

static void on_interrupt(int sig) {
  came = 1;
  before.sa_handler(sig);
}

/* watch(yes): nothing is done where limn's own program raises the error, or where the interpreter
 * has no handler */
static int l_watch(lua_State *L) {
  bool yes = lua_toboolean(L, 1);
  struct sigaction act;
  if (bind_hosted(L) || yes == watching || sigaction(SIGINT, NULL, &act) < 0) return 0;
  if (!yes) {
    /* the interpreter may have replaced the handler */
    if (act.sa_handler == on_interrupt) sigaction(SIGINT, &before, NULL);
    watching = false;
  } else if (!(act.sa_flags & SA_SIGINFO) && act.sa_handler != SIG_DFL &&
             act.sa_handler != SIG_IGN) {
    before = act;
    act.sa_handler = on_interrupt;
    came = 0;
    watching = sigaction(SIGINT, &act, NULL) == 0;
  }
  return 0;
}

/* came() -> whether Ctrl-C came since watch(true) */
static int l_came(lua_State *L) {
  lua_pushboolean(L, watching && came);
  return 1;
}

int l_open_interrupts(lua_State *L) {
  static const luaL_Reg functions[] = {{"watch", l_watch}, {"came", l_came}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
