/* test_names.c: hashes, the hash table of names, the canonical text of a cell. */
/* slow: 4 s */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/core.h"
#include "sys/cell_text.h"
#include "sys/hash.h"
#include "sys/name_table.h"
#include "sys/temporary.h"

/* ---- hashes ---- */

static const char *digits_of(limn_hash h) {
  static char text[LIMN_HASH_DIGITS + 1];
  limn_hash_write(h, text);
  return text;
}

Test(hash, is_xxh3_128) { /* known answers of xxhsum -H2 */
  cr_assert_str_eq(digits_of(limn_hash_bytes("", 0)), "99aa06d3014798d86001c324468d497f");
  limn_hash h = {0x0123456789abcdef, 0xfedcba9876543210};
  cr_assert_str_eq(digits_of(h), "0123456789abcdeffedcba9876543210");
}

Test(hash, digits_are_read_back_and_nothing_else_is) {
  limn_hash h = limn_hash_bytes("limn", 4), back = {0, 0};
  char text[LIMN_HASH_DIGITS + 1] = {0};
  limn_hash_write(h, text);
  cr_assert(limn_hash_read(&back, text, LIMN_HASH_DIGITS));
  cr_assert(back.high == h.high && back.low == h.low);
  cr_assert_not(limn_hash_read(&back, text, LIMN_HASH_DIGITS - 1));
  cr_assert_not(limn_hash_read(&back, text, LIMN_HASH_DIGITS + 1));
  for (int i = 0; i < LIMN_HASH_DIGITS; i++) {
    char kept = text[i];
    static const char bad[] = "gA /:`-";
    for (const char *c = bad; *c; c++) {
      text[i] = *c;
      cr_assert_not(limn_hash_read(&back, text, LIMN_HASH_DIGITS));
    }
    text[i] = kept;
  }
}

Test(hash, of_a_file_is_that_of_its_bytes) {
  char path[] = "/tmp/limn-test-XXXXXX";
  int fd = mkstemp(path);
  size_t n = 100001;
  char *bytes = malloc(n);
  for (size_t i = 0; i < n; i++) bytes[i] = (char)(i * 31 % 251);
  cr_assert_eq(write(fd, bytes, n), (ssize_t)n);
  close(fd);
  limn_hash of_file, of_bytes = limn_hash_bytes(bytes, n);
  limn_err err;
  cr_assert_eq(limn_hash_file(&of_file, path, &err), LIMN_OK);
  cr_assert(of_file.high == of_bytes.high && of_file.low == of_bytes.low);
  unlink(path);
  cr_assert_eq(limn_hash_file(&of_file, path, &err), LIMN_EIO);
  cr_assert(strstr(err.text, path) && strstr(err.text, "No such file"), "%s", err.text);
  cr_assert_eq(limn_hash_file(&of_file, "/tmp", &err), LIMN_EIO);
  free(bytes);
}

/* ---- the table ---- */

static limn_hash random_name(uint64_t *state) {
  uint64_t w[2];
  for (int i = 0; i < 2; i++) {
    uint64_t z = *state += 0x9e3779b97f4a7c15; /* splitmix64 */
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    w[i] = z ^ z >> 31;
  }
  return (limn_hash){w[0], w[1]};
}

Test(name_table, finds_all_that_was_added_and_nothing_else) {
  enum { COUNT = 100000 };
  limn_name_table t = {0};
  int64_t number;
  uint64_t state = 7;
  for (int64_t i = 0; i < COUNT; i++)
    cr_assert_eq(limn_name_table_add(&t, random_name(&state), 3 * i - 50, NULL), LIMN_OK);
  cr_assert_eq(t.count, COUNT);
  state = 7;
  for (int64_t i = 0; i < COUNT; i++) {
    limn_hash h = random_name(&state);
    cr_assert_eq(limn_name_table_find(&t, h, &number), 1);
    cr_assert_eq(number, 3 * i - 50);
    h.high ^= 1;
    cr_assert_eq(limn_name_table_find(&t, h, &number), 0);
  }
  for (int i = 0; i < COUNT; i++)
    cr_assert_eq(limn_name_table_find(&t, random_name(&state), &number), 0);
  limn_name_table_free(&t);
  cr_assert_eq(limn_name_table_find(&t, (limn_hash){0, 0}, &number), 0);
  limn_name_table_free(&t);
}

