/* bind.h: how C values appear in Lua, and the one way errors cross. Every file of src/bind uses it.
 *
 * Every binding must: check all arguments; create the result as userdata, so that the collector
 * owns it; call; raise at most once, through bind_check. Nothing malloc'ed is live across a call
 * that can raise. Lua indices start at 1, C indices at 0; they are converted here and nowhere else.
 *
 * Names: l_ begins a function that Lua calls (listed in a luaL_Reg), bind_ one that files of
 * src/bind share (declared in a header); a helper of one file has no prefix. Errors begin with the
 * name as the user typed it: "regress.ridge", "net:train", "array:sum", "zeros". */
#ifndef LIMN_BIND_H
#define LIMN_BIND_H

#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include "core/core.h"
#include "limn/array.h"

/* Names of the metatables: the type names that error messages and tostring show. */
#define LIMN_ARRAY "limn.array"
#define LIMN_RNG "limn.rng"
#define LIMN_FEATURES "limn.features"
#define LIMN_NET "limn.mlp"

/* Pushes "file:line: " of the nearest caller outside limn's own Lua files; "file (in a tail call):
 * " of the running script where a call in last place took that caller's frame away; "" without any.
 */
void bind_where(lua_State *L);

/* luaL_error, but blaming the caller's line as bind_where finds it. Does not return. */
int bind_error(lua_State *L, const char *format, ...)
    __attribute__((format(printf, 2, 3), noreturn));

/* Ends the pass that bind_token began; bind_check and bind_failed do it too. */
void bind_done(lua_State *L);

/* Raises err as "file:line: who: argument[index] text" if status is not LIMN_OK; `who` is what the
 * user typed ("regress.ridge", "net:train"), or "" for what users do not call; indices count
 * from 1. LIMN_ECANCELLED raises an error of kind "interrupted", after bind_served. */
void bind_check(lua_State *L, limn_status status, const limn_err *err, const char *who);

/* For expected failures (LIMN_EIO, LIMN_EFORMAT, LIMN_ENUMERIC): pushes nil, message; returns 2.
 * Any other status raises as bind_check does. */
int bind_failed(lua_State *L, limn_status status, const limn_err *err, const char *who);

/* The token of this state: cancel flag and progress as the host set them; the call that follows is
 * one pass, which bind_check or bind_failed ends. */
limn_token bind_token(lua_State *L);

/* Tells the host that its request to stop was served (LIMN_SERVED_FIELD of limn/host.h): bind_check
 * does so before it raises; a call that answers by returning what it has so far does it itself. */
void bind_served(lua_State *L);

/* ---- arrays ---- */

/* A new zeroed contiguous array, pushed. Raises when the size overflows or memory is refused. */
limn_array *bind_newarray(lua_State *L, limn_dtype dtype, int rank, const size_t *dims);
/* The same with whatever was in the memory, for results that are written as a whole. */
limn_array *bind_rawarray(lua_State *L, limn_dtype dtype, int rank, const size_t *dims);
limn_array *bind_newvector(lua_State *L, size_t n);                 /* f64 */
limn_array *bind_newmatrix(lua_State *L, size_t rows, size_t cols); /* f64 */

/* A new view that keeps the array at stack index `base` alive; pushed. */
limn_array *bind_newview(lua_State *L, int base, const limn_array *view);

/* The array at idx, or NULL if it is something else. */
limn_array *bind_testarray(lua_State *L, int idx);

/* The array at idx; raises "<who>: <name> must be an array, got <type>". */
limn_array *bind_checkarray(lua_State *L, int idx, const char *who, const char *name);

/* The numbers at idx as contiguous doubles, row-major: an array of any dtype and strides, or a
 * table (of numbers, or of rows). Replaces the value at idx by an array that owns them, so the
 * pointer lives as long as the stack slot. A vector counts as rows x 1. Raises on anything else. */
const double *bind_doubles(lua_State *L, int idx, const char *who, const char *name, size_t *rows,
                           size_t *cols);

/* native.argument(value, who, name) -> array: a table of numbers, rows or arrays that the function
 * `who` was given as `name`. */
int l_argument(lua_State *L);

/* An integer argument in [low, high]; accepts 3.0, refuses 3.5, NaN, strings; names the argument.
 */
lua_Integer bind_checkint(lua_State *L, int idx, const char *who, const char *name, lua_Integer low,
                          lua_Integer high);

/* Raises "array:sum: takes at most 1 argument, got 3" where more than `most` values were given; of
 * a method, whose name has a colon, both numbers leave out the receiver. */
void bind_arguments(lua_State *L, int most, const char *who);

/* The name of a file or folder: a string that is not empty and holds no zero byte. Raises
 * otherwise, also for a number, which Lua would take for a string. */
const char *bind_checkpath(lua_State *L, int idx, const char *who, const char *name);

/* native.path(value, who, name) -> value, checked so. */
int l_path(lua_State *L);

/* A finite number; raises otherwise. */
double bind_checkfinite(lua_State *L, int idx, const char *who, const char *name);

/* "a number", "nil", "limn.array", ...: what luaL_typename says, or the metatable's __name. */
const char *bind_typename(lua_State *L, int idx);

/* Says that an object now holds `bytes` outside the Lua heap, where the collector does not see
 * them: after 128 MiB of such news everything unreachable is collected. */
void bind_offheap(lua_State *L, uint64_t bytes);

/* Registers a userdata class: methods go to __index, metamethods to the metatable itself, so that a
 * script cannot reach __gc. */
void bind_class(lua_State *L, const char *name, const luaL_Reg *methods,
                const luaL_Reg *metamethods);

/* ---- feature sets ---- */

struct limn_features;

/* The FeatureSet at idx, or NULL if it is something else (or was closed). */
struct limn_features *bind_testfeatures(lua_State *L, int idx);

/* The FeatureSet at idx; raises otherwise. */
struct limn_features *bind_checkfeatures(lua_State *L, int idx, const char *who, const char *name);

/* Each opens one module: pushes its table of functions. Listed in open.c. */
int l_open_vocabulary(lua_State *L);
int l_open_array(lua_State *L);
int l_open_rng(lua_State *L);
int l_open_machine(lua_State *L);
int l_open_files(lua_State *L);
int l_open_kernel(lua_State *L);
int l_open_maps(lua_State *L);
int l_open_features(lua_State *L);
int l_open_nets(lua_State *L);
int l_open_probes(lua_State *L);
int l_open_stats(lua_State *L);
int l_open_theory(lua_State *L);
int l_open_plot(lua_State *L);
int l_open_process(lua_State *L);
int l_open_terminal(lua_State *L);
int l_open_contrib(lua_State *L);
int l_open_regress(lua_State *L);
int l_open_paths(lua_State *L);
int l_open_programs(lua_State *L);
int l_open_folder(lua_State *L);
int l_open_posix(lua_State *L);
int l_open_sqlite(lua_State *L);
int l_open_zmq(lua_State *L);
int l_open_session(lua_State *L);
int l_open_json(lua_State *L);
int l_open_message(lua_State *L);
int l_open_rows(lua_State *L);
int l_open_names(lua_State *L);
int l_open_board(lua_State *L);

/* ---- names of cells (names.c) ---- */

struct limn_name_table;
struct limn_hash;

/* Pushes a hash as 32 hexadecimal digits and 63 of its bits as a whole number; returns 2. */
int bind_pushhash(lua_State *L, struct limn_hash h);
/* The names at idx, or an error. */
struct limn_name_table *bind_checknames(lua_State *L, int idx);

#endif
