/* choose.c: the choice of the algorithm that trains a net: a table of five rows, tried in order.
 *
 *   groups      one hidden layer of ReLUs, four points in the plane, gradient descent: units with
 *               the same active points move by one linear map, so that the cost of a step hardly
 *               depends on the width
 *   one_hidden  the same nets, narrower: a step is one fused pass over the units
 *   small       deeper nets of ReLUs on at most four points that fit in L2: one net at a time,
 *               inactive units are skipped
 *   lanes       many small nets of any kind: one net per vector lane
 *   wide        everything else: one net at a time, vectors along a layer's outputs, threads
 *               within a net, BLAS for many points
 *
 * The choice depends on the shapes and the rule alone, not on the number of threads or on how the
 * steps are divided into calls; therefore neither changes a result. The thresholds were measured on
 * AVX2 and AVX-512 machines. Changing one changes rounding only. */
#include "num/mlp/train/choose.h"
#include "num/mlp/activation.h"
#include "num/mlp/loss.h"
#include "num/mlp/train/algorithms.h"

/* ---- lanes, and the block count that `small` depends on too ---- */

enum {
  /* With fewer blocks most lanes of a vector would repeat the last block. */
  LANES_MIN_BLOCKS = 4,
  /* A task holds as many nets as a vector has lanes; larger nets do not fit in the caches. */
  LANES_MAX_NUMBERS = 40000,
  /* The activations of every point are kept for every lane; for more points BLAS is faster. */
  LANES_MAX_POINTS = 4096
};

static bool lanes_fits(const limn_mlp_work *work) {
  return !work->each && !work->projected && work->rule->temperature == 0 &&
         limn_mlp_vector_phi(work->net->spec.activation) && work->net->block <= LANES_MAX_NUMBERS &&
         work->points <= LANES_MAX_POINTS && work->net->blocks >= LANES_MIN_BLOCKS &&
         (work->rule->batch == 0 || limn_mlp_in_step(work->net)); /* one batch for all lanes */
}

/* ---- groups, one_hidden ---- */

enum {
  /* Below this many hidden units the fused pass over all units is cheaper than sorting them into
   * groups. */
  GROUPS_MIN_UNITS = 256
};

/* The case that the fused kernels implement. */
static bool one_hidden_shape(const limn_mlp_work *work) {
  const limn_mlp_spec *s = &work->net->spec;
  return s->layers == 2 && s->activation == LIMN_PHI_RELU && s->sizes[0] == 2 && s->sizes[2] == 1 &&
         work->points == 4 && work->plain && work->rule->loss == LIMN_LOSS_MSE &&
         work->net->halves == 1 && work->rate_w[0] > 0 && work->rate_w[1] > 0;
}

static bool groups_fits(const limn_mlp_work *work) {
  return one_hidden_shape(work) && work->net->spec.sizes[1] >= GROUPS_MIN_UNITS;
}

/* ---- small ---- */

enum {
  /* Layers of one or two vectors have too few units to skip. */
  SMALL_MIN_UNITS = 16,
  /* In wider layers the rows of weights of the active units map to few cache sets. */
  SMALL_MAX_UNITS = 448,
  /* A larger net does not fit in L2; `wide` then needs less memory traffic. */
  SMALL_MAX_BYTES = 2 << 20,
  /* With fewer hidden-to-hidden weights per layer, on average, `lanes` is faster although it does
   * not skip inactive units. */
  SMALL_MIN_MEAN_WEIGHTS = 24 * 24,
  /* With fewer than LANES_MIN_BLOCKS blocks `lanes` does not apply, so there is no minimum of
   * weights; but a layer of this many weights trains faster with several threads (`wide`). */
  SMALL_TEAM_WEIGHTS = 1 << 16
};

static bool small_fits(const limn_mlp_work *work) {
  const limn_mlp *net = work->net;
  const limn_mlp_spec *s = &net->spec;
  size_t largest = 0, weights = 0, hidden = s->layers - 1;
  if (hidden < 2 || s->activation != LIMN_PHI_RELU || s->sizes[s->layers] != 1 || !work->plain ||
      !limn_mlp_vector_loss(work->rule->loss) || work->points > LIMN_TILE_POINTS ||
      net->block * limn_real(s->dtype) > SMALL_MAX_BYTES)
    return false;
  for (size_t l = 0; l < s->layers; l++)
    if (work->rate_w[l] == 0) return false;
  for (size_t l = 1; l <= hidden; l++) {
    if (s->sizes[l] < SMALL_MIN_UNITS || s->sizes[l] > SMALL_MAX_UNITS) return false;
    if (l == hidden) break;
    size_t n = s->sizes[l] * s->sizes[l + 1];
    weights += n;
    if (n > largest) largest = n;
  }
  return net->blocks < LANES_MIN_BLOCKS ? largest < SMALL_TEAM_WEIGHTS
                                        : weights >= SMALL_MIN_MEAN_WEIGHTS * (hidden - 1);
}

/* ---- wide ---- */

static bool always(const limn_mlp_work *work) {
  (void)work;
  return true;
}

/* ---- the table ---- */

static const limn_mlp_algorithm algorithms[] = {
    {"groups", groups_fits, limn_mlp_train_groups, NULL},
    {"one_hidden", one_hidden_shape, limn_mlp_train_one_hidden, NULL},
    {"small", small_fits, limn_mlp_train_small, NULL},
    {"lanes", lanes_fits, NULL, &limn_mlp_lanes},
    {"wide", always, NULL, &limn_mlp_wide},
};

const limn_mlp_algorithm *limn_mlp_choose(const limn_mlp_work *work) {
  const limn_mlp_algorithm *a = algorithms;
  while (!a->fits(work)) a++;
  return a;
}

const char *limn_mlp_algorithm_name(const limn_mlp *net, const limn_mlp_rule *rule, size_t points) {
  limn_mlp same = *net; /* the work of a run may change its net; choosing does not */
  limn_mlp_work work = limn_mlp_work_of(&same, rule, points);
  return limn_mlp_choose(&work)->name;
}
