/* screen.c: the layout of the text in rows, and one write per drawing. Rows that are full go on in
 * the next one by themselves, so that a terminal of another width can join them again. */
#include "sys/line/screen.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "sys/line/lua_tokens.h"
#include "sys/line/utf8.h"

enum { TAB = 4, NARROWEST = 8 };

static const char *const colours[] = {
    [LIMN_TOKEN_PLAIN] = "\033[0m",    [LIMN_TOKEN_KEYWORD] = "\033[35m",
    [LIMN_TOKEN_STRING] = "\033[32m",  [LIMN_TOKEN_COMMENT] = "\033[90m",
    [LIMN_TOKEN_NUMBER] = "\033[36m",  [LIMN_TOKEN_BRACKET] = "\033[0m",
    [LIMN_TOKEN_MATCH] = "\033[1;34m", [LIMN_TOKEN_NO_MATCH] = "\033[1;31m"};

typedef struct output {
  char *bytes;
  size_t n, capacity;
} output;

static void put(output *o, const char *bytes, size_t n) {
  if (o->n + n > o->capacity) {
    size_t capacity = (o->n + n) * 2 + 256;
    char *more = realloc(o->bytes, capacity);
    if (!more) return;
    o->bytes = more;
    o->capacity = capacity;
  }
  memcpy(o->bytes + o->n, bytes, n);
  o->n += n;
}

static void puts_(output *o, const char *text) {
  put(o, text, strlen(text));
}

/* An escape sequence with a count; none for 0. */
static void move(output *o, int count, char which) {
  char text[32];
  if (count > 0) put(o, text, (size_t)snprintf(text, sizeof text, "\033[%d%c", count, which));
}

void limn_screen_write(const limn_screen *s, const char *bytes, size_t n) {
  while (n > 0) {
    ssize_t done = write(s->fd, bytes, n);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return;
    bytes += done;
    n -= (size_t)done;
  }
}

void limn_screen_measure(limn_screen *s) {
  struct winsize size = {0};
  ioctl(s->fd, TIOCGWINSZ, &size);
  s->columns = size.ws_col >= NARROWEST ? size.ws_col : size.ws_col ? NARROWEST : 80;
  s->rows = size.ws_row > 1 ? size.ws_row : 24;
}

/* Blanks to the end of the row go on in the next row unless the cursor was in the first column. */
void limn_screen_begin(limn_screen *s) {
  output o = {0};
  for (int i = 0; i < s->columns; i++) put(&o, " ", 1);
  puts_(&o, "\r\033[K");
  limn_screen_write(s, o.bytes, o.n);
  free(o.bytes);
  s->row = 0;
}

/* ---- layout ---- */

typedef struct place {
  int row, column;
} place;

/* The place after something of `width` columns. */
static place after(const limn_screen *s, place p, int width) {
  if (p.column + width > s->columns) p = (place){p.row + 1, 0};
  p.column += width;
  return p;
}

/* The bytes of an escape sequence at the begin of text, or 0. */
static size_t escape_bytes(const char *text) {
  if (text[0] != '\033' || text[1] != '[') return 0;
  size_t n = 2;
  while (text[n] && (text[n] < 0x40 || text[n] > 0x7e)) n++;
  return text[n] ? n + 1 : n;
}

static place after_prompt(const limn_screen *s, place p, const char *prompt) {
  size_t n = strlen(prompt), bytes;
  for (size_t i = 0; i < n; i += bytes) {
    bytes = escape_bytes(prompt + i);
    if (bytes) continue;
    p = after(s, p, limn_utf8_columns(limn_utf8_decode(prompt + i, n - i, &bytes)));
  }
  return p;
}

/* How a character is shown, its columns, and its bytes in the text. */
static const char *shown(const char *text, size_t n, int *columns, size_t *bytes, char *room) {
  uint32_t c = limn_utf8_decode(text, n, bytes);
  *columns = limn_utf8_columns(c);
  if (c == '\t') {
    *columns = TAB;
    return "    ";
  }
  if (c < 0x20 || c == 0x7f) {
    *columns = 2;
    room[0] = '^';
    room[1] = (char)(c ^ 0x40);
    room[2] = '\0';
    return room;
  }
  if (c == UINT32_MAX || (c >= 0x80 && c < 0xa0)) return *columns = 1, "?";
  memcpy(room, text, *bytes);
  room[*bytes] = '\0';
  return room;
}

