/* message.c: limn.native.message: exact encoding of a measured result as bytes, which a worker
 * sends to its parent and the store keeps. A result is a flat table from names to numbers, strings,
 * booleans or arrays. src/sys/message.h describes the bytes. */
#include "bind/bind.h"

#include <stdlib.h>
#include <string.h>

#include "core/entry.h"
#include "sys/message.h"

typedef struct name {
  const char *text;
  size_t length;
} name;

static int by_text(const void *x, const void *y) {
  const name *a = x, *b = y;
  int order = memcmp(a->text, b->text, a->length < b->length ? a->length : b->length);
  return order ? order : (a->length > b->length) - (a->length < b->length);
}

static void put(char **p, const void *bytes, size_t n) {
  if (n) memcpy(*p, bytes, n);
  *p += n;
}

/* Whole numbers and masks are sent as doubles. */
static size_t item_of(limn_dtype dtype) {
  return dtype == LIMN_F32 ? sizeof(float) : sizeof(double);
}

/* Encoded size of the value at the top, in bytes; raises if it cannot be encoded. */
static size_t size_of(lua_State *L, const char *of) {
  size_t n;
  switch (lua_type(L, -1)) {
  case LUA_TNUMBER:
    return 1 + 8;
  case LUA_TSTRING:
    lua_tolstring(L, -1, &n);
    return 1 + 8 + n;
  case LUA_TBOOLEAN:
    return 1 + 1;
  default: {
    const limn_array *a = bind_testarray(L, -1);
    if (!a) {
      lua_pushfstring(L,
                      "measure: %s is a %s; results must be numbers, strings, booleans or arrays",
                      of, bind_typename(L, -1));
      lua_error(L);
    }
    return 2 + 8 * (size_t)a->rank + item_of(a->dtype) * limn_array_size(a);
  }
  }
}

static void put_array(char **p, const limn_array *a) {
  size_t n = limn_array_size(a), item = item_of(a->dtype);
  uint8_t rank = (uint8_t)a->rank;
  put(p, a->dtype == LIMN_F32 ? "a" : "A", 1);
  put(p, &rank, 1);
  for (int k = 0; k < a->rank; k++) put(p, &(uint64_t){a->dims[k]}, 8);
  bool sent_as_stored = limn_dtype_size(a->dtype) == item && a->dtype != LIMN_I64;
  if (sent_as_stored && limn_array_contiguous(a)) {
    put(p, a->data, n * item);
    return;
  }
  for (size_t i = 0; i < n; i++) {
    size_t k = i % a->dims[2], j = i / a->dims[2] % a->dims[1], l = i / a->dims[2] / a->dims[1];
    ptrdiff_t at =
        (ptrdiff_t)l * a->stride[0] + (ptrdiff_t)j * a->stride[1] + (ptrdiff_t)k * a->stride[2];
    if (sent_as_stored)
      put(p, limn_entry_address(a, at), item);
    else
      put(p, &(double){limn_entry_get(a, at)}, sizeof(double));
  }
}

static void put_value(lua_State *L, char **p) {
  size_t n;
  switch (lua_type(L, -1)) {
  case LUA_TNUMBER:
    if (lua_isinteger(L, -1)) {
      put(p, "i", 1);
      put(p, &(int64_t){lua_tointeger(L, -1)}, 8);
    } else {
      put(p, "d", 1);
      put(p, &(double){lua_tonumber(L, -1)}, 8);
    }
    break;
  case LUA_TSTRING: {
    const char *s = lua_tolstring(L, -1, &n);
    put(p, "s", 1);
    put(p, &(uint64_t){n}, 8);
    put(p, s, n);
    break;
  }
  case LUA_TBOOLEAN:
    put(p, "b", 1);
    put(p, &(uint8_t){(uint8_t)lua_toboolean(L, -1)}, 1);
    break;
  default:
    put_array(p, bind_testarray(L, -1));
  }
}

