/* core.h: the tally of programs by function, and codes, shared by the enumerators. Not
 * installed. */
#ifndef LIMN_PROGRAMS_CORE_H
#define LIMN_PROGRAMS_CORE_H

#include "core/core.h"
#include "limn/programs.h"

enum { LIMN_GATES = 24, LIMN_STACK_DEPTH = 50 };

struct limn_space {
  limn_language language;
  int inputs, max_bits;
  uint64_t programs, evaluations, mass, failed;
  size_t functions;
  limn_function *function;
  size_t *by_table; /* indices into function, by ascending table */
};

/* Counts per function, split by frequency of access. The word of a function holds the length of its
 * shortest program and small sums; most programs change nothing else. limn_rest takes over the sums
 * before they overflow, and the code when a shorter program is found.
 *
 *     word = length (6 bits, 63: none yet) | guard | weight (29) | guard | count (27)
 *
 * Programs of equal length must be counted in the order of their codes: the first is then the
 * smallest, and later ones of equal length need no comparison. Tables of few inputs are their own
 * index. For more inputs there is a hash table, with a direct-mapped cache in front of it
 * (`front`), which holds the sums of recent tables and fits the CPU cache: a few hundred functions
 * account for nearly all programs. Entries evicted from the front are queued, so that many hash
 * lookups overlap.
 *
 * There is one tally per worker. Sums and minima do not depend on the order of the workers. */
enum { LIMN_COUNT_BITS = 27, LIMN_WEIGHT_BITS = 29, LIMN_QUEUE = 64, LIMN_FRONT_BITS = 16 };
#define LIMN_WORD_LENGTH 58 /* position of the fields of a word */
#define LIMN_WORD_WEIGHT 28
#define LIMN_WORD_NONE ((uint64_t)63 << LIMN_WORD_LENGTH)
#define LIMN_WORD_SUMS (((uint64_t)1 << LIMN_WORD_LENGTH) - 1)
#define LIMN_WORD_GUARDS                                                                           \
  ((uint64_t)1 << LIMN_COUNT_BITS | (uint64_t)1 << (LIMN_WORD_WEIGHT + LIMN_WEIGHT_BITS))

typedef struct limn_slot {
  uint64_t table, word;
} limn_slot;

typedef struct limn_rest {
  uint64_t program, count, weight;
} limn_rest;

enum { LIMN_SLOT_BYTES = sizeof(limn_slot) + sizeof(limn_rest) };

typedef struct limn_entry {
  uint64_t table, step, program;
} limn_entry;

typedef struct limn_tally {
  int inputs, max_bits;
  bool direct, full;             /* full: memory was refused */
  uint64_t *word;                /* direct: one per table */
  limn_slot *slot;               /* otherwise: open addressing */
  limn_rest *rest;               /* one per word */
  size_t capacity, used, wanted; /* wanted: the capacity of a refused allocation */
  int shift;                     /* of the hash value */
  limn_slot *front;              /* 2^LIMN_FRONT_BITS slots, by the upper bits of the hash */
  size_t queued;
  uint64_t evaluations, failed;
  limn_entry queue[LIMN_QUEUE + 1];
  char apart[128]; /* padding: workers' counters must not share a cache line */
} limn_tally;

bool limn_tally_start(limn_tally *t, int inputs, int max_bits);
void limn_tally_stop(limn_tally *t);
void limn_tally_flush(
    limn_tally *t); /* moves front and queue into the table; to be called before reading */
void limn_tally_merge(limn_tally *into, const limn_tally *from);   /* both must be flushed */
limn_function limn_tally_function(const limn_tally *t, size_t at); /* count 0: no such function */

/* Updates that do not fit a word: a new or shorter program, sums that overflow. */
void limn_tally_rare(limn_tally *t, size_t at, uint64_t table, uint64_t count, uint64_t weight,
                     uint64_t program);
/* Updates that miss the front. */
void limn_tally_replace(limn_tally *t, limn_slot *front, uint64_t table, uint64_t step,
                        uint64_t program);
/* Adds counts of any size. */
void limn_tally_add(limn_tally *t, uint64_t table, uint64_t count, uint64_t weight,
                    uint64_t program);

static inline uint64_t limn_table_mask(int inputs) {
  return inputs == 6 ? UINT64_MAX : ((uint64_t)1 << (1 << inputs)) - 1;
}

