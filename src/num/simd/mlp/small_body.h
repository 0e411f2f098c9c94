/* small_body.h: gradient descent of nets of ReLUs that fit in the caches, one net at a time, all
 * layers of a step. Part of mlp_body.h, whose names it uses.
 *
 * Inactive ReLU units are skipped: such a unit contributes neither output nor error at a point, so
 * its row of weights is used only at the points where it is active, two of four on average. The
 * forward pass uses one list of active units per point; the backward pass uses tiles of rows that
 * read a weight once for the error below and for its own step. A tile has `points` points times
 * `rows` rows, at most 4 sums. Lists and tiles are rebuilt only when a unit of the layer changes
 * activity, which happens in few steps, and depend on the present state alone. */

/* One base register for all loads from p on: gcc would use one per vector, more than there are. */
#if defined(__AVX2__) && VECTOR_BYTES == 32
#define BASE(p) __asm__("" : "+r"(p))
#else
#define BASE(p) (void)0
#endif

/* The lanes of a mask as bits, the first lane lowest. */
INLINE unsigned N(bits)(VI m) {
#if defined(__AVX2__) && VECTOR_BYTES == 32 && REAL_BITS == 32
  return (unsigned)__builtin_ia32_movmskps256((V)m);
#elif defined(__AVX2__) && VECTOR_BYTES == 32
  return (unsigned)__builtin_ia32_movmskpd256((V)m);
#elif defined(__AVX512DQ__) && VECTOR_BYTES == 64 && REAL_BITS == 32
  return _mm512_movepi32_mask((__m512i)m);
#elif defined(__AVX512DQ__) && VECTOR_BYTES == 64
  return _mm512_movepi64_mask((__m512i)m);
#else
  unsigned bits = 0;
  for (size_t k = 0; k < LANES; k++) bits |= (unsigned)(m[k] & 1) << k;
  return bits;
#endif
}

/* Stores the activations and the active bits of pre-activations h; returns the bits that changed.
 */
INLINE unsigned N(small_store)(REAL *x, uint16_t *on, V h) {
  unsigned bits = N(bits)(~(h <= N(all)(0))), change = bits ^ *on;
  *(V *)x = N(relu)(h);
  *on = (uint16_t)bits;
  return change;
}

/* The first layer; all inputs count at all points. */
INLINE unsigned N(small_inputs_tile)(limn_small_units *u, const REAL *x, const REAL *w, size_t ld,
                                     const REAL *b, size_t in, size_t v, const int points,
                                     const int vectors) {
  V sum[LIMN_TILE_POINTS][2];
  UNROLL for (int p = 0; p < points; p++) UNROLL for (int t = 0; t < vectors; t++) sum[p][t] =
      *(const V *)(b + (v + (size_t)t) * LANES);
  for (size_t i = 0; i < in; i++) UNROLL for (int t = 0; t < vectors; t++) {
      V wt = *(const V *)(w + i * ld + (v + (size_t)t) * LANES);
      PIN(wt);
      UNROLL for (int p = 0; p < points; p++) sum[p][t] += x[(size_t)p * in + i] * wt;
    }
  unsigned change = 0;
  UNROLL for (int p = 0; p < points; p++) UNROLL for (int t = 0; t < vectors; t++) {
    size_t at = (size_t)p * u->vectors + v + (size_t)t;
    change |= N(small_store)((REAL *)u->x + at * LANES, u->on + at, sum[p][t]);
  }
  return change;
}

INLINE unsigned N(small_inputs)(limn_small_units *u, const REAL *x, const REAL *w, size_t ld,
                                const REAL *b, size_t in, const int points) {
  unsigned change = 0;
  size_t v = 0;
  for (; v + 2 <= u->vectors; v += 2)
    change |= N(small_inputs_tile)(u, x, w, ld, b, in, v, points, 2);
  if (v < u->vectors) change |= N(small_inputs_tile)(u, x, w, ld, b, in, v, points, 1);
  return change;
}

