/* reduce.c: sums, moments, extremes, products and counts; contracts in limn/array_ops.h.
 *
 * A lane is the sequence of entries that are reduced to one result. For any strides, a lane is
 * accumulated in blocks of 128 entries in order. Inside a block there are eight partial sums; block
 * sums are combined like the carries of a binary counter (pairwise summation: error ~ eps log n).
 * The result is therefore a function of the values only. Adjacent lanes are accumulated together,
 * so that sums down the columns of a row-major matrix read whole cache lines. */
#include "num/array/reduce.h"

#include <math.h>
#include <string.h>

#include "core/core.h"
#include "num/array/kernels.h"

enum { BLOCK = LIMN_BLOCK, TILE = 128, LONG_BLOCK = 4096, WIDE_TILE = 1024 };

typedef struct lane {
  limn_pairwise sum;
  double mean; /* VAR, STD, second pass */
  double best; /* extremes; product */
  size_t where, seen;
} lane;

/* The largest of x (n), or the smallest, or the first NaN, and its first place unless place is
 * NULL. 32 partial results, so that no comparison waits for the previous one. */
LIMN_WIDE static double block_extreme(const double *x, size_t n, bool most, size_t *place) {
  enum { PARTS = 32 };
  double m[PARTS], special[PARTS] = {0}, b[PARTS];
  size_t i = 0;
  for (size_t j = 0; j < PARTS; j++) m[j] = x[0];
  if (most)
    for (; i + PARTS <= n; i += PARTS)
      for (size_t j = 0; j < PARTS; j++) {
        m[j] = x[i + j] > m[j] ? x[i + j] : m[j];
        special[j] += x[i + j] * 0; /* NaN after a NaN or infinity */
      }
  else
    for (; i + PARTS <= n; i += PARTS)
      for (size_t j = 0; j < PARTS; j++) {
        m[j] = x[i + j] < m[j] ? x[i + j] : m[j];
        special[j] += x[i + j] * 0;
      }
  for (size_t j = 0; i < n; i++, j++) {
    if (most ? x[i] > m[j] : x[i] < m[j]) m[j] = x[i];
    special[j] += x[i] * 0;
  }
  memcpy(b, m, sizeof b);
  for (size_t half = PARTS / 2; half; half /= 2)
    for (size_t j = 0; j < half; j++) {
      special[j] += special[j + half];
      b[j] = (most ? b[j + half] > b[j] : b[j + half] < b[j]) ? b[j + half] : b[j];
    }
  for (i = 0; special[0] != 0 && i < n; i++)
    if (x[i] != x[i]) {
      if (place) *place = i;
      return x[i];
    }
  if (!place) return b[0];
  size_t first = n; /* entry i belongs to part i mod PARTS */
  for (size_t from = 0; from < PARTS; from += 8) {
    int hits = 0;
    for (size_t j = from; j < from + 8; j++) hits += m[j] == b[0];
    for (size_t j = from; hits && j < from + 8; j++)
      for (i = j; m[j] == b[0] && i < first; i += PARTS)
        if (x[i] == b[0]) first = i;
  }
  *place = first;
  return b[0];
}

/* most[l] = the larger of it and x[l], or the smaller, and where[l] = k if that is x[l]; special[l]
 * is NaN after a NaN or infinity. */
LIMN_WIDE static void extreme_row_at(double *restrict most, double *restrict where,
                                     double *restrict special, const double *x, size_t n, size_t k,
                                     bool largest) {
  double here = (double)k;
  if (largest)
    for (size_t l = 0; l < n; l++) {
      where[l] = x[l] > most[l] ? here : where[l];
      most[l] = x[l] > most[l] ? x[l] : most[l];
      special[l] += x[l] * 0;
    }
  else
    for (size_t l = 0; l < n; l++) {
      where[l] = x[l] < most[l] ? here : where[l];
      most[l] = x[l] < most[l] ? x[l] : most[l];
      special[l] += x[l] * 0;
    }
}

/* The place is looked for only if it is asked for, or if it decides the sign of a zero. */
static void extreme(lane *l, const double *x, size_t n, bool most, bool place) {
  if (l->seen == 0 || l->best == l->best) { /* stops at the first NaN */
    size_t i = 0;
    double b = block_extreme(x, n, most, place ? &i : NULL);
    if (l->seen == 0 || b != b || (most ? b > l->best : b < l->best)) {
      if (b == 0 && !place) block_extreme(x, n, most, &i);
      l->best = place || b == 0 ? x[i] : b, l->where = l->seen + i;
    }
  }
  l->seen += n;
}

