/* description_length.c: description length of the sign map: Lempel-Ziv phrases and deflated bytes.
 *
 * A phrase of the exhaustive history is the shortest string at the current position that does not
 * start at an earlier position (it may overlap its earlier occurrence). This is decided with the
 * suffix automaton of the whole string (Blumer et al. 1985), whose states store the first end
 * position of their strings. */
#include "core/core.h"
#include "num/maps/core.h"

#include <string.h>
#include <zlib.h>

enum { NONE = -1 };

typedef struct {
  int32_t next[2], link, length, first; /* first: smallest end position of its strings */
} state;

static void extend(state *s, int32_t *used, int32_t *last, int bit, int32_t at) {
  int32_t here = (*used)++, p = *last;
  s[here] = (state){{NONE, NONE}, 0, s[p].length + 1, at};
  for (; p != NONE && s[p].next[bit] == NONE; p = s[p].link) s[p].next[bit] = here;
  if (p != NONE) {
    int32_t q = s[p].next[bit];
    if (s[q].length == s[p].length + 1) {
      s[here].link = q;
    } else {
      int32_t clone = (*used)++;
      s[clone] = s[q];
      s[clone].length = s[p].length + 1;
      for (; p != NONE && s[p].next[bit] == q; p = s[p].link) s[p].next[bit] = clone;
      s[q].link = s[here].link = clone;
    }
  }
  *last = here;
}

static size_t phrases_of(state *s, const unsigned char *bits, size_t n) {
  int32_t used = 1, last = 0;
  s[0] = (state){{NONE, NONE}, NONE, 0, NONE};
  for (size_t k = 0; k < n; k++) extend(s, &used, &last, bits[k] != 0, (int32_t)k);
  size_t phrases = 0;
  for (size_t k = 0; k < n; phrases++) {
    int32_t at = 0;
    for (; k < n; k++) {
      at = s[at].next[bits[k] != 0];
      if (s[at].first == (int32_t)k) break; /* first occurrence: a new phrase */
    }
    k++;
  }
  return phrases;
}

limn_status limn_maps_lz(size_t *phrases, const unsigned char *bits, size_t n, limn_err *err) {
  *phrases = 0;
  if (n > LIMN_MAPS_CELLS)
    return limn_fail_argument(err, LIMN_EINVAL, "signs", "must be at most %zu in number, got %zu",
                              LIMN_MAPS_CELLS, n);
  state *s = limn_alloc(2 * n + 1, sizeof *s);
  if (!s) return limn_nomem(err, "suffix automaton", 2 * n + 1, sizeof *s);
  *phrases = phrases_of(s, bits, n);
  limn_free(s);
  return LIMN_OK;
}

typedef struct {
  const double *maps;
  const limn_maps_grid *grid;
  double *out;
  limn_status status;
} shape_job;

/* The two lengths of one map. Returns false if memory was refused. */
static bool lengths(double *row, const double *map, const limn_maps_grid *g) {
  size_t nx = g->nx, ny = g->ny, cells = nx * ny, bytes = (cells + 7) / 8;
  uLong bound = compressBound((uLong)bytes), size = bound;
  state *s = limn_alloc(2 * cells + 1, sizeof *s);
  unsigned char *bits = limn_alloc(2 * cells + bytes, 1), *packed = bits ? bits + 2 * cells : NULL;
  unsigned char *small = limn_alloc(bound, 1);
  bool good = s && bits && small;
  if (good) {
    for (size_t j = 0; j < ny; j++)
      for (size_t i = 0; i < nx; i++) {
        unsigned char bit = map[j * nx + i] > 0;
        bits[j * nx + i] = bits[cells + i * ny + j] = bit;
        packed[(j * nx + i) / 8] |= (unsigned char)(bit << ((j * nx + i) % 8));
      }
    row[LIMN_MAPS_LZ] =
        0.5 * (double)(phrases_of(s, bits, cells) + phrases_of(s, bits + cells, cells));
    good = compress2(small, &size, packed, (uLong)bytes, 9) == Z_OK;
    row[LIMN_MAPS_DEFLATE] = (double)size;
  }
  limn_free(s);
  limn_free(bits);
  limn_free(small);
  return good;
}

static void shape_task(void *ctx, size_t k, int worker) {
  shape_job *job = ctx;
  (void)worker;
  const double *map = job->maps + k * job->grid->nx * job->grid->ny;
  double *row = job->out + k * LIMN_MAPS_COLUMNS;
  limn_maps_geometry(row, map, job->grid);
  if (!lengths(row, map, job->grid)) __atomic_store_n(&job->status, LIMN_ENOMEM, __ATOMIC_RELAXED);
}

limn_status limn_maps_shape(double *out, const double *maps, size_t count, const limn_maps_grid *g,
                            const limn_token *token, limn_err *err) {
  limn_status st = limn_maps_valid(g, err);
  if (st != LIMN_OK) return st;
  shape_job job = {.maps = maps, .grid = g, .out = out, .status = LIMN_OK};
  st = limn_parallel(count, shape_task, &job, token, err);
  if (st == LIMN_OK && job.status != LIMN_OK)
    st = limn_nomem(err, "suffix automaton", 2 * g->nx * g->ny + 1, sizeof(state));
  return st;
}
