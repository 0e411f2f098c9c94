/* embedded.h: limn's Lua files where they are parts of the program (src/sys/embedded.h). */
#ifndef LIMN_BIND_EMBEDDED_H
#define LIMN_BIND_EMBEDDED_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

/* The folder that such files are named after: "<limn>/limn/rng.lua". */
#define LIMN_EMBEDDED "<limn>"

/* Makes `require` find limn's modules, and `native` as limn.native; false where there are none. */
bool bind_preload(lua_State *L, lua_CFunction native);

/* The contents of such a file; NULL for any other path. */
const char *bind_embedded(const char *path, size_t *size);

#endif
