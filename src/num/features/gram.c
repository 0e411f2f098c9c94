/* gram.c: K = F F'. Random sign and 0/1 columns by exclusive-or and population count, exactly
 * (num/simd/bits/bits.h); fixed classes in closed form; all others in blocks by syrk.
 *
 * A task is a chunk of at most 32768 columns. Its worker generates the bits of all rows, packs
 * them, and adds the numbers of differing bits of all pairs of rows to its own matrix. These are
 * integers, so the sum over workers does not depend on the assignment of tasks. Memory per worker:
 * 4 KB per row and 4 D^2 bytes. */
#include "num/features/feature_set.h"
#include "num/simd/bits/bits.h"
#include "num/linalg/linalg.h"

#include <stdatomic.h>
#include <string.h>

enum { CHUNK = 32768, WORDS = CHUNK / 64, BLOCK = 1024 };
#define WAVE ((uint64_t)1 << 30) /* columns after which the 32-bit counters could overflow */

typedef struct {
  uint64_t *panel;
  uint32_t *differ; /* (ld, ld): number of differing bits of rows i <= j */
  uint32_t *ones;   /* ld */
} bench;

typedef struct {
  const limn_features *f;
  const limn_bits_kernels *bits;
  limn_token token;
  int k;
  uint64_t first, last; /* columns of the class: [first, last) */
  uint64_t origin;      /* where the wave's first chunk begins: a multiple of 128 */
  uint64_t chunk;       /* columns */
  size_t triples, ld;
  bench *worker;
  atomic_bool broken; /* a task was interrupted */
} job;

/* The bits of row i of one chunk, zero outside [first, last), at row (steps * 2 * lane words). */
static void make_row(const job *c, uint64_t i, uint64_t at, uint64_t stop, uint64_t *row,
                     size_t words) {
  size_t used = (size_t)((stop - at + 63) / 64), whole = (used + 1) / 2 * 2;
  limn_sign_bits(c->f, c->k, i, at / 128, whole / 2, row);
  if ((stop - at) % 64) row[used - 1] &= ((uint64_t)1 << (stop - at) % 64) - 1;
  if (used < words) memset(row + used, 0, (words - used) * sizeof *row);
  if (at < c->first) { /* fewer than 128 surplus columns at the start */
    uint64_t skip = c->first - at;
    if (skip >= 64) row[0] = 0;
    row[skip / 64] &= ~(uint64_t)0 << skip % 64;
  }
}

static void do_chunk(void *ctx, size_t task, int worker) {
  job *c = ctx;
  bench *b = &c->worker[worker];
  uint64_t at = c->origin + task * c->chunk,
           stop = at + c->chunk < c->last ? at + c->chunk : c->last;
  size_t lane = c->bits->lane, unit = 2 * lane * c->bits->unroll;
  size_t words = ((size_t)((stop - at + 63) / 64) + unit - 1) / unit * unit,
         steps = words / (2 * lane);
  _Alignas(64) uint64_t row[WORDS];
  size_t triple = 6 * lane * steps;
  for (size_t i = 0; i < c->ld; i++) {
    uint64_t *to = b->panel + i / 3 * triple + i % 3 * 2 * lane;
    if (i < c->f->points) {
      make_row(c, i, at, stop, row, words);
      if (c->f->kind == LIMN_BINARY)
        for (size_t w = 0; w < words; w++) b->ones[i] += (uint32_t)__builtin_popcountll(row[w]);
    } else if (i == c->f->points) {
      memset(row, 0, words * sizeof *row);
    }
    c->bits->pack(to, row, steps);
    if (i % 64 == 0 && limn_cancelled(&c->token)) goto stopped;
  }
  size_t near =
      4 * lane; /* triples that fit the cache: 400 KB on the widest path, less on slower ones */
  for (size_t j = 0; j < c->triples; j += near) {
    if (limn_cancelled(&c->token)) goto stopped;
    c->bits->gram(b->differ, c->ld, b->panel, steps, j,
                  j + near < c->triples ? j + near : c->triples);
  }
  return;
stopped:
  atomic_store(&c->broken, true);
}

/* The contribution of the wave to K_ij, from the counts of all workers. */
static double wave_part(const job *c, int workers, uint64_t columns, size_t i, size_t j) {
  int64_t differ = 0, ones = 0;
  for (int w = 0; w < workers; w++) {
    const bench *b = &c->worker[w];
    differ += b->differ[i * c->ld + j];
    ones += (int64_t)b->ones[i] + b->ones[j];
  }
  if (c->f->kind == LIMN_BINARY) return 0.5 * (double)(ones - differ); /* both are 1 */
  return (double)((int64_t)columns - 2 * differ);
}

/* Adds the wave's counts to both triangles of gram, in blocks that fit the cache; clears the
 * counts. */
static void collect(job *c, int workers, uint64_t columns, double *gram) {
  enum { SIDE = 32 };
  size_t d = (size_t)c->f->points;
  for (size_t ib = 0; ib < d; ib += SIDE)
    for (size_t jb = ib; jb < d; jb += SIDE)
      for (size_t i = ib; i < ib + SIDE && i < d; i++)
        for (size_t j = jb > i ? jb : i; j < jb + SIDE && j < d; j++) {
          double value = wave_part(c, workers, columns, i, j);
          gram[i * d + j] += value;
          if (i != j) gram[j * d + i] += value;
        }
  for (int w = 0; w < workers; w++) {
    memset(c->worker[w].differ, 0, c->ld * c->ld * sizeof(uint32_t));
    memset(c->worker[w].ones, 0, c->ld * sizeof(uint32_t));
  }
}

