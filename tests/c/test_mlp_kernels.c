/* test_mlp_kernels.c: the hot loops of training, every instruction set (AVX-512's also lowered to
 * plain C) and number type, against plain loops in double on random sizes; and threads that run one
 * loop together. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/num/kernels/mlp_kernels.h"
#include "core.h"
#include "limn/limn.h"
#include "limn/mlp.h"
#include "lowered.h"

static limn_rng rng;
static limn_dtype type;
static const limn_mlp_kernels *k;

static size_t size_up_to(size_t most) {
  return 1 + (size_t)(limn_rng_uniform(&rng) * (double)most);
}

static double get(const void *p, size_t i) {
  return type == LIMN_F32 ? (double)((const float *)p)[i] : ((const double *)p)[i];
}

static void set(void *p, size_t i, double x) {
  if (type == LIMN_F32)
    ((float *)p)[i] = (float)x;
  else
    ((double *)p)[i] = x;
}

/* n random numbers of the type, aligned; NaN past them, to the end of a vector. */
static void *fresh(size_t n) {
  size_t real = type == LIMN_F32 ? 4 : 8;
  void *p = aligned_alloc(64, ((n + 16) * real + 63) / 64 * 64);
  for (size_t i = 0; i < n; i++) set(p, i, 2 * limn_rng_uniform(&rng) - 1);
  for (size_t i = n; i < n + 16; i++) set(p, i, NAN);
  return p;
}

static void *copy(const void *p, size_t n) {
  void *q = fresh(n);
  for (size_t i = 0; i < n; i++) set(q, i, get(p, i));
  return q;
}

static void near(double got, double want, double terms, const char *what) {
  double eps = type == LIMN_F32 ? 1.2e-7 : 2.3e-16;
  cr_assert(fabs(got - want) <= 4 * eps * (terms + fabs(want)), "%s: got %.17g, want %.17g", what,
            got, want);
}

/* Rounds of `body` for every instruction set and type. */
static void everywhere(void (*body)(void), int rounds) {
  rng = limn_rng_start(limn_key_of(77, 0, 0, LIMN_FOR_USER), 0);
  for (int isa = LIMN_ISA_REF; isa <= LIMN_ISA_AVX512 + 1; isa++) {
    bool lowered = isa > LIMN_ISA_AVX512;
    if (!lowered && limn_isa_set((limn_isa)isa, NULL)) continue;
    for (int t = 0; t < 2; t++) {
      type = t ? LIMN_F32 : LIMN_F64;
      k = !lowered ? limn_mlp_kernels_of(type) : t ? &lowered_mlp_f32 : &lowered_mlp_f64;
      for (int r = 0; r < rounds; r++) body();
    }
  }
}

static double value_of(limn_phi phi, double h, double *slope) {
  double gauss = exp(-0.5 * h * h) / sqrt(2 * M_PI), cdf = 0.5 * erfc(-h / sqrt(2));
  switch (phi) {
  case LIMN_PHI_RELU:
    return *slope = h > 0, h > 0 ? h : 0;
  case LIMN_PHI_TANH:
    return *slope = 1 / (cosh(h) * cosh(h)), tanh(h);
  case LIMN_PHI_ERF:
    return *slope = 2 / sqrt(M_PI) * exp(-h * h), erf(h);
  case LIMN_PHI_GELU:
    return *slope = cdf + h * gauss, h * cdf;
  case LIMN_PHI_SIN:
    return *slope = cos(h), sin(h);
  case LIMN_PHI_STEP:
    return *slope = 0, h > 0;
  default:
    return *slope = 1, h;
  }
}

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
      double slope, want = value_of(all[a], get(h, i), &slope);
      near(get(x, i), want, 4, "value"); /* vector functions: within 4 ulp of order 1 */
      near(get(s, i), slope, 4, "slope");
    }
    k->activate(all[a], h, NULL, h, n); /* in place, without slopes */
    for (size_t i = 0; i < n; i++) cr_assert_eq(get(h, i), get(x, i));
    double unused;
    cr_assert_eq(get(x, 0), value_of(all[a], 0, &unused), "phi(0)"); /* padding stays zero */
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

/* Where weight (i,o) lies in the lanes layout. */
static size_t place(size_t i, size_t o, size_t ld) {
  return o / k->out_tile * ld + i * k->out_tile + o % k->out_tile;
}

