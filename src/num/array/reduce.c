/* reduce.c: sums, moments, extremes and cumulative sums; contracts in limn/array_ops.h.
 *
 * A lane is the sequence of entries that are reduced to one result. For any strides, a lane is
 * accumulated in blocks of 128 entries in order. Inside a block there are eight partial sums; block
 * sums are combined like the carries of a binary counter (pairwise summation: error ~ eps log n).
 * The result is therefore a function of the values only. Sixteen adjacent lanes are gathered at a
 * time, so that sums down the columns of a row-major matrix read whole cache lines. */
#include "limn/array_ops.h"

#include <math.h>
#include <string.h>

#include "num/array/walk.h"
#include "core/core.h"

enum { BLOCK = 128, TILE = 16, LEVELS = 64 };

typedef struct lane {
  double partial[LEVELS]; /* partial[k]: sum of 2^k blocks, valid if bit k of blocks is set */
  size_t blocks;
  double mean; /* VAR, STD, second pass */
  double best; /* extremes */
  size_t where, seen;
} lane;

static double block_sum(const double *x, size_t n) {
  double s[8] = {0};
  size_t i = 0;
  for (; i + 8 <= n; i += 8)
    for (size_t j = 0; j < 8; j++) s[j] += x[i + j];
  for (size_t j = 0; i < n; i++, j++) s[j] += x[i];
  return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
}

static void add_block(lane *l, double sum) {
  int k = 0;
  for (size_t b = l->blocks++; b & 1; b >>= 1) sum += l->partial[k++];
  l->partial[k] = sum;
}

static double total(const lane *l) {
  double sum = 0;
  int k = 0;
  for (size_t b = l->blocks; b; b >>= 1, k++)
    if (b & 1) sum += l->partial[k];
  return sum;
}

static void extreme(lane *l, const double *x, size_t n, bool most) {
  size_t i = 0;
  if (l->seen == 0 && n > 0) l->best = x[0], l->where = 0, i = 1;
  for (; i < n && l->best == l->best; i++) /* stops at the first NaN */
    if (x[i] != x[i] || (most ? x[i] > l->best : x[i] < l->best))
      l->best = x[i], l->where = l->seen + i;
  l->seen += n;
}

/* Accumulates one block of at most BLOCK entries. VAR and STD need two passes; pass 1 computes the
 * mean. */
static void feed(lane *l, limn_reduction op, int pass, const double *x, size_t n) {
  if (op >= LIMN_OP_MIN) {
    extreme(l, x, n, op == LIMN_OP_MAX || op == LIMN_OP_ARGMAX);
  } else if (pass == 2) {
    double d[BLOCK];
    for (size_t i = 0; i < n; i++) d[i] = (x[i] - l->mean) * (x[i] - l->mean);
    add_block(l, block_sum(d, n));
  } else {
    add_block(l, block_sum(x, n));
  }
}

static double result(const lane *l, limn_reduction op, size_t n, double ddof) {
  double left = (double)n - ddof;
  switch (op) {
  case LIMN_OP_SUM:
    return total(l);
  case LIMN_OP_MEAN:
    return total(l) / (double)n;
  case LIMN_OP_VAR:
    return left > 0 ? total(l) / left : NAN;
  case LIMN_OP_STD:
    return left > 0 ? sqrt(total(l) / left) : NAN;
  case LIMN_OP_MIN:
  case LIMN_OP_MAX:
    return l->best;
  default:
    return (double)l->where;
  }
}

static void second_pass(lane *l, size_t n) {
  double mean = total(l) / (double)n;
  memset(l, 0, sizeof *l);
  l->mean = mean;
}

static double reduce_all(const limn_array *a, limn_reduction op, double ddof) {
  size_t n = limn_array_size(a);
  lane l = {0};
  bool direct = a->dtype == LIMN_F64 && limn_array_contiguous(a);
  double buffer[BLOCK];
  for (int pass = 1; pass <= (op == LIMN_OP_VAR || op == LIMN_OP_STD ? 2 : 1); pass++) {
    limn_cursor c = {a, 0};
    if (pass == 2) second_pass(&l, n);
    for (size_t done = 0; done < n; done += BLOCK) {
      size_t w = n - done < BLOCK ? n - done : BLOCK;
      if (!direct) limn_cursor_read(&c, buffer, w);
      feed(&l, op, pass, direct ? (const double *)a->data + done : buffer, w);
    }
  }
  return result(&l, op, n, ddof);
}

/* Entries r .. r+w-1 of `tile` lanes from `at` on, into buffer[lane][entry]. */
static void gather(double (*buffer)[BLOCK], const limn_array *a, const limn_lanes *t, ptrdiff_t at,
                   size_t tile, size_t r, size_t w) {
  at += (ptrdiff_t)r * t->sl;
  if (t->sl == 1) {
    for (size_t l = 0; l < tile; l++) {
      double *to = buffer[l];
      const double *p = limn_chunk_read(a, at + (ptrdiff_t)l * t->si, 1, w, to);
      if (p != to) memcpy(to, p, w * sizeof *to);
    }
  } else {
    double row[TILE];
    for (size_t i = 0; i < w; i++) {
      const double *p = limn_chunk_read(a, at + (ptrdiff_t)i * t->sl, t->si, tile, row);
      for (size_t l = 0; l < tile; l++) buffer[l][i] = p[l];
    }
  }
}

