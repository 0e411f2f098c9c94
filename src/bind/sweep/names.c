/* names.c: limn.native.names: the canonical text of cells, their names (hashes of that text), and
 * tables of the names of all cells of a sweep. A table holds no Lua strings; one query looks all
 * its names up in a store. In SQL, place(id) is the number under which a name was added, or NULL
 * (see database:places in sqlite.c). */
#include "bind/bind.h"

#include "sys/cell_text.h"
#include "sys/hash.h"
#include "sys/name_table.h"

#define NAMES "limn.names"
#define TEXT "limn.names.text"

typedef struct names {
  limn_name_table table;
  limn_cell_text text; /* of the cell that is being added; its memory is reused */
} names;

int bind_pushhash(lua_State *L, limn_hash h) {
  char digits[LIMN_HASH_DIGITS];
  limn_hash_write(h, digits);
  lua_pushlstring(L, digits, sizeof digits);
  lua_pushinteger(L, (lua_Integer)(h.low >> 1));
  return 2;
}

/* The text buffer that the functions of the module share. */
static limn_cell_text *shared_text(lua_State *L) {
  limn_cell_text *t = lua_touserdata(L, lua_upvalueindex(1));
  limn_cell_clear(t);
  return t;
}

static void add_string(lua_State *L, limn_cell_text *t) {
  size_t n;
  luaL_checktype(L, -1, LUA_TSTRING);
  const char *text = lua_tolstring(L, -1, &n);
  limn_cell_add(t, text, n);
}

/* The name of the object with the members in the table at `members`. A member that is an integer i
 * stands for the text heads[..] followed by i. */
static limn_hash name_of(lua_State *L, limn_cell_text *t, int members, int heads) {
  lua_Integer count = (lua_Integer)lua_rawlen(L, members);
  limn_err err;
  limn_cell_clear(t);
  limn_cell_begin(t);
  for (lua_Integer i = 1; i <= count; i++) {
    if (i > 1) limn_cell_next(t);
    lua_rawgeti(L, members, i);
    if (lua_isinteger(L, -1)) {
      lua_rawgeti(L, heads, i);
      add_string(L, t);
      lua_pop(L, 1);
      limn_cell_integer(t, lua_tointeger(L, -1));
    } else {
      add_string(L, t);
    }
    lua_pop(L, 1);
  }
  limn_cell_end(t);
  limn_status status = limn_cell_check(t, &err);
  if (status != LIMN_OK) bind_check(L, status, &err, "");
  return limn_hash_bytes(t->bytes, t->used);
}

/* hash({member, ...}, {head, ...}) -> posix.hash("{" .. table.concat(members, ",") .. "}") without
 * building that text; a member that is an integer i stands for head .. i */
static int l_hash(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checktype(L, 2, LUA_TTABLE);
  return bind_pushhash(L, name_of(L, shared_text(L), 1, 2));
}

/* The value at the top; false if a cell cannot have it. A string is valid as long as its table. */
static bool value_at_top(lua_State *L, limn_cell_value *v) {
  switch (lua_type(L, -1)) {
  case LUA_TBOOLEAN:
    v->kind = LIMN_CELL_BOOLEAN;
    v->as.boolean = lua_toboolean(L, -1);
    return true;
  case LUA_TNUMBER:
    v->kind = lua_isinteger(L, -1) ? LIMN_CELL_INTEGER : LIMN_CELL_REAL;
    if (lua_isinteger(L, -1))
      v->as.integer = lua_tointeger(L, -1);
    else
      v->as.real = lua_tonumber(L, -1);
    return true;
  case LUA_TSTRING:
    v->kind = LIMN_CELL_STRING;
    v->as.string.bytes = lua_tolstring(L, -1, &v->as.string.length);
    return true;
  default:
    return false;
  }
}

/* Pushes the text; or nil and why there is none. */
static int push_text(lua_State *L, const limn_cell_text *t, limn_status status, limn_err *err) {
  if (status == LIMN_OK) status = limn_cell_check(t, err);
  if (status == LIMN_OK) return lua_pushlstring(L, t->bytes, t->used), 1;
  lua_pushnil(L);
  lua_pushstring(L, err->text);
  return 2;
}

