/* bind.h: representation of C values in Lua, and conversion of C errors to Lua errors. Included by
 * every file of src/bind.
 *
 * Every binding must: check all arguments; create the result as userdata, so that the collector
 * owns it; call; raise at most once, through bind_check. Nothing malloc'ed is live across a call
 * that can raise. Lua indices start at 1, C indices at 0; only the bindings convert them.
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

/* Names of the metatables; error messages and tostring print them. */
#define LIMN_ARRAY "limn.array"
#define LIMN_RNG "limn.rng"
#define LIMN_FEATURES "limn.features"
#define LIMN_NET "limn.mlp"

/* Pushes "file:line: " of the nearest caller outside limn's own Lua files; "file (in a tail call):
 * " of the running script where a tail call removed that caller's frame; "" where there is no
 * caller. */
void bind_where(lua_State *L);

/* luaL_error with the position that bind_where finds. Does not return. */
int bind_error(lua_State *L, const char *format, ...)
    __attribute__((format(printf, 2, 3), noreturn));

/* Ends the pass that bind_token began; bind_check and bind_failed also end it. */
void bind_done(lua_State *L);

/* Raises err as "file:line: who: argument[index] text" if status is not LIMN_OK. who: the name that
 * the user typed ("regress.ridge", "net:train"); "" for a function that users do not call. Indices
 * count from 1. LIMN_ECANCELLED raises an error of kind "interrupted", after bind_served. */
void bind_check(lua_State *L, limn_status status, const limn_err *err, const char *who);

/* For expected failures (LIMN_EIO, LIMN_EFORMAT, LIMN_ENUMERIC): pushes nil, message; returns 2.
 * Any other failure raises as in bind_check. */
int bind_failed(lua_State *L, limn_status status, const limn_err *err, const char *who);

/* The token of this state, with the cancel flag and the progress callbacks that the host set. It
 * begins a pass, which bind_check or bind_failed ends. */
limn_token bind_token(lua_State *L);

/* Whether Ctrl-C is the host's: it stops native work and raises one error of kind "interrupted"
 * (LIMN_CANCEL_FIELD of limn/host.h). */
bool bind_hosted(lua_State *L);
/* Acknowledges a stop request of the host (LIMN_SERVED_FIELD of limn/host.h). bind_check calls it
 * before it raises; a binding that returns a partial result instead must call it. */
void bind_served(lua_State *L);

/* ---- arrays ---- */

/* A new zeroed contiguous array, pushed. Raises when the size overflows or the allocation fails. */
limn_array *bind_newarray(lua_State *L, limn_dtype dtype, int rank, const size_t *dims);
/* The same without zeroing, for results in which every entry is written. */
limn_array *bind_rawarray(lua_State *L, limn_dtype dtype, int rank, const size_t *dims);
limn_array *bind_newvector(lua_State *L, size_t n);                 /* f64 */
limn_array *bind_newmatrix(lua_State *L, size_t rows, size_t cols); /* f64 */

/* A new view that keeps the array at stack index `base` alive; pushed. */
limn_array *bind_newview(lua_State *L, int base, const limn_array *view);

/* The array at idx, or NULL for any other value. */
limn_array *bind_testarray(lua_State *L, int idx);

/* The array at idx; raises "<who>: <name> must be an array, got <type>". */
limn_array *bind_checkarray(lua_State *L, int idx, const char *who, const char *name);

/* The numbers at idx as contiguous doubles, row-major: an array of any dtype and strides, or a
 * table (of numbers, or of rows). Replaces the value at idx by an array that owns them, so the
 * pointer is valid as long as the stack slot. A vector counts as rows x 1. Raises for any other
 * value. */
const double *bind_doubles(lua_State *L, int idx, const char *who, const char *name, size_t *rows,
                           size_t *cols);

/* native.argument(value, who, name) -> array: argument `name` of the function `who`, a table of
 * numbers, rows or arrays, as an array. */
int l_argument(lua_State *L);

/* An integer argument in [low, high]. Accepts 3.0; raises for 3.5, NaN and strings, and names the
 * argument. */
lua_Integer bind_checkint(lua_State *L, int idx, const char *who, const char *name, lua_Integer low,
                          lua_Integer high);

/* Raises "array:sum: takes at most 1 argument, got 3" where more than `most` values were given. For
 * a method, whose name has a colon, neither number counts the receiver. */
void bind_arguments(lua_State *L, int most, const char *who);

/* The name of a file or folder: a nonempty string without a zero byte. Raises otherwise, also for a
 * number, which Lua would convert to a string. In a sandbox (bind/sandbox.h) the path is confined
 * to its folder. */
const char *bind_checkpath(lua_State *L, int idx, const char *who, const char *name);

/* The same for a file that is only read: in a sandbox also one of limn's own. */
const char *bind_checkread(lua_State *L, int idx, const char *who, const char *name);

/* native.path(value, who, name) -> value, after bind_checkpath. */
int l_path(lua_State *L);

/* A finite number; raises otherwise. */
double bind_checkfinite(lua_State *L, int idx, const char *who, const char *name);

/* "number", "nil", "limn.array", ...: the __name of the metatable, else the name of the Lua type.
 * */
const char *bind_typename(lua_State *L, int idx);

/* Reports `bytes` that an object has allocated outside the Lua heap, which the collector does not
 * count. A full collection runs after 128 MiB of reports. */
void bind_offheap(lua_State *L, uint64_t bytes);

/* Registers a userdata class: methods go to __index, metamethods to the metatable, so that a script
 * cannot call __gc. */
void bind_class(lua_State *L, const char *name, const luaL_Reg *methods,
                const luaL_Reg *metamethods);

/* ---- feature sets ---- */

struct limn_features;

/* The FeatureSet at idx, or NULL for any other value and for a closed one. */
struct limn_features *bind_testfeatures(lua_State *L, int idx);

/* The FeatureSet at idx; raises otherwise. */
struct limn_features *bind_checkfeatures(lua_State *L, int idx, const char *who, const char *name);

/* Each opens one module: pushes its table of functions. open.c lists them. */
int l_open_vocabulary(lua_State *L);
int l_open_array(lua_State *L);
int l_open_rng(lua_State *L);
int l_open_machine(lua_State *L);
int l_open_files(lua_State *L);
int l_open_kernel(lua_State *L);
int l_open_maps(lua_State *L);
int l_open_features(lua_State *L);
int l_open_nets(lua_State *L);
int l_open_training(lua_State *L);
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
int l_open_functions(lua_State *L);
int l_open_folder(lua_State *L);
int l_open_posix(lua_State *L);
int l_open_sqlite(lua_State *L);
int l_open_zmq(lua_State *L);
int l_open_session(lua_State *L);
int l_open_json(lua_State *L);
int l_open_message(lua_State *L);
int l_open_rows(lua_State *L);
int l_open_names(lua_State *L);
int l_open_columns(lua_State *L);
int l_open_board(lua_State *L);
int l_open_interrupts(lua_State *L);

/* ---- values of cells (message.c) ---- */

/* Whether n bytes have the format of an encoded result. */
bool bind_iswhole(const char *bytes, size_t n);

/* ---- names of cells (names.c) ---- */

struct limn_name_table;
struct limn_hash;

/* Pushes a hash as 32 hexadecimal digits, and 63 of its bits as an integer; returns 2. */
int bind_pushhash(lua_State *L, struct limn_hash h);
/* The names at idx; raises otherwise. */
struct limn_name_table *bind_checknames(lua_State *L, int idx);

#endif
