/* programs.h: enumeration of all programs of a small language up to a length, their 2^-length prior
 * over Boolean functions, and Bayes' rule with it: Solomonoff induction on a finite space.
 *
 * A program computes a Boolean function of `inputs` bits (1 .. 6). Its truth table is one word: bit
 * v is the output for the input whose bit i is (v >> i) & 1. Codes are self-delimiting
 * (prefix-free): the machine reads bit by bit and stops by itself. Fair coin flips as its input
 * therefore sample the prior, and sum 2^-length <= 1.
 *
 * LIMN_CIRCUITS: gates on wires; wires 0 .. inputs-1 are the inputs, each gate adds one.
 *     code = { 1 gate }* 0 for one gate or more (output: the last gate), or 0 wire (an input);
 *     gate = op (2 bits: 00 and, 01 or, 10 xor, 11 nand) wire wire.
 * LIMN_STACK: a stack machine on truth tables. Words: 0 wire (push an input), 100 and, 101 xor, 110
 * end, 1110 not, 11110 or, 111110 dup, 111111 over (push a copy of the second entry). The output is
 * the top of the stack at `end`. A word that needs more entries than the stack has halts without
 * output; the probability of this is reported.
 * wire: truncated binary code of one of w wires: with b = floor(log2 w), the first 2^(b+1) - w
 * wires have b bits, the others b+1. */
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

/* One function, and the programs that compute it. */
typedef struct limn_function {
  uint64_t table;  /* truth table */
  uint64_t count;  /* programs of at most max_bits bits that compute it */
  uint64_t weight; /* sum over them of 2^(max_bits - length): the exact prior */
  uint64_t
      program; /* length << 56 | code of a shortest one (first bit of the code is the highest) */
} limn_function;

typedef struct limn_space limn_space; /* immutable after creation */

/* Enumerates and runs all programs of at most max_bits bits. The result is exact for any number of
 * threads.
 *   out      out  free with limn_programs_free
 *   language in
 *   inputs   in   1 .. 6
 *   max_bits in   1 .. LIMN_PROGRAM_BITS
 *   token    in   may be NULL
 * Errors: LIMN_EINVAL, LIMN_ENOMEM, LIMN_ECANCELLED. */
LIMN_API limn_status limn_programs_enumerate(limn_space **out, limn_language language, int inputs,
                                             int max_bits, const limn_token *token, limn_err *err);
LIMN_API void limn_programs_free(limn_space *space);

LIMN_API limn_language limn_programs_language(const limn_space *space);
LIMN_API int limn_programs_inputs(const limn_space *space);
LIMN_API int limn_programs_max_bits(const limn_space *space);
LIMN_API uint64_t limn_programs_total(const limn_space *space); /* programs with an output */
/* Truth tables evaluated; fewer than programs, because common subcircuits are evaluated once. */
LIMN_API uint64_t limn_programs_evaluations(const limn_space *space);
LIMN_API uint64_t limn_programs_mass(const limn_space *space); /* sum of weights */
LIMN_API uint64_t
limn_programs_failed(const limn_space *space); /* sum of weights that halt without output */
LIMN_API size_t limn_programs_functions(const limn_space *space);

/* Function i, ordered by length of the shortest program, then weight (descending), then table. */
LIMN_API const limn_function *limn_programs_function(const limn_space *space, size_t i);

/* Index of the function with this truth table, or SIZE_MAX. */
LIMN_API size_t limn_programs_find(const limn_space *space, uint64_t table);

/* Outcome of running a code. OPEN: more bits are needed. */
typedef enum limn_outcome { LIMN_HALTS = 0, LIMN_FAILS, LIMN_OPEN } limn_outcome;

/* Runs a code by a plain interpreter, which is independent of the enumerators.
 *   table    out  truth table; only for LIMN_HALTS
 *   used     out  bits read; not for LIMN_OPEN
 *   language, inputs  in
 *   code     in   the first bit to read is bit bits-1
 *   bits     in   <= 64
 * Returns LIMN_HALTS, LIMN_FAILS (halts without output) or LIMN_OPEN (more bits are needed). */
LIMN_API limn_outcome limn_programs_run(limn_language language, int inputs, uint64_t code, int bits,
                                        uint64_t *table, int *used);

/* Writes a program as text ("x1 x2 and" or "g1 = x1 and x2; g2 = g1 xor x3"), truncated to size. */
LIMN_API void limn_programs_source(char *text, size_t size, limn_language language, int inputs,
                                   uint64_t program);

