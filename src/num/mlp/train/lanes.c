/* lanes.c: many small nets at once, one net per vector lane.
 *
 * A task is as many blocks as a vector has lanes. Their parameters are transposed to layout 2 of
 * num/mlp/net.h, and stay there from run to run of a plan. Sizes are padded to the kernels' tile of
 * outputs; the padding stays 0, since every activation maps 0 to 0. Large layers have a gap after
 * each tile, so that tiles map to different cache sets. Gradient descent on up to four points is
 * fused: the pass that propagates the error through the weights also updates them; the deltas then
 * carry the factor -rate. More points go forward and back in chunks whose activations stay in the
 * first caches. */
#include "num/mlp/loss.h"
#include "num/mlp/train/algorithms.h"

/* Activations, slopes and deltas of a chunk, in bytes. */
enum { CHUNK_BYTES = 1 << 16 };

typedef struct {
  const limn_mlp_work *work;
  const limn_mlp_kernels *k;
  limn_dtype type;
  size_t lanes, vector;             /* per vector: numbers, bytes */
  size_t size[LIMN_MLP_LAYERS + 1]; /* of activations: padded to tiles, but for a single output */
  size_t tiles[LIMN_MLP_LAYERS];    /* of outputs */
  size_t w_at[LIMN_MLP_LAYERS], b_at[LIMN_MLP_LAYERS], numbers;
  size_t ld[LIMN_MLP_LAYERS]; /* vectors from one tile of outputs to the next */
  size_t x_at[LIMN_MLP_LAYERS + 1], activations, widest;
  size_t chunk;              /* points that go forward and back together; with `fused` all */
  size_t task_bytes;         /* of the parameters of one task */
  bool fused, first, second; /* first, second: the optimiser has these moments */
  char *tasks;               /* task_bytes each */
  bool *loaded;              /* of each task: it has its nets */
  char *points, *targets;    /* all points, the same for all tasks */
  limn_mlp_workers workers;
} lanes_job;

/* Pointers into the memory of one task and of one worker; all arrays consist of vectors. */
typedef struct {
  char *w, *u, *v, *offsets;     /* of the task: parameters, moments, (points,outputs) */
  char *g;                       /* gradient: job->numbers vectors, as w, u, v */
  char *x, *s;                   /* activations and slopes of a chunk: job->activations vectors */
  char *delta, *back;            /* chunk * widest layer, in vectors */
  char *batch_y, *batch_offset;  /* of a chunk of a batch, whose points are in x */
  char *active, *loss, *correct; /* correct: 2 V, the factors of adam's moments */
  double *f;                     /* (3,outputs) of one net: outputs, targets, derivatives */
  uint64_t *order;
} lanes_state;

/* The blocks of a task: first .. first + blocks-1. */
typedef struct {
  size_t first, blocks;
} lanes_blocks;

static lanes_blocks blocks_of(const lanes_job *j, size_t task) {
  size_t first = task * j->lanes, left = j->work->net->blocks - first;
  return (lanes_blocks){first, left < j->lanes ? left : j->lanes};
}

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

/* The deltas and losses of one net, in lane k (of a pair k and k + 1), by the general losses. */
static void error_of_lane(const lanes_job *j, lanes_state *s, const char *y, const char *offset,
                          size_t points, double scale, size_t k) {
  const limn_mlp *net = j->work->net;
  size_t outputs = net->spec.sizes[net->spec.layers], padded = j->size[net->spec.layers];
  bool pair = net->halves == 2;
  const double root = 0.70710678118654752440;
  char *h = x_of(j, s, net->spec.layers);
  double loss = 0, *f = s->f, *target = f + outputs, *d = target + outputs;
  double factor = limn_get_real(s->active, j->type, k) != 0 ? scale * (pair ? root : 1) : 0;
  for (size_t p = 0; p < points; p++) {
    for (size_t o = 0; o < outputs; o++) {
      size_t at = limn_lanes_at(p, o, points, padded) * j->lanes + k,
             there = limn_lanes_at(p, o, points, outputs) * j->lanes + k;
      f[o] = limn_get_real(h, j->type, at);
      if (pair) f[o] = (f[o] - limn_get_real(h, j->type, at + 1)) * root;
      if (offset) f[o] -= limn_get_real(offset, j->type, there);
      target[o] = limn_get_real(y, j->type, there);
    }
    loss = limn_mlp_add_loss(loss, j->work->rule->loss, f, target, outputs, d);
    for (size_t o = 0; o < outputs; o++) {
      size_t at = limn_lanes_at(p, o, points, padded) * j->lanes + k;
      limn_set_real(s->delta, j->type, at, factor == 0 ? 0 : factor * d[o]);
      if (pair) limn_set_real(s->delta, j->type, at + 1, factor == 0 ? 0 : -factor * d[o]);
    }
  }
  for (size_t half = 0; half < net->halves; half++)
    limn_set_real(s->loss, j->type, k + half, limn_get_real(s->loss, j->type, k + half) + loss);
}

