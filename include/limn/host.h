/* host.h: limn inside a Lua state of your own: the scripting host as a library (liblimn-lua).
 *
 *   lua_State *L = luaL_newstate();
 *   luaL_openlibs(L);
 *   limn_open(L);              // now require "limn" works, wherever limn is installed
 *   luaL_dofile(L, "experiment.lua");
 *
 * To let native loops be stopped, put a pointer to a flag where they look (see LIMN_CANCEL_FIELD).
 */
#ifndef LIMN_HOST_H
#define LIMN_HOST_H

#include "limn/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct lua_State;

/* The registry field that may hold a lightuserdata `volatile sig_atomic_t *`: nonzero asks native
 * work to stop with "interrupted". */
#define LIMN_CANCEL_FIELD "limn.cancel"

/* The registry field that may hold a lightuserdata `limn_progress *`: where native work says how
 * far it is. begin is called when a pass starts, report while it runs (calling thread only), end
 * when it is over, whether it went well or not. */
#define LIMN_PROGRESS_FIELD "limn.progress"
typedef struct limn_progress {
  void (*begin)(void *user);
  void (*report)(void *user, double done, double total);
  void (*end)(void *user);
  void *user;
} limn_progress;

/* Makes `require "limn"` work in L: the native part is the one linked into this program, the Lua
 * files are found beside the program or library, or under the prefix they were installed to.
 * Returns 0, or -1 when the Lua files are not found (require then says where it looked). */
LIMN_API int limn_open(struct lua_State *L);

/* Runs the prompt on L, with the global `limn`, until the end of input. Needs the standard
 * libraries. Returns 0, or 1 when it could not start (the message is then on the stack). */
LIMN_API int limn_repl(struct lua_State *L);

#ifdef __cplusplus
}
#endif
#endif
