/* error.h: Lua errors that limn's own code must distinguish. They are tables with a field `kind`
 * ("interrupted", "time_limit", "damaged", ...), a field `text`, and a __tostring that gives text;
 * all other errors are strings, which no code examines. The module and the program both use this
 * class; the registry holds it. */
#ifndef LIMN_BIND_ERROR_H
#define LIMN_BIND_ERROR_H

#include <lua.h>

#define LIMN_ERROR "limn.error"
#define LIMN_INTERRUPTED "interrupted"

/* The registry field with the name of the chunk that the program runs, in the form of messages;
 * false while it runs none, nil where limn is a module of another program. */
#define LIMN_CHUNK_KEY "limn.chunk"

/* The registry field with the table { interactive =, finish = } while the program runs a script
 * (see lua/limn/experiment/script.lua); nil where limn is a module of another program. */
#define LIMN_SCRIPT_KEY "limn.script"

/* Pops a text and pushes an error value of that kind. */
void bind_pusherror(lua_State *L, const char *kind);

/* Raises an error of kind "interrupted" with the position of the current Lua line. Does not return.
 * */
int bind_interrupt(lua_State *L, const char *where) __attribute__((noreturn));

/* Whether the value at idx is an error value of that kind. */
int bind_iskind(lua_State *L, int idx, const char *kind);

#endif
