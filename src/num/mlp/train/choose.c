/* choose.c: which algorithm trains a net: a table of five, tried in order.
 *
 *   groups      one hidden layer of ReLUs, four points in the plane, gradient descent: units move
 *               in groups by one linear map, so a step hardly depends on the width
 *   one_hidden  the same nets when narrower: a step is one fused pass over the units
 *   small       deeper nets of ReLUs on at most four points that fit in L2: one net at a time,
 *               inactive units are skipped
 *   lanes       many small nets of any kind: one net a vector lane
 *   wide        everything else: one net at a time, vectors along a layer's outputs, threads
 *               within a net, BLAS for many points
 *
 * The choice depends on the shapes and the rule alone, never on threads or on how the steps are
 * divided into calls, so that results do not either. Thresholds were measured on AVX2 and AVX-512
 * machines; moving one changes rounding, not mathematics. */
#include "num/mlp/train/choose.h"
#include "num/mlp/train/algorithms.h"

/* ---- groups, one_hidden ---- */

enum {
  /* From so many hidden units on, sorting units into groups costs less than stepping each; below,
   * the fused pass over all units does. */
  GROUPS_LEAST_UNITS = 256
};

/* The shape that the fused kernels are written for. */
static bool one_hidden_shape(const limn_mlp_work *work) {
  const limn_mlp_spec *s = &work->net->spec;
  return s->layers == 2 && s->activation == LIMN_PHI_RELU && s->sizes[0] == 2 && s->sizes[2] == 1 &&
         work->points == 4 && work->plain && work->rule->loss == LIMN_LOSS_MSE &&
         work->net->halves == 1 && work->step_w[0] > 0 && work->step_w[1] > 0;
}

static bool groups_fits(const limn_mlp_work *work) {
  return one_hidden_shape(work) && work->net->spec.sizes[1] >= GROUPS_LEAST_UNITS;
}

/* ---- small ---- */

enum {
  /* Narrower layers than a vector or two leave nothing to skip. */
  SMALL_LEAST_UNITS = 16,
  /* In wider layers the rows of weights that belong to active units fall on few cache sets. */
  SMALL_MOST_UNITS = 448,
  /* Parameters of a net beyond this leave L2, where `wide` reads them with less traffic. */
  SMALL_MOST_BYTES = 2 << 20,
  /* Below this many hidden-to-hidden weights a layer (on average), many nets at once, one a lane,
   * beat skipping the half that is inactive. */
  SMALL_LEAST_WEIGHTS = 24 * 24,
  /* With fewer blocks than this lanes stay empty, so `lanes` is no rival and any size will do; but
   * a layer of SMALL_TEAM_WEIGHTS or more trains faster with a team of threads in it (`wide`). */
  SMALL_FEW_BLOCKS = 4,
  SMALL_TEAM_WEIGHTS = 1 << 16
};

static bool small_fits(const limn_mlp_work *work) {
  const limn_mlp *net = work->net;
  const limn_mlp_spec *s = &net->spec;
  size_t largest = 0, weights = 0, hidden = s->layers - 1;
  if (hidden < 2 || s->activation != LIMN_PHI_RELU || s->sizes[s->layers] != 1 || !work->plain ||
      work->points > LIMN_TILE_POINTS || net->block * limn_real(s->dtype) > SMALL_MOST_BYTES)
    return false;
  for (size_t l = 0; l < s->layers; l++)
    if (work->step_w[l] == 0) return false;
  for (size_t l = 1; l <= hidden; l++) {
    if (s->sizes[l] < SMALL_LEAST_UNITS || s->sizes[l] > SMALL_MOST_UNITS) return false;
    if (l == hidden) break;
    size_t n = s->sizes[l] * s->sizes[l + 1];
    weights += n;
    if (n > largest) largest = n;
  }
  return net->blocks < SMALL_FEW_BLOCKS ? largest < SMALL_TEAM_WEIGHTS
                                        : weights >= SMALL_LEAST_WEIGHTS * (hidden - 1);
}

/* ---- lanes ---- */

enum {
  /* With fewer blocks most lanes of a vector would repeat the last one. */
  LANES_LEAST_BLOCKS = 4,
  /* A task holds as many nets as a vector has lanes: larger ones do not fit in the caches. */
  LANES_MOST_NUMBERS = 40000,
  /* Activations of every point are kept for every lane; for more points BLAS is faster. */
  LANES_MOST_POINTS = 4096
};

static bool lanes_fits(const limn_mlp_work *work) {
  return work->net->block <= LANES_MOST_NUMBERS && work->points <= LANES_MOST_POINTS &&
         work->net->blocks >= LANES_LEAST_BLOCKS;
}

/* ---- wide ---- */

static bool always(const limn_mlp_work *work) {
  (void)work;
  return true;
}

/* ---- the table ---- */

static const limn_mlp_algorithm algorithms[] = {
    {"groups", groups_fits, limn_mlp_train_groups},
    {"one_hidden", one_hidden_shape, limn_mlp_train_one_hidden},
    {"small", small_fits, limn_mlp_train_small},
    {"lanes", lanes_fits, limn_mlp_train_lanes},
    {"wide", always, limn_mlp_train_wide},
};

const limn_mlp_algorithm *limn_mlp_choose(const limn_mlp_work *work) {
  const limn_mlp_algorithm *a = algorithms;
  while (!a->fits(work)) a++;
  return a;
}

const char *limn_mlp_algorithm_name(limn_mlp *net, const limn_mlp_rule *rule, size_t points) {
  limn_mlp_work work = limn_mlp_work_of(net, rule, points);
  return limn_mlp_choose(&work)->name;
}
