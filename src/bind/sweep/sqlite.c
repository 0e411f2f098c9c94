/* sqlite.c: limn.native.sqlite: the calls of SQLite that a results store needs, and the lock that
 * excludes a second writer. Every failure of a database is expected and gives nil, message, kind.
 * The kind follows from SQLite's result code (lua/limn/base/check.lua lists the kinds). */
#include "bind/bind.h"
#include "bind/error.h"
#include "bind/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "sys/hash.h"
#include "sys/name_table.h"

#define DATABASE "limn.sqlite"
#define STATEMENT "limn.sqlite.statement"
#define LOCK "limn.sqlite.lock"

typedef struct database {
  sqlite3 *handle;
} database;

typedef struct statement {
  sqlite3_stmt *handle;
} statement;

typedef struct lock {
  int fd;
} lock;

static int l_database_gc(lua_State *L) {
  database *d = luaL_checkudata(L, 1, DATABASE);
  if (d->handle) sqlite3_close_v2(d->handle);
  d->handle = NULL;
  return 0;
}

static int l_statement_gc(lua_State *L) {
  statement *s = luaL_checkudata(L, 1, STATEMENT);
  sqlite3_finalize(s->handle);
  s->handle = NULL;
  return 0;
}

/* The kind of the last failure, or NULL for a failure that callers need not distinguish. */
static const char *kind_of(sqlite3 *handle) {
  switch (handle ? sqlite3_errcode(handle) & 0xff
                 : SQLITE_NOMEM) { /* the upper bits hold extended codes */
  case SQLITE_CORRUPT:
  case SQLITE_NOTADB:
    return "damaged";
  case SQLITE_IOERR:
    return "io";
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    return "busy";
  default:
    return NULL;
  }
}

/* Pushes message, kind of the last failure; returns 2. */
static int push_failure(lua_State *L, sqlite3 *handle) {
  int cause = handle && (sqlite3_errcode(handle) & 0xff) == SQLITE_CANTOPEN
                  ? sqlite3_system_errno(handle)
                  : 0; /* SQLite's own text does not tell it */
  lua_pushstring(L, handle ? sqlite3_errmsg(handle) : "no memory for a database");
  if (cause) lua_pushfstring(L, "%s: %s", lua_tostring(L, -1), strerror(cause)), lua_remove(L, -2);
  lua_pushstring(L, kind_of(handle));
  return 2;
}

static int fail_with(lua_State *L, sqlite3 *handle) {
  lua_pushnil(L);
  return 1 + push_failure(L, handle);
}

/* Finalizes a statement and raises the last failure: an error value if it has a kind, else its
 * message. */
static int raise_failure(lua_State *L, statement *s, sqlite3 *handle) {
  const char *kind = kind_of(handle);
  lua_pushstring(L, sqlite3_errmsg(handle));
  if (kind) bind_pusherror(L, kind);
  if (s) sqlite3_finalize(s->handle);
  if (s) s->handle = NULL;
  return lua_error(L);
}

/* Opens a read-only file in a folder where SQLite cannot create files. It is opened as immutable,
 * which is valid if there is no log. */
static int open_still(database *d, const char *path) {
  char uri[4096] = "file:", log[4096];
  struct stat st;
  size_t n = strlen(uri);
  for (const char *p = path; *p; p++) { /* characters that a URI would interpret */
    if (n + 16 > sizeof uri) return SQLITE_CANTOPEN;
    n += (size_t)snprintf(uri + n, 4, strchr("%?#", *p) ? "%%%02X" : "%c", (unsigned char)*p);
  }
  snprintf(uri + n, sizeof uri - n, "?immutable=1");
  snprintf(log, sizeof log, "%s-wal", path);
  if (stat(log, &st) == 0 && st.st_size > 0) return SQLITE_READONLY;
  sqlite3_close_v2(d->handle);
  d->handle = NULL;
  int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;
  return sqlite3_open_v2(uri, &d->handle, flags, NULL);
}

/* sound(id, params, value) in SQL: whether id is the hash of the parameters' text, and value, if
 * there is one, has the format of an encoded result */
static void sound(sqlite3_context *c, int n, sqlite3_value **v) {
  (void)n;
  limn_hash name;
  const char *id = (const char *)sqlite3_value_text(v[0]);
  const char *params = (const char *)sqlite3_value_text(v[1]);
  bool fine = id && params && limn_hash_read(&name, id, (size_t)sqlite3_value_bytes(v[0]));
  if (fine) {
    limn_hash is = limn_hash_bytes(params, (size_t)sqlite3_value_bytes(v[1]));
    fine = is.high == name.high && is.low == name.low;
  }
  if (fine && sqlite3_value_type(v[2]) != SQLITE_NULL) {
    const char *bytes = sqlite3_value_blob(v[2]);
    fine = bytes && bind_iswhole(bytes, (size_t)sqlite3_value_bytes(v[2]));
  }
  sqlite3_result_int(c, fine);
}

