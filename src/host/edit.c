/* edit.c: lines from the user: libedit on a terminal, plain reading elsewhere or in a build without
 * it (LIMN_LIBEDIT=0). The only file that uses libedit. */
#include "host/host.h"

#include <limits.h>
#include <locale.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

#ifndef LIMN_LIBEDIT
#define LIMN_LIBEDIT 1
#endif
#if LIMN_LIBEDIT
#include <histedit.h>
#else
typedef struct editline EditLine;
typedef struct history History;
#endif

enum { REMEMBERED = 5000, HINT = 256, SHORT_PASTE = 15 };

struct host_edit {
  lua_State *L;
  EditLine *el; /* NULL: plain reading */
  History *history;
  char *file; /* of the history, or NULL */
  const char *prompt;
  const char *before; /* the unfinished chunk so far */
  char hint[HINT];    /* shown at the right */
  char *pasted;       /* a long paste, which is run at once */
  char *line;         /* the result of host_edit_line */
  size_t capacity;
};

static volatile sig_atomic_t pressed;

static void on_interrupt(int sig) {
  (void)sig;
  pressed = 1;
}

/* Copies n bytes of text to e->line. */
static const char *keep(host_edit *e, const char *text, size_t n) {
  if (n + 1 > e->capacity) {
    char *more = realloc(e->line, n + 1);
    if (!more) return NULL;
    e->line = more;
    e->capacity = n + 1;
  }
  memcpy(e->line, text, n);
  e->line[n] = '\0';
  return e->line;
}

#if LIMN_LIBEDIT

static host_edit *of(EditLine *el) {
  host_edit *e;
  el_get(el, EL_CLIENTDATA, &e);
  return e;
}

static char *prompt_of(EditLine *el) {
  return (char *)(uintptr_t)of(el)->prompt;
}

static char *hint_of(EditLine *el) {
  return of(el)->hint;
}

static void bind_hints(EditLine *el, bool on) {
  static const char *const keys[] = {"(", ")", "{", "}", ","};
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    el_set(el, EL_BIND, keys[i], on ? "limn-hint" : "ed-insert", NULL);
  el_set(el, EL_BIND, "^R", on ? "limn-search" : "em-inc-search-prev", NULL);
}

/* Calls name(text, cursor) of the policy, where text is the unfinished chunk with the line; pushes
 * `results` values. Returns false and pushes nothing on failure. */
static bool ask(host_edit *e, const char *name, int results) {
  lua_State *L = e->L;
  int top = lua_gettop(L);
  const LineInfo *info = el_line(e->el);
  if (host_policy(L) && lua_getfield(L, -1, name) == LUA_TFUNCTION) {
    size_t before = strlen(e->before), n = (size_t)(info->lastchar - info->buffer);
    lua_pushstring(L, e->before);
    if (before) lua_pushliteral(L, "\n");
    lua_pushlstring(L, info->buffer, n);
    lua_concat(L, before ? 3 : 2);
    lua_pushinteger(L, (lua_Integer)(before ? before + 1 : 0) + (info->cursor - info->buffer));
    if (lua_pcall(L, 2, results, 0) == LUA_OK) return true;
  }
  lua_settop(L, top);
  return false;
}

/* <TAB>: complete(line, cursor) -> text to insert, list to show, characters to delete first. */
static unsigned char complete(EditLine *el, int ch) {
  (void)ch;
  host_edit *e = of(el);
  lua_State *L = e->L;
  int top = lua_gettop(L);
  unsigned char result = CC_ERROR;
  if (ask(e, "complete", 3)) {
    const char *insert = lua_tostring(L, -3), *list = lua_tostring(L, -2);
    int replaces = (int)lua_tointeger(L, -1);
    if (insert && replaces > 0) el_deletestr(el, replaces);
    if (insert && *insert) {
      el_insertstr(el, insert);
      result = CC_REFRESH;
    } else if (list) {
      printf("\n%s\n", list);
      fflush(stdout);
      result = CC_REDISPLAY;
    }
  }
  lua_settop(L, top);
  return result;
}

/* Brackets and commas: inserts the character and shows the signature of the called function at the
 * right. */
