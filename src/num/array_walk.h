/* array_walk.h: how array_ops.c and array_reduce.c visit entries: rows of a common shape, in chunks
 * that lie in the first-level cache, as doubles whatever the dtype and the strides. Internal. */
#ifndef LIMN_ARRAY_WALK_H
#define LIMN_ARRAY_WALK_H

#include "limn/array.h"

enum { LIMN_CHUNK = 512 };

static inline size_t limn_dtype_size(limn_dtype t) { return t == LIMN_F64 ? 8 : 4; }

/* n entries from entry `offset` of a on, `stride` apart, as doubles: a's own memory when it is that
 * already, else copied into buffer (LIMN_CHUNK doubles; n <= LIMN_CHUNK). */
static inline const double *limn_chunk_read(const limn_array *a, ptrdiff_t offset, ptrdiff_t stride,
                                            size_t n, double *buffer) {
  if (a->dtype == LIMN_F64) {
    const double *p = (const double *)a->data + offset;
    if (stride == 1) return p;
    for (size_t i = 0; i < n; i++) buffer[i] = p[(ptrdiff_t)i * stride];
  } else {
    const float *p = (const float *)a->data + offset;
    if (stride == 1)
      for (size_t i = 0; i < n; i++) buffer[i] = (double)p[i];
    else
      for (size_t i = 0; i < n; i++) buffer[i] = (double)p[(ptrdiff_t)i * stride];
  }
  return buffer;
}

static inline void limn_chunk_write(const limn_array *a, ptrdiff_t offset, ptrdiff_t stride, size_t n,
                                    const double *from) {
  if (a->dtype == LIMN_F64) {
    double *p = (double *)a->data + offset;
    if (p == from) return;
    for (size_t i = 0; i < n; i++) p[(ptrdiff_t)i * stride] = from[i];
  } else {
    float *p = (float *)a->data + offset;
    if (stride == 1)
      for (size_t i = 0; i < n; i++) p[i] = (float)from[i];
    else
      for (size_t i = 0; i < n; i++) p[(ptrdiff_t)i * stride] = (float)from[i];
  }
}

/* Reads a's entries in row-major order, a stretch at a time. Start with .a and .at = 0. */
typedef struct limn_cursor {
  const limn_array *a;
  size_t at; /* entries already read */
} limn_cursor;

/* The next n entries (there must be as many) as doubles in out. */
static inline void limn_cursor_read(limn_cursor *c, double *out, size_t n) {
  const limn_array *a = c->a;
  int last = a->rank - 1;
  while (n > 0) {
    size_t rest = c->at, index[LIMN_MAX_RANK] = {0};
    ptrdiff_t offset = 0;
    for (int k = last; k >= 0; k--) {
      index[k] = rest % a->dims[k];
      rest /= a->dims[k];
      offset += (ptrdiff_t)index[k] * a->stride[k];
    }
    size_t take = a->dims[last] - index[last];
    if (take > n) take = n;
    for (size_t done = 0; done < take; done += LIMN_CHUNK) {
      size_t w = take - done < LIMN_CHUNK ? take - done : LIMN_CHUNK;
      const double *p =
          limn_chunk_read(a, offset + (ptrdiff_t)done * a->stride[last], a->stride[last], w, out + done);
      if (p != out + done)
        for (size_t i = 0; i < w; i++) out[done + i] = p[i];
    }
    out += take, n -= take, c->at += take;
  }
}

/* Lanes along dimension dim: its length, the two dimensions that stay (outer, inner), their strides. */
typedef struct limn_lanes {
  size_t outer, inner, length;
  ptrdiff_t so, si, sl;
} limn_lanes;

static inline limn_lanes limn_lanes_of(const limn_array *a, int dim) {
  limn_lanes t = {1, 1, a->dims[dim], 0, 0, a->stride[dim]};
  for (int k = a->rank - 1, first = 1; k >= 0; k--) {
    if (k == dim) continue;
    if (first) t.inner = a->dims[k], t.si = a->stride[k], first = 0;
    else t.outer = a->dims[k], t.so = a->stride[k];
  }
  return t;
}

#endif
