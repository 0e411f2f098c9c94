/* thin.h: columns of numbers brought down to what a page can show. Not installed.
 *
 * A gap is an entry that is not finite. Nothing allocates and nothing fails; sizes may be 0. */
#ifndef LIMN_ARRAY_THIN_H
#define LIMN_ARRAY_THIN_H

#include <stdbool.h>
#include <stddef.h>
#include "limn/status.h"

/* An axis cut into `count` >= 1 equal strips of [low, high], low < high; equal in the logarithm
 * where `log` is set (then low > 0). */
typedef struct limn_strips {
  double low, high;
  size_t count;
  bool log;
} limn_strips;

typedef struct limn_extent {
  double low, high;       /* of the finite entries; INFINITY and -INFINITY without any */
  double positive;        /* the least finite entry above 0; INFINITY without any */
  size_t finite, refused; /* how many are finite, and how many of those are <= 0 */
} limn_extent;

/* The range of x (n).
 *   out     out */
LIMN_API void limn_extent_of(limn_extent *out, const double *x, size_t n);

/* Rounds to significant digits; what is not finite, or beyond 1e+-280, stays as it is.
 *   out     out (n)  may be x itself
 *   x       in  (n)
 *   digits  in       1 .. 15 */
LIMN_API void limn_round_digits(double *out, const double *x, size_t n, int digits);

/* A histogram: adds 1 to count[k] for each entry in bin k of `bins` equal ones of [low, high], the
 * last one closed. Returns how many entries lie outside or are gaps.
 *   count   in/out (bins)
 *   x       in     (n) */
LIMN_API size_t limn_bin(double *count, size_t bins, const double *x, size_t n, double low,
                         double high);

/* Marks the points of a line that a pen as wide as a strip shows: of each run of points in one
 * strip of x the first, the last, the lowest and the highest; of each run of gaps the first.
 * Returns how many are marked.
 *   keep    out (n)  1 where the point stays, else 0
 *   x, y    in  (n) */
LIMN_API size_t limn_thin_line(unsigned char *keep, const double *x, const double *y, size_t n,
                               const limn_strips *strips);

/* The same of a band: each run of rows in one strip becomes its two ends (one, for a run of one)
 * with the least lo and the greatest hi of the run, a run of gaps one row of NaN. Returns the
 * number of rows, at most n.
 *   out         out (n, 3)  x, lo, hi
 *   x, lo, hi   in  (n) */
LIMN_API size_t limn_thin_band(double *out, const double *x, const double *lo, const double *hi,
                               size_t n, const limn_strips *strips);

/* Marks the last point of every cell of a grid, the one that is drawn over the others; points
 * outside the grid and gaps are not marked. Returns how many are marked.
 *   keep    out  (n)
 *   taken   work (axes[0].count * axes[1].count)  1 for each cell that holds a point
 *   x, y    in   (n)
 *   axes    in   (2)  of x and of y */
LIMN_API size_t limn_thin_points(unsigned char *keep, unsigned char *taken, const double *x,
                                 const double *y, size_t n, const limn_strips *axes);

/* The marked entries in order.
 *   out     out (as many as are marked)
 *   x       in  (n)
 *   keep    in  (n) */
LIMN_API void limn_keep(double *out, const double *x, const unsigned char *keep, size_t n);

#endif
