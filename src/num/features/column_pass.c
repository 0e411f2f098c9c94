/* column_pass.c: passes over all columns: weights, sums per class, products. A pass processes each
 * class in chunks of a fixed length. The numbers of a chunk do not depend on the worker, and chunks
 * are added in order; results therefore depend neither on storage nor on threads. */
#include "num/features/feature_set.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { CHUNK = 2048 }; /* columns */

/* One chunk: columns [a, a+n) of class k. */
typedef struct {
  int k;
  uint64_t a;
  size_t n;
} chunk;

static uint64_t chunks_of(uint64_t count) {
  return (count + CHUNK - 1) / CHUNK;
}

/* w_j = sum_i a_i F_ij for the chunk, rows in order. block: (D, CHUNK) scratch. */
static limn_status chunk_weights(const limn_features *f, const chunk *c, const double *a,
                                 double *block, double *w, const limn_token *token, limn_err *err) {
  limn_status st =
      limn_features_columns(block, CHUNK, f, f->class_of[c->k].first + c->a, c->n, token, err);
  if (st != LIMN_OK) return st;
  memset(w, 0, c->n * sizeof *w);
  for (uint64_t i = 0; i < f->points; i++) {
    const double *row = block + i * CHUNK;
    for (size_t j = 0; j < c->n; j++) w[j] += a[i] * row[j];
  }
  return LIMN_OK;
}

static double x_log_x(double x) {
  if (x <= 0) return 0;
  return x * log(x); // cppcheck-suppress invalidFunctionArg ; x > 0 here
}

static void add_sums(limn_class_sums *s, const double *w, size_t n, bool fresh) {
  for (size_t j = 0; j < n; j++) {
    double square = w[j] * w[j];
    s->weight_sq += square;
    s->weight_abs += fabs(w[j]);
    s->entropy_sum += x_log_x(square);
    if ((fresh && j == 0) || w[j] < s->least) s->least = w[j];
    if ((fresh && j == 0) || w[j] > s->most) s->most = w[j];
  }
}

/* A fixed class is one column with multiplicity count: no pass is needed. */
static void fixed_class(const limn_features *f, int k, const double *a, limn_class_sums *s,
                        double *along) {
  const limn_class *c = &f->class_of[k];
  double w = 0, times = (double)c->count;
  for (uint64_t i = 0; i < f->points; i++) w += a[i] * limn_fixed_entry(f, c, i);
  double square = w * w;
  *s = (limn_class_sums){
      .weight_sq = times * square, .weight_abs = times * fabs(w), .least = w, .most = w};
  s->entropy_sum = times * x_log_x(square);
  for (uint64_t i = 0; along && i < f->points; i++)
    along[i] = times * w * limn_fixed_entry(f, c, i);
}

/* One class of a gaussian or real set, via doubles. */
static limn_status real_class(const limn_features *f, int k, const double *a, limn_class_sums *sums,
                              double *along, const limn_token *token, limn_err *err) {
  const limn_class *c = &f->class_of[k];
  double *block = limn_alloc(f->points, CHUNK * sizeof *block), *w = limn_alloc(CHUNK, sizeof *w);
  limn_status st = LIMN_OK;
  if (!block || !w) {
    limn_free(block);
    limn_free(w);
    return limn_nomem(err, "a block", f->points, CHUNK * sizeof *block);
  }
  for (uint64_t b = 0; b < chunks_of(c->count) && st == LIMN_OK; b++) {
    uint64_t left = c->count - b * CHUNK;
    chunk ch = {k, b * CHUNK, left < CHUNK ? (size_t)left : CHUNK};
    st = chunk_weights(f, &ch, a, block, w, token, err);
    if (st != LIMN_OK) break;
    add_sums(sums, w, ch.n, b == 0);
    for (uint64_t i = 0; along && i < f->points; i++) {
      double dot = 0;
      for (size_t j = 0; j < ch.n; j++) dot += w[j] * block[i * CHUNK + j];
      along[i] += dot;
    }
    if (limn_tick(token, (double)(c->first + ch.a), (double)f->count)) st = limn_stopped(err);
  }
  limn_free(block);
  limn_free(w);
  return st;
}

