/* host.h (internal): declarations that the parts of the program share. */
#ifndef LIMN_SRC_HOST_H
#define LIMN_SRC_HOST_H

#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include "limn/host.h"

/* ---- interrupt.c: Ctrl-C ---- */

/* lua_pcall during which SIGINT raises one error of kind "interrupted", in Lua code or in native
 * work that polls its token. Restores the disposition of SIGINT. */
int host_interruptible(lua_State *L, int nargs, int nresults, int handler);

/* Between previous = host_enter(co) and host_leave(co, previous) SIGINT stops the Lua thread co
 * instead of the thread that it stopped before. */
lua_State *host_enter(lua_State *co);
void host_leave(lua_State *co, lua_State *previous);

/* ---- run.c: protected calls and their error messages ---- */

/* The name at the beginning of messages; NULL in the prompt. */
extern const char *host_name;

/* Whether the variables of a script that fails are kept for :debug: a prompt follows it. */
extern bool host_keeps_frames;

/* host_interruptible with a message handler that adds a traceback, and with interruptible
 * coroutines. */
int host_call(lua_State *L, int nargs, int nresults);

/* The registry field of the function that formats an error at the prompt. */
#define HOST_HANDLER "limn.handler"

/* Writes "progname: message" to stderr if status is not LUA_OK, and pops the message; writes
 * nothing for an error of kind "exit". Returns status. */
int host_report(lua_State *L, int status);

/* Sets the function of LIMN_ADVICE_KEY (bind/error.h). */
void host_advise(lua_State *L);

/* The exit code after host_report(L, host_call(...)): 0, 1 after an error, 130 after an interrupt
 * that the script did not catch, that of an error of kind "exit". */
int host_code(int status);

/* The end of a script: limn.experiment.script, if it was loaded, gets the first value that the
 * script returned (at stack index `first`) and returns the exit code. code: that of the script. */
int host_finish_script(lua_State *L, int first, int code);

/* ---- confined.c: limn --sandbox ---- */

/* Runs the program's command line `limn --sandbox FOLDER ...`; returns the exit code. */
int host_confined(int argc, char **argv);

/* ---- coroutine.c: Ctrl-C inside coroutines; once per Lua state ---- */

void host_coroutines(lua_State *L);

/* ---- progress.c: a bar on stderr for native passes of more than a second, on a terminal ---- */

void host_progress(lua_State *L);

/* ---- policy.c ---- */

/* Pushes the table of limn.frontend.repl, which the first call loads, and returns true. Returns
 * false and pushes nothing where it cannot be loaded. */
bool host_policy(lua_State *L);

/* ---- sandbox.c: states whose scripts are not trusted ---- */

/* sandbox(folder), a function of Lua: confines the state, after limn_open. Scripts that are loaded
 * later have the globals of the sandbox. */
int host_sandbox(lua_State *L);

/* Pushes the globals of limn's own Lua files in a sandbox; nil elsewhere. */
void host_trusted(lua_State *L);

/* ---- guards.c ---- */

/* Adds guarded functions of the base library, of string and table, and copies of math, utf8 and
 * coroutine to the table at the top; from: the index of the whole libraries. */
void host_guard(lua_State *L, int from);

/* ---- edit.c: texts from the user ---- */

typedef struct host_edit host_edit;

/* A line editor on the terminal with the history file at `history` (may be NULL), or plain reading
 * when stdin is no terminal or the terminal is dumb. NULL without memory. */
host_edit *host_edit_open(lua_State *L, const char *history);
void host_edit_close(host_edit *e);

/* The next text without its last newline, valid until the next call; NULL at the end of input. The
 * editor gives whole chunks, plain reading gives lines. before: the unfinished chunk that the text
 * continues, or "". `more` is the prompt of the lines after the first one of a chunk. A Ctrl-C
 * while editing gives an empty text and sets *interrupted. */
const char *host_edit_text(host_edit *e, const char *prompt, const char *more, const char *before,
                           bool *interrupted);

/* Adds an entry to the history and its file. */
void host_edit_remember(host_edit *e, const char *entry);

/* ---- repl.c ---- */

/* The prompt: reads, evaluates, prints, until the end of input or an error of kind "exit", such as
 * that of `:quit`; returns whether it was such an error. */
bool host_repl(lua_State *L);

/* Puts the function that limn.repl{env=} calls into the registry. */
void host_prompt(lua_State *L);

#endif
