/* test_mlp_memory.c: nets when memory is refused: every request of every call fails once; the error
 * is clean, and what was lent is as it was. */
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

/* What trains them: one hidden layer and four points (hand-written loops), small nets (lanes), one
 * net, several wide ones, BLAS on many points; nets that stay in the caches; a net for a team, one
 * with a layer read once; starts of all kinds. */
static const struct {
  limn_mlp_spec spec;
  size_t points;
  bool parts; /* some nets may be trained when memory ends */
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
enum { WAYS = sizeof cases / sizeof *cases, MOST = 200 };

static limn_mlp_spec spec_of(int way, limn_dtype type) {
  limn_mlp_spec s = cases[way].spec;
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

static limn_mlp *fresh(int way, limn_dtype type) {
  limn_mlp_spec s = spec_of(way, type);
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

/* Moments and all. */
static bool same_files(const limn_mlp *a, const limn_mlp *b) {
  size_t n, m;
  char *p = contents(a, &n), *q = contents(b, &m);
  bool equal = n == m && memcmp(p, q, n) == 0;
  free(p), free(q);
  return equal;
}

/* The parameters and the steps. */
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
  for (int way = 0; way < WAYS; way++) {
    limn_mlp_spec s = spec_of(way, LIMN_F64);
    limn_mlp *net = fresh(way, LIMN_F64), *other = NULL;
    limn_mlp_rule adam = rule_of(LIMN_MLP_ADAM, 0);
    limn_mlp_outcome out[20];
    cr_assert(limn_mlp_train(net, out, x, y, cases[way].points, &adam, NULL, &e) == LIMN_OK);
    cr_assert(limn_mlp_save(net, path, &e) == LIMN_OK, "%s", e.text);
    for (int call = 0; call < 3; call++) {
      limn_status st = LIMN_ENOMEM;
      long k = 0;
      while (st != LIMN_OK && k < MOST) {
        other = NULL;
        limn_memory_fail_at(++k);
        st = call == 0   ? limn_mlp_new(&other, &s, NULL, &e)
             : call == 1 ? limn_mlp_copy(&other, net, SIZE_MAX, false, &e)
                         : limn_mlp_load(&other, path, &e);
        limn_memory_fail_at(0);
        if (st) cr_assert(!other && strlen(e.text) > 10, "way %d, call %d, %ld", way, call, k);
        if (st && call < 2) cr_assert(st == LIMN_ENOMEM, "way %d, call %d: %s", way, call, e.text);
      }
      cr_assert(k > 3 && k < MOST, "way %d, call %d: %ld requests", way, call, k);
      if (call > 0) cr_assert(same_files(other, net), "way %d, call %d", way, call);
      limn_mlp_free(other);
    }
    limn_mlp_free(net);
  }
  unlink(path);
}

/* A refused request leaves the nets and their moments; the same call then does what it should. */
Test(mlp_memory, training, .timeout = 120) {
  limn_err e;
  limn_mlp_outcome out[20], want[20];
  for (int way = 0; way < WAYS; way++)
    for (int type = 0; type < 2; type++)
      for (int kind = 0; kind < 4; kind++) {
        size_t points = cases[way].points;
        limn_mlp_rule r = rule_of((limn_mlp_optimizer)(kind % 3), kind == 3 ? 2 : 0);
        limn_mlp *net = fresh(way, (limn_dtype)type), *other = fresh(way, (limn_dtype)type);
        limn_mlp_rule first = rule_of(LIMN_MLP_MOMENTUM, 0); /* moments that must survive */
        cr_assert(limn_mlp_train(net, out, x, y, points, &first, NULL, &e) == LIMN_OK);
        cr_assert(limn_mlp_train(other, out, x, y, points, &first, NULL, &e) == LIMN_OK);
        limn_status st = LIMN_ENOMEM;
        long k = 0;
        while (st != LIMN_OK && k < MOST) {
          limn_memory_fail_at(++k);
          st = limn_mlp_train(net, out, x, y, points, &r, NULL, &e);
          limn_memory_fail_at(0);
          if (!st) break;
          cr_assert(st == LIMN_ENOMEM && strstr(e.text, "no memory for"), "%s", e.text);
          if (!same(net, other)) {
            cr_assert(cases[way].parts, "way %d, type %d, rule %d, request %ld", way, type, kind,
                      k);
            bool trained = false;
            for (size_t i = 0; i < cases[way].spec.count; i++)
              trained = trained || out[i].loss >= 0;
            cr_assert(trained);
            limn_mlp_free(net);
            cr_assert(limn_mlp_copy(&net, other, SIZE_MAX, false, &e) == LIMN_OK);
          }
        }
        cr_assert(k > 1 && k < MOST, "way %d, rule %d: %ld requests", way, kind, k);
        if (kind == 2 &&
            !cases[way].parts) { /* the last request: the moments were changed by then */
          limn_mlp *again = NULL;
          cr_assert(limn_mlp_copy(&again, other, SIZE_MAX, false, &e) == LIMN_OK);
          limn_memory_fail_at(k - 1);
          cr_assert(limn_mlp_train(again, out, x, y, points, &r, NULL, &e) == LIMN_ENOMEM);
          limn_memory_fail_at(0);
          cr_assert(same_files(again, other), "way %d, type %d: moments", way, type);
          cr_assert(limn_mlp_train(again, out, x, y, points, &r, NULL, &e) == LIMN_OK);
          limn_mlp_free(again);
        }
        cr_assert(limn_mlp_train(other, want, x, y, points, &r, NULL, &e) == LIMN_OK);
        cr_assert(same_files(net, other), "way %d, type %d, rule %d", way, type, kind);
        for (size_t i = 0; i < cases[way].spec.count; i++) /* field by field: padding is anything */
          cr_assert(memcmp(&out[i].loss, &want[i].loss, sizeof out->loss) == 0 &&
                    out[i].steps == want[i].steps && out[i].reason == want[i].reason);
        limn_mlp_free(net), limn_mlp_free(other);
      }
}

Test(mlp_memory, probes) {
  limn_err e;
  static double f[20 * 6], a[6 * WIDEST], w[LARGEST], b[WIDEST], kernel[3 * 36];
  for (int way = 0; way < WAYS; way++) {
    limn_mlp *net = fresh(way, LIMN_F64);
    size_t points = cases[way].points;
    limn_mlp_grid g = {-1, 0.3, -1, 0.3, 9, 9};
    double *maps = malloc(20 * 81 * sizeof *maps);
    for (int call = 0; call < 5; call++) {
      limn_status st = LIMN_ENOMEM;
      long k = 0;
      while (st != LIMN_OK && k < MOST) {
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
        cr_assert(st == LIMN_OK || st == LIMN_ENOMEM, "way %d, call %d: %s", way, call, e.text);
      }
      cr_assert(k > 1 && k < MOST, "way %d, call %d: %ld requests", way, call, k);
    }
    free(maps);
    limn_mlp_free(net);
  }
}
