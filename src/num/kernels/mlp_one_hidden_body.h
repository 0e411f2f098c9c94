/* mlp_one_hidden_body.h: one hidden layer of ReLUs on four points of the plane, all of a training
 * step in one pass over the units; a part of mlp_body.h.
 *
 * A unit's step is one chain of operations, some forty cycles long, and the processor's scheduler
 * holds no more than half a unit. So the loop is staggered by hand: while unit j goes forward with
 * its new weights, unit j + 1 has its gradient taken, and HOLD keeps the compiler from sorting that
 * apart. On Zen adds, stores and the third operand of multiply-adds share two pipes: what can be
 * had by adding and subtracting is. */

/* How the four points lie. GRID: point p at (x0[p & 2], x1[p & 1]), so that points share sums.
 * SIGNS: such a grid with coordinates -1 and 1, in this order, and one rate for weights and biases.
 */
enum { N(POINTS), N(GRID), N(SIGNS) };
enum { N(LEAD) = 2 }; /* points that a gradient is ahead of the outputs */

#if defined(__AVX2__) && VECTOR_BYTES == 32
#define HOLD(x) __asm__ volatile("" : "+x"(x)) /* volatile: these keep their order */
#define STAY(p) __asm__ volatile("" : "+r"(p)) /* what p points to is read from memory anew */
#else
#define HOLD(x) (void)0
#define STAY(p) (void)0
#endif

typedef struct {
  V x0[4], x1[4], dv[4], dw[4], ratio; /* the points; the deltas times rates; kb / kw */
} N(one_step);

typedef struct {
  V w0, w1, b, v;
} N(one_unit);

/* What goes from one point to the next while a unit's gradient is taken. */
typedef struct {
  V old, v, w0, w1, b, row, column, before;
} N(one_sums);

INLINE V N(one_forward)(const N(one_unit) * u, const V up[2], const N(one_step) * s, int p,
                        const int kind) {
  if (kind == N(SIGNS)) return p & 1 ? up[p / 2] + u->w1 : up[p / 2] - u->w1;
  if (kind == N(GRID)) return u->w1 * s->x1[p & 1] + up[p / 2];
  return u->w1 * s->x1[p] + (u->w0 * s->x0[p] + u->b);
}

INLINE void N(one_rows)(V up[2], const N(one_unit) * u, const N(one_step) * s, const int kind) {
  if (kind == N(POINTS)) return;
  if (kind == N(SIGNS))
    up[0] = u->b - u->w0, up[1] = u->b + u->w0;
  else
    up[0] = u->w0 * s->x0[0] + u->b, up[1] = u->w0 * s->x0[2] + u->b;
  HOLD(up[0]);
  HOLD(up[1]);
}

/* Point p's part of the gradient of the unit at q. */
INLINE void N(one_gradient)(N(one_sums) * a, const V *q, const N(one_step) * s, int p,
                            const int kind) {
  V h = q[4 + p], g;
  HOLD(h);
  g = N(open)(s->dw[p], h);
  HOLD(g);
  a->v += s->dv[p] * h;
  HOLD(a->v);
  if (kind == N(POINTS)) {
    if (p == 0)
      a->b = g, a->w0 = g * s->x0[p], a->w1 = g * s->x1[p];
    else
      a->b += g, a->w0 += g * s->x0[p], a->w1 += g * s->x1[p];
  } else if (kind == N(GRID)) {
    /* w0 and w1 gather what the first row and the first column are to be multiplied by. */
    if (p == 0)
      a->row = a->column = g;
    else if (p == 1) {
      a->row += g, a->before = g;
      HOLD(a->row);
      a->w0 = a->row * s->x0[0];
      HOLD(a->w0);
    } else if (p == 2) {
      a->column += g, a->b = g;
      HOLD(a->column);
      a->w1 = a->column * s->x1[0];
      HOLD(a->w1);
    } else {
      V row = a->b + g, column = a->before + g;
      HOLD(row);
      HOLD(column);
      a->w0 += row * s->x0[2], a->b = a->row + row, a->w1 += column * s->x1[1];
    }
  } else if (p == 0 || p == 2)
    a->before = g;
  else {
    V row = a->before + g, column = g - a->before;
    HOLD(row);
    HOLD(column);
    if (p == 1)
      a->row = row, a->column = column;
    else
      a->w0 = row - a->row, a->b = a->row + row, a->w1 = a->column + column;
  }
}