/* Chunks of equal length; their number is a multiple of the number of workers. */
static uint64_t chunk_length(uint64_t span) {
  uint64_t n = (span + CHUNK - 1) / CHUNK, workers = (uint64_t)limn_threads_get();
  if (span < workers * 2048) return CHUNK;
  if (n < 64 * workers) n = (n + workers - 1) / workers * workers;
  uint64_t chunk = ((span + n - 1) / n + 1023) / 1024 * 1024;
  return chunk > CHUNK ? CHUNK : chunk;
}

/* Columns [first, last) of random class k of a sign or binary set. */
static limn_status bit_class(const limn_features *f, int k, uint64_t first, uint64_t last,
                             double *gram, limn_progress *progress, limn_err *err) {
  job c = {.f = f, .bits = limn_bits(), .k = k, .first = first, .last = last};
  c.token = limn_progress_token(progress);
  c.triples = (size_t)(f->points + 2) / 3;
  c.ld = 3 * c.triples;
  c.origin = first / 128 * 128;
  c.chunk = chunk_length(last - c.origin);
  atomic_init(&c.broken, false);
  size_t all = (size_t)((last - c.origin + c.chunk - 1) / c.chunk), wave = (size_t)(WAVE / c.chunk),
         entries;
  int workers = limn_workers(all);
  limn_status st = LIMN_OK;
  c.worker = limn_alloc((size_t)workers, sizeof *c.worker);
  bool fits = c.worker && !limn_mul_overflows(c.ld, c.ld, &entries);
  for (int w = 0; fits && w < workers; w++) {
    bench *b = &c.worker[w];
    fits = (b->panel = limn_alloc(c.ld, WORDS * sizeof *b->panel)) &&
           (b->differ = limn_alloc(entries, sizeof *b->differ)) &&
           (b->ones = limn_alloc(c.ld, sizeof *b->ones));
  }
  if (!fits)
    st = limn_nomem(err, "counters and a panel for each thread", (size_t)workers * c.ld,
                    c.ld * sizeof(uint32_t) + WORDS * sizeof(uint64_t));
  for (size_t done = 0; done < all && st == LIMN_OK; done += wave) {
    size_t tasks = all - done < wave ? all - done : wave;
    uint64_t begin = c.origin > first ? c.origin : first, end = c.origin + tasks * c.chunk;
    if (end > last) end = last;
    progress->step = (double)(last - first) / (double)all;
    st = limn_parallel(tasks, do_chunk, &c, &c.token, err);
    if (st == LIMN_OK && atomic_load(&c.broken)) st = limn_stopped(err);
    if (st == LIMN_OK) collect(&c, workers, end - begin, gram);
    progress->done += progress->step * (double)tasks;
    c.origin += tasks * c.chunk;
  }
  for (int w = 0; c.worker && w < workers; w++) {
    limn_free(c.worker[w].panel);
    limn_free(c.worker[w].differ);
    limn_free(c.worker[w].ones);
  }
  limn_free(c.worker);
  return st;
}

/* Any columns, as doubles, by syrk, which updates the lower triangle of gram. The token is polled
 * between blocks, so blocks are narrow if there are many points. */
static limn_status real_columns(const limn_features *f, uint64_t a, uint64_t b, double *gram,
                                limn_progress *progress, limn_err *err) {
  size_t width = BLOCK;
  while (width > 32 && (double)f->points * (double)f->points * (double)width > 4e9) width /= 2;
  double *block = limn_alloc(f->points, width * sizeof *block);
  if (!block) return limn_nomem(err, "a block", f->points, width * sizeof *block);
  limn_token token = limn_progress_token(progress);
  progress->step = 1;
  limn_status st = LIMN_OK;
  for (uint64_t at = a; at < b && st == LIMN_OK; at += width) {
    size_t n = (size_t)(b - at < width ? b - at : width);
    st = limn_features_columns(block, width, f, at, n, &token, err);
    if (st == LIMN_OK)
      st = limn_la_syrk(gram, f->points, block, width, false, f->points, n, 1, 1, err);
    if (st == LIMN_OK && limn_tick(&token, (double)(at - a + n), 0)) st = limn_stopped(err);
  }
  progress->done += (double)(b - a);
  limn_free(block);
  return st;
}

limn_status limn_features_gram_add(double *k, const limn_features *f, uint64_t first,
                                   uint64_t count, const limn_token *token, limn_err *err) {
  limn_status status = limn_features_range(f, first, count, err);
  if (status != LIMN_OK) return status;
  size_t n = f->points;
  limn_progress progress = {.outer = token, .total = (double)count};
  for (int c = 0; c < f->classes; c++) {
    const limn_class *cl = &f->class_of[c];
    uint64_t a = first > cl->first ? first : cl->first;
    uint64_t b = first + count < cl->first + cl->count ? first + count : cl->first + cl->count;
    if (a >= b) continue;
    limn_status st = LIMN_OK;
    if (f->kind != LIMN_REAL && limn_class_fixed(cl)) {
      double times = (double)(b - a);
      for (size_t i = 0; i < n; i++) {
        double left = times * limn_fixed_entry(f, cl, i);
        for (size_t j = 0; j < n; j++) k[i * n + j] += left * limn_fixed_entry(f, cl, j);
      }
      progress.done += times;
    } else if (f->kind == LIMN_SIGN || f->kind == LIMN_BINARY) {
      st = bit_class(f, c, a - cl->first, b - cl->first, k, &progress, err);
    } else {
      st = real_columns(f, a, b, k, &progress, err);
    }
    if (st != LIMN_OK) return st;
  }
  return limn_cancelled(token) ? limn_stopped(err) : LIMN_OK;
}

limn_status limn_features_gram(double *k, const limn_features *f, const limn_token *token,
                               limn_err *err) {
  memset(k, 0, f->points * f->points * sizeof *k);
  return limn_features_gram_add(k, f, 0, f->count, token, err);
}
