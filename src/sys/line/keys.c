/* keys.c: what each key does: the keys of Emacs, and those of terminals. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "sys/line/editor.h"
#include "sys/line/lua_tokens.h"
#include "sys/line/utf8.h"

#define CTRL(c) ((c)&31)
#define ALT(c) (LIMN_KEY_META + (c))

enum { INDENT = 2, SHORT_PASTE = 15, BACKSPACE = 127 };

typedef limn_edit action(limn_line *e);

/* ---- changes ---- */

/* Replaces the bytes from .. to by text, which undo takes back. */
static void change(limn_line *e, size_t from, size_t to, const char *text, size_t n) {
  limn_buffer_mark(&e->buffer, false);
  limn_buffer_replace(&e->buffer, from, to - from, text, n);
}

/* Removes the bytes from .. to; Ctrl-Y inserts them. Removals in sequence are joined. */
static void kill_text(limn_line *e, size_t from, size_t to) {
  size_t n = to - from, old = e->joins && e->killed ? strlen(e->killed) : 0;
  bool before = to == e->buffer.cursor && from < to; /* removed towards the begin */
  char *both = malloc(old + n + 1);
  if (both) {
    if (old) memcpy(both + (before ? n : 0), e->killed, old);
    memcpy(both + (before ? 0 : old), e->buffer.text + from, n);
    both[old + n] = '\0';
    free(e->killed);
    e->killed = both;
  }
  change(e, from, to, "", 0);
  e->killing = true;
}

static limn_edit kill_to_end(limn_line *e) {
  const limn_line_buffer *b = &e->buffer;
  size_t end = limn_buffer_line_end(b, b->cursor);
  if (end == b->cursor && end < b->n) end++; /* the newline */
  kill_text(e, b->cursor, end);
  return LIMN_EDIT_ON;
}

static limn_edit kill_to_begin(limn_line *e) {
  const limn_line_buffer *b = &e->buffer;
  kill_text(e, limn_buffer_line_begin(b, b->cursor), b->cursor);
  return LIMN_EDIT_ON;
}

static limn_edit kill_word(limn_line *e) {
  kill_text(e, e->buffer.cursor, limn_buffer_next_word(&e->buffer));
  return LIMN_EDIT_ON;
}

static limn_edit kill_previous_word(limn_line *e) {
  kill_text(e, limn_buffer_previous_word(&e->buffer), e->buffer.cursor);
  return LIMN_EDIT_ON;
}

/* Ctrl-W removes up to a blank. */
static limn_edit kill_previous_blank(limn_line *e) {
  const limn_line_buffer *b = &e->buffer;
  size_t at = b->cursor;
  while (at > 0 && strchr(" \n\t", b->text[at - 1])) at--;
  while (at > 0 && !strchr(" \n\t", b->text[at - 1])) at--;
  kill_text(e, at, b->cursor);
  return LIMN_EDIT_ON;
}

static limn_edit yank(limn_line *e) {
  if (e->killed) change(e, e->buffer.cursor, e->buffer.cursor, e->killed, strlen(e->killed));
  return LIMN_EDIT_ON;
}

static limn_edit undo(limn_line *e) {
  limn_buffer_undo(&e->buffer);
  return LIMN_EDIT_ON;
}

static limn_edit transpose(limn_line *e) {
  limn_buffer_mark(&e->buffer, false);
  limn_buffer_transpose(&e->buffer);
  return LIMN_EDIT_ON;
}

static limn_edit delete_next(limn_line *e) {
  const limn_line_buffer *b = &e->buffer;
  if (b->cursor < b->n) change(e, b->cursor, limn_utf8_next(b->text, b->n, b->cursor), "", 0);
  return LIMN_EDIT_ON;
}

/* Within the indentation of a line it removes one step of it. */
static limn_edit delete_previous(limn_line *e) {
  const limn_line_buffer *b = &e->buffer;
  size_t begin = limn_buffer_line_begin(b, b->cursor), at = b->cursor;
  while (at > begin && b->text[at - 1] == ' ') at--;
  if (at == begin && begin > 0 && b->cursor - begin >= INDENT)
    at = b->cursor - INDENT;
  else
    at = limn_utf8_previous(b->text, b->n, b->cursor);
  if (at < b->cursor) change(e, at, b->cursor, "", 0);
  return LIMN_EDIT_ON;
}

static limn_edit end_or_delete(limn_line *e) {
  return e->buffer.n == 0 ? LIMN_EDIT_END : delete_next(e);
}

/* ---- moves ---- */

