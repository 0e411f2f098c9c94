/* test_mlp_memory.c: nets when memory allocation fails: every allocation of every call fails once;
 * the call returns a clear error, and its arguments are unchanged. */
/* slow: 4 s */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/core.h"
#include "limn/limn.h"
#include "limn/mlp.h"

static const double x[] = {1, 1, 1, -1, -1, 1, -1, -1, 0.5, 2, 3, -1}, y[] = {1, -1, -1, 1, -1, 1};

enum { WIDEST = 4100, LARGEST = 530 * 530 };

/* One case per training algorithm: one hidden layer on four points, small nets in lanes, one net,
 * several wide nets, BLAS on many points, nets that fit in the caches, a net for a team, a net with
 * a layer read once; all kinds of start. */
static const struct {
  limn_mlp_spec spec;
  size_t points;
  bool parts; /* some nets may be trained when an allocation fails */
} cases[] = {
    {{.layers = 2, .sizes = {2, 9, 1}, .count = 1}, 4, false},
    {{.layers = 2, .sizes = {2, 9, 1}, .count = 20}, 4, false},
    {{.layers = 3, .sizes = {2, 5, 6, 1}, .count = 7, .start = LIMN_START_NONE}, 6, false},
    {{.layers = 3, .sizes = {2, 5, 6, 1}, .count = 7, .start = LIMN_START_ANTISYMMETRIC}, 6, false},
    {{.layers = 3, .sizes = {2, 40, 50, 1}, .count = 1, .start = LIMN_START_NONE}, 6, false},
    {{.layers = 3, .sizes = {2, 20, 50, 1}, .count = 2, .init = LIMN_INIT_ORTHOGONAL}, 6, true},
    {{.layers = 3, .sizes = {2, 24, 30, 1}, .count = 5}, 4, false},
    {{.layers = 2, .sizes = {2, WIDEST, 1}, .count = 1}, 4, false},
    {{.layers = 3, .sizes = {2, 530, 530, 1}, .count = 1}, 4, false},
};
enum { CASES = sizeof cases / sizeof *cases, MAX_REQUESTS = 200 };

static limn_mlp_spec spec_of(int which, limn_dtype type) {
  limn_mlp_spec s = cases[which].spec;
  s.weight = 2, s.biases = true, s.dtype = type, s.seed = 3;
  return s;
}

static limn_mlp_rule rule_of(limn_mlp_optimizer optimizer, size_t batch) {
  limn_mlp_rule r = {.optimizer = optimizer,
                     .rate = 0.01,
                     .momentum = 0.9,
                     .beta2 = 0.999,
                     .epsilon = 1e-8,
                     .tolerance = -1,
                     .steps = 5,
                     .batch = batch};
  for (size_t l = 0; l < LIMN_MLP_LAYERS; l++) r.rates[l] = 1;
  return r;
}

static limn_mlp *fresh(int which, limn_dtype type) {
  limn_mlp_spec s = spec_of(which, type);
  limn_mlp *net = NULL;
  limn_err e;
  cr_assert(limn_mlp_new(&net, &s, NULL, &e) == LIMN_OK, "%s", e.text);
  return net;
}

static char *contents(const limn_mlp *net, size_t *size) {
  char path[] = "/tmp/limn_net_XXXXXX";
  close(mkstemp(path));
  limn_err e;
  cr_assert(limn_mlp_save(net, path, &e) == LIMN_OK, "%s", e.text);
  FILE *f = fopen(path, "rb");
  fseek(f, 0, SEEK_END);
  *size = (size_t)ftell(f);
  rewind(f);
  char *bytes = malloc(*size);
  cr_assert(fread(bytes, 1, *size, f) == *size);
  fclose(f);
  unlink(path);
  return bytes;
}

/* Whether their checkpoints are equal, moments included. */
static bool same_files(const limn_mlp *a, const limn_mlp *b) {
  size_t n, m;
  char *p = contents(a, &n), *q = contents(b, &m);
  bool equal = n == m && memcmp(p, q, n) == 0;
  free(p), free(q);
  return equal;
}

