/* token.h: cancellation and progress of long calls.
 *
 * Every function that may run for more than a few milliseconds has a limn_token argument (NULL:
 * none). It polls the token at least every 50 ms; if *cancel is nonzero, the deadline is past or
 * report returns nonzero, it releases all its memory and returns LIMN_ECANCELLED. limn never writes
 * *cancel. It does not copy the token, which must live as long as the call.
 *
 * report must return: it must not throw a C++ exception or call longjmp. */
#ifndef LIMN_TOKEN_H
#define LIMN_TOKEN_H

#include <signal.h>
#include <stdint.h>
#include "limn/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct limn_token {
  /* in: nonzero cancels the call; may be set by a signal handler or another thread; NULL: never */
  const volatile sig_atomic_t *cancel;
  /* called on the calling thread with 0 <= done <= total, in units of the function (tasks, steps,
   * columns); must not call limn with the same objects; NULL: no progress. A result other than 0
   * cancels the call; report may be called a few times more before it ends */
  int (*report)(void *user, double done, double total);
  void *user;      /* passed to report */
  double deadline; /* cancels the call once limn_seconds() is past it; 0: none */
} limn_token;

/* Seconds of the system's monotonic clock, from an arbitrary start. */
LIMN_API double limn_seconds(void);

#ifdef __cplusplus
}
#endif
#endif
