/* decimal.c: shortest decimal text of doubles (Schubfach), and its table of powers of ten. */
#include "core/decimal.h"

#include <math.h>
#include <string.h>

typedef unsigned __int128 u128;

/* ---- the table: 192-bit running powers, truncated below 2^-192, so rounding up to 128 bits is
 * exact ---- */

static void store(limn_decimal *t, int k, const uint64_t p[3]) {
  u128 top = ((u128)p[2] << 64) | p[1];
  if (p[0] != 0) top++; /* round up; exact powers have no remainder */
  t->high[k - LIMN_DECIMAL_LOW] = (uint64_t)(top >> 64);
  t->low[k - LIMN_DECIMAL_LOW] = (uint64_t)top;
}

void limn_decimal_init(limn_decimal *t) {
  uint64_t p[3] = {0, 0, (uint64_t)1 << 63};
  for (int k = 0;; k++) { /* times ten, then normalised by a right shift */
    store(t, k, p);
    if (k == LIMN_DECIMAL_HIGH) break;
    uint64_t carry = 0;
    for (int i = 0; i < 3; i++) {
      u128 product = (u128)p[i] * 10 + carry;
      p[i] = (uint64_t)product;
      carry = (uint64_t)(product >> 64);
    }
    while (carry) {
      p[0] = p[0] >> 1 | p[1] << 63;
      p[1] = p[1] >> 1 | p[2] << 63;
      p[2] = p[2] >> 1 | carry << 63;
      carry >>= 1;
    }
  }
  uint64_t q[3] = {0, 0, (uint64_t)1 << 63};
  for (int k = -1; k >= LIMN_DECIMAL_LOW;
       k--) { /* divided by ten, with four guard bits shifted in */
    u128 rest = 0;
    uint64_t tail;
    for (int i = 2; i >= 0; i--) {
      u128 dividend = rest << 64 | q[i];
      q[i] = (uint64_t)(dividend / 10);
      rest = dividend % 10;
    }
    tail = (uint64_t)((rest << 64) / 10);
    while (!(q[2] >> 63)) {
      q[2] = q[2] << 1 | q[1] >> 63;
      q[1] = q[1] << 1 | q[0] >> 63;
      q[0] = q[0] << 1 | tail >> 63;
      tail <<= 1;
    }
    store(t, k, q);
  }
}

/* ---- one number ---- */

/* Floors of log10(2^q), log10(3/4 * 2^q) and log2(10^k), for every exponent of a double. */
static int log10_pow2(int q) {
  return (q * 1262611) >> 22;
}
static int log10_three_quarters(int q) {
  return (q * 1262611 - 524031) >> 22;
}
static int log2_pow10(int k) {
  return (k * 1741647) >> 19;
}

/* The upper 64 bits of g * c / 2^64, with the lowest bit set if anything below is not zero. */
static uint64_t to_odd(uint64_t g_high, uint64_t g_low, uint64_t c) {
  u128 x = (u128)g_low * c, y = (u128)g_high * c + (uint64_t)(x >> 64);
  return (uint64_t)(y >> 64) | ((uint64_t)y > 1);
}

/* The shortest decimal *digits * 10^*exponent of a finite positive double, given as bits. */
static void shortest(const limn_decimal *t, uint64_t bits, uint64_t *digits, int *exponent) {
  uint64_t fraction = bits & (((uint64_t)1 << 52) - 1);
  int biased = (int)(bits >> 52);
  uint64_t c = biased ? fraction | (uint64_t)1 << 52 : fraction;
  int q = (biased ? biased : 1) - 1075;
  bool open = c & 1, narrow = fraction == 0 && biased > 1; /* half spacing below a power of two */
  int k = narrow ? log10_three_quarters(q) : log10_pow2(q);
  int h = q + log2_pow10(-k) + 1;
  uint64_t gh = t->high[-k - LIMN_DECIMAL_LOW], gl = t->low[-k - LIMN_DECIMAL_LOW];
  uint64_t middle = to_odd(gh, gl, (4 * c) << h);
  uint64_t lower = to_odd(gh, gl, (4 * c - (narrow ? 1 : 2)) << h) + open;
  uint64_t upper = to_odd(gh, gl, (4 * c + 2) << h) - open;
  uint64_t s = middle / 4;
  if (s >= 10) { /* one digit less, if exactly one such number is in the interval */
    uint64_t tens = s / 10;
    bool below = lower <= 40 * tens, above = 40 * tens + 40 <= upper;
    if (below != above) {
      *digits = tens + above;
      *exponent = k + 1;
      return;
    }
  }
  bool below = lower <= 4 * s, above = 4 * s + 4 <= upper;
  uint64_t half = 4 * s + 2;
  bool up = below != above ? above : middle > half || (middle == half && (s & 1));
  *digits = s + up;
  *exponent = k;
}

static size_t write_digits(uint64_t n,
                           char *out) { /* most significant first; returns their number */
  char reversed[20];
  size_t count = 0;
  do reversed[count++] = (char)('0' + n % 10);
  while (n /= 10);
  for (size_t i = 0; i < count; i++) out[i] = reversed[count - 1 - i];
  return count;
}

size_t limn_decimal_write(const limn_decimal *t, double x, char *out) {
  if (!isfinite(x)) {
    memcpy(out, "NaN", 3);
    return 3;
  }
  char *at = out;
  if (signbit(x)) *at++ = '-';
  x = fabs(x);
  if (x < 9007199254740992.0 && x == (double)(uint64_t)x)
    return (size_t)(at - out) + write_digits((uint64_t)x, at);
  uint64_t bits, digits;
  int exponent;
  memcpy(&bits, &x, sizeof bits);
  shortest(t, bits, &digits, &exponent);
  while (digits % 10 == 0) {
    digits /= 10;
    exponent++;
  }
  char text[20];
  int count = (int)write_digits(digits, text),
      point = count + exponent; /* digits before the point */
  if (point > 0 && count > point) {
    for (int i = 0; i < count; i++) {
      if (i == point) *at++ = '.';
      *at++ = text[i];
    }
  } else if (point <= 0 && point > -4) {
    memcpy(at, "0.000", 5);
    at += 2 - point;
    memcpy(at, text, (size_t)count);
    at += count;
  } else {
    *at++ = text[0];
    if (count > 1) {
      *at++ = '.';
      memcpy(at, text + 1, (size_t)count - 1);
      at += count - 1;
    }
    *at++ = 'e';
    *at++ = point < 1 ? '-' : '+';
    at += write_digits((uint64_t)(point < 1 ? 1 - point : point - 1), at);
  }
  return (size_t)(at - out);
}
