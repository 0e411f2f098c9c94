/* process.c: running another program without a shell, and writing files whole or not at all.
 *
 * A child gets an argument vector, /dev/null as its input, unlinked temporary files as its outputs
 * (so nothing here can meet SIGPIPE or a full pipe), a scrubbed environment and its own process
 * group. It is killed, with all it started, when its time is up, when the user interrupts, or when
 * Lua unwinds. */
#include "bind/bind.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PROCESS "limn.process"

extern char **environ;

typedef struct process {
  pid_t pid;    /* 0: not running */
  int out, err; /* captured outputs; -1: closed */
} process;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void end_child(process *p) {
  if (p->pid <= 0) return;
  kill(-p->pid, SIGKILL);
  kill(p->pid, SIGKILL); /* in case its group does not exist yet */
  while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR) continue;
  p->pid = 0;
}

static int process_gc(lua_State *L) {
  process *p = luaL_checkudata(L, 1, PROCESS);
  end_child(p);
  if (p->out >= 0) close(p->out);
  if (p->err >= 0) close(p->err);
  p->out = p->err = -1;
  return 0;
}

static const char *temp_root(void) {
  const char *dir = getenv("TMPDIR");
  return dir && dir[0] == '/' && strlen(dir) < 3000 ? dir : "/tmp";
}

/* An open file that has no name. -1 on failure. */
static int nameless(void) {
  char name[3100];
  snprintf(name, sizeof name, "%s/limn-XXXXXX", temp_root());
  int fd = mkostemp(name, O_CLOEXEC);
  if (fd >= 0) unlink(name);
  return fd;
}

/* The strings of the table at idx as a NULL-terminated vector in a userdata (pushed). */
static char **string_vector(lua_State *L, int idx, const char *name) {
  if (!lua_istable(L, idx))
    l_error(L, "process.run: %s must be a table of strings, got %s", name, l_typename(L, idx));
  size_t n = lua_rawlen(L, idx);
  char **v = lua_newuserdatauv(L, (n + 1) * sizeof *v, 0);
  for (size_t i = 0; i < n; i++) {
    size_t length;
    if (lua_rawgeti(L, idx, (lua_Integer)i + 1) != LUA_TSTRING)
      l_error(L, "process.run: entry %zu of %s must be a string, got %s", i + 1, name,
              l_typename(L, -1));
    v[i] = (char *)(uintptr_t)lua_tolstring(L, -1,
                                            &length); /* alive in the table; spawn does not write */
    if (strlen(v[i]) != length)
      l_error(L, "process.run: entry %zu of %s holds a NUL byte", i + 1, name);
    lua_pop(L, 1);
  }
  v[n] = NULL;
  return v;
}

/* This process's environment without the names that `changes` ("NAME" or "NAME=value") mentions,
 * plus those that have a value; in a userdata (pushed). */
static char **environment(lua_State *L, char **changes) {
  size_t n = 0, m = 0, used = 0;
  while (environ[n]) n++;
  while (changes[m]) m++;
  char **v = lua_newuserdatauv(L, (n + m + 1) * sizeof *v, 0);
  for (size_t i = 0; i < n; i++) {
    bool dropped = false;
    for (size_t j = 0; j < m && !dropped; j++) {
      size_t length = strcspn(changes[j], "=");
      dropped = strncmp(environ[i], changes[j], length) == 0 && environ[i][length] == '=';
    }
    if (!dropped) v[used++] = environ[i];
  }
  for (size_t j = 0; j < m; j++)
    if (strchr(changes[j], '=')) v[used++] = changes[j];
  v[used] = NULL;
  return v;
}