INLINE void N(one_update)(N(one_unit) * u, N(one_sums) * a, const V *q, const N(one_step) * s,
                          const int kind) {
  HOLD(a->w0);
  HOLD(a->b);
  HOLD(a->w1);
  u->w0 = q[0] + a->old * a->w0;
  HOLD(u->w0);
  if (kind != N(SIGNS)) a->b *= s->ratio;
  u->b = q[2] + a->old * a->b;
  HOLD(u->b);
  u->w1 = q[1] + a->old * a->w1;
  HOLD(u->w1);
  u->v = a->v;
}

/* The unit at q with its new weights: point p's activation, and its part of the output. */
INLINE void N(one_output)(V *q, const N(one_unit) * u, const V up[2], const N(one_step) * s, V f[4],
                          int p, const int kind) {
  V r = N(relu)(N(one_forward)(u, up, s, p, kind));
  HOLD(r);
  q[4 + p] = r;
  f[p] += u->v * r;
  HOLD(f[p]);
}

/* Delta, gradient, update and the next forward: a unit is read and written once a step. */
INLINE void N(one_pass)(V *q, size_t units, const N(one_step) * s, V f_[4], const int kind) {
  N(one_unit) u;
  N(one_sums) a;
  V up[2], f[4] = {f_[0], f_[1], f_[2], f_[3]};
  a.old = a.v = q[3];
  UNROLL for (int p = 0; p < 4; p++) N(one_gradient)(&a, q, s, p, kind);
  N(one_update)(&u, &a, q, s, kind);
  for (size_t j = 1; j < units; j++, q += 8) {
    V *next = q + 8;
    STAY(s);
    a.old = a.v = next[3];
    UNROLL for (int p = 0; p < 4 + N(LEAD); p++) {
      if (p < 4) N(one_gradient)(&a, next, s, p, kind);
      if (p == 1) {
        N(one_rows)(up, &u, s, kind);
        q[0] = u.w0, q[2] = u.b;
      }
      if (p >= N(LEAD)) N(one_output)(q, &u, up, s, f, p - N(LEAD), kind);
    }
    q[1] = u.w1, q[3] = u.v;
    N(one_update)(&u, &a, next, s, kind);
  }
  N(one_rows)(up, &u, s, kind);
  UNROLL for (int p = 0; p < 4; p++) N(one_output)(q, &u, up, s, f, p, kind);
  q[0] = u.w0, q[1] = u.w1, q[2] = u.b, q[3] = u.v;
  UNROLL for (int p = 0; p < 4; p++) f_[p] = f[p];
}

/* Each a function of its own, so that the outputs find registers. */
#define PASS(name, kind)                                                                           \
  static __attribute__((noinline)) void name(V *q, size_t units, const N(one_step) * s, V f[4]) {  \
    N(one_pass)(q, units, s, f, kind);                                                             \
  }
PASS(N(one_pass_points), N(POINTS))
PASS(N(one_pass_grid), N(GRID))
PASS(N(one_pass_signs), N(SIGNS))
#undef PASS

INLINE void N(one_step_of)(V *q, size_t units, const N(one_step) * s, V f[4], const int kind) {
  if (units == 0) return;
  if (kind == N(SIGNS))
    N(one_pass_signs)(q, units, s, f);
  else if (kind == N(GRID))
    N(one_pass_grid)(q, units, s, f);
  else
    N(one_pass_points)(q, units, s, f);
}

/* The outputs of units that have no activations yet. */
INLINE void N(one_start)(V *q, size_t units, const N(one_step) * s, V f[4], const int kind) {
  for (size_t j = 0; j < units; j++, q += 8) {
    V up[2];
    N(one_unit) u = {q[0], q[1], q[2], q[3]};
    N(one_rows)(up, &u, s, kind);
    UNROLL for (int p = 0; p < 4; p++) N(one_output)(q, &u, up, s, f, p, kind);
  }
}

INLINE int N(one_kind)(const limn_one_hidden *o) {
  if (o->x[0][0] != o->x[1][0] || o->x[2][0] != o->x[3][0] || o->x[0][1] != o->x[2][1] ||
      o->x[1][1] != o->x[3][1])
    return N(POINTS);
  bool signs = fabs(o->x[0][0]) == 1 && o->x[2][0] == -o->x[0][0] && fabs(o->x[0][1]) == 1 &&
               o->x[1][1] == -o->x[0][1];
  return signs && o->kb == o->kw ? N(SIGNS) : N(GRID);
}