/* Whether parameters and steps are equal. */
static bool same(const limn_mlp *a, const limn_mlp *b) {
  const limn_mlp_spec *s = limn_mlp_spec_of(a);
  static double w[2][LARGEST], c[2][WIDEST];
  bool equal = limn_mlp_steps(a) == limn_mlp_steps(b);
  size_t halves = s->start == LIMN_START_ANTISYMMETRIC ? 2 : 1;
  for (size_t i = 0; i < s->count * halves; i++)
    for (size_t l = 0; l < s->layers; l++) {
      size_t n = s->sizes[l] * s->sizes[l + 1];
      limn_mlp_get(w[0], c[0], a, i / halves, i % halves, l, NULL);
      limn_mlp_get(w[1], c[1], b, i / halves, i % halves, l, NULL);
      equal = equal && memcmp(w[0], w[1], n * sizeof(double)) == 0 &&
              memcmp(c[0], c[1], s->sizes[l + 1] * sizeof(double)) == 0;
    }
  return equal;
}

Test(mlp_memory, making_copying_reading) {
  char path[] = "/tmp/limn_net_XXXXXX";
  close(mkstemp(path));
  limn_err e;
  for (int which = 0; which < CASES; which++) {
    limn_mlp_spec s = spec_of(which, LIMN_F64);
    limn_mlp *net = fresh(which, LIMN_F64), *other = NULL;
    limn_mlp_rule adam = rule_of(LIMN_MLP_ADAM, 0);
    limn_mlp_outcome out[20];
    cr_assert(limn_mlp_train(net, out, x, y, cases[which].points, &adam, NULL, &e) == LIMN_OK);
    cr_assert(limn_mlp_save(net, path, &e) == LIMN_OK, "%s", e.text);
    for (int call = 0; call < 3; call++) {
      limn_status st = LIMN_ENOMEM;
      long k = 0;
      while (st != LIMN_OK && k < MAX_REQUESTS) {
        other = NULL;
        limn_memory_fail_at(++k);
        st = call == 0   ? limn_mlp_new(&other, &s, NULL, &e)
             : call == 1 ? limn_mlp_copy(&other, net, SIZE_MAX, false, &e)
                         : limn_mlp_load(&other, path, &e);
        limn_memory_fail_at(0);
        if (st) cr_assert(!other && strlen(e.text) > 10, "way %d, call %d, %ld", which, call, k);
        if (st && call < 2)
          cr_assert(st == LIMN_ENOMEM, "way %d, call %d: %s", which, call, e.text);
      }
      cr_assert(k > 3 && k < MAX_REQUESTS, "way %d, call %d: %ld requests", which, call, k);
      if (call > 0) cr_assert(same_files(other, net), "way %d, call %d", which, call);
      limn_mlp_free(other);
    }
    limn_mlp_free(net);
  }
  unlink(path);
}

