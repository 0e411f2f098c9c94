/* lanes.c: many small nets at once, one net per vector lane.
 *
 * A task is as many blocks as a vector has lanes. Their parameters are transposed to layout 2 of
 * num/mlp/net.h, trained there and transposed back. Sizes are padded to the kernels' tile of
 * outputs; the padding stays 0, since every activation maps 0 to 0. Large layers have a gap after
 * each tile, so that tiles map to different cache sets. Gradient descent on up to four points is
 * fused: the pass that propagates the error through the weights also updates them; the deltas then
 * carry the factor -rate. */
#include "num/mlp/train/algorithms.h"

typedef struct {
  const limn_mlp_work *work;
  const limn_mlp_kernels *k;
  limn_dtype type;
  size_t lanes, vector; /* per vector: numbers, bytes */
  size_t size[LIMN_MLP_LAYERS + 1], w_at[LIMN_MLP_LAYERS], b_at[LIMN_MLP_LAYERS], numbers;
  size_t ld[LIMN_MLP_LAYERS]; /* vectors from one tile of outputs to the next */
  size_t x_at[LIMN_MLP_LAYERS + 1], activations;
  bool fused;
  limn_mlp_workers workers;
} lanes_job;

/* Pointers into one worker's memory; all arrays consist of vectors. */
typedef struct {
  char *w, *g, *u, *v;              /* parameters, gradient, moments: job->numbers vectors each */
  char *x, *s;                      /* activations and slopes: job->activations vectors each */
  char *delta, *back;               /* points * widest layer, in vectors */
  char *points, *targets, *offsets; /* all points */
  char *batch_y, *batch_offset;     /* of the batch, whose points are in x */
  char *active, *loss, *correct;    /* correct: 2 V, the factors of adam's moments */
  uint64_t *order;
} lanes_state;

static char *vec(const lanes_job *j, char *p, size_t i) {
  return p + i * j->vector;
}

static void fill(const lanes_job *j, char *to, double value) {
  for (size_t k = 0; k < j->lanes; k++) limn_set_real(to, j->type, k, value);
}

/* Copies one parameter array from blocks (first ..) to lanes (`in`) or back. Lanes past `blocks`
 * are copies of the last block; they are not copied back. */
static void move(const lanes_job *j, char *lanes, void *array, size_t first, size_t blocks,
                 bool in) {
  const limn_mlp *net = j->work->net;
  size_t tile = j->k->out_tile;
  for (size_t l = 0; l < net->spec.layers; l++) {
    const limn_mlp_layer *a = &net->layer[l];
    for (size_t k = 0; k < j->lanes; k++) {
      if (!in && k >= blocks) break;
      size_t block = first + (k < blocks ? k : blocks - 1);
      char *p = limn_at(array, j->type, block * net->block);
      for (size_t i = 0; i < a->in; i++)
        for (size_t o = 0; o < a->out; o++) {
          size_t at = j->w_at[l] + o / tile * j->ld[l] + i * tile + o % tile;
          size_t there = net->w_at[l] + i * net->ld[l] + o;
          if (in)
            limn_set_real(vec(j, lanes, at), j->type, k, limn_get_real(p, j->type, there));
          else
            limn_set_real(p, j->type, there, limn_get_real(vec(j, lanes, at), j->type, k));
        }
      for (size_t o = 0; o < a->out; o++) {
        if (in)
          limn_set_real(vec(j, lanes, j->b_at[l] + o), j->type, k,
                        limn_get_real(p, j->type, net->b_at[l] + o));
        else
          limn_set_real(p, j->type, net->b_at[l] + o,
                        limn_get_real(vec(j, lanes, j->b_at[l] + o), j->type, k));
      }
    }
  }
}

static char *x_of(const lanes_job *j, const lanes_state *s, size_t l) {
  return vec(j, s->x, j->x_at[l]);
}

static void forward(const lanes_job *j, lanes_state *s, const char *x, size_t points) {
  const limn_mlp_spec *spec = &j->work->net->spec;
  for (size_t l = 0; l < spec->layers; l++) {
    char *h = x_of(j, s, l + 1);
    j->k->lanes_forward(h, l ? x_of(j, s, l) : x, vec(j, s->w, j->w_at[l]), j->ld[l],
                        vec(j, s->w, j->b_at[l]), points, j->size[l], j->size[l + 1]);
    if (l + 1 < spec->layers)
      j->k->activate(spec->activation, h, vec(j, s->s, j->x_at[l + 1]), h,
                     points * j->size[l + 1] * j->lanes);
  }
}

