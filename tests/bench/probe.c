/* probe.c: what this CPU can do at most, measured: instructions a second of the kinds that the
 * kernels are made of, with nothing to wait for; and the rate of limn's own generator of signs in
 * cache. Prints one "name value" a line. Each number is the best of several short runs. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../../src/num/kernels/bits.h"
#include "limn/cpu.h"

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#define RUNS 25
#define LOOPS 200000

/* Instructions a second of a block of `count` instructions. */
#define RATE(name, count, block, ...)                                                              \
  do {                                                                                             \
    double best = 1e9;                                                                             \
    for (int run = 0; run < RUNS; run++) {                                                         \
      double t = now();                                                                            \
      for (long i = 0; i < LOOPS; i++) __asm__ volatile(block : : : __VA_ARGS__);                  \
      t = now() - t;                                                                               \
      best = t < best ? t : best;                                                                  \
    }                                                                                              \
    printf("%s %.6g\n", name, (count) * (double)LOOPS / best);                                     \
  } while (0)

#if defined(__x86_64__)
#define Z                                                                                          \
  "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11"
#define ZZ Z, "xmm12", "xmm13", "xmm14", "xmm15", "xmm16", "xmm17", "xmm18", "xmm19"
#define CARRY(a, b, c, d, e)                                                                       \
  "vpxorq %%zmm31, %%zmm" #a ", %%zmm" #a "\n vpxorq %%zmm30, %%zmm" #b ", %%zmm" #b               \
  "\n vpternlogq $0xd4, %%zmm31, %%zmm30, %%zmm" #c "\n vpopcntq %%zmm" #d ", %%zmm" #d            \
  "\n vpaddq %%zmm31, %%zmm" #e ", %%zmm" #e "\n"
#define ONE(op, v, i) op " %%" v "15, %%" v #i ", %%" v #i "\n"
/* clang-format off */
#define TWELVE(op, v) ONE(op, v, 0) ONE(op, v, 1) ONE(op, v, 2) ONE(op, v, 3) ONE(op, v, 4) ONE(op, v, 5) \
  ONE(op, v, 6) ONE(op, v, 7) ONE(op, v, 8) ONE(op, v, 9) ONE(op, v, 10) ONE(op, v, 11)
/* clang-format on */
#endif

#if defined(__x86_64__)
__attribute__((target("avx512f"))) static void wide(void) { /* registers 16 to 31 need the target */
  RATE("zmm_xor", 12, TWELVE("vpxorq", "zmm"), Z);
  RATE("zmm_fma", 12, TWELVE("vfmadd231pd", "zmm"), Z);
  RATE("zmm_carry_save", 20,
       CARRY(0, 4, 8, 12, 16) CARRY(1, 5, 9, 13, 17) CARRY(2, 6, 10, 14, 18)
           CARRY(3, 7, 11, 15, 19),
       ZZ);
}
#endif

static void signs(const char *name) {
  enum { BLOCKS = 256, ROWS = 2000 };
  uint64_t words[2 * BLOCKS];
  limn_key key = {{1, 2}, 3};
  double best = 1e9;
  for (int run = 0; run < RUNS; run++) {
    double t = now();
    for (uint32_t row = 0; row < ROWS; row++) limn_bits()->signs(words, &key, row, 0, BLOCKS);
    t = now() - t;
    best = t < best ? t : best;
  }
  printf("%s %.6g\n", name, 128.0 * BLOCKS * ROWS / best);
}

int main(void) {
  double best = 1e9;
  for (int run = 0; run < RUNS; run++) {
    uint64_t x = 1;
    double t = now();
    /* A chain of additions; a short loop would measure how often a branch can be taken. */
    for (long i = 0; i < 20000; i++) __asm__ volatile(".rept 100\n add $1, %0\n .endr" : "+r"(x));
    t = now() - t;
    best = t < best ? t : best;
  }
  printf("clock %.6g\n", 2e6 / best);
#if defined(__x86_64__)
  if (limn_isa_set(LIMN_ISA_AVX512, NULL) == LIMN_OK) {
    wide();
    signs("signs_avx512");
  }
  if (limn_isa_set(LIMN_ISA_AVX2, NULL) == LIMN_OK) {
    RATE("ymm_xor", 12, TWELVE("vpxor", "ymm"), Z);
    RATE("ymm_fma", 12, TWELVE("vfmadd231pd", "ymm"), Z);
    signs("signs_avx2");
  }
#endif
  limn_isa_set(LIMN_ISA_REF, NULL);
  signs("signs_ref");
  return 0;
}