/* Names with equal low words hash to one slot, so all but the first need probing, with
 * wrap-around. */
Test(name_table, names_that_collide_are_told_apart) {
  limn_name_table t = {0};
  int64_t number;
  for (uint64_t i = 0; i < 300; i++)
    cr_assert_eq(limn_name_table_add(&t, (limn_hash){i, UINT64_MAX}, (int64_t)i, NULL), LIMN_OK);
  for (uint64_t i = 0; i < 300; i++) {
    cr_assert_eq(limn_name_table_find(&t, (limn_hash){i, UINT64_MAX}, &number), 1);
    cr_assert_eq(number, (int64_t)i);
  }
  cr_assert_eq(limn_name_table_find(&t, (limn_hash){300, UINT64_MAX}, &number), 0);
  limn_name_table_free(&t);
}

Test(name_table, grows_after_it_was_asked_and_keeps_the_first_of_equals) {
  limn_name_table t = {0};
  int64_t number;
  uint64_t state = 1;
  for (int64_t i = 0; i < 2000; i++) {
    limn_hash h = random_name(&state);
    cr_assert_eq(limn_name_table_add(&t, h, i, NULL), LIMN_OK);
    if (i % 97 == 0) {
      cr_assert_eq(limn_name_table_add(&t, h, -1, NULL), LIMN_OK);
      cr_assert_eq(limn_name_table_find(&t, h, &number), 1);
      cr_assert_eq(number, i);
    }
  }
  limn_name_table_free(&t);
}

Test(name_table, refused_memory_leaves_it_as_it_was) {
  limn_name_table t = {0};
  limn_err err;
  int64_t number;
  uint64_t state = 5;
  limn_memory_fail_at(1);
  cr_assert_eq(limn_name_table_add(&t, random_name(&state), 1, &err), LIMN_ENOMEM);
  cr_assert_eq(t.count, 0);
  state = 5;
  while (t.count < t.room || t.count == 0)
    cr_assert_eq(limn_name_table_add(&t, random_name(&state), (int64_t)t.count, &err), LIMN_OK);
  size_t full = t.count;
  limn_memory_fail_at(1); /* the list must grow */
  cr_assert_eq(limn_name_table_add(&t, (limn_hash){1, 2}, 77, &err), LIMN_ENOMEM);
  cr_assert_eq(t.count, full);
  limn_memory_fail_at(1); /* the slots */
  cr_assert_eq(limn_name_table_find(&t, (limn_hash){1, 2}, &number), -1);
  cr_assert_eq(limn_name_table_find(&t, (limn_hash){1, 2}, &number), 0);
  state = 5;
  for (size_t i = 0; i < full; i++) {
    cr_assert_eq(limn_name_table_find(&t, random_name(&state), &number), 1);
    cr_assert_eq(number, (int64_t)i);
  }
  limn_name_table_free(&t);
}

/* ---- the text of a cell ---- */

static const char *text_of(const limn_cell_text *t) {
  static char text[4096];
  snprintf(text, sizeof text, "%.*s", (int)t->used, t->bytes ? t->bytes : "");
  return text;
}

static const char *real(double v) {
  static limn_cell_text t;
  limn_cell_clear(&t);
  limn_cell_value value = {.kind = LIMN_CELL_REAL, .as.real = v};
  cr_assert_eq(limn_cell_value_write(&t, &value, NULL), LIMN_OK);
  return text_of(&t);
}

static limn_status string(limn_cell_text *t, const char *bytes, size_t n, limn_err *err) {
  limn_cell_clear(t);
  limn_cell_value value = {.kind = LIMN_CELL_STRING, .as.string = {bytes, n}};
  return limn_cell_value_write(t, &value, err);
}

