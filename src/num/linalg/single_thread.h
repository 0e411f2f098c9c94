/* single_thread.h: single-threaded BLAS and LAPACK for tiled.c: no checks, sizes >= 1 and within 32
 * bits, row-major. To be called between limn_la_enter and limn_la_leave only. */
#ifndef LIMN_LINALG_ONE_H
#define LIMN_LINALG_ONE_H

#include <stdbool.h>
#include <stddef.h>
#include "limn/status.h"

void limn_la_serial_gemm(double *c, size_t ldc, const double *a, size_t lda, bool ta,
                         const double *b, size_t ldb, bool tb, size_t m, size_t n, size_t k,
                         double alpha, double beta);
void limn_la_serial_sgemm(float *c, size_t ldc, const float *a, size_t lda, bool ta, const float *b,
                          size_t ldb, bool tb, size_t m, size_t n, size_t k, float alpha,
                          float beta);

/* Computes the lower triangle only. */
void limn_la_serial_syrk(double *c, size_t ldc, const double *a, size_t lda, bool ta, size_t n,
                         size_t k, double alpha, double beta);

/* b (n,r) = op(t)^-1 b; or, with right, b (r,n) = b op(t)^-1. */
void limn_la_serial_trsm(double *b, size_t ldb, const double *t, size_t ldt, bool right, bool upper,
                         bool transpose, size_t n, size_t r);

/* The lower triangle becomes L; returns 0, or the 1-based row where it is not positive definite. */
int limn_la_serial_potrf(double *a, size_t lda, size_t n);

/* The reduction of limn_la_tridiagonal; the reflectors stay in a and tau (n), for
 * limn_la_serial_reflect. */
limn_status limn_la_serial_tridiagonal(double *diagonal, double *off_diagonal, double *tau,
                                       double *a, size_t n, limn_err *err);

/* In place: the `columns` rows of b (columns, n) become Q b' transposed, with the first k
 * reflectors of a. work: limn_la_serial_reflect_work(n) doubles. */
void limn_la_serial_reflect(double *b, const double *a, const double *tau, size_t n, size_t k,
                            size_t columns, double *work, size_t size);
size_t limn_la_serial_reflect_work(size_t n, size_t columns);

#endif
