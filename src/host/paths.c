/* paths.c: makes `require "limn"` work without touching package.path or any environment variable.
 *
 * A searcher at the end of package.searchers handles "limn" and "limn.*" only. It searches the
 * build tree (build/<mode>/limn, lua/ two levels up), the prefix of the program's folder (bin/limn,
 * share/lua/5.4, lib/lua/5.4), and last the prefix that limn was built for. */
#include "host/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#ifndef LIMN_PREFIX
#define LIMN_PREFIX "/usr/local"
#endif

typedef struct {
  const char *lua, *module;
} place;

static const place places[] = {{"/../../lua", ""}, {"/../share/lua/5.4", "/../lib/lua/5.4"}};

/* Pushes the two absolute paths if limn's files exist there. */
static bool found(lua_State *L, const char *lua, const char *module) {
  char path[4400], real[4096];
  snprintf(path, sizeof path, "%s/limn/init.lua", lua);
  if (access(path, R_OK) != 0) return false;
  snprintf(path, sizeof path, "%s/limn.so", module);
  if (access(path, R_OK) != 0 || !realpath(lua, real)) return false;
  lua_pushstring(L, real);
  if (!realpath(path, real)) {
    lua_pop(L, 1);
    return false;
  }
  lua_pushstring(L, real);
  return true;
}

static bool find(lua_State *L) {
  char here[4096], lua[4200], module[4200];
  ssize_t n = readlink("/proc/self/exe", here, sizeof here - 1);
  if (n > 0) {
    here[n] = '\0';
    char *slash = strrchr(here, '/');
    if (slash) *slash = '\0';
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
      snprintf(lua, sizeof lua, "%s%s", here, places[i].lua);
      snprintf(module, sizeof module, "%s%s", here, places[i].module);
      if (found(L, lua, module)) return true;
    }
  }
  return found(L, LIMN_PREFIX "/share/lua/5.4", LIMN_PREFIX "/lib/lua/5.4");
}

/* OpenBLAS maps a buffer for each thread that calls it, and tries again without end where that
 * fails. So the module is not loaded if a limit of the address space leaves less than that; returns
 * false, and the message at the top. */
static bool room_for_blas(lua_State *L) {
  /* MB; measured with OpenBLAS 0.3.21: the libraries with one buffer of 128; for each other thread
   * a buffer, a stack and an arena of malloc */
  const double base = 210, per_thread = 200;
  struct rlimit limit;
  unsigned long long pages = 0;
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return true;
  FILE *statm = fopen("/proc/self/statm", "re");
  if (statm) {
    if (fscanf(statm, "%llu", &pages) != 1) pages = 0;
    fclose(statm);
  }
  const char *given = getenv("OPENBLAS_NUM_THREADS");
  long threads = given ? atol(given) : 0, cores = sysconf(_SC_NPROCESSORS_ONLN);
  if (threads < 1 || threads > cores) threads = cores;
  double left = ((double)limit.rlim_cur - (double)pages * (double)sysconf(_SC_PAGESIZE)) / 1e6;
  double needed = base + per_thread * (double)(threads - 1);
  if (left >= needed) return true;
  lua_pushfstring(
      L,
      "limn: the limit of the address space (ulimit -v) leaves %d MB, and OpenBLAS with "
      "%d thread%s needs %d MB: raise it%s",
      (int)left, (int)threads, threads == 1 ? "" : "s", (int)needed,
      threads > 1 && left >= base ? ", or set OPENBLAS_NUM_THREADS=1" : "");
  return false;
}

/* searcher(name) -> loader, file; upvalues: the Lua directory, the module's file. */
static int searcher(lua_State *L) {
  const char *name = luaL_checkstring(L, 1);
  if (strcmp(name, "limn") != 0 && strncmp(name, "limn.", 5) != 0) return 0;
  if (strcmp(name, "limn.native") == 0) {
    if (!room_for_blas(L)) return lua_error(L);
    lua_getglobal(L, "package");
    lua_getfield(L, -1, "loadlib");
    lua_pushvalue(L, lua_upvalueindex(2));
    lua_pushliteral(L, "luaopen_limn_native");
    lua_call(L, 2, 2);
    if (lua_isnil(L, -2)) return 1; /* why it is not found */
    lua_pop(L, 1);
    lua_pushvalue(L, lua_upvalueindex(2));
    return 2;
  }
  luaL_gsub(L, name, ".", "/");
  static const char *const endings[] = {"%s/%s.lua", "%s/%s/init.lua"};
  for (int i = 0; i < 2; i++) {
    char path[8400];
    snprintf(path, sizeof path, endings[i], lua_tostring(L, lua_upvalueindex(1)),
             lua_tostring(L, -1));
    if (access(path, R_OK) != 0) continue;
    if (luaL_loadfile(L, path) != LUA_OK)
      return luaL_error(L, "error loading module '%s' from file '%s':\n\t%s", name, path,
                        lua_tostring(L, -1));
    lua_pushstring(L, path);
    return 2;
  }
  lua_pushfstring(L, "no module '%s' of limn in '%s'", name, lua_tostring(L, lua_upvalueindex(1)));
  return 1;
}

int limn_open(lua_State *L) {
  int top = lua_gettop(L);
  if (lua_getglobal(L, "package") != LUA_TTABLE || lua_getfield(L, -1, "searchers") != LUA_TTABLE ||
      !find(L)) {
    lua_settop(L, top);
    return -1;
  }
  lua_pushcclosure(L, searcher, 2);
  lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
  lua_settop(L, top);
  return 0;
}
