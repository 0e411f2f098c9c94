/* paths.c: makes `require "limn"` work without touching package.path or any environment variable.
 *
 * A searcher at the end of package.searchers handles "limn" and "limn.*" only. It searches the
 * build tree (build/<mode>/limn, lua/ two levels up), the prefix of the program's folder (bin/limn,
 * share/lua/5.4, lib/lua/5.4 or the place of LIBDIR relative to PREFIX), and last the prefix that
 * limn was built for. */
#include "bind/embedded.h"
#include "host/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#ifndef LIMN_PREFIX
#define LIMN_PREFIX "/usr/local"
#define LIMN_LIBDIR LIMN_PREFIX "/lib"
#endif
#define LUA_FILES "/share/lua/5.4"
#define MODULES "/lua/5.4"

/* Only in a program that contains the bindings (liblimn-full.a). */
int luaopen_limn_native(lua_State *L) __attribute__((weak));

enum { PATH = 4096 };

/* Writes a path of three parts; false if it is too long. */
static bool join(char out[PATH], const char *a, const char *b, const char *c) {
  int n = snprintf(out, PATH, "%s%s%s", a, b, c);
  return n > 0 && n < PATH;
}

/* Pushes the two absolute paths if limn's files exist there. */
static bool found(lua_State *L, const char *lua, const char *module) {
  char path[PATH], real[PATH];
  if (!join(path, lua, "/limn/init.lua", "") || access(path, R_OK) != 0) return false;
  if (!join(path, module, "/limn.so", "") || access(path, R_OK) != 0 || !realpath(lua, real))
    return false;
  lua_pushstring(L, real);
  if (!realpath(path, real)) {
    lua_pop(L, 1);
    return false;
  }
  lua_pushstring(L, real);
  return true;
}

/* LIBDIR below PREFIX, "/lib" or "/lib/x86_64-linux-gnu"; "/lib" for any other. */
static const char *libdir(void) {
  size_t n = sizeof LIMN_PREFIX - 1;
  bool below = strncmp(LIMN_LIBDIR, LIMN_PREFIX, n) == 0 && LIMN_LIBDIR[n] == '/';
  return below ? &LIMN_LIBDIR[n] : "/lib";
}

/* found() for limn below a prefix. */
static bool found_below(lua_State *L, const char *prefix) {
  char lua[PATH], module[PATH];
  const char *libraries[] = {libdir(), "/lib"};
  if (!join(lua, prefix, LUA_FILES, "")) return false;
  for (size_t i = 0; i < 2; i++)
    if (join(module, prefix, libraries[i], MODULES) && found(L, lua, module)) return true;
  return false;
}

static bool found_in_tree(lua_State *L, const char *root, const char *build) {
  char lua[PATH], module[PATH];
  return join(lua, root, "/lua", "") && join(module, root, "/build/", build) &&
         found(L, lua, module);
}

static bool find_at(lua_State *L, const char *folder) {
  return found_below(L, folder) || found_in_tree(L, folder, "release") || found(L, folder, folder);
}

static bool find(lua_State *L) {
  char here[PATH], up[PATH];
  ssize_t n = readlink("/proc/self/exe", here, sizeof here - 1);
  if (n > 0) {
    here[n] = '\0';
    char *slash = strrchr(here, '/');
    if (slash) *slash = '\0';
    const char *mode = strrchr(here, '/');
    if (mode && join(up, here, "/../..", "") && found_in_tree(L, up, mode + 1)) return true;
    if (join(up, here, "/..", "") && found_below(L, up)) return true;
  }
  return found(L, LIMN_PREFIX LUA_FILES, LIMN_LIBDIR MODULES);
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
    host_trusted(L);
    if (lua_isnil(L, -1) || !lua_setupvalue(L, -2, 1)) lua_pop(L, 1);
    lua_pushstring(L, path);
    return 2;
  }
  lua_pushfstring(L, "no module '%s' of limn in '%s'", name, lua_tostring(L, lua_upvalueindex(1)));
  return 1;
}

/* A second call changes nothing: the searcher is there. */
int limn_open_at(lua_State *L, const char *folder) {
  static const char key = 0;
  int top = lua_gettop(L);
  bool there = lua_rawgetp(L, LUA_REGISTRYINDEX, &key) != LUA_TNIL;
  if (there || (!folder && luaopen_limn_native && bind_preload(L, luaopen_limn_native))) {
    lua_settop(L, top);
    return 0;
  }
  if (lua_getglobal(L, "package") != LUA_TTABLE || lua_getfield(L, -1, "searchers") != LUA_TTABLE ||
      !(folder ? find_at(L, folder) : find(L))) {
    lua_settop(L, top);
    return -1;
  }
  lua_pushcclosure(L, searcher, 2);
  lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
  lua_pushboolean(L, 1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &key);
  lua_settop(L, top);
  return 0;
}

int limn_open(lua_State *L) {
  return limn_open_at(L, NULL);
}
