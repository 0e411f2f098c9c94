/* edit.c: texts from the user: the line editor of src/sys/line on a terminal, with completion and
 * hints of the policy; plain reading elsewhere. */
#include "host/host.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "sys/line/line.h"

struct host_edit {
  lua_State *L;
  limn_line *line;    /* NULL: plain reading */
  const char *before; /* the unfinished chunk so far */
  char *text;         /* of plain reading */
  size_t capacity;
};

static volatile sig_atomic_t pressed;

static void on_interrupt(int sig) {
  (void)sig;
  pressed = 1;
}

/* ---- hooks of the editor ---- */

/* Calls name(text, cursor) of the policy, where text follows the unfinished chunk; pushes `results`
 * values. Returns false and pushes nothing on failure. */
static bool ask(host_edit *e, const char *name, const char *text, size_t cursor, int results) {
  lua_State *L = e->L;
  int top = lua_gettop(L);
  if (host_policy(L) && lua_getfield(L, -1, name) == LUA_TFUNCTION) {
    size_t before = strlen(e->before);
    if (before)
      lua_pushfstring(L, "%s\n%s", e->before, text);
    else
      lua_pushstring(L, text);
    lua_pushinteger(L, (lua_Integer)((before ? before + 1 : 0) + cursor));
    if (lua_pcall(L, 2, results, 0) == LUA_OK) return true;
  }
  lua_settop(L, top);
  return false;
}

static char *copied(lua_State *L, int index) {
  const char *text = lua_tostring(L, index);
  return text ? strdup(text) : NULL;
}

/* complete(text, cursor) -> text to insert, list to show, characters to remove first. */
static void complete(void *data, const char *text, size_t cursor, limn_completion *found) {
  host_edit *e = data;
  int top = lua_gettop(e->L);
  if (ask(e, "complete", text, cursor, 3)) {
    found->insert = copied(e->L, -3);
    found->list = copied(e->L, -2);
    found->removes = (int)lua_tointeger(e->L, -1);
  }
  lua_settop(e->L, top);
}

/* hint(text, cursor): the signature of the function that is being called, or nil. */
static char *hint(void *data, const char *text, size_t cursor) {
  host_edit *e = data;
  int top = lua_gettop(e->L);
  char *found = ask(e, "hint", text, cursor, 1) ? copied(e->L, -1) : NULL;
  lua_settop(e->L, top);
  return found;
}

/* paste(text): the text without copied prompts. */
static char *paste(void *data, const char *text) {
  host_edit *e = data;
  int top = lua_gettop(e->L);
  const char *before = e->before;
  e->before = "";
  char *found = ask(e, "paste", text, 0, 1) ? copied(e->L, -1) : NULL;
  e->before = before;
  lua_settop(e->L, top);
  return found;
}

/* unfinished(text): whether Return adds a line. */
static bool unfinished(void *data, const char *text) {
  host_edit *e = data;
  int top = lua_gettop(e->L);
  bool more = ask(e, "unfinished", text, 0, 1) && lua_toboolean(e->L, -1);
  lua_settop(e->L, top);
  return more;
}

/* ---- reading ---- */

static bool wants_editor(void) {
  const char *term = getenv("TERM");
  return isatty(0) && isatty(1) && term && *term && strcmp(term, "dumb") != 0;
}

host_edit *host_edit_open(lua_State *L, const char *history) {
  host_edit *e = calloc(1, sizeof *e);
  if (!e) return NULL;
  const char *colourless = getenv("NO_COLOR");
  limn_line_hooks hooks = {e, unfinished, complete, hint, paste};
  e->L = L;
  e->before = "";
  if (wants_editor()) e->line = limn_line_open(0, 1, history, !colourless || !*colourless, hooks);
  return e;
}

void host_edit_close(host_edit *e) {
  if (!e) return;
  limn_line_close(e->line);
  free(e->text);
  free(e);
}

void host_edit_remember(host_edit *e, const char *entry) {
  if (e->line) limn_line_remember(e->line, entry);
}

static const char *plain_line(host_edit *e, const char *prompt, bool *interrupted) {
  struct sigaction act, old;
  pressed = 0;
  memset(&act, 0, sizeof act);
  act.sa_handler = on_interrupt;
  sigemptyset(&act.sa_mask);
  sigaction(SIGINT, &act, &old); /* without SA_RESTART, so that the signal ends the read */
  fputs(prompt, stdout);
  fflush(stdout);
  ssize_t n = getline(&e->text, &e->capacity, stdin);
  sigaction(SIGINT, &old, NULL);
  if (pressed) {
    *interrupted = true;
    clearerr(stdin);
    fputc('\n', stdout);
    return "";
  }
  if (n < 0) return NULL;
  if (n > 0 && e->text[n - 1] == '\n') e->text[n - 1] = '\0';
  return e->text;
}

const char *host_edit_text(host_edit *e, const char *prompt, const char *more, const char *before,
                           bool *interrupted) {
  const char *text;
  *interrupted = false;
  if (!e->line) return plain_line(e, *before ? more : prompt, interrupted);
  e->before = before;
  fflush(stdout);
  limn_line_outcome outcome = limn_line_read(e->line, *before ? more : prompt, more, &text);
  e->before = "";
  *interrupted = outcome == LIMN_LINE_INTERRUPTED;
  return outcome == LIMN_LINE_END ? NULL : text;
}
