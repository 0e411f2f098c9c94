/* message.c: limn.native.message: exact encoding of a measured result as bytes, which a worker
 * sends to its parent and the store keeps. A result is a flat table from names to numbers, strings,
 * booleans or arrays.
 *
 * u32 count, then per value in the order of the names: u32 length, name, one letter, value.
 *   i: i64   d: f64   s: u64 length, bytes   b: one byte   A, a: array of f64, f32: u8 rank, u64
 *   dimensions, entries row-major. All little-endian, as every machine that limn runs on. */
#include "bind/bind.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "messages are copied as they are");

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

static size_t item_of(limn_dtype dtype) {
  return dtype == LIMN_F64 ? sizeof(double) : sizeof(float);
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
  put(p, a->dtype == LIMN_F64 ? "A" : "a", 1);
  put(p, &rank, 1);
  for (int k = 0; k < a->rank; k++) put(p, &(uint64_t){a->dims[k]}, 8);
  if (limn_array_contiguous(a)) {
    put(p, a->data, n * item);
    return;
  }
  for (size_t i = 0; i < n; i++) {
    size_t k = i % a->dims[2], j = i / a->dims[2] % a->dims[1], l = i / a->dims[2] / a->dims[1];
    ptrdiff_t at =
        (ptrdiff_t)l * a->stride[0] + (ptrdiff_t)j * a->stride[1] + (ptrdiff_t)k * a->stride[2];
    put(p, (const char *)a->data + at * (ptrdiff_t)item, item);
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

/* ---- reading: bytes of a store are not trusted
 * ---------------------------------------------------- */

typedef struct reader {
  const char *p;
  size_t left;
} reader;

static const char *take(lua_State *L, reader *r, size_t n) {
  if (n > r->left) luaL_error(L, "values of a cell: damaged (%d bytes short)", (int)(n - r->left));
  const char *p = r->p;
  r->p += n;
  r->left -= n;
  return p;
}

static uint64_t take_whole(lua_State *L, reader *r, size_t bytes) {
  uint64_t v = 0;
  memcpy(&v, take(L, r, bytes), bytes);
  return v;
}

static void push_array(lua_State *L, reader *r, limn_dtype dtype) {
  size_t dims[LIMN_MAX_RANK] = {1, 1, 1}, n = item_of(dtype);
  int rank = (int)take_whole(L, r, 1);
  if (rank < 1 || rank > LIMN_MAX_RANK)
    luaL_error(L, "values of a cell: an array of rank %d", rank);
  for (int k = 0; k < rank; k++) {
    dims[k] = take_whole(L, r, 8);
    if (__builtin_mul_overflow(n, dims[k], &n)) n = SIZE_MAX;
  }
  const char *entries = take(L, r, n);
  limn_array *a = bind_newarray(L, dtype, rank, dims);
  if (n) memcpy(a->data, entries, n);
}

static void push_value(lua_State *L, reader *r) {
  char kind = *take(L, r, 1);
  double d;
  size_t n;
  switch (kind) {
  case 'i':
    lua_pushinteger(L, (lua_Integer)take_whole(L, r, 8));
    break;
  case 'd':
    memcpy(&d, take(L, r, 8), 8);
    lua_pushnumber(L, d);
    break;
  case 's':
    n = take_whole(L, r, 8);
    lua_pushlstring(L, take(L, r, n), n);
    break;
  case 'b':
    lua_pushboolean(L, *take(L, r, 1));
    break;
  case 'A':
  case 'a':
    push_array(L, r, kind == 'A' ? LIMN_F64 : LIMN_F32);
    break;
  default:
    luaL_error(L, "values of a cell: damaged (kind %d)", kind);
  }
}

/* decode(bytes[, into]) -> result, in a new table or added to `into` */
static int l_decode(lua_State *L) {
  reader r;
  r.p = luaL_checklstring(L, 1, &r.left);
  uint32_t count = (uint32_t)take_whole(L, &r, 4);
  lua_settop(L, 2);
  if (lua_isnil(L, 2))
    lua_createtable(L, 0, count < 1000 ? (int)count : 0);
  else
    luaL_checktype(L, 2, LUA_TTABLE);
  for (uint32_t i = 0; i < count; i++) {
    size_t n = take_whole(L, &r, 4);
    lua_pushlstring(L, take(L, &r, n), n);
    push_value(L, &r);
    lua_rawset(L, -3);
  }
  if (r.left > 0) luaL_error(L, "values of a cell: damaged (%d bytes too many)", (int)r.left);
  return 1;
}

static bool skip(reader *r, uint64_t n) {
  if (n > r->left) return false;
  r->p += n;
  r->left -= n;
  return true;
}

static bool skip_number(reader *r, size_t bytes, uint64_t *v) {
  *v = 0;
  if (bytes > r->left) return false;
  memcpy(v, r->p, bytes);
  return skip(r, bytes);
}

static bool skip_value(reader *r) {
  uint64_t kind, rank, d, n;
  if (!skip_number(r, 1, &kind)) return false;
  switch (kind) {
  case 'i':
  case 'd':
    return skip(r, 8);
  case 'b':
    return skip(r, 1);
  case 's':
    return skip_number(r, 8, &n) && skip(r, n);
  case 'A':
  case 'a':
    if (!skip_number(r, 1, &rank) || rank < 1 || rank > LIMN_MAX_RANK) return false;
    n = item_of(kind == 'A' ? LIMN_F64 : LIMN_F32);
    while (rank--)
      if (!skip_number(r, 8, &d) || __builtin_mul_overflow(n, d, &n)) return false;
    return skip(r, n);
  default:
    return false;
  }
}

bool bind_iswhole(const char *bytes, size_t n) {
  reader r = {.p = bytes, .left = n};
  uint64_t count, length;
  bool fine = skip_number(&r, 4, &count);
  for (; fine && count > 0; count--)
    fine = skip_number(&r, 4, &length) && skip(&r, length) && skip_value(&r);
  return fine && r.left == 0;
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
