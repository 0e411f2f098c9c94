/* cpu.c: the instruction set and the number of threads; defaults from the CPU and environment. */
#include "core/core.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static atomic_int isa_choice = -1;   /* -1: not yet determined */
static atomic_int thread_choice = 0; /* 0: not set */

static const char *const isa_names[] = {"ref", "avx2", "avx512"};

const char *limn_isa_name(limn_isa isa) {
  return (unsigned)isa < 3 ? isa_names[isa] : "unknown";
}

static limn_isa best_isa(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
              __builtin_cpu_supports("bmi2");
  bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                __builtin_cpu_supports("avx512vpopcntdq");
  if (avx512) return LIMN_ISA_AVX512;
  if (avx2) return LIMN_ISA_AVX2;
#endif
  return LIMN_ISA_REF;
}

limn_status limn_isa_environment(limn_err *err) {
  const char *name = getenv("LIMN_ISA");
  if (!name || !*name) return LIMN_OK;
  for (int i = 0; i < 3; i++) {
    if (strcmp(name, isa_names[i]) != 0) continue;
    if (i <= (int)best_isa()) return LIMN_OK;
    return limn_fail(err, LIMN_EUNSUPPORTED, "LIMN_ISA: this CPU has no %s; the best it has is %s",
                     name, isa_names[best_isa()]);
  }
  return limn_fail(err, LIMN_EINVAL, "LIMN_ISA: expected ref, avx2 or avx512, got '%.40s'", name);
}

limn_isa limn_isa_get(void) {
  int isa = atomic_load_explicit(&isa_choice, memory_order_relaxed);
  if (isa >= 0) return (limn_isa)isa;
  isa = (int)best_isa();
  const char *name = getenv("LIMN_ISA");
  for (int i = 0; name && i < isa; i++)
    if (strcmp(name, isa_names[i]) == 0) isa = i;
  atomic_store(&isa_choice, isa);
  return (limn_isa)isa;
}

limn_status limn_isa_set(limn_isa isa, limn_err *err) {
  if ((unsigned)isa > LIMN_ISA_AVX512)
    return limn_fail(err, LIMN_EINVAL, "expected ref, avx2 or avx512, got number %d", (int)isa);
  if (isa > best_isa())
    return limn_fail(err, LIMN_EUNSUPPORTED, "this CPU has no %s; the best it has is %s",
                     limn_isa_name(isa), limn_isa_name(best_isa()));
  atomic_store(&isa_choice, (int)isa);
  return LIMN_OK;
}

void limn_cpu_name(char *text, size_t size) {
  if (size == 0) return;
  snprintf(text, size, "unknown CPU");
  FILE *f = fopen("/proc/cpuinfo", "r");
  if (!f) return;
  char line[256];
  while (fgets(line, sizeof line, f)) {
    if (strncmp(line, "model name", 10) != 0) continue;
    char *colon = strchr(line, ':');
    if (!colon) break;
    colon += strspn(colon, ": \t");
    colon[strcspn(colon, "\n")] = '\0';
    snprintf(text, size, "%s", colon);
    break;
  }
  fclose(f);
}

static int default_threads(void) {
  const char *text = getenv("LIMN_THREADS");
  if (text && *text) {
    char *end;
    errno = 0;
    long n = strtol(text, &end, 10);
    if (errno == 0 && *end == '\0' && n >= 1 && n <= 1024) return (int)n;
  }
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) {
    int n = CPU_COUNT(&set);
    if (n >= 1) return n;
  }
  return 1;
}

int limn_threads_get(void) {
  int n = atomic_load_explicit(&thread_choice, memory_order_relaxed);
  if (n > 0) return n;
  n = default_threads();
  atomic_store(&thread_choice, n);
  return n;
}

limn_status limn_threads_set(int threads, limn_err *err) {
  if (threads < 0 || threads > 1024)
    return limn_fail(err, LIMN_EINVAL, "expected 1 .. 1024 (0 = all CPUs), got %d", threads);
  atomic_store(&thread_choice, threads);
  return LIMN_OK;
}
