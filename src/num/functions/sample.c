/* sample.c: patterns of random nets, and counts of them. Groups are drawn in parallel, a fixed
 * number per task, and counted in their order, so that counts do not depend on threads. */
#include "num/functions/nets.h"

#include <string.h>

enum { BATCH = 64, TASKS = 256 }; /* groups of a task; tasks between two counts */

typedef struct {
  const limn_function_plan *plan;
  uint64_t first;
  size_t count;
  uint64_t *patterns;
  float *normals, *room; /* one part for each worker */
  uint64_t *words;
} job;

static void draw(void *ctx, size_t task, int worker) {
  job *j = ctx;
  const limn_function_plan *p = j->plan;
  size_t n = p->normals, from = task * BATCH,
         to = from + BATCH < j->count ? from + BATCH : j->count;
  float *normals = j->normals + (size_t)worker * n;
  float *room = j->room + (size_t)worker * limn_function_room(p);
  uint64_t *words = j->words + (size_t)worker * (n / 2);
  for (size_t g = from; g < to; g++) {
    limn_function_normals(normals, words, p, (j->first + g) * n, n);
    limn_function_outputs(j->patterns + g * p->spec->readouts * p->words, normals, room, p);
  }
}

static void job_free(job *j) {
  limn_free(j->normals);
  limn_free(j->room);
  limn_free(j->words);
}

static limn_status job_make(job *j, const limn_function_plan *plan, size_t count, limn_err *err) {
  size_t tasks = (count + BATCH - 1) / BATCH, workers = (size_t)limn_workers(tasks);
  *j = (job){.plan = plan, .count = count};
  j->normals = limn_alloc(workers * plan->normals, sizeof *j->normals);
  j->room = limn_alloc(workers * limn_function_room(plan), sizeof *j->room);
  j->words = limn_alloc(workers * plan->normals / 2, sizeof *j->words);
  if (j->normals && j->room && j->words) return LIMN_OK;
  job_free(j);
  return limn_nomem(err, "parameters of nets", workers * plan->normals, sizeof *j->normals);
}

limn_status limn_functions_sample(uint64_t *patterns, const double *x, size_t points,
                                  const limn_functions_net *spec, uint64_t first, size_t count,
                                  const limn_token *token, limn_err *err) {
  limn_function_plan plan;
  job j;
  limn_status status = limn_function_plan_make(&plan, x, points, spec, err);
  if (status) return status;
  status = job_make(&j, &plan, count, err);
  if (!status) {
    j.patterns = patterns, j.first = first;
    status = limn_parallel((count + BATCH - 1) / BATCH, draw, &j, token, err);
    job_free(&j);
  }
  limn_function_plan_free(&plan);
  return status;
}

/* Moves the patterns that agree with the labels to the front; returns their number. */
static size_t keep(uint64_t *patterns, size_t n, size_t words, const uint64_t *labels,
                   const uint64_t *mask) {
  size_t kept = 0;
  for (size_t i = 0; i < n; i++) {
    uint64_t *p = patterns + i * words, bad = 0;
    for (size_t w = 0; w < words; w++) bad |= (p[w] ^ labels[w]) & mask[w];
    if (bad) continue;
    if (kept < i) memcpy(patterns + kept * words, p, words * sizeof *p);
    kept++;
  }
  return kept;
}

limn_status limn_functions_tally(limn_functions_counts *counts, uint64_t *tried, const double *x,
                                 const limn_functions_net *spec, uint64_t groups,
                                 const uint64_t *labels, const uint64_t *mask,
                                 const limn_token *token, limn_err *err) {
  limn_function_plan plan;
  job j;
  size_t size = BATCH * TASKS;
  limn_status status = limn_function_plan_make(&plan, x, limn_functions_points(counts), spec, err);
  if (status) return status;
  while (size > BATCH && size * spec->readouts * plan.words > (size_t)1 << 22) size /= 2;
  if (groups < size) size = (size_t)groups;
  uint64_t *patterns = limn_alloc(size * spec->readouts * plan.words + 1, sizeof *patterns);
  if (!patterns) {
    status = limn_nomem(err, "patterns", size * spec->readouts * plan.words, sizeof *patterns);
  } else if (!(status = job_make(&j, &plan, size, err))) {
    limn_token inner = token ? (limn_token){.cancel = token->cancel} : (limn_token){0};
    j.patterns = patterns;
    for (uint64_t g = 0; !status && g < groups; g += size) {
      j.first = g, j.count = groups - g < size ? (size_t)(groups - g) : size;
      status = limn_parallel((j.count + BATCH - 1) / BATCH, draw, &j, &inner, err);
      if (status) break;
      size_t n = j.count * spec->readouts;
      if (mask) n = keep(patterns, n, plan.words, labels, mask);
      status = limn_functions_count(counts, patterns, n, err);
      if (!status && limn_tick(token, (double)(g + j.count), (double)groups))
        status = limn_stopped(err);
    }
    job_free(&j);
  }
  if (tried) *tried = groups * spec->readouts;
  limn_free(patterns);
  limn_function_plan_free(&plan);
  return status;
}