static limn_edit to(limn_line *e, size_t at) {
  e->buffer.cursor = at;
  return LIMN_EDIT_ON;
}
static limn_edit left(limn_line *e) {
  return to(e, limn_utf8_previous(e->buffer.text, e->buffer.n, e->buffer.cursor));
}
static limn_edit right(limn_line *e) {
  return to(e, limn_utf8_next(e->buffer.text, e->buffer.n, e->buffer.cursor));
}
static limn_edit line_begin(limn_line *e) {
  return to(e, limn_buffer_line_begin(&e->buffer, e->buffer.cursor));
}
static limn_edit line_end(limn_line *e) {
  return to(e, limn_buffer_line_end(&e->buffer, e->buffer.cursor));
}
static limn_edit text_begin(limn_line *e) {
  return to(e, 0);
}
static limn_edit text_end(limn_line *e) {
  return to(e, e->buffer.n);
}
static limn_edit word_right(limn_line *e) {
  return to(e, limn_buffer_next_word(&e->buffer));
}
static limn_edit word_left(limn_line *e) {
  return to(e, limn_buffer_previous_word(&e->buffer));
}
static limn_edit up(limn_line *e) {
  if (!limn_buffer_up(&e->buffer)) limn_line_browse(e, -1);
  return LIMN_EDIT_ON;
}
static limn_edit down(limn_line *e) {
  if (!limn_buffer_down(&e->buffer)) limn_line_browse(e, 1);
  return LIMN_EDIT_ON;
}
static limn_edit older(limn_line *e) {
  limn_line_browse(e, -1);
  return LIMN_EDIT_ON;
}
static limn_edit newer(limn_line *e) {
  limn_line_browse(e, 1);
  return LIMN_EDIT_ON;
}

/* ---- Return, Tab, text, paste ---- */

/* A new line with the indentation of its place, unless the text comes from a program. */
static limn_edit new_line(limn_line *e) {
  limn_line_buffer *b = &e->buffer;
  char blanks[64] = "\n";
  change(e, b->cursor, b->cursor, "\n", 1);
  int depth = limn_lua_depth(b->text, b->cursor), n = depth * INDENT;
  if (n > (int)sizeof blanks - 1) n = (int)sizeof blanks - 1;
  if (n > 0 && !limn_input_waiting(&e->in)) {
    memset(blanks, ' ', (size_t)n);
    limn_buffer_replace(b, b->cursor, 0, blanks, (size_t)n);
  }
  limn_line_show_below(e, NULL, false);
  return LIMN_EDIT_ON;
}

/* Return: in a line before the last, and at the end of an unfinished text, a new line. */
static limn_edit enter(limn_line *e) {
  const limn_line_buffer *b = &e->buffer;
  bool last = limn_buffer_line_end(b, b->cursor) == b->n;
  if (!last || (e->hooks.unfinished && b->n > 0 && e->hooks.unfinished(e->hooks.data, b->text)))
    return new_line(e);
  return LIMN_EDIT_ACCEPT;
}

static limn_edit complete(limn_line *e) {
  limn_line_buffer *b = &e->buffer;
  limn_completion found = {NULL, NULL, 0};
  if (e->hooks.complete) e->hooks.complete(e->hooks.data, b->text, b->cursor, &found);
  if (found.insert && (*found.insert || found.removes > 0)) {
    size_t from = b->cursor;
    for (int i = 0; i < found.removes; i++) from = limn_utf8_previous(b->text, b->n, from);
    change(e, from, b->cursor, found.insert, strlen(found.insert));
  }
  if (found.list) limn_line_show_below(e, found.list, true);
  free(found.insert);
  return LIMN_EDIT_ON;
}

/* The end of a block that was just typed at the begin of a line moves to its indentation. */
static void align(limn_line *e) {
  limn_line_buffer *b = &e->buffer;
  size_t begin = limn_buffer_line_begin(b, b->cursor), first = begin;
  while (first < b->cursor && b->text[first] == ' ') first++;
  if (begin == 0 || first == begin || b->cursor - first > strlen("elseif")) return;
  char word[16] = "";
  memcpy(word, b->text + first, b->cursor - first);
  static const char *const ends[] = {"end", "else", "elseif", "until", "}", ")"};
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    if (strcmp(word, ends[i]) != 0) continue;
    int depth = limn_lua_depth(b->text, b->cursor);
    size_t wanted = depth > 0 ? (size_t)depth * INDENT : 0;
    if (depth < 0 || wanted >= first - begin) return;
    size_t cursor = b->cursor - (first - begin - wanted);
    limn_buffer_replace(b, begin, first - begin - wanted, "", 0);
    b->cursor = cursor;
    return;
  }
}

static limn_edit insert(limn_line *e) {
  limn_line_buffer *b = &e->buffer;
  const char *text = e->in.text;
  limn_buffer_mark(b, true);
  limn_buffer_replace(b, b->cursor, 0, text, strlen(text));
  if (!limn_input_waiting(&e->in)) align(e);
  if (strchr("(){},", text[0]) && e->hooks.hint)
    limn_line_show_below(e, e->hooks.hint(e->hooks.data, b->text, b->cursor), false);
  return LIMN_EDIT_ON;
}

/* A pasted block is one text. It is inserted, so that the user can check it before Return; one that
 * would not fit the screen is run at once. */
