/* net.h: the memory layouts of nets. Internal to num/mlp.
 *
 * All stored parameters are effective: m w and mb b, the numbers that the forward pass multiplies
 * by. There are three layouts:
 *
 * 1. A block holds the parameters of one net: layer by layer the weights [in][ld], then the biases.
 *    Row i holds the weights that leave input i, so vectors run along the outputs ("wide" kernels).
 *
 *        w_at[l]     w(0,0) w(0,1) ... w(0,out-1)  0 .. 0     out < LIMN_MLP_PAD ("narrow"):
 *                    w(1,0) w(1,1) ... w(1,out-1)  0 .. 0       ld = out, no padding
 *                    ...                                      else: ld = out rounded up to PAD,
 *                    w(in-1,0)   ...               0 .. 0       plus 48 if rows would start 4096
 *        b_at[l]     b(0)   b(1)   ... b(out-1)    0 .. 0       bytes apart and share one cache set
 *        w_at[l+1]   ...
 *
 *    `block` is the number of entries of a block. A limn_mlp holds count * halves blocks in
 *    sequence. halves is 2 for antisymmetric pairs, f = (f_0 - f_1)/sqrt 2, whose two nets are
 *    adjacent, else 1:
 *
 *        now:   | net 0, first | net 0, second | net 1, first | net 1, second | ...
 *        start, u, v: the same shape
 *
 * 2. Lanes (train/lanes.c): V is a vector whose lane k belongs to block first + k; a pair occupies
 *    lanes 2k and 2k+1. Weights are stored in tiles of T = out_tile outputs, [out/T][in][T] V:
 *
 *        tile 0      V(0,0) .. V(0,T-1)  V(1,0) .. V(1,T-1)  ...  V(in-1,T-1)   in * T vectors
 *        tile 1      V(0,T) .. V(0,2T-1) ...                      ld[l] vectors after tile 0
 *
 *    Activations are stored in groups of LIMN_TILE_POINTS points, [unit][point] V (limn_lanes_at).
 *
 * 3. One hidden layer on four points (train/one_hidden.c): [unit][8] V, the parameters of a unit
 *    (input weights w0, w1, bias b, output weight v) and its activations a(p) at the points. A lane
 *    is a net, or ("across") a unit of one net:
 *
 *        unit 0      w0  w1  b  v  a(0) a(1) a(2) a(3)
 *        unit 1      ...
 *
 * Activations that go with layout 1 are [point][width], width = sizes[l] padded with zeros; vectors
 * run along the units. For evaluation at many points they are transposed,
 * [group][unit][point_group]; vectors run along the points (forward.c, points_forward in
 * num/simd/mlp/mlp_simd.h). */
#ifndef LIMN_MLP_NET_H
#define LIMN_MLP_NET_H

#include <math.h>
#include <string.h>
#include "core/core.h"
#include "num/simd/mlp/mlp_simd.h"
#include "limn/mlp.h"

enum { LIMN_MLP_PAD = LIMN_NARROW }; /* a multiple of every instruction set's vector length */

/* What may have parameters and moments of a net in a layout of its own: the head of a plan. */
typedef struct limn_mlp_holder {
  limn_mlp *net;                /* NULL: it was freed */
  struct limn_mlp_holder *next; /* of the same net */
  bool has_nets;                /* those of the net are old */
  void (*store)(struct limn_mlp_holder *holder);
} limn_mlp_holder;

struct limn_mlp {
  limn_mlp_spec spec;
  limn_mlp_layer layer[LIMN_MLP_LAYERS];
  size_t ld[LIMN_MLP_LAYERS], w_at[LIMN_MLP_LAYERS], b_at[LIMN_MLP_LAYERS];
  size_t block;                 /* entries of a block */
  size_t halves;                /* blocks of a member: 2 for an antisymmetric pair, else 1 */
  size_t blocks;                /* count * halves */
  void *now, *start;            /* blocks * block entries each */
  void *u, *v;                  /* the optimiser's moments, or NULL */
  limn_mlp_optimizer optimizer; /* the optimiser that u and v belong to */
  double start_loss; /* the largest loss of a net at the start, on the first data; NAN: unknown */
  bool was_set;      /* parameters were set */
  uint64_t *seeds;   /* spec.seeds and spec.alphas */
  double *alphas;
  uint64_t *steps;  /* (count) steps that each net has taken */
  uint64_t *since;  /* (count) `steps` at the time when the moments were 0 */
  uint64_t changes; /* of parameters or moments, by anything but the plan that has them */
  limn_mlp_holder *holders;
};