/* Samples the prior: n programs from fair coin flips, run for at most max_bits bits. Draw i uses
 * the stream (seed, point, i).
 *   table    out  (n) truth tables; undefined where the outcome is not LIMN_HALTS
 *   outcome  out  (n), limn_outcome
 *   used     out  (n) bits read, or NULL
 *   max_bits in   1 .. 64
 *   token    in   may be NULL
 * Errors: LIMN_EINVAL, LIMN_ECANCELLED. */
LIMN_API limn_status limn_programs_sample(uint64_t *table, uint8_t *outcome, uint8_t *used,
                                          size_t n, limn_language language, int inputs,
                                          int max_bits, uint64_t seed, uint64_t point,
                                          const limn_token *token, limn_err *err);

/* Counts the same draws by function, with max_bits of the space.
 *   hits     out  (functions of the space)
 *   failed   out  number of draws that halt without output
 *   open     out  number of draws still running after max_bits bits
 *   space    in
 *   n        in   draws
 *   token    in   may be NULL
 * Errors: LIMN_ENOMEM, LIMN_ECANCELLED. */
LIMN_API limn_status limn_programs_tally(uint64_t *hits, uint64_t *failed, uint64_t *open,
                                         const limn_space *space, uint64_t n, uint64_t seed,
                                         uint64_t point, const limn_token *token, limn_err *err);

/* Outputs (+-1) of some functions at some inputs, as a feature matrix.
 *   out      out  (points,functions) row-major
 *   pick     in   (functions) indices, from 0
 *   x        in   (points) input numbers, below 2^inputs
 *   prior    in   nonzero: each column is multiplied by the square root of its prior probability,
 *                 so that the Gram matrix is that of features in which each program occurs with
 *                 multiplicity proportional to 2^-length
 * Errors: LIMN_EINVAL. */
LIMN_API limn_status limn_programs_outputs(double *out, const limn_space *space, const size_t *pick,
                                           size_t functions, const uint32_t *x, size_t points,
                                           int prior, limn_err *err);

/* Log posterior of each function (natural logarithm, normalised over the space) given labels y at
 * inputs x; each label is flipped with probability `flip`.
 *   log_posterior out  (functions of the space)
 *   log_evidence  out  log probability of the labels under the normalised prior, or NULL
 *   x             in   (points) input numbers
 *   y             in   (points), -1 or +1
 *   flip          in   0 <= flip < 1/2
 * Errors: LIMN_EINVAL, LIMN_ENUMERIC (flip = 0 and no function of the space fits). */
LIMN_API limn_status limn_programs_posterior(double *log_posterior, double *log_evidence,
                                             const limn_space *space, const uint32_t *x,
                                             const double *y, size_t points, double flip,
                                             limn_err *err);

/* ---- a Turing-complete language that prints bit sequences ----
 *
 * LIMN_TAPE: cells of one bit on a tape, at first 0, and a position. A code is a list of operations
 * of 3 bits that ends in 000, and is therefore self-delimiting: 001 right, 010 left, 011 flip the
 * cell, 100 print the cell, 101 if the cell is 0 go past the matching 110, 110 if the cell is 1 go
 * back to the matching 101, 111 xor the cell into the one on its right. After the last operation
 * the program begins again with the tape as it is. A program counts for a sequence if it prints its
 * bits within `steps` operations, on 4096 cells. Brackets without a partner are invalid. */
#define LIMN_TAPE_BITS 33    /* the largest max_bits */
#define LIMN_TAPE_PRINTED 20 /* the largest number of bits printed */

typedef struct limn_tape_space {
  int bits;         /* in: bits of a sequence, 1 .. LIMN_TAPE_PRINTED */
  uint64_t *weight; /* in: (2^bits), 0; out: sum of 2^(3 (max_bits/3) - length) of the programs that
                       print it, the first bit the lowest */
  uint8_t *shortest; /* in: (2^bits), 0; out: length of a shortest one, 0: none */
  uint64_t programs; /* out: codes run */
  uint64_t silent;   /* out: weight of those that do not print enough within steps */
  uint64_t invalid;  /* out: weight of those with unmatched brackets, and of the empty one */
} limn_tape_space;

/* Runs all programs of at most max_bits bits, or one of `parts` disjoint parts of them; results of
 * parts add up.
 *   out       in/out see above; programs, silent and invalid 0
 *   max_bits  in     6 .. LIMN_TAPE_BITS
 *   steps     in     >= 1
 *   part      in     0 .. parts-1
 *   token     in     may be NULL
 * Errors: LIMN_EINVAL, LIMN_ECANCELLED. */
LIMN_API limn_status limn_tape_enumerate(limn_tape_space *out, int max_bits, int steps, int part,
                                         int parts, const limn_token *token, limn_err *err);

#ifdef __cplusplus
}
#endif
#endif
