/* clock.h: the monotonic clock used for all durations. */
#ifndef LIMN_CLOCK_H
#define LIMN_CLOCK_H

#include <time.h>

/* Seconds since an unspecified time before the process started. Unaffected by changes of the date;
 * common to all processes of one machine. */
static inline double limn_clock(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#endif
