/* temporary.h: files and folders for the time being, below $TMPDIR if that is an absolute path of
 * less than 3000 bytes, else below /tmp. */
#ifndef LIMN_TEMPORARY_H
#define LIMN_TEMPORARY_H

enum { LIMN_TEMPORARY_MAX = 3100 }; /* bytes of a path, with its terminator */

const char *limn_temporary_root(void);

/* A new file, open for reading and writing, that has no name and is not inherited; -1, errno. */
int limn_temporary_file(void);

/* Makes a new folder that this user alone may enter; its path goes to `path`. 0, or an errno. */
int limn_temporary_folder(char path[LIMN_TEMPORARY_MAX]);

#endif
