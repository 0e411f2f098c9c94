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

/* The registry field that may hold a lightuserdata `limn_progress *`, which must live as long as L:
 * how far native work is. All three functions are called on the thread that runs L and must not
 * raise or call into L. */
#define LIMN_PROGRESS_FIELD "limn.progress"
typedef struct limn_progress {
  void (*begin)(void *user);                             /* a pass starts */
  void (*report)(void *user, double done, double total); /* while it runs (see limn/token.h) */
  void (*end)(void *user);                               /* it is over, well or not */
  void *user;                                            /* passed to the three */
} limn_progress;

/* Makes `require "limn"` work in L, by a searcher at the end of package.searchers. Looks for limn's
 * Lua files and limn.so in the build tree or the prefix that the running program lies in, then in
 * the prefix that limn was built for.
 *   L   in/out  a state with the library `package`; its stack is unchanged
 * Returns 0, or -1 when the files are not found or `package` is not open. */
LIMN_API int limn_open(struct lua_State *L);

/* Runs the prompt on L, with the global `limn`, until the end of standard input. While code of the
 * prompt runs, SIGINT interrupts it; afterwards SIGINT and the registry fields above are as before.
 *   L   in/out  a state with the standard libraries, after limn_open
 * Returns 0; or 1 when it could not start, with the message pushed. */
LIMN_API int limn_repl(struct lua_State *L);

#ifdef __cplusplus
}
#endif
#endif
