/* host.h: limn inside a Lua state of your own: the scripting host as a library (liblimn-lua).
 *
 *   lua_State *L = luaL_newstate();
 *   luaL_openlibs(L);
 *   limn_open(L);              // now require "limn" works, wherever limn is installed
 *   luaL_dofile(L, "experiment.lua");
 *
 * What a host can set, as fields of the registry of L:
 *   LIMN_CANCEL_FIELD     a flag that stops native work
 *   LIMN_SERVED_FIELD     a C function, called when it was stopped
 *   LIMN_PROGRESS_FIELD   where native work reports how far it is
 *
 * The Lua module (limn.so) has the numerics linked in and hidden. In a program that links liblimn
 * as well there are two copies with a setting each of the threads and the instruction set (see
 * limn/cpu.h): limn_threads_set() sets that of the program, limn.threads() in Lua that of the
 * module. LIMN_THREADS and LIMN_ISA hold for both. Arrays, nets and feature sets of one are
 * unknown to the other. */
#ifndef LIMN_HOST_H
#define LIMN_HOST_H

#include "limn/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct lua_State;

/* The registry field that may hold a lightuserdata `volatile sig_atomic_t *`: while nonzero, native
 * work stops with an error of kind "interrupted" (net:train returns what it has, reason
 * "cancelled"). limn reads the flag and never writes it. */
#define LIMN_CANCEL_FIELD "limn.cancel"

/* The registry field that may hold a C function without upvalues, int served(lua_State *L). limn
 * calls it (directly, not through Lua) when the flag has stopped native work, before the error is
 * raised: the place to clear the flag. It must not raise and must leave the stack as it was. */
#define LIMN_SERVED_FIELD "limn.served"

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
