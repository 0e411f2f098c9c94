/* host.h (internal): what the parts of the program share. */
#ifndef LIMN_SRC_HOST_H
#define LIMN_SRC_HOST_H

#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include "limn/host.h"

/* ---- interrupt.c: Ctrl-C ---- */

/* lua_pcall during which SIGINT raises one error of kind "interrupted", in Lua code or in native
 * work that polls its token; afterwards SIGINT has its former meaning. */
int host_interruptible(lua_State *L, int nargs, int nresults, int handler);

/* From host_enter(co) to host_leave(co, what it returned) Ctrl-C stops co, which runs in place of
 * the thread that was to be stopped before. */
lua_State *host_enter(lua_State *co);
void host_leave(lua_State *co, lua_State *before);

/* ---- run.c: protected calls, and what is said when they fail ---- */

/* The name that starts messages; NULL in the prompt. */
extern const char *host_name;

/* host_interruptible with a message handler that adds a traceback, and with interruptible
 * coroutines. */
int host_call(lua_State *L, int nargs, int nresults);

/* The registry field of the function that words an error at the prompt. */
#define HOST_HANDLER "limn.handler"

/* Writes "progname: message" to stderr if status is not LUA_OK, and pops the message. Returns
 * status. */
int host_report(lua_State *L, int status);

/* ---- coroutine.c: Ctrl-C inside coroutines; does its work once a state ---- */

void host_coroutines(lua_State *L);

/* ---- progress.c: a bar on stderr for native passes of more than a second, on a terminal ---- */

void host_progress(lua_State *L);

/* ---- policy.c ---- */

/* Pushes the table of limn.frontend.repl, loaded when first asked for, and returns true; false,
 * with nothing pushed, where it cannot be loaded. */
bool host_policy(lua_State *L);

/* ---- edit.c: one line from the user ---- */

typedef struct host_edit host_edit;

/* A line editor on the terminal with the history file at `history` (may be NULL), or plain reading
 * when stdin is no terminal or the terminal is dumb. NULL without memory. */
host_edit *host_edit_open(lua_State *L, const char *history);
void host_edit_close(host_edit *e);

/* The next line without its newline, valid until the next call; NULL at the end of input. A line
 * recalled from the history or pasted may hold newlines. `before` is the unfinished chunk that the
 * line goes on with, or "". A Ctrl-C while editing gives an empty line and sets *interrupted. */
const char *host_edit_line(host_edit *e, const char *prompt, const char *before, bool *interrupted);

/* Adds an entry to the history and its file. */
void host_edit_remember(host_edit *e, const char *entry);

/* ---- repl.c ---- */

/* The prompt: reads, evaluates, prints, until the end of input. */
void host_repl(lua_State *L);

/* Puts what limn.repl{env=} calls into the registry. */
void host_prompt(lua_State *L);

#endif
