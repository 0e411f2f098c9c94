/* test_mlp_small.c: the loop that trains deeper nets of ReLUs and skips inactive units, against
 * num/mlp/reference.c: random shapes, losses and pairs; runs of several calls, to the bit. */
/* isa: yes */
#include "support/kernel_reference.h"

/* A net of ReLUs in the layout of the kernel `small`. */
enum { SMALL_LAYERS = 4, SMALL_WIDTH = 48 };
typedef struct {
  size_t layers, points, sizes[SMALL_LAYERS + 1], numbers;
  limn_small_layer layer[SMALL_LAYERS];
  limn_small_units units[2][SMALL_LAYERS];
  void *block[2], *x;
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
    a->block[t] = fresh(a->numbers);
    for (size_t i = 0; i < a->numbers; i++) set(a->block[t], i, 0);
    for (size_t l = 0; l < a->layers; l++) {
      const limn_small_layer *b = &a->layer[l];
      for (size_t i = 0; i < b->in; i++)
        for (size_t o = 0; o < a->sizes[l + 1]; o++)
          set(a->block[t], b->w_at + i * b->ld + o,
              (2 * limn_rng_uniform(&rng) - 1) * sqrt(4.0 / (double)b->in));
      for (size_t o = 0; o < a->sizes[l + 1] && biases; o++) /* some units are never active */
        set(a->block[t], b->b_at + o, size_up_to(6) == 1 ? -20 : limn_rng_uniform(&rng) - 0.5);
    }
  }
  a->x = fresh(a->points * a->sizes[0]);
  small_units_fresh(a);
}

/* The reference of one net, or of a pair, with the present parameters. */
static void small_reference(limn_reference *r, const small_net *a, size_t halves) {
  limn_mlp_spec spec = {.layers = a->layers,
                        .biases = true,
                        .start = halves == 2 ? LIMN_START_ANTISYMMETRIC : LIMN_START_RANDOM,
                        .count = 1};
  double rate_w[SMALL_LAYERS], rate_b[SMALL_LAYERS];
  for (size_t l = 0; l <= a->layers; l++) spec.sizes[l] = a->sizes[l];
  for (size_t l = 0; l < a->layers; l++)
    rate_w[l] = a->layer[l].rate, rate_b[l] = a->layer[l].rate * a->layer[l].kb;
  reference_of(r, &spec, rate_w, rate_b);
  for (size_t t = 0; t < halves; t++)
    for (size_t l = 0; l < a->layers; l++)
      for (size_t o = 0; o < a->sizes[l + 1]; o++) {
        const limn_small_layer *b = &a->layer[l];
        set_effective_b(&r->layer[t][l], o, get(a->block[t], b->b_at + o));
        for (size_t i = 0; i < b->in; i++)
          set_effective_w(&r->layer[t][l], i, o, get(a->block[t], b->w_at + i * b->ld + o));
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
  limn_reference ref;
  limn_mlp_rule rule = reference_rule(logistic ? LIMN_LOSS_LOGISTIC : LIMN_LOSS_MSE);
  double x[4 * 5];
  for (size_t i = 0; i < a.points * a.sizes[0]; i++) x[i] = get(a.x, i);
  small_reference(&ref, &a, halves);
  ref.offset = s.offset;
  cr_assert(k->small(&s, units, a.block, a.x, steps, &got, &done));
  cr_assert_eq(done, steps);
  for (size_t step = 0; step < steps; step++) limn_reference_step(&ref, x, y, a.points, &rule);
  loss = limn_reference_gradient(&ref, x, y, a.points, rule.loss);
  near(got, loss, 100 * (1 + loss), "small: loss");
  for (size_t t = 0; t < halves; t++)
    for (size_t l = 0; l < a.layers; l++) {
      const limn_small_layer *b = &a.layer[l];
      const limn_reference_layer *want = &ref.layer[t][l];
      size_t padded = l + 1 < a.layers ? a.units[0][l].vectors * k->lanes : 1;
      for (size_t o = 0; o < padded; o++) {
        bool padding = o >= a.sizes[l + 1];
        near(get(a.block[t], b->b_at + o), padding ? 0 : effective_b(want, o), 100,
             "small: biases");
        for (size_t i = 0; i < b->in; i++) {
          double w = get(a.block[t], b->w_at + i * b->ld + o);
          if (padding)
            cr_assert_eq(w, 0, "padding");
          else
            near(w, effective_w(want, i, o), 100, "small: weights");
        }
      }
    }
  limn_reference_end(&ref);
  /* One call per step, with new lists, gives the same bits. */
  small_units_free(&a), small_units_fresh(&a);
  for (size_t step = 0; step < steps; step++) k->small(&s, units, again, a.x, 1, &loss, &done);
  for (size_t t = 0; t < halves; t++)
    for (size_t i = 0; i < a.numbers; i++) cr_assert_eq(get(again[t], i), get(a.block[t], i));
  s.tolerance = 2 * got, s.limit = 1e9;
  cr_assert_not(k->small(&s, units, a.block, a.x, 5, &loss, &done), "at the tolerance");
  s.tolerance = -1, s.limit = got / 2;
  cr_assert_not(k->small(&s, units, again, a.x, 5, &loss, &done), "past the limit");
  cr_assert_eq(done, 0);
  for (size_t t = 0; t < 2; t++) free(a.block[t]), free(again[t]);
  small_units_free(&a), free(a.x);
}

Test(mlp_small, nets_with_inactive_units) {
  everywhere(small_nets, 60);
}