INLINE unsigned N(small_forward_tile)(REAL *x, uint16_t *on, const REAL *below, const uint32_t *row,
                                      size_t rows, const REAL *w, size_t ld, const REAL *b,
                                      const int vectors) {
  V sum[8];
  UNROLL for (int t = 0; t < vectors; t++) sum[t] = *(const V *)(b + (size_t)t * LANES);
  for (size_t r = 0; r < rows; r++) {
    const REAL *wr = w + row[r] * ld;
    BASE(wr);
    V xr = below[row[r]] - N(all)(0);
    UNROLL for (int t = 0; t < vectors; t++) sum[t] += xr * *(const V *)(wr + (size_t)t * LANES);
  }
  unsigned change = 0;
  UNROLL for (int t = 0; t < vectors; t++) change |=
      N(small_store)(x + (size_t)t * LANES, on + t, sum[t]);
  return change;
}

static unsigned N(small_forward)(limn_small_units *u, const limn_small_units *below, const REAL *w,
                                 size_t ld, const REAL *b, size_t points) {
  size_t blocks = (u->vectors + 7) / 8;
  unsigned change = 0;
  for (size_t block = 0; block < blocks; block++) {
    size_t from = u->vectors * block / blocks, to = u->vectors * (block + 1) / blocks;
    for (size_t p = 0; p < points; p++) {
      size_t at = p * u->vectors + from, first = p * below->vectors * LANES;
#define CASE(T)                                                                                    \
  case T:                                                                                          \
    change |= N(small_forward_tile)((REAL *)u->x + at * LANES, u->on + at,                         \
                                    (const REAL *)below->x + first, below->row + first,            \
                                    below->rows[p], w + from * LANES, ld, b + from * LANES, T);    \
    break
      switch (to - from) {
        CASE(1);
        CASE(2);
        CASE(3);
        CASE(4);
        CASE(5);
        CASE(6);
        CASE(7);
        CASE(8);
      }
#undef CASE
    }
  }
  return change;
}

/* Shapes of tiles, {points, rows}, in their order in the list. */
static const uint8_t N(small_kinds)[LIMN_SMALL_KINDS][2] = {{4, 1}, {3, 1}, {2, 2}, {2, 1},
                                                            {1, 4}, {1, 2}, {1, 1}};

/* The backward pass of a tile: the error below its rows, and their step. */
INLINE void N(small_tile)(const limn_small_tile *t, REAL *w, const REAL *x, REAL *below,
                          const REAL *delta, size_t vectors, V ratio, const int points,
                          const int rows) {
  V sum[4], xs[4];
  REAL *wr[4];
  const REAL *d[4];
  UNROLL for (int k = 0; k < 4; k++) sum[k] = N(all)(0);
  UNROLL for (int k = 0; k < points * rows; k++) xs[k] = x[t->term[k]] - N(all)(0);
  UNROLL for (int r = 0; r < rows; r++) wr[r] = w + t->row[r];
  UNROLL for (int p = 0; p < points; p++) d[p] = delta + t->delta[p];
  for (size_t o = 0; o < vectors * LANES; o += LANES) {
    V dp[4];
    UNROLL for (int p = 0; p < points; p++) {
      V dv = *(const V *)(d[p] + o);
      PIN(dv);
      dp[p] = dv;
    }
    UNROLL for (int r = 0; r < rows; r++) {
      V old = *(V *)(wr[r] + o);
      PIN(old);
      V new = old;
      UNROLL for (int p = 0; p < points; p++) {
        sum[r * points + p] += old * dp[p];
        new += xs[r * points + p] * dp[p];
      }
      *(V *)(wr[r] + o) = new;
    }
  }
  REAL s[4];
  N(totals)(s, sum, 4);
  UNROLL for (int k = 0; k < points * rows; k++) below[t->term[k]] = (REAL)ratio[0] * s[k];
}

