/* gates.c: the length of formulas: gates with two inputs, each used once, negation free.
 *
 * Up to 4 bits the least length, of all 2^15 functions that are 0 at input 0 (others are their
 * complements): those of length r combine one of length j and one of length r - 1 - j (Knuth 2011,
 * algorithm 7.1.2L). Beyond, with the halves f0, f1 of f at a variable x and d = f0 xor f1, the
 * least over the variables of f = x f1 or (not x) f0,  f = f0 xor (x d),  f = f1 xor ((not x) d).
 */
#include <string.h>

#include "core/core.h"
#include "limn/functions.h"

enum { ALL = 1 << 15, UNKNOWN = 255, LARGEST = 256 };

typedef struct {
  unsigned char length[ALL]; /* of the function 2 k */
  uint16_t order[ALL];       /* functions by length */
} table;

static void table_fill(table *t) {
  size_t begin[ALL / 1024 + 2] = {0}, known = 0; /* first function of each length */
  const uint16_t base[5] = {0, 0xaaaa, 0xcccc, 0xf0f0, 0xff00};
  memset(t->length, UNKNOWN, sizeof t->length);
  for (int i = 0; i < 5; i++) t->order[known++] = base[i], t->length[base[i] / 2] = 0;
  begin[1] = known;
  for (size_t r = 1; known < ALL; r++) {
    for (size_t j = 0; 2 * j <= r - 1; j++) {
      size_t k = r - 1 - j;
      for (size_t a = begin[j]; a < begin[j + 1]; a++)
        for (size_t b = j == k ? a + 1 : begin[k]; b < begin[k + 1]; b++) {
          unsigned g = t->order[a], h = t->order[b];
          unsigned made[5] = {g & h, g & ~h, ~g & h, g | h, g ^ h};
          for (int m = 0; m < 5; m++) {
            unsigned f = made[m] & 0xffff;
            if (t->length[f / 2] != UNKNOWN) continue;
            t->length[f / 2] = (unsigned char)r;
            t->order[known++] = (uint16_t)f;
          }
        }
    }
    begin[r + 1] = known;
  }
}

static unsigned short_length(const table *t, const unsigned char *f, size_t bits) {
  unsigned code = 0, mask = (1u << (1u << bits)) - 1;
  for (unsigned v = 0; v < 1u << bits; v++) code |= (unsigned)f[v] << v;
  if (code & 1) code = ~code & mask;
  for (size_t b = bits; b < 4; b++) code |= code << (1u << b); /* does not depend on more inputs */
  return t->length[code / 2];
}

static bool constant(const unsigned char *f, size_t n) {
  return memchr(f, !f[0], n) == NULL;
}

static unsigned length_of(const table *t, const unsigned char *f, size_t bits) {
  if (bits <= 4) return short_length(t, f, bits);
  size_t n = (size_t)1 << bits, half = n / 2;
  unsigned char f0[LARGEST / 2] = {0}, f1[LARGEST / 2] = {0}, d[LARGEST / 2] = {0};
  unsigned least = (unsigned)-1;
  for (size_t i = 0; i < bits; i++) {
    for (size_t v = 0; v < half; v++) {
      size_t low = v & (((size_t)1 << i) - 1), at = ((v - low) << 1) | low;
      f0[v] = f[at], f1[v] = f[at | (size_t)1 << i], d[v] = f0[v] ^ f1[v];
    }
    bool k0 = constant(f0, half), k1 = constant(f1, half), kd = constant(d, half);
    if (kd && !d[0]) return length_of(t, f0, bits - 1); /* f does not depend on the variable */
    unsigned a = length_of(t, f0, bits - 1), b = length_of(t, f1, bits - 1), here;
    if (kd) {
      here = k0 ? 0 : (a < b ? a : b) + 1;
    } else if (k0 || k1) {
      here = (k0 ? b : a) + 1;
    } else {
      unsigned c = length_of(t, d, bits - 1) + 2;
      here = (a < b ? a : b) + c;
      if (a + b + 3 < here) here = a + b + 3;
    }
    if (here < least) least = here;
  }
  return least;
}

limn_status limn_functions_gates(double *gates, const uint64_t *patterns, size_t n, size_t bits,
                                 limn_err *err) {
  if (bits < 1 || bits > 8)
    return limn_fail_argument(err, LIMN_EINVAL, "bits", "must be 1 .. 8, got %zu", bits);
  table *t = limn_alloc(1, sizeof *t);
  if (!t) return limn_nomem(err, "lengths of formulas", 1, sizeof *t);
  table_fill(t);
  size_t points = (size_t)1 << bits, words = limn_functions_words(points);
  for (size_t k = 0; k < n; k++) {
    unsigned char f[LARGEST];
    for (size_t p = 0; p < points; p++)
      f[p] = (unsigned char)(patterns[k * words + p / 64] >> p % 64 & 1);
    gates[k] = length_of(t, f, bits);
  }
  limn_free(t);
  return LIMN_OK;
}
