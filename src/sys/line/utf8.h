/* utf8.h: characters of UTF-8 text and their columns on a terminal. Bytes that are no UTF-8 count
 * as characters of one byte. */
#ifndef LIMN_LINE_UTF8_H
#define LIMN_LINE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* The code point at the begin of the n > 0 bytes of text, and its number of bytes (1 .. 4). A byte
 * that begins no valid sequence gives UINT32_MAX and 1. */
uint32_t limn_utf8_decode(const char *text, size_t n, size_t *bytes);

/* Columns of a code point: 0 for combining marks, 2 for wide characters, else 1. */
int limn_utf8_columns(uint32_t c);

/* The begin of the next character after `at`, and of the previous one; combining marks belong to
 * the character before them. Within 0 .. n. */
size_t limn_utf8_next(const char *text, size_t n, size_t at);
size_t limn_utf8_previous(const char *text, size_t n, size_t at);

#endif
