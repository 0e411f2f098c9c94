/* threads.c: BLAS's number of threads during calls from limn. Contracts in linalg.h and
 * single_thread.h.
 *
 * OpenBLAS has one thread count for the whole process, which is the host program's, and its results
 * have different bits for different counts. The first call that enters saves the host's count and
 * sets limn's; the last call that leaves restores it. Overlapping calls, from threads of limn or of
 * the host, all use limn's count. */
#include <cblas.h>
#include <pthread.h>
#include <stdatomic.h>

#include "num/linalg/linalg.h"
#include "num/linalg/single_thread.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_int setting; /* set by limn_la_threads; 0: one */
static atomic_int inside;  /* calls that have entered and not left */
static int of_host;        /* the host's count while inside > 0 */

static void set_count(int threads) {
  if (threads != openblas_get_num_threads()) openblas_set_num_threads(threads);
}

static int wanted(void) {
  int threads = atomic_load(&setting);
  return threads > 0 ? threads : 1;
}

void limn_la_enter(void) {
  int n = atomic_load(&inside);
  while (n > 0)
    if (atomic_compare_exchange_weak(&inside, &n, n + 1)) return;
  pthread_mutex_lock(&lock);
  if (atomic_load(&inside) == 0) {
    of_host = openblas_get_num_threads();
    set_count(wanted());
  }
  atomic_fetch_add(&inside, 1);
  pthread_mutex_unlock(&lock);
}

void limn_la_leave(void) {
  int n = atomic_load(&inside);
  while (n > 1)
    if (atomic_compare_exchange_weak(&inside, &n, n - 1)) return;
  pthread_mutex_lock(&lock);
  if (atomic_fetch_sub(&inside, 1) == 1) set_count(of_host);
  pthread_mutex_unlock(&lock);
}

int limn_la_threads(int threads) {
  pthread_mutex_lock(&lock);
  int before = atomic_exchange(&setting, threads > 0 ? threads : 0);
  if (atomic_load(&inside) > 0) set_count(wanted());
  pthread_mutex_unlock(&lock);
  return before;
}

void limn_la_warm(void) {
  double one = 1, out = 0;
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, 1, 1, 1, 1, &one, 1, &one, 1, 0, &out, 1);
}

const char *limn_la_config(void) {
  return openblas_get_config();
}

const char *limn_la_core(void) {
  return openblas_get_corename();
}
