/* test_time.c: the clock, durations, the text of progress bars. */
#include <criterion/criterion.h>
#include <locale.h>
#include <math.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/clock.h"
#include "sys/duration.h"
#include "sys/progress_bar.h"

Test(clock, never_goes_back_and_counts_seconds) {
  double last = limn_clock(), began = last;
  for (int i = 0; i < 200000; i++) {
    double t = limn_clock();
    cr_assert(t >= last, "%.17g after %.17g", t, last);
    last = t;
  }
  usleep(20000);
  cr_assert(limn_clock() - began >= 0.02);
  cr_assert(limn_clock() - began < 60);
}

Test(clock, processes_read_the_same_one) {
  double before = limn_clock();
  int pipe_[2];
  cr_assert_eq(pipe(pipe_), 0);
  if (fork() == 0) {
    double t = limn_clock();
    _exit(write(pipe_[1], &t, sizeof t) == sizeof t ? 0 : 1);
  }
  double t;
  cr_assert_eq(read(pipe_[0], &t, sizeof t), sizeof t);
  wait(NULL);
  cr_assert(t >= before && t <= limn_clock());
}

Test(duration, reads_numbers_with_units) {
  static const struct {
    const char *text;
    double seconds;
  } good[] = {{"90", 90},   {"90s", 90},    {"50m", 3000},  {"30min", 1800},
              {"1h", 3600}, {"1.5h", 5400}, {"2d", 172800}, {"0.1", 0.1},
              {".5m", 30},  {"5.", 5},      {"007", 7},     {"123456789012345", 123456789012345.0}};
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    double s = -1;
    cr_assert(limn_duration_read(good[i].text, &s), "%s", good[i].text);
    cr_assert_eq(s, good[i].seconds, "%s: %.17g", good[i].text, s);
  }
}

Test(duration, refuses_everything_else) {
  static const char *const bad[] = {
      "",    ".",     "h",  "0",     "0.0s", "-1",  "+1",   "1e3",   "1 h",  " 1h",
      "1h ", "1.2.3", "1H", "1hour", "nan",  "inf", "0x10", "1h30m", "1,5h", "1234567890123456"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    double s = 42;
    cr_assert_not(limn_duration_read(bad[i], &s), "%s was read as %g", bad[i], s);
    cr_assert_eq(s, 42);
  }
}

Test(duration, is_written_for_people) {
  static const struct {
    double seconds;
    const char *text;
  } cases[] = {{0, "0:00"},
               {-5, "0:00"},
               {NAN, "0:00"},
               {0.49, "0:00"},
               {0.5, "0:01"},
               {59.5, "1:00"},
               {3599, "59:59"},
               {3599.5, "1:00:00"},
               {3723, "1:02:03"},
               {360000, "100:00:00"},
               {INFINITY, "999999:00:00"}};
  char text[LIMN_DURATION_MAX];
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    size_t n = limn_duration_write(cases[i].seconds, text);
    cr_assert_str_eq(text, cases[i].text);
    cr_assert_eq(n, strlen(text));
  }
}

static const char *bar(double share, double seconds, int columns, const char *count,
                       const char *notes) {
  static char text[LIMN_BAR_MAX];
  size_t n = limn_bar_write(&(limn_bar){share, seconds, columns, count, notes}, text);
  cr_assert_eq(n, strlen(text));
  return text;
}

Test(bar, shows_share_time_and_what_is_left) {
  cr_assert_str_eq(bar(0.5, 20, 0, "20/40 cells", "1 failed"),
                   " 50%  20/40 cells  0:20  0:20 left  1 failed");
  cr_assert_str_eq(bar(0.25, 30, 0, NULL, NULL), " 25%  0:30  1:30 left");
  cr_assert_str_eq(bar(0.5, 20, 100, NULL, NULL),
                   "[###############...............]  50%  0:20  0:20 left");
  cr_assert_str_eq(bar(0, 20, 0, NULL, NULL), "  0%  0:20");
  cr_assert_str_eq(bar(1, 20, 0, NULL, NULL), "100%  0:20");
  cr_assert_str_eq(bar(0.999999, 20, 0, "3/6 cells", NULL), " 99%  3/6 cells  0:20");
  cr_assert_str_eq(bar(NAN, 0, 0, NULL, NULL), "100%  0:00");
  cr_assert_str_eq(bar(7, 1, 0, NULL, NULL), "100%  0:01");
  cr_assert_str_eq(bar(-1, 1, 0, NULL, NULL), "  0%  0:01");
}

Test(bar, never_fills_the_line) {
  for (int columns = 1; columns < 120; columns++)
    for (double share = 0; share <= 1; share += 0.125) {
      const char *text = bar(share, 12345, columns, "12345/99999 cells", "17 failed  3.25/s");
      cr_assert(strlen(text) <= (size_t)(columns > 1 ? columns - 1 : 1), "%d: %s", columns, text);
    }
}

Test(bar, cuts_what_is_too_long_for_any_line) {
  char long_[4000];
  memset(long_, 'x', sizeof long_ - 1);
  long_[sizeof long_ - 1] = '\0';
  cr_assert(strlen(bar(0.5, 1, 0, long_, long_)) < LIMN_BAR_MAX);
  cr_assert(strlen(bar(0.5, 1, 2000, long_, long_)) < LIMN_BAR_MAX);
}

Test(bar, a_file_is_no_terminal) {
  int pipe_[2];
  cr_assert_eq(pipe(pipe_), 0);
  cr_assert_eq(limn_terminal_columns(pipe_[0]), 0);
  cr_assert_eq(limn_terminal_columns(-1), 0);
}
