/* wide.c: one net at a time, vectors along a layer's outputs, a team of threads within the net.
 *
 * Few points (at most FUSED_MAX_POINTS): products with the weights read them once for every four
 * points, and gradient descent adds its rank-`points` update to the rows just read. For a layer
 * larger than the caches updates are deferred: they are kept as low-rank factors (inputs and scaled
 * deltas), which products add on the fly, and are applied every LIMN_WIDE_FOLD steps, when the rows
 * are read anyway; so per step a weight is read twice and written 1/FOLD times. Inactive ReLU units
 * are skipped: rows of weights are sorted by the points at which their input is active, which
 * halves the work on average. Many points use BLAS.
 *
 * A thread computes columns in the forward pass and rows in the backward pass, and each sum is
 * computed by one thread in one order: the number of threads does not change a result by a bit. */
#include "limn/rng.h"
#include "num/mlp/loss.h"
#include "num/mlp/train/algorithms.h"
#include "num/mlp/train/wide/job.h"

enum {
  /* With more points per step BLAS, which blocks over points, is faster than one reading of the
   * weights for every four points. */
  FUSED_MAX_POINTS = 16,
  /* Larger layers do not fit in L2: their updates are deferred, which saves most writes of weights.
   */
  DEFER_MIN_BYTES = 2 << 20,
  /* With a smaller largest layer the barriers of a team cost more than the threads save. */
  TEAM_MIN_WEIGHTS = 1 << 15,
  /* With fewer nets than threads and at least this largest layer: nets in sequence, each with all
   * threads, are faster than nets in parallel, which leave threads idle. */
  TEAM_PER_NET_MIN_WEIGHTS = 1 << 16
};

static void optimise(limn_wide_job *j, size_t taken, int rank, int size) {
  limn_mlp *net = j->work->net;
  for (size_t half = 0; half < net->halves; half++)
    for (size_t l = j->work->lowest; l < net->spec.layers; l++)
      for (int bias = 0; bias < 2; bias++) {
        const limn_mlp_layer *a = &net->layer[l];
        if (j->work->rate_w[l] == 0 || (bias && a->bias_multiplier == 0)) continue;
        limn_mlp_step step = limn_mlp_step_of(j->work, j->member, l, bias, taken);
        size_t from, to, here = bias ? net->b_at[l] : net->w_at[l];
        limn_wide_slice(limn_pad(bias ? a->out : a->in * net->ld[l]), rank, size, &from, &to);
        here += from;
        j->k->update(limn_wide_params(j, net->now, half, here),
                     limn_wide_at(j, j->g, half * net->block + here),
                     net->u ? limn_wide_params(j, net->u, half, here) : NULL,
                     net->v ? limn_wide_params(j, net->v, half, here) : NULL, to - from, &step,
                     NULL);
      }
}

/* Langevin noise: N(0, 2 rate T) for each raw parameter, from a stream of its own for each net,
 * step and row of weights, whatever the threads. */
static void add_noise(limn_wide_job *j, size_t taken, int rank, int size) {
  const limn_mlp_rule *rule = j->work->rule;
  limn_mlp *net = j->work->net;
  limn_key key = limn_key_of(rule->seed, 1 + net->spec.rep + j->member,
                             net->steps[j->member] + taken + 1, LIMN_FOR_FIT);
  uint32_t row = 0;
  for (size_t half = 0; half < net->halves; half++)
    for (size_t l = 0; l < net->spec.layers; l++) {
      const limn_mlp_layer *a = &net->layer[l];
      size_t rows = a->in + (a->bias_multiplier > 0); /* the biases are one more row */
      for (size_t i = 0; i < rows; i++, row++) {
        if (j->work->rate_w[l] == 0 || (int)(i % (size_t)size) != rank) continue;
        bool bias = i == a->in;
        limn_mlp_step step = limn_mlp_step_of(j->work, j->member, l, bias, taken);
        double deviation = step.multiplier * sqrt(2 * step.rate * rule->temperature);
        limn_rng rng = limn_rng_start(key, row);
        void *to = limn_wide_params(j, net->now, half,
                                    bias ? net->b_at[l] : net->w_at[l] + i * net->ld[l]);
        for (size_t o = 0; o < a->out; o++) {
          double z;
          limn_rng_fill_normal(&rng, &z, 1);
          limn_set_real(to, j->type, o, limn_get_real(to, j->type, o) + deviation * z);
        }
      }
    }
}

