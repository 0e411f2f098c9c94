/* posix.c: limn.native.posix: what a sweep needs of the system: processes, framed messages, time.
 * Thin: each function is one system call, or one loop that finishes it. */
#include "bind/bind.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#define XXH_STATIC_LINKING_ONLY /* a state on the stack */
#include <xxhash.h>

static int failed(lua_State *L, const char *what) {
  return luaL_error(L, "%s: %s", what, strerror(errno));
}

/* now() -> seconds on a clock that only goes forward */
static int now(lua_State *L) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  lua_pushnumber(L, (double)t.tv_sec + 1e-9 * (double)t.tv_nsec);
  return 1;
}

static int push_hash(lua_State *L, XXH128_hash_t h) {
  char hex[32];
  for (int i = 0; i < 16; i++) {
    hex[i] = "0123456789abcdef"[h.high64 >> (60 - 4 * i) & 15];
    hex[16 + i] = "0123456789abcdef"[h.low64 >> (60 - 4 * i) & 15];
  }
  lua_pushlstring(L, hex, sizeof hex);
  lua_pushinteger(L, (lua_Integer)(h.low64 >> 1));
  return 2;
}

/* hash(text) -> 32 hexadecimal digits (XXH3-128), and 63 of the bits as a whole number */
static int hash(lua_State *L) {
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  return push_hash(L, XXH3_128bits(text, n));
}

/* hash_file(path) -> 32 hexadecimal digits of what the file holds, or nil, message */
static int hash_file(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  XXH3_state_t state;
  char bytes[16384];
  ssize_t n = -1;
  XXH3_INITSTATE(&state);
  XXH3_128bits_reset(&state);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  while (fd >= 0 && ((n = read(fd, bytes, sizeof bytes)) > 0 || (n < 0 && errno == EINTR)))
    if (n > 0) XXH3_128bits_update(&state, bytes, (size_t)n);
  int why = errno;
  if (fd >= 0) close(fd);
  if (n == 0) return push_hash(L, XXH3_128bits_digest(&state)), lua_pop(L, 1), 1;
  lua_pushnil(L);
  lua_pushfstring(L, "%s: %s", path, strerror(why));
  return 2;
}

/* hash_object({member, ...}, {head, ...}) -> hash("{" .. table.concat(members, ",") .. "}"),
 * without making that text; a member that is an integer i stands for head .. i */
static int hash_object(lua_State *L) {
  uint64_t h[2];
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checktype(L, 2, LUA_TTABLE);
  l_hash_object(L, 1, 2, h);
  return push_hash(L, (XXH128_hash_t){.high64 = h[0], .low64 = h[1]});
}

/* fork() -> pid, or 0 in the child, which no longer hears Ctrl-C: the parent decides when it ends
 */
static int l_fork(lua_State *L) {
  fflush(NULL);
  pid_t parent = getpid(), pid = fork();
  if (pid < 0) return failed(L, "fork");
  if (pid == 0) {
    sigset_t interrupt;
    signal(SIGINT, SIG_IGN);
    /* what a measurement starts must hear it, whatever `hold` said here */
    sigemptyset(&interrupt);
    sigaddset(&interrupt, SIGINT);
    sigprocmask(SIG_UNBLOCK, &interrupt, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* no worker outlives a killed parent */
    if (getppid() != parent) _exit(1);
  }
  lua_pushinteger(L, pid);
  return 1;
}

/* quit(code): leaves at once, running nothing */
static int quit(lua_State *L) {
  fflush(NULL);
  _exit((int)luaL_checkinteger(L, 1));
}

static int l_kill(lua_State *L) {
  static const char *const names[] = {"TERM", "KILL", NULL};
  static const int signals[] = {SIGTERM, SIGKILL};
  kill((pid_t)luaL_checkinteger(L, 1), signals[luaL_checkoption(L, 2, "TERM", names)]);
  return 0;
}

/* wait(pid) -> "exit", code | "signal", name */
static int l_wait(lua_State *L) {
  int status;
  pid_t pid = (pid_t)luaL_checkinteger(L, 1);
  while (waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) return failed(L, "wait");
  if (WIFSIGNALED(status)) {
    lua_pushliteral(L, "signal");
    lua_pushstring(L, strsignal(WTERMSIG(status)));
  } else {
    lua_pushliteral(L, "exit");
    lua_pushinteger(L, WEXITSTATUS(status));
  }
  return 2;
}

/* channel() -> a, b: two ends of a two-way stream */
static int channel(lua_State *L) {
  int fd[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) < 0) return failed(L, "channel");
  lua_pushinteger(L, fd[0]);
  lua_pushinteger(L, fd[1]);
  return 2;
}

