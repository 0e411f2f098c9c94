/* test_mlp_kernels.c: the inner loops of training, for every instruction set (also AVX-512's
 * lowered to plain C) and number type, against simple loops in double on random sizes; and the
 * threads of a team. */
#include <stdatomic.h>

#include "num/mlp/reference.h"
#include "support/every_kernel.h"

static void activations(void) {
  static const limn_phi all[] = {LIMN_PHI_RELU, LIMN_PHI_TANH, LIMN_PHI_ERF,   LIMN_PHI_GELU,
                                 LIMN_PHI_SIN,  LIMN_PHI_STEP, LIMN_PHI_LINEAR};
  size_t n = size_up_to(5) * k->lanes;
  for (size_t a = 0; a < sizeof all / sizeof *all; a++) {
    void *h = fresh(n), *s = fresh(n), *x = copy(h, n);
    for (size_t i = 0; i < n; i++) set(h, i, 3 * get(h, i));
    set(h, 0, 0);
    k->activate(all[a], x, s, h, n);
    for (size_t i = 0; i < n; i++) {
      double z = get(h, i);
      near(get(x, i), limn_reference_phi(all[a], z), 4,
           "value"); /* vector functions: errors up to 4 ulp of 1 */
      near(get(s, i), limn_reference_slope(all[a], z), 4, "slope");
    }
    k->activate(all[a], h, NULL, h, n); /* in place, without slopes */
    for (size_t i = 0; i < n; i++) cr_assert_eq(get(h, i), get(x, i));
    cr_assert_eq(get(x, 0), 0, "phi(0)"); /* padding must stay 0 */
    if (all[a] != LIMN_PHI_STEP) {
      set(h, 0, NAN);
      k->activate(all[a], x, s, h, n);
      cr_assert(isnan(get(x, 0)), "NaN must pass activation %d", (int)all[a]);
    }
    free(h), free(s), free(x);
  }
}

Test(mlp_kernels, activations_and_slopes) {
  everywhere(activations, 20);
}

/* Index of weight (i,o) in the lanes layout. */
static size_t place(size_t i, size_t o, size_t ld) {
  return o / k->out_tile * ld + i * k->out_tile + o % k->out_tile;
}

static void lanes(void) {
  size_t v = k->lanes, points = size_up_to(9), in = size_up_to(11);
  size_t tiles = size_up_to(4), ld = in * k->out_tile + size_up_to(4) - 1;
  size_t weights = tiles * ld * v, out = tiles == 4 ? 1 : tiles * k->out_tile;
  bool bias = size_up_to(2) == 1, below = size_up_to(2) == 1, fused = size_up_to(2) == 1;
  if (fused && points > LIMN_TILE_POINTS) points = LIMN_TILE_POINTS;
  void *w = fresh(weights), *b = fresh(out * v), *x = fresh(points * in * v);
  void *h = fresh(points * out * v), *delta = fresh(points * out * v),
       *back = fresh(points * in * v);
  k->lanes_forward(h, x, w, ld, bias ? b : NULL, points, in, out);
  for (size_t p = 0; p < points; p++)
    for (size_t o = 0; o < out; o++)
      for (size_t r = 0; r < v; r++) {
        double want = bias ? get(b, o * v + r) : 0;
        for (size_t i = 0; i < in; i++)
          want += get(w, place(i, o, ld) * v + r) * get(x, limn_lanes_at(p, i, points, in) * v + r);
        near(get(h, limn_lanes_at(p, o, points, out) * v + r), want, (double)in + 1,
             "lanes_forward");
      }
  void *w0 = copy(w, weights), *b0 = copy(b, out * v);
  void *g = fused ? w : fresh(weights), *g0 = copy(g, weights);
  double kb = limn_rng_uniform(&rng);
  k->lanes_backward(below ? back : NULL, g, bias ? b : NULL, w, ld, x, delta, kb, points, in, out);
  for (size_t o = 0; o < out; o++)
    for (size_t r = 0; r < v; r++) {
      double sum = get(b0, o * v + r);
      for (size_t p = 0; p < points && bias; p++)
        sum += kb * get(delta, limn_lanes_at(p, o, points, out) * v + r);
      near(get(b, o * v + r), sum, (double)points + 1, "lanes_backward, biases");
      for (size_t i = 0; i < in; i++) {
        double want = get(g0, place(i, o, ld) * v + r);
        for (size_t p = 0; p < points; p++)
          want += get(delta, limn_lanes_at(p, o, points, out) * v + r) *
                  get(x, limn_lanes_at(p, i, points, in) * v + r);
        near(get(g, place(i, o, ld) * v + r), want, (double)points + 1, "lanes_backward, weights");
      }
    }
  for (size_t q = 0; q < weights; q++) /* the gaps between tiles must not change */
    if (q / v % ld >= in * k->out_tile || (out == 1 && (q / v >= ld || q / v % k->out_tile > 0)))
      cr_assert_eq(get(g, q), get(g0, q));
  for (size_t p = 0; p < points && below; p++)
    for (size_t i = 0; i < in; i++)
      for (size_t r = 0; r < v; r++) {
        double want = 0;
        for (size_t o = 0; o < out; o++)
          want += get(w0, place(i, o, ld) * v + r) *
                  get(delta, limn_lanes_at(p, o, points, out) * v + r);
        near(get(back, limn_lanes_at(p, i, points, in) * v + r), want, (double)out,
             "lanes_backward, error below");
      }
  if (!fused) free(g);
  free(w), free(b), free(x), free(h), free(delta), free(back);
  free(w0), free(b0), free(g0);
}

