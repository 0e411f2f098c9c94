/* points_body.h: a layer at many points, vectors along the points: a layer of any width is one
 * loop, and bias and ReLU are applied in registers. Part of mlp_body.h, whose names it uses. */

enum {
  N(POINT_VECTORS) =
      OUT_TILE == 4 ? 6 : 3, /* with 4 outputs the sums, points and a weight fill the */
  N(POINT_GROUP) = N(POINT_VECTORS) * LANES, /* registers; 7 loads for 12 products */
  N(INNER) = 128                             /* inputs whose points and weights fit in L1 */
};

/* s += a * b in one register: otherwise gcc spills one of the tile's sums to the stack. */
#if defined(__AVX2__) && VECTOR_BYTES == 32 && REAL_BITS == 32
#define MULADD(s, a, b) __asm__("vfmadd231ps %2, %1, %0" : "+x"(s) : "x"(a), "x"(b))
#elif defined(__AVX2__) && VECTOR_BYTES == 32
#define MULADD(s, a, b) __asm__("vfmadd231pd %2, %1, %0" : "+x"(s) : "x"(a), "x"(b))
#else
#define MULADD(s, a, b) (s) += (a) * (b)
#endif

INLINE void N(points_tile)(REAL *h, const REAL *x, const REAL *w, size_t ldw, const REAL *b,
                           size_t in, bool relu, int outputs, int vectors) {
  V sum[4][N(POINT_VECTORS)];
  UNROLL for (int r = 0; r < outputs; r++) UNROLL for (int t = 0; t < vectors; t++) {
    sum[r][t] = *(const V *)(h + r * N(POINT_GROUP) + t * (int)LANES);
    if (b) sum[r][t] = b[r] - N(all)(0);
  }
  for (size_t i = 0; i < in; i++) {
    V at[N(POINT_VECTORS)];
    UNROLL for (int t = 0; t < vectors; t++) {
      at[t] = *(const V *)(x + i * N(POINT_GROUP) + (size_t)t * LANES);
      PIN(at[t]);
    }
    UNROLL for (int r = 0; r < outputs; r++) {
      V wr = w[i * ldw + (size_t)r] - N(all)(0);
      PIN(wr);
      UNROLL for (int t = 0; t < vectors; t++) MULADD(sum[r][t], wr, at[t]);
    }
  }
  UNROLL for (int r = 0; r < outputs; r++) UNROLL for (int t = 0; t < vectors; t++) *
      (V *)(h + r * N(POINT_GROUP) + t * (int)LANES) = relu ? N(relu)(sum[r][t]) : sum[r][t];
}

static void N(points_forward)(void *h_, const void *x_, size_t ld, const void *w_, size_t ldw,
                              const void *b_, size_t points, size_t in, size_t out, bool relu) {
  const REAL *w = w_, *b = b_;
  for (size_t i = 0; i < in; i += N(INNER)) {
    size_t inner = in - i < N(INNER) ? in - i : N(INNER);
    bool last = relu && i + inner == in;
    for (size_t g = 0; g * N(POINT_GROUP) < points; g++) {
      REAL *h = (REAL *)h_ + g * ld;
      const REAL *x = (const REAL *)x_ + g * ld + i * N(POINT_GROUP);
      size_t left = points - g * N(POINT_GROUP);
      for (size_t o = 0; o < out; o += 4) {
        REAL *ho = h + o * N(POINT_GROUP);
        const REAL *wo = w + i * ldw + o, *bo = i ? NULL : b + o;
        size_t outputs = out - o < 4 ? out - o : 4;
        if (left + LANES > N(POINT_GROUP))
          TILED(outputs, N(points_tile)(ho, x, wo, ldw, bo, inner, last, P, N(POINT_VECTORS)))
        else
          for (size_t q = 0; q < left; q += LANES)
            TILED(outputs, N(points_tile)(ho + q, x + q, wo, ldw, bo, inner, last, P, 1))
      }
    }
  }
}
#undef MULADD
