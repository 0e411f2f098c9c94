/* score.c: ridge's scores from a spectrum of K, and the numerical rank of it.
 *
 * With (K + lambda I) a = y the residual is lambda a, and leaving point i out costs
 * a_i / [(K + lambda I)^-1]_ii: no difference of nearly equal numbers, so it holds for lambda -> 0
 * too. Where K is singular the labels are F w + z + ..., z their part outside the range of F; a is
 * then of the rest, F'z = 0, and numerator and denominator are multiplied by lambda: the residual
 * lambda a + z over 1 - h_ii (h the hat matrix), however small lambda is. */
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
    double lost = a[i], share = 0, null = 0, in_range = 0;
    for (size_t c = 0; c < f->rank; c++) share += u[c] * u[c] * inv[c], in_range += u[c] * u[c];
    for (size_t c = f->rank; c < f->k; c++) null += u[c] * u[c];
    bool tiny = null < 1e-20; /* squares of rounding */
    if (f->k < f->d) {        /* 1 - in_range is off by some 1e-16 */
      null = 1 - in_range;
      tiny = null < 1e-13 && lambda * share < 1e-8;
    }
    if (f->rank < f->d && !tiny) lost = lambda * a[i] + z[i], share = lambda * share + null;
    double left = lost / share;
    sum += left * left;
    if (f->rank < f->d) { /* of the residual and I - hat matrix, else of both over lambda */
      lost = lambda * a[i] + (tiny ? 0 : z[i]);
      share = tiny ? lambda * share : share;
    }
    if (i == 0) unit = share > 0 ? share : 1; /* squares of the shares may be no numbers */
    trace += share / unit;
    squares += lost / unit * (lost / unit);
  }
  if (p->loo) p->loo[l] = sum / d;
  if (p->gcv) p->gcv[l] = d * squares / (trace * trace);
}
