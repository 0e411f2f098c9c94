/* mlp_simd.h: the hot loops of small-net training, one implementation an instruction set and
 * number type, one table.
 *
 * Two ways to fill a vector. Lanes: entry k of every vector belongs to net k, so that many small
 * nets train at once without any sum across a vector ("rows of vectors", written V below, lanes
 * fastest). Wide: one net, vectors run along a layer's outputs; weights are [in][ld] (row i holds
 * what leaves input i), rows of activations are padded with zeros to a whole number of vectors.
 *
 * Everything is instantiated from mlp_body.h. Products are fused multiply-adds where the machine
 * has them, so instruction sets agree to rounding, not to the bit; the AVX2 and AVX-512 lanes do
 * the same operations in the same order. */
#ifndef LIMN_MLP_KERNELS_H
#define LIMN_MLP_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "limn/array.h"
#include "limn/kernel.h"

enum {
  LIMN_TILE_POINTS = 4, /* points that share one reading of the weights */
  LIMN_ROWS_RANK = 64   /* most terms of rows_update */
};

/* Where point p's value of a unit lies in the lanes layout, in V: points go in groups of
 * LIMN_TILE_POINTS (the last may be smaller), and the values of a group lie [unit][point]. */
static inline size_t limn_lanes_at(size_t p, size_t unit, size_t points, size_t units) {
  size_t first = p - p % LIMN_TILE_POINTS, left = points - first;
  return first * units + unit * (left < LIMN_TILE_POINTS ? left : LIMN_TILE_POINTS) + p - first;
}

/* One hidden layer of ReLUs, 4 points in 2 dimensions, gradient descent on the squared loss: all
 * that a step needs beside the units. Vectors of `lanes` numbers where a comment says V. */
typedef struct limn_one_hidden {
  size_t units;      /* vectors of units: with `across`, lanes of a vector are units of one net */
  bool across;       /* one net, one unit a lane */
  size_t nets;       /* vectors of nets: 1, or 2 that alternate; with `across` 1 */
  double x[4][2];    /* the points */
  double kw, kb, kv; /* rates of input weights, input biases, output weights, on the mean loss */
  double kc;         /* and of the output bias */
  double tolerance, limit; /* stop a lane at loss <= tolerance, or when it is not <= limit */
} limn_one_hidden;

/* Units of such a net in groups that are on at the same points; see train/groups/groups.c. */
enum { LIMN_GROUPS = 16 }; /* a multiple of every instruction set's lanes */
typedef struct limn_groups {
  double x[4][3][LIMN_GROUPS];   /* the points at which a group is on, (x, 1); 0 at the others */
  double w[3][4][LIMN_GROUPS];   /* C: what (w0, w1, b) and */
  double c[4][LIMN_GROUPS];      /* v are in terms of what units were when sorted */
  double low[3][4][LIMN_GROUPS]; /* the bounds of w */
  double high[3][4][LIMN_GROUPS];
  double s[4][4][LIMN_GROUPS]; /* sum over units of theta theta^T when sorted */
  double count[LIMN_GROUPS];   /* of them */
} limn_groups;

/* All units, by part, and the group of each. */
typedef struct limn_group_units {
  void *w0, *w1, *b, *v;
  uint8_t *group; /* the points at which it was on, as bits; LIMN_GROUPS: on its own */
  size_t n;
} limn_group_units;

/* How an optimiser turns gradients of effective weights W = m w into steps. */
typedef struct limn_mlp_step {
  int rule;                  /* limn_mlp_optimizer */
  double rate;               /* of this layer */
  double multiplier;         /* m */
  double momentum;           /* of momentum; beta1 of Adam */
  double beta2, epsilon;     /* Adam */
  double correct1, correct2; /* Adam: 1 - beta^t */
  double l2, l1;             /* on w; l1 by soft thresholding */
} limn_mlp_step;

