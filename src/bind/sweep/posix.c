/* posix.c: limn.native.posix: system calls for sweeps: processes, framed messages, time. Each
 * function is one system call, or one loop that completes it. */
#include "bind/bind.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sys/clock.h"
#include "sys/duration.h"
#include "sys/hash.h"
#include "sys/progress_bar.h"
#include "sys/sessions.h"

static int failed(lua_State *L, const char *what) {
  return luaL_error(L, "%s: %s", what, strerror(errno));
}

static int file_at(lua_State *L, int idx, const char *who) {
  return (int)bind_checkint(L, idx, who, "file", 0, INT_MAX);
}

static pid_t process_at(lua_State *L,
                        const char *who) { /* 0 and negative numbers would mean process groups */
  return (pid_t)bind_checkint(L, 1, who, "process", 1, INT_MAX);
}

/* now() -> seconds of the monotonic clock */
static int l_now(lua_State *L) {
  lua_pushnumber(L, limn_clock());
  return 1;
}

/* hash(text) -> 32 hexadecimal digits (XXH3-128), and 63 of the bits as an integer */
static int l_hash(lua_State *L) {
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  return bind_pushhash(L, limn_hash_bytes(text, n));
}

/* hash_file(path) -> 32 hexadecimal digits of the contents; or nil, message */
static int l_hash_file(lua_State *L) {
  limn_hash h;
  limn_err err;
  limn_status status = limn_hash_file(&h, bind_checkread(L, 1, "posix.hash_file", "path"), &err);
  if (status != LIMN_OK) return bind_failed(L, status, &err, "");
  bind_pushhash(L, h);
  lua_pop(L, 1);
  return 1;
}

/* Whether this thread delays SIGINT by `hold`, and whether the host had blocked it before. */
static _Thread_local bool holding, was_blocked;

/* Ends the delay: SIGINT is blocked as before. */
static void release(void) {
  sigset_t interrupt;
  if (!holding) return;
  holding = false;
  sigemptyset(&interrupt);
  sigaddset(&interrupt, SIGINT);
  if (!was_blocked) pthread_sigmask(SIG_UNBLOCK, &interrupt, NULL);
}

static void ignore(int sig) {
  (void)sig;
}

/* fork(own) -> pid, or 0 in the child, where SIGINT has no effect: the parent decides when the
 * child ends. It has a handler and is not ignored, since programs that the child starts would
 * inherit that. own: the child has a session of its own, which `finish` ends as a whole. */
static int l_fork(lua_State *L) {
  fflush(NULL);
  pid_t parent = getpid(), pid = fork();
  if (pid < 0) return failed(L, "fork");
  if (pid == 0) {
    struct sigaction nothing = {.sa_handler = ignore, .sa_flags = SA_RESTART};
    sigemptyset(&nothing.sa_mask);
    sigaction(SIGINT, &nothing, NULL);
    if (lua_toboolean(L, 1)) setsid();
    release();                        /* programs that a measurement starts must get SIGINT */
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* a worker is killed when its parent ends */
    if (getppid() != parent) _exit(1);
  }
  lua_pushinteger(L, pid);
  return 1;
}

/* quit(code): exits at once, without exit handlers */
static int l_quit(lua_State *L) {
  fflush(NULL);
  _exit((int)bind_checkint(L, 1, "posix.quit", "code", 0, 255));
}

static int l_kill(lua_State *L) {
  static const char *const names[] = {"TERM", "KILL", "USR1", NULL};
  static const int signals[] = {SIGTERM, SIGKILL, SIGUSR1};
  kill(process_at(L, "posix.kill"), signals[luaL_checkoption(L, 2, "TERM", names)]);
  return 0;
}

static volatile sig_atomic_t notice; /* the signal that asks this process to end; 0: none */
static struct sigaction before_notice[2];
static const int notices[] = {SIGUSR1, SIGTERM};

static void take_notice(int sig) {
  notice = sig;
}

/* heed(yes): SIGUSR1 and SIGTERM, by which a cluster's scheduler announces the end of a job, only
 * set what `noticed` returns; heed(false): as before. Programs that are started do not inherit it.
 */
static int l_heed(lua_State *L) {
  static bool heeding;
  struct sigaction act = {.sa_handler = take_notice}; /* not SA_RESTART: `ready` returns */
  bool yes = lua_toboolean(L, 1);
  if (yes == heeding) return 0;
  heeding = yes;
  sigemptyset(&act.sa_mask);
  if (yes) notice = 0;
  for (int i = 0; i < 2; i++)
    sigaction(notices[i], yes ? &act : &before_notice[i], yes ? &before_notice[i] : NULL);
  return 0;
}

