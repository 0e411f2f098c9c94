/* atomic_file.h: files that appear whole or not at all. Bytes go to a hidden temporary file in the
 * same folder; commit brings it to the disk and renames it. A path that is a symbolic link keeps
 * being one: the file that it leads to is replaced. Messages begin with the path. */
#ifndef LIMN_ATOMIC_FILE_H
#define LIMN_ATOMIC_FILE_H

#include <stddef.h>
#include "limn/status.h"

enum { LIMN_OUTFILE_MAX = 4096 }; /* bytes of a path, with its terminator */

typedef struct limn_outfile {
  int fd;                                              /* -1: not open */
  char path[LIMN_OUTFILE_MAX], real[LIMN_OUTFILE_MAX]; /* as given; where it leads */
  char temporary[LIMN_OUTFILE_MAX + 64];
} limn_outfile;

/* LIMN_EIO for a path that is empty, too long, or names something that is not a regular file, and
 * if no file can be made beside it. */
limn_status limn_outfile_open(limn_outfile *f, const char *path, limn_err *err);
limn_status limn_outfile_write(limn_outfile *f, const void *bytes, size_t n, limn_err *err);

/* fsync, rename, fsync of the folder. On failure the temporary file is removed. */
limn_status limn_outfile_commit(limn_outfile *f, limn_err *err);

/* Closes and removes the temporary file; nothing to do after commit. */
void limn_outfile_abandon(limn_outfile *f);

/* All of it in one call. */
limn_status limn_outfile_put(const char *path, const void *bytes, size_t n, limn_err *err);

#endif
