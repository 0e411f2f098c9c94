/* test_npy.c: invalid .npy headers, all refused; modified and truncated files; refused
 * allocations. */
/* slow: 3 s */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "num/io/npy.h"
#include "core/core.h"
#include "limn/rng.h"

static char path[64];

static void put(const void *bytes, size_t n) {
  snprintf(path, sizeof path, "/tmp/limn_test_npy_%ld.npy", (long)getpid());
  FILE *f = fopen(path, "wb");
  cr_assert(f != NULL);
  cr_assert_eq(fwrite(bytes, 1, n, f), n);
  fclose(f);
}

/* Reads the file at path; releases everything, also after an error. */
static limn_status load(limn_err *e, double *out, size_t room) {
  limn_npy *npy;
  limn_status st = limn_npy_open(&npy, path, e);
  if (st != LIMN_OK) {
    cr_assert(npy == NULL);
    return st;
  }
  size_t n = npy->dims[0] * npy->dims[1] * npy->dims[2];
  double *x = malloc((n + 1) * sizeof *x);
  limn_array a = limn_array_view(LIMN_F64, npy->rank, npy->dims, x);
  st = limn_npy_read(npy, &a, e);
  for (size_t i = 0; st == LIMN_OK && i < n && i < room; i++) out[i] = x[i];
  free(x);
  limn_npy_close(npy);
  return st;
}

/* Writes a version 1 file with this dictionary, followed by `data` zero bytes. */
static void put_header(const char *dict, size_t data) {
  char file[13000] = "\x93NUMPY\x01";
  size_t n = strlen(dict);
  file[8] = (char)(n & 255), file[9] = (char)(n >> 8);
  memcpy(file + 10, dict, n);
  put(file, 10 + n + data);
}

typedef struct header_case {
  const char *dict;
  size_t data;
  const char *says;
} header_case;

static void headers_give(limn_status status, const header_case *cases, size_t n) {
  for (size_t i = 0; i < n; i++) {
    limn_err e = {0};
    put_header(cases[i].dict, cases[i].data);
    cr_assert_eq(load(&e, NULL, 0), status, "%s", cases[i].dict);
    cr_assert(strstr(e.text, cases[i].says) != NULL, "%s\nsaid: %s", cases[i].dict, e.text);
  }
}

Test(npy, sound_headers_of_other_types) {
  static const header_case beyond[] = {
      {"{'descr': '|O', 'fortran_order': False, 'shape': (2,), }", 16,
       "dtype '|O' is not supported"},
      {"{'descr': '<f3', 'fortran_order': False, 'shape': (2,), }", 6, "dtype '<f3'"},
      {"{'descr': '<f', 'fortran_order': False, 'shape': (2,), }", 16, "dtype '<f'"},
      {"{'descr': 'f8', 'fortran_order': False, 'shape': (2,), }", 16, "dtype 'f8'"},
      {"{'descr': '|f8', 'fortran_order': False, 'shape': (2,), }", 16, "dtype '|f8'"},
      {"{'descr': '<i16', 'fortran_order': False, 'shape': (1,), }", 16, "dtype '<i16'"},
      {"{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (2,), }", 16, "records"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1, 1, 1), }", 8, "4 dimensions"},
  };
  headers_give(LIMN_EUNSUPPORTED, beyond, sizeof beyond / sizeof *beyond);
}

