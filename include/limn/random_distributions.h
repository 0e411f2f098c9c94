/* random_distributions.h: numbers of further distributions from a random stream. A draw uses a
 * varying number of words of the stream; the same stream gives the same numbers on every machine up
 * to the rounding of the C library. */
#ifndef LIMN_RANDOM_DISTRIBUTIONS_H
#define LIMN_RANDOM_DISTRIBUTIONS_H

#include "limn/rng.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Each fills out (n). Parameters are not checked. */

/* Exponential with mean 1. */
LIMN_API void limn_rng_fill_exponential(limn_rng *rng, double *out, size_t n);

/* Gamma with the given shape > 0 and scale 1. Source: Marsaglia and Tsang 2000. */
LIMN_API void limn_rng_fill_gamma(limn_rng *rng, double *out, size_t n, double shape);

/* Beta, a > 0 and b > 0; as the share of one of two gamma variables, on a logarithmic scale, so
 * that small a and b do not give 0/0. */
LIMN_API void limn_rng_fill_beta(limn_rng *rng, double *out, size_t n, double a, double b);

/* The number of successes in `trials` (a whole number in 0 .. 2^53) trials of probability p in
 * [0,1]. Source: inversion; Hormann 1993 (BTRS) from 10 expected on. */
LIMN_API void limn_rng_fill_binomial(limn_rng *rng, double *out, size_t n, double trials, double p);

/* Poisson with the given mean in [0, 2^53]. Source: inversion; Hormann 1993 (PTRS) from 10 on. */
LIMN_API void limn_rng_fill_poisson(limn_rng *rng, double *out, size_t n, double mean);

#ifdef __cplusplus
}
#endif
#endif
