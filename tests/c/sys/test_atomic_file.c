/* test_atomic_file.c: a file appears complete or not at all, and no temporary file is left. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/atomic_file.h"
#include "sys/temporary.h"

static char folder[LIMN_TEMPORARY_MAX];

static void enter(void) {
  cr_assert_eq(limn_temporary_folder(folder), 0);
  cr_assert_eq(chdir(folder), 0);
}

static void leave(void) {
  char command[2 * LIMN_TEMPORARY_MAX + 32];
  snprintf(command, sizeof command, "chmod -R u+w '%s'; rm -rf '%s'", folder, folder);
  cr_assert_eq(chdir("/"), 0);
  cr_assert_eq(system(command), 0);
}

TestSuite(atomic_file, .init = enter, .fini = leave);

static int entries(const char *path) {
  int n = -2; /* . and .. */
  DIR *d = opendir(path);
  while (readdir(d)) n++;
  closedir(d);
  return n;
}

static const char *content(const char *path) {
  static char text[256];
  FILE *f = fopen(path, "rb");
  cr_assert_not_null(f, "%s", path);
  text[fread(text, 1, sizeof text - 1, f)] = '\0';
  fclose(f);
  return text;
}

static void put(const char *path, const char *text) {
  limn_err err;
  cr_assert_eq(limn_outfile_put(path, text, strlen(text), &err), LIMN_OK, "%s", err.text);
  cr_assert_str_eq(content(path), text);
}

Test(atomic_file, new_and_replaced) {
  char absolute[LIMN_TEMPORARY_MAX + 16], name[256];
  put("f", "one");
  put("f", "");
  put("f", "two");
  snprintf(absolute, sizeof absolute, "%s/g", folder);
  put(absolute, "three");
  memset(name, 'n', 255); /* maximum length of a name */
  name[255] = '\0';
  put(name, "four");
  cr_assert_eq(entries("."), 3);
  struct stat st;
  mode_t mask = umask(0);
  umask(mask);
  cr_assert(stat("f", &st) == 0 && (st.st_mode & 0777) == (0666 & ~mask));
}

Test(atomic_file, a_replaced_file_keeps_its_mode) {
  struct stat st;
  put("f", "old");
  cr_assert_eq(chmod("f", 0640), 0);
  put("f", "new");
  cr_assert(stat("f", &st) == 0 && (st.st_mode & 0777) == 0640);
  cr_assert_eq(chmod("f", 0444), 0);
  limn_err err;
  cr_assert_eq(limn_outfile_put("f", "x", 1, &err), LIMN_EIO);
  cr_assert_str_eq(err.text, "f: cannot write: the file is read-only");
  cr_assert_str_eq(content("f"), "new");
}

Test(atomic_file, a_link_to_a_file_that_does_not_exist_creates_it) {
  struct stat st;
  cr_assert_eq(mkdir("there", 0777), 0);
  cr_assert_eq(symlink("there/f", "link"), 0);
  put("link", "new");
  cr_assert(lstat("link", &st) == 0 && S_ISLNK(st.st_mode));
  cr_assert_str_eq(content("there/f"), "new");
}

Test(atomic_file, nothing_shows_before_commit_or_after_abandon) {
  limn_outfile f;
  put("f", "old");
  cr_assert_eq(limn_outfile_open(&f, "f", NULL), LIMN_OK);
  cr_assert_eq(limn_outfile_write(&f, "ne", 2, NULL), LIMN_OK);
  cr_assert_str_eq(content("f"), "old");
  limn_outfile_abandon(&f);
  limn_outfile_abandon(&f);
  cr_assert_str_eq(content("f"), "old");
  cr_assert_eq(entries("."), 1);
  cr_assert_eq(limn_outfile_open(&f, "f", NULL), LIMN_OK);
  cr_assert_eq(limn_outfile_write(&f, "ne", 2, NULL), LIMN_OK);
  cr_assert_eq(limn_outfile_write(&f, "w", 1, NULL), LIMN_OK);
  cr_assert_eq(limn_outfile_commit(&f, NULL), LIMN_OK);
  limn_outfile_abandon(&f);
  cr_assert_str_eq(content("f"), "new");
  cr_assert_eq(entries("."), 1);
}

Test(atomic_file, a_commit_that_fails_leaves_nothing) {
  limn_outfile f;
  limn_err err;
  cr_assert_eq(limn_outfile_open(&f, "f", &err), LIMN_OK);
  cr_assert_eq(limn_outfile_write(&f, "new", 3, &err), LIMN_OK);
  cr_assert_eq(mkdir("f", 0777), 0); /* a folder cannot be replaced by a file */
  cr_assert_eq(limn_outfile_commit(&f, &err), LIMN_EIO);
  cr_assert_eq(strncmp(err.text, "f: cannot rename", 16), 0, "%s", err.text);
  cr_assert_eq(entries("."), 1);
}

