/* mlp_part_body.h: a part of one wide net of one hidden layer, a unit a lane, so that several
 * threads share a step. Part of mlp_body.h, whose names it uses. */

INLINE void N(one_hidden_part_body)(V *q, size_t n, const limn_one_hidden *o, const double *move,
                                    double *sum, const bool grid) {
  V x0[4], x1[4], f[4];
  UNROLL for (int p = 0; p < 4; p++) {
    x0[p] = N(all)(o->x[p][0]), x1[p] = N(all)(o->x[p][1]);
    f[p] = N(all)(0);
  }
  if (move) {
    const V ratio = N(all)(o->kw > 0 ? o->kb / o->kw : 0);
    V dv[4], dw[4];
    UNROLL for (int p = 0; p < 4; p++) dv[p] = N(all)(move[p]), dw[p] = N(all)(move[4 + p]);
    size_t j = 0;
    for (; j + 2 <= n; j += 2) N(one_hidden_units)(q + 8 * j, dv, dw, x0, x1, ratio, f, 2, grid);
    if (j < n) N(one_hidden_units)(q + 8 * j, dv, dw, x0, x1, ratio, f, 1, grid);
  } else
    for (size_t j = 0; j < n; j++, q += 8) UNROLL for (int p = 0; p < 4; p++) {
        q[4 + p] = N(relu)(q[1] * x1[p] + (q[0] * x0[p] + q[2]));
        f[p] += q[3] * q[4 + p];
      }
  for (int p = 0; p < 4; p++) sum[p] = (double)N(total)(f[p])[0];
}

static void N(one_hidden_part)(void *units, size_t n, const limn_one_hidden *o, const double *move,
                               double *sum) {
  bool grid = o->x[0][0] == o->x[1][0] && o->x[2][0] == o->x[3][0] && o->x[0][1] == o->x[2][1] &&
              o->x[1][1] == o->x[3][1];
  if (grid)
    N(one_hidden_part_body)(units, n, o, move, sum, true);
  else
    N(one_hidden_part_body)(units, n, o, move, sum, false);
}
