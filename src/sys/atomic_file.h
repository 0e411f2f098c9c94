/* outfile.h: files that appear whole or not at all. Internal. Bytes go to a temporary file in the
 * same directory; commit flushes it to the disk and renames it. */
#ifndef LIMN_OUTFILE_H
#define LIMN_OUTFILE_H

#include <stddef.h>
#include "limn/status.h"

typedef struct limn_outfile {
  int fd; /* -1: not open */
  char path[3800], temporary[3900];
} limn_outfile;

/* Refuses a path that is too long or names something that is not a regular file (LIMN_EIO). */
LIMN_API limn_status limn_outfile_open(limn_outfile *f, const char *path, limn_err *err);
LIMN_API limn_status limn_outfile_write(limn_outfile *f, const void *bytes, size_t n,
                                        limn_err *err);

/* fsync, rename, fsync of the directory. On failure the temporary file is removed. */
LIMN_API limn_status limn_outfile_commit(limn_outfile *f, limn_err *err);

/* Closes and removes the temporary file; nothing to do after commit. */
LIMN_API void limn_outfile_abandon(limn_outfile *f);

/* All of it in one call. */
LIMN_API limn_status limn_outfile_put(const char *path, const void *bytes, size_t n, limn_err *err);

#endif