/* Projects the weights of the layers that have a constraint; a rank has slabs of a layer's units.
 */
static void project(limn_wide_job *j, int rank, int size) {
  const limn_mlp_rule *rule = j->work->rule;
  limn_mlp *net = j->work->net;
  for (size_t half = 0; half < net->halves; half++)
    for (size_t l = 0; l < net->spec.layers; l++) {
      if (rule->bound[l] == 0 || j->work->rate_w[l] == 0) continue;
      const limn_mlp_layer a = limn_mlp_layer_at(net, j->member, l);
      size_t from, to;
      limn_wide_slice(a.out, rank, size, &from, &to);
      for (size_t end; from < to; from = end) {
        double square[LIMN_WIDE_SLAB] = {0};
        end = from + LIMN_WIDE_SLAB < to ? from + LIMN_WIDE_SLAB : to;
        void *w = limn_wide_params(j, net->now, half, net->w_at[l] + from);
        for (size_t i = 0; i < a.in; i++)
          for (size_t o = 0; o < end - from; o++) {
            size_t here = i * net->ld[l] + o;
            double v = limn_get_real(w, j->type, here) / a.multiplier;
            if (rule->constraint == LIMN_CONSTRAINT_NONNEGATIVE && v < 0)
              limn_set_real(w, j->type, here, v = 0);
            square[o] += v * v;
          }
        for (size_t o = 0; o < end - from; o++)
          square[o] = limn_mlp_projection(rule->constraint, rule->bound[l], square[o]);
        for (size_t i = 0; i < a.in; i++)
          for (size_t o = 0; o < end - from; o++) {
            size_t here = i * net->ld[l] + o;
            limn_set_real(w, j->type, here, limn_get_real(w, j->type, here) * square[o]);
          }
      }
    }
}

/* The loss at n points and the deltas of the output layer. which: indices of the points, or NULL.
 */
static void error(limn_wide_job *j, size_t n, const uint64_t *which, size_t half_for_delta) {
  const limn_mlp_work *work = j->work;
  const limn_mlp *net = work->net;
  size_t L = net->spec.layers, outputs = net->spec.sizes[L], out = j->width[L];
  const double root = 0.70710678118654752440;
  double loss = 0, *f = j->f, *d = j->f + outputs;
  const double *y = work->y + (work->rule->own_targets ? j->member * work->points * outputs : 0);
  memset(j->delta[(L - 1) % 2], 0, n * out * limn_real(j->type));
  for (size_t p = 0; p < n; p++) {
    size_t q = (which ? which[p] : p) * outputs;
    for (size_t o = 0; o < outputs; o++) {
      f[o] = limn_get_real(limn_wide_at(j, j->x, j->x_at[0][L]), j->type, p * out + o);
      if (net->halves == 2)
        f[o] = (f[o] - limn_get_real(limn_wide_at(j, j->x, j->x_at[1][L]), j->type, p * out + o)) *
               root;
      if (work->offset) f[o] -= work->offset[j->member * work->points * outputs + q + o];
    }
    loss = limn_mlp_add_loss(loss, work->rule->loss, f, y + q, outputs, d);
    for (size_t o = 0; o < outputs; o++) {
      if (net->halves == 2) d[o] *= half_for_delta ? -root : root;
      limn_set_real(j->delta[(L - 1) % 2], j->type, p * out + o, d[o] / (double)n);
    }
  }
  j->loss = loss / (double)n;
}

/* Copies all points to rows of `to`. */
static void load(const limn_wide_job *j, void *to) {
  size_t d = j->work->net->spec.sizes[0];
  for (size_t p = 0; p < j->work->points; p++)
    for (size_t i = 0; i < d; i++)
      limn_set_real(to, j->type, p * j->width[0] + i, j->work->x[p * d + i]);
}

static size_t gather(limn_wide_job *j, size_t step, const uint64_t **which) {
  const limn_mlp_work *work = j->work;
  size_t d = work->net->spec.sizes[0], n = work->points;
  bool full = work->rule->batch == 0 || step == work->rule->steps;
  *which = NULL;
  if (!full)
    n = limn_mlp_batch(work, work->net->steps[j->member] + step, j->order, &j->epoch, which);
  if (full && work->rule->batch == 0 && j->loaded) return n;
  j->loaded = full;
  for (size_t half = 0; half < work->net->halves; half++) {
    void *to = limn_wide_at(j, j->x, j->x_at[half][0]);
    if (!j->data) load(j, to);
    for (size_t p = 0; p < n && j->data; p++)
      memcpy(limn_wide_at(j, to, p * j->width[0]),
             limn_wide_at(j, j->data, (*which ? (*which)[p] : p) * j->width[0]),
             d * limn_real(j->type));
  }
  return n;
}

