/* rng.h: random streams as values: Philox4x32-10 (Salmon, Moraes, Dror, Shaw, SC'11).
 *
 * A stream is named by (seed, point, rep, purpose). The name is turned into a Philox key and one
 * counter word; draw number n of the stream is a function of the name and n alone, so any cell of
 * any sweep can be recomputed by itself, in any order, on any number of workers. */
#ifndef LIMN_RNG_H
#define LIMN_RNG_H

#include <stdint.h>
#include "limn/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a stream is used for; streams of different purposes are independent. */
typedef enum limn_purpose {
  LIMN_FOR_USER = 0,   /* limn.rng.stream */
  LIMN_FOR_LABELS = 1, /* labels of a FeatureSet */
  LIMN_FOR_FEATURES = 2,
  LIMN_FOR_THEORY = 3,
  LIMN_FOR_NETS = 4,
  LIMN_FOR_FIT = 5,
  LIMN_FOR_DATA = 6
} limn_purpose;

/* The identity of a stream as Philox sees it. Counter words: c0, c1 = block number (64 bits),
 * c2 = lane (0 for a plain stream; a matrix uses its row), c3 = salt. */
typedef struct limn_key {
  uint32_t key[2];
  uint32_t salt;
} limn_key;

typedef struct limn_rng {
  limn_key key;
  uint32_t lane;
  uint64_t block; /* next block of four words */
  uint32_t buffer[4];
  uint32_t left; /* words left in buffer (taken from the end) */
} limn_rng;

/* One Philox4x32-10 block. */
LIMN_API void limn_philox(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2]);

/* The same with a chosen number of rounds (the published known answers have 7 and 10). */
LIMN_API void limn_philox_rounds(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2],
                                 int rounds);

LIMN_API limn_key limn_key_of(uint64_t seed, uint64_t point, uint64_t rep, limn_purpose purpose);

/* Child number n of a stream: a key of its own, a function of the parent's key and n alone. */
LIMN_API limn_key limn_key_child(limn_key parent, uint64_t n);

LIMN_API limn_rng limn_rng_start(limn_key key, uint32_t lane);

LIMN_API uint32_t limn_rng_u32(limn_rng *rng);
LIMN_API uint64_t limn_rng_u64(limn_rng *rng);

/* Uniform on (0,1): 52 bits plus a half, never 0 or 1. Two words a draw. */
LIMN_API double limn_rng_uniform(limn_rng *rng);

/* Standard normal by Box-Muller, cosine branch only: two uniforms (four words) a draw, no state. */
LIMN_API double limn_rng_normal(limn_rng *rng);

/* Uniform integer in [0, range), range >= 1, without bias (Lemire's rejection). */
LIMN_API uint64_t limn_rng_below(limn_rng *rng, uint64_t range);

/* The next n words, as n calls of limn_rng_u32 would give them. */
LIMN_API void limn_rng_words(limn_rng *rng, uint32_t *out, size_t n);

/* Fills: n numbers, bit for bit those of n single draws. sign fills with -1/+1, one bit each, 32 a
 * word (a last word that is not used up is dropped). */
LIMN_API void limn_rng_fill_uniform(limn_rng *rng, double *out, size_t n);
LIMN_API void limn_rng_fill_normal(limn_rng *rng, double *out, size_t n);
LIMN_API void limn_rng_fill_sign(limn_rng *rng, double *out, size_t n);

/* n integers uniform in low .. high (low <= high, both within +-2^53), as doubles. */
LIMN_API void limn_rng_fill_integer(limn_rng *rng, double *out, size_t n, int64_t low,
                                    int64_t high);

/* A uniform permutation of 0 .. n-1 (Fisher-Yates). */
LIMN_API void limn_rng_permutation(limn_rng *rng, uint64_t *out, size_t n);

/* The same, counted from 1, as doubles (n <= 2^53). */
LIMN_API void limn_rng_fill_permutation(limn_rng *rng, double *out, size_t n);

#ifdef __cplusplus
}
#endif
#endif
