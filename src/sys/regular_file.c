/* regular_file.c: see regular_file.h. */
#include "sys/regular_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "core/core.h"

enum { PIECE = 1 << 20 }; /* bytes of one call of gzread, and of the first block */

static const char *kind_of(mode_t mode) {
  return S_ISDIR(mode)    ? " (a folder)"
         : S_ISFIFO(mode) ? " (a pipe)"
         : S_ISCHR(mode)  ? " (a device)"
                          : "";
}

limn_status limn_regular_open(int *fd, uint64_t *bytes, const char *path, limn_err *err) {
  struct stat st;
  *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); /* a FIFO must not block */
  if (*fd < 0) return limn_fail(err, LIMN_EIO, "%.300s: cannot open: %s", path, strerror(errno));
  bool found = fstat(*fd, &st) == 0;
  if (found && S_ISREG(st.st_mode)) {
    if (bytes) *bytes = (uint64_t)st.st_size;
    return LIMN_OK;
  }
  close(*fd);
  *fd = -1;
  return limn_fail(err, LIMN_EIO, "%.300s: is not a regular file%s", path,
                   found ? kind_of(st.st_mode) : "");
}

/* Reads a stream to its end; gzread passes on the bytes of files that are not compressed. */
static limn_status read_all(gzFile in, char **text, size_t *n, size_t room, const char *path,
                            limn_err *err) {
  int got = 0;
  for (*n = 0;; *n += (size_t)got) {
    if (!*text || *n + PIECE + 1 > room) {
      char *more = limn_alloc(room = *text ? 2 * room : room, 1);
      if (!more) return limn_nomem(err, "text", room, 1);
      if (*text) memcpy(more, *text, *n);
      limn_free(*text);
      *text = more;
    }
    got = gzread(in, *text + *n, PIECE);
    if (got <= 0) break;
  }
  (*text)[*n] = '\0';
  int code;
  const char *why = gzerror(in, &code);
  if (got == 0 && code == Z_OK) return LIMN_OK;
  if (code == Z_ERRNO) return limn_fail(err, LIMN_EIO, "%.300s: cannot read", path);
  return limn_fail(err, LIMN_EFORMAT, "%.300s: its compressed data are damaged or end early: %.80s",
                   path, why);
}

limn_status limn_regular_read(char **text, size_t *n, const char *path, limn_err *err) {
  int fd;
  uint64_t bytes;
  *text = NULL;
  limn_status status = limn_regular_open(&fd, &bytes, path, err);
  if (status != LIMN_OK) return status;
  gzFile in = gzdopen(fd, "rb");
  if (!in) {
    close(fd);
    return limn_nomem(err, "file", 1, 1);
  }
  status = read_all(in, text, n, (size_t)bytes + 2 * PIECE, path, err);
  gzclose(in);
  if (status != LIMN_OK) {
    limn_free(*text);
    *text = NULL;
  }
  return status;
}
