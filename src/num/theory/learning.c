/* learning.c: posterior odds, eigenlearning, and the double-descent risk of the toy pool.
 *
 * Eigenlearning: Bordelon, Canatar and Pehlevan (2020); Simon, Dickens, Karkada and DeWeese (2023).
 */
#include <math.h>
#include "core/core.h"
#include "limn/theory.h"

limn_status limn_theory_log_posterior(double *log_posterior, double points, double errors,
                                      double log_odds, double noise, limn_err *err) {
  if (!(points >= 0) || isinf(points))
    return limn_fail_argument(err, LIMN_EINVAL, "points", "must not be negative, got %g", points);
  if (!(errors >= 0) || errors > points)
    return limn_fail_argument(err, LIMN_EINVAL, "errors", "must lie in [0, points], got %g",
                              errors);
  if (!(noise >= 0) || !(noise < 0.5))
    return limn_fail_argument(err, LIMN_EINVAL, "noise", "must lie in [0, 0.5), got %g", noise);
  double wrong = errors == 0 ? 0 : errors * log(noise); /* 0 log 0 = 0 */
  *log_posterior =
      log_odds + points * 0.69314718055994530942 + (points - errors) * log1p(-noise) + wrong;
  return LIMN_OK;
}

limn_status limn_theory_learnability(double *kappa, double *learnability, const double *eigenvalue,
                                     const double *multiplicity, size_t modes, double points,
                                     double ridge, limn_err *err) {
  if (!(points > 0) || isinf(points))
    return limn_fail_argument(err, LIMN_EINVAL, "points", "must be positive, got %g", points);
  if (!(ridge >= 0) || isinf(ridge))
    return limn_fail_argument(err, LIMN_EINVAL, "ridge", "must not be negative, got %g", ridge);
  double trace = ridge, number = 0;
  for (size_t i = 0; i < modes; i++) {
    double m = multiplicity ? multiplicity[i] : 1;
    if (!(eigenvalue[i] >= 0) || isinf(eigenvalue[i]) || !(m >= 0) || isinf(m))
      return limn_fail_entry(err, LIMN_EINVAL, "eigenvalues", i, -1,
                             "and its multiplicity must be finite and >= 0, got %g and %g",
                             eigenvalue[i], m);
    trace += m * eigenvalue[i];
    if (eigenvalue[i] > 0) number += m;
  }
  double k = 0;
  if (ridge > 0 || number > points) {
    /* the left side decreases with kappa and is < points at trace/points: bisection on log kappa */
    double high = log(trace / points), low = -745;
    for (int it = 0; it < 120 && high - low > 1e-16 * fabs(high); it++) {
      double middle = 0.5 * (low + high), sum = ridge / exp(middle);
      for (size_t i = 0; i < modes; i++)
        sum +=
            (multiplicity ? multiplicity[i] : 1) * (eigenvalue[i] / (eigenvalue[i] + exp(middle)));
      if (sum > points)
        low = middle;
      else
        high = middle;
    }
    k = exp(high);
  }
  *kappa = k;
  for (size_t i = 0; learnability && i < modes; i++)
    learnability[i] = eigenvalue[i] > 0 ? eigenvalue[i] / (eigenvalue[i] + k) : 0;
  return LIMN_OK;
}

limn_status limn_theory_risk(double *bias2, double *variance, double points, double random,
                             double perfect, limn_err *err) {
  double D = points, n = random, m = perfect;
  if (!(D >= 1) || isinf(D))
    return limn_fail_argument(err, LIMN_EINVAL, "points", "must be finite and >= 1, got %g", D);
  if (!(n >= 0) || isinf(n))
    return limn_fail_argument(err, LIMN_EINVAL, "random", "must be finite and >= 0, got %g", n);
  if (!(m >= 0) || isinf(m))
    return limn_fail_argument(err, LIMN_EINVAL, "perfect", "must be finite and >= 0, got %g", m);
  *bias2 = m > 0 ? 0 : 1;
  *variance = 0;
  if (n < D) { /* the perfect features fit the labels; without them least squares */
    if (m == 0 && n > 0) *variance = D - n - 1 > 0 ? n / (D - n - 1) : INFINITY;
    return LIMN_OK;
  }
  double nu = n - D + 1;
  if (m == 0) {
    *variance = nu > 2 ? D / (nu - 2) : INFINITY;
    return LIMN_OK;
  }
  /* X = nu e^y has density ~ exp(a (y - e^y)), a = nu/2. The trapezoidal rule converges
   * exponentially for such a peak and is normalised by its own sum of weights. */
  double a = nu / 2, sd = 1 / sqrt(a), step = fmin(sd, 1) / 16;
  double left = -(14 * sd + 90 / a), right = 14 * sd + log1p(90 / a);
  double total = 0, b2 = 0, var = 0;
  for (double i = floor(left / step); i * step <= right; i++) {
    double y = i * step, weight = exp(a * (y - expm1(y))), x = nu * exp(y), q = x + m * D;
    total += weight;
    b2 += weight * (x / q) * (x / q);
    var += weight * (D / q) * (x / q);
  }
  *bias2 = b2 / total;
  *variance = var / total;
  return LIMN_OK;
}