static void multiply(lane *l, const double *x, size_t n) {
  if (l->seen == 0) l->best = 1;
  for (size_t i = 0; i < n; i++) l->best *= x[i];
  l->seen += n;
}

static bool is_extreme(limn_reduction op) {
  return op >= LIMN_OP_MIN && op <= LIMN_OP_ARGMAX;
}

static bool is_moment(limn_reduction op) {
  return op == LIMN_OP_VAR || op == LIMN_OP_STD;
}

/* Accumulates one block of 1 .. BLOCK entries. VAR and STD need two passes; pass 1 computes the
 * mean. */
static void feed(lane *l, limn_reduction op, int pass, const double *x, size_t n) {
  double d[BLOCK];
  if (is_extreme(op)) {
    extreme(l, x, n, op == LIMN_OP_MAX || op == LIMN_OP_ARGMAX, op >= LIMN_OP_ARGMIN);
  } else if (op == LIMN_OP_PROD) {
    multiply(l, x, n);
  } else if (op >= LIMN_OP_ANY) {
    for (size_t i = 0; i < n; i++) d[i] = x[i] != 0 ? 1 : 0;
    limn_pairwise_add(&l->sum, limn_block_sum(d, n));
  } else if (pass == 2) {
    for (size_t i = 0; i < n; i++) d[i] = (x[i] - l->mean) * (x[i] - l->mean);
    limn_pairwise_add(&l->sum, limn_block_sum(d, n));
  } else {
    limn_pairwise_add(&l->sum, limn_block_sum(x, n));
  }
}

/* v is the lane as an array. */
static double result(const lane *l, limn_reduction op, const limn_array *v, double ddof) {
  size_t n = limn_array_size(v);
  double sum = limn_pairwise_total(&l->sum), left = (double)n - ddof, x;
  switch (op) {
  case LIMN_OP_SUM:
  case LIMN_OP_COUNT:
    return sum;
  case LIMN_OP_ANY:
    return sum > 0;
  case LIMN_OP_ALL:
    return sum == (double)n;
  case LIMN_OP_MEAN:
    x = sum / (double)n;
    return isfinite(x) || n == 0 ? x : limn_scaled_moment(v, false, ddof);
  case LIMN_OP_VAR:
    return left > 0 ? sum / left : NAN;
  case LIMN_OP_STD:
    x = left > 0 ? sqrt(sum / left) : NAN;
    return left > 0 && !(x > 1e-140 && x < INFINITY) ? limn_scaled_moment(v, true, ddof) : x;
  case LIMN_OP_PROD:
    return l->seen ? l->best : 1;
  case LIMN_OP_MIN:
  case LIMN_OP_MAX:
    return l->best;
  default:
    return (double)l->where;
  }
}

static void second_pass(lane *l, size_t n) {
  double mean = limn_pairwise_total(&l->sum) / (double)n;
  memset(l, 0, sizeof *l);
  l->mean = mean;
}

static double reduce_all(const limn_array *a, limn_reduction op, double ddof) {
  size_t n = limn_array_size(a);
  lane l = {0};
  bool direct = a->dtype == LIMN_F64 && limn_array_contiguous(a);
  size_t block = direct && is_extreme(op) ? LONG_BLOCK : BLOCK; /* extremes do not depend on it */
  double buffer[BLOCK];
  for (int pass = 1; pass <= (is_moment(op) ? 2 : 1); pass++) {
    limn_cursor c = {a, 0};
    if (pass == 2) second_pass(&l, n);
    for (size_t done = 0; done < n; done += block) {
      size_t w = n - done < block ? n - done : block;
      if (!direct) limn_cursor_read(&c, buffer, w);
      feed(&l, op, pass, direct ? (const double *)a->data + done : buffer, w);
    }
  }
  return result(&l, op, a, ddof);
}

LIMN_WIDE static void add_row(double *restrict sum, const double *x, size_t n) {
  for (size_t l = 0; l < n; l++) sum[l] += x[l];
}

LIMN_WIDE static void add_squares(double *restrict sum, const double *x, const double *mean,
                                  size_t n) {
  for (size_t l = 0; l < n; l++) sum[l] += (x[l] - mean[l]) * (x[l] - mean[l]);
}

/* The same as extreme_row for four rows: `most` and `special` are read and written once. */
LIMN_WIDE static void extreme_four(double *restrict most, double *restrict special, const double *x,
                                   ptrdiff_t step, size_t n, bool largest) {
  const double *b = x + step, *c = b + step, *d = c + step;
  if (largest)
    for (size_t l = 0; l < n; l++) {
      double first = b[l] > x[l] ? b[l] : x[l], second = d[l] > c[l] ? d[l] : c[l];
      double four = second > first ? second : first; /* of equal ones the earlier */
      most[l] = four > most[l] ? four : most[l];
      special[l] += ((x[l] + b[l]) + (c[l] + d[l])) * 0;
    }
  else
    for (size_t l = 0; l < n; l++) {
      double first = b[l] < x[l] ? b[l] : x[l], second = d[l] < c[l] ? d[l] : c[l];
      double four = second < first ? second : first;
      most[l] = four < most[l] ? four : most[l];
      special[l] += ((x[l] + b[l]) + (c[l] + d[l])) * 0;
    }
}

