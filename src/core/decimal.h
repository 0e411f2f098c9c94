/* decimal.h: doubles to shortest decimal text, without locale, printf or allocation.
 *
 * The text converts back to the same double, and no shorter text does. Method: R. Giulietti, "The
 * Schubfach way to render doubles" (2020), with one 128-bit power of ten and three multiplications
 * per number. Not installed. */
#ifndef LIMN_DECIMAL_H
#define LIMN_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LIMN_DECIMAL_LOW (-292) /* smallest and largest power of ten needed for a double */
#define LIMN_DECIMAL_HIGH 324
#define LIMN_DECIMAL_MAX 25 /* maximum length, without a terminator */

/* Powers of ten, normalised to the highest bit and rounded up to 128 bits. Entry k -
 * LIMN_DECIMAL_LOW is 10^k. */
typedef struct limn_decimal {
  uint64_t high[LIMN_DECIMAL_HIGH - LIMN_DECIMAL_LOW + 1];
  uint64_t low[LIMN_DECIMAL_HIGH - LIMN_DECIMAL_LOW + 1];
} limn_decimal;

/* Fills the table (about 10 us). */
void limn_decimal_init(limn_decimal *table);

/* Writes x to out (LIMN_DECIMAL_MAX characters, no terminator) and returns the length. All
 * non-finite values are written as "NaN", because plots treat them alike, as gaps. */
size_t limn_decimal_write(const limn_decimal *table, double x, char *out);

#endif
