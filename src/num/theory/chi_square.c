/* chi_square.c: chi-square draws for up to 2^60 degrees of freedom and more, and the exact law of a
 * ridge solution along one direction. */
#include <math.h>
#include <string.h>
#include "num/theory/sample.h"

/* log(1+e) - e + e^2/2 - e^3/3 = -e^4/4 + e^5/5 - ..., without cancellation. */
static double log_tail4(double e) {
  if (fabs(e) > 0.1) return log1p(e) - e * (1 - e * (0.5 - e / 3));
  double sum = 0;
  for (int i = 18; i >= 4; i--) sum = (i % 2 ? 1.0 : -1.0) / i + e * sum;
  double e2 = e * e;
  return e2 * e2 * sum;
}

/* Marsaglia and Tsang: d (1 + c x)^3 with d = a - 1/3, c = 1/sqrt(9 d) is accepted if log u < x^2/2
 * + d - d v + d log v. With v = (1+e)^3 the large terms cancel analytically and 3 d (log(1+e) - e +
 * e^2/2 - e^3/3) remains. */
double limn_theory_log_chi2(limn_rng *rng, double dof) {
  double a = 0.5 * dof, boost = 0;
  if (a < 1) { /* Gamma(a) = Gamma(a+1) U^(1/a) */
    boost = log(limn_rng_uniform(rng)) / a + log1p(1 / a);
    a += 1;
  }
  double d = a - 1.0 / 3, c = 1 / (3 * sqrt(d));
  for (;;) {
    double x = limn_rng_normal(rng), e = c * x, u = limn_rng_uniform(rng);
    if (e <= -1) continue;
    /* squeeze test first: it nearly always accepts, and only what the full test accepts */
    if (u < 1 - 0.0331 * (x * x) * (x * x) || log(u) < 3 * d * log_tail4(e))
      return 3 * log1p(e) + log1p(-1 / (3 * a)) + boost;
  }
}

limn_status limn_theory_log_chi2_draws(double *out, size_t n, double dof, uint64_t seed,
                                       uint64_t point, limn_err *err) {
  if (!(dof > 0) || isinf(dof))
    return limn_fail_argument(err, LIMN_EINVAL, "dof", "must be finite and > 0, got %g", dof);
  for (size_t i = 0; i < n; i++) {
    limn_rng rng = limn_rng_start(limn_key_of(seed, point, i, LIMN_FOR_THEORY), 0);
    out[i] = limn_theory_log_chi2(&rng, dof);
  }
  return LIMN_OK;
}

enum { DEEPEST = 1 << 22 }; /* stored rows of the continued fraction: 64 MiB */

/* One Householder step per row and one per column turn F into a lower bidiagonal B with independent
 * chi-distributed entries d_k^2 ~ chi2(n-k+1), e_k^2 ~ chi2(D-k). They leave the first direction
 * unchanged, so the corner of (ridge + B B')^-1 is a continued fraction of positive terms:
 *   G = 1/Y_1,  Y_k = ridge + X_k,  X_k = d_k^2 / (1 + e_k^2/Y_{k+1}).
 * Truncated at any depth, the values for the tails Y = ridge and Y = infinity bracket G; the depth
 * is doubled until they agree. */
limn_status limn_theory_ridge_draw(double *x, double *slope, double points, double count,
                                   double ridge, limn_rng *rng, double **scratch, size_t *room,
                                   const limn_token *token, limn_err *err) {
  double rows = fmin(points, count); /* number of nonzero d_k */
  size_t have = 0, depth = 32;
  for (;;) {
    bool whole = (double)depth >= rows;
    if (whole) depth = (size_t)rows;
    if (depth > DEEPEST)
      return limn_fail(err, LIMN_ENUMERIC,
                       "a ridge of %g at %g points and %g features needs more than %zu "
                       "steps per draw; use a larger ridge, or 0",
                       ridge, points, count, (size_t)DEEPEST);
    if (2 * depth > *room) {
      double *more = limn_alloc(2 * depth, sizeof *more);
      if (!more) return limn_nomem(err, "ridge", 2 * depth, sizeof *more);
      if (*scratch) memcpy(more, *scratch, 2 * have * sizeof *more);
      limn_free(*scratch);
      *scratch = more;
      *room = 2 * depth;
    }
    double *de = *scratch;
    for (; have < depth; have++) {
      double nd = count - (double)have, ne = points - (double)have - 1;
      de[2 * have] = nd * exp(limn_theory_log_chi2(rng, nd));
      de[2 * have + 1] = ne > 0 ? ne * exp(limn_theory_log_chi2(rng, ne)) : 0;
      if (have % 4096 == 0 && limn_cancelled(token)) return limn_stopped(err);
    }
    /* with fewer features than points the last row has d = 0, so the tail is Y = ridge */
    double y = ridge, dy = 1, top = INFINITY;
    for (size_t k = depth; k-- > 0;) {
      double d2 = de[2 * k], e2 = de[2 * k + 1], low = y + e2;
      dy = 1 + (low > 0 ? d2 * e2 * dy / (low * low) : 0);
      y = ridge + (low > 0 ? d2 * (y / low) : d2);
      top = ridge + (isinf(top) ? d2 : d2 * (top / (top + e2)));
    }
    if (whole || top - y <= 1e-15 * y) {
      *x = y - ridge;
      *slope = dy - 1;
      /* y - ridge loses digits if the ridge is large: repeat the last step without adding it */
      double e2 = de[1], d2 = de[0];
      double y2 = ridge, low;
      for (size_t k = depth; k-- > 1;) {
        low = y2 + de[2 * k + 1];
        y2 = ridge + (low > 0 ? de[2 * k] * (y2 / low) : de[2 * k]);
      }
      low = y2 + e2;
      *x = low > 0 ? d2 * (y2 / low) : d2;
      return LIMN_OK;
    }
    depth *= 2;
  }
}

void limn_theory_taken(double *taken, const double *count, const double *variance, int classes,
                       double rows) {
  double total = 0, top = 0;
  for (int k = 0; k < classes; k++)
    if (variance[k] > 0) total += count[k], top = fmax(top, variance[k]);
  for (int k = 0; k < classes; k++) taken[k] = 0;
  if (!(total > 0)) return;
  /* bisection on log eta: the sum decreases from total to 0 */
  double low = log(top) - 80, high = log(top) + log(fmax(total, 1)) + 80;
  for (int i = 0; i < 200; i++) {
    double middle = 0.5 * (low + high), eta = exp(middle), sum = 0;
    for (int k = 0; k < classes; k++) sum += count[k] * variance[k] / (variance[k] + eta);
    if (sum > rows)
      low = middle;
    else
      high = middle;
  }
  double eta = exp(high);
  for (int k = 0; k < classes; k++) taken[k] = variance[k] / (variance[k] + eta);
  double same = -1; /* a single variance: exact, to full precision */
  for (int k = 0; k < classes; k++)
    if (variance[k] > 0 && count[k] > 0) {
      if (same < 0) same = variance[k];
      if (variance[k] != same) return;
    }
  for (int k = 0; k < classes; k++) taken[k] = variance[k] > 0 ? rows / total : 0;
}
