/* mlp_net.h: how nets lie in memory. Internal to the mlp files.
 *
 * A block holds the effective parameters of one net: layer by layer the weights, [in][ld] (row i is
 * what leaves input i; ld = out where out < 16, else padded with zeros so that rows start on cache
 * lines and do not all map to one cache set), then the biases, padded. A limn_mlp holds count *
 * twins blocks one after the other; the two nets of an antisymmetric pair are neighbours. */
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
  size_t block; /* numbers of a block */
  size_t twins, blocks;
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

/* LIMN_EINVAL where an enumerator is none of 0 .. last. */
limn_status limn_mlp_one_of(limn_err *err, const char *argument, unsigned value, unsigned last);

/* LIMN_EINVAL where there is no such member or layer (0 .. last). */
limn_status limn_mlp_refuse_place(limn_err *err, const char *argument, size_t place, size_t last);

/* LIMN_ESHAPE without rows, LIMN_ENONFINITE with the place of a NaN or Inf. */
limn_status limn_mlp_refuse_data(const limn_mlp *net, const double *x, size_t points,
                                 limn_err *err);

/* LIMN_ENONFINITE likewise; LIMN_EINVAL for labels that are not +-1 where the loss wants such. */
limn_status limn_mlp_refuse_labels(const limn_mlp *net, const double *y, size_t points,
                                   limn_mlp_loss loss, limn_err *err);

#endif
