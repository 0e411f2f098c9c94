/* board.c: see board.h.
 *
 * owner[] is authoritative: one compare-and-swap assigns a cell to a worker. `next` is where a
 * search begins; no cell before it is free. Its upper bits count releases: a claim that began
 * before a release cannot move `next` past the freed cell, because its compare-and-swap fails (this
 * prevents the ABA race). A worker writes a cell to its slot before it claims it. The cell of a
 * dead worker is therefore the one in its slot, if owner[] confirms it. */
#include "sys/board.h"

#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "core/core.h"
#include "sys/clock.h"

enum { CELL_BITS = 40 };
#define CELL_MASK ((UINT64_C(1) << CELL_BITS) - 1)

typedef struct slot {
  _Atomic uint64_t cell;  /* 0: none */
  _Atomic uint64_t since; /* bits of a double: seconds; 0: idle */
} slot;

/* Layout: this header, one slot per worker, the owner of each cell (0: free). */
typedef struct head {
  _Atomic uint64_t next; /* 0-based */
  _Atomic uint32_t stopped;
} head;

static head *head_of(const limn_board *b) {
  return b->memory;
}

static slot *slot_of(const limn_board *b, size_t worker) {
  return (slot *)(void *)((char *)b->memory + sizeof(head)) + (worker - 1);
}

static _Atomic uint16_t *owners_of(const limn_board *b) {
  return (_Atomic uint16_t *)(void *)((char *)b->memory + sizeof(head) + b->workers * sizeof(slot));
}

limn_status limn_board_open(limn_board *b, size_t cells, size_t workers, limn_err *err) {
  *b = (limn_board){NULL, 0, 0, 0};
  if (cells < 1 || cells > LIMN_BOARD_CELLS)
    return limn_fail(err, LIMN_EINVAL, "cells must be in 1 .. %zu, got %zu", LIMN_BOARD_CELLS,
                     cells);
  if (workers < 1 || workers > LIMN_BOARD_WORKERS)
    return limn_fail(err, LIMN_EINVAL, "workers must be in 1 .. %zu, got %zu", LIMN_BOARD_WORKERS,
                     workers);
  size_t bytes = sizeof(head) + workers * sizeof(slot) + cells * sizeof(_Atomic uint16_t);
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    return limn_fail(err, LIMN_ENOMEM, "not enough memory for a table of %zu cells", cells);
  *b = (limn_board){memory, bytes, cells, workers}; /* new memory is zero */
  return LIMN_OK;
}

void limn_board_close(limn_board *b) {
  if (b->memory) munmap(b->memory, b->bytes);
  b->memory = NULL;
}

size_t limn_board_take(limn_board *b, size_t worker) {
  head *h = head_of(b);
  slot *s = slot_of(b, worker);
  _Atomic uint16_t *owner = owners_of(b);
  atomic_store(&s->since, 0);
  if (atomic_load(&h->stopped)) return 0;
  uint64_t seen = atomic_load(&h->next);
  for (uint64_t k = seen & CELL_MASK; k < b->cells; k++) {
    uint16_t nobody = 0;
    if (atomic_load(&owner[k])) continue;
    atomic_store(&s->cell, k + 1);
    if (!atomic_compare_exchange_strong(&owner[k], &nobody, (uint16_t)worker)) continue;
    double now = limn_clock();
    uint64_t bits;
    memcpy(&bits, &now, sizeof bits);
    atomic_store(&s->since, bits);
    atomic_compare_exchange_strong(&h->next, &seen, (seen & ~CELL_MASK) | (k + 1));
    return k + 1;
  }
  return 0;
}

void limn_board_rest(limn_board *b, size_t worker) {
  atomic_store(&slot_of(b, worker)->since, 0);
}

size_t limn_board_held(const limn_board *b, size_t worker, double *since) {
  slot *s = slot_of(b, worker);
  uint64_t before, cell, bits;
  do { /* read both consistently */
    before = atomic_load(&s->cell);
    bits = atomic_load(&s->since);
    cell = atomic_load(&s->cell);
  } while (before != cell);
  *since = 0;
  if (cell == 0 || cell > b->cells || atomic_load(&owners_of(b)[cell - 1]) != worker) return 0;
  memcpy(since, &bits, sizeof *since);
  return cell;
}

void limn_board_clear(limn_board *b, size_t worker) {
  slot *s = slot_of(b, worker);
  atomic_store(&s->since, 0);
  atomic_store(&s->cell, 0);
}

void limn_board_release(limn_board *b, size_t cell) {
  head *h = head_of(b);
  uint64_t k = cell - 1, seen = atomic_load(&h->next), now;
  atomic_store(&owners_of(b)[k], 0);
  do {
    uint64_t at = seen & CELL_MASK;
    now = ((seen & ~CELL_MASK) + CELL_MASK + 1) | (at < k ? at : k);
  } while (!atomic_compare_exchange_weak(&h->next, &seen, now));
}

bool limn_board_left(const limn_board *b) {
  _Atomic uint16_t *owner = owners_of(b);
  uint64_t k = atomic_load(&head_of(b)->next) & CELL_MASK;
  while (k < b->cells && atomic_load(&owner[k])) k++;
  return k < b->cells;
}

void limn_board_stop(limn_board *b) {
  atomic_store(&head_of(b)->stopped, 1);
}
