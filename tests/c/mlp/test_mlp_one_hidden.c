/* test_mlp_one_hidden.c: the fused loop of one hidden layer, many nets or one, against
 * num/mlp/reference.c; two interleaved vectors of nets against each alone, to the bit. */
/* isa: yes */
#include "support/kernel_reference.h"

/* Parameter q (two input weights, bias, output weight) of hidden unit j. */
static double unit_get(const limn_reference *r, size_t j, size_t q) {
  const limn_reference_layer *a = r->layer[0];
  return q < 2 ? effective_w(a, q, j) : q == 2 ? effective_b(a, j) : effective_w(a + 1, j, 0);
}

static void unit_set(limn_reference *r, size_t j, size_t q, double value) {
  limn_reference_layer *a = r->layer[0];
  if (q < 2)
    set_effective_w(a, q, j, value);
  else if (q == 2)
    set_effective_b(a, j, value);
  else
    set_effective_w(a + 1, j, 0, value);
}

/* At most 39 steps of the fused loop. */
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
  limn_mlp_spec spec = {.layers = 2, .sizes = {2, units, 1}, .biases = true, .count = 1};
  limn_mlp_rule rule = reference_rule(LIMN_LOSS_MSE);
  double y[16][4];
  for (size_t r = 0; r < nets; r++) {
    limn_reference net;
    reference_of(&net, &spec, (double[2]){o.kw, o.kv}, (double[2]){o.kb, o.kc});
    set_effective_b(&net.layer[0][1], 0, get(output, r));
    for (int p = 0; p < 4; p++) y[r][p] = get(target, (size_t)p * v + r);
    for (size_t j = 0; j < units; j++)
      for (size_t q = 0; q < 4; q++)
        unit_set(&net, j, q, get(u, across ? (j / v * 8 + q) * v + j % v : (j * 8 + q) * v + r));
    for (size_t step = 0; step < steps; step++) limn_reference_step(&net, o.x[0], y[r], 4, &rule);
    loss[r] = limn_reference_gradient(&net, o.x[0], y[r], 4, rule.loss);
    c[r] = effective_b(&net.layer[0][1], 0);
    for (size_t j = 0; j < units; j++)
      for (size_t q = 0; q < 4; q++) w[r][j][q] = unit_get(&net, j, q);
    limn_reference_end(&net);
  }
  for (size_t r = 0; r < v && across; r++) { /* one net: the same in all lanes */
    set(output, r, get(output, 0));
    for (size_t p = 0; p < 4; p++) set(target, p * v + r, get(target, p * v));
  }
  double done[64] = {0}, active[64] = {0};
  for (size_t r = 0; r < v; r++) active[r] = 1;
  active[v - 1] = across; /* a net that must not train */
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
  if (across) { /* the same net, its units in two parts */
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

Test(mlp_one_hidden, one_hidden_layer_in_one_pass) {
  everywhere(one_hidden, 60);
}

/* Two interleaved vectors of nets give the bits of each alone, for any step at which lanes stop,
 * and in two calls. */
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
  size_t off = size_up_to(4); /* inactive: one lane, a whole vector, or none */
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

Test(mlp_one_hidden, two_vectors_of_nets_in_turn) {
  everywhere(in_turn, 200);
}
