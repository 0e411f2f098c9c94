/* memory.c: aligned, zeroed memory with overflow checks, and a test hook that makes the k-th
 * request fail.
 *
 * Blocks are aligned to 64 bytes: a cache line, and the widest vector register. */
#include "core/core.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { HUGE_PAGE = 2 << 20 };

static atomic_long fail_at; /* > 0: counts down to the request that fails */

void limn_memory_fail_at(long k) {
  atomic_store(&fail_at, k);
}

void *limn_alloc(size_t count, size_t size) {
  size_t bytes;
  if (atomic_load_explicit(&fail_at, memory_order_relaxed) > 0 &&
      atomic_fetch_sub(&fail_at, 1) == 1)
    return NULL;
  if (limn_mul_overflows(count, size, &bytes) || bytes > PTRDIFF_MAX - 64) return NULL;
  bytes = (bytes + 63) & ~(size_t)63;
  if (bytes == 0) bytes = 64;
  /* calloc returns large blocks as untouched zero pages; aligned_alloc + memset would touch all of
   * them. So over-allocate, align, and store the original pointer in front of the block. */
  char *raw = calloc(bytes + 128, 1);
  if (!raw) return NULL;
  char *block = (char *)(((uintptr_t)raw + 127) & ~(uintptr_t)63);
  memcpy(block - sizeof raw, &raw, sizeof raw);
  /* Huge pages: page faults of 4 KiB pages are a considerable fraction of a short pass over tens of
   * MiB. */
  if (bytes >= (size_t)8 << 20) {
    uintptr_t from = ((uintptr_t)block + HUGE_PAGE - 1) & ~(uintptr_t)(HUGE_PAGE - 1);
    uintptr_t to = ((uintptr_t)block + bytes) & ~(uintptr_t)(HUGE_PAGE - 1);
    if (to > from) madvise((char *)block + (from - (uintptr_t)block), to - from, MADV_HUGEPAGE);
  }
  return block; // cppcheck-suppress memleak ; raw is stored in front of the block
}

void limn_free(void *p) {
  if (!p) return;
  char *raw;
  memcpy(&raw, (char *)p - sizeof raw, sizeof raw);
  free(raw);
}

limn_status limn_nomem_in(limn_err *err, const char *function, const char *what, size_t count,
                          size_t size) {
  return limn_fail_in(err, LIMN_ENOMEM, function, NULL, -1, -1,
                      "no memory for %s (%zu x %zu bytes)", what, count, size);
}
