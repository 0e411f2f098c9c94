/* probe.c: measures maximum rates of this CPU: instructions per second of the kinds that the inner
 * loops use, without dependencies or memory traffic; and the rate of limn's generator of signs in
 * cache. Prints one "name value" per line. Each number is the best of several short runs. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/core.h"
#include "num/simd/bits/bits.h"
#include "limn/cpu.h"

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#define RUNS 25
#define LOOPS 200000

/* Instructions per second of a block of `count` instructions. */
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
#define UNARY(op, v, i) op " %%" v "15, %%" v #i "\n"
#define TWELVE_ROOTS(op, v) UNARY(op, v, 0) UNARY(op, v, 1) UNARY(op, v, 2) UNARY(op, v, 3) UNARY(op, v, 4) \
  UNARY(op, v, 5) UNARY(op, v, 6) UNARY(op, v, 7) UNARY(op, v, 8) UNARY(op, v, 9) UNARY(op, v, 10) UNARY(op, v, 11)
#define RATIO(op, v, i) op " %%" v "15, %%" v "15, %%" v #i "\n"
#define TWELVE_RATIOS(op, v) RATIO(op, v, 0) RATIO(op, v, 1) RATIO(op, v, 2) RATIO(op, v, 3) RATIO(op, v, 4) \
  RATIO(op, v, 5) RATIO(op, v, 6) RATIO(op, v, 7) RATIO(op, v, 8) RATIO(op, v, 9) RATIO(op, v, 10) RATIO(op, v, 11)
/* Register 15: normal numbers, 1 as float. */
#define FILL(v) "mov $0x3f800000, %%eax\n vmovd %%eax, %%xmm15\n vpbroadcastd %%xmm15, %%" v "15\n"
/* clang-format on */
#define ROOTS_AND_RATIOS(v)                                                                        \
  RATE(v "_sqrt_ps", 12, FILL(v) TWELVE_ROOTS("vsqrtps", v), Z, "xmm15", "eax");                   \
  RATE(v "_sqrt_pd", 12, FILL(v) TWELVE_ROOTS("vsqrtpd", v), Z, "xmm15", "eax");                   \
  RATE(v "_div_ps", 12, FILL(v) TWELVE_RATIOS("vdivps", v), Z, "xmm15", "eax");                    \
  RATE(v "_div_pd", 12, FILL(v) TWELVE_RATIOS("vdivpd", v), Z, "xmm15", "eax")
#endif

#if defined(__x86_64__)
__attribute__((target("avx512f"))) static void wide(void) { /* registers 16 to 31 need the target */
  RATE("zmm_xor", 12, TWELVE("vpxorq", "zmm"), Z);
  RATE("zmm_fma", 12, TWELVE("vfmadd231pd", "zmm"), Z);
  RATE("zmm_carry_save", 20,
       CARRY(0, 4, 8, 12, 16) CARRY(1, 5, 9, 13, 17) CARRY(2, 6, 10, 14, 18)
           CARRY(3, 7, 11, 15, 19),
       ZZ);
  ROOTS_AND_RATIOS("zmm");
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

/* Bytes per second of memory far larger than the caches, read and then scaled in place (read and
 * written), by a team; each rank has a separate part. */
enum { NUMBERS = 8 << 20, PASSES = 10 };
typedef float four __attribute__((vector_size(16)));
typedef struct {
  float *x;
  double best[2];
} memory;

static void pass(void *ctx, limn_team *team, int rank, int size) {
  memory *m = ctx;
  size_t n = NUMBERS / 4 / (size_t)size;
  four *x = (four *)m->x + (size_t)rank * n;
  for (int run = 0; run < 2 * PASSES; run++) {
    bool scale = run % 2;
    limn_barrier(team);
    double t = now();
    four a = {0}, b = a, c = a, d = a;
    for (size_t i = 0; i < n && scale; i += 4)
      x[i] *= 1.0009765625f, x[i + 1] *= 1.0009765625f, x[i + 2] *= 1.0009765625f,
          x[i + 3] *= 1.0009765625f;
    for (size_t i = 0; i < n && !scale; i += 4)
      a += x[i], b += x[i + 1], c += x[i + 2], d += x[i + 3];
    four sum = a + b + c + d;
    __asm__ volatile("" : : "m"(sum), "r"(x) : "memory");
    limn_barrier(team);
    t = now() - t;
    if (rank == 0 && t < m->best[scale]) m->best[scale] = t;
  }
}

static void dram(void) {
  memory m = {.x = aligned_alloc(64, NUMBERS * sizeof(float))};
  if (!m.x) return;
  for (size_t i = 0; i < NUMBERS; i++) m.x[i] = 1;
  for (int threads = 1; threads <= 2; threads++) {
    m.best[0] = m.best[1] = 1e9;
    limn_team_run(threads, pass, &m);
    printf("dram_read_%d %.6g\n", threads, sizeof(float) * (double)NUMBERS / m.best[0]);
    printf("dram_scale_%d %.6g\n", threads, 2 * sizeof(float) * (double)NUMBERS / m.best[1]);
  }
  free(m.x);
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
    ROOTS_AND_RATIOS("ymm");
    signs("signs_avx2");
  }
#endif
  dram();
  limn_isa_set(LIMN_ISA_REF, NULL);
  signs("signs_ref");
  return 0;
}
