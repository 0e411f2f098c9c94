/* status.c: error values. The only place that formats an error sentence. */
#include "core/core.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *limn_status_name(limn_status status) {
  static const char *const names[] = {"ok",
                                      "invalid argument",
                                      "shapes clash",
                                      "not a finite number",
                                      "no memory",
                                      "cancelled",
                                      "input/output",
                                      "malformed file",
                                      "no numerical solution",
                                      "unsupported here"};
  size_t i = (size_t)status;
  return i < sizeof names / sizeof *names ? names[i] : "unknown status";
}

const char *limn_version(void) {
  return LIMN_VERSION;
}

limn_status limn_fail(limn_err *err, limn_status status, const char *format, ...) {
  if (err) {
    va_list ap;
    va_start(ap, format);
    err->status = status;
    vsnprintf(err->text, sizeof err->text, format, ap);
    va_end(ap);
    /* Printf shows the sign of a NaN, which means nothing. */
    for (char *at = err->text; (at = strstr(at, " -nan"));) memmove(at + 1, at + 2, strlen(at + 1));
  }
  return status;
}

limn_status limn_stopped(limn_err *err, const char *who) {
  return limn_fail(err, LIMN_ECANCELLED, "%s: interrupted", who);
}
