/* fuzz.c: random inputs (libFuzzer) for everything that reads what others have written. The
 * environment variable LIMN_FUZZ names the target: npy, idx, npz, checkpoint and message are read
 * by C, the others by the functions of targets.lua in a Lua state with limn's module. */
#include <fcntl.h>
#include <lauxlib.h>
#include <lualib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "limn/mlp.h"
#include "num/io/npy.h"
#include "sys/message.h"

int luaopen_limn(lua_State *L);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

enum { MOST_ENTRIES = 1 << 20, MOST_PARAMETERS = 1 << 16, OPTIMIZERS = 6 };

/* A regular file in memory with these bytes; its path is written to path. */
static int file_of(char path[64], const uint8_t *bytes, size_t n) {
  int fd = memfd_create("fuzz", MFD_CLOEXEC);
  if (fd < 0 || write(fd, bytes, n) != (ssize_t)n) abort();
  snprintf(path, 64, "/proc/self/fd/%d", fd);
  return fd;
}

static void read_array(limn_npy *npy) {
  limn_err err;
  size_t entries = 1;
  for (int i = 0; i < npy->rank; i++) entries *= npy->dims[i];
  double *data = entries <= MOST_ENTRIES ? calloc(entries + 1, sizeof *data) : NULL;
  limn_array a;
  if (data) {
    a = limn_array_view(LIMN_F64, npy->rank, npy->dims, data);
    (void)limn_npy_read(npy, &a, &err);
  }
  free(data);
  limn_npy_close(npy);
}

static void npy(const char *path) {
  limn_npy *npy;
  limn_err err;
  if (limn_npy_open(&npy, path, &err) == LIMN_OK) read_array(npy);
}

static void idx(const char *path) {
  limn_npy *npy;
  limn_err err;
  if (limn_idx_open(&npy, path, &err) == LIMN_OK) read_array(npy);
}

static void npz(const char *path) {
  limn_npz *z;
  limn_err err;
  if (limn_npz_open(&z, path, &err) != LIMN_OK) return;
  for (size_t i = 0; i < limn_npz_count(z) && i < 16; i++) {
    limn_npy *npy;
    if (strlen(limn_npz_name(z, i)) > 65535) abort();
    if (limn_npz_member(&npy, z, i, &err) == LIMN_OK) read_array(npy);
  }
  limn_npz_close(z);
}

/* The hash is no secret: whoever makes a file computes it. So the last 8 bytes are replaced by the
 * right hash (src/num/mlp/checkpoint.c), and what is loaded is trained for one step. */
static void checkpoint(const uint8_t *bytes, size_t n) {
  uint64_t hash = 0;
  if (n < 16 || n % 8) return;
  uint8_t *copy = malloc(n);
  memcpy(copy, bytes, n);
  for (size_t i = 0; i + 8 < n; i += 8) {
    uint64_t word;
    memcpy(&word, copy + i, 8);
    hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
    hash ^= hash >> 29;
  }
  memcpy(copy + n - 8, &hash, 8);
  char path[64];
  int fd = file_of(path, copy, n);
  free(copy);
  limn_mlp *net;
  limn_err err;
  if (limn_mlp_load(&net, path, &err) == LIMN_OK) {
    const limn_mlp_spec *spec = limn_mlp_spec_of(net);
    size_t in = spec->sizes[0], out = spec->sizes[spec->layers];
    bool small = in + out <= MOST_PARAMETERS && spec->count <= 64;
    double *x = small ? calloc(2 * (in + out), sizeof *x) : NULL;
    limn_mlp_outcome *outcomes = small ? calloc(spec->count + 1, sizeof *outcomes) : NULL;
    for (int optimizer = 0; x && outcomes && optimizer < OPTIMIZERS; optimizer++) {
      limn_mlp_rule rule = {.optimizer = (limn_mlp_optimizer)optimizer,
                            .rate = 1e-3,
                            .momentum = 0.9,
                            .beta2 = 0.999,
                            .epsilon = 1e-8,
                            .steps = 1,
                            .tolerance = -1};
      for (size_t l = 0; l < LIMN_MLP_LAYERS; l++) rule.rates[l] = 1;
      (void)limn_mlp_train(net, outcomes, x, x + 2 * in, 2, &rule, NULL, &err);
    }
    free(x);
    free(outcomes);
    limn_mlp_free(net);
  }
  close(fd);
}

static void message(const uint8_t *bytes, size_t n) {
  limn_message m;
  limn_message_item item;
  if (!limn_message_open(&m, (const char *)bytes, n)) return;
  while (limn_message_next(&m, &item) == 1) {
    if (item.bytes < (const char *)bytes || item.bytes + item.size > (const char *)bytes + n)
      abort();
    (void)limn_message_broken(&item);
  }
}

/* The function of targets.lua with that name; its errors end the program with a traceback. */
static lua_State *state_for(const char *name) {
  lua_State *L = luaL_newstate();
  luaL_openlibs(L);
  lua_pushcfunction(L, luaopen_limn);
  if (lua_pcall(L, 0, 1, 0)) fprintf(stderr, "%s\n", lua_tostring(L, -1)), abort();
  lua_getglobal(L, "package");
  lua_getfield(L, -1, "loaded");
  lua_pushvalue(L, -3);
  lua_setfield(L, -2, "limn");
  lua_settop(L, 0);
  const char *file = getenv("LIMN_FUZZ_TARGETS");
  if (luaL_dofile(L, file ? file : "tests/fuzz/targets.lua"))
    fprintf(stderr, "%s\n", lua_tostring(L, -1)), abort();
  if (lua_getfield(L, -1, name) != LUA_TFUNCTION)
    fprintf(stderr, "fuzz: no target is called %s\n", name), exit(2);
  return L;
}

static void run_lua(const char *name, const uint8_t *bytes, size_t n) {
  static lua_State *L; /* one for all inputs: what an input leaves behind is met by the next */
  if (!L) L = state_for(name);
  lua_settop(L, 2);
  lua_getglobal(L, "debug");
  lua_getfield(L, -1, "traceback");
  lua_pushvalue(L, 2);
  lua_pushlstring(L, (const char *)bytes, n);
  if (lua_pcall(L, 1, 0, 4)) fprintf(stderr, "%s\n", luaL_tolstring(L, -1, NULL)), abort();
  lua_settop(L, 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
  static const struct {
    const char *name;
    void (*read)(const char *path);
  } files[] = {{"npy", npy}, {"idx", idx}, {"npz", npz}};
  const char *name = getenv("LIMN_FUZZ");
  if (!name) fprintf(stderr, "fuzz: LIMN_FUZZ names the target\n"), exit(2);
  if (strcmp(name, "checkpoint") == 0) return checkpoint(bytes, n), 0;
  if (strcmp(name, "message") == 0) return message(bytes, n), 0;
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    if (strcmp(name, files[i].name) != 0) continue;
    char path[64];
    int fd = file_of(path, bytes, n);
    files[i].read(path);
    close(fd);
    return 0;
  }
  run_lua(name, bytes, n);
  return 0;
}