static void run(void *ctx, limn_team *team, int rank, int size) {
  limn_wide_job *j = ctx;
  const limn_mlp_work *work = j->work;
  const limn_mlp *net = work->net;
  const uint64_t *which = NULL;
  size_t L = net->spec.layers;
  for (size_t step = 0;; step++) {
    if (rank == 0) j->points = gather(j, step, &which);
    limn_barrier(team);
    size_t n = j->points;
    for (size_t l = 0; l < L && !j->forwarded; l++) {
      for (size_t half = 0; half < net->halves; half++)
        limn_wide_forward(j, half, l, n, rank, size);
      limn_barrier(team);
      if (l > 0 || j->ready || !j->bottom.layer) continue;
      for (size_t half = 0; half < net->halves; half++)
        limn_wide_bottom(j, half, n, true, team, rank, size);
      limn_barrier(team);
    }
    if (rank == 0) {
      j->ready = j->bottom.layer > 0, j->forwarded = false;
      error(j, n, which, 0);
      bool full = work->rule->batch == 0 || step == work->rule->steps;
      if (!(j->loss <= work->limit))
        j->reason = LIMN_MLP_DIVERGED, j->stop = true;
      else if (full && j->loss <= work->rule->tolerance)
        j->reason = LIMN_MLP_TOLERANCE, j->stop = true;
      else if (step == work->rule->steps || j->status || limn_cancelled(work->token))
        j->stop = true;
      if (step % 16 == 0 && net->spec.count == 1 &&
          limn_mlp_tick(work, (double)step, (double)work->rule->steps))
        j->stop = true;
      j->taken = step;
    }
    limn_barrier(team);
    if (j->stop) break;
    for (size_t half = 0; half < net->halves; half++) {
      if (half && rank == 0) error(j, n, which, half);
      if (half) limn_barrier(team);
      for (size_t l = L; l-- > work->lowest;) limn_wide_backward(j, half, l, n, team, rank, size);
    }
    for (size_t l = 0; l < L && rank == 0; l++) /* backward has applied full factors */
      if (j->factor_at[l]) j->pending[l] = n + (limn_wide_full(j, l, n) ? 0 : j->pending[l]);
    if (!j->fused) optimise(j, step, rank, size);
    if (work->rule->temperature > 0) {
      limn_barrier(team); /* rows are divided differently */
      add_noise(j, step, rank, size);
    }
    if (work->projected) {
      limn_barrier(team);
      project(j, rank, size);
    }
  }
  limn_wide_fold(j, rank, size);
}

/* Assigns parts of j->row and j->on to the `lists` lists of all ranks and halves. */
static void lay_out_lists(limn_wide_job *j, size_t lists) {
  for (size_t k = 0, from = 0; k < lists; k++)
    for (size_t l = 1; l < j->work->net->spec.layers; l++)
      if (j->sorted[l]) {
        limn_mlp_rows *list = &j->lists[k * LIMN_MLP_LAYERS + l];
        list->row = j->row + from, list->on = j->on + from;
        from += j->work->net->spec.sizes[l];
      }
}