Test(cell_text, members_stand_in_the_order_of_their_bytes) {
  limn_cell_text t = {0};
  limn_cell_member m[] = {
      {"b", 1, {LIMN_CELL_INTEGER, {.integer = -3}}},
      {"ab", 2, {LIMN_CELL_REAL, {.real = 64}}},
      {"\xC3\xA4", 2, {LIMN_CELL_STRING, {.string = {"x", 1}}}},
      {"a", 1, {LIMN_CELL_BOOLEAN, {.boolean = true}}},
      {"B", 1, {LIMN_CELL_BOOLEAN, {.boolean = false}}},
      {"_", 1, {LIMN_CELL_INTEGER, {.integer = 0}}},
  };
  limn_err err;
  cr_assert_eq(limn_cell_write(&t, m, 6, &err), LIMN_OK);
  cr_assert_str_eq(text_of(&t),
                   "{\"B\":false,\"_\":0,\"a\":true,\"ab\":64.0,\"b\":-3,\"\xC3\xA4\":\"x\"}");
  cr_assert_eq(limn_cell_write(&t, NULL, 0, &err), LIMN_OK);
  cr_assert_str_eq(text_of(&t), "{}");
  limn_cell_free(&t);
}

/* The single parts, as used when many cells are written, give the same bytes as the whole. */
Test(cell_text, pieces_give_the_same_bytes) {
  limn_cell_text whole = {0}, pieces = {0};
  limn_cell_member m[] = {{"D", 1, {LIMN_CELL_INTEGER, {.integer = INT64_MIN}}},
                          {"rate", 4, {LIMN_CELL_REAL, {.real = 0.1}}}};
  cr_assert_eq(limn_cell_write(&whole, m, 2, NULL), LIMN_OK);
  limn_cell_begin(&pieces);
  limn_cell_add(&pieces, "\"D\":", 4);
  limn_cell_integer(&pieces, INT64_MIN);
  limn_cell_next(&pieces);
  cr_assert_eq(limn_cell_head(&pieces, "rate", 4, NULL), LIMN_OK);
  cr_assert_eq(limn_cell_value_write(&pieces, &m[1].value, NULL), LIMN_OK);
  limn_cell_end(&pieces);
  cr_assert_eq(limn_cell_check(&pieces, NULL), LIMN_OK);
  cr_assert_eq(whole.used, pieces.used);
  cr_assert_eq(memcmp(whole.bytes, pieces.bytes, whole.used), 0);
  cr_assert_str_eq(text_of(&whole), "{\"D\":-9223372036854775808,\"rate\":0.10000000000000001}");
  limn_cell_free(&whole);
  limn_cell_free(&pieces);
}

Test(cell_text, reals) {
  cr_assert_str_eq(real(64), "64.0");
  cr_assert_str_eq(real(-0.0), "0.0");
  cr_assert_str_eq(real(0.5), "0.5");
  cr_assert_str_eq(real(-1.25), "-1.25");
  cr_assert_str_eq(real(1e22), "1e22");
  cr_assert_str_eq(real(1e16), "10000000000000000.0");
  cr_assert_str_eq(real(1e100), "1e100");
  cr_assert_str_eq(real(1e-7), "9.9999999999999995e-8");
  cr_assert_str_eq(real(5e-324), "4.9406564584124654e-324");
  cr_assert_str_eq(real(INFINITY), "{\"real\":\"inf\"}");
  cr_assert_str_eq(real(-INFINITY), "{\"real\":\"-inf\"}");
  uint64_t state = 3;
  for (int i = 0; i < 20000; i++) {
    limn_hash bits = random_name(&state);
    double v;
    memcpy(&v, &bits.low, sizeof v);
    if (isfinite(v)) cr_assert_eq(strtod(real(v), NULL), v);
  }
}

/* With a decimal comma. The locale is built here, because few machines have one installed. */
Test(cell_text, has_a_point_in_every_locale) {
  char folder[LIMN_TEMPORARY_MAX], command[2 * LIMN_TEMPORARY_MAX + 80];
  cr_assert_eq(limn_temporary_folder(folder), 0);
  snprintf(command, sizeof command, "localedef -i de_DE -f UTF-8 '%s/comma' >/dev/null 2>&1",
           folder);
  int made = system(command);
  setenv("LOCPATH", folder, 1);
  bool comma = made == 0 && setlocale(LC_NUMERIC, "comma");
  if (comma) {
    char text[32];
    snprintf(text, sizeof text, "%g", 0.5);
    cr_assert_str_eq(text, "0,5");
    cr_assert_str_eq(real(0.5), "0.5");
    cr_assert_str_eq(real(1.5e-9), "1.5e-9");
    cr_assert_str_eq(real(64), "64.0");
  }
  snprintf(command, sizeof command, "rm -rf '%s'", folder);
  cr_assert_eq(system(command), 0);
  if (!comma) cr_skip_test("no locale with a decimal comma: localedef cannot make de_DE");
}