/* 0, or the errno of what failed. Touches no Lua state. */
static int spawn(process *p, char **argv, char **env, const char *dir) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  sigset_t none, restored;
  int bad = posix_spawn_file_actions_init(&files);
  if (bad) return bad;
  bad = posix_spawnattr_init(&attributes);
  if (bad) {
    posix_spawn_file_actions_destroy(&files);
    return bad;
  }
  sigemptyset(&none);
  sigemptyset(&restored);
  sigaddset(&restored, SIGPIPE);
  sigaddset(&restored, SIGINT);
  sigaddset(&restored, SIGTERM);
  if (!bad && dir) bad = posix_spawn_file_actions_addchdir_np(&files, dir);
  if (!bad) bad = posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  if (!bad) bad = posix_spawn_file_actions_adddup2(&files, p->out, 1);
  if (!bad) bad = posix_spawn_file_actions_adddup2(&files, p->err, 2);
  if (!bad) bad = posix_spawnattr_setpgroup(&attributes, 0);
  if (!bad) bad = posix_spawnattr_setsigmask(&attributes, &none);
  if (!bad) bad = posix_spawnattr_setsigdefault(&attributes, &restored);
  if (!bad)
    bad = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                                    POSIX_SPAWN_SETSIGDEF);
  pid_t pid = 0;
  if (!bad) bad = posix_spawnp(&pid, argv[0], &files, &attributes, argv, env);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (!bad) p->pid = pid;
  return bad;
}

/* Waits until the child ends (1, *status), the limit passes (0), the user interrupts (-1), or
 * somebody else has collected it (-2). Polls: first often, for short programs, then every 10 ms. */
static int await(process *p, double limit, const limn_token *token, int *status) {
  double deadline = now() + limit;
  for (long nap = 200000;; nap = nap < 10000000 ? nap + nap / 4 : nap) {
    pid_t got = waitpid(p->pid, status, WNOHANG);
    if (got == p->pid) {
      p->pid = 0;
      return 1;
    }
    if (got < 0 && errno != EINTR) {
      p->pid = 0;
      return -2;
    }
    if (limn_cancelled(token)) return -1;
    if (now() > deadline) return 0;
    nanosleep(&(struct timespec){0, nap}, NULL);
  }
}

/* Pushes what the file holds, at most `most` bytes. The descriptor belongs to a process userdata.
 */
static void push_output(lua_State *L, int fd, size_t most) {
  struct stat st;
  size_t size = fstat(fd, &st) == 0 && st.st_size > 0 ? (size_t)st.st_size : 0, have = 0;
  if (size > most) size = most;
  luaL_Buffer b;
  char *into = luaL_buffinitsize(L, &b, size);
  while (have < size) {
    ssize_t n = pread(fd, into + have, size - have, (off_t)have);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    have += (size_t)n;
  }
  luaL_pushresultsize(&b, have);
}

/* run(argv, environment changes, seconds, directory|nil)
 * -> exit status, output, error output; or nil, "missing" | "time" | "signal N" | reason, output,
 * error output */
static int l_run(lua_State *L) {
  lua_settop(L, 4);
  char **argv = string_vector(L, 1, "argv");
  if (!argv[0]) l_error(L, "process.run: argv must not be empty");
  char **env = environment(L, string_vector(L, 2, "environment"));
  double limit = l_checkfinite(L, 3, "process.run", "seconds");
  const char *dir = lua_isnil(L, 4) ? NULL : luaL_checkstring(L, 4);
  limn_token token = l_token(L);
  process *p = lua_newuserdatauv(L, sizeof *p, 0);
  *p = (process){.pid = 0, .out = -1, .err = -1};
  luaL_setmetatable(L, PROCESS);
  lua_toclose(L, -1);
  p->out = nameless();
  p->err = nameless();
  if (p->out < 0 || p->err < 0) {
    lua_pushnil(L);
    lua_pushfstring(L, "no temporary file in %s: %s", temp_root(), strerror(errno));
    return 2;
  }
  int bad = spawn(p, argv, env, dir), status = 0;
  if (bad) {
    lua_pushnil(L);
    if (bad == ENOENT)
      lua_pushliteral(L, "missing");
    else
      lua_pushfstring(L, "cannot start %s: %s", argv[0], strerror(bad));
    return 2;
  }
  int ended = await(p, limit, &token, &status);
  end_child(p);
  if (ended == -1) l_error(L, "%s: interrupted", argv[0]);
  if (ended == 1 && WIFEXITED(status)) {
    lua_pushinteger(L, WEXITSTATUS(status));
  } else {
    lua_pushnil(L);
    if (ended == 0)
      lua_pushliteral(L, "time");
    else if (ended == 1)
      lua_pushfstring(L, "signal %d", WTERMSIG(status));
    else
      lua_pushliteral(L, "its exit status was taken by another part of the program");
  }
  push_output(L, p->out, (size_t)1 << 30);
  push_output(L, p->err, (size_t)1 << 16);
  return ended == 1 && WIFEXITED(status) ? 3 : 4;
}

