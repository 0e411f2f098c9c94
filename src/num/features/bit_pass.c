/* bit_pass.c: w = F'a and its sums over the random columns of a sign or binary set, from bits.
 *
 * a is rounded once to multiples of a power of two, 61 bits below its 1-norm. Every weight is then
 * an exact integer sum, for any order, instruction set or thread. The weighted sum of features
 * rounds the weights to 52 bits below the same bound and is exact from there. A task is a chunk of
 * 2048 columns; its floating-point sums are added in the order of chunks.
 *
 * The bits of a chunk are transposed so that one 64-bit lane holds 64 rows of a column (first pass)
 * or 64 columns of a row (second pass); the kernel looks up sums of several entries in small
 * tables. */
#include "num/features/feature_set.h"
#include "num/simd/bits/bits.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

enum {
  CHUNK = 2048,
  WORDS = CHUNK / 64,
  WAVE = 65536 /* chunks whose sums are stored */,
  DROP = 10
};

__extension__ typedef __int128 wide;

typedef struct {
  uint64_t *bits;   /* (rows, WORDS) */
  uint64_t *turned; /* 8 * rows, and at least CHUNK words */
  int64_t *along;   /* rows: weighted sum of one chunk */
  wide *sum;        /* rows: weighted sum of all chunks of this worker */
} bench;

typedef struct {
  const limn_features *f;
  const limn_bits_kernels *kernel;
  limn_token token;
  int k;
  size_t rows; /* D rounded up to a multiple of 64 */
  int64_t *q;  /* rows: a in units of 2^-exponent */
  int exponent;
  bool signs;
  uint64_t chunk; /* the wave's first chunk */
  bench *worker;
  limn_weight_sums *sums; /* WAVE; NULL: compute weights instead */
  bool sum_along;
  double *w; /* columns [first, first+count) of the class */
  uint64_t first, count;
  atomic_bool broken;
} job;

static int forward(void *user, double done, double total) {
  limn_progress *p = user;
  double columns = p->done + done * p->step; /* the last task may be shorter */
  (void)total;
  if (!p->outer || !p->outer->report) return 0;
  return p->outer->report(p->outer->user, columns < p->total ? columns : p->total, p->total);
}

limn_token limn_progress_token(limn_progress *p) {
  limn_token token = limn_quiet(p->outer);
  token.report = forward, token.user = p;
  return token;
}

/* Multiplies by 2^-exponent, in two steps, because that power itself may overflow. */
static double scaled(double x, int exponent) {
  return ldexp(ldexp(x, -exponent / 2), -exponent + exponent / 2);
}

static limn_status fix(job *c, const double *a, limn_err *err) {
  double norm = 0;
  size_t d = (size_t)c->f->points;
  for (size_t i = 0; i < d; i++) {
    if (!isfinite(a[i])) return limn_not_finite(err, "a", i, -1, a[i]);
    norm += fabs(ldexp(a[i], -32)); /* scaled, to avoid overflow */
  }
  int top = 0;
  frexp(norm, &top);
  c->exponent = norm > 0 ? 60 - (top + 32) : 0;
  for (size_t i = 0; i < d; i++) c->q[i] = llrint(ldexp(a[i], c->exponent));
  return LIMN_OK;
}

/* The bits of one chunk, all rows; columns beyond the class are undefined. Returns false if
 * cancelled. */
static bool read_chunk(const job *c, bench *b, uint64_t at, size_t n) {
  size_t blocks = (n + 127) / 128;
  for (size_t i = 0; i < c->f->points; i++) {
    uint64_t *row = b->bits + i * WORDS;
    limn_sign_bits(c->f, c->k, i, at / 128, blocks, row);
    if (blocks < CHUNK / 128) memset(row + 2 * blocks, 0, (WORDS - 2 * blocks) * sizeof *row);
    if (i % 256 == 0 && limn_cancelled(&c->token)) return false;
  }
  return true;
}

