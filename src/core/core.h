/* core.h: errors, memory, cancellation and threads, for all layers above. Not installed. */
#ifndef LIMN_CORE_H
#define LIMN_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "limn/cpu.h"
#include "limn/status.h"
#include "limn/token.h"

#if UINTPTR_MAX < UINT64_MAX
#error "limn needs a 64-bit CPU: sizes and products of sizes are 64-bit numbers"
#endif

/* Fills err (if not NULL) and returns status, so that `return limn_fail(err, ...)` is one line:
 *   limn_fail(err, status, format, ...)                           a sentence
 *   limn_fail_argument(err, status, name, format, ...)            a predicate about one argument
 *   limn_fail_entry(err, status, name, row, column, format, ...)  and about one entry of it,
 *   counted
 *                                                                 from 0; column -1: a vector
 * name is the argument's name in the public header. */
#define limn_fail(err, status, ...) limn_fail_in(err, status, __func__, NULL, -1, -1, __VA_ARGS__)
#define limn_fail_argument(err, status, argument, ...)                                             \
  limn_fail_in(err, status, __func__, argument, -1, -1, __VA_ARGS__)
#define limn_fail_entry(err, status, argument, row, column, ...)                                   \
  limn_fail_in(err, status, __func__, argument, (int64_t)(row), (int64_t)(column), __VA_ARGS__)
limn_status limn_fail_in(limn_err *err, limn_status status, const char *function,
                         const char *argument, int64_t row, int64_t column, const char *format, ...)
    __attribute__((format(printf, 7, 8)));

/* Copies another call's error to err and returns its status. */
static inline limn_status limn_pass(limn_err *err, const limn_err *from) {
  if (err) *err = *from;
  return from->status;
}

/* LIMN_ENONFINITE for one entry, with one wording for all callers. */
#define limn_not_finite(err, argument, row, column, value)                                         \
  limn_not_finite_in(err, __func__, argument, (int64_t)(row), (int64_t)(column), value)
limn_status limn_not_finite_in(limn_err *err, const char *function, const char *argument,
                               int64_t row, int64_t column, double value);

/* count * size bytes, 64-byte aligned, zeroed; NULL if memory is refused or the product overflows.
 * limn_memory_fail_at makes a chosen call fail (for tests). Free with limn_free. */
void *limn_alloc(size_t count, size_t size);
void limn_free(void *p);

/* LIMN_ENOMEM with the sentence "no memory for <what> (<count> x <size> bytes)". */
#define limn_nomem(err, what, count, size) limn_nomem_in(err, __func__, what, count, size)
limn_status limn_nomem_in(limn_err *err, const char *function, const char *what, size_t count,
                          size_t size);

/* Test hook: the k-th allocation from now fails (1: the next); 0: none. */
void limn_memory_fail_at(long k);

/* Whether the token is cancelled by its flag or its deadline. */
static inline bool limn_cancelled(const limn_token *token) {
  return token && ((token->cancel && *token->cancel != 0) ||
                   (token->deadline > 0 && limn_seconds() > token->deadline));
}

/* Reports progress (calling thread only). Returns whether the token is cancelled, also by the
 * result of report; the caller must then stop, since limn_cancelled does not know that result. */
static inline bool limn_tick(const limn_token *token, double done, double total) {
  bool stop = token && token->report && token->report(token->user, done, total) != 0;
  return stop || limn_cancelled(token);
}

/* The token without its progress callback, for a part of a call whose caller reports. */
static inline limn_token limn_quiet(const limn_token *token) {
  limn_token quiet = {0};
  if (token) quiet.cancel = token->cancel, quiet.deadline = token->deadline;
  return quiet;
}

/* The error of a cancelled call. */
#define limn_stopped(err) limn_fail(err, LIMN_ECANCELLED, "interrupted")

/* Runs body(ctx, task, worker) for task = 0 .. tasks-1 on up to limn_threads_get() threads; the
 * calling thread is worker 0. Tasks start in order. The result of a task must not depend on the
 * worker. When the token is cancelled no further task starts, and LIMN_ECANCELLED is returned.
 * Worker 0 reports progress in tasks. Threads are created and joined inside the call, so fork is
 * safe before and after it. */
typedef void limn_task(void *ctx, size_t task, int worker);
limn_status limn_parallel(size_t tasks, limn_task *body, void *ctx, const limn_token *token,
                          limn_err *err);

/* The number of workers (>= 1) that limn_parallel uses for this many tasks; for sizing
 * workspaces. */
int limn_workers(size_t tasks);

/* Runs body(ctx, team, rank, size) for rank = 0 .. size-1 concurrently, size <= threads (less if
 * the system creates fewer threads); the calling thread is rank 0. limn_barrier returns when all
 * ranks have called it. Results must not depend on size. */
typedef struct limn_team limn_team;
typedef void limn_team_body(void *ctx, limn_team *team, int rank, int size);
void limn_team_run(int threads, limn_team_body *body, void *ctx);
void limn_barrier(limn_team *team);

static inline size_t limn_smaller(size_t a, size_t b) {
  return a < b ? a : b;
}

static inline size_t limn_larger(size_t a, size_t b) {
  return a > b ? a : b;
}

/* True if a*b overflows size_t; else *product = a*b. */
static inline bool limn_mul_overflows(size_t a, size_t b, size_t *product) {
  return __builtin_mul_overflow(a, b, product);
}

/* Whether an array of these dimensions and entries of `item` bytes can be addressed. Dimensions of
 * 0 count as 1, so that the strides of an empty array do not overflow either. */
static inline bool limn_dims_fit(int rank, const size_t *dims, size_t item) {
  size_t bytes = item;
  for (int k = 0; k < rank; k++)
    if (limn_mul_overflows(bytes, dims[k] ? dims[k] : 1, &bytes) || bytes > (size_t)1 << 46)
      return false;
  return true;
}

#endif
