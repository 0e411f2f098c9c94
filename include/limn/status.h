/* status.h: the status that every limn function returns, and the error value that explains it.
 *
 * A limn function never aborts, prints or exits. It returns a limn_status. If that is not LIMN_OK
 * and the caller passed a limn_err, the function fills it: which function failed, which argument
 * and entry are at fault, what was expected and what was given. After a failure the caller's data
 * are unchanged, unless the contract of the function says otherwise. */
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

#define LIMN_VERSION "0.2.0"
#define LIMN_VERSION_NUMBER 200 /* 10000 major + 100 minor + patch, for #if */

typedef enum limn_status {
  LIMN_OK = 0,
  LIMN_EINVAL,      /* an argument is outside its domain (flip = 1.5, N = 0) */
  LIMN_ESHAPE,      /* two shapes do not match */
  LIMN_ENONFINITE,  /* NaN or Inf where a finite number is needed */
  LIMN_ENOMEM,      /* not enough memory */
  LIMN_ECANCELLED,  /* cancelled by the token; all memory was released */
  LIMN_EIO,         /* reading or writing a file failed (expected failure) */
  LIMN_EFORMAT,     /* a file has the wrong format or is damaged (expected failure) */
  LIMN_ENUMERIC,    /* no convergence, or a singular matrix (expected failure) */
  LIMN_EUNSUPPORTED /* not available on this machine or in this build */
} limn_status;

/* An error value. Its size is fixed, so that reporting an error never allocates. Programs decide by
 * status, argument, row and column; text is for people. */
typedef struct limn_err {
  limn_status status;
  const char *function; /* the C function that reports the error; static storage */
  char argument[64];    /* the argument at fault; "" if not exactly one */
  int64_t row, column;  /* its entry at fault, counted from 0; -1: none */
  char text[500]; /* about an argument: a predicate ("must be >= 0, got -1"); else a sentence */
} limn_err;

/* Writes "function: argument[row,column] text" and returns buffer.
 *   buffer    out  (size) bytes; terminated if size > 0
 *   err       in
 *   function  in   name at the start of the message; NULL: err->function; "": none
 *   base      in   number of the first entry: 0 in C, 1 for users of Lua */
LIMN_API char *limn_err_text(char *buffer, size_t size, const limn_err *err, const char *function,
                             int base);

/* One short English name per status ("invalid argument"). Never NULL. */
LIMN_API const char *limn_status_name(limn_status status);

/* "0.2.0": the version of the library that was loaded (LIMN_VERSION is that of the header). */
LIMN_API const char *limn_version(void);

/* LIMN_VERSION_NUMBER of the library that was loaded. */
LIMN_API int limn_version_number(void);

#ifdef __cplusplus
}
#endif
#endif
