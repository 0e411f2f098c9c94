/* buffer.c: changes of the text and moves in it. */
#include "sys/line/buffer.h"

#include <stdlib.h>
#include <string.h>
#include "sys/line/utf8.h"

void limn_buffer_forget(limn_line_buffer *b) {
  while (b->undos > 0) free(b->undo[--b->undos].text);
  b->typing = false;
}

void limn_buffer_free(limn_line_buffer *b) {
  limn_buffer_forget(b);
  free(b->text);
  memset(b, 0, sizeof *b);
}

void limn_buffer_replace(limn_line_buffer *b, size_t from, size_t n, const char *text,
                         size_t count) {
  size_t need = b->n - n + count + 1;
  if (need > LIMN_LINE_BYTES) return;
  if (need > b->capacity) {
    size_t capacity = need + need / 2 + 64;
    char *more = realloc(b->text, capacity);
    if (!more) return;
    b->text = more;
    b->capacity = capacity;
  }
  memmove(b->text + from + count, b->text + from + n, b->n - from - n);
  if (count) memcpy(b->text + from, text, count);
  b->n = need - 1;
  b->text[b->n] = '\0';
  b->cursor = from + count;
}

void limn_buffer_set(limn_line_buffer *b, const char *text, size_t n) {
  limn_buffer_replace(b, 0, b->n, text, n);
}

void limn_buffer_mark(limn_line_buffer *b, bool typed) {
  if (typed && b->typing) return;
  b->typing = typed;
  if (b->undos == LIMN_UNDO_STATES) {
    free(b->undo[0].text);
    memmove(b->undo, b->undo + 1, (LIMN_UNDO_STATES - 1) * sizeof *b->undo);
    b->undos--;
  }
  limn_undo_state *state = &b->undo[b->undos];
  state->text = strdup(b->text);
  state->cursor = b->cursor;
  if (state->text) b->undos++;
}

void limn_buffer_undo(limn_line_buffer *b) {
  if (b->undos == 0) return;
  limn_undo_state last = b->undo[--b->undos];
  limn_buffer_set(b, last.text, strlen(last.text));
  b->cursor = last.cursor;
  b->typing = false;
  free(last.text);
}

size_t limn_buffer_line_begin(const limn_line_buffer *b, size_t at) {
  while (at > 0 && b->text[at - 1] != '\n') at--;
  return at;
}

size_t limn_buffer_line_end(const limn_line_buffer *b, size_t at) {
  while (at < b->n && b->text[at] != '\n') at++;
  return at;
}

/* Letters, digits, `_` and all characters beyond ASCII are parts of words. */
static bool in_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         (unsigned char)c >= 0x80;
}

size_t limn_buffer_next_word(const limn_line_buffer *b) {
  size_t at = b->cursor;
  while (at < b->n && !in_word(b->text[at])) at++;
  while (at < b->n && in_word(b->text[at])) at++;
  return at;
}

size_t limn_buffer_previous_word(const limn_line_buffer *b) {
  size_t at = b->cursor;
  while (at > 0 && !in_word(b->text[at - 1])) at--;
  while (at > 0 && in_word(b->text[at - 1])) at--;
  return at;
}

/* The position `characters` after `at`, at most the end of its line. */
static size_t along(const limn_line_buffer *b, size_t at, size_t characters) {
  size_t end = limn_buffer_line_end(b, at);
  while (characters-- > 0 && at < end) at = limn_utf8_next(b->text, end, at);
  return at;
}

static size_t characters_before(const limn_line_buffer *b, size_t at) {
  size_t count = 0, begin = limn_buffer_line_begin(b, at);
  for (size_t i = begin; i < at; i = limn_utf8_next(b->text, at, i)) count++;
  return count;
}

bool limn_buffer_up(limn_line_buffer *b) {
  size_t begin = limn_buffer_line_begin(b, b->cursor);
  if (begin == 0) return false;
  b->cursor = along(b, limn_buffer_line_begin(b, begin - 1), characters_before(b, b->cursor));
  return true;
}

bool limn_buffer_down(limn_line_buffer *b) {
  size_t end = limn_buffer_line_end(b, b->cursor);
  if (end == b->n) return false;
  b->cursor = along(b, end + 1, characters_before(b, b->cursor));
  return true;
}

void limn_buffer_transpose(limn_line_buffer *b) {
  size_t begin = limn_buffer_line_begin(b, b->cursor), end = limn_buffer_line_end(b, b->cursor);
  size_t second = b->cursor == end ? limn_utf8_previous(b->text, b->n, b->cursor) : b->cursor;
  if (second <= begin) return;
  size_t first = limn_utf8_previous(b->text, b->n, second);
  size_t last = limn_utf8_next(b->text, end, second);
  if (first < begin || last == second || last - first > 64) return;
  char both[64];
  memcpy(both, b->text + second, last - second);
  memcpy(both + (last - second), b->text + first, second - first);
  limn_buffer_replace(b, first, last - first, both, last - first);
}
