/* maps.h: functions of two inputs on a grid, and what can be measured on them over many seeds.
 *
 * A map holds ny x nx values, row-major: row j is y_j, column i is x_i, evenly spaced from the
 * first coordinate to the last, both included. `maps` is a stack of `count` maps, one after the
 * other. The sign map has a 1 where the value is above 0, else a 0. Lengths and areas are in the
 * units of the coordinates. */
#ifndef LIMN_MAPS_H
#define LIMN_MAPS_H

#include <stddef.h>
#include <stdint.h>
#include "limn/status.h"
#include "limn/token.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The most cells of one map: 2^26 (its points alone then take 1 GiB). */
#define LIMN_MAPS_CELLS ((size_t)1 << 26)

typedef struct limn_maps_grid {
  size_t nx, ny;         /* each >= 2 */
  double x0, x1, y0, y1; /* first and last coordinates; x0 < x1, y0 < y1 */
} limn_maps_grid;

/* Whether a grid is within bounds: LIMN_EINVAL with argument "n", "x" or "y" otherwise. */
LIMN_API limn_status limn_maps_valid(const limn_maps_grid *g, limn_err *err);

/* The points of the grid, in the order of a map's cells.
 *   out     out (ny nx, 2)  x and y of each cell
 *   g       in
 * Errors: those of limn_maps_valid. */
LIMN_API limn_status limn_maps_points(double *out, const limn_maps_grid *g, limn_err *err);

/* Whether all values are finite.
 *   maps    in  (count, ny nx)
 * Errors: LIMN_ENONFINITE with map (row) and cell (column) of the first that is not. */
LIMN_API limn_status limn_maps_finite(const double *maps, size_t count, const limn_maps_grid *g,
                                      limn_err *err);

/* Columns of limn_maps_shape. */
typedef enum limn_maps_column {
  LIMN_MAPS_MEAN = 0,
  LIMN_MAPS_POSITIVE,  /* fraction of cells above 0 */
  LIMN_MAPS_BOUNDARY,  /* length of the zero contour (marching squares, bilinear saddles) */
  LIMN_MAPS_VARIATION, /* integral of |grad f|, the gradient taken at the middle of each cell */
  LIMN_MAPS_ENERGY,    /* integral of |grad f|^2 of the bilinear interpolant, exact */
  LIMN_MAPS_LZ,        /* Lempel-Ziv 1976 phrases of the sign map: mean of row and column scan */
  LIMN_MAPS_DEFLATE,   /* bytes of the sign map, one bit a cell, after zlib's level 9 */
  LIMN_MAPS_COLUMNS
} limn_maps_column;

/* Measures of each map by itself; maps are spread over threads, each is measured by one.
 *   out     out (count, LIMN_MAPS_COLUMNS)
 *   maps    in  (count, ny nx)  finite
 *   g       in
 *   token   in                  progress counts maps; may be NULL
 * Errors: those of limn_maps_valid, LIMN_ENOMEM, LIMN_ECANCELLED.
 * Source: Lempel and Ziv 1976 (phrases). */
LIMN_API limn_status limn_maps_shape(double *out, const double *maps, size_t count,
                                     const limn_maps_grid *g, const limn_token *token,
                                     limn_err *err);

/* Phrases in the exhaustive history of a string of zeros and ones, in linear time.
 *   phrases  out      0 when n = 0
 *   bits     in  (n)  anything but 0 counts as 1
 *   n        in       at most LIMN_MAPS_CELLS
 * Errors: LIMN_EINVAL, LIMN_ENOMEM. Source: Lempel and Ziv 1976; automaton of Blumer et al. 1985.
 */
LIMN_API limn_status limn_maps_lz(size_t *phrases, const unsigned char *bits, size_t n,
                                  limn_err *err);

/* Which rows have the same signs. For maps: distinct sign maps; for the pre-activations of a ReLU
 * net on a grid: its linear regions met there.
 *   group    out (rows)         numbered from 0 in the order of first appearance
 *   groups   out                how many
 *   values   in  (rows, width)
 * Errors: LIMN_ENOMEM. */
LIMN_API limn_status limn_maps_classes(double *group, size_t *groups, const double *values,
                                       size_t rows, size_t width, limn_err *err);

/* Matrices over pairs of maps; each may be NULL.
 *   correlation  out (count, count)  Pearson's; NaN with a constant map
 *   agreement    out (count, count)  fraction of cells of equal sign
 *   spread       out (count, count)  half the mean squared difference, whose mean over pairs is the
 *                                    variance over seeds, averaged over the cells
 *   maps         in  (count, cells)  finite
 * Errors: LIMN_EINVAL without maps, LIMN_ENOMEM, LIMN_ECANCELLED. */
LIMN_API limn_status limn_maps_pairs(double *correlation, double *agreement, double *spread,
                                     const double *maps, size_t count, size_t cells,
                                     const limn_token *token, limn_err *err);

/* Distance of each map to one function on the same grid.
 *   out     out (count, 2)      largest and root-mean-square difference
 *   maps    in  (count, cells)
 *   limit   in  (cells)
 * Errors: LIMN_EINVAL when cells = 0, LIMN_ECANCELLED. */
LIMN_API limn_status limn_maps_distance(double *out, const double *maps, size_t count,
                                        const double *limit, size_t cells, const limn_token *token,
                                        limn_err *err);

/* Entropy in bits of groups, and of the population that the seeds are a sample of.
 *   entropy    out      of the sample: at most log2 count
 *   corrected  out      n H - (n-1) mean of H without one seed, at least 0: the sample's bias taken
 *                       off to first order; NaN for count < 3
 *   interval   out (2)  Student's interval about `corrected`, cut at 0 and stretched to the
 * sample's own entropy, below which the population's is not expected; NaN for count < 3. Where
 * nearly all seeds differ, the upper end says little: what was not seen cannot be counted. group in
 * (count)  whole numbers in [0, count), as limn_maps_classes gives them count      in       >= 1
 *   level      in       inside (0,1)
 * A resample of seeds has less entropy than the sample, so that no percentile of resamples is an
 * end. Errors: LIMN_EINVAL, LIMN_ENOMEM. Source: Zahl 1977 (jackknife). */
LIMN_API limn_status limn_maps_entropy(double *entropy, double *corrected, double *interval,
                                       const double *group, size_t count, double level,
                                       limn_err *err);

#ifdef __cplusplus
}
#endif
#endif
