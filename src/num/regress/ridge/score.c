/* score.c: ridge's leave-one-out and GCV scores from a spectrum of K, and the numerical rank of K.
 *
 * With (K + lambda I) a = y the residual is lambda a, and point i's leave-one-out
 * error is a_i/[(K + lambda I)^-1]_ii, without a difference of nearly equal numbers, so it is
 * accurate for lambda -> 0 too. If K is singular, the labels are F w + z + ..., z their component
 * outside the range of F; a is the dual of the rest, F'z = 0, and numerator and denominator are
 * multiplied by lambda: the residual lambda a + z over 1 - h_ii (h the hat matrix), for any lambda
 * > 0. */
#include "num/regress/ridge/score.h"

#include <float.h>
#include <string.h>

void limn_ridge_rank(limn_spectrum *f) {
  size_t d = f->d;
  f->rank = 0;
  while (f->rank < d && f->e[f->rank] > 4 * (double)d * DBL_EPSILON * f->e[0]) f->rank++;
}

void limn_ridge_clean(double *z, const double *y, size_t d) {
  if (limn_length(z, d) <= 8 * sqrt((double)d) * DBL_EPSILON * limn_length(y, d))
    memset(z, 0, d * sizeof *z);
}

void limn_ridge_score(const limn_ridge *p, uint64_t l, const limn_spectrum *f, const double *a,
                      const double *z, double lambda) {
  double sum = 0, trace = 0, squares = 0, unit = 0, *inv = f->work, d = (double)f->d;
  for (size_t c = 0; c < f->rank; c++) inv[c] = 1 / (f->e[c] + lambda);
  for (size_t i = 0; i < f->d; i++) {
    const double *u = f->u + i * f->k;
    double lost = a[i], part = 0, null = 0, in_range = 0;
    for (size_t c = 0; c < f->rank; c++) part += u[c] * u[c] * inv[c], in_range += u[c] * u[c];
    for (size_t c = f->rank; c < f->k; c++) null += u[c] * u[c];
    bool tiny = null < 1e-20; /* squares of rounding */
    if (f->k < f->d) {        /* 1 - in_range is off by some 1e-16 */
      null = 1 - in_range;
      tiny = null < 1e-13 && lambda * part < 1e-8;
    }
    if (f->rank < f->d && !tiny) lost = lambda * a[i] + z[i], part = lambda * part + null;
    double left = lost / part;
    sum += left * left;
    if (f->rank < f->d) { /* residual and I - hat matrix; otherwise both divided by lambda */
      lost = lambda * a[i] + (tiny ? 0 : z[i]);
      part = tiny ? lambda * part : part;
    }
    if (i == 0) unit = part > 0 ? part : 1; /* squares of the parts may be out of range */
    trace += part / unit;
    squares += lost / unit * (lost / unit);
  }
  if (p->loo) p->loo[l] = sum / d;
  if (p->gcv) p->gcv[l] = d * squares / (trace * trace);
}
