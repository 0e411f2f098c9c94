/* clock.c: the monotonic clock of deadlines (limn/token.h). */
#include <time.h>

#include "limn/token.h"

double limn_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
