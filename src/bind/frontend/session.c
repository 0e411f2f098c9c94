/* session.c: limn.native.session: system calls for a process that runs another one and controls its
 * output and signals: pipes, redirection, signals as messages. posix.c has fork and the framed
 * messages. */
#include "bind/bind.h"

#include "limn/host.h"
#include "sys/clock.h"
#include "sys/progress_bar.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

static int failed(lua_State *L, const char *what) {
  return luaL_error(L, "%s: %s", what, strerror(errno));
}

/* The disposition of SIGINT before ignore_sigint(); dispositions belong to the process. */
static struct sigaction before;
static bool ignored;

/* ignore_sigint(): SIGINT is ignored until restore_sigint() */
static int l_ignore_sigint(lua_State *L) {
  struct sigaction ignore;
  memset(&ignore, 0, sizeof ignore);
  ignore.sa_handler = SIG_IGN;
  if (!ignored && sigaction(SIGINT, &ignore, &before) < 0) return failed(L, "ignore_sigint");
  ignored = true;
  return 0;
}

/* restore_sigint(): undoes ignore_sigint(), also in a child that was forked in between */
static int l_restore_sigint(lua_State *L) {
  if (ignored && sigaction(SIGINT, &before, NULL) < 0) return failed(L, "restore_sigint");
  ignored = false;
  return 0;
}

/* signals() -> a descriptor from which next_signal reads. SIGINT and SIGTERM are then delivered
 * only through it. */
static int l_signals(lua_State *L) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  if (sigprocmask(SIG_BLOCK, &set, NULL) < 0) return failed(L, "signals");
  int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  if (fd < 0) return failed(L, "signals");
  lua_pushinteger(L, fd);
  return 1;
}

/* next_signal(fd) -> "INT" | "TERM", or nil when none is pending */
static int l_next_signal(lua_State *L) {
  struct signalfd_siginfo info;
  if (read((int)luaL_checkinteger(L, 1), &info, sizeof info) != (ssize_t)sizeof info)
    return lua_pushnil(L), 1;
  lua_pushstring(L, info.ssi_signo == SIGTERM ? "TERM" : "INT");
  return 1;
}

/* signal(pid, "INT" | "KILL"): sends the signal to the process and the group that it leads */
static int l_signal(lua_State *L) {
  static const char *const names[] = {"INT", "KILL", NULL};
  static const int numbers[] = {SIGINT, SIGKILL};
  pid_t pid = (pid_t)bind_checkint(L, 1, "signal", "pid", 2, INT32_MAX);
  int number = numbers[luaL_checkoption(L, 2, NULL, names)];
  if (kill(-pid, number) < 0) kill(pid, number); /* the child has not called lead() yet */
  return 0;
}

/* lead(): makes this process the leader of a new process group */
static int l_lead(lua_State *L) {
  if (setpgid(0, 0) < 0) return failed(L, "lead");
  return 0;
}

/* pipe() -> a nonblocking descriptor for reading, a descriptor for writing */
static int l_pipe(lua_State *L) {
  int fd[2];
  if (pipe2(fd, O_CLOEXEC) < 0) return failed(L, "pipe");
  fcntl(fd[0], F_SETFL, O_NONBLOCK);
  fcntl(fd[0], F_SETPIPE_SZ, 1 << 20); /* so that a writer seldom blocks; a refusal does no harm */
  lua_pushinteger(L, fd[0]);
  lua_pushinteger(L, fd[1]);
  return 2;
}

/* read(fd) -> the available bytes, at most 64 KiB; "" when there are none yet; nil at the end */
static int l_read(lua_State *L) {
  luaL_Buffer b;
  enum { MOST = 1 << 16 };
  int fd = (int)luaL_checkinteger(L, 1);
  char *p = luaL_buffinitsize(L, &b, MOST);
  ssize_t n = read(fd, p, MOST);
  if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) return lua_pushnil(L), 1;
  luaL_pushresultsize(&b, n > 0 ? (size_t)n : 0);
  return 1;
}