/* All of s but the deltas; returns what the numbers of points are to be crossed (^) with, since
 * SIGNS have them in order. */
INLINE int N(one_points)(N(one_step) * s, const limn_one_hidden *o, const int kind) {
  int swap = kind == N(SIGNS) ? (o->x[0][0] > 0 ? 2 : 0) + (o->x[0][1] > 0) : 0;
  for (int p = 0; p < 4; p++)
    s->x0[p] = N(all)(o->x[p ^ swap][0]), s->x1[p] = N(all)(o->x[p ^ swap][1]);
  s->ratio = N(all)(o->kw > 0 ? o->kb / o->kw : 0);
  return swap;
}

INLINE bool N(one_hidden_body)(V *restrict units, V *c_, const V *target_, const limn_one_hidden *o,
                               size_t steps, V *loss_, double *done, double *active,
                               const bool across, const int kind) {
  const V zero = N(all)(0), tolerance = N(all)(o->tolerance), limit = N(all)(o->limit);
  const V kv = N(all)(-o->kv / 4), kw = N(all)(-o->kw / 4), kc = N(all)(-o->kc / 4);
  const V eighth = N(all)(0.125);
  N(one_step) s;
  const int swap = N(one_points)(&s, o, kind);
  V f[4], target[4], c = *c_, loss = zero;
  VI on, count;
  for (int p = 0; p < 4; p++) {
    target[p] = target_[p ^ swap];
    f[p] = across ? zero : c;
  }
  for (size_t k = 0; k < LANES; k++) on[k] = active[k] != 0 ? -1 : 0, count[k] = 0;
  N(one_start)(units, o->units, &s, f, kind);
  for (size_t step = 0;; step++) {
    V e[4];
    UNROLL for (int p = 0; p < 4; p++) {
      if (across) f[p] = N(total)(f[p]) + c;
      e[p] = f[p] - target[p];
    }
    V sum = (e[0] + e[1]) + (e[2] + e[3]);
    V square = (e[0] * e[0] + e[1] * e[1]) + (e[2] * e[2] + e[3] * e[3]);
    loss = eighth * square;
    on &= (loss <= limit) & (loss > tolerance);
    if (step == steps) break;
    /* Where all go on the deltas need not wait for the loss: a branch, which is foreseen. */
    bool some = !N(whole)(on), any = false;
    for (size_t k = 0; k < LANES && some && step % 16 == 0; k++) any |= on[k] != 0;
    if (some && step % 16 == 0 && !any) break;
    count -= on;
    UNROLL for (int p = 0; p < 4; p++) {
      s.dv[p] = kv * e[p], s.dw[p] = kw * e[p];
      f[p] = zero;
    }
    sum *= kc;
    if (some) {
      sum = N(keep)(sum, on);
      for (int p = 0; p < 4; p++) s.dv[p] = N(keep)(s.dv[p], on), s.dw[p] = N(keep)(s.dw[p], on);
    }
    c += sum;
    if (!across) UNROLL for (int p = 0; p < 4; p++) f[p] = c;
    N(one_step_of)(units, o->units, &s, f, kind);
  }
  *c_ = c;
  *loss_ = loss;
  bool any = false;
  for (size_t k = 0; k < LANES; k++) {
    active[k] = on[k] != 0;
    done[k] += (double)count[k];
    any |= on[k] != 0;
  }
  return any;
}

static bool N(one_hidden)(void *units, void *c, const void *target, const limn_one_hidden *o,
                          size_t steps, void *loss, double *done, double *active) {
  const int kind = N(one_kind)(o);
#define RUN(across, kind)                                                                          \
  N(one_hidden_body)(units, c, target, o, steps, loss, done, active, across, kind)
#define KINDS(across)                                                                              \
  kind == N(SIGNS)  ? RUN(across, N(SIGNS))                                                        \
  : kind == N(GRID) ? RUN(across, N(GRID))                                                         \
                    : RUN(across, N(POINTS))
  return o->across ? KINDS(true) : KINDS(false);
#undef KINDS
#undef RUN
}
#undef HOLD
#undef STAY
