/* board.c: limn.native.board: which worker has which cell, in memory that forked processes share. A
 * worker takes its next cell here by itself, so it never waits for its parent; the parent sees who
 * works on what and since when, and what a worker held that died.
 *
 * Cells are places 1 .. n in the order in which they are to start. owner[] is the truth: one
 * compare-and-swap makes a cell a worker's. `next` is where to look first: no cell before it is
 * free; its upper bits count releases, so that nobody moves it over a cell that was just freed. A
 * worker names a cell in its slot before it takes it: so what a dead one held is the cell in its
 * slot, if that is its own. */
#include "bind/bind.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define BOARD "limn.board"

enum { PLACE_BITS = 40 };
#define PLACE ((UINT64_C(1) << PLACE_BITS) - 1)

typedef struct slot {
  _Atomic uint64_t cell;  /* 0: none yet */
  _Atomic uint64_t since; /* the bits of a double: seconds; 0: not at work */
} slot;

typedef struct board {
  char *memory;
  size_t bytes, cells, workers;
  _Atomic uint64_t *next; /* counts from 0 */
  _Atomic uint32_t *stop;
  slot *slots;
  _Atomic uint16_t *owner;
} board;

static int board_gc(lua_State *L) {
  board *b = luaL_checkudata(L, 1, BOARD);
  if (b->memory) munmap(b->memory, b->bytes);
  b->memory = NULL;
  return 0;
}

static board *check(lua_State *L) {
  board *b = luaL_checkudata(L, 1, BOARD);
  if (!b->memory) luaL_error(L, "board: it is closed");
  return b;
}

static size_t which(lua_State *L, int idx, size_t most, const char *what) {
  lua_Integer i = luaL_checkinteger(L, idx);
  if (i < 1 || (lua_Unsigned)i > most)
    luaL_error(L, "board: no %s %I of %I", what, (LUAI_UACINT)i, (LUAI_UACINT)most);
  return (size_t)i;
}

/* new(cells, workers) -> board */
static int new_board(lua_State *L) {
  lua_Integer cells = luaL_checkinteger(L, 1), workers = luaL_checkinteger(L, 2);
  luaL_argcheck(L, cells >= 1 && (lua_Unsigned)cells < PLACE / 8, 1, "a count of cells");
  luaL_argcheck(L, workers >= 1 && workers < UINT16_MAX, 2, "a count of workers");
  board *b = lua_newuserdatauv(L, sizeof *b, 0);
  memset(b, 0, sizeof *b);
  luaL_setmetatable(L, BOARD);
  b->cells = (size_t)cells;
  b->workers = (size_t)workers;
  size_t head = 2 * sizeof(uint64_t), at = head + b->workers * sizeof *b->slots;
  b->bytes = at + b->cells * sizeof *b->owner;
  void *memory = mmap(NULL, b->bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    return luaL_error(L, "not enough memory to hand out %I cells", (LUAI_UACINT)cells);
  b->memory = memory;
  b->next = memory; /* new memory is zero */
  b->stop = (void *)(b->memory + sizeof(uint64_t));
  b->slots = (void *)(b->memory + head);
  b->owner = (void *)(b->memory + at);
  return 1;
}

static uint64_t clock_bits(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  double seconds = (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
  uint64_t bits;
  memcpy(&bits, &seconds, sizeof bits);
  return bits;
}

/* board:take(worker) -> the place of the cell that is this worker's now, or nil: there is none, or
 * the sweep stops */
static int take(lua_State *L) {
  board *b = check(L);
  size_t worker = which(L, 2, b->workers, "worker");
  slot *s = &b->slots[worker - 1];
  atomic_store(&s->since, 0);
  if (atomic_load(b->stop)) return 0;
  uint64_t seen = atomic_load(b->next);
  for (uint64_t k = seen & PLACE; k < b->cells; k++) {
    uint16_t nobody = 0;
    if (atomic_load(&b->owner[k])) continue;
    atomic_store(&s->cell, k + 1);
    if (!atomic_compare_exchange_strong(&b->owner[k], &nobody, (uint16_t)worker)) continue;
    atomic_store(&s->since, clock_bits());
    atomic_compare_exchange_strong(b->next, &seen, (seen & ~PLACE) | (k + 1));
    lua_pushinteger(L, (lua_Integer)k + 1);
    return 1;
  }
  return 0;
}

/* board:rest(worker): it is through with its cell */
static int rest(lua_State *L) {
  board *b = check(L);
  atomic_store(&b->slots[which(L, 2, b->workers, "worker") - 1].since, 0);
  return 0;
}

/* board:held(worker) -> the place of the cell that it took last, and since when it works on it, nil
 * if it does not; nil if it took none */
static int held(lua_State *L) {
  board *b = check(L);
  size_t worker = which(L, 2, b->workers, "worker");
  slot *s = &b->slots[worker - 1];
  uint64_t before, cell, bits;
  do { /* both of one moment */
    before = atomic_load(&s->cell);
    bits = atomic_load(&s->since);
    cell = atomic_load(&s->cell);
  } while (before != cell);
  if (cell == 0 || cell > b->cells || atomic_load(&b->owner[cell - 1]) != worker) return 0;
  double since;
  memcpy(&since, &bits, sizeof since);
  lua_pushinteger(L, (lua_Integer)cell);
  if (bits == 0) return 1;
  lua_pushnumber(L, since);
  return 2;
}

/* board:clear(worker): its number is for another now */
static int clear(lua_State *L) {
  board *b = check(L);
  slot *s = &b->slots[which(L, 2, b->workers, "worker") - 1];
  atomic_store(&s->since, 0);
  atomic_store(&s->cell, 0);
  return 0;
}

/* board:release(place): the cell is anybody's again */
static int release(lua_State *L) {
  board *b = check(L);
  uint64_t k = which(L, 2, b->cells, "cell") - 1, seen = atomic_load(b->next), now;
  atomic_store(&b->owner[k], 0);
  do {
    uint64_t at = seen & PLACE;
    now = ((seen & ~PLACE) + PLACE + 1) | (at < k ? at : k);
  } while (!atomic_compare_exchange_weak(b->next, &seen, now));
  return 0;
}

/* board:left() -> whether there are cells that nobody took */
static int left(lua_State *L) {
  board *b = check(L);
  uint64_t k = atomic_load(b->next) & PLACE;
  while (k < b->cells && atomic_load(&b->owner[k])) k++;
  lua_pushboolean(L, k < b->cells);
  return 1;
}

/* board:stop(): nobody takes a cell any more */
static int stop(lua_State *L) {
  atomic_store(check(L)->stop, 1);
  return 0;
}

int l_open_board(lua_State *L) {
  static const luaL_Reg methods[] = {{"take", take},       {"held", held},      {"rest", rest},
                                     {"clear", clear},     {"left", left},      {"stop", stop},
                                     {"release", release}, {"close", board_gc}, {NULL, NULL}};
  static const luaL_Reg meta[] = {{"__gc", board_gc}, {"__close", board_gc}, {NULL, NULL}};
  static const luaL_Reg functions[] = {{"new", new_board}, {NULL, NULL}};
  l_class(L, BOARD, methods, meta);
  luaL_newlib(L, functions);
  return 1;
}
