/* spawn.c: see spawn.h. */
#include "sys/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sys/resource.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/core.h"
#include "sys/clock.h"
#include "sys/temporary.h"

extern char **environ;

int limn_child_outputs(limn_child *c) {
  c->out = limn_temporary_file();
  if (c->out >= 0) c->err = limn_temporary_file();
  return c->out >= 0 && c->err >= 0 ? 0 : errno;
}

static int set_files(posix_spawn_file_actions_t *files, const limn_child *c, const char *dir) {
  int bad = dir ? posix_spawn_file_actions_addchdir_np(files, dir) : 0;
  if (!bad) bad = posix_spawn_file_actions_addopen(files, 0, "/dev/null", O_RDONLY, 0);
  if (!bad) bad = posix_spawn_file_actions_adddup2(files, c->out, 1);
  if (!bad) bad = posix_spawn_file_actions_adddup2(files, c->err, 2);
  return bad;
}

static int set_signals(posix_spawnattr_t *attributes) {
  sigset_t none, restored;
  sigemptyset(&none);
  sigemptyset(&restored);
  sigaddset(&restored, SIGPIPE);
  sigaddset(&restored, SIGXFSZ);
  sigaddset(&restored, SIGINT);
  sigaddset(&restored, SIGTERM);
  int bad = posix_spawnattr_setpgroup(attributes, 0);
  if (!bad) bad = posix_spawnattr_setsigmask(attributes, &none);
  if (!bad) bad = posix_spawnattr_setsigdefault(attributes, &restored);
  if (!bad)
    bad = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                                   POSIX_SPAWN_SETSIGDEF);
  return bad;
}

int limn_child_start(limn_child *c, char *const argv[], char *const env[], const char *dir) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  int bad = posix_spawn_file_actions_init(&files);
  if (bad) return bad;
  bad = posix_spawnattr_init(&attributes);
  if (bad) {
    posix_spawn_file_actions_destroy(&files);
    return bad;
  }
  pid_t pid = 0;
  bad = set_files(&files, c, dir);
  if (!bad) bad = set_signals(&attributes);
  if (!bad) bad = posix_spawnp(&pid, argv[0], &files, &attributes, argv, env);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (!bad) c->pid = pid;
  return bad;
}

void limn_child_limit(const limn_child *c, double cpu_seconds) {
  rlim_t whole = (rlim_t)ceil(cpu_seconds);
  struct rlimit limit = {whole, whole + 1};
  prlimit(c->pid, RLIMIT_CPU, &limit, NULL); /* fails only if the child has already ended */
}

/* Polls, because waiting in the kernel cannot observe the token: at short intervals first, for
 * short programs, then every 10 ms. */
limn_child_end limn_child_wait(limn_child *c, double seconds, const limn_token *token, int *code) {
  double deadline = limn_clock() + seconds;
  for (long nap = 200000;; nap = nap < 10000000 ? nap + nap / 4 : nap) {
    int status;
    pid_t got = waitpid(c->pid, &status, WNOHANG);
    if (got == c->pid) {
      c->pid = 0;
      *code = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
      return WIFEXITED(status) ? LIMN_CHILD_EXITED : LIMN_CHILD_SIGNALLED;
    }
    if (got < 0 && errno != EINTR) {
      c->pid = 0;
      return LIMN_CHILD_LOST;
    }
    if (limn_cancelled(token)) return LIMN_CHILD_CANCELLED;
    if (limn_clock() > deadline) return LIMN_CHILD_LATE;
    nanosleep(&(struct timespec){0, nap}, NULL);
  }
}

void limn_child_kill(limn_child *c) {
  if (c->pid <= 0) return;
  kill(-c->pid, SIGKILL);
  kill(c->pid, SIGKILL); /* in case its group does not exist yet */
  while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR) continue;
  c->pid = 0;
}

void limn_child_close(limn_child *c) {
  limn_child_kill(c);
  if (c->out >= 0) close(c->out);
  if (c->err >= 0) close(c->err);
  c->out = c->err = -1;
}

size_t limn_child_size(int output) {
  struct stat st;
  return fstat(output, &st) == 0 && st.st_size > 0 ? (size_t)st.st_size : 0;
}

size_t limn_child_read(int output, char *into, size_t most) {
  size_t have = 0;
  while (have < most) {
    ssize_t n = pread(output, into + have, most - have, (off_t)have);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    have += (size_t)n;
  }
  return have;
}

size_t limn_environment_room(char *const changes[]) {
  size_t n = 0, m = 0;
  while (environ[n]) n++;
  while (changes[m]) m++;
  return n + m + 1;
}

void limn_environment(char **out, char *const changes[]) {
  size_t used = 0;
  for (char **e = environ; *e; e++) {
    bool dropped = false;
    for (char *const *change = changes; *change && !dropped; change++) {
      size_t length = strcspn(*change, "=");
      dropped = strncmp(*e, *change, length) == 0 && (*e)[length] == '=';
    }
    if (!dropped) out[used++] = *e;
  }
  for (char *const *change = changes; *change; change++)
    if (strchr(*change, '=')) out[used++] = *change;
  out[used] = NULL;
}
