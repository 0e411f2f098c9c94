/* test_spawn.c: child processes: how they end, their output, what they inherit and leave behind. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/clock.h"
#include "sys/spawn.h"
#include "sys/temporary.h"

extern char **environ;

static char output[1 << 16], errors[1 << 16];

static void keep(int from, char *into) {
  into[limn_child_read(from, into, (1 << 16) - 1)] = '\0';
}

/* Runs a shell command; its output is in `output` and `errors`. */
static limn_child_end run(const char *command, double seconds, int *code) {
  char *argv[] = {"sh", "-c", (char *)(uintptr_t)command, NULL};
  limn_child c = LIMN_CHILD_NONE;
  cr_assert_eq(limn_child_outputs(&c), 0);
  cr_assert_eq(limn_child_start(&c, argv, environ, NULL), 0);
  limn_child_end end = limn_child_wait(&c, seconds, NULL, code);
  keep(c.out, output);
  keep(c.err, errors);
  limn_child_close(&c);
  return end;
}

static int open_files(void) {
  int n = 0;
  DIR *d = opendir("/proc/self/fd");
  while (readdir(d)) n++;
  closedir(d);
  return n;
}

static bool gone(pid_t pid) { /* or a zombie that another process has not reaped yet */
  char path[64], state = 'X';
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  FILE *f = fopen(path, "r");
  if (!f) return true;
  if (fscanf(f, "%*d (%*[^)]) %c", &state) != 1) state = 'X';
  fclose(f);
  return state == 'Z' || state == 'X';
}

Test(spawn, exit_codes) {
  for (int want = 0; want < 256; want += 51) {
    char command[32];
    int code = -1;
    snprintf(command, sizeof command, "exit %d", want);
    cr_assert_eq(run(command, 30, &code), LIMN_CHILD_EXITED);
    cr_assert_eq(code, want);
  }
}

Test(spawn, signals) {
  static const int signals[] = {SIGTERM, SIGKILL, SIGSEGV, SIGINT, SIGPIPE};
  for (size_t i = 0; i < 5; i++) {
    char command[32];
    int code = -1;
    snprintf(command, sizeof command, "kill -%d $$", signals[i]);
    cr_assert_eq(run(command, 30, &code), LIMN_CHILD_SIGNALLED);
    cr_assert_eq(code, signals[i]);
  }
}

/* Signals ignored or blocked by the parent must not be so in the child; a shell could not undo
 * it. */