/* encode(result) -> bytes; raises for a result that a measurement must not return */
static int l_encode(lua_State *L) {
  if (lua_type(L, 1) != LUA_TTABLE) {
    lua_pushfstring(L, "measure: expected a table of named values, got %s", bind_typename(L, 1));
    return lua_error(L);
  }
  lua_settop(L, 1);
  size_t count = 0, total = 4;
  for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) count++;
  name *names = lua_newuserdatauv(L, (count ? count : 1) * sizeof *names, 0);
  size_t at = 0;
  for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TSTRING) {
      lua_pushfstring(L, "measure: results must have names, got the key %s",
                      luaL_tolstring(L, -2, NULL));
      return lua_error(L);
    }
    name *n = &names[at++];
    n->text = lua_tolstring(L, -2, &n->length); /* the table holds a reference */
    total += 4 + n->length + size_of(L, n->text);
  }
  qsort(names, count, sizeof *names, by_text);
  luaL_Buffer b;
  char *p = luaL_buffinitsize(L, &b, total);
  put(&p, &(uint32_t){(uint32_t)count}, 4);
  for (size_t i = 0; i < count; i++) {
    put(&p, &(uint32_t){(uint32_t)names[i].length}, 4);
    put(&p, names[i].text, names[i].length);
    lua_pushlstring(L, names[i].text, names[i].length);
    lua_rawget(L, 1);
    put_value(L, &p);
    lua_pop(L, 1);
  }
  luaL_pushresultsize(&b, total);
  return 1;
}

/* ---- reading ---- */

static void push_item(lua_State *L, const limn_message_item *item) {
  int64_t i;
  double d;
  switch (item->kind) {
  case 'i':
    memcpy(&i, item->bytes, sizeof i);
    lua_pushinteger(L, i);
    break;
  case 'd':
    memcpy(&d, item->bytes, sizeof d);
    lua_pushnumber(L, d);
    break;
  case 's':
    lua_pushlstring(L, item->bytes, item->size);
    break;
  case 'b':
    lua_pushboolean(L, *item->bytes);
    break;
  default: {
    limn_dtype dtype = item->kind == 'A' ? LIMN_F64 : LIMN_F32;
    limn_array *a = bind_newarray(L, dtype, item->rank, item->dims);
    if (item->size) memcpy(a->data, item->bytes, item->size);
  }
  }
}

/* decode(bytes[, into]) -> result, in a new table or added to `into` */
static int l_decode(lua_State *L) {
  limn_message m;
  limn_message_item item;
  size_t n;
  const char *bytes = luaL_checklstring(L, 1, &n);
  bool fine = limn_message_open(&m, bytes, n);
  lua_settop(L, 2);
  if (lua_isnil(L, 2))
    lua_createtable(L, 0, m.count < 1000 ? (int)m.count : 0);
  else
    luaL_checktype(L, 2, LUA_TTABLE);
  int more = fine ? 1 : -1;
  while (more > 0 && (more = limn_message_next(&m, &item)) > 0) {
    lua_pushlstring(L, item.name, item.length);
    push_item(L, &item);
    lua_rawset(L, -3);
  }
  if (more < 0) luaL_error(L, "values of a cell: damaged");
  return 1;
}

bool bind_iswhole(const char *bytes, size_t n) {
  limn_message m;
  limn_message_item item;
  int more = limn_message_open(&m, bytes, n) ? 1 : -1;
  while (more > 0) more = limn_message_next(&m, &item);
  return more == 0;
}

/* whole(bytes) -> whether they have the format of encode; creates no values */
static int l_whole(lua_State *L) {
  size_t n;
  const char *bytes = luaL_checklstring(L, 1, &n);
  lua_pushboolean(L, bind_iswhole(bytes, n));
  return 1;
}

int l_open_message(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"encode", l_encode}, {"decode", l_decode}, {"whole", l_whole}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
