/* net.h: how nets lie in memory. Internal to num/mlp.
 *
 * All parameters are effective: m w and mb b, what the forward pass multiplies by. Three layouts:
 *
 * 1. A block is one net at rest: layer by layer the weights [in][ld], then the biases. Row i holds
 *    the weights that leave input i, so a vector runs along the outputs ("wide" kernels).
 *
 *        w_at[l]     w(0,0) w(0,1) ... w(0,out-1)  0 .. 0     ld = out where out < LIMN_MLP_PAD
 *                    w(1,0) w(1,1) ... w(1,out-1)  0 .. 0          ("narrow": no padding), else
 *                    ...                                      out padded with zeros; 48 more where
 *                    w(in-1,0)   ...               0 .. 0     rows would start 4096 bytes apart
 *        b_at[l]     b(0)   b(1)   ... b(out-1)    0 .. 0     and map to one cache set
 *        w_at[l+1]   ...                                      (block: numbers of one net)
 *
 *    A limn_mlp holds count * halves blocks one after the other. halves is 2 for antisymmetric
 * pairs, f = (f_0 - f_1)/sqrt 2, whose two nets are neighbours; else 1:
 *
 *        now:   | net 0, first | net 0, second | net 1, first | net 1, second | ...
 *        start, u, v: the same shape
 *
 * 2. In lanes (train/lanes.c): V is a vector whose lane k belongs to block first + k, so a pair
 *    fills lanes 2k and 2k+1. Weights go in tiles of T = out_tile outputs, [out/T][in][T] V:
 *
 *        tile 0      V(0,0) .. V(0,T-1)  V(1,0) .. V(1,T-1)  ...  V(in-1,T-1)   in * T vectors
 *        tile 1      V(0,T) .. V(0,2T-1) ...                      ld[l] vectors after tile 0
 *
 *    Activations go in groups of LIMN_TILE_POINTS points, [unit][point] V (limn_lanes_at).
 *
 * 3. One hidden layer on four points (train/one_hidden.c): [unit][8] V, the unit's parameters and
 *    its activations at the points; a lane is a net, or ("across") a unit of one net:
 *
 *        unit 0      w0  w1  b  v  a(0) a(1) a(2) a(3)
 *        unit 1      ...
 *
 * Activations beside layout 1 are [point][width], width = sizes[l] padded with zeros, a vector
 * along the units. The maps of many points have them transposed, [group][unit][point_group], a
 * vector along the points (forward.c, points_forward in num/simd/mlp/mlp_simd.h). */
#ifndef LIMN_MLP_NET_H
#define LIMN_MLP_NET_H

#include <math.h>
#include <string.h>
#include "core/core.h"
#include "num/simd/mlp/mlp_simd.h"
#include "limn/mlp.h"

enum { LIMN_MLP_PAD = 16 }; /* a whole number of vectors of any instruction set */

struct limn_mlp {
  limn_mlp_spec spec;
  limn_mlp_layer layer[LIMN_MLP_LAYERS];
  size_t ld[LIMN_MLP_LAYERS], w_at[LIMN_MLP_LAYERS], b_at[LIMN_MLP_LAYERS];
  size_t block;                 /* numbers of a block */
  size_t halves;                /* blocks of a member: 2 in an antisymmetric pair, else 1 */
  size_t blocks;                /* count * halves */
  void *now, *start;            /* blocks * block numbers each */
  void *u, *v;                  /* the optimiser's moments, or NULL */
  limn_mlp_optimizer optimizer; /* whose moments they are */
  uint64_t steps, since;        /* so far; when the moments began */
};

static inline size_t limn_pad(size_t n) {
  return (n + LIMN_MLP_PAD - 1) / LIMN_MLP_PAD * LIMN_MLP_PAD;
}

static inline size_t limn_real(limn_dtype dtype) {
  return dtype == LIMN_F32 ? sizeof(float) : sizeof(double);
}

/* Entry i of numbers of that type, and where it lies. */
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

/* Fills layers, offsets and sizes from the spec; LIMN_EINVAL names the field. */
limn_status limn_mlp_shape(limn_mlp *net, limn_err *err);

/* A net with memory but no parameters yet. */
limn_status limn_mlp_hollow(limn_mlp **net, const limn_mlp_spec *spec, limn_err *err);

/* Draws block `block` of `to`. */
limn_status limn_mlp_draw(const limn_mlp *net, void *to, size_t block, limn_err *err);

/* One block's weights (in,out) and biases (out) of a layer as doubles, effective. */
void limn_mlp_effective(const limn_mlp *net, const void *from, size_t block, size_t layer,
                        double *w, double *b);

/* Outputs of block `block` of `from` at points rows of x: f (points, outputs) in double. scratch:
 * limn_mlp_scratch numbers of the nets' type. Cheapest for a multiple of LIMN_MLP_POINTS. */
enum { LIMN_MLP_POINTS = 96 }; /* a multiple of every instruction set's point_group */
size_t limn_mlp_scratch(const limn_mlp *net);
void limn_mlp_outputs(const limn_mlp *net, const void *from, size_t block, double *f,
                      const double *x, size_t points, void *scratch);

/* LIMN_EINVAL where a value is no enumerator of the vocabulary. */
limn_status limn_mlp_one_of(limn_err *err, const char *argument, limn_vocabulary words, int value);

/* LIMN_EINVAL where there is no such member or layer (0 .. last). */
limn_status limn_mlp_refuse_place(limn_err *err, const char *argument, size_t place, size_t last);

/* LIMN_ESHAPE without rows, LIMN_ENONFINITE with the place of a NaN or Inf. */
limn_status limn_mlp_refuse_data(const limn_mlp *net, const double *x, size_t points,
                                 limn_err *err);

/* LIMN_ENONFINITE likewise; LIMN_EINVAL for labels that are not +-1 where the loss wants such. */
limn_status limn_mlp_refuse_labels(const limn_mlp *net, const double *y, size_t points,
                                   limn_mlp_loss loss, limn_err *err);

#endif
