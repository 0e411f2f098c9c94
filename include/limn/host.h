/* host.h: the scripting host as a library (liblimn-lua), for programs with their own Lua state.
 *
 *   lua_State *L = luaL_newstate();
 *   luaL_openlibs(L);
 *   limn_open(L);              // now require "limn" works, wherever limn is installed
 *   luaL_dofile(L, "experiment.lua");
 *
 * A host program may set these fields of the registry of L:
 *   LIMN_CANCEL_FIELD     a flag that cancels native work
 *   LIMN_SERVED_FIELD     a C function, called after such a cancellation
 *   LIMN_PROGRESS_FIELD   callbacks that receive the progress of native work
 *
 * The Lua module (limn.so) contains the numerics with hidden symbols. A program that links liblimn
 * and loads the module therefore has two copies, each with its own thread count and instruction set
 * (see limn/cpu.h): limn_threads_set() sets the program's, limn.threads() in Lua the module's.
 * LIMN_THREADS and LIMN_ISA apply to both. Arrays, nets and feature sets of one copy cannot be
 * passed to the other. */
#ifndef LIMN_HOST_H
#define LIMN_HOST_H

#include "limn/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct lua_State;

/* The registry field that may hold a lightuserdata `volatile sig_atomic_t *`. While the flag is
 * nonzero, native work stops with an error of kind "interrupted" (net:train returns the results so
 * far, with reason "cancelled"). limn reads the flag and never writes it. */
#define LIMN_CANCEL_FIELD "limn.cancel"

/* The registry field that may hold a C function without upvalues, int served(lua_State *L). limn
 * calls it directly (not through Lua) when the flag has stopped native work and before the error is
 * raised; it may clear the flag. It must not raise an error and must leave the stack unchanged. */
#define LIMN_SERVED_FIELD "limn.served"

/* The registry field that may hold a lightuserdata `limn_progress *`, which must live as long as L.
 * All three functions are called on the thread that runs L. They must not raise errors or call into
 * L. */
#define LIMN_PROGRESS_FIELD "limn.progress"
typedef struct limn_progress {
  void (*begin)(void *user);                             /* a pass starts */
  void (*report)(void *user, double done, double total); /* during the pass (see limn/token.h) */
  void (*end)(void *user); /* the pass has ended, with or without an error */
  void *user;              /* passed to the three */
} limn_progress;

/* Makes `require "limn"` work in L by adding a searcher at the end of package.searchers. limn's Lua
 * files and limn.so are looked for in the build tree or installation prefix of the running program,
 * then in the prefix that limn was built for.
 *   L   in/out  a state with the library `package`; its stack is unchanged
 * Returns 0, or -1 if the files are not found or `package` is not open. */
LIMN_API int limn_open(struct lua_State *L);

/* Runs the interactive prompt on L, with the global `limn`, until the end of standard input. SIGINT
 * interrupts code that the prompt runs. On return SIGINT and the registry fields above are as
 * before.
 *   L   in/out  a state with the standard libraries, after limn_open
 * Returns 0, or 1 if the prompt could not start; the message is then pushed. */
LIMN_API int limn_repl(struct lua_State *L);

#ifdef __cplusplus
}
#endif
#endif
