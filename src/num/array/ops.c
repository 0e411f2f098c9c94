/* ops.c: elementwise arithmetic with broadcasting; contracts in limn/array_ops.h.
 *
 * All operands are brought to one shape of three dimensions (stride 0 in broadcast dimensions), and
 * adjacent dimensions that are contiguous in all operands are merged. The innermost rows are
 * processed in chunks: contiguous double chunks in place, others through a small buffer. */
#include "limn/array_ops.h"

#include <math.h>
#include <stdio.h>

#include "num/array/walk.h"
#include "core/core.h"

static void shape_text(char *text, size_t size, const limn_array *a) {
  size_t used = 0;
  for (int k = 0; k < a->rank && used < size; k++)
    used += (size_t)snprintf(text + used, size - used, k ? "x%zu" : "%zu", a->dims[k]);
}

limn_status limn_array_broadcast(limn_array *shape, const limn_array *a, const limn_array *b,
                                 limn_err *err) {
  *shape = (limn_array){.dtype = a->dtype == LIMN_F32 && b->dtype == LIMN_F32 ? LIMN_F32 : LIMN_F64,
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

typedef void kernel(double *o, const double *a, const double *b, size_t n);

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

static void walk(limn_array *out, const limn_array *a, const limn_array *b, kernel *f) {
  const limn_array *operand[OPERANDS] = {out, a, b};
  plan p = make_plan(operand);
  double ba[LIMN_CHUNK], bb[LIMN_CHUNK], bo[LIMN_CHUNK];
  for (size_t i = 0; i < p.n[0]; i++)
    for (size_t j = 0; j < p.n[1]; j++) {
      ptrdiff_t at[OPERANDS];
      for (int o = 0; o < OPERANDS; o++)
        at[o] = (ptrdiff_t)i * p.s[o][0] + (ptrdiff_t)j * p.s[o][1];
      for (size_t done = 0; done < p.n[2]; done += LIMN_CHUNK) {
        size_t w = p.n[2] - done < LIMN_CHUNK ? p.n[2] - done : LIMN_CHUNK;
        ptrdiff_t d = (ptrdiff_t)done;
        const double *pa = limn_chunk_read(a, at[1] + d * p.s[1][2], p.s[1][2], w, ba);
        const double *pb = b ? limn_chunk_read(b, at[2] + d * p.s[2][2], p.s[2][2], w, bb) : NULL;
        ptrdiff_t to = at[0] + d * p.s[0][2];
        if (out->dtype == LIMN_F64 && (p.s[0][2] == 1 || w == 1)) {
          f((double *)out->data + to, pa, pb, w);
        } else {
          f(bo, pa, pb, w);
          limn_chunk_write(out, to, p.s[0][2], w, bo);
        }
      }
    }
}

/* ---- kernels ---- */

#define BINARY(name, expression)                                                                   \
  static void name(double *o, const double *a, const double *b, size_t n) {                        \
    for (size_t i = 0; i < n; i++) o[i] = (expression);                                            \
  }
#define UNARY(name, expression)                                                                    \
  static void name(double *o, const double *a, const double *b, size_t n) {                        \
    (void)b;                                                                                       \
    for (size_t i = 0; i < n; i++) o[i] = (expression);                                            \
  }

BINARY(k_add, a[i] + b[i])
BINARY(k_sub, a[i] - b[i])
BINARY(k_mul, a[i] * b[i])
BINARY(k_div, a[i] / b[i])
BINARY(k_pow, b[i] == 2 ? a[i] * a[i] : pow(a[i], b[i])) /* squares are correctly rounded */
BINARY(k_lt, a[i] < b[i] ? 1 : 0)
BINARY(k_le, a[i] <= b[i] ? 1 : 0)
BINARY(k_gt, a[i] > b[i] ? 1 : 0)
BINARY(k_ge, a[i] >= b[i] ? 1 : 0)
BINARY(k_eq, a[i] == b[i] ? 1 : 0)
BINARY(k_ne, a[i] != b[i] ? 1 : 0)
UNARY(k_neg, -a[i])
UNARY(k_exp, exp(a[i]))
UNARY(k_log, log(a[i]))
UNARY(k_sqrt, sqrt(a[i]))
UNARY(k_abs, fabs(a[i]))
UNARY(k_sign, a[i] > 0 ? 1 : a[i] < 0 ? -1 : a[i]) /* returns 0, -0 and NaN unchanged */
UNARY(k_tanh, tanh(a[i]))
UNARY(k_copy, a[i])

void limn_array_binary(limn_array *out, limn_binary op, const limn_array *a, const limn_array *b) {
  static kernel *const table[] = {k_add, k_sub, k_mul, k_div, k_pow, k_lt,
                                  k_le,  k_gt,  k_ge,  k_eq,  k_ne};
  walk(out, a, b, table[op]);
}

void limn_array_unary(limn_array *out, limn_unary op, const limn_array *a) {
  static kernel *const table[] = {k_neg, k_exp, k_log, k_sqrt, k_abs, k_sign, k_tanh};
  walk(out, a, NULL, table[op]);
}

void limn_array_copy(limn_array *out, const limn_array *a) {
  walk(out, a, NULL, k_copy);
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
