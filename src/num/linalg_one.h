/* linalg_one.h: BLAS and LAPACK on the calling thread, for linalg_blocked.c alone: no checks, sizes
 * >= 1 and within 32 bits, row-major. limn_la_ready must have been called in this process. */
#ifndef LIMN_LINALG_ONE_H
#define LIMN_LINALG_ONE_H

#include <stdbool.h>
#include <stddef.h>

/* Tells BLAS how many threads it may use (see limn_la_threads). */
void limn_la_ready(void);

/* "nan", "inf" or "-inf": printf writes some NaNs as "-nan". */
const char *limn_la_odd_name(double x);

void limn_la_one_gemm(double *c, size_t ldc, const double *a, size_t lda, bool ta, const double *b,
                      size_t ldb, bool tb, size_t m, size_t n, size_t k, double alpha, double beta);
void limn_la_one_sgemm(float *c, size_t ldc, const float *a, size_t lda, bool ta, const float *b,
                       size_t ldb, bool tb, size_t m, size_t n, size_t k, float alpha, float beta);

/* Lower triangle only. */
void limn_la_one_syrk(double *c, size_t ldc, const double *a, size_t lda, bool ta, size_t n,
                      size_t k, double alpha, double beta);

/* b (n,r) = op(t)^-1 b; or, with right, b (r,n) = b op(t)^-1. */
void limn_la_one_trsm(double *b, size_t ldb, const double *t, size_t ldt, bool right, bool upper,
                      bool transpose, size_t n, size_t r);

/* The lower triangle becomes L; returns 0, or the 1-based row where it is not positive definite. */
int limn_la_one_potrf(double *a, size_t lda, size_t n);

#endif
