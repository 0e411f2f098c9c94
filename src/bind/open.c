/* open.c: the two entry points of the Lua module.
 *
 * luaopen_limn_native returns the native functions, one sub-table per module. luaopen_limn runs
 * where `require "limn"` finds only limn.so: it searches for limn's Lua files relative to limn.so
 * (in the build tree or under the prefix), adds them to package.path and returns the Lua module. */
#include "bind/bind.h"
#include "bind/embedded.h"
#include "bind/error.h"
#include "bind/sandbox.h"
#include "limn/memory.h"

#include <dlfcn.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Functions that open the sub-tables of native; several may fill one sub-table. */
/* clang-format off */
static const luaL_Reg modules[] = {
    {"vocabulary", l_open_vocabulary},
    {"array", l_open_array},
    {"rng", l_open_rng},
    {"machine", l_open_machine},
    {"files", l_open_files},
    {"kernel", l_open_kernel},
    {"maps", l_open_maps},
    {"features", l_open_features},
    {"mlp", l_open_nets},
    {"mlp", l_open_training},
    {"mlp", l_open_probes},
    {"stats", l_open_stats},
    {"theory", l_open_theory},
    {"plot", l_open_plot},
    {"process", l_open_process},
    {"terminal", l_open_terminal},
    {"contrib", l_open_contrib},
    {"regress", l_open_regress},
    {"regress", l_open_paths},
    {"programs", l_open_programs},
    {"functions", l_open_functions},
    {"folder", l_open_folder},
    {"posix", l_open_posix},
    {"sqlite", l_open_sqlite},
    {"zmq", l_open_zmq},
    {"session", l_open_session},
    {"json", l_open_json},
    {"message", l_open_message},
    {"rows", l_open_rows},
    {"names", l_open_names},
    {"columns", l_open_columns},
    {"board", l_open_board},
    {"interrupts", l_open_interrupts},
    {NULL, NULL},
};
/* clang-format on */

LUAMOD_API int luaopen_limn_native(lua_State *L) __attribute__((visibility("default")));
LUAMOD_API int luaopen_limn(lua_State *L) __attribute__((visibility("default")));

/* native.set_luadir(dir): the folder of limn's own Lua files, whose lines errors do not name. */
static int l_set_luadir(lua_State *L) {
  luaL_checkstring(L, 1);
  lua_settop(L, 1);
  lua_setfield(L, LUA_REGISTRYINDEX, "limn.luadir");
  return 0;
}

/* native.where(): "file:line: " of the user's line; for errors raised by limn's Lua files. */
static int l_user_line(lua_State *L) {
  bind_where(L);
  return 1;
}

/* native.typename(value): its type, or the name of its class ("limn.array"), which is hidden from
 * Lua. */
static int l_type_name(lua_State *L) {
  luaL_checkany(L, 1);
  lua_pushstring(L, bind_typename(L, 1));
  return 1;
}

/* native.error(kind, text) -> an error value of that kind. */
static int l_error_value(lua_State *L) {
  const char *kind = luaL_checkstring(L, 1);
  luaL_checkstring(L, 2);
  lua_settop(L, 2);
  bind_pusherror(L, kind);
  return 1;
}

/* Makes the table at the top a field of the one below, or adds its entries to that field. */
static void add_module(lua_State *L, const char *name) {
  if (lua_getfield(L, -2, name) == LUA_TNIL) {
    lua_pop(L, 1);
    lua_setfield(L, -2, name);
    return;
  }
  for (lua_pushnil(L); lua_next(L, -3);) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_settable(L, -4);
  }
  lua_pop(L, 2);
}

