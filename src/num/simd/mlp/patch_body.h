/* patch_body.h: evaluates a ReLU net on one patch. Included by mlp_body.h, which explains the
 * names, for each instruction set and number type. affine_patches.c describes the algorithm.
 *
 * The basis is 1, x - x_c, y - y_c, then the units that kink inside the patch. Only units that are
 * positive somewhere on the patch contribute to the next layer: units positive everywhere through
 * the sums over `on`; each kinking unit as a basis function, whose coefficients in the next layer
 * are its weights. */

INLINE void N(patch_tile)(REAL *to, const REAL *c, size_t ldc, const REAL *w, size_t ldw,
                          const uint32_t *on, size_t n, int rows, int vectors) {
  V sum[4][8];
  UNROLL for (int r = 0; r < rows; r++) UNROLL for (int t = 0; t < vectors; t++) sum[r][t] =
      N(all)(0);
  for (size_t k = 0; k < n; k++) {
    const REAL *wu = w + on[k] * ldw, *cu = c + on[k];
    V wt[8];
    UNROLL for (int t = 0; t < vectors; t++) wt[t] = *(const V *)(wu + (size_t)t * LANES);
    UNROLL for (int r = 0; r < rows; r++) {
      REAL a = cu[(size_t)r * ldc];
      UNROLL for (int t = 0; t < vectors; t++) sum[r][t] += a * wt[t];
    }
  }
  UNROLL for (int r = 0; r < rows; r++) UNROLL for (int t = 0; t < vectors; t++) *
      (V *)(to + (size_t)r * ldc + (size_t)t * LANES) = sum[r][t];
}

/* to[q][o] = sum over `on` of c[q][u] w[u][o], q < rows. With few rows a tile has more vectors, so
 * that there are enough independent sums to hide the latency. */
static void N(patch_through)(REAL *to, const REAL *c, size_t ldc, const REAL *w, size_t ldw,
                             const uint32_t *on, size_t n, size_t rows, size_t out) {
  for (size_t q = 0; q < rows;) {
    size_t left = rows - q, r = left > 6 ? 4 : left > 4 ? 3 : left, o = 0;
    REAL *t = to + q * ldc;
    const REAL *f = c + q * ldc;
#define RUN(r, v)                                                                                  \
  for (; o + (v)*LANES <= out; o += (v)*LANES) N(patch_tile)(t + o, f, ldc, w + o, ldw, on, n, r, v)
    switch (r) {
    case 4:
      RUN(4, OUT_TILE);
      RUN(4, 1);
      break;
    case 3:
      RUN(3, OUT_TILE);
      RUN(3, 1);
      break;
    case 2:
      RUN(2, 4);
      RUN(2, 1);
      break;
    default:
      RUN(1, 8);
      RUN(1, 4);
      RUN(1, 1);
    }
#undef RUN
    q += r;
  }
}

enum {
  N(CELLS) = LIMN_PATCH_CELLS / LANES,
  N(GROUP) = N(CELLS) < 8 ? N(CELLS) : 8 /* vectors of cells per tile */
};

/* The CELLS values of sum_q c[q ldc] basis[q]. Result: bit 0: some are > 0 or NaN; bit 1: some are
 * <= 0 or NaN. *top: the largest. */
INLINE int N(patch_values)(V *to, const REAL *c, size_t ldc, const V *basis, size_t rows,
                           REAL *top) {
  const V zero = N(all)(0);
  VI positive = {0}, negative = {0};
  V most = N(all)(-INFINITY);
  for (int g = 0; g < N(CELLS); g += N(GROUP)) {
    V sum[N(GROUP)];
    UNROLL for (int t = 0; t < N(GROUP); t++) sum[t] = N(all)((double)c[0]);
    for (size_t q = 1; q < rows; q++) {
      REAL a = c[q * ldc];
      UNROLL for (int t = 0; t < N(GROUP); t++) sum[t] += a * basis[q * N(CELLS) + (size_t)(g + t)];
    }
    UNROLL for (int t = 0; t < N(GROUP); t++) {
      VI more = sum[t] > most;
      most = (V)(((VI)sum[t] & more) | ((VI)most & ~more));
      positive |= ~(sum[t] <= zero), negative |= ~(sum[t] > zero);
      to[g + t] = sum[t];
    }
  }
  INT p = 0, q = 0;
  REAL t = most[0];
  for (size_t k = 0; k < LANES; k++) {
    p |= positive[k], q |= negative[k];
    if (most[k] > t) t = most[k];
  }
  *top = t;
  return (p ? 1 : 0) | (q ? 2 : 0);
}

/* Bounds of n units over the patch: exact, up to rounding, for the affine part; plus the most that
 * basis functions between 0 and top can add. */
static void N(patch_bounds)(V *low, V *high, const REAL *c, size_t ldc, size_t rows,
                            const REAL *top, const double half[2], size_t n) {
  const V hx = N(all)(fabs(half[0])), hy = N(all)(fabs(half[1]));
  const VI sign = (VI)-N(all)(0);
  for (size_t j = 0; j < n; j += LANES) {
    V a = *(const V *)(c + j), b = *(const V *)(c + ldc + j), d = *(const V *)(c + 2 * ldc + j);
    V radius = (V)((VI)b & ~sign) * hx + (V)((VI)d & ~sign) * hy;
    V below = a - radius, above = a + radius;
    for (size_t q = 3; q < rows; q++) {
      V part = *(const V *)(c + q * ldc + j) * top[q], up = N(relu)(part);
      above += up;
      below += part - up;
    }
    low[j / LANES] = below, high[j / LANES] = above;
  }
}

