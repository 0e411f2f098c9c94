/* hash.c: see hash.h. */
#include "sys/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#define XXH_INLINE_ALL /* no run-time dependency; short texts are hashed inline */
#include <xxhash.h>

#include "core/core.h"

static limn_hash of(XXH128_hash_t h) {
  return (limn_hash){h.high64, h.low64};
}

limn_hash limn_hash_bytes(const void *bytes, size_t n) {
  return of(XXH3_128bits(bytes, n));
}

limn_status limn_hash_file(limn_hash *out, const char *path, limn_err *err) {
  XXH3_state_t state;
  char bytes[16384];
  ssize_t n = -1;
  XXH3_INITSTATE(&state);
  XXH3_128bits_reset(&state);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  while (fd >= 0 && ((n = read(fd, bytes, sizeof bytes)) > 0 || (n < 0 && errno == EINTR)))
    if (n > 0) XXH3_128bits_update(&state, bytes, (size_t)n);
  int why = errno;
  if (fd >= 0) close(fd);
  if (n != 0) return limn_fail(err, LIMN_EIO, "%.300s: %s", path, strerror(why));
  *out = of(XXH3_128bits_digest(&state));
  return LIMN_OK;
}

void limn_hash_write(limn_hash h, char digits[LIMN_HASH_DIGITS]) {
  static const char hex[] = "0123456789abcdef";
  for (int i = 0; i < 16; i++) {
    digits[i] = hex[h.high >> (60 - 4 * i) & 15];
    digits[16 + i] = hex[h.low >> (60 - 4 * i) & 15];
  }
}

static int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool limn_hash_read(limn_hash *out, const char *digits, size_t n) {
  uint64_t word[2] = {0, 0};
  if (n != LIMN_HASH_DIGITS) return false;
  for (int i = 0; i < LIMN_HASH_DIGITS; i++) {
    int d = digit(digits[i]);
    if (d < 0) return false;
    word[i / 16] = word[i / 16] << 4 | (uint64_t)d;
  }
  *out = (limn_hash){word[0], word[1]};
  return true;
}
