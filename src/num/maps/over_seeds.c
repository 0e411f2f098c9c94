/* over_seeds.c: statistics over seeds: pairs, groups of equal signs, distance to a limit. */
#include "core/core.h"
#include "num/linalg/linalg.h"
#include "num/maps/core.h"

#include <math.h>
#include <string.h>

/* ---- groups of equal signs ---- */

static uint64_t digest(const uint64_t *words, size_t n) {
  uint64_t h = 0x9e3779b97f4a7c15u;
  for (size_t w = 0; w < n; w++) {
    h = (h ^ words[w]) * 0xff51afd7ed558ccdu;
    h ^= h >> 32;
  }
  return h;
}

limn_status limn_maps_classes(double *group, size_t *groups, const double *values, size_t rows,
                              size_t width, limn_err *err) {
  size_t words = limn_maps_words(width), slots = 16;
  while (slots < 2 * rows) slots *= 2;
  uint64_t *signs = limn_alloc(rows * words, sizeof *signs);
  size_t *slot = limn_alloc(slots, sizeof *slot); /* 1 + first row with these signs, or 0 */
  *groups = 0;
  if (!signs || !slot) {
    limn_free(signs);
    limn_free(slot);
    return limn_nomem(err, "signs", rows * words + slots, 8);
  }
  for (size_t r = 0; r < rows; r++) {
    uint64_t *mine = signs + r * words;
    limn_maps_pack(mine, values + r * width, width);
    size_t at = digest(mine, words) & (slots - 1);
    while (slot[at] && memcmp(signs + (slot[at] - 1) * words, mine, words * sizeof *signs) != 0)
      at = (at + 1) & (slots - 1);
    if (slot[at]) {
      group[r] = group[slot[at] - 1];
    } else {
      slot[at] = r + 1;
      group[r] = (double)(*groups)++;
    }
  }
  limn_free(signs);
  limn_free(slot);
  return LIMN_OK;
}

/* ---- pairs ---- */

static limn_status correlations(double *out, double *work, const double *maps, size_t count,
                                size_t cells, limn_err *err) {
  for (size_t s = 0; s < count; s++) {
    const double *map = maps + s * cells;
    double *z = work + s * cells, mean = 0, square = 0, most = 0;
    for (size_t k = 0; k < cells; k++) mean += map[k] / (double)cells;
    for (size_t k = 0; k < cells; k++) {
      z[k] = map[k] - mean;
      square += z[k] * z[k];
      most = fmax(most, fabs(map[k]));
    }
    /* for a constant map only the rounding error of its mean is left */
    double length = sqrt(square);
    bool constant = length <= 1e-13 * most * sqrt((double)cells);
    for (size_t k = 0; k < cells; k++) z[k] = constant ? NAN : z[k] / length;
  }
  limn_status st = limn_la_syrk(out, count, work, cells, false, count, cells, 1, 0, err);
  for (size_t a = 0; a < count && st == LIMN_OK; a++)
    for (size_t b = 0; b < count; b++) {
      double *r = &out[a * count + b];
      if (!isnan(*r)) *r = a == b ? 1 : fmin(fmax(*r, -1), 1);
    }
  return st;
}

static limn_status spreads(double *out, double *work, const double *maps, size_t count,
                           size_t cells, limn_err *err) {
  for (size_t k = 0; k < cells; k++) { /* deviations from the mean map, to avoid cancellation */
    double mean = 0;
    for (size_t s = 0; s < count; s++) mean += maps[s * cells + k];
    mean /= (double)count;
    for (size_t s = 0; s < count; s++) work[s * cells + k] = maps[s * cells + k] - mean;
  }
  limn_status st =
      limn_la_syrk(out, count, work, cells, false, count, cells, 1 / (double)cells, 0, err);
  if (st != LIMN_OK) return st;
  for (size_t a = 0; a < count; a++)
    for (size_t b = a + 1; b < count; b++) {
      double half = 0.5 * (out[a * count + a] + out[b * count + b]) - out[a * count + b];
      out[a * count + b] = out[b * count + a] = fmax(half, 0);
    }
  for (size_t a = 0; a < count; a++) out[a * count + a] = 0;
  return LIMN_OK;
}

static limn_status agreements(double *out, const double *maps, size_t count, size_t cells,
                              limn_err *err) {
  size_t words = limn_maps_words(cells);
  uint64_t *signs = limn_alloc(count * words, sizeof *signs);
  if (!signs) return limn_nomem(err, "signs", count * words, 8);
  for (size_t s = 0; s < count; s++) limn_maps_pack(signs + s * words, maps + s * cells, cells);
  for (size_t a = 0; a < count; a++)
    for (size_t b = a; b < count; b++) {
      size_t differ = 0;
      for (size_t w = 0; w < words; w++)
        differ += (size_t)__builtin_popcountll(signs[a * words + w] ^ signs[b * words + w]);
      out[a * count + b] = out[b * count + a] = 1 - (double)differ / (double)cells;
    }
  limn_free(signs);
  return LIMN_OK;
}

limn_status limn_maps_pairs(double *correlation, double *agreement, double *spread,
                            const double *maps, size_t count, size_t cells, const limn_token *token,
                            limn_err *err) {
  if (count == 0 || cells == 0)
    return limn_fail_argument(err, LIMN_EINVAL, "maps", "must not be empty, got %zu of %zu cells",
                              count, cells);
  double *work = correlation || spread ? limn_alloc(count * cells, sizeof *work) : NULL;
  if ((correlation || spread) && !work) return limn_nomem(err, "maps", count * cells, 8);
  limn_status st = LIMN_OK;
  if (correlation) st = correlations(correlation, work, maps, count, cells, err);
  if (st == LIMN_OK && limn_cancelled(token)) st = limn_stopped(err);
  if (st == LIMN_OK && spread) st = spreads(spread, work, maps, count, cells, err);
  limn_free(work);
  if (st == LIMN_OK && limn_cancelled(token)) st = limn_stopped(err);
  if (st == LIMN_OK && agreement) st = agreements(agreement, maps, count, cells, err);
  return st;
}

/* ---- distance ---- */

limn_status limn_maps_distance(double *out, const double *maps, size_t count, const double *limit,
                               size_t cells, const limn_token *token, limn_err *err) {
  if (cells == 0)
    return limn_fail_argument(err, LIMN_EINVAL, "maps", "must have at least 1 cell each, got 0");
  for (size_t s = 0; s < count; s++) {
    double most = 0, square = 0;
    for (size_t k = 0; k < cells; k++) {
      double d = maps[s * cells + k] - limit[k];
      most = fmax(most, fabs(d));
      square += d * d;
    }
    out[2 * s] = most;
    out[2 * s + 1] = sqrt(square / (double)cells);
    if (limn_cancelled(token)) return limn_stopped(err);
  }
  return LIMN_OK;
}
