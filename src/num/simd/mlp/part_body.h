/* part_body.h: a step of some of the units of one wide net of one hidden layer, one unit per lane,
 * for errors that the caller computed. Part of mlp_body.h; uses the loop of one_hidden_body.h. */

static void N(one_hidden_part)(void *q, size_t n, const limn_one_hidden *o, const double *move,
                               double *sum) {
  const int kind = N(one_kind)(o);
  N(one_step) s;
  const int swap = N(one_points)(&s, o, kind);
  V f[4] = {N(all)(0), N(all)(0), N(all)(0), N(all)(0)};
  if (move) {
    for (int p = 0; p < 4; p++)
      s.dv[p] = N(all)(move[p ^ swap]), s.dw[p] = N(all)(move[4 + (p ^ swap)]);
    if (n) OF_KIND(kind, step)(q, n, &s, f);
  } else
    OF_KIND(kind, start)(q, n, &s, f);
  for (int p = 0; p < 4; p++) sum[p ^ swap] = (double)N(total)(f[p])[0];
}
#undef OF_KIND
