/* groups.h: the state of nets whose hidden units move in groups; shared by the files of
 * train/groups. */
#ifndef LIMN_MLP_GROUPS_H
#define LIMN_MLP_GROUPS_H

#include "num/mlp/train/shared.h"

enum {
  LIMN_NEAR = LIMN_GROUPS
}; /* the number of the units that are stepped one by one, called near: near a kink */

typedef struct limn_groups_job {
  const limn_mlp_work *work;
  const limn_mlp_kernels *k, *k64; /* for the nets' type; for double */
  const limn_one_hidden *shape;
  const size_t *order; /* of the points */
  limn_dtype type;
  size_t vector; /* bytes per vector */
  limn_mlp_workers workers;
} limn_groups_job;

/* A net in training. The number of a group is its set of active points, as a bit mask. */
typedef struct limn_groups_run {
  const limn_groups_job *j;
  limn_group_units units; /* in the net's block: the values at the last sort */
  limn_groups *g;
  size_t slot_of[LIMN_GROUPS], slots; /* index of each group in g, LIMN_GROUPS: none; groups in g */
  double (*table)[4][4];              /* scratch: a matrix for each group and LIMN_NEAR */
  char *near;                         /* near units in the kernel's layout, */
  uint32_t *who;                      /* and their indices */
  size_t near_count;
  float *margin;
  double c, near_f[4], group_f[4]; /* f(x_p) = c + near_f[p] + group_f[p] */
  double target[4];
  size_t left; /* steps to go */
  /* Since the last sort, in steps of one unit each: `steps` taken; near_cost, the sum of near_count
   * over them; scans_cost, of the scans of all units. The next sort is due when near_cost exceeds
   * `patience` times its cost. before: near units per step in the previous period. */
  size_t steps;
  double near_cost, scans_cost, patience, before;
  size_t pause, waited; /* length of a pause without groups; steps of it so far */
  double sum[4];        /* sum of the errors over `summed` steps */
  size_t summed;
} limn_groups_run;

/* Cost of a scan of all units, and of a sort, per unit, in steps of one unit (a scan of one unit
 * takes about as long as a step of one vector of units). */
static inline double limn_groups_scan_cost(const limn_groups_job *j) {
  return (double)j->k->lanes;
}

static inline double limn_groups_sort_cost(const limn_groups_job *j) {
  return 1.5 * (double)j->k->lanes;
}

/* Logarithmic bins, two per octave from 1 on, the last one unbounded: x < limn_bin_end(i) if and
 * only if limn_bin_of(x) <= i. */
enum { LIMN_BINS = 64 };
static inline size_t limn_bin_of(float x) {
  uint32_t bits, one = 127 << 1;
  memcpy(&bits, &x, sizeof bits);
  if (!(x >= 1)) return 0;
  return (bits >> 22) - one < LIMN_BINS ? (bits >> 22) - one + 1 : LIMN_BINS;
}

static inline double limn_bin_end(size_t i) {
  uint32_t bits = (uint32_t)(i + (127 << 1)) << 22;
  float x;
  memcpy(&x, &bits, sizeof x);
  return (double)x;
}

/* The q-th parameter (w0, w1, b, v) of all units. */
static inline void *limn_groups_parameter(const limn_groups_run *r, size_t q) {
  void *parts[4] = {r->units.w0, r->units.w1, r->units.b, r->units.v};
  return parts[q];
}

/* Index of the first parameter of near unit i; its four parameters are `lanes` apart. Eight vectors
 * hold a vector of units. */
enum { LIMN_NEAR_UNIT = 8 };
static inline size_t limn_near_at(const limn_groups_run *r, size_t i) {
  size_t lane = i & (r->j->k->lanes - 1);
  return (i - lane) * LIMN_NEAR_UNIT + lane;
}

/* Starts a pause without groups: LIMN_PAUSE_STEPS with `anew`, else twice the previous one. */
enum { LIMN_PAUSE_STEPS = 32, LIMN_PAUSE_MAX_STEPS = 1024 };
static inline void limn_groups_pause(limn_groups_run *r, bool anew) {
  r->pause = anew                              ? LIMN_PAUSE_STEPS
             : r->pause < LIMN_PAUSE_MAX_STEPS ? 2 * r->pause
                                               : LIMN_PAUSE_MAX_STEPS;
  r->waited = r->summed = 0;
  for (size_t p = 0; p < 4; p++) r->sum[p] = 0;
}

/* near: one step of the near units, or with move = NULL only their activations and outputs. groups:
 * one step of the groups; returns whether C is within its bounds. */
void limn_near_step(limn_groups_run *r, const double *move);
bool limn_groups_step(limn_groups_run *r, const double e[4]);

/* Copies the near units to the net's block; no unit is near afterwards. */
void limn_near_store(limn_groups_run *r);

/* limn_near_store, then applies C to the units of groups. f: the outputs of the net afterwards;
 * moments and count: of each group the sum of theta theta^T and the number of units. */
typedef struct limn_groups_sums {
  double moments[LIMN_GROUPS][4][4] __attribute__((aligned(64)));
  size_t count[LIMN_GROUPS];
  double f[4];
} limn_groups_sums;
void limn_groups_apply(limn_groups_run *r, limn_groups_sums *sums);

/* Applies the groups and forms new ones, or none if they do not reduce the cost. */
void limn_groups_sort(limn_groups_run *r);

/* Dissolves the groups: all units are near, in order. All units must be up to date in the block. */
void limn_groups_dissolve(limn_groups_run *r);

/* Sets new bounds around C, and computes the outputs; or dissolves the groups if most units would
 * be near. */
void limn_groups_widen(limn_groups_run *r);

/* Predicts whether groups reduce the cost, at errors e; the units must be up to date in the block,
 * or without groups. */
bool limn_groups_cheaper(const limn_groups_run *r, const double e[4]);

#endif
