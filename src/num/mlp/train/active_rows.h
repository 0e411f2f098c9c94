/* active_rows.h: lists of a ReLU layer's active units, for kernels that skip the inactive ones. */
#ifndef LIMN_NUM_MLP_ACTIVE_ROWS_H
#define LIMN_NUM_MLP_ACTIVE_ROWS_H

#include "num/mlp/net.h"

/* The units of a layer, sorted by the set of points at which they are active, in ascending order
 * within each set. A set is a bit mask of points. Row i of weights [in][ld] belongs to unit i. */
enum { LIMN_MLP_PATTERNS = 1 << LIMN_TILE_POINTS };
typedef struct limn_mlp_rows {
  uint32_t *row; /* n units; those of set q are row[start[q]] .. row[start[q + 1] - 1] */
  uint8_t *on;   /* (n) the set of each unit */
  size_t start[LIMN_MLP_PATTERNS + 1];
} limn_mlp_rows;

/* Fills `rows` from activations x (points, ldx) of n units; at most LIMN_TILE_POINTS points. */
void limn_mlp_rows_sort(limn_mlp_rows *rows, const void *x, limn_dtype type, size_t ldx,
                        size_t points, size_t n);

/* The units of set `on` among from .. to-1; *n: their number. */
const uint32_t *limn_mlp_rows_within(const limn_mlp_rows *rows, unsigned on, size_t from, size_t to,
                                     size_t *n);

#endif