static int l_close(lua_State *L) {
  close((int)luaL_checkinteger(L, 1));
  return 0;
}

static bool push_bytes(int fd, const char *p, size_t n) {
  while (n > 0) {
    ssize_t k = send(fd, p, n, MSG_NOSIGNAL);
    if (k < 0 && errno == EINTR) continue;
    if (k <= 0) return false;
    p += k;
    n -= (size_t)k;
  }
  return true;
}

static bool pull_bytes(int fd, char *p, size_t n) {
  while (n > 0) {
    ssize_t k = recv(fd, p, n, 0);
    if (k < 0 && errno == EINTR) continue;
    if (k <= 0) return false;
    p += k;
    n -= (size_t)k;
  }
  return true;
}

/* Length and text in one call, so that the other end wakes once. */
static bool push_message(int fd, uint64_t *length, const char *text, size_t n) {
  struct iovec parts[] = {{length, sizeof *length}, {(char *)(uintptr_t)text, n}};
  struct msghdr m = {.msg_iov = parts, .msg_iovlen = 2};
  ssize_t k;
  do k = sendmsg(fd, &m, MSG_NOSIGNAL);
  while (k < 0 && errno == EINTR);
  if (k < 0) return false;
  size_t head = (size_t)k < sizeof *length ? (size_t)k : sizeof *length, body = (size_t)k - head;
  return push_bytes(fd, (const char *)length + head, sizeof *length - head) &&
         push_bytes(fd, text + body, n - body);
}

/* put(fd, text) -> true if the whole message went out */
static int put(lua_State *L) {
  size_t n;
  int fd = (int)luaL_checkinteger(L, 1);
  const char *text = luaL_checklstring(L, 2, &n);
  uint64_t length = n;
  lua_pushboolean(L, push_message(fd, &length, text, n));
  return 1;
}

/* get(fd) -> the next message, or nil when the other end is gone */
static int get(lua_State *L) {
  int fd = (int)luaL_checkinteger(L, 1);
  uint64_t length;
  if (!pull_bytes(fd, (char *)&length, sizeof length)) return lua_pushnil(L), 1;
  luaL_Buffer b;
  char *p = luaL_buffinitsize(L, &b, (size_t)length);
  if (!pull_bytes(fd, p, (size_t)length)) return lua_pushnil(L), 1;
  luaL_pushresultsize(&b, (size_t)length);
  return 1;
}

/* hold(yes): Ctrl-C waits until hold(false), or the next `ready`: what lies between is done whole
 * or not at all */
static int hold(lua_State *L) {
  sigset_t interrupt;
  sigemptyset(&interrupt);
  sigaddset(&interrupt, SIGINT);
  sigprocmask(lua_toboolean(L, 1) ? SIG_BLOCK : SIG_UNBLOCK, &interrupt, NULL);
  return 0;
}

/* ready({fd, ...}, seconds) -> {fd, ...}: those that have something to read; empty on time-out or
 * signal. A Ctrl-C that `hold` keeps back comes here. */
static int ready(lua_State *L) {
  enum { MOST = 1024 };
  struct pollfd fds[MOST];
  lua_Integer n = luaL_len(L, 1);
  double seconds = luaL_checknumber(L, 2);
  if (n > MOST) return luaL_error(L, "ready: at most %d files", MOST);
  for (int i = 0; i < n; i++) {
    lua_geti(L, 1, i + 1);
    fds[i] = (struct pollfd){.fd = (int)luaL_checkinteger(L, -1), .events = POLLIN};
    lua_pop(L, 1);
  }
  sigset_t before, hearing, waiting;
  sigprocmask(SIG_SETMASK, NULL, &before);
  hearing = before;
  sigdelset(&hearing, SIGINT);
  sigpending(&waiting);
  int got = -1;
  if (sigismember(&waiting, SIGINT)) { /* ppoll would not deliver it where files are ready */
    sigprocmask(SIG_SETMASK, &hearing, NULL);
    sigprocmask(SIG_SETMASK, &before, NULL);
  } else {
    struct timespec most = {(time_t)seconds, (long)(1e9 * (seconds - (double)(time_t)seconds))};
    got = ppoll(fds, (nfds_t)n, &most, &hearing);
  }
  lua_newtable(L);
  lua_Integer k = 0;
  for (int i = 0; got > 0 && i < n; i++) {
    if (!fds[i].revents) continue;
    lua_pushinteger(L, fds[i].fd);
    lua_rawseti(L, -2, ++k);
  }
  return 1;
}

