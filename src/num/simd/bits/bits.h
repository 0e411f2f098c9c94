/* bits.h: the inner loops over sign features: a table of functions, one implementation per
 * instruction set.
 *
 * All arithmetic is on integers or, in `sums`, in a fixed order of additions, so all
 * implementations give equal results to the bit; tests compare them.
 *
 * Gram panels. A chunk of a row is a sequence of vectors of `lane` words, taken in pairs (w1, w2).
 * A pair is stored as (w1, P), where P is the exclusive-or of all words of that row so far (this
 * pair included), lane by lane. For two rows a, b the differences x1, x2 of a pair and the running
 * parity s of all earlier differences are added by a full adder: s + x1 + x2 = 2 c + s', where s' =
 * Pa ^ Pb needs no w2 and c is the majority. So the number of differences is 2 sum(popcount c) +
 * popcount(last s). Three rows are interleaved: each step of a panel is (w1, P) of row 0, of row 1,
 * of row 2. */
#ifndef LIMN_BITS_H
#define LIMN_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "limn/rng.h"

/* Sums over weights, each by one fixed tree for all instruction sets. */
typedef struct limn_weight_sums {
  double square, magnitude, entropy, least, most;
} limn_weight_sums;

typedef struct limn_bits_kernels {
  /* words (2*blocks): Philox blocks block .. block+blocks-1 of lane `row` of the key's stream. */
  void (*signs)(uint64_t *words, const limn_key *key, uint32_t row, uint64_t block, size_t blocks);

  size_t lane;   /* words per vector */
  size_t unroll; /* the number of steps of a panel must be a multiple of this */

  /* Stores one row (2*lane*steps words) in a panel: `to` is the place of its first pair; the pairs
   * of a row are 6*lane words apart. */
  void (*pack)(uint64_t *to, const uint64_t *row, size_t steps);

  /* Adds the number of differing bits of rows 3*i+r and 3*j+c to g[(3*i+r)*ld + 3*j+c], for triples
   * i <= j, j in [j0, j1). panel: triples of 6*lane*steps words each; at most 32768 columns. */
  void (*gram)(uint32_t *g, size_t ld, const uint64_t *panel, size_t steps, size_t j0, size_t j1);

  /* out[i] += sum over b < 64 of (bit b of words[i] ? q[b] : signs ? -q[b] : 0), i < n; n is a
   * multiple of 8. Sums must fit in 63 bits. */
  void (*lookup)(int64_t *out, const uint64_t *words, size_t n, const int64_t q[64], bool signs);

  /* 64 rows of 8 words -> 64 x 8 words: bit r of out[b*8 + c] is bit b of in[r*stride + c]. */
  void (*transpose)(uint64_t *out, const uint64_t *in, size_t stride);

  /* n rows of 8 words -> 8 rows of n: out[c*n + i] = in[i*stride + c]; n is a multiple of 8. */
  void (*transpose_words)(uint64_t *out, const uint64_t *in, size_t stride, size_t n);

  /* Sums over w_j, j < n, n >= 1; w must be readable, and zero, up to a multiple of 8. */
  void (*sums)(limn_weight_sums *out, const double *w, size_t n);

  /* Box-Muller: words 2b and 2b+1 give out[2b] and out[2b+1] = shift + scale * (a normal), b <
   * pairs. */
  void (*normals)(double *out, const uint64_t *words, size_t pairs, double shift, double scale);
} limn_bits_kernels;

extern const limn_bits_kernels limn_bits_ref, limn_bits_avx2, limn_bits_avx512;

/* The table for the instruction set in use. */
const limn_bits_kernels *limn_bits(void);

#endif