/* After a failed allocation nets and moments are unchanged, and the same call then succeeds. */
Test(mlp_memory, training, .timeout = 120) {
  limn_err e;
  limn_mlp_outcome out[20], want[20];
  for (int which = 0; which < CASES; which++)
    for (int type = 0; type < 2; type++)
      for (int kind = 0; kind < 4; kind++) {
        size_t points = cases[which].points;
        limn_mlp_rule r = rule_of((limn_mlp_optimizer)(kind % 3), kind == 3 ? 2 : 0);
        limn_mlp *net = fresh(which, (limn_dtype)type), *other = fresh(which, (limn_dtype)type);
        limn_mlp_rule first = rule_of(LIMN_MLP_MOMENTUM, 0); /* moments that must be kept */
        cr_assert(limn_mlp_train(net, out, x, y, points, &first, NULL, &e) == LIMN_OK);
        cr_assert(limn_mlp_train(other, out, x, y, points, &first, NULL, &e) == LIMN_OK);
        limn_status st = LIMN_ENOMEM;
        long k = 0;
        while (st != LIMN_OK && k < MAX_REQUESTS) {
          limn_memory_fail_at(++k);
          st = limn_mlp_train(net, out, x, y, points, &r, NULL, &e);
          limn_memory_fail_at(0);
          if (!st) break;
          cr_assert(st == LIMN_ENOMEM && strstr(e.text, "no memory for"), "%s", e.text);
          if (!same(net, other)) {
            cr_assert(cases[which].parts, "way %d, type %d, rule %d, request %ld", which, type,
                      kind, k);
            bool trained = false;
            for (size_t i = 0; i < cases[which].spec.count; i++)
              trained = trained || out[i].loss >= 0;
            cr_assert(trained);
            limn_mlp_free(net);
            cr_assert(limn_mlp_copy(&net, other, SIZE_MAX, false, &e) == LIMN_OK);
          }
        }
        cr_assert(k > 1 && k < MAX_REQUESTS, "way %d, rule %d: %ld requests", which, kind, k);
        if (kind == 2 &&
            !cases[which].parts) { /* the last allocation: the moments are replaced before it */
          limn_mlp *again = NULL;
          cr_assert(limn_mlp_copy(&again, other, SIZE_MAX, false, &e) == LIMN_OK);
          limn_memory_fail_at(k - 1);
          cr_assert(limn_mlp_train(again, out, x, y, points, &r, NULL, &e) == LIMN_ENOMEM);
          limn_memory_fail_at(0);
          cr_assert(same_files(again, other), "way %d, type %d: moments", which, type);
          cr_assert(limn_mlp_train(again, out, x, y, points, &r, NULL, &e) == LIMN_OK);
          limn_mlp_free(again);
        }
        cr_assert(limn_mlp_train(other, want, x, y, points, &r, NULL, &e) == LIMN_OK);
        cr_assert(same_files(net, other), "way %d, type %d, rule %d", which, type, kind);
        for (size_t i = 0; i < cases[which].spec.count;
             i++) /* field by field: the padding is undefined */
          cr_assert(memcmp(&out[i].loss, &want[i].loss, sizeof out->loss) == 0 &&
                    out[i].steps == want[i].steps && out[i].reason == want[i].reason);
        limn_mlp_free(net), limn_mlp_free(other);
      }
}

Test(mlp_memory, probes) {
  limn_err e;
  static double f[20 * 6], a[6 * WIDEST], w[LARGEST], b[WIDEST], kernel[3 * 36];
  for (int which = 0; which < CASES; which++) {
    limn_mlp *net = fresh(which, LIMN_F64);
    size_t points = cases[which].points;
    limn_mlp_grid g = {-1, 0.3, -1, 0.3, 9, 9};
    double *maps = malloc(20 * 81 * sizeof *maps);
    for (int call = 0; call < 5; call++) {
      limn_status st = LIMN_ENOMEM;
      long k = 0;
      while (st != LIMN_OK && k < MAX_REQUESTS) {
        limn_memory_fail_at(++k);
        switch (call) {
        case 0:
          st = limn_mlp_forward(f, net, x, points, NULL, &e);
          break;
        case 1:
          st = limn_mlp_activations(a, net, 0, 1, true, false, x, points, &e);
          break;
        case 2:
          st = limn_mlp_gradient(w, b, net, 0, 0, x, y, points, LIMN_LOSS_MSE, &e);
          break;
        case 3:
          st = limn_mlp_kernel(kernel, net, 0, x, points, NULL, 0, &e);
          break;
        case 4:
          st = limn_mlp_map(maps, NULL, net, &g, false, NULL, &e);
          break;
        }
        limn_memory_fail_at(0);
        cr_assert(st == LIMN_OK || st == LIMN_ENOMEM, "way %d, call %d: %s", which, call, e.text);
      }
      cr_assert(k > 1 && k < MAX_REQUESTS, "way %d, call %d: %ld requests", which, call, k);
    }
    free(maps);
    limn_mlp_free(net);
  }
}
