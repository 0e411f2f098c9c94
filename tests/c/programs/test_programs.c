/* test_programs.c: the enumerators against the interpreters, the code's Kraft sum, sampling, Bayes'
 * rule. */
/* slow: 6 s */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"
#include "limn/limn.h"

static limn_space *space_of(limn_language language, int inputs, int bits) {
  limn_space *s = NULL;
  limn_err e = {0};
  cr_assert_eq(limn_programs_enumerate(&s, language, inputs, bits, NULL, &e), LIMN_OK, "%s",
               e.text);
  return s;
}

/* The results of plain enumeration, by function of a space. */
typedef struct {
  limn_space *space;
  int bits;
  uint64_t *count, *weight, *program, programs, failed;
} found;

static found start(limn_language language, int inputs, int bits) {
  limn_space *s = space_of(language, inputs, bits);
  size_t n = limn_programs_functions(s);
  return (found){s, bits, calloc(n, 8), calloc(n, 8), calloc(n, 8), 0, 0};
}

static void note(found *f, uint64_t table, int length, uint64_t code) {
  size_t i = limn_programs_find(f->space, table);
  uint64_t program = (uint64_t)length << 56 | code;
  cr_assert(i != SIZE_MAX);
  f->programs++;
  f->count[i]++;
  f->weight[i] += (uint64_t)1 << (f->bits - length);
  if (!f->program[i] || program < f->program[i]) f->program[i] = program;
}

/* The space is equal, bit by bit, codes of the shortest programs included. */
static void compare(found *f) {
  cr_assert_eq(f->programs, limn_programs_total(f->space));
  cr_assert_eq(f->failed, limn_programs_failed(f->space));
  for (size_t i = 0; i < limn_programs_functions(f->space); i++) {
    const limn_function *got = limn_programs_function(f->space, i);
    cr_assert_eq(got->count, f->count[i]);
    cr_assert_eq(got->weight, f->weight[i]);
    cr_assert_eq(got->program, f->program[i]);
  }
  free(f->count), free(f->weight), free(f->program);
  limn_programs_free(f->space);
}

/* Runs all bit strings by the interpreter; strings that need more bits are extended by both. */
static void every_string(found *f, limn_language language, int inputs, int n, uint64_t code) {
  uint64_t table = 0;
  int used = 0;
  limn_outcome o = limn_programs_run(language, inputs, code, n, &table, &used);
  if (o == LIMN_HALTS) note(f, table, n, code);
  if (o == LIMN_FAILS) f->failed += (uint64_t)1 << (f->bits - n);
  if (o != LIMN_OPEN || n == f->bits) return;
  every_string(f, language, inputs, n + 1, 2 * code);
  every_string(f, language, inputs, n + 1, 2 * code + 1);
}

Test(programs, enumeration_equals_running_every_bit_string) {
  for (int language = 0; language < 2; language++)
    for (int inputs = 1; inputs <= 6; inputs++)
      for (int bits = 1; bits <= 20; bits += bits < 10 ? 3 : 1) {
        found f = start((limn_language)language, inputs, bits);
        every_string(&f, (limn_language)language, inputs, 0, 0);
        compare(&f);
      }
}

/* Enumerates all circuits by plain loops over gates and ordered pairs of wires. */
static void every_circuit(found *f, int inputs, uint64_t *wire, int w, int length, uint64_t code) {
  uint64_t mask = inputs == 6 ? UINT64_MAX : ((uint64_t)1 << (1 << inputs)) - 1;
  int b = 0;
  while (2 << b <= w) b++;
  int few = (2 << b) - w;
  for (int op = 0; op < 4; op++)
    for (int i = 0; i < w; i++)
      for (int j = 0; j < w; j++) {
        int bi = b + (i >= few), bj = b + (j >= few), after = length + 3 + bi + bj;
        if (after >= f->bits) continue;
        uint64_t c = ((code * 8 + 4 + (uint64_t)op) << bi) + (uint64_t)(i >= few ? i + few : i);
        c = (c << bj) + (uint64_t)(j >= few ? j + few : j);
        uint64_t both = wire[i] & wire[j], any = wire[i] | wire[j];
        wire[w] = op == 0 ? both : op == 1 ? any : op == 2 ? any - both : mask - both;
        note(f, wire[w], after + 1, 2 * c);
        every_circuit(f, inputs, wire, w + 1, after, c);
      }
}

/* The enumerator evaluates common subcircuits once. Its results must be the same, at lengths with
 * one to five gates and wire codes of both lengths. */
