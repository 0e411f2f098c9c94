/* temporary.h: temporary files and folders, in $TMPDIR if that is an absolute path of less than
 * 3000 bytes, else in /tmp. */
#ifndef LIMN_TEMPORARY_H
#define LIMN_TEMPORARY_H

enum { LIMN_TEMPORARY_MAX = 3100 }; /* bytes of a path, including its terminator */

const char *limn_temporary_root(void);

/* A new unnamed file, open for reading and writing, not inherited by children; or -1 and errno. */
int limn_temporary_file(void);

/* Creates a folder that only this user may enter, and writes its path. Returns 0 or an errno. */
int limn_temporary_folder(char path[LIMN_TEMPORARY_MAX]);

#endif
