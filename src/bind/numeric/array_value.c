/* array_value.c: arrays as userdata: creation, views, checks, conversion.
 *
 * Layout of the userdata: limn_array, then (for an owner) padding to 64 bytes and the payload, so
 * that the collector counts every byte. A view's first user value is its owner. */
#include "bind/bind.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/entry.h"

enum { HUGE = 1 << 21 }; /* bytes of a large page */

/* Whether the machine has fewer bytes of memory. Checked for large blocks only: under overcommit,
 * zeroing them would make the system kill the process. */
static bool beyond_memory(size_t bytes) {
  if (bytes <= (size_t)1 << 26) return false; /* sysconf takes a microsecond */
  long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
  return pages > 0 && page > 0 && bytes / (size_t)page >= (size_t)pages;
}

static limn_array *push_block(lua_State *L, size_t payload) {
  char *block = lua_newuserdatauv(L, sizeof(limn_array) + 64 + payload, 1);
  memset(block, 0, sizeof(limn_array));
  return (limn_array *)(void *)block;
}

limn_array *bind_rawarray(lua_State *L, limn_dtype dtype, int rank, const size_t *dims) {
  size_t bytes = limn_dtype_size(dtype);
  if (!limn_dims_fit(rank, dims, bytes))
    bind_error(L, "array: %zu x %zu entries do not fit into memory", dims[0],
               rank > 1 ? dims[1] : 1);
  for (int k = 0; k < rank; k++) bytes *= dims[k];
  if (beyond_memory(bytes)) bind_error(L, "array: %zu bytes are more than this machine has", bytes);
  limn_array *a = push_block(L, bytes);
  char *payload = (char *)(((uintptr_t)(a + 1) + 63) & ~(uintptr_t)63);
#ifdef MADV_HUGEPAGE
  /* fewer page faults; a failure has no effect */
  uintptr_t page = ((uintptr_t)payload + HUGE - 1) & ~(uintptr_t)(HUGE - 1);
  if (bytes >= 2 * HUGE)
    (void)madvise((char *)page, bytes - (page - (uintptr_t)payload), MADV_HUGEPAGE);
#endif
  *a = limn_array_view(dtype, rank, dims, payload);
  luaL_setmetatable(L, LIMN_ARRAY);
  return a;
}

limn_array *bind_newarray(lua_State *L, limn_dtype dtype, int rank, const size_t *dims) {
  limn_array *a = bind_rawarray(L, dtype, rank, dims);
  memset(a->data, 0, limn_array_size(a) * limn_dtype_size(dtype));
  return a;
}

limn_array *bind_newvector(lua_State *L, size_t n) {
  return bind_newarray(L, LIMN_F64, 1, &n);
}

limn_array *bind_newmatrix(lua_State *L, size_t rows, size_t cols) {
  return bind_newarray(L, LIMN_F64, 2, (size_t[]){rows, cols});
}

limn_array *bind_newview(lua_State *L, int base, const limn_array *view) {
  base = lua_absindex(L, base);
  limn_array *a = push_block(L, 0);
  *a = *view;
  luaL_setmetatable(L, LIMN_ARRAY);
  if (lua_getiuservalue(L, base, 1) == LUA_TNIL) { /* base owns its payload */
    lua_pop(L, 1);
    lua_pushvalue(L, base);
  }
  lua_setiuservalue(L, -2, 1);
  return a;
}

limn_array *bind_testarray(lua_State *L, int idx) {
  return luaL_testudata(L, idx, LIMN_ARRAY);
}

limn_array *bind_checkarray(lua_State *L, int idx, const char *who, const char *name) {
  limn_array *a = bind_testarray(L, idx);
  if (!a) bind_error(L, "%s: %s must be an array, got %s", who, name, bind_typename(L, idx));
  return a;
}

/* Reads a table of numbers, or of rows, at idx into a new array (pushed). */
static void from_table(lua_State *L, int idx, const char *who, const char *name) {
  size_t rows = lua_rawlen(L, idx), cols = 0;
  if (rows == 0) {
    lua_pushnil(L);
    if (lua_next(L, idx) == 0) bind_error(L, "%s: %s must not be empty", who, name);
    bind_error(
        L,
        "%s: %s must hold numbers, got a table of options; a call in the middle of the "
        "arguments passes only its first result, so keep all of them before (local X, y = f())",
        who, name);
  }
  bool nested = lua_rawgeti(L, idx, 1) == LUA_TTABLE;
  if (nested) cols = lua_rawlen(L, -1);
  lua_pop(L, 1);
  if (nested && cols == 0) bind_error(L, "%s: row 1 of %s is empty", who, name);
  limn_array *a = nested ? bind_newmatrix(L, rows, cols) : bind_newvector(L, rows);
  double *out = a->data;
  for (size_t i = 1; i <= rows; i++) {
    int type = lua_rawgeti(L, idx, (lua_Integer)i);
    if (!nested) {
      if (type != LUA_TNUMBER)
        bind_error(L, "%s: entry %zu of %s must be a number, got %s", who, i, name,
                   bind_typename(L, -1));
      *out++ = lua_tonumber(L, -1);
    } else {
      if (type != LUA_TTABLE || lua_rawlen(L, -1) != cols)
        bind_error(L, "%s: row %zu of %s must be a table of %zu numbers like row 1", who, i, name,
                   cols);
      for (size_t j = 1; j <= cols; j++) {
        if (lua_rawgeti(L, -1, (lua_Integer)j) != LUA_TNUMBER)
          bind_error(L, "%s: entry (%zu,%zu) of %s must be a number, got %s", who, i, j, name,
                     bind_typename(L, -1));
        *out++ = lua_tonumber(L, -1);
        lua_pop(L, 1);
      }
    }
    lua_pop(L, 1);
  }
}

const double *bind_doubles(lua_State *L, int idx, const char *who, const char *name, size_t *rows,
                           size_t *cols) {
  idx = lua_absindex(L, idx);
  limn_array *a = bind_testarray(L, idx);
  if (!a) {
    if (lua_type(L, idx) != LUA_TTABLE || luaL_getmetafield(L, idx, "__name") != LUA_TNIL)
      bind_error(L, "%s: %s must be an array or a table of numbers, got %s", who, name,
                 bind_typename(L, idx));
    from_table(L, idx, who, name);
    lua_replace(L, idx);
    a = bind_testarray(L, idx);
  } else if (a->dtype != LIMN_F64 || !limn_array_contiguous(a)) {
    limn_array *copy = bind_newarray(L, LIMN_F64, a->rank, a->dims);
    limn_array_read(a, copy->data);
    lua_replace(L, idx);
    a = copy;
  }
  if (a->rank > 2)
    bind_error(L, "%s: %s must be a vector or a matrix, got rank %d", who, name, a->rank);
  *rows = a->dims[0];
  *cols = a->dims[1];
  return a->data;
}
