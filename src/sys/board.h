/* board.h: a lock-free table of cells in memory that forked processes share. Workers claim cells
 * from it without asking their parent; the parent sees who works on what and since when, and which
 * cell a worker held when it died.
 *
 * Cells are numbered 1 .. cells in the order in which they are to start, workers 1 .. workers;
 * numbers outside are the caller's error. Every function is safe from any of the processes at any
 * time, except that one worker number belongs to one process. */
#ifndef LIMN_BOARD_H
#define LIMN_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include "limn/status.h"

#define LIMN_BOARD_CELLS (((size_t)1 << 37) - 1) /* the most cells */
#define LIMN_BOARD_WORKERS ((size_t)65534)       /* the most workers */

typedef struct limn_board {
  void *memory; /* NULL: closed */
  size_t bytes, cells, workers;
} limn_board;

/* All cells free. LIMN_EINVAL for counts outside 1 .. the most, LIMN_ENOMEM; b is closed then. */
limn_status limn_board_open(limn_board *b, size_t cells, size_t workers, limn_err *err);

/* Gives this process's view of the memory back; nothing to do on a closed board. */
void limn_board_close(limn_board *b);

/* Claims the first free cell for the worker, whose clock starts; 0 if none is free, or after
 * limn_board_stop. */
size_t limn_board_take(limn_board *b, size_t worker);

/* Marks the worker idle. */
void limn_board_rest(limn_board *b, size_t worker);

/* The cell that the worker claimed last and still owns, or 0. *since is when it began to work on it
 * (limn_clock), 0 if it is idle. */
size_t limn_board_held(const limn_board *b, size_t worker, double *since);

/* Forgets what the worker held, so that its number can go to another process. */
void limn_board_clear(limn_board *b, size_t worker);

/* Frees a cell: any worker may claim it again. */
void limn_board_release(limn_board *b, size_t cell);

/* Whether a cell is free. */
bool limn_board_left(const limn_board *b);

/* From now on no worker gets a cell. */
void limn_board_stop(limn_board *b);

#endif
