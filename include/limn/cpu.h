/* cpu.h: the instruction set and the number of threads in use.
 *
 * Both are settings of the process, read from LIMN_ISA (ref, avx2, avx512) and LIMN_THREADS at
 * first use. No result depends on either: all paths and thread counts give the same bits where a
 * function says "exact", and stated tolerances elsewhere. */
#ifndef LIMN_CPU_H
#define LIMN_CPU_H

#include "limn/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum limn_isa { LIMN_ISA_REF = 0, LIMN_ISA_AVX2, LIMN_ISA_AVX512 } limn_isa;

/* The instruction set in use: the best this CPU has, or the one LIMN_ISA or limn_isa_set names.
 * AVX2 means AVX2+FMA+BMI2; AVX512 means F+BW+DQ+VL+VPOPCNTDQ. */
LIMN_API limn_isa limn_isa_get(void);

/* Chooses an instruction set. LIMN_EUNSUPPORTED if this CPU lacks it (names what it has). */
LIMN_API limn_status limn_isa_set(limn_isa isa, limn_err *err);

/* LIMN_OK, or LIMN_EINVAL / LIMN_EUNSUPPORTED if the environment's LIMN_ISA names no set or one
 * this CPU lacks (the best available one is then in use). */
LIMN_API limn_status limn_isa_environment(limn_err *err);

/* "ref", "avx2" or "avx512". */
LIMN_API const char *limn_isa_name(limn_isa isa);

/* Model name of the CPU as the kernel tells it, written to text (cut to size). */
LIMN_API void limn_cpu_name(char *text, size_t size);

/* Number of threads that a kernel may use: LIMN_THREADS, else the CPUs this process may run on. */
LIMN_API int limn_threads_get(void);

/* Sets it (1 .. 1024); 0 goes back to the default. LIMN_EINVAL outside that. */
LIMN_API limn_status limn_threads_set(int threads, limn_err *err);

#ifdef __cplusplus
}
#endif
#endif