Test(spawn, the_parents_signals_are_not_inherited) {
  int code = -1;
  sigset_t blocked;
  signal(SIGINT, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  sigprocmask(SIG_BLOCK, &blocked, NULL);
  cr_assert_eq(run("kill -INT $$; exit 3", 30, &code), LIMN_CHILD_SIGNALLED);
  cr_assert_eq(code, SIGINT);
  cr_assert_eq(run("kill -TERM $$; exit 3", 30, &code), LIMN_CHILD_SIGNALLED);
  cr_assert_eq(code, SIGTERM);
  cr_assert_eq(run("kill -PIPE $$; exit 3", 30, &code), LIMN_CHILD_SIGNALLED);
  cr_assert_eq(code, SIGPIPE);
}

Test(spawn, both_outputs_are_captured_apart) {
  int code;
  cr_assert_eq(run("printf out; printf err >&2; cat", 30, &code), LIMN_CHILD_EXITED);
  cr_assert_str_eq(output, "out");
  cr_assert_str_eq(errors, "err");
  cr_assert_eq(code, 0); /* cat has read an empty input */
}

Test(spawn, an_output_larger_than_a_pipe_blocks_nobody) {
  char *argv[] = {"sh", "-c", "head -c 3000000 /dev/zero", NULL};
  limn_child c = LIMN_CHILD_NONE;
  int code = -1;
  char few[10];
  cr_assert_eq(limn_child_outputs(&c), 0);
  cr_assert_eq(limn_child_start(&c, argv, environ, NULL), 0);
  cr_assert_eq(limn_child_wait(&c, 30, NULL, &code), LIMN_CHILD_EXITED);
  cr_assert_eq(limn_child_size(c.out), 3000000);
  cr_assert_eq(limn_child_read(c.out, few, sizeof few), sizeof few);
  cr_assert_eq(limn_child_size(c.err), 0);
  limn_child_close(&c);
}

Test(spawn, runs_in_the_folder_it_is_given) {
  char folder[LIMN_TEMPORARY_MAX], *argv[] = {"pwd", NULL};
  cr_assert_eq(limn_temporary_folder(folder), 0);
  limn_child c = LIMN_CHILD_NONE;
  int code;
  cr_assert_eq(limn_child_outputs(&c), 0);
  cr_assert_eq(limn_child_start(&c, argv, environ, folder), 0);
  cr_assert_eq(limn_child_wait(&c, 30, NULL, &code), LIMN_CHILD_EXITED);
  keep(c.out, output);
  limn_child_close(&c);
  cr_assert_eq(strncmp(output, folder, strlen(folder)), 0, "%s", output);
  rmdir(folder);
}

Test(spawn, what_cannot_start_is_said_and_leaves_nothing) {
  char *argv[] = {"limn-there-is-no-such-program", NULL}, *pwd[] = {"pwd", NULL};
  int before = open_files();
  limn_child c = LIMN_CHILD_NONE;
  cr_assert_eq(limn_child_outputs(&c), 0);
  cr_assert_eq(limn_child_start(&c, argv, environ, NULL), ENOENT);
  cr_assert_eq(c.pid, 0);
  cr_assert_eq(limn_child_start(&c, pwd, environ, "/no/such/folder"), ENOENT);
  char *data[] = {"/etc/passwd", NULL};
  cr_assert_eq(limn_child_start(&c, data, environ, NULL), EACCES);
  limn_child_close(&c);
  limn_child_close(&c);
  cr_assert_eq(open_files(), before);
}

Test(spawn, a_late_child_is_killed_with_what_it_started) {
  char *argv[] = {"sh", "-c", "sleep 100 & echo $!; sleep 100", NULL};
  limn_child c = LIMN_CHILD_NONE;
  int code;
  double began = limn_clock();
  cr_assert_eq(limn_child_outputs(&c), 0);
  cr_assert_eq(limn_child_start(&c, argv, environ, NULL), 0);
  while (limn_child_size(c.out) == 0 && limn_clock() - began < 30) usleep(1000);
  cr_assert_eq(limn_child_wait(&c, 0.05, NULL, &code), LIMN_CHILD_LATE);
  pid_t child = c.pid;
  cr_assert(child > 0);
  keep(c.out, output);
  pid_t grandchild = atoi(output);
  cr_assert(grandchild > 0 && !gone(grandchild));
  limn_child_kill(&c);
  cr_assert_eq(c.pid, 0);
  cr_assert(gone(child));
  for (int i = 0; i < 3000 && !gone(grandchild); i++) usleep(1000);
  cr_assert(gone(grandchild));
  limn_child_close(&c);
  cr_assert(limn_clock() - began < 60);
}

Test(spawn, processor_time_is_limited_and_sleep_is_free) {
  char *busy[] = {"sh", "-c", "while :; do :; done", NULL}, *idle[] = {"sleep", "1.5", NULL};
  limn_child c = LIMN_CHILD_NONE;
  int code;
  cr_assert_eq(limn_child_outputs(&c), 0);
  cr_assert_eq(limn_child_start(&c, busy, environ, NULL), 0);
  limn_child_limit(&c, 0.5); /* a whole second */
  cr_assert_eq(limn_child_wait(&c, 600, NULL, &code), LIMN_CHILD_SIGNALLED);
  cr_assert_eq(code, SIGXCPU);
  limn_child_close(&c);
  cr_assert_eq(limn_child_outputs(&c), 0);
  cr_assert_eq(limn_child_start(&c, idle, environ, NULL), 0);
  limn_child_limit(&c, 0.5);
  cr_assert_eq(limn_child_wait(&c, 600, NULL, &code), LIMN_CHILD_EXITED);
  limn_child_close(&c);
}

Test(spawn, a_token_ends_the_wait) {
  char *argv[] = {"sleep", "100", NULL};
  volatile sig_atomic_t cancel = 1;
  limn_token token = {.cancel = &cancel};
  limn_child c = LIMN_CHILD_NONE;
  int code;
  cr_assert_eq(limn_child_outputs(&c), 0);
  cr_assert_eq(limn_child_start(&c, argv, environ, NULL), 0);
  cr_assert_eq(limn_child_wait(&c, 100, &token, &code), LIMN_CHILD_CANCELLED);
  cr_assert(c.pid > 0);
  limn_child_close(&c);
}

Test(spawn, no_file_stays_open_and_none_is_inherited) {
  int code;
  run("exit 0", 30, &code);
  int before = open_files();
  for (int i = 0; i < 50; i++) run("exit 0", 30, &code);
  cr_assert_eq(open_files(), before);
  /* The child has its three files; any other open file it has inherited from the parent. */
  limn_child c = LIMN_CHILD_NONE;
  char *argv[] = {"sh", "-c", "readlink /proc/$$/fd/* | grep -c 'limn-.*deleted'", NULL};
  cr_assert_eq(limn_child_outputs(&c), 0);
  cr_assert_eq(limn_child_start(&c, argv, environ, NULL), 0);
  cr_assert_eq(limn_child_wait(&c, 30, NULL, &code), LIMN_CHILD_EXITED);
  keep(c.out, output);
  limn_child_close(&c);
  cr_assert_str_eq(output, "2\n"); /* as 1 and 2; the parent's descriptors are not inherited */
}

/* With SIGCHLD ignored the system discards the status; the wait must still end. */
Test(spawn, a_parent_that_ignores_its_children) {
  int code = -1;
  signal(SIGCHLD, SIG_IGN);
  double began = limn_clock();
  cr_assert_eq(run("exit 5", 100, &code), LIMN_CHILD_LOST);
  cr_assert(limn_clock() - began < 50);
  cr_assert_eq(code, -1);
}

Test(spawn, environment_is_changed_as_asked) {
  char *changes[] = {"LIMN_ADDED=1", "LIMN_GONE", "LIMN_CHANGED=new", NULL};
  setenv("LIMN_GONE", "x", 1);
  setenv("LIMN_GONE_NOT", "x", 1);
  setenv("LIMN_CHANGED", "old", 1);
  char **env = malloc(limn_environment_room(changes) * sizeof *env);
  limn_environment(env, changes);
  int added = 0, went = 0, stayed = 0, changed = 0, old = 0;
  for (char **e = env; *e; e++) {
    added += strcmp(*e, "LIMN_ADDED=1") == 0;
    went += strncmp(*e, "LIMN_GONE=", 10) == 0;
    stayed += strcmp(*e, "LIMN_GONE_NOT=x") == 0;
    changed += strcmp(*e, "LIMN_CHANGED=new") == 0;
    old += strcmp(*e, "LIMN_CHANGED=old") == 0;
  }
  cr_assert(added == 1 && went == 0 && stayed == 1 && changed == 1 && old == 0);
  free(env);
}

Test(temporary, files_have_no_name_and_folders_are_private) {
  char root[LIMN_TEMPORARY_MAX], folder[LIMN_TEMPORARY_MAX];
  struct stat st;
  cr_assert_eq(limn_temporary_folder(root), 0);
  cr_assert(stat(root, &st) == 0 && S_ISDIR(st.st_mode) && (st.st_mode & 077) == 0);
  setenv("TMPDIR", root, 1);
  cr_assert_str_eq(limn_temporary_root(), root);
  int fd = limn_temporary_file();
  cr_assert(fd >= 0 && fstat(fd, &st) == 0 && st.st_nlink == 0);
  close(fd);
  cr_assert_eq(rmdir(root), 0); /* it is empty */
  cr_assert_eq(limn_temporary_file(), -1);
  cr_assert_eq(limn_temporary_folder(folder), ENOENT);
  setenv("TMPDIR", "relative", 1);
  cr_assert_str_eq(limn_temporary_root(), "/tmp");
}
