/* tally.c: counts programs by function; see core.h. */
#include "num/programs/core.h"

enum { MAX_SLOTS = 1 << 25 }; /* of one tally: 1.25 GiB */

static size_t size_of_word(const limn_tally *t) {
  return t->direct ? sizeof *t->word : sizeof *t->slot;
}

/* Allocates room for `capacity` functions and rehashes. On failure the tally is unchanged. */
static bool make_room(limn_tally *t, size_t capacity) {
  t->wanted = capacity;
  void *words = capacity <= MAX_SLOTS ? limn_alloc(capacity, size_of_word(t)) : NULL;
  limn_rest *rest = words ? limn_alloc(capacity, sizeof *rest) : NULL;
  if (!rest) {
    limn_free(words);
    return false;
  }
  t->word = t->direct ? words : NULL;
  t->slot = t->direct ? NULL : words;
  t->rest = rest;
  t->capacity = capacity;
  t->shift = 64 - __builtin_ctzll(capacity);
  t->used = 0;
  return true;
}

static uint64_t *word_at(const limn_tally *t, size_t at) {
  return t->direct ? &t->word[at] : &t->slot[at].word;
}

static void clear(limn_tally *t) {
  for (size_t i = 0; i < t->capacity; i++) *word_at(t, i) = LIMN_WORD_NONE;
  t->used = 0;
}

bool limn_tally_start(limn_tally *t, int inputs, int max_bits) {
  *t = (limn_tally){.inputs = inputs, .max_bits = max_bits, .direct = inputs <= 4};
  if (!make_room(t, t->direct ? (size_t)1 << (1 << inputs) : 1 << 16)) return false;
  clear(t);
  if (t->direct) return true;
  t->front = limn_alloc((size_t)1 << LIMN_FRONT_BITS, sizeof *t->front);
  for (size_t i = 0; t->front && i < (size_t)1 << LIMN_FRONT_BITS; i++)
    t->front[i].word = LIMN_WORD_NONE;
  return t->front != NULL;
}

static void free_table(limn_tally *t) {
  limn_free(t->word);
  limn_free(t->slot);
  limn_free(t->rest);
}

void limn_tally_stop(limn_tally *t) {
  free_table(t);
  limn_free(t->front);
}

/* Index of a table, or of the slot for its first program. */
static inline size_t place(const limn_tally *t, uint64_t table) {
  if (t->direct) return (size_t)table;
  size_t at = limn_hash_of(t, table);
  while (t->slot[at].table != table && t->slot[at].word != LIMN_WORD_NONE)
    at = (at + 1) & (t->capacity - 1);
  return at;
}

static void grow(limn_tally *t) {
  limn_tally old = *t;
  if (old.full || !make_room(t, old.capacity * 2)) {
    /* Keep counting in the existing memory; the result is discarded. */
    t->full = true;
    if (t->used + 1 >= t->capacity) clear(t); /* a probe needs at least one free slot to end */
    return;
  }
  clear(t);
  for (size_t i = 0; i < old.capacity; i++)
    if (old.slot[i].word != LIMN_WORD_NONE) {
      size_t at = place(t, old.slot[i].table);
      t->slot[at] = old.slot[i];
      t->rest[at] = old.rest[i];
      t->used++;
    }
  free_table(&old);
}

void limn_tally_rare(limn_tally *t, size_t at, uint64_t table, uint64_t count, uint64_t weight,
                     uint64_t program) {
  uint64_t *word = word_at(t, at);
  limn_rest *rest = &t->rest[at];
  bool fresh = *word == LIMN_WORD_NONE;
  if (fresh || program < rest->program) {
    rest->program = program;
    *word = (*word & LIMN_WORD_SUMS) | program >> 56 << LIMN_WORD_LENGTH;
  }
  rest->count += count + limn_step_count(*word);
  rest->weight += weight + limn_step_weight(*word);
  *word &= ~LIMN_WORD_SUMS;
  if (!fresh) return;
  t->used++;
  if (t->direct) return;
  t->slot[at].table = table;
  if (t->used * 2 > t->capacity) grow(t);
}

/* Longer than any program, but shorter than "none"; marks sums of programs that were already
 * compared. */
#define LIMN_NO_PROGRAM ((uint64_t)62 << 56)

/* Counts the queued entries in order; of equal lengths the first is the smallest. */
static void drain(limn_tally *t) {
  for (size_t i = 0; i < t->queued; i++)
    __builtin_prefetch(&t->slot[limn_hash_of(t, t->queue[i].table)], 1);
  for (size_t i = 0; i < t->queued; i++) {
    limn_entry e = t->queue[i];
    size_t at = place(t, e.table);
    uint64_t word = t->slot[at].word, sum = word + e.step;
    if (word >> LIMN_WORD_LENGTH > e.program >> 56 || (sum & LIMN_WORD_GUARDS) != 0)
      limn_tally_rare(t, at, e.table, limn_step_count(e.step), limn_step_weight(e.step), e.program);
    else
      t->slot[at].word = sum;
  }
  t->queued = 0;
}

void limn_tally_add(limn_tally *t, uint64_t table, uint64_t count, uint64_t weight,
                    uint64_t program) {
  if (!t->direct) drain(t); /* entries queued before */
  limn_tally_rare(t, place(t, table), table, count, weight, program);
}

void limn_tally_replace(limn_tally *t, limn_slot *front, uint64_t table, uint64_t step,
                        uint64_t program) {
  uint64_t sums = front->word & LIMN_WORD_SUMS;
  if (sums) t->queue[t->queued++] = (limn_entry){front->table, sums, LIMN_NO_PROGRAM};
  if (step) t->queue[t->queued++] = (limn_entry){table, step, program};
  *front = (limn_slot){table, program >> 56 << LIMN_WORD_LENGTH};
  if (t->queued >= LIMN_QUEUE) drain(t);
}

void limn_tally_flush(limn_tally *t) {
  for (size_t i = 0; t->front && i < (size_t)1 << LIMN_FRONT_BITS; i++)
    limn_tally_replace(t, &t->front[i], 0, 0, LIMN_NO_PROGRAM);
  drain(t);
}

limn_function limn_tally_function(const limn_tally *t, size_t at) {
  uint64_t word = *word_at(t, at);
  if (word == LIMN_WORD_NONE) return (limn_function){0};
  return (limn_function){.table = t->direct ? at : t->slot[at].table,
                         .count = t->rest[at].count + limn_step_count(word),
                         .weight = t->rest[at].weight + limn_step_weight(word),
                         .program = t->rest[at].program};
}

void limn_tally_merge(limn_tally *into, const limn_tally *from) {
  for (size_t i = 0; i < from->capacity && !into->full; i++) {
    limn_function f = limn_tally_function(from, i);
    if (f.count) limn_tally_add(into, f.table, f.count, f.weight, f.program);
  }
  into->evaluations += from->evaluations;
  into->failed += from->failed;
}
