/* ops.c: elementwise arithmetic with broadcasting; contracts in limn/array_ops.h.
 *
 * All operands are brought to one shape of three dimensions (stride 0 in broadcast dimensions), and
 * adjacent dimensions that are contiguous in all operands are merged. The innermost rows are
 * processed in chunks: contiguous double chunks in place, others through a small buffer. */
#include "limn/array_ops.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "num/array/kernels.h"
#include "num/array/walk.h"
#include "core/core.h"

static void shape_text(char *text, size_t size, const limn_array *a) {
  size_t used = 0;
  for (int k = 0; k < a->rank && used < size; k++)
    used += (size_t)snprintf(text + used, size - used, k ? "x%zu" : "%zu", a->dims[k]);
}

limn_status limn_array_broadcast(limn_array *shape, const limn_array *a, const limn_array *b,
                                 limn_err *err) {
  *shape = (limn_array){.dtype = limn_binary_dtype(LIMN_OP_ADD, a->dtype, b->dtype),
                        .rank = a->rank > b->rank ? a->rank : b->rank,
                        .dims = {1, 1, 1}};
  for (int k = 0; k < shape->rank; k++) {
    int ka = k - (shape->rank - a->rank), kb = k - (shape->rank - b->rank);
    size_t da = ka >= 0 ? a->dims[ka] : 1, db = kb >= 0 ? b->dims[kb] : 1;
    if (da != db && da != 1 && db != 1) {
      char ta[80], tb[80];
      shape_text(ta, sizeof ta, a);
      shape_text(tb, sizeof tb, b);
      return limn_fail(err, LIMN_ESHAPE,
                       "shapes %s and %s cannot be broadcast (dimensions are matched "
                       "from the last one and must be equal or 1)",
                       ta, tb);
    }
    shape->dims[k] = da == 1 ? db : da;
  }
  return LIMN_OK;
}

/* ---- iteration ---- */

enum { OPERANDS = 3 }; /* out, a, b */

typedef struct plan {
  size_t n[LIMN_MAX_RANK];
  ptrdiff_t s[OPERANDS][LIMN_MAX_RANK];
} plan;

static plan make_plan(const limn_array *const operand[OPERANDS]) {
  plan p = {{1, 1, 1}, {{0}}};
  const limn_array *out = operand[0];
  for (int k = 0; k < LIMN_MAX_RANK; k++) { /* the k-th dimension from the last */
    int slot = LIMN_MAX_RANK - 1 - k;
    if (k < out->rank) p.n[slot] = out->dims[out->rank - 1 - k];
    for (int o = 0; o < OPERANDS; o++) {
      const limn_array *x = operand[o];
      if (x && k < x->rank && x->dims[x->rank - 1 - k] != 1)
        p.s[o][slot] = x->stride[x->rank - 1 - k];
    }
  }
  for (int k = LIMN_MAX_RANK - 2; k >= 0; k--) { /* merge dimension k into the last one */
    int last = LIMN_MAX_RANK - 1;
    bool merge = true;
    for (int o = 0; o < OPERANDS; o++)
      merge = merge &&
              (p.n[k] == 1 || p.n[last] == 1 || p.s[o][k] == p.s[o][last] * (ptrdiff_t)p.n[last]);
    if (!merge) break;
    if (p.n[last] == 1)
      for (int o = 0; o < OPERANDS; o++) p.s[o][last] = p.s[o][k];
    p.n[last] *= p.n[k];
    p.n[k] = 1;
  }
  return p;
}

typedef struct pass {
  limn_array *out;
  const limn_array *a, *b;
  limn_entry_kernel *f;
  plan p;
  size_t segments; /* of each innermost row */
} pass;

/* Entries from .. from+count-1 of the innermost row that begins at the offsets at. */
static void walk_row(const pass *w, const ptrdiff_t *at, size_t from, size_t count) {
  const plan *p = &w->p;
  double ba[LIMN_CHUNK], bb[LIMN_CHUNK], bo[LIMN_CHUNK];
  for (size_t done = from; done < from + count; done += LIMN_CHUNK) {
    size_t n = from + count - done < LIMN_CHUNK ? from + count - done : LIMN_CHUNK;
    ptrdiff_t d = (ptrdiff_t)done;
    const double *pa = limn_chunk_read(w->a, at[1] + d * p->s[1][2], p->s[1][2], n, ba);
    const double *pb =
        w->b ? limn_chunk_read(w->b, at[2] + d * p->s[2][2], p->s[2][2], n, bb) : NULL;
    ptrdiff_t to = at[0] + d * p->s[0][2];
    if (w->out->dtype == LIMN_F64 && (p->s[0][2] == 1 || n == 1)) {
      w->f((double *)w->out->data + to, pa, pb, n);
    } else {
      w->f(bo, pa, pb, n);
      limn_chunk_write(w->out, to, p->s[0][2], n, bo);
    }
  }
}

/* A task is one segment of one innermost row. */
static void walk_segment(void *ctx, size_t task, int worker) {
  const pass *w = ctx;
  const plan *p = &w->p;
  size_t row = task / w->segments, from = task % w->segments * LIMN_SEGMENT;
  size_t i = row / p->n[1], j = row % p->n[1], left = p->n[2] - from;
  ptrdiff_t at[OPERANDS];
  for (int o = 0; o < OPERANDS; o++) at[o] = (ptrdiff_t)i * p->s[o][0] + (ptrdiff_t)j * p->s[o][1];
  walk_row(w, at, from, left < LIMN_SEGMENT ? left : LIMN_SEGMENT);
  (void)worker;
}

