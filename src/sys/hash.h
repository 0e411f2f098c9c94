/* hash.h: XXH3-128 of bytes and files, for identification; not cryptographic. */
#ifndef LIMN_HASH_H
#define LIMN_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "limn/status.h"

typedef struct limn_hash {
  uint64_t high, low;
} limn_hash;

enum { LIMN_HASH_DIGITS = 32 };

limn_hash limn_hash_bytes(const void *bytes, size_t n);

/* The hash of a file's content. Errors: LIMN_EIO ("<path>: <reason>"). */
limn_status limn_hash_file(limn_hash *out, const char *path, limn_err *err);

/* 32 lower-case hexadecimal digits, the high word first; not terminated. */
void limn_hash_write(limn_hash h, char digits[LIMN_HASH_DIGITS]);

/* The inverse of limn_hash_write; false if text is not exactly 32 lower-case hexadecimal digits. */
bool limn_hash_read(limn_hash *out, const char *digits, size_t n);

#endif
