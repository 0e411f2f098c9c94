/* sandbox.h: the native module in a state that runs scripts which are not trusted
 * (limn_open_sandboxed of limn/host.h). */
#ifndef LIMN_BIND_SANDBOX_H
#define LIMN_BIND_SANDBOX_H

#include <lua.h>
#include <stdbool.h>

/* Whether the state is one. */
bool bind_sandboxed(lua_State *L);

/* Removes from the native module, the table at the top, what reaches beyond the folder of the
 * sandbox: processes, descriptors, sockets, the terminal. */
void bind_sandbox(lua_State *L);

/* The path at idx, which is replaced by its canonical form in the folder of the sandbox; raises if
 * it leads out. own: limn's own Lua files count too. Outside of a sandbox: the path as it is. */
const char *bind_confine(lua_State *L, int idx, const char *who, const char *name, bool own);

#endif
