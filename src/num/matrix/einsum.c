/* einsum.c: sums of products over named indices; contract in limn/matrix.h.
 *
 * Labels fall into four classes: batch (in both operands and the result), rows (in a and the
 * result), columns (in b and the result), inner (in both operands, summed). Each operand is packed
 * as batch x rows x inner or batch x inner x columns; labels of one operand that are not in the
 * result are summed while packing. The products are BLAS's, one per batch index; for one operand
 * packing is all there is. */
#include "limn/matrix.h"

#include <ctype.h>
#include <string.h>

#include "core/core.h"
#include "core/entry.h"
#include "num/linalg/linalg.h"

enum { LABELS = 2 * LIMN_MAX_RANK };

typedef struct sum {
  char name[LABELS], result[LIMN_MAX_RANK + 1];
  size_t size[LABELS];
  bool in_a[LABELS], in_b[LABELS], in_result[LABELS];
  ptrdiff_t stride_a[LABELS], stride_b[LABELS];
  int count, rank;
} sum;

static int label_of(const sum *s, char name) {
  for (int k = 0; k < s->count; k++)
    if (s->name[k] == name) return k;
  return -1;
}

/* Reads one operand's labels at *spec, which then is past them. */
static limn_status operand(sum *s, const char **spec, const limn_array *x, bool second,
                           limn_err *err) {
  int d = 0;
  for (; isalpha((unsigned char)**spec) || **spec == ' '; (*spec)++) {
    if (**spec == ' ') continue;
    if (d == x->rank) {
      d++;
      break;
    }
    int k = label_of(s, **spec);
    if (k < 0) {
      k = s->count++;
      s->name[k] = **spec;
      s->size[k] = x->dims[d];
    } else if (s->size[k] != x->dims[d]) {
      return limn_fail(err, LIMN_ESHAPE, "index %c has size %zu and size %zu", **spec, s->size[k],
                       x->dims[d]);
    }
    *(second ? &s->in_b[k] : &s->in_a[k]) = true;
    *(second ? &s->stride_b[k] : &s->stride_a[k]) += x->stride[d++];
  }
  if (d == x->rank) return LIMN_OK;
  return limn_fail(err, LIMN_EINVAL, "operand %d has %d dimensions but %s%d indices",
                   second ? 2 : 1, x->rank, d > x->rank ? "at least " : "", d);
}

static limn_status parse(sum *s, const char *spec, const limn_array *a, const limn_array *b,
                         limn_err *err) {
  const char *p = spec;
  memset(s, 0, sizeof *s);
  limn_status status = operand(s, &p, a, false, err);
  if (status == LIMN_OK && b && *p == ',') {
    p++;
    status = operand(s, &p, b, true, err);
  } else if (status == LIMN_OK && b) {
    status = limn_fail(err, LIMN_EINVAL, "\"%s\" names one operand, got two", spec);
  }
  if (status != LIMN_OK) return status;
  if (*p == '\0') { /* labels that occur once, in alphabetical order */
    for (char c = 'A'; c <= 'z' && s->rank <= LIMN_MAX_RANK; c++) {
      int times = 0;
      for (const char *q = spec; *q; q++) times += *q == c;
      if (isalpha((unsigned char)c) && times == 1) s->result[s->rank++] = c;
      if (s->rank > LIMN_MAX_RANK) break;
    }
  } else if (p[0] == '-' && p[1] == '>') {
    for (p += 2; *p && s->rank <= LIMN_MAX_RANK; p++)
      if (*p != ' ') s->result[s->rank++] = *p;
  } else {
    return limn_fail(err, LIMN_EINVAL,
                     "\"%s\" is no summation; expected something like \"ij,jk->ik\"", spec);
  }
  if (s->rank > LIMN_MAX_RANK)
    return limn_fail(err, LIMN_EINVAL, "the result of \"%s\" has more than %d dimensions", spec,
                     LIMN_MAX_RANK);
  for (int d = 0; d < s->rank; d++) {
    int k = label_of(s, s->result[d]);
    if (k < 0 || s->in_result[k])
      return limn_fail(err, LIMN_EINVAL, "index %c of the result %s", s->result[d],
                       k < 0 ? "is in no operand" : "occurs twice");
    s->in_result[k] = true;
  }
  return LIMN_OK;
}

/* out[..] += x[..] over all values of the labels; strides of 0 repeat or sum. */
static void add_over(double *out, const ptrdiff_t *to, const limn_array *x, const ptrdiff_t *from,
                     const size_t *size, int count) {
  size_t at[LABELS] = {0}, last = count ? size[count - 1] : 1;
  ptrdiff_t o = 0, i = 0, so = count ? to[count - 1] : 0, si = count ? from[count - 1] : 0;
  for (int k = 0; k < count; k++)
    if (size[k] == 0) return;
  for (;;) {
    for (size_t r = 0; r < last; r++)
      out[o + (ptrdiff_t)r * so] += limn_entry_get(x, i + (ptrdiff_t)r * si);
    int k = count - 2;
    for (; k >= 0; k--) {
      o += to[k], i += from[k];
      if (++at[k] < size[k]) break;
      o -= to[k] * (ptrdiff_t)size[k], i -= from[k] * (ptrdiff_t)size[k];
      at[k] = 0;
    }
    if (k < 0) return;
  }
}

typedef enum class { BATCH, ROWS, COLUMNS, INNER, ALONE } class;

static class class_of(const sum *s, int k) {
  if (s->in_a[k] && s->in_b[k]) return s->in_result[k] ? BATCH : INNER;
  if (!s->in_result[k]) return ALONE;
  return s->in_a[k] ? ROWS : COLUMNS;
}

