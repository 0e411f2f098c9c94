/* decimal.h: doubles to their shortest decimal text, without locale, printf or allocation.
 *
 * The text reads back to the same double and no shorter one does. Method: R. Giulietti, "The
 * Schubfach way to render doubles" (2020): one 128-bit power of ten per number, three
 * multiplications. Not installed. */
#ifndef LIMN_DECIMAL_H
#define LIMN_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LIMN_DECIMAL_LOW (-292) /* the least and the greatest power of ten that a double needs */
#define LIMN_DECIMAL_HIGH 324
#define LIMN_DECIMAL_MAX 25 /* characters a number can take, without a terminator */

/* Powers of ten, rounded up to 128 bits, the highest bit set: entry k - LIMN_DECIMAL_LOW is 10^k.
 */
typedef struct limn_decimal {
  uint64_t high[LIMN_DECIMAL_HIGH - LIMN_DECIMAL_LOW + 1];
  uint64_t low[LIMN_DECIMAL_HIGH - LIMN_DECIMAL_LOW + 1];
} limn_decimal;

/* Fills the table (some ten microseconds). */
void limn_decimal_init(limn_decimal *table);

/* Writes x into out (LIMN_DECIMAL_MAX characters, no terminator) and returns the length. Every
 * non-finite value is written "NaN": to a plot all of them are gaps. */
size_t limn_decimal_write(const limn_decimal *table, double x, char *out);

#endif
