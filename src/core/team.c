/* team.c: threads that run one loop together, with barriers between its steps.
 *
 * limn_parallel is for independent tasks; a team is for steps that take less time than creating a
 * thread. A barrier spins for some microseconds and then blocks on a futex. If a thread is
 * descheduled, the waiters thereby yield their cores to it; a futex wakes them faster than
 * sched_yield. */
#include "core/core.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#if defined(__linux__)
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

enum { MAX_THREADS = 256, SPINS = 4000 };

struct limn_team {
  limn_team_body *body;
  void *ctx;
  int size;
  atomic_int gate; /* 1 when size is set */
  atomic_int waiting, phase;
  atomic_int blocked; /* threads blocked on the futex of gate or phase */
};

static void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

/* Returns once *value differs from old. A waiter increments `blocked` before it reads *value, and
 * change() writes *value before it reads `blocked`, so no wake-up is lost. */
static void wait_for(limn_team *team, atomic_int *value, int old) {
  for (int spin = 0; spin < SPINS; spin++) {
    if (atomic_load_explicit(value, memory_order_acquire) != old) return;
    pause_briefly();
  }
  atomic_fetch_add(&team->blocked, 1);
  while (atomic_load(value) == old) {
#if defined(__linux__)
    syscall(SYS_futex, value, FUTEX_WAIT_PRIVATE, old, NULL, NULL, 0);
#else
    sched_yield();
#endif
  }
  atomic_fetch_sub(&team->blocked, 1);
}

static void change(limn_team *team, atomic_int *value, int to) {
  atomic_store(value, to);
#if defined(__linux__)
  if (atomic_load(&team->blocked) > 0)
    syscall(SYS_futex, value, FUTEX_WAKE_PRIVATE, MAX_THREADS, NULL, NULL, 0);
#else
  (void)team;
#endif
}

void limn_barrier(limn_team *team) {
  if (team->size == 1) return;
  int phase = atomic_load_explicit(&team->phase, memory_order_relaxed);
  if (atomic_fetch_add_explicit(&team->waiting, 1, memory_order_acq_rel) == team->size - 1) {
    atomic_store_explicit(&team->waiting, 0, memory_order_relaxed);
    change(team, &team->phase, phase + 1);
  } else
    wait_for(team, &team->phase, phase);
}

typedef struct {
  limn_team *team;
  int rank;
} member;

static void *run_member(void *p) {
  member *m = p;
  wait_for(m->team, &m->team->gate, 0);
  m->team->body(m->team->ctx, m->team, m->rank, m->team->size);
  return NULL;
}

void limn_team_run(int threads, limn_team_body *body, void *ctx) {
  limn_team team = {.body = body, .ctx = ctx, .size = 1};
  atomic_init(&team.gate, 0);
  atomic_init(&team.waiting, 0);
  atomic_init(&team.phase, 0);
  atomic_init(&team.blocked, 0);
  pthread_t ids[MAX_THREADS] = {0};
  member members[MAX_THREADS];
  if (threads > MAX_THREADS) threads = MAX_THREADS;
  sigset_t all, old; /* signals are for the host's thread */
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &old);
  while (team.size < threads) {
    members[team.size] = (member){&team, team.size};
    if (pthread_create(&ids[team.size], NULL, run_member, &members[team.size]) != 0) break;
    team.size++;
  }
  pthread_sigmask(SIG_SETMASK, &old, NULL);
  change(&team, &team.gate, 1);
  body(ctx, &team, 0, team.size);
  for (int i = 1; i < team.size; i++) pthread_join(ids[i], NULL);
}
