/* threads.c: two Lua states in two threads at a time, and calls of the module on small stacks. */
#include "check.h"

#include <pthread.h>

enum { STACK = 128 << 10 }; /* bytes */

static void *work(void *result) {
  limn_config c = settings();
  for (int i = 0; i < 3; i++) {
    lua_State *L = limn_new(&c);
    const char *code =
        "local limn = require 'limn' local f = limn.features.toy{points=32, count=2000, "
        "perfect=100} "
        "local fit = limn.regress.minnorm(f, f.labels) local c = limn.contrib.analyse(f, fit) "
        "local net = limn.mlp.new{sizes={2, 32, 1}} local X, y = limn.data.xor() net:train(X, y, "
        "{steps=50}) "
        "local A = limn.rng.stream(1):normal(60, 60) A:svd() A:solve(A) A:eig() A:median(); (A + "
        "A:T()):eigh() "
        "limn.regress.l1(A:slice(1, 20), A:col(1):slice(1, 20)) "
        "return c.ratio";
    if (!L || luaL_dostring(L, code) != LUA_OK) {
      fprintf(stderr, "%s\n", L ? luaL_tolstring(L, -1, NULL) : "no state");
      *(double *)result = -1;
      return NULL;
    }
    *(double *)result = lua_tonumber(L, -1);
    limn_close(L);
  }
  return NULL;
}

int main(void) {
  pthread_t thread[2];
  pthread_attr_t small;
  double ratio[2] = {0, 0};
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, STACK);
  for (int t = 0; t < 2; t++) pthread_create(&thread[t], &small, work, &ratio[t]);
  for (int t = 0; t < 2; t++) pthread_join(thread[t], NULL);
  CHECK(ratio[0] > 0 && ratio[0] == ratio[1], "%g and %g", ratio[0], ratio[1]);
  printf("threads: %d failures\n", failures);
  return failures > 0;
}