Test(programs, enumeration_equals_plain_loops) {
  static const int bits[] = {0, 23, 23, 24, 25, 21, 25};
  for (int inputs = 1; inputs <= 6; inputs++)
    for (int less = 0; less < 3; less++) {
      found f = start(LIMN_CIRCUITS, inputs, bits[inputs] - less * less);
      uint64_t wire[32];
      for (int i = 0; i < inputs; i++) {
        wire[i] = 0;
        for (int v = 0; v < 1 << inputs; v++) wire[i] |= (uint64_t)(v >> i & 1) << v;
        int b = 0;
        while (2 << b <= inputs) b++;
        int few = (2 << b) - inputs;
        note(&f, wire[i], 1 + b + (i >= few), (uint64_t)(i >= few ? i + few : i));
      }
      every_circuit(&f, inputs, wire, inputs, 0, 0);
      compare(&f);
    }
}

Test(programs, kraft_sum_is_at_most_one_and_grows) {
  for (int language = 0; language < 2; language++)
    for (int inputs = 1; inputs <= 6; inputs++) {
      double last = 0;
      for (int bits = 2; bits <= 24; bits += 2) {
        limn_space *s = space_of((limn_language)language, inputs, bits);
        double mass = ldexp((double)(limn_programs_mass(s) + limn_programs_failed(s)), -bits);
        cr_assert(mass <= 1 && mass >= last);
        last = mass;
        limn_programs_free(s);
      }
      cr_assert(last > 0.5);
    }
}

/* The recorded program is valid, has the recorded length, computes the function, and prints. */
Test(programs, shortest_programs_run) {
  for (int language = 0; language < 2; language++) {
    limn_space *s = space_of((limn_language)language, 3, 22);
    for (size_t i = 0; i < limn_programs_functions(s); i++) {
      const limn_function *f = limn_programs_function(s, i);
      uint64_t table;
      int used, length = (int)(f->program >> 56);
      char text[200];
      cr_assert_eq(limn_programs_run((limn_language)language, 3, f->program & 0xFFFFFFFFFFFFFF,
                                     length, &table, &used),
                   LIMN_HALTS);
      cr_assert_eq(table, f->table);
      cr_assert_eq(used, length);
      limn_programs_source(text, sizeof text, (limn_language)language, 3, f->program);
      cr_assert(strlen(text) >= 2 && strchr(text, 'x'));
      limn_programs_source(text, 4, (limn_language)language, 3, f->program);
      cr_assert(strlen(text) < 4);
      if (i) cr_assert(f[-1].program >> 56 <= f->program >> 56);
    }
    limn_programs_free(s);
  }
}

/* Sampling by coin flips gives the enumerated prior: chi-square over the common functions. */
Test(programs, sampling_matches_the_prior) {
  enum { DRAWS = 200000, BITS = 18 };
  static uint64_t table[DRAWS];
  static uint8_t outcome[DRAWS], used[DRAWS];
  for (int language = 0; language < 2; language++) {
    limn_space *s = space_of((limn_language)language, 3, BITS);
    cr_assert_eq(limn_programs_sample(table, outcome, used, DRAWS, (limn_language)language, 3, BITS,
                                      7, 0, NULL, NULL),
                 LIMN_OK);
    double *seen = calloc(limn_programs_functions(s) + 1, sizeof *seen), chi = 0, rest = DRAWS,
           rest_seen = DRAWS;
    double failed = 0;
    int cells = 0;
    for (int i = 0; i < DRAWS; i++) {
      if (outcome[i] == LIMN_FAILS) failed++;
      if (outcome[i] == LIMN_HALTS) seen[limn_programs_find(s, table[i])]++;
    }
    for (size_t i = 0; i < limn_programs_functions(s); i++) {
      double want = DRAWS * ldexp((double)limn_programs_function(s, i)->weight, -BITS);
      if (want < 20) continue;
      chi += pow(seen[i] - want, 2) / want;
      rest -= want, rest_seen -= seen[i];
      cells++;
    }
    chi += pow(rest_seen - rest, 2) / rest;
    cr_assert(chi < cells + 6 * sqrt(2.0 * cells), "language %d: chi-square %g on %d cells",
              language, chi, cells);
    double p = ldexp((double)limn_programs_failed(s), -BITS);
    cr_assert(fabs(failed - DRAWS * p) <= 5 * sqrt(DRAWS * p * (1 - p)));
    free(seen);
    limn_programs_free(s);
  }
}

