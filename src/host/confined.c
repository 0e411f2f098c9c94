/* confined.c: limn --sandbox FOLDER [--memory BYTES] [--seconds N] SCRIPT [ARGS]: runs a script
 * that is not trusted (sandbox.c). The process has limits of its own besides: a script that finds a
 * C function which runs for ever is ended by the system. */
#include "bind/error.h"
#include "host/host.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { FILES = 256, GRACE = 2 }; /* open files; seconds between the error and the end */

static const char usage[] =
    "usage: limn --sandbox FOLDER [--memory BYTES] [--seconds N] SCRIPT [ARGS]\n"
    "  --memory BYTES   of Lua's heap, and of native work: a number, or one with K, M or G "
    "(default "
    "1G)\n"
    "  --seconds N      of wall time; 0: no limit (default 60)\n";

/* A positive number with K, M or G; 0 for any other text. */
static uint64_t bytes_of(const char *text) {
  static const char units[] = "KMG";
  char *end;
  double x = strtod(text, &end);
  const char *unit = *end ? strchr(units, *end) : NULL;
  if (unit) {
    for (const char *u = units; u <= unit; u++) x *= 1024;
    end++;
  }
  return *end == '\0' && x >= 1 && x < 1e18 ? (uint64_t)x : 0;
}

/* Reads the options; returns the index of the script, or 0. */
static int read_options(int argc, char **argv, limn_config *c) {
  if (argc < 4) return 0;
  c->sandbox = argv[2];
  c->lua_memory = c->native_memory = (uint64_t)1 << 30;
  c->seconds = 60;
  int i = 3;
  for (; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2) {
    char *end = argv[i + 1];
    if (strcmp(argv[i], "--memory") == 0)
      c->lua_memory = c->native_memory = bytes_of(argv[i + 1]);
    else if (strcmp(argv[i], "--seconds") == 0)
      c->seconds = strtod(argv[i + 1], &end);
    else
      return 0;
    bool timed = strcmp(argv[i], "--seconds") == 0;
    if (c->lua_memory == 0 || (timed && *end != '\0') || !(c->seconds >= 0 && c->seconds < 1e8))
      return 0;
  }
  return i < argc ? i : 0;
}

static void limit_process(const limn_config *c) {
  struct rlimit files = {FILES, FILES};
  setrlimit(RLIMIT_NOFILE, &files);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (c->seconds > 0) alarm((unsigned)c->seconds + GRACE);
}

/* The global `arg` of the script and of limn's files. */
static void set_arguments(lua_State *L, char **argv, int argc, int script) {
  for (int trusted = 0; trusted < 2; trusted++) {
    if (trusted)
      host_trusted(L);
    else
      lua_pushglobaltable(L);
    lua_createtable(L, argc - script - 1, 1);
    for (int i = script; i < argc; i++) {
      lua_pushstring(L, argv[i]);
      lua_rawseti(L, -2, i - script);
    }
    lua_setfield(L, -2, "arg");
    lua_pop(L, 1);
  }
}

/* run(argc, argv, script) -> exit code */
static int run(lua_State *L) {
  int argc = (int)lua_tointeger(L, 1), script = (int)lua_tointeger(L, 3);
  char **argv = lua_touserdata(L, 2);
  lua_settop(L, 0);
  set_arguments(L, argv, argc, script);
  lua_createtable(L, 0, 1);
  lua_setfield(L, LUA_REGISTRYINDEX, LIMN_SCRIPT_KEY);
  int status = luaL_loadfilex(L, argv[script], "t");
  luaL_checkstack(L, argc, "too many arguments");
  if (status == LUA_OK) {
    for (int i = script + 1; i < argc; i++) lua_pushstring(L, argv[i]);
    status = host_call(L, argc - script - 1, LUA_MULTRET);
  }
  host_report(L, status);
  lua_pushinteger(L, host_finish_script(L, 1, host_code(status)));
  return 1;
}

int host_confined(int argc, char **argv) {
  limn_config c;
  limn_config_default(&c, sizeof c);
  int script = read_options(argc, argv, &c);
  if (!script) {
    fputs(usage, stderr);
    return 2;
  }
  limit_process(&c);
  lua_State *L = limn_new(&c);
  if (!L) {
    fprintf(stderr,
            "%s: cannot make a sandbox of %s: no such folder, no memory, or limn's files are "
            "missing\n",
            host_name, c.sandbox);
    return EXIT_FAILURE;
  }
  lua_pushcfunction(L, run);
  lua_pushinteger(L, argc);
  lua_pushlightuserdata(L, argv);
  lua_pushinteger(L, script);
  int status = lua_pcall(L, 3, 1, 0);
  int code = status == LUA_OK ? (int)lua_tointeger(L, -1) : EXIT_FAILURE;
  if (status != LUA_OK) host_report(L, status);
  limn_close(L);
  return code;
}