static void error(const lanes_job *j, lanes_state *s, const char *y, const char *offset,
                  size_t points, double scale) {
  const limn_mlp_spec *spec = &j->work->net->spec;
  size_t outputs = spec->sizes[spec->layers], padded = j->size[spec->layers];
  char *f = x_of(j, s, spec->layers);
  fill(j, s->loss, 0);
  memset(s->delta, 0, points * padded * j->vector); /* the padding must be 0 */
  for (size_t p = 0; p < points; p += LIMN_TILE_POINTS) {
    size_t group = points - p < LIMN_TILE_POINTS ? points - p : LIMN_TILE_POINTS;
    j->k->lanes_error(vec(j, s->delta, p * padded), s->loss, vec(j, f, p * padded),
                      y + p * outputs * j->vector, offset ? offset + p * outputs * j->vector : NULL,
                      s->active, group * outputs, j->work->rule->loss == LIMN_LOSS_LOGISTIC,
                      j->work->net->halves == 2, scale);
  }
}

/* Deactivates lanes that reached the tolerance or diverged; returns whether there were any. *left:
 * whether any lane is still active. */
static bool judge(const lanes_job *j, lanes_state *s, size_t points, double tolerance, bool *left) {
  bool changed = false;
  *left = false;
  for (size_t k = 0; k < j->lanes; k++) {
    if (limn_get_real(s->active, j->type, k) == 0) continue;
    double loss = limn_get_real(s->loss, j->type, k) / (double)points;
    if (loss <= tolerance || !(loss <= j->work->limit)) {
      limn_set_real(s->active, j->type, k, 0);
      changed = true;
    } else
      *left = true;
  }
  return changed;
}

/* adam's corrections of each lane in the step that follows `taken` steps of this call. */
static void correct(const lanes_job *j, lanes_state *s, size_t first, size_t blocks, size_t taken) {
  const limn_mlp *net = j->work->net;
  double c1 = 1, c2 = 1;
  for (size_t k = 0, known = 0; k < j->lanes; k++) {
    size_t member = (first + (k < blocks ? k : blocks - 1)) / net->halves;
    size_t t = net->steps[member] - net->since[member] + taken + 1;
    if (t != known) limn_mlp_corrections(j->work->rule, known = t, &c1, &c2);
    limn_set_real(s->correct, j->type, k, 1 / c1);
    limn_set_real(s->correct, j->type, j->lanes + k, 1 / c2);
  }
}

static void backward(const lanes_job *j, lanes_state *s, const char *x, size_t points,
                     size_t taken) {
  const limn_mlp_work *work = j->work;
  const limn_mlp_spec *spec = &work->net->spec;
  if (!j->fused) memset(s->g, 0, j->numbers * j->vector);
  for (size_t l = spec->layers; l-- > work->lowest;) {
    char *w = vec(j, s->w, j->w_at[l]), *b = vec(j, s->w, j->b_at[l]);
    bool biases = work->net->layer[l].bias_multiplier > 0, on = l > work->lowest;
    if (j->fused)
      j->k->lanes_backward(on ? s->back : NULL, w, biases ? b : NULL, w, j->ld[l],
                           l ? x_of(j, s, l) : x, s->delta, work->rate_b[l] / work->rate_w[l],
                           points, j->size[l], j->size[l + 1]);
    else
      j->k->lanes_backward(on ? s->back : NULL, vec(j, s->g, j->w_at[l]),
                           biases ? vec(j, s->g, j->b_at[l]) : NULL, w, j->ld[l],
                           l ? x_of(j, s, l) : x, s->delta, 1, points, j->size[l], j->size[l + 1]);
    if (on)
      j->k->slope(s->delta, s->back, vec(j, s->s, j->x_at[l]),
                  j->fused ? work->rate_w[l - 1] / work->rate_w[l] : 1,
                  points * j->size[l] * j->lanes);
  }
  if (j->fused) return;
  for (size_t l = work->lowest; l < spec->layers; l++) {
    if (work->rate_w[l] == 0) continue;
    for (int bias = 0; bias < 2; bias++) {
      if (bias && work->net->layer[l].bias_multiplier == 0) continue;
      limn_mlp_step step = limn_mlp_step_of(work, 0, l, bias, taken);
      if (work->rule->optimizer == LIMN_MLP_ADAM) step.corrections = s->correct;
      size_t at = bias ? j->b_at[l] : j->w_at[l];
      size_t n = (bias ? j->size[l + 1] : j->size[l + 1] / j->k->out_tile * j->ld[l]) * j->lanes;
      j->k->update(vec(j, s->w, at), vec(j, s->g, at), s->u ? vec(j, s->u, at) : NULL,
                   s->v ? vec(j, s->v, at) : NULL, n, &step, s->active);
    }
  }
}

