/* error.h: Lua errors that limn's own code must tell apart. They are tables with a field `kind`
 * ("interrupted", "time_limit", "damaged", ...), a field `text`, and a __tostring that gives text;
 * all other errors are strings for people, which no code reads. Shared by the module and the
 * program, which find the class through the registry. */
#ifndef LIMN_BIND_ERROR_H
#define LIMN_BIND_ERROR_H

#include <lua.h>

#define LIMN_ERROR "limn.error"
#define LIMN_INTERRUPTED "interrupted"

/* The registry field with the name of the chunk that the program runs, as messages show it; false
 * where it runs none, nil where limn is a module of another program. */
#define LIMN_CHUNK_KEY "limn.chunk"

/* Pops a text and pushes an error value of that kind. */
void bind_pusherror(lua_State *L, const char *kind);

/* Raises an error of kind "interrupted", positioned at the Lua line that runs. Does not return. */
int bind_interrupt(lua_State *L, const char *where) __attribute__((noreturn));

/* Whether the value at idx is an error value of that kind. */
int bind_iskind(lua_State *L, int idx, const char *kind);

#endif
