/* machine.c: properties of machine and build: limn.info, limn.threads, limn.isa. */
#include "bind/fields.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "num/linalg/linalg.h"
#include "limn/cpu.h"
#include "limn/memory.h"

/* info(): a table of versions, CPU, instruction set, threads, BLAS. */
static int l_info(lua_State *L) {
  bind_arguments(L, 0, "info");
  char cpu[128];
  limn_cpu_name(cpu, sizeof cpu);
  lua_createtable(L, 0, 10);
  bind_setstring(L, "version", limn_version());
  lua_getglobal(L, "_VERSION");
  lua_setfield(L, -2, "lua");
  bind_setstring(L, "cpu", cpu);
  bind_setstring(L, "isa", limn_isa_name(limn_isa_get()));
  bind_setinteger(L, "threads", (uint64_t)limn_threads_get());
  bind_setstring(L, "blas", limn_la_config());
  bind_setstring(L, "blas_core", limn_la_core());
#if defined(__clang__)
  bind_setstring(L, "compiler", "clang " __clang_version__);
#else
  bind_setstring(L, "compiler", "gcc " __VERSION__);
#endif
  return 1;
}

/* Bytes of address space of this process. */
static lua_Integer mapped(void) {
  unsigned long long pages = 0;
  FILE *f = fopen("/proc/self/statm", "re");
  if (!f) return 0;
  if (fscanf(f, "%llu", &pages) != 1) pages = 0;
  fclose(f);
  return (lua_Integer)pages * sysconf(_SC_PAGESIZE);
}

/* warm() -> the bytes that the buffer of BLAS has added to the address space: a limit of a cell's
 * memory comes in addition to it. */
static int l_warm(lua_State *L) {
  lua_Integer before = mapped();
  limn_la_warm();
  return lua_pushinteger(L, mapped() - before), 1;
}

/* memory() -> bytes that nets, feature sets and work space use; the limit of the host, or nil */
static int l_memory(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)limn_memory_used());
  if (limn_memory_limit() == 0) return 1;
  lua_pushinteger(L, (lua_Integer)limn_memory_limit());
  return 2;
}

/* threads([n]): the maximum number of threads of numerics and BLAS; n sets it first (0 = all
 * cores). */
static int l_threads(lua_State *L) {
  bind_arguments(L, 1, "threads");
  limn_err err;
  if (!lua_isnoneornil(L, 1))
    bind_check(L, limn_threads_set((int)bind_checkint(L, 1, "threads", "n", 0, 1024), &err), &err,
               "threads");
  lua_pushinteger(L, limn_threads_get());
  return 1;
}

/* isa([name]): the instruction set in use, "ref", "avx2" or "avx512"; name selects one. */
static int l_isa(lua_State *L) {
  bind_arguments(L, 1, "isa");
  limn_err err;
  if (!lua_isnoneornil(L, 1)) {
    const char *name = lua_type(L, 1) == LUA_TSTRING ? lua_tostring(L, 1) : bind_typename(L, 1);
    int found = -1;
    for (int i = LIMN_ISA_REF; i <= LIMN_ISA_AVX512; i++)
      if (strcmp(name, limn_isa_name((limn_isa)i)) == 0) found = i;
    if (found < 0)
      bind_error(L, "isa: name must be \"ref\", \"avx2\" or \"avx512\", got %.40s", name);
    limn_status status = limn_isa_set((limn_isa)found, &err);
    if (status == LIMN_EUNSUPPORTED) { /* an expected failure: it depends on the machine */
      char text[700];
      lua_pushnil(L);
      lua_pushstring(L, limn_err_text(text, sizeof text, &err, "isa", 1));
      return 2;
    }
    bind_check(L, status, &err, "isa");
  }
  lua_pushstring(L, limn_isa_name(limn_isa_get()));
  return 1;
}

/* hold_blas(on): between true and false BLAS keeps limn's thread count, so that processes forked in
 * between need not set it. */
static int l_hold_blas(lua_State *L) {
  if (lua_toboolean(L, 1))
    limn_la_enter();
  else
    limn_la_leave();
  return 0;
}

int l_open_machine(lua_State *L) {
  struct rlimit limit; /* one that is set already */
  if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) limn_la_warm();
  static const luaL_Reg functions[] = {
      {"info", l_info}, {"threads", l_threads}, {"isa", l_isa}, {"hold_blas", l_hold_blas},
      {"warm", l_warm}, {"memory", l_memory},   {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
