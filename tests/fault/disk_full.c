/* disk_full.c: preloaded into a program, makes the disk full from the n-th write to a file on: n is
 * LIMN_DISK_FULL_AT. Pipes and sockets are left alone. A full disk stays full, and the first
 * failing write is a short one where it can be, as on a real disk. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static atomic_long written;

/* Whether this write must fail. */
static int full(int fd) {
  struct stat st;
  const char *at = getenv("LIMN_DISK_FULL_AT");
  if (!at || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) return 0;
  return ++written >= atol(at);
}

ssize_t write(int fd, const void *bytes, size_t n) {
  ssize_t (*real)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
  if (!full(fd)) return real(fd, bytes, n);
  if (n > 1 && written == atol(getenv("LIMN_DISK_FULL_AT"))) return real(fd, bytes, n / 2);
  errno = ENOSPC;
  return -1;
}

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at) {
  ssize_t (*real)(int, const void *, size_t, off_t) = dlsym(RTLD_NEXT, "pwrite");
  if (!full(fd)) return real(fd, bytes, n, at);
  if (n > 1 && written == atol(getenv("LIMN_DISK_FULL_AT"))) return real(fd, bytes, n / 2, at);
  errno = ENOSPC;
  return -1;
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t at) {
  return pwrite(fd, bytes, n, (off_t)at);
}

int fallocate(int fd, int mode, off_t at, off_t n) {
  int (*real)(int, int, off_t, off_t) = dlsym(RTLD_NEXT, "fallocate");
  if (!full(fd)) return real(fd, mode, at, n);
  errno = ENOSPC;
  return -1;
}
