/* screen.h: draws the edited text on a terminal, in place of what was drawn before. */
#ifndef LIMN_LINE_SCREEN_H
#define LIMN_LINE_SCREEN_H

#include <stddef.h>

typedef struct limn_screen {
  int fd, columns, rows;
  int row; /* of the cursor, from the first row that is drawn */
} limn_screen;

typedef struct limn_view {
  const char *prompt, *more; /* at the begin of the first line, and of the others */
  const char *text;
  size_t n, cursor;
  const unsigned char *kinds; /* limn_token of each byte, or NULL: no colours */
  const char *below;          /* lines below the text, or NULL; they are cut at the last column */
} limn_view;

/* Asks the terminal for its size (80 x 24 if unknown). */
void limn_screen_measure(limn_screen *s);

/* Begins a new text at the first column, on a line of its own. */
void limn_screen_begin(limn_screen *s);

/* Draws the view. A text higher than the screen shows the rows around the cursor. */
void limn_screen_draw(limn_screen *s, const limn_view *v);

/* Rows of the view without the lines below it. */
int limn_screen_height(const limn_screen *s, const limn_view *v);

/* Moves to a new line below a view whose cursor is at its end. */
void limn_screen_end(limn_screen *s);

/* Writes all n bytes. */
void limn_screen_write(const limn_screen *s, const char *bytes, size_t n);

#endif
