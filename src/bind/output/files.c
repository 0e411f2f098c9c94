/* files.c: reading and writing .npy and .npz, reading of whole texts, and atomic writing of text
 * files. lua/limn/base/files.lua chooses the format by suffix and adds .csv. Failures of the system
 * and invalid contents give nil and a message. */
#include "bind/bind.h"
#include "bind/embedded.h"

#include <string.h>
#include <unistd.h>

#include "core/core.h"
#include "num/io/npy.h"
#include "sys/atomic_file.h"
#include "sys/regular_file.h"

#define LIMN_FILE "limn.file"
#define OUTFILE "limn.outfile"
#define TEXT "limn.filetext"

/* Handles that an error must close: the archive, and the member or file being read. */
typedef struct holder {
  limn_npy *npy;
  limn_npz *npz;
} holder;

static void release(holder *h) {
  limn_npy_close(h->npy);
  h->npy = NULL;
  limn_npz_close(h->npz);
  h->npz = NULL;
}

static int l_gc(lua_State *L) {
  release(luaL_checkudata(L, 1, LIMN_FILE));
  return 0;
}

static holder *push_holder(lua_State *L) {
  holder *h = lua_newuserdatauv(L, sizeof *h, 0);
  *h = (holder){NULL, NULL};
  luaL_setmetatable(L, LIMN_FILE);
  return h;
}

/* Reads the array of which h->npy is the header into a new array, pushed. */
static limn_status take(lua_State *L, holder *h, limn_err *err) {
  limn_array *a = bind_newarray(L, h->npy->dtype, h->npy->rank, h->npy->dims);
  limn_status status = limn_npy_read(h->npy, a, err);
  limn_npy_close(h->npy);
  h->npy = NULL;
  return status;
}

/* What limn cannot hold is an expected failure here, like damage. */
static int unreadable(lua_State *L, limn_status status, const limn_err *err, const char *who) {
  return bind_failed(L, status == LIMN_EUNSUPPORTED ? LIMN_EFORMAT : status, err, who);
}

static int l_npy_load(lua_State *L) {
  const char *path = bind_checkpath(L, 1, "load", "path");
  holder *h = push_holder(L);
  limn_err err;
  limn_status status = limn_npy_open(&h->npy, path, &err);
  if (status == LIMN_OK) status = take(L, h, &err);
  return status == LIMN_OK ? 1 : unreadable(L, status, &err, "load");
}

/* idx_load(path [, count]): at most the first count entries of the first dimension. */
static int l_idx_load(lua_State *L) {
  const char *path = bind_checkpath(L, 1, "idx", "path");
  size_t most = lua_isnoneornil(L, 2)
                    ? SIZE_MAX
                    : (size_t)bind_checkint(L, 2, "idx", "count", 1, LUA_MAXINTEGER);
  holder *h = push_holder(L);
  limn_err err;
  limn_status status = limn_idx_open(&h->npy, path, &err);
  if (status == LIMN_OK && h->npy->dims[0] > most) h->npy->dims[0] = most;
  if (status == LIMN_OK) status = take(L, h, &err);
  return status == LIMN_OK ? 1 : unreadable(L, status, &err, "idx");
}

/* Appends {name = , why = } to the list at idx. */
static void add_skipped(lua_State *L, int idx, const char *name, const limn_err *err) {
  char text[700];
  lua_createtable(L, 0, 2);
  lua_pushstring(L, name);
  lua_setfield(L, -2, "name");
  lua_pushstring(L, limn_err_text(text, sizeof text, err, "", 1));
  lua_setfield(L, -2, "why");
  lua_rawseti(L, idx, (lua_Integer)lua_rawlen(L, idx) + 1);
}

/* npz_load(path[, only]) -> table of arrays by name, list of the members that no array can hold
 * ({name =, why =}), list of all names; or nil, message, whether one member is at fault. only: a
 * set of names; other members are not read. */
