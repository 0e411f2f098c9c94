/* duration.h: durations as people write and read them. */
#ifndef LIMN_DURATION_H
#define LIMN_DURATION_H

#include <stdbool.h>
#include <stddef.h>

enum { LIMN_DURATION_MAX = 40 }; /* bytes that limn_duration_write may need */

/* Reads a positive duration: decimal digits, at most one point among them, then a unit: s, m or
 * min, h, d; seconds without one ("90", "1.5h", "30min"). The decimal point is a point in every
 * locale. False, with *seconds as it was, for any other text, for zero, and for more than 15
 * digits. */
bool limn_duration_read(const char *text, double *seconds);

/* Writes "m:ss", or "h:mm:ss" from one hour on, rounded to the nearest second; negative durations
 * and NaN are written as 0:00, and none is written as longer than 999999 hours. Returns the length;
 * `out` has room for LIMN_DURATION_MAX bytes and is terminated. */
size_t limn_duration_write(double seconds, char *out);

#endif
