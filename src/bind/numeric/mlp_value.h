/* mlp_value.h: nets as values in Lua, for the files that bind them. */
#ifndef LIMN_BIND_MLP_VALUE_H
#define LIMN_BIND_MLP_VALUE_H

#include "limn/mlp.h"

#include "bind/fields.h"

/* An empty box for a net, pushed; l_net_gc frees its content. */
limn_mlp **bind_pushnet(lua_State *L);
int l_net_gc(lua_State *L);

limn_mlp *bind_checknet(lua_State *L, int idx, const char *who);

/* ---- activations that are Lua functions (mlp_function.c) ---- */

/* Makes the function at idx the activation of `spec`, and pushes the value that keeps it alive:
 * user value 1 of the net's box. */
void bind_pushfunction(lua_State *L, int idx, limn_mlp_spec *spec);

/* Around each call that evaluates the net. A Lua function is called from this thread alone; what it
 * raises is raised by bind_netcheck, which otherwise ends as bind_check. */
void bind_netbegin(lua_State *L, const limn_mlp *net, const char *who);
void bind_netend(lua_State *L, const limn_mlp *net);
void bind_netcheck(lua_State *L, const limn_mlp *net, limn_status status, const limn_err *err,
                   const char *who);

/* The points at idx, which must fit the net's inputs. */
const double *bind_checkpoints(lua_State *L, int idx, const limn_mlp *net, const char *who,
                               const char *name, size_t *points);

/* The targets at idx, (points, outputs); for one output also a vector. */
const double *bind_checktargets(lua_State *L, int idx, const limn_mlp *net, size_t points,
                                const char *who);

/* A member 1 .. count, counted from 0; a layer 1 .. layers, counted from 1. */
size_t bind_checkmember(lua_State *L, int idx, const limn_mlp *net, const char *who);
size_t bind_checklayer(lua_State *L, int idx, const limn_mlp *net, const char *who);

#endif
