/* host.c: a program with a Lua state of its own: limn leaves its flag, hook, masks, handlers,
 * locale and descriptors as they were, stops when it is asked to, and does not end it. */
#include "check.h"

#include <dirent.h>
#include <locale.h>
#include <pthread.h>
#include <unistd.h>

static volatile sig_atomic_t flag;

/* ---- the state of the process ---- */

typedef struct {
  sigset_t mask;
  struct sigaction actions[65];
  char locale[200];
  int files;
} process;

static int count_files(void) {
  int n = 0;
  DIR *d = opendir("/proc/self/fd");
  while (readdir(d)) n++;
  closedir(d);
  return n;
}

static process look(void) {
  process p;
  memset(&p, 0, sizeof p);
  pthread_sigmask(SIG_SETMASK, NULL, &p.mask);
  for (int s = 1; s < 65; s++) sigaction(s, NULL, &p.actions[s]);
  snprintf(p.locale, sizeof p.locale, "%s", setlocale(LC_ALL, NULL));
  p.files = count_files();
  return p;
}

static void check_same(const process *before, const char *what) {
  process now = look();
  for (int s = 1; s < 65; s++) {
    CHECK(sigismember(&before->mask, s) == sigismember(&now.mask, s), "%s: signal %d is %sblocked",
          what, s, sigismember(&now.mask, s) ? "" : "un");
    CHECK(before->actions[s].sa_handler == now.actions[s].sa_handler, "%s: handler of signal %d",
          what, s);
  }
  CHECK(strcmp(before->locale, now.locale) == 0, "%s: locale %s", what, now.locale);
  CHECK(before->files == now.files, "%s: %d files, then %d", what, before->files, now.files);
}

/* ---- cancelling ---- */

static void *set_later(void *after) {
  struct timespec t = {0, (long)(1e9 * *(double *)after)};
  nanosleep(&t, NULL);
  flag = 1;
  return NULL;
}

static int ticks;
static void host_hook(lua_State *L, lua_Debug *ar) {
  (void)L, (void)ar;
  ticks++;
}

/* The call ends soon after the flag is set, with an error of kind "interrupted"; flag and hook
 * stay. */
static void check_cancel(lua_State *L, const char *code, double within) {
  pthread_t other;
  double after = 0.3, began;
  lua_Hook hook = lua_gethook(L);
  flag = 0;
  pthread_create(&other, NULL, set_later, &after);
  began = seconds();
  char text[2000];
  snprintf(text, sizeof text,
           "local ok, e = pcall(function() %s end) assert(not ok, 'it went on') "
           "assert(type(e) == 'table' and e.kind == 'interrupted', tostring(e))",
           code);
  const char *said = run(L, text);
  double took = seconds() - began - after;
  pthread_join(other, NULL);
  CHECK(strcmp(said, "") == 0 || strstr(said, "interrupted"), "%s: %s", code, said);
  CHECK(took < within, "%s: %.2f s after the flag", code, took);
  CHECK(flag == 1, "%s: the flag was cleared", code);
  CHECK(lua_gethook(L) == hook, "%s: the hook was replaced", code);
  flag = 0;
}

static const char *const long_calls[] = {
    "net:train(X, y, {rate=1e-9, steps=1 << 50, tol=-1})",
    "limn.mlp.new{sizes={1000, 3000, 3000, 1}, init='orthogonal'}",
    "e:run{workers=0, quiet=true}",
    "e:run{workers=2, quiet=true}",
    "limn.rng.stream{}:normal(20000, 20000)",
    NULL};

static void cancels(void) {
  lua_State *L = luaL_newstate();
  luaL_openlibs(L);
  CHECK(limn_open_at(L, getenv("LIMN_PLACE")) == 0, "limn was not found");
  lua_pushlightuserdata(L, (void *)&flag);
  lua_setfield(L, LUA_REGISTRYINDEX, LIMN_CANCEL_FIELD);
  const char *said =
      run(L, "limn = require 'limn' X, y = limn.array{{1, 1}, {1, -1}}, limn.array{1, -1} "
             "net = limn.mlp.new{sizes={2, 16, 1}} "
             "e = limn.experiment{name='slow', run=false, params={n=1}, grid={n='1:40'}, "
             "measure=function(p, rng) local s = 0 for i = 1, 30 do s = s + rng:normal(1000, "
             "1000):sum() end return {v=s} end}");
  CHECK(strcmp(said, "") == 0, "%s", said);
  lua_sethook(L, host_hook, LUA_MASKCOUNT, 1000);
  process before = look();
  for (int i = 0; long_calls[i]; i++) check_cancel(L, long_calls[i], 2);
  check_same(&before, "cancelled calls");
  CHECK(ticks > 0, "the host's hook was not called");
  lua_close(L);
}

