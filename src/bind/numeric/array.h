/* array.h: what the files that bind arrays share. Only src/bind/array*.c include it. */
#ifndef LIMN_BIND_ARRAY_H
#define LIMN_BIND_ARRAY_H

#include "bind/bind.h"
#include "limn/array_ops.h"

/* Methods, one table a file; joined by l_open_array. */
extern const luaL_Reg bind_array_index_methods[], bind_array_index_meta[],
    bind_array_math_methods[], bind_array_math_meta[], bind_array_reduce_methods[],
    bind_array_linalg_methods[], bind_array_show_methods[];

/* a[i], and a[i] = v; upvalue 1 of l_array_get_index is the table of methods. */
int l_array_get_index(lua_State *L);
int l_array_set_index(lua_State *L);
int l_array_tostring(lua_State *L);

/* self, for method `who`. */
limn_array *bind_self(lua_State *L, const char *who);

/* self, for a method that takes at most so many arguments after it. */
limn_array *bind_method(lua_State *L, const char *who, int most);

/* "3x2" */
void bind_shape_text(char *text, size_t size, const limn_array *a);

/* The dtype an optional argument asks for: nothing (fallback), "f64", "f32" or {dtype=...}. */
limn_dtype bind_optdtype(lua_State *L, int idx, const char *who, limn_dtype fallback);

/* An optional dimension 1 .. rank as 0-based, -1 when absent. */
int bind_optdim(lua_State *L, int idx, const char *who, const limn_array *a);

/* A new contiguous copy of a with the given dtype, pushed. */
limn_array *bind_copyarray(lua_State *L, const limn_array *a, limn_dtype dtype);

#endif