limn_status limn_features_contributions(limn_class_sums *sums, double *along,
                                        const limn_features *f, const double *a,
                                        const limn_token *token, limn_err *err) {
  limn_progress progress = {.outer = token, .total = (double)f->count};
  limn_status st = LIMN_OK;
  for (int k = 0; k < f->classes && st == LIMN_OK; k++) {
    const limn_class *c = &f->class_of[k];
    double *sum = along ? along + (size_t)k * f->points : NULL;
    sums[k] = (limn_class_sums){0};
    if (sum) memset(sum, 0, f->points * sizeof *sum);
    progress.done = (double)c->first;
    if (c->count == 0) continue;
    if (f->kind != LIMN_REAL && limn_class_fixed(c))
      fixed_class(f, k, a, &sums[k], sum);
    else if (f->kind == LIMN_SIGN || f->kind == LIMN_BINARY)
      st = limn_bits_contributions(f, k, a, &sums[k], sum, &progress, err);
    else
      st = real_class(f, k, a, &sums[k], sum, token, err);
  }
  if (st == LIMN_OK && limn_cancelled(token)) st = limn_stopped(err);
  return st;
}

limn_status limn_features_range(const limn_features *f, uint64_t first, uint64_t count,
                                limn_err *err) {
  if (first <= f->count && count <= f->count - first) return LIMN_OK;
  return limn_fail_argument(
      err, LIMN_EINVAL, "first", "must be a column from which %llu lie among %llu, got number %llu",
      (unsigned long long)count, (unsigned long long)f->count, (unsigned long long)first + 1);
}

/* Columns [first, first+count) of class k of a gaussian or real set, via doubles. */
static limn_status real_weights(const limn_features *f, int k, const double *a, uint64_t first,
                                uint64_t count, double *w, const limn_token *token, limn_err *err) {
  double *block = limn_alloc(f->points, CHUNK * sizeof *block);
  if (!block) return limn_nomem(err, "a block", f->points, CHUNK * sizeof *block);
  limn_status st = LIMN_OK;
  for (uint64_t at = 0; at < count && st == LIMN_OK; at += CHUNK) {
    chunk ch = {k, first + at, (size_t)(count - at < CHUNK ? count - at : CHUNK)};
    st = chunk_weights(f, &ch, a, block, w + at, token, err);
    if (st == LIMN_OK && limn_tick(token, (double)at, (double)count)) st = limn_stopped(err);
  }
  limn_free(block);
  return st;
}

limn_status limn_features_weights(double *w, const limn_features *f, const double *a,
                                  uint64_t first, uint64_t count, const limn_token *token,
                                  limn_err *err) {
  limn_status st = limn_features_range(f, first, count, err);
  limn_progress progress = {.outer = token, .total = (double)count};
  for (int k = 0; k < f->classes && st == LIMN_OK; k++) {
    const limn_class *c = &f->class_of[k];
    uint64_t from = first > c->first ? first : c->first;
    uint64_t to = first + count < c->first + c->count ? first + count : c->first + c->count;
    if (from >= to) continue;
    double *part = w + (from - first);
    if (f->kind != LIMN_REAL && limn_class_fixed(c)) {
      double one = 0;
      for (uint64_t i = 0; i < f->points; i++) one += a[i] * limn_fixed_entry(f, c, i);
      for (uint64_t j = 0; j < to - from; j++) part[j] = one;
    } else if (f->kind == LIMN_SIGN || f->kind == LIMN_BINARY) {
      st = limn_bits_weights(f, k, a, from - c->first, to - from, part, &progress, err);
    } else {
      st = real_weights(f, k, a, from - c->first, to - from, part, token, err);
    }
  }
  return st;
}

limn_status limn_features_combine(double *out, const limn_features *f, const double *w,
                                  uint64_t first, uint64_t count, const limn_token *token,
                                  limn_err *err) {
  limn_status st = limn_features_range(f, first, count, err);
  if (st != LIMN_OK) return st;
  double *block = limn_alloc(f->points, CHUNK * sizeof *block);
  if (!block) return limn_nomem(err, "a block", f->points, CHUNK * sizeof *block);
  memset(out, 0, f->points * sizeof *out);
  for (uint64_t at = 0; at < count && st == LIMN_OK; at += CHUNK) {
    size_t n = (size_t)(count - at < CHUNK ? count - at : CHUNK);
    st = limn_features_columns(block, CHUNK, f, first + at, n, NULL, err);
    for (uint64_t i = 0; st == LIMN_OK && i < f->points; i++) {
      double dot = 0;
      for (size_t j = 0; j < n; j++) dot += w[at + j] * block[i * CHUNK + j];
      out[i] += dot;
    }
    if (st == LIMN_OK && limn_tick(token, (double)at, (double)count)) st = limn_stopped(err);
  }
  limn_free(block);
  return st;
}
