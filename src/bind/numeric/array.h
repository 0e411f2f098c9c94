/* array.h: shared declarations of the files that bind arrays, src/bind/numeric/array*.c. */
#ifndef LIMN_BIND_ARRAY_H
#define LIMN_BIND_ARRAY_H

#include "bind/bind.h"
#include "core/entry.h"
#include "limn/array_ops.h"
#include "limn/array_shape.h"

/* Methods, one table per file; l_open_array joins them. */
extern const luaL_Reg bind_array_index_methods[], bind_array_index_meta[],
    bind_array_math_methods[], bind_array_math_meta[], bind_array_reduce_methods[],
    bind_array_linalg_methods[], bind_array_show_methods[], bind_array_select_methods[],
    bind_array_search_methods[], bind_array_search_functions[], bind_array_matrix_methods[],
    bind_array_matrix_functions[], bind_array_join_functions[];

/* a[i], and a[i] = v; upvalue 1 of l_array_get_index is the table of methods. */
int l_array_get_index(lua_State *L);
int l_array_set_index(lua_State *L);
int l_array_tostring(lua_State *L);
int l_array_concat(lua_State *L);

/* Pushes the value of the entry `at` entries after a's first: an integer where the dtype is whole.
 */
void bind_pushentry(lua_State *L, const limn_array *a, ptrdiff_t at);
void bind_pushnumber(lua_State *L, limn_dtype dtype, double x);

/* The number (or boolean) at idx, as an entry of an array of this dtype; raises for another value,
 * and for one that the dtype cannot hold. */
double bind_checkentry(lua_State *L, int idx, const char *who, const char *name, limn_dtype dtype);

/* An index 1 .. n, or -n .. -1 counted from the end, as a position from 0. */
size_t bind_checkposition(lua_State *L, int idx, const char *who, const char *name, size_t n);

/* Replaces the value at idx, an array or a table, by the array that it denotes: a table may hold
 * numbers, rows, booleans or arrays. */
limn_array *bind_toarray(lua_State *L, int idx, const char *who, const char *name);

/* Writes the number, array or table at idx to target. */
void bind_assign(lua_State *L, int idx, const limn_array *target, const char *who);

/* a[key] and a[key] = value for a key that is an array or a table: a mask or a list of positions.
 * Stack: 1 the array, 2 the key, 3 the value. */
int bind_select(lua_State *L, limn_array *a, const char *who);
void bind_put(lua_State *L, limn_array *a);

/* The part of a at offset `at` of dimension k, without that dimension. */
limn_array bind_without(const limn_array *a, int k, ptrdiff_t at);

/* The receiver of method `who`. */
limn_array *bind_self(lua_State *L, const char *who);

/* The receiver as a matrix of contiguous doubles; raises unless its rank is 2, and if it is not
 * square where that is required. */
const double *bind_self_matrix(lua_State *L, const char *who, bool square, size_t *rows,
                               size_t *cols);

/* The receiver of a method that takes at most so many arguments after it. */
limn_array *bind_method(lua_State *L, const char *who, int most);

/* "3x2" */
void bind_shape_text(char *text, size_t size, const limn_array *a);

/* The dtype in an optional argument: "f64", "f32", "i64", "bool" or {dtype=...}; fallback where it
 * is absent. */
limn_dtype bind_optdtype(lua_State *L, int idx, const char *who, limn_dtype fallback);

/* An optional dimension 1 .. rank, counted from 0; -1 when absent. */
int bind_optdim(lua_State *L, int idx, const char *who, const limn_array *a);

/* A new contiguous copy of a with the given dtype, pushed. */
limn_array *bind_copyarray(lua_State *L, const limn_array *a, limn_dtype dtype);

/* The same; raises if the dtype cannot hold an entry (2.5 as i64). */
limn_array *bind_converted(lua_State *L, const limn_array *a, limn_dtype dtype, const char *who);

/* The arrays in the table at idx, all of one shape, stacked along a new first dimension; pushed. */
void bind_stack(lua_State *L, int idx, const char *who, const char *name);

#endif