static void N(small_backward)(limn_small_units *below, const limn_small_units *u, REAL *w,
                              double ratio_) {
  const V ratio = N(all)(ratio_);
  const limn_small_tile *t = below->tile, *end = t;
#define KIND(k)                                                                                    \
  for (end += below->tiles[k]; t < end; t++) N(small_tile)                                         \
  (t, w, below->x, below->delta, u->delta, u->vectors, ratio, N(small_kinds)[k][0],                \
   N(small_kinds)[k][1])
  KIND(0);
  KIND(1);
  KIND(2);
  KIND(3);
  KIND(4);
  KIND(5);
  KIND(6);
#undef KIND
}

/* Rebuilds the lists and tiles of a layer whose active units changed; the deltas of inactive units
 * are 0. */
static void N(small_lists)(limn_small_units *u, size_t points, size_t ld_above,
                           size_t vectors_above) {
  const size_t size = u->vectors * LANES;
  size_t count[LIMN_SMALL_SETS] = {0}, next[LIMN_SMALL_SETS], n[LIMN_TILE_POINTS] = {0};
  for (size_t v = 0, i = 0; v < u->vectors; v++) {
    unsigned on[LIMN_TILE_POINTS] = {0};
    for (size_t p = 0; p < points; p++) on[p] = u->on[p * u->vectors + v];
    for (size_t k = 0; k < LANES; k++, i++) { /* without branches, which would be unpredictable */
      unsigned set = 0;
      for (size_t p = 0; p < points; p++) {
        unsigned bit = on[p] >> k & 1;
        u->row[p * size + n[p]] = (uint32_t)i;
        n[p] += bit, set |= bit << p;
      }
      u->set[i] = (uint8_t)set;
      count[set]++;
    }
  }
  for (size_t p = 0; p < points; p++) u->rows[p] = n[p];
  for (size_t q = 0, at = 0; q < LIMN_SMALL_SETS; q++) next[q] = at, at += count[q];
  for (size_t i = 0; i < size; i++) u->order[next[u->set[i]]++] = (uint32_t)i;
  for (size_t q = 0; q < LIMN_SMALL_SETS; q++) next[q] -= count[q];
  limn_small_tile *t = u->tile;
  for (int kind = 0; kind < LIMN_SMALL_KINDS; kind++) {
    const limn_small_tile *first = t;
    const size_t rows = N(small_kinds)[kind][1];
    for (unsigned q = 1; q < LIMN_SMALL_SETS; q++) {
      if (__builtin_popcount(q) != N(small_kinds)[kind][0]) continue;
      for (; count[q] >= rows; count[q] -= rows, t++) {
        size_t k = 0, d = 0;
        for (unsigned p = 0; p < LIMN_TILE_POINTS; p++)
          if (q >> p & 1) t->delta[d++] = (uint32_t)(p * vectors_above * LANES);
        for (size_t r = 0; r < rows; r++) {
          uint32_t i = u->order[next[q]++];
          t->row[r] = (uint32_t)(i * ld_above);
          for (unsigned p = 0; p < LIMN_TILE_POINTS; p++)
            if (q >> p & 1) t->term[k++] = (uint32_t)(p * size) + i;
        }
      }
    }
    u->tiles[kind] = (size_t)(t - first);
  }
  memset(u->delta, 0, points * size * sizeof(REAL));
}

/* The net's output at each point. */
INLINE void N(small_output)(REAL *f, const limn_small_units *u, const REAL *w, REAL b,
                            const int points) {
  V sum[LIMN_TILE_POINTS];
  UNROLL for (int p = 0; p < 4; p++) sum[p] = N(all)(0);
  for (size_t v = 0; v < u->vectors; v++) {
    V wv = *(const V *)(w + v * LANES);
    PIN(wv);
    UNROLL for (int p = 0; p < points; p++) sum[p] +=
        wv * *(const V *)((REAL *)u->x + ((size_t)p * u->vectors + v) * LANES);
  }
  REAL s[4];
  N(totals)(s, sum, 4);
  UNROLL for (int p = 0; p < points; p++) f[p] = s[p] + b;
}

