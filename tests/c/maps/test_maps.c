/* test_maps.c: cases that the Lua specs cannot test: refused memory, invalid sizes, long
 * strings. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "core/core.h"
#include "limn/limn.h"

/* Reference: a phrase is the shortest string that does not start at an earlier position, by
 * comparison with all earlier starts. */
static size_t naive(const unsigned char *s, size_t n) {
  size_t at = 0, count = 0;
  while (at < n) {
    size_t most = 0;
    for (size_t from = 0; from < at; from++) {
      size_t k = 0;
      while (at + k < n && s[from + k] == s[at + k]) k++;
      if (k > most) most = k;
    }
    at += most + 1;
    count++;
  }
  return count;
}

Test(maps, phrases_of_long_strings) {
  unsigned char s[3000];
  limn_err err;
  limn_rng rng = limn_rng_start(limn_key_of(5, 0, 0, LIMN_FOR_USER), 0);
  for (int rule = 0; rule < 4; rule++) {
    for (size_t k = 0; k < sizeof s; k++)
      s[k] = rule == 0   ? limn_rng_u32(&rng) & 1
             : rule == 1 ? k / 700 % 2
             : rule == 2 ? (unsigned char)__builtin_parityll(k) /* Thue-Morse */
                         : limn_rng_u32(&rng) % 50 == 0;
    size_t got;
    cr_assert(limn_maps_lz(&got, s, sizeof s, &err) == LIMN_OK);
    cr_assert(got == naive(s, sizeof s), "rule %d: %zu against %zu", rule, got, naive(s, sizeof s));
  }
  size_t none = 7;
  cr_assert(limn_maps_lz(&none, s, 0, &err) == LIMN_OK && none == 0);
  cr_assert(limn_maps_lz(&none, s, LIMN_MAPS_CELLS + 1, &err) == LIMN_EINVAL);
}

Test(maps, refused_memory_is_an_error) {
  limn_maps_grid g = {.nx = 5, .ny = 4, .x0 = 0, .x1 = 1, .y0 = 0, .y1 = 1};
  double maps[3 * 20], out[3 * LIMN_MAPS_COLUMNS], m[9], group[3], none[3] = {0};
  for (int k = 0; k < 60; k++) maps[k] = k % 7 - 3;
  limn_threads_set(1, NULL);
  size_t groups;
  limn_err err;
  long refused[5] = {0};
  for (long k = 1; k <= 12; k++) {
    limn_memory_fail_at(k);
    refused[0] += limn_maps_shape(out, maps, 3, &g, NULL, &err) == LIMN_ENOMEM;
    limn_memory_fail_at(k);
    refused[1] += limn_maps_pairs(m, m, m, maps, 3, 20, NULL, &err) == LIMN_ENOMEM;
    limn_memory_fail_at(k);
    refused[2] += limn_maps_classes(group, &groups, maps, 3, 20, &err) == LIMN_ENOMEM;
    limn_memory_fail_at(k);
    refused[3] += limn_maps_lz(&groups, (unsigned char *)maps, 20, &err) == LIMN_ENOMEM;
    limn_memory_fail_at(k);
    refused[4] += limn_maps_entropy(out, out + 1, out + 2, none, 3, 0.95, &err) == LIMN_ENOMEM;
    limn_memory_fail_at(0);
  }
  for (int k = 0; k < 5; k++) cr_assert(refused[k] >= 1, "call %d", k);
  cr_assert(refused[0] >= 9); /* three allocations a map */
}

Test(maps, bad_grids_and_statistics) {
  limn_err err;
  limn_maps_grid g = {.nx = SIZE_MAX / 2, .ny = 4, .x0 = 0, .x1 = 1, .y0 = 0, .y1 = 1};
  cr_assert(limn_maps_valid(&g, &err) == LIMN_EINVAL);
  g.nx = 4, g.y1 = 0;
  cr_assert(limn_maps_valid(&g, &err) == LIMN_EINVAL);
  double one[4] = {0, 1, 9, 0}, out[4];
  cr_assert(limn_maps_entropy(out, out + 1, out + 2, one, 4, 0.95, &err) == LIMN_EINVAL);
  cr_assert_str_eq(err.argument, "group");
  cr_assert_eq(err.row, 2);
  one[2] = 1;
  cr_assert(limn_maps_entropy(out, out + 1, out + 2, one, 4, 1, &err) == LIMN_EINVAL);
  cr_assert(limn_maps_pairs(out, NULL, NULL, one, 0, 4, NULL, &err) == LIMN_EINVAL);
}

/* Results are the same for any number of threads. */
Test(maps, threads_change_nothing) {
  limn_maps_grid g = {.nx = 33, .ny = 21, .x0 = -1, .x1 = 1, .y0 = 0, .y1 = 3};
  size_t cells = g.nx * g.ny, count = 7;
  double *maps = malloc(count * cells * sizeof *maps), a[7 * LIMN_MAPS_COLUMNS],
         b[7 * LIMN_MAPS_COLUMNS];
  limn_rng rng = limn_rng_start(limn_key_of(5, 1, 0, LIMN_FOR_USER), 0);
  limn_rng_fill_normal(&rng, maps, count * cells);
  limn_err err;
  limn_threads_set(1, NULL);
  cr_assert(limn_maps_shape(a, maps, count, &g, NULL, &err) == LIMN_OK);
  limn_threads_set(3, NULL);
  cr_assert(limn_maps_shape(b, maps, count, &g, NULL, &err) == LIMN_OK);
  for (size_t k = 0; k < sizeof a / sizeof *a; k++) cr_assert(a[k] == b[k]);
  free(maps);
}
