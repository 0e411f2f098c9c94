/* net.c: creates, copies, reads and sets nets. */
#include <stdlib.h>
#include <unistd.h>
#include "num/linalg/linalg.h"
#include "num/mlp/loss.h"
#include "num/mlp/net.h"

const limn_mlp_spec *limn_mlp_spec_of(const limn_mlp *net) {
  return &net->spec;
}

const limn_mlp_layer *limn_mlp_layer_of(const limn_mlp *net, size_t layer) {
  return layer < net->spec.layers ? &net->layer[layer] : NULL;
}

uint64_t limn_mlp_steps(const limn_mlp *net) {
  uint64_t most = 0;
  for (size_t r = 0; r < net->spec.count; r++)
    if (net->steps[r] > most) most = net->steps[r];
  return most;
}

uint64_t limn_mlp_steps_of(const limn_mlp *net, size_t member) {
  return net->steps[member];
}

void limn_mlp_settle(const limn_mlp *net) {
  for (limn_mlp_holder *h = net->holders; h; h = h->next) {
    if (!h->has_nets) continue;
    h->has_nets = false;
    h->store(h);
  }
}

void limn_mlp_free(limn_mlp *net) {
  if (!net) return;
  for (limn_mlp_holder *h = net->holders; h; h = h->next) h->net = NULL;
  limn_free(net->now), limn_free(net->start), limn_free(net->u), limn_free(net->v);
  limn_free(net->seeds), limn_free(net->alphas);
  limn_free(net->steps), limn_free(net->since);
  limn_free(net);
}

size_t limn_mlp_bytes(const limn_mlp_spec *spec) {
  limn_mlp net = {.spec = *spec};
  if (limn_mlp_shape(&net, NULL)) return SIZE_MAX;
  return 2 * net.blocks * net.block * limn_real(spec->dtype) + sizeof net;
}

/* The net's own copies of spec->seeds and spec->alphas, and the counts of steps. */
static limn_status copy_lists(limn_mlp *net, const limn_mlp_spec *spec, limn_err *err) {
  if (spec->seeds) net->seeds = limn_alloc(spec->count, sizeof *net->seeds);
  if (spec->alphas) net->alphas = limn_alloc(spec->count, sizeof *net->alphas);
  net->steps = limn_alloc(spec->count, sizeof *net->steps);
  net->since = limn_alloc(spec->count, sizeof *net->since);
  if ((spec->seeds && !net->seeds) || (spec->alphas && !net->alphas) || !net->steps || !net->since)
    return limn_nomem(err, "a list of the nets", spec->count, sizeof *net->alphas);
  if (net->seeds) memcpy(net->seeds, spec->seeds, spec->count * sizeof *net->seeds);
  if (net->alphas) memcpy(net->alphas, spec->alphas, spec->count * sizeof *net->alphas);
  net->spec.seeds = net->seeds, net->spec.alphas = net->alphas;
  return LIMN_OK;
}

limn_status limn_mlp_allocate(limn_mlp **out, const limn_mlp_spec *spec, limn_err *err) {
  limn_mlp *net = limn_alloc(1, sizeof *net);
  if (!net) return limn_nomem(err, "a net", 1, sizeof *net);
  net->spec = *spec;
  net->start_loss = NAN;
  limn_status st = limn_mlp_shape(net, err);
  size_t numbers = net->blocks * net->block, bytes = numbers * limn_real(spec->dtype);
  /* Linux overcommits memory: without this check the process would be killed at first use. */
  if (!st && (double)bytes * 2 > (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE))
    st = limn_fail(err, LIMN_ENOMEM,
                   "%zu net%s of %zu parameters need%s %.4g bytes (now and at the start), "
                   "this machine has %.4g",
                   spec->count, spec->count == 1 ? "" : "s", net->block,
                   spec->count == 1 ? "s" : "", 2.0 * (double)bytes,
                   (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE));
  if (!st) {
    net->now = limn_alloc(numbers, limn_real(spec->dtype));
    net->start = limn_alloc(numbers, limn_real(spec->dtype));
    if (!net->now || !net->start)
      st = limn_nomem(err, "the parameters", 2 * numbers, limn_real(spec->dtype));
  }
  if (!st) st = copy_lists(net, spec, err);
  if (st) return limn_mlp_free(net), st;
  *out = net;
  return LIMN_OK;
}

