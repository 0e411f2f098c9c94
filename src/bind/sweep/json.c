/* json.c: limn.native.json: Lua values as JSON text, and back (jansson): sorted keys, no spaces,
 * integers without a point, other numbers with 17 digits. */
#include "bind/bind.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BOX "limn.json"
#define LIST "limn.json.list"
enum { DEEPEST = 64 };

/* Memory that an error must free. */
typedef struct box {
  json_t *value;
  char *text;
} box;

static int l_box_gc(lua_State *L) {
  box *b = luaL_checkudata(L, 1, BOX);
  json_decref(b->value);
  free(b->text);
  *b = (box){NULL, NULL};
  return 0;
}

static box *push_box(lua_State *L) {
  box *b = lua_newuserdatauv(L, sizeof *b, 0);
  *b = (box){NULL, NULL};
  luaL_setmetatable(L, BOX);
  return b;
}

/* ---- to JSON: nothing here raises, so that what was built so far can be released ----------------
 */

typedef struct writer {
  const char *why; /* why a conversion returned NULL */
} writer;

static json_t *real(double v) {
  if (isfinite(v)) return json_real(v == 0 ? 0.0 : v); /* -0 and 0 are equal, so one text */
  return json_string(isnan(v) ? "nan" : v > 0 ? "inf" : "-inf");
}

/* The length of the UTF-8 character at s, of at most n bytes; 0 if there is none. */
static size_t character(const char *s, size_t n) {
  unsigned char c = (unsigned char)s[0];
  size_t length = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
  json_t *one = length <= n ? json_stringn(s, length) : NULL;
  json_decref(one);
  return one ? length : 0;
}

/* A byte that is no part of a UTF-8 character is written as the four characters \xHH. */
static json_t *string(const char *s, size_t n) {
  json_t *out = json_stringn(s, n);
  if (out) return out;
  char *wide = malloc(4 * n + 1), *p = wide;
  if (!wide) return NULL;
  for (size_t i = 0; i < n;) {
    size_t length = character(s + i, n - i);
    if (length > 0) {
      memcpy(p, s + i, length);
      p += length;
      i += length;
    } else {
      p += snprintf(p, 5, "\\x%02x", (unsigned)(unsigned char)s[i++]);
    }
  }
  out = json_stringn(wide, (size_t)(p - wide));
  free(wide);
  return out;
}

/* The numbers from `*next` on, as nested lists in the shape of the array. */
static json_t *numbers(const limn_array *a, int dim, const double **next) {
  json_t *list = json_array();
  for (size_t i = 0; list && i < a->dims[dim]; i++) {
    bool deeper = dim + 1 < a->rank && dim + 1 < LIMN_MAX_RANK;
    json_t *item = deeper ? numbers(a, dim + 1, next) : real(*(*next)++);
    if (json_array_append_new(list, item) != 0) {
      json_decref(list);
      return NULL;
    }
  }
  return list;
}

static json_t *array(const limn_array *a) {
  size_t n = limn_array_size(a);
  double *all = malloc((n ? n : 1) * sizeof *all);
  const double *next = all;
  if (!all) return NULL;
  limn_array_read(a, all);
  json_t *out = numbers(a, 0, &next);
  free(all);
  return out;
}

static json_t *convert(lua_State *L, int idx, writer *w, int depth);

/* Whether list() marked the table as a list, which matters if it is empty. */
static bool is_list(lua_State *L, int idx) {
  if (!lua_getmetatable(L, idx)) return false;
  luaL_getmetatable(L, LIST);
  bool same = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return same;
}

static json_t *table(lua_State *L, int idx, writer *w, int depth) {
  if (!lua_checkstack(L, 4)) return w->why = "is nested too deep", NULL;
  size_t n = lua_rawlen(L, idx);
  if (n == 0 && is_list(L, idx)) return json_array();
  json_t *out = n > 0 ? json_array() : json_object();
  if (depth > DEEPEST) w->why = "is nested too deep";
  for (size_t i = 1; n > 0 && i <= n && !w->why; i++) {
    lua_rawgeti(L, idx, (lua_Integer)i);
    if (json_array_append_new(out, convert(L, lua_gettop(L), w, depth + 1)) != 0 && !w->why)
      w->why = "does not fit into memory";
    lua_pop(L, 1);
  }
  if (n == 0) lua_pushnil(L);
  while (n == 0 && !w->why && lua_next(L, idx)) {
    size_t length;
    const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tolstring(L, -2, &length) : NULL;
    if (!key || strlen(key) != length)
      w->why = "has a key that is not a string";
    else if (json_object_set_new(out, key, convert(L, lua_gettop(L), w, depth + 1)) != 0 && !w->why)
      w->why = "has a key that is not UTF-8";
    lua_pop(L, 1);
  }
  if (!w->why) return out;
  json_decref(out);
  return NULL;
}

