/* array_search.c: searching, counting and interpolation. */
#include "limn/array_search.h"

#include "bind/numeric/array.h"

#include <math.h>
#include <string.h>

/* The array or table at idx as a vector of doubles (an array of more dimensions in row-major
 * order); replaces the value there. */
static const double *doubles(lua_State *L, int idx, const char *who, const char *name, size_t *n) {
  limn_array *a = bind_toarray(L, idx, who, name);
  *n = limn_array_size(a);
  if (a->dtype != LIMN_F64 || !limn_array_contiguous(a)) {
    a = bind_copyarray(L, a, LIMN_F64);
    lua_replace(L, idx);
  }
  return a->data;
}

/* The sorted vector at idx; raises where it is not ascending. */
static const double *ascending(lua_State *L, int idx, const char *who, const char *name, size_t *n,
                               bool strict) {
  const double *x = doubles(L, idx, who, name, n);
  size_t bad = limn_unsorted_at(x, *n, strict);
  if (bad < *n && x[bad] != x[bad]) bind_error(L, "%s: %s[%zu] is nan", who, name, bad + 1);
  if (bad < *n)
    bind_error(L, "%s: %s must be %s, but %s[%zu] = %g and %s[%zu] = %g", who, name,
               strict ? "strictly increasing" : "ascending", name, bad, x[bad - 1], name, bad + 1,
               x[bad]);
  return x;
}

/* Pushes, for the number or array at idx, how many entries of sorted (n) come before each x. */
static int counts_before(lua_State *L, int idx, const double *sorted, size_t n, bool after,
                         size_t first, const char *who, const char *name) {
  if (lua_type(L, idx) == LUA_TNUMBER) {
    size_t at = limn_search_sorted(sorted, n, lua_tonumber(L, idx), after);
    lua_pushinteger(L, (lua_Integer)(at + first));
    return 1;
  }
  size_t count;
  const limn_array *a = bind_toarray(L, idx, who, name);
  limn_array *out = bind_rawarray(L, LIMN_I64, a->rank, a->dims);
  const double *x = doubles(L, idx, who, name, &count);
  for (size_t i = 0; i < count; i++)
    ((int64_t *)out->data)[i] = (int64_t)(limn_search_sorted(sorted, n, x[i], after) + first);
  return 1;
}

/* searchsorted(v [, side]): where to insert v into the sorted vector self, counted from 1. */
static int l_searchsorted(lua_State *L) {
  static const char who[] = "array:searchsorted";
  static const char *const sides[] = {"left", "right", NULL};
  bind_method(L, who, 2);
  lua_settop(L, 3);
  bool after = luaL_checkoption(L, 3, "left", sides) == 1;
  size_t n;
  const double *sorted = ascending(L, 1, who, "self", &n, false);
  return counts_before(L, 2, sorted, n, after, 1, who, "v");
}

/* digitize(edges): the bin of each entry: k where edges[k] <= x < edges[k + 1]. */
static int l_digitize(lua_State *L) {
  static const char who[] = "array:digitize";
  bind_method(L, who, 1);
  lua_settop(L, 2);
  size_t n;
  const double *edges = ascending(L, 2, who, "edges", &n, false);
  return counts_before(L, 1, edges, n, true, 0, who, "self");
}

/* interp(x, at, values [, left [, right]]) */
static int l_interp(lua_State *L) {
  static const char who[] = "interp";
  bind_arguments(L, 5, who);
  lua_settop(L, 5);
  size_t n, m, count;
  const double *at = ascending(L, 2, who, "at", &m, true),
               *values = doubles(L, 3, who, "values", &count);
  if (m == 0 || m != count)
    bind_error(L,
               "interp: at and values must have equally many entries, at least 1, got %zu and %zu",
               m, count);
  double left = lua_isnil(L, 4) ? values[0] : luaL_checknumber(L, 4),
         right = lua_isnil(L, 5) ? values[m - 1] : luaL_checknumber(L, 5);
  if (lua_type(L, 1) == LUA_TNUMBER) {
    double x = lua_tonumber(L, 1), y;
    limn_interpolate(&y, &x, 1, at, values, m, left, right);
    lua_pushnumber(L, y);
    return 1;
  }
  const limn_array *a = bind_toarray(L, 1, who, "x");
  limn_array *out = bind_rawarray(L, LIMN_F64, a->rank, a->dims);
  const double *x = doubles(L, 1, who, "x", &n);
  limn_interpolate(out->data, x, n, at, values, m, left, right);
  return 1;
}

/* Pushes n doubles as a vector of this dtype. */
static void push_vector(lua_State *L, limn_dtype dtype, double *x, size_t n) {
  limn_array v = limn_array_view(LIMN_F64, 1, &n, x);
  bind_copyarray(L, &v, dtype);
}

/* The distinct values of self and their counts, as arrays at the stack indices top + 1 and top + 2
 * (of as many entries as self), and positions in it at top + 3; returns how many. */
static size_t distinct(lua_State *L, const char *who) {
  size_t n;
  limn_err err;
  const double *x = doubles(L, 1, who, "self", &n);
  limn_array flat = limn_array_view(LIMN_F64, 1, &n, bind_testarray(L, 1)->data);
  limn_array *values = bind_newvector(L, n), *counts = bind_newvector(L, n),
             *inverse = bind_newvector(L, n), *order = bind_newvector(L, n);
  bind_check(L, limn_array_sort(NULL, order, &flat, 0, &err), &err, who);
  return limn_distinct(values->data, counts->data, inverse->data, x, order->data, n);
}

