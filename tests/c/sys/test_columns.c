/* test_columns.c: the values of cells by column, and the bytes of a message. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "core/core.h"
#include "sys/columns.h"
#include "sys/message.h"

/* A message with the values i = 7, r = x, s = "text", z = true, and an array a of two entries. */
static size_t message(char *out, double x, double entry) {
  char *p = out;
  const uint32_t count = 5, one = 1;
  const int64_t seven = 7;
  const uint64_t four = 4, two = 2;
  const double entries[2] = {1, entry};
#define PUT(bytes, n) (memcpy(p, bytes, n), p += (n))
  PUT(&count, 4);
  PUT(&one, 4), PUT("aA\1", 3), PUT(&two, 8), PUT(entries, 16);
  PUT(&one, 4), PUT("ii", 2), PUT(&seven, 8);
  PUT(&one, 4), PUT("rd", 2), PUT(&x, 8);
  PUT(&one, 4), PUT("ss", 2), PUT(&four, 8), PUT("text", 4);
  PUT(&one, 4), PUT("zb\1", 3);
  return (size_t)(p - out);
}

static size_t column(limn_columns *c, const char *name) {
  limn_err err;
  ptrdiff_t k = limn_columns_named(c, name, strlen(name), 0, 0, &err);
  cr_assert(k >= 0);
  return (size_t)k;
}

Test(columns, hold_the_values_of_a_cell) {
  char bytes[256];
  limn_columns c = {.rows = 3, .step = 1};
  limn_err err;
  bool aside;
  size_t n = message(bytes, -0.5, 2);
  cr_assert_eq(limn_columns_put(&c, 1, bytes, n, &aside, &err), LIMN_OK);
  cr_assert(aside);
  limn_column_value v = limn_columns_get(&c, column(&c, "i"), 1);
  cr_assert(v.kind == LIMN_COLUMN_INTEGER && v.as.integer == 7);
  v = limn_columns_get(&c, column(&c, "r"), 1);
  cr_assert(v.kind == LIMN_COLUMN_REAL && v.as.real == -0.5);
  v = limn_columns_get(&c, column(&c, "s"), 1);
  cr_assert(v.kind == LIMN_COLUMN_TEXT && v.as.text.length == 4);
  cr_assert_eq(memcmp(v.as.text.bytes, "text", 4), 0);
  v = limn_columns_get(&c, column(&c, "z"), 1);
  cr_assert(v.kind == LIMN_COLUMN_BOOLEAN && v.as.integer == 1);
  v = limn_columns_get(&c, column(&c, "a"), 1);
  cr_assert(v.kind == LIMN_COLUMN_ASIDE && !limn_columns_broken(&v));
  cr_assert_eq(limn_columns_get(&c, column(&c, "i"), 0).kind, LIMN_COLUMN_NONE);
  cr_assert_eq(limn_columns_absent(&c, 0), 0);
  cr_assert_eq(limn_columns_absent(&c, 1), 2);
  cr_assert_eq(limn_columns_order(&c, NULL, 0, &err), LIMN_OK);
  cr_assert(limn_columns_count(&c) == 1 && limn_columns_at(&c, 0) == 1);
  for (size_t k = 0; k < n; k++) /* every cut is malformed */
    cr_assert_eq(limn_columns_put(&c, 2, bytes, k, &aside, &err), LIMN_EFORMAT, "%zu", k);
  cr_assert_eq(limn_columns_count(&c), 1);
  limn_columns_free(&c);
}

Test(columns, know_values_that_are_not_finite) {
  char bytes[256];
  limn_columns c = {.rows = 3, .step = 1};
  limn_err err;
  bool aside;
  cr_assert_eq(limn_columns_put(&c, 0, bytes, message(bytes, INFINITY, NAN), &aside, &err),
               LIMN_OK);
  limn_column_value v = limn_columns_get(&c, column(&c, "a"), 0);
  cr_assert(limn_columns_broken(&v));
  v = limn_columns_get(&c, column(&c, "r"), 0);
  cr_assert(limn_columns_broken(&v));
  v = limn_columns_get(&c, column(&c, "s"), 0);
  cr_assert_not(limn_columns_broken(&v));
  limn_columns_free(&c);
}

/* Cells 2, 4, 6, .. of a grid with 2 replicates and 3 values. */
Test(columns, of_a_grid_repeat) {
  limn_columns c = {.rows = 6, .first = 1, .step = 2};
  limn_err err;
  ptrdiff_t k = limn_columns_named(&c, "n", 1, 3, 2, &err);
  for (size_t j = 0; j < 3; j++) {
    limn_column_value v = {LIMN_COLUMN_INTEGER, {.integer = 10 * (int64_t)j}};
    cr_assert_eq(limn_columns_set(&c, (size_t)k, j, v, &err), LIMN_OK);
  }
  for (size_t row = 0; row < 6; row++)
    cr_assert_eq(limn_columns_get(&c, (size_t)k, row).as.integer, 10 * (int64_t)(row % 3));
  limn_columns_free(&c);
}

Test(columns, are_ordered_by_their_values) {
  static const double x[] = {3, 1, 2, 1};
  limn_columns c = {.rows = 5, .step = 1};
  limn_err err;
  size_t k = column(&c, "x"), s = column(&c, "s");
  for (size_t row = 0; row < 4; row++) {
    limn_column_value v = {LIMN_COLUMN_REAL, {.real = x[row]}};
    limn_column_value t = {LIMN_COLUMN_TEXT, {.text = {row == 1 ? "b" : "a", 1}}};
    cr_assert_eq(limn_columns_set(&c, k, row, v, &err), LIMN_OK);
    cr_assert_eq(limn_columns_set(&c, s, row, t, &err), LIMN_OK);
    cr_assert_eq(limn_columns_mark(&c, row, &err), LIMN_OK);
  }
  cr_assert_eq(limn_columns_order(&c, (size_t[]){k, s}, 2, &err), LIMN_OK);
  static const size_t expected[] = {3, 1, 2, 0};
  for (size_t i = 0; i < 4; i++) cr_assert_eq(limn_columns_at(&c, i), expected[i]);
  limn_columns_free(&c);
}

Test(columns, survive_refused_memory) {
  char bytes[256];
  size_t n = message(bytes, 1, 1);
  for (long k = 1; k <= 18; k++) {
    limn_columns c = {.rows = 3, .step = 1};
    limn_err err;
    bool aside;
    limn_memory_fail_at(k);
    limn_status status = limn_columns_put(&c, 0, bytes, n, &aside, &err);
    limn_memory_fail_at(0);
    cr_assert(status == LIMN_OK || status == LIMN_ENOMEM);
    limn_columns_free(&c);
  }
}
