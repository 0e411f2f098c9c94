/* message.h: the bytes of a cell's values, read one value at a time. A worker sends these bytes to
 * its parent, and the store keeps them; they are not trusted.
 *
 * u32 count, then per value in the order of the names: u32 length, name, one letter, value.
 *   i: i64   d: f64   s: u64 length, bytes   b: one byte   A, a: array of f64, f32: u8 rank, u64
 *   dimensions, entries row-major. All little-endian, as every machine that limn runs on. */
#ifndef LIMN_MESSAGE_H
#define LIMN_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "limn/array.h"

typedef struct limn_message {
  const char *at;
  size_t left;    /* bytes */
  uint32_t count; /* values that follow */
} limn_message;

typedef struct limn_message_item {
  const char *name;
  size_t length;
  char kind;
  const char *bytes; /* number, byte, text, or entries of the array; not aligned */
  size_t size;       /* bytes */
  int rank;
  size_t dims[LIMN_MAX_RANK]; /* 1 beyond the rank */
} limn_message_item;

/* Begins to read; false if the count is missing. */
bool limn_message_open(limn_message *m, const char *bytes, size_t n);

/* 1 and the next value; 0 at the end; -1 if the bytes are malformed. */
int limn_message_next(limn_message *m, limn_message_item *item);

/* Whether an array of a message has an entry that is not finite. */
bool limn_message_broken(const limn_message_item *item);

#endif
