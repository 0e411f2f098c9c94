/* line.c: the modes of the terminal, signals while editing, drawing, and the loop over keys. */
#include "sys/line/line.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include "sys/line/editor.h"
#include "sys/line/lua_tokens.h"

/* Signal handlers use these: one text is edited at a time. */
static volatile sig_atomic_t interrupted, resized, stopped;
static struct termios cooked;
static int terminal = -1; /* with changed modes, or -1 */
static int screen;
static struct sigaction former[8];

static void restore_modes(void) {
  static const char paste_off[] = "\033[?2004l";
  if (terminal < 0) return;
  if (write(screen, paste_off, sizeof paste_off - 1) < 0) return; /* the terminal is gone */
  tcsetattr(terminal, TCSADRAIN, &cooked);
}

static void on_signal(int sig) {
  switch (sig) {
  case SIGINT:
    interrupted = 1;
    break;
  case SIGWINCH:
  case SIGCONT:
    resized = 1;
    break;
  case SIGTSTP:
    stopped = 1;
    break;
  default: /* the process ends by it after the handler */
    restore_modes();
    for (int i = 0; limn_input_signals[i]; i++)
      if (limn_input_signals[i] == sig) sigaction(sig, &former[i], NULL);
    raise(sig);
  }
}

bool limn_line_signalled(void) {
  return interrupted || resized || stopped;
}

/* Signals that the process ignores stay ignored. */
static void watch_signals(void) {
  struct sigaction act;
  memset(&act, 0, sizeof act);
  act.sa_handler = on_signal;
  sigemptyset(&act.sa_mask);
  interrupted = resized = stopped = 0;
  for (int i = 0; limn_input_signals[i]; i++) {
    sigaction(limn_input_signals[i], NULL, &former[i]);
    if (former[i].sa_handler != SIG_IGN) sigaction(limn_input_signals[i], &act, NULL);
  }
}

static void release_signals(void) {
  for (int i = 0; limn_input_signals[i]; i++) sigaction(limn_input_signals[i], &former[i], NULL);
}

/* Keys come singly, unchanged and unseen; Ctrl-C is a key. Output modes stay. */
static void enter_modes(limn_line *e) {
  static const char paste_on[] = "\033[?2004h";
  struct termios raw;
  if (tcgetattr(e->in.fd, &cooked) != 0) return;
  raw = cooked;
  raw.c_iflag &= ~(tcflag_t)(IXON | ISTRIP | INLCR | IGNCR);
  raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG | IEXTEN);
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  terminal = e->in.fd;
  screen = e->screen.fd;
  tcsetattr(terminal, TCSADRAIN, &raw);
  limn_screen_write(&e->screen, paste_on, sizeof paste_on - 1);
}

static void leave_modes(void) {
  restore_modes();
  terminal = -1;
}

void limn_line_stop(limn_line *e) {
  leave_modes();
  release_signals();
  kill(0, SIGTSTP); /* goes on here after SIGCONT */
  watch_signals();
  enter_modes(e);
  resized = 1;
}

bool limn_line_serve(limn_line *e) {
  bool pressed = interrupted != 0;
  interrupted = 0;
  if (stopped) {
    stopped = 0;
    limn_line_stop(e);
  }
  if (resized) {
    resized = 0;
    leave_modes(); /* a shell may have changed them while the process was stopped */
    enter_modes(e);
    limn_screen_measure(&e->screen);
    limn_line_draw(e, NULL);
  }
  return pressed;
}

/* The kinds of the bytes of the text, or NULL: commands of the prompt (":name") are no Lua. */
static const unsigned char *kinds_of(limn_line *e) {
  const limn_line_buffer *b = &e->buffer;
  if (!e->colours || (b->n > 0 && strchr(":?!", b->text[0]))) return NULL;
  if (b->n > e->kinds_capacity) {
    unsigned char *more = realloc(e->kinds, b->n * 2);
    if (!more) return NULL;
    e->kinds = more;
    e->kinds_capacity = b->n * 2;
  }
  limn_lua_tokens(b->text, b->n, e->kinds);
  limn_lua_match(b->text, b->n, b->cursor, e->kinds);
  return e->kinds;
}

