/* mlp_simd.h: the inner loops of training small nets: a table of functions, one implementation per
 * instruction set and number type.
 *
 * There are two vector layouts. Lanes: entry k of every vector belongs to net k, so that many small
 * nets train at once without sums across a vector; V below means a vector of `lanes` numbers. Wide:
 * one net, vectors run along a layer's outputs; weights are [in][ld] (row i holds the weights that
 * leave input i), rows of activations are padded with zeros to whole vectors.
 *
 * mlp_body.h contains the code. Products are fused multiply-adds where the CPU has them, so
 * instruction sets agree to rounding, not to the bit; the lane functions of AVX2 and AVX-512 do the
 * same operations in the same order. */
#ifndef LIMN_MLP_KERNELS_H
#define LIMN_MLP_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "limn/array.h"
#include "limn/kernel.h"

enum {
  LIMN_TILE_POINTS = 4, /* points that share one reading of the weights */
  LIMN_ROWS_RANK = 64,  /* largest rank of rows_update */
  LIMN_NARROW = 16      /* the outputs of a narrow layer are fewer */
};

/* Index, in V, of unit `unit` at point p in the lanes layout: points form groups of
 * LIMN_TILE_POINTS (the last may be smaller), and a group is [unit][point]. */
static inline size_t limn_lanes_at(size_t p, size_t unit, size_t points, size_t units) {
  size_t first = p - p % LIMN_TILE_POINTS, left = points - first;
  return first * units + unit * (left < LIMN_TILE_POINTS ? left : LIMN_TILE_POINTS) + p - first;
}

/* One hidden layer of ReLUs, 4 points in 2 dimensions, gradient descent on the squared loss: the
 * constants of a step. V: a vector of `lanes` numbers. */
typedef struct limn_one_hidden {
  size_t units;   /* vectors of units; with `across` the lanes of a vector are units of one net */
  bool across;    /* one net, one unit per lane */
  size_t nets;    /* vectors of nets: 1, or 2 that are interleaved; with `across` 1 */
  double x[4][2]; /* the points */
  double kw, kb, kv;       /* rates of input weights, input biases, output weights */
  double kc;               /* rate of the output bias */
  double tolerance, limit; /* stop a lane at loss <= tolerance, or if not loss <= limit */
} limn_one_hidden;

/* Groups of units of such a net that are active at the same points; see train/groups/groups.c. */
enum { LIMN_GROUPS = 16 }; /* a multiple of every instruction set's lanes */
typedef struct limn_groups {
  double x[4][3][LIMN_GROUPS];   /* (x, 1) at the group's active points; 0 at the others */
  double w[3][4][LIMN_GROUPS];   /* C: (w0, w1, b) and */
  double c[4][LIMN_GROUPS];      /* v in terms of their values at the last sort */
  double low[3][4][LIMN_GROUPS]; /* bounds of w */
  double high[3][4][LIMN_GROUPS];
  double s[4][4][LIMN_GROUPS]; /* sum over units of theta theta^T at the last sort */
  double count[LIMN_GROUPS];   /* number of units */
} limn_groups;

/* The parameters of all units, and the group of each. */
typedef struct limn_group_units {
  void *w0, *w1, *b, *v;
  uint8_t *group; /* its active points at the last sort, as a bit mask; LIMN_GROUPS: none */
  size_t n;
} limn_group_units;

/* The optimisers, with the values of limn_mlp_optimizer. */
#define LIMN_STEP_ENUMERATOR(id, word, help) id##_STEP,
enum limn_mlp_step_rule { LIMN_OPTIMIZERS(LIMN_STEP_ENUMERATOR) };

/* The constants of one step of an optimiser on effective weights W = m w. */
typedef struct limn_mlp_step {
  int rule;                  /* limn_mlp_step_rule */
  double rate;               /* of this layer */
  double multiplier;         /* m */
  double momentum;           /* of momentum, nesterov and lion; beta1 of Adam */
  double beta2, epsilon;     /* Adam; lion: beta2 */
  double correct1, correct2; /* Adam: 1 - beta^t */
  const void *corrections;   /* Adam: 1/correct1 and 1/correct2 of each lane (2 V); NULL: those of
                                all */
  double l2, l1, fade;       /* penalties on w; the fraction of w that decays: reference.c */
} limn_mlp_step;

