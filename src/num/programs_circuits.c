/* programs_circuits.c: every Boolean circuit up to a code length, one truth-table word operation
 * each.
 *
 * All four gates are symmetric and both orders of two wires cost the same, so unordered pairs are
 * visited and counted twice: a circuit of s gates stands for up to 2^s programs. */
#include "programs_core.h"

typedef struct {
  limn_enumeration *e;
  int first_of[4 * 21][3]; /* op, i, j of each task's first gate */
} circuits;

typedef struct {
  limn_enumeration *e;
  limn_tally *tally;
  uint64_t wire[6 + LIMN_GATES], mask;
  uint64_t visits;
  bool stop;
} walk;

static inline uint64_t gate(int op, uint64_t a, uint64_t b, uint64_t mask) {
  switch (op) {
  case 0:
    return a & b;
  case 1:
    return a | b;
  case 2:
    return a ^ b;
  default:
    return ~(a & b) & mask;
  }
}

static int shortest_wire(int w) {
  return 31 - __builtin_clz((unsigned)w);
}

/* All gates that may follow on w wires, with `length` bits of code written so far. */
static void extend(walk *k, int w, int length, uint64_t code, uint64_t copies) {
  int max = k->e->max_bits;
  bool deeper = w < 6 + LIMN_GATES - 1;
  int next = 3 + 2 * shortest_wire(w + 1) + 1; /* cheapest further gate and the final 0 */
  if ((++k->visits & 0x1FFF) == 0 && limn_enumeration_stop(k->e, k->tally)) k->stop = true;
  for (int i = 0; i < w && !k->stop; i++) {
    limn_wire wi = limn_wire_code(i, w);
    for (int j = i; j < w; j++) {
      limn_wire wj = limn_wire_code(j, w);
      int operands = wi.length + wj.length, after = length + 3 + operands;
      if (after + 1 > max) break; /* later wires are no shorter */
      uint64_t both = i == j ? copies : 2 * copies;
      uint64_t pair = wi.code << wj.length | wj.code;
      for (int op = 0; op < 4; op++) {
        uint64_t c = ((code << 3 | 4 | (uint64_t)op) << operands) | pair;
        uint64_t table = gate(op, k->wire[i], k->wire[j], k->mask);
        limn_tally_add(k->tally, table, after + 1, both, c << 1);
        if (deeper && after + next <= max) {
          k->wire[w] = table;
          extend(k, w + 1, after, c, both);
        }
      }
      k->tally->evaluations += 4;
    }
  }
}

static void task(void *ctx, size_t t, int worker) {
  circuits *c = ctx;
  int w = c->e->inputs, max = c->e->max_bits;
  walk k = {.e = c->e, .tally = &c->e->tally[worker], .mask = limn_table_mask(w)};
  for (int i = 0; i < w; i++) k.wire[i] = limn_input_table(i, w);
  int op = c->first_of[t][0], i = c->first_of[t][1], j = c->first_of[t][2];
  limn_wire wi = limn_wire_code(i, w), wj = limn_wire_code(j, w);
  int operands = wi.length + wj.length, after = 3 + operands;
  if (after + 1 > max) return;
  uint64_t code = ((uint64_t)(4 | op) << operands) | wi.code << wj.length | wj.code;
  uint64_t both = i == j ? 1 : 2;
  k.wire[w] = gate(op, k.wire[i], k.wire[j], k.mask);
  k.tally->evaluations++;
  limn_tally_add(k.tally, k.wire[w], after + 1, both, code << 1);
  extend(&k, w + 1, after, code, both);
}

limn_status limn_enumerate_circuits(limn_enumeration *e, limn_err *err) {
  circuits c = {.e = e};
  size_t tasks = 0;
  for (int i = 0; i < e->inputs; i++) {
    limn_wire wi = limn_wire_code(i, e->inputs);
    if (1 + wi.length <= e->max_bits)
      limn_tally_add(&e->tally[0], limn_input_table(i, e->inputs), 1 + wi.length, 1, wi.code);
    for (int j = i; j < e->inputs; j++)
      for (int op = 0; op < 4; op++, tasks++)
        c.first_of[tasks][0] = op, c.first_of[tasks][1] = i, c.first_of[tasks][2] = j;
  }
  e->tally[0].evaluations += (uint64_t)e->inputs;
  return limn_parallel(tasks, task, &c, e->token, "programs.space", err);
}