/* Gradient descent of a net of ReLUs with one output on at most LIMN_TILE_POINTS points. */
typedef struct limn_small_layer {
  size_t in, ld, w_at, b_at; /* w: [in][ld], of the output layer [in]; places in a block */
  double step, kb;           /* rate of the weights; that of the biases over it */
  double ratio;              /* the rate of the layer below over `step` */
} limn_small_layer;

typedef struct limn_small {
  size_t layers, points;
  size_t halves; /* nets: 2 of an antisymmetric pair, else 1 */
  const limn_small_layer *layer;
  const double *y, *offset; /* labels; what to take from f, or NULL */
  bool logistic;
  double tolerance, limit; /* stop at loss <= tolerance, or when it is not <= limit */
} limn_small;

/* Rows of weights that take part at the same points: row[] where they begin, delta[] where their
 * points' deltas do, term[] the place of each row's unit at each of its points. */
typedef struct limn_small_tile {
  uint32_t row[4], delta[4], term[4];
} limn_small_tile;

/* What the kernel keeps of a hidden layer: zeros before its first call. size: vectors * lanes. */
enum {
  LIMN_SMALL_KINDS = 7, /* of tiles */
  LIMN_SMALL_SETS = 1 << LIMN_TILE_POINTS
};
typedef struct limn_small_units {
  size_t vectors;
  void *x, *delta;       /* [point][size] post-activations, and errors times -rate */
  uint16_t *on;          /* [point][vector] a bit a lane */
  uint32_t *row, *order; /* [point][size] the units that are on; [size] all, by set of points */
  uint8_t *set;          /* [size] the points at which a unit is on */
  limn_small_tile *tile; /* at most `size` */
  size_t rows[LIMN_TILE_POINTS], tiles[LIMN_SMALL_KINDS];
} limn_small_units;

enum {
  LIMN_PATCH_SIDE = 8,
  LIMN_PATCH_CELLS = LIMN_PATCH_SIDE * LIMN_PATCH_SIDE,
  LIMN_PATCH_BASIS = LIMN_PATCH_CELLS * 3 / 4 /* with more functions points are as cheap */
};

/* A net whose map is drawn. The last layer has one output and w [in]; the others w [in][ld] and b,
 * zeros from out to padded, a whole number of vectors. */
typedef struct limn_patch_layer {
  const void *w, *b;
  size_t ld, out, padded;
} limn_patch_layer;

typedef struct limn_patch_net {
  size_t layers, width; /* width: the largest padded */
  bool relu;            /* or linear */
  const limn_patch_layer *layer;
} limn_patch_net;

static inline size_t limn_patch_work(size_t width) {
  return (2 * LIMN_PATCH_BASIS + 3) * width + (LIMN_PATCH_BASIS + 1) * LIMN_PATCH_CELLS +
         2 * width + 16;
}

