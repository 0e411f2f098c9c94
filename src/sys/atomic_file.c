/* atomic_file.c: see atomic_file.h. */
#include "sys/atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/core.h"

_Static_assert(LIMN_OUTFILE_MAX >= PATH_MAX, "realpath writes PATH_MAX bytes");

static limn_status failed(limn_err *err, const char *path, const char *what) {
  return limn_fail(err, LIMN_EIO, "%.300s: cannot %s: %s", path, what, strerror(errno));
}

/* Length of the path up to and including its last slash. */
static int folder_length(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? (int)(slash - path) + 1 : 0;
}

/* The file that a path names, through symbolic links, also when that file does not exist yet. */
static void resolve(char real[LIMN_OUTFILE_MAX], const char *path) {
  enum { MOST_LINKS = 40 };
  if (realpath(path, real)) return;
  snprintf(real, LIMN_OUTFILE_MAX, "%s", path);
  for (int k = 0; k < MOST_LINKS; k++) {
    char target[LIMN_OUTFILE_MAX], joined[2 * LIMN_OUTFILE_MAX];
    ssize_t n = readlink(real, target, sizeof target - 1);
    if (n <= 0) return;
    target[n] = '\0';
    int folder = target[0] == '/' ? 0 : folder_length(real);
    int length = snprintf(joined, sizeof joined, "%.*s%s", folder, real, target);
    if (length >= LIMN_OUTFILE_MAX) return;
    memcpy(real, joined, (size_t)length + 1);
  }
}

limn_status limn_outfile_open(limn_outfile *f, const char *path, limn_err *err) {
  static atomic_uint counter; /* distinct temporary names within one process */
  struct stat st;
  f->fd = -1;
  size_t n = strlen(path);
  if (n == 0 || n >= sizeof f->path)
    return limn_fail(err, LIMN_EIO, "%.100s: a path must have 1 to %zu bytes, got %zu", path,
                     sizeof f->path - 1, n);
  memcpy(f->path, path, n + 1);
  bool exists = stat(path, &st) == 0;
  if (exists && !S_ISREG(st.st_mode))
    return limn_fail(err, LIMN_EIO, "%.300s: exists and is not a regular file", path);
  if (exists && !(st.st_mode & (S_IWUSR | S_IWGRP | S_IWOTH)))
    return limn_fail(err, LIMN_EIO, "%.300s: cannot write: the file is read-only", path);
  resolve(f->real, path);
  int folder = folder_length(f->real);
  for (int tries = 0; tries < 100; tries++) {
    snprintf(f->temporary, sizeof f->temporary, "%.*s.limn-%ld-%u.tmp", folder, f->real,
             (long)getpid(), atomic_fetch_add(&counter, 1));
    f->fd = open(f->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (f->fd >= 0) {
      if (exists) { /* not on all file systems, and an owner by root only */
        (void)!fchown(f->fd, st.st_uid, st.st_gid);
        (void)!fchmod(f->fd, st.st_mode & 0777);
      }
      return LIMN_OK;
    }
    if (errno != EEXIST) break;
  }
  return failed(err, path, "write");
}

limn_status limn_outfile_write(limn_outfile *f, const void *bytes, size_t n, limn_err *err) {
  const char *p = bytes;
  while (n > 0) {
    ssize_t done = write(f->fd, p, n < 1 << 30 ? n : 1 << 30);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return failed(err, f->path, "write");
    if (done == 0) return limn_fail(err, LIMN_EIO, "%.300s: cannot write: no progress", f->path);
    p += done, n -= (size_t)done;
  }
  return LIMN_OK;
}

/* fsync of the folder, so that the new name survives a power failure as well. */
static void sync_folder(const char *path) {
  char folder[LIMN_OUTFILE_MAX] = ".";
  int n = folder_length(path);
  if (n > 0) snprintf(folder, sizeof folder, "%.*s", n, path);
  int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  (void)!fsync(fd); /* not supported by all file systems; the rename is done anyway */
  close(fd);
}

limn_status limn_outfile_commit(limn_outfile *f, limn_err *err) {
  limn_status status = LIMN_OK;
  if (fsync(f->fd) != 0 && errno != EINVAL) status = failed(err, f->path, "flush");
  if (close(f->fd) != 0 && status == LIMN_OK) status = failed(err, f->path, "close");
  f->fd = -1;
  if (status == LIMN_OK && rename(f->temporary, f->real) != 0)
    status = failed(err, f->path, "rename to it");
  if (status == LIMN_OK)
    sync_folder(f->real);
  else
    unlink(f->temporary);
  return status;
}

void limn_outfile_abandon(limn_outfile *f) {
  if (f->fd < 0) return;
  close(f->fd);
  f->fd = -1;
  unlink(f->temporary);
}

limn_status limn_outfile_put(const char *path, const void *bytes, size_t n, limn_err *err) {
  limn_outfile f;
  limn_status status = limn_outfile_open(&f, path, err);
  if (status != LIMN_OK) return status;
  if ((status = limn_outfile_write(&f, bytes, n, err)) == LIMN_OK)
    return limn_outfile_commit(&f, err);
  limn_outfile_abandon(&f);
  return status;
}
