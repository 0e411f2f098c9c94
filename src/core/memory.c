/* memory.c: aligned, zeroed memory with overflow checks, a limit and a host's own functions, and a
 * test hook that makes the k-th request fail.
 *
 * Blocks are aligned to 64 bytes: a cache line, and the widest vector register. */
#include "core/core.h"
#include "limn/memory.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { HUGE_PAGE = 2 << 20 };

static atomic_long fail_at; /* > 0: counts down to the request that fails */
static atomic_uint_least64_t used, limit;
static limn_allocator own; /* of the host; allocate is NULL: none */

void limn_memory_fail_at(long k) {
  atomic_store(&fail_at, k);
}

uint64_t limn_memory_used(void) {
  return atomic_load(&used);
}

uint64_t limn_memory_limit(void) {
  return atomic_load(&limit);
}

void limn_memory_limit_set(uint64_t bytes) {
  atomic_store(&limit, bytes);
}

limn_status limn_allocator_set(const limn_allocator *allocator, limn_err *err) {
  if (allocator && (!allocator->allocate || !allocator->release))
    return limn_fail_argument(err, LIMN_EINVAL, "allocator", "must have both functions");
  if (atomic_load(&used) > 0)
    return limn_fail(err, LIMN_EINVAL, "%llu bytes are in use",
                     (unsigned long long)atomic_load(&used));
  own = allocator ? *allocator : (limn_allocator){0};
  return LIMN_OK;
}

/* Counts `bytes` more as in use; false if they exceed the limit. */
static bool count(uint64_t bytes) {
  uint64_t most = atomic_load_explicit(&limit, memory_order_relaxed);
  uint64_t now = atomic_fetch_add(&used, bytes) + bytes;
  if (most == 0 || now <= most) return true;
  atomic_fetch_sub(&used, bytes);
  return false;
}

/* `bytes` zeroed bytes. */
static char *raw_block(size_t bytes) {
  if (!count(bytes)) return NULL;
  char *raw = own.allocate ? own.allocate(own.user, bytes) : calloc(bytes, 1);
  if (!raw) atomic_fetch_sub(&used, bytes);
  if (raw && own.allocate) memset(raw, 0, bytes);
  return raw;
}

/* What stands in front of a block. */
typedef struct {
  char *raw;
  size_t bytes; /* of raw */
} head;

void *limn_alloc(size_t n, size_t size) {
  size_t bytes;
  if (atomic_load_explicit(&fail_at, memory_order_relaxed) > 0 &&
      atomic_fetch_sub(&fail_at, 1) == 1)
    return NULL;
  if (limn_mul_overflows(n, size, &bytes) || bytes > PTRDIFF_MAX - 256) return NULL;
  bytes = (bytes + 63) & ~(size_t)63;
  if (bytes == 0) bytes = 64;
  /* calloc returns large blocks as untouched zero pages; aligned_alloc + memset would touch all of
   * them. So over-allocate, align, and store the original pointer in front of the block. */
  head h = {.bytes = bytes + 128};
  h.raw = raw_block(h.bytes);
  if (!h.raw) return NULL;
  char *block = (char *)(((uintptr_t)h.raw + 127) & ~(uintptr_t)63);
  memcpy(block - sizeof h, &h, sizeof h);
  /* Huge pages: page faults of 4 KiB pages are a considerable fraction of a short pass over tens of
   * MiB. */
  if (bytes >= (size_t)8 << 20) {
    uintptr_t from = ((uintptr_t)block + HUGE_PAGE - 1) & ~(uintptr_t)(HUGE_PAGE - 1);
    uintptr_t to = ((uintptr_t)block + bytes) & ~(uintptr_t)(HUGE_PAGE - 1);
    if (to > from) madvise((char *)block + (from - (uintptr_t)block), to - from, MADV_HUGEPAGE);
  }
  return block; // cppcheck-suppress memleak ; the pointer is stored in front of the block
}

void limn_free(void *p) {
  if (!p) return;
  head h;
  memcpy(&h, (char *)p - sizeof h, sizeof h);
  atomic_fetch_sub(&used, h.bytes);
  if (own.release)
    own.release(own.user, h.raw, h.bytes);
  else
    free(h.raw);
}

limn_status limn_nomem_in(limn_err *err, const char *function, const char *what, size_t count,
                          size_t size) {
  return limn_fail_in(err, LIMN_ENOMEM, function, NULL, -1, -1,
                      "no memory for %s (%zu x %zu bytes)", what, count, size);
}
