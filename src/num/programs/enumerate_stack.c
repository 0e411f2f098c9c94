/* enumerate_stack.c: enumeration of all programs of the stack language up to a code length.
 *
 * A node is a state of the machine after some words. The program that ends there is counted by the
 * parent, so that the last level, which has most programs, needs no function call. Two thirds of
 * that level push an input and end. They compute that input for any stack, so they are counted
 * without a truth table, by the number of nodes of each length.
 *
 * A tally needs programs of equal length in the order of their codes: words are tried in that
 * order, and each subtree is finished before the next word. */
#include <string.h>
#include "num/programs/core.h"

enum { END = 3, SHORTEST = 3, SPLIT = 3 /* words before a subtree becomes a task */ };

typedef struct {
  uint64_t stack[LIMN_STACK_DEPTH];
  int depth, length;
  uint64_t code;
} state;

typedef struct {
  limn_enumeration *e;
  limn_tally *tally;
  limn_wire wire[6];
  uint64_t input[6], mask;
  uint64_t lost[2][LIMN_PROGRAM_BITS + 1]; /* mass that fails at a node, by depth and length */
  uint64_t
      step[LIMN_PROGRAM_BITS + END + 1]; /* increment of one program, by length including its end */
  uint64_t nodes[LIMN_PROGRAM_BITS +
                 1]; /* by length: the number of programs that push an input and end there */
  int shortest;
  uint64_t visits;
  bool stop;
  state *todo; /* while splitting: subtrees are stored here instead of visited */
  size_t tasks, room;
} walk;

static bool keep(walk *k, const state *s) {
  if (k->tasks == k->room) return false;
  k->todo[k->tasks++] = *s;
  return true;
}

#define INLINE static inline __attribute__((always_inline))

INLINE void tally(walk *k, bool direct, uint64_t table, uint64_t step, uint64_t program) {
  if (direct)
    limn_tally_put(k->tally, table, step, program);
  else
    limn_tally_front(k->tally, k->tally->front, table, step, program);
}

/* Counts the program that ends in a state with `top` on a stack of `depth`, after `length` bits. */
INLINE void count(walk *k, bool direct, int depth, uint64_t top, int length, uint64_t code) {
  k->tally->evaluations++;
  if (depth < 2) k->tally->failed += k->lost[depth][length];
  uint64_t step = k->step[length + END], program = limn_program(length + END, code << 3 | 6);
  if (__builtin_expect(step == 0, 0))
    limn_tally_count(k->tally, top, 1, length + END, code << 3 | 6);
  else
    tally(k, direct, top, step, program);
}

/* A state that exactly one more word may follow; with so few bits left a step never overflows. */
INLINE void last(walk *k, bool direct, int depth, uint64_t a, uint64_t b, int length,
                 uint64_t code) {
  int room = k->e->max_bits - length - END;
  const uint64_t *steps = &k->step[length + END];
  uint64_t before = (uint64_t)(length + END) << 56, bit = (uint64_t)1 << 56;
  k->nodes[length]++;
  if (depth >= 2) {
    if (depth == 2) {
      k->tally->failed += (room >= 3 ? 2 * k->lost[1][length + 3] : 0);
      k->tally->failed += (room >= 5 ? k->lost[1][length + 5] : 0);
    }
    if (room >= 3) {
      k->tally->evaluations += 2;
      tally(k, direct, a & b, steps[3], (before + 3 * bit) | code << 6 | 4 << 3 | 6);
      tally(k, direct, a ^ b, steps[3], (before + 3 * bit) | code << 6 | 5 << 3 | 6);
    }
  }
  if (room < 4) return;
  if (depth < 2) k->tally->failed += k->lost[depth][length + 4];
  k->tally->evaluations++;
  tally(k, direct, ~a & k->mask, steps[4], (before + 4 * bit) | code << 7 | 14 << 3 | 6);
  if (room < 5 || depth < 2) return;
  k->tally->evaluations++;
  tally(k, direct, a | b, steps[5], (before + 5 * bit) | code << 8 | 30 << 3 | 6);
}

static void extend_direct(walk *k, state *s, int words);
static void extend_hashed(walk *k, state *s, int words);

/* Visits the state after a word that left `top` on a stack of `depth`; s is restored afterwards. */
INLINE void step(walk *k, bool direct, state *s, int words, int depth, uint64_t top, int bits,
                 uint64_t word, bool pushed) {
  int length = s->length + bits, room = k->e->max_bits - length - END;
  if (room < 0) return;
  uint64_t code = s->code << bits | word;
  if (!pushed)
    count(k, direct, depth, top, length, code);
  else if (depth < 2)
    k->tally->failed += k->lost[depth][length];
  if (room < k->shortest || depth >= LIMN_STACK_DEPTH - 1) return;
  if (room < 2 * k->shortest && !k->todo) {
    last(k, direct, depth, top, depth >= 2 ? s->stack[depth - 2] : 0, length, code);
    return;
  }
  uint64_t under = s->stack[depth - 1], before_code = s->code;
  int before_depth = s->depth, before_length = s->length;
  s->stack[depth - 1] = top;
  s->depth = depth, s->length = length, s->code = code;
  if (k->todo && words + 1 >= SPLIT && keep(k, s)) {
  } else if (direct)
    extend_direct(k, s, words + 1);
  else
    extend_hashed(k, s, words + 1);
  s->stack[depth - 1] = under;
  s->depth = before_depth, s->length = before_length, s->code = before_code;
}

