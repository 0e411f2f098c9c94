/* edit.c: lines from the user: libedit on a terminal, plain reading elsewhere. The only file that
 * knows libedit. */
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <histedit.h>
#include <locale.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { REMEMBERED = 5000 };

struct host_edit {
  lua_State *L;
  EditLine *el; /* NULL: plain reading */
  History *history;
  char *file; /* of the history, or NULL */
  const char *prompt;
  char *line; /* plain reading's buffer */
  size_t capacity;
};

static volatile sig_atomic_t pressed;

static void on_interrupt(int sig) {
  (void)sig;
  pressed = 1;
}

static char *prompt_of(EditLine *el) {
  host_edit *e;
  el_get(el, EL_CLIENTDATA, &e);
  return (char *)(uintptr_t)e->prompt;
}

/* <TAB>: asks the Lua function in the registry, completer(line, cursor) -> text to insert, list. */
static unsigned char complete(EditLine *el, int ch) {
  (void)ch;
  host_edit *e;
  el_get(el, EL_CLIENTDATA, &e);
  const LineInfo *info = el_line(el);
  lua_State *L = e->L;
  int top = lua_gettop(L);
  unsigned char result = CC_ERROR;
  if (lua_getfield(L, LUA_REGISTRYINDEX, "limn.completer") == LUA_TFUNCTION) {
    lua_pushlstring(L, info->buffer, (size_t)(info->lastchar - info->buffer));
    lua_pushinteger(L, info->cursor - info->buffer);
    if (lua_pcall(L, 2, 2, 0) == LUA_OK) {
      const char *insert = lua_tostring(L, -2), *list = lua_tostring(L, -1);
      if (insert && *insert) {
        el_insertstr(el, insert);
        result = CC_REFRESH;
      } else if (list) {
        printf("\n%s\n", list);
        fflush(stdout);
        result = CC_REDISPLAY;
      }
    }
  }
  lua_settop(L, top);
  return result;
}

static bool wants_editor(void) {
  const char *term = getenv("TERM");
  return isatty(0) && isatty(1) && term && *term && strcmp(term, "dumb") != 0;
}

static void load_history(host_edit *e) {
  HistEvent ev;
  history(e->history, &ev, H_SETSIZE, REMEMBERED);
  history(e->history, &ev, H_SETUNIQUE, 1);
  if (e->file) history(e->history, &ev, H_LOAD, e->file);
}

host_edit *host_edit_open(lua_State *L, const char *file) {
  host_edit *e = calloc(1, sizeof *e);
  if (!e) return NULL;
  e->L = L;
  e->file = file ? strdup(file) : NULL;
  if (!wants_editor()) return e;
  setlocale(LC_CTYPE, ""); /* the program's business, so that UTF-8 is edited as characters */
  e->el = el_init("limn", stdin, stdout, stderr);
  if (!e->el) return e;
  e->history = history_init();
  el_set(e->el, EL_CLIENTDATA, e);
  el_set(e->el, EL_PROMPT, prompt_of);
  el_set(e->el, EL_EDITOR, "emacs");
  el_set(e->el, EL_SIGNAL, 1);
  el_set(e->el, EL_ADDFN, "limn-complete", "complete a name", complete);
  el_set(e->el, EL_BIND, "^I", "limn-complete", NULL);
  el_set(e->el, EL_BIND, "^R", "em-inc-search-prev", NULL);
  el_set(e->el, EL_BIND, "\033[H", "ed-move-to-beg", NULL);
  el_set(e->el, EL_BIND, "\033[F", "ed-move-to-end", NULL);
  el_set(e->el, EL_BIND, "\033[3~", "ed-delete-next-char", NULL);
  if (e->history) {
    load_history(e);
    el_set(e->el, EL_HIST, history, e->history);
  }
  el_source(e->el, NULL);
  return e;
}

void host_edit_close(host_edit *e) {
  if (!e) return;
  if (e->history) history_end(e->history);
  if (e->el) el_end(e->el);
  free(e->file);
  free(e->line);
  free(e);
}

static const char *plain_line(host_edit *e) {
  fputs(e->prompt, stdout);
  fflush(stdout);
  ssize_t n = getline(&e->line, &e->capacity, stdin);
  if (n < 0) return NULL;
  if (n > 0 && e->line[n - 1] == '\n') e->line[n - 1] = '\0';
  return e->line;
}

const char *host_edit_line(host_edit *e, const char *prompt, bool *interrupted) {
  struct sigaction act, old;
  const char *line;
  *interrupted = false;
  e->prompt = prompt;
  pressed = 0;
  memset(&act, 0, sizeof act);
  act.sa_handler = on_interrupt;
  sigemptyset(&act.sa_mask);
  sigaction(SIGINT, &act, &old); /* without SA_RESTART: the read is to end */
  if (e->el) {
    int n = 0;
    line = el_gets(e->el, &n);
    if (line && n > 0) {
      size_t need = (size_t)n + 1;
      char *copy = need > e->capacity ? realloc(e->line, need) : e->line;
      if (copy) {
        e->line = copy;
        if (need > e->capacity) e->capacity = need;
        memcpy(copy, line, (size_t)n);
        copy[n] = '\0';
        copy[strcspn(copy, "\n")] = '\0';
      }
      line = copy;
    } else {
      line = NULL;
    }
    if (pressed) el_reset(e->el);
  } else {
    line = plain_line(e);
  }
  sigaction(SIGINT, &old, NULL);
  if (pressed) {
    *interrupted = true;
    clearerr(stdin);
    fputc('\n', stdout);
    return "";
  }
  return line;
}

void host_edit_remember(host_edit *e, const char *entry) {
  if (!e->history || !*entry) return;
  HistEvent ev;
  history(e->history, &ev, H_ENTER, entry);
  if (!e->file) return;
  mode_t before = umask(077);
  history(e->history, &ev, H_SAVE, e->file);
  umask(before);
  chmod(e->file, 0600);
}
