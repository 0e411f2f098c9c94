/* board.c: limn.native.board: the table of claimed cells in memory that forked processes share
 * (sys/board.h). */
#include "bind/bind.h"

#include "sys/board.h"

#define BOARD "limn.board"

static int l_board_gc(lua_State *L) {
  limn_board_close(luaL_checkudata(L, 1, BOARD));
  return 0;
}

static limn_board *check(lua_State *L) {
  limn_board *b = luaL_checkudata(L, 1, BOARD);
  if (!b->memory) luaL_error(L, "board: it is closed");
  return b;
}

static size_t which(lua_State *L, size_t most, const char *what) {
  lua_Integer i = luaL_checkinteger(L, 2);
  if (i < 1 || (lua_Unsigned)i > most)
    luaL_error(L, "board: no %s %I of %I", what, (LUAI_UACINT)i, (LUAI_UACINT)most);
  return (size_t)i;
}

static size_t worker_of(lua_State *L, const limn_board *b) {
  return which(L, b->workers, "worker");
}

/* new(cells, workers) -> board */
static int l_new_board(lua_State *L) {
  lua_Integer cells = bind_checkint(L, 1, "board.new", "cells", 1, (lua_Integer)LIMN_BOARD_CELLS);
  lua_Integer workers = bind_checkint(L, 2, "board.new", "workers", 1, LIMN_BOARD_WORKERS);
  limn_err err;
  limn_board *b = lua_newuserdatauv(L, sizeof *b, 0);
  *b = (limn_board){NULL, 0, 0, 0};
  luaL_setmetatable(L, BOARD);
  bind_check(L, limn_board_open(b, (size_t)cells, (size_t)workers, &err), &err, "");
  return 1;
}

/* board:take(worker) -> a cell that the worker now owns; nil if none is free or the sweep stops */
static int l_take(lua_State *L) {
  limn_board *b = check(L);
  size_t cell = limn_board_take(b, worker_of(L, b));
  if (cell) return lua_pushinteger(L, (lua_Integer)cell), 1;
  return 0;
}

/* board:rest(worker): marks the worker idle */
static int l_rest(lua_State *L) {
  limn_board *b = check(L);
  limn_board_rest(b, worker_of(L, b));
  return 0;
}

/* board:held(worker) -> the cell that the worker owns, and when its measurement began (nil if the
 * worker is idle); nil if it owns none */
static int l_held(lua_State *L) {
  limn_board *b = check(L);
  double since;
  size_t cell = limn_board_held(b, worker_of(L, b), &since);
  if (cell == 0) return 0;
  lua_pushinteger(L, (lua_Integer)cell);
  if (since <= 0) return 1;
  lua_pushnumber(L, since);
  return 2;
}

/* board:clear(worker): frees the number of a worker for another process */
static int l_clear(lua_State *L) {
  limn_board *b = check(L);
  limn_board_clear(b, worker_of(L, b));
  return 0;
}

/* board:release(cell): makes a claimed cell free again */
static int l_release(lua_State *L) {
  limn_board *b = check(L);
  limn_board_release(b, which(L, b->cells, "cell"));
  return 0;
}

/* board:left() -> whether any cell is free */
static int l_left(lua_State *L) {
  lua_pushboolean(L, limn_board_left(check(L)));
  return 1;
}

/* board:stop(): from now on take returns nil */
static int l_stop(lua_State *L) {
  limn_board_stop(check(L));
  return 0;
}

int l_open_board(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"take", l_take},       {"held", l_held},      {"rest", l_rest},
      {"clear", l_clear},     {"left", l_left},      {"stop", l_stop},
      {"release", l_release}, {"close", l_board_gc}, {NULL, NULL}};
  static const luaL_Reg meta[] = {{"__gc", l_board_gc}, {"__close", l_board_gc}, {NULL, NULL}};
  static const luaL_Reg functions[] = {{"new", l_new_board}, {NULL, NULL}};
  bind_class(L, BOARD, methods, meta);
  luaL_newlib(L, functions);
  return 1;
}
