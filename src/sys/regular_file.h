/* regular_file.h: opening files that are to be read. Only regular files are opened: a FIFO would
 * block until somebody writes to it, /dev/zero has no end, and a folder cannot be read. Messages
 * begin with the path. */
#ifndef LIMN_REGULAR_FILE_H
#define LIMN_REGULAR_FILE_H

#include <stddef.h>
#include <stdint.h>
#include "limn/status.h"

/* Opens a regular file, or a link to one, for reading (close-on-exec); never blocks.
 *   fd     out  descriptor, to be closed by the caller; -1 after a failure
 *   bytes  out  size of the file; may be NULL
 * Errors: LIMN_EIO if there is no such file, it is not regular, or it may not be read. */
limn_status limn_regular_open(int *fd, uint64_t *bytes, const char *path, limn_err *err);

/* The whole contents of a regular file; those of a gzip file are unpacked.
 *   text  out  (n + 1) bytes, the last 0; free with limn_free; NULL after a failure
 *   n     out  number of bytes
 * Errors: as above; LIMN_EFORMAT if the compressed data are damaged or end early. */
limn_status limn_regular_read(char **text, size_t *n, const char *path, limn_err *err);

#endif