/* Returns NULL and sets w->why if the value has no JSON form. */
static json_t *convert(lua_State *L, int idx, writer *w, int depth) {
  json_t *out = NULL;
  size_t n;
  switch (lua_type(L, idx)) {
  case LUA_TNIL:
    out = json_null();
    break;
  case LUA_TBOOLEAN:
    out = json_boolean(lua_toboolean(L, idx));
    break;
  case LUA_TNUMBER:
    out = lua_isinteger(L, idx) ? json_integer(lua_tointeger(L, idx)) : real(lua_tonumber(L, idx));
    break;
  case LUA_TSTRING: {
    const char *s = lua_tolstring(L, idx, &n);
    out = string(s, n);
    break;
  }
  case LUA_TTABLE:
    out = table(L, idx, w, depth);
    break;
  default: {
    const limn_array *a = bind_testarray(L, idx);
    if (a)
      out = array(a);
    else
      w->why = "is not a number, string, boolean, table or array";
  }
  }
  if (!out && !w->why) w->why = "does not fit into memory";
  return out;
}

/* encode(value) -> text; or nil, why there is none. NaN and infinities become strings ("nan",
 * "inf", "-inf"); bytes of strings that are not UTF-8 become \xHH. The text is for display and
 * other tools; sys/cell_text.h writes the exact text of the parameters of a cell. */
static int l_encode(lua_State *L) {
  writer w = {NULL};
  lua_settop(L, 1);
  box *b = push_box(L);
  b->value = convert(L, 1, &w, 0);
  lua_settop(L, 2);
  if (b->value)
    b->text = json_dumps(b->value,
                         JSON_SORT_KEYS | JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(17));
  if (!b->text) return lua_pushnil(L), lua_pushstring(L, w.why ? w.why : "has no JSON form"), 2;
  lua_pushstring(L, b->text);
  lua_pushvalue(L, 2);
  lua_replace(L, 1);
  json_decref(b->value);
  free(b->text);
  *b = (box){NULL, NULL};
  return 1;
}

/* list(table) -> the table, which encode writes as [] when it is empty, not as {} */
static int l_list(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  luaL_newmetatable(L, LIST);
  lua_setmetatable(L, 1);
  return 1;
}

/* ---- from JSON ----------------------------------------------------------------------------------
 */

static void push_value(lua_State *L, const json_t *v, int depth) {
  luaL_checkstack(L, 4, "json");
  if (depth > DEEPEST) luaL_error(L, "json: nested too deep");
  switch (json_typeof(v)) {
  case JSON_OBJECT: {
    const char *name = json_string_value(json_object_get(v, "real"));
    if (name && json_object_size(v) == 1) {
      lua_pushnumber(L, strtod(name, NULL));
      break;
    }
    lua_createtable(L, 0, (int)json_object_size(v));
    for (void *it = json_object_iter((json_t *)(uintptr_t)v); it;
         it = json_object_iter_next((json_t *)(uintptr_t)v, it)) {
      push_value(L, json_object_iter_value(it), depth + 1);
      lua_setfield(L, -2, json_object_iter_key(it));
    }
    break;
  }
  case JSON_ARRAY:
    lua_createtable(L, (int)json_array_size(v), 0);
    for (size_t i = 0; i < json_array_size(v); i++) {
      push_value(L, json_array_get(v, i), depth + 1);
      lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    break;
  case JSON_STRING:
    lua_pushlstring(L, json_string_value(v), json_string_length(v));
    break;
  case JSON_INTEGER:
    lua_pushinteger(L, json_integer_value(v));
    break;
  case JSON_REAL:
    lua_pushnumber(L, json_real_value(v));
    break;
  case JSON_NULL:
    lua_pushnil(L);
    break;
  default:
    lua_pushboolean(L, json_is_true(v));
  }
}

/* decode(text) -> value; nil, message for invalid JSON. {"real":"inf"} is an infinity in the form
 * of sys/cell_text.h. */
static int l_decode(lua_State *L) {
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  box *b = push_box(L);
  json_error_t bad;
  b->value = json_loadb(text, n, JSON_DECODE_ANY | JSON_ALLOW_NUL, &bad);
  if (!b->value) {
    lua_pushnil(L);
    lua_pushfstring(L, "invalid JSON: %s (byte %d)", bad.text, bad.position);
    return 2;
  }
  push_value(L, b->value, 0);
  json_decref(b->value);
  b->value = NULL;
  return 1;
}

int l_open_json(lua_State *L) {
  static const luaL_Reg drop[] = {{"__gc", l_box_gc}, {NULL, NULL}};
  static const luaL_Reg functions[] = {
      {"encode", l_encode}, {"decode", l_decode}, {"list", l_list}, {NULL, NULL}};
  bind_class(L, BOX, NULL, drop);
  luaL_newlib(L, functions);
  return 1;
}
