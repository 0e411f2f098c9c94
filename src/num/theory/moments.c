/* moments.c: moments of a sum of fair signs in log space, the dependence on the norm, the
 * crossover.
 *
 * With t = |S_D|/D, the weight of t is Stirling's formula with its exact remainder, so that a term
 * has only rounding error, at D = 3 and at D = 1e15:
 * remainder, so a term carries rounding error only, at D = 3 as at D = 1e15:
 *   log Pr = r(D) - r(k) - r(D-k) + log(2/(pi D (1-t^2)))/2 - D h(t)/2,   k = D(1-t)/2,
 *   h(t) = (1+t) log(1+t) + (1-t) log(1-t),    r(n) = log n! - Stirling(n). */
#include <math.h>
#include "core/core.h"
#include "limn/theory.h"

static const double ln2 = 0.69314718055994530942, pi = 3.14159265358979323846;

double limn_theory_log_odds(double bits) {
  return -bits * ln2 - log1p(-exp2(-bits));
}

/* r(n) = log n! - (n + 1/2) log n + n - log(2 pi)/2, for n > 0. */
static double remainder_of(double n) {
  if (n < 16) {
    int sign;
    return lgamma_r(n + 1, &sign) - (n + 0.5) * log(n) + n - 0.5 * log(2 * pi);
  }
  double x = 1 / n, y = x * x;
  return x * (1.0 / 12 - y * (1.0 / 360 - y * (1.0 / 1260 - y * (1.0 / 1680 - y / 1188))));
}

/* log of Pr(|S_D| = D - 2k) t^q, for both signs of S; 0 <= k <= D/2, not necessarily whole. */
static double log_term(double D, double k, double q) {
  double u = 2 * k / D, t = 1 - u; /* u = 1 - t, exact where t is near 1 */
  if (t <= 0) return -INFINITY;
  if (k == 0) return ln2 - D * ln2;
  double logt, h;
  if (u < 0.5) {
    logt = log1p(-u);
    h = (1 + t) * log1p(t) + u * log(u);
  } else {
    t = (D - 2 * k) / D;
    logt = log(t);
    h = 2 * t * atanh(t) + log1p(-t * t); /* the same without cancellation for small t */
  }
  double pr = remainder_of(D) - remainder_of(k) - remainder_of(D - k) +
              0.5 * log(2 / (pi * D * u * (1 + t))) - 0.5 * D * h;
  return ln2 + pr + q * logt;
}

/* The largest term: t atanh t = q/D. Returns its k; *width is the standard deviation of the peak in
 * k. */
static double peak(double D, double q, double *width) {
  double r = q / D, x = r < 1 ? sqrt(r) : r;
  for (int i = 0; i < 80;
       i++) { /* Newton on x tanh x = r, convex for small and linear for large x */
    double th = tanh(x), c = cosh(fmin(x, 300)), step = (x * th - r) / (th + x / (c * c));
    x = x - step > 0 ? x - step : x / 2;
    if (fabs(step) <= 1e-13 * x) break;
  }
  double t = tanh(x), k = D / (exp(2 * x) + 1); /* (1-t)/2 = 1/(e^2x + 1) */
  *width = 0.5 * D / sqrt(q / (t * t) + D / (4 * (k / D) * (1 - k / D) + 1e-300));
  return k;
}

/* Sum over k = k0 + stride*j, from the peak outwards, while terms exceed e^-46 of the largest. */
static double sum_from(double D, double q, double k0, double stride) {
  const double depth = 46;
  double top = log_term(D, k0, q), total = 1, lost = 0;
  for (int side = -1; side <= 1; side += 2) {
    double k = k0 + side * stride, highest = top;
    for (; k >= 0 && 2 * k < D; k += side * stride) {
      double term = log_term(D, k, q);
      if (term < highest - depth) break;
      if (term > top + 300) { /* not expected at a peak; keeps the sum finite */
        total *= exp(top - term);
        lost *= exp(top - term);
        top = highest = term;
      }
      double add = exp(term - top) - lost, next = total + add; /* compensated */
      lost = (next - total) - add;
      total = next;
    }
  }
  return top + log(total) + log(stride);
}

/* Riemann's zeta at z >= 2: twenty terms and the Euler-Maclaurin tail. */
static double zeta(double z) {
  double sum = 0, n = 20;
  for (int i = 1; i < 20; i++) sum += pow(i, -z);
  double first = pow(n, -z);
  return sum +
         first * (n / (z - 1) + 0.5 + z / (12 * n) - z * (z + 1) * (z + 2) / (720 * n * n * n) +
                  z * (z + 1) * (z + 2) * (z + 3) * (z + 4) / (30240 * pow(n, 5)));
}