/* Parameters and moments return from the holders to the net. Every function that reads or changes
 * them begins with this. */
void limn_mlp_settle(const limn_mlp *net);

/* Whether all nets have taken the same number of steps. */
static inline bool limn_mlp_in_step(const limn_mlp *net) {
  for (size_t r = 1; r < net->spec.count; r++)
    if (net->steps[r] != net->steps[0]) return false;
  return true;
}

/* The layer of one net, with its own alpha. */
static inline limn_mlp_layer limn_mlp_layer_at(const limn_mlp *net, size_t member, size_t layer) {
  limn_mlp_layer a = net->layer[layer];
  if (net->alphas && layer == net->spec.layers - 1)
    a.multiplier *= net->alphas[member], a.bias_multiplier *= net->alphas[member];
  return a;
}

/* The factor by which a projection scales the raw weights into a unit, of squared norm `square`; a
 * unit with all weights 0 keeps them. */
static inline double limn_mlp_projection(limn_mlp_constraint constraint, double bound,
                                         double square) {
  if (constraint == LIMN_CONSTRAINT_NONNEGATIVE || square == 0) return 1;
  double factor = bound / sqrt(square);
  return constraint == LIMN_CONSTRAINT_MAX_NORM && factor > 1 ? 1 : factor;
}

static inline size_t limn_pad(size_t n) {
  return (n + LIMN_MLP_PAD - 1) / LIMN_MLP_PAD * LIMN_MLP_PAD;
}

static inline size_t limn_real(limn_dtype dtype) {
  return dtype == LIMN_F32 ? sizeof(float) : sizeof(double);
}

/* Read, write and address entry i of an array of the nets' type. */
static inline double limn_get_real(const void *p, limn_dtype dtype, size_t i) {
  return dtype == LIMN_F32 ? (double)((const float *)p)[i] : ((const double *)p)[i];
}

static inline void limn_set_real(void *p, limn_dtype dtype, size_t i, double x) {
  if (dtype == LIMN_F32)
    ((float *)p)[i] = (float)x;
  else
    ((double *)p)[i] = x;
}

static inline void *limn_at(const void *p, limn_dtype dtype, size_t i) {
  return (char *)(uintptr_t)p + i * limn_real(dtype);
}

/* Computes layers, offsets and sizes from the spec; LIMN_EINVAL names the field. */
limn_status limn_mlp_shape(limn_mlp *net, limn_err *err);

/* Allocates a net without setting its parameters. */
limn_status limn_mlp_allocate(limn_mlp **net, const limn_mlp_spec *spec, limn_err *err);

/* Draws the initial parameters of block `block` into the array `to`. */
limn_status limn_mlp_draw(const limn_mlp *net, void *to, size_t block, const limn_token *token,
                          limn_err *err);

/* Effective weights (in,out) and biases (out) of one layer of a block, as doubles. */
void limn_mlp_effective(const limn_mlp *net, const void *from, size_t block, size_t layer,
                        double *w, double *b);

/* Outputs of block `block` of `from` at the rows of x: f (points, outputs) in double. scratch:
 * limn_mlp_scratch entries of the nets' type. Cheapest for multiples of LIMN_MLP_POINTS. */
enum { LIMN_MLP_POINTS = 96 }; /* a multiple of every instruction set's point_group */
size_t limn_mlp_scratch(const limn_mlp *net);
void limn_mlp_outputs(const limn_mlp *net, const void *from, size_t block, double *f,
                      const double *x, size_t points, void *scratch);

/* LIMN_EINVAL if `value` is not in the vocabulary. */
limn_status limn_mlp_check_word(limn_err *err, const char *argument, limn_vocabulary words,
                                int value);

/* LIMN_EINVAL if the index of a member or layer is greater than `last`. */
limn_status limn_mlp_check_index(limn_err *err, const char *argument, size_t place, size_t last);

/* LIMN_ESHAPE for no rows; LIMN_ENONFINITE, with row and column, for NaN or Inf; LIMN_EINVAL
 * likewise for a number beyond the net's dtype. */
limn_status limn_mlp_check_points(const limn_mlp *net, const double *x, size_t points,
                                  limn_err *err);

/* LIMN_ENONFINITE likewise; LIMN_EINVAL for labels other than +-1 if the loss requires those. */
limn_status limn_mlp_check_labels(const limn_mlp *net, const double *y, size_t points,
                                  limn_mlp_loss loss, limn_err *err);

#endif