static limn_status prepare(limn_wide_job *j, const limn_mlp_work *work, int threads,
                           limn_err *err) {
  const limn_mlp *net = work->net;
  const limn_mlp_spec *s = &net->spec;
  *j = (limn_wide_job){.work = work, .k = limn_mlp_kernels_of(s->dtype), .type = s->dtype};
  size_t most = work->rule->batch ? work->rule->batch : work->points;
  j->rows = work->points; /* the loss needs all points */
  j->blas = most > FUSED_MAX_POINTS;
  j->fused = work->plain && !j->blas;
  size_t numbers = 0, widest = 0;
  for (size_t l = 0; l <= s->layers; l++) {
    j->width[l] = limn_pad(s->sizes[l]);
    if (j->width[l] > widest) widest = j->width[l];
    for (size_t half = 0; half < net->halves; half++) {
      j->x_at[half][l] = numbers;
      numbers += j->rows * j->width[l];
    }
  }
  for (size_t l = 0; l < s->layers && j->fused; l++)
    if (s->sizes[l] * net->ld[l] * limn_real(j->type) >= DEFER_MIN_BYTES &&
        !limn_wide_narrow(j, l) && work->rate_w[l] > 0) {
      j->factor_at[l] = 1 + j->factors;
      j->factors += LIMN_WIDE_FOLD * j->rows * (j->width[l] + j->width[l + 1]);
    }
  size_t r = limn_real(j->type), lists = 0, units = 0;
  for (size_t l = 1; l < s->layers; l++) {
    j->sorted[l] = j->fused && j->rows <= LIMN_TILE_POINTS && s->activation == LIMN_PHI_RELU &&
                   !limn_wide_narrow(j, l);
    if (j->sorted[l]) units += s->sizes[l], lists = (size_t)threads * net->halves;
  }
  j->lists = limn_alloc(lists * LIMN_MLP_LAYERS + 1, sizeof *j->lists);
  j->row = limn_alloc(lists * units + 1, sizeof *j->row);
  j->on = limn_alloc(lists * units + 1, sizeof *j->on);
  j->x = limn_alloc(numbers, r), j->s = limn_alloc(numbers, r);
  j->delta[0] = limn_alloc(j->rows * widest, r), j->delta[1] = limn_alloc(j->rows * widest, r);
  j->scaled[0] = limn_alloc(j->rows * widest, r), j->scaled[1] = limn_alloc(j->rows * widest, r);
  j->back = limn_alloc(j->rows * widest, r), j->ones = limn_alloc(widest, r);
  j->ratio = limn_alloc(s->layers, r);
  j->g = limn_alloc(j->fused ? 1 : net->halves * net->block, r);
  j->fold = limn_alloc(net->halves * j->factors + 1, r);
  j->private = limn_alloc(
      j->fused ? (size_t)threads * j->rows * (LIMN_WIDE_FOLD * j->rows + LIMN_MLP_PAD) : 1, r);
  j->order = limn_alloc(work->points, sizeof *j->order);
  if (work->rule->batch) j->data = limn_alloc(work->points * j->width[0], r);
  j->f = limn_alloc(2 * s->sizes[s->layers], sizeof *j->f);
  if (!j->lists || !j->row || !j->on || !j->x || !j->s || !j->delta[0] || !j->delta[1] ||
      !j->scaled[0] || !j->scaled[1] || !j->back || !j->ones || !j->ratio || !j->g || !j->fold ||
      !j->private || !j->order || !j->f || (work->rule->batch && !j->data))
    return limn_nomem(err, "one wide net", 2 * numbers + net->block, r);
  if (j->data) load(j, j->data);
  lay_out_lists(j, lists);
  for (size_t i = 0; i < widest; i++) limn_set_real(j->ones, j->type, i, 1);
  for (size_t l = 0; l < s->layers; l++)
    limn_set_real(j->ratio, j->type, l,
                  work->rate_w[l] > 0 ? work->rate_b[l] / work->rate_w[l] : 0);
  limn_status st = limn_wide_once_choose(j, err);
  if (!st) limn_wide_choose_strategies(j);
  return st;
}

static void release(limn_wide_job *j) {
  void *all[] = {j->x,         j->s,           j->delta[0],    j->delta[1], j->scaled[0],
                 j->scaled[1], j->back,        j->ones,        j->ratio,    j->g,
                 j->fold,      j->private,     j->order,       j->lists,    j->row,
                 j->on,        j->bottom.part, j->bottom.list, j->f,        j->data};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) limn_free(all[i]);
}

/* The jobs of a plan: one for nets in sequence, else one for each worker. */
typedef struct {
  const limn_mlp_work *work;
  limn_wide_job *job;
  size_t jobs;
  int threads; /* of a team; of all, when the jobs were made */
  int available;
  bool sequence;
} wide_state;

