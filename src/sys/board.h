/* board.h: a lock-free table of cells in memory shared by forked processes. Workers claim cells
 * from it without asking their parent. The parent reads which cell each worker computes and since
 * when, and which cell a worker held when it died.
 *
 * Cells are numbered 1 .. cells in starting order, workers 1 .. workers; the caller must not pass
 * other numbers. All functions may be called from any of the processes at any time, except that one
 * worker number belongs to one process. */
#ifndef LIMN_BOARD_H
#define LIMN_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include "limn/status.h"

#define LIMN_BOARD_CELLS (((size_t)1 << 37) - 1) /* maximum number of cells */
#define LIMN_BOARD_WORKERS ((size_t)65534)       /* maximum number of workers */

typedef struct limn_board {
  void *memory; /* NULL: closed */
  size_t bytes, cells, workers;
} limn_board;

/* Opens a table of free cells. Errors: LIMN_EINVAL (counts out of range), LIMN_ENOMEM; b is then
 * closed. */
limn_status limn_board_open(limn_board *b, size_t cells, size_t workers, limn_err *err);

/* Unmaps the memory in this process; no effect on a closed board. */
void limn_board_close(limn_board *b);

/* Claims the first free cell for the worker and starts its clock. Returns 0 if none is free, or
 * after limn_board_stop. */
size_t limn_board_take(limn_board *b, size_t worker);

/* Marks the worker idle. */
void limn_board_rest(limn_board *b, size_t worker);

/* The cell that the worker claimed last and still owns, or 0. *since is when it claimed the cell
 * (limn_clock), 0 if it is idle. */
size_t limn_board_held(const limn_board *b, size_t worker, double *since);

/* Clears the worker's slot, so that another process can use its number. */
void limn_board_clear(limn_board *b, size_t worker);

/* Frees a cell; any worker may claim it again. */
void limn_board_release(limn_board *b, size_t cell);

/* Whether a cell is free. */
bool limn_board_left(const limn_board *b);

/* After this call no worker gets a cell. */
void limn_board_stop(limn_board *b);

#endif