static void load_data(const lanes_job *j, lanes_state *s, size_t first, size_t blocks) {
  const limn_mlp_work *work = j->work;
  const limn_mlp_spec *spec = &work->net->spec;
  size_t d = spec->sizes[0], outputs = spec->sizes[spec->layers], n = work->points;
  for (size_t p = 0; p < n; p++) {
    for (size_t i = 0; i < d; i++)
      fill(j, vec(j, s->points, limn_lanes_at(p, i, n, d)), work->x[p * d + i]);
    for (size_t o = 0; o < outputs; o++) {
      size_t at = limn_lanes_at(p, o, n, outputs), there = p * outputs + o;
      fill(j, vec(j, s->targets, at), work->y[there]);
      for (size_t k = 0; work->offset && k < j->lanes; k++) {
        size_t net = (first + (k < blocks ? k : blocks - 1)) / work->net->halves;
        limn_set_real(vec(j, s->offsets, at), j->type, k, work->offset[net * n * outputs + there]);
      }
    }
  }
}

/* Copies the activations of points which[0 .. n-1], `size` units each. */
static void gather_rows(const lanes_job *j, char *to, const char *from, const uint64_t *which,
                        size_t n, size_t size) {
  for (size_t p = 0; p < n; p++)
    for (size_t i = 0; i < size; i++)
      memcpy(vec(j, to, limn_lanes_at(p, i, n, size)),
             from + limn_lanes_at(which[p], i, j->work->points, size) * j->vector, j->vector);
}

/* Copies the batch to x's first layer, batch_y and batch_offset; returns the number of points. */
static size_t gather(const lanes_job *j, lanes_state *s, uint64_t step, uint64_t *epoch) {
  const limn_mlp_spec *spec = &j->work->net->spec;
  size_t outputs = spec->sizes[spec->layers];
  const uint64_t *which;
  size_t n = limn_mlp_batch(j->work, step, s->order, epoch, &which);
  gather_rows(j, x_of(j, s, 0), s->points, which, n, spec->sizes[0]);
  gather_rows(j, s->batch_y, s->targets, which, n, outputs);
  if (j->work->offset) gather_rows(j, s->batch_offset, s->offsets, which, n, outputs);
  return n;
}

/* Divides the memory at `base` into a worker's arrays; *bytes: the memory needed. With base NULL
 * only *bytes is meaningful. */
static lanes_state carve(const lanes_job *j, char *base, size_t *bytes) {
  const limn_mlp_work *work = j->work;
  const limn_mlp_spec *spec = &work->net->spec;
  size_t widest = 0, n = work->points, outputs = spec->sizes[spec->layers], at = 0;
  for (size_t l = 0; l <= spec->layers; l++)
    if (j->size[l] > widest) widest = j->size[l];
  lanes_state s;
#define TAKE(name, vectors) s.name = base ? base + at : NULL, at += (vectors)*j->vector
  TAKE(w, j->numbers);
  TAKE(g, j->fused ? 0 : j->numbers);
  TAKE(u, work->net->u ? j->numbers : 0);
  TAKE(v, work->net->v ? j->numbers : 0);
  TAKE(x, j->activations);
  TAKE(s, j->activations);
  TAKE(delta, n * widest);
  TAKE(back, n * widest);
  TAKE(points, n * j->size[0]);
  TAKE(targets, n * outputs);
  TAKE(offsets, n * outputs);
  TAKE(batch_y, n * outputs);
  TAKE(batch_offset, n * outputs);
  TAKE(active, 1);
  TAKE(loss, 1);
  TAKE(correct, 2);
#undef TAKE
  s.order = base ? (uint64_t *)(void *)(base + at) : NULL;
  at += n * sizeof *s.order;
  if (!work->net->u) s.u = NULL;
  if (!work->net->v) s.v = NULL;
  *bytes = (at + 63) & ~(size_t)63;
  return s;
}

