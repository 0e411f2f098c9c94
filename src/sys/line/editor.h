/* editor.h: the state of the editor, and what a key does to it. */
#ifndef LIMN_LINE_EDITOR_H
#define LIMN_LINE_EDITOR_H

#include "sys/line/buffer.h"
#include "sys/line/history.h"
#include "sys/line/input.h"
#include "sys/line/line.h"
#include "sys/line/screen.h"

struct limn_line {
  limn_line_hooks hooks;
  limn_input in;
  limn_screen screen;
  limn_history history;
  limn_line_buffer buffer;
  bool colours;
  const char *prompt, *more;
  char *below;         /* lines below the text, or NULL */
  bool listed;         /* below is a list of choices, which the next key removes */
  size_t at;           /* the entry of the history that is shown; history.count: the new text */
  char *draft;         /* the new text while an entry is shown; its begin selects entries */
  char *killed;        /* the text that Ctrl-Y inserts */
  bool killing, joins; /* this key removed text; the key before it did: more is added */
  char *pasted;        /* the whole text with a paste that is run at once */
  unsigned char *kinds;
  size_t kinds_capacity;
};

typedef enum { LIMN_EDIT_ON, LIMN_EDIT_ACCEPT, LIMN_EDIT_INTERRUPT, LIMN_EDIT_END } limn_edit;

/* Whether a signal waits to be served (for limn_input_key). */
bool limn_line_signalled(void);

/* Serves signals: true after SIGINT; draws again after a change of the size and after SIGCONT. */
bool limn_line_serve(limn_line *e);

/* Stops the process group as Ctrl-Z does, with the former modes of the terminal. */
void limn_line_stop(limn_line *e);

/* Draws the text; `prompt` instead of that of the editor unless it is NULL. */
void limn_line_draw(limn_line *e, const char *prompt);

/* Replaces the lines below the text; takes over `text`. */
void limn_line_show_below(limn_line *e, char *text, bool list);

/* What a key other than a signal does. */
limn_edit limn_line_key(limn_line *e, int key);

/* Ctrl-R: searches the history for what is typed -> the key that ended the search, with the found
 * text in the buffer; 0 if the search was cancelled. */
int limn_line_search(limn_line *e);

/* Shows the entry of the history before (-1) or after (+1) the present one that begins with the
 * text typed so far. */
void limn_line_browse(limn_line *e, int direction);

#endif
