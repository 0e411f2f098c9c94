/* chains.c: elliptical slice sampling of the parameters of a net whose likelihood is 1 where it
 * fits.
 *
 * With parameters u of the standard normal prior and v drawn from it, the proposals are
 * u cos t + v sin t, t uniform on a bracket around 0 that shrinks towards 0 until a proposal fits.
 * Source: Murray, Adams and MacKay 2010. */
#include "num/functions/nets.h"

#include <math.h>
#include <string.h>

enum { SHRINKS = 200 }; /* after so many refusals the chain stays where it is */

typedef struct {
  const limn_function_plan *plan;
  const uint64_t *labels, *mask;
  const limn_token *token;
  uint64_t *patterns, *steps;
  size_t samples, burn, thin;
  limn_status *status; /* of each chain */
} job;

typedef struct {
  float *u, *v, *next, *room;
  uint64_t *words, *now, *then; /* random bits; patterns of u and of the proposal */
  uint64_t drawn;               /* blocks of normals used */
  limn_function_plan plan;      /* with the key of this chain */
  limn_rng rng;                 /* of the angles */
} chain;

static size_t errors_of(const uint64_t *pattern, const job *j) {
  size_t n = 0;
  for (size_t w = 0; w < j->plan->words; w++)
    n += (size_t)__builtin_popcountll((pattern[w] ^ j->labels[w]) & j->mask[w]);
  return n;
}

static void chain_free(chain *c) {
  limn_free(c->u);
  limn_free(c->v);
  limn_free(c->next);
  limn_free(c->room);
  limn_free(c->words);
  limn_free(c->now);
  limn_free(c->then);
}

static bool chain_make(chain *c, const job *j, size_t number) {
  size_t n = j->plan->normals, words = j->plan->words;
  *c = (chain){.plan = *j->plan};
  c->plan.key = limn_key_child(j->plan->key, number);
  c->rng = limn_rng_start(c->plan.key, 1);
  c->u = limn_alloc(n, sizeof *c->u);
  c->v = limn_alloc(n, sizeof *c->v);
  c->next = limn_alloc(n, sizeof *c->next);
  c->room = limn_alloc(limn_function_room(j->plan), sizeof *c->room);
  c->words = limn_alloc(n / 2, sizeof *c->words);
  c->now = limn_alloc(words, sizeof *c->now);
  c->then = limn_alloc(words, sizeof *c->then);
  return c->u && c->v && c->next && c->room && c->words && c->now && c->then;
}

static void draw(chain *c, float *to) {
  size_t n = c->plan.normals;
  limn_function_normals(to, c->words, &c->plan, c->drawn++ * n, n);
}

/* One step among the nets with at most `allowed` errors. */
static void step(chain *c, const job *j, size_t allowed) {
  size_t n = c->plan.normals, words = c->plan.words;
  double two_pi = 6.283185307179586, t = two_pi * limn_rng_uniform(&c->rng), low = t - two_pi,
         high = t;
  draw(c, c->v);
  for (int k = 0; k < SHRINKS; k++) {
    float cosine = (float)cos(t), sine = (float)sin(t);
    for (size_t i = 0; i < n; i++) c->next[i] = cosine * c->u[i] + sine * c->v[i];
    limn_function_outputs(c->then, c->next, c->room, &c->plan);
    if (errors_of(c->then, j) <= allowed) {
      float *old = c->u;
      c->u = c->next, c->next = old;
      memcpy(c->now, c->then, words * sizeof *c->now);
      return;
    }
    if (t < 0)
      low = t;
    else
      high = t;
    t = low + (high - low) * limn_rng_uniform(&c->rng);
  }
}

static limn_status run(chain *c, const job *j, size_t number) {
  size_t words = c->plan.words, errors;
  uint64_t steps = 0, *out = j->patterns + number * j->samples * words;
  draw(c, c->u);
  limn_function_outputs(c->now, c->u, c->room, &c->plan);
  while ((errors = errors_of(c->now, j)) > 0) {
    if (steps == j->burn) return LIMN_ENUMERIC;
    if (limn_cancelled(j->token)) return LIMN_ECANCELLED;
    step(c, j, errors);
    steps++;
  }
  j->steps[number] = steps;
  for (size_t k = 0; k < j->burn; k++) {
    if (limn_cancelled(j->token)) return LIMN_ECANCELLED;
    step(c, j, 0);
  }
  for (size_t s = 0; s < j->samples; s++) {
    if (limn_cancelled(j->token)) return LIMN_ECANCELLED;
    for (size_t k = 0; k < j->thin; k++) step(c, j, 0);
    memcpy(out + s * words, c->now, words * sizeof *out);
  }
  return LIMN_OK;
}

static void one_chain(void *ctx, size_t task, int worker) {
  job *j = ctx;
  chain c;
  (void)worker;
  j->status[task] = chain_make(&c, j, task) ? run(&c, j, task) : LIMN_ENOMEM;
  chain_free(&c);
}

limn_status limn_functions_chains(uint64_t *patterns, uint64_t *steps, size_t chains,
                                  size_t samples, size_t burn, size_t thin, const double *x,
                                  size_t points, const limn_functions_net *spec,
                                  const uint64_t *labels, const uint64_t *mask,
                                  const limn_token *token, limn_err *err) {
  limn_function_plan plan;
  if (spec->readouts != 1)
    return limn_fail_argument(err, LIMN_EINVAL, "readouts", "must be 1, got %zu", spec->readouts);
  if (thin < 1) return limn_fail_argument(err, LIMN_EINVAL, "thin", "must be at least 1, got 0");
  limn_status status = limn_function_plan_make(&plan, x, points, spec, err);
  if (status) return status;
  job j = {&plan, labels, mask, token, patterns, steps, samples, burn, thin, NULL};
  j.status = limn_alloc(chains + 1, sizeof *j.status);
  if (!j.status) {
    status = limn_nomem(err, "chains", chains, sizeof *j.status);
  } else {
    status = limn_parallel(chains, one_chain, &j, token, err);
    for (size_t c = 0; !status && c < chains; c++) {
      if (j.status[c] == LIMN_ECANCELLED)
        status = limn_stopped(err);
      else if (j.status[c] == LIMN_ENOMEM)
        status = limn_nomem(err, "parameters of a chain", plan.normals, 16);
      else if (j.status[c])
        status = limn_fail(err, j.status[c],
                           "chain %zu found no net that fits all labels in %zu steps", c + 1, burn);
    }
  }
  limn_free(j.status);
  limn_function_plan_free(&plan);
  return status;
}
