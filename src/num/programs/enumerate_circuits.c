/* enumerate_circuits.c: enumeration of all Boolean circuits up to a code length, with one
 * truth-table word operation each.
 *
 * All four gates are symmetric and both orders of two wires have equal cost, so unordered pairs are
 * visited and counted twice: a circuit of s gates represents up to 2^s programs. Common subproblems
 * of many circuits are solved once, and counted for all of them:
 *   - gates that follow each other on equal wires with codes of equal length lead to equal wires,
 *   so their continuations are the same; the first of them represents the others;
 *   - a last gate on two old wires has the same output for any gate before it; of all preceding
 *   gates with codes of one length, the first represents the others. If the remaining code is too
 *   short for a last gate on the newest wire, the others are not evaluated.
 * A tally needs programs of equal length in the order of their codes. This holds: gates are visited
 * in the order op, first wire, second wire, and the continuations of a gate before the next
 * gate. */
#include <string.h>
#include "num/programs/core.h"

#define INLINE static inline __attribute__((always_inline))

enum {
  CLASSES = 3,
  HASH = 1024 /* more than the number of gates on the maximum number of wires for 48 bits */
};

/* Circuits that end in a gate on the same wires. Their codes have one length; `first` is the
 * smallest. */
typedef struct {
  uint64_t table, first;
  uint64_t copies,
      ends;  /* number of circuits to continue from; number of circuits to count as ending here */
  int class; /* bits of both wires beyond the minimum: 0, 1 or 2 */
} gate;

typedef struct {
  limn_enumeration *e;
  limn_tally *tally;
  uint64_t wire[6 + LIMN_GATES], mask;
  uint64_t visits;
  bool stop;
  gate *gates; /* of all circuits on the current path */
  size_t used;
  uint32_t lists, hash[HASH]; /* list number << 16 | position in the list + 1 */
} walk;

/* How circuits continue after a gate of one class, on w wires. */
typedef struct {
  int after;    /* bits of code including that gate */
  bool on;      /* another gate may follow */
  bool last;    /* and no gate after that one */
  bool idle;    /* nor a last gate on the newest wire: the first gate of the class represents all */
  bool met;     /* the first gate of the class was visited */
  uint64_t old; /* circuits of the class, represented by a last gate on old wires */
  int parts;
  /* Last gates on the newest wire and one of from .. to-1, all with codes of one length. The first
   * has `offset` after op and its `bits`, the following are `apart`; step is the increment per
   * circuit. */
  struct part {
    int from, to, bits, length;
    uint64_t offset, apart, step;
  } part[CLASSES];
  uint64_t most; /* maximum factor of the steps without overflow */
} continuation;

static int shortest_wire(int w) {
  return 31 - __builtin_clz((unsigned)w);
}

static int short_wires(int w) {
  return (2 << shortest_wire(w)) - w;
}

