/* progress_bar.h: the text of a progress bar; who shows it, and when, is the caller's business. */
#ifndef LIMN_PROGRESS_BAR_H
#define LIMN_PROGRESS_BAR_H

#include <stddef.h>

enum { LIMN_BAR_MAX = 512 }; /* bytes that limn_bar_write may need */

typedef struct limn_bar {
  double share;      /* the fraction of the work that is done; NaN (no work at all) counts as 1 */
  double seconds;    /* since the work began */
  int columns;       /* of the terminal; 0: none, and the text has no bar */
  const char *count; /* stands after the percentage ("3/10 cells"); NULL: nothing */
  const char *notes; /* stands at the end ("1 failed"); NULL: nothing */
} limn_bar;

/* Writes "[####......]  40%  COUNT  0:20  0:30 left  NOTES" into out (LIMN_BAR_MAX bytes,
 * terminated) and returns the length. The time left assumes that the rest goes as fast as what is
 * done; it is left out at 0 and at 1. The bar has at most 30 places, fewer where the terminal is
 * narrow; the text is cut one column short of the terminal's width, because a line that wraps
 * cannot be redrawn. */
size_t limn_bar_write(const limn_bar *bar, char *out);

/* Columns of the terminal on fd (80 where it does not say); 0 if fd is no terminal. */
int limn_terminal_columns(int fd);

#endif