static unsigned char insert_hinting(EditLine *el, int ch) {
  host_edit *e = of(el);
  int top = lua_gettop(e->L);
  struct winsize size = {0};
  char text[2] = {(char)ch, '\0'};
  if (el_insertstr(el, text) != 0) return CC_ERROR;
  e->hint[0] = '\0';
  if (ask(e, "hint", 1)) {
    const char *hint = lua_tostring(e->L, -1);
    ioctl(1, TIOCGWINSZ, &size);
    int room = (size.ws_col ? size.ws_col : 80) * 3 / 5;
    if (room > HINT - 1) room = HINT - 1;
    if (hint && (int)strlen(hint) <= room)
      snprintf(e->hint, sizeof e->hint, "%s", hint);
    else if (hint)
      snprintf(e->hint, sizeof e->hint, "%.*s...", room - 3, hint);
  }
  lua_settop(e->L, top);
  return CC_REFRESH;
}

/* Return: removes the hint from the screen, then accepts the line. */
static unsigned char accept(EditLine *el, int ch) {
  (void)ch;
  host_edit *e = of(el);
  bool hinted = e->hint[0] != '\0';
  e->hint[0] = '\0';
  el_push(el, "\r"); /* the terminal turns Return into ^J; libedit binds ^M to accepting the line */
  return hinted ? CC_REFRESH : CC_NORM;
}

/* Incremental search accepts only keys with their default binding in its pattern, so brackets are
 * unbound for the rest of this line. ^X^R is bound to the search. */
static unsigned char search(EditLine *el, int ch) {
  (void)ch;
  bind_hints(el, false);
  el_push(el, "\030\022");
  return CC_NORM;
}

/* Reads up to the end mark of a bracketed paste into out; NULL at the end of input. */
static char *read_paste(EditLine *el) {
  static const char mark[] = "\033[201~";
  size_t used = 0, capacity = 4096;
  char *out = malloc(capacity);
  for (wchar_t c; out;) {
    if (el_wgetc(el, &c) != 1) break;
    if (used + MB_LEN_MAX + 1 > capacity) {
      char *more = realloc(out, capacity *= 2);
      if (!more) break;
      out = more;
    }
    int n = wctomb(out + used, c);
    if (n > 0) used += (size_t)n;
    if (used >= sizeof mark - 1 &&
        memcmp(out + used - (sizeof mark - 1), mark, sizeof mark - 1) == 0) {
      out[used - (sizeof mark - 1)] = '\0';
      return out;
    }
  }
  free(out);
  return NULL;
}

/* A pasted block is one chunk. It is inserted in the line, where the user can check it before
 * Return; one that would not fit the screen is run at once. */
