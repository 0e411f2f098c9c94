/* space.c: runs an enumerator, merges the workers' tallies and sorts the functions. */
#include <stdlib.h>
#include "num/programs/core.h"

static int by_length(const void *pa, const void *pb) {
  const limn_function *a = pa, *b = pb;
  uint64_t la = a->program >> 56, lb = b->program >> 56;
  if (la != lb) return la < lb ? -1 : 1;
  if (a->weight != b->weight) return a->weight > b->weight ? -1 : 1;
  return (a->table > b->table) - (a->table < b->table);
}

typedef struct {
  uint64_t table;
  size_t index;
} entry;

static int by_table(const void *a, const void *b) {
  uint64_t x = ((const entry *)a)->table, y = ((const entry *)b)->table;
  return (x > y) - (x < y);
}

static limn_status order(limn_space *s, const limn_tally *t, limn_err *err) {
  s->functions = t->used;
  s->function = limn_alloc(t->used + 1, sizeof *s->function);
  s->by_table = limn_alloc(t->used + 1, sizeof *s->by_table);
  entry *e = limn_alloc(t->used + 1, sizeof *e);
  if (!s->function || !s->by_table || !e) {
    limn_free(e);
    return limn_nomem(err, "functions", t->used, sizeof *s->function);
  }
  size_t n = 0;
  for (size_t i = 0; i < t->capacity; i++) {
    limn_function f = limn_tally_function(t, i);
    if (f.count) s->function[n++] = f;
  }
  qsort(s->function, n, sizeof *s->function, by_length);
  for (size_t i = 0; i < n; i++) {
    e[i] = (entry){s->function[i].table, i};
    s->programs += s->function[i].count;
    s->mass += s->function[i].weight;
  }
  qsort(e, n, sizeof *e, by_table);
  for (size_t i = 0; i < n; i++) s->by_table[i] = e[i].index;
  limn_free(e);
  return LIMN_OK;
}

limn_status limn_programs_enumerate(limn_space **out, limn_language language, int inputs,
                                    int max_bits, const limn_token *token, limn_err *err) {
  *out = NULL;
  if (!limn_word_name(LIMN_WORDS_LANGUAGE, (int)language))
    return limn_fail_argument(err, LIMN_EINVAL, "language", "has the unknown value %d",
                              (int)language);
  if (inputs < 1 || inputs > 6)
    return limn_fail_argument(err, LIMN_EINVAL, "inputs", "must be 1 to 6, got %d", inputs);
  if (max_bits < 1 || max_bits > LIMN_PROGRAM_BITS)
    return limn_fail_argument(err, LIMN_EINVAL, "max_bits", "must be 1 to %d, got %d",
                              LIMN_PROGRAM_BITS, max_bits);
  limn_enumeration e = {
      .inputs = inputs, .max_bits = max_bits, .workers = limn_workers(64), .token = token};
  limn_space *s = limn_alloc(1, sizeof *s);
  int tallies = e.workers + 1;
  e.tally = limn_alloc((size_t)tallies, sizeof *e.tally);
  limn_status status = s && e.tally ? LIMN_OK : LIMN_ENOMEM;
  for (int w = 0; status == LIMN_OK && w < tallies; w++)
    if (!limn_tally_start(&e.tally[w], inputs, max_bits)) status = LIMN_ENOMEM;
  bool started = status == LIMN_OK;
  if (started)
    status = language == LIMN_CIRCUITS ? limn_enumerate_circuits(&e, err)
                                       : limn_enumerate_stack(&e, err);
  bool said = status != LIMN_OK && started; /* err is already set */
  if (status == LIMN_OK && limn_cancelled(token)) status = limn_stopped(err);
  for (int w = 0; status == LIMN_OK && w < tallies; w++) {
    limn_tally_flush(&e.tally[w]);
    if (w > 0) limn_tally_merge(&e.tally[0], &e.tally[w]);
    if (e.tally[0].full || e.tally[w].full) status = LIMN_ENOMEM;
  }
  size_t wanted = 1;
  for (int w = 0; e.tally && w < tallies; w++)
    if (e.tally[w].wanted > wanted) wanted = e.tally[w].wanted;
  if (status == LIMN_ENOMEM && !said) limn_nomem(err, "functions", wanted, LIMN_SLOT_BYTES);
  if (status == LIMN_OK) {
    *s = (limn_space){.language = language,
                      .inputs = inputs,
                      .max_bits = max_bits,
                      .evaluations = e.tally[0].evaluations,
                      .failed = e.tally[0].failed};
    status = order(s, &e.tally[0], err);
  }
  for (int w = 0; e.tally && w < tallies; w++) limn_tally_stop(&e.tally[w]);
  limn_free(e.tally);
  if (status == LIMN_OK)
    *out = s;
  else
    limn_programs_free(s);
  return status;
}

void limn_programs_free(limn_space *s) {
  if (!s) return;
  limn_free(s->function);
  limn_free(s->by_table);
  limn_free(s);
}

limn_language limn_programs_language(const limn_space *s) {
  return s->language;
}
int limn_programs_inputs(const limn_space *s) {
  return s->inputs;
}
int limn_programs_max_bits(const limn_space *s) {
  return s->max_bits;
}
uint64_t limn_programs_total(const limn_space *s) {
  return s->programs;
}
uint64_t limn_programs_evaluations(const limn_space *s) {
  return s->evaluations;
}
uint64_t limn_programs_mass(const limn_space *s) {
  return s->mass;
}
uint64_t limn_programs_failed(const limn_space *s) {
  return s->failed;
}
size_t limn_programs_functions(const limn_space *s) {
  return s->functions;
}
const limn_function *limn_programs_function(const limn_space *s, size_t i) {
  return &s->function[i];
}

size_t limn_programs_find(const limn_space *s, uint64_t table) {
  size_t low = 0, high = s->functions;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (s->function[s->by_table[middle]].table < table)
      low = middle + 1;
    else
      high = middle;
  }
  return low < s->functions && s->function[s->by_table[low]].table == table ? s->by_table[low]
                                                                            : SIZE_MAX;
}