static void walk(limn_array *out, const limn_array *a, const limn_array *b, limn_entry_kernel *f,
                 bool slow) {
  const limn_array *operand[OPERANDS] = {out, a, b};
  pass w = {out, a, b, f, make_plan(operand), 0};
  size_t n = w.p.n[0] * w.p.n[1] * w.p.n[2];
  if (n == 0) return;
  w.segments = (w.p.n[2] + LIMN_SEGMENT - 1) / LIMN_SEGMENT;
  size_t tasks = w.p.n[0] * w.p.n[1] * w.segments;
  /* threads are started in every call, which costs some 50 us */
  bool divide = n >= (slow ? LIMN_MANY_SLOW : LIMN_MANY) && tasks >= 4 && limn_workers(tasks) > 1;
  if (divide && limn_parallel(tasks, walk_segment, &w, NULL, NULL) == LIMN_OK) return;
  for (size_t t = 0; t < tasks; t++) walk_segment(&w, t, 0);
}

limn_status limn_array_binary(limn_array *out, limn_binary op, const limn_array *a,
                              const limn_array *b) {
  if ((unsigned)op > LIMN_OP_HYPOT) return LIMN_EINVAL;
  walk(out, a, b, limn_binary_kernels[op], false);
  return LIMN_OK;
}

limn_status limn_array_unary(limn_array *out, limn_unary op, const limn_array *a) {
  if ((unsigned)op > LIMN_OP_NOT) return LIMN_EINVAL;
  walk(out, a, NULL, limn_unary_kernels[op], limn_unary_is_slow(op));
  return LIMN_OK;
}

/* a 10^digits, rounded, over 10^digits, as numpy does. */
void limn_array_round(limn_array *out, const limn_array *a, int digits) {
  double power = pow(10, abs(digits));
  limn_array scale = limn_array_view(LIMN_F64, 1, (size_t[]){1}, &power);
  if (digits == 0 || (limn_dtype_whole(a->dtype) && digits > 0)) {
    limn_array_unary(out, LIMN_OP_ROUND, a);
    return;
  }
  limn_array_binary(out, digits > 0 ? LIMN_OP_MUL : LIMN_OP_DIV, a, &scale);
  limn_array_unary(out, LIMN_OP_ROUND, out);
  limn_array_binary(out, digits > 0 ? LIMN_OP_DIV : LIMN_OP_MUL, out, &scale);
}

/* Whether out (m,n) is contiguous and a a transposed matrix, both of doubles and of one shape. */
static bool transposes(const limn_array *out, const limn_array *a) {
  return out->dtype == LIMN_F64 && a->dtype == LIMN_F64 && a->rank == 2 && out->rank == 2 &&
         a->dims[0] == out->dims[0] && a->dims[1] == out->dims[1] && a->stride[0] == 1 &&
         a->stride[1] > 1 && limn_array_contiguous(out);
}

/* In tiles whose rows and columns fit the cache. */
static void copy_transposed(limn_array *out, const limn_array *a) {
  enum { SIDE = 16 };
  double *to = out->data;
  const double *from = a->data;
  size_t m = out->dims[0], n = out->dims[1], step = (size_t)a->stride[1];
  for (size_t ib = 0; ib < m; ib += SIDE)
    for (size_t jb = 0; jb < n; jb += SIDE)
      for (size_t i = ib; i < m && i < ib + SIDE; i++)
        for (size_t j = jb; j < n && j < jb + SIDE; j++) to[i * n + j] = from[j * step + i];
}

void limn_array_copy(limn_array *out, const limn_array *a) {
  if (transposes(out, a)) {
    copy_transposed(out, a);
    return;
  }
  walk(out, a, NULL, limn_copy_kernel, false);
}

bool limn_array_equal(const limn_array *a, const limn_array *b, double tol) {
  if (a->rank != b->rank) return false;
  for (int k = 0; k < a->rank; k++)
    if (a->dims[k] != b->dims[k]) return false;
  size_t n = limn_array_size(a);
  double x[LIMN_CHUNK], y[LIMN_CHUNK];
  limn_cursor ca = {a, 0}, cb = {b, 0};
  for (size_t done = 0; done < n; done += LIMN_CHUNK) {
    size_t w = n - done < LIMN_CHUNK ? n - done : LIMN_CHUNK;
    limn_cursor_read(&ca, x, w);
    limn_cursor_read(&cb, y, w);
    for (size_t i = 0; i < w; i++)
      if (!(x[i] == y[i] || fabs(x[i] - y[i]) <= tol)) return false;
  }
  return true;
}

void limn_array_linspace(limn_array *out, double first, double last, bool geometric) {
  size_t n = limn_array_size(out);
  double sign = first < 0 ? -1 : 1;
  double a = geometric ? log(fabs(first)) : first, b = geometric ? log(fabs(last)) : last;
  for (size_t i = 0; i < n; i++) {
    double t = n > 1 ? (double)i / (double)(n - 1) : 0;
    double x = a * (1 - t) + b * t; /* no overflow of b - a; symmetric about the middle */
    if (geometric) x = sign * exp(x);
    if (i == 0)
      x = first;
    else if (i == n - 1)
      x = last;
    limn_chunk_write(out, (ptrdiff_t)i, 1, 1, &x);
  }
}

void limn_array_range(limn_array *out, double first, double step) {
  size_t n = limn_array_size(out);
  for (size_t i = 0; i < n; i++) {
    double x = first + (double)i * step;
    limn_chunk_write(out, (ptrdiff_t)i, 1, 1, &x);
  }
}