/* Trains net `member`; same: the job's last net was this one, as it is now. */
static limn_status train_one(limn_wide_job *j, size_t member, int threads, bool same,
                             limn_err *err) {
  const limn_mlp_work *work = j->work;
  if (work->rule->skip && work->rule->skip[member] != 0) return LIMN_OK;
  /* With many points, the activations of the last evaluation are those of the first step. */
  j->forwarded = same && j->blas && j->loaded && !work->rule->batch;
  memset(j->pending, 0, sizeof j->pending);
  j->member = member, j->epoch = UINT64_MAX, j->taken = 0, j->reason = LIMN_MLP_STEPS;
  j->stop = j->ready = false, j->status = LIMN_OK;
  limn_team_run(j->blas ? 1 : threads, run, j);
  if (j->status && err) *err = j->err;
  work->outcome[member] =
      (limn_mlp_outcome){.loss = j->loss, .steps = (double)j->taken, .reason = j->reason};
  return j->status;
}

typedef struct {
  wide_state *state;
  limn_status *status;
  limn_err *errors; /* one per worker */
} many_job;

static void many_task(void *ctx, size_t task, int worker) {
  many_job *m = ctx;
  limn_err err;
  limn_status st = train_one(&m->state->job[worker], task, 1, false, &err);
  if (st) m->status[worker] = st, m->errors[worker] = err;
}

static void end_jobs(wide_state *s) {
  for (size_t i = 0; s->job && i < s->jobs; i++) release(&s->job[i]);
  limn_free(s->job);
  s->job = NULL, s->jobs = 0;
}

/* Makes the jobs for the present number of threads. */
static limn_status begin_jobs(wide_state *w, limn_err *err) {
  const limn_mlp_work *work = w->work;
  const limn_mlp_spec *s = &work->net->spec;
  size_t threads = (size_t)limn_threads_get(), most = work->rule->batch, largest = 0;
  end_jobs(w);
  if (most == 0) most = work->points;
  for (size_t l = 0; l < s->layers; l++)
    if (s->sizes[l] * s->sizes[l + 1] > largest) largest = s->sizes[l] * s->sizes[l + 1];
  w->available = (int)threads;
  w->sequence = s->count == 1 || most > FUSED_MAX_POINTS ||
                (s->count < threads && largest >= TEAM_PER_NET_MIN_WEIGHTS);
  w->threads = w->sequence && largest >= TEAM_MIN_WEIGHTS ? (int)threads : 1;
  size_t jobs = w->sequence ? 1 : (size_t)limn_workers(s->count);
  w->job = limn_alloc(jobs, sizeof *w->job);
  if (!w->job) return limn_nomem(err, "wide nets", jobs, sizeof *w->job);
  limn_status st = LIMN_OK;
  for (; w->jobs < jobs && !st; w->jobs++) st = prepare(&w->job[w->jobs], work, w->threads, err);
  if (st) end_jobs(w);
  return st;
}

static limn_status begin(void **state, const limn_mlp_work *work, limn_err *err) {
  wide_state *w = limn_alloc(1, sizeof *w);
  if (!w) return limn_nomem(err, "wide nets", 1, sizeof *w);
  w->work = work;
  limn_status st = begin_jobs(w, err);
  if (st) return limn_free(w), st;
  *state = w;
  return LIMN_OK;
}

static void end(void *state) {
  end_jobs(state);
  limn_free(state);
}

static limn_status run_many(wide_state *w, limn_err *err) {
  size_t workers = w->jobs;
  many_job m = {w, limn_alloc(workers, sizeof *m.status), limn_alloc(workers, sizeof *m.errors)};
  limn_status st = LIMN_OK;
  if (!m.status || !m.errors) st = limn_nomem(err, "threads", workers, 512);
  if (!st) st = limn_parallel(w->work->net->spec.count, many_task, &m, w->work->token, err);
  for (size_t i = 0; i < workers && !st; i++)
    if (m.status[i]) {
      st = m.status[i];
      if (err) *err = m.errors[i];
    }
  limn_free(m.status), limn_free(m.errors);
  return st;
}

static limn_status run_plan(void *state, limn_err *err) {
  wide_state *w = state;
  const limn_mlp_work *work = w->work;
  limn_status st = w->available == limn_threads_get() ? LIMN_OK : begin_jobs(w, err);
  if (st || !w->sequence) return st ? st : run_many(w, err);
  size_t count = work->net->spec.count;
  for (size_t r = 0; r < count && !st && !limn_cancelled(work->token); r++)
    st = train_one(w->job, r, w->threads, count == 1 && work->unchanged, err);
  return st;
}

const limn_mlp_keeper limn_mlp_wide = {begin, run_plan, NULL, end};