Test(mlp_kernels, lanes_forward_and_backward) {
  everywhere(lanes, 60);
}

static void errors(void) {
  size_t v = k->lanes, n = size_up_to(6);
  bool logistic = size_up_to(2) == 1, pair = size_up_to(2) == 1, shifted = size_up_to(2) == 1;
  void *f = fresh(n * v), *y = fresh(n * v), *offset = fresh(n * v), *active = fresh(v);
  void *delta = fresh(n * v), *loss = fresh(v);
  for (size_t q = 0; q < n * v; q++) {
    set(f, q, get(f, q) * (size_up_to(4) == 1 ? 200 : 2)); /* large arguments of exp */
    if (logistic) set(y, q, get(y, q) < 0 ? -1 : 1);
  }
  for (size_t r = 0; r < v; r++) {
    set(active, r, size_up_to(3) > 1);
    if (pair && r % 2) set(active, r, get(active, r - 1));
    for (size_t j = 0; j < n && pair && r % 2; j++) set(y, j * v + r, get(y, j * v + r - 1));
    for (size_t j = 0; j < n && pair && r % 2; j++)
      set(offset, j * v + r, get(offset, j * v + r - 1));
  }
  void *before = copy(loss, v);
  k->lanes_error(delta, loss, f, y, shifted ? offset : NULL, active, n, logistic, pair, -0.3);
  for (size_t r = 0; r < v; r++) {
    double total = get(before, r), size = 1;
    for (size_t j = 0; j < n; j++) {
      size_t q = j * v + r, even = j * v + (r & ~(size_t)1);
      double a = pair ? (get(f, even) - get(f, even + 1)) / sqrt(2) : get(f, q), d;
      double most = pair ? fabs(get(f, even)) + fabs(get(f, even + 1)) + 1 : fabs(a) + 1;
      if (shifted) a -= get(offset, q);
      double t = get(y, q);
      if (logistic) {
        total += log1p(exp(-t * a));
        d = -t / (1 + exp(t * a));
      } else {
        total += (a - t) * (a - t) / 2;
        d = a - t;
      }
      if (pair) d *= r % 2 ? -sqrt(0.5) : sqrt(0.5);
      size += most * (logistic ? 2 : most + 2);
      near(get(delta, q), get(active, r) != 0 ? -0.3 * d : 0, 2 * most, "delta");
    }
    near(get(loss, r), total, size, "loss");
  }
  free(f), free(y), free(offset), free(active), free(delta);
  free(loss), free(before);
}

Test(mlp_kernels, errors_of_both_losses) {
  everywhere(errors, 60);
}

