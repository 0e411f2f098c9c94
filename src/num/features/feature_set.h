/* feature_set.h: the internals of a FeatureSet, and functions that generate blocks of its
 * entries. */
#ifndef LIMN_NUM_FEATURE_SET_H
#define LIMN_NUM_FEATURE_SET_H

#include "core/core.h"
#include "limn/features.h"

struct limn_features {
  limn_kind kind;
  limn_storage storage;
  uint64_t points, count;
  int classes;
  limn_class class_of[LIMN_MAX_CLASSES];
  limn_key key_of[LIMN_MAX_CLASSES]; /* stream of each class's random entries */
  double *labels;                    /* D, or NULL */
  double *dense;                     /* LIMN_DENSE: (D,N) row-major */
  uint64_t *bits;                    /* LIMN_BITS: by class, rows of limn_words(count) words */
  size_t bits_at[LIMN_MAX_CLASSES];  /* first word of each random class in bits */
};

/* Progress of a pass that consists of several parallel parts: a part reports tasks, the caller of
 * the pass receives columns. step: columns per task; done: columns of the previous parts. */
typedef struct {
  const limn_token *outer;
  double done, step, total;
} limn_progress;

/* A token for one part: the outer token's cancel flag, reports forwarded. Points into progress. */
limn_token limn_progress_token(limn_progress *progress);

/* The two passes over a random class of a sign or binary set, from bits (bit_pass.c). */
limn_status limn_bits_contributions(const limn_features *f, int k, const double *a,
                                    limn_class_sums *sums, double *along, limn_progress *progress,
                                    limn_err *err);
limn_status limn_bits_weights(const limn_features *f, int k, const double *a, uint64_t first,
                              uint64_t count, double *w, limn_progress *progress, limn_err *err);

/* Number of words for `count` columns of a row: whole Philox blocks of 128 bits. */
static inline size_t limn_words(uint64_t count) {
  return (size_t)((count + 127) / 128 * 2);
}

/* Whether a class is a copy of the labels or constant, so that its entries need no random bits. */
static inline bool limn_class_fixed(const limn_class *c) {
  return c->constant || c->rho == 1 || c->rho == -1;
}

/* LIMN_EINVAL unless columns first .. first+count-1 exist. */
limn_status limn_features_range(const limn_features *f, uint64_t first, uint64_t count,
                                limn_err *err);

/* The value of a fixed class's entry at row i. */
double limn_fixed_entry(const limn_features *f, const limn_class *c, uint64_t i);

/* Bits of row i, columns [128*block, 128*(block+blocks)) of random class k, 1 = +1, as 2*blocks
 * words (bit j of the row is bit j%64 of word j/64). Bits beyond the class's count are as
 * generated. */
void limn_sign_bits(const limn_features *f, int k, uint64_t i, uint64_t block, size_t blocks,
                    uint64_t *words);

/* Normals of row i, columns first .. first+n-1 of random class k of a gaussian set. */
void limn_gaussian_row(const limn_features *f, int k, uint64_t i, uint64_t first, size_t n,
                       double *out);

#endif
