/* progress_bar.c: see progress_bar.h. */
#include "sys/progress_bar.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "sys/duration.h"

enum { PLACES = 30, TEXT_MAX = LIMN_BAR_MAX - PLACES - 8 };

static size_t write_text(const limn_bar *b, double fraction, char *text) {
  char passed[LIMN_DURATION_MAX], left[LIMN_DURATION_MAX + 8] = "";
  limn_duration_write(b->seconds, passed);
  double rest = fraction > 0 ? b->seconds * (1 - fraction) / fraction : 0;
  double percent = fraction < 1 ? fmin(100 * fraction, 99) : 100; /* 100 % is for the end alone */
  if (rest >= 0.5) {
    left[0] = left[1] = ' ';
    size_t n = 2 + limn_duration_write(rest, left + 2);
    memcpy(left + n, " left", sizeof " left");
  }
  int n = snprintf(text, TEXT_MAX, "%3.0f%%%s%s  %s%s%s%s", percent, b->count ? "  " : "",
                   b->count ? b->count : "", passed, left, b->notes ? "  " : "",
                   b->notes ? b->notes : "");
  return n < TEXT_MAX ? (size_t)n : TEXT_MAX - 1;
}

size_t limn_bar_write(const limn_bar *b, char *out) {
  double fraction = b->fraction >= 0 && b->fraction <= 1 ? b->fraction : b->fraction < 0 ? 0 : 1;
  char text[TEXT_MAX];
  size_t n = write_text(b, fraction, text), used = 0;
  if (b->columns > 0) {
    int room = b->columns - (int)n - 4;
    if (room > PLACES) room = PLACES;
    if (room > 2) {
      int full = (int)(room * fraction);
      out[used++] = '[';
      memset(out + used, '#', (size_t)full);
      memset(out + used + full, '.', (size_t)(room - full));
      used += (size_t)room;
      out[used++] = ']';
      out[used++] = ' ';
    }
    size_t most = b->columns > 1 ? (size_t)b->columns - 1 : 1;
    if (n > most) n = most;
  }
  memcpy(out + used, text, n);
  out[used + n] = '\0';
  return used + n;
}

int limn_terminal_columns(int fd) {
  struct winsize w;
  if (!isatty(fd)) return 0;
  return ioctl(fd, TIOCGWINSZ, &w) == 0 && w.ws_col > 0 ? w.ws_col : 80;
}
