/* programs_circuits.c: every Boolean circuit up to a code length, one truth-table word operation
 * each.
 *
 * All four gates are symmetric and both orders of two wires cost the same, so unordered pairs are
 * visited and counted twice: a circuit of s gates stands for up to 2^s programs. Work that many
 * circuits share is done once, and counted for all of them:
 *   - gates that follow each other on equal wires by equally long codes lead to equal wires, so
 *     what follows is the same: the first to come stands for the others;
 *   - a last gate on two old wires says the same whatever the gate before it was: of all gates
 *     before it with codes of one length, the first to come stands for the others.
 * A tally wants programs of equal length in the order of their codes, and gets them: gates are
 * visited in the order op, first wire, second wire, and a gate that ends a circuit costs at most 2
 * bits more than another, which is less than any further gate. */
#include <string.h>
#include "programs_core.h"

enum { CLASSES = 3, HASH = 1024 /* more than the gates on the most wires 48 bits can make */ };

/* Circuits that end in a gate on the same wires. Their codes are of one length, `first` is the
 * least. */
typedef struct {
  uint64_t table, first;
  uint64_t copies, ends; /* circuits to go on from; those of them to be counted as they end here */
  int class;             /* bits of both wires beyond the fewest: 0, 1 or 2 */
} gate;

typedef struct {
  limn_enumeration *e;
  limn_tally *tally;
  uint64_t wire[6 + LIMN_GATES], mask;
  uint64_t visits;
  bool stop;
  gate *gates; /* of all the circuits on the way here */
  size_t used;
  uint16_t hash[HASH];
} walk;

static int shortest_wire(int w) {
  return 31 - __builtin_clz((unsigned)w);
}

static int short_wires(int w) {
  return (2 << shortest_wire(w)) - w;
}

