/* lanes_body.h: layers, errors and slopes of nets in lanes (one net per lane). Included by
 * mlp_body.h for float and for double. */

/* `outs` outputs of a tile: OUT_TILE, or 1. */
INLINE void N(forward_tile)(V *h, const V *x, const V *w, const V *b, size_t in, int points,
                            int outs) {
  V sum[LIMN_TILE_POINTS][OUT_TILE];
  UNROLL for (int p = 0; p < points; p++) UNROLL for (int t = 0; t < outs; t++) sum[p][t] =
      b ? b[t] : N(all)(0);
  for (size_t i = 0; i < in; i++) {
    V wt[OUT_TILE];
    UNROLL for (int t = 0; t < outs; t++) {
      wt[t] = w[i * OUT_TILE + (size_t)t];
      PIN(wt[t]);
    }
    UNROLL for (int p = 0; p < points; p++) {
      V xi = x[i * (size_t)points + (size_t)p];
      PIN(xi);
      UNROLL for (int t = 0; t < outs; t++) sum[p][t] += wt[t] * xi;
    }
  }
  UNROLL for (int t = 0; t < outs; t++) UNROLL for (int p = 0; p < points; p++) h[t * points + p] =
      sum[p][t];
}

static void N(lanes_forward)(void *h_, const void *x_, const void *w_, size_t ldw, const void *b_,
                             size_t points, size_t in, size_t out) {
  V *h = h_;
  const V *x = x_, *w = w_, *b = b_;
  if (out == 1) {
    for (size_t p = 0; p < points; p += LIMN_TILE_POINTS)
      TILED(N(tile_of)(points, p), N(forward_tile)(h + p, x + p * in, w, b, in, P, 1))
    return;
  }
  for (size_t o = 0; o < out; o += OUT_TILE)
    for (size_t p = 0; p < points; p += LIMN_TILE_POINTS)
      TILED(N(tile_of)(points, p),
            N(forward_tile)(h + p * out + o * P, x + p * in, w + o / OUT_TILE * ldw,
                            b ? b + o : NULL, in, P, OUT_TILE))
}

INLINE void N(backward_tile)(V *back, V *to, V *tob, const V *w, const V *x, const V *delta, V kb,
                             size_t in, int points, int outs, bool backward, bool fused) {
  V d[LIMN_TILE_POINTS][OUT_TILE];
  UNROLL for (int p = 0; p < points; p++) UNROLL for (int t = 0; t < outs; t++) d[p][t] =
      delta[t * points + p];
  if (tob) UNROLL for (int t = 0; t < outs; t++) {
      V sum = d[0][t];
      UNROLL for (int p = 1; p < points; p++) sum += d[p][t];
      tob[t] += kb * sum;
    }
  for (size_t i = 0; i < in; i++) {
    V old[OUT_TILE], new[OUT_TILE];
    UNROLL for (int t = 0; t < outs; t++) {
      old[t] = w[i * OUT_TILE + (size_t)t];
      PIN(old[t]);
      new[t] = fused ? old[t] : to[i * OUT_TILE + (size_t)t];
    }
    UNROLL for (int p = 0; p < points; p++) {
      V xi = x[i * (size_t)points + (size_t)p];
      PIN(xi);
      UNROLL for (int t = 0; t < outs; t++) new[t] += d[p][t] * xi;
    }
    if (backward) UNROLL for (int p = 0; p < points; p++) {
        V sum = back[i * (size_t)points + (size_t)p];
        UNROLL for (int t = 0; t < outs; t++) sum += old[t] * d[p][t];
        back[i * (size_t)points + (size_t)p] = sum;
      }
    UNROLL for (int t = 0; t < outs; t++) to[i * OUT_TILE + (size_t)t] = new[t];
  }
}

/* The fused backward pass (`to` is w) of one or two inputs: the sums over the outputs stay in
 * registers, and a weight is read and written once. */
INLINE void N(backward_inputs)(V *back, V *w, size_t ldw, const V *x, const V *delta, size_t out,
                               int inputs, int points, int outs) {
  V sum[2][LIMN_TILE_POINTS];
  UNROLL for (int k = 0; k < inputs; k++) UNROLL for (int p = 0; p < points; p++) sum[k][p] =
      N(all)(0);
  for (size_t o = 0; o < out; o += OUT_TILE, w += ldw, delta += OUT_TILE * points) {
    UNROLL for (int t = 0; t < outs; t++) {
      V old[2], new[2];
      UNROLL for (int k = 0; k < inputs; k++) {
        old[k] = w[k * OUT_TILE + t];
        PIN(old[k]);
        new[k] = old[k];
      }
      UNROLL for (int p = 0; p < points; p++) {
        V d = delta[t * points + p];
        PIN(d);
        UNROLL for (int k = 0; k < inputs; k++) {
          sum[k][p] += old[k] * d;
          new[k] += x[k * points + p] * d;
          PIN(new[k]);
        }
      }
      UNROLL for (int k = 0; k < inputs; k++) w[k * OUT_TILE + t] = new[k];
    }
  }
  UNROLL for (int k = 0; k < inputs; k++) UNROLL for (int p = 0; p < points; p++)
      back[k * points + p] = sum[k][p];
}