static void lanes(void) {
  size_t v = k->lanes, points = size_up_to(9), in = size_up_to(11);
  size_t out = size_up_to(4) * k->out_tile, ld = in * k->out_tile + size_up_to(4) - 1;
  size_t weights = out / k->out_tile * ld * v;
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
  for (size_t q = 0; q < weights; q++) /* the gaps between tiles are left alone */
    if (q / v % ld >= in * k->out_tile) cr_assert_eq(get(g, q), get(g0, q));
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
  bool logistic = size_up_to(2) == 1, twins = size_up_to(2) == 1, shifted = size_up_to(2) == 1;
  void *f = fresh(n * v), *y = fresh(n * v), *offset = fresh(n * v), *active = fresh(v);
  void *delta = fresh(n * v), *loss = fresh(v);
  for (size_t q = 0; q < n * v; q++) {
    set(f, q, get(f, q) * (size_up_to(4) == 1 ? 200 : 2)); /* large arguments of exp */
    if (logistic) set(y, q, get(y, q) < 0 ? -1 : 1);
  }
  for (size_t r = 0; r < v; r++) {
    set(active, r, size_up_to(3) > 1);
    if (twins && r % 2) set(active, r, get(active, r - 1));
    for (size_t j = 0; j < n && twins && r % 2; j++) set(y, j * v + r, get(y, j * v + r - 1));
    for (size_t j = 0; j < n && twins && r % 2; j++)
      set(offset, j * v + r, get(offset, j * v + r - 1));
  }
  void *before = copy(loss, v);
  k->lanes_error(delta, loss, f, y, shifted ? offset : NULL, active, n, logistic, twins, -0.3);
  for (size_t r = 0; r < v; r++) {
    double total = get(before, r), size = 1;
    for (size_t j = 0; j < n; j++) {
      size_t q = j * v + r, even = j * v + (r & ~(size_t)1);
      double a = twins ? (get(f, even) - get(f, even + 1)) / sqrt(2) : get(f, q), d;
      double most = twins ? fabs(get(f, even)) + fabs(get(f, even + 1)) + 1 : fabs(a) + 1;
      if (shifted) a -= get(offset, q);
      double t = get(y, q);
      if (logistic) {
        total += log1p(exp(-t * a));
        d = -t / (1 + exp(t * a));
      } else {
        total += (a - t) * (a - t) / 2;
        d = a - t;
      }
      if (twins) d *= r % 2 ? -sqrt(0.5) : sqrt(0.5);
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

/* Points in groups of rows, one row a unit; whole vectors of the last group are written, no more.
 */
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

/* A list of rows on at the same points, against the same loops. */
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

/* A net of ReLUs for the kernel `small`: memory as it wants it, and the same parameters as doubles.
 */
enum { SMALL_LAYERS = 4, SMALL_WIDTH = 48 };
typedef struct {
  size_t layers, points, sizes[SMALL_LAYERS + 1], numbers;
  limn_small_layer layer[SMALL_LAYERS];
  limn_small_units units[2][SMALL_LAYERS];
  void *block[2], *x;
  double *plain[2], out[2][4], act[2][SMALL_LAYERS][4][SMALL_WIDTH];
} small_net;

static void *zeros(size_t bytes) {
  void *p = aligned_alloc(64, (bytes + 63) / 64 * 64);
  return memset(p, 0, (bytes + 63) / 64 * 64);
}

static void small_units_fresh(small_net *a) {
  for (size_t t = 0; t < 2; t++)
    for (size_t l = 0; l + 1 < a->layers; l++) {
      limn_small_units *u = &a->units[t][l];
      *u = (limn_small_units){.vectors = (a->sizes[l + 1] + k->lanes - 1) / k->lanes};
      size_t size = u->vectors * k->lanes;
      u->x = zeros(4 * size * 8), u->delta = zeros(4 * size * 8), u->on = zeros(4 * size * 2);
      u->row = zeros(4 * size * 4), u->order = zeros(size * 4), u->set = zeros(size);
      u->tile = zeros(size * sizeof *u->tile);
    }
}

static void small_units_free(small_net *a) {
  for (size_t t = 0; t < 2; t++)
    for (size_t l = 0; l + 1 < a->layers; l++) {
      limn_small_units *u = &a->units[t][l];
      free(u->x), free(u->delta), free(u->on), free(u->row), free(u->order), free(u->set);
      free(u->tile);
    }
}

static void small_fresh(small_net *a) {
  bool biases = size_up_to(3) > 1;
  *a = (small_net){.layers = 1 + size_up_to(SMALL_LAYERS - 1), .points = size_up_to(4)};
  for (size_t l = 0; l < a->layers; l++) a->sizes[l] = size_up_to(l ? SMALL_WIDTH : 5);
  a->sizes[a->layers] = 1;
  for (size_t l = 0; l < a->layers; l++) {
    size_t in = a->sizes[l], out = a->sizes[l + 1], v = k->lanes;
    size_t padded = (out + v - 1) / v * v, ld = padded + (size_up_to(3) - 1) * v;
    if (l + 1 == a->layers) ld = 1;
    a->layer[l] = (limn_small_layer){.in = in,
                                     .ld = ld,
                                     .w_at = a->numbers,
                                     .b_at = a->numbers + (in * ld + 15) / 16 * 16,
                                     .step = 0.02 + 0.1 * limn_rng_uniform(&rng),
                                     .kb = biases ? limn_rng_uniform(&rng) : 0};
    if (l) a->layer[l].ratio = a->layer[l - 1].step / a->layer[l].step;
    a->numbers = a->layer[l].b_at + (padded + 15) / 16 * 16;
  }
  for (size_t t = 0; t < 2; t++) {
    a->block[t] = fresh(a->numbers), a->plain[t] = calloc(a->numbers, sizeof(double));
    for (size_t l = 0; l < a->layers; l++) {
      const limn_small_layer *b = &a->layer[l];
      for (size_t i = 0; i < b->in; i++)
        for (size_t o = 0; o < a->sizes[l + 1]; o++)
          a->plain[t][b->w_at + i * b->ld + o] =
              (2 * limn_rng_uniform(&rng) - 1) * sqrt(4.0 / (double)b->in);
      for (size_t o = 0; o < a->sizes[l + 1] && biases; o++) /* some units are off everywhere */
        a->plain[t][b->b_at + o] = size_up_to(6) == 1 ? -20 : limn_rng_uniform(&rng) - 0.5;
    }
    for (size_t i = 0; i < a->numbers; i++) {
      set(a->block[t], i, a->plain[t][i]);
      a->plain[t][i] = get(a->block[t], i);
    }
  }
  a->x = fresh(a->points * a->sizes[0]);
  small_units_fresh(a);
}

static void small_plain_outputs(small_net *a, size_t t) {
  for (size_t p = 0; p < a->points; p++)
    for (size_t l = 0; l < a->layers; l++)
      for (size_t o = 0; o < a->sizes[l + 1]; o++) {
        const limn_small_layer *b = &a->layer[l];
        double h = a->plain[t][b->b_at + o];
        for (size_t i = 0; i < b->in; i++)
          h += a->plain[t][b->w_at + i * b->ld + o] *
               (l ? a->act[t][l - 1][p][i] : get(a->x, p * a->sizes[0] + i));
        if (l + 1 < a->layers)
          a->act[t][l][p][o] = h > 0 ? h : 0;
        else
          a->out[t][p] = h;
      }
}

/* One step down the loss, of which `slope` is what it grows with each output. */
static void small_plain_step(small_net *a, size_t t, const double *slope) {
  double delta[4][SMALL_WIDTH], back[4][SMALL_WIDTH];
  for (size_t p = 0; p < a->points; p++) delta[p][0] = slope[p];
  for (size_t l = a->layers; l-- > 0;) {
    const limn_small_layer *b = &a->layer[l];
    for (size_t i = 0; i < b->in; i++)
      for (size_t p = 0; p < a->points && l; p++) {
        back[p][i] = 0;
        for (size_t o = 0; o < a->sizes[l + 1]; o++)
          if (a->act[t][l - 1][p][i] > 0)
            back[p][i] += delta[p][o] * a->plain[t][b->w_at + i * b->ld + o];
      }
    for (size_t p = 0; p < a->points; p++)
      for (size_t o = 0; o < a->sizes[l + 1]; o++) {
        a->plain[t][b->b_at + o] -= b->step * b->kb * delta[p][o];
        for (size_t i = 0; i < b->in; i++)
          a->plain[t][b->w_at + i * b->ld + o] -=
              b->step * delta[p][o] * (l ? a->act[t][l - 1][p][i] : get(a->x, p * a->sizes[0] + i));
      }
    memcpy(delta, back, sizeof delta);
  }
}

static void small_nets(void) {
  small_net a;
  small_fresh(&a);
  size_t twins = size_up_to(2), steps = size_up_to(4) - 1, done;
  bool logistic = size_up_to(2) == 1, shifted = size_up_to(2) == 1;
  double y[4], offset[4], loss, got;
  for (size_t p = 0; p < 4; p++) {
    y[p] = 2 * limn_rng_uniform(&rng) - 1, offset[p] = limn_rng_uniform(&rng) - 0.5;
    if (logistic) y[p] = y[p] < 0 ? -1 : 1;
  }
  limn_small_units *units[2] = {a.units[0], a.units[1]};
  limn_small s = {.layers = a.layers,
                  .points = a.points,
                  .twins = twins,
                  .layer = a.layer,
                  .y = y,
                  .offset = shifted ? offset : NULL,
                  .logistic = logistic,
                  .tolerance = -1,
                  .limit = 1e9};
  void *again[2] = {copy(a.block[0], a.numbers), copy(a.block[1], a.numbers)};
  cr_assert(k->small(&s, units, a.block, a.x, steps, &got, &done));
  cr_assert_eq(done, steps);
  for (size_t step = 0;; step++) {
    double slope[2][4];
    loss = 0;
    for (size_t t = 0; t < twins; t++) small_plain_outputs(&a, t);
    for (size_t p = 0; p < a.points; p++) {
      double f = twins == 2 ? (a.out[0][p] - a.out[1][p]) * sqrt(0.5) : a.out[0][p];
      if (shifted) f -= offset[p];
      double d = logistic ? -y[p] / (1 + exp(y[p] * f)) : f - y[p];
      loss += (logistic ? log1p(exp(-y[p] * f)) : d * d / 2) / (double)a.points;
      slope[0][p] = d / (double)a.points * (twins == 2 ? sqrt(0.5) : 1);
      slope[1][p] = -slope[0][p];
    }
    if (step == steps) break;
    for (size_t t = 0; t < twins; t++) small_plain_step(&a, t, slope[t]);
  }
  near(got, loss, 100 * (1 + loss), "small: loss");
  for (size_t t = 0; t < twins; t++)
    for (size_t l = 0; l < a.layers; l++) {
      const limn_small_layer *b = &a.layer[l];
      size_t padded = l + 1 < a.layers ? a.units[0][l].vectors * k->lanes : 1;
      for (size_t o = 0; o < padded; o++) {
        near(get(a.block[t], b->b_at + o), a.plain[t][b->b_at + o], 100, "small: biases");
        for (size_t i = 0; i < b->in; i++) {
          size_t at = b->w_at + i * b->ld + o;
          near(get(a.block[t], at), a.plain[t][at], 100, "small: weights");
          if (o >= a.sizes[l + 1]) cr_assert_eq(get(a.block[t], at), 0, "padding");
        }
      }
    }
  /* Cut into calls, with lists made anew, the same to the bit. */
  small_units_free(&a), small_units_fresh(&a);
  for (size_t step = 0; step < steps; step++) k->small(&s, units, again, a.x, 1, &loss, &done);
  for (size_t t = 0; t < twins; t++)
    for (size_t i = 0; i < a.numbers; i++) cr_assert_eq(get(again[t], i), get(a.block[t], i));
  s.tolerance = 2 * got, s.limit = 1e9;
  cr_assert_not(k->small(&s, units, a.block, a.x, 5, &loss, &done), "at the tolerance");
  s.tolerance = -1, s.limit = got / 2;
  cr_assert_not(k->small(&s, units, again, a.x, 5, &loss, &done), "past the limit");
  cr_assert_eq(done, 0);
  for (size_t t = 0; t < 2; t++) free(a.block[t]), free(again[t]), free(a.plain[t]);
  small_units_free(&a), free(a.x);
}

Test(mlp_kernels, nets_of_shut_units) {
  everywhere(small_nets, 60);
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

/* One step in terms of the raw weights w = W/m. */
static void updates(void) {
  size_t v = k->lanes, n = size_up_to(6) * v;
  limn_mlp_step s = {.rule = (int)size_up_to(3) - 1,
                     .rate = 0.25,
                     .multiplier = 0.5 + limn_rng_uniform(&rng),
                     .momentum = 0.75,
                     .beta2 = 0.9375,
                     .epsilon = 1e-3,
                     .correct1 = 1 - pow(0.75, 3),
                     .correct2 = 1 - pow(0.9375, 3),
                     .l2 = size_up_to(2) == 1 ? 0.125 : 0,
                     .l1 = size_up_to(2) == 1 ? 0.5 : 0};
  bool masked = size_up_to(2) == 1;
  void *w = fresh(n), *g = fresh(n), *u = fresh(n), *second = fresh(n), *active = fresh(v);
  for (size_t i = 0; i < n; i++) set(second, i, fabs(get(second, i)));
  for (size_t r = 0; r < v; r++) set(active, r, size_up_to(2) - 1.0);
  void *w0 = copy(w, n), *u0 = copy(u, n), *v0 = copy(second, n);
  k->update(w, g, s.rule == LIMN_MLP_GD ? NULL : u, s.rule == LIMN_MLP_ADAM ? second : NULL, n, &s,
            masked ? active : NULL);
  for (size_t i = 0; i < n; i++) {
    double raw = get(w0, i) / s.multiplier, slope = s.multiplier * get(g, i) + s.l2 * raw;
    double u1 = get(u0, i), v1 = get(v0, i), move = slope;
    if (!masked || get(active, i % v) != 0) {
      if (s.rule == LIMN_MLP_MOMENTUM) move = u1 = s.momentum * u1 + slope;
      if (s.rule == LIMN_MLP_ADAM) {
        u1 = s.momentum * u1 + (1 - s.momentum) * slope;
        v1 = s.beta2 * v1 + (1 - s.beta2) * slope * slope;
        move = u1 / s.correct1 / (sqrt(v1 / s.correct2) + s.epsilon);
      }
      raw -= s.rate * move;
      double shrink = s.rate * s.l1;
      if (shrink > 0) raw = fabs(raw) > shrink ? raw - copysign(shrink, raw) : 0;
    }
    near(get(w, i), s.multiplier * raw, 8 + 50 * fabs(move), "update");
    near(get(u, i), u1, 4, "first moment");
    near(get(second, i), v1, 4, "second moment");
  }
  free(w), free(g), free(u), free(second), free(active);
  free(w0), free(u0), free(v0);
}

Test(mlp_kernels, optimisers) {
  everywhere(updates, 100);
}

/* The fused loop: `steps` steps of units (two weights, bias, output weight) written out. */
static void one_hidden(void) {
  enum { UNITS = 21 };
  static double w[16][UNITS][4], c[16], loss[16];
  size_t v = k->lanes, units = size_up_to(UNITS), steps = size_up_to(40) - 1;
  bool across = size_up_to(2) == 1;
  limn_one_hidden o = {.across = across,
                       .nets = 1,
                       .kw = 0.1,
                       .kb = 0.07,
                       .kv = 0.2,
                       .kc = 0.05,
                       .tolerance = -1,
                       .limit = 1e9};
  for (int p = 0; p < 4; p++)
    for (int d = 0; d < 2; d++) o.x[p][d] = 2 * limn_rng_uniform(&rng) - 1;
  size_t shape = size_up_to(4);
  if (shape > 1) /* the corners of a rectangle */
    for (int p = 0; p < 4; p++) o.x[p][0] = o.x[p & 2][0], o.x[p][1] = o.x[p & 1][1];
  if (shape > 2) { /* of the square of signs, either sign first */
    double first[2] = {size_up_to(2) == 1 ? 1 : -1, size_up_to(2) == 1 ? 1 : -1};
    for (int p = 0; p < 4; p++)
      o.x[p][0] = p & 2 ? -first[0] : first[0], o.x[p][1] = p & 1 ? -first[1] : first[1];
    if (shape > 3) o.kb = o.kw;
  }
  size_t nets = across ? 1 : v, vectors = across ? (units + v - 1) / v : units;
  o.units = vectors;
  void *u = fresh(vectors * 8 * v), *output = fresh(v), *target = fresh(4 * v), *last = fresh(v);
  for (size_t q = 0; q < vectors * 8 * v; q++)
    if (across && q / v / 8 * v + q % v >= units) set(u, q, 0); /* padding */
  double y[16][4];
  for (size_t r = 0; r < nets; r++) {
    c[r] = get(output, r);
    for (int p = 0; p < 4; p++) y[r][p] = get(target, (size_t)p * v + r);
    for (size_t j = 0; j < units; j++)
      for (size_t q = 0; q < 4; q++)
        w[r][j][q] = get(u, across ? (j / v * 8 + q) * v + j % v : (j * 8 + q) * v + r);
    for (size_t step = 0;; step++) {
      double e[4];
      loss[r] = 0;
      for (int p = 0; p < 4; p++) {
        e[p] = c[r] - y[r][p];
        for (size_t j = 0; j < units; j++) {
          double h = w[r][j][0] * o.x[p][0] + w[r][j][1] * o.x[p][1] + w[r][j][2];
          e[p] += h > 0 ? w[r][j][3] * h : 0;
        }
        loss[r] += e[p] * e[p] / 8;
      }
      if (step == steps) break;
      for (int p = 0; p < 4; p++) c[r] -= o.kc * e[p] / 4;
      for (size_t j = 0; j < units; j++) {
        double g[4] = {0};
        for (int p = 0; p < 4; p++) {
          double h = w[r][j][0] * o.x[p][0] + w[r][j][1] * o.x[p][1] + w[r][j][2];
          if (h <= 0) continue;
          g[0] += e[p] / 4 * w[r][j][3] * o.x[p][0], g[1] += e[p] / 4 * w[r][j][3] * o.x[p][1];
          g[2] += e[p] / 4 * w[r][j][3], g[3] += e[p] / 4 * h;
        }
        w[r][j][0] -= o.kw * g[0], w[r][j][1] -= o.kw * g[1];
        w[r][j][2] -= o.kb * g[2], w[r][j][3] -= o.kv * g[3];
      }
    }
  }
  for (size_t r = 0; r < v && across; r++) { /* one net: the same everywhere */
    set(output, r, get(output, 0));
    for (size_t p = 0; p < 4; p++) set(target, p * v + r, get(target, p * v));
  }
  double done[64] = {0}, active[64] = {0};
  for (size_t r = 0; r < v; r++) active[r] = 1;
  active[v - 1] = across; /* one net that shall not move */
  void *u0 = copy(u, vectors * 8 * v), *output0 = copy(output, v);
  bool left = k->one_hidden(u, output, target, &o, steps, last, done, active);
  cr_assert(left);
  for (size_t r = 0; r < (across ? 1 : v - 1); r++) {
    cr_assert_eq(done[r], (double)steps);
    near(get(last, r), loss[r], 30 + 300 * (double)steps, "loss of one_hidden");
    near(get(output, r), c[r], 30 + 300 * (double)steps, "output bias");
    for (size_t j = 0; j < units; j++)
      for (size_t q = 0; q < 4; q++)
        near(get(u, across ? (j / v * 8 + q) * v + j % v : (j * 8 + q) * v + r), w[r][j][q],
             30 + 300 * (double)steps, "unit");
  }
  for (size_t j = 0; j < units && !across; j++)
    for (size_t q = 0; q < 4; q++)
      cr_assert_eq(get(u, (j * 8 + q) * v + v - 1), get(u0, (j * 8 + q) * v + v - 1));
  cr_assert(across || done[v - 1] == 0);
  if (across) { /* the same in two parts */
    size_t half = size_up_to(vectors + 1) - 1;
    double move[8], sum[2][4], bias = get(output0, 0);
    for (size_t step = 0; step <= steps; step++) {
      k->one_hidden_part(u0, half, &o, step ? move : NULL, sum[0]);
      char *rest = (char *)u0 + half * 8 * v * (type == LIMN_F32 ? sizeof(float) : sizeof(double));
      k->one_hidden_part(rest, vectors - half, &o, step ? move : NULL, sum[1]);
      double all = 0;
      for (size_t p = 0; p < 4; p++) {
        double e = bias + sum[0][p] + sum[1][p] - y[0][p];
        move[p] = -o.kv / 4 * e, move[4 + p] = -o.kw / 4 * e;
        all += e;
      }
      if (step < steps) bias -= o.kc / 4 * all;
    }
    for (size_t j = 0; j < units; j++)
      for (size_t q = 0; q < 4; q++)
        near(get(u0, (j / v * 8 + q) * v + j % v), w[0][j][q], 30 + 300 * (double)steps, "part");
  }
  free(output0);
  free(u), free(u0), free(output), free(target), free(last);
}

Test(mlp_kernels, one_hidden_layer_in_one_pass) {
  everywhere(one_hidden, 60);
}

/* A team adds up neighbours step by step: only right if nobody runs ahead of a barrier. */
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

Test(mlp_kernels, a_team_keeps_step) {
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

/* Two vectors of nets in turn do what each does alone, whenever lanes stop, and in two calls. */
static void in_turn(void) {
  enum { UNITS = 9, STEPS = 70 };
  size_t v = k->lanes, units = size_up_to(UNITS), steps = size_up_to(STEPS);
  size_t half = size_up_to(steps + 1) - 1, number = type == LIMN_F32 ? 4 : 8;
  limn_one_hidden o = {.units = units,
                       .nets = 2,
                       .kw = 0.1,
                       .kb = 0.1,
                       .kv = size_up_to(2) == 1 ? 0.1 : 0.3,
                       .kc = 0.1,
                       .tolerance = size_up_to(3) == 1 ? -1 : 0.05 * limn_rng_uniform(&rng),
                       .limit = size_up_to(4) == 1 ? 2 : 1e9};
  size_t shape = size_up_to(3);
  for (int p = 0; p < 4; p++)
    for (int d = 0; d < 2; d++) o.x[p][d] = 2 * limn_rng_uniform(&rng) - 1;
  if (shape > 1) o.kb = 0.1 * (double)shape / 2;
  for (int p = 0; p < 4 && shape > 1; p++) o.x[p][0] = p & 2 ? 1 : -1, o.x[p][1] = p & 1 ? 1 : -1;
  void *u[2], *c[2], *target = fresh(8 * v), *loss[2] = {fresh(2 * v), fresh(2 * v)};
  double done[2][128] = {{0}}, active[2][128] = {{0}};
  u[0] = fresh(2 * units * 8 * v), c[0] = fresh(2 * v);
  u[1] = copy(u[0], 2 * units * 8 * v), c[1] = copy(c[0], 2 * v);
  size_t off = size_up_to(4); /* of one lane, of a whole vector, of none */
  for (size_t r = 0; r < 2 * v; r++)
    active[0][r] = active[1][r] = !(off == 1 && r == 0) && !(off == 2 && r < v);
  bool left = false, each = false;
  for (size_t part = 0; part < 2; part++) {
    size_t n = part ? steps - half : half;
    left = k->one_hidden(u[0], c[0], target, &o, n, loss[0], done[0], active[0]);
  }
  o.nets = 1;
  for (size_t b = 0; b < 2; b++)
    each |= k->one_hidden((char *)u[1] + b * units * 8 * v * number, (char *)c[1] + b * v * number,
                          (char *)target + b * 4 * v * number, &o, steps,
                          (char *)loss[1] + b * v * number, done[1] + b * v, active[1] + b * v);
  cr_assert_eq(left, each);
  for (size_t r = 0; r < 2 * v; r++) {
    cr_assert_eq(done[0][r], done[1][r]);
    cr_assert_eq(active[0][r], active[1][r]);
    if (done[0][r] == 0) continue;
    cr_assert_eq(get(loss[0], r), get(loss[1], r));
    cr_assert_eq(get(c[0], r), get(c[1], r));
    for (size_t j = 0; j < units; j++)
      for (size_t q = 0; q < 8; q++) {
        size_t at = (r / v * units * 8 + j * 8 + q) * v + r % v;
        cr_assert_eq(get(u[0], at), get(u[1], at), "unit %zu, number %zu, lane %zu of %zu", j, q, r,
                     2 * v);
      }
  }
  for (size_t i = 0; i < 2; i++) free(u[i]), free(c[i]), free(loss[i]);
  free(target);
}

Test(mlp_kernels, two_vectors_of_nets_in_turn) {
  everywhere(in_turn, 200);
}
