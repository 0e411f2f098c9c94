/* cpu.h: the instruction set and the number of threads that limn uses.
 *
 * Both are settings of one copy of the library in a process. Their initial values are read from the
 * environment variables LIMN_ISA (ref, avx2, avx512) and LIMN_THREADS at first use. The Lua module
 * limn.so contains its own copy of the library: in a process that links liblimn and also loads the
 * module, the environment variables apply to both copies, the functions below set liblimn's, and
 * limn.threads() and limn.isa() in Lua set the module's. All instruction sets and thread counts
 * give the same bits where a contract says "exact", and agree within the stated tolerances
 * elsewhere.
 *
 * Threads are created and joined inside each call; none outlives it, so a process may fork between
 * calls. The thread count of OpenBLAS, which is one setting for the whole process, is 1 while limn
 * calls BLAS or LAPACK, so that results do not depend on it; the caller's count is restored before
 * the call returns. */
#ifndef LIMN_CPU_H
#define LIMN_CPU_H

#include "limn/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum limn_isa { LIMN_ISA_REF = 0, LIMN_ISA_AVX2, LIMN_ISA_AVX512 } limn_isa;

/* The instruction set in use: the best one of this CPU, or the one chosen by LIMN_ISA or
 * limn_isa_set. AVX2 means AVX2+FMA+BMI2; AVX512 means F+BW+DQ+VL+VPOPCNTDQ. */
LIMN_API limn_isa limn_isa_get(void);

/* Sets the instruction set of later calls. Must not run while another thread is inside a limn call.
 *   isa   in   one of limn_isa
 *   err   out  may be NULL
 * Errors: LIMN_EINVAL (unknown value), LIMN_EUNSUPPORTED (this CPU lacks it; the message names the
 * best available set). The setting is then unchanged. */
LIMN_API limn_status limn_isa_set(limn_isa isa, limn_err *err);

/* Checks the environment variable LIMN_ISA. If it is invalid, the best available set is in use.
 *   err   out  may be NULL
 * Errors: LIMN_EINVAL (unknown name), LIMN_EUNSUPPORTED (this CPU lacks the set). */
LIMN_API limn_status limn_isa_environment(limn_err *err);

/* "ref", "avx2" or "avx512"; "unknown" for any other value. Static storage. */
LIMN_API const char *limn_isa_name(limn_isa isa);

/* The model name of the CPU from /proc/cpuinfo, or "unknown CPU".
 *   text  out  (size) bytes, terminated and truncated to size; unchanged if size is 0 */
LIMN_API void limn_cpu_name(char *text, size_t size);

/* The number of threads that one call may use: LIMN_THREADS (1 .. 1024), else the number of CPUs
 * available to the process. */
LIMN_API int limn_threads_get(void);

/* Sets the number of threads of later calls.
 *   threads  in   1 .. 1024; 0: the default
 *   err      out  may be NULL
 * Errors: LIMN_EINVAL (out of range); the setting is then unchanged. */
LIMN_API limn_status limn_threads_set(int threads, limn_err *err);

#ifdef __cplusplus
}
#endif
#endif