Test(programs, posterior_is_bayes_rule) {
  limn_space *s = space_of(LIMN_CIRCUITS, 3, 20);
  size_t n = limn_programs_functions(s);
  double *log_post = malloc(n * sizeof *log_post), evidence, y[12];
  uint32_t x[12];
  limn_rng r = limn_rng_start(limn_key_of(9, 0, 0, LIMN_FOR_USER), 0);
  for (int t = 0; t < 50; t++) {
    size_t d = limn_rng_below(&r, 13);
    double flip = t % 2 ? 0.3 * limn_rng_uniform(&r) : 0;
    uint64_t truth = limn_programs_function(s, limn_rng_below(&r, n))->table;
    for (size_t i = 0; i < d; i++) {
      x[i] = (uint32_t)limn_rng_below(&r, 8);
      y[i] = (truth >> x[i] & 1 ? 1 : -1) * (limn_rng_uniform(&r) < flip ? -1 : 1);
    }
    cr_assert_eq(limn_programs_posterior(log_post, &evidence, s, x, y, d, flip, NULL), LIMN_OK);
    double total = 0, check = 0;
    for (size_t i = 0; i < n; i++) {
      const limn_function *f = limn_programs_function(s, i);
      double like = (double)f->weight / (double)limn_programs_mass(s);
      for (size_t j = 0; j < d; j++)
        like *= (f->table >> x[j] & 1 ? 1 : -1) == y[j] ? 1 - flip : flip;
      total += like;
      check += exp(log_post[i]);
      cr_assert(like == 0 ? exp(log_post[i]) == 0
                          : fabs(log_post[i] + evidence - log(like)) < 1e-10);
    }
    cr_assert(fabs(check - 1) < 1e-12 && fabs(evidence - log(total)) < 1e-10);
  }
  x[0] = x[1] = 2, y[0] = 1, y[1] = -1; /* contradiction */
  cr_assert_eq(limn_programs_posterior(log_post, &evidence, s, x, y, 2, 0, NULL), LIMN_ENUMERIC);
  cr_assert_eq(limn_programs_posterior(log_post, &evidence, s, x, y, 2, 0.1, NULL), LIMN_OK);
  x[0] = 8;
  cr_assert_eq(limn_programs_posterior(log_post, &evidence, s, x, y, 2, 0.1, NULL), LIMN_EINVAL);
  free(log_post);
  limn_programs_free(s);
}

Test(programs, threads_change_nothing) {
  for (int language = 0; language < 2; language++)
    for (int inputs = 4; inputs <= 5; inputs++) {
      limn_threads_set(1, NULL);
      limn_space *a = space_of((limn_language)language, inputs, 26);
      limn_threads_set(3, NULL);
      limn_space *b = space_of((limn_language)language, inputs, 26);
      cr_assert_eq(limn_programs_functions(a), limn_programs_functions(b));
      cr_assert_eq(limn_programs_evaluations(a), limn_programs_evaluations(b));
      cr_assert_eq(memcmp(limn_programs_function(a, 0), limn_programs_function(b, 0),
                          limn_programs_functions(a) * sizeof(limn_function)),
                   0);
      limn_programs_free(a), limn_programs_free(b);
    }
}

Test(programs, bad_arguments_and_stops) {
  limn_space *s = (limn_space *)1;
  limn_err e = {0};
  cr_assert_eq(limn_programs_enumerate(&s, LIMN_STACK, 7, 20, NULL, &e), LIMN_EINVAL);
  cr_assert(s == NULL && strcmp(e.argument, "inputs") == 0);
  cr_assert_eq(limn_programs_enumerate(&s, LIMN_STACK, 3, 0, NULL, &e), LIMN_EINVAL);
  cr_assert_eq(limn_programs_enumerate(&s, LIMN_STACK, 3, 49, NULL, &e), LIMN_EINVAL);
  volatile sig_atomic_t stop = 1;
  limn_token token = {.cancel = &stop};
  cr_assert_eq(limn_programs_enumerate(&s, LIMN_CIRCUITS, 6, 48, &token, &e), LIMN_ECANCELLED);
  cr_assert_eq(limn_programs_enumerate(&s, LIMN_STACK, 6, 48, &token, &e), LIMN_ECANCELLED);
  cr_assert(s == NULL);
  limn_programs_free(NULL);
}

/* Each refused allocation gives a status and leaks nothing (checked by the sanitizer build). */
Test(programs, refused_memory_is_a_status) {
  for (int language = 0; language < 2; language++)
    for (long k = 1;; k++) {
      limn_space *s = NULL;
      limn_err e = {0};
      limn_memory_fail_at(k);
      limn_status status = limn_programs_enumerate(&s, (limn_language)language, 5, 27, NULL, &e);
      limn_memory_fail_at(0);
      if (status == LIMN_OK) {
        cr_assert(k > 4);
        limn_programs_free(s);
        break;
      }
      cr_assert_eq(status, LIMN_ENOMEM);
      cr_assert(s == NULL && strstr(e.text, "memory") && !strstr(e.text, "(0 x"), "%s", e.text);
    }
}