/* Lua code is stopped by the hook of limn, also code that catches errors in a loop. */
static void cancels_lua(void) {
  limn_config c = settings();
  c.cancel = &flag;
  lua_State *L = limn_new(&c);
  CHECK(L != NULL, "no state");
  check_cancel(L, "while true do end", 1);
  check_cancel(L, "local co = coroutine.wrap(function() while true do end end) co()", 1);
  pthread_t other;
  double after = 0.3;
  pthread_create(&other, NULL, set_later, &after);
  const char *said = run(L, "while true do pcall(function() while true do end end) end");
  CHECK(strstr(said, "interrupted"), "%s", said);
  pthread_join(other, NULL);
  flag = 0;
  said = run(L, "assert(1 + 1 == 2) for i = 1, 1e5 do end"); /* the state is usable */
  CHECK(strcmp(said, "") == 0, "%s", said);
  limn_close(L);
}

static int stop_at(void *user, double done, double total) {
  (void)done, (void)total;
  return ++*(int *)user >= 3;
}
static void nothing(void *user) {
  (void)user;
}

static void progress_cancels(void) {
  limn_config c = settings();
  lua_State *L = limn_new(&c);
  int calls = 0;
  limn_progress p = {nothing, stop_at, nothing, &calls};
  lua_pushlightuserdata(L, &p);
  lua_setfield(L, LUA_REGISTRYINDEX, LIMN_PROGRESS_FIELD);
  const char *said = run(
      L, "local limn = require 'limn' local X, y = limn.array{{1, 1}, {1, -1}}, limn.array{1, -1} "
         "local ok, e = pcall(function() return limn.mlp.new{sizes={2, 300, 300, 1}}:train(X, y, "
         "{rate=1e-9, steps=1 << 50, tol=-1}) end) "
         "assert(not ok and e.kind == 'interrupted', tostring(e))");
  CHECK(strcmp(said, "") == 0, "%s", said);
  CHECK(calls >= 3, "%d reports", calls);
  limn_close(L);
}

/* ---- sweeps ---- */

static int seen;
static int on_row(lua_State *L) {
  lua_getfield(L, 1, "v");
  if (lua_isnumber(L, -1)) seen++;
  lua_pushboolean(L, seen < 6);
  return 1;
}

static void sweeps(void) {
  limn_config c = settings();
  lua_State *L = limn_new(&c);
  lua_register(L, "on_row", on_row);
  const char *declare = "limn = require 'limn' e = limn.experiment{name='s', run=false, "
                        "params={n=1}, grid={n='1:24'}, "
                        "measure=function(p) return {v = p.n * p.n} end} ";
  CHECK(strcmp(run(L, declare), "") == 0, "declaration");
  signal(SIGCHLD, SIG_IGN); /* as daemons do */
  sigset_t block, old;
  sigemptyset(&block);
  sigaddset(&block, SIGINT);
  pthread_sigmask(SIG_BLOCK, &block, &old);
  process before = look();
  const char *said = run(L, "local rows, failed, stopped = e:run{workers=2, quiet=true} "
                            "assert(#rows == 24 and failed == 0 and not stopped, stopped)");
  CHECK(strcmp(said, "") == 0, "%s", said);
  check_same(&before, "a sweep with SIGCHLD ignored and SIGINT blocked");
  said = run(L, "assert(#e:run{workers=0, quiet=true} == 24)");
  CHECK(strcmp(said, "") == 0, "%s", said);
  check_same(&before, "a sweep in this process");
  signal(SIGCHLD, SIG_DFL);
  pthread_sigmask(SIG_SETMASK, &old, NULL);
  for (int workers = 0; workers <= 2; workers += 2) {
    char code[300];
    seen = 0;
    snprintf(code, sizeof code,
             "local rows, failed, stopped, kind = e:run{workers=%d, quiet=true, each=on_row} "
             "assert(#rows < 24 and kind == 'stopped' and stopped == 'stopped by each', stopped)",
             workers);
    said = run(L, code);
    CHECK(strcmp(said, "") == 0, "%s", said);
    CHECK(seen == 6, "each was called for %d rows", seen);
  }
  limn_close(L);
}

/* ---- the end of scripts and of the prompt ---- */

static void write_file(const char *path, const char *text) {
  FILE *f = fopen(path, "w");
  fputs(text, f);
  fclose(f);
}