static unsigned char paste(EditLine *el, int ch) {
  (void)ch;
  host_edit *e = of(el);
  lua_State *L = e->L;
  int top = lua_gettop(L);
  char *raw = read_paste(el);
  if (!raw) return CC_EOF;
  const char *text = raw;
  if (host_policy(L) && lua_getfield(L, -1, "paste") == LUA_TFUNCTION) {
    lua_pushstring(L, raw);
    if (lua_pcall(L, 1, 1, 0) == LUA_OK && lua_isstring(L, -1)) text = lua_tostring(L, -1);
  }
  size_t n = strlen(text), lines = 0;
  while (n && text[n - 1] == '\n') n--;
  for (size_t i = 0; i < n; i++) lines += text[i] == '\n';
  lua_pushlstring(L, text, n);
  text = lua_tostring(L, -1);
  unsigned char result = CC_REFRESH;
  if (lines < SHORT_PASTE) {
    if (n && el_insertstr(el, text) != 0) result = CC_ERROR;
  } else {
    const LineInfo *info = el_line(el);
    int head = (int)(info->cursor - info->buffer), tail = (int)(info->lastchar - info->cursor);
    size_t need = (size_t)head + n + (size_t)tail + 1;
    free(e->pasted);
    e->pasted = malloc(need);
    if (e->pasted)
      snprintf(e->pasted, need, "%.*s%s%.*s", head, info->buffer, text, tail, info->cursor);
    char said[64];
    snprintf(said, sizeof said, "[%zu pasted lines]", lines + 1);
    el_insertstr(el, said);
    el_push(el, "\n");
  }
  free(raw);
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

static void bind_keys(EditLine *el) {
  static const char *const keys[][2] = {
      {"^I", "limn-complete"},
      {"^J", "limn-accept"},
      {"\033[200~", "limn-paste"},
      {"^X^R", "em-inc-search-prev"},
      {"\033[H", "ed-move-to-beg"},
      {"\033[F", "ed-move-to-end"},
      {"\033[1~", "ed-move-to-beg"},
      {"\033[4~", "ed-move-to-end"},
      {"\033[1;5C", "em-next-word"},
      {"\033[1;5D", "ed-prev-word"},
      {"\033[3~", "ed-delete-next-char"},
  };
  el_set(el, EL_ADDFN, "limn-complete", "complete a name", complete);
  el_set(el, EL_ADDFN, "limn-accept", "accept the line", accept);
  el_set(el, EL_ADDFN, "limn-hint", "insert, and show a signature", insert_hinting);
  el_set(el, EL_ADDFN, "limn-search", "search the history", search);
  el_set(el, EL_ADDFN, "limn-paste", "a bracketed paste", paste);
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    el_set(el, EL_BIND, keys[i][0], keys[i][1], NULL);
}

static void open_editor(host_edit *e) {
  if (!wants_editor()) return;
  /* the program sets the locale, so that UTF-8 is edited as characters */
  if (!setlocale(LC_CTYPE, "") || MB_CUR_MAX == 1) setlocale(LC_CTYPE, "C.UTF-8");
  e->el = el_init("limn", stdin, stdout, stderr);
  if (!e->el) return;
  e->history = history_init();
  el_set(e->el, EL_CLIENTDATA, e);
  el_set(e->el, EL_PROMPT, prompt_of);
  el_set(e->el, EL_RPROMPT, hint_of);
  el_set(e->el, EL_EDITOR, "emacs");
  el_set(e->el, EL_SIGNAL, 1);
  bind_keys(e->el);
  if (e->history) {
    load_history(e);
    el_set(e->el, EL_HIST, history, e->history);
  }
  el_source(e->el, NULL);
}

static void close_editor(host_edit *e) {
  if (e->history) history_end(e->history);
  if (e->el) el_end(e->el);
}

static void bracketed_paste(bool on) {
  fputs(on ? "\033[?2004h" : "\033[?2004l", stdout);
  fflush(stdout);
}

static const char *edited_line(host_edit *e) {
  int n = 0;
  e->hint[0] = '\0';
  free(e->pasted);
  e->pasted = NULL;
  bind_hints(e->el, true);
  bracketed_paste(true);
  const char *line = el_gets(e->el, &n);
  bracketed_paste(false);
  if (pressed) el_reset(e->el);
  if (!line || n <= 0) return NULL;
  if (e->pasted) return keep(e, e->pasted, strlen(e->pasted));
  return keep(e, line, (size_t)n - (line[n - 1] == '\n'));
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

#else /* without libedit: plain reading */

static void open_editor(host_edit *e) {
  (void)e;
}
static void close_editor(host_edit *e) {
  (void)e;
}
static const char *edited_line(host_edit *e) {
  (void)e;
  return NULL;
}
void host_edit_remember(host_edit *e, const char *entry) {
  (void)e;
  (void)entry;
}

#endif

host_edit *host_edit_open(lua_State *L, const char *file) {
  host_edit *e = calloc(1, sizeof *e);
  if (!e) return NULL;
  e->L = L;
  e->before = "";
  e->file = file ? strdup(file) : NULL;
  open_editor(e);
  return e;
}

void host_edit_close(host_edit *e) {
  if (!e) return;
  close_editor(e);
  free(e->file);
  free(e->pasted);
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

const char *host_edit_line(host_edit *e, const char *prompt, const char *before,
                           bool *interrupted) {
  struct sigaction act, old;
  *interrupted = false;
  e->prompt = prompt;
  e->before = before;
  pressed = 0;
  memset(&act, 0, sizeof act);
  act.sa_handler = on_interrupt;
  sigemptyset(&act.sa_mask);
  sigaction(SIGINT, &act, &old); /* without SA_RESTART, so that the signal ends the read */
  const char *line = e->el ? edited_line(e) : plain_line(e);
  sigaction(SIGINT, &old, NULL);
  e->before = "";
  if (pressed) {
    *interrupted = true;
    clearerr(stdin);
    fputc('\n', stdout);
    return "";
  }
  return line;
}
