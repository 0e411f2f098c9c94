/* array.h: shared declarations of the files that bind arrays, src/bind/numeric/array*.c. */
#ifndef LIMN_BIND_ARRAY_H
#define LIMN_BIND_ARRAY_H

#include "bind/bind.h"
#include "limn/array_ops.h"

/* Methods, one table per file; l_open_array joins them. */
extern const luaL_Reg bind_array_index_methods[], bind_array_index_meta[],
    bind_array_math_methods[], bind_array_math_meta[], bind_array_reduce_methods[],
    bind_array_linalg_methods[], bind_array_show_methods[];

/* a[i], and a[i] = v; upvalue 1 of l_array_get_index is the table of methods. */
int l_array_get_index(lua_State *L);
int l_array_set_index(lua_State *L);
int l_array_tostring(lua_State *L);

/* The receiver of method `who`. */
limn_array *bind_self(lua_State *L, const char *who);

/* The receiver of a method that takes at most so many arguments after it. */
limn_array *bind_method(lua_State *L, const char *who, int most);

/* "3x2" */
void bind_shape_text(char *text, size_t size, const limn_array *a);

/* The dtype in an optional argument: "f64", "f32" or {dtype=...}; fallback where it is absent. */
limn_dtype bind_optdtype(lua_State *L, int idx, const char *who, limn_dtype fallback);

/* An optional dimension 1 .. rank, counted from 0; -1 when absent. */
int bind_optdim(lua_State *L, int idx, const char *who, const limn_array *a);

/* A new contiguous copy of a with the given dtype, pushed. */
limn_array *bind_copyarray(lua_State *L, const limn_array *a, limn_dtype dtype);

#endif
