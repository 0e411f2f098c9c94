/* sessions.c: ends processes together with all programs that they started (see sessions.h). The
 * guard runs after fork in a process that may have had threads: it calls async-signal-safe
 * functions only, and reads /proc by system calls, since opendir allocates. */
#include "sys/sessions.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PASSES = 16 }; /* a program may start others while /proc is read */

typedef struct {
  uint64_t inode;
  int64_t offset;
  unsigned short length;
  unsigned char type;
  char name[];
} directory_entry; /* linux_dirent64 */

static pid_t number_of(const char *text) {
  pid_t n = 0;
  for (; *text >= '0' && *text <= '9'; text++) n = n * 10 + (*text - '0');
  return *text == '\0' ? n : 0;
}

/* The session of a process that has not ended, or 0. proc: an open /proc. Field 6 of its stat; the
 * name before it may hold spaces and parentheses. */
static pid_t session_of(int proc, const char *number) {
  char path[40], text[512];
  size_t digits = strlen(number);
  if (digits + 6 > sizeof path) return 0;
  memcpy(path, number, digits);
  memcpy(path + digits, "/stat", 6);
  int file = openat(proc, path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  ssize_t n = read(file, text, sizeof text - 1);
  close(file);
  if (n <= 0) return 0;
  text[n] = '\0';
  char *at = strrchr(text, ')');
  if (!at || at[1] != ' ' || at[2] == 'Z' || at[2] == 'X') return 0;
  at += 2;
  for (int field = 3; field < 6; field++) {
    at = strchr(at, ' ');
    if (!at) return 0;
    at++;
  }
  char *end = strchr(at, ' ');
  if (!end) return 0;
  *end = '\0';
  return number_of(at);
}

static bool listed(pid_t session, const pid_t *leaders, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (leaders[i] == session) return true;
  return false;
}

/* One pass over /proc; returns whether a process was killed. */
static bool kill_members(int proc, const pid_t *leaders, size_t n) {
  _Alignas(directory_entry) char entries[8192];
  bool any = false;
  long got;
  lseek(proc, 0, SEEK_SET);
  while ((got = syscall(SYS_getdents64, proc, entries, sizeof entries)) > 0) {
    for (long at = 0; at < got;) {
      const directory_entry *e = (const directory_entry *)(const void *)(entries + at);
      at += e->length;
      pid_t pid = number_of(e->name);
      if (pid <= 0) continue;
      pid_t session = session_of(proc, e->name);
      if (session > 0 && listed(session, leaders, n) && kill(pid, SIGKILL) == 0) any = true;
    }
  }
  return any;
}

void limn_session_kill_group(pid_t leader) {
  kill(-leader, SIGKILL);
}

void limn_sessions_kill(const pid_t *leaders, size_t n) {
  if (n == 0) return;
  for (size_t i = 0; i < n; i++) limn_session_kill_group(leaders[i]);
  int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (proc < 0) return;
  for (int pass = 0; pass < PASSES; pass++)
    if (!kill_members(proc, leaders, n)) break;
  close(proc);
}

/* ---- the guard ---- */

/* Reads numbers: a session is added, its negative removes it. The end of the file is the end of
 * the process that is guarded. */
static void guard(int file) {
  static pid_t leaders[LIMN_GUARD_MOST];
  size_t n = 0;
  int32_t note;
  for (;;) {
    ssize_t got = recv(file, &note, sizeof note, MSG_WAITALL);
    if (got < 0 && errno == EINTR) continue;
    if (got != sizeof note) break;
    if (note > 0 && n < LIMN_GUARD_MOST) leaders[n++] = note;
    for (size_t i = 0; note < 0 && i < n; i++)
      if (leaders[i] == -note) leaders[i--] = leaders[--n];
  }
  limn_sessions_kill(leaders, n);
  _exit(0);
}

static void close_all_but(int file) {
  dup2(file, 3);
  for (int i = 0; i < 3; i++) close(i);
#ifdef SYS_close_range
  if (syscall(SYS_close_range, 4U, ~0U, 0U) == 0) return;
#endif
  for (int i = 4; i < 65536; i++) close(i);
}

int limn_guard_start(void) {
  int ends[2], status;
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) return -1;
  sigset_t all, before;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &before); /* the guard outlives signals to its group */
  pid_t pid = fork();
  if (pid == 0) {
    if (fork() != 0) _exit(0);
    setsid();
    close_all_but(ends[1]);
    guard(3);
  }
  int why = errno;
  sigprocmask(SIG_SETMASK, &before, NULL);
  close(ends[1]);
  if (pid < 0) {
    close(ends[0]);
    errno = why;
    return -1;
  }
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return ends[0];
}

void limn_guard_note(int file, pid_t leader, int add) {
  int32_t note = add ? leader : -leader;
  while (send(file, &note, sizeof note, MSG_NOSIGNAL) < 0 && errno == EINTR) {
  }
}