void limn_line_draw(limn_line *e, const char *prompt) {
  const limn_line_buffer *b = &e->buffer;
  limn_view view = {
      prompt ? prompt : e->prompt, e->more, b->text, b->n, b->cursor, kinds_of(e), e->below};
  limn_screen_draw(&e->screen, &view);
}

/* A list that does not fit below the text is written once and scrolls away with the text. */
void limn_line_show_below(limn_line *e, char *text, bool list) {
  free(e->below);
  e->below = NULL;
  e->listed = list;
  if (!text) return;
  const limn_line_buffer *b = &e->buffer;
  limn_view view = {e->prompt, e->more, b->text, b->n, b->cursor, NULL, NULL};
  int lines = 1;
  for (const char *s = text; *s; s++) lines += *s == '\n';
  if (limn_screen_height(&e->screen, &view) + lines <= e->screen.rows) {
    e->below = text;
    return;
  }
  if (list) {
    size_t cursor = b->cursor;
    e->buffer.cursor = b->n;
    limn_line_draw(e, NULL);
    e->buffer.cursor = cursor;
    for (const char *s = text; *s; s += strcspn(s, "\n"), s += *s == '\n') {
      limn_screen_end(&e->screen);
      limn_screen_write(&e->screen, s, strcspn(s, "\n"));
    }
    limn_screen_end(&e->screen);
  }
  free(text);
}

limn_line *limn_line_open(int in, int out, const char *history, bool colours,
                          limn_line_hooks hooks) {
  limn_line *e = calloc(1, sizeof *e);
  if (!e) return NULL;
  e->in.fd = in;
  e->screen.fd = out;
  e->hooks = hooks;
  e->colours = colours;
  limn_buffer_set(&e->buffer, "", 0);
  if (!e->buffer.text) {
    free(e);
    return NULL;
  }
  limn_history_open(&e->history, history);
  return e;
}

void limn_line_close(limn_line *e) {
  if (!e) return;
  limn_history_close(&e->history);
  limn_buffer_free(&e->buffer);
  free(e->below);
  free(e->draft);
  free(e->killed);
  free(e->pasted);
  free(e->kinds);
  free(e);
}

void limn_line_remember(limn_line *e, const char *text) {
  limn_history_add(&e->history, text);
}

static void begin(limn_line *e, const char *prompt, const char *more) {
  const char *last = strrchr(prompt, '\n'); /* the lines before it are drawn once */
  e->prompt = last ? last + 1 : prompt;
  e->more = more;
  e->at = e->history.count;
  e->killing = false;
  free(e->draft);
  free(e->pasted);
  e->draft = e->pasted = NULL;
  limn_buffer_forget(&e->buffer);
  limn_buffer_set(&e->buffer, "", 0);
  limn_line_show_below(e, NULL, false);
  limn_screen_measure(&e->screen);
  limn_screen_begin(&e->screen);
  if (last) limn_screen_write(&e->screen, prompt, (size_t)(last + 1 - prompt));
}

limn_line_outcome limn_line_read(limn_line *e, const char *prompt, const char *more,
                                 const char **text) {
  limn_edit now = LIMN_EDIT_ON;
  watch_signals();
  enter_modes(e);
  begin(e, prompt, more);
  limn_line_draw(e, NULL);
  while (now == LIMN_EDIT_ON) {
    int key = limn_input_key(&e->in, limn_line_signalled);
    if (key == LIMN_KEY_SIGNAL)
      now = limn_line_serve(e) ? LIMN_EDIT_INTERRUPT : LIMN_EDIT_ON;
    else
      now = limn_line_key(e, key);
    /* keys that wait are served first: a fast typist or a script needs one drawing */
    if (now == LIMN_EDIT_ON && !(e->in.at < e->in.n)) limn_line_draw(e, NULL);
  }
  limn_line_show_below(e, NULL, false);
  e->buffer.cursor = e->buffer.n;
  limn_line_draw(e, NULL);
  limn_screen_end(&e->screen);
  leave_modes();
  release_signals();
  *text = now != LIMN_EDIT_ACCEPT ? "" : e->pasted ? e->pasted : e->buffer.text;
  if (now == LIMN_EDIT_ACCEPT) return LIMN_LINE_TEXT;
  return now == LIMN_EDIT_INTERRUPT ? LIMN_LINE_INTERRUPTED : LIMN_LINE_END;
}