/* The deltas of the output layer; adds the losses. */
static void error(const lanes_job *j, lanes_state *s, const char *y, const char *offset,
                  size_t points, double scale) {
  const limn_mlp_spec *spec = &j->work->net->spec;
  size_t outputs = spec->sizes[spec->layers], padded = j->size[spec->layers];
  char *f = x_of(j, s, spec->layers);
  memset(s->delta, 0, points * padded * j->vector); /* the padding must be 0 */
  if (!limn_mlp_vector_loss(j->work->rule->loss)) {
    for (size_t k = 0; k < j->lanes; k += j->work->net->halves)
      error_of_lane(j, s, y, offset, points, scale, k);
    return;
  }
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

/* Adds the gradient of `points` points; fused: makes the step. */
static void backward(const lanes_job *j, lanes_state *s, const char *x, size_t points) {
  const limn_mlp_work *work = j->work;
  const limn_mlp_spec *spec = &work->net->spec;
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
}

static void update(const lanes_job *j, lanes_state *s, size_t taken) {
  const limn_mlp_work *work = j->work;
  const limn_mlp_spec *spec = &work->net->spec;
  for (size_t l = work->lowest; l < spec->layers; l++) {
    if (work->rate_w[l] == 0) continue;
    for (int bias = 0; bias < 2; bias++) {
      if (bias && work->net->layer[l].bias_multiplier == 0) continue;
      limn_mlp_step step = limn_mlp_step_of(work, 0, l, bias, taken);
      if (work->rule->optimizer == LIMN_MLP_ADAM) step.corrections = s->correct;
      size_t at = bias ? j->b_at[l] : j->w_at[l];
      size_t n = j->tiles[l] * (bias ? j->k->out_tile : j->ld[l]) * j->lanes;
      j->k->update(vec(j, s->w, at), vec(j, s->g, at), s->u ? vec(j, s->u, at) : NULL,
                   s->v ? vec(j, s->v, at) : NULL, n, &step, s->active);
    }
  }
}

/* The data in vectors. */
static void load_data(const lanes_job *j) {
  const limn_mlp_work *work = j->work;
  size_t d = work->net->spec.sizes[0], outputs = work->net->spec.sizes[work->net->spec.layers];
  for (size_t p = 0; p < work->points; p++) {
    for (size_t i = 0; i < d; i++)
      fill(j, vec(j, j->points, limn_lanes_at(p, i, work->points, d)), work->x[p * d + i]);
    for (size_t o = 0; o < outputs; o++)
      fill(j, vec(j, j->targets, limn_lanes_at(p, o, work->points, outputs)),
           work->y[p * outputs + o]);
  }
}

static void load_offsets(const lanes_job *j, lanes_state *s, lanes_blocks b) {
  const limn_mlp_work *work = j->work;
  size_t outputs = work->net->spec.sizes[work->net->spec.layers], n = work->points;
  for (size_t q = 0; q < n * outputs; q++)
    for (size_t k = 0; k < j->lanes; k++) {
      size_t net = (b.first + (k < b.blocks ? k : b.blocks - 1)) / work->net->halves;
      limn_set_real(vec(j, s->offsets, limn_lanes_at(q / outputs, q % outputs, n, outputs)),
                    j->type, k, work->offset[net * n * outputs + q]);
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

/* Takes consecutive parts of a block of memory. */
static char *take(const lanes_job *j, char *base, size_t *at, size_t vectors) {
  char *here = base ? base + *at : NULL;
  *at += vectors * j->vector;
  return here;
}

/* Divides the memory of a task; returns its size. */
static size_t carve_task(const lanes_job *j, char *base, lanes_state *s) {
  const limn_mlp_spec *spec = &j->work->net->spec;
  size_t at = 0;
  s->w = take(j, base, &at, j->numbers);
  s->u = j->first ? take(j, base, &at, j->numbers) : NULL;
  s->v = j->second ? take(j, base, &at, j->numbers) : NULL;
  s->offsets =
      j->work->offset ? take(j, base, &at, j->work->points * spec->sizes[spec->layers]) : NULL;
  return (at + 63) & ~(size_t)63;
}

/* Divides the memory of a worker; returns its size. */
static size_t carve_worker(const lanes_job *j, char *base, lanes_state *s) {
  const limn_mlp_spec *spec = &j->work->net->spec;
  size_t at = 0, outputs = spec->sizes[spec->layers];
  s->g = take(j, base, &at, j->fused ? 0 : j->numbers);
  s->x = take(j, base, &at, j->activations);
  s->s = take(j, base, &at, j->activations);
  s->delta = take(j, base, &at, j->chunk * j->widest);
  s->back = take(j, base, &at, j->chunk * j->widest);
  s->batch_y = take(j, base, &at, j->chunk * outputs);
  s->batch_offset = take(j, base, &at, j->chunk * outputs);
  s->active = take(j, base, &at, 1);
  s->loss = take(j, base, &at, 1);
  s->correct = take(j, base, &at, 2);
  s->f = (double *)(void *)take(j, base, &at, 0);
  at += 3 * outputs * sizeof *s->f;
  s->order = (uint64_t *)(void *)take(j, base, &at, 0);
  return at + j->work->points * sizeof *s->order;
}

/* The loss at n points, those of a batch or with which = NULL all; with `back` the gradient too. */
static void pass(const lanes_job *j, lanes_state *s, const uint64_t *which, size_t n, double scale,
                 bool back) {
  const limn_mlp_spec *spec = &j->work->net->spec;
  size_t d = spec->sizes[0], outputs = spec->sizes[spec->layers];
  fill(j, s->loss, 0);
  if (back && !j->fused) memset(s->g, 0, j->numbers * j->vector);
  for (size_t p = 0; p < n; p += j->chunk) {
    size_t some = n - p < j->chunk ? n - p : j->chunk;
    const char *x = vec(j, j->points, p * d), *y = vec(j, j->targets, p * outputs);
    const char *offset = s->offsets ? vec(j, s->offsets, p * outputs) : NULL;
    if (which) {
      gather_rows(j, x_of(j, s, 0), j->points, which + p, some, d);
      gather_rows(j, s->batch_y, j->targets, which + p, some, outputs);
      if (offset) gather_rows(j, s->batch_offset, s->offsets, which + p, some, outputs);
      x = x_of(j, s, 0), y = s->batch_y, offset = offset ? s->batch_offset : NULL;
    }
    forward(j, s, x, some);
    error(j, s, y, offset, some, scale);
    if (back && !j->fused) backward(j, s, x, some);
  }
}

static void load(const lanes_job *j, lanes_state *s, size_t task) {
  limn_mlp *net = j->work->net;
  lanes_blocks b = blocks_of(j, task);
  move(j, s->w, net->now, b.first, b.blocks, true);
  if (s->u) move(j, s->u, net->u, b.first, b.blocks, true);
  if (s->v) move(j, s->v, net->v, b.first, b.blocks, true);
  if (s->offsets) load_offsets(j, s, b);
  j->loaded[task] = true;
}

/* At most rule->steps steps of the nets of a task; done: of each lane. Returns the steps made. */
static size_t train_lanes(const lanes_job *j, lanes_state *s, lanes_blocks b, double *done) {
  const limn_mlp_work *work = j->work;
  const limn_mlp_rule *rule = work->rule;
  /* Fused: the deltas carry -rate, so that adding them is the step. */
  double sign = j->fused ? -work->rate_w[work->net->spec.layers - 1] : 1;
  uint64_t epoch = UINT64_MAX, begun = work->net->steps[b.first / work->net->halves];
  bool left = true;
  size_t step = 0;
  for (;; step++) {
    const uint64_t *which = NULL;
    bool last = step == rule->steps, full = rule->batch == 0 || last;
    size_t n = full ? work->points : limn_mlp_batch(work, begun + step, s->order, &epoch, &which);
    pass(j, s, which, n, sign / (double)n, !last);
    bool stopped = judge(j, s, n, full ? rule->tolerance : -1, &left);
    if (last || !left || limn_cancelled(work->token)) break;
    if (j->fused) {
      if (stopped) pass(j, s, NULL, n, sign / (double)n, false); /* deltas of 0 where it stopped */
      backward(j, s, j->points, n);
    } else {
      if (rule->optimizer == LIMN_MLP_ADAM) correct(j, s, b.first, b.blocks, step);
      update(j, s, step);
    }
    for (size_t k = 0; k < b.blocks; k++) done[k] += limn_get_real(s->active, j->type, k) != 0;
  }
  if (rule->batch && step < rule->steps) /* the loss on all points, not on a batch */
    pass(j, s, NULL, work->points, 0, false);
  return step;
}

static void train_task(void *ctx, size_t task, int worker) {
  const lanes_job *j = ctx;
  const limn_mlp_work *work = j->work;
  size_t halves = work->net->halves;
  lanes_blocks b = blocks_of(j, task);
  lanes_state s;
  carve_task(j, j->tasks + task * j->task_bytes, &s);
  carve_worker(j, limn_mlp_memory(&j->workers, worker), &s);
  if (!j->loaded[task]) load(j, &s, task);
  double done[64] = {0}; /* steps of each lane; 64 >= lanes of any set */
  for (size_t k = 0; k < j->lanes; k++) limn_set_real(s.active, j->type, k, k < b.blocks);
  train_lanes(j, &s, b, done);
  for (size_t k = 0; k < b.blocks; k += halves) {
    limn_mlp_outcome *out = &work->outcome[(b.first + k) / halves];
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

static size_t tasks_of(const lanes_job *j) {
  return (j->work->net->blocks + j->lanes - 1) / j->lanes;
}

static void end(void *state) {
  lanes_job *j = state;
  limn_free(j->tasks), limn_free(j->loaded), limn_free(j->points), limn_free(j->targets);
  limn_free(j->workers.memory);
  limn_free(j);
}

/* Offsets and sizes of the layout. */
static void lay_out(lanes_job *j) {
  const limn_mlp_work *work = j->work;
  const limn_mlp_spec *spec = &work->net->spec;
  size_t tile = j->k->out_tile, units = 0;
  j->widest = j->size[0] = spec->sizes[0];
  for (size_t l = 0; l < spec->layers; l++) {
    j->fused = j->fused && work->rate_w[l] > 0;
    j->tiles[l] = (spec->sizes[l + 1] + tile - 1) / tile;
    j->size[l + 1] = l + 1 == spec->layers && spec->sizes[l + 1] == 1 ? 1 : j->tiles[l] * tile;
    j->ld[l] = distance(j, j->size[l] * tile);
    j->w_at[l] = j->numbers;
    j->numbers += j->tiles[l] * j->ld[l];
    j->b_at[l] = j->numbers;
    j->numbers += j->tiles[l] * tile;
    if (j->size[l + 1] > j->widest) j->widest = j->size[l + 1];
  }
  for (size_t l = 0; l <= spec->layers; l++) units += j->size[l];
  size_t most = CHUNK_BYTES / (2 * (units + j->widest) * j->vector);
  most -= most % LIMN_TILE_POINTS;
  j->chunk = most > LIMN_TILE_POINTS ? most : LIMN_TILE_POINTS;
  if (j->fused || j->chunk > work->points) j->chunk = work->points;
  for (size_t l = 0; l <= spec->layers; l++) {
    j->x_at[l] = j->activations;
    j->activations += j->chunk * j->size[l];
  }
}

static limn_status begin(void **state, const limn_mlp_work *work, limn_err *err) {
  const limn_mlp_spec *spec = &work->net->spec;
  lanes_job *j = limn_alloc(1, sizeof *j);
  if (!j) return limn_nomem(err, "nets in lanes", 1, sizeof *j);
  *j = (lanes_job){.work = work, .k = limn_mlp_kernels_of(spec->dtype), .type = spec->dtype};
  j->lanes = j->k->lanes;
  j->vector = j->lanes * limn_real(j->type);
  j->fused = work->plain && work->points <= LIMN_TILE_POINTS;
  j->first = work->rule->optimizer != LIMN_MLP_GD && work->rule->optimizer != LIMN_MLP_SIGN;
  j->second = work->rule->optimizer == LIMN_MLP_ADAM;
  lay_out(j);
  lanes_state s;
  j->task_bytes = carve_task(j, NULL, &s);
  j->workers.bytes = carve_worker(j, NULL, &s);
  size_t tasks = tasks_of(j), outputs = spec->sizes[spec->layers];
  j->tasks = limn_alloc(tasks, j->task_bytes);
  j->loaded = limn_alloc(tasks, sizeof *j->loaded);
  j->points = limn_alloc(work->points * spec->sizes[0], j->vector);
  j->targets = limn_alloc(work->points * outputs, j->vector);
  if (!j->tasks || !j->loaded || !j->points || !j->targets)
    return end(j), limn_nomem(err, "nets in lanes", tasks, j->task_bytes);
  load_data(j);
  *state = j;
  return LIMN_OK;
}

static limn_status run(void *state, limn_err *err) {
  lanes_job *j = state;
  limn_status st = limn_mlp_reserve(&j->workers, tasks_of(j), "nets in lanes", err);
  if (st) return st;
  if (!j->work->unchanged) memset(j->loaded, 0, tasks_of(j) * sizeof *j->loaded);
  return limn_parallel(tasks_of(j), train_task, j, j->work->token, err);
}

static void store(void *state) {
  lanes_job *j = state;
  limn_mlp *net = j->work->net;
  for (size_t task = 0; task < tasks_of(j); task++) {
    if (!j->loaded[task]) continue;
    lanes_state s;
    carve_task(j, j->tasks + task * j->task_bytes, &s);
    lanes_blocks b = blocks_of(j, task);
    move(j, s.w, net->now, b.first, b.blocks, false);
    if (s.u) move(j, s.u, net->u, b.first, b.blocks, false);
    if (s.v) move(j, s.v, net->v, b.first, b.blocks, false);
  }
}

const limn_mlp_keeper limn_mlp_lanes = {begin, run, store, end};