INLINE uint64_t apply(int op, uint64_t a, uint64_t b, uint64_t mask) {
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

/* Counts circuits that end in a gate op on `table` and one of the wires from .. to-1. program is
 * the first one's; the following are `apart`. */
INLINE void run(walk *k, bool direct, int op, uint64_t table, int from, int to, uint64_t step,
                uint64_t program, uint64_t apart) {
  limn_tally *t = k->tally;
  uint64_t mask = k->mask;
  const uint64_t *other = k->wire;
  t->evaluations += (uint64_t)(to - from);
  if (direct) {
    for (int i = from; i < to; i++, program += apart)
      limn_tally_put(t, apply(op, table, other[i], mask), step, program);
    return;
  }
  limn_slot *front = t->front;
  for (int i = from; i < to; i++, program += apart)
    limn_tally_front(t, front, apply(op, table, other[i], mask), step, program);
}

/* Counts circuits with one more gate, on the newest wire (g) and any other wire. */
INLINE void end_new(walk *k, bool direct, int op, const continuation *y, const gate *g) {
  uint64_t code = g->first << 3 | 4 | (uint64_t)op;
  for (int n = 0; n < y->parts; n++) {
    const struct part *p = &y->part[n];
    run(k, direct, op, g->table, p->from, p->to, p->step * g->copies,
        limn_program(p->length, code << p->bits | p->offset), p->apart);
  }
}

/* Counts circuits that end in a gate op on wire i of w and one of from .. to-1, whose codes have
 * equal length; each pair counts `both` times. */
INLINE void end_row(walk *k, bool direct, int op, int w, int i, int from, int to, int length,
                    uint64_t code, uint64_t both) {
  if (from >= to || both == 0) return;
  limn_wire one = limn_wire_code(i, w), other = limn_wire_code(from, w);
  int operands = one.length + other.length;
  length += 4 + operands;
  if (length > k->e->max_bits) return;
  uint64_t pair = one.code << other.length | other.code,
           step = limn_tally_step(k->tally, both, length);
  code = ((code << 3 | 4 | (uint64_t)op) << operands | pair) << 1;
  if (__builtin_expect(step != 0, 1)) {
    run(k, direct, op, k->wire[i], from, to, step, limn_program(length, code), 2);
    return;
  }
  k->tally->evaluations += (uint64_t)(to - from);
  for (int j = from; j < to; j++, code += 2)
    limn_tally_count(k->tally, apply(op, k->wire[i], k->wire[j], k->mask), both, length, code);
}

INLINE void end_op(walk *k, bool direct, int op, int w, int length, uint64_t code, uint64_t copies,
                   uint64_t old) {
  int last = w - 1, few = short_wires(w) < last ? short_wires(w) : last;
  for (int i = 0; i < last; i++) {
    end_row(k, direct, op, w, i, i, i + 1, length, code, old);
    end_row(k, direct, op, w, i, i + 1, few, length, code, 2 * old);
    end_row(k, direct, op, w, i, i + 1 > few ? i + 1 : few, last, length, code, 2 * old);
    end_row(k, direct, op, w, i, last, w, length, code, 2 * copies);
  }
  end_row(k, direct, op, w, last, last, w, length, code, copies);
}

/* Counts circuits with one more gate on any two of w wires after code of `length` bits: `copies`
 * each if one of them is the newest, else `old`. */
static void end_all(walk *k, int w, int length, uint64_t code, uint64_t copies, uint64_t old) {
  if (k->tally->direct) {
    end_op(k, true, 0, w, length, code, copies, old);
    end_op(k, true, 1, w, length, code, copies, old);
    end_op(k, true, 2, w, length, code, copies, old);
    end_op(k, true, 3, w, length, code, copies, old);
  } else {
    end_op(k, false, 0, w, length, code, copies, old);
    end_op(k, false, 1, w, length, code, copies, old);
    end_op(k, false, 2, w, length, code, copies, old);
    end_op(k, false, 3, w, length, code, copies, old);
  }
}

static gate *find(walk *k, gate *list, size_t n, const gate *g) {
  size_t at = (g->table * LIMN_HASH >> 48) + (size_t)g->class * 341;
  for (at %= HASH; k->hash[at] >> 16 == k->lists; at = (at + 1) % HASH) {
    gate *known = &list[(k->hash[at] & 0xFFFF) - 1];
    if (known->table == g->table && known->class == g->class) return known;
  }
  k->hash[at] = k->lists << 16 | (uint32_t)(n + 1);
  return NULL;
}

/* Lists the gates on w wires in the order of their codes; those that circuits continue from are
 * distinct. Returns their number. */
static size_t list_gates(walk *k, gate *list, const continuation *next, int w, int length,
                         uint64_t code, uint64_t copies, uint64_t old) {
  int b = shortest_wire(w), room = k->e->max_bits - length - 4;
  bool go_on[CLASSES];
  size_t n = 0;
  limn_wire wires[6 + LIMN_GATES];
  for (int i = 0; i < w; i++) wires[i] = limn_wire_code(i, w);
  for (int c = 0; c < CLASSES; c++) go_on[c] = next[c].on;
  if (++k->lists >> 16) {
    memset(k->hash, 0, sizeof k->hash);
    k->lists = 1;
  }
  for (int op = 0; op < 4; op++)
    for (int i = 0; i < w; i++) {
      limn_wire from = wires[i];
      for (int j = i; j < w; j++) {
        limn_wire to = wires[j];
        int operands = from.length + to.length, class = operands - 2 * b, twice = i != j;
        if (operands > room) break; /* codes of later wires are not shorter */
        uint64_t ends = (j == w - 1 ? copies : old) << twice;
        if (ends == 0 && !go_on[class]) continue;
        gate g = {apply(op, k->wire[i], k->wire[j], k->mask),
                  (code << 3 | 4 | (uint64_t)op) << operands | from.code << to.length | to.code,
                  copies << twice, ends, class};
        k->tally->evaluations++;
        gate *same = go_on[class] ? find(k, list, n, &g) : NULL;
        go_on[class] = go_on[class] && !next[class].idle;
        if (same)
          same->copies += g.copies, same->ends += g.ends;
        else
          list[n++] = g;
      }
    }
  return n;
}

static void add_part(continuation *y, const walk *k, int from, int to, uint64_t copies,
                     limn_wire other, limn_wire newest, uint64_t apart) {
  int bits = other.length + newest.length, length = y->after + 4 + bits;
  if (from >= to || length > k->e->max_bits) return;
  y->part[y->parts++] = (struct part){from,
                                      to,
                                      bits + 1,
                                      length,
                                      (other.code << newest.length | newest.code) << 1,
                                      apart << (newest.length + 1),
                                      limn_tally_step(k->tally, copies, length)};
}

/* Determines the continuations after each class of gates on w wires after `length` bits, for
 * `copies` circuits. */
static void find_continuations(continuation next[CLASSES], const walk *k, int w, int length,
                               uint64_t copies) {
  uint64_t few = (uint64_t)short_wires(w), many = (uint64_t)w - few;
  uint64_t pairs[CLASSES] = {few * few, 2 * few * many, many * many};
  int ending = 4 + 2 * shortest_wire(w + 1); /* the shortest code of a gate after it, and the end */
  for (int c = 0; c < CLASSES; c++) {
    continuation *y = &next[c];
    *y = (continuation){.after = length + 3 + 2 * shortest_wire(w) + c,
                        .old = 4 * pairs[c] * copies};
    y->on = w < 6 + LIMN_GATES - 1 && y->after + ending <= k->e->max_bits;
    y->last = y->after + ending - 1 + 4 + 2 * shortest_wire(w + 2) > k->e->max_bits ||
              w >= 6 + LIMN_GATES - 2;
    if (!y->on || !y->last) continue;
    int short_end = short_wires(w + 1) < w ? short_wires(w + 1) : w;
    limn_wire newest = limn_wire_code(w, w + 1);
    add_part(y, k, 0, short_end, 2, limn_wire_code(0, w + 1), newest, 1);
    add_part(y, k, short_end, w, 2, limn_wire_code(short_end, w + 1), newest, 1);
    add_part(y, k, w, w + 1, 1, newest, newest, 0);
    y->idle = y->parts == 0;
    y->most = UINT64_MAX;
    for (int n = 0; n < y->parts; n++) {
      uint64_t weight = limn_step_weight(y->part[n].step), one = limn_step_count(y->part[n].step);
      uint64_t most = one == 0 ? 0 : (((uint64_t)1 << LIMN_WEIGHT_BITS) - 1) / weight;
      if (most >= (uint64_t)1 << (LIMN_COUNT_BITS - 1))
        most = ((uint64_t)1 << (LIMN_COUNT_BITS - 1)) - 1;
      if (most < y->most) y->most = most;
    }
  }
}

static void extend(walk *k, int w, int length, uint64_t code, uint64_t copies, uint64_t old);

/* Visits circuits whose next gate is g, one of those on w wires. */
static void follow(walk *k, const gate *g, continuation *y, int w) {
  if (g->ends) limn_tally_count(k->tally, g->table, g->ends, y->after + 1, g->first << 1);
  if (!y->on || (y->idle && y->met)) return;
  uint64_t old = y->met ? 0 : y->old;
  y->met = true;
  k->wire[w] = g->table;
  if (!y->last) {
    extend(k, w + 1, y->after, g->first, g->copies, old);
  } else if (old || g->copies > y->most) {
    end_all(k, w + 1, y->after, g->first, g->copies, old);
  } else if (k->tally->direct) {
    end_new(k, true, 0, y, g);
    end_new(k, true, 1, y, g);
    end_new(k, true, 2, y, g);
    end_new(k, true, 3, y, g);
  } else {
    end_new(k, false, 0, y, g);
    end_new(k, false, 1, y, g);
    end_new(k, false, 2, y, g);
    end_new(k, false, 3, y, g);
  }
}

/* Visits all gates that may follow on w wires after `length` bits of code. old: number of circuits
 * represented by a last gate on wires before the newest. */
static void extend(walk *k, int w, int length, uint64_t code, uint64_t copies, uint64_t old) {
  if ((++k->visits & 0x1FF) == 0 && limn_enumeration_stop(k->e, k->tally)) k->stop = true;
  if (k->stop) return;
  continuation next[CLASSES];
  find_continuations(next, k, w, length, copies);
  gate *list = k->gates + k->used;
  size_t n = list_gates(k, list, next, w, length, code, copies, old);
  k->used += n;
  for (size_t i = 0; i < n; i++) follow(k, &list[i], &next[list[i].class], w);
  k->used -= n;
}

/* Maximum number of gates listed at one time. */
static size_t most_gates(const limn_enumeration *e) {
  size_t most = 0;
  for (int length = 0, w = e->inputs;
       length + 4 + 2 * shortest_wire(w) <= e->max_bits && w < 6 + LIMN_GATES; w++) {
    most += (size_t)(2 * w * (w + 1));
    length += 3 + 2 * shortest_wire(w);
  }
  return most;
}

typedef struct {
  limn_enumeration *e;
  walk start;
  continuation next[CLASSES];
  const gate *gates; /* first gates, one per task */
  gate *room;
  size_t most;
} job;

static void task(void *ctx, size_t t, int worker) {
  job *j = ctx;
  walk k = j->start;
  k.tally = &j->e->tally[worker];
  k.gates = j->room + (size_t)worker * j->most;
  const gate *g = &j->gates[t];
  continuation y = j->next[g->class];
  for (size_t i = 0; i < t; i++) y.met = y.met || j->gates[i].class == g->class;
  follow(&k, g, &y, j->e->inputs);
}

limn_status limn_enumerate_circuits(limn_enumeration *e, limn_err *err) {
  limn_tally *serial = &e->tally[e->workers];
  job j = {.e = e, .most = most_gates(e)};
  walk *k = &j.start;
  *k = (walk){.e = e, .tally = serial, .mask = limn_table_mask(e->inputs)};
  for (int i = 0; i < e->inputs; i++) {
    limn_wire wire = limn_wire_code(i, e->inputs);
    k->wire[i] = limn_input_table(i, e->inputs);
    serial->evaluations++;
    if (1 + wire.length <= e->max_bits)
      limn_tally_count(serial, k->wire[i], 1, 1 + wire.length, wire.code);
  }
  size_t lists = (size_t)e->workers + 1;
  j.room = limn_alloc(lists * j.most + 1, sizeof *j.room);
  if (!j.room) return limn_nomem(err, "gates", lists * j.most, sizeof *j.room);
  gate *first = j.room + (size_t)e->workers * j.most;
  j.gates = first;
  find_continuations(j.next, k, e->inputs, 0, 1);
  size_t tasks = list_gates(k, first, j.next, e->inputs, 0, 0, 1, 1);
  limn_status status = limn_parallel(tasks, task, &j, e->token, err);
  limn_free(j.room);
  return status;
}
