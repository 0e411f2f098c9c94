/* status.h: the status that every limn function returns, and the error value that explains it.
 *
 * A limn function never raises, prints or exits. It returns a limn_status and, when that is not
 * LIMN_OK and the caller gave a limn_err, fills it: which function failed, which argument and entry
 * are at fault, what was expected and what was given. After a failure nothing the caller passed in
 * has changed, unless the function's contract says otherwise. */
#ifndef LIMN_STATUS_H
#define LIMN_STATUS_H

#include <stddef.h>
#include <stdint.h>

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

/* An error value: of fixed size, so that reporting never allocates. Decisions belong to status,
 * argument, row and column; text is for people. */
typedef struct limn_err {
  limn_status status;
  const char *function; /* the C function that found the fault; static storage */
  char argument[64];    /* the argument at fault; "" where it is no single one */
  int64_t row, column;  /* the entry of it at fault, counted from 0; -1: none */
  char text[500]; /* with an argument: its predicate ("must be >= 0, got -1"); else a sentence */
} limn_err;

/* Writes "function: argument[row,column] text" into buffer (size bytes, always terminated when size
 * > 0). Indices count from `base`: 0 in C, 1 for users of Lua. function: the name to begin with;
 * NULL: err->function; "": none. Returns buffer. */
LIMN_API char *limn_err_text(char *buffer, size_t size, const limn_err *err, const char *function,
                             int base);

/* One short English name per status ("invalid argument"). Never NULL. */
LIMN_API const char *limn_status_name(limn_status status);

/* "0.1.0": the version of the library that was loaded (LIMN_VERSION is that of the header). */
LIMN_API const char *limn_version(void);

#ifdef __cplusplus
}
#endif
#endif
