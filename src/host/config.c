/* config.c: settings of a Lua state that a host gives (limn_config of limn/host.h): memory of the
 * Lua heap, the cancel flag and the time budget of Lua code, sinks of output. Settings of the
 * native module go into the registry, where the module reads them. */
#include "bind/error.h"
#include "host/host.h"

#include <lualib.h>
#include <stdlib.h>
#include <string.h>

#include "sys/clock.h"

enum { HOOK_EVERY = 10000 }; /* VM instructions, some 0.1 ms */

#define INSTRUCTIONS "limn.instructions" /* left of the budget, in the registry */

static const char heap_key = 0;

void limn_config_default(limn_config *config, size_t size) {
  limn_config all = {.size = size};
  memcpy(config, &all, size < sizeof all ? size : sizeof all);
}

/* ---- the Lua heap ---- */

typedef struct {
  uint64_t used, most; /* bytes; most = 0: no limit */
} heap;

static void *allocate(void *user, void *block, size_t before, size_t after) {
  heap *h = user;
  size_t had = block ? before : 0; /* without a block `before` is the kind of the object */
  if (after == 0) {
    free(block);
    h->used -= had;
    return NULL;
  }
  if (after > had && h->most > 0 && h->used + (after - had) > h->most) return NULL;
  void *moved = realloc(block, after);
  if (moved) h->used += after - had;
  return moved;
}

uint64_t limn_lua_memory_used(lua_State *L) {
  uint64_t used = 0;
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &heap_key) == LUA_TLIGHTUSERDATA)
    used = ((const heap *)lua_touserdata(L, -1))->used;
  lua_pop(L, 1);
  return used;
}

/* ---- Lua code: the flag and the budget ---- */

static void watch(lua_State *L, lua_Debug *ar) {
  (void)ar;
  lua_getfield(L, LUA_REGISTRYINDEX, LIMN_DEADLINE_KEY);
  double deadline = lua_tonumber(L, -1);
  lua_getfield(L, LUA_REGISTRYINDEX, LIMN_CANCEL_FIELD);
  const volatile sig_atomic_t *cancel = lua_touserdata(L, -1);
  bool asked = cancel && *cancel, late = deadline > 0 && limn_clock() > deadline;
  if (lua_getfield(L, LUA_REGISTRYINDEX, INSTRUCTIONS) == LUA_TNUMBER) {
    lua_Integer left = lua_tointeger(L, -1) - lua_gethookcount(L);
    if (left < 0) {
      late = true;
    } else {
      lua_pushinteger(L, left);
      lua_setfield(L, LUA_REGISTRYINDEX, INSTRUCTIONS);
    }
  }
  lua_pop(L, 3);
  if (!asked && !late) {
    if (lua_gethookcount(L) != HOOK_EVERY) lua_sethook(L, watch, LUA_MASKCOUNT, HOOK_EVERY);
    return;
  }
  /* At every instruction from now on, so that code which catches errors in a loop ends too. */
  lua_sethook(L, watch, LUA_MASKCOUNT, 1);
  luaL_where(L, 0);
  if (late) bind_time_over(L, lua_tostring(L, -1));
  bind_interrupt(L, lua_tostring(L, -1));
}

/* ---- sinks ---- */

typedef struct {
  void (*write)(void *user, const char *text, size_t size);
  void *user;
} sink;

static const char SINK[] = "limn.sink";

/* Writes the arguments from `first` on to a sink. */
static void write_all(lua_State *L, const sink *s, int first, const char *between) {
  int n = lua_gettop(L);
  for (int i = first; i <= n; i++) {
    size_t size;
    const char *text = luaL_tolstring(L, i, &size);
    if (i > first && between) s->write(s->user, between, strlen(between));
    if (size > 0) s->write(s->user, text, size);
    lua_pop(L, 1);
  }
}

/* print(...) and io.write(...); upvalue: the sink of the output. */
static int l_print(lua_State *L) {
  const sink *s = lua_touserdata(L, lua_upvalueindex(1));
  write_all(L, s, 1, "\t");
  s->write(s->user, "\n", 1);
  return 0;
}

static int l_io_write(lua_State *L) {
  for (int i = 1; i <= lua_gettop(L); i++)
    if (!lua_isstring(L, i)) return luaL_typeerror(L, i, "string");
  write_all(L, lua_touserdata(L, lua_upvalueindex(1)), 1, NULL);
  lua_pushvalue(L, lua_upvalueindex(1));
  return 1;
}

/* Methods of a file whose contents go to a sink. */
static int l_sink_write(lua_State *L) {
  const sink *s = luaL_checkudata(L, 1, SINK);
  for (int i = 2; i <= lua_gettop(L); i++)
    if (!lua_isstring(L, i)) return luaL_typeerror(L, i, "string");
  write_all(L, s, 2, NULL);
  lua_settop(L, 1);
  return 1;
}

static int l_sink_same(lua_State *L) {
  luaL_checkudata(L, 1, SINK);
  lua_settop(L, 1);
  return 1;
}

static int l_sink_none(lua_State *L) {
  luaL_checkudata(L, 1, SINK);
  lua_pushnil(L);
  lua_pushliteral(L, "the output goes to a function of the host");
  return 2;
}

