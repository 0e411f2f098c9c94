/* guards.c: Lua's own C functions for scripts that are not trusted. A count hook sees only
 * instructions of Lua code, so a C function whose time is not bounded by the memory could run for
 * ever: patterns that backtrack, string.rep of "", table functions on tables that pretend to be
 * long, and finalizers and message handlers, during which Lua calls no hook. */
#include "host/host.h"

#include <limits.h>
#include <math.h>
#include <string.h>

static const double MOST_STEPS = 2e10; /* of a pattern, by the bound that pattern_steps gives */
static const lua_Integer MOST_ENTRIES = 10000000;

/* Calls upvalue 1 with the n arguments. */
static int forward(lua_State *L) {
  int n = lua_gettop(L);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, n, LUA_MULTRET);
  return lua_gettop(L);
}

/* A bound of the steps that a pattern takes on n characters: each quantifier, and the free start,
 * may take every length up to n. */
static double pattern_steps(const char *p, size_t size, double n) {
  double steps = size > 0 && p[0] == '^' ? 1 : n;
  for (size_t i = 0; i < size; i++) {
    if (p[i] == '%' && i + 1 < size) {
      bool long_ = p[i + 1] == 'b' || (p[i + 1] >= '0' && p[i + 1] <= '9');
      i++;
      if (long_) steps *= n;
    } else if (p[i] == '[') { /* a set: its characters are no quantifiers */
      i++;
      if (i < size && p[i] == '^') i++;
      do {
        if (i < size && p[i] == '%') i++;
        i++;
      } while (i < size && p[i] != ']');
    } else if (i > 0 && (p[i] == '*' || p[i] == '+' || p[i] == '-')) {
      steps *= n;
    } else if (i > 0 && p[i] == '?') {
      steps *= 2;
    }
  }
  return steps;
}

/* Whether one of limn's own Lua files calls. Scripts cannot name their code so (sandbox.c). */
static bool called_by_limn(lua_State *L) {
  lua_Debug ar;
  size_t n;
  if (!lua_getstack(L, 1, &ar)) return false;
  lua_getinfo(L, "S", &ar);
  lua_getfield(L, LUA_REGISTRYINDEX, "limn.luadir");
  const char *folder = lua_tolstring(L, -1, &n);
  bool own = folder && ar.source[0] == '@' && strncmp(ar.source + 1, folder, n) == 0 &&
             ar.source[n + 1] == '/';
  lua_pop(L, 1);
  return own;
}

/* find, match, gmatch, gsub. Upvalue 2: whether the fourth argument asks for plain text. */
static int l_match(lua_State *L) {
  size_t n, size;
  luaL_checklstring(L, 1, &n);
  const char *p = luaL_checklstring(L, 2, &size);
  bool plain = lua_toboolean(L, lua_upvalueindex(2)) && lua_toboolean(L, 4);
  if (plain || !strpbrk(p, "*+-?%[^$.(")) return forward(L);
  if (pattern_steps(p, size, (double)n + 1) > MOST_STEPS && !called_by_limn(L))
    return luaL_error(L, "the pattern may take too long on %d characters in a sandbox", (int)n);
  return forward(L);
}

static int l_rep(lua_State *L) {
  size_t n, between = 0;
  luaL_checklstring(L, 1, &n);
  luaL_optlstring(L, 3, "", &between);
  if (n + between > 0) return forward(L);
  lua_pushliteral(L, "");
  return 1;
}

/* Refuses tables whose length or entries functions compute, or that seem to be long. */
static void check_plain(lua_State *L, int idx) {
  luaL_checktype(L, idx, LUA_TTABLE);
  if (lua_getmetatable(L, idx)) luaL_argerror(L, idx, "must have no metatable in a sandbox");
  if (lua_rawlen(L, idx) > (lua_Unsigned)MOST_ENTRIES)
    luaL_argerror(L, idx, "has too many entries for a sandbox");
}

static int l_table(lua_State *L) {
  check_plain(L, 1);
  return forward(L);
}

/* concat(t, between, i, j) and unpack(t, i, j); upvalue 2: the index of i. */
static int l_range(lua_State *L) {
  int at = (int)lua_tointeger(L, lua_upvalueindex(2));
  check_plain(L, 1);
  lua_Integer first = luaL_optinteger(L, at, 1),
              last = luaL_optinteger(L, at + 1, (lua_Integer)lua_rawlen(L, 1));
  if (last > first && (lua_Unsigned)last - (lua_Unsigned)first > (lua_Unsigned)MOST_ENTRIES)
    return luaL_error(L, "the range is too long for a sandbox");
  return forward(L);
}

static int l_move(lua_State *L) {
  check_plain(L, 1);
  lua_Integer first = luaL_checkinteger(L, 2), last = luaL_checkinteger(L, 3);
  if (last > first && (lua_Unsigned)last - (lua_Unsigned)first > (lua_Unsigned)MOST_ENTRIES)
    return luaL_error(L, "the range is too long for a sandbox");
  if (!lua_isnoneornil(L, 5)) check_plain(L, 5);
  return forward(L);
}

