/* confine.c: see confine.h. */
#include "sys/confine.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

bool limn_within(const char *folder, const char *path) {
  size_t n = strlen(folder);
  if (n == 1) return path[0] == '/';
  return strncmp(path, folder, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

/* Whether a part of a path that does not exist is a plain name. */
static bool plain(const char *rest) {
  for (const char *at = rest; *at;) {
    size_t n = strcspn(at, "/");
    if ((n == 1 && at[0] == '.') || (n == 2 && at[0] == '.' && at[1] == '.')) return false;
    at += n;
    at += strspn(at, "/");
  }
  return true;
}

/* Resolves the longest part of `full` that exists, and appends the rest. */
static bool resolve(char *out, char *full) {
  char real[PATH_MAX];
  struct stat st;
  char *end = full + strlen(full);
  while (end > full + 1 && end[-1] == '/') *--end = '\0';
  char *cut = end;
  for (;;) {
    char keep = *cut;
    *cut = '\0';
    const char *head = cut == full ? "/" : full;
    bool there = realpath(head, real) != NULL;
    bool link = !there && lstat(head, &st) == 0; /* it leads nowhere, or in a circle */
    *cut = keep;
    if (link) return false;
    if (there) break;
    while (cut > full && *--cut != '/') continue;
  }
  if (!plain(cut)) return false;
  const char *head = strcmp(real, "/") == 0 && *cut ? "" : real;
  int n = snprintf(out, LIMN_CONFINE_MAX, "%s%s", head, cut);
  return n > 0 && n < LIMN_CONFINE_MAX;
}

bool limn_confine(char *out, const char *folder, const char *path) {
  char full[LIMN_CONFINE_MAX];
  out[0] = '\0';
  int n = path[0] == '/' ? snprintf(full, sizeof full, "%s", path)
                         : snprintf(full, sizeof full, "%s/%s", folder, path);
  if (n <= 0 || n >= (int)sizeof full || !resolve(out, full) || !limn_within(folder, out)) {
    out[0] = '\0';
    return false;
  }
  return true;
}