/* The step of the output layer, the deltas of the units below, and the step of their biases. */
INLINE void N(small_top)(limn_small_units *u, REAL *w, const REAL *e, double ratio_, REAL *b,
                         double kb_, const int points) {
  V ep[4], er[4], kb = N(all)(kb_);
  UNROLL for (int p = 0; p < points; p++) ep[p] = N(all)(e[p]), er[p] = N(all)(ratio_) * ep[p];
  for (size_t v = 0; v < u->vectors; v++) {
    V old = *(V *)(w + v * LANES), new = old, sum = N(all)(0);
    UNROLL for (int p = 0; p < points; p++) {
      size_t at = ((size_t)p * u->vectors + v) * LANES;
      V x = *(const V *)((REAL *)u->x + at), d = N(where_active)(er[p] * old, x);
      new += ep[p] * x;
      sum += d;
      *(V *)((REAL *)u->delta + at) = d;
    }
    *(V *)(w + v * LANES) = new;
    if (b) *(V *)(b + v * LANES) += kb * sum;
  }
}

INLINE void N(small_bias)(const limn_small_units *u, REAL *b, double kb_, const int points) {
  V kb = N(all)(kb_);
  for (size_t v = 0; v < u->vectors; v++) {
    V sum = *(const V *)((REAL *)u->delta + v * LANES);
    UNROLL for (int p = 1; p < points; p++) sum +=
        *(const V *)((REAL *)u->delta + ((size_t)p * u->vectors + v) * LANES);
    *(V *)(b + v * LANES) += kb * sum;
  }
}

INLINE void N(small_bottom_rows)(const limn_small_units *u, REAL *w, size_t ld, const REAL *x,
                                 size_t in, const int points, const int rows) {
  V xs[2][LIMN_TILE_POINTS];
  UNROLL for (int r = 0; r < rows; r++) UNROLL for (int p = 0; p < points; p++) xs[r][p] =
      N(all)(x[(size_t)p * in + (size_t)r]);
  for (size_t v = 0; v < u->vectors; v++) {
    V new[2];
    UNROLL for (int r = 0; r < rows; r++) new[r] = *(V *)(w + (size_t)r * ld + v * LANES);
    UNROLL for (int p = 0; p < points; p++) {
      V d = *(const V *)((REAL *)u->delta + ((size_t)p * u->vectors + v) * LANES);
      PIN(d);
      UNROLL for (int r = 0; r < rows; r++) new[r] += xs[r][p] * d;
    }
    UNROLL for (int r = 0; r < rows; r++) * (V *)(w + (size_t)r * ld + v * LANES) = new[r];
  }
}

INLINE void N(small_bottom)(const limn_small_units *u, REAL *w, size_t ld, const REAL *x, size_t in,
                            const int points) {
  size_t i = 0;
  for (; i + 2 <= in; i += 2) N(small_bottom_rows)(u, w + i * ld, ld, x + i, in, points, 2);
  if (i < in) N(small_bottom_rows)(u, w + i * ld, ld, x + i, in, points, 1);
}

/* From the outputs f of a net or a pair: returns the mean loss; e = -(rate of the output layer) *
 * dloss/df. */