/* Applies the settings of the host (limn_config of limn/host.h). */
static void configure(lua_State *L) {
  limn_err err;
  char text[700];
  limn_status st = LIMN_OK;
  int top = lua_gettop(L);
  if (lua_getfield(L, LUA_REGISTRYINDEX, LIMN_MEMORY_KEY) == LUA_TNUMBER)
    limn_memory_limit_set((uint64_t)lua_tointeger(L, -1));
  if (lua_getfield(L, LUA_REGISTRYINDEX, LIMN_THREADS_KEY) == LUA_TNUMBER)
    st = limn_threads_set((int)lua_tointeger(L, -1), &err);
  if (!st && lua_getfield(L, LUA_REGISTRYINDEX, LIMN_ISA_KEY) == LUA_TSTRING) {
    int isa = LIMN_ISA_REF;
    while (isa <= LIMN_ISA_AVX512 && strcmp(lua_tostring(L, -1), limn_isa_name((limn_isa)isa)) != 0)
      isa++;
    st = limn_isa_set((limn_isa)isa, &err);
  }
  if (st) luaL_error(L, "%s", limn_err_text(text, sizeof text, &err, "limn_config", 1));
  lua_settop(L, top);
}

int luaopen_limn_native(lua_State *L) {
  limn_err err;
  char text[700];
  luaL_checkversion(L);
  if (limn_isa_environment(&err) != LIMN_OK)
    return luaL_error(L, "%s", limn_err_text(text, sizeof text, &err, "limn", 1));
  configure(L);
  lua_newtable(L);
  for (const luaL_Reg *m = modules; m->name; m++) {
    lua_pushcfunction(L, m->func);
    lua_call(L, 0, 1);
    add_module(L, m->name);
  }
  lua_pushcfunction(L, l_set_luadir);
  lua_setfield(L, -2, "set_luadir");
  lua_pushstring(L, limn_version());
  lua_setfield(L, -2, "version");
  lua_pushcfunction(L, l_user_line);
  lua_setfield(L, -2, "where");
  lua_pushcfunction(L, l_type_name);
  lua_setfield(L, -2, "typename");
  lua_pushcfunction(L, l_error_value);
  lua_setfield(L, -2, "error");
  lua_pushcfunction(L, l_argument);
  lua_setfield(L, -2, "argument");
  lua_pushcfunction(L, l_path);
  lua_setfield(L, -2, "path");
  if (bind_sandboxed(L)) bind_sandbox(L);
  return 1;
}

int luaopen_limn(lua_State *L) {
  if (bind_preload(L, luaopen_limn_native)) {
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    lua_getfield(L, -1, "limn");
    lua_pushliteral(L, "limn");
    lua_call(L, 1, 1);
    return 1;
  }
  Dl_info self;
  char real[4096], try[4200];
  static const char *const places[] = {"/../../lua", "/../../../share/lua/5.4",
                                       "/../../../../share/lua/5.4", "/../share/lua/5.4", "/lua"};
  void *here;
  int (*open)(lua_State *) = luaopen_limn;
  memcpy(&here, &open, sizeof here);
  if (!dladdr(here, &self) || !self.dli_fname || !realpath(self.dli_fname, real))
    return luaL_error(L, "limn: cannot find the module's own file");
  *strrchr(real, '/') = '\0';
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    snprintf(try, sizeof try, "%s%s/limn/init.lua", real, places[i]);
    if (access(try, R_OK) != 0) continue;
    luaL_requiref(L, "limn.native", luaopen_limn_native, 0);
    lua_pop(L, 1);
    char *dir = realpath(try, NULL); /* freed before a call that can raise */
    if (!dir) continue;
    snprintf(try, sizeof try, "%s", dir);
    free(dir);
    *strstr(try, "/limn/init.lua") = '\0';
    lua_getglobal(L, "package");
    lua_pushfstring(L, "%s/?.lua;%s/?/init.lua;", try, try);
    lua_getfield(L, -2, "path");
    lua_concat(L, 2);
    lua_setfield(L, -2, "path");
    lua_pushfstring(L, "%s/limn/init.lua", try);
    if (luaL_loadfile(L, lua_tostring(L, -1)) != LUA_OK) return lua_error(L);
    lua_pushliteral(L, "limn");
    lua_pushvalue(L, -3);
    lua_call(L, 2, 1);
    return 1;
  }
  return luaL_error(L, "limn: found no Lua files (limn/init.lua) in the build tree or prefix of %s",
                    real);
}
