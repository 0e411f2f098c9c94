/* status.h: what every limn function returns, and how it says what went wrong.
 *
 * A limn function never raises, prints or exits. It returns a limn_status and, when that is not
 * LIMN_OK and the caller gave a limn_err, fills it with one sentence that names the function, the
 * argument, what was expected and what came. After a failure nothing the caller passed in has
 * changed, unless the function's contract says so. */
#ifndef LIMN_STATUS_H
#define LIMN_STATUS_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define LIMN_API __attribute__((visibility("default")))
#else
#define LIMN_API
#endif

#define LIMN_VERSION "0.1.0"

typedef enum limn_status {
  LIMN_OK = 0,
  LIMN_EINVAL,      /* an argument is outside its domain (share = 1.5, N = 0) */
  LIMN_ESHAPE,      /* two shapes clash */
  LIMN_ENONFINITE,  /* NaN or Inf where a finite number is needed */
  LIMN_ENOMEM,      /* memory was refused */
  LIMN_ECANCELLED,  /* the token asked for a stop; everything was released */
  LIMN_EIO,         /* a file could not be read or written (expected failure) */
  LIMN_EFORMAT,     /* a file's content is not what it should be (expected failure) */
  LIMN_ENUMERIC,    /* no convergence, singular where the rule has no meaning (expected failure) */
  LIMN_EUNSUPPORTED /* this machine or build cannot do it */
} limn_status;

/* An error value: fixed size, so that reporting never allocates. */
typedef struct limn_err {
  limn_status status;
  char text[500];
} limn_err;

/* One short English name per status ("invalid argument"). Never NULL. */
LIMN_API const char *limn_status_name(limn_status status);

/* "0.1.0": the version of the library that was loaded (LIMN_VERSION is that of the header). */
LIMN_API const char *limn_version(void);

#ifdef __cplusplus
}
#endif
#endif
