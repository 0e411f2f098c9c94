/* clock.h: the one clock that durations are measured on. */
#ifndef LIMN_CLOCK_H
#define LIMN_CLOCK_H

#include <time.h>

/* Seconds since some moment before the process began; never goes back, whatever is done to the
 * date. Processes of one machine read the same clock. */
static inline double limn_clock(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#endif
