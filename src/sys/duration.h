/* duration.h: durations as text, "1.5h" or "1:30:00". */
#ifndef LIMN_DURATION_H
#define LIMN_DURATION_H

#include <stdbool.h>
#include <stddef.h>

enum { LIMN_DURATION_MAX = 40 }; /* maximum bytes written by limn_duration_write */

/* Reads a positive duration: decimal digits with at most one point, then a unit: s, m or min, h, d;
 * without a unit seconds ("90", "1.5h", "30min"). The decimal separator is a point in every locale.
 * Returns false and leaves *seconds unchanged for any other text, for zero, and for more than 15
 * digits. */
bool limn_duration_read(const char *text, double *seconds);

/* Writes "m:ss", or "h:mm:ss" from one hour, rounded to the nearest second. Negative durations and
 * NaN are written as 0:00; the maximum is 999999 hours. Returns the length; out (LIMN_DURATION_MAX
 * bytes) is terminated. */
size_t limn_duration_write(double seconds, char *out);

#endif
