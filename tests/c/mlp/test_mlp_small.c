/* test_mlp_small.c: the loop that trains deeper nets of ReLUs without what is shut, against plain
 * loops in double: random shapes, losses and pairs, runs cut in two to the bit. */
/* isa: yes */
#include "support/every_kernel.h"

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
                                     .rate = 0.02 + 0.1 * limn_rng_uniform(&rng),
                                     .kb = biases ? limn_rng_uniform(&rng) : 0};
    if (l) a->layer[l].ratio = a->layer[l - 1].rate / a->layer[l].rate;
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
        a->plain[t][b->b_at + o] -= b->rate * b->kb * delta[p][o];
        for (size_t i = 0; i < b->in; i++)
          a->plain[t][b->w_at + i * b->ld + o] -=
              b->rate * delta[p][o] * (l ? a->act[t][l - 1][p][i] : get(a->x, p * a->sizes[0] + i));
      }
    memcpy(delta, back, sizeof delta);
  }
}

static void small_nets(void) {
  small_net a;
  small_fresh(&a);
  size_t halves = size_up_to(2), steps = size_up_to(4) - 1, done;
  bool logistic = size_up_to(2) == 1, shifted = size_up_to(2) == 1;
  double y[4], offset[4], loss, got;
  for (size_t p = 0; p < 4; p++) {
    y[p] = 2 * limn_rng_uniform(&rng) - 1, offset[p] = limn_rng_uniform(&rng) - 0.5;
    if (logistic) y[p] = y[p] < 0 ? -1 : 1;
  }
  limn_small_units *units[2] = {a.units[0], a.units[1]};
  limn_small s = {.layers = a.layers,
                  .points = a.points,
                  .halves = halves,
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
    for (size_t t = 0; t < halves; t++) small_plain_outputs(&a, t);
    for (size_t p = 0; p < a.points; p++) {
      double f = halves == 2 ? (a.out[0][p] - a.out[1][p]) * sqrt(0.5) : a.out[0][p];
      if (shifted) f -= offset[p];
      double d = logistic ? -y[p] / (1 + exp(y[p] * f)) : f - y[p];
      loss += (logistic ? log1p(exp(-y[p] * f)) : d * d / 2) / (double)a.points;
      slope[0][p] = d / (double)a.points * (halves == 2 ? sqrt(0.5) : 1);
      slope[1][p] = -slope[0][p];
    }
    if (step == steps) break;
    for (size_t t = 0; t < halves; t++) small_plain_step(&a, t, slope[t]);
  }
  near(got, loss, 100 * (1 + loss), "small: loss");
  for (size_t t = 0; t < halves; t++)
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
  for (size_t t = 0; t < halves; t++)
    for (size_t i = 0; i < a.numbers; i++) cr_assert_eq(get(again[t], i), get(a.block[t], i));
  s.tolerance = 2 * got, s.limit = 1e9;
  cr_assert_not(k->small(&s, units, a.block, a.x, 5, &loss, &done), "at the tolerance");
  s.tolerance = -1, s.limit = got / 2;
  cr_assert_not(k->small(&s, units, again, a.x, 5, &loss, &done), "past the limit");
  cr_assert_eq(done, 0);
  for (size_t t = 0; t < 2; t++) free(a.block[t]), free(again[t]), free(a.plain[t]);
  small_units_free(&a), free(a.x);
}

Test(mlp_small, nets_of_shut_units) {
  everywhere(small_nets, 60);
}
