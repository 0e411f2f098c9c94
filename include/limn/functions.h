/* functions.h: distributions over the functions that nets compute on a finite set of inputs.
 *
 * A function is its pattern of signs on `points` inputs (the rows of x): bit p of the pattern, bit
 * p % 64 of word p / 64, is 1 where the output at input p is > 0. Patterns have
 * limn_functions_words(points) words; unused bits are 0. */
#ifndef LIMN_FUNCTIONS_H
#define LIMN_FUNCTIONS_H

#include <stddef.h>
#include <stdint.h>
#include "limn/kernel.h"
#include "limn/status.h"
#include "limn/token.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LIMN_FUNCTIONS_POINTS ((size_t)4096) /* most inputs of a pattern */
#define LIMN_FUNCTIONS_LAYERS 16             /* most layers of weights */
#define LIMN_FUNCTIONS_WIDTH ((size_t)1 << 20)

static inline size_t limn_functions_words(size_t points) {
  return (points + 63) / 64;
}

/* ---- random nets ---------------------------------------------------------------------------- */

/* A distribution of nets: weights N(0, weight/fan_in), biases N(0, bias), independent. Nets are
 * drawn in groups: the nets of a group share all layers but the last, whose weights are their own.
 * The functions of one group are dependent; each alone has the distribution of a single net. */
typedef struct limn_functions_net {
  size_t layers;                           /* layers of weights, 1 .. LIMN_FUNCTIONS_LAYERS */
  size_t sizes[LIMN_FUNCTIONS_LAYERS + 1]; /* inputs, hidden layers, 1 */
  limn_phi phi;    /* relu, tanh, erf, gelu, sin, linear or step, of hidden layers */
  double weight;   /* > 0 */
  double bias;     /* >= 0 */
  size_t readouts; /* nets of a group, 1 .. 1024 */
  uint64_t seed, point, rep;
} limn_functions_net;

/* The patterns of groups first .. first + count - 1 of the stream (seed, point, rep). Arithmetic is
 * in single precision: an output that is 0 within rounding may get either sign, and instruction
 * sets may differ there. The result does not depend on the number of threads.
 *   patterns  out (count * readouts, words)
 *   x         in  (points, sizes[0])  finite
 *   points    in                      1 .. LIMN_FUNCTIONS_POINTS
 *   spec      in
 *   first     in                      number of the first group
 *   count     in                      groups
 *   token     in                      may be NULL
 * Errors: LIMN_EINVAL, LIMN_ENONFINITE, LIMN_ENOMEM, LIMN_ECANCELLED. */
LIMN_API limn_status limn_functions_sample(uint64_t *patterns, const double *x, size_t points,
                                           const limn_functions_net *spec, uint64_t first,
                                           size_t count, const limn_token *token, limn_err *err);

/* ---- counts --------------------------------------------------------------------------------- */

/* How often each pattern occurred. At most `space` patterns are kept after a sum exceeds 2 space:
 * then the (space + 1)-th largest count is subtracted from all, and patterns without a count left
 * are dropped. A count is then too small by at most limn_functions_error(), which is at most total
 * / space; it is exact while that is 0. The result depends on the order of the patterns. */
typedef struct limn_functions_counts limn_functions_counts;

/* Errors: LIMN_EINVAL (points; space outside 1 .. 2^28), LIMN_ENOMEM. */
LIMN_API limn_status limn_functions_counts_new(limn_functions_counts **out, size_t points,
                                               size_t space, limn_err *err);
LIMN_API void limn_functions_counts_free(limn_functions_counts *counts);

/* Adds n patterns, in their order.
 * Errors: LIMN_ENOMEM (the patterns before remain counted). */
LIMN_API limn_status limn_functions_count(limn_functions_counts *counts, const uint64_t *patterns,
                                          size_t n, limn_err *err);

/* Draws `groups` groups of nets and counts the patterns that agree with `labels` where `mask` has a
 * bit (all patterns if mask is NULL).
 *   tried    out                 nets drawn; may be NULL
 *   Others: as limn_functions_sample. Counts are those of the groups in their order.
 * Errors: those of limn_functions_sample. */
LIMN_API limn_status limn_functions_tally(limn_functions_counts *counts, uint64_t *tried,
                                          const double *x, const limn_functions_net *spec,
                                          uint64_t groups, const uint64_t *labels,
                                          const uint64_t *mask, const limn_token *token,
                                          limn_err *err);

/* Orders the patterns by falling count, equal counts by pattern. Call it after the last pattern and
 * before the functions below.
 * Errors: LIMN_ENOMEM. */
LIMN_API limn_status limn_functions_rank(limn_functions_counts *counts, limn_err *err);
LIMN_API size_t limn_functions_kinds(const limn_functions_counts *counts);
LIMN_API uint64_t limn_functions_total(const limn_functions_counts *counts);
LIMN_API uint64_t limn_functions_error(const limn_functions_counts *counts);
LIMN_API size_t limn_functions_points(const limn_functions_counts *counts);
/* Pattern and count of rank 0 .. kinds - 1. */
LIMN_API const uint64_t *limn_functions_pattern(const limn_functions_counts *counts, size_t rank);
LIMN_API uint64_t limn_functions_number(const limn_functions_counts *counts, size_t rank);
/* The rank of a pattern; kinds if it is not there. */
LIMN_API size_t limn_functions_find(const limn_functions_counts *counts, const uint64_t *pattern);