static bool N(patch)(double *out, const limn_patch_net *net, void *scratch, const double centre[2],
                     const double half[2], size_t *kinks) {
  const size_t width = net->width;
  REAL *c = scratch, *next = c + LIMN_PATCH_BASIS * width, *low = next + LIMN_PATCH_BASIS * width;
  REAL *high = low + width, *last = high + width;
  V *basis = (V *)(last + width), *values = basis + LIMN_PATCH_BASIS * N(CELLS);
  uint32_t *on = (uint32_t *)(values + N(CELLS)), *doubt = on + width, kinking[LIMN_PATCH_BASIS];
  REAL top[LIMN_PATCH_BASIS], coefficient[LIMN_PATCH_BASIS] = {0};
  size_t rows = 3;
  for (size_t q = 0; q < LIMN_PATCH_CELLS; q++) {
    const double step = 2.0 / (LIMN_PATCH_SIDE - 1);
    size_t column = q % LIMN_PATCH_SIDE, row = q / LIMN_PATCH_SIDE;
    ((REAL *)basis)[q] = 1;
    ((REAL *)basis)[LIMN_PATCH_CELLS + q] = (REAL)(half[0] * (step * (double)column - 1));
    ((REAL *)basis)[2 * LIMN_PATCH_CELLS + q] = (REAL)(half[1] * (step * (double)row - 1));
  }
  {
    const limn_patch_layer *a = &net->layer[0];
    const REAL *w = a->w, *b = a->b;
    const V x = N(all)(centre[0]), y = N(all)(centre[1]);
    if (net->layers == 1) {
      coefficient[0] = b[0] + w[0] * x[0] + w[1] * y[0];
      coefficient[1] = w[0], coefficient[2] = w[1];
    } else
      for (size_t o = 0; o < a->padded; o += LANES) {
        V w0 = *(const V *)(w + o), w1 = *(const V *)(w + a->ld + o);
        *(V *)(c + o) = *(const V *)(b + o) + w0 * x + w1 * y;
        *(V *)(c + width + o) = w0, *(V *)(c + 2 * width + o) = w1;
      }
  }
  for (size_t l = 0; l + 1 < net->layers; l++) {
    const limn_patch_layer *a = &net->layer[l + 1];
    const REAL *w = a->w, *b = a->b;
    const size_t units = net->layer[l].out;
    size_t n = 0, doubts = 0, fresh = 0;
    if (net->relu) {
      N(patch_bounds)((V *)low, (V *)high, c, width, rows, top, half, net->layer[l].padded);
      for (size_t u = 0; u < units; u++) {
        bool above = low[u] >= 0, below = high[u] <= 0;
        on[n] = (uint32_t)u, n += above;
        doubt[doubts] = (uint32_t)u, doubts += !above & !below;
      }
    } else
      for (; n < units; n++) on[n] = (uint32_t)n;
    for (size_t k = 0; k < doubts; k++) {
      if (rows + fresh == LIMN_PATCH_BASIS) return false;
      V *to = basis + (rows + fresh) * N(CELLS);
      int signs = N(patch_values)(to, c + doubt[k], width, basis, rows, &top[rows + fresh]);
      if (signs == 1) on[n++] = doubt[k];
      if (signs != 3) continue;
      for (int t = 0; t < N(CELLS); t++) to[t] = N(relu)(to[t]);
      kinking[fresh++] = doubt[k];
    }
    *kinks += fresh;
    if (l + 2 < net->layers) {
      N(patch_through)(next, c, width, w, a->ld, on, n, rows, a->padded);
      for (size_t o = 0; o < a->padded; o += LANES) *(V *)(next + o) += *(const V *)(b + o);
      for (size_t k = 0; k < fresh; k++)
        memcpy(next + (rows + k) * width, w + kinking[k] * a->ld, a->padded * sizeof *w);
      REAL *swap = c;
      c = next, next = swap;
    } else { /* one output: a dot product per row */
      memset(last, 0, net->layer[l].padded * sizeof *last);
      for (size_t k = 0; k < n; k++) last[on[k]] = w[on[k]];
      for (size_t q = 0; q < rows; q++) {
        V sum = N(all)(0);
        for (size_t j = 0; j < net->layer[l].padded; j += LANES)
          sum += *(const V *)(c + q * width + j) * *(const V *)(last + j);
        coefficient[q] = N(total)(sum)[0];
      }
      coefficient[0] += b[0];
      for (size_t k = 0; k < fresh; k++) coefficient[rows + k] = w[kinking[k]];
    }
    rows += fresh;
  }
  N(patch_values)(values, coefficient, 1, basis, rows, &top[0]);
  REAL check = 0;
  for (size_t q = 0; q < LIMN_PATCH_CELLS; q++) {
    out[q] = (double)((const REAL *)values)[q];
    check += 0 * ((const REAL *)values)[q];
  }
  return check == 0; /* dense evaluation may not overflow */
}
