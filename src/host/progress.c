/* progress.c: progress of native work: one line on stderr, only on a terminal and only for passes
 * of more than a second. It is redrawn at most ten times a second and erased at the end. */
#include "host/host.h"

#include <stdio.h>
#include <unistd.h>

#include "sys/clock.h"
#include "sys/progress_bar.h"

typedef struct {
  double began, drawn; /* seconds; drawn = 0: the line is empty */
} bar;

static void end(void *user) {
  bar *b = user;
  if (b->drawn == 0) return;
  b->drawn = 0;
  fputs("\r\033[K", stderr);
  fflush(stderr);
}

static void begin(void *user) {
  bar *b = user;
  end(user); /* of a pass that ended without a call of end */
  b->began = limn_clock();
}

static int report(void *user, double done, double total) {
  bar *b = user;
  double t = limn_clock(), share = total > 0 ? done / total : 0;
  if (t - b->began < 1 || t - b->drawn < 0.1 || !(share > 0 && share <= 1)) return 0;
  b->drawn = t;
  char text[LIMN_BAR_MAX];
  limn_bar_write(
      &(limn_bar){.fraction = share, .seconds = t - b->began, .columns = limn_terminal_columns(2)},
      text);
  fprintf(stderr, "\r%s\033[K", text);
  fflush(stderr);
  return 0;
}

void host_progress(lua_State *L) {
  if (!isatty(2)) return;
  /* In the registry, so that it is valid as long as the state. */
  limn_progress *p = lua_newuserdatauv(L, sizeof *p + sizeof(bar), 0);
  bar *b = (bar *)(void *)(p + 1);
  *b = (bar){0};
  *p = (limn_progress){begin, report, end, b};
  lua_setfield(L, LUA_REGISTRYINDEX, "limn.progress.bar");
  lua_pushlightuserdata(L, p);
  lua_setfield(L, LUA_REGISTRYINDEX, LIMN_PROGRESS_FIELD);
}
