/* token.h: how a caller stops long work, and hears how far it is.
 *
 * Every function that can take longer than some milliseconds takes a limn_token (NULL = none). It
 * polls the token at least every 50 ms of work; when `cancel` points at a nonzero value it releases
 * all it holds and returns LIMN_ECANCELLED. `report` is called from the calling thread only. */
#ifndef LIMN_TOKEN_H
#define LIMN_TOKEN_H

#include <signal.h>
#include <stdint.h>
#include "limn/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct limn_token {
  const volatile sig_atomic_t *cancel;                   /* nonzero: stop; NULL: never */
  void (*report)(void *user, double done, double total); /* progress; NULL: none */
  void *user;
} limn_token;

#ifdef __cplusplus
}
#endif
#endif
