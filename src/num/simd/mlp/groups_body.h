/* groups_body.h: groups of units of one hidden layer that are active at the same points and move by
 * one matrix (train/groups/groups.c explains why). Part of mlp_body.h. The arithmetic is in double
 * for both number types. */

#if REAL_BITS == 64

/* LANES groups at a time. A sign bit in `out` marks an entry outside its bounds. */
static bool N(groups_step)(limn_groups *g, size_t n, const limn_one_hidden *o, const double e[4],
                           double sum[4]) {
#define AT(array) (*(const V *)&g->array[j])
  const V error[4] = {N(all)(e[0]), N(all)(e[1]), N(all)(e[2]), N(all)(e[3])};
  const V rate[3] = {N(all)(-o->kw / 4), N(all)(-o->kw / 4), N(all)(-o->kb / 4)};
  const V rate_v = N(all)(-o->kv / 4);
  V f[4] = {N(all)(0), N(all)(0), N(all)(0), N(all)(0)};
  VI out = {0};
  for (size_t j = 0; j < n; j += LANES) {
    V v[4] = {AT(c[0]), AT(c[1]), AT(c[2]), AT(c[3])}, c[4] = {v[0], v[1], v[2], v[3]}, u[4];
    UNROLL for (int d = 0; d < 3; d++) {
      V pull = (error[0] * AT(x[0][d]) + error[1] * AT(x[1][d])) +
               (error[2] * AT(x[2][d]) + error[3] * AT(x[3][d]));
      V up = rate[d] * pull, across = rate_v * pull;
      UNROLL for (int k = 0; k < 4; k++) {
        V w = AT(w[d][k]);
        c[k] += across * w;
        w += up * v[k];
        *(V *)&g->w[d][k][j] = w;
        out |= (VI)(w - AT(low[d][k])) | (VI)(AT(high[d][k]) - w);
      }
    }
    UNROLL for (int k = 0; k < 4; k++) * (V *)&g->c[k][j] = c[k];
    UNROLL for (int k = 0; k < 4; k++) u[k] =
        (c[0] * AT(s[k][0]) + c[1] * AT(s[k][1])) + (c[2] * AT(s[k][2]) + c[3] * AT(s[k][3]));
    UNROLL for (int d = 0; d < 3; d++) {
      V t = (u[0] * AT(w[d][0]) + u[1] * AT(w[d][1])) + (u[2] * AT(w[d][2]) + u[3] * AT(w[d][3]));
      UNROLL for (int p = 0; p < 4; p++) f[p] += t * AT(x[p][d]);
    }
  }
#undef AT
  UNROLL for (int p = 0; p < 4; p++) sum[p] = N(total)(f[p])[0];
  INT any = 0;
  for (size_t k = 0; k < LANES; k++) any |= out[k];
  return any >= 0;
}

#endif

typedef double N(four) __attribute__((vector_size(32), may_alias));

/* Coordinate d of the points; pre-activations z_p of a unit. */
#define ABSCISSAE(o, d) ((N(four)){(o)->x[0][d], (o)->x[1][d], (o)->x[2][d], (o)->x[3][d]})
#define PREACTIVATIONS(t) (x0 * (t)[0] + (x1 * (t)[1] + (t)[2]))

INLINE unsigned N(four_on)(const N(four) * z) {
#if defined(__AVX2__)
  return (unsigned)__builtin_ia32_movmskpd256((N(four))(*z > 0));
#else
  return (unsigned)((*z)[0] > 0) + 2U * ((*z)[1] > 0) + 4U * ((*z)[2] > 0) + 8U * ((*z)[3] > 0);
#endif
}

/* In blocks of RUN units, one loop per operation: a loop does not wait for the stores of the one
 * before. */
static void N(groups_apply)(const limn_group_units *units, const limn_one_hidden *o,
                            const double (*matrix)[4][4], double (*moments)[4][4], size_t *count) {
  enum { RUN = 32 };
  typedef float single __attribute__((vector_size(16)));
  double t[RUN][4] __attribute__((aligned(32)));
  const N(four) x0 = ABSCISSAE(o, 0), x1 = ABSCISSAE(o, 1);
  memset(moments, 0, LIMN_GROUPS * sizeof *moments);
  memset(count, 0, LIMN_GROUPS * sizeof *count);
  for (size_t first = 0; first < units->n; first += RUN) {
    size_t n = units->n - first < RUN ? units->n - first : RUN;
    REAL *w0 = (REAL *)units->w0 + first, *w1 = (REAL *)units->w1 + first;
    REAL *b = (REAL *)units->b + first, *v = (REAL *)units->v + first;
    uint8_t *group = units->group + first;
    for (size_t u = 0; u < n; u++)
      t[u][0] = (double)w0[u], t[u][1] = (double)w1[u], t[u][2] = (double)b[u],
      t[u][3] = (double)v[u];
    if (matrix) {
      for (size_t u = 0; u < n; u++) {
        const N(four) *m = (const void *)matrix[group[u]];
        N(four) a = (m[0] * t[u][0] + m[1] * t[u][1]) + (m[2] * t[u][2] + m[3] * t[u][3]);
        if (REAL_BITS == 32)
          a = __builtin_convertvector(__builtin_convertvector(a, single), N(four));
        *(N(four) *)t[u] = a;
      }
      for (size_t u = 0; u < n; u++)
        w0[u] = (REAL)t[u][0], w1[u] = (REAL)t[u][1], b[u] = (REAL)t[u][2], v[u] = (REAL)t[u][3];
    }
    for (size_t u = 0; u < n; u++) {
      N(four) z = PREACTIVATIONS(t[u]), a = *(N(four) *)t[u];
      unsigned on = N(four_on)(&z);
      group[u] = (uint8_t)on;
      count[on]++;
      N(four) *s = (void *)moments[on];
      UNROLL for (int k = 0; k < 4; k++) s[k] += t[u][k] * a;
    }
  }
}

static void N(groups_margins)(const limn_group_units *units, const limn_one_hidden *o,
                              const double (*bound)[4][4], float *margin) {
  const REAL *w0 = units->w0, *w1 = units->w1, *b = units->b, *v = units->v;
  const N(four) x0 = ABSCISSAE(o, 0), x1 = ABSCISSAE(o, 1);
  for (size_t u = 0; u < units->n; u++) {
    const N(four) *m = (const void *)bound[units->group[u]];
    double a[4] = {(double)w0[u], (double)w1[u], (double)b[u], (double)v[u]};
    N(four) z = PREACTIVATIONS(a);
    N(four) most = m[0] * fabs(a[0]) + m[1] * fabs(a[1]);
    most += m[2] * fabs(a[2]) + m[3] * fabs(a[3]);
    z = z * z / (most * most);
    double low = z[0] < z[1] ? z[0] : z[1], high = z[2] < z[3] ? z[2] : z[3];
    margin[u] = (float)(low < high ? low : high);
  }
}
#undef PREACTIVATIONS
#undef ABSCISSAE