/* A writer killed at any moment leaves one of the complete texts; leftover files are hidden. */
Test(atomic_file, a_killed_writer_leaves_a_whole_file) {
  enum { SIZE = 300000 };
  char *text = malloc(SIZE);
  memset(text, 'a', SIZE);
  cr_assert_eq(limn_outfile_put("f", text, SIZE, NULL), LIMN_OK);
  for (int round = 0; round < 20; round++) {
    pid_t writer = fork();
    if (writer == 0) {
      for (char c = 'b';; c = c == 'z' ? 'b' : (char)(c + 1)) {
        memset(text, c, SIZE);
        limn_outfile_put("f", text, SIZE, NULL);
      }
    }
    usleep((unsigned)(2000 + 700 * round));
    kill(writer, SIGKILL);
    cr_assert_eq(waitpid(writer, NULL, 0), writer);
    int fd = open("f", O_RDONLY);
    cr_assert(fd >= 0);
    ssize_t got = 0, n;
    while ((n = read(fd, text + got, (size_t)(SIZE - got))) > 0) got += n;
    char more;
    cr_assert_eq(got, SIZE);
    cr_assert_eq(read(fd, &more, 1), 0);
    close(fd);
    for (int i = 1; i < SIZE; i++) cr_assert_eq(text[i], text[0], "byte %d", i);
  }
  DIR *d = opendir(".");
  for (struct dirent *e; (e = readdir(d));)
    cr_assert(e->d_name[0] == '.' || strcmp(e->d_name, "f") == 0, "%s", e->d_name);
  closedir(d);
  free(text);
}

Test(atomic_file, a_full_disk_keeps_the_old_file) {
  static char large[100000];
  limn_err err;
  put("f", "old");
  signal(SIGXFSZ, SIG_IGN);
  cr_assert_eq(setrlimit(RLIMIT_FSIZE, &(struct rlimit){16384, 16384}), 0);
  cr_assert_eq(limn_outfile_put("f", large, sizeof large, &err), LIMN_EIO);
  cr_assert_str_eq(err.text, "f: cannot write: File too large");
  cr_assert_eq(limn_outfile_put("g", large, sizeof large, &err), LIMN_EIO);
  cr_assert_str_eq(content("f"), "old");
  cr_assert_eq(entries("."), 1);
}

Test(atomic_file, a_symbolic_link_stays_one) {
  cr_assert_eq(mkdir("real", 0777), 0);
  put("real/f", "old");
  cr_assert_eq(symlink("real/f", "link"), 0);
  cr_assert_eq(symlink("real", "way"), 0);
  put("link", "new");
  cr_assert_str_eq(content("real/f"), "new");
  struct stat st;
  cr_assert(lstat("link", &st) == 0 && S_ISLNK(st.st_mode));
  put("way/g", "other");
  cr_assert_str_eq(content("real/g"), "other");
  cr_assert_eq(entries("real"), 2);
  cr_assert_eq(entries("."), 3);
}

Test(atomic_file, what_is_no_file_is_refused) {
  limn_err err;
  cr_assert_eq(mkdir("d", 0777), 0);
  cr_assert_eq(mkfifo("p", 0666), 0);
  static const char *const bad[] = {"", "d", "d/", "p", "/dev/null", "no/such/folder/f"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    cr_assert_eq(limn_outfile_put(bad[i], "x", 1, &err), LIMN_EIO, "%s", bad[i]);
    cr_assert_eq(strncmp(err.text, bad[i], strlen(bad[i])), 0, "%s", err.text);
  }
  char *large = malloc(10000);
  memset(large, 'x', 9999);
  large[9999] = '\0';
  cr_assert_eq(limn_outfile_put(large, "x", 1, &err), LIMN_EIO);
  free(large);
  struct stat st;
  cr_assert(stat("/dev/null", &st) == 0 && S_ISCHR(st.st_mode));
  cr_assert_eq(entries("."), 2);
  cr_assert_eq(entries("d"), 0);
}

/* As a user without write permission; the tests may run as root, to whom permissions do not
 * apply. */
Test(atomic_file, no_permission) {
  put("f", "old");
  cr_assert_eq(chmod(folder, 0555), 0);
  pid_t child = fork();
  if (child == 0) {
    limn_err err;
    if (geteuid() == 0 && setuid(65534) != 0) _exit(2);
    if (limn_outfile_put("f", "x", 1, &err) != LIMN_EIO) _exit(3);
    _exit(strcmp(err.text, "f: cannot write: Permission denied") == 0 ? 0 : 4);
  }
  int status;
  cr_assert_eq(waitpid(child, &status, 0), child);
  cr_assert(WIFEXITED(status));
  cr_assert_eq(WEXITSTATUS(status), 0);
  cr_assert_str_eq(content("f"), "old");
  cr_assert_eq(entries("."), 1);
}