INLINE void extend(walk *k, bool direct, state *s, int words) {
  if ((++k->visits & 0x1FFF) == 0 && limn_enumeration_stop(k->e, k->tally)) k->stop = true;
  if (k->stop) return;
  int d = s->depth;
  k->nodes[s->length]++;
  for (int i = 0; i < k->e->inputs; i++)
    step(k, direct, s, words, d + 1, k->input[i], 1 + k->wire[i].length, k->wire[i].code, true);
  if (d < 1) return;
  uint64_t a = s->stack[d - 1], b = d > 1 ? s->stack[d - 2] : 0;
  if (d > 1) {
    step(k, direct, s, words, d - 1, a & b, 3, 4, false);
    step(k, direct, s, words, d - 1, a ^ b, 3, 5, false);
  }
  step(k, direct, s, words, d, ~a & k->mask, 4, 14, false);
  if (d > 1) step(k, direct, s, words, d - 1, a | b, 5, 30, false);
  step(k, direct, s, words, d + 1, a, 6, 62, false);
  if (d > 1) step(k, direct, s, words, d + 1, b, 6, 63, false);
}

static void extend_direct(walk *k, state *s, int words) {
  extend(k, true, s, words);
}
static void extend_hashed(walk *k, state *s, int words) {
  extend(k, false, s, words);
}
static void start(walk *k, state *s, int words) {
  if (k->tally->direct)
    extend_direct(k, s, words);
  else
    extend_hashed(k, s, words);
}

static void prepare(walk *k, limn_enumeration *e, int tally) {
  memset(k, 0, sizeof *k);
  k->e = e;
  k->tally = &e->tally[tally];
  k->mask = limn_table_mask(e->inputs);
  k->shortest = SHORTEST;
  for (int i = 0; i < e->inputs; i++) {
    k->wire[i] = limn_wire_code(i, e->inputs);
    k->input[i] = limn_input_table(i, e->inputs);
    if (1 + k->wire[i].length < k->shortest) k->shortest = 1 + k->wire[i].length;
  }
  /* words that fail on a stack of depth 0 or 1: and, xor, end (3), not (4), or (5), dup, over
   * (6) */
  static const int fails[2][7] = {{3, 3, 3, 4, 5, 6, 6}, {3, 3, 5, 6, 0, 0, 0}};
  for (int depth = 0; depth < 2; depth++)
    for (int length = 0; length <= e->max_bits; length++)
      for (int f = 0; f < 7 && fails[depth][f]; f++)
        if (length + fails[depth][f] <= e->max_bits)
          k->lost[depth][length] += (uint64_t)1 << (e->max_bits - length - fails[depth][f]);
  for (int length = 1; length <= e->max_bits; length++)
    k->step[length] = limn_tally_step(k->tally, 1, length);
}

typedef struct {
  limn_enumeration *e;
  const state *todo;
  uint64_t (*nodes)[LIMN_PROGRAM_BITS + 1]; /* one row per worker */
} job;

static void task(void *ctx, size_t t, int worker) {
  job *j = ctx;
  walk k;
  prepare(&k, j->e, worker);
  state s = j->todo[t];
  start(&k, &s, SPLIT);
  for (int length = 0; length <= LIMN_PROGRAM_BITS; length++)
    j->nodes[worker][length] += k.nodes[length];
}

/* Counts the programs that push an input and end, from the numbers of nodes. The shortest is the
 * one without preceding words; the codes of the others are never needed. */
static void count_pushes(walk *k) {
  for (int length = 0; length <= k->e->max_bits; length++)
    for (int i = 0; i < k->e->inputs; i++) {
      int at = length + 1 + k->wire[i].length + END;
      if (k->nodes[length] > 0 && at <= k->e->max_bits)
        limn_tally_add(k->tally, k->input[i], k->nodes[length],
                       k->nodes[length] << (k->e->max_bits - at),
                       limn_program(at, k->wire[i].code << 3 | 6));
    }
}

limn_status limn_enumerate_stack(limn_enumeration *e, limn_err *err) {
  enum { TASKS = 2048 };
  walk k;
  prepare(&k, e, e->workers);
  job j = {.e = e, .nodes = limn_alloc((size_t)e->workers, sizeof *j.nodes)};
  state *todo = limn_alloc(TASKS, sizeof *todo), empty = {0};
  limn_status status = LIMN_OK;
  if (!todo || !j.nodes) status = limn_nomem(err, "tasks", TASKS, sizeof *todo);
  if (status == LIMN_OK) {
    j.todo = k.todo = todo, k.room = TASKS;
    k.tally->failed += k.lost[0][0];
    start(&k, &empty, 0);
    status = limn_parallel(k.tasks, task, &j, e->token, err);
  }
  if (status == LIMN_OK) {
    for (int w = 0; w < e->workers; w++)
      for (int length = 0; length <= LIMN_PROGRAM_BITS; length++)
        k.nodes[length] += j.nodes[w][length];
    count_pushes(&k);
  }
  limn_free(todo);
  limn_free(j.nodes);
  return status;
}