/* ---- files ---- */

/* Writes data to a new file beside `path`, to the disk, and renames. 0 or errno; the old file
 * stays. */
static int write_whole(const char *path, const char *data, size_t size) {
  static _Atomic unsigned serial;
  char temp[PATH_MAX], dir[PATH_MAX];
  const char *slash = strrchr(path, '/');
  int head = slash ? (int)(slash - path) + 1 : 0;
  if (head >= PATH_MAX - 64) return ENAMETOOLONG;
  int fd = -1;
  for (int attempt = 0; attempt < 100 && fd < 0; attempt++) {
    snprintf(temp, sizeof temp, "%.*s.limn-%ld-%u.tmp", head, path, (long)getpid(), serial++);
    fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0 && errno != EEXIST) return errno;
  }
  if (fd < 0) return EEXIST;
  int bad = 0;
  for (size_t done = 0; done < size && !bad;) {
    ssize_t n = write(fd, data + done, size - done);
    if (n > 0)
      done += (size_t)n;
    else if (n == 0)
      bad = EIO;
    else if (errno != EINTR)
      bad = errno;
  }
  if (!bad && fsync(fd) != 0 && errno != EINVAL) bad = errno;
  if (close(fd) != 0 && !bad) bad = errno;
  if (!bad && rename(temp, path) != 0) bad = errno;
  if (bad) {
    unlink(temp);
    return bad;
  }
  snprintf(dir, sizeof dir, "%.*s", head ? head : 1, head ? path : ".");
  int folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) { /* so that the name survives a crash as well as the bytes */
    fsync(folder);
    close(folder);
  }
  return 0;
}

/* write_file(path, text) -> true, or nil, reason; whole or not at all */
static int l_write_file(lua_State *L) {
  size_t size, length;
  const char *path = luaL_checklstring(L, 1, &length), *data = luaL_checklstring(L, 2, &size);
  int bad = strlen(path) != length ? EINVAL : write_whole(path, data, size);
  if (bad) {
    lua_pushnil(L);
    lua_pushfstring(L, "cannot write %s: %s", path, strerror(bad));
    return 2;
  }
  lua_pushboolean(L, 1);
  return 1;
}

/* temp_dir() -> path of a new private directory, or nil, reason */
static int l_temp_dir(lua_State *L) {
  char name[3100];
  snprintf(name, sizeof name, "%s/limn-XXXXXX", temp_root());
  if (!mkdtemp(name)) {
    lua_pushnil(L);
    lua_pushfstring(L, "no temporary directory in %s: %s", temp_root(), strerror(errno));
    return 2;
  }
  lua_pushstring(L, name);
  return 1;
}

/* clock() -> seconds of a clock that never goes back */
static int l_clock(lua_State *L) {
  lua_pushnumber(L, now());
  return 1;
}

int l_open_process(lua_State *L) {
  static const luaL_Reg metamethods[] = {
      {"__gc", process_gc}, {"__close", process_gc}, {NULL, NULL}};
  static const luaL_Reg functions[] = {{"run", l_run},
                                       {"write_file", l_write_file},
                                       {"temp_dir", l_temp_dir},
                                       {"clock", l_clock},
                                       {NULL, NULL}};
  l_class(L, PROCESS, NULL, metamethods);
  luaL_newlib(L, functions);
  return 1;
}
