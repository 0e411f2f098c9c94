/* memory.h: the memory that limn allocates for nets, feature sets, fits and work space: how much is
 * in use, a limit, and a host's own functions.
 *
 * The settings belong to one copy of the library in a process (see limn/cpu.h). Lua's heap, with
 * the arrays of scripts, is allocated by the function of the Lua state and is not counted here (see
 * limn_config in limn/host.h). */
#ifndef LIMN_MEMORY_H
#define LIMN_MEMORY_H

#include <stdint.h>
#include "limn/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes in use. Any thread may call this function. */
LIMN_API uint64_t limn_memory_used(void);

/* The limit in bytes; 0: none. */
LIMN_API uint64_t limn_memory_limit(void);

/* Sets the limit. A call that would exceed it fails with LIMN_ENOMEM; blocks in use are kept. Any
 * thread may call this function.
 *   bytes   in   0: no limit */
LIMN_API void limn_memory_limit_set(uint64_t bytes);

/* A host's own functions. Both may be called by several threads at once and must return: they must
 * not throw a C++ exception or call longjmp. */
typedef struct limn_allocator {
  /* `bytes` (> 0) bytes with any alignment and contents, or NULL */
  void *(*allocate)(void *user, size_t bytes);
  /* frees a block of allocate, of that size */
  void (*release)(void *user, void *block, size_t bytes);
  void *user; /* passed to both */
} limn_allocator;

/* Sets the functions, while no block is in use.
 *   allocator   in   is copied; NULL: calloc and free
 *   err         out  may be NULL
 * Errors: LIMN_EINVAL (a function is NULL, or limn_memory_used() is not 0). */
LIMN_API limn_status limn_allocator_set(const limn_allocator *allocator, limn_err *err);

#ifdef __cplusplus
}
#endif
#endif