INLINE void N(backward_fused)(V *back, V *w, size_t ldw, V *b, const V *x, const V *delta, V kb,
                              size_t in, size_t out, int points, int outs) {
  for (size_t o = 0; b && o < out; o++) {
    V sum = delta[o * (size_t)points];
    UNROLL for (int p = 1; p < points; p++) sum += delta[o * (size_t)points + (size_t)p];
    b[o] += kb * sum;
  }
  size_t i = 0;
  for (; i + 2 <= in; i += 2) N(backward_inputs)
  (back + i * (size_t)points, w + i * OUT_TILE, ldw, x + i * (size_t)points, delta, out, 2, points,
   outs);
  if (i < in) N(backward_inputs)
  (back + i * (size_t)points, w + i * OUT_TILE, ldw, x + i * (size_t)points, delta, out, 1, points,
   outs);
}

static void N(lanes_backward)(void *back_, void *to_, void *tob_, const void *w_, size_t ldw,
                              const void *x_, const void *delta_, double kb, size_t points,
                              size_t in, size_t out) {
  V *back = back_, *to = to_, *tob = tob_;
  const V *w = w_, *x = x_, *delta = delta_;
  const V k = N(all)(kb);
  if (back && to == w) {
    if (out == 1)
      TILED(points, N(backward_fused)(back, to, ldw, tob, x, delta, k, in, out, P, 1))
    else
      TILED(points, N(backward_fused)(back, to, ldw, tob, x, delta, k, in, out, P, OUT_TILE))
    return;
  }
  if (back) memset(back, 0, points * in * sizeof(V));
  for (size_t o = 0; o < out; o += OUT_TILE)
    for (size_t p = 0; p < points; p += LIMN_TILE_POINTS) {
      V *b = tob ? tob + o : NULL;
      size_t at = o / OUT_TILE * ldw;
#define TILE(back, outs, backward, fused)                                                          \
  TILED(N(tile_of)(points, p),                                                                     \
        N(backward_tile)(back, to + at, b, w + at, x + p * in, delta + p * out + o * P, k, in, P,  \
                         outs, backward, fused))
      if (out == 1 && back)
        TILE(back + p * in, 1, true, false)
      else if (out == 1)
        TILE(NULL, 1, false, to == w)
      else if (back)
        TILE(back + p * in, OUT_TILE, true, false)
      else
        TILE(NULL, OUT_TILE, false, to == w)
#undef TILE
    }
}

static void N(lanes_error)(void *delta_, void *loss_, const void *f_, const void *target_,
                           const void *offset_, const void *active_, size_t n, bool logistic,
                           bool pair, double scale_) {
  V *delta = delta_, loss = *(V *)loss_;
  const V *f = f_, *target = target_, *offset = offset_;
  const V zero = N(all)(0), one = N(all)(1), half = N(all)(0.5), scale = N(all)(scale_);
  const VI on = *(const V *)active_ != zero;
  V sign;
  VI partner;
  for (size_t k = 0; k < LANES; k++) {
    sign[k] = (REAL)(k % 2 ? -0.70710678118654752440 : 0.70710678118654752440);
    partner[k] = (INT)(k ^ 1);
  }
  for (size_t j = 0; j < n; j++) {
    V a = f[j], y = target[j], d;
    if (pair) a = sign * (a - N(shuffle)(a, partner));
    if (offset) a -= offset[j];
    if (logistic) {
      V z = y * a, size = (V)((VI)z & ~(VI)-zero);
      loss += N(vlog1p)(N(vexp)(-size)) + N(keep)(-z, z < zero);
      d = -y / (one + N(vexp)(z));
    } else {
      d = a - y;
      loss += half * d * d;
    }
    if (pair) d *= sign;
    delta[j] = N(keep)(scale * d, on);
  }
  *(V *)loss_ = loss;
}

static void N(slope)(void *delta_, const void *back_, const void *slope_, double ratio_, size_t n) {
  V *delta = delta_;
  const V *back = back_, *slope = slope_, ratio = N(all)(ratio_);
  for (size_t j = 0; j < n / LANES; j++) delta[j] = ratio * slope[j] * back[j];
}
