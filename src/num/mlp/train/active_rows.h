/* active_rows.h: the active units of a layer of ReLUs, for kernels that skip the inactive ones. */
#ifndef LIMN_NUM_MLP_ACTIVE_ROWS_H
#define LIMN_NUM_MLP_ACTIVE_ROWS_H

#include "num/mlp/net.h"

/* The units of a layer sorted by the set of points at which they are active; ascending within each
 * set. Row i of a matrix of weights [in][ld] belongs to unit i. */
enum { LIMN_MLP_PATTERNS = 1 << LIMN_TILE_POINTS };
typedef struct limn_mlp_rows {
  uint32_t *row; /* n of them; those active at the points in the bits of q: from start[q] on */
  uint8_t *on;   /* the bits of each unit */
  size_t start[LIMN_MLP_PATTERNS + 1];
} limn_mlp_rows;

/* From activations x (points, ldx), at most LIMN_TILE_POINTS points of n units. */
void limn_mlp_rows_sort(limn_mlp_rows *rows, const void *x, limn_dtype type, size_t ldx,
                        size_t points, size_t n);

/* Those with set `on` that lie in from .. to-1: *n of them. */
const uint32_t *limn_mlp_rows_within(const limn_mlp_rows *rows, unsigned on, size_t from, size_t to,
                                     size_t *n);

#endif
