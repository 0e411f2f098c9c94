/* programs_stack.c: every program of the stack language up to a code length.
 *
 * A node is a state of the machine after some words. Its `end` is counted by the parent as soon as
 * it is known, so that the last level, where most programs are, costs no call. */
#include <string.h>
#include "programs_core.h"

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
  uint64_t lost[3][LIMN_PROGRAM_BITS + 1]; /* mass that fails at a node, by depth and length */
  int shortest;
  uint64_t visits;
  bool stop;
  state *todo; /* while splitting: subtrees are kept here instead of walked */
  size_t tasks, room;
} walk;

static void extend(walk *k, state *s, int words);

static bool keep(walk *k, const state *s) {
  if (k->tasks == k->room) return false;
  k->todo[k->tasks++] = *s;
  return true;
}

/* The state after a word that left `top` on a stack of `depth`; old[] is what the caller restores.
 */
static inline void step(walk *k, state *s, int words, int depth, uint64_t top, int bits,
                        uint64_t word) {
  int length = s->length + bits;
  if (length + END > k->e->max_bits) return;
  uint64_t code = s->code << bits | word;
  k->tally->evaluations++;
  k->tally->failed += k->lost[depth < 2 ? depth : 2][length];
  limn_tally_add(k->tally, top, length + END, 1, code << 3 | 6);
  if (length + k->shortest + END > k->e->max_bits || depth >= LIMN_STACK_DEPTH - 1) return;
  uint64_t under = s->stack[depth - 1], before_code = s->code;
  int before_depth = s->depth, before_length = s->length;
  s->stack[depth - 1] = top;
  s->depth = depth, s->length = length, s->code = code;
  if (!(k->todo && words + 1 >= SPLIT && keep(k, s))) extend(k, s, words + 1);
  s->stack[depth - 1] = under;
  s->depth = before_depth, s->length = before_length, s->code = before_code;
}

static void extend(walk *k, state *s, int words) {
  if ((++k->visits & 0x1FFF) == 0 && limn_enumeration_stop(k->e, k->tally)) k->stop = true;
  if (k->stop) return;
  int d = s->depth;
  for (int i = 0; i < k->e->inputs; i++)
    step(k, s, words, d + 1, k->input[i], 1 + k->wire[i].length, k->wire[i].code);
  if (d < 1) return;
  uint64_t a = s->stack[d - 1];
  step(k, s, words, d, ~a & k->mask, 4, 14);
  step(k, s, words, d + 1, a, 6, 62);
  if (d < 2) return;
  uint64_t b = s->stack[d - 2];
  step(k, s, words, d - 1, a & b, 3, 4);
  step(k, s, words, d - 1, a ^ b, 3, 5);
  step(k, s, words, d - 1, a | b, 5, 30);
  step(k, s, words, d + 1, b, 6, 63);
}

static void prepare(walk *k, limn_enumeration *e, int worker) {
  memset(k, 0, sizeof *k);
  k->e = e;
  k->tally = &e->tally[worker];
  k->mask = limn_table_mask(e->inputs);
  k->shortest = SHORTEST;
  for (int i = 0; i < e->inputs; i++) {
    k->wire[i] = limn_wire_code(i, e->inputs);
    k->input[i] = limn_input_table(i, e->inputs);
    if (1 + k->wire[i].length < k->shortest) k->shortest = 1 + k->wire[i].length;
  }
  /* words that a stack of depth 0 or 1 cannot serve: and, xor, end (3), not (4), or (5), dup, over
   * (6) */
  static const int fails[2][7] = {{3, 3, 3, 4, 5, 6, 6}, {3, 3, 5, 6, 0, 0, 0}};
  for (int depth = 0; depth < 2; depth++)
    for (int length = 0; length <= e->max_bits; length++)
      for (int f = 0; f < 7 && fails[depth][f]; f++)
        if (length + fails[depth][f] <= e->max_bits)
          k->lost[depth][length] += (uint64_t)1 << (e->max_bits - length - fails[depth][f]);
}

typedef struct {
  limn_enumeration *e;
  const state *todo;
} job;

static void task(void *ctx, size_t t, int worker) {
  job *j = ctx;
  walk k;
  prepare(&k, j->e, worker);
  state s = j->todo[t];
  extend(&k, &s, SPLIT);
}

limn_status limn_enumerate_stack(limn_enumeration *e, limn_err *err) {
  walk k;
  prepare(&k, e, 0);
  state *todo = limn_alloc(2048, sizeof *todo), start = {0};
  if (!todo) return limn_nomem(err, "programs.space", "tasks", 2048, sizeof *todo);
  k.todo = todo, k.room = 2048;
  k.tally->failed += k.lost[0][0];
  extend(&k, &start, 0);
  job j = {e, todo};
  limn_status status = limn_parallel(k.tasks, task, &j, e->token, "programs.space", err);
  limn_free(todo);
  return status;
}
