/* atomic_file.h: atomic file replacement: a file appears complete or not at all. Bytes are written
 * to a hidden temporary file in the same folder; commit flushes it to disk and renames it. If the
 * path is a symbolic link, the file it refers to is replaced, or created. A file that is replaced
 * keeps its mode, and its owner if root replaces it; a read-only one is not replaced. Messages
 * begin with the path. */
#ifndef LIMN_ATOMIC_FILE_H
#define LIMN_ATOMIC_FILE_H

#include <stddef.h>
#include "limn/status.h"

enum { LIMN_OUTFILE_MAX = 4096 }; /* bytes of a path, including its terminator */

typedef struct limn_outfile {
  int fd;                                              /* -1: not open */
  char path[LIMN_OUTFILE_MAX], real[LIMN_OUTFILE_MAX]; /* as given; with links resolved */
  char temporary[LIMN_OUTFILE_MAX + 64];
} limn_outfile;

/* Errors: LIMN_EIO if the path is empty, too long or not a regular file, or if no temporary file
 * can be created in its folder. */
limn_status limn_outfile_open(limn_outfile *f, const char *path, limn_err *err);
limn_status limn_outfile_write(limn_outfile *f, const void *bytes, size_t n, limn_err *err);

/* fsync, rename, fsync of the folder. On failure the temporary file is removed. */
limn_status limn_outfile_commit(limn_outfile *f, limn_err *err);

/* Closes and removes the temporary file; no effect after commit. */
void limn_outfile_abandon(limn_outfile *f);

/* Opens, writes n bytes and commits. */
limn_status limn_outfile_put(const char *path, const void *bytes, size_t n, limn_err *err);

#endif
