/* status.c: error values; the only file that formats error messages. */
#include "core/core.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *limn_status_name(limn_status status) {
  static const char *const names[] = {"ok",
                                      "invalid argument",
                                      "shape mismatch",
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

int limn_version_number(void) {
  return LIMN_VERSION_NUMBER;
}

limn_status limn_fail_in(limn_err *err, limn_status status, const char *function,
                         const char *argument, int64_t row, int64_t column, const char *format,
                         ...) {
  if (!err) return status;
  va_list ap;
  err->status = status;
  err->function = function;
  err->row = row;
  err->column = column;
  snprintf(err->argument, sizeof err->argument, "%s", argument ? argument : "");
  va_start(ap, format);
  vsnprintf(err->text, sizeof err->text, format, ap);
  va_end(ap);
  /* printf prints the sign of a NaN, which has no meaning. */
  for (char *at = err->text; (at = strstr(at, " -nan"));) memmove(at + 1, at + 2, strlen(at + 1));
  return status;
}

limn_status limn_not_finite_in(limn_err *err, const char *function, const char *argument,
                               int64_t row, int64_t column, double value) {
  return limn_fail_in(err, LIMN_ENONFINITE, function, argument, row, column,
                      "must be finite, got %g", value);
}

char *limn_err_text(char *buffer, size_t size, const limn_err *err, const char *function,
                    int base) {
  char place[64] = "";
  if (!function) function = err->function ? err->function : "limn";
  if (err->row >= 0 && err->column >= 0)
    snprintf(place, sizeof place, "[%lld,%lld]", (long long)err->row + base,
             (long long)err->column + base);
  else if (err->row >= 0)
    snprintf(place, sizeof place, "[%lld]", (long long)err->row + base);
  snprintf(buffer, size, "%s%s%s%s%s%s", function, function[0] ? ": " : "", err->argument, place,
           err->argument[0] ? " " : "", err->text);
  return buffer;
}
