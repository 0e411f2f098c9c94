/* groups.h: units of one hidden layer that move in groups; what the mlp_groups files share. */
#ifndef LIMN_MLP_GROUPS_H
#define LIMN_MLP_GROUPS_H

#include "num/mlp/train/shared.h"

enum { LIMN_NEAR = LIMN_GROUPS }; /* the group of units that are stepped one by one */

typedef struct limn_groups_job {
  const limn_mlp_work *work;
  const limn_mlp_kernels *k, *k64; /* of the nets' type; of double */
  const limn_one_hidden *shape;
  const size_t *order; /* of the points */
  limn_dtype type;
  size_t vector; /* bytes */
  limn_mlp_workers workers;
} limn_groups_job;

/* A net in training. A group's number is the points at which it is on, as bits. */
typedef struct limn_groups_run {
  const limn_groups_job *j;
  limn_group_units units; /* in the net's memory, where they were when sorted */
  limn_groups *g;
  size_t slot_of[LIMN_GROUPS], slots; /* groups lie densely in g; LIMN_GROUPS: not there */
  double (*table)[4][4];              /* room for a matrix for each group and LIMN_NEAR */
  char *near;                         /* near units, in the kernel's layout, */
  uint32_t *who;                      /* and their numbers */
  size_t nears;
  float *reach;
  double c, near_f[4], group_f[4]; /* the output is c and what units add at the points */
  double target[4];
  size_t left; /* steps to go */
  /* Since units were sorted: steps; what near units cost in them, what looks at all units did; how
   * many times the cost of sorting the first may be; near units of a step the time before. */
  size_t steps;
  double cost, looks, patience, before;
  size_t pause, waited; /* steps without groups, in all and so far */
  double sum[4];        /* of errors, over `summed` steps */
  size_t summed;
} limn_groups_run;

/* Cost of examining all units, and of sorting them, in steps of all units one by one (examining one
 * unit takes about as long as stepping one vector of them). */
static inline double limn_groups_look(const limn_groups_job *j) {
  return (double)j->k->lanes;
}

static inline double limn_groups_sorting(const limn_groups_job *j) {
  return 1.5 * (double)j->k->lanes;
}

/* Half octaves from 1 on, the last one without end: x < limn_octave(i) has limn_octaves(x) <= i. */
enum { LIMN_OCTAVES = 64 };
static inline size_t limn_octaves(float x) {
  uint32_t bits, one = 127 << 1;
  memcpy(&bits, &x, sizeof bits);
  if (!(x >= 1)) return 0;
  return (bits >> 22) - one < LIMN_OCTAVES ? (bits >> 22) - one + 1 : LIMN_OCTAVES;
}

static inline double limn_octave(size_t i) {
  uint32_t bits = (uint32_t)(i + (127 << 1)) << 22;
  float x;
  memcpy(&x, &bits, sizeof x);
  return (double)x;
}

/* Part q (w0, w1, b, v) of all units. */
static inline void *limn_groups_part(const limn_groups_run *r, size_t q) {
  void *parts[4] = {r->units.w0, r->units.w1, r->units.b, r->units.v};
  return parts[q];
}

/* Where parts 0 .. 3 of near unit i are, `lanes` apart: eight vectors hold a vector of units. */
enum { LIMN_NEAR_UNIT = 8 };
static inline size_t limn_near_at(const limn_groups_run *r, size_t i) {
  size_t lane = i & (r->j->k->lanes - 1);
  return (i - lane) * LIMN_NEAR_UNIT + lane;
}

/* Starts a pause without groups: a short one, or twice the last. */
enum { LIMN_PAUSE = 32, LIMN_PAUSE_MOST = 1024 };
static inline void limn_groups_pause(limn_groups_run *r, bool anew) {
  r->pause = anew ? LIMN_PAUSE : r->pause < LIMN_PAUSE_MOST ? 2 * r->pause : LIMN_PAUSE_MOST;
  r->waited = r->summed = 0;
  for (size_t p = 0; p < 4; p++) r->sum[p] = 0;
}

/* A step of near units, or (move = NULL) only their activations and outputs; of groups. The latter
 * tells whether C is within its bounds. */
void limn_near_step(limn_groups_run *r, const double *move);
bool limn_groups_step(limn_groups_run *r, const double e[4]);

/* Near units go back to the net's memory. */
void limn_near_back(limn_groups_run *r);

/* The same, and C is applied to all others. f: the outputs of the net as it then is; of each group
 * the sum of theta theta^T and the number of units. */
typedef struct limn_groups_sums {
  double moments[LIMN_GROUPS][4][4] __attribute__((aligned(64)));
  size_t count[LIMN_GROUPS];
  double f[4];
} limn_groups_sums;
void limn_groups_settle(limn_groups_run *r, limn_groups_sums *sums);

/* Settles and makes groups anew, or none where they do not pay. */
void limn_groups_sort(limn_groups_run *r);

/* No groups: all units are near, in order. Those of a net that is settled. */
void limn_groups_none(limn_groups_run *r);

/* New bounds around C, and outputs; or no groups, where most units would be near. */
void limn_groups_widen(limn_groups_run *r);

/* Whether groups are likely to pay, with errors e now; units settled or without groups. */
bool limn_groups_pay(const limn_groups_run *r, const double e[4]);

#endif