static void wide(void) {
  size_t v = k->lanes, points = size_up_to(9), in = size_up_to(70), out = size_up_to(24) * v;
  size_t ldw = out + v * size_up_to(2), ldx = in + size_up_to(5), ldh = out + v;
  if (size_up_to(12) == 1) out = 1024 + 3 * v, ldw = out, ldh = out, in = size_up_to(9), ldx = in;
  size_t o1 = size_up_to(out / v) * v, o0 = (size_up_to(o1 / v) - 1) * v;
  size_t i1 = size_up_to(in), i0 = size_up_to(i1) - 1;
  bool add = size_up_to(2) == 1;
  void *w = fresh(in * ldw), *x = fresh(points * ldx), *h = fresh(points * ldh);
  void *h0 = copy(h, points * ldh), *delta = fresh(points * ldh), *back = fresh(points * ldx);
  void *back0 = copy(back, points * ldx), *w0 = copy(w, in * ldw);
  k->wide_forward(h, ldh, x, ldx, w, ldw, points, in, o0, o1, add);
  k->wide_backward(back, ldx, delta, ldh, w, ldw, points, i0, i1, out);
  k->wide_update(w, ldw, x, ldx, delta, ldh, points, i0, i1, out);
  for (size_t p = 0; p < points; p++) {
    for (size_t o = 0; o < ldh; o++) {
      double want = get(h0, p * ldh + o);
      if (o >= o0 && o < o1) {
        if (!add) want = 0;
        for (size_t i = 0; i < in; i++) want += get(x, p * ldx + i) * get(w0, i * ldw + o);
      }
      near(get(h, p * ldh + o), want, (double)in + 1, "wide_forward");
    }
    for (size_t i = 0; i < ldx; i++) {
      double want = get(back0, p * ldx + i);
      if (i >= i0 && i < i1) {
        want = 0;
        for (size_t o = 0; o < out; o++) want += get(delta, p * ldh + o) * get(w0, i * ldw + o);
      }
      near(get(back, p * ldx + i), want, (double)out, "wide_backward");
    }
  }
  for (size_t i = 0; i < in; i++)
    for (size_t o = 0; o < ldw; o++) {
      double want = get(w0, i * ldw + o);
      for (size_t p = 0; p < points && i >= i0 && i < i1 && o < out; p++)
        want += get(x, p * ldx + i) * get(delta, p * ldh + o);
      near(get(w, i * ldw + o), want, (double)points + 1, "wide_update");
    }
  free(w), free(x), free(h), free(h0), free(delta), free(back);
  free(back0), free(w0);
}

Test(mlp_kernels, wide_products) {
  everywhere(wide, 60);
}

/* Only the vectors of the last group that contain a point are written. */
static void points(void) {
  size_t group = k->point_group, points = size_up_to(3 * group), groups = (points - 1) / group + 1;
  size_t in = size_up_to(size_up_to(4) == 1 ? 300 : 12), out = size_up_to(11);
  size_t ldw = out + size_up_to(5) - 1, ld = group * ((in > out ? in : out) + size_up_to(2) - 1);
  size_t end = (points + k->lanes - 1) / k->lanes * k->lanes;
  bool relu = size_up_to(2) == 1;
  void *w = fresh(in * ldw), *b = fresh(out), *x = fresh(groups * ld), *h = fresh(groups * ld);
  void *h0 = copy(h, groups * ld);
  k->points_forward(h, x, ld, w, ldw, b, points, in, out, relu);
  for (size_t q = 0; q < groups * ld; q++) {
    size_t o = q % ld / group, p = q / ld * group + q % group;
    double want = get(h0, q);
    if (o < out && p < end) {
      want = get(b, o);
      for (size_t i = 0; i < in; i++)
        want += get(w, i * ldw + o) * get(x, q / ld * ld + i * group + q % group);
      if (relu && want < 0) want = 0;
    }
    near(get(h, q), want, (double)in + 1, "points_forward");
  }
  free(w), free(b), free(x), free(h), free(h0);
}

Test(mlp_kernels, layers_at_many_points) {
  everywhere(points, 60);
}