/* Lays the view out. With `o` it writes the rows first .. last; *cursor gets the place of the
 * cursor. Returns the place after the last character. */
static place lay_out(const limn_screen *s, const limn_view *v, output *o, int first, int last,
                     place *cursor) {
  place p = after_prompt(s, (place){0, 0}, v->prompt);
  int kind = LIMN_TOKEN_PLAIN;
  if (o && first == 0) puts_(o, v->prompt);
  for (size_t i = 0, bytes; i <= v->n; i += bytes) {
    if (i == v->cursor) *cursor = p;
    if (i == v->n) break;
    if (v->text[i] == '\n') {
      bytes = 1;
      p = (place){p.row + 1, 0};
      if (o && p.row > first && p.row <= last) puts_(o, "\r\n");
      p = after_prompt(s, p, v->more);
      if (!o || p.row < first || p.row > last) continue;
      if (kind != LIMN_TOKEN_PLAIN) puts_(o, colours[LIMN_TOKEN_PLAIN]);
      puts_(o, v->more);
      if (kind != LIMN_TOKEN_PLAIN) puts_(o, colours[kind]);
      continue;
    }
    char room[8];
    int columns;
    const char *text = shown(v->text + i, v->n - i, &columns, &bytes, room);
    p = after(s, p, columns);
    if (!o || p.row < first || p.row > last) continue;
    if (v->kinds && v->kinds[i] != kind) {
      if (kind != LIMN_TOKEN_PLAIN) puts_(o, colours[LIMN_TOKEN_PLAIN]);
      kind = v->kinds[i];
      if (kind != LIMN_TOKEN_PLAIN) puts_(o, colours[kind]);
    }
    puts_(o, text);
  }
  if (o && kind != LIMN_TOKEN_PLAIN) puts_(o, colours[LIMN_TOKEN_PLAIN]);
  return p;
}

int limn_screen_height(const limn_screen *s, const limn_view *v) {
  place cursor;
  return lay_out(s, v, NULL, 0, 0, &cursor).row + 1;
}

/* Writes at most `rows` of the lines below the text; returns how many. */
static int put_below(const limn_screen *s, output *o, const char *text, int rows) {
  int row = 0;
  for (; *text && row < rows; row++) {
    int column = 0;
    size_t length = strcspn(text, "\n");
    puts_(o, "\r\n\033[2m");
    for (size_t i = 0, bytes; i < length; i += bytes) {
      char room[8];
      int columns;
      const char *c = shown(text + i, length - i, &columns, &bytes, room);
      column += columns;
      if (column >= s->columns) break;
      puts_(o, c);
    }
    puts_(o, colours[LIMN_TOKEN_PLAIN]);
    text += length + (text[length] == '\n');
  }
  return row;
}

void limn_screen_draw(limn_screen *s, const limn_view *v) {
  output o = {0};
  place cursor = {0, 0};
  int height = lay_out(s, v, NULL, 0, 0, &cursor).row + 1, first = 0;
  if (height > s->rows) {
    first = cursor.row - s->rows / 2;
    if (first > height - s->rows) first = height - s->rows;
    if (first < 0) first = 0;
  }
  int last = first + s->rows - 1 < height - 1 ? first + s->rows - 1 : height - 1;
  puts_(&o, "\033[?25l\r");
  move(&o, s->row, 'A');
  puts_(&o, "\033[J");
  lay_out(s, v, &o, first, last, &cursor);
  int below = v->below ? put_below(s, &o, v->below, s->rows - (last - first + 1)) : 0;
  move(&o, last - cursor.row + below, 'A');
  puts_(&o, "\r");
  move(&o, cursor.column < s->columns ? cursor.column : s->columns - 1, 'C');
  puts_(&o, "\033[?25h");
  limn_screen_write(s, o.bytes, o.n);
  free(o.bytes);
  s->row = cursor.row - first;
}

void limn_screen_end(limn_screen *s) {
  limn_screen_write(s, "\r\n", 2);
  s->row = 0;
}
