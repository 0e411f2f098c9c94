/* qr.c: the thin QR factorisation in panels, so that a long one can be cancelled. The steps, and
 * therefore the bits, are those of LAPACK's dgelqf and dorglq with their standard block sizes: a
 * panel, its triangular factor (dlarft), the update of the rest (dlarfb). */
#include "num/linalg/linalg.h"

#include <lapacke.h>
#include <string.h>

#include "core/core.h"
#include "num/linalg/check.h"

#define COL LAPACK_COL_MAJOR

enum {
  PANEL = 32,     /* LAPACK's block size of dgelqf and dorglq */
  UNBLOCKED = 128 /* reflectors that LAPACK factors without blocks at the end */
};

static lapack_int li(size_t n) {
  return (lapack_int)n;
}

/* A column-major matrix of rows x columns, and its reflectors, in the upper triangle of its first
 * `reflectors` rows. */
typedef struct {
  double *a, *tau, *work;           /* work: ld x 2 PANEL */
  size_t rows, columns, reflectors; /* rows <= ld */
  size_t ld;                        /* from one column to the next */
} rows_of;

static double *entry(const rows_of *f, size_t row, size_t column) {
  return f->a + column * f->ld + row;
}

/* Applies the `ib` reflectors from i on to the rows below them; back: their transpose. */
static void apply_panel(const rows_of *f, size_t i, size_t ib, bool back) {
  if (i + ib >= f->rows) return;
  lapack_int ld = li(f->ld), width = li(f->columns - i);
  LAPACKE_dlarft_work(COL, 'F', 'R', width, li(ib), entry(f, i, i), ld, f->tau + i, f->work, ld);
  LAPACKE_dlarfb_work(COL, 'R', back ? 'T' : 'N', 'F', 'R', li(f->rows - i - ib), width, li(ib),
                      entry(f, i, i), ld, f->work, ld, entry(f, i + ib, i), ld, f->work + ib, ld);
}

/* dgelqf: a = L Q. */
static limn_status factor(const rows_of *f, const limn_token *token, limn_err *err) {
  size_t i = 0, k = f->reflectors;
  if (k > UNBLOCKED) {
    for (; i < k - UNBLOCKED; i += PANEL) {
      if (limn_cancelled(token)) return limn_stopped(err);
      LAPACKE_dgelq2_work(COL, PANEL, li(f->columns - i), entry(f, i, i), li(f->ld), f->tau + i,
                          f->work);
      apply_panel(f, i, PANEL, false);
    }
  }
  if (limn_cancelled(token)) return limn_stopped(err);
  if (i < k)
    LAPACKE_dgelq2_work(COL, li(f->rows - i), li(f->columns - i), entry(f, i, i), li(f->ld),
                        f->tau + i, f->work);
  return LIMN_OK;
}

/* dorgl2: the rows of Q of n reflectors from i on; n <= UNBLOCKED. */
static void generate(const rows_of *f, size_t i, size_t rows, size_t n) {
  LAPACKE_dorglq_work(COL, li(rows), li(f->columns - i), li(n), entry(f, i, i), li(f->ld),
                      f->tau + i, f->work, li(f->ld));
}

/* dorglq, for as many rows as reflectors. */
static limn_status orthogonal_rows(const rows_of *f, const limn_token *token, limn_err *err) {
  size_t k = f->reflectors, blocked = 0;
  if (k > UNBLOCKED) {
    blocked = (k - UNBLOCKED - 1) / PANEL * PANEL + PANEL;
    if (blocked > k) blocked = k;
    for (size_t j = 0; j < blocked; j++)
      memset(entry(f, blocked, j), 0, (k - blocked) * sizeof(double));
  }
  if (blocked < k) generate(f, blocked, k - blocked, k - blocked);
  for (size_t i = blocked; i > 0;) {
    if (limn_cancelled(token)) return limn_stopped(err);
    i -= PANEL;
    size_t ib = k - i < PANEL ? k - i : PANEL;
    apply_panel(f, i, ib, true);
    generate(f, i, ib, ib);
    for (size_t j = 0; j < i; j++) memset(entry(f, i, j), 0, ib * sizeof(double));
  }
  return LIMN_OK;
}

/* a = q r is the transpose of an LQ factorisation of a', which is how LAPACK reads a row-major a.
 */
limn_status limn_la_qr(double *q, double *r, const double *a, size_t m, size_t n,
                       const limn_token *token, limn_err *err) {
  limn_status status = limn_la_in_range(m > n ? m : n, err);
  size_t k = m < n ? m : n, numbers;
  if (status != LIMN_OK || k == 0) return status;
  if ((status = limn_la_all_finite(a, m, n, "matrix", err)) != LIMN_OK) return status;
  double *f = limn_mul_overflows(m, n, &numbers) ? NULL : limn_alloc(numbers, sizeof *f);
  double *tau = limn_alloc(k, sizeof *tau), *work = limn_alloc(n, 2 * PANEL * sizeof *work);
  if (!f || !tau || !work) {
    status = limn_nomem(err, "work matrix", m * n, sizeof *f);
  } else {
    memcpy(f, a, numbers * sizeof *a);
    const rows_of whole = {f, tau, work, n, m, k, n};
    limn_la_enter();
    status = factor(&whole, token, err);
    for (size_t i = 0; i < k && !status; i++)
      for (size_t j = 0; j < n; j++) r[i * n + j] = j < i ? 0 : f[i * n + j];
    if (!status) { /* the first k rows hold the reflectors */
      rows_of head = whole;
      head.rows = k;
      status = orthogonal_rows(&head, token, err);
    }
    limn_la_leave();
    for (size_t i = 0; i < m && !status; i++) memcpy(q + i * k, f + i * n, k * sizeof *q);
  }
  limn_free(f), limn_free(tau), limn_free(work);
  return status;
}
