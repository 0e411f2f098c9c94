/* repl.c: the prompt: reads a chunk, runs it, shows its values. How values look, what `:` commands
 * do and how names are completed is the policy of lua/limn/repl.lua; without it plain Lua rules
 * hold. */
#include "host.h"

#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The prompt: _PROMPT / _PROMPT2 as in stock lua, else our own. Left on the stack. */
static const char *push_prompt(lua_State *L, bool first) {
  if (lua_getglobal(L, first ? "_PROMPT" : "_PROMPT2") == LUA_TNIL) {
    lua_pop(L, 1);
    lua_pushstring(L, first ? "limn> " : "....> ");
  }
  const char *p = luaL_tolstring(L, -1, NULL);
  lua_remove(L, -2);
  return p;
}

/* Whether the message at the top says that the chunk is only not finished yet. */
static bool incomplete(lua_State *L, int status) {
  size_t n;
  if (status != LUA_ERRSYNTAX) return false;
  const char *msg = lua_tolstring(L, -1, &n);
  return n >= 5 && strcmp(msg + n - 5, "<eof>") == 0;
}

/* Calls hook(text) of limn.repl if there is one: it returns nil (not for me), or true (done), or
 * another text to run. Returns true when the line was dealt with. The text to run replaces the one
 * at `text`. */
static bool by_policy(lua_State *L, int policy, int text) {
  if (!lua_istable(L, policy) || lua_getfield(L, policy, "command") != LUA_TFUNCTION) return false;
  lua_pushvalue(L, text);
  if (host_report(L, host_call(L, 1, 1)) != LUA_OK) return true;
  bool done = lua_isboolean(L, -1) && lua_toboolean(L, -1);
  if (lua_type(L, -1) == LUA_TSTRING)
    lua_replace(L, text);
  else
    lua_pop(L, 1);
  return done;
}

/* Compiles the text at stack index `text` as an expression, else as a chunk, reading more lines
 * while it is incomplete. Leaves the function, or the message of a syntax error. LUA_ERRRUN: given
 * up by Ctrl-C. */
static int compile(lua_State *L, host_edit *edit, int text) {
  for (bool first = true;; first = false) {
    size_t n;
    int status;
    if (first) {
      const char *expression = lua_pushfstring(L, "return %s", lua_tostring(L, text));
      status = luaL_loadbuffer(L, expression, strlen(expression), "=stdin");
      lua_remove(L, -2);
      if (status == LUA_OK) return status;
      lua_pop(L, 1);
    }
    const char *code = lua_tolstring(L, text, &n);
    status = luaL_loadbuffer(L, code, n, "=stdin");
    if (!incomplete(L, status)) return status;
    bool interrupted;
    const char *line = host_edit_line(edit, push_prompt(L, false), &interrupted);
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

/* Shows the n values at the top: limn.repl's show if there is one, else print. */
static void show(lua_State *L, int policy, int n, int text) {
  if (lua_istable(L, policy) && lua_getfield(L, policy, "show") == LUA_TFUNCTION) {
    lua_insert(L, -n - 1);
    lua_pushvalue(L, text); /* the source goes first: `;` at its end silences */
    lua_insert(L, -n - 1);
    int bad = lua_pcall(L, n + 1, 0, 0);
    if (bad != LUA_OK) {
      lua_pushfstring(L, "error calling 'print' (%s)", luaL_tolstring(L, -1, NULL));
      lua_replace(L, -3);
      lua_pop(L, 1);
    }
    host_report(L, bad);
    return;
  }
  if (lua_istable(L, policy)) lua_pop(L, 1);
  if (n == 0) return;
  luaL_checkstack(L, LUA_MINSTACK, "too many results to print");
  lua_getglobal(L, "print");
  lua_insert(L, -n - 1);
  int status = lua_pcall(L, n, 0, 0);
  if (status != LUA_OK)
    lua_pushfstring(L, "error calling 'print' (%s)", lua_tostring(L, -1)), lua_remove(L, -2);
  host_report(L, status);
}

/* $XDG_STATE_HOME/limn/history or ~/.local/state/limn/history; makes the folders. False: no
 * history. */
static bool history_file(char *path, size_t size) {
  const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
  if (state && *state == '/')
    snprintf(path, size, "%s/limn/history", state);
  else if (home && *home == '/')
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

/* The global limn, and limn.repl; nothing happens to the prompt if they cannot be loaded. */
static void push_policy(lua_State *L) {
  lua_getglobal(L, "require");
  lua_pushliteral(L, "limn");
  if (host_report(L, host_call(L, 1, 1)) != LUA_OK) {
    lua_pushnil(L);
    return;
  }
  lua_pushvalue(L, -1);
  lua_setglobal(L, "limn");
  lua_pop(L, 1);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "limn.repl");
  if (lua_pcall(L, 1, 1, 0) != LUA_OK) {
    lua_pop(L, 1);
    lua_pushnil(L);
    return;
  }
  if (lua_istable(L, -1) && lua_getfield(L, -1, "complete") == LUA_TFUNCTION)
    lua_setfield(L, LUA_REGISTRYINDEX, "limn.completer");
  else if (lua_istable(L, -2))
    lua_pop(L, 1);
}

void host_repl(lua_State *L) {
  char history[4096];
  const char *name = host_name;
  host_name = NULL;
  lua_settop(L, 0);
  push_policy(L);
  int policy = lua_gettop(L);
  if (isatty(0)) {
    printf("limn %s   %s   help: :help   leave: Ctrl-D\n", LIMN_VERSION, LUA_RELEASE);
    fflush(stdout);
  }
  host_edit *edit = host_edit_open(L, history_file(history, sizeof history) ? history : NULL);
  if (!edit) luaL_error(L, "not enough memory for the prompt");
  for (;;) {
    bool interrupted;
    lua_settop(L, policy);
    const char *line = host_edit_line(edit, push_prompt(L, true), &interrupted);
    if (!line) break;
    if (interrupted || !*line) continue;
    lua_pop(L, 1);
    if (line[0] == '=')
      lua_pushfstring(L, "return %s", line + 1); /* as in older Lua */
    else
      lua_pushstring(L, line);
    int text = policy + 1;
    if (by_policy(L, policy, text)) {
      host_edit_remember(edit, lua_tostring(L, text));
      continue;
    }
    int status = compile(L, edit, text);
    host_edit_remember(edit, lua_tostring(L, text));
    if (status == LUA_OK)
      status = host_call(L, 0, LUA_MULTRET);
    else if (status == LUA_ERRRUN)
      continue;
    if (status == LUA_OK)
      show(L, policy, lua_gettop(L) - text, text);
    else
      host_report(L, status);
  }
  host_edit_close(edit);
  lua_settop(L, 0);
  putchar('\n');
  fflush(stdout);
  host_name = name;
}

static int protected_repl(lua_State *L) {
  host_repl(L);
  return 0;
}

int limn_repl(lua_State *L) {
  lua_pushcfunction(L, protected_repl);
  return lua_pcall(L, 0, 0, 0) == LUA_OK ? 0 : 1;
}
