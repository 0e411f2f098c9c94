/* orthant.c: the probability that a normal vector of mean 0 has given signs. With s_i x_i for x_i
 * and correlations r,
 *     n = 2: 1/4 + asin(r)/(2 pi),   n = 3: 1/8 + (asin r12 + asin r13 + asin r23)/(4 pi),
 *     n = 4: 1/16 + sum over pairs of int_0^1 dt r_ij/(2 pi sqrt(1 - t^2 r_ij^2)) q_kl(t),
 * q_kl the orthant of the other two given x_i = x_j = 0 (Plackett 1954), correlations times t.
 * Beyond 4: with C = L L', P = E prod Phi(-a_i), a_i = -sum_(j<i) L_ij y_j / L_ii and y_i normal
 * above a_i (Genz 1992); y comes from a lattice, shifted at random. */
#include <math.h>
#include <string.h>

#include "core/core.h"
#include "limn/functions.h"
#include "limn/rng.h"
#include "limn/stats.h"

#define PI 3.14159265358979323846
enum { SHIFTS = 16 };

static double safe_asin(double r) {
  return asin(r > 1 ? 1 : r < -1 ? -1 : r);
}

static double pair_given(const double *c, double t, size_t i, size_t j, size_t k, size_t l) {
  double r = t * c[i * 4 + j], ki = t * c[k * 4 + i], kj = t * c[k * 4 + j];
  double li = t * c[l * 4 + i], lj = t * c[l * 4 + j], d = 1 - r * r;
  double kk = 1 - (ki * ki + kj * kj - 2 * r * ki * kj) / d;
  double ll = 1 - (li * li + lj * lj - 2 * r * li * lj) / d;
  double kl = t * c[k * 4 + l] - (ki * li + kj * lj - r * (ki * lj + kj * li)) / d;
  double root = sqrt(kk * ll);
  return 0.25 + (root > 0 ? safe_asin(kl / root) : 0) / (2 * PI);
}

/* The derivative of the orthant of 4 in t, at t. */
static double plackett(const double *c, double t) {
  double sum = 0;
  for (size_t i = 0; i < 4; i++)
    for (size_t j = i + 1; j < 4; j++) {
      size_t k = 0, l = 3;
      while (k == i || k == j) k++;
      while (l == i || l == j) l--;
      double r = c[i * 4 + j], gap = 1 - t * t * r * r;
      if (gap > 0) sum += r / (2 * PI * sqrt(gap)) * pair_given(c, t, i, j, k, l);
    }
  return sum;
}

/* The integral by the tanh-sinh rule, which the root at t = 1 does not disturb. */
static double four(const double *c) {
  double sum = 0, h = 1.0 / 64;
  for (int k = -64 * 3; k <= 64 * 3; k++) {
    double s = k * h, e = PI / 2 * sinh(s), t = 1 / (1 + exp(-2 * e));
    double w = PI / 2 * cosh(s) / (cosh(e) * cosh(e)) / 2;
    if (t < 1) sum += h * w * plackett(c, t);
  }
  return 1.0 / 16 + sum;
}

static double few(const double *c, size_t n) {
  if (n == 1) return 0.5;
  if (n == 2) return 0.25 + safe_asin(c[1]) / (2 * PI);
  if (n == 3) return 0.125 + (safe_asin(c[1]) + safe_asin(c[2]) + safe_asin(c[5])) / (4 * PI);
  return four(c);
}

/* ---- separation of variables ---- */

/* Cholesky factor of the correlations, the variables in the order of least probability given the
 * means of those before. A variable that the ones before determine gets the diagonal 0. */
static void factorise(double *c, double *y, size_t n) {
  for (size_t i = 0; i < n; i++) {
    size_t best = i;
    double least = INFINITY;
    for (size_t k = i; k < n; k++) {
      double v = c[k * n + k], m = 0;
      for (size_t j = 0; j < i; j++) v -= c[k * n + j] * c[k * n + j], m += c[k * n + j] * y[j];
      double z = v > 1e-12 ? m / sqrt(v) : m < 0 ? -40 : 40;
      if (z < least) least = z, best = k;
    }
    if (best != i) { /* exchange rows and columns; the factor occupies columns below i */
      for (size_t j = 0; j < n; j++) {
        double t = c[i * n + j];
        c[i * n + j] = c[best * n + j], c[best * n + j] = t;
      }
      for (size_t j = i; j < n; j++) {
        double t = c[j * n + i];
        c[j * n + i] = c[j * n + best], c[j * n + best] = t;
      }
    }
    double v = c[i * n + i], m = 0;
    for (size_t j = 0; j < i; j++) v -= c[i * n + j] * c[i * n + j], m += c[i * n + j] * y[j];
    double d = v > 1e-12 ? sqrt(v) : 0;
    for (size_t k = i + 1; k < n; k++) {
      double s = c[k * n + i];
      for (size_t j = 0; j < i; j++) s -= c[k * n + j] * c[i * n + j];
      c[k * n + i] = d > 0 ? s / d : 0;
    }
    c[i * n + i] = d;
    double a = d > 0 ? -m / d : 0, tail = limn_stats_phi(-a); /* mean of a normal above a */
    y[i] = d <= 0 ? 0 : tail > 1e-300 ? exp(-a * a / 2) / (sqrt(2 * PI) * tail) : a;
  }
}

/* A normal above a at the quantile u of its distribution, and ln of the probability of that. */
static double above(double a, double u, double *log_p) {
  double tail = limn_stats_phi(-a), y = 0;
  if (tail < 1e-290) { /* the exponential tail */
    *log_p = -a * a / 2 - log(a * sqrt(2 * PI));
    return a - log(u) / a;
  }
  *log_p = log(tail);
  limn_stats_normal_quantile(&y, u * tail, 0, 1, LIMN_UPPER, NULL);
  return y;
}