/* Makes io.`name` a file that writes to a function; leaves it on the stack. */
static void set_stream(lua_State *L, const char *name,
                       void (*write)(void *user, const char *text, size_t size), void *user) {
  static const luaL_Reg methods[] = {{"write", l_sink_write},
                                     {"flush", l_sink_same},
                                     {"setvbuf", l_sink_same},
                                     {"close", l_sink_none},
                                     {"read", l_sink_none},
                                     {"seek", l_sink_none},
                                     {NULL, NULL}};
  sink *s = lua_newuserdatauv(L, sizeof *s, 0);
  *s = (sink){write, user};
  if (luaL_newmetatable(L, SINK)) {
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pushstring(L, SINK);
    lua_setfield(L, -2, "__metatable");
  }
  lua_setmetatable(L, -2);
  if (lua_getglobal(L, "io") == LUA_TTABLE) {
    lua_pushvalue(L, -2);
    lua_setfield(L, -2, name);
  }
  lua_pop(L, 1);
}

static void set_sinks(lua_State *L, const limn_config *c) {
  if (c->error_output) {
    set_stream(L, "stderr", c->error_output, c->user);
    lua_pop(L, 1);
  }
  if (!c->output) return;
  set_stream(L, "stdout", c->output, c->user);
  lua_pushvalue(L, -1);
  lua_pushcclosure(L, l_print, 1);
  lua_setglobal(L, "print");
  if (lua_getglobal(L, "io") == LUA_TTABLE) {
    lua_pushvalue(L, -2);
    lua_pushcclosure(L, l_io_write, 1);
    lua_setfield(L, -2, "write");
  }
  lua_pop(L, 2);
}

/* ---- opening ---- */

static void set_integer(lua_State *L, const char *key, uint64_t value) {
  if (value == 0) return;
  lua_pushinteger(L, value > LUA_MAXINTEGER ? LUA_MAXINTEGER : (lua_Integer)value);
  lua_setfield(L, LUA_REGISTRYINDEX, key);
}

/* The fields that the program was compiled with; the others have their defaults. False for an
 * invalid value. */
static bool read_config(limn_config *c, const limn_config *given) {
  limn_config_default(c, sizeof *c);
  if (!given) return true;
  if (given->size < sizeof given->size || given->size > (size_t)1 << 16) return false;
  memcpy(c, given, given->size < sizeof *c ? given->size : sizeof *c);
  bool named = !c->isa || strcmp(c->isa, "ref") == 0 || strcmp(c->isa, "avx2") == 0 ||
               strcmp(c->isa, "avx512") == 0;
  return named && c->threads >= 0 && c->threads <= 1024 && c->seconds >= 0;
}

/* apply(config): may raise for lack of memory. */
static int apply(lua_State *L) {
  const limn_config *c = lua_touserdata(L, 1);
  lua_settop(L, 0);
  set_integer(L, LIMN_MEMORY_KEY, c->native_memory);
  set_integer(L, LIMN_THREADS_KEY, (uint64_t)c->threads);
  if (c->isa) {
    lua_pushstring(L, c->isa);
    lua_setfield(L, LUA_REGISTRYINDEX, LIMN_ISA_KEY);
  }
  if (c->cancel) {
    lua_pushlightuserdata(L, (void *)(uintptr_t)c->cancel);
    lua_setfield(L, LUA_REGISTRYINDEX, LIMN_CANCEL_FIELD);
  }
  set_integer(L, INSTRUCTIONS, c->instructions);
  set_sinks(L, c);
  if (c->sandbox) {
    lua_pushcfunction(L, host_sandbox);
    lua_pushstring(L, c->sandbox);
    lua_call(L, 1, 0);
  }
  if (c->seconds > 0) {
    lua_pushnumber(L, limn_clock() + c->seconds);
    lua_setfield(L, LUA_REGISTRYINDEX, LIMN_DEADLINE_KEY);
  }
  if (c->cancel || c->seconds > 0 || c->instructions > 0)
    lua_sethook(L, watch, LUA_MASKCOUNT, HOOK_EVERY);
  return 0;
}

int limn_open_sandboxed(lua_State *L, const limn_config *config) {
  limn_config c;
  return read_config(&c, config) && c.sandbox ? limn_open_with(L, config) : -1;
}

int limn_open_with(lua_State *L, const limn_config *config) {
  limn_config c;
  if (!read_config(&c, config)) return -1;
  if (limn_open_at(L, c.folder) != 0) return -1;
  lua_pushcfunction(L, apply);
  lua_pushlightuserdata(L, &c);
  if (lua_pcall(L, 1, 0, 0) == LUA_OK) return 0;
  lua_pop(L, 1);
  return -1;
}

static int open_libraries(lua_State *L) {
  lua_pushvalue(L, 1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &heap_key);
  luaL_openlibs(L);
  return 0;
}

lua_State *limn_new(const limn_config *config) {
  limn_config c;
  if (!read_config(&c, config)) return NULL;
  heap *h = calloc(1, sizeof *h);
  if (!h) return NULL;
  h->most = c.lua_memory;
  lua_State *L = lua_newstate(allocate, h);
  if (!L) return free(h), NULL;
  lua_pushcfunction(L, open_libraries);
  lua_pushlightuserdata(L, h);
  if (lua_pcall(L, 1, 0, 0) == LUA_OK && limn_open_with(L, &c) == 0) return L;
  limn_close(L);
  return NULL;
}

void limn_close(lua_State *L) {
  void *h;
  lua_Alloc function = lua_getallocf(L, &h);
  lua_close(L);
  if (function == allocate) free(h);
}