INLINE double N(small_error)(REAL (*e)[LIMN_TILE_POINTS], REAL (*f)[LIMN_TILE_POINTS],
                             const limn_small *s) {
  const double root = 0.70710678118654752440;
  const size_t last = s->layers - 1;
  V a[LIMN_TILE_POINTS], y[LIMN_TILE_POINTS]; /* at least as many lanes as points */
  REAL *ap = (REAL *)a, *yp = (REAL *)y;
  double loss = 0, scale = -s->layer[last].rate / (double)s->points;
  for (size_t p = 0; p < s->points; p++) {
    double fp = s->halves == 2 ? ((double)f[0][p] - (double)f[1][p]) * root : (double)f[0][p];
    ap[p] = (REAL)(s->offset ? fp - s->offset[p] : fp), yp[p] = (REAL)s->y[p];
  }
  if (s->logistic) {
    for (size_t p = s->points; p % LANES; p++) ap[p] = yp[p] = 0;
    for (size_t v = 0; v * LANES < s->points; v++) {
      V z = y[v] * a[v], size = (V)((VI)z & ~(VI)-N(all)(0));
      a[v] = -y[v] / (N(all)(1) + N(vexp)(z));
      y[v] = N(vlog1p)(N(vexp)(-size)) + N(keep)(-z, z < N(all)(0));
    }
    for (size_t p = 0; p < s->points; p++) loss += (double)yp[p];
  } else
    for (size_t p = 0; p < s->points; p++) {
      ap[p] -= yp[p];
      loss += 0.5 * (double)ap[p] * (double)ap[p];
    }
  if (s->halves == 2) scale *= root;
  for (size_t p = 0; p < s->points; p++) {
    e[0][p] = (REAL)(scale * (double)ap[p]);
    if (s->halves == 2) e[1][p] = -e[0][p];
  }
  return loss / (double)s->points;
}

static void N(small_outputs)(const limn_small *s, limn_small_units *u, const void *x,
                             const REAL *block, REAL *f) {
  const limn_small_layer *a = s->layer, *last = a + s->layers - 1;
  for (size_t l = 0; l + 1 < s->layers; l++, a++, u++) {
    const REAL *w = block + a->w_at, *b = block + a->b_at;
    unsigned change;
    if (l == 0)
      TILED(s->points, change = N(small_inputs)(u, x, w, a->ld, b, a->in, P))
    else
      change = N(small_forward)(u, u - 1, w, a->ld, b, s->points);
    if (change && l + 2 < s->layers) N(small_lists)(u, s->points, a[1].ld, u[1].vectors);
  }
  TILED(s->points, N(small_output)(f, u - 1, block + last->w_at, block[last->b_at], P))
}

static void N(small_step)(const limn_small *s, limn_small_units *u, const void *x, REAL *block,
                          const REAL *e) {
  size_t l = s->layers - 1;
  const limn_small_layer *a = s->layer + l;
  REAL sum = 0, *c = block + a->b_at;
  for (size_t p = 0; p < s->points; p++) sum += e[p];
  if (a->kb != 0) *c += (REAL)a->kb * sum;
  u += l - 1;
  TILED(s->points, N(small_top)(u, block + a->w_at, e, a->ratio,
                                a[-1].kb != 0 ? block + a[-1].b_at : NULL, a[-1].kb, P))
  for (l--, a--; l > 0; l--, a--, u--) {
    N(small_backward)(u - 1, u, block + a->w_at, a->ratio);
    if (a[-1].kb != 0) TILED(s->points, N(small_bias)(u - 1, block + a[-1].b_at, a[-1].kb, P))
  }
  TILED(s->points, N(small_bottom)(u, block + a->w_at, a->ld, x, a->in, P))
}

static bool N(small)(const limn_small *s, limn_small_units *const *units, void *const *block,
                     const void *x, size_t steps, double *loss, size_t *done) {
  for (size_t step = 0;; step++) {
    REAL f[2][LIMN_TILE_POINTS], e[2][LIMN_TILE_POINTS];
    for (size_t t = 0; t < s->halves; t++) N(small_outputs)(s, units[t], x, block[t], f[t]);
    *loss = N(small_error)(e, f, s);
    *done = step;
    if (!(*loss <= s->limit) || *loss <= s->tolerance) return false;
    if (step == steps) return true;
    for (size_t t = 0; t < s->halves; t++) N(small_step)(s, units[t], x, block[t], e[t]);
  }
}

#undef BASE
