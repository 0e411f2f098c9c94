/* line.h: a line editor for terminals: blocks of several lines edited as a whole, Emacs keys, undo,
 * completion, history with search, bracketed paste, colours of Lua. It depends on the program that
 * uses it only through the functions in limn_line_hooks. */
#ifndef LIMN_LINE_LINE_H
#define LIMN_LINE_LINE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct limn_completion {
  char *insert; /* text for the cursor, or NULL */
  char *list;   /* choices in columns, or NULL */
  int removes;  /* characters before the cursor that insert replaces */
} limn_completion;

/* All of them may be NULL. Strings that they return are malloc'ed; the editor frees them. */
typedef struct limn_line_hooks {
  void *data;
  bool (*unfinished)(void *data, const char *text); /* Return adds a line to such a text */
  void (*complete)(void *data, const char *text, size_t cursor, limn_completion *result);
  char *(*hint)(void *data, const char *text, size_t cursor); /* shown below the text */
  char *(*paste)(void *data, const char *text); /* what is inserted instead of a pasted text */
} limn_line_hooks;

typedef enum { LIMN_LINE_TEXT, LIMN_LINE_INTERRUPTED, LIMN_LINE_END } limn_line_outcome;

typedef struct limn_line limn_line;

/* An editor that reads keys from `in` and draws on `out`. history: its file, or NULL. colours: of
 * Lua code and matching brackets. NULL without memory. */
limn_line *limn_line_open(int in, int out, const char *history, bool colours,
                          limn_line_hooks hooks);
void limn_line_close(limn_line *e);

/* Edits a text: prompt stands before its first line, more before the others. The terminal has its
 * former modes before and after the call, and while the process is stopped.
 *   text  out  the text, valid until the next call; "" unless LIMN_LINE_TEXT
 * LIMN_LINE_INTERRUPTED after Ctrl-C or SIGINT; LIMN_LINE_END after Ctrl-D in an empty text and at
 * the end of input. */
limn_line_outcome limn_line_read(limn_line *e, const char *prompt, const char *more,
                                 const char **text);

/* Adds a text to the history and its file. */
void limn_line_remember(limn_line *e, const char *text);

#endif
