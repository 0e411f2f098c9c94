/* test_kernel_spectrum.c: spectra on the cube and the sphere of kernels whose eigenvalues are
 * known in closed form. */
#include <criterion/criterion.h>
#include <math.h>

#include "core/core.h"
#include "limn/kernel.h"

static limn_err e;

static double levels(size_t n, double rho, double *values, double *errors) {
  double kernel[LIMN_CUBE_BITS + 1], worst = 0;
  for (size_t h = 0; h <= n; h++) kernel[h] = pow(rho, (double)h);
  cr_assert_eq(limn_kernel_cube_levels(values, errors, kernel, n, &e), LIMN_OK);
  for (size_t k = 0; k <= n; k++) {
    double exact = pow((1 + rho) / 2, (double)(n - k)) * pow((1 - rho) / 2, (double)k);
    worst = fmax(worst, fabs(values[k] - exact) / errors[k]);
  }
  return worst;
}

/* A product over bits: (1 + rho)/2 for each bit outside and (1 - rho)/2 for each inside the parity.
 */
Test(kernel_spectrum, product_kernel_on_the_cube) {
  static double values[LIMN_CUBE_BITS + 1], errors[LIMN_CUBE_BITS + 1];
  size_t sizes[] = {1, 2, 3, 7, 16, 17, 40, 300};
  for (int i = 0; i < 8; i++)
    for (double rho = 0.1; rho < 1; rho += 0.2) {
      double worst = levels(sizes[i], rho, values, errors);
      cr_assert(worst < 1, "n = %zu, rho = %g: %g errors", sizes[i], rho, worst);
    }
  levels(16, 0.5, values, errors);
  for (int k = 0; k <= 16; k++)
    cr_assert(errors[k] < 1e-14, "level %d: the error bound %g is useless", k, errors[k]);
}

/* cos(theta)^2 = 1/d + (d-1)/d P_2. */
Test(kernel_spectrum, square_on_the_sphere) {
  enum { NODES = 160 };
  double angle[NODES], weight[NODES], kernel[NODES], values[5], errors[5];
  for (size_t d = 2; d < 200; d = 2 * d + 1) {
    cr_assert_eq(limn_kernel_sphere_nodes(angle, weight, NODES, d, &e), LIMN_OK);
    for (int i = 0; i < NODES; i++) kernel[i] = cos(angle[i]) * cos(angle[i]);
    cr_assert_eq(limn_kernel_sphere_degrees(values, errors, 4, kernel, angle, weight, NODES, d, &e),
                 LIMN_OK);
    double dd = (double)d, times = (dd + 2) * (dd - 1) / 2;
    cr_assert_float_eq(values[0], 1 / dd, 1e-13, "d = %zu", d);
    cr_assert_float_eq(values[2] * times, (dd - 1) / dd, 1e-12, "d = %zu", d);
    for (int k = 1; k <= 4; k += k == 1 ? 2 : 1)
      cr_assert(fabs(values[k]) <= errors[k], "d = %zu, degree %d: %g", d, k, values[k]);
  }
}

Test(kernel_spectrum, refused) {
  double x[4] = {1, 1, 1, 1}, v[4], r[4];
  cr_assert_eq(limn_kernel_cube_levels(v, r, x, 0, &e), LIMN_EINVAL);
  cr_assert_eq(limn_kernel_cube_levels(v, r, x, LIMN_CUBE_BITS + 1, &e), LIMN_EINVAL);
  cr_assert_eq(limn_kernel_sphere_nodes(v, r, 1, 3, &e), LIMN_EINVAL);
  cr_assert_eq(limn_kernel_sphere_nodes(v, r, 4, 1, &e), LIMN_EINVAL);
  cr_assert_eq(limn_kernel_sphere_degrees(v, r, 1, x, x, x, 4, 1, &e), LIMN_EINVAL);
}