typedef struct limn_mlp_kernels {
  size_t lanes;    /* numbers of a vector */
  size_t out_tile; /* outputs that lie together in the lanes layout: [out/tile][in][tile] V, the
                      tiles ldw V apart, ldw at least in * tile */

  /* x = phi(h) and, unless s is NULL, s = phi'(h); n numbers, n a multiple of lanes. x may be h. */
  void (*activate)(limn_phi phi, void *x, void *s, const void *h, size_t n);

  /* h[p][o] = b[o] + sum_i w[i,o] x[p][i]: V everywhere, points by limn_lanes_at; out a multiple of
   * out_tile; b may be NULL (zeros). */
  void (*lanes_forward)(void *h, const void *x, const void *w, size_t ldw, const void *b,
                        size_t points, size_t in, size_t out);

  /* to[i,o] += sum_p delta[p][o] x[p][i], tob[o] += sum_p delta[p][o] * kb (tob may be NULL) and,
   * unless back is NULL, back[p][i] = sum_o w[i,o] delta[p][o] with the w before the call; `to` may
   * be w when points <= LIMN_TILE_POINTS. */
  void (*lanes_backward)(void *back, void *to, void *tob, const void *w, size_t ldw, const void *x,
                         const void *delta, double kb, size_t points, size_t in, size_t out);

  /* The error of n outputs of each lane: f minus offset (NULL: 0) against target; with pair, lanes
   * 2k and 2k+1 are one net (f_2k - f_2k+1)/sqrt 2. delta = scale * dloss/df, 0 where active is 0;
   * loss (1 V) gains the sum of (f - y)^2/2, or log(1 + exp(-y f)). */
  void (*lanes_error)(void *delta, void *loss, const void *f, const void *target,
                      const void *offset, const void *active, size_t n, bool logistic, bool pair,
                      double scale);

  /* delta = ratio * slope * back, n numbers, a multiple of lanes; delta may be back. */
  void (*slope)(void *delta, const void *back, const void *slope, double ratio, size_t n);

  /* units: [unit][8] V: two input weights, bias, output weight, then four post-activations (filled
   * here). c (1 V): output bias. target (4 V). With o->nets = 2 all of these twice, the second
   * vector of nets behind the first. Runs at most `steps` steps; loss (1 V) is the loss before the
   * last step or at the stop; done (lanes) counts the steps each lane took; active (lanes) is 0 for
   * lanes that stopped or shall not move. Returns whether any lane is active. When points 0, 1 and
   * points 2, 3 share x[][0], and 0, 2 and 1, 3 share x[][1], a step takes fewer operations; fewer
   * still when these are -1 and 1, and kb is kw. */
  bool (*one_hidden)(void *units, void *c, const void *target, const limn_one_hidden *o,
                     size_t steps, void *loss, double *done, double *active);

  /* One step of n vectors of units that are part of one net (a unit a lane), laid out as above.
   * move: what v gains per unit of activation at the four points (-kv e/4), then the like for the
   * input weights per unit of slope (-kw e/4); NULL: no step, only post-activations. sum (4): what
   * these units then add to the output at the points. */
  void (*one_hidden_part)(void *units, size_t n, const limn_one_hidden *o, const double *move,
                          double *sum);

  /* One step of n groups with errors e (0: none); sum: what they then add to the outputs. Whether w
   * is within its bounds. NULL but in the table for double. */
  bool (*groups_step)(limn_groups *g, size_t n, const limn_one_hidden *o, const double e[4],
                      double sum[4]);

  /* theta = matrix[group] theta (by column: [group][k][.] belongs to theta's entry k), rounded;
   * then group becomes the points at which the unit is on; of each group the sum of theta theta^T
   * and the number of units. */
  void (*groups_settle)(const limn_group_units *units, const limn_one_hidden *o,
                        const double (*matrix)[4][4], double (*moments)[4][4], size_t *count);

  /* reach[u] = min_p (z_p / sum_k bound[group][k][p] |theta_k|)^2. */
  void (*groups_reach)(const limn_group_units *units, const limn_one_hidden *o,
                       const double (*bound)[4][4], float *reach);

  /* Steps of a net whose hidden layers are units[half][], parameters block[half], on points x
   * (points, in) of the kernel's type: at most `steps`. *loss is the loss after *done steps;
   * returns whether the net may go on. */
  bool (*small)(const limn_small *s, limn_small_units *const *units, void *const *block,
                const void *x, size_t steps, double *loss, size_t *done);

  /* h[p][o0..o1) (+)= sum_i x[p][i] w[i][o0..o1); o0, o1 multiples of lanes; `add` keeps the old h.
   */
  void (*wide_forward)(void *h, size_t ldh, const void *x, size_t ldx, const void *w, size_t ldw,
                       size_t points, size_t in, size_t o0, size_t o1, bool add);

  /* back[p][i] = sum_o delta[p][o] w[i][o], i0 <= i < i1; out a multiple of lanes. */
  void (*wide_backward)(void *back, size_t ldb, const void *delta, size_t ldd, const void *w,
                        size_t ldw, size_t points, size_t i0, size_t i1, size_t out);

  /* w[i][o] += sum_k x[k][i] delta[k][o], i0 <= i < i1; out a multiple of lanes. */
  void (*wide_update)(void *w, size_t ldw, const void *x, size_t ldx, const void *delta, size_t ldd,
                      size_t rank, size_t i0, size_t i1, size_t out);

  /* The same three over n rows of a list instead of a range, for at most LIMN_TILE_POINTS points.
   * Of them only those in the bits of `on` count: the rows' x (their back) is 0 at the others.
   * Forward adds to h; update leaves out terms whose x is 0; rank <= LIMN_ROWS_RANK. */
  void (*rows_forward)(void *h, size_t ldh, const void *x, size_t ldx, const void *w, size_t ldw,
                       const uint32_t *row, size_t n, unsigned on, size_t o0, size_t o1);
  void (*rows_backward)(void *back, size_t ldb, const void *delta, size_t ldd, const void *w,
                        size_t ldw, const uint32_t *row, size_t n, unsigned on, size_t out);
  void (*rows_update)(void *w, size_t ldw, const void *x, size_t ldx, const void *delta, size_t ldd,
                      size_t rank, const uint32_t *row, size_t n, size_t out);

  /* The same three for a layer too narrow for a vector: w is [in][out] without padding; forward
   * adds to h, rows of x are padded with zeros. */
  void (*narrow_forward)(void *h, size_t ldh, const void *x, size_t ldx, const void *w,
                         size_t points, size_t in, size_t out);
  void (*narrow_backward)(void *back, size_t ldb, const void *delta, size_t ldd, const void *w,
                          size_t points, size_t i0, size_t i1, size_t out);
  void (*narrow_update)(void *w, const void *x, size_t ldx, const void *delta, size_t ldd,
                        size_t rank, size_t in, size_t out);

  /* h[o] = b[o] + sum_i w[i][o] x[i], with relu cut off at 0, at each of `points` points, `in` at
   * least 1. Points lie in groups of point_group, a group `ld` numbers after the one before, and
   * within a group in rows of point_group, one row a unit. Of the last group whole vectors are
   * computed. w: [in][ldw], padded or not. */
  size_t point_group;
  void (*points_forward)(void *h, const void *x, size_t ld, const void *w, size_t ldw,
                         const void *b, size_t points, size_t in, size_t out, bool relu);

  /* out (CELLS): a net of two inputs and one output on the patch of SIDE x SIDE points, x fastest,
   * within `half` of `centre`; false (and out undefined) where its basis would outgrow BASIS or a
   * value is not finite. *kinks gains the units that kink inside. work: limn_patch_work() numbers,
   * aligned to a cache line. */
  bool (*patch)(double *out, const limn_patch_net *net, void *work, const double centre[2],
                const double half[2], size_t *kinks);

  /* One step of an optimiser on n numbers, n a multiple of lanes. g is the gradient with respect to
   * the effective weights; u and v are the optimiser's moments (NULL where it has none). active: V
   * of 0/1, repeated, or NULL for all. */
  void (*update)(void *w, const void *g, void *u, void *v, size_t n, const limn_mlp_step *step,
                 const void *active);
} limn_mlp_kernels;

extern const limn_mlp_kernels limn_mlp_ref_f32, limn_mlp_ref_f64, limn_mlp_avx2_f32,
    limn_mlp_avx2_f64, limn_mlp_avx512_f32, limn_mlp_avx512_f64;

/* The table for the instruction set in use. */
const limn_mlp_kernels *limn_mlp_kernels_of(limn_dtype dtype);

/* Test hook: these tables from now on, whatever the instruction set; NULL, NULL ends it. */
void limn_mlp_kernels_use(const limn_mlp_kernels *f32, const limn_mlp_kernels *f64);

#endif
