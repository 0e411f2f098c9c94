/* repl.c: the prompt: reads a chunk, runs it, shows its values. Display, `:` commands and
 * completion are in lua/limn/frontend/repl; without it the prompt behaves as that of stock Lua. */
#include "bind/error.h"
#include "host/host.h"

#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The prompt: _PROMPT or _PROMPT2 as in stock lua, else limn's own; pushed. */
static const char *push_prompt(lua_State *L, bool first) {
  lua_pushglobaltable(L);
  lua_pushstring(L, first ? "_PROMPT" : "_PROMPT2");
  lua_rawget(L, -2); /* raw: the metatable of the globals would warn that it is undefined */
  lua_remove(L, -2);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    lua_pushstring(L, first ? "limn> " : "....> ");
  }
  const char *p = luaL_tolstring(L, -1, NULL);
  lua_remove(L, -2);
  return p;
}

/* Whether the message at the top means that the chunk is incomplete. Only the text shows this;
 * lua.c does the same. */
static bool incomplete(lua_State *L, int status) {
  size_t n;
  if (status != LUA_ERRSYNTAX) return false;
  const char *msg = lua_tolstring(L, -1, &n);
  return n >= 5 && strcmp(msg + n - 5, "<eof>") == 0;
}

/* Pushes function `name` of the policy; returns false and pushes nothing where there is none. */
static bool push_hook(lua_State *L, const char *name) {
  if (!host_policy(L)) return false;
  if (lua_getfield(L, -1, name) != LUA_TFUNCTION) {
    lua_pop(L, 2);
    return false;
  }
  lua_remove(L, -2);
  return true;
}

/* Calls command(text), which returns nil (no command), true (done), or another text to run, which
 * replaces the one at `text`. Returns true if the line was a command. */
static bool by_policy(lua_State *L, int text, bool *quit) {
  if (!push_hook(L, "command")) return false;
  lua_pushvalue(L, text);
  int called = host_call(L, 1, 1);
  *quit = called != LUA_OK && bind_iskind(L, -1, LIMN_EXIT);
  if (host_report(L, called) != LUA_OK) return true;
  bool done = lua_isboolean(L, -1) && lua_toboolean(L, -1);
  if (lua_type(L, -1) == LUA_TSTRING)
    lua_replace(L, text);
  else
    lua_pop(L, 1);
  return done;
}

static const char env_key = 0;

/* Compiles a chunk of Lua; the globals of the prompt may be a table of the script
 * (limn.repl{env=}).
 */
static int load_chunk(lua_State *L, const char *code, size_t n) {
  int status = luaL_loadbuffer(L, code, n, "=stdin");
  if (status != LUA_OK) return status;
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &env_key) == LUA_TTABLE)
    lua_setupvalue(L, -2, 1);
  else
    lua_pop(L, 1);
  return status;
}

/* Compiles the text at stack index `text` as an expression, else as a chunk; with the policy, whose
 * compile(text, name) returns the function, or nil and a message, a chunk of several statements may
 * end in an expression. Pushes the function or the message. */
static int compile_text(lua_State *L, int text) {
  if (push_hook(L, "compile")) {
    lua_pushvalue(L, text);
    lua_pushliteral(L, "=stdin");
    if (lua_pcall(L, 2, 2, 0) == LUA_OK) {
      bool compiled = lua_isfunction(L, -2);
      lua_remove(L, compiled ? -1 : -2);
      return compiled ? LUA_OK : LUA_ERRSYNTAX;
    }
    lua_pop(L, 1);
  }
  size_t n;
  const char *code = lua_tolstring(L, text, &n);
  const char *expression = lua_pushfstring(L, "return %s", code);
  int status = load_chunk(L, expression, n + strlen("return "));
  lua_remove(L, -2);
  if (status == LUA_OK) return status;
  lua_pop(L, 1);
  return load_chunk(L, code, n);
}

/* Compiles the text at stack index `text`, reading more lines while it is incomplete. Pushes the
 * function, or the message of a syntax error. LUA_ERRRUN: cancelled by Ctrl-C. */
static int compile(lua_State *L, host_edit *edit, int text) {
  for (;;) {
    int status = compile_text(L, text);
    if (!incomplete(L, status)) return status;
    bool interrupted;
    const char *more = push_prompt(L, false);
    const char *line = host_edit_text(edit, more, more, lua_tostring(L, text), &interrupted);
    lua_pop(L, 1);
    if (interrupted) {
      lua_pop(L, 1);
      return LUA_ERRRUN;
    }
    if (!line) return status;
    lua_pop(L, 1);
    lua_pushvalue(L, text);
    lua_pushfstring(L, "\n%s", line);
    lua_concat(L, 2);
    lua_replace(L, text);
  }
}

/* Shows the n values at the top, with show of the policy if there is one, else print. */
static void show(lua_State *L, int n, int text) {
  bool policy = push_hook(L, "show");
  if (!policy && n == 0) return;
  luaL_checkstack(L, LUA_MINSTACK, "too many results to print");
  if (policy) /* the first argument is the source: a `;` at its end suppresses output */
    lua_pushvalue(L, text);
  else
    lua_getglobal(L, "print");
  lua_rotate(L, -n - 1 - policy, 1 + policy);
  int status = lua_pcall(L, n + policy, 0, 0);
  if (status != LUA_OK) {
    lua_pushfstring(L, "error calling 'print' (%s)", luaL_tolstring(L, -1, NULL));
    lua_insert(L, -3);
    lua_pop(L, 2);
  }
  host_report(L, status);
}