/* A list of rows whose units are active at the same points. */
static void rows(void) {
  size_t v = k->lanes, points = size_up_to(4), in = 1 + size_up_to(90), out = size_up_to(40) * v;
  size_t ldw = out + v, ldx = in + 3, ldh = out + v, rank = size_up_to(3) * points, n = 0;
  if (size_up_to(12) == 1) out = 1024 + 3 * v, ldw = out, ldh = out, in = size_up_to(9), ldx = in;
  unsigned on = (unsigned)size_up_to((size_t)1 << points) - 1;
  size_t o1 = size_up_to(out / v) * v, o0 = (size_up_to(o1 / v) - 1) * v;
  void *w = fresh(in * ldw), *w0 = copy(w, in * ldw), *x = fresh(rank * ldx);
  void *h = fresh(points * ldh), *h0 = copy(h, points * ldh), *delta = fresh(rank * ldh);
  void *back = fresh(points * ldx), *back0 = copy(back, points * ldx);
  uint32_t row[100];
  bool listed[100] = {false};
  for (size_t i = 0; i < in; i++) {
    if (size_up_to(5) == 1) continue;
    row[n++] = (uint32_t)i, listed[i] = true;
    for (size_t p = 0; p < rank; p++)
      if (p < points ? !(on >> p & 1) : size_up_to(2) == 1) set(x, p * ldx + i, 0);
  }
  k->rows_forward(h, ldh, x, ldx, w, ldw, row, n, on, o0, o1);
  k->rows_backward(back, ldx, delta, ldh, w, ldw, row, n, on, out);
  k->rows_update(w, ldw, x, ldx, delta, ldh, rank, row, n, out);
  for (size_t p = 0; p < points; p++) {
    for (size_t o = 0; o < ldh; o++) {
      double want = get(h0, p * ldh + o);
      for (size_t i = 0; i < in && o >= o0 && o < o1; i++)
        if (listed[i]) want += get(x, p * ldx + i) * get(w0, i * ldw + o);
      near(get(h, p * ldh + o), want, (double)in + 1, "rows_forward");
    }
    for (size_t i = 0; i < ldx; i++) {
      double want = get(back0, p * ldx + i);
      if (i < in && listed[i] && on >> p & 1) {
        want = 0;
        for (size_t o = 0; o < out; o++) want += get(delta, p * ldh + o) * get(w0, i * ldw + o);
      }
      near(get(back, p * ldx + i), want, (double)out, "rows_backward");
    }
  }
  for (size_t i = 0; i < in; i++)
    for (size_t o = 0; o < ldw; o++) {
      double want = get(w0, i * ldw + o);
      for (size_t p = 0; p < rank && listed[i] && o < out; p++)
        want += get(x, p * ldx + i) * get(delta, p * ldh + o);
      near(get(w, i * ldw + o), want, (double)rank + 1, "rows_update");
    }
  free(w), free(w0), free(x), free(h), free(h0), free(delta);
  free(back), free(back0);
}

Test(mlp_kernels, products_over_lists_of_rows) {
  everywhere(rows, 60);
}

static void narrow(void) {
  size_t points = size_up_to(9), in = size_up_to(70), out = size_up_to(15);
  if (size_up_to(2) == 1) out = 1;
  size_t ldx = (in + 15) / 16 * 16, ldh = 16;
  size_t i1 = size_up_to(in), i0 = size_up_to(i1) - 1;
  void *w = fresh(in * out), *x = fresh(points * ldx), *h = fresh(points * ldh);
  void *h0 = copy(h, points * ldh), *delta = fresh(points * ldh), *back = fresh(points * ldx);
  void *back0 = copy(back, points * ldx), *w0 = copy(w, in * out);
  k->narrow_forward(h, ldh, x, ldx, w, points, in, out);
  k->narrow_backward(back, ldx, delta, ldh, w, points, i0, i1, out);
  k->narrow_update(w, x, ldx, delta, ldh, points, in, out);
  for (size_t p = 0; p < points; p++) {
    for (size_t o = 0; o < ldh; o++) {
      double want = get(h0, p * ldh + o);
      for (size_t i = 0; i < in && o < out; i++) want += get(x, p * ldx + i) * get(w0, i * out + o);
      near(get(h, p * ldh + o), want, (double)in + 1, "narrow_forward");
    }
    for (size_t i = 0; i < ldx; i++) {
      double want = get(back0, p * ldx + i);
      if (i >= i0 && i < i1) {
        want = 0;
        for (size_t o = 0; o < out; o++) want += get(delta, p * ldh + o) * get(w0, i * out + o);
      }
      near(get(back, p * ldx + i), want, (double)out, "narrow_backward");
    }
  }
  for (size_t i = 0; i < in; i++)
    for (size_t o = 0; o < out; o++) {
      double want = get(w0, i * out + o);
      for (size_t p = 0; p < points; p++) want += get(x, p * ldx + i) * get(delta, p * ldh + o);
      near(get(w, i * out + o), want, (double)points + 1, "narrow_update");
    }
  free(w), free(x), free(h), free(h0), free(delta), free(back);
  free(back0), free(w0);
}

Test(mlp_kernels, narrow_products) {
  everywhere(narrow, 60);
}

static void slopes(void) {
  size_t n = size_up_to(7) * k->lanes;
  void *back = fresh(n), *slope = fresh(n), *b0 = copy(back, n);
  k->slope(back, back, slope, -1.75, n);
  for (size_t i = 0; i < n; i++) near(get(back, i), -1.75 * get(slope, i) * get(b0, i), 1, "slope");
  free(back), free(slope), free(b0);
}

