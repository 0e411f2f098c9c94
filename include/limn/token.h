/* token.h: cancellation and progress of long calls.
 *
 * Every function that can take longer than some milliseconds takes a limn_token (NULL: none). It
 * polls the token at least every 50 ms of work; when *cancel is nonzero it releases all it holds
 * and returns LIMN_ECANCELLED. limn never writes *cancel, and does not copy the token: it must
 * live as long as the call. */
#ifndef LIMN_TOKEN_H
#define LIMN_TOKEN_H

#include <signal.h>
#include <stdint.h>
#include "limn/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct limn_token {
  /* in: nonzero asks for a stop, also from a signal handler or another thread; NULL: never */
  const volatile sig_atomic_t *cancel;
  /* called on the calling thread with 0 <= done <= total, in units of the function's own (tasks,
   * steps, columns); must not call limn with the same objects; NULL: no progress */
  void (*report)(void *user, double done, double total);
  void *user; /* passed to report */
} limn_token;

#ifdef __cplusplus
}
#endif
#endif
