/* bind.c: shared parts of the bindings: errors with the position of the user's line, arguments,
 * classes. */
#include "bind/bind.h"
#include "bind/ctrl_c.h"
#include "bind/error.h"
#include "limn/host.h"

#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* limn's own Lua files are named "<somewhere>/limn/<file>.lua"; open.c stores the directory. */
static bool is_ours(lua_State *L, const lua_Debug *ar) {
  bool ours = false;
  if (lua_getfield(L, LUA_REGISTRYINDEX, "limn.luadir") == LUA_TSTRING) {
    size_t n;
    const char *dir = lua_tolstring(L, -1, &n);
    ours = ar->source[0] == '@' && strncmp(ar->source + 1, dir, n) == 0 && ar->source[1 + n] == '/';
  }
  lua_pop(L, 1);
  return ours;
}

/* Pushes the name of the chunk whose tail call, such as `return limn.experiment{...}`, removed its
 * frame from the stack: the chunk that the program runs, else the script of the stock interpreter.
 * */
static void push_last_place(lua_State *L) {
  int kind = lua_getfield(L, LUA_REGISTRYINDEX, LIMN_CHUNK_KEY);
  if (kind == LUA_TNIL) {
    lua_pop(L, 1);
    lua_pushglobaltable(L);
    lua_pushliteral(L, "arg");
    if (lua_rawget(L, -2) == LUA_TTABLE) lua_rawgeti(L, -1, 0);
    const char *path = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
    if (!path || access(path, R_OK) != 0) lua_pushboolean(L, 0);
  }
  if (lua_type(L, -1) == LUA_TSTRING)
    lua_pushfstring(L, "%s (in a tail call): ", lua_tostring(L, -1));
  else
    lua_pushliteral(L, "");
}

void bind_where(lua_State *L) {
  lua_Debug ar;
  bool tail = false;
  int top = lua_gettop(L);
  for (int level = 1; lua_getstack(L, level, &ar); level++) {
    lua_getinfo(L, "Slt", &ar);
    tail = tail || ar.istailcall;
    if (ar.currentline <= 0 || is_ours(L, &ar)) continue;
    lua_pushfstring(L, "%s:%d: ", ar.short_src, ar.currentline);
    return;
  }
  luaL_checkstack(L, 8, "position");
  if (tail)
    push_last_place(L);
  else
    lua_pushliteral(L, "");
  lua_insert(L, top + 1);
  lua_settop(L, top + 1);
}

int bind_error(lua_State *L, const char *format, ...) {
  char text[760];
  va_list ap;
  va_start(ap, format);
  vsnprintf(text, sizeof text, format, ap);
  va_end(ap);
  bind_where(L);
  lua_pushstring(L, text);
  lua_concat(L, 2);
  lua_error(L);
  __builtin_unreachable();
}

/* The progress callbacks of the host, or NULL. */
static const limn_progress *progress_of(lua_State *L) {
  const limn_progress *p = NULL;
  if (lua_getfield(L, LUA_REGISTRYINDEX, LIMN_PROGRESS_FIELD) == LUA_TLIGHTUSERDATA)
    p = lua_touserdata(L, -1);
  lua_pop(L, 1);
  return p;
}

/* The time budget's end in limn_seconds(); 0: none. */
static double deadline_of(lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, LIMN_DEADLINE_KEY);
  double deadline = lua_tonumber(L, -1);
  lua_pop(L, 1);
  return deadline;
}

void bind_done(lua_State *L) {
  const limn_progress *p = progress_of(L);
  bind_ctrlc_end();
  if (p) p->end(p->user);
}

void bind_check(lua_State *L, limn_status status, const limn_err *err, const char *who) {
  char text[700];
  bind_done(L);
  if (status == LIMN_OK) return;
  if (status == LIMN_ECANCELLED) {
    double deadline = deadline_of(L);
    if (deadline > 0 && limn_seconds() > deadline) {
      bind_where(L);
      bind_time_over(L, lua_tostring(L, -1));
    }
    bind_served(L);
    bind_where(L);
    bind_interrupt(L, lua_tostring(L, -1));
  }
  bind_error(L, "%s",
             err ? limn_err_text(text, sizeof text, err, who, 1) : limn_status_name(status));
}

int bind_failed(lua_State *L, limn_status status, const limn_err *err, const char *who) {
  char text[700];
  bind_done(L);
  if (status != LIMN_EIO && status != LIMN_EFORMAT && status != LIMN_ENUMERIC)
    bind_check(L, status, err, who);
  lua_pushnil(L);
  lua_pushstring(L, limn_err_text(text, sizeof text, err, who, 1));
  return 2;
}

