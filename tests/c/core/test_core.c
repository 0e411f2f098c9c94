/* test_core.c: status values, memory, threads, instruction sets, array views. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"
#include "limn/limn.h"

Test(status, names_are_never_null) {
  for (int s = -1; s < 20; s++) cr_assert(limn_status_name((limn_status)s) != NULL);
  cr_assert_str_eq(limn_version(), LIMN_VERSION);
  char text[32];
  int v = limn_version_number();
  cr_assert_eq(v, LIMN_VERSION_NUMBER);
  snprintf(text, sizeof text, "%d.%d.%d", v / 10000, v / 100 % 100, v % 100);
  cr_assert_str_eq(text, LIMN_VERSION);
}

Test(cpu, every_available_set_can_be_chosen_and_no_other) {
  limn_err e = {0};
  limn_isa best = limn_isa_get();
  for (int i = 0; i <= (int)best; i++) {
    cr_assert_eq(limn_isa_set((limn_isa)i, &e), LIMN_OK);
    cr_assert_eq((int)limn_isa_get(), i);
  }
  for (int i = (int)best + 1; i <= LIMN_ISA_AVX512; i++) {
    cr_assert_eq(limn_isa_set((limn_isa)i, &e), LIMN_EUNSUPPORTED);
    cr_assert_eq(limn_isa_get(), best);
  }
  cr_assert_eq(limn_isa_set((limn_isa)7, &e), LIMN_EINVAL);
}

Test(cpu, environment_is_checked) {
  limn_err e = {0};
  setenv("LIMN_ISA", "mmx", 1);
  cr_assert_eq(limn_isa_environment(&e), LIMN_EINVAL);
  cr_assert(strstr(e.text, "mmx") != NULL, "%s", e.text);
  setenv("LIMN_ISA", "ref", 1);
  cr_assert_eq(limn_isa_environment(&e), LIMN_OK);
  cr_assert_eq(limn_isa_get(), LIMN_ISA_REF);
}

Test(cpu, threads_in_range) {
  limn_err e = {0};
  cr_assert(limn_threads_get() >= 1);
  cr_assert_eq(limn_threads_set(3, &e), LIMN_OK);
  cr_assert_eq(limn_threads_get(), 3);
  cr_assert_eq(limn_threads_set(-1, &e), LIMN_EINVAL);
  cr_assert_eq(limn_threads_set(5000, &e), LIMN_EINVAL);
  cr_assert_eq(limn_threads_get(), 3);
}

Test(array, strided_views_read_and_write) {
  double m[12];
  for (int i = 0; i < 12; i++) m[i] = i;
  limn_array a = limn_array_view(LIMN_F64, 2, (size_t[]){3, 4}, m);
  cr_assert(limn_array_contiguous(&a));
  limn_array t = a; /* transpose */
  t.dims[0] = 4, t.dims[1] = 3;
  t.stride[0] = 1, t.stride[1] = 4;
  cr_assert_not(limn_array_contiguous(&t));
  double out[12];
  limn_array_read(&t, out);
  for (int j = 0; j < 4; j++)
    for (int i = 0; i < 3; i++) cr_assert_eq(out[j * 3 + i], m[i * 4 + j]);
  float f[6] = {0};
  limn_array b = limn_array_view(LIMN_F32, 2, (size_t[]){2, 3}, f);
  double in[6] = {1, 2, 3, 4, 5, 0.1};
  limn_array_write(&b, in);
  cr_assert_eq(f[5], 0.1f);
  limn_array_read(&b, out);
  cr_assert_eq(out[5], (double)0.1f);
}
