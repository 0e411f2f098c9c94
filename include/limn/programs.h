/* programs.h: every program of a small language up to a length, the 2^-K prior over what they
 * compute, and Bayes' rule over it: Solomonoff induction on a space that can be listed.
 *
 * A program computes a Boolean function of `inputs` bits (1 .. 6); its truth table is one word, bit
 * v for the input whose bit i is (v >> i) & 1. Codes are self-delimiting: read bit by bit, a
 * program ends by itself, so feeding fair coin flips to the machine samples the prior, and sum
 * 2^-length <= 1.
 *
 * LIMN_CIRCUITS: gates on wires; wires 0 .. inputs-1 are the inputs, each gate adds one.
 *     code = { 1 gate }* 0 for one gate or more (output: the last one), or 0 wire (a bare input);
 *     gate = op (2 bits: 00 and, 01 or, 10 xor, 11 nand) wire wire.
 * LIMN_STACK: a stack machine of truth tables; words: 0 wire (push an input), 100 and, 101 xor, 110
 * end, 1110 not, 11110 or, 111110 dup, 111111 over (push the second again). The output is the top
 * at `end`; taking from too short a stack halts without output, and the mass of that is reported.
 * wire: truncated binary code among the w wires that exist: with b = floor(log2 w), the first
 *     2^(b+1) - w wires take b bits, the others b+1. */
#ifndef LIMN_PROGRAMS_H
#define LIMN_PROGRAMS_H

#include <stdint.h>
#include "limn/status.h"
#include "limn/token.h"
#include "limn/vocabulary.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LIMN_PROGRAM_BITS 48 /* the largest max_bits */

typedef enum limn_language { LIMN_LANGUAGES(LIMN_ENUMERATOR) } limn_language;

/* One function and all its programs. */
typedef struct limn_function {
  uint64_t table;   /* truth table */
  uint64_t count;   /* programs of at most max_bits that compute it */
  uint64_t weight;  /* sum over them of 2^(max_bits - length): the prior, exactly */
  uint64_t program; /* length << 56 | code of a shortest one (first bit of the code highest) */
} limn_function;

typedef struct limn_space limn_space; /* immutable after creation */

/* Runs every program of at most max_bits (1 .. LIMN_PROGRAM_BITS). Errors: LIMN_EINVAL,
 * LIMN_ENOMEM, LIMN_ECANCELLED. Exact, whatever the number of threads.
 *
 *   out      out  release with limn_programs_free
 *   inputs   in   1 .. 6
 *   max_bits in   1 .. LIMN_PROGRAM_BITS */
LIMN_API limn_status limn_programs_enumerate(limn_space **out, limn_language language, int inputs,
                                             int max_bits, const limn_token *token, limn_err *err);
LIMN_API void limn_programs_free(limn_space *space);

LIMN_API limn_language limn_programs_language(const limn_space *space);
LIMN_API int limn_programs_inputs(const limn_space *space);
LIMN_API int limn_programs_max_bits(const limn_space *space);
LIMN_API uint64_t limn_programs_total(const limn_space *space); /* programs with an output */
/* Truth tables evaluated: fewer than programs, since programs with a common last step have one
 * table. */
LIMN_API uint64_t limn_programs_evaluations(const limn_space *space);
LIMN_API uint64_t limn_programs_mass(const limn_space *space); /* sum of weights */
LIMN_API uint64_t
limn_programs_failed(const limn_space *space); /* same unit: halts without output */
LIMN_API size_t limn_programs_functions(const limn_space *space);

/* Functions ordered by length of the shortest program, then by weight (largest first), then table.
 */
LIMN_API const limn_function *limn_programs_function(const limn_space *space, size_t i);

/* Index of the function with that table, or SIZE_MAX. */
LIMN_API size_t limn_programs_find(const limn_space *space, uint64_t table);

/* What reading a code from its first bit leads to. */
typedef enum limn_outcome { LIMN_HALTS = 0, LIMN_FAILS, LIMN_OPEN } limn_outcome;

/* Reads at most `bits` (<= 64) bits of code, the highest of them first, by a plain interpreter (not
 * the enumerator). LIMN_HALTS: *table and *used (bits read) are filled; LIMN_FAILS: halts without
 * output, *used filled; LIMN_OPEN: the bits ran out first. */
LIMN_API limn_outcome limn_programs_run(limn_language language, int inputs, uint64_t code, int bits,
                                        uint64_t *table, int *used);

/* Writes a program as text ("x1 x2 and" / "g1 = x1 and x2; g2 = g1 xor x3"), cut to size. */
LIMN_API void limn_programs_source(char *text, size_t size, limn_language language, int inputs,
                                   uint64_t program);

/* n programs from fair coin flips, run for at most max_bits bits; draw i uses stream (seed, point,
 * i). table[i] is meaningful where outcome[i] is LIMN_HALTS. used may be NULL.
 *
 *   table    out  (n)
 *   outcome  out  (n), limn_outcome
 *   used     out  (n) bits read, or NULL
 *   max_bits in   1 .. 64
 * Errors: LIMN_EINVAL, LIMN_ECANCELLED. */
LIMN_API limn_status limn_programs_sample(uint64_t *table, uint8_t *outcome, uint8_t *used,
                                          size_t n, limn_language language, int inputs,
                                          int max_bits, uint64_t seed, uint64_t point,
                                          const limn_token *token, limn_err *err);

/* The same draws, tallied: hits[i] for function i of the space (max_bits as there), and the numbers
 * that halt without output or are still running after max_bits bits.
 *
 *   hits     out  (functions of the space)
 *   failed   out  halt without output
 *   open     out  still running
 *   space    in
 *   n        in   draws
 * Errors: LIMN_ENOMEM, LIMN_ECANCELLED. */
LIMN_API limn_status limn_programs_tally(uint64_t *hits, uint64_t *failed, uint64_t *open,
                                         const limn_space *space, uint64_t n, uint64_t seed,
                                         uint64_t point, const limn_token *token, limn_err *err);

/* Outputs (+-1) of functions pick[0 .. functions-1] at inputs x[0 .. points-1], into
 * (points,functions) row-major. prior: each column times the square root of its fraction of the
 * prior, so that the Gram matrix is that of a pool in which every program appears 2^-length times.
 *
 *   out      out  (points,functions)
 *   pick     in   (functions) indices, from 0
 *   x        in   (points) input numbers, below 2^inputs
 *   prior    in   nonzero: columns weighted
 * Errors: LIMN_EINVAL. */
LIMN_API limn_status limn_programs_outputs(double *out, const limn_space *space, const size_t *pick,
                                           size_t functions, const uint32_t *x, size_t points,
                                           int prior, limn_err *err);

/* log posterior of each function (natural, normalised over the space) after seeing label y[d] (+-1)
 * at input index x[d]; each label is wrong with probability flip (0 <= flip < 1/2). *log_evidence
 * (may be NULL) is the log probability of the labels under the normalised prior. LIMN_ENUMERIC if
 * no function of the space fits (flip 0).
 *
 *   log_posterior out  (functions of the space)
 *   log_evidence  out  or NULL
 *   x             in   (points) input numbers
 *   y             in   (points), -1 or +1
 *   flip          in   0 <= flip < 1/2 */
LIMN_API limn_status limn_programs_posterior(double *log_posterior, double *log_evidence,
                                             const limn_space *space, const uint32_t *x,
                                             const double *y, size_t points, double flip,
                                             limn_err *err);

#ifdef __cplusplus
}
#endif
#endif