/* noticed() -> "USR1" | "TERM", the last of them that this process got since heed(true), or nil */
static int l_noticed(lua_State *L) {
  if (!notice) return 0;
  lua_pushstring(L, notice == SIGTERM ? "TERM" : "USR1");
  return 1;
}

/* guard() -> a file: a process that kills the sessions of a list when this one ends
 * (sys/sessions.h)
 */
static int l_guard(lua_State *L) {
  int file = limn_guard_start();
  if (file < 0) return failed(L, "guard");
  lua_pushinteger(L, file);
  return 1;
}

/* mark(guard | nil): the programs that this process starts from here on end with the guard, or with
 * this process; nil: those that it starts from here on do not (sys/sessions.h) */
static int l_mark(lua_State *L) {
  if (lua_isnoneornil(L, 1))
    limn_guard_unmark();
  else if (limn_guard_mark(file_at(L, 1, "posix.mark")) < 0)
    return failed(L, "mark");
  return 0;
}

/* note(guard, pid, add): puts a child with a session of its own on the guard's list, or takes it
 * off */
static int l_note(lua_State *L) {
  limn_guard_note(file_at(L, 1, "posix.note"),
                  (pid_t)bind_checkint(L, 2, "posix.note", "process", 1, INT_MAX),
                  lua_toboolean(L, 3));
  return 0;
}

/* finish({pid, ...}): kills children that have sessions of their own, with all programs that they
 * started; they are still to be waited for */
static int l_finish(lua_State *L) {
  lua_Integer n = luaL_len(L, 1);
  pid_t *leaders = lua_newuserdatauv(L, (size_t)(n > 0 ? n : 1) * sizeof *leaders, 0);
  for (lua_Integer i = 0; i < n; i++) {
    lua_geti(L, 1, i + 1);
    leaders[i] = (pid_t)bind_checkint(L, -1, "posix.finish", "process", 1, INT_MAX);
    lua_pop(L, 1);
  }
  limn_sessions_kill(leaders, (size_t)n);
  return 0;
}

/* Waits until a child has ended, and kills what is left of its session while its number is still
 * its own. */
static void end_session(pid_t pid) {
  siginfo_t info = {0};
  while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) < 0 && errno == EINTR) {
  }
  if (info.si_pid != pid) return;
  if (info.si_code == CLD_EXITED)
    limn_session_kill_group(pid);
  else
    limn_sessions_kill(&pid, 1);
}

/* wait(pid, own) -> "exit", code | "signal", name; or "status", "unknown" where the process ignores
 * SIGCHLD or another part of it has waited for the child. own: the child has a session of its own;
 * its programs are killed. */
static int l_wait(lua_State *L) {
  int status;
  pid_t pid = process_at(L, "posix.wait");
  if (lua_toboolean(L, 2)) end_session(pid);
  while (waitpid(pid, &status, 0) < 0) {
    if (errno == EINTR) continue;
    if (errno != ECHILD) return failed(L, "wait");
    lua_pushliteral(L, "status");
    lua_pushliteral(L, "unknown");
    return 2;
  }
  if (WIFSIGNALED(status)) {
    lua_pushliteral(L, "signal");
    lua_pushstring(L, strsignal(WTERMSIG(status)));
  } else {
    lua_pushliteral(L, "exit");
    lua_pushinteger(L, WEXITSTATUS(status));
  }
  return 2;
}

/* channel() -> a, b: the ends of a bidirectional stream */
static int l_channel(lua_State *L) {
  int fd[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) < 0) return failed(L, "channel");
  lua_pushinteger(L, fd[0]);
  lua_pushinteger(L, fd[1]);
  return 2;
}