Test(mlp_kernels, slope_times_error) {
  everywhere(slopes, 20);
}

/* One step of each optimiser; the reference updates raw weights w = W/m. */
static void updates(void) {
  size_t v = k->lanes, n = size_up_to(6) * v;
  limn_mlp_rule rule = {.optimizer = (limn_mlp_optimizer)(size_up_to(LIMN_MLP_LION + 1) - 1),
                        .momentum = 0.75,
                        .beta2 = 0.9375,
                        .epsilon = 1e-3};
  limn_mlp_step s = {.rule = (int)rule.optimizer,
                     .rate = 0.25,
                     .multiplier = 0.5 + limn_rng_uniform(&rng),
                     .momentum = rule.momentum,
                     .beta2 = rule.beta2,
                     .epsilon = rule.epsilon,
                     .correct1 = 1 - pow(rule.momentum, 3),
                     .correct2 = 1 - pow(rule.beta2, 3),
                     .l2 = size_up_to(2) == 1 ? 0.125 : 0,
                     .l1 = size_up_to(2) == 1 ? 0.5 : 0,
                     .fade = size_up_to(2) == 1 ? 0.1875 : 0};
  bool first = rule.optimizer != LIMN_MLP_GD && rule.optimizer != LIMN_MLP_SIGN;
  bool masked = size_up_to(2) == 1;
  void *w = fresh(n), *g = fresh(n), *u = fresh(n), *second = fresh(n), *active = fresh(v);
  for (size_t i = 0; i < n; i++) set(second, i, fabs(get(second, i)));
  for (size_t r = 0; r < v; r++) set(active, r, size_up_to(2) - 1.0);
  void *w0 = copy(w, n), *u0 = copy(u, n), *v0 = copy(second, n);
  k->update(w, g, first ? u : NULL, s.rule == LIMN_MLP_ADAM ? second : NULL, n, &s,
            masked ? active : NULL);
  for (size_t i = 0; i < n; i++) {
    double start = get(w0, i) / s.multiplier, raw = start, gradient = s.multiplier * get(g, i);
    double u1 = get(u0, i), v1 = get(v0, i);
    if (!masked || get(active, i % v) != 0)
      limn_reference_update(&raw, &gradient, &u1, &v1, 1, s.rate, s.l2, s.l1, s.fade, &rule, 3);
    near(get(w, i), s.multiplier * raw, 8 + 50 * fabs(raw - start) / s.rate, "update");
    near(get(u, i), u1, 8, "first moment");
    near(get(second, i), v1, 4, "second moment");
  }
  free(w), free(g), free(u), free(second), free(active);
  free(w0), free(u0), free(v0);
}

Test(mlp_kernels, optimisers) {
  everywhere(updates, 100);
}

/* A team adds neighbours step by step; the result is right only if no thread passes a barrier
 * early. */
enum { CELLS = 1000, TURNS = 300 };
typedef struct {
  unsigned now[CELLS], next[CELLS];
  atomic_int started;
  int sizes;
} cells;

static void turn(void *ctx, limn_team *team, int rank, int size) {
  cells *c = ctx;
  atomic_fetch_add(&c->started, 1);
  if (rank == 0) c->sizes = size;
  for (int t = 0; t < TURNS; t++) {
    for (int i = CELLS * rank / size; i < CELLS * (rank + 1) / size; i++)
      c->next[i] = c->now[(i + 1) % CELLS] + 3 * c->now[(i + CELLS - 1) % CELLS];
    limn_barrier(team);
    for (int i = CELLS * rank / size; i < CELLS * (rank + 1) / size; i++) c->now[i] = c->next[i];
    limn_barrier(team);
  }
}

Test(mlp_kernels, a_team_waits_at_barriers) {
  static cells one, many;
  for (int threads = 1; threads <= 5; threads++) {
    cells *c = threads == 1 ? &one : &many;
    memset(c, 0, sizeof *c);
    for (unsigned i = 0; i < CELLS; i++) c->now[i] = i * i;
    limn_team_run(threads, turn, c);
    cr_assert_eq(atomic_load(&c->started), c->sizes);
    cr_assert(c->sizes >= 1 && c->sizes <= threads);
    cr_assert_eq(memcmp(one.now, c->now, sizeof one.now), 0, "%d threads", threads);
  }
}
