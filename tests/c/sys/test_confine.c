/* Tests of sys/confine.h: paths that lie in a folder, and paths that lead out of it. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/confine.h"

static char folder[200];

static void make(void) {
  char name[300];
  strcpy(folder, "/tmp/limn_confine_XXXXXX");
  cr_assert(mkdtemp(folder));
  char real[4096];
  cr_assert(realpath(folder, real));
  strcpy(folder, real);
  snprintf(name, sizeof name, "%s/sub", folder);
  mkdir(name, 0700);
  snprintf(name, sizeof name, "%s/out", folder);
  cr_assert_eq(symlink("/etc", name), 0);
  snprintf(name, sizeof name, "%s/in", folder);
  cr_assert_eq(symlink("sub", name), 0);
  snprintf(name, sizeof name, "%s/lost", folder);
  cr_assert_eq(symlink("/no/such", name), 0);
  snprintf(name, sizeof name, "%s/round", folder);
  cr_assert_eq(symlink("round", name), 0);
}

static void removed(void) {
  char line[300];
  snprintf(line, sizeof line, "rm -rf %s", folder);
  cr_assert_eq(system(line), 0);
}

Test(confine, paths_in_the_folder_become_canonical, .init = make, .fini = removed) {
  static const char *const cases[][2] = {{"a", "/a"},
                                         {"./a", NULL},
                                         {"sub/a", "/sub/a"},
                                         {"in/a", "/sub/a"},
                                         {"sub/../sub/a", "/sub/a"},
                                         {"sub//a/", "/sub/a"},
                                         {"new/deep/a", "/new/deep/a"},
                                         {"sub/..", ""},
                                         {".", ""},
                                         {"sub/.", "/sub"}};
  char out[LIMN_CONFINE_MAX], want[400], given[400];
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    if (!cases[i][1]) continue;
    snprintf(want, sizeof want, "%s%s", folder, cases[i][1]);
    cr_assert(limn_confine(out, folder, cases[i][0]), "%s", cases[i][0]);
    cr_assert_str_eq(out, want);
    snprintf(given, sizeof given, "%s/%s", folder, cases[i][0]);
    cr_assert(limn_confine(out, folder, given), "%s", given);
    cr_assert_str_eq(out, want);
  }
}

Test(confine, paths_that_lead_out_are_refused, .init = make, .fini = removed) {
  static const char *const cases[] = {"..",
                                      "../x",
                                      "/etc/passwd",
                                      "out/passwd",
                                      "out",
                                      "sub/../../x",
                                      "new/../../x",
                                      "lost",
                                      "lost/x",
                                      "round",
                                      "new/../../../etc/passwd",
                                      "in/../../x",
                                      "/",
                                      "/proc/self/fd/1"};
  char out[LIMN_CONFINE_MAX], beside[300], longest[9000];
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    cr_assert_not(limn_confine(out, folder, cases[i]), "%s gives %s", cases[i], out);
    cr_assert_str_empty(out);
  }
  snprintf(beside, sizeof beside, "%s_beside", folder);
  cr_assert_not(limn_confine(out, folder, beside), "a folder whose name begins alike");
  memset(longest, 'a', sizeof longest - 1);
  longest[sizeof longest - 1] = '\0';
  cr_assert_not(limn_confine(out, folder, longest));
}
