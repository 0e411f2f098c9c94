/* one_hidden_body.h: one hidden layer of ReLUs on four points of the plane; a training step is one
 * pass over the units. Part of mlp_body.h.
 *
 * The step of a unit is one dependency chain of some forty cycles, and the CPU's out-of-order
 * window holds no more than half a unit. So the loop is software-pipelined by hand: the forward
 * pass of unit j with its new weights overlaps the gradient of unit j + 1, and HOLD keeps the
 * compiler from separating them. On Zen adds, stores and the third operand of FMAs share two pipes:
 * prefer add/sub to FMA where possible.
 *
 * Steps are separated by an equally long dependency chain; with enough nets two vectors of nets are
 * interleaved to hide that latency. */

/* The cases of four points. GRID: point p at (x0[p & 2], x1[p & 1]), so that points share sums.
 * SIGNS: a grid with coordinates -1 and 1, in this order, and one rate for input weights and
 * biases. */
enum { N(POINTS), N(GRID), N(SIGNS) };
enum { N(LEAD) = 2 }; /* points by which the gradient precedes the outputs */

#if defined(__AVX2__) && VECTOR_BYTES == 32
/* These fix the order of instructions, since volatile asm statements are not reordered. HOLD(x): x
 * is computed before this, and the compiler assumes nothing about its value afterwards.
 * HOLD_USE(x): x is computed before this; its value stays known. HOLD_STORE(x): the store to x is
 * before this. RELOAD(p): what p points to is read from memory again. */
#define HOLD(x) __asm__ volatile("" : "+x"(x))
#define HOLD_USE(x) __asm__ volatile("" ::"x"(x))
#define HOLD_STORE(x) __asm__ volatile("" : "+m"(x))
#define RELOAD(p) __asm__ volatile("" : "+r"(p))
#else
#define HOLD_USE(x) (void)0
#define HOLD_STORE(x) (void)0
#define HOLD(x) (void)0
#define RELOAD(p) (void)0
#endif

typedef struct {
  V x0[4], x1[4], dv[4], dw[4], ratio; /* points; deltas times rates; kb / kw */
} N(one_step);

typedef struct {
  V w0, w1, b, v;
} N(one_unit);

/* A vector of nets; with `across` one net. */
typedef struct { /* NOLINT(clang-analyzer-optin.performance.Padding): vectors are aligned */
  V *units;
  size_t count;
  N(one_step) s;
  V target[4], c, loss; /* loss: set when a lane stops, and at the end */
  VI on, partial;       /* lanes that still train; minus their steps that are not in `common` */
  size_t step, steps;   /* taken by at least one lane; to take */
  size_t common;        /* taken by all lanes */
  bool live;            /* more are to be taken */
} N(one_nets);

typedef struct {
  V kv, kw, kc, tolerance, limit; /* the rates times -1/4 */
  bool same;                      /* kv == kw: dw would equal dv and is not set */
  bool across;
} N(one_rates);

/* The partial sums of a unit's gradient, from one point to the next. */
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

/* The first product of a sum, rounded on its own: otherwise each compilation could choose which of
 * two products an FMA leaves unrounded. */
INLINE V N(first)(V product) {
#if defined(__AVX2__) && VECTOR_BYTES == 32
  HOLD(product);
  return product;
#else
  return product + N(all)(0);
#endif
}

