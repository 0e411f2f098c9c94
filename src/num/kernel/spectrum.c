/* spectrum.c: eigenvalues of kernels that depend on the distance alone, on the cube {-1,1}^n and on
 * the sphere: sums of the kernel times a Krawtchouk or a Gegenbauer polynomial.
 *
 * Both polynomials are normalised to 1 at distance 0, where they are largest. With weights that sum
 * to 1 the sum over the weights of a squared polynomial is 1/multiplicity, so that rounding errors
 * of the kernel change the eigenvalue by about epsilon * |kernel| / sqrt(multiplicity). */
#include <math.h>
#include "core/core.h"
#include "limn/kernel.h"

static const double EPSILON = 2.220446049250313e-16;
static const double PI = 3.14159265358979323846;

/* Sum of w * k * p and a bound on its rounding error; steps: those of the recursions of p and w,
 * each of which loses about an epsilon. */
static void add_up(double *value, double *error, const double *w, const double *k, const double *p,
                   size_t n, size_t steps) {
  double sum = 0, lost = 0;
  for (size_t j = 0; j < n; j++) {
    double term = w[j] * k[j] * p[j];
    sum += term;
    lost += fabs(term);
  }
  *value = sum;
  *error = EPSILON * lost * (32 + (double)steps);
}

/* C(n,j)/2^n, by ratios outwards from the middle. */
static void binomial_weights(double *w, size_t n) {
  size_t middle = n / 2;
  double sum = 0;
  w[middle] = 1;
  for (size_t j = middle; j < n; j++) w[j + 1] = w[j] * (double)(n - j) / (double)(j + 1);
  for (size_t j = middle; j > 0; j--) w[j - 1] = w[j] * (double)j / (double)(n - j + 1);
  for (size_t j = 0; j <= n; j++) sum += w[j];
  for (size_t j = 0; j <= n; j++) w[j] /= sum;
}

/* Krawtchouk polynomial of degree k at j, over its value at 0. Symmetric in k and j; reflections
 * bring both below n/2, where the recursion in the degree amplifies no rounding errors. */
static double krawtchouk(size_t n, size_t k, size_t j) {
  double sign = 1;
  if (2 * j > n) {
    if (k % 2) sign = -sign;
    j = n - j;
  }
  if (2 * k > n) {
    if (j % 2) sign = -sign;
    k = n - k;
  }
  size_t degree = k < j ? k : j;
  double x = (double)n - 2 * (double)(k < j ? j : k), before = 0, now = 1;
  for (size_t i = 0; i < degree; i++) {
    double next = (x * now - (double)i * before) / (double)(n - i);
    before = now;
    now = next;
  }
  return sign * now;
}

limn_status limn_kernel_cube_levels(double *values, double *errors, const double *kernel, size_t n,
                                    limn_err *err) {
  if (n < 1 || n > LIMN_CUBE_BITS)
    return limn_fail_argument(err, LIMN_EINVAL, "dim", "must be 1 .. %d, got %zu", LIMN_CUBE_BITS,
                              n);
  double *w = limn_alloc(2 * (n + 1), sizeof *w), *p = w + n + 1;
  if (!w) return limn_nomem(err, "weights", 2 * (n + 1), sizeof *w);
  binomial_weights(w, n);
  for (size_t k = 0; k <= n; k++) {
    for (size_t j = 0; j <= n; j++) p[j] = krawtchouk(n, k, j);
    add_up(values + k, errors + k, w, kernel, p, n + 1, k + n / 2);
  }
  limn_free(w);
  return LIMN_OK;
}

/* Nodes and weights of Gauss and Legendre on [-1, 1], by Newton's method. */
static void gauss_legendre(double *x, double *w, size_t n) {
  for (size_t i = 0; i < (n + 1) / 2; i++) {
    double z = cos(PI * ((double)i + 0.75) / ((double)n + 0.5)), slope = 1;
    for (int step = 0; step < 100; step++) {
      double p = 1, before = 0;
      for (size_t k = 1; k <= n; k++) {
        double next = ((2 * (double)k - 1) * z * p - ((double)k - 1) * before) / (double)k;
        before = p;
        p = next;
      }
      slope = (double)n * (z * p - before) / (z * z - 1);
      double change = p / slope;
      z -= change;
      if (fabs(change) < 1e-15) break;
    }
    x[i] = -z;
    x[n - 1 - i] = z;
    w[i] = w[n - 1 - i] = 2 / ((1 - z * z) * slope * slope);
  }
}

limn_status limn_kernel_sphere_nodes(double *angle, double *weight, size_t n, size_t dim,
                                     limn_err *err) {
  if (n < 2 || dim < 2)
    return limn_fail_argument(err, LIMN_EINVAL, "dim", "must be at least 2, got %zu", dim);
  gauss_legendre(angle, weight, n);
  double sum = 0;
  for (size_t i = 0; i < n; i++) {
    angle[i] = PI / 2 * (1 + angle[i]);
    weight[i] *= exp(((double)dim - 2) * log(sin(angle[i])));
    sum += weight[i];
  }
  for (size_t i = 0; i < n; i++) weight[i] /= sum;
  return LIMN_OK;
}

limn_status limn_kernel_sphere_degrees(double *values, double *errors, size_t degrees,
                                       const double *kernel, const double *angle,
                                       const double *weight, size_t n, size_t dim, limn_err *err) {
  if (dim < 2)
    return limn_fail_argument(err, LIMN_EINVAL, "dim", "must be at least 2, got %zu", dim);
  double *t = limn_alloc(3 * n, sizeof *t), *before = t + n, *now = before + n;
  if (!t) return limn_nomem(err, "polynomials", 3 * n, sizeof *t);
  for (size_t i = 0; i < n; i++) t[i] = cos(angle[i]), before[i] = 0, now[i] = 1;
  double d = (double)dim;
  for (size_t k = 0; k <= degrees; k++) {
    add_up(values + k, errors + k, weight, kernel, now, n, k);
    double degree = (double)k;
    for (size_t i = 0; i < n; i++) {
      double next =
          k == 0 ? t[i]
                 : ((2 * degree + d - 2) * t[i] * now[i] - degree * before[i]) / (degree + d - 2);
      before[i] = now[i];
      now[i] = next;
    }
  }
  limn_free(t);
  return LIMN_OK;
}
