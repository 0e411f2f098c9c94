/* reduce.h: pairwise summation in blocks, for reduce.c and norm.c. Internal. */
#ifndef LIMN_ARRAY_REDUCE_H
#define LIMN_ARRAY_REDUCE_H

#include "limn/array_ops.h"

#include "num/array/walk.h"

enum { LIMN_BLOCK = 128, LIMN_LEVELS = 64 };

typedef struct limn_pairwise {
  double partial[LIMN_LEVELS]; /* partial[k]: sum of 2^k blocks, valid if bit k of blocks is set */
  size_t blocks;
} limn_pairwise;

static inline double limn_block_sum(const double *x, size_t n) {
  double s[8] = {0};
  size_t i = 0;
  for (; i + 8 <= n; i += 8)
    for (size_t j = 0; j < 8; j++) s[j] += x[i + j];
  for (size_t j = 0; i < n; i++, j++) s[j] += x[i];
  return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
}

static inline void limn_pairwise_add(limn_pairwise *p, double sum) {
  int k = 0;
  for (size_t b = p->blocks++; b & 1; b >>= 1) sum += p->partial[k++];
  p->partial[k] = sum;
}

static inline double limn_pairwise_total(const limn_pairwise *p) {
  double sum = 0;
  int k = 0;
  for (size_t b = p->blocks; b; b >>= 1, k++)
    if (b & 1) sum += p->partial[k];
  return sum;
}

/* The mean of a's entries, or their standard deviation (divisor count - ddof > 0), with entries
 * scaled by a power of two: for arrays in which a sum overflows or squares underflow. */
double limn_scaled_moment(const limn_array *a, bool deviation, double ddof);

#endif
