/* check.h: what the hosts of tests/embed share: a check that prints its line, and a state with limn
 * from the folder in the variable LIMN_PLACE. */
#ifndef CHECK_H
#define CHECK_H

#include <lauxlib.h>
#include <limn/host.h>
#include <lua.h>
#include <lualib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int failures;

#define CHECK(condition, ...)                                                                      \
  do {                                                                                             \
    if (!(condition)) {                                                                            \
      fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, #condition);                              \
      fprintf(stderr, __VA_ARGS__);                                                                \
      fputc('\n', stderr);                                                                         \
      failures++;                                                                                  \
    }                                                                                              \
  } while (0)

static inline double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static inline limn_config settings(void) {
  limn_config c;
  limn_config_default(&c, sizeof c);
  c.folder = getenv("LIMN_PLACE");
  return c;
}

/* Runs code; returns "" or the message, valid until the next call. */
static inline const char *run(lua_State *L, const char *code) {
  static char text[2000];
  text[0] = '\0';
  if (luaL_dostring(L, code) != LUA_OK)
    snprintf(text, sizeof text, "%s", luaL_tolstring(L, -1, NULL));
  lua_settop(L, 0);
  return text;
}

#endif