static int l_npz_load(lua_State *L) {
  enum { ONLY = 2, ARRAYS, SKIPPED, NAMES };
  const char *path = bind_checkpath(L, 1, "load", "path");
  lua_settop(L, ONLY);
  lua_newtable(L);
  lua_newtable(L);
  lua_newtable(L);
  holder *h = push_holder(L);
  limn_err err;
  limn_status status = limn_npz_open(&h->npz, path, &err);
  bool opened = status == LIMN_OK;
  for (size_t i = 0; status == LIMN_OK && i < limn_npz_count(h->npz); i++) {
    const char *name = lua_pushstring(L, limn_npz_name(h->npz, i));
    lua_pushvalue(L, -1);
    lua_rawseti(L, NAMES, (lua_Integer)i + 1);
    bool wanted = lua_isnil(L, ONLY) || lua_getfield(L, ONLY, name) != LUA_TNIL;
    if (wanted) {
      status = limn_npz_member(&h->npy, h->npz, i, &err);
      lua_pushvalue(L, NAMES + 2); /* the name */
      if (status == LIMN_OK) status = take(L, h, &err);
      if (status == LIMN_OK) lua_rawset(L, ARRAYS);
      if (status == LIMN_EUNSUPPORTED && lua_isnil(L, ONLY)) {
        add_skipped(L, SKIPPED, name, &err);
        status = LIMN_OK;
      }
    }
    lua_settop(L, NAMES + 1);
  }
  release(h);
  if (status != LIMN_OK) {
    lua_pushboolean(L, opened);
    int n = unreadable(L, status, &err, "load");
    lua_pushvalue(L, -n - 1);
    return n + 1;
  }
  lua_settop(L, NAMES);
  return 3;
}

static int saved(lua_State *L, limn_status status, const limn_err *err, const char *who) {
  if (status != LIMN_OK) return bind_failed(L, status, err, who);
  lua_pushvalue(L, 1); /* the path */
  return 1;
}

static int l_npy_save(lua_State *L) {
  const char *path = bind_checkpath(L, 1, "save", "path");
  limn_err err;
  return saved(L, limn_npy_write(path, bind_checkarray(L, 2, "save", "array"), &err), &err, "save");
}

/* A number or a boolean as an array without dimensions, as numpy writes a scalar; it is kept in the
 * table at `keep`. NULL for another value. */
static const limn_array *scalar(lua_State *L, int i, int keep) {
  typedef struct {
    limn_array a;
    union {
      double real;
      int64_t whole;
      unsigned char truth;
    } value;
  } holder_of_one;
  int type = lua_type(L, i);
  if (type != LUA_TNUMBER && type != LUA_TBOOLEAN) return NULL;
  holder_of_one *s = lua_newuserdatauv(L, sizeof *s, 0);
  limn_dtype dtype = type == LUA_TBOOLEAN      ? LIMN_BOOL
                     : lua_isinteger(L, i - 1) ? LIMN_I64
                                               : LIMN_F64;
  s->a = limn_array_view(dtype, 0, NULL, &s->value);
  if (dtype == LIMN_BOOL)
    s->value.truth = (unsigned char)lua_toboolean(L, i - 1);
  else if (dtype == LIMN_I64)
    s->value.whole = lua_tointeger(L, i - 1);
  else
    s->value.real = lua_tonumber(L, i - 1);
  lua_rawseti(L, keep, (lua_Integer)lua_rawlen(L, keep) + 1);
  return &s->a;
}

/* npz_save(path, {name = array, number or boolean}); names are sorted, so that equal tables give
 * equal files. */
static int l_npz_save(lua_State *L) {
  enum { MOST = 1000 };
  const char *path = bind_checkpath(L, 1, "save", "path"), **names;
  const limn_array **arrays;
  size_t n = 0;
  luaL_checktype(L, 2, LUA_TTABLE);
  names = lua_newuserdatauv(L, MOST * sizeof *names, 0);
  arrays = lua_newuserdatauv(L, MOST * sizeof *arrays, 0);
  lua_newtable(L);
  int keep = lua_gettop(L);
  lua_pushnil(L);
  while (lua_next(L, 2)) {
    if (lua_type(L, -2) != LUA_TSTRING)
      bind_error(L, "save: names of an .npz must be strings, got %s", bind_typename(L, -2));
    size_t length;
    const char *name = lua_tolstring(L, -2, &length);
    if (length == 0 || length > 200 || strlen(name) != length || strchr(name, '/'))
      bind_error(L, "save: '%.60s' cannot name an array in an .npz (1 to 200 bytes, no '/')", name);
    if (n == MOST) bind_error(L, "save: an .npz holds at most %d arrays", MOST);
    const limn_array *a = scalar(L, -1, keep);
    if (!a) a = bind_checkarray(L, -1, "save", name);
    size_t at = n++;
    for (; at > 0 && strcmp(names[at - 1], name) > 0; at--) {
      names[at] = names[at - 1];
      arrays[at] = arrays[at - 1];
    }
    names[at] = name; /* the table holds references to both */
    arrays[at] = a;
    lua_pop(L, 1);
  }
  limn_err err;
  return saved(L, limn_npz_write(path, names, arrays, n, &err), &err, "save");
}

