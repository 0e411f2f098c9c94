/* walk.h: iteration over array entries for ops.c and reduce.c: rows of a common shape, in chunks
 * that fit the L1 cache, as doubles for any dtype and strides. Internal. */
#ifndef LIMN_ARRAY_WALK_H
#define LIMN_ARRAY_WALK_H

#include "limn/array.h"

#include "core/entry.h"

enum { LIMN_CHUNK = 512 };

/* p[i] = 1 where x[i] is not 0 (NaN is not), else 0; in kernels.c. */
void limn_write_bools(uint8_t *restrict p, const double *restrict x, size_t n);

/* LIMN_EINVAL unless dim is -1 or one of a's dimensions; in reduce.c. */
limn_status limn_array_check_dim(const limn_array *a, int dim, limn_err *err);

/* n entries of a from entry `offset`, `stride` apart, as doubles: a pointer into a's data if these
 * are contiguous doubles, else a copy in buffer (LIMN_CHUNK doubles; n <= LIMN_CHUNK). */
static inline const double *limn_chunk_read(const limn_array *a, ptrdiff_t offset, ptrdiff_t stride,
                                            size_t n, double *buffer) {
  if (a->dtype == LIMN_F64) {
    const double *p = (const double *)a->data + offset;
    if (stride == 1) return p;
    for (size_t i = 0; i < n; i++) buffer[i] = p[(ptrdiff_t)i * stride];
  } else if (a->dtype == LIMN_F32) {
    const float *p = (const float *)a->data + offset;
    if (stride == 1)
      for (size_t i = 0; i < n; i++) buffer[i] = (double)p[i];
    else
      for (size_t i = 0; i < n; i++) buffer[i] = (double)p[(ptrdiff_t)i * stride];
  } else if (a->dtype == LIMN_I64) {
    const int64_t *p = (const int64_t *)a->data + offset;
    for (size_t i = 0; i < n; i++) buffer[i] = (double)p[(ptrdiff_t)i * stride];
  } else {
    const uint8_t *p = (const uint8_t *)a->data + offset;
    if (stride == 1)
      for (size_t i = 0; i < n; i++) buffer[i] = (double)p[i];
    else
      for (size_t i = 0; i < n; i++) buffer[i] = (double)p[(ptrdiff_t)i * stride];
  }
  return buffer;
}

static inline void limn_chunk_write(const limn_array *a, ptrdiff_t offset, ptrdiff_t stride,
                                    size_t n, const double *from) {
  if (a->dtype == LIMN_F64) {
    double *p = (double *)a->data + offset;
    if (p == from) return;
    for (size_t i = 0; i < n; i++) p[(ptrdiff_t)i * stride] = from[i];
  } else if (a->dtype == LIMN_F32) {
    float *p = (float *)a->data + offset;
    if (stride == 1)
      for (size_t i = 0; i < n; i++) p[i] = (float)from[i];
    else
      for (size_t i = 0; i < n; i++) p[(ptrdiff_t)i * stride] = (float)from[i];
  } else if (a->dtype == LIMN_I64) {
    int64_t *p = (int64_t *)a->data + offset;
    for (size_t i = 0; i < n; i++) p[(ptrdiff_t)i * stride] = limn_to_i64(from[i]);
  } else {
    uint8_t *p = (uint8_t *)a->data + offset;
    if (stride == 1)
      limn_write_bools(p, from, n);
    else
      for (size_t i = 0; i < n; i++) p[(ptrdiff_t)i * stride] = from[i] != 0;
  }
}

/* Iterates over a's entries in row-major order, a segment at a time. Start with .a and .at = 0. */
typedef struct limn_cursor {
  const limn_array *a;
  size_t at; /* entries already visited */
} limn_cursor;

/* Offset of the next entry; *take is how many of at most n entries are in the same row. */
static inline ptrdiff_t limn_cursor_place(const limn_cursor *c, size_t n, size_t *take) {
  const limn_array *a = c->a;
  size_t rest = c->at, index = 0;
  ptrdiff_t offset = 0;
  for (int k = a->rank - 1; k >= 0; k--) {
    index = rest % a->dims[k];
    rest /= a->dims[k];
    offset += (ptrdiff_t)index * a->stride[k];
    if (k == a->rank - 1) *take = a->dims[k] - index < n ? a->dims[k] - index : n;
  }
  return offset;
}

/* Reads the next n entries as doubles; n must not exceed the entries left. */
static inline void limn_cursor_read(limn_cursor *c, double *out, size_t n) {
  ptrdiff_t step = c->a->stride[c->a->rank - 1];
  while (n > 0) {
    size_t take = 0;
    ptrdiff_t offset = limn_cursor_place(c, n < LIMN_CHUNK ? n : LIMN_CHUNK, &take);
    const double *p = limn_chunk_read(c->a, offset, step, take, out);
    if (p != out)
      for (size_t i = 0; i < take; i++) out[i] = p[i];
    out += take, n -= take, c->at += take;
  }
}

/* Sets the next n entries from in. */
static inline void limn_cursor_write(limn_cursor *c, const double *in, size_t n) {
  ptrdiff_t step = c->a->stride[c->a->rank - 1];
  while (n > 0) {
    size_t take = 0;
    ptrdiff_t offset = limn_cursor_place(c, n, &take);
    limn_chunk_write(c->a, offset, step, take, in);
    in += take, n -= take, c->at += take;
  }
}

/* Lanes along dimension dim: its length, the two remaining dimensions (outer, inner), and their
 * strides. */
typedef struct limn_lanes {
  size_t outer, inner, length;
  ptrdiff_t so, si, sl;
} limn_lanes;

static inline limn_lanes limn_lanes_of(const limn_array *a, int dim) {
  limn_lanes t = {1, 1, a->dims[dim], 0, 0, a->stride[dim]};
  for (int k = a->rank - 1, first = 1; k >= 0; k--) {
    if (k == dim) continue;
    if (first)
      t.inner = a->dims[k], t.si = a->stride[k], first = 0;
    else
      t.outer = a->dims[k], t.so = a->stride[k];
  }
  return t;
}

/* The offset of entry r of lane (o, i). */
static inline ptrdiff_t limn_lane_offset(const limn_lanes *t, size_t o, size_t i, size_t r) {
  return (ptrdiff_t)o * t->so + (ptrdiff_t)i * t->si + (ptrdiff_t)r * t->sl;
}

#endif