/* most[l] = the larger of it and x[l], or the smaller; special[l] is NaN after a NaN or infinity.
 */
LIMN_WIDE static void extreme_row(double *restrict most, double *restrict special, const double *x,
                                  size_t n, bool largest) {
  if (largest)
    for (size_t l = 0; l < n; l++) most[l] = x[l] > most[l] ? x[l] : most[l];
  else
    for (size_t l = 0; l < n; l++) most[l] = x[l] < most[l] ? x[l] : most[l];
  for (size_t l = 0; l < n; l++) special[l] += x[l] * 0;
}

/* Adds w entries of each of `tile` adjacent lanes to their sums, in the order of limn_block_sum:
 * entry i belongs to partial sum i mod 8. */
static void add_rows(lane *state, const limn_array *a, const limn_lanes *t, ptrdiff_t at,
                     size_t tile, size_t w, bool deviations) {
  double s[8][TILE] = {{0}}, row[LIMN_CHUNK], mean[TILE];
  for (size_t l = 0; l < tile; l++) mean[l] = state[l].mean;
  for (size_t i = 0; i < w; i++) {
    const double *p = limn_chunk_read(a, at + (ptrdiff_t)i * t->sl, t->si, tile, row);
    if (deviations)
      add_squares(s[i & 7], p, mean, tile);
    else
      add_row(s[i & 7], p, tile);
  }
  for (size_t l = 0; l < tile; l++)
    limn_pairwise_add(&state[l].sum, ((s[0][l] + s[1][l]) + (s[2][l] + s[3][l])) +
                                         ((s[4][l] + s[5][l]) + (s[6][l] + s[7][l])));
}

/* Extremes of w entries of each of `tile` adjacent lanes. A lane with a NaN is read again. */
static void extreme_rows(lane *state, const limn_array *a, const limn_lanes *t, ptrdiff_t at,
                         size_t tile, size_t w, bool largest) {
  double most[TILE], special[TILE] = {0}, row[LIMN_CHUNK], column[BLOCK];
  const double *first = limn_chunk_read(a, at, t->si, tile, row);
  memcpy(most, first, tile * sizeof *most);
  for (size_t i = 0; i < w; i++)
    extreme_row(most, special, limn_chunk_read(a, at + (ptrdiff_t)i * t->sl, t->si, tile, row),
                tile, largest);
  for (size_t l = 0; l < tile; l++) {
    if (special[l] != 0)
      extreme(&state[l], limn_chunk_read(a, at + (ptrdiff_t)l * t->si, t->sl, w, column), w,
              largest, false);
    else
      extreme(&state[l], &most[l], 1, largest, false);
  }
}

/* Feeds w entries of `tile` lanes from `at` on, lane by lane. */
static void feed_lanes(lane *state, limn_reduction op, int pass, const limn_array *a,
                       const limn_lanes *t, ptrdiff_t at, size_t tile, size_t w) {
  double buffer[BLOCK];
  for (size_t l = 0; l < tile; l++)
    feed(&state[l], op, pass, limn_chunk_read(a, at + (ptrdiff_t)l * t->si, t->sl, w, buffer), w);
}

typedef struct reduction {
  limn_array *out;
  limn_reduction op;
  const limn_array *a;
  limn_lanes t;
  double ddof;
} reduction;