Test(cell_text, strings_are_escaped) {
  limn_cell_text t = {0};
  static const char raw[] = "a\"b\\c/\b\f\n\r\t\x01\x1f\x7f\0z";
  cr_assert_eq(string(&t, raw, sizeof raw - 1, NULL), LIMN_OK);
  cr_assert_str_eq(text_of(&t), "\"a\\\"b\\\\c/\\b\\f\\n\\r\\t\\u0001\\u001F\x7f\\u0000z\"");
  cr_assert_eq(string(&t, "", 0, NULL), LIMN_OK);
  cr_assert_str_eq(text_of(&t), "\"\"");
  limn_cell_free(&t);
}

Test(cell_text, only_utf8_has_a_text) {
  static const char *const good[] = {"\xC2\x80",        "\xDF\xBF",     "\xE0\xA0\x80",
                                     "\xED\x9F\xBF",    "\xEE\x80\x80", "\xF0\x90\x80\x80",
                                     "\xF4\x8F\xBF\xBF"};
  static const char *const bad[] = {"\x80",
                                    "\xBF",
                                    "\xC0\x80",
                                    "\xC1\xBF",
                                    "\xC3",
                                    "\xC3(",
                                    "\xE0\x80\x80",
                                    "\xE0\x9F\xBF",
                                    "\xED\xA0\x80",
                                    "\xED\xBF\xBF",
                                    "\xE2\x82",
                                    "\xF0\x8F\xBF\xBF",
                                    "\xF4\x90\x80\x80",
                                    "\xF5\x80\x80\x80",
                                    "\xFF",
                                    "\xBF\x80",
                                    "\x80\x80",
                                    "a\xE4z",
                                    "\xF0\x9F\x98"};
  limn_cell_text t = {0};
  limn_err err;
  for (size_t i = 0; i < sizeof good / sizeof *good; i++)
    cr_assert_eq(string(&t, good[i], strlen(good[i]), &err), LIMN_OK, "good %zu", i);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    cr_assert_eq(string(&t, bad[i], strlen(bad[i]), &err), LIMN_EINVAL, "bad %zu", i);
  cr_assert_str_eq(err.text, "is not UTF-8 text");
  cr_assert_eq(string(&t, "\xC3\xA4", 1, &err),
               LIMN_EINVAL); /* the second byte is not part of the text */
  limn_cell_free(&t);
}

Test(cell_text, says_which_member_has_none) {
  limn_cell_text t = {0};
  limn_err err;
  limn_cell_member m[] = {{"a", 1, {LIMN_CELL_INTEGER, {.integer = 1}}},
                          {"rate", 4, {LIMN_CELL_REAL, {.real = NAN}}}};
  cr_assert_eq(limn_cell_write(&t, m, 2, &err), LIMN_EINVAL);
  cr_assert_str_eq(err.text, "rate is not a number (NaN)");
  limn_cell_free(&t);
}

Test(cell_text, refused_memory_is_said_and_forgotten) {
  limn_cell_text t = {0};
  limn_err err;
  char *large = malloc(5000);
  memset(large, 'x', 5000);
  limn_memory_fail_at(1);
  cr_assert_eq(string(&t, large, 5000, &err), LIMN_OK);
  cr_assert_eq(limn_cell_check(&t, &err), LIMN_ENOMEM);
  cr_assert_eq(string(&t, "small", 5, &err), LIMN_OK);
  limn_memory_fail_at(1);
  limn_cell_add(&t, large, 5000);
  limn_cell_add(&t, "y", 1); /* nothing is added after a refused allocation */
  cr_assert_str_eq(text_of(&t), "\"small\"");
  limn_cell_member m[] = {{"a", 1, {LIMN_CELL_STRING, {.string = {large, 5000}}}}};
  cr_assert_eq(limn_cell_write(&t, m, 1, &err), LIMN_OK);
  cr_assert_eq(t.used, 5000 + 8);
  limn_cell_free(&t);
  free(large);
}