/* The chunk's weights as integers, in column order. */
static bool first_pass(const job *c, bench *b, int64_t w[CHUNK]) {
  _Alignas(64) int64_t turned[CHUNK] = {0};
  for (size_t r = 0; r < c->rows; r += 64) {
    for (size_t part = 0; part < CHUNK / 512; part++)
      c->kernel->transpose(b->turned + 512 * part, b->bits + r * WORDS + 8 * part, WORDS);
    c->kernel->lookup(turned, b->turned, CHUNK, c->q + r, c->signs);
    if (r % 1024 == 0 && limn_cancelled(&c->token)) return false;
  }
  for (size_t part = 0; part < CHUNK; part += 512)
    c->kernel->transpose_words((uint64_t *)w + part, (const uint64_t *)turned + part, 8,
                               64); /* from (bit, word) to (word, bit) */
  return true;
}

/* Adds the chunk's weighted sum of features to the worker's. */
static bool second_pass(const job *c, bench *b, const int64_t w[CHUNK], size_t n) {
  int64_t q[64];
  memset(b->along, 0, c->rows * sizeof *b->along);
  for (size_t part = 0; part < WORDS && 64 * part < n; part += 8) {
    c->kernel->transpose_words(b->turned, b->bits + part, WORDS, c->rows);
    for (size_t word = 0; word < 8 && 64 * (part + word) < n; word++) {
      for (size_t bit = 0; bit < 64; bit++) { /* w is 0 beyond the class */
        int64_t x = w[64 * (part + word) + bit] + (1 << (DROP - 1));
        q[bit] = (x - (x & ((1 << DROP) - 1))) / (1 << DROP);
      }
      c->kernel->lookup(b->along, b->turned + word * c->rows, c->rows, q, c->signs);
    }
    if (limn_cancelled(&c->token)) return false;
  }
  for (size_t i = 0; i < c->f->points; i++) b->sum[i] += b->along[i];
  return true;
}

static void do_chunk(void *ctx, size_t task, int worker) {
  job *c = ctx;
  bench *b = &c->worker[worker];
  uint64_t at = (c->chunk + task) * CHUNK, left = c->f->class_of[c->k].count - at;
  size_t n = left < CHUNK ? (size_t)left : CHUNK;
  int64_t exact[CHUNK];
  _Alignas(64) double w[CHUNK];
  if (!read_chunk(c, b, at, n) || !first_pass(c, b, exact)) {
    atomic_store(&c->broken, true);
    return;
  }
  memset(exact + n, 0, (CHUNK - n) * sizeof *exact);
  double low = ldexp(1, -c->exponent / 2), high = ldexp(1, -c->exponent + c->exponent / 2);
  for (size_t j = 0; j < CHUNK; j++) w[j] = (double)exact[j] * low * high;
  if (c->sums) {
    c->kernel->sums(&c->sums[task], w, n);
    if (c->sum_along && !second_pass(c, b, exact, n)) atomic_store(&c->broken, true);
    return;
  }
  uint64_t from = at > c->first ? at : c->first;
  uint64_t to = at + n < c->first + c->count ? at + n : c->first + c->count;
  memcpy(c->w + (from - c->first), w + (from - at), (size_t)(to - from) * sizeof *w);
}

static void release(job *c, int workers) {
  for (int w = 0; c->worker && w < workers; w++) {
    limn_free(c->worker[w].bits);
    limn_free(c->worker[w].turned);
    limn_free(c->worker[w].along);
    limn_free(c->worker[w].sum);
  }
  limn_free(c->worker);
  limn_free(c->q);
}

