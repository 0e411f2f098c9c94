/* test_matrix.c: functions of matrices: exact values, extreme scales, and every allocation failing.
 */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "core/core.h"
#include "limn/matrix.h"

enum { N = 4 };

static const double A[N * N] = {4, 1, 0, 2, 1, 3, -1, 0, 0, -1, 5, 1, 2, 0, 1, 6};

Test(matrix, determinant_of_any_scale) {
  limn_err e;
  double det, log_size, sign, b[N * N];
  cr_assert_eq(limn_determinant(&det, &log_size, &sign, A, N, &e), LIMN_OK);
  cr_assert_float_eq(det, 243, 1e-10);
  for (int k = -300; k <= 300; k += 300) {
    for (int i = 0; i < N * N; i++) b[i] = A[i] * pow(10, k);
    cr_assert_eq(limn_determinant(&det, &log_size, &sign, b, N, &e), LIMN_OK);
    cr_assert_float_eq(log_size, log(243) + N * k * log(10), 1e-9);
    cr_assert_eq(sign, 1);
  }
  cr_assert(isinf(det)); /* 243e1200 */
  cr_assert_eq(limn_determinant(&det, NULL, NULL, A, 0, &e), LIMN_OK);
  cr_assert_eq(det, 1);
}

Test(matrix, exponential_of_a_rotation) {
  limn_err e;
  double out[4], t = 30;
  cr_assert_eq(limn_matrix_exponential(out, (double[]){0, -t, t, 0}, 2, &e), LIMN_OK);
  cr_assert_float_eq(out[0], cos(t), 1e-12);
  cr_assert_float_eq(out[2], sin(t), 1e-12);
  cr_assert_eq(limn_matrix_exponential(out, (double[]){0, NAN, 0, 0}, 2, &e), LIMN_ENONFINITE);
}

Test(matrix, walsh_twice_is_a_multiple) {
  double x[16], y[16];
  for (int i = 0; i < 16; i++) x[i] = y[i] = sin(i);
  limn_walsh(y, 2, 4, 2);
  limn_walsh(y, 2, 4, 2);
  for (int i = 0; i < 16; i++) cr_assert_float_eq(y[i], 4 * x[i], 1e-13);
}

/* Each call with its k-th allocation failing, k = 1, 2, .. until none fails: LIMN_ENOMEM. */
typedef limn_status call(limn_err *err);

static double out_a[N * N], out_b[N * N], out_c[N * N], out_d[N * N];

static limn_status call_det(limn_err *err) {
  return limn_determinant(out_a, out_b, out_c, A, N, err);
}
static limn_status call_inverse(limn_err *err) {
  return limn_inverse(out_a, out_b, A, N, err);
}
static limn_status call_pinv(limn_err *err) {
  return limn_pseudo_inverse(out_a, A, N, N, 1e-15, err);
}
static limn_status call_condition(limn_err *err) {
  return limn_condition(out_a, A, N, N, err);
}
static limn_status call_eigen(limn_err *err) {
  return limn_eigen(out_a, out_b, out_c, out_d, A, N, err);
}
static limn_status call_expm(limn_err *err) {
  return limn_matrix_exponential(out_a, A, N, err);
}
static limn_status call_covariance(limn_err *err) {
  return limn_covariance(out_a, A, N, N, 1, false, err);
}
static limn_status call_einsum(limn_err *err) {
  double copy[N * N];
  memcpy(copy, A, sizeof copy);
  limn_array a = limn_array_view(LIMN_F64, 2, (size_t[]){N, N}, copy), out = a;
  out.data = out_a;
  return limn_einsum(&out, "ji,kj->ki", &a, &a, err); /* both operands and the result are packed */
}

Test(matrix, refused_memory) {
  static call *const calls[] = {call_det,   call_inverse, call_pinv,       call_condition,
                                call_eigen, call_expm,    call_covariance, call_einsum};
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
    limn_status status = LIMN_ENOMEM;
    for (long k = 1; status == LIMN_ENOMEM; k++) {
      limn_err e = {0};
      cr_assert_lt(k, 60);
      limn_memory_fail_at(k);
      status = calls[i](&e);
      limn_memory_fail_at(0);
      cr_assert(status == LIMN_OK || status == LIMN_ENOMEM, "call %zu: %s", i, e.text);
      cr_assert(k > 1 || status == LIMN_ENOMEM, "call %zu allocates", i);
    }
  }
}
