/* test_sha256.c: SHA-256 and HMAC-SHA-256 against the vectors of FIPS 180-4 and RFC 4231. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sha256.h"

static const char *hex(const uint8_t digest[LIMN_SHA256_SIZE]) {
  static char text[2 * LIMN_SHA256_SIZE + 1];
  for (int i = 0; i < LIMN_SHA256_SIZE; i++) sprintf(text + 2 * i, "%02x", digest[i]);
  return text;
}

static const char *sha256(const char *text, size_t size, size_t step) {
  uint8_t digest[LIMN_SHA256_SIZE];
  limn_sha256 s;
  limn_sha256_begin(&s);
  for (size_t at = 0; at < size; at += step)
    limn_sha256_add(&s, text + at, size - at < step ? size - at : step);
  limn_sha256_end(&s, digest);
  return hex(digest);
}

static const char *hmac(const char *key, size_t key_size, const char *text, size_t size) {
  uint8_t digest[LIMN_SHA256_SIZE];
  limn_hmac m;
  limn_hmac_begin(&m, key, key_size);
  limn_hmac_add(&m, text, size / 2);
  limn_hmac_add(&m, text + size / 2, size - size / 2);
  limn_hmac_end(&m, digest);
  return hex(digest);
}

/* The examples published by NIST with FIPS 180-4: no block, one block, two, and 15625 blocks. */
Test(sha256, fips_vectors) {
  cr_assert_str_eq(sha256("", 0, 1),
                   "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  cr_assert_str_eq(sha256("abc", 3, 3),
                   "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  const char *two = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
  for (size_t step = 1; step <= 56; step++)
    cr_assert_str_eq(sha256(two, 56, step),
                     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  char *million = malloc(1000000);
  memset(million, 'a', 1000000);
  const size_t steps[] = {1, 63, 64, 65, 1000, 1000000};
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
    cr_assert_str_eq(sha256(million, 1000000, steps[i]),
                     "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  free(million);
}

/* RFC 4231, cases 1, 2, 3, 6 and 7: keys shorter and longer than a block. */
Test(sha256, hmac_vectors_of_rfc_4231) {
  char key[131], data[50];
  memset(key, 0x0b, 20);
  cr_assert_str_eq(hmac(key, 20, "Hi There", 8),
                   "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  cr_assert_str_eq(hmac("Jefe", 4, "what do ya want for nothing?", 28),
                   "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  memset(key, 0xaa, sizeof key);
  memset(data, 0xdd, sizeof data);
  cr_assert_str_eq(hmac(key, 20, data, 50),
                   "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
  const char *six = "Test Using Larger Than Block-Size Key - Hash Key First";
  cr_assert_str_eq(hmac(key, 131, six, strlen(six)),
                   "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  const char *seven = "This is a test using a larger than block-size key and a larger than "
                      "block-size data. The key needs to be hashed before being used by the "
                      "HMAC algorithm.";
  cr_assert_str_eq(hmac(key, 131, seven, strlen(seven)),
                   "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
}