Test(npy, bad_headers_are_refused) {
  static const header_case bad[] = {
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }", 15, "needs 16 bytes but 15"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }", 17, "needs 16 bytes but 17"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }", 8, "malformed"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (0x2,), }", 16, "malformed"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (2), }", 16, "malformed"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': [2], }", 16, "malformed"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (02,), }", 16, "malformed"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (2.0,), }", 16, "malformed"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (True,), }", 8, "malformed"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (1 2), }", 16, "malformed"},
      {"{'descr': '<f8', 'fortran_order': 0, 'shape': (2,), }", 16, "malformed"},
      {"{'descr': '<f8', 'fortran_order': None, 'shape': (2,), }", 16, "malformed"},
      {"{'descr': '<f8', 'shape': (2,), }", 16, "lacks 'fortran_order'"},
      {"{'fortran_order': False, 'shape': (2,), }", 16, "lacks 'descr'"},
      {"{'descr': '<f8', 'fortran_order': False, }", 16, "lacks 'shape'"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (2,), 'extra': 1}", 16,
       "unexpected or repeated key 'extra'"},
      {"{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (2,)}", 16,
       "repeated key 'descr'"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (2,)} x", 16, "has text after"},
      {"{'descr': '<f8', 'fortran_order': False 'shape': (2,)}", 16, "malformed"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (2,)", 16, "malformed"},
      {"['descr']", 16, "not a dictionary"},
      {"", 16, "not a dictionary"},
      {"{}", 16, "lacks 'descr'"},
      {"__import__('os').system('false')", 16, "not a dictionary"},
      {"{'descr': 8, 'fortran_order': False, 'shape': (2,), }", 16, "malformed"},
      {"{'descr': '<f\\x38', 'fortran_order': False, 'shape': (2,), }", 16, "malformed"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", 0,
       "does not fit into memory"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (2305843009213693952,), }", 0,
       "does not fit into memory"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (18446744073709551617,), }", 8,
       "malformed"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (4611686018427387905, 4), }", 32,
       "does not fit into memory"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (0, 9223372036854775807), }", 0,
       "does not fit into memory"},
  };
  headers_give(LIMN_EFORMAT, bad, sizeof bad / sizeof *bad);
  char big[10100];
  memset(big, ' ', sizeof big);
  memcpy(big, "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }", 57);
  limn_err e = {0};
  big[10000] = '\0';
  put_header(big, 8);
  cr_assert_eq(load(&e, NULL, 0), LIMN_OK, "%s", e.text);
  big[10000] = ' ', big[10001] = '\0';
  put_header(big, 8);
  cr_assert_eq(load(&e, NULL, 0), LIMN_EFORMAT);
  cr_assert(strstr(e.text, "at most 10000") != NULL);
  put("\x93NUMPX\x01\x00\x00\x00", 10);
  cr_assert_eq(load(&e, NULL, 0), LIMN_EFORMAT);
  put("\x93NUMPY\x04\x00\x00\x00", 10);
  cr_assert_eq(load(&e, NULL, 0), LIMN_EFORMAT);
  cr_assert(strstr(e.text, "version 4.0") != NULL);
  put("\x93NUMPY\x02\x00\xff\xff\xff\xff", 12);
  cr_assert_eq(load(&e, NULL, 0), LIMN_EFORMAT);
  put("", 0);
  cr_assert_eq(load(&e, NULL, 0), LIMN_EFORMAT);
  unlink(path);
  cr_assert_eq(load(&e, NULL, 0), LIMN_EIO);
  snprintf(path, sizeof path, "/tmp");
  cr_assert_eq(load(&e, NULL, 0), LIMN_EIO);
  cr_assert(strstr(e.text, "not a regular file") != NULL, "%s", e.text);
}

Test(npy, unusual_good_headers) {
  limn_err e = {0};
  put_header("{\"shape\" : ( 2 , 1 ) ,\t'fortran_order':True,'descr':'=f8'}\n", 16);
  cr_assert_eq(load(&e, NULL, 0), LIMN_OK, "%s", e.text);
  put_header("{'descr': '<f8', 'fortran_order': False, 'shape': (2L,), }", 16);
  cr_assert_eq(load(&e, NULL, 0), LIMN_OK, "%s", e.text);
  put_header("{'descr': '<f8', 'fortran_order': False, 'shape': (0, 1000000), }", 0);
  cr_assert_eq(load(&e, NULL, 0), LIMN_OK, "%s", e.text);
  unlink(path);
}

/* Random edits of valid files: each is read or refused without a crash (run with the
 * sanitizers). */
