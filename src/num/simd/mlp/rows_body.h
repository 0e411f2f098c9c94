/* rows_body.h: products with a wide layer's weights over a list of rows whose units are active at
 * the same points (the bit mask `on`): inactive ReLU units are skipped. Part of mlp_body.h, whose
 * names it uses. */

typedef struct {
  size_t points, point[LIMN_TILE_POINTS];
} N(subset);

INLINE N(subset) N(subset_of)(unsigned on) {
  N(subset) s = {0};
  for (size_t p = 0; p < LIMN_TILE_POINTS; p++)
    if (on >> p & 1) s.point[s.points++] = p;
  return s;
}

/* The sums over n vectors, each with the additions of N(total). */
INLINE void N(totals)(REAL *to, const V *sum, const int n) {
#if defined(__AVX2__) && VECTOR_BYTES == 32 && REAL_BITS == 32
  if (n % 4 == 0) { /* one transposition instead of n: lane-crossing shuffles are the main cost */
    UNROLL for (int h = 0; h < n / 4; h++) {
      __m128 a[4];
      UNROLL for (int k = 0; k < 4; k++) {
        __m256 both = (__m256)sum[4 * h + k];
        a[k] = _mm_add_ps(_mm256_castps256_ps128(both), _mm256_extractf128_ps(both, 1));
      }
      __m128 left = _mm_add_ps(_mm_unpacklo_ps(a[0], a[1]), _mm_unpackhi_ps(a[0], a[1]));
      __m128 right = _mm_add_ps(_mm_unpacklo_ps(a[2], a[3]), _mm_unpackhi_ps(a[2], a[3]));
      _mm_storeu_ps(to + 4 * h, _mm_add_ps(_mm_movelh_ps(left, right), _mm_movehl_ps(right, left)));
    }
    return;
  }
#endif
  UNROLL for (int k = 0; k < n; k++) to[k] = N(total)(sum[k])[0];
}

INLINE void N(rows_forward_tile)(REAL *const *h, const REAL *const *x, const REAL *w, size_t ldw,
                                 const uint32_t *row, size_t n, size_t o, int points, int vectors) {
  V sum[LIMN_TILE_POINTS][4 * OUT_TILE];
  UNROLL for (int p = 0; p < points; p++) UNROLL for (int t = 0; t < vectors; t++) sum[p][t] =
      *(const V *)(h[p] + o + (size_t)t * LANES);
  for (size_t r = 0; r < n; r++) {
    const REAL *from = w + row[r] * ldw + o;
    V xr[LIMN_TILE_POINTS];
    UNROLL for (int p = 0; p < points; p++) xr[p] = x[p][row[r]] - N(all)(0);
    UNROLL for (int t = 0; t < vectors; t++) {
      V wt = *(const V *)(from + (size_t)t * LANES);
      PIN(wt);
      UNROLL for (int p = 0; p < points; p++) sum[p][t] += xr[p] * wt;
    }
  }
  UNROLL for (int p = 0; p < points; p++) UNROLL for (int t = 0; t < vectors; t++) *
      (V *)(h[p] + o + (size_t)t * LANES) = sum[p][t];
}

static void N(rows_forward)(void *h_, size_t ldh, const void *x_, size_t ldx, const void *w_,
                            size_t ldw, const uint32_t *row, size_t n, unsigned on, size_t o0,
                            size_t o1) {
  const N(subset) s = N(subset_of)(on);
  REAL *h[LIMN_TILE_POINTS];
  const REAL *x[LIMN_TILE_POINTS], *w = w_;
  for (size_t p = 0; p < s.points; p++)
    h[p] = (REAL *)h_ + s.point[p] * ldh, x[p] = (const REAL *)x_ + s.point[p] * ldx;
  for (size_t i = 0; i < n && on; i += N(ROWS)) {
    size_t rows = n - i < N(ROWS) ? n - i : N(ROWS), o = o0;
    TILED(s.points, {
      enum { T = P == 1 ? 4 * OUT_TILE : P == 2 ? 2 * OUT_TILE : OUT_TILE };
      for (; o + T * LANES <= o1; o += T * LANES)
        N(rows_forward_tile)(h, x, w, ldw, row + i, rows, o, P, T);
      for (; o < o1; o += LANES) N(rows_forward_tile)(h, x, w, ldw, row + i, rows, o, P, 1);
    })
  }
}