static inline uint64_t apply(int op, uint64_t a, uint64_t b, uint64_t mask) {
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

/* Circuits that end in a gate op on wire a and one of from .. to-1: `copies` each, of `length` bits
 * with the final 0; the code of the first is given, those after it are `apart`. */
static inline __attribute__((always_inline)) void run(walk *k, bool direct, int op, int a, int from,
                                                      int to, int length, uint64_t copies,
                                                      uint64_t code, uint64_t apart) {
  limn_tally *t = k->tally;
  uint64_t step = limn_tally_step(t, copies, length), program = limn_program(length, code);
  t->evaluations += (uint64_t)(to - from);
  if (__builtin_expect(step == 0, 0)) {
    for (int i = from; i < to; i++, program += apart)
      limn_tally_add(t, apply(op, k->wire[a], k->wire[i], k->mask), copies,
                     copies << (t->max_bits - length), program);
    return;
  }
  uint64_t table = k->wire[a], mask = k->mask;
  const uint64_t *other = k->wire;
  if (direct) {
    for (int i = from; i < to; i++, program += apart)
      limn_tally_put(t, apply(op, table, other[i], mask), step, program);
    return;
  }
  limn_entry *queue = t->queue + t->queued;
  const limn_slot *slot = t->slot;
  int shift = t->shift;
  for (int i = from; i < to; i++, program += apart) {
    uint64_t result = apply(op, table, other[i], mask);
    __builtin_prefetch(&slot[(result * LIMN_HASH) >> shift], 1);
    *queue++ = (limn_entry){result, step, program};
  }
  t->queued += (size_t)(to - from);
  if (t->queued >= LIMN_QUEUE) limn_tally_drain(t);
}

/* Circuits with one more gate, op, on the newest wire and any other; code holds op already. */
static inline __attribute__((always_inline)) void
end_new(walk *k, bool direct, int op, int w, int length, uint64_t code, uint64_t copies) {
  int b = shortest_wire(w), few = short_wires(w), last = w - 1, most = few < last ? few : last;
  limn_wire to = limn_wire_code(last, w);
  int fixed = length + 4 + to.length, room = k->e->max_bits - fixed;
  if (b <= room)
    run(k, direct, op, last, 0, most, fixed + b, 2 * copies,
        (code << (b + to.length) | to.code) << 1, (uint64_t)2 << to.length);
  if (b + 1 <= room && most < last)
    run(k, direct, op, last, most, last, fixed + b + 1, 2 * copies,
        ((code << (b + 1) | (uint64_t)(2 * few)) << to.length | to.code) << 1,
        (uint64_t)2 << to.length);
  if (to.length <= room)
    run(k, direct, op, last, last, w, fixed + to.length, copies,
        ((code << to.length | to.code) << to.length | to.code) << 1, 0);
}

/* The same on any two wires: `copies` each if one is the newest, else `old`. */
static inline __attribute__((always_inline)) void end_all(walk *k, bool direct, int op, int w,
                                                          int length, uint64_t code,
                                                          uint64_t copies, uint64_t old) {
  int b = shortest_wire(w), few = short_wires(w), last = w - 1, most = few < last ? few : last;
  limn_wire to = limn_wire_code(last, w);
  for (int i = 0; i < w; i++) {
    limn_wire from = limn_wire_code(i, w);
    int fixed = length + 4 + from.length, room = k->e->max_bits - fixed, next = i + 1;
    uint64_t here = code << from.length | from.code;
    if (from.length <= room)
      run(k, direct, op, i, i, next, fixed + from.length, i < last ? old : copies,
          (here << from.length | from.code) << 1, 0);
    if (b <= room && next < most) {
      run(k, direct, op, i, next, most, fixed + b, 2 * old, (here << b | (uint64_t)next) << 1, 2);
      next = most;
    }
    if (b + 1 <= room && next < last)
      run(k, direct, op, i, next, last, fixed + b + 1, 2 * old,
          (here << (b + 1) | (uint64_t)(next + few)) << 1, 2);
    if (to.length <= room && i < last)
      run(k, direct, op, i, last, w, fixed + to.length, 2 * copies,
          (here << to.length | to.code) << 1, 0);
  }
}

static inline __attribute__((always_inline)) void
ends(walk *k, bool direct, int w, int length, uint64_t code, uint64_t copies, uint64_t old) {
  code = code << 3 | 4;
  if (old) {
    end_all(k, direct, 0, w, length, code, copies, old);
    end_all(k, direct, 1, w, length, code | 1, copies, old);
    end_all(k, direct, 2, w, length, code | 2, copies, old);
    end_all(k, direct, 3, w, length, code | 3, copies, old);
  } else {
    end_new(k, direct, 0, w, length, code, copies);
    end_new(k, direct, 1, w, length, code | 1, copies);
    end_new(k, direct, 2, w, length, code | 2, copies);
    end_new(k, direct, 3, w, length, code | 3, copies);
  }
}

static gate *find(walk *k, gate *list, size_t n, const gate *g) {
  size_t at = (g->table * 0x9E3779B97F4A7C15u >> 48) + (size_t)g->class * 341;
  for (at %= HASH; k->hash[at]; at = (at + 1) % HASH) {
    gate *known = &list[k->hash[at] - 1];
    if (known->table == g->table && known->class == g->class) return known;
  }
  k->hash[at] = (uint16_t)(n + 1);
  return NULL;
}

/* The different gates on w wires, in the order of their codes; returns how many. */
__attribute__((noinline)) static size_t list_gates(walk *k, gate *list, int w, int length,
                                                   uint64_t code, uint64_t copies, uint64_t old) {
  int b = shortest_wire(w), room = k->e->max_bits - length - 4;
  size_t n = 0;
  memset(k->hash, 0, sizeof k->hash);
  for (int op = 0; op < 4; op++)
    for (int i = 0; i < w; i++) {
      limn_wire from = limn_wire_code(i, w);
      for (int j = i; j < w; j++) {
        limn_wire to = limn_wire_code(j, w);
        int operands = from.length + to.length;
        if (operands > room) break; /* later wires are no shorter */
        uint64_t both = i == j ? 1 : 2;
        gate g = {.table = apply(op, k->wire[i], k->wire[j], k->mask),
                  .first =
                      (code << 3 | 4 | (uint64_t)op) << operands | from.code << to.length | to.code,
                  .copies = both * copies,
                  .ends = both * (j == w - 1 ? copies : old),
                  .class = operands - 2 * b};
        k->tally->evaluations++;
        gate *same = find(k, list, n, &g);
        if (same)
          same->copies += g.copies, same->ends += g.ends;
        else
          list[n++] = g;
      }
    }
  return n;
}

static void extend(walk *k, int w, int length, uint64_t code, uint64_t copies, uint64_t old);

/* Bits left after the cheapest two gates on w wires and the final 0. */
static int spare(const walk *k, int w, int length) {
  if (w >= 6 + LIMN_GATES - 1) return -1;
  return k->e->max_bits - length - 7 - 2 * shortest_wire(w) - 2 * shortest_wire(w + 1);
}

/* Circuits whose next gate is g, one of those on w wires with `copies` circuits each. lead: it is
 * the first of its class. */
static void follow(walk *k, const gate *g, int w, int length, uint64_t copies, bool lead) {
  limn_tally *t = k->tally;
  int after = length + 3 + 2 * shortest_wire(w) + g->class;
  if (g->ends)
    limn_tally_add(t, g->table, g->ends, g->ends << (t->max_bits - after - 1),
                   limn_program(after + 1, g->first << 1));
  if (g->class > spare(k, w, length)) return;
  uint64_t few = (uint64_t)short_wires(w), many = (uint64_t)w - few;
  uint64_t pairs[CLASSES] = {few * few, 2 * few * many, many * many};
  k->wire[w] = g->table;
  extend(k, w + 1, after, g->first, g->copies, lead ? 4 * pairs[g->class] * copies : 0);
}

/* All gates that may follow on w wires, after `length` bits of code. old: circuits that a last gate
 * on wires before the newest stands for. */
static void extend(walk *k, int w, int length, uint64_t code, uint64_t copies, uint64_t old) {
  if ((++k->visits & 0x1FFF) == 0 && limn_enumeration_stop(k->e, k->tally)) k->stop = true;
  if (k->stop) return;
  if (spare(k, w, length) < 0) {
    if (k->tally->direct)
      ends(k, true, w, length, code, copies, old);
    else
      ends(k, false, w, length, code, copies, old);
    return;
  }
  gate *list = k->gates + k->used;
  size_t n = list_gates(k, list, w, length, code, copies, old);
  bool met[CLASSES] = {false};
  k->used += n;
  for (size_t i = 0; i < n; i++) {
    follow(k, &list[i], w, length, copies, !met[list[i].class]);
    met[list[i].class] = true;
  }
  k->used -= n;
}

/* The most gates that are listed at one time. */
static size_t most_gates(const limn_enumeration *e) {
  size_t most = 0;
  int length = 0, w = e->inputs;
  for (; length + 4 + 2 * shortest_wire(w) <= e->max_bits && w < 6 + LIMN_GATES; w++) {
    most += (size_t)(2 * w * (w + 1));
    length += 3 + 2 * shortest_wire(w);
  }
  return most;
}

typedef struct {
  limn_enumeration *e;
  walk start;
  const gate *gates; /* first gates, one a task */
  gate *room;
  size_t most;
} job;

static void task(void *ctx, size_t t, int worker) {
  job *j = ctx;
  walk k = j->start;
  k.tally = &j->e->tally[worker];
  k.gates = j->room + (size_t)worker * j->most;
  bool lead = true;
  for (size_t i = 0; i < t; i++) lead = lead && j->gates[i].class != j->gates[t].class;
  follow(&k, &j->gates[t], j->e->inputs, 0, 1, lead);
}

limn_status limn_enumerate_circuits(limn_enumeration *e, limn_err *err) {
  static const char who[] = "programs.space";
  limn_tally *serial = &e->tally[e->workers];
  job j = {.e = e, .most = most_gates(e)};
  walk *k = &j.start;
  *k = (walk){.e = e, .tally = serial, .mask = limn_table_mask(e->inputs)};
  for (int i = 0; i < e->inputs; i++) {
    limn_wire wire = limn_wire_code(i, e->inputs);
    k->wire[i] = limn_input_table(i, e->inputs);
    serial->evaluations++;
    if (1 + wire.length <= e->max_bits)
      limn_tally_add(serial, k->wire[i], 1, (uint64_t)1 << (e->max_bits - 1 - wire.length),
                     limn_program(1 + wire.length, wire.code));
  }
  size_t lists = (size_t)e->workers + 1;
  j.room = limn_alloc(lists * j.most + 1, sizeof *j.room);
  if (!j.room) return limn_nomem(err, who, "gates", lists * j.most, sizeof *j.room);
  gate *first = j.room + (size_t)e->workers * j.most;
  j.gates = first;
  size_t tasks = list_gates(k, first, e->inputs, 0, 0, 1, 1);
  limn_status status = limn_parallel(tasks, task, &j, e->token, who, err);
  limn_free(j.room);
  return status;
}
