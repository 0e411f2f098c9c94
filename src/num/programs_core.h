/* programs_core.h: the tally that enumerators fill, and the codes they share. Not installed. */
#ifndef LIMN_PROGRAMS_CORE_H
#define LIMN_PROGRAMS_CORE_H

#include "core.h"
#include "limn/programs.h"

enum { LIMN_GATES = 24, LIMN_STACK_DEPTH = 50 };

struct limn_space {
  limn_language language;
  int inputs, max_bits;
  uint64_t programs, evaluations, mass, failed;
  size_t functions;
  limn_function *function;
  size_t *by_table; /* indices of function, by rising table */
};

/* Counts per function: open addressing, or the table itself as the index while there are few
 * inputs. An empty slot has program = UINT64_MAX. One a worker; sums and minima do not depend on
 * the order. */
typedef struct limn_tally {
  int inputs, max_bits;
  bool direct, full; /* full: memory was refused */
  limn_function *slot;
  size_t capacity, used;
  uint64_t evaluations, failed;
  char apart[128]; /* two workers' counters must not share a cache line */
} limn_tally;

bool limn_tally_start(limn_tally *t, int inputs, int max_bits);
void limn_tally_grow(limn_tally *t);

static inline uint64_t limn_table_mask(int inputs) {
  return inputs == 6 ? UINT64_MAX : ((uint64_t)1 << (1 << inputs)) - 1;
}

/* The truth table of input i. */
static inline uint64_t limn_input_table(int i, int inputs) {
  static const uint64_t column[6] = {0xAAAAAAAAAAAAAAAAu, 0xCCCCCCCCCCCCCCCCu, 0xF0F0F0F0F0F0F0F0u,
                                     0xFF00FF00FF00FF00u, 0xFFFF0000FFFF0000u, 0xFFFFFFFF00000000u};
  return column[i] & limn_table_mask(inputs);
}

/* The slot of a table, made if new. */
static inline limn_function *limn_tally_slot(limn_tally *t, uint64_t table) {
  if (t->direct) return &t->slot[table];
  size_t mask = t->capacity - 1, at = (size_t)((table * 0x9E3779B97F4A7C15u) >> 20) & mask;
  while (t->slot[at].program != UINT64_MAX && t->slot[at].table != table) at = (at + 1) & mask;
  return &t->slot[at];
}

/* `copies` programs of `length` bits compute `table`; code is one of theirs. */
static inline void limn_tally_add(limn_tally *t, uint64_t table, int length, uint64_t copies,
                                  uint64_t code) {
  limn_function *s = limn_tally_slot(t, table);
  uint64_t program = (uint64_t)length << 56 | code;
  if (s->program == UINT64_MAX) {
    s->table = table;
    if (++t->used * 2 > t->capacity && !t->direct) {
      s->program = program, s->count = copies, s->weight = copies << (t->max_bits - length);
      limn_tally_grow(t);
      return;
    }
  }
  s->count += copies;
  s->weight += copies << (t->max_bits - length);
  if (program < s->program) s->program = program;
}

/* Truncated binary code of v among w. */
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
  limn_tally *tally; /* one a worker */
  const limn_token *token;
} limn_enumeration;

/* Fill the tallies with every program. */
limn_status limn_enumerate_circuits(limn_enumeration *e, limn_err *err);
limn_status limn_enumerate_stack(limn_enumeration *e, limn_err *err);

/* Polled inside long tasks: true when memory or the caller says stop. */
static inline bool limn_enumeration_stop(const limn_enumeration *e, const limn_tally *t) {
  return t->full || limn_cancelled(e->token);
}

#endif
