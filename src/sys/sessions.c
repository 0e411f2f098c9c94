/* sessions.c: ends processes together with all programs that they started (see sessions.h). The
 * guard runs after fork in a process that may have had threads: it calls async-signal-safe
 * functions only, and reads /proc by system calls, since opendir allocates. */
#include "sys/sessions.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
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

typedef struct {
  const pid_t *leaders;
  size_t n;
} session_list;

static bool listed(int proc, const char *number, const void *user) {
  const session_list *list = user;
  pid_t session = session_of(proc, number);
  for (size_t i = 0; session > 0 && i < list->n; i++)
    if (list->leaders[i] == session) return true;
  return false;
}

typedef bool (*choice)(int proc, const char *number, const void *user);

/* One pass over /proc: kills the chosen processes; returns whether there was one. */
static bool kill_chosen(int proc, choice chosen, const void *user) {
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
      if (chosen(proc, e->name, user) && kill(pid, SIGKILL) == 0) any = true;
    }
  }
  return any;
}

void limn_session_kill_group(pid_t leader) {
  kill(-leader, SIGKILL);
}

static void kill_all(choice chosen, const void *user) {
  int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (proc < 0) return;
  for (int pass = 0; pass < PASSES; pass++)
    if (!kill_chosen(proc, chosen, user)) break;
  close(proc);
}

void limn_sessions_kill(const pid_t *leaders, size_t n) {
  if (n == 0) return;
  for (size_t i = 0; i < n; i++) limn_session_kill_group(leaders[i]);
  kill_all(listed, &(session_list){leaders, n});
}

/* ---- programs with a mark in their environment ---- */

static const char variable[] = "LIMN_SWEEP";
enum { MARK_MAX = 64, ENVIRONMENT = 1 << 18 }; /* bytes of an environment that are looked at */

/* Writes "LIMN_SWEEP=PID" and returns the place of the number. */
static char *mark_of(pid_t pid, char *text) {
  size_t n = sizeof variable - 1, digits = 0;
  char reversed[24];
  memcpy(text, variable, n);
  text[n++] = '=';
  for (; pid > 0; pid /= 10) reversed[digits++] = (char)('0' + pid % 10);
  while (digits > 0) text[n++] = reversed[--digits];
  text[n] = '\0';
  return text + sizeof variable;
}

/* Whether the environment with which a program was started has the entry. */
static bool marked(int proc, const char *number, const void *mark) {
  static char text[ENVIRONMENT];
  char path[40];
  size_t digits = strlen(number), size = 0, n = strlen(mark) + 1;
  if (digits + 9 > sizeof path) return false;
  memcpy(path, number, digits);
  memcpy(path + digits, "/environ", 9);
  int file = openat(proc, path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  ssize_t got;
  while (size < sizeof text && (got = read(file, text + size, sizeof text - size)) > 0)
    size += (size_t)got;
  close(file);
  for (size_t at = 0; at + n <= size;) {
    if (memcmp(text + at, mark, n) == 0) return true;
    const char *end = memchr(text + at, '\0', size - at);
    if (!end) return false;
    at = (size_t)(end - text) + 1;
  }
  return false;
}

/* ---- the guard ---- */

/* Reads numbers: a session is added, its negative removes it, 0: programs have a mark. The end of
 * the file is the end of the process that is guarded. */
static void guard(int file, const char *mark) {
  static pid_t leaders[LIMN_GUARD_MOST];
  bool marks = false;
  size_t n = 0;
  int32_t note;
  for (;;) {
    ssize_t got = recv(file, &note, sizeof note, MSG_WAITALL);
    if (got < 0 && errno == EINTR) continue;
    if (got != sizeof note) break;
    if (note == 0) marks = true;
    if (note > 0 && n < LIMN_GUARD_MOST) leaders[n++] = note;
    for (size_t i = 0; note < 0 && i < n; i++)
      if (leaders[i] == -note) leaders[i--] = leaders[--n];
  }
  limn_sessions_kill(leaders, n);
  if (marks) kill_all(marked, mark);
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
  char mark[MARK_MAX];
  mark_of(getpid(), mark);
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) return -1;
  sigset_t all, before;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &before); /* the guard outlives signals to its group */
  pid_t pid = fork();
  if (pid == 0) {
    if (fork() != 0) _exit(0);
    setsid();
    close_all_but(ends[1]);
    guard(3, mark);
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

int limn_guard_mark(int file) {
  char mark[MARK_MAX];
  const char *number = mark_of(getpid(), mark);
  if (setenv(variable, number, 1) < 0) return -1;
  limn_guard_note(file, 0, 1);
  return 0;
}

void limn_guard_unmark(void) {
  unsetenv(variable);
}
