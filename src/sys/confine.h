/* confine.h: paths that must lie in one folder, for scripts that are not trusted. */
#ifndef LIMN_CONFINE_H
#define LIMN_CONFINE_H

#include <stdbool.h>
#include <stddef.h>

enum { LIMN_CONFINE_MAX = 4096 };

/* Writes the canonical absolute path of a file in `folder` that exists, or could be made. Relative
 * paths are relative to the folder. Returns false, and "" in out, if the path leads out of the
 * folder, also through a symbolic link, if it is a link without a target, or if it is too long.
 *   out      out  (LIMN_CONFINE_MAX)
 *   folder   in   canonical (realpath)
 * A process outside that changes links of the folder meanwhile is not guarded against. */
bool limn_confine(char *out, const char *folder, const char *path);

/* Whether a canonical path is the folder or lies in it. */
bool limn_within(const char *folder, const char *path);

#endif