/* ---- Markov chains -------------------------------------------------------------------------- */

/* Samples from the prior restricted to the functions that agree with labels where mask has a bit,
 * by elliptical slice sampling of the parameters (Murray, Adams and MacKay 2010): the likelihood is
 * 1 for a net that fits and 0 otherwise. A chain starts at a random net; while it has not fitted
 * all labels, the likelihood is 1 for nets with at most as many errors as the best so far.
 *   patterns  out (chains, samples, words)
 *   steps     out (chains)   steps until all labels were fitted
 *   x, spec   in             as for limn_functions_sample; readouts must be 1
 *   burn      in             most steps until the fit, and the steps discarded after it
 *   thin      in             steps per sample, >= 1
 * Errors: those of limn_functions_sample; LIMN_ENUMERIC (a chain found no net that fits). */
LIMN_API limn_status limn_functions_chains(uint64_t *patterns, uint64_t *steps, size_t chains,
                                           size_t samples, size_t burn, size_t thin,
                                           const double *x, size_t points,
                                           const limn_functions_net *spec, const uint64_t *labels,
                                           const uint64_t *mask, const limn_token *token,
                                           limn_err *err);

/* Whether chains of patterns agree: the largest split R-hat, and the smallest effective number of
 * samples (initial positive sequence), over the signs at the points, the number of + signs, and
 * membership in the most frequent pattern. Statistics that never vary are left out.
 *   rhat, ess  out                           1 and chains * samples if no statistic varies
 *   patterns   in (chains, samples, words)   samples >= 4
 * Errors: LIMN_EINVAL, LIMN_ENOMEM.
 * Source: Gelman et al. 2013, section 11; Geyer 1992. */
LIMN_API limn_status limn_functions_mixing(double *rhat, double *ess, const uint64_t *patterns,
                                           size_t chains, size_t samples, size_t points,
                                           limn_err *err);

/* ---- Gaussian orthants ---------------------------------------------------------------------- */

/* The probability that a normal vector of mean 0 has the given signs. Up to 4 points exactly (one
 * integral for 4); beyond, by separation of variables on a randomly shifted lattice.
 *   log_p    out          natural logarithm; -INFINITY for 0
 *   error    out          standard error of log_p over the shifts; 0 where exact
 *   cov      in  (n, n)   symmetric, positive semidefinite to rounding
 *   signs    in  (words)
 *   samples  in           lattice points in all, >= 16
 * Errors: LIMN_EINVAL, LIMN_ENONFINITE, LIMN_ENOMEM, LIMN_ECANCELLED.
 * Source: Plackett 1954 (4 points); Genz 1992; order of the variables: Gibson, Glasbey and Elston
 * 1994. */
LIMN_API limn_status limn_functions_orthant(double *log_p, double *error, const double *cov,
                                            size_t n, const uint64_t *signs, size_t samples,
                                            uint64_t seed, const limn_token *token, limn_err *err);

/* ---- complexity ----------------------------------------------------------------------------- */

/* Columns of limn_functions_measures; those after LIMN_FUNCTIONS_LZ need a function of all 2^bits
 * inputs, bit i of the number of an input being its coordinate i, and are NaN otherwise. */
typedef enum limn_functions_column {
  LIMN_FUNCTIONS_ONES = 0,    /* inputs with sign + */
  LIMN_FUNCTIONS_ENTROPY,     /* entropy of the fraction of +, bits */
  LIMN_FUNCTIONS_LZ,          /* log2(n) times Lempel-Ziv phrases, mean of both directions */
  LIMN_FUNCTIONS_DEGREE,      /* largest size of a set with a Fourier coefficient */
  LIMN_FUNCTIONS_INFLUENCE,   /* mean number of inputs whose flip changes the sign */
  LIMN_FUNCTIONS_SENSITIVITY, /* largest number of them */
  LIMN_FUNCTIONS_COLUMNS
} limn_functions_column;

/* Measures of patterns.
 *   out       out (n, LIMN_FUNCTIONS_COLUMNS)
 *   patterns  in  (n, words)
 *   points    in
 *   bits      in              0 if the inputs are not a cube; else points = 2^bits
 * Errors: LIMN_EINVAL, LIMN_ENOMEM.
 * Source: Lempel and Ziv 1976; O'Donnell 2014 (degree, influence, sensitivity). */
LIMN_API limn_status limn_functions_measures(double *out, const uint64_t *patterns, size_t n,
                                             size_t points, size_t bits, limn_err *err);

/* Number of gates with two inputs (any of the 16 functions, negation free) of a formula. Least for
 * up to 4 bits; beyond, an upper bound by splitting at the variable that costs least.
 *   gates     out (n)
 *   patterns  in  (n, words)   functions of all 2^bits inputs
 *   bits      in               1 .. 8
 * Errors: LIMN_EINVAL, LIMN_ENOMEM.
 * Source: Knuth 2011, section 7.1.2, algorithm L; Shannon 1949 (the bound). */
LIMN_API limn_status limn_functions_gates(double *gates, const uint64_t *patterns, size_t n,
                                          size_t bits, limn_err *err);

#ifdef __cplusplus
}
#endif
#endif
