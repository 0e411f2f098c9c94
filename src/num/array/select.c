/* select.c: masks, positions and parts; contracts in limn/array_shape.h. */
#include "limn/array_shape.h"

#include <math.h>
#include <string.h>

#include "limn/array_ops.h"
#include "num/array/walk.h"

size_t limn_array_holds(limn_dtype dtype, const double *x, size_t n) {
  size_t i = 0;
  if (!limn_dtype_whole(dtype)) return n;
  if (dtype == LIMN_BOOL)
    while (i < n && (x[i] == 0 || x[i] == 1)) i++;
  else
    while (i < n && fabs(x[i]) <= 0x1p53 && x[i] == floor(x[i])) i++;
  return i;
}

bool limn_array_all_held(const limn_array *a, limn_dtype dtype, size_t *at, double *value) {
  double buffer[LIMN_CHUNK];
  limn_cursor c = {a, 0};
  size_t n = limn_array_size(a);
  for (size_t done = 0; done < n; done += LIMN_CHUNK) {
    size_t w = n - done < LIMN_CHUNK ? n - done : LIMN_CHUNK;
    limn_cursor_read(&c, buffer, w);
    size_t i = limn_array_holds(dtype, buffer, w);
    if (i == w) continue;
    *at = done + i, *value = buffer[i];
    return false;
  }
  return true;
}

size_t limn_array_true(const limn_array *mask) {
  double buffer[LIMN_CHUNK];
  limn_cursor c = {mask, 0};
  size_t n = limn_array_size(mask), count = 0;
  for (size_t done = 0; done < n; done += LIMN_CHUNK) {
    size_t w = n - done < LIMN_CHUNK ? n - done : LIMN_CHUNK;
    limn_cursor_read(&c, buffer, w);
    for (size_t i = 0; i < w; i++) count += buffer[i] != 0;
  }
  return count;
}

void limn_array_positions(limn_array *out, const limn_array *mask) {
  double buffer[LIMN_CHUNK];
  limn_cursor c = {mask, 0};
  size_t n = limn_array_size(mask);
  int64_t *to = out->data, *end = to + out->dims[0];
  for (size_t done = 0; done < n; done += LIMN_CHUNK) {
    size_t w = n - done < LIMN_CHUNK ? n - done : LIMN_CHUNK;
    limn_cursor_read(&c, buffer, w);
    for (size_t i = 0; i < w && to < end; i++) {
      *to = (int64_t)(done + i);
      to += buffer[i] != 0;
    }
  }
}

/* The offset of entry `at`, counted in row-major order. */
static ptrdiff_t offset_of(const limn_array *a, size_t at) {
  ptrdiff_t offset = 0;
  for (int k = a->rank - 1; k >= 0; k--) {
    offset += (ptrdiff_t)(at % a->dims[k]) * a->stride[k];
    at /= a->dims[k];
  }
  return offset;
}

void limn_array_gather(limn_array *out, const limn_array *a, const limn_array *at) {
  const int64_t *p = at->data;
  for (size_t i = 0; i < at->dims[0]; i++)
    limn_entry_set(out, (ptrdiff_t)i * out->stride[0],
                   limn_entry_get(a, offset_of(a, (size_t)p[i])));
}

void limn_array_scatter(limn_array *a, const limn_array *at, const limn_array *values) {
  const int64_t *p = at->data;
  for (size_t i = 0; i < at->dims[0]; i++)
    limn_entry_set(a, offset_of(a, (size_t)p[i]),
                   limn_entry_get(values, (ptrdiff_t)i * values->stride[0]));
}

/* Row i of a, without the first dimension. */
static limn_array row_of(const limn_array *a, size_t i) {
  limn_array row = *a;
  row.rank = a->rank - 1;
  row.data = limn_entry_address(a, (ptrdiff_t)i * a->stride[0]);
  for (int k = 0; k < LIMN_MAX_RANK; k++) {
    bool last = k + 1 == LIMN_MAX_RANK;
    row.dims[k] = last ? 1 : a->dims[k + 1];
    row.stride[k] = last ? 0 : a->stride[k + 1];
  }
  return row;
}

static void copy_rows(limn_array *out, const limn_array *a, const int64_t *p, size_t n, bool to) {
  bool plain = a->dtype == out->dtype && limn_array_contiguous(a) && limn_array_contiguous(out);
  size_t bytes = limn_dtype_size(a->dtype) * a->dims[1] * a->dims[2];
  for (size_t i = 0; i < n; i++) {
    size_t target = to ? (size_t)p[i] : i, source = to ? i : (size_t)p[i];
    if (a->rank == 1) {
      limn_entry_set(out, (ptrdiff_t)target * out->stride[0],
                     limn_entry_get(a, (ptrdiff_t)source * a->stride[0]));
    } else if (plain) {
      memcpy((char *)out->data + target * bytes, (const char *)a->data + source * bytes, bytes);
    } else {
      limn_array into = row_of(out, target), from = row_of(a, source);
      limn_array_copy(&into, &from);
    }
  }
}

void limn_array_take(limn_array *out, const limn_array *a, const limn_array *at) {
  copy_rows(out, a, at->data, at->dims[0], false);
}

void limn_array_put(limn_array *a, const limn_array *at, const limn_array *values) {
  copy_rows(a, values, at->data, at->dims[0], true);
}

void limn_array_where(limn_array *out, const limn_array *mask, const limn_array *a,
                      const limn_array *b) {
  limn_array vm = limn_array_expanded(mask, out), va = limn_array_expanded(a, out),
             vb = limn_array_expanded(b, out);
  limn_cursor cm = {&vm, 0}, ca = {&va, 0}, cb = {&vb, 0}, co = {out, 0};
  double m[LIMN_CHUNK], x[LIMN_CHUNK], y[LIMN_CHUNK];
  size_t n = limn_array_size(out);
  for (size_t done = 0; done < n; done += LIMN_CHUNK) {
    size_t w = n - done < LIMN_CHUNK ? n - done : LIMN_CHUNK;
    limn_cursor_read(&cm, m, w);
    limn_cursor_read(&ca, x, w);
    limn_cursor_read(&cb, y, w);
    for (size_t i = 0; i < w; i++) x[i] = m[i] != 0 ? x[i] : y[i];
    limn_cursor_write(&co, x, w);
  }
}

limn_array limn_array_part(const limn_array *a, int dim, size_t first, size_t count) {
  limn_array v = *a;
  v.dims[dim] = count;
  if (count > 0) v.data = limn_entry_address(a, (ptrdiff_t)first * a->stride[dim]);
  return v;
}

limn_array limn_array_expanded(const limn_array *a, const limn_array *shape) {
  limn_array v = {.dtype = a->dtype, .rank = shape->rank, .dims = {1, 1, 1}, .data = a->data};
  for (int k = 0; k < shape->rank; k++) {
    int from = k - (shape->rank - a->rank);
    v.dims[k] = shape->dims[k];
    v.stride[k] = from >= 0 && a->dims[from] != 1 ? a->stride[from] : 0;
  }
  return v;
}

limn_array limn_array_with_dimension(const limn_array *a, int dim) {
  limn_array v = *a;
  v.rank = a->rank + 1;
  for (int k = LIMN_MAX_RANK - 1; k > dim; k--)
    v.dims[k] = a->dims[k - 1], v.stride[k] = a->stride[k - 1];
  v.dims[dim] = 1;
  v.stride[dim] = 0;
  return v;
}