INLINE void N(rows_backward_tile)(REAL *const *back, const REAL *const *delta, const REAL *w,
                                  size_t ldw, const uint32_t *row, size_t from, size_t to,
                                  int points, int rows) {
  V sum[4 * OUT_TILE];
  const REAL *wr[4 * OUT_TILE];
  UNROLL for (int r = 0; r < rows; r++) {
    wr[r] = w + row[r] * ldw;
    UNROLL for (int p = 0; p < points; p++) sum[r * points + p] = N(all)(0);
  }
  for (size_t o = from; o < to; o += LANES) {
    V d[LIMN_TILE_POINTS];
    UNROLL for (int p = 0; p < points; p++) d[p] = *(const V *)(delta[p] + o);
    UNROLL for (int r = 0; r < rows; r++) {
      V wt = *(const V *)(wr[r] + o);
      PIN(wt);
      UNROLL for (int p = 0; p < points; p++) sum[r * points + p] += wt * d[p];
    }
  }
  REAL s[4 * OUT_TILE];
  N(totals)(s, sum, rows * points);
  UNROLL for (int r = 0; r < rows; r++) UNROLL for (int p = 0; p < points; p++) {
    REAL *to_ = back[p] + row[r];
    *to_ = from ? *to_ + s[r * points + p] : s[r * points + p];
  }
}

static void N(rows_backward)(void *back_, size_t ldb, const void *delta_, size_t ldd,
                             const void *w_, size_t ldw, const uint32_t *row, size_t n, unsigned on,
                             size_t out) {
  const N(subset) s = N(subset_of)(on);
  REAL *back[LIMN_TILE_POINTS];
  const REAL *delta[LIMN_TILE_POINTS], *w = w_;
  for (size_t p = 0; p < s.points; p++)
    back[p] = (REAL *)back_ + s.point[p] * ldb, delta[p] = (const REAL *)delta_ + s.point[p] * ldd;
  for (size_t o = 0; o < out && on; o += N(COLUMNS)) {
    size_t to = out - o < N(COLUMNS) ? out : o + N(COLUMNS), r = 0;
    TILED(s.points, {
      enum { R = P == 1 ? 4 * OUT_TILE : P == 2 ? 2 * OUT_TILE : OUT_TILE };
      for (; r + R <= n; r += R) N(rows_backward_tile)(back, delta, w, ldw, row + r, o, to, P, R);
      for (; R > 2 && r + R / 2 <= n; r += R / 2)
        N(rows_backward_tile)(back, delta, w, ldw, row + r, o, to, P, R / 2);
      for (; r < n; r++) N(rows_backward_tile)(back, delta, w, ldw, row + r, o, to, P, 1);
    })
  }
}

/* Prefetches the cache lines of `vectors` vectors that a later tile reads. */
INLINE void N(fetch)(const REAL *p, int vectors) {
  UNROLL for (int b = 0; b < vectors * VECTOR_BYTES; b += 64)
      __builtin_prefetch((const char *)p + b);
}

INLINE void N(rows_update_tile)(REAL *const *w, const REAL *const *next, size_t o, const REAL *x,
                                const REAL *delta, size_t ldd, const uint8_t *term, size_t terms,
                                int step, int rows, int vectors) {
  V sum[4][4 * OUT_TILE];
  UNROLL for (int r = 0; r < rows; r++) {
    N(fetch)(next[r] + o, vectors);
    UNROLL for (int t = 0; t < vectors; t++) sum[r][t] = *(const V *)(w[r] + o + (size_t)t * LANES);
  }
  for (size_t k = 0; k < terms; k += (size_t)step) UNROLL for (int e = 0; e < step; e++) {
      const REAL *dk = delta + term[k + (size_t)e] * ldd + o;
      V xr[4];
      UNROLL for (int r = 0; r < rows; r++) xr[r] = x[4 * (k + (size_t)e) + (size_t)r] - N(all)(0);
      UNROLL for (int t = 0; t < vectors; t++) {
        V d = *(const V *)(dk + (size_t)t * LANES);
        PIN(d);
        UNROLL for (int r = 0; r < rows; r++) sum[r][t] += xr[r] * d;
      }
    }
  UNROLL for (int r = 0; r < rows; r++) UNROLL for (int t = 0; t < vectors; t++) *
      (V *)(w[r] + o + (size_t)t * LANES) = sum[r][t];
}