/* The strides of a packed operand: the labels of order[0] first, then those of order[1], .. */
static void packed_strides(ptrdiff_t *stride, const sum *s, const class *order, int classes) {
  ptrdiff_t step = 1;
  for (int k = 0; k < s->count; k++) stride[k] = 0;
  for (int c = classes - 1; c >= 0; c--)
    for (int k = s->count - 1; k >= 0; k--)
      if (class_of(s, k) == order[c]) {
        stride[k] = step;
        step *= (ptrdiff_t)s->size[k];
      }
}

static size_t extent(const sum *s, class c) {
  size_t n = 1;
  for (int k = 0; k < s->count; k++)
    if (class_of(s, k) == c) n *= s->size[k];
  return n;
}

/* Packs one operand: the sizes of labels that it lacks count as 1. */
static void pack(double *out, const ptrdiff_t *to, const limn_array *x, const sum *s, bool second) {
  size_t size[LABELS] = {0};
  for (int k = 0; k < s->count; k++) size[k] = (second ? s->in_b[k] : s->in_a[k]) ? s->size[k] : 1;
  add_over(out, to, x, second ? s->stride_b : s->stride_a, size, s->count);
}

/* The strides of the labels in the contiguous result. */
static void result_strides(ptrdiff_t *stride, const sum *s) {
  ptrdiff_t step = 1;
  for (int k = 0; k < s->count; k++) stride[k] = 0;
  for (int d = s->rank - 1; d >= 0; d--) {
    int k = label_of(s, s->result[d]);
    stride[k] = step;
    step *= (ptrdiff_t)s->size[k];
  }
}

limn_status limn_einsum_shape(limn_array *shape, const char *spec, const limn_array *a,
                              const limn_array *b, limn_err *err) {
  sum s;
  limn_status status = parse(&s, spec, a, b, err);
  if (status != LIMN_OK) return status;
  *shape = (limn_array){.dtype = LIMN_F64, .rank = s.rank, .dims = {1, 1, 1}};
  for (int d = 0; d < s.rank; d++) shape->dims[d] = s.size[label_of(&s, s.result[d])];
  return LIMN_OK;
}

/* Whether an operand lies in memory as it would be packed. */
static bool is_packed(const sum *s, const ptrdiff_t *packed, const limn_array *x, bool second) {
  bool same = x->dtype == LIMN_F64;
  for (int k = 0; k < s->count; k++) {
    if (!(second ? s->in_b[k] : s->in_a[k])) continue;
    ptrdiff_t stride = second ? s->stride_b[k] : s->stride_a[k];
    same = same && class_of(s, k) != ALONE && (stride == packed[k] || s->size[k] == 1);
  }
  return same;
}

/* The operand packed, in *room (allocated), or where it lies; NULL without memory. */
static const double *packed(double **room, const sum *s, const class *order, const limn_array *x,
                            bool second, size_t size) {
  ptrdiff_t stride[LABELS] = {0};
  packed_strides(stride, s, order, 3);
  *room = NULL;
  if (is_packed(s, stride, x, second)) return x->data;
  *room = limn_alloc(size + 1, sizeof **room);
  if (*room) pack(*room, stride, x, s, second);
  return *room;
}

static limn_status product(double *out, const sum *s, const limn_array *a, const limn_array *b,
                           limn_err *err) {
  size_t batch = extent(s, BATCH), m = extent(s, ROWS), n = extent(s, COLUMNS),
         inner = extent(s, INNER), total = batch * m * n;
  ptrdiff_t stride[LABELS] = {0}, final[LABELS] = {0};
  packed_strides(stride, s, (class[]){BATCH, ROWS, COLUMNS}, 3);
  result_strides(final, s);
  bool ordered = true; /* the products are the result as it is */
  for (int k = 0; k < s->count; k++)
    if (s->in_result[k] && s->size[k] != 1) ordered = ordered && stride[k] == final[k];
  double *room_x, *room_y, *room_z = ordered ? NULL : limn_alloc(total + 1, sizeof *room_z);
  const double *x = packed(&room_x, s, (class[]){BATCH, ROWS, INNER}, a, false, batch * m * inner),
               *y =
                   packed(&room_y, s, (class[]){BATCH, INNER, COLUMNS}, b, true, batch * inner * n);
  double *z = ordered ? out : room_z;
  limn_status status = x && y && z ? LIMN_OK : limn_nomem(err, "packed operands", total, sizeof *z);
  for (size_t k = 0; status == LIMN_OK && k < batch; k++)
    status = limn_la_gemm(z + k * m * n, n, x + k * m * inner, inner, false, y + k * inner * n, n,
                          false, m, n, inner, 1, 0, err);
  if (status == LIMN_OK && !ordered) {
    size_t size[LABELS] = {0};
    for (int k = 0; k < s->count; k++) size[k] = s->in_result[k] ? s->size[k] : 1;
    limn_array flat = limn_array_view(LIMN_F64, 1, &total, z);
    add_over(out, final, &flat, stride, size, s->count);
  }
  limn_free(room_x);
  limn_free(room_y);
  limn_free(room_z);
  return status;
}

limn_status limn_einsum(limn_array *out, const char *spec, const limn_array *a, const limn_array *b,
                        limn_err *err) {
  sum s;
  limn_status status = parse(&s, spec, a, b, err);
  if (status != LIMN_OK) return status;
  memset(out->data, 0, limn_array_size(out) * sizeof(double));
  if (b) return product(out->data, &s, a, b, err);
  ptrdiff_t stride[LABELS] = {0};
  result_strides(stride, &s);
  pack(out->data, stride, a, &s, false);
  return LIMN_OK;
}
