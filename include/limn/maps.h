/* maps.h: measures of functions of two inputs on a grid, and statistics over many seeds.
 *
 * A map has ny x nx values, row-major: row j is y_j, column i is x_i, evenly spaced from the first
 * to the last coordinate inclusive. `maps` is a stack of `count` maps, contiguous. The sign map is
 * 1 where the value is > 0, else 0. Lengths and areas are in units of the coordinates. */
#ifndef LIMN_MAPS_H
#define LIMN_MAPS_H

#include <stddef.h>
#include <stdint.h>
#include "limn/status.h"
#include "limn/token.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Maximum number of cells of one map: 2^26 (its points alone take 1 GiB). */
#define LIMN_MAPS_CELLS ((size_t)1 << 26)

typedef struct limn_maps_grid {
  size_t nx, ny;         /* each >= 2 */
  double x0, x1, y0, y1; /* first and last coordinates; x0 < x1, y0 < y1 */
} limn_maps_grid;

/* Checks a grid. Errors: LIMN_EINVAL (argument "n", "x" or "y"). */
LIMN_API limn_status limn_maps_valid(const limn_maps_grid *g, limn_err *err);

/* The points of the grid, in the order of a map's cells.
 *   out     out (ny nx, 2)  x and y of each cell
 *   g       in
 * Errors: those of limn_maps_valid. */
LIMN_API limn_status limn_maps_points(double *out, const limn_maps_grid *g, limn_err *err);

/* Checks that all values are finite.
 *   maps    in  (count, ny nx)
 * Errors: LIMN_ENONFINITE (row: map, column: cell of the first value that is not finite). */
LIMN_API limn_status limn_maps_finite(const double *maps, size_t count, const limn_maps_grid *g,
                                      limn_err *err);

/* Columns of limn_maps_shape. */
typedef enum limn_maps_column {
  LIMN_MAPS_MEAN = 0,
  LIMN_MAPS_POSITIVE,  /* fraction of cells above 0 */
  LIMN_MAPS_BOUNDARY,  /* length of the zero contour (marching squares, bilinear saddles) */
  LIMN_MAPS_VARIATION, /* integral of |grad f|, gradient at the centre of each cell */
  LIMN_MAPS_ENERGY,    /* integral of |grad f|^2 of the bilinear interpolant, exact */
  LIMN_MAPS_LZ,        /* Lempel-Ziv 1976 phrases of the sign map: mean of row and column scan */
  LIMN_MAPS_DEFLATE,   /* bytes of the sign map, one bit per cell, compressed by zlib at level 9 */
  LIMN_MAPS_COLUMNS
} limn_maps_column;

/* Measures of each map. Maps are distributed over threads; each is measured by one thread.
 *   out     out (count, LIMN_MAPS_COLUMNS)
 *   maps    in  (count, ny nx)  finite
 *   g       in
 *   token   in                  progress counts maps; may be NULL
 * Errors: those of limn_maps_valid, LIMN_ENOMEM, LIMN_ECANCELLED.
 * Source: Lempel and Ziv 1976 (phrases). */
LIMN_API limn_status limn_maps_shape(double *out, const double *maps, size_t count,
                                     const limn_maps_grid *g, const limn_token *token,
                                     limn_err *err);

/* Number of phrases in the exhaustive history of a binary string, in linear time.
 *   phrases  out      0 if n = 0
 *   bits     in  (n)  nonzero counts as 1
 *   n        in       at most LIMN_MAPS_CELLS
 * Errors: LIMN_EINVAL, LIMN_ENOMEM.
 * Source: Lempel and Ziv 1976; suffix automaton of Blumer et al. 1985. */
LIMN_API limn_status limn_maps_lz(size_t *phrases, const unsigned char *bits, size_t n,
                                  limn_err *err);

/* Groups rows of equal signs: for maps, the distinct sign maps; for the pre-activations of a ReLU
 * net on a grid, the linear regions that the grid points lie in.
 *   group    out (rows)         numbered from 0 in order of first appearance
 *   groups   out                number of groups
 *   values   in  (rows, width)
 * Errors: LIMN_ENOMEM. */
LIMN_API limn_status limn_maps_classes(double *group, size_t *groups, const double *values,
                                       size_t rows, size_t width, limn_err *err);

/* Matrices over pairs of maps; each may be NULL.
 *   correlation  out (count, count)  Pearson's; NaN for a constant map
 *   agreement    out (count, count)  fraction of cells of equal sign
 *   spread       out (count, count)  half the mean squared difference; its mean over pairs is the
 *                                    variance over seeds, averaged over the cells
 *   maps         in  (count, cells)  finite
 *   token        in                  may be NULL
 * Errors: LIMN_EINVAL (no maps), LIMN_ENOMEM, LIMN_ECANCELLED. */
LIMN_API limn_status limn_maps_pairs(double *correlation, double *agreement, double *spread,
                                     const double *maps, size_t count, size_t cells,
                                     const limn_token *token, limn_err *err);

/* Distance of each map to one function on the same grid.
 *   out     out (count, 2)      maximum and root-mean-square difference
 *   maps    in  (count, cells)
 *   limit   in  (cells)
 *   token   in                  may be NULL
 * Errors: LIMN_EINVAL (cells = 0), LIMN_ECANCELLED. */
LIMN_API limn_status limn_maps_distance(double *out, const double *maps, size_t count,
                                        const double *limit, size_t cells, const limn_token *token,
                                        limn_err *err);

/* Entropy, in bits, of the groups of a sample of seeds, and an estimate for their population.
 *
 *   entropy    out            of the sample; at most log2 count
 *   corrected  out            n H - (n-1) mean of H without one seed, at least 0: first-order bias
 *                             correction; NaN if count < 3
 *   interval   out (2)        Student's interval about `corrected`, clipped at 0 and extended to
 *                             `entropy`, because the population's entropy is not expected below the
 *                             sample's; NaN if count < 3
 *   group      in  (count)    whole numbers in [0, count), as from limn_maps_classes
 *   count      in             >= 1
 *   level      in             inside (0,1)
 *
 * If nearly all seeds differ, the upper end is unreliable: groups that were not sampled cannot be
 * counted. Percentiles of resamples are not used, because a resample of seeds has less entropy than
 * the sample.
 * Errors: LIMN_EINVAL, LIMN_ENOMEM.
 * Source: Zahl 1977 (jackknife). */
LIMN_API limn_status limn_maps_entropy(double *entropy, double *corrected, double *interval,
                                       const double *group, size_t count, double level,
                                       limn_err *err);

#ifdef __cplusplus
}
#endif
#endif