/* terminal(fd) -> columns of the terminal on fd, or nil if it is none */
static int terminal(lua_State *L) {
  int fd = (int)luaL_checkinteger(L, 1);
  struct winsize w;
  if (!isatty(fd)) return lua_pushnil(L), 1;
  lua_pushinteger(L, ioctl(fd, TIOCGWINSZ, &w) == 0 && w.ws_col > 0 ? w.ws_col : 80);
  return 1;
}

/* mkdir(path) -> true, or nil, message; an existing folder is fine; parents are made */
static int l_mkdir(lua_State *L) {
  char path[4096];
  struct stat st;
  size_t n;
  const char *given = luaL_checklstring(L, 1, &n);
  if (n == 0 || n >= sizeof path) return lua_pushnil(L), lua_pushliteral(L, "mkdir: bad path"), 2;
  memcpy(path, given, n + 1);
  for (char *p = path + 1;; p++) {
    if (*p != '/' && *p != '\0') continue;
    char keep = *p;
    *p = '\0';
    if (mkdir(path, 0777) < 0 && errno != EEXIST && keep == '\0') break;
    *p = keep;
    if (keep == '\0') break;
  }
  if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) return lua_pushboolean(L, 1), 1;
  lua_pushnil(L);
  lua_pushfstring(L, "cannot make the folder %s: %s", given, strerror(errno));
  return 2;
}

/* real(path) -> where a symbolic link leads, or the path itself; and its one absolute name, the
 * same however it is written, also if only its folder is there */
static int real(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  struct stat st;
  char found[PATH_MAX], folder[PATH_MAX];
  bool there = realpath(path, found);
  bool leads = there && lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
  lua_pushstring(L, leads ? found : path);
  const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
  size_t head = slash ? (size_t)(slash - path) + 1 : 0;
  if (there) {
    lua_pushstring(L, found);
  } else if (head < sizeof folder) {
    memcpy(folder, path, head);
    folder[head] = '\0';
    lua_pushfstring(L, "%s/%s", realpath(head ? folder : ".", found) ? found : folder, name);
  } else {
    lua_pushstring(L, path);
  }
  return 2;
}

/* printed() -> true if all that went to the standard output so far is out; or nil, message */
static int printed(lua_State *L) {
  int flushed = fflush(stdout), why = errno;
  if (flushed == 0 && !ferror(stdout)) return lua_pushboolean(L, 1), 1;
  lua_pushnil(L);
  lua_pushfstring(L, "cannot write to the standard output%s%s", flushed ? ": " : "",
                  flushed ? strerror(why) : " (is the disk full?)");
  return 2;
}

/* limit{memory=bytes, cpu=seconds}: of this process, from now on */
static int limit(lua_State *L) {
  static const struct {
    const char *name;
    int resource;
  } limits[] = {{"memory", RLIMIT_AS}, {"cpu", RLIMIT_CPU}};
  for (int i = 0; i < 2; i++) {
    if (lua_getfield(L, 1, limits[i].name) == LUA_TNUMBER) {
      rlim_t value = (rlim_t)lua_tonumber(L, -1);
      struct rlimit r = {value, value};
      if (setrlimit((__rlimit_resource_t)limits[i].resource, &r) < 0)
        return failed(L, limits[i].name);
    }
    lua_pop(L, 1);
  }
  return 0;
}

int l_open_posix(lua_State *L) {
  static const luaL_Reg functions[] = {{"now", now},
                                       {"hash", hash},
                                       {"hash_object", hash_object},
                                       {"fork", l_fork},
                                       {"quit", quit},
                                       {"kill", l_kill},
                                       {"wait", l_wait},
                                       {"channel", channel},
                                       {"close", l_close},
                                       {"put", put},
                                       {"get", get},
                                       {"ready", ready},
                                       {"terminal", terminal},
                                       {"mkdir", l_mkdir},
                                       {"real", real},
                                       {"printed", printed},
                                       {"limit", limit},
                                       {"hold", hold},
                                       {"hash_file", hash_file},
                                       {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
