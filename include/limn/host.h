/* host.h: the scripting host as a library (liblimn-lua), for programs with their own Lua state.
 *
 *   lua_State *L = luaL_newstate();
 *   luaL_openlibs(L);
 *   limn_open(L);              // now require "limn" works, wherever limn is installed
 *   luaL_dofile(L, "experiment.lua");
 *
 * The process is the host's. limn does not end it, and after each call signal masks and handlers,
 * the locale, file descriptors, the thread count of BLAS and the host's hook are as before. A
 * script that must not go on, such as one whose sweep has failed cells, ends with an error: a value
 * whose __tostring gives its message, with the field kind = "exit" and the exit code that the
 * program limn would have returned as its field code.
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

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
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
  void (*begin)(void *user); /* a pass starts */
  /* during the pass; a result other than 0 cancels it (see limn/token.h) */
  int (*report)(void *user, double done, double total);
  void (*end)(void *user); /* the pass has ended, with or without an error */
  void *user;              /* passed to the three */
} limn_progress;

/* Settings of a Lua state. limn_config_default fills them; a program sets what it needs. New fields
 * are added at the end; `size` states which ones the program was compiled with.
 *
 * No callback may throw a C++ exception or call longjmp. They are called on the thread that runs
 * the state, in the worker processes of a sweep too.
 *
 * A stack of 128 KiB sufficed for the calls of tests/embed/threads.c: factorisations, regression,
 * training. */
typedef struct limn_config {
  size_t size; /* sizeof(limn_config) */

  /* The folder with limn's files: an installation prefix, the root of the build tree, or a folder
   * that holds limn.so and limn/init.lua. NULL: see limn_open. */
  const char *folder;

  /* Limits in bytes; 0: none. native_memory: of nets, feature sets, fits and work space (see
   * limn/memory.h), for all states of the process that load limn.so. lua_memory: of the Lua heap,
   * with arrays; only for limn_new. Beyond them calls fail with "not enough memory" or "no memory
   * for ...". */
  uint64_t native_memory, lua_memory;

  int threads;     /* of the native module (limn_threads_set); 0: the default */
  const char *isa; /* its instruction set, "ref", "avx2" or "avx512"; NULL: the default */

  /* Nonzero stops native work, sweeps and Lua code with an error of kind "interrupted"; may be set
   * by another thread or a signal handler. The host clears it. NULL: never. */
  const volatile sig_atomic_t *cancel;

  /* The time that Lua code and native work of the state may take from now on, in seconds of wall
   * time; then both raise errors of kind "time_limit". 0: no limit. */
  double seconds;

  /* The VM instructions that Lua code of the state may take, all coroutines together; then it
   * raises errors of kind "time_limit". 0: no limit. */
  uint64_t instructions;

  /* A folder; NULL: no sandbox. Scripts that are loaded later cannot start processes, load native
   * modules or bytecode, or open files outside of the folder, to which relative paths are relative;
   * plots need gnuplot and are therefore not drawn, but their data are written. limn and its public
   * modules work, sweeps with workers=0. What is and is not a boundary is described in the manual
   * (lua/limn/docs/pages/howto-embed.md). */
  const char *sandbox;

  /* Receives what scripts and limn write to the standard output (print, io.write, io.stdout) and to
   * io.stderr. NULL: the streams of the process. */
  void (*output)(void *user, const char *text, size_t size);
  void (*error_output)(void *user, const char *text, size_t size);
  void *user; /* passed to both */
} limn_config;

/* Fills the first `size` bytes with the default: no limits, the streams of the process.
 *   config   out
 *   size     in   sizeof(limn_config) */
LIMN_API void limn_config_default(limn_config *config, size_t size);

/* limn_open with settings. If cancel or seconds is set, limn sets a count hook with lua_sethook in
 * L, which coroutines inherit; a host that sets a hook of its own later must look at its flag
 * itself.
 *   L        in/out  a state with the standard libraries; its stack is unchanged
 *   config   in      is copied; NULL: the default
 * Returns 0, or -1 if the files are not found, `package` is not open or a setting is invalid. */
LIMN_API int limn_open_with(struct lua_State *L, const limn_config *config);

/* limn_open_with where config->sandbox is set; -1 without it. */
LIMN_API int limn_open_sandboxed(struct lua_State *L, const limn_config *config);

/* limn_open with limn's files in `folder` (see limn_config). */
LIMN_API int limn_open_at(struct lua_State *L, const char *folder);

/* A new state with the standard libraries, after limn_open_with; NULL without memory, or where that
 * fails. limn_close closes it. */
LIMN_API struct lua_State *limn_new(const limn_config *config);
LIMN_API void limn_close(struct lua_State *L);

/* Bytes of the Lua heap of a state of limn_new. */
LIMN_API uint64_t limn_lua_memory_used(struct lua_State *L);

/* Makes `require "limn"` work in L by adding a searcher at the end of package.searchers. limn's Lua
 * files and limn.so are looked for in the build tree or installation prefix of the running program,
 * then in the prefix that limn was built for.
 *   L   in/out  a state with the library `package`; its stack is unchanged
 * Returns 0, or -1 if the files are not found or `package` is not open. */
LIMN_API int limn_open(struct lua_State *L);

/* Runs the interactive prompt on L, with the global `limn`, until the end of standard input. SIGINT
 * interrupts code that the prompt runs. `:quit` ends the prompt, not the process. On return SIGINT,
 * the locale and the registry fields above are as before.
 *   L   in/out  a state with the standard libraries, after limn_open
 * Returns 0, or 1 if the prompt could not start; the message is then pushed. */
LIMN_API int limn_repl(struct lua_State *L);

#ifdef __cplusplus
}
#endif
#endif