/* Gradient descent of a net of ReLUs with one output on at most LIMN_TILE_POINTS points. */
typedef struct limn_small_layer {
  size_t in, ld, w_at, b_at; /* w: [in][ld], of the output layer [in]; offsets in a block */
  double rate, kb;           /* rate of the weights; rate of the biases / rate */
  double ratio;              /* rate of the layer below / rate */
} limn_small_layer;

typedef struct limn_small {
  size_t layers, points;
  size_t halves; /* 2 for an antisymmetric pair, else 1 */
  const limn_small_layer *layer;
  const double *y, *offset; /* labels; what is subtracted from f, or NULL */
  bool logistic;
  double tolerance, limit; /* stop at loss <= tolerance, or if not loss <= limit */
} limn_small;

/* Up to 4 rows of weights whose units are active at the same points. Offsets: row[] of the rows,
 * delta[] of the deltas at the active points, term[] of each row's unit at each active point. */
typedef struct limn_small_tile {
  uint32_t row[4], delta[4], term[4];
} limn_small_tile;

/* The kernel's state of a hidden layer: zeros before the first call. size: vectors * lanes. */
enum {
  LIMN_SMALL_KINDS = 7, /* shapes of tiles */
  LIMN_SMALL_SETS = 1 << LIMN_TILE_POINTS
};
typedef struct limn_small_units {
  size_t vectors;
  void *x, *delta; /* [point][size] post-activations; errors times -rate */
  uint16_t *on;    /* [point][vector] the active units, one bit per lane */
  uint32_t *row,
      *order; /* [point][size] the active units; [size] all units, sorted by set of active points */
  uint8_t *set;          /* [size] the active points of each unit */
  limn_small_tile *tile; /* at most `size` */
  size_t rows[LIMN_TILE_POINTS], tiles[LIMN_SMALL_KINDS];
} limn_small_units;

enum {
  LIMN_PATCH_SIDE = 8,
  LIMN_PATCH_CELLS = LIMN_PATCH_SIDE * LIMN_PATCH_SIDE,
  LIMN_PATCH_BASIS = LIMN_PATCH_CELLS * 3 / 4 /* a larger basis costs as much as dense evaluation */
};

/* A net to evaluate on patches. The last layer has one output and w [in]; the others have w
 * [in][ld] and b, with zeros from `out` to `padded`, a whole number of vectors. */
typedef struct limn_patch_layer {
  const void *w, *b;
  size_t ld, out, padded;
} limn_patch_layer;

typedef struct limn_patch_net {
  size_t layers, width; /* width: the largest `padded` */
  bool relu;            /* else linear */
  const limn_patch_layer *layer;
} limn_patch_net;

static inline size_t limn_patch_scratch(size_t width) {
  return (2 * LIMN_PATCH_BASIS + 3) * width + (LIMN_PATCH_BASIS + 1) * LIMN_PATCH_CELLS +
         2 * width + 16;
}

