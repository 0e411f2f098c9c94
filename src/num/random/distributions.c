/* distributions.c: gamma, beta, binomial and Poisson numbers; contracts in
 * limn/random_distributions.h. */
#include "limn/random_distributions.h"

#include <math.h>

void limn_rng_fill_exponential(limn_rng *rng, double *out, size_t n) {
  for (size_t i = 0; i < n; i++) out[i] = -log(limn_rng_uniform(rng));
}

/* The logarithm of a gamma number. For a shape below 1: G(shape) = G(shape + 1) U^(1/shape). */
static double log_gamma_number(limn_rng *rng, double shape) {
  double add = 0;
  if (shape < 1) {
    add = log(limn_rng_uniform(rng)) / shape;
    shape += 1;
  }
  double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);
  for (;;) {
    double x = limn_rng_normal(rng), v = 1 + c * x;
    if (v <= 0) continue;
    v = v * v * v;
    if (log(limn_rng_uniform(rng)) < 0.5 * x * x + d - d * v + d * log(v)) return log(d * v) + add;
  }
}

void limn_rng_fill_gamma(limn_rng *rng, double *out, size_t n, double shape) {
  for (size_t i = 0; i < n; i++) out[i] = exp(log_gamma_number(rng, shape));
}

void limn_rng_fill_beta(limn_rng *rng, double *out, size_t n, double a, double b) {
  for (size_t i = 0; i < n; i++) {
    double x = log_gamma_number(rng, a), y = log_gamma_number(rng, b);
    out[i] = 1 / (1 + exp(y - x));
  }
}

/* log k! */
static double log_factorial(double k) {
  int sign;
  return lgamma_r(k + 1, &sign);
}

/* Inversion: adds up probabilities from 0. p <= 1/2, trials p < 10. */
static double binomial_small(limn_rng *rng, double trials, double p) {
  double odds = p / (1 - p), term = exp(trials * log1p(-p)), u = limn_rng_uniform(rng), k = 0;
  while (u > term && k < trials) {
    u -= term;
    k++;
    term *= odds * (trials - k + 1) / k;
  }
  return k;
}

/* Transformed rejection. p <= 1/2, trials p >= 10. */
static double binomial_large(limn_rng *rng, double trials, double p) {
  double spread = sqrt(trials * p * (1 - p)), b = 1.15 + 2.53 * spread;
  double a = -0.0873 + 0.0248 * b + 0.01 * p, c = trials * p + 0.5, top = 0.92 - 4.2 / b;
  double alpha = (2.83 + 5.1 / b) * spread, log_odds = log(p / (1 - p));
  double mode = floor((trials + 1) * p), h = log_factorial(mode) + log_factorial(trials - mode);
  for (;;) {
    double u = limn_rng_uniform(rng) - 0.5, v = limn_rng_uniform(rng), us = 0.5 - fabs(u);
    double k = floor((2 * a / us + b) * u + c);
    if (k < 0 || k > trials) continue;
    if (us >= 0.07 && v <= top) return k;
    v = log(v * alpha / (a / (us * us) + b));
    if (v <= h - log_factorial(k) - log_factorial(trials - k) + (k - mode) * log_odds) return k;
  }
}

void limn_rng_fill_binomial(limn_rng *rng, double *out, size_t n, double trials, double p) {
  double q = p > 0.5 ? 1 - p : p;
  for (size_t i = 0; i < n; i++) {
    double k = trials * q < 10 ? binomial_small(rng, trials, q) : binomial_large(rng, trials, q);
    out[i] = p > 0.5 ? trials - k : k;
  }
}

static double poisson_small(limn_rng *rng, double mean) {
  double term = exp(-mean), u = limn_rng_uniform(rng), k = 0;
  while (u > term && k < 1000) {
    u -= term;
    k++;
    term *= mean / k;
  }
  return k;
}

static double poisson_large(limn_rng *rng, double mean) {
  double b = 0.931 + 2.53 * sqrt(mean), a = -0.059 + 0.02483 * b, log_mean = log(mean);
  double inverse = 1.1239 + 1.1328 / (b - 3.4), top = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    double u = limn_rng_uniform(rng) - 0.5, v = limn_rng_uniform(rng), us = 0.5 - fabs(u);
    double k = floor((2 * a / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= top) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    if (log(v * inverse / (a / (us * us) + b)) <= -mean + k * log_mean - log_factorial(k)) return k;
  }
}

void limn_rng_fill_poisson(limn_rng *rng, double *out, size_t n, double mean) {
  for (size_t i = 0; i < n; i++)
    out[i] = mean < 10 ? poisson_small(rng, mean) : poisson_large(rng, mean);
}