static void reduce_tile(const reduction *r, size_t o, size_t i, size_t tile, lane *state) {
  const limn_lanes *t = &r->t;
  bool sums = r->op <= LIMN_OP_STD && t->sl != 1;
  bool extremes = (r->op == LIMN_OP_MIN || r->op == LIMN_OP_MAX) && t->sl != 1;
  bool direct = r->a->dtype == LIMN_F64 && t->sl == 1 && is_extreme(r->op);
  size_t block = direct ? LONG_BLOCK : BLOCK;
  ptrdiff_t at = (ptrdiff_t)o * t->so + (ptrdiff_t)i * t->si;
  memset(state, 0, tile * sizeof *state);
  for (int pass = 1; pass <= (is_moment(r->op) ? 2 : 1); pass++) {
    for (size_t l = 0; pass == 2 && l < tile; l++) second_pass(&state[l], t->length);
    for (size_t from = 0; from < t->length; from += block) {
      size_t w = t->length - from < block ? t->length - from : block;
      ptrdiff_t here = at + (ptrdiff_t)from * t->sl;
      if (sums)
        add_rows(state, r->a, t, here, tile, w, pass == 2);
      else if (extremes)
        extreme_rows(state, r->a, t, here, tile, w, r->op == LIMN_OP_MAX);
      else
        feed_lanes(state, r->op, pass, r->a, t, here, tile, w);
    }
  }
  for (size_t l = 0; l < tile; l++) {
    limn_array v = {.dtype = r->a->dtype, .rank = 1, .dims = {t->length, 1, 1}, .stride = {t->sl}};
    v.data = t->length ? limn_entry_address(r->a, at + (ptrdiff_t)l * t->si) : r->a->data;
    limn_entry_set(r->out, (ptrdiff_t)(o * t->inner + i + l),
                   result(&state[l], r->op, &v, r->ddof));
  }
}

/* Extremes of n adjacent columns of doubles, or their rows. Whole rows are read, which the
 * prefetcher follows; a column with a NaN or an infinity is read again. */
static void extreme_columns(const reduction *r, size_t o, size_t i, size_t n, double *most,
                            lane *state) {
  const limn_lanes *t = &r->t;
  const double *x = (const double *)r->a->data + (ptrdiff_t)o * t->so + (ptrdiff_t)i;
  double *special = most + WIDE_TILE, *where = special + WIDE_TILE;
  bool place = r->op >= LIMN_OP_ARGMIN, largest = r->op == LIMN_OP_MAX || r->op == LIMN_OP_ARGMAX;
  memcpy(most, x, n * sizeof *most);
  memset(special, 0, 2 * WIDE_TILE * sizeof *special);
  size_t k = 0;
  for (; !place && k + 4 <= t->length; k += 4)
    extreme_four(most, special, x + (ptrdiff_t)k * t->sl, t->sl, n, largest);
  for (; k < t->length; k++) {
    const double *row = x + (ptrdiff_t)k * t->sl;
    if (place)
      extreme_row_at(most, where, special, row, n, k, largest);
    else
      extreme_row(most, special, row, n, largest);
  }
  for (size_t l = 0; l < n; l++) {
    if (special[l] != 0)
      reduce_tile(r, o, i + l, 1, state);
    else
      limn_entry_set(r->out, (ptrdiff_t)(o * t->inner + i + l), place ? where[l] : most[l]);
  }
}

limn_status limn_array_check_dim(const limn_array *a, int dim, limn_err *err) {
  if (dim >= -1 && dim < a->rank) return LIMN_OK;
  return limn_fail_argument(err, LIMN_EINVAL, "dim", "must be in -1 .. %d, got %d", a->rank - 1,
                            dim);
}

limn_status limn_array_reduce(limn_array *out, limn_reduction op, const limn_array *a, int dim,
                              double ddof, limn_err *err) {
  limn_status status = limn_array_check_dim(a, dim, err);
  if (status) return status;
  if ((unsigned)op > LIMN_OP_COUNT)
    return limn_fail_argument(err, LIMN_EINVAL, "op", "must be one of 0 .. %d, got %d",
                              LIMN_OP_COUNT, (int)op);
  size_t lane_length = dim < 0 ? limn_array_size(a) : a->dims[dim];
  if (is_extreme(op) && lane_length == 0) return limn_fail(err, LIMN_EINVAL, "the array is empty");
  if (dim < 0) {
    limn_entry_set(out, 0, reduce_all(a, op, ddof));
    return LIMN_OK;
  }
  reduction r = {out, op, a, limn_lanes_of(a, dim), ddof};
  bool columns = is_extreme(op) && a->dtype == LIMN_F64 && r.t.si == 1 && r.t.sl != 1;
  size_t tile = columns ? WIDE_TILE : TILE;
  lane *state = limn_alloc(TILE, sizeof *state);
  double *most = columns ? limn_alloc(3 * (size_t)WIDE_TILE, sizeof *most) : NULL;
  if (!state || (columns && !most)) {
    limn_free(state);
    limn_free(most);
    return limn_nomem(err, "partial results", tile, sizeof *state);
  }
  for (size_t o = 0; o < r.t.outer; o++)
    for (size_t i = 0; i < r.t.inner; i += tile) {
      if (columns)
        extreme_columns(&r, o, i, limn_smaller(r.t.inner - i, tile), most, state);
      else
        reduce_tile(&r, o, i, limn_smaller(r.t.inner - i, tile), state);
    }
  limn_free(state);
  limn_free(most);
  return LIMN_OK;
}
