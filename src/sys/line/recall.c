/* recall.c: earlier texts: one after the other, and by search. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "sys/line/editor.h"
#include "sys/line/utf8.h"

enum { CTRL_C = 3, CTRL_G = 7, CTRL_H = 8, CTRL_R = 18, BACKSPACE = 127, PATTERN = 128 };

static void show(limn_line *e, size_t at) {
  const char *text = at < e->history.count ? e->history.entries[at] : e->draft ? e->draft : "";
  limn_buffer_mark(&e->buffer, false);
  limn_buffer_set(&e->buffer, text, strlen(text));
  e->at = at;
}

void limn_line_browse(limn_line *e, int direction) {
  const limn_history *h = &e->history;
  if (e->at == h->count || strcmp(e->buffer.text, h->entries[e->at]) != 0) { /* a new text */
    e->at = h->count;
    char *draft = strdup(e->buffer.text);
    if (!draft) return;
    free(e->draft);
    e->draft = draft;
  }
  const char *draft = e->draft ? e->draft : ""; /* none after a search */
  size_t n = strlen(draft);
  if (direction < 0) {
    size_t found = limn_history_find(h, e->at, draft, n, 1);
    if (found < h->count) show(e, found);
    return;
  }
  for (size_t at = e->at; at < h->count;)
    if (++at == h->count || strncmp(h->entries[at], draft, n) == 0) {
      show(e, at);
      return;
    }
}

typedef struct pattern {
  char text[PATTERN];
  size_t n;
} pattern;

/* Shows the entry before `before` that contains the pattern; false: there is none. */
static bool find(limn_line *e, const pattern *p, size_t before) {
  size_t found = p->n > 0 ? limn_history_find(&e->history, before, p->text, p->n, 0) : before;
  if (p->n == 0) return true;
  if (found == e->history.count) return false;
  const char *entry = e->history.entries[found], *begin = strstr(entry, p->text);
  limn_buffer_set(&e->buffer, entry, strlen(entry));
  e->at = found;
  e->buffer.cursor = begin ? (size_t)(begin - entry) : e->buffer.n;
  return true;
}

int limn_line_search(limn_line *e) {
  pattern p = {"", 0};
  char prompt[PATTERN + 32];
  bool found = true;
  size_t at = e->at, cursor = e->buffer.cursor;
  char *before = strdup(e->buffer.text);
  if (!before) return 0;
  limn_line_show_below(e, NULL, false);
  limn_buffer_mark(&e->buffer, false);
  for (;;) {
    snprintf(prompt, sizeof prompt, "(%s `%s') ", found ? "search" : "not found", p.text);
    limn_line_draw(e, prompt);
    int key = limn_input_key(&e->in, limn_line_signalled);
    if (key == LIMN_KEY_SIGNAL) key = limn_line_serve(e) ? CTRL_C : LIMN_KEY_OTHER;
    if (key == LIMN_KEY_OTHER) continue;
    if (key == CTRL_R) {
      found = find(e, &p, e->at);
    } else if (key == BACKSPACE || key == CTRL_H) {
      p.n = limn_utf8_previous(p.text, p.n, p.n);
      p.text[p.n] = '\0';
      found = find(e, &p, e->history.count);
    } else if (key == LIMN_KEY_TEXT && p.n + strlen(e->in.text) < PATTERN) {
      memcpy(p.text + p.n, e->in.text, strlen(e->in.text) + 1);
      p.n += strlen(e->in.text);
      found = find(e, &p, e->at < e->history.count ? e->at + 1 : e->at);
    } else if (key == CTRL_C || key == CTRL_G) {
      limn_buffer_set(&e->buffer, before, strlen(before));
      e->buffer.cursor = cursor;
      e->at = at;
      free(before);
      return 0;
    } else {
      free(before);
      if (key == '\r' || key == '\n') e->buffer.cursor = e->buffer.n;
      return key;
    }
  }
}