/* unread(fd) -> bytes in the pipe on fd, either of its ends, that nobody has read; 0 if it is none
 */
static int l_unread(lua_State *L) {
  int n = 0;
  if (ioctl((int)luaL_checkinteger(L, 1), FIONREAD, &n) < 0) n = 0;
  lua_pushinteger(L, n);
  return 1;
}

/* redirect(fd, target): output to `target` (1: standard output, 2: standard error) goes to fd */
static int l_redirect(lua_State *L) {
  if (dup2((int)luaL_checkinteger(L, 1), (int)luaL_checkinteger(L, 2)) < 0)
    return failed(L, "redirect");
  return 0;
}

/* program() -> path of the running program */
static int l_program(lua_State *L) {
  char path[4096];
  ssize_t n = readlink("/proc/self/exe", path, sizeof path);
  if (n < 0) return failed(L, "program");
  lua_pushlstring(L, path, (size_t)n);
  return 1;
}

typedef struct {
  int fd;
  pid_t owner;         /* a forked worker has a copy, but must not write to the peer */
  double began, drawn; /* seconds; drawn = 0: nothing has been sent */
} line;

/* Sends a message as posix.put does. A failure is ignored: the computation goes on without it. */
static void send_line(const line *l, const char *text) {
  char message[sizeof(uint64_t) + LIMN_BAR_MAX + 16];
  int n =
      snprintf(message + sizeof(uint64_t), sizeof message - sizeof(uint64_t), "line now\n%s", text);
  uint64_t length = (uint64_t)n;
  memcpy(message, &length, sizeof length);
  ssize_t sent = send(l->fd, message, sizeof length + (size_t)n, MSG_NOSIGNAL);
  (void)sent;
}

static void begin_pass(void *user) {
  line *l = user;
  l->began = limn_clock();
  l->drawn = 0;
}

static int report_pass(void *user, double done, double total) {
  line *l = user;
  double t = limn_clock(), share = total > 0 ? done / total : 0;
  if (t - l->began < 1 || t - l->drawn < 0.2 || !(share > 0 && share <= 1)) return 0;
  if (getpid() != l->owner) return 0;
  l->drawn = t;
  char text[LIMN_BAR_MAX];
  limn_bar_write(&(limn_bar){.fraction = share, .seconds = t - l->began, .columns = 80}, text);
  send_line(l, text);
  return 0;
}

static void end_pass(void *user) {
  line *l = user;
  if (l->drawn == 0 || getpid() != l->owner) return;
  l->drawn = 0;
  send_line(l, "");
}

/* progress(fd): native work of more than a second sends messages "line now\nBAR" to fd, and at its
 * end one without a bar */
static int l_progress(lua_State *L) {
  int fd = (int)luaL_checkinteger(L, 1);
  /* In the registry, so that it is valid as long as the state. */
  limn_progress *p = lua_newuserdatauv(L, sizeof *p + sizeof(line), 0);
  line *l = (line *)(void *)(p + 1);
  *l = (line){.fd = fd, .owner = getpid()};
  *p = (limn_progress){begin_pass, report_pass, end_pass, l};
  lua_setfield(L, LUA_REGISTRYINDEX, "limn.progress.line");
  lua_pushlightuserdata(L, p);
  lua_setfield(L, LUA_REGISTRYINDEX, LIMN_PROGRESS_FIELD);
  return 0;
}

int l_open_session(lua_State *L) {
  static const luaL_Reg functions[] = {{"ignore_sigint", l_ignore_sigint},
                                       {"restore_sigint", l_restore_sigint},
                                       {"signals", l_signals},
                                       {"next_signal", l_next_signal},
                                       {"signal", l_signal},
                                       {"lead", l_lead},
                                       {"pipe", l_pipe},
                                       {"read", l_read},
                                       {"unread", l_unread},
                                       {"redirect", l_redirect},
                                       {"program", l_program},
                                       {"progress", l_progress},
                                       {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
