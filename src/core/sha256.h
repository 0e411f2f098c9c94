/* sha256.h: SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104), which signs Jupyter messages. Not
 * installed. */
#ifndef LIMN_SHA256_H
#define LIMN_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { LIMN_SHA256_BLOCK = 64, LIMN_SHA256_SIZE = 32 };

typedef struct limn_sha256 {
  uint32_t h[8];
  uint64_t bytes; /* added so far; the last bytes % 64 of them are in `block` */
  uint8_t block[LIMN_SHA256_BLOCK];
} limn_sha256;

/* SHA-256 of the bytes added between begin and end; s is invalid after end. */
void limn_sha256_begin(limn_sha256 *s);
void limn_sha256_add(limn_sha256 *s, const void *data, size_t size);
void limn_sha256_end(limn_sha256 *s, uint8_t digest[LIMN_SHA256_SIZE]);

/* HMAC-SHA-256 with a key of any length. */
typedef struct limn_hmac {
  limn_sha256 inner, outer;
} limn_hmac;

void limn_hmac_begin(limn_hmac *m, const void *key, size_t size);
void limn_hmac_add(limn_hmac *m, const void *data, size_t size);
void limn_hmac_end(limn_hmac *m, uint8_t digest[LIMN_SHA256_SIZE]);

#endif
