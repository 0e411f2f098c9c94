/* tails.c: incomplete beta and gamma functions as logarithms of both tails.
 *
 * With d(z) = log Gamma(z) - ((z - 1/2) log z - z + log(2 pi)/2) (Stirling's error) and
 * f(u) = u - log(1 + u) >= 0 (Loader, Fast and accurate computation of binomial probabilities,
 * 2000)
 *
 *   x^a y^b/B(a,b)       = sqrt(ab/(2 pi (a+b))) exp(-a f(xb/a - y) - b f(ya/b - x)
 *                          + d(a+b) - d(a) - d(b)),  y = 1 - x,
 *   x^a exp(-x)/Gamma(a) = sqrt(a/(2 pi)) exp(-a f(x/a - 1) - d(a)):
 *
 * Both are sums of terms of one sign; powers and gamma functions would cancel. The tail on the same
 * side of the mean follows by a continued fraction (beta; upper tail of gamma) or a series. */
#include "num/stats/tails.h"

#include <math.h>

static const long double log_two_pi = 1.837877066409345483560659472811L;
static const long double tiny = 1e-4000L, precision = 1e-19L;

/* Upper limits; LIMN_STATS_LARGEST needs about 5 sqrt(LIMN_STATS_LARGEST) terms. */
enum { MOST_TERMS = 4000000, MOST_STEPS = 300 };

static long double stirling_error(long double z) {
  long double product = 1, w = z;
  for (; w < 16; w += 1) product *= w; /* Gamma(z) = Gamma(w)/product */
  long double r = 1 / (w * w);
  long double sum =
      (1 / 12.0L +
       r * (-1 / 360.0L +
            r * (1 / 1260.0L +
                 r * (-1 / 1680.0L +
                      r * (1 / 1188.0L +
                           r * (-691 / 360360.0L + r * (1 / 156.0L - r * 3617 / 122400.0L))))))) /
      w;
  if (w == z) return sum;
  return sum + (w - 0.5L) * logl(w) - w - logl(product) - (z - 0.5L) * logl(z) + z;
}

/* u - log(1+u); log_ratio = log(1+u) is passed separately because it is more accurate for u near
 * -1. */
static long double excess(long double u, long double log_ratio) {
  if (u < -0.5L) return u - log_ratio;
  if (fabsl(u) > 0.1L) return u - log1pl(u);
  long double r = u / (2 + u), square = r * r, power = 2 * r * square, sum = 0;
  for (int k = 3; k < 60; k += 2, power *= square) {
    long double term = power / k;
    sum += term;
    if (fabsl(term) <= precision * fabsl(sum)) break;
  }
  return r * u - sum;
}

/* log(1 - exp(p)) */
static long double other(long double p) {
  if (p >= 0) return -INFINITY;
  return p > -0.69314718L ? logl(-expm1l(p)) : log1pl(-expl(p));
}

/* ---- beta ---- */

static long double away_from_zero(long double x) {
  return fabsl(x) < tiny ? tiny : x;
}

/* a I_x(a,b)/(x^a y^b/B(a,b)), for x below the mean: the continued fraction by Lentz's method. */
static long double beta_fraction(long double x, long double a, long double b) {
  long double c = 1, d = 1 / away_from_zero(1 - (a + b) * x / (a + 1)), h = d;
  for (int k = 1; k < MOST_TERMS; k++) {
    long double m = k, even = m * (b - m) * x / ((a - 1 + 2 * m) * (a + 2 * m));
    d = 1 / away_from_zero(1 + even * d);
    c = away_from_zero(1 + even / c);
    h *= d * c;
    long double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 1 + 2 * m));
    d = 1 / away_from_zero(1 + odd * d);
    c = away_from_zero(1 + odd / c);
    h *= d * c;
    if (fabsl(d * c - 1) <= precision) break;
  }
  return h;
}