/* E|Z|^q (normal) times cumulant corrections: kappa_4 = -2/D, kappa_6 = 16/D^2, and
 * E|Z|^q He_2j(Z)/E|Z|^q = q (q-2) .. (q-2j+2). Exact for q = 2, 4, 6. The last term is the
 * contribution of the kink of |s|^q at 0 on the lattice: 2 sqrt(2/(pi D)) 2^q zeta(-q, 1 or 1/2), D
 * even or odd. */
static double series(double D, double q) {
  int sign;
  double z = 0.5 * q * ln2 + lgamma_r(0.5 * (q + 1), &sign) - 0.5 * log(pi) - 0.5 * q * log(D);
  double a = q * (q - 2), b = a * (q - 4), c = b * (q - 6);
  double reflected =
      -sin(0.5 * pi * fmod(q, 4)) * zeta(1 + q) * tgamma(1 + q) / (pi * pow(2 * pi, q));
  double kink = exp2(q) * (fmod(D, 2) == 0 ? 1 : exp2(-q) - 1) * reflected;
  kink *= 2 * sqrt(2 / (pi * D)) * exp(-z - q * log(D));
  return z + log1p((-a / 12 + (b / 45 + c / 288) / D) / D + kink);
}

double limn_theory_log_moment(double points, double q, limn_moment_method method) {
  double D = points, width;
  if (!(D >= 1) || !(q >= 1) || isinf(q) || isinf(D)) return NAN;
  if (q == 2 && method == LIMN_MOMENT_AUTO) return -log(D);
  if (method == LIMN_MOMENT_AUTO)
    method = D <= LIMN_EXACT_POINTS ? LIMN_MOMENT_SUM
             : q <= 8               ? LIMN_MOMENT_SERIES
                                    : LIMN_MOMENT_QUADRATURE;
  if (method == LIMN_MOMENT_SERIES) return series(D, q);
  double k = fmin(rint(peak(D, q, &width)), floor((D - 1) / 2)), stride = 1;
  if (method == LIMN_MOMENT_QUADRATURE && width > 16) stride = floor(width / 8);
  return sum_from(D, q, k, stride);
}

static limn_status check(double norm, limn_err *err) {
  if (!(norm >= 1))
    return limn_fail_argument(err, LIMN_EINVAL, "norm", "must be at least 1, got %g", norm);
  return LIMN_OK;
}

static double log_ratio_at(double points, double log_odds, double norm) {
  if (norm == 1) return log_odds + (points - 1) * ln2;
  double q = isinf(norm) ? 1 : norm / (norm - 1);
  return log_odds - limn_theory_log_moment(points, q, LIMN_MOMENT_AUTO);
}

limn_status limn_theory_log_ratio(double *log_ratio, double points, double log_odds, double norm,
                                  limn_err *err) {
  limn_status status = check(norm, err);
  if (status != LIMN_OK) return status;
  if (!(points >= 1) || isinf(points))
    return limn_fail_argument(err, LIMN_EINVAL, "points", "must be at least 1, got %g", points);
  *log_ratio = log_ratio_at(points, log_odds, norm);
  return LIMN_OK;
}

limn_status limn_theory_crossover(double *points, double log_odds, double norm, limn_err *err) {
  limn_status status = check(norm, err);
  if (status != LIMN_OK) return status;
  if (isnan(log_odds) || isinf(log_odds))
    return limn_fail_argument(err, LIMN_EINVAL, "log_odds", "must be finite, got %g", log_odds);
  if (norm == 2) { /* D = (1-p)/p */
    double d = exp(-log_odds), whole = rint(d);
    *points = fmax(1, fabs(d - whole) <= 1e-13 * d ? whole : ceil(d));
    return LIMN_OK;
  }
  double goal = -1e-14 * (1 + fabs(log_odds)); /* equality up to rounding counts */
  double low = 0, high = 1;
  while (log_ratio_at(high, log_odds, norm) < goal) {
    low = high;
    high *= 2;
    if (high > 1e300) return limn_fail(err, LIMN_ENUMERIC, "the crossover is beyond 1e300 points");
  }
  while (high - low > 1) {
    double middle = floor(low + (high - low) / 2);
    if (middle <= low || middle >= high) break; /* a double has no integer between them */
    if (log_ratio_at(middle, log_odds, norm) < goal)
      low = middle;
    else
      high = middle;
  }
  *points = high;
  return LIMN_OK;
}
