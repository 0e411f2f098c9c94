/* test_board.c: each cell is claimed once, by any number of processes; the cell of a killed worker
 * is known and can be given to another. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/board.h"
#include "sys/clock.h"

enum { CELLS = 20000, WORKERS = 6 };

static void *shared(size_t bytes) {
  void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  cr_assert(p != MAP_FAILED);
  return p;
}

static limn_board opened(size_t cells, size_t workers) {
  limn_board b;
  limn_err err;
  cr_assert_eq(limn_board_open(&b, cells, workers, &err), LIMN_OK, "%s", err.text);
  return b;
}

static void await_all(int n) {
  for (int i = 0; i < n; i++) {
    int status;
    cr_assert(wait(&status) > 0);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
}

Test(board, counts_are_checked) {
  limn_board b;
  limn_err err;
  cr_assert_eq(limn_board_open(&b, 0, 1, &err), LIMN_EINVAL);
  cr_assert_eq(limn_board_open(&b, LIMN_BOARD_CELLS + 1, 1, &err), LIMN_EINVAL);
  cr_assert_eq(limn_board_open(&b, 1, 0, &err), LIMN_EINVAL);
  cr_assert_eq(limn_board_open(&b, 1, LIMN_BOARD_WORKERS + 1, &err), LIMN_EINVAL);
  cr_assert_null(b.memory);
  limn_board_close(&b);
  b = opened(1, LIMN_BOARD_WORKERS);
  cr_assert_eq(limn_board_take(&b, LIMN_BOARD_WORKERS), 1);
  limn_board_close(&b);
  limn_board_close(&b);
}

Test(board, one_worker_gets_the_cells_in_order) {
  limn_board b = opened(5, 1);
  double since;
  cr_assert_eq(limn_board_held(&b, 1, &since), 0);
  for (size_t k = 1; k <= 5; k++) {
    cr_assert(limn_board_left(&b));
    double before = limn_clock();
    cr_assert_eq(limn_board_take(&b, 1), k);
    cr_assert_eq(limn_board_held(&b, 1, &since), k);
    cr_assert(since >= before && since <= limn_clock());
    limn_board_rest(&b, 1);
    cr_assert_eq(limn_board_held(&b, 1, &since), k);
    cr_assert_eq(since, 0);
  }
  cr_assert_not(limn_board_left(&b));
  cr_assert_eq(limn_board_take(&b, 1), 0);
  limn_board_clear(&b, 1);
  cr_assert_eq(limn_board_held(&b, 1, &since), 0);
}

Test(board, stop_ends_the_claims) {
  limn_board b = opened(5, 2);
  cr_assert_eq(limn_board_take(&b, 1), 1);
  limn_board_stop(&b);
  cr_assert_eq(limn_board_take(&b, 1), 0);
  cr_assert_eq(limn_board_take(&b, 2), 0);
  cr_assert(limn_board_left(&b));
}

Test(board, forked_workers_claim_every_cell_once) {
  limn_board b = opened(CELLS, WORKERS);
  _Atomic uint32_t *times = shared(CELLS * sizeof *times), *go = shared(sizeof *go);
  for (size_t w = 1; w <= WORKERS; w++)
    if (fork() == 0) {
      size_t k;
      while (!atomic_load(go)) continue;
      while ((k = limn_board_take(&b, w))) atomic_fetch_add(&times[k - 1], 1);
      _exit(0);
    }
  atomic_store(go, 1);
  await_all(WORKERS);
  for (size_t k = 0; k < CELLS; k++) cr_assert_eq(atomic_load(&times[k]), 1, "cell %zu", k + 1);
  cr_assert_not(limn_board_left(&b));
}

/* Each cell is released once by the first process that claims it, so each must be claimed exactly
 * twice. A `next` that moved past a freed cell (the ABA race) would leave some claimed once. */
Test(board, released_cells_are_claimed_again) {
  limn_board b = opened(CELLS, WORKERS);
  _Atomic uint32_t *times = shared(CELLS * sizeof *times), *go = shared(sizeof *go);
  for (size_t w = 1; w <= WORKERS; w++)
    if (fork() == 0) {
      size_t k;
      while (!atomic_load(go)) continue;
      while ((k = limn_board_take(&b, w)))
        if (atomic_fetch_add(&times[k - 1], 1) == 0) limn_board_release(&b, k);
      _exit(0);
    }
  atomic_store(go, 1);
  await_all(WORKERS);
  for (size_t k; (k = limn_board_take(&b, 1));) { /* freed after the others had reached the end */
    cr_assert_eq(atomic_load(&times[k - 1]), 1, "cell %zu", k);
    atomic_fetch_add(&times[k - 1], 1);
  }
  for (size_t k = 0; k < CELLS; k++) cr_assert_eq(atomic_load(&times[k]), 2, "cell %zu", k + 1);
}

Test(board, what_a_killed_worker_held_is_known_and_released) {
  limn_board b = opened(100, 3);
  _Atomic uint32_t *times = shared(100 * sizeof *times), *begun = shared(sizeof *begun);
  double since;
  pid_t victim = fork();
  if (victim == 0) {
    for (int i = 0; i < 10; i++) atomic_fetch_add(&times[limn_board_take(&b, 3) - 1], 1);
    atomic_store(begun, 1);
    for (;;) pause();
  }
  while (!atomic_load(begun)) usleep(100);
  kill(victim, SIGKILL);
  cr_assert_eq(waitpid(victim, NULL, 0), victim);
  size_t held = limn_board_held(&b, 3, &since);
  cr_assert_eq(held, 10);
  cr_assert(since > 0);
  atomic_fetch_sub(&times[held - 1], 1);
  limn_board_release(&b, held);
  cr_assert_eq(limn_board_held(&b, 3, &since), 0);
  for (size_t w = 1; w <= 2; w++)
    if (fork() == 0) {
      size_t k;
      while ((k = limn_board_take(&b, w))) atomic_fetch_add(&times[k - 1], 1);
      _exit(0);
    }
  await_all(2);
  for (size_t k = 0; k < 100; k++) cr_assert_eq(atomic_load(&times[k]), 1, "cell %zu", k + 1);
}

/* A worker is killed at any point of claiming: the cell it held, as read by the parent, and the
 * cells it finished are all the cells it claimed. */
Test(board, a_kill_at_any_moment_loses_no_cell) {
  for (int round = 0; round < 60; round++) {
    limn_board b = opened(CELLS, 1);
    _Atomic uint32_t *done = shared(CELLS * sizeof *done);
    pid_t victim = fork();
    if (victim == 0) {
      size_t k;
      while ((k = limn_board_take(&b, 1))) atomic_store(&done[k - 1], 1);
      for (;;) pause();
    }
    usleep((unsigned)(round * 17));
    kill(victim, SIGKILL);
    cr_assert_eq(waitpid(victim, NULL, 0), victim);
    double since;
    size_t held = limn_board_held(&b, 1, &since);
    if (held && !atomic_load(&done[held - 1])) limn_board_release(&b, held);
    for (size_t k; (k = limn_board_take(&b, 1));) {
      cr_assert_eq(atomic_load(&done[k - 1]), 0, "cell %zu", k);
      atomic_store(&done[k - 1], 1);
    }
    for (size_t k = 0; k < CELLS; k++) cr_assert_eq(atomic_load(&done[k]), 1, "cell %zu", k + 1);
    munmap((void *)done, CELLS * sizeof *done);
    limn_board_close(&b);
  }
}
