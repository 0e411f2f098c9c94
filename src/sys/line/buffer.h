/* buffer.h: the text that is being edited: its bytes, the cursor, and the states to which undo goes
 * back. Positions are bytes at the begin of a character. */
#ifndef LIMN_LINE_BUFFER_H
#define LIMN_LINE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

enum { LIMN_UNDO_STATES = 200, LIMN_LINE_BYTES = 1 << 20 };

typedef struct limn_undo_state {
  char *text;
  size_t cursor;
} limn_undo_state;

typedef struct limn_line_buffer {
  char *text; /* n bytes and a 0 */
  size_t n, cursor, capacity;
  limn_undo_state undo[LIMN_UNDO_STATES];
  int undos;
  bool typing; /* the last change was typed text, to which more typed text belongs */
} limn_line_buffer;

void limn_buffer_free(limn_line_buffer *b);

/* Replaces n bytes from `from` by `count` bytes of text; the cursor follows them. Without memory,
 * or where the text would exceed LIMN_LINE_BYTES, nothing changes. */
void limn_buffer_replace(limn_line_buffer *b, size_t from, size_t n, const char *text,
                         size_t count);

/* The whole text, cursor at its end. */
void limn_buffer_set(limn_line_buffer *b, const char *text, size_t n);

/* Stores the state to which undo goes back; typed: further typed text does not store it again. */
void limn_buffer_mark(limn_line_buffer *b, bool typed);
void limn_buffer_undo(limn_line_buffer *b);
void limn_buffer_forget(limn_line_buffer *b);

/* Begin and end of the line that contains `at`. */
size_t limn_buffer_line_begin(const limn_line_buffer *b, size_t at);
size_t limn_buffer_line_end(const limn_line_buffer *b, size_t at);

/* The end of the next word, and the begin of the previous one. */
size_t limn_buffer_next_word(const limn_line_buffer *b);
size_t limn_buffer_previous_word(const limn_line_buffer *b);

/* Moves the cursor to the line above or below, to the same character of it where there are as many;
 * false: there is no such line. */
bool limn_buffer_up(limn_line_buffer *b);
bool limn_buffer_down(limn_line_buffer *b);

/* Exchanges the characters around the cursor; at the end of a line, the last two. */
void limn_buffer_transpose(limn_line_buffer *b);

#endif