typedef struct {
  limn_mlp *net;
  const limn_token *token;
  limn_status status;
  limn_err err;
} draw_job;

enum { NETS_A_TASK = 16 };

static void draw_task(void *ctx, size_t task, int worker) {
  (void)worker;
  draw_job *j = ctx;
  limn_mlp *net = j->net;
  size_t last = (task + 1) * NETS_A_TASK;
  for (size_t b = task * NETS_A_TASK; b < last && b < net->blocks; b++) {
    limn_err err;
    if (limn_mlp_draw(net, net->now, b, j->token, &err)) j->status = err.status, j->err = err;
  }
}

void limn_mlp_spec_default(limn_mlp_spec *spec, size_t size) {
  limn_mlp_spec all = {.biases = true, .count = 1, .seed = 1, .dtype = LIMN_F64};
  memcpy(spec, &all, size < sizeof all ? size : sizeof all);
}

void limn_mlp_rule_default(limn_mlp_rule *rule, size_t size) {
  limn_mlp_rule all = {.rate = 0.1,
                       .momentum = 0.9,
                       .beta2 = 0.999,
                       .epsilon = 1e-8,
                       .steps = 100000,
                       .tolerance = 1e-6,
                       .seed = 1};
  for (size_t l = 0; l < LIMN_MLP_LAYERS; l++) all.rates[l] = 1;
  memcpy(rule, &all, size < sizeof all ? size : sizeof all);
}

limn_status limn_mlp_new(limn_mlp **out, const limn_mlp_spec *spec, const limn_token *token,
                         limn_err *err) {
  limn_mlp *net = NULL;
  limn_status st = limn_mlp_allocate(&net, spec, err);
  if (st) return st;
  draw_job job = {.net = net, .token = token};
  st = limn_parallel((net->blocks + NETS_A_TASK - 1) / NETS_A_TASK, draw_task, &job, token, err);
  if (!st && job.status) {
    if (err) *err = job.err;
    st = job.status;
  }
  if (st) return limn_mlp_free(net), st;
  memcpy(net->start, net->now, net->blocks * net->block * limn_real(spec->dtype));
  *out = net;
  return LIMN_OK;
}

limn_status limn_mlp_copy(limn_mlp **out, const limn_mlp *net, size_t member, bool initial,
                          limn_err *err) {
  limn_mlp_settle(net);
  limn_mlp_spec spec = net->spec;
  size_t first = 0;
  if (member < spec.count) {
    first = member * net->halves;
    if (spec.seeds)
      spec.seed = spec.seeds[member];
    else
      spec.rep += member;
    if (spec.alphas) spec.alpha = spec.alphas[member];
    spec.seeds = NULL, spec.alphas = NULL;
    spec.count = 1;
  }
  limn_mlp *copy;
  limn_status st = limn_mlp_allocate(&copy, &spec, err);
  if (st) return st;
  size_t numbers = copy->blocks * copy->block, bytes = numbers * limn_real(spec.dtype);
  const void *from = initial ? net->start : net->now;
  memcpy(copy->now, limn_at(from, spec.dtype, first * net->block), bytes);
  memcpy(copy->start, limn_at(net->start, spec.dtype, first * net->block), bytes);
  if (!initial) {
    copy->start_loss = net->start_loss, copy->was_set = net->was_set;
    copy->optimizer = net->optimizer;
    memcpy(copy->steps, net->steps + first / net->halves, spec.count * sizeof *net->steps);
    memcpy(copy->since, net->since + first / net->halves, spec.count * sizeof *net->since);
    const void *moments[2] = {net->u, net->v};
    void **to[2] = {&copy->u, &copy->v};
    for (int k = 0; k < 2; k++)
      if (moments[k]) {
        if (!(*to[k] = limn_alloc(numbers, limn_real(spec.dtype)))) {
          limn_mlp_free(copy);
          return limn_nomem(err, "moments", numbers, limn_real(spec.dtype));
        }
        memcpy(*to[k], limn_at(moments[k], spec.dtype, first * net->block), bytes);
      }
  }
  *out = copy;
  return LIMN_OK;
}

