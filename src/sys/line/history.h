/* history.h: entries typed earlier, oldest first, and their file. The format of the file is that of
 * libedit ("_HiStOrY_V2_", then an entry per line with blanks and control characters as \ooo). */
#ifndef LIMN_LINE_HISTORY_H
#define LIMN_LINE_HISTORY_H

#include <stddef.h>

enum { LIMN_HISTORY_ENTRIES = 5000 };

typedef struct limn_history {
  char **entries;
  size_t count, capacity;
  char *file; /* or NULL */
} limn_history;

/* Reads the file, if it exists; a longer one than LIMN_HISTORY_ENTRIES is shortened to the last
 * entries. file may be NULL. */
void limn_history_open(limn_history *h, const char *file);
void limn_history_close(limn_history *h);

/* Adds an entry unless it equals the last one, and appends it to the file (mode 600), so that
 * sessions that run at the same time keep each other's entries. */
void limn_history_add(limn_history *h, const char *entry);

/* The last entry before `before` (from 0) that contains the n bytes of text, at its begin if prefix
 * is nonzero; count if there is none. */
size_t limn_history_find(const limn_history *h, size_t before, const char *text, size_t n,
                         int prefix);

#endif