limn_token bind_token(lua_State *L) {
  limn_token token = {0};
  if (lua_getfield(L, LUA_REGISTRYINDEX, LIMN_CANCEL_FIELD) == LUA_TLIGHTUSERDATA)
    token.cancel = (const volatile sig_atomic_t *)lua_touserdata(L, -1);
  else
    token.cancel = bind_ctrlc_begin(L);
  lua_pop(L, 1);
  token.deadline = deadline_of(L);
  const limn_progress *p = progress_of(L);
  if (p) {
    token.report = p->report;
    token.user = p->user;
    p->begin(p->user);
  }
  return token;
}

bool bind_hosted(lua_State *L) {
  bool hosted = lua_getfield(L, LUA_REGISTRYINDEX, LIMN_CANCEL_FIELD) == LUA_TLIGHTUSERDATA;
  lua_pop(L, 1);
  return hosted;
}

void bind_served(lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, LIMN_SERVED_FIELD);
  lua_CFunction served = lua_tocfunction(L, -1);
  lua_pop(L, 1);
  if (served)
    served(L); /* lua_call would first run the hook that served() removes */
  else
    bind_ctrlc_served(L);
}

const char *bind_typename(lua_State *L, int idx) {
  if (luaL_getmetafield(L, idx, "__name") == LUA_TSTRING) {
    const char *name = lua_tostring(L, -1);
    lua_pop(L, 1); /* the metatable holds a reference */
    return name;
  }
  return luaL_typename(L, idx);
}

/* What to write in place of a table where a whole number is expected: m:sum{axis = 1}. */
static const char *in_place_of(lua_State *L, int idx) {
  if (!lua_istable(L, idx)) return "";
  bool kept = lua_getfield(L, idx, "keepdims") != LUA_TNIL;
  lua_pop(L, 1);
  return kept ? "; there is no keepdims: a:sum(1):reshape(1, n) keeps a dimension of size 1"
              : "; it goes without a name";
}

lua_Integer bind_checkint(lua_State *L, int idx, const char *who, const char *name, lua_Integer low,
                          lua_Integer high) {
  int exact = 0;
  lua_Integer n = 0;
  if (lua_type(L, idx) == LUA_TNUMBER) n = lua_tointegerx(L, idx, &exact);
  if (!exact || n < low || n > high) {
    char got[128];
    if (lua_type(L, idx) == LUA_TNUMBER)
      snprintf(got, sizeof got, isnan(lua_tonumber(L, idx)) ? "nan" : "%.17g",
               lua_tonumber(L, idx));
    else
      snprintf(got, sizeof got, "%.36s%s", bind_typename(L, idx), in_place_of(L, idx));
    if (high == LUA_MAXINTEGER)
      bind_error(L, "%s: %s must be a whole number >= %lld, got %s", who, name, (long long)low,
                 got);
    bind_error(L, "%s: %s must be a whole number in %lld .. %lld, got %s", who, name,
               (long long)low, (long long)high, got);
  }
  return n;
}

double bind_checkfinite(lua_State *L, int idx, const char *who, const char *name) {
  if (lua_type(L, idx) != LUA_TNUMBER)
    bind_error(L, "%s: %s must be a number, got %s", who, name, bind_typename(L, idx));
  double x = lua_tonumber(L, idx);
  if (!isfinite(x))
    bind_error(L, "%s: %s must be finite, got %s", who, name,
               isnan(x) ? "nan"
               : x > 0  ? "inf"
                        : "-inf");
  return x;
}

void bind_offheap(lua_State *L, uint64_t bytes) {
  lua_getfield(L, LUA_REGISTRYINDEX, "limn.offheap");
  uint64_t since = (uint64_t)lua_tointeger(L, -1) + bytes;
  lua_pop(L, 1);
  if (since > (uint64_t)128 << 20) {
    lua_gc(L, LUA_GCCOLLECT);
    since = bytes;
  }
  lua_pushinteger(L, (lua_Integer)since);
  lua_setfield(L, LUA_REGISTRYINDEX, "limn.offheap");
}

void bind_class(lua_State *L, const char *name, const luaL_Reg *methods,
                const luaL_Reg *metamethods) {
  if (!luaL_newmetatable(L, name)) {
    lua_pop(L, 1);
    return;
  }
  if (metamethods) luaL_setfuncs(L, metamethods, 0);
  lua_newtable(L);
  if (methods) luaL_setfuncs(L, methods, 0);
  if (lua_getfield(L, -2, "__index") == LUA_TNIL) {
    lua_pushvalue(L, -2);
    lua_setfield(L, -4, "__index");
  }
  lua_pop(L, 1);
  lua_setfield(L, -2, "__methods"); /* for classes with an __index function of their own */
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
}