void limn_mlp_effective(const limn_mlp *net, const void *from, size_t block, size_t layer,
                        double *w, double *b) {
  limn_dtype t = net->spec.dtype;
  const limn_mlp_layer *a = &net->layer[layer];
  const void *p = limn_at(from, t, block * net->block);
  if (w)
    for (size_t i = 0; i < a->in; i++)
      for (size_t o = 0; o < a->out; o++)
        w[i * a->out + o] = limn_get_real(p, t, net->w_at[layer] + i * net->ld[layer] + o);
  if (b)
    for (size_t o = 0; o < a->out; o++) b[o] = limn_get_real(p, t, net->b_at[layer] + o);
}

limn_status limn_mlp_check_word(limn_err *err, const char *argument, limn_vocabulary words,
                                int value) {
  if (limn_word_name(words, value)) return LIMN_OK;
  return limn_fail_argument(err, LIMN_EINVAL, argument, "must be one of 0 .. %d, got %d",
                            limn_vocabulary_values(words) - 1, value);
}

limn_status limn_mlp_check_index(limn_err *err, const char *argument, size_t place, size_t last) {
  if (place <= last) return LIMN_OK;
  return limn_fail_argument(err, LIMN_EINVAL, argument, "must be at most %zu, got %zu", last,
                            place);
}

static limn_status check_place(const limn_mlp *net, size_t member, size_t twin, size_t layer,
                               limn_err *err) {
  limn_status st = limn_mlp_check_index(err, "member", member, net->spec.count - 1);
  if (!st && twin >= net->halves)
    st = limn_fail_argument(err, LIMN_EINVAL, "twin",
                            net->halves == 2
                                ? "must name one of the two nets of a pair"
                                : "must be the first net: only antisymmetric nets are pairs");
  if (!st) st = limn_mlp_check_index(err, "layer", layer, net->spec.layers - 1);
  return st;
}

limn_status limn_mlp_get(double *w, double *b, const limn_mlp *net, size_t member, size_t twin,
                         size_t layer, limn_err *err) {
  limn_status st = check_place(net, member, twin, layer, err);
  if (st) return st;
  limn_mlp_settle(net);
  limn_dtype t = net->spec.dtype;
  const limn_mlp_layer own = limn_mlp_layer_at(net, member, layer), *a = &own;
  const void *p = limn_at(net->now, t, (member * net->halves + twin) * net->block);
  if (w)
    for (size_t o = 0; o < a->out; o++)
      for (size_t i = 0; i < a->in; i++)
        w[o * a->in + i] =
            limn_get_real(p, t, net->w_at[layer] + i * net->ld[layer] + o) / a->multiplier;
  if (b)
    for (size_t o = 0; o < a->out; o++)
      b[o] = a->bias_multiplier > 0 ? limn_get_real(p, t, net->b_at[layer] + o) / a->bias_multiplier
                                    : 0;
  return LIMN_OK;
}

/* LIMN_ENONFINITE for the first of n numbers that is not finite, LIMN_EINVAL for the first that is
 * beyond the net's dtype once multiplied by `factor`; `row` of them per row, 0: a vector. */
