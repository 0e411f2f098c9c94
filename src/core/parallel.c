/* parallel.c: independent tasks on threads.
 *
 * Threads are created and joined inside the call. Creating one costs about 15 us; in return a
 * process that forks sweep workers never inherits a thread pool without threads. The assignment of
 * tasks to workers is not deterministic, so a task writes only to its own part of the output, and
 * the caller sums over tasks afterwards in task order. */
#include "core/core.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

enum { MAX_WORKERS = 256 };

typedef struct {
  limn_task *body;
  void *ctx;
  const limn_token *token;
  size_t tasks;
  atomic_size_t next, done;
  atomic_bool stopped; /* by the progress callback */
} job;

typedef struct {
  job *job;
  int worker;
} helper;

static void work(job *j, int worker) {
  for (;;) {
    if (limn_cancelled(j->token) || atomic_load(&j->stopped)) return;
    size_t task = atomic_fetch_add(&j->next, 1);
    if (task >= j->tasks) return;
    j->body(j->ctx, task, worker);
    size_t done = atomic_fetch_add(&j->done, 1) + 1;
    if (worker == 0 && limn_tick(j->token, (double)done, (double)j->tasks))
      atomic_store(&j->stopped, true);
  }
}

static void *run_helper(void *p) {
  helper *s = p;
  work(s->job, s->worker);
  return NULL;
}

int limn_workers(size_t tasks) {
  size_t n = (size_t)limn_threads_get();
  if (n > MAX_WORKERS) n = MAX_WORKERS;
  if (n > tasks) n = tasks;
  return n < 1 ? 1 : (int)n;
}

limn_status limn_parallel(size_t tasks, limn_task *body, void *ctx, const limn_token *token,
                          limn_err *err) {
  job j = {.body = body, .ctx = ctx, .token = token, .tasks = tasks};
  atomic_init(&j.next, 0);
  atomic_init(&j.done, 0);
  atomic_init(&j.stopped, false);
  int workers = limn_workers(tasks), started = 0;
  pthread_t threads[MAX_WORKERS];
  helper helpers[MAX_WORKERS];
  if (workers > 1) {
    /* Helper threads block all signals, so that SIGINT is delivered to the host's thread. */
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    for (int w = 1; w < workers; w++) {
      helpers[started] = (helper){&j, w};
      if (pthread_create(&threads[started], NULL, run_helper, &helpers[started]) != 0) break;
      started++;
    }
    pthread_sigmask(SIG_SETMASK, &old, NULL);
  }
  work(&j, 0);
  for (int i = 0; i < started; i++) pthread_join(threads[i], NULL);
  if (atomic_load(&j.done) < tasks) return limn_stopped(err);
  return LIMN_OK;
}
