/* names.c: limn.native.names: the cells that a sweep wants, by name, without a Lua string each. A
 * store is asked for all of them at once: in SQL, place(id) is the number under which a name was
 * added, or NULL (see database:places in sqlite.c). */
#include "bind/bind.h"

#include <stdlib.h>
#include <string.h>
#define XXH_STATIC_LINKING_ONLY /* a state on the stack */
#include <xxhash.h>

#define NAMES "limn.names"

typedef struct entry {
  uint64_t high, low;
  lua_Integer place;
} entry;

typedef struct names {
  entry *list;
  uint32_t *slots; /* 1 + index into list, 0: free; built when first asked */
  size_t count, room, mask;
} names;

static size_t write_integer(lua_Integer v, char text[24]) {
  char digits[24];
  size_t n = 0, k = 0;
  lua_Unsigned u = v < 0 ? 0 - (lua_Unsigned)v : (lua_Unsigned)v;
  do digits[n++] = (char)('0' + u % 10);
  while (u /= 10);
  if (v < 0) text[k++] = '-';
  while (n) text[k++] = digits[--n];
  return k;
}

typedef struct hasher {
  XXH3_state_t state;
  char text[1024]; /* most objects fit, and are hashed at once: several times faster than by pieces
                    */
  size_t used;
  bool whole;
} hasher;

static void feed(hasher *h, const char *piece, size_t n) {
  /* cppcheck-suppress ctuuninitvar ; who makes one sets `whole` and `used` */
  if (h->whole && n > sizeof h->text - h->used) {
    h->whole = false;
    XXH3_INITSTATE(&h->state);
    XXH3_128bits_reset(&h->state);
    XXH3_128bits_update(&h->state, h->text, h->used);
  }
  if (h->whole) {
    memcpy(h->text + h->used, piece, n);
    h->used += n;
  } else {
    XXH3_128bits_update(&h->state, piece, n);
  }
}

void l_hash_object(lua_State *L, int members, int heads, uint64_t out[2]) {
  hasher h;
  h.used = 0;
  h.whole = true;
  feed(&h, "{", 1);
  lua_Integer count = (lua_Integer)lua_rawlen(L, members);
  for (lua_Integer i = 1; i <= count; i++) {
    size_t n;
    char digits[24];
    const char *text;
    lua_rawgeti(L, members, i);
    if (heads && lua_isinteger(L, -1)) {
      lua_rawgeti(L, heads, i);
      luaL_checktype(L, -1, LUA_TSTRING);
      text = lua_tolstring(L, -1, &n); /* tables keep their strings alive */
      feed(&h, text, n);
      feed(&h, digits, write_integer(lua_tointeger(L, -2), digits));
      lua_pop(L, 1);
    } else {
      luaL_checktype(L, -1, LUA_TSTRING);
      text = lua_tolstring(L, -1, &n);
      feed(&h, text, n);
    }
    lua_pop(L, 1);
    if (i < count) feed(&h, ",", 1);
  }
  feed(&h, "}", 1);
  XXH128_hash_t hash = h.whole ? XXH3_128bits(h.text, h.used) : XXH3_128bits_digest(&h.state);
  out[0] = hash.high64;
  out[1] = hash.low64;
}

static int names_gc(lua_State *L) {
  names *n = luaL_checkudata(L, 1, NAMES);
  free(n->list);
  free(n->slots);
  *n = (names){0};
  return 0;
}

/* new() -> names */
static int new_names(lua_State *L) {
  names *n = lua_newuserdatauv(L, sizeof *n, 0);
  *n = (names){0};
  luaL_setmetatable(L, NAMES);
  return 1;
}

/* names:add({member, ...}, {head, ...}, place): the object has the name that hash_object gives. */
static int add(lua_State *L) {
  names *n = luaL_checkudata(L, 1, NAMES);
  luaL_checktype(L, 2, LUA_TTABLE);
  luaL_checktype(L, 3, LUA_TTABLE);
  lua_Integer place = luaL_checkinteger(L, 4);
  uint64_t hash[2];
  l_hash_object(L, 2, 3, hash);
  if (n->count == n->room) {
    size_t room = n->room ? 2 * n->room : 256;
    entry *list = room < UINT32_MAX / 2 ? realloc(n->list, room * sizeof *list) : NULL;
    if (!list)
      return luaL_error(L, "not enough memory for the names of %I cells", (LUAI_UACINT)room);
    n->list = list;
    n->room = room;
  }
  n->list[n->count++] = (entry){hash[0], hash[1], place};
  free(n->slots);
  n->slots = NULL;
  return 0;
}

static bool sort_in(names *n) {
  size_t size = 16;
  while (size < 2 * n->count) size *= 2;
  n->slots = calloc(size, sizeof *n->slots);
  if (!n->slots) return false;
  n->mask = size - 1;
  for (size_t i = 0; i < n->count; i++) {
    size_t at = n->list[i].low & n->mask;
    while (n->slots[at]) at = (at + 1) & n->mask;
    n->slots[at] = (uint32_t)i + 1;
  }
  return true;
}

static int digit(unsigned char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int l_names_find(void *of, const unsigned char *id, size_t length, int64_t *place) {
  names *n = of;
  uint64_t word[2] = {0, 0};
  if (!n->slots && !sort_in(n)) return -1;
  if (length != 32) return 0;
  for (int i = 0; i < 32; i++) {
    int d = digit(id[i]);
    if (d < 0) return 0;
    word[i / 16] = word[i / 16] << 4 | (uint64_t)d;
  }
  for (size_t at = word[1] & n->mask; n->slots[at]; at = (at + 1) & n->mask) {
    const entry *e = &n->list[n->slots[at] - 1];
    if (e->high != word[0] || e->low != word[1]) continue;
    *place = e->place;
    return 1;
  }
  return 0;
}

void *l_checknames(lua_State *L, int idx) {
  return luaL_checkudata(L, idx, NAMES);
}

int l_open_names(lua_State *L) {
  static const luaL_Reg methods[] = {{"add", add}, {NULL, NULL}};
  static const luaL_Reg meta[] = {{"__gc", names_gc}, {NULL, NULL}};
  static const luaL_Reg functions[] = {{"new", new_names}, {NULL, NULL}};
  l_class(L, NAMES, methods, meta);
  luaL_newlib(L, functions);
  return 1;
}