/* The truth table of input i. */
static inline uint64_t limn_input_table(int i, int inputs) {
  static const uint64_t column[6] = {0xAAAAAAAAAAAAAAAAu, 0xCCCCCCCCCCCCCCCCu, 0xF0F0F0F0F0F0F0F0u,
                                     0xFF00FF00FF00FF00u, 0xFFFF0000FFFF0000u, 0xFFFFFFFF00000000u};
  return column[i] & limn_table_mask(inputs);
}

static inline uint64_t limn_program(int length, uint64_t code) {
  return (uint64_t)length << 56 | code;
}

#define LIMN_HASH 0x9E3779B97F4A7C15u /* the hash is table * LIMN_HASH >> shift */

static inline size_t limn_hash_of(const limn_tally *t, uint64_t table) {
  return (size_t)((table * LIMN_HASH) >> t->shift);
}

/* The increment of a word for `copies` programs of `length` bits; 0 if they are too many for
 * one. */
static inline uint64_t limn_tally_step(const limn_tally *t, uint64_t copies, int length) {
  uint64_t weight = copies << (t->max_bits - length);
  bool fits = copies >> LIMN_COUNT_BITS == 0 && weight >> LIMN_WEIGHT_BITS == 0;
  return fits ? weight << LIMN_WORD_WEIGHT | copies : 0;
}

static inline uint64_t limn_step_count(uint64_t step) {
  return step & (((uint64_t)1 << LIMN_WORD_WEIGHT) - 1);
}
static inline uint64_t limn_step_weight(uint64_t step) {
  return (step & LIMN_WORD_SUMS) >> LIMN_WORD_WEIGHT;
}

/* Counts programs of one length that compute `table`; `program` is the first of them, step (not 0)
 * their limn_tally_step. For direct tallies. */
static inline void limn_tally_put(limn_tally *t, uint64_t table, uint64_t step, uint64_t program) {
  uint64_t word = t->word[table], sum = word + step;
  if (__builtin_expect((word >> LIMN_WORD_LENGTH > program >> 56) | ((sum & LIMN_WORD_GUARDS) != 0),
                       0))
    limn_tally_rare(t, (size_t)table, table, limn_step_count(step), limn_step_weight(step),
                    program);
  else
    t->word[table] = sum;
}

/* The same for a hashed tally. A slot of the front holds the length of the shortest program since
 * its table was entered, and the sums of all programs except the one that set the length. front is
 * the tally's. */
static inline void limn_tally_front(limn_tally *t, limn_slot *front, uint64_t table, uint64_t step,
                                    uint64_t program) {
  limn_slot *f = &front[(table * LIMN_HASH) >> (64 - LIMN_FRONT_BITS)];
  uint64_t word = f->word, sum = word + step;
  if (__builtin_expect((f->table != table) | (word >> LIMN_WORD_LENGTH > program >> 56) |
                           ((sum & LIMN_WORD_GUARDS) != 0),
                       0))
    limn_tally_replace(t, f, table, step, program);
  else
    f->word = sum;
}

/* The same for any tally and any number of copies. */
static inline void limn_tally_count(limn_tally *t, uint64_t table, uint64_t copies, int length,
                                    uint64_t code) {
  uint64_t step = limn_tally_step(t, copies, length), program = limn_program(length, code);
  if (__builtin_expect(step == 0, 0))
    limn_tally_add(t, table, copies, copies << (t->max_bits - length), program);
  else if (t->direct)
    limn_tally_put(t, table, step, program);
  else
    limn_tally_front(t, t->front, table, step, program);
}

/* Truncated binary code of v among w values. */
typedef struct limn_wire {
  int length;
  uint64_t code;
} limn_wire;

static inline limn_wire limn_wire_code(int v, int w) {
  int b = 31 - __builtin_clz((unsigned)w), few = (1 << (b + 1)) - w;
  return v < few ? (limn_wire){b, (uint64_t)v} : (limn_wire){b + 1, (uint64_t)(v + few)};
}

typedef struct limn_enumeration {
  int inputs, max_bits, workers;
  limn_tally *tally; /* one per worker, and one for the work before they start */
  const limn_token *token;
} limn_enumeration;

/* Count all programs in the tallies. */
limn_status limn_enumerate_circuits(limn_enumeration *e, limn_err *err);
limn_status limn_enumerate_stack(limn_enumeration *e, limn_err *err);

/* Polled inside long tasks: whether memory was refused or the token is cancelled. */
static inline bool limn_enumeration_stop(const limn_enumeration *e, const limn_tally *t) {
  return t->full || limn_cancelled(e->token);
}

#endif