static int l_close(lua_State *L) {
  close(file_at(L, 1, "posix.close"));
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

/* Sends length and text in one call, so that the peer wakes up once. */
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

/* put(fd, text) -> true if the whole message was sent */
static int l_put(lua_State *L) {
  size_t n;
  int fd = file_at(L, 1, "posix.put");
  const char *text = luaL_checklstring(L, 2, &n);
  uint64_t length = n;
  lua_pushboolean(L, push_message(fd, &length, text, n));
  return 1;
}

/* get(fd) -> the next message, or nil when the peer has disconnected */
static int l_get(lua_State *L) {
  int fd = file_at(L, 1, "posix.get");
  uint64_t length;
  if (!pull_bytes(fd, (char *)&length, sizeof length)) return lua_pushnil(L), 1;
  luaL_Buffer b;
  char *p = luaL_buffinitsize(L, &b, (size_t)length);
  if (!pull_bytes(fd, p, (size_t)length)) return lua_pushnil(L), 1;
  luaL_pushresultsize(&b, (size_t)length);
  return 1;
}

/* hold(yes): delays SIGINT until hold(false) or the next `ready`, so that the code in between is
 * not interrupted; hold(false): the signal is blocked or not as before hold(true) */
static int l_hold(lua_State *L) {
  sigset_t interrupt, before;
  if (!lua_toboolean(L, 1)) {
    release();
  } else if (!holding) {
    sigemptyset(&interrupt);
    sigaddset(&interrupt, SIGINT);
    pthread_sigmask(SIG_BLOCK, &interrupt, &before);
    was_blocked = sigismember(&before, SIGINT);
    holding = true;
  }
  return 0;
}

/* ready({fd, ...}, seconds) -> {fd, ...}: those that can be read; empty on time-out or signal. A
 * SIGINT that `hold` delayed is delivered here. */
static int l_ready(lua_State *L) {
  enum { MOST = 1024 };
  struct pollfd fds[MOST];
  lua_Integer n = luaL_len(L, 1);
  double seconds = luaL_checknumber(L, 2);
  if (n > MOST) return luaL_error(L, "ready: expected at most %d files", MOST);
  for (int i = 0; i < n; i++) {
    lua_geti(L, 1, i + 1);
    fds[i] = (struct pollfd){.fd = file_at(L, -1, "posix.ready"), .events = POLLIN};
    lua_pop(L, 1);
  }
  sigset_t before, hearing, waiting;
  pthread_sigmask(SIG_SETMASK, NULL, &before);
  hearing = before;
  bool held = holding && !was_blocked;
  if (held) sigdelset(&hearing, SIGINT);
  sigpending(&waiting);
  int got = -1;
  if (held && sigismember(&waiting, SIGINT)) { /* ppoll does not deliver it when files are ready */
    pthread_sigmask(SIG_SETMASK, &hearing, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
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

/* terminal(fd) -> columns of the terminal on fd, or nil if fd is no terminal */
static int l_terminal(lua_State *L) {
  int columns = limn_terminal_columns(file_at(L, 1, "posix.terminal"));
  if (columns) return lua_pushinteger(L, columns), 1;
  return lua_pushnil(L), 1;
}

/* bar(fraction, seconds, columns | nil, count, notes | nil) -> a progress bar as text; without
 * columns only its text (see sys/progress_bar.h) */
static int l_bar(lua_State *L) {
  char text[LIMN_BAR_MAX];
  limn_bar b = {.fraction = luaL_checknumber(L, 1),
                .seconds = luaL_checknumber(L, 2),
                .count = luaL_checkstring(L, 4),
                .notes = luaL_optstring(L, 5, NULL)};
  if (lua_toboolean(L, 3)) b.columns = (int)bind_checkint(L, 3, "posix.bar", "columns", 1, INT_MAX);
  lua_pushlstring(L, text, limn_bar_write(&b, text));
  return 1;
}

/* seconds(text) -> the duration of a text such as "90", "50m", "30min", "1.5h" or "2d", in seconds;
 * nil for any other text */
static int l_seconds(lua_State *L) {
  double s;
  if (lua_type(L, 1) != LUA_TSTRING || !limn_duration_read(lua_tostring(L, 1), &s)) return 0;
  lua_pushnumber(L, s);
  return 1;
}

/* mkdir(path) -> true, or nil, message; creates missing parents; the folder may exist */
static int l_mkdir(lua_State *L) {
  char path[4096];
  struct stat st;
  const char *given = bind_checkpath(L, 1, "posix.mkdir", "path");
  size_t n = strlen(given);
  if (n >= sizeof path) return lua_pushnil(L), lua_pushliteral(L, "the path is too long"), 2;
  memcpy(path, given, n + 1);
  int why = EEXIST; /* of the first folder that could not be made: the others fail for lack of it */
  for (char *p = path + 1;; p++) {
    if (*p != '/' && *p != '\0') continue;
    char keep = *p;
    *p = '\0';
    if (mkdir(path, 0777) < 0 && errno != EEXIST && why == EEXIST) why = errno;
    *p = keep;
    if (keep == '\0') break;
  }
  if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) return lua_pushboolean(L, 1), 1;
  lua_pushnil(L);
  lua_pushfstring(L, "cannot make the folder %s: %s", given, strerror(why));
  return 2;
}

/* real(path) -> the target of a symbolic link, or the path itself; and its canonical absolute path,
 * also if only its folder exists */
static int l_real(lua_State *L) {
  const char *path = bind_checkread(L, 1, "posix.real", "path");
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

/* stamp(path) -> a text that differs once the file is written or replaced: device, inode, size,
 * times of modification and status change; nil if there is no such file */
static int l_stamp(lua_State *L) {
  struct stat st;
  if (stat(bind_checkread(L, 1, "posix.stamp", "path"), &st) < 0 || !S_ISREG(st.st_mode)) return 0;
  char text[160];
  snprintf(text, sizeof text, "%llx:%llx:%lld:%lld.%09ld:%lld.%09ld", (unsigned long long)st.st_dev,
           (unsigned long long)st.st_ino, (long long)st.st_size, (long long)st.st_mtim.tv_sec,
           st.st_mtim.tv_nsec, (long long)st.st_ctim.tv_sec, st.st_ctim.tv_nsec);
  lua_pushstring(L, text);
  return 1;
}

/* binary() -> the file that holds limn's compiled code: the Lua module or the program */
static int l_binary(lua_State *L) {
  Dl_info object;
  void *here;
  int (*function)(lua_State *) = l_binary;
  memcpy(&here, &function, sizeof here);
  const char *name = dladdr(here, &object) ? object.dli_fname : NULL;
  const char *base = name ? strrchr(name, '/') : NULL;
  /* A program is named as it was called, possibly without its folder. */
  lua_pushstring(L, base && strstr(base, ".so") ? name : "/proc/self/exe");
  return 1;
}

/* chdir(path) -> true; or nil, message */
static int l_chdir(lua_State *L) {
  const char *path = bind_checkpath(L, 1, "posix.chdir", "path");
  if (chdir(path) < 0) return luaL_fileresult(L, 0, path);
  lua_pushboolean(L, true);
  return 1;
}

/* printed() -> true if all output so far was written to standard output; or nil, message */
static int l_printed(lua_State *L) {
  int flushed = fflush(stdout), why = errno;
  if (flushed == 0 && !ferror(stdout)) return lua_pushboolean(L, 1), 1;
  lua_pushnil(L);
  lua_pushfstring(L, "cannot write to the standard output%s%s", flushed ? ": " : "",
                  flushed ? strerror(why) : " (is the disk full?)");
  return 2;
}

/* limit{memory=bytes, cpu=seconds}: sets limits of this process; integers */
static int l_limit(lua_State *L) {
  static const struct {
    const char *name;
    int resource;
  } limits[] = {{"memory", RLIMIT_AS}, {"cpu", RLIMIT_CPU}};
  for (int i = 0; i < 2; i++) {
    if (lua_getfield(L, 1, limits[i].name) != LUA_TNIL) {
      rlim_t value = (rlim_t)bind_checkint(L, -1, "posix.limit", limits[i].name, 1, LUA_MAXINTEGER);
      struct rlimit r = {value, value};
      if (setrlimit((__rlimit_resource_t)limits[i].resource, &r) < 0)
        return failed(L, limits[i].name);
    }
    lua_pop(L, 1);
  }
  return 0;
}

int l_open_posix(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"now", l_now},         {"hash", l_hash},           {"seconds", l_seconds},
      {"bar", l_bar},         {"fork", l_fork},           {"quit", l_quit},
      {"kill", l_kill},       {"guard", l_guard},         {"note", l_note},
      {"mark", l_mark},       {"finish", l_finish},       {"wait", l_wait},
      {"channel", l_channel}, {"close", l_close},         {"put", l_put},
      {"get", l_get},         {"ready", l_ready},         {"terminal", l_terminal},
      {"mkdir", l_mkdir},     {"real", l_real},           {"chdir", l_chdir},
      {"printed", l_printed}, {"stamp", l_stamp},         {"binary", l_binary},
      {"limit", l_limit},     {"heed", l_heed},           {"noticed", l_noticed},
      {"hold", l_hold},       {"hash_file", l_hash_file}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