static int l_setmetatable(lua_State *L) {
  if (lua_type(L, 2) == LUA_TTABLE) {
    lua_pushliteral(L, "__gc");
    lua_rawget(L, 2);
    if (!lua_isnil(L, -1)) return luaL_error(L, "a sandbox has no finalizers (__gc)");
    lua_pop(L, 1);
  }
  return forward(L);
}

/* collectgarbage("count" | "collect" | "step"). */
static int l_collect(lua_State *L) {
  static const char *const options[] = {"collect", "count", "step", NULL};
  luaL_checkoption(L, 1, "collect", options);
  lua_settop(L, 1);
  return forward(L);
}

/* xpcall whose message handler runs after the error has left the function: where the error is that
 * of a hook, a handler of Lua's own xpcall would run without hooks. */
static const char XPCALL[] = "local pcall, select, pack, unpack = ...\n"
                             "return function(f, handler, ...)\n"
                             "  local r = pack(pcall(f, ...))\n"
                             "  if r[1] then return unpack(r, 1, r.n) end\n"
                             "  return false, select(2, pcall(handler, r[2]))\n"
                             "end\n";

static void set_xpcall(lua_State *L, int from) {
  if (luaL_loadbufferx(L, XPCALL, sizeof XPCALL - 1, "=xpcall", "t") != LUA_OK) lua_error(L);
  lua_getfield(L, from, "pcall");
  lua_getfield(L, from, "select");
  lua_getfield(L, from, "table");
  lua_getfield(L, -1, "pack");
  lua_getfield(L, -2, "unpack");
  lua_remove(L, -3);
  lua_call(L, 4, 1);
  lua_setfield(L, -2, "xpcall");
}

typedef struct {
  const char *name;
  lua_CFunction f; /* NULL: as it is */
  int upvalue;
} guard;

static const guard strings[] = {
    {"find", l_match, 1}, {"match", l_match, 0}, {"gmatch", l_match, 0}, {"gsub", l_match, 0},
    {"rep", l_rep, 0},    {"byte", NULL, 0},     {"char", NULL, 0},      {"format", NULL, 0},
    {"len", NULL, 0},     {"lower", NULL, 0},    {"upper", NULL, 0},     {"reverse", NULL, 0},
    {"sub", NULL, 0},     {"pack", NULL, 0},     {"unpack", NULL, 0},    {"packsize", NULL, 0}};
static const guard tables[] = {{"concat", l_range, 3}, {"unpack", l_range, 2}, {"move", l_move, 0},
                               {"insert", l_table, 0}, {"remove", l_table, 0}, {"sort", l_table, 0},
                               {"pack", NULL, 0}};

/* Pushes a table of guarded functions of the table at `library`. */
static void push_guarded(lua_State *L, int library, const guard *list, size_t n) {
  library = lua_absindex(L, library);
  lua_createtable(L, 0, (int)n);
  for (size_t i = 0; i < n; i++) {
    lua_getfield(L, library, list[i].name);
    if (list[i].f) {
      lua_pushinteger(L, list[i].upvalue);
      if (list[i].f == l_match) lua_pushboolean(L, list[i].upvalue), lua_remove(L, -2);
      lua_pushcclosure(L, list[i].f, 2);
    }
    lua_setfield(L, -2, list[i].name);
  }
}

static void set_guard(lua_State *L, int from, const char *name, lua_CFunction f) {
  lua_getfield(L, from, name);
  lua_pushcclosure(L, f, 1);
  lua_setfield(L, -2, name);
}

/* A copy of a library, so that scripts cannot change that of limn's files. */
static void copy_library(lua_State *L, int from, const char *name) {
  lua_getfield(L, from, name);
  lua_newtable(L);
  for (lua_pushnil(L); lua_next(L, -3);) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_settable(L, -4);
  }
  lua_remove(L, -2);
  lua_setfield(L, -2, name);
}

void host_guard(lua_State *L, int from) {
  set_guard(L, from, "setmetatable", l_setmetatable);
  set_guard(L, from, "collectgarbage", l_collect);
  set_xpcall(L, from);
  lua_getfield(L, from, "string");
  push_guarded(L, -1, strings, sizeof strings / sizeof *strings);
  lua_setfield(L, -3, "string");
  /* methods of strings: a table that no script holds */
  lua_pushliteral(L, "");
  lua_getmetatable(L, -1);
  push_guarded(L, -3, strings, sizeof strings / sizeof *strings);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 3);
  lua_getfield(L, from, "table");
  push_guarded(L, -1, tables, sizeof tables / sizeof *tables);
  lua_setfield(L, -3, "table");
  lua_pop(L, 1);
  static const char *const copied[] = {"math", "utf8", "coroutine"};
  for (int i = 0; i < 3; i++) copy_library(L, from, copied[i]);
}
