/* progress_bar.h: the text of a progress bar; the caller displays it. */
#ifndef LIMN_PROGRESS_BAR_H
#define LIMN_PROGRESS_BAR_H

#include <stddef.h>

enum { LIMN_BAR_MAX = 512 }; /* maximum bytes written by limn_bar_write */

typedef struct limn_bar {
  double fraction;   /* of the work that is done; NaN (no work) counts as 1 */
  double seconds;    /* elapsed time */
  int columns;       /* width of the terminal; 0: no terminal, and the text has no bar */
  const char *count; /* text after the percentage ("3/10 cells"), or NULL */
  const char *notes; /* text at the end ("1 failed"), or NULL */
} limn_bar;

/* Writes "[####......]  40%  COUNT  0:20  0:30 left  NOTES" to out (LIMN_BAR_MAX bytes, terminated)
 * and returns the length. The remaining time assumes a constant rate; it is omitted at 0 and at 1.
 * The bar has at most 30 places, fewer on narrow terminals. The text is truncated to one column
 * less than the terminal's width, because a wrapped line cannot be redrawn. */
size_t limn_bar_write(const limn_bar *bar, char *out);

/* Columns of the terminal on fd (80 if unknown); 0 if fd is not a terminal. */
int limn_terminal_columns(int fd);

#endif
