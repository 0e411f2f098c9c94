/* history.c: the list of entries and its file. */
#include "sys/line/history.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char heading[] = "_HiStOrY_V2_\n";

/* Encodes one entry and a newline; out has 4 * strlen(entry) + 1 bytes. */
static size_t encode(const char *entry, char *out) {
  size_t n = 0;
  for (const unsigned char *s = (const unsigned char *)entry; *s; s++) {
    if (*s == '\\') {
      out[n++] = '\\';
      out[n++] = '\\';
    } else if (*s <= ' ' || *s == 127) {
      out[n++] = '\\';
      out[n++] = (char)('0' + (*s >> 6));
      out[n++] = (char)('0' + ((*s >> 3) & 7));
      out[n++] = (char)('0' + (*s & 7));
    } else {
      out[n++] = (char)*s;
    }
  }
  out[n++] = '\n';
  return n;
}

static bool octal(const char *s) {
  return s[0] >= '0' && s[0] <= '3' && s[1] >= '0' && s[1] <= '7' && s[2] >= '0' && s[2] <= '7';
}

/* Decodes a line in place: \ooo, \\, \^c for control characters, \M-c and \M^c for bytes above 127.
 */
static void decode(char *line) {
  char *out = line;
  for (const char *s = line; *s;) {
    if (*s != '\\' || !s[1]) {
      *out++ = *s++;
    } else if (octal(s + 1)) {
      *out++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
      s += 4;
    } else if (s[1] == '^' && s[2]) {
      *out++ = (char)(s[2] == '?' ? 127 : s[2] & 31);
      s += 3;
    } else if (s[1] == 'M' && (s[2] == '-' || s[2] == '^') && s[3]) {
      *out++ = (char)((s[2] == '-' ? s[3] : s[3] & 31) | 128);
      s += 4;
    } else {
      *out++ = s[1];
      s += 2;
    }
  }
  *out = '\0';
}

static void append(limn_history *h, const char *entry) {
  if (h->count == h->capacity) {
    size_t capacity = h->capacity * 2 + 64;
    char **more = realloc(h->entries, capacity * sizeof *more);
    if (!more) return;
    h->entries = more;
    h->capacity = capacity;
  }
  char *copy = strdup(entry);
  if (copy) h->entries[h->count++] = copy;
}

/* Removes the oldest entries beyond the limit. */
static void shorten(limn_history *h) {
  if (h->count <= LIMN_HISTORY_ENTRIES) return;
  size_t extra = h->count - LIMN_HISTORY_ENTRIES;
  for (size_t i = 0; i < extra; i++) free(h->entries[i]);
  h->count -= extra;
  memmove(h->entries, h->entries + extra, h->count * sizeof *h->entries);
}

/* Replaces the file; a failure leaves the longer one. */
static void write_all(const limn_history *h) {
  size_t bytes = sizeof heading, n = sizeof heading - 1;
  for (size_t i = 0; i < h->count; i++) bytes += 4 * strlen(h->entries[i]) + 1;
  size_t length = strlen(h->file) + sizeof ".new";
  char *text = malloc(bytes), *shorter = malloc(length);
  if (text && shorter) {
    memcpy(text, heading, n);
    for (size_t i = 0; i < h->count; i++) n += encode(h->entries[i], text + n);
    snprintf(shorter, length, "%s.new", h->file);
    int fd = open(shorter, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool written = fd >= 0 && write(fd, text, n) == (ssize_t)n;
    if (fd >= 0 && close(fd) != 0) written = false;
    if (fd >= 0 && (!written || rename(shorter, h->file) != 0)) unlink(shorter);
  }
  free(shorter);
  free(text);
}

/* The whole regular file, terminated; NULL if there is none. */
static char *contents(const char *file) {
  struct stat info;
  char *text = NULL;
  size_t n = 0;
  int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return NULL;
  if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) text = malloc((size_t)info.st_size + 1);
  while (text && n < (size_t)info.st_size) {
    ssize_t got = read(fd, text + n, (size_t)info.st_size - n);
    if (got <= 0) break;
    n += (size_t)got;
  }
  if (text) text[n] = '\0';
  close(fd);
  return text;
}

void limn_history_open(limn_history *h, const char *file) {
  memset(h, 0, sizeof *h);
  h->file = file ? strdup(file) : NULL;
  char *text = h->file ? contents(file) : NULL, *rest = NULL;
  if (!text) return;
  for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
    if (strncmp(line, "_HiStOrY_V", 10) == 0) continue;
    decode(line);
    append(h, line);
  }
  free(text);
  bool longer = h->count > LIMN_HISTORY_ENTRIES + LIMN_HISTORY_ENTRIES / 4;
  shorten(h);
  if (longer) write_all(h);
}

void limn_history_close(limn_history *h) {
  for (size_t i = 0; i < h->count; i++) free(h->entries[i]);
  free(h->entries);
  free(h->file);
  memset(h, 0, sizeof *h);
}

void limn_history_add(limn_history *h, const char *entry) {
  if (!*entry || (h->count > 0 && strcmp(h->entries[h->count - 1], entry) == 0)) return;
  append(h, entry);
  shorten(h);
  if (!h->file) return;
  char *text = malloc(sizeof heading + 4 * strlen(entry) + 1);
  int fd = open(h->file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600);
  struct stat info;
  if (text && fd >= 0 && fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) {
    size_t n = 0;
    if (info.st_size == 0) {
      n = sizeof heading - 1;
      memcpy(text, heading, n);
    }
    n += encode(entry, text + n);
    if ((info.st_mode & 077) != 0 && fchmod(fd, 0600) != 0) n = 0; /* private, or not written */
    ssize_t written = n ? write(fd, text, n) : 0;
    (void)written; /* the session goes on without the entry on disk */
  }
  if (fd >= 0) close(fd);
  free(text);
}

size_t limn_history_find(const limn_history *h, size_t before, const char *text, size_t n,
                         int prefix) {
  for (size_t i = before < h->count ? before : h->count; i-- > 0;) {
    const char *entry = h->entries[i];
    size_t length = strlen(entry);
    if (prefix ? length >= n && memcmp(entry, text, n) == 0
               : memmem(entry, length, text, n) != NULL)
      return i;
  }
  return h->count;
}
