/* progress.c: how far native work is: one line on stderr that redraws itself, only on a terminal,
 * only for a pass that has taken more than a second, at most ten times a second, and gone when it
 * ends. */
#include "host/host.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

typedef struct {
  double began, drawn; /* seconds; drawn = 0: nothing on the line */
} bar;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void end(void *user) {
  bar *b = user;
  if (b->drawn == 0) return;
  b->drawn = 0;
  fputs("\r\033[K", stderr);
  fflush(stderr);
}

static void begin(void *user) {
  bar *b = user;
  end(user); /* of a pass whose end nobody told */
  b->began = now();
}

static void span(char *text, size_t size, double seconds) {
  long s = (long)(seconds + 0.5);
  if (s < 3600)
    snprintf(text, size, "%ld:%02ld", s / 60, s % 60);
  else
    snprintf(text, size, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
}

static void report(void *user, double done, double total) {
  bar *b = user;
  double t = now(), share = total > 0 ? done / total : 0;
  if (t - b->began < 1 || t - b->drawn < 0.1 || !(share > 0 && share <= 1)) return;
  b->drawn = t;
  char passed[32], left[32];
  span(passed, sizeof passed, t - b->began);
  span(left, sizeof left, (t - b->began) * (1 - share) / share);
  int full = (int)(30 * share);
  fprintf(stderr, "\r[%.*s%.*s] %3.0f%%  %s  %s left\033[K", full, "##############################",
          30 - full, "..............................", 100 * share, passed, left);
  fflush(stderr);
}

void host_progress(lua_State *L) {
  if (!isatty(2)) return;
  /* Kept by the registry, so that it lives as long as the state. */
  limn_progress *p = lua_newuserdatauv(L, sizeof *p + sizeof(bar), 0);
  bar *b = (bar *)(void *)(p + 1);
  *b = (bar){0};
  *p = (limn_progress){begin, report, end, b};
  lua_setfield(L, LUA_REGISTRYINDEX, "limn.progress.bar");
  lua_pushlightuserdata(L, p);
  lua_setfield(L, LUA_REGISTRYINDEX, LIMN_PROGRESS_FIELD);
}
