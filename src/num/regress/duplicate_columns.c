/* duplicate_columns.c: equal and opposite columns of a dense matrix, found by a hash and confirmed
 * entry by entry, so that the result is exact. One pass over the matrix and one sort of the
 * hashes. */
#include "num/regress/core.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
  uint64_t hash;
  size_t column;
} entry;

static int by_hash(const void *a, const void *b) {
  const entry *p = a, *q = b;
  if (p->hash != q->hash) return p->hash < q->hash ? -1 : 1;
  return p->column < q->column ? -1 : 1;
}

void limn_merge_free(limn_merge *m) {
  limn_free(m->owner);
  limn_free(m->first);
  limn_free(m->sign);
  limn_free(m->copies);
  memset(m, 0, sizeof *m);
}

/* Adds one number to a hash; -0 counts as 0. */
static uint64_t mix(uint64_t h, double v) {
  uint64_t bits;
  v = v == 0 ? 0 : v;
  memcpy(&bits, &v, sizeof bits);
  h = (h ^ bits) * 0x9E3779B97F4A7C15u;
  return h ^ (h >> 29);
}

static bool same(const double *x, size_t d, size_t n, size_t p, size_t q, double sign) {
  for (size_t i = 0; i < d; i++)
    if (x[i * n + p] != sign * x[i * n + q]) return false;
  return true;
}

/* Row by row, to read the matrix in memory order. sign is that of the first nonzero entry. */
static void hash_columns(entry *e, signed char *sign, const double *x, size_t d, size_t n) {
  for (size_t j = 0; j < n; j++) e[j] = (entry){0, j};
  for (size_t i = 0; i < d; i++)
    for (size_t j = 0; j < n; j++) {
      double v = x[i * n + j];
      if (!sign[j] && v != 0) sign[j] = v > 0 ? 1 : -1;
      e[j].hash = mix(e[j].hash, sign[j] * v);
    }
}

limn_status limn_merge_columns(limn_merge *m, const double *x, size_t d, size_t n, limn_err *err) {
  memset(m, 0, sizeof *m);
  m->count = n;
  m->owner = limn_alloc(n, sizeof *m->owner);
  m->first = limn_alloc(n, sizeof *m->first);
  m->sign = limn_alloc(n, sizeof *m->sign);
  m->copies = limn_alloc(n, sizeof *m->copies);
  entry *e = limn_alloc(n, sizeof *e);
  if (!m->owner || !m->first || !m->sign || !m->copies || !e) {
    limn_free(e);
    return limn_nomem(err, "a table of equal columns", n, sizeof *e);
  }
  hash_columns(e, m->sign, x, d, n);
  qsort(e, n, sizeof *e, by_hash);
  /* leader[j], stored in owner for now: the first column equal to j up to sign */
  for (size_t p = 0, group = 0; p < n; p++) {
    size_t j = e[p].column;
    m->owner[j] = j;
    if (e[group].hash != e[p].hash) group = p;
    for (size_t q = group; q < p;
         q++) { /* leaders with this hash; nearly always the first one matches */
      size_t k = e[q].column;
      if (m->owner[k] != k) continue;
      if (same(x, d, n, j, k, (double)(m->sign[j] * m->sign[k]))) {
        m->owner[j] = k;
        break;
      }
    }
  }
  limn_free(e);
  for (size_t j = 0; j < n; j++) { /* a leader precedes the columns it represents */
    if (m->sign[j] == 0) {
      m->owner[j] = 0;
      continue;
    }
    if (m->owner[j] == j) {
      m->first[m->kept] = j;
      m->copies[m->kept] = 1;
      m->owner[j] = m->kept++;
    } else {
      size_t leader = m->owner[j];
      m->owner[j] = m->owner[leader];
      m->copies[m->owner[j]] += 1;
      m->sign[j] = (signed char)(m->sign[j] * m->sign[leader]);
    }
  }
  for (size_t k = 0; k < m->kept; k++) m->sign[m->first[k]] = 1;
  return LIMN_OK;
}