static void returns(void) {
  limn_config c = settings();
  lua_State *L = limn_new(&c);
  write_file(
      "fails.lua",
      "local limn = require 'limn' return limn.experiment{name='fails', params={n=1}, "
      "grid={n='1:4'}, measure=function(p) if p.n == 2 then error 'no' end return {v=1} end}");
  write_file("fine.lua",
             "local limn = require 'limn' return limn.experiment{name='fine', params={n=1}, "
             "grid={n='1:4'}, measure=function(p) return {v=1} end}");
  lua_createtable(L, 2, 1);
  static const char *const words[] = {"fine.lua", "--quiet", "--workers", "0", "--no-check"};
  for (int i = 0; i < 5; i++) lua_pushstring(L, words[i]), lua_rawseti(L, -2, i);
  lua_setglobal(L, "arg");
  CHECK(luaL_dofile(L, "fine.lua") == LUA_OK, "%s", luaL_tolstring(L, -1, NULL));
  lua_settop(L, 0);
  lua_getglobal(L, "arg");
  lua_pushliteral(L, "fails.lua");
  lua_rawseti(L, -2, 0);
  lua_settop(L, 0);
  CHECK(luaL_dofile(L, "fails.lua") != LUA_OK, "a failed cell is an error");
  lua_getfield(L, -1, "code");
  CHECK(lua_tointeger(L, -1) == 1, "exit code %d", (int)lua_tointeger(L, -1));
  lua_settop(L, 0);
  CHECK(freopen("quit.txt", "r", stdin) != NULL, "no quit.txt");
  process before = look();
  CHECK(limn_repl(L) == 0, "the prompt failed");
  check_same(&before, "the prompt");
  CHECK(fgetc(stdin) != EOF, "the lines after :quit were read");
  limn_close(L);
}

/* ---- limits and sinks ---- */

typedef struct {
  char text[1000];
  size_t size;
} buffer;

static void collect(void *user, const char *text, size_t size) {
  buffer *b = user;
  if (b->size + size < sizeof b->text) memcpy(b->text + b->size, text, size), b->size += size;
}

static void limits(void) {
  buffer b = {.size = 0};
  limn_config c = settings();
  c.native_memory = 64 << 20, c.lua_memory = 48 << 20;
  c.threads = 1, c.isa = "ref";
  c.output = c.error_output = collect, c.user = &b;
  lua_State *L = limn_new(&c);
  const char *said =
      run(L, "local limn = require 'limn' assert(limn.threads() == 1 and limn.isa() == 'ref') "
             "local function refused(f) local ok, e = pcall(f) assert(not ok and tostring(e):find "
             "'memory', tostring(e)) end "
             "refused(function() return limn.mlp.new{sizes={2, 8000, 8000, 1}} end) "
             "refused(function() return limn.features.toy{points=1000, count=100000, complexity=4, "
             "storage='dense'} end) "
             "refused(function() return limn.zeros(4000, 4000) end) "
             "refused(function() return ('x'):rep(1 << 27) end) "
             "limn.mlp.new{sizes={2, 100, 1}} "
             "print(1, 'two') io.write('w', 3) io.stdout:write 'o' io.stderr:write 'e'");
  CHECK(strcmp(said, "") == 0, "%s", said);
  CHECK(b.size == 10 && memcmp(b.text, "1\ttwo\nw3oe", 10) == 0, "%.*s", (int)b.size, b.text);
  CHECK(limn_lua_memory_used(L) > 100000 && limn_lua_memory_used(L) < (48 << 20), "%llu bytes",
        (unsigned long long)limn_lua_memory_used(L));
  limn_close(L);
  c = settings();
  c.isa = "sse9";
  CHECK(limn_new(&c) == NULL, "an unknown instruction set");
  c = settings(), c.size = 3;
  CHECK(limn_new(&c) == NULL, "a size that no version had");
}

static void budget(void) {
  limn_config c = settings();
  c.seconds = 1;
  lua_State *L = limn_new(&c);
  double began = seconds();
  const char *said = run(
      L, "local limn = require 'limn' local X, y = limn.array{{1, 1}, {1, -1}}, limn.array{1, -1} "
         "while true do pcall(function() limn.mlp.new{sizes={2, 300, 300, 1}}:train(X, y, "
         "{rate=1e-9, steps=1 << 50, tol=-1}) end) end");
  CHECK(strstr(said, "time budget"), "%s", said);
  CHECK(seconds() - began < 4, "%.1f s", seconds() - began);
  limn_close(L);
  c = settings();
  c.instructions = 1000000;
  L = limn_new(&c);
  said = run(L, "while true do pcall(function() while true do end end) end");
  CHECK(strstr(said, "budget"), "%s", said);
  limn_close(L);
}

static void many(void) {
  limn_config c = settings();
  long at_first = 0;
  for (int i = 0; i < 60; i++) {
    lua_State *L = limn_new(&c);
    const char *said = run(L, "local limn = require 'limn' assert(limn.array{1, 2}:sum() == 3)");
    CHECK(strcmp(said, "") == 0, "%s", said);
    limn_close(L);
    long pages = 0, rest = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (fscanf(f, "%ld %ld", &rest, &pages) != 2) pages = 0;
    fclose(f);
    if (i == 20) at_first = pages;
    if (i == 59) CHECK(pages < at_first + 500, "%ld pages, then %ld", at_first, pages);
  }
}

int main(void) {
  write_file("quit.txt", "1 + 1\n:quit\nprint 'after'\n");
  cancels();
  cancels_lua();
  progress_cancels();
  sweeps();
  returns();
  limits();
  budget();
  many();
  printf("host: %d failures\n", failures);
  return failures > 0;
}
