/* thin.h: data reduction for plots: entries that would not change the picture are omitted. Not
 * installed.
 *
 * A gap is an entry that is not finite. No function allocates or fails; sizes may be 0. */
#ifndef LIMN_ARRAY_THIN_H
#define LIMN_ARRAY_THIN_H

#include <stdbool.h>
#include <stddef.h>
#include "limn/status.h"

/* An axis divided into `count` >= 1 equal strips of [low, high], low < high; with `log`, equal in
 * the logarithm (then low > 0). */
typedef struct limn_strips {
  double low, high;
  size_t count;
  bool log;
} limn_strips;

typedef struct limn_extent {
  double low, high;       /* of the finite entries; INFINITY and -INFINITY without any */
  double positive;        /* smallest finite entry > 0; INFINITY without any */
  size_t finite, refused; /* number of finite entries; of those, entries <= 0 */
} limn_extent;

/* The range of x (n).
 *   out     out */
LIMN_API void limn_extent_of(limn_extent *out, const double *x, size_t n);

/* Rounds to significant digits; entries that are not finite or beyond 1e+-280 are unchanged.
 *   out     out (n)  may be x itself
 *   x       in  (n)
 *   digits  in       1 .. 15 */
LIMN_API void limn_round_digits(double *out, const double *x, size_t n, int digits);

/* A histogram: adds 1 to count[k] for each entry in bin k of `bins` equal bins of [low, high]; the
 * last bin includes high. Returns the number of entries that are gaps or outside.
 *   count   in/out (bins)
 *   x       in     (n) */
LIMN_API size_t limn_bin(double *count, size_t bins, const double *x, size_t n, double low,
                         double high);

/* Marks the points of a polyline that are visible at a line width of one strip: of each run of
 * points in one strip of x the first, last, lowest and highest; of each run of gaps the first.
 * Returns the number of marked points.
 *   keep    out (n)  1 where the point is kept, else 0
 *   x, y    in  (n) */
LIMN_API size_t limn_thin_line(unsigned char *keep, const double *x, const double *y, size_t n,
                               const limn_strips *strips);

/* The same for a band: each run of rows in one strip becomes its two ends (one end for a run of
 * one) with the smallest lo and the largest hi of the run; each run of gaps becomes one row of NaN.
 * Returns the number of rows, at most n.
 *   out         out (n, 3)  x, lo, hi
 *   x, lo, hi   in  (n) */
LIMN_API size_t limn_thin_band(double *out, const double *x, const double *lo, const double *hi,
                               size_t n, const limn_strips *strips);

/* Marks the last point in each cell of a grid, which is drawn over the others; points outside the
 * grid and gaps are not marked. Returns the number of marked points.
 *   keep    out  (n)
 *   taken   work (axes[0].count * axes[1].count)  1 for each cell with a point
 *   x, y    in   (n)
 *   axes    in   (2)  of x and of y */
LIMN_API size_t limn_thin_points(unsigned char *keep, unsigned char *taken, const double *x,
                                 const double *y, size_t n, const limn_strips *axes);

/* Copies the marked entries, in order.
 *   out     out (number of marked entries)
 *   x       in  (n)
 *   keep    in  (n) */
LIMN_API void limn_keep(double *out, const double *x, const unsigned char *keep, size_t n);

#endif