static limn_status check_numbers(const limn_mlp *net, const char *name, const double *x, size_t n,
                                 size_t row, double factor, limn_err *err) {
  size_t bad = limn_la_nonfinite(x, n);
  for (size_t i = 0; bad == n && net->spec.dtype == LIMN_F32 && i < n; i++)
    if (isinf((float)(x[i] * factor))) bad = i;
  if (bad == n) return LIMN_OK;
  int64_t i = (int64_t)(row ? bad / row : bad), j = row ? (int64_t)(bad % row) : -1;
  if (!isfinite(x[bad])) return limn_not_finite(err, name, i, j, x[bad]);
  return limn_fail_entry(err, LIMN_EINVAL, name, i, j,
                         "must be at most 3.4e38 in a net of dtype f32, got %g (use dtype = "
                         "\"f64\", or scale it)",
                         x[bad]);
}

limn_status limn_mlp_set(limn_mlp *net, size_t member, size_t twin, size_t layer, const double *w,
                         const double *b, limn_err *err) {
  limn_status st = check_place(net, member, twin, layer, err);
  if (st) return st;
  limn_dtype t = net->spec.dtype;
  const limn_mlp_layer own = limn_mlp_layer_at(net, member, layer), *a = &own;
  if (w) st = check_numbers(net, "weights", w, a->in * a->out, a->in, a->multiplier, err);
  if (!st && b) st = check_numbers(net, "bias", b, a->out, 0, a->bias_multiplier, err);
  if (st) return st;
  if (b && a->bias_multiplier == 0)
    return limn_fail_argument(err, LIMN_EINVAL, "bias", "cannot be set: the layer has no biases");
  limn_mlp_settle(net);
  net->changes++;
  void *p = limn_at(net->now, t, (member * net->halves + twin) * net->block);
  if (w)
    for (size_t o = 0; o < a->out; o++)
      for (size_t i = 0; i < a->in; i++)
        limn_set_real(p, t, net->w_at[layer] + i * net->ld[layer] + o,
                      w[o * a->in + i] * a->multiplier);
  if (b)
    for (size_t o = 0; o < a->out; o++)
      limn_set_real(p, t, net->b_at[layer] + o, b[o] * a->bias_multiplier);
  limn_free(net->u), limn_free(net->v);
  net->u = net->v = NULL;
  net->was_set = true, net->start_loss = NAN;
  return LIMN_OK;
}

limn_status limn_mlp_check_points(const limn_mlp *net, const double *x, size_t points,
                                  limn_err *err) {
  size_t d = net->spec.sizes[0];
  if (points == 0) return limn_fail_argument(err, LIMN_ESHAPE, "X", "has no rows");
  return check_numbers(net, "X", x, points * d, d, 1, err);
}

limn_status limn_mlp_check_labels(const limn_mlp *net, const double *y, size_t points,
                                  limn_mlp_loss loss, limn_err *err) {
  size_t outputs = net->spec.sizes[net->spec.layers];
  limn_status st = check_numbers(net, "y", y, points * outputs, outputs > 1 ? outputs : 0, 1, err);
  if (st) return st;
  for (size_t j = 0; j < points * outputs; j++) {
    int64_t row = (int64_t)(j / outputs), column = outputs > 1 ? (int64_t)(j % outputs) : -1;
    if (limn_mlp_signed_labels(loss) && y[j] != 1 && y[j] != -1)
      return limn_fail_entry(err, LIMN_EINVAL, "y", row, column,
                             "must be -1 or +1 for the %s loss, got %g",
                             limn_word_name(LIMN_WORDS_LOSS, (int)loss), y[j]);
    if (loss == LIMN_LOSS_SOFTMAX && !(y[j] >= 0))
      return limn_fail_entry(err, LIMN_EINVAL, "y", row, column,
                             "must be a probability for the softmax loss, got %g", y[j]);
  }
  for (size_t p = 0; p < points && loss == LIMN_LOSS_SOFTMAX; p++) {
    double sum = 0;
    for (size_t o = 0; o < outputs; o++) sum += y[p * outputs + o];
    if (!(fabs(sum - 1) < 1e-9))
      return limn_fail_entry(err, LIMN_EINVAL, "y", (int64_t)p, -1,
                             "must be probabilities that sum to 1 for the softmax loss, got %g",
                             sum);
  }
  return LIMN_OK;
}