/* open(path, "read"|"write") -> database, or nil, message, kind. "write" creates a missing file.
 * Where it may, "read" also opens the file for writing, but changes nothing: the last connection to
 * close can then remove the files of the log. */
static int l_open(lua_State *L) {
  static const char *const modes[] = {"read", "write", NULL};
  const char *path = bind_checkpath(L, 1, "sqlite.open", "path");
  int reads = luaL_checkoption(L, 2, "read", modes) == 0;
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX; /* a Lua state is one thread */
  if (!reads) flags |= SQLITE_OPEN_CREATE;
  database *d = lua_newuserdatauv(L, sizeof *d, 1);
  d->handle = NULL;
  luaL_setmetatable(L, DATABASE);
  int bad = sqlite3_open_v2(path, &d->handle, flags, NULL);
  if (reads && !bad) {
    bad = sqlite3_exec(d->handle, "SELECT 1 FROM sqlite_schema", NULL, NULL, NULL);
    if (bad != SQLITE_READONLY && bad != SQLITE_CANTOPEN)
      bad = SQLITE_OK; /* a later call reports other failures */
    if (bad && (bad = open_still(d, path)) == SQLITE_READONLY) {
      lua_pushnil(L);
      lua_pushfstring(L,
                      "its log %s-wal holds cells that are not in it yet, and this folder cannot "
                      "be written; copy both to one that can",
                      path);
      return 2;
    }
  }
  if (bad) return fail_with(L, d->handle);
  /* A file may come from anywhere: its definitions cannot be written as text. */
  sqlite3_db_config(d->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_extended_result_codes(d->handle, 1);
  if (bind_sandboxed(L)) sqlite3_limit(d->handle, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_busy_timeout(d->handle, 5000);
  if (reads) sqlite3_exec(d->handle, "PRAGMA query_only = 1", NULL, NULL, NULL);
  if (sqlite3_create_function(d->handle, "sound", 3, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL,
                              sound, NULL, NULL) != SQLITE_OK)
    return fail_with(L, d->handle);
  return 1;
}

static sqlite3 *handle_of(lua_State *L) {
  database *d = luaL_checkudata(L, 1, DATABASE);
  if (!d->handle) luaL_error(L, "sqlite: the database is closed");
  return d->handle;
}

static int put_value(lua_State *L, sqlite3_stmt *s, int at, int idx) {
  size_t n;
  switch (lua_type(L, idx)) {
  case LUA_TNIL:
    return sqlite3_bind_null(s, at);
  case LUA_TBOOLEAN:
    return sqlite3_bind_int(s, at, lua_toboolean(L, idx));
  case LUA_TNUMBER:
    return lua_isinteger(L, idx) ? sqlite3_bind_int64(s, at, lua_tointeger(L, idx))
                                 : sqlite3_bind_double(s, at, lua_tonumber(L, idx));
  case LUA_TSTRING: { /* text may have zero bytes; a table {bytes} asks for a blob
                       */
    const char *text = lua_tolstring(L, idx, &n);
    return sqlite3_bind_text64(s, at, text, n, SQLITE_TRANSIENT, SQLITE_UTF8);
  }
  case LUA_TTABLE: /* {bytes}: a blob */
    lua_rawgeti(L, idx, 1);
    const char *bytes = luaL_checklstring(L, -1, &n);
    int bad = sqlite3_bind_blob64(s, at, bytes, n, SQLITE_TRANSIENT);
    lua_pop(L, 1);
    return bad;
  default:
    return luaL_error(L, "sqlite: cannot store a %s", luaL_typename(L, idx));
  }
}

static void push_column(lua_State *L, sqlite3_stmt *s, int j) {
  switch (sqlite3_column_type(s, j)) {
  case SQLITE_INTEGER:
    lua_pushinteger(L, sqlite3_column_int64(s, j));
    break;
  case SQLITE_FLOAT:
    lua_pushnumber(L, sqlite3_column_double(s, j));
    break;
  case SQLITE_NULL:
    lua_pushboolean(L, 0);
    break; /* nil would shorten the row */
  default: {
    const char *p = sqlite3_column_blob(s, j);
    lua_pushlstring(L, p ? p : "", (size_t)sqlite3_column_bytes(s, j));
  }
  }
}

/* Pushes a statement in a userdata of its own. On failure returns NULL and pushes nil, message,
 * kind. */
static statement *prepare(lua_State *L, sqlite3 *handle, int idx) {
  size_t size;
  const char *sql = luaL_checklstring(L, idx, &size);
  statement *s = lua_newuserdatauv(L, sizeof *s, 1);
  s->handle = NULL;
  luaL_setmetatable(L, STATEMENT);
  lua_pushvalue(L, 1); /* the database must outlive its statements */
  lua_setiuservalue(L, -2, 1);
  if (sqlite3_prepare_v3(handle, sql, (int)size, 0, &s->handle, NULL) == SQLITE_OK) return s;
  fail_with(L, handle);
  return NULL;
}

/* Runs a prepared statement with the values at first .. last, then resets it. */
static int run(lua_State *L, sqlite3_stmt *s, int first, int last) {
  sqlite3 *handle = sqlite3_db_handle(s);
  for (int i = first; i <= last; i++)
    if (put_value(L, s, i - first + 1, i) != SQLITE_OK) return fail_with(L, handle);
  lua_newtable(L);
  int columns = sqlite3_column_count(s), step;
  lua_Integer n = 0;
  while ((step = sqlite3_step(s)) == SQLITE_ROW) {
    lua_createtable(L, columns, 0);
    for (int j = 0; j < columns; j++) {
      push_column(L, s, j);
      lua_rawseti(L, -2, j + 1);
    }
    lua_rawseti(L, -2, ++n);
  }
  int results = 1;
  if (step != SQLITE_DONE && n == 0) {
    results = fail_with(L, handle);
  } else if (step != SQLITE_DONE) {
    results = 1 + push_failure(L, handle);
  }
  sqlite3_reset(s);
  return results;
}

/* db:rows(sql, ...) -> list of rows, each a list (NULL is false); nil, message, kind if it cannot
 * begin; the rows so far, message, kind if reading fails in between. */
static int l_rows(lua_State *L) {
  int top = lua_gettop(L);
  statement *s = prepare(L, handle_of(L), 2);
  if (!s) return 3;
  int results = run(L, s->handle, 3, top);
  sqlite3_finalize(s->handle);
  s->handle = NULL;
  return results;
}

/* db:prepare(sql) -> a statement, to run many times; or nil, message, kind */
static int l_prepare(lua_State *L) {
  handle_of(L);
  lua_settop(L, 2);
  return prepare(L, handle_of(L), 2) ? 1 : 3;
}

/* statement:run(...) -> the results of db:rows */
static int l_statement_run(lua_State *L) {
  statement *s = luaL_checkudata(L, 1, STATEMENT);
  if (!s->handle) luaL_error(L, "sqlite: the statement is closed");
  return run(L, s->handle, 2, lua_gettop(L));
}

/* The iterator of db:each: the values of the next row; raises if it cannot be read. */
static int l_next_row(lua_State *L) {
  statement *s = luaL_checkudata(L, lua_upvalueindex(1), STATEMENT);
  if (!s->handle) return 0;
  int step = sqlite3_step(s->handle);
  if (step == SQLITE_ROW) {
    int columns = sqlite3_column_count(s->handle);
    luaL_checkstack(L, columns, "row");
    for (int j = 0; j < columns; j++) push_column(L, s->handle, j);
    return columns;
  }
  if (step != SQLITE_DONE) return raise_failure(L, s, sqlite3_db_handle(s->handle));
  sqlite3_finalize(s->handle);
  s->handle = NULL;
  return 0;
}

/* for a, b in db:each(sql, ...): one row at a time (NULL is false; the first column must not be
 * NULL). The statement, which holds a lock on the file, is closed when the loop is left. */
static int l_each(lua_State *L) {
  sqlite3 *handle = handle_of(L);
  int top = lua_gettop(L);
  statement *s = prepare(L, handle, 2);
  if (!s) return raise_failure(L, NULL, handle);
  for (int i = 3; i <= top; i++)
    if (put_value(L, s->handle, i - 2, i) != SQLITE_OK) return raise_failure(L, s, handle);
  lua_pushvalue(L, -1);
  lua_pushcclosure(L, l_next_row, 1);
  lua_pushnil(L);
  lua_pushnil(L);
  lua_rotate(L, -4, -1); /* the iterator, nil, nil, the value to close */
  return 4;
}

/* place(id) in SQL */
static void place(sqlite3_context *c, int n, sqlite3_value **v) {
  (void)n;
  int64_t at;
  limn_hash name;
  const char *id = (const char *)sqlite3_value_text(v[0]);
  int found = id && limn_hash_read(&name, id, (size_t)sqlite3_value_bytes(v[0]))
                  ? limn_name_table_find(sqlite3_user_data(c), name, &at)
                  : 0;
  if (found < 0)
    sqlite3_result_error_nomem(c);
  else if (found)
    sqlite3_result_int64(c, at);
}

/* db:places(names): defines place(id) in the SQL of this database: the place of a name in `names`,
 * or NULL. */
static int l_places(lua_State *L) {
  sqlite3 *handle = handle_of(L);
  limn_name_table *names = bind_checknames(L, 2);
  lua_settop(L, 2);
  lua_setiuservalue(L, 1, 1); /* the names must live as long as the database */
  if (sqlite3_create_function(handle, "place", 1, SQLITE_UTF8, names, place, NULL, NULL) !=
      SQLITE_OK)
    return luaL_error(L, "sqlite: %s", sqlite3_errmsg(handle));
  return 0;
}

/* sync(path) -> true when the contents of the file are on the disk; or nil, message, kind */
static int l_sync(lua_State *L) {
  const char *path = bind_checkpath(L, 1, "sqlite.sync", "path");
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  bool done = fd >= 0 && fdatasync(fd) == 0;
  int why = errno;
  if (fd >= 0) close(fd);
  if (done) return lua_pushboolean(L, 1), 1;
  lua_pushnil(L);
  lua_pushfstring(L, "disk I/O error: %s", strerror(why));
  lua_pushliteral(L, "io");
  return 3;
}

static int l_lock_gc(lua_State *L) {
  lock *k = luaL_checkudata(L, 1, LOCK);
  if (k->fd >= 0) close(k->fd);
  k->fd = -1;
  return 0;
}

/* lock(path) -> a lock that lasts until it is closed or this process ends; or nil, pid of its
 * owner; or nil, message. Children of fork do not inherit it. */
static int l_lock(lua_State *L) {
  const char *path = bind_checkpath(L, 1, "sqlite.lock", "path");
  lock *k = lua_newuserdatauv(L, sizeof *k, 0);
  *k = (lock){.fd = -1};
  luaL_setmetatable(L, LOCK);
  k->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  struct flock f = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  if (k->fd >= 0 && fcntl(k->fd, F_SETLK, &f) == 0) return 1;
  int why = errno;
  lua_pushnil(L);
  if (k->fd >= 0 && (why == EACCES || why == EAGAIN)) {
    f.l_type = F_WRLCK;
    pid_t holder = fcntl(k->fd, F_GETLK, &f) == 0 && f.l_type != F_UNLCK ? f.l_pid : 0;
    lua_pushinteger(L, holder);
  } else {
    lua_pushfstring(L, "cannot lock %s: %s", path, strerror(why));
  }
  return 2;
}

/* holder(path) -> the process that holds the lock at path (0: one of another machine), or nil if
 * none does, this process aside */
static int l_holder(lua_State *L) {
  int fd = open(bind_checkpath(L, 1, "sqlite.holder", "path"), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  struct flock f = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  bool held = fcntl(fd, F_GETLK, &f) == 0 && f.l_type != F_UNLCK;
  close(fd);
  if (!held) return 0;
  lua_pushinteger(L, f.l_pid > 0 ? f.l_pid : 0);
  return 1;
}

/* shared(folder) -> whether it lies on a network file system, where SQLite's WAL does not work */
static int l_shared(lua_State *L) {
  static const unsigned long kinds[] = {0x6969,     0x0BD00BD0, 0x47504653, 0x65735546, 0xFF534D42,
                                        0xFE534D42, 0x517B,     0x19830326, 0x00C36400, 0x5346414F};
  struct statfs s;
  bool shared = false;
  if (statfs(bind_checkpath(L, 1, "sqlite.shared", "folder"), &s) == 0)
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
      if (((unsigned long)s.f_type & 0xFFFFFFFFul) == kinds[i]) shared = true;
  lua_pushboolean(L, shared);
  return 1;
}

int l_open_sqlite(lua_State *L) {
  static const luaL_Reg methods[] = {{"rows", l_rows},         {"each", l_each},
                                     {"prepare", l_prepare},   {"places", l_places},
                                     {"close", l_database_gc}, {NULL, NULL}};
  static const luaL_Reg statements[] = {
      {"run", l_statement_run}, {"close", l_statement_gc}, {NULL, NULL}};
  static const luaL_Reg meta[] = {
      {"__gc", l_database_gc}, {"__close", l_database_gc}, {NULL, NULL}};
  static const luaL_Reg drop[] = {
      {"__gc", l_statement_gc}, {"__close", l_statement_gc}, {NULL, NULL}};
  static const luaL_Reg unlock[] = {{"close", l_lock_gc}, {NULL, NULL}};
  static const luaL_Reg unlock_meta[] = {{"__gc", l_lock_gc}, {"__close", l_lock_gc}, {NULL, NULL}};
  static const luaL_Reg functions[] = {{"open", l_open},     {"lock", l_lock}, {"holder", l_holder},
                                       {"shared", l_shared}, {"sync", l_sync}, {NULL, NULL}};
  bind_class(L, DATABASE, methods, meta);
  bind_class(L, STATEMENT, statements, drop);
  bind_class(L, LOCK, unlock, unlock_meta);
  luaL_newlib(L, functions);
  lua_pushstring(L, sqlite3_libversion());
  lua_setfield(L, -2, "version");
  return 1;
}
