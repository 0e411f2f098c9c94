/* rng.h: reproducible random streams from the counter-based generator Philox4x32-10.
 *
 * A stream is identified by (seed, point, rep, purpose), which are hashed to a Philox key and one
 * counter word. Draw n of a stream is a function of these numbers and n only. Any cell of a sweep
 * can therefore be recomputed on its own, in any order and by any number of workers.
 * Source: Salmon, Moraes, Dror, Shaw, SC'11. */
#ifndef LIMN_RNG_H
#define LIMN_RNG_H

#include <stdint.h>
#include "limn/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The use of a stream; streams of different purposes are independent. */
typedef enum limn_purpose {
  LIMN_FOR_USER = 0,   /* limn.rng.stream */
  LIMN_FOR_LABELS = 1, /* labels of a FeatureSet */
  LIMN_FOR_FEATURES = 2,
  LIMN_FOR_THEORY = 3,
  LIMN_FOR_NETS = 4,
  LIMN_FOR_FIT = 5,
  LIMN_FOR_DATA = 6,
  LIMN_FOR_FUNCTIONS = 7
} limn_purpose;

/* The key of a stream. The counter words are c0, c1 = block number (64 bits), c2 = lane (0 for a
 * plain stream; a matrix uses its row number), c3 = salt. */
typedef struct limn_key {
  uint32_t key[2];
  uint32_t salt;
} limn_key;

typedef struct limn_rng {
  limn_key key;
  uint32_t lane;
  uint64_t block; /* next block of four words */
  uint32_t buffer[4];
  uint32_t left; /* words left in buffer; they are taken from its end */
} limn_rng;

/* One Philox4x32-10 block: 128 random bits. */
LIMN_API void limn_philox(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2]);

/* One block of Philox4x32 with a given number of rounds; published known answers have 7 and 10. */
LIMN_API void limn_philox_rounds(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2],
                                 int rounds);

/* The key of the stream (seed, point, rep, purpose). */
LIMN_API limn_key limn_key_of(uint64_t seed, uint64_t point, uint64_t rep, limn_purpose purpose);

/* The key of child stream n; a function of the parent's key and n only. */
LIMN_API limn_key limn_key_child(limn_key parent, uint64_t n);

/* The stream of a key, at its first draw. */
LIMN_API limn_rng limn_rng_start(limn_key key, uint32_t lane);

/* The next 32 or 64 random bits. */
LIMN_API uint32_t limn_rng_u32(limn_rng *rng);
LIMN_API uint64_t limn_rng_u64(limn_rng *rng);

/* Uniform on (0,1), with 52 random bits: (k + 1/2) 2^-52, never 0 or 1. Uses two words. */
LIMN_API double limn_rng_uniform(limn_rng *rng);

/* Standard normal by the Box-Muller transform, cosine branch only: two uniforms (four words) per
 * draw and no cached value. */
LIMN_API double limn_rng_normal(limn_rng *rng);

/* Uniform integer in [0, range), range >= 1, without bias (Lemire's rejection). */
LIMN_API uint64_t limn_rng_below(limn_rng *rng, uint64_t range);

/* The next n words; equal to n calls of limn_rng_u32. */
LIMN_API void limn_rng_words(limn_rng *rng, uint32_t *out, size_t n);

/* Fills out with n numbers, bit for bit those of n single draws. fill_sign gives -1 or +1 from one
 * bit each, 32 per word; unused bits of the last word are discarded. */
LIMN_API void limn_rng_fill_uniform(limn_rng *rng, double *out, size_t n);
LIMN_API void limn_rng_fill_normal(limn_rng *rng, double *out, size_t n);
LIMN_API void limn_rng_fill_sign(limn_rng *rng, double *out, size_t n);

/* n uniform integers in [low, high], as doubles; low <= high, both within +-2^53. */
LIMN_API void limn_rng_fill_integer(limn_rng *rng, double *out, size_t n, int64_t low,
                                    int64_t high);

/* A uniform permutation of 0 .. n-1 (Fisher-Yates). */
LIMN_API void limn_rng_permutation(limn_rng *rng, uint64_t *out, size_t n);

/* A uniform permutation of 1 .. n, as doubles (n <= 2^53). */
LIMN_API void limn_rng_fill_permutation(limn_rng *rng, double *out, size_t n);

#ifdef __cplusplus
}
#endif
#endif
