/* ctrl_c.h: Ctrl-C where limn is a module of another interpreter, such as lua5.4. The handler of
 * that interpreter sets a hook, which raises in Lua code; native code would run to its end first.
 * While it runs, or during a sweep, a handler of limn's stands before it and calls it. */
#ifndef LIMN_BIND_CTRL_C_H
#define LIMN_BIND_CTRL_C_H

#include <lua.h>
#include <signal.h>
#include <stdbool.h>

/* Begins a native call: the flag that its token polls, or NULL where nothing can set it: the
 * process has no handler for SIGINT, or this is not its main thread. The flag is set when the
 * handler of the interpreter has set a hook of L's main thread; a handler that does something else
 * stops no native code. */
const volatile sig_atomic_t *bind_ctrlc_begin(lua_State *L);

/* Ends a native call: the handler is the interpreter's again. */
void bind_ctrlc_end(void);

/* Acknowledges: the flag is cleared and the hook that it stands for is removed. */
void bind_ctrlc_served(lua_State *L);

/* Between watch(L, true) and watch(L, false): whether Ctrl-C has come. The handler of lua5.4 raises
 * a text, which cannot be distinguished from other errors. */
void bind_ctrlc_watch(lua_State *L, bool yes);
bool bind_ctrlc_came(void);

#endif