limn_status limn_array_reduce(limn_array *out, limn_reduction op, const limn_array *a, int dim,
                              double ddof, limn_err *err) {
  size_t lane_length = dim < 0 ? limn_array_size(a) : a->dims[dim];
  if (op >= LIMN_OP_MIN && lane_length == 0)
    return limn_fail(err, LIMN_EINVAL, "the array is empty");
  if (dim < 0) {
    double x = reduce_all(a, op, ddof);
    limn_chunk_write(out, 0, 1, 1, &x);
    return LIMN_OK;
  }
  limn_lanes t = limn_lanes_of(a, dim);
  double buffer[TILE][BLOCK];
  lane *state = limn_alloc(TILE, sizeof *state);
  if (!state) return limn_nomem(err, "partial sums", TILE, sizeof *state);
  ptrdiff_t to = 0;
  for (size_t o = 0; o < t.outer; o++)
    for (size_t i = 0; i < t.inner; i += TILE) {
      size_t tile = t.inner - i < TILE ? t.inner - i : TILE;
      ptrdiff_t at = (ptrdiff_t)o * t.so + (ptrdiff_t)i * t.si;
      memset(state, 0, TILE * sizeof *state);
      for (int pass = 1; pass <= (op == LIMN_OP_VAR || op == LIMN_OP_STD ? 2 : 1); pass++) {
        for (size_t l = 0; pass == 2 && l < tile; l++) second_pass(&state[l], t.length);
        for (size_t r = 0; r < t.length; r += BLOCK) {
          size_t w = t.length - r < BLOCK ? t.length - r : BLOCK;
          gather(buffer, a, &t, at, tile, r, w);
          for (size_t l = 0; l < tile; l++) feed(&state[l], op, pass, buffer[l], w);
        }
      }
      for (size_t l = 0; l < tile; l++, to++) {
        double x = result(&state[l], op, t.length, ddof);
        limn_chunk_write(out, to, 1, 1, &x);
      }
    }
  limn_free(state);
  return LIMN_OK;
}

/* Neumaier's compensated sum; the exact sum is close to total + lost. */
typedef struct running {
  double total, lost;
} running;

static double run(running *s, double x) {
  double t = s->total + x;
  if (isfinite(t)) s->lost += fabs(s->total) >= fabs(x) ? (s->total - t) + x : (x - t) + s->total;
  s->total = t;
  return t + s->lost;
}

void limn_array_cumsum(limn_array *out, const limn_array *a, int dim) {
  size_t n = limn_array_size(a);
  if (dim < 0) {
    running s = {0, 0};
    double buffer[LIMN_CHUNK];
    limn_cursor c = {a, 0};
    for (size_t done = 0; done < n; done += LIMN_CHUNK) {
      size_t w = n - done < LIMN_CHUNK ? n - done : LIMN_CHUNK;
      limn_cursor_read(&c, buffer, w);
      for (size_t i = 0; i < w; i++) buffer[i] = run(&s, buffer[i]);
      limn_chunk_write(out, (ptrdiff_t)done, 1, w, buffer);
    }
    return;
  }
  limn_lanes from = limn_lanes_of(a, dim), to = limn_lanes_of(out, dim);
  for (size_t o = 0; o < from.outer; o++)
    for (size_t i = 0; i < from.inner; i++) {
      running s = {0, 0};
      for (size_t r = 0; r < from.length; r++) {
        double x, y;
        x = *limn_chunk_read(
            a, (ptrdiff_t)o * from.so + (ptrdiff_t)i * from.si + (ptrdiff_t)r * from.sl, 1, 1, &x);
        y = run(&s, x);
        limn_chunk_write(out, (ptrdiff_t)o * to.so + (ptrdiff_t)i * to.si + (ptrdiff_t)r * to.sl, 1,
                         1, &y);
      }
    }
}

double limn_array_norm(const limn_array *a, double p) {
  size_t n = limn_array_size(a);
  double buffer[BLOCK], most = 0;
  limn_cursor c = {a, 0};
  for (size_t done = 0; done < n; done += BLOCK) {
    size_t w = n - done < BLOCK ? n - done : BLOCK;
    limn_cursor_read(&c, buffer, w);
    for (size_t i = 0; i < w; i++)
      if (!(fabs(buffer[i]) <= most))
        most = fabs(buffer[i]); /* a NaN stays, because comparisons with it are false */
    if (most != most) return NAN;
  }
  if (most == 0 || isinf(most) || isinf(p)) return most;
  int e = 0;
  if (p == 2) frexp(most, &e); /* scaling by a power of two is exact */
  if (e < -1000) e = -1000;    /* 2^-e must not overflow; subnormal numbers become normal */
  const double scale = ldexp(1, -e);
  lane l = {0};
  c = (limn_cursor){a, 0};
  for (size_t done = 0; done < n; done += BLOCK) {
    size_t w = n - done < BLOCK ? n - done : BLOCK;
    limn_cursor_read(&c, buffer, w);
    for (size_t i = 0; i < w; i++) {
      double x = fabs(buffer[i]);
      if (p == 1)
        buffer[i] = x;
      else if (p == 2)
        buffer[i] = (x * scale) * (x * scale);
      else
        buffer[i] = pow(x / most, p); /* the largest entry gives 1 for any p, so the sum is not 0 */
    }
    add_block(&l, block_sum(buffer, w));
  }
  double sum = total(&l);
  return p == 1 ? sum : p == 2 ? ldexp(sqrt(sum), e) : most * pow(sum, 1 / p);
}
