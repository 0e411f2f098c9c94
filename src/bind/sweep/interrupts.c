/* interrupts.c: limn.native.interrupts: whether Ctrl-C came during a sweep in an interpreter that
 * is not limn's (see bind/ctrl_c.h). */
#include "bind/bind.h"
#include "bind/ctrl_c.h"

/* watch(yes): nothing is done where limn's own program raises the error, or where the interpreter
 * has no handler */
static int l_watch(lua_State *L) {
  if (!bind_hosted(L)) bind_ctrlc_watch(L, lua_toboolean(L, 1));
  return 0;
}

/* came() -> whether Ctrl-C came since watch(true) */
static int l_came(lua_State *L) {
  lua_pushboolean(L, bind_ctrlc_came());
  return 1;
}

/* asked() -> whether the host asks native work to stop (LIMN_CANCEL_FIELD, or a time budget); the
 * request is acknowledged */
static int l_asked(lua_State *L) {
  limn_token token = bind_token(L);
  bool asked = limn_cancelled(&token);
  bind_done(L);
  if (asked) bind_served(L);
  lua_pushboolean(L, asked);
  return 1;
}

int l_open_interrupts(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"watch", l_watch}, {"came", l_came}, {"asked", l_asked}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