static limn_status prepare(job *c, int workers, const double *a, limn_err *err) {
  atomic_init(&c->broken, false);
  c->kernel = limn_bits();
  c->signs = c->f->kind == LIMN_SIGN;
  c->rows = (size_t)(c->f->points + 63) / 64 * 64;
  size_t turned = 8 * c->rows > CHUNK ? 8 * c->rows : CHUNK;
  c->q = limn_alloc(c->rows, sizeof *c->q);
  c->worker = limn_alloc((size_t)workers, sizeof *c->worker);
  bool fits = c->q && c->worker;
  for (int w = 0; fits && w < workers; w++) {
    bench *b = &c->worker[w];
    fits = (b->bits = limn_alloc(c->rows, WORDS * sizeof *b->bits)) &&
           (b->turned = limn_alloc(turned, sizeof *b->turned)) &&
           (b->along = limn_alloc(c->rows, sizeof *b->along)) &&
           (b->sum = limn_alloc(c->rows, sizeof *b->sum));
  }
  return fits ? fix(c, a, err)
              : limn_nomem(err, "a chunk of 2048 columns", c->rows, WORDS * sizeof(uint64_t));
}

/* Chunks [begin, end) of the class, in waves; the sums of the chunks are added in order. */
static limn_status run(job *c, uint64_t begin, uint64_t end, limn_class_sums *total,
                       limn_progress *progress, limn_err *err) {
  c->token = limn_progress_token(progress);
  progress->step = CHUNK;
  for (c->chunk = begin; c->chunk < end; c->chunk += WAVE) {
    size_t tasks = end - c->chunk < WAVE ? (size_t)(end - c->chunk) : WAVE;
    limn_status st = limn_parallel(tasks, do_chunk, c, &c->token, err);
    if (st == LIMN_OK && atomic_load(&c->broken)) st = limn_stopped(err);
    if (st != LIMN_OK) return st;
    progress->done += progress->step * (double)tasks;
    for (size_t t = 0; total && t < tasks; t++) {
      const limn_weight_sums *s = &c->sums[t];
      total->weight_sq += s->square;
      total->weight_abs += s->magnitude;
      total->entropy_sum += s->entropy;
      if (c->chunk + t == 0 || s->least < total->least) total->least = s->least;
      if (c->chunk + t == 0 || s->most > total->most) total->most = s->most;
    }
  }
  return LIMN_OK;
}

limn_status limn_bits_contributions(const limn_features *f, int k, const double *a,
                                    limn_class_sums *sums, double *along, limn_progress *progress,
                                    limn_err *err) {
  job c = {.f = f, .k = k, .sum_along = along != NULL};
  uint64_t chunks = (f->class_of[k].count + CHUNK - 1) / CHUNK;
  int workers = limn_workers((size_t)chunks);
  limn_status st = prepare(&c, workers, a, err);
  size_t kept = chunks < WAVE ? (size_t)chunks : WAVE;
  if (st == LIMN_OK && !(c.sums = limn_alloc(kept, sizeof *c.sums)))
    st = limn_nomem(err, "sums", kept, sizeof *c.sums);
  *sums = (limn_class_sums){0};
  if (st == LIMN_OK) st = run(&c, 0, chunks, sums, progress, err);
  for (size_t i = 0; st == LIMN_OK && along && i < f->points; i++) {
    wide total = 0;
    for (int w = 0; w < workers; w++) total += c.worker[w].sum[i];
    along[i] = scaled((double)total, c.exponent - DROP);
  }
  limn_free(c.sums);
  release(&c, workers);
  return st;
}

limn_status limn_bits_weights(const limn_features *f, int k, const double *a, uint64_t first,
                              uint64_t count, double *w, limn_progress *progress, limn_err *err) {
  job c = {.f = f, .k = k, .w = w, .first = first, .count = count};
  uint64_t begin = first / CHUNK, end = (first + count + CHUNK - 1) / CHUNK;
  int workers = limn_workers((size_t)(end - begin));
  limn_status st = prepare(&c, workers, a, err);
  if (st == LIMN_OK) st = run(&c, begin, end, NULL, progress, err);
  release(&c, workers);
  return st;
}