typedef struct {
  const double *factor, *step; /* (n, n); (n) generator of the lattice */
  size_t n, each;
  uint64_t seed;
  const limn_token *token;
  double *room, sum[SHIFTS]; /* ln of the mean of a shift */
} job;

/* ln of the integrand at one point of the lattice. */
static double integrand(const job *j, double *y, const double *shift, size_t at) {
  double log_p = 0;
  for (size_t i = 0; i < j->n; i++) {
    const double *row = j->factor + i * j->n;
    double m = 0, part;
    for (size_t k = 0; k < i; k++) m += row[k] * y[k];
    if (row[i] == 0) {
      y[i] = 0;
      if (m <= 0 && i > 0) return -INFINITY;
      continue;
    }
    double u = (double)(at + 1) * j->step[i] + shift[i];
    u = fabs(2 * (u - floor(u)) - 1); /* the baker's transformation */
    if (u < 1e-16) u = 1e-16;
    if (u > 1 - 1e-16) u = 1 - 1e-16;
    y[i] = above(-m / row[i], u, &part);
    log_p += part;
  }
  return log_p;
}

static void one_shift(void *ctx, size_t task, int worker) {
  job *j = ctx;
  (void)worker;
  double *y = j->room + task * 2 * j->n, *shift = y + j->n, top = -INFINITY, sum = 0;
  limn_rng rng = limn_rng_start(limn_key_of(j->seed, task, 0, LIMN_FOR_FUNCTIONS), 0);
  limn_rng_fill_uniform(&rng, shift, j->n);
  for (size_t k = 0; k < j->each; k++) {
    if (k % 256 == 0 && limn_cancelled(j->token)) return;
    double log_p = integrand(j, y, shift, k);
    if (log_p == -INFINITY) continue;
    if (log_p > top)
      sum = sum * exp(top - log_p) + 1, top = log_p;
    else
      sum += exp(log_p - top);
  }
  j->sum[task] = sum > 0 ? top + log(sum / (double)j->each) : -INFINITY;
}

static void average(double *log_p, double *error, const double *sum) {
  double top = -INFINITY, mean = 0, square = 0;
  for (int s = 0; s < SHIFTS; s++) top = sum[s] > top ? sum[s] : top;
  *log_p = -INFINITY, *error = 0;
  if (top == -INFINITY) return;
  for (int s = 0; s < SHIFTS; s++) mean += exp(sum[s] - top) / SHIFTS;
  for (int s = 0; s < SHIFTS; s++) {
    double d = exp(sum[s] - top) / mean - 1;
    square += d * d / (SHIFTS - 1);
  }
  *log_p = top + log(mean);
  *error = sqrt(square / SHIFTS);
}

/* Correlations with the signs multiplied in. */
static limn_status prepare(double *c, const double *cov, size_t n, const uint64_t *signs,
                           limn_err *err) {
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < n; j++) {
      double v = cov[i * n + j], scale = sqrt(cov[i * n + i]) * sqrt(cov[j * n + j]);
      if (!isfinite(v)) return limn_not_finite(err, "covariance", i, j, v);
      if (i == j && !(v > 0))
        return limn_fail_entry(err, LIMN_EINVAL, "covariance", i, j, "must be > 0, got %g", v);
      if (fabs(v - cov[j * n + i]) > 1e-9 * scale)
        return limn_fail_entry(err, LIMN_EINVAL, "covariance", i, j, "must be symmetric");
      if (fabs(v) > (1 + 1e-9) * scale)
        return limn_fail_entry(err, LIMN_EINVAL, "covariance", i, j,
                               "must be at most the root of the product of both variances");
      bool differ = (signs[i / 64] >> i % 64 ^ signs[j / 64] >> j % 64) & 1;
      c[i * n + j] = (differ ? -v : v) / scale;
    }
  return LIMN_OK;
}

limn_status limn_functions_orthant(double *log_p, double *error, const double *cov, size_t n,
                                   const uint64_t *signs, size_t samples, uint64_t seed,
                                   const limn_token *token, limn_err *err) {
  if (n < 1 || n > LIMN_FUNCTIONS_POINTS)
    return limn_fail_argument(err, LIMN_EINVAL, "covariance", "must have 1 to %zu rows, got %zu",
                              LIMN_FUNCTIONS_POINTS, n);
  if (samples < SHIFTS)
    return limn_fail_argument(err, LIMN_EINVAL, "samples", "must be at least %d, got %zu", SHIFTS,
                              samples);
  double *c = limn_alloc(n * n + 2 * n + 2 * n * SHIFTS, sizeof *c);
  if (!c) return limn_nomem(err, "correlations", n * n, sizeof *c);
  double *step = c + n * n, *y = step + n, *room = y + n;
  limn_status status = prepare(c, cov, n, signs, err);
  if (!status && n <= 4) {
    double p = few(c, n);
    *log_p = p > 1e-17 ? log(p) : -INFINITY, *error = 0;
  } else if (!status) {
    factorise(c, y, n);
    uint64_t prime = 2;
    for (size_t i = 0; i < n; i++, prime++) { /* Richtmyer's generator: roots of primes */
      for (uint64_t d = 2; d * d <= prime; d++)
        if (prime % d == 0) prime++, d = 1;
      step[i] = sqrt((double)prime) - floor(sqrt((double)prime));
    }
    job j = {.factor = c, .step = step, .n = n, .each = samples / SHIFTS, .seed = seed};
    j.token = token, j.room = room;
    status = limn_parallel(SHIFTS, one_shift, &j, token, err);
    if (!status && limn_cancelled(token)) status = limn_stopped(err);
    if (!status) average(log_p, error, j.sum);
  }
  limn_free(c);
  return status;
}
