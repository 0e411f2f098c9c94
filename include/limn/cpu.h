/* cpu.h: the instruction set and the number of threads that limn uses.
 *
 * Both are settings of one copy of the library in a process, read from LIMN_ISA (ref, avx2, avx512)
 * and LIMN_THREADS at first use. The Lua module limn.so holds a copy of its own: in a process that
 * links liblimn and loads the module, the environment holds for both, the functions below set
 * liblimn's and limn.threads(), limn.isa() in Lua set the module's. No result depends on either
 * setting: all instruction sets and thread counts give the same bits where a function says "exact",
 * and agree within stated tolerances elsewhere.
 *
 * Threads are created and joined inside each call; no thread outlives it, so a process may fork
 * between calls. OpenBLAS is shared by the whole process: limn sets its thread count to 1 before
 * it calls BLAS or LAPACK, so that results do not depend on it, and does not set it back. A program
 * that uses OpenBLAS itself calls openblas_set_num_threads() after limn's calls. */
#ifndef LIMN_CPU_H
#define LIMN_CPU_H

#include "limn/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum limn_isa { LIMN_ISA_REF = 0, LIMN_ISA_AVX2, LIMN_ISA_AVX512 } limn_isa;

/* The instruction set in use: the best this CPU has, or the one that LIMN_ISA or limn_isa_set
 * names. AVX2 means AVX2+FMA+BMI2; AVX512 means F+BW+DQ+VL+VPOPCNTDQ. */
LIMN_API limn_isa limn_isa_get(void);

/* Chooses an instruction set for the calls that follow; not while another thread is inside limn.
 *   isa   in   one of limn_isa
 *   err   out  what is wrong; may be NULL
 * Errors: LIMN_EINVAL (no such set), LIMN_EUNSUPPORTED (this CPU lacks it; names the best it has);
 * the setting is then unchanged. */
LIMN_API limn_status limn_isa_set(limn_isa isa, limn_err *err);

/* Checks the environment variable LIMN_ISA; where it is wrong the best available set is in use.
 *   err   out  what is wrong; may be NULL
 * Errors: LIMN_EINVAL (it names no set), LIMN_EUNSUPPORTED (this CPU lacks the set). */
LIMN_API limn_status limn_isa_environment(limn_err *err);

/* "ref", "avx2" or "avx512"; "unknown" for any other value. Static storage. */
LIMN_API const char *limn_isa_name(limn_isa isa);

/* The model name of the CPU from /proc/cpuinfo, or "unknown CPU".
 *   text  out  (size) bytes, terminated, cut where longer; untouched where size is 0
 *   size  in   bytes that text can hold */
LIMN_API void limn_cpu_name(char *text, size_t size);

/* The number of threads that one call may use: LIMN_THREADS (1 .. 1024), else the CPUs that the
 * process may run on. */
LIMN_API int limn_threads_get(void);

/* Sets it for the calls that follow.
 *   threads  in   1 .. 1024; 0: back to the default
 *   err      out  what is wrong; may be NULL
 * Errors: LIMN_EINVAL (outside that range); the setting is then unchanged. */
LIMN_API limn_status limn_threads_set(int threads, limn_err *err);

#ifdef __cplusplus
}
#endif
#endif