/* Rows are processed in groups of four. The inputs of a group's terms are packed once for all
 * columns, and the next group's weights are prefetched. With deferred updates there is one term per
 * point and step; terms are then processed four at a time, padded with zero inputs. */
static void N(rows_update)(void *w_, size_t ldw, const void *x_, size_t ldx, const void *delta_,
                           size_t ldd, size_t rank, const uint32_t *row, size_t n, size_t out) {
  enum { CHUNK = 64, GROUPS = CHUNK / 4 };
  REAL *w = w_;
  const REAL *x = x_, *delta = delta_;
  const size_t block = rank > 4 ? 256 : 1024; /* columns whose deltas fit in L1 */
  uint8_t term[GROUPS][LIMN_ROWS_RANK], terms[GROUPS];
  REAL packed[GROUPS][LIMN_ROWS_RANK * 4];
  for (size_t first = 0; first < n; first += CHUNK) {
    size_t chunk = n - first < CHUNK ? n - first : CHUNK;
    for (size_t r = 0; r < chunk; r += 4) {
      size_t rows = chunk - r < 4 ? chunk - r : 4, count = 0;
      for (size_t k = 0; k < rank; k++) {
        bool any = false;
        for (size_t q = 0; q < rows; q++) {
          REAL a = x[k * ldx + row[first + r + q]];
          packed[r / 4][4 * count + q] = a;
          any |= a != 0;
        }
        term[r / 4][count] = (uint8_t)k;
        count += any;
      }
      for (; rank > 4 && count % 4; count++) {
        term[r / 4][count] = term[r / 4][count - 1];
        for (size_t q = 0; q < 4; q++) packed[r / 4][4 * count + q] = 0;
      }
      terms[r / 4] = (uint8_t)count;
    }
    for (size_t from = 0; from < out; from += block)
      for (size_t r = 0; r < chunk; r += 4) {
        size_t rows = chunk - r < 4 ? chunk - r : 4, o = from, to = from + block;
        size_t then = r + 4 < chunk ? first + r + 4 : to < out ? first : first + chunk;
        REAL *here[4];
        const REAL *next[4];
        ptrdiff_t shift = r + 4 < chunk ? 0 : to < out ? (ptrdiff_t)block : -(ptrdiff_t)from;
        for (size_t q = 0; q < rows; q++) {
          size_t k = then + q < n ? then + q : n - 1;
          here[q] = w + row[first + r + q] * ldw, next[q] = w + row[k] * ldw + shift;
        }
        if (to > out) to = out;
        if (terms[r / 4] == 0) continue;
#define UPDATE(step, vectors)                                                                      \
  N(rows_update_tile)                                                                              \
  (here, next, o, packed[r / 4], delta, ldd, term[r / 4], terms[r / 4], step, P, vectors)
        if (rank > 4)
          TILED(rows, {
            enum { T = P == 1 ? 4 * OUT_TILE : P == 2 ? 2 * OUT_TILE : OUT_TILE };
            for (; o + T * LANES <= to; o += T * LANES) UPDATE(4, T);
            for (; o < to; o += LANES) UPDATE(4, 1);
          })
        else
          TILED(rows, {
            enum { T = P == 1 ? 4 * OUT_TILE : P == 2 ? 2 * OUT_TILE : OUT_TILE };
            for (; o + T * LANES <= to; o += T * LANES) UPDATE(1, T);
            for (; o < to; o += LANES) UPDATE(1, 1);
          })
#undef UPDATE
      }
  }
}