static void train_task(void *ctx, size_t task, int worker) {
  const lanes_job *j = ctx;
  const limn_mlp_work *work = j->work;
  limn_mlp *net = work->net;
  const limn_mlp_rule *rule = work->rule;
  size_t first = task * j->lanes, blocks = net->blocks - first, halves = net->halves;
  if (blocks > j->lanes) blocks = j->lanes;
  size_t bytes;
  lanes_state s = carve(j, limn_mlp_memory(&j->workers, worker), &bytes);
  memset(s.w, 0, j->numbers * j->vector);
  move(j, s.w, net->now, first, blocks, true);
  if (s.u) move(j, s.u, net->u, first, blocks, true);
  if (s.v) move(j, s.v, net->v, first, blocks, true);
  load_data(j, &s, first, blocks);
  double done[64] = {0}; /* steps of each lane; 64 >= lanes of any set */
  for (size_t k = 0; k < j->lanes; k++) limn_set_real(s.active, j->type, k, k < blocks);
  /* Fused: the deltas carry -rate, so that adding them is the step. */
  double sign = j->fused ? -work->rate_w[net->spec.layers - 1] : 1;
  uint64_t epoch = UINT64_MAX;
  bool left = true;
  size_t step = 0;
  const char *offsets = work->offset ? s.offsets : NULL;
  const char *batch_offset = work->offset ? s.batch_offset : NULL;
  for (;; step++) {
    bool full = rule->batch == 0 || step == rule->steps;
    size_t n = full ? work->points : gather(j, &s, net->steps[first / halves] + step, &epoch);
    const char *x = full ? s.points : x_of(j, &s, 0), *y = full ? s.targets : s.batch_y;
    const char *offset = full ? offsets : batch_offset;
    forward(j, &s, x, n);
    error(j, &s, y, offset, n, sign / (double)n);
    if (judge(j, &s, n, full ? rule->tolerance : -1, &left))
      error(j, &s, y, offset, n, sign / (double)n);
    if (step == rule->steps || !left || limn_cancelled(work->token)) break;
    if (rule->optimizer == LIMN_MLP_ADAM) correct(j, &s, first, blocks, step);
    backward(j, &s, x, n, step);
    for (size_t k = 0; k < blocks; k++) done[k] += limn_get_real(s.active, j->type, k) != 0;
  }
  if (rule->batch && step < rule->steps) { /* the loss on all points, not on a batch */
    forward(j, &s, s.points, work->points);
    error(j, &s, s.targets, offsets, work->points, 0);
  }
  move(j, s.w, net->now, first, blocks, false);
  if (s.u) move(j, s.u, net->u, first, blocks, false);
  if (s.v) move(j, s.v, net->v, first, blocks, false);
  for (size_t k = 0; k < blocks; k += halves) {
    limn_mlp_outcome *out = &work->outcome[(first + k) / halves];
    out->loss = limn_get_real(s.loss, j->type, k) / (double)work->points;
    out->steps = done[k];
    out->reason = limn_mlp_stopped_by(work, limn_get_real(s.active, j->type, k) == 0, out->loss);
  }
}

/* Vectors from one tile of n vectors to the next. Large tiles start an odd multiple of UNIT bytes
 * apart, so that they use all sets of a cache whose ways hold 4096 bytes. */
static size_t distance(const lanes_job *j, size_t n) {
  enum { LARGE = 2048, UNIT = 256 };
  size_t units = (n * j->vector + UNIT - 1) / UNIT;
  return n * j->vector < LARGE ? n : (units | 1) * (UNIT / j->vector);
}

limn_status limn_mlp_train_lanes(limn_mlp_work *work, limn_err *err) {
  const limn_mlp_spec *spec = &work->net->spec;
  lanes_job j = {.work = work, .k = limn_mlp_kernels_of(spec->dtype), .type = spec->dtype};
  j.lanes = j.k->lanes;
  j.vector = j.lanes * limn_real(j.type);
  j.fused = work->plain && work->points <= LIMN_TILE_POINTS;
  j.size[0] = spec->sizes[0];
  for (size_t l = 0; l < spec->layers; l++) {
    size_t tile = j.k->out_tile;
    j.fused = j.fused && work->rate_w[l] > 0;
    j.size[l + 1] = (spec->sizes[l + 1] + tile - 1) / tile * tile;
    j.ld[l] = distance(&j, j.size[l] * tile);
    j.w_at[l] = j.numbers;
    j.numbers += j.size[l + 1] / tile * j.ld[l];
    j.b_at[l] = j.numbers;
    j.numbers += j.size[l + 1];
  }
  for (size_t l = 0; l <= spec->layers; l++) {
    j.x_at[l] = j.activations;
    j.activations += work->points * j.size[l];
  }
  carve(&j, NULL, &j.workers.bytes);
  size_t tasks = (work->net->blocks + j.lanes - 1) / j.lanes;
  return limn_mlp_run(work, &j.workers, tasks, train_task, &j, "nets in lanes", err);
}
