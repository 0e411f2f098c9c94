/* error.h: Lua errors that limn's own code must distinguish. They are tables with a field `kind`
 * ("interrupted", "time_limit", "damaged", ...), a field `text`, and a __tostring that gives text;
 * all other errors are strings, which no code examines. The module and the program both use this
 * class; the registry holds it. */
#ifndef LIMN_BIND_ERROR_H
#define LIMN_BIND_ERROR_H

#include <lua.h>

#define LIMN_ERROR "limn.error"
#define LIMN_EXIT "exit"
#define LIMN_INTERRUPTED "interrupted"

/* The registry field with the name of the chunk that the program runs, in the form of messages;
 * false while it runs none, nil where limn is a module of another program. */
#define LIMN_CHUNK_KEY "limn.chunk"

/* The registry field with the table { interactive =, finish = } while the program runs a script
 * (see lua/limn/experiment/script.lua); nil where limn is a module of another program. */
#define LIMN_SCRIPT_KEY "limn.script"

/* The registry field with the program's function of a message that returns what a message on an
 * undefined name may end with; nil where limn is a module of another program. */
#define LIMN_ADVICE_KEY "limn.advice"

/* The registry field with the text of a script on standard input; nil without one. */
#define LIMN_STDIN_KEY "limn.stdin"

/* The registry field with the end of the time budget of a state (limn_config of limn/host.h), in
 * seconds of the monotonic clock. */
#define LIMN_DEADLINE_KEY "limn.deadline"

/* The registry fields by which limn_open_with configures the native module, which reads them when
 * it is loaded: bytes, a number of threads, the name of an instruction set. */
#define LIMN_MEMORY_KEY "limn.memory"
#define LIMN_THREADS_KEY "limn.threads"
#define LIMN_ISA_KEY "limn.isa"

/* The registry field with the folder of a sandbox, canonical; nil elsewhere. */
#define LIMN_SANDBOX_KEY "limn.sandbox"

/* The registry field with the globals of limn's own Lua files in a sandbox; nil elsewhere. */
#define LIMN_TRUSTED_KEY "limn.trusted"

/* Raises an error of kind "time_limit": the time budget is used up. Does not return. */
int bind_time_over(lua_State *L, const char *where) __attribute__((noreturn));

/* Pops a text and pushes an error value of that kind. */
void bind_pusherror(lua_State *L, const char *kind);

/* Raises an error of kind "interrupted" with the position of the current Lua line. Does not return.
 * */
int bind_interrupt(lua_State *L, const char *where) __attribute__((noreturn));

/* Whether the value at idx is an error value of that kind. */
int bind_iskind(lua_State *L, int idx, const char *kind);

#endif