/* unique() -> values, counts, positions in values */
static int l_unique(lua_State *L) {
  limn_array *a = bind_method(L, "array:unique", 0), shape = *a;
  size_t found = distinct(L, "array:unique"), n = limn_array_size(&shape);
  double *inverse = bind_testarray(L, 4)->data;
  for (size_t i = 0; i < n; i++) inverse[i]++;
  push_vector(L, shape.dtype, bind_testarray(L, 2)->data, found);
  push_vector(L, LIMN_I64, bind_testarray(L, 3)->data, found);
  push_vector(L, LIMN_I64, inverse, n);
  return 3;
}

/* mode() -> the most frequent value, the smallest of several; its count */
static int l_mode(lua_State *L) {
  limn_dtype dtype = bind_method(L, "array:mode", 0)->dtype;
  size_t found = distinct(L, "array:mode"), best = 0;
  if (found == 0) bind_error(L, "array:mode: the array is empty");
  const double *values = bind_testarray(L, 2)->data, *counts = bind_testarray(L, 3)->data;
  for (size_t k = 1; k < found; k++)
    if (counts[k] > counts[best]) best = k;
  bind_pushnumber(L, dtype, values[best]);
  lua_pushinteger(L, (lua_Integer)counts[best]);
  return 2;
}

/* bincount([most [, weights]]): how many entries are 1, 2, .., most (default the largest) */
static int l_bincount(lua_State *L) {
  static const char who[] = "array:bincount";
  bind_method(L, who, 2);
  lua_settop(L, 3);
  size_t n, weighted = 0;
  const double *x = doubles(L, 1, who, "self", &n);
  double most = 0;
  for (size_t i = 0; i < n; i++) {
    if (!(x[i] >= 1 && x[i] <= 0x1p40) || x[i] != floor(x[i]))
      bind_error(L,
                 "array:bincount: entry %zu must be a whole number >= 1, got %f (classes from 0: "
                 "add 1; other values: unique())",
                 i + 1, x[i]);
    most = fmax(most, x[i]);
  }
  if (!lua_isnil(L, 2)) {
    lua_Integer given = bind_checkint(L, 2, who, "most", 0, (lua_Integer)1 << 40);
    if ((double)given < most)
      bind_error(L, "array:bincount: most is %lld, but an entry is %.0f", (long long)given, most);
    most = (double)given;
  }
  const double *weights = lua_isnil(L, 3) ? NULL : doubles(L, 3, who, "weights", &weighted);
  if (weights && weighted != n)
    bind_error(L, "array:bincount: weights has %zu entries, the array %zu", weighted, n);
  limn_array *out = bind_newarray(L, weights ? LIMN_F64 : LIMN_I64, 1, (size_t[]){(size_t)most});
  for (size_t i = 0; i < n; i++) {
    ptrdiff_t at = (ptrdiff_t)x[i] - 1;
    limn_entry_set(out, at, limn_entry_get(out, at) + (weights ? weights[i] : 1));
  }
  return 1;
}

/* histogram([bins or edges [, low, high]]) -> counts, edges */
static int l_histogram(lua_State *L) {
  static const char who[] = "array:histogram";
  bind_method(L, who, 3);
  lua_settop(L, 4);
  size_t n, m;
  const double *x = doubles(L, 1, who, "self", &n);
  if (lua_type(L, 2) == LUA_TNUMBER || lua_isnil(L, 2)) {
    m = lua_isnil(L, 2) ? 10 : (size_t)bind_checkint(L, 2, who, "bins", 1, 1 << 30);
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < n && lua_isnil(L, 3); i++) {
      if (!isfinite(x[i]))
        bind_error(L, "array:histogram: entry %zu is %f: give low and high, or select a:isfinite()",
                   i + 1, x[i]);
      low = fmin(low, x[i]), high = fmax(high, x[i]);
    }
    if (n == 0) low = 0, high = 1;
    if (!lua_isnil(L, 3) || !lua_isnil(L, 4))
      low = bind_checkfinite(L, 3, who, "low"), high = bind_checkfinite(L, 4, who, "high");
    if (low == high) low -= 0.5, high += 0.5;
    if (!(low < high))
      bind_error(L, "array:histogram: low must be below high, got %g, %g", low, high);
    limn_bin_edges(bind_newvector(L, m + 1)->data, m, low, high);
    lua_replace(L, 2);
  } else {
    ascending(L, 2, who, "edges", &m, false);
    if (m < 2) bind_error(L, "array:histogram: edges must have at least 2 entries, got %zu", m);
    if (!lua_isnil(L, 3)) bind_error(L, "array:histogram: with edges there is no low and high");
    m--;
  }
  const double *edges = bind_testarray(L, 2)->data;
  limn_array *counts = bind_newvector(L, m);
  limn_histogram(counts->data, edges, m, x, NULL, n);
  bind_copyarray(L, counts, LIMN_I64);
  lua_pushvalue(L, 2);
  return 2;
}

const luaL_Reg bind_array_search_methods[] = {{"searchsorted", l_searchsorted},
                                              {"digitize", l_digitize},
                                              {"unique", l_unique},
                                              {"mode", l_mode},
                                              {"bincount", l_bincount},
                                              {"histogram", l_histogram},
                                              {NULL, NULL}};

const luaL_Reg bind_array_search_functions[] = {{"interp", l_interp}, {NULL, NULL}};