static limn_edit paste(limn_line *e) {
  limn_line_buffer *b = &e->buffer;
  char *raw = limn_input_paste(&e->in, LIMN_LINE_BYTES / 2, limn_line_signalled);
  if (!raw) return LIMN_EDIT_END;
  char *better = e->hooks.paste ? e->hooks.paste(e->hooks.data, raw) : NULL;
  char *text = better ? better : raw;
  size_t n = strlen(text), lines = 0;
  while (n > 0 && text[n - 1] == '\n') n--;
  for (size_t i = 0; i < n; i++) lines += text[i] == '\n';
  limn_edit next = LIMN_EDIT_ON;
  size_t at = b->cursor;
  change(e, at, at, text, n);
  if (lines >= SHORT_PASTE) {
    char shown[64];
    e->pasted = strdup(b->text);
    snprintf(shown, sizeof shown, "[%zu pasted lines]", lines + 1);
    limn_buffer_replace(b, at, b->cursor - at, shown, strlen(shown));
    next = e->pasted ? LIMN_EDIT_ACCEPT : LIMN_EDIT_INTERRUPT;
  }
  free(better);
  free(raw);
  return next;
}

/* ---- the rest ---- */

static limn_edit search(limn_line *e) {
  int key = limn_line_search(e);
  return key ? limn_line_key(e, key) : LIMN_EDIT_ON;
}

static limn_edit clear(limn_line *e) {
  limn_screen_write(&e->screen, "\033[H\033[2J", 7);
  e->screen.row = 0;
  return LIMN_EDIT_ON;
}

static limn_edit interrupt(limn_line *e) {
  (void)e;
  return LIMN_EDIT_INTERRUPT;
}
static limn_edit end(limn_line *e) {
  (void)e;
  return LIMN_EDIT_END;
}
static limn_edit stop(limn_line *e) {
  limn_line_stop(e);
  return limn_line_serve(e) ? LIMN_EDIT_INTERRUPT : LIMN_EDIT_ON;
}

/* Ctrl-X Ctrl-U: undo, as in Emacs. */
static limn_edit prefixed(limn_line *e) {
  int key = limn_input_key(&e->in, limn_line_signalled);
  if (key == LIMN_KEY_SIGNAL || key == LIMN_KEY_END_OF_INPUT) return LIMN_EDIT_ON;
  return key == CTRL('u') ? undo(e) : LIMN_EDIT_ON;
}

static const struct {
  int key;
  action *does;
} keys[] = {
    {LIMN_KEY_TEXT, insert},
    {CTRL('a'), line_begin},
    {CTRL('b'), left},
    {CTRL('c'), interrupt},
    {CTRL('d'), end_or_delete},
    {CTRL('e'), line_end},
    {CTRL('f'), right},
    {CTRL('h'), delete_previous},
    {CTRL('i'), complete},
    {CTRL('j'), enter},
    {CTRL('k'), kill_to_end},
    {CTRL('l'), clear},
    {CTRL('m'), enter},
    {CTRL('n'), down},
    {CTRL('o'), new_line},
    {CTRL('p'), up},
    {CTRL('r'), search},
    {CTRL('t'), transpose},
    {CTRL('u'), kill_to_begin},
    {CTRL('w'), kill_previous_blank},
    {CTRL('x'), prefixed},
    {CTRL('y'), yank},
    {CTRL('z'), stop},
    {CTRL('_'), undo},
    {BACKSPACE, delete_previous},
    {ALT('b'), word_left},
    {ALT('d'), kill_word},
    {ALT('f'), word_right},
    {ALT('p'), older},
    {ALT('n'), newer},
    {ALT('<'), text_begin},
    {ALT('>'), text_end},
    {ALT(BACKSPACE), kill_previous_word},
    {ALT(CTRL('h')), kill_previous_word},
    {ALT(CTRL('m')), new_line},
    {ALT(CTRL('j')), new_line},
    {LIMN_KEY_UP, up},
    {LIMN_KEY_DOWN, down},
    {LIMN_KEY_LEFT, left},
    {LIMN_KEY_RIGHT, right},
    {LIMN_KEY_HOME, line_begin},
    {LIMN_KEY_END, line_end},
    {LIMN_KEY_DELETE, delete_next},
    {LIMN_KEY_WORD_LEFT, word_left},
    {LIMN_KEY_WORD_RIGHT, word_right},
    {LIMN_KEY_PASTE, paste},
    {LIMN_KEY_END_OF_INPUT, end},
};

limn_edit limn_line_key(limn_line *e, int key) {
  if (e->listed) limn_line_show_below(e, NULL, false);
  e->joins = e->killing;
  e->killing = false;
  if (key != LIMN_KEY_TEXT) e->buffer.typing = false;
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    if (keys[i].key == key) return keys[i].does(e);
  return LIMN_EDIT_ON;
}
