/* temporary.c: see temporary.h. */
#include "sys/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *limn_temporary_root(void) {
  const char *dir = getenv("TMPDIR");
  return dir && dir[0] == '/' && strlen(dir) < 3000 ? dir : "/tmp";
}

static void pattern(char path[LIMN_TEMPORARY_MAX]) {
  snprintf(path, LIMN_TEMPORARY_MAX, "%s/limn-XXXXXX", limn_temporary_root());
}

int limn_temporary_file(void) {
  char path[LIMN_TEMPORARY_MAX];
  pattern(path);
  int fd = mkostemp(path, O_CLOEXEC);
  if (fd >= 0) unlink(path);
  return fd;
}

int limn_temporary_folder(char path[LIMN_TEMPORARY_MAX]) {
  pattern(path);
  return mkdtemp(path) ? 0 : errno;
}