typedef struct limn_mlp_kernels {
  size_t lanes;    /* numbers per vector */
  size_t out_tile; /* outputs per tile of the lanes layout [out/tile][in][tile] V; tiles are ldw V
                      apart, ldw >= tile * in */

  /* x = phi(h), s = phi'(h) (s may be NULL); n numbers, a multiple of lanes. x may be h. */
  void (*activate)(limn_phi phi, void *x, void *s, const void *h, size_t n);

  /* h[p][o] = b[o] + sum_i w[i,o] x[p][i]; all arrays are V, points by limn_lanes_at; out is a
   * multiple of out_tile, or 1: the first output of a tile; b may be NULL (zeros). */
  void (*lanes_forward)(void *h, const void *x, const void *w, size_t ldw, const void *b,
                        size_t points, size_t in, size_t out);

  /* to[i,o] += sum_p delta[p][o] x[p][i]; tob[o] += sum_p delta[p][o] * kb (tob may be NULL);
   * back[p][i] = sum_o w[i,o] delta[p][o] (back may be NULL) with w as before the call. `to` may be
   * w if points <= LIMN_TILE_POINTS. */
  void (*lanes_backward)(void *back, void *to, void *tob, const void *w, size_t ldw, const void *x,
                         const void *delta, double kb, size_t points, size_t in, size_t out);

  /* The error of n outputs in each lane: f minus offset (NULL: 0) against target. pair: lanes 2k
   * and 2k+1 are one net, (f_2k - f_2k+1)/sqrt 2. delta = scale * dloss/df, 0 where active is 0.
   * Adds the sum of (f - y)^2/2 or log(1 + exp(-y f)) to loss (1 V). */
  void (*lanes_error)(void *delta, void *loss, const void *f, const void *target,
                      const void *offset, const void *active, size_t n, bool logistic, bool pair,
                      double scale);

  /* delta = ratio * slope * back; n numbers, a multiple of lanes; delta may be back. */
  void (*slope)(void *delta, const void *back, const void *slope, double ratio, size_t n);

  /* At most `steps` steps of one hidden layer. units: [unit][8] V: two input weights, bias, output
   * weight, then four post-activations (set here). c (1 V): output bias. target (4 V). With o->nets
   * = 2 all of these twice, one vector of nets after the other. loss (1 V): the loss before the
   * last step, or at the stop. Adds the steps of each lane to done (lanes). active (lanes): 0 for
   * lanes that have stopped or must not train. Returns whether any lane is active. If points 0, 1
   * and points 2, 3 share x[][0], and 0, 2 and 1, 3 share x[][1], a step needs fewer operations;
   * still fewer if these are -1 and 1, and kb is kw. */
  bool (*one_hidden)(void *units, void *c, const void *target, const limn_one_hidden *o,
                     size_t steps, void *loss, double *done, double *active);

  /* One step of n vectors of units of one net (one unit per lane), in the same layout. move: the
   * change of v per unit of activation at the four points (-kv e/4), then that of the input weights
   * per unit of slope (-kw e/4); NULL: no step, only the post-activations. sum (4): the units'
   * contribution to the output at the points afterwards. */
  void (*one_hidden_part)(void *units, size_t n, const limn_one_hidden *o, const double *move,
                          double *sum);

  /* One step of n groups with errors e (0: only the outputs); sum: their contribution to the
   * outputs afterwards. Returns whether w is within its bounds. NULL except in the table for
   * double. */
  bool (*groups_step)(limn_groups *g, size_t n, const limn_one_hidden *o, const double e[4],
                      double sum[4]);

  /* theta = matrix[group] theta, rounded to the type (by columns: [group][k][.] multiplies theta's
   * entry k; NULL: no change). Then sets each unit's group to its active points, and moments and
   * count to the sum of theta theta^T and the number of units of each group. */
  void (*groups_apply)(const limn_group_units *units, const limn_one_hidden *o,
                       const double (*matrix)[4][4], double (*moments)[4][4], size_t *count);

  /* margin[u] = min_p (z_p / sum_k bound[group][k][p] |theta_k|)^2, the square of the factor by
   * which the bounds may grow before unit u can cross a kink. */
  void (*groups_margins)(const limn_group_units *units, const limn_one_hidden *o,
                         const double (*bound)[4][4], float *margin);

  /* At most `steps` steps of a net with hidden layers units[half][] and parameters block[half], on
   * points x (points, in) in the nets' type. *loss is the loss after *done steps. Returns whether
   * the net may continue. */
  bool (*small)(const limn_small *s, limn_small_units *const *units, void *const *block,
                const void *x, size_t steps, double *loss, size_t *done);

  /* h[p][o0..o1) (+)= sum_i x[p][i] w[i][o0..o1); o0, o1 are multiples of lanes; `add` adds to h.
   */
  void (*wide_forward)(void *h, size_t ldh, const void *x, size_t ldx, const void *w, size_t ldw,
                       size_t points, size_t in, size_t o0, size_t o1, bool add);

  /* back[p][i] = sum_o delta[p][o] w[i][o], i0 <= i < i1; out is a multiple of lanes. */
  void (*wide_backward)(void *back, size_t ldb, const void *delta, size_t ldd, const void *w,
                        size_t ldw, size_t points, size_t i0, size_t i1, size_t out);

  /* w[i][o] += sum_k x[k][i] delta[k][o], i0 <= i < i1; out is a multiple of lanes. */
  void (*wide_update)(void *w, size_t ldw, const void *x, size_t ldx, const void *delta, size_t ldd,
                      size_t rank, size_t i0, size_t i1, size_t out);

  /* The same three for the n rows of a list instead of a range, and at most LIMN_TILE_POINTS
   * points, of which only those in the bit mask `on` count: x (or back) of these rows is 0 at the
   * others. Forward adds to h. Update skips terms whose x is 0; rank <= LIMN_ROWS_RANK. */
  void (*rows_forward)(void *h, size_t ldh, const void *x, size_t ldx, const void *w, size_t ldw,
                       const uint32_t *row, size_t n, unsigned on, size_t o0, size_t o1);
  void (*rows_backward)(void *back, size_t ldb, const void *delta, size_t ldd, const void *w,
                        size_t ldw, const uint32_t *row, size_t n, unsigned on, size_t out);
  void (*rows_update)(void *w, size_t ldw, const void *x, size_t ldx, const void *delta, size_t ldd,
                      size_t rank, const uint32_t *row, size_t n, size_t out);

  /* The same three for a layer narrower than a vector: w is [in][out] without padding; forward adds
   * to h; rows of x are padded with zeros. */
  void (*narrow_forward)(void *h, size_t ldh, const void *x, size_t ldx, const void *w,
                         size_t points, size_t in, size_t out);
  void (*narrow_backward)(void *back, size_t ldb, const void *delta, size_t ldd, const void *w,
                          size_t points, size_t i0, size_t i1, size_t out);
  void (*narrow_update)(void *w, const void *x, size_t ldx, const void *delta, size_t ldd,
                        size_t rank, size_t in, size_t out);

  /* h[o] = b[o] + sum_i w[i][o] x[i], with `relu` max(h, 0), at each of `points` points; in >= 1.
   * Points form groups of point_group, `ld` numbers apart; a group is [unit][point_group]. Of the
   * last group only the vectors that contain a point are computed. w: [in][ldw], padded or not. */
  size_t point_group;
  void (*points_forward)(void *h, const void *x, size_t ld, const void *w, size_t ldw,
                         const void *b, size_t points, size_t in, size_t out, bool relu);

  /* out (CELLS): a net of two inputs and one output on the patch of SIDE x SIDE points, x fastest,
   * within `half` of `centre`. Returns false, with out undefined, if its basis would exceed BASIS
   * or a value is not finite. Adds the number of units that kink inside to *kinks. scratch:
   * limn_patch_scratch() numbers, aligned to a cache line. */
  bool (*patch)(double *out, const limn_patch_net *net, void *work, const double centre[2],
                const double half[2], size_t *kinks);

  /* One step of an optimiser on n numbers, a multiple of lanes. g: the gradient by the effective
   * weights; u, v: the optimiser's moments (NULL if it has none). active: V of 0/1, repeated; NULL:
   * all. */
  void (*update)(void *w, const void *g, void *u, void *v, size_t n, const limn_mlp_step *step,
                 const void *active);
} limn_mlp_kernels;

extern const limn_mlp_kernels limn_mlp_ref_f32, limn_mlp_ref_f64, limn_mlp_avx2_f32,
    limn_mlp_avx2_f64, limn_mlp_avx512_f32, limn_mlp_avx512_f64;

/* The table for the instruction set in use. */
const limn_mlp_kernels *limn_mlp_kernels_of(limn_dtype dtype);

/* Test hook: use these tables whatever the instruction set; NULL, NULL restores the default. */
void limn_mlp_kernels_use(const limn_mlp_kernels *f32, const limn_mlp_kernels *f64);

#endif