static int l_outfile_gc(lua_State *L) {
  limn_outfile_abandon(luaL_checkudata(L, 1, OUTFILE));
  return 0;
}

/* Writes the texts that the function at 2 returns, call by call, until it returns nil. */
static int put_parts(lua_State *L, const char *path, const char *who) {
  limn_err err;
  limn_outfile *f = lua_newuserdatauv(L, sizeof *f, 0);
  f->fd = -1;
  luaL_setmetatable(L, OUTFILE); /* removes the temporary file if the function raises */
  limn_status status = limn_outfile_open(f, path, &err);
  while (status == LIMN_OK) {
    size_t n;
    lua_pushvalue(L, 2);
    lua_call(L, 0, 1);
    const char *text = lua_isnil(L, -1) ? NULL : luaL_checklstring(L, -1, &n);
    if (!text) break;
    status = limn_outfile_write(f, text, n, &err);
    lua_pop(L, 1);
  }
  if (status == LIMN_OK) status = limn_outfile_commit(f, &err);
  limn_outfile_abandon(f);
  return saved(L, status, &err, who);
}

/* put(path, text[, who]) -> path, or nil, message; the file is written completely or not at all.
 * text may be a function that returns one part of it at each call, and nil at the end. who: the
 * function that the message names. */
static int l_put(lua_State *L) {
  const char *who = luaL_optstring(L, 3, "");
  const char *path = bind_checkpath(L, 1, who[0] ? who : "files.put", "path");
  size_t n;
  if (lua_isfunction(L, 2)) return put_parts(L, path, who);
  const char *text = luaL_checklstring(L, 2, &n);
  limn_err err;
  return saved(L, limn_outfile_put(path, text, n, &err), &err, who);
}

static int l_text_gc(lua_State *L) {
  char **text = luaL_checkudata(L, 1, TEXT);
  limn_free(*text);
  *text = NULL;
  return 0;
}

/* text(path) -> the contents of a regular file, unpacked if it is a gzip file; or nil, message. */
static int l_text(lua_State *L) {
  size_t n;
  const char *given = luaL_optstring(L, 1, ""), *own = bind_embedded(given, &n);
  if (own) return lua_pushlstring(L, own, n), 1;
  const char *path = bind_checkread(L, 1, "files.text", "path");
  limn_err err;
  char **text = lua_newuserdatauv(L, sizeof *text, 0);
  *text = NULL;
  luaL_setmetatable(L, TEXT); /* frees the text if lua_pushlstring raises */
  limn_status status = limn_regular_read(text, &n, path, &err);
  if (status != LIMN_OK) return bind_failed(L, status, &err, "");
  lua_pushlstring(L, *text, n);
  limn_free(*text);
  *text = NULL;
  return 1;
}

/* regular(path) -> true; or nil, message, if the path names no file that can be read. */
static int l_regular(lua_State *L) {
  limn_err err;
  int fd;
  limn_status status =
      limn_regular_open(&fd, NULL, bind_checkread(L, 1, "files.regular", "path"), &err);
  if (status != LIMN_OK) return bind_failed(L, status, &err, "");
  close(fd);
  lua_pushboolean(L, true);
  return 1;
}

int l_open_files(lua_State *L) {
  static const luaL_Reg meta[] = {{"__gc", l_gc}, {"__close", l_gc}, {NULL, NULL}};
  static const luaL_Reg outfile[] = {{"__gc", l_outfile_gc}, {NULL, NULL}};
  bind_class(L, LIMN_FILE, NULL, meta);
  static const luaL_Reg text[] = {{"__gc", l_text_gc}, {NULL, NULL}};
  bind_class(L, OUTFILE, NULL, outfile);
  bind_class(L, TEXT, NULL, text);
  static const luaL_Reg functions[] = {
      {"npy_load", l_npy_load}, {"npz_load", l_npz_load}, {"idx_load", l_idx_load},
      {"npy_save", l_npy_save}, {"npz_save", l_npz_save}, {"put", l_put},
      {"text", l_text},         {"regular", l_regular},   {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