/* Reports that the chunk at `text` could not be compiled; pops the message at the top. */
static void report_syntax(lua_State *L, int text, int status) {
  if (push_hook(L, "syntax")) {
    lua_pushvalue(L, -2);
    lua_pushvalue(L, text);
    if (lua_pcall(L, 2, 1, 0) == LUA_OK)
      lua_replace(L, -2);
    else
      lua_pop(L, 1);
  }
  host_report(L, status);
}

/* $XDG_STATE_HOME/limn/history or ~/.local/state/limn/history; creates the folders. False: no
 * history. */
static bool history_file(char *path, size_t size) {
  const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
  struct stat st;
  if (state && *state == '/')
    snprintf(path, size, "%s/limn/history", state);
  else if (home && *home == '/' && stat(home, &st) == 0) /* a home that is missing is not made */
    snprintf(path, size, "%s/.local/state/limn/history", home);
  else
    return false;
  for (char *p = path + 1; (p = strchr(p, '/')); p++) {
    *p = '\0';
    mkdir(path, 0700);
    *p = '/';
  }
  return true;
}

/* Runs the text at stack index `text`: a command, or a chunk that may continue on more lines.
 * Returns whether the prompt ends. */
static bool one_entry(lua_State *L, host_edit *edit, int text) {
  const char *line = lua_tostring(L, text);
  bool quit = false;
  if (strchr(":?!", line[0])) host_edit_remember(edit, line);
  if (by_policy(L, text, &quit)) return quit;
  int status = compile(L, edit, text);
  host_edit_remember(edit, lua_tostring(L, text));
  if (status == LUA_ERRRUN) return false;
  if (status != LUA_OK) {
    report_syntax(L, text, status);
    return false;
  }
  if (push_hook(L, "begin")) {
    lua_pushvalue(L, text);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK) lua_pop(L, 1);
  }
  status = host_call(L, 0, LUA_MULTRET);
  if (status == LUA_OK)
    show(L, lua_gettop(L) - text, text);
  else {
    quit = bind_iskind(L, -1, LIMN_EXIT);
    host_report(L, status);
  }
  return quit;
}

bool host_repl(lua_State *L) {
  char history[4096];
  const char *name = host_name;
  host_name = NULL;
  lua_settop(L, 0);
  if (isatty(0)) {
    printf("limn %s   %s   help: :help   quit: Ctrl-D\n", LIMN_VERSION, LUA_RELEASE);
    fflush(stdout);
  }
  host_edit *edit = host_edit_open(L, history_file(history, sizeof history) ? history : NULL);
  if (!edit) luaL_error(L, "not enough memory for the prompt");
  bool quit = false;
  while (!quit) {
    bool interrupted;
    lua_settop(L, 0);
    const char *prompt = push_prompt(L, true), *more = push_prompt(L, false);
    const char *line = host_edit_text(edit, prompt, more, "", &interrupted);
    if (!line) break;
    if (interrupted || !*line) continue;
    lua_settop(L, 0);
    if (line[0] == '=')
      lua_pushfstring(L, "return %s", line + 1); /* as in Lua 5.1 */
    else
      lua_pushstring(L, line);
    quit = one_entry(L, edit, 1);
  }
  host_edit_close(edit);
  lua_settop(L, 0);
  if (!quit) putchar('\n');
  fflush(stdout);
  host_name = name;
  return quit;
}

static int protected_repl(lua_State *L) {
  lua_pushboolean(L, host_repl(L));
  return 1;
}

/* prompt(env): a prompt inside a script, with env as its globals. `:quit` ends the script too. */
static int prompt_within(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &env_key); /* of the enclosing prompt, or nil */
  lua_insert(L, 1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &env_key);
  const char *name = host_name;
  lua_pushcfunction(L, protected_repl);
  int status = lua_pcall(L, 0, 1, 0);
  host_name = name;
  lua_pushvalue(L, 1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &env_key);
  if (status == LUA_OK && !lua_toboolean(L, -1)) return 0;
  if (status == LUA_OK) {
    lua_pushliteral(L, ":quit");
    bind_pusherror(L, LIMN_EXIT);
    lua_pushinteger(L, 0);
    lua_setfield(L, -2, "code");
  }
  return lua_error(L);
}

void host_prompt(lua_State *L) {
  lua_pushcfunction(L, prompt_within);
  lua_setfield(L, LUA_REGISTRYINDEX, "limn.prompt");
}

int limn_repl(lua_State *L) {
  static const char *const fields[] = {LIMN_CANCEL_FIELD, LIMN_SERVED_FIELD};
  int top = lua_gettop(L);
  for (int i = 0; i < 2; i++) lua_getfield(L, LUA_REGISTRYINDEX, fields[i]);
  lua_pushcfunction(L, protected_repl);
  int status = lua_pcall(L, 0, 0, 0);
  for (int i = 0; i < 2; i++) { /* the calls of the prompt set it themselves */
    lua_pushvalue(L, top + 1 + i);
    lua_setfield(L, LUA_REGISTRYINDEX, fields[i]);
  }
  for (int i = 0; i < 2; i++) lua_remove(L, top + 1);
  return status == LUA_OK ? 0 : 1;
}