/* Adds point p to the gradient of the unit at q. */
INLINE void N(one_gradient)(N(one_sums) * a, const V *q, const N(one_step) * s, const V *dw, int p,
                            V zero, const int kind) {
  V h = q[4 + p], g;
  HOLD(h);
  g = (V)(zero < h);
  HOLD(g);
  g = (V)((VI)g & (VI)dw[p]);
  HOLD(g);
  a->v += s->dv[p] * h;
  HOLD(a->v);
  if (kind == N(POINTS)) {
    if (p == 0)
      a->b = a->before = g;
    else if (p == 1) {
      a->b += g;
      a->w0 = N(first)(g * s->x0[1]) + a->before * s->x0[0];
      a->w1 = N(first)(g * s->x1[1]) + a->before * s->x1[0];
    } else
      a->b += g, a->w0 += g * s->x0[p], a->w1 += g * s->x1[p];
  } else if (kind == N(GRID)) {
    /* w0 and w1: the sums of the first row and the first column, times their coordinates. */
    if (p == 0)
      a->row = a->column = g;
    else if (p == 1) {
      a->row += g, a->before = g;
      HOLD(a->row);
      a->w0 = N(first)(a->row * s->x0[0]);
    } else if (p == 2) {
      a->column += g, a->b = g;
      HOLD(a->column);
      a->w1 = N(first)(a->column * s->x1[0]);
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

/* Of the unit at q with its new weights: the activation at point p, and its part of the output. */
INLINE void N(one_output)(V *q, const N(one_unit) * u, const V up[2], const N(one_step) * s, V f[4],
                          int p, V zero, const int kind) {
  V r = N(relu_max)(zero, N(one_forward)(u, up, s, p, kind));
  HOLD(r);
  q[4 + p] = r;
  f[p] += u->v * r;
  HOLD(f[p]);
}

/* N(one_overlap) for SIGNS, in the fastest order on Zen of some thousand that were tried (31.5
 * instead of 32.5 cycles per unit): the four pipes are filled in program order. */
INLINE void N(one_overlap_signs)(V *next, V *q, const N(one_step) * s, const V *dw, N(one_unit) * u,
                                 V f[4], const V zero) {
  V h[4], g[4], z[4], up[2], row[2], column[2], w0, w1, b, old;
#define SET(x, value)                                                                              \
  (x) = (value);                                                                                   \
  HOLD(x)
#define GET(x, value)                                                                              \
  (x) = (value);                                                                                   \
  HOLD_USE(x)
#define PUT(i, x)                                                                                  \
  q[i] = (x);                                                                                      \
  HOLD_STORE(q[i])
  SET(h[1], next[5]);
  SET(g[1], (V)(zero < h[1]));
  PUT(0, u->w0);
  SET(h[0], next[4]);
  SET(g[0], (V)(zero < h[0]));
  PUT(3, u->v);
  GET(g[0], (V)((VI)g[0] & (VI)dw[0]));
  GET(g[1], (V)((VI)g[1] & (VI)dw[1]));
  GET(up[0], u->b - u->w0);
  PUT(2, u->b);
  GET(up[1], u->b + u->w0);
  GET(z[0], up[0] - u->w1);
  GET(z[1], up[0] + u->w1);
  GET(row[0], g[0] + g[1]);
  SET(h[2], next[6]);
  GET(column[0], g[1] - g[0]);
  SET(h[0], next[3] + s->dv[0] * h[0]);
  GET(h[1], h[0] + s->dv[1] * h[1]);
  SET(h[3], next[7]);
  SET(g[2], (V)(zero < h[2]));
  GET(h[2], h[1] + s->dv[2] * h[2]);
  SET(g[3], (V)(zero < h[3]));
  GET(g[2], (V)((VI)g[2] & (VI)dw[2]));
  GET(g[3], (V)((VI)g[3] & (VI)dw[3]));
  GET(z[0], N(relu_max)(zero, z[0]));
  PUT(4, z[0]);
  GET(f[0], f[0] + u->v * z[0]);
  GET(h[3], h[2] + s->dv[3] * h[3]);
  GET(row[1], g[2] + g[3]);
  GET(b, row[0] + row[1]);
  GET(w0, row[1] - row[0]);
  GET(z[3], up[1] + u->w1);
  GET(z[2], up[1] - u->w1);
  PUT(1, u->w1);
  GET(column[1], g[3] - g[2]);
  GET(w1, column[0] + column[1]);
  GET(z[1], N(relu_max)(zero, z[1]));
  SET(old, next[3]);
  GET(z[3], N(relu_max)(zero, z[3]));
  GET(z[2], N(relu_max)(zero, z[2]));
  GET(u->b, next[2] + old * b);
  GET(u->w0, next[0] + old * w0);
  PUT(7, z[3]);
  GET(u->w1, next[1] + old * w1);
  GET(f[1], f[1] + u->v * z[1]);
  PUT(6, z[2]);
  GET(f[2], f[2] + u->v * z[2]);
  PUT(5, z[1]);
  GET(f[3], f[3] + u->v * z[3]);
  u->v = h[3];
#undef GET
#undef SET
#undef PUT
}

/* The gradient of the unit at `next`, interleaved with the activations of the unit before it, at q.
 */
INLINE void N(one_overlap)(V *next, V *q, const N(one_step) * s, const V *dw, N(one_unit) * u,
                           V f[4], V zero, const int kind) {
  if (kind == N(SIGNS)) {
    N(one_overlap_signs)(next, q, s, dw, u, f, zero);
    return;
  }
  N(one_sums) a;
  V up[2];
  a.old = a.v = next[3];
  UNROLL for (int p = 0; p < 4 + N(LEAD); p++) {
    if (p < 4) N(one_gradient)(&a, next, s, dw, p, zero, kind);
    if (p == 1) {
      N(one_rows)(up, u, s, kind);
      q[0] = u->w0, q[2] = u->b;
    }
    if (p >= N(LEAD)) N(one_output)(q, u, up, s, f, p - N(LEAD), zero, kind);
  }
  q[1] = u->w1, q[3] = u->v;
  N(one_update)(u, &a, next, s, kind);
}

/* The forward pass of the last unit with its new weights. */
INLINE void N(one_last)(V *q, const N(one_step) * s, const N(one_unit) * u, V f[4],
                        const int kind) {
  V up[2];
  N(one_rows)(up, u, s, kind);
  UNROLL for (int p = 0; p < 4; p++) N(one_output)(q, u, up, s, f, p, N(all)(0), kind);
  q[0] = u->w0, q[1] = u->w1, q[2] = u->b, q[3] = u->v;
}

enum { N(CHECK_STEPS) = 16 }; /* steps between two checks whether any lane is active */

/* From the outputs of a step: the loss, the lanes that continue, the deltas. It has few stores,
 * which share pipes with the adds. */
static __attribute__((noinline)) void N(one_end)(N(one_nets) * n, const N(one_rates) * r, V f0,
                                                 V f1, V f2, V f3) {
  V f[4] = {f0, f1, f2, f3}, e[4], sum, square, loss;
  UNROLL for (int p = 0; p < 4; p++) {
    if (r->across) f[p] = N(total)(f[p]) + n->c;
    e[p] = f[p] - n->target[p];
  }
  sum = (e[0] + e[1]) + (e[2] + e[3]);
  square = (e[0] * e[0] + e[1] * e[1]) + (e[2] * e[2] + e[3] * e[3]);
  loss = N(all)(0.125) * square;
  VI on = n->on & (loss <= r->limit) & (loss > r->tolerance);
  sum *= r->kc;
  UNROLL for (int p = 0; p < 4; p++) n->s.dv[p] = r->kv * e[p];
  if (!r->same) UNROLL for (int p = 0; p < 4; p++) n->s.dw[p] = r->kw * e[p];
  /* If all lanes continue, the deltas do not wait for the loss: a well predicted branch. */
  if (N(all_set)(on) && n->step < n->steps)
    n->common++;
  else {
    bool any = n->step % N(CHECK_STEPS) != 0;
    for (size_t k = 0; k < LANES && !any; k++) any |= on[k] != 0;
    n->on = on, n->loss = loss;
    n->live = n->step < n->steps && any;
    if (!n->live) return;
    n->partial += on;
    sum = N(keep)(sum, on);
    for (int p = 0; p < 4; p++) n->s.dv[p] = N(keep)(n->s.dv[p], on);
    for (int p = 0; p < 4 && !r->same; p++) n->s.dw[p] = N(keep)(n->s.dw[p], on);
  }
  n->step++;
  n->c += sum;
}

INLINE void N(one_first)(V *q, const N(one_step) * s, const V *dw, N(one_unit) * u,
                         const int kind) {
  N(one_sums) a;
  a.old = a.v = q[3];
  UNROLL for (int p = 0; p < 4; p++) N(one_gradient)(&a, q, s, dw, p, N(all)(0), kind);
  N(one_update)(u, &a, q, s, kind);
}

/* One step of all units but the gradient of the first, whose new weights are in u: gradient, update
 * and next forward pass read and write a unit once. Returns the place of the last unit, whose new
 * weights are left in u. */
INLINE V *N(one_pass)(V *q, size_t units, const N(one_step) * s, const V *dw, N(one_unit) * u,
                      V f_[4], const int kind) {
  V zero = N(all)(0), f[4];
  HOLD(zero);
  UNROLL for (int p = 0; p < 4; p++) {
    f[p] = f_[p];
    HOLD(f[p]);
  }
  for (size_t j = 1; j < units; j++, q += 8) {
    RELOAD(s);
    RELOAD(dw);
    N(one_overlap)(q + 8, q, s, dw, u, f, zero, kind);
  }
  UNROLL for (int p = 0; p < 4; p++) f_[p] = f[p];
  return q;
}

/* Alternates steps of n and, if it is live, of `other` until both have stopped. The last unit of
 * one is left in u and is processed with the first unit of the other; the end of that step follows
 * long before its result is needed. */
INLINE void N(one_steps)(N(one_nets) * n, N(one_nets) * other, const N(one_rates) * r,
                         const int kind) {
  V *q = NULL, f[4], zero = N(all)(0);
  N(one_unit) u;
  for (;;) {
    const V *dw = r->same ? n->s.dv : n->s.dw;
    if (q) {
      N(one_overlap)(n->units, q, &n->s, dw, &u, f, zero, kind);
      N(one_end)(other, r, f[0], f[1], f[2], f[3]);
    } else
      N(one_first)(n->units, &n->s, dw, &u, kind);
    UNROLL for (int p = 0; p < 4; p++) f[p] = r->across ? N(all)(0) : n->c;
    q = N(one_pass)(n->units, n->count, &n->s, dw, &u, f, kind);
    if (!other->live) {
      N(one_last)(q, &n->s, &u, f, kind);
      N(one_end)(n, r, f[0], f[1], f[2], f[3]);
      q = NULL;
      if (!n->live) return;
    } else {
      N(one_nets) *swap = n;
      n = other, other = swap;
    }
  }
}

/* The activations and outputs of units before the first step. */
INLINE void N(one_start)(V *q, size_t units, const N(one_step) * s, V f[4], const int kind) {
  for (size_t j = 0; j < units; j++, q += 8) {
    V up[2];
    N(one_unit) u = {q[0], q[1], q[2], q[3]};
    N(one_rows)(up, &u, s, kind);
    UNROLL for (int p = 0; p < 4; p++) N(one_output)(q, &u, up, s, f, p, N(all)(0), kind);
  }
}

/* Separate functions, so that the outputs stay in registers, and one per case, so that the compiler
 * chooses the same roundings wherever they are called. */
#define FUNCTIONS(steps, step, start, kind)                                                        \
  static __attribute__((noinline)) void steps(N(one_nets) * n, N(one_nets) * other,                \
                                              const N(one_rates) * r) {                            \
    N(one_steps)(n, other, r, kind);                                                               \
  }                                                                                                \
  static __attribute__((noinline)) void step(V *units, size_t count, const N(one_step) * s,        \
                                             V f_[4]) {                                            \
    V f[4] = {f_[0], f_[1], f_[2], f_[3]}, *q;                                                     \
    N(one_unit) u;                                                                                 \
    N(one_first)(units, s, s->dw, &u, kind);                                                       \
    q = N(one_pass)(units, count, s, s->dw, &u, f, kind);                                          \
    N(one_last)(q, s, &u, f, kind);                                                                \
    UNROLL for (int p = 0; p < 4; p++) f_[p] = f[p];                                               \
  }                                                                                                \
  static __attribute__((noinline)) void start(V *units, size_t count, const N(one_step) * s,       \
                                              V f[4]) {                                            \
    N(one_start)(units, count, s, f, kind);                                                        \
  }
FUNCTIONS(N(steps_points), N(step_points), N(start_points), N(POINTS))
FUNCTIONS(N(steps_grid), N(step_grid), N(start_grid), N(GRID))
FUNCTIONS(N(steps_signs), N(step_signs), N(start_signs), N(SIGNS))
#undef FUNCTIONS
#define OF_KIND(kind, name)                                                                        \
  ((kind) == N(SIGNS) ? N(name##_signs) : (kind) == N(GRID) ? N(name##_grid) : N(name##_points))

INLINE int N(one_kind)(const limn_one_hidden *o) {
  if (o->x[0][0] != o->x[1][0] || o->x[2][0] != o->x[3][0] || o->x[0][1] != o->x[2][1] ||
      o->x[1][1] != o->x[3][1])
    return N(POINTS);
  bool signs = fabs(o->x[0][0]) == 1 && o->x[2][0] == -o->x[0][0] && fabs(o->x[0][1]) == 1 &&
               o->x[1][1] == -o->x[0][1];
  return signs && o->kb == o->kw ? N(SIGNS) : N(GRID);
}

/* Sets all of s but the deltas. Returns the mask to xor point numbers with, which brings SIGNS
 * points into their order. */
INLINE int N(one_points)(N(one_step) * s, const limn_one_hidden *o, const int kind) {
  int swap = kind == N(SIGNS) ? (o->x[0][0] > 0 ? 2 : 0) + (o->x[0][1] > 0) : 0;
  for (int p = 0; p < 4; p++)
    s->x0[p] = N(all)(o->x[p ^ swap][0]), s->x1[p] = N(all)(o->x[p ^ swap][1]);
  s->ratio = N(all)(o->kw > 0 ? o->kb / o->kw : 0);
  return swap;
}

static bool N(one_hidden)(void *units_, void *c_, const void *target_, const limn_one_hidden *o,
                          size_t steps, void *loss_, double *done, double *active) {
  const int kind = N(one_kind)(o);
  V *units = units_, *c = c_, *loss = loss_;
  const V *target = target_;
  const N(one_rates)
      r = {N(all)(-o->kv / 4), N(all)(-o->kw / 4), N(all)(-o->kc / 4), N(all)(o->tolerance),
           N(all)(o->limit),   o->kv == o->kw,     o->across};
  N(one_nets) nets[2];
  nets[0].live = nets[1].live = false;
  for (size_t b = 0; b < o->nets; b++) {
    N(one_nets) *n = &nets[b];
    const int swap = N(one_points)(&n->s, o, kind);
    V f[4];
    n->units = units + b * 8 * o->units, n->count = o->units;
    n->step = 0, n->steps = steps, n->common = 0, n->live = true;
    n->c = c[b];
    for (int p = 0; p < 4; p++) {
      n->target[p] = target[4 * b + (size_t)(p ^ swap)];
      f[p] = o->across ? N(all)(0) : n->c;
    }
    for (size_t k = 0; k < LANES; k++)
      n->on[k] = active[b * LANES + k] != 0 ? -1 : 0, n->partial[k] = 0;
    OF_KIND(kind, start)(n->units, o->units, &n->s, f);
    N(one_end)(n, &r, f[0], f[1], f[2], f[3]);
  }
  size_t first = !nets[0].live;
  if (nets[first].live) OF_KIND(kind, steps)(&nets[first], &nets[1 - first], &r);
  bool any = false;
  for (size_t b = 0; b < o->nets; b++) {
    const N(one_nets) *n = &nets[b];
    c[b] = n->c, loss[b] = n->loss;
    for (size_t k = 0; k < LANES; k++) {
      active[b * LANES + k] = n->on[k] != 0;
      done[b * LANES + k] += (double)n->common - (double)n->partial[k];
      any |= n->on[k] != 0;
    }
  }
  return any;
}
#undef HOLD
#undef HOLD_USE
#undef HOLD_STORE
#undef RELOAD