static limn_tails beta_at(const limn_law *law, long double logit) {
  long double a = law->a, b = law->b, e = expl(-fabsl(logit));
  long double near = -log1pl(e),
              far = near - fabsl(logit); /* logarithms of the larger and the smaller of x, 1 - x */
  long double log_x = logit < 0 ? far : near, log_y = logit < 0 ? near : far;
  long double x = (logit < 0 ? e : 1) / (1 + e), y = (logit < 0 ? 1 : e) / (1 + e);
  long double off = x * b - y * a;
  limn_tails t;
  t.density = 0.5L * (logl(a) + logl(b) - logl(a + b) - log_two_pi) -
              a * excess(off / a, log_x + logl(1 + b / a)) -
              b * excess(-off / b, log_y + logl(1 + a / b)) + stirling_error(a + b) -
              stirling_error(a) - stirling_error(b);
  if (x * (a + b + 2) < a + 1) {
    t.lower = t.density + logl(beta_fraction(x, a, b) / a);
    t.upper = other(t.lower);
  } else {
    t.upper = t.density + logl(beta_fraction(y, b, a) / b);
    t.lower = other(t.upper);
  }
  return t;
}

limn_law limn_beta_law(long double a, long double b) {
  return (limn_law){beta_at, a, b};
}

/* ---- gamma ---- */

/* P/(x^a exp(-x)/Gamma(a)) */
static long double gamma_series(long double x, long double a) {
  long double term = 1 / a, sum = term;
  for (int k = 1; k < MOST_TERMS && term > precision * sum; k++) {
    term *= x / (a + k);
    sum += term;
  }
  return sum;
}

/* Q/(x^a exp(-x)/Gamma(a)) */
static long double gamma_fraction(long double x, long double a) {
  long double b = x + 1 - a, c = 1 / tiny, d = 1 / away_from_zero(b), h = d;
  for (int k = 1; k < MOST_TERMS; k++) {
    long double term = -k * (k - a);
    b += 2;
    d = 1 / away_from_zero(term * d + b);
    c = away_from_zero(b + term / c);
    h *= d * c;
    if (fabsl(d * c - 1) <= precision) break;
  }
  return h;
}

static limn_tails gamma_at(const limn_law *law, long double log_x) {
  long double a = law->a, x = expl(log_x);
  limn_tails t = {0, -INFINITY, -INFINITY};
  if (isinf(x)) return t;
  t.density =
      0.5L * (logl(a) - log_two_pi) - a * excess((x - a) / a, log_x - logl(a)) - stirling_error(a);
  if (x < a + 1) {
    t.lower = t.density + logl(gamma_series(x, a));
    t.upper = other(t.lower);
  } else {
    t.upper = t.density + logl(gamma_fraction(x, a));
    t.lower = other(t.upper);
  }
  return t;
}

limn_law limn_gamma_law(long double a) {
  return (limn_law){gamma_at, a, 0};
}

/* ---- the inverse ---- */

/* Newton's method, inside a bracket, on the logarithm of the smaller tail, which is concave. Steps
 * are limited to the size of the abscissa (at least 2), so that exp does not overflow at trial
 * points. */
long double limn_tails_solve(const limn_law *law, long double lower, long double upper,
                             long double start) {
  long double u = start, low = -INFINITY, high = INFINITY;
  for (int k = 0; k < MOST_STEPS; k++) {
    limn_tails t = law->at(law, u);
    long double miss =
        lower <= upper ? t.lower - lower : upper - t.upper; /* > 0 if u is too large */
    long double slope = expl(t.density - (lower <= upper ? t.lower : t.upper));
    if (miss > 0)
      high = u;
    else
      low = u;
    long double limit = fmaxl(2, fabsl(u)), step = miss / slope;
    if (!(fabsl(step) <= limit)) step = miss > 0 ? limit : -limit;
    long double next = u - step;
    if (fabsl(step) <= 1e-14L + 4e-19L * fabsl(u))
      return next; /* the next step would be of the order of its square */
    if (!(next >= low && next <= high) && isfinite(low) && isfinite(high))
      next = low + (high - low) / 2;
    u = next;
  }
  return u;
}