Test(npy, mutated_files) {
  static const char *const names[] = {"le_f8", "be_u4",         "fortran_f8",
                                      "v2",    "rank3_fortran", "special_f2"};
  limn_rng r = limn_rng_start(limn_key_of(17, 0, 0, LIMN_FOR_USER), 0);
  int ok = 0, refused = 0;
  for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
    char from[80];
    unsigned char good[600], bytes[600];
    snprintf(from, sizeof from, "tests/data/npy/%s.npy", names[k]);
    FILE *f = fopen(from, "rb");
    cr_assert(f != NULL, "run from the top of the tree");
    size_t n = fread(good, 1, sizeof good, f);
    fclose(f);
    for (int trial = 0; trial < 1500; trial++) {
      limn_err e = {0};
      size_t m = n;
      memcpy(bytes, good, n);
      for (uint64_t edits = 1 + limn_rng_below(&r, 3); edits > 0; edits--) {
        size_t at = limn_rng_below(&r, limn_rng_below(&r, 4) ? (n < 80 ? n : 80) : n);
        static const char letters[] = "0123456789(),{}'\"<>|TFaL ";
        bytes[at] = limn_rng_below(&r, 2)
                        ? (unsigned char)letters[limn_rng_below(&r, sizeof letters - 1)]
                        : (unsigned char)limn_rng_u32(&r);
      }
      if (limn_rng_below(&r, 8) == 0) m = limn_rng_below(&r, n);
      put(bytes, m);
      limn_status st = load(&e, NULL, 0);
      cr_assert(st == LIMN_OK || st == LIMN_EFORMAT || st == LIMN_EUNSUPPORTED || st == LIMN_EIO,
                "%s", e.text);
      if (st == LIMN_OK)
        ok++;
      else
        refused++;
    }
  }
  unlink(path);
  cr_assert(ok > 100 && refused > 1000, "%d read, %d refused", ok, refused);
}

Test(npy, round_trip_and_refused_allocations) {
  double x[24], back[24];
  for (int i = 0; i < 24; i++) x[i] = sin(i) * pow(10, i - 12);
  limn_array a = limn_array_view(LIMN_F64, 2, (size_t[]){4, 6}, x), t = a;
  t.dims[0] = 6, t.dims[1] = 4, t.stride[0] = 1, t.stride[1] = 6;
  limn_err e = {0};
  snprintf(path, sizeof path, "/tmp/limn_test_npy_%ld.npy", (long)getpid());
  cr_assert_eq(limn_npy_write(path, &t, &e), LIMN_OK, "%s", e.text);
  cr_assert_eq(load(&e, back, 24), LIMN_OK, "%s", e.text);
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 4; j++) cr_assert_eq(back[i * 4 + j], x[j * 6 + i]);
  int failures = 0;
  for (long k = 1; k < 100; k++) {
    limn_memory_fail_at(k);
    limn_status st = load(&e, back, 24);
    if (st == LIMN_OK) break;
    cr_assert_eq(st, LIMN_ENOMEM);
    failures++;
  }
  cr_assert(failures > 0);
  const char *names[] = {"a", "t"};
  const limn_array *arrays[] = {&a, &t};
  for (long k = 1; k < 100; k++) {
    limn_memory_fail_at(k);
    limn_status st = limn_npz_write(path, names, arrays, 2, &e);
    limn_memory_fail_at(0);
    if (st == LIMN_OK) break;
    cr_assert_eq(st, LIMN_ENOMEM, "%s", e.text);
    cr_assert_eq(load(&e, back, 24), LIMN_OK); /* the old file is unchanged */
  }
  limn_npz *z;
  cr_assert_eq(limn_npz_open(&z, path, &e), LIMN_OK, "%s", e.text);
  cr_assert_eq(limn_npz_count(z), 2);
  cr_assert_str_eq(limn_npz_name(z, 1), "t");
  limn_npz_close(z);
  unlink(path);
}
