/* array_show.c: arrays as text: shape and dtype, then the entries, of a large array only those at
 * the edges. */
#include "limn/vocabulary.h"

#include "bind/numeric/array.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { EDGE = 5, CELL = 32 }; /* rows shown at each end; longest number */

static void push_head(lua_State *L, const limn_array *a) {
  char text[80];
  bind_shape_text(text, sizeof text, a);
  lua_pushfstring(L, "limn.array %s %s", text, limn_word_name(LIMN_WORDS_DTYPE, (int)a->dtype));
}

static double entry(const limn_array *a, size_t i, size_t j) {
  return limn_entry_get(a, (ptrdiff_t)i * a->stride[0] + (ptrdiff_t)j * a->stride[1]);
}

/* The position of the k-th of `shown` printed rows out of n: the first and the last ones. */
static size_t position(size_t k, size_t shown, size_t n) {
  return k < (shown + 1) / 2 ? k : n - (shown - k);
}

typedef enum style { WHOLE, FIXED, POWER } style;

static int cell(char *text, style how, int places, double x) {
  if (!isfinite(x)) return snprintf(text, CELL, "%s", x != x ? "nan" : x > 0 ? "inf" : "-inf");
  return how == WHOLE ? snprintf(text, CELL, "%.0f", x)
                      : snprintf(text, CELL, how == FIXED ? "%.*f" : "%.*e", places, x);
}

/* Digits after the point: four, or the number with which the largest entry has `digits` significant
 * digits. */
static int places_of(style how, int digits, double big) {
  if (digits == 0) return 4;
  if (how == POWER) return digits - 1;
  int places = digits - 1 - (int)floor(log10(big));
  return places > 0 ? places : 0;
}

/* One matrix, of which `rows` x `cols` are shown; a vector is shown as one row. */
static void show_matrix(luaL_Buffer *b, const limn_array *a, size_t width, int digits) {
  size_t n = a->dims[0], m = a->dims[1];
  size_t rows = n > 2 * EDGE + 2 ? 2 * EDGE : n, most = m > 400 ? 400 : m, longest = 1;
  bool whole = true;
  double big = 0, small = INFINITY;
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < most; j++) {
      double x = fabs(entry(a, position(i, rows, n), position(j, most, m)));
      if (!isfinite(x)) continue;
      whole = whole && x == floor(x) && (x < 1e6 || limn_dtype_whole(a->dtype));
      big = fmax(big, x);
      if (x > 0) small = fmin(small, x);
    }
  style how = whole ? WHOLE : big < 1e5 && small >= 1e-3 ? FIXED : POWER;
  int places = how == WHOLE ? 0 : places_of(how, digits, big);
  char text[CELL];
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < most; j++) {
      size_t w =
          (size_t)cell(text, how, places, entry(a, position(i, rows, n), position(j, most, m)));
      if (w > longest) longest = w;
    }
  size_t fit = (width > 6 ? width - 6 : 1) / (longest + 2), cols = fit >= m ? m : fit < 2 ? 2 : fit;
  if (cols > m) cols = m;
  for (size_t i = 0; i < rows; i++) {
    if (rows < n && i == rows / 2) luaL_addstring(b, "\n  ...");
    luaL_addstring(b, "\n");
    for (size_t j = 0; j < cols; j++) {
      if (cols < m && j == (cols + 1) / 2) luaL_addstring(b, "  ...");
      char padded[2 * CELL];
      cell(text, how, places, entry(a, position(i, rows, n), position(j, cols, m)));
      snprintf(padded, sizeof padded, "  %*s", (int)longest, text);
      luaL_addstring(b, padded);
    }
  }
}

/* Pushes the text of an array, in at most width columns. */
static void push_text(lua_State *L, const limn_array *a, size_t width, int digits) {
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  push_head(L, a);
  luaL_addvalue(&b);
  if (limn_array_size(a) == 0) {
    luaL_addstring(&b, " (empty)");
  } else if (a->rank < 3) {
    limn_array v = *a;
    if (a->rank == 1) { /* a row */
      v.dims[0] = 1, v.dims[1] = a->dims[0];
      v.stride[0] = 0, v.stride[1] = a->stride[0];
    }
    show_matrix(&b, &v, width, digits);
  } else {
    for (size_t i = 0; i < a->dims[0] && i < 3; i++) {
      limn_array v = bind_without(a, 0, (ptrdiff_t)i * a->stride[0]);
      char head[32];
      snprintf(head, sizeof head, "\n [%zu]", i + 1);
      luaL_addstring(&b, head);
      show_matrix(&b, &v, width, digits);
    }
    if (a->dims[0] > 3) luaL_addstring(&b, "\n ...");
  }
  luaL_pushresult(&b);
}

/* show([width[, digits]]): shape and dtype on the first line, then the entries in at most width
 * (default 80) columns. */
static int l_show(lua_State *L) {
  limn_array *a = bind_method(L, "array:show", 2);
  size_t width =
      lua_isnoneornil(L, 2) ? 80 : (size_t)bind_checkint(L, 2, "array:show", "width", 1, 100000);
  int digits = lua_isnoneornil(L, 3) ? 0 : (int)bind_checkint(L, 3, "array:show", "digits", 1, 17);
  push_text(L, a, width, digits);
  return 1;
}

int l_array_tostring(lua_State *L) {
  push_text(L, bind_self(L, "tostring"), 80, 0);
  return 1;
}

const luaL_Reg bind_array_show_methods[] = {{"show", l_show}, {NULL, NULL}};