/* value(v) -> the canonical text of one value; or nil, "is not UTF-8 text" and such */
static int l_value(lua_State *L) {
  limn_cell_value v;
  limn_err err;
  luaL_checkany(L, 1);
  lua_settop(L, 1);
  limn_cell_text *t = shared_text(L);
  if (value_at_top(L, &v)) return push_text(L, t, limn_cell_value_write(t, &v, &err), &err);
  lua_pushnil(L);
  lua_pushfstring(L, "is a %s, not a number, string or boolean", bind_typename(L, 1));
  return 2;
}

/* head(name) -> the canonical text of a name, with its colon; or nil, "is not UTF-8 text" */
static int l_head(lua_State *L) {
  size_t n;
  limn_err err;
  luaL_checktype(L, 1, LUA_TSTRING);
  const char *name = lua_tolstring(L, 1, &n);
  limn_cell_text *t = shared_text(L);
  return push_text(L, t, limn_cell_head(t, name, n, &err), &err);
}

/* text{name = value, ...} -> the canonical text of a cell's parameters; or nil, message */
static int l_text(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  size_t count = 0, at = 0;
  limn_err err;
  for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) count++;
  limn_cell_member *members = lua_newuserdatauv(L, (count + 1) * sizeof *members, 0);
  for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
    limn_cell_member *m = &members[at++];
    if (lua_type(L, -2) != LUA_TSTRING)
      return lua_pushnil(L), lua_pushliteral(L, "the name of a parameter is not a string"), 2;
    m->name = lua_tolstring(L, -2, &m->length); /* the table keeps it alive */
    if (!value_at_top(L, &m->value))
      return lua_pushnil(L), lua_pushfstring(L, "%s is not a number, string or boolean", m->name),
             2;
  }
  limn_cell_text *t = shared_text(L);
  return push_text(L, t, limn_cell_write(t, members, count, &err), &err);
}

static int l_text_gc(lua_State *L) {
  limn_cell_free(luaL_checkudata(L, 1, TEXT));
  return 0;
}

static int l_names_gc(lua_State *L) {
  names *n = luaL_checkudata(L, 1, NAMES);
  limn_name_table_free(&n->table);
  limn_cell_free(&n->text);
  return 0;
}

/* new() -> names */
static int l_new_names(lua_State *L) {
  names *n = lua_newuserdatauv(L, sizeof *n, 0);
  *n = (names){0};
  luaL_setmetatable(L, NAMES);
  return 1;
}

/* names:add({member, ...}, {head, ...}, place): adds the name that `hash` returns. */
static int l_add(lua_State *L) {
  names *n = luaL_checkudata(L, 1, NAMES);
  luaL_checktype(L, 2, LUA_TTABLE);
  luaL_checktype(L, 3, LUA_TTABLE);
  lua_Integer place = luaL_checkinteger(L, 4);
  limn_err err;
  limn_status status = limn_name_table_add(&n->table, name_of(L, &n->text, 2, 3), place, &err);
  if (status != LIMN_OK) bind_check(L, status, &err, "");
  return 0;
}

limn_name_table *bind_checknames(lua_State *L, int idx) {
  names *n = luaL_checkudata(L, idx, NAMES);
  return &n->table;
}

int l_open_names(lua_State *L) {
  static const luaL_Reg methods[] = {{"add", l_add}, {NULL, NULL}};
  static const luaL_Reg meta[] = {{"__gc", l_names_gc}, {NULL, NULL}};
  static const luaL_Reg text_meta[] = {{"__gc", l_text_gc}, {NULL, NULL}};
  static const luaL_Reg functions[] = {{"new", l_new_names}, {NULL, NULL}};
  static const luaL_Reg with_text[] = {
      {"hash", l_hash}, {"value", l_value}, {"head", l_head}, {"text", l_text}, {NULL, NULL}};
  bind_class(L, NAMES, methods, meta);
  bind_class(L, TEXT, NULL, text_meta);
  luaL_newlib(L, functions);
  limn_cell_text *t = lua_newuserdatauv(L, sizeof *t, 0);
  *t = (limn_cell_text){0};
  luaL_setmetatable(L, TEXT);
  luaL_setfuncs(L, with_text, 1);
  return 1;
}
