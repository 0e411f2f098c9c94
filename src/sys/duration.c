/* duration.c: see duration.h. */
#include "sys/duration.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const struct {
  const char *name;
  double seconds;
} units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"min", 60}, {"h", 3600}, {"d", 86400}};

bool limn_duration_read(const char *text, double *seconds) {
  uint64_t digits = 0; /* the number without its point; exact, so one division rounds correctly */
  double scale = 1;
  bool point = false;
  int count = 0;
  for (; (*text >= '0' && *text <= '9') || *text == '.'; text++) {
    if (*text == '.') {
      if (point) return false;
      point = true;
      continue;
    }
    if (++count > 15) return false;
    digits = 10 * digits + (uint64_t)(*text - '0');
    if (point) scale *= 10;
  }
  if (digits == 0) return false;
  for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
    if (strcmp(text, units[i].name) != 0) continue;
    *seconds = (double)digits / scale * units[i].seconds;
    return true;
  }
  return false;
}

size_t limn_duration_write(double seconds, char *out) {
  const double longest = 999999.0 * 3600;
  long long s = seconds > 0 ? (long long)((seconds < longest ? seconds : longest) + 0.5) : 0;
  int n = s < 3600 ? snprintf(out, LIMN_DURATION_MAX, "%lld:%02lld", s / 60, s % 60)
                   : snprintf(out, LIMN_DURATION_MAX, "%lld:%02lld:%02lld", s / 3600, s / 60 % 60,
                              s % 60);
  return (size_t)n;
}
